//! A person states an event from the household's page or at the command line: checked at once as a
//! file would be, then it waits for whom the pack names, or applies where the pack lets it.

use qb_access::Scope;
use qb_base::{AreaCode, Date, Text, personal};
use qb_policy::Pack;
use qb_store::{Conn, Store, StoreError};

use super::decide::{Decider, NO_REASON, PERSONAL_REASON};
use super::life;
use super::model::{Doubt, Effect, Event, Proposal};
use super::proposing::{changing, heading, leaving, moving, returning};
use super::regrouping::{Placing, merging, splitting};
use super::rules::{About, EventRules, KindRule};
use super::stating_texts::{AHEAD, NO_NUMBER, NO_PAPER, NOT_STATED, OTHER_STATING, OVER};
use crate::error::RegistryError;
use crate::fault::{REQUIRED, TypedFault};

/// The column in which a change of head says what the former head is to the new one, and a return
/// what somebody is to the head.
pub(super) const RELATION: &str = "relation";

/// An event as a person states it.
#[derive(Clone, Copy, Debug)]
pub struct Stating<'a> {
    /// The pack's word.
    pub kind: &'a str,
    /// The household.
    pub household: i64,
    /// The member; none of somebody new or of the household as a whole.
    pub person: Option<i64>,
    /// Where the household moves, or where the one that begins lives; there none stays in the
    /// village.
    pub area: Option<AreaCode>,
    /// The day on which it happened.
    pub happened_on: Date,
    /// What is filled in, by column of the register's file.
    pub values: &'a [(String, String)],
    /// What becomes of each member where the household splits or joins another.
    pub members: &'a [Placing],
    /// The paper that shows it; blank where none is asked for.
    pub paper: &'a str,
    /// Why it is stated.
    pub reason: &'a str,
}

/// What became of a statement.
#[derive(Clone, Debug)]
pub enum Stated {
    /// It is not as it should be; nothing was written.
    Refused(Vec<TypedFault>),
    /// It waits, or applied at once.
    Kept(Box<Event>),
}

/// Whom an event is about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The household.
    pub household: i64,
    /// Its number.
    pub household_no: String,
    /// Where it lives.
    pub area: AreaCode,
    /// The member; none of somebody new, or of the household as a whole.
    pub person: Option<i64>,
}

/// A message with what to do.
pub type Said = (Text, Text);

/// The number of another household as it was read of a statement: none where none is stated, or
/// what is wrong with it.
pub type Numbered = Result<Option<String>, Said>;

/// A statement that was looked at; nothing was written.
#[derive(Clone, Debug)]
pub struct Examined<'r> {
    /// What the pack says of its kind.
    pub rule: &'r KindRule,
    /// Whom it is about.
    pub subject: Subject,
    /// What is wrong with it.
    pub faults: Vec<TypedFault>,
    pub(super) proposal: Proposal,
}

impl Examined<'_> {
    /// Whether what is filled in goes in as a row of the register's file.
    pub fn is_row(&self) -> bool {
        matches!(self.rule.effect, Effect::Join | Effect::Change)
    }
}

/// Looks at a statement: whether the person may state it, and what is wrong with it as far as no
/// row has to be read.
///
/// # Errors
/// [`StoreError::NotFound`] where the household is not within the person's scope;
/// [`RegistryError::Refused`] where the person may not state it.
pub fn examine<'r>(
    store: &Store,
    pack: &Pack,
    rules: &'r EventRules,
    (stating, numbered): (&Stating<'_>, &Numbered),
    who: &Decider,
) -> Result<Examined<'r>, RegistryError> {
    let rule = rules.get(stating.kind).ok_or(StoreError::NotFound)?;
    if who.role.is_some_and(|role| !rule.is_stated_by(role)) {
        return Err(RegistryError::Refused(OTHER_STATING));
    }
    let today = store.office_day()?.day;
    let subject = store.read(|conn| subject(conn, stating, &who.scope))?;
    let mut faults = said(rule, stating, today);
    let of = (stating, &subject);
    let proposal = store.read(|conn| match rule.effect {
        Effect::Move => Ok(moving(pack, rule, of, &mut faults)),
        Effect::HeadChange => heading(conn, pack, rule, of, &mut faults),
        Effect::Left => leaving(conn, rule, of, &mut faults),
        Effect::Return => returning(conn, pack, rule, of, &mut faults),
        Effect::Join => Ok(proposal(rule, &subject)),
        Effect::Change => changing(conn, pack, rule, of, &mut faults),
        Effect::Split | Effect::Merge => {
            let of = ((stating, numbered), &subject, &who.scope);
            let kept = (proposal(rule, &subject), &mut faults);
            match rule.effect {
                Effect::Split => splitting(conn, pack, of, kept),
                _ => merging(conn, pack, of, kept),
            }
        }
    })?;
    if store.read(|conn| life::is_over(conn, subject.household))? {
        faults.push(fault(None, OVER.0, OVER.1));
    }
    Ok(Examined { rule, subject, faults, proposal })
}

/// The household of a statement, within the scope, and its member.
fn subject(conn: &Conn, stating: &Stating<'_>, scope: &Scope) -> Result<Subject, RegistryError> {
    let sql = "select household_no, area_code from household where id = $1";
    let found =
        conn.query_opt(sql, &[stating.household.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
    let (household_no, area) = found.ok_or(StoreError::NotFound)?;
    let area = AreaCode::parse(&area).map_err(|_| RegistryError::Invariant("an area"))?;
    if !scope.covers(area) {
        return Err(StoreError::NotFound.into());
    }
    let household = stating.household;
    Ok(Subject { household, household_no, area, person: stating.person })
}

pub(super) fn proposal(rule: &KindRule, subject: &Subject) -> Proposal {
    let doubt = (!rule.at_once).then_some(Doubt::Rule);
    Proposal { doubt, ..Proposal::new(rule.word(), subject.household, None) }
}

/// What is wrong with a statement whatever it does.
fn said(rule: &KindRule, stating: &Stating<'_>, today: Date) -> Vec<TypedFault> {
    let mut faults = Vec::new();
    if stating.happened_on > today {
        let day = [("day", today.to_string())];
        let fills: Vec<(&str, &str)> =
            day.iter().map(|(name, day)| (*name, day.as_str())).collect();
        faults.push(fault(Some(HAPPENED_ON), AHEAD.0.fill(&fills), AHEAD.1));
    }
    let paper = stating.paper.trim();
    if rule.paper.is_some() && (paper.is_empty() || EMPTY_PAPERS.contains(&paper)) {
        faults.push(fault(Some(PAPER), NO_PAPER.0, NO_PAPER.1));
    }
    for (field, text) in [(PAPER, paper), (REASON, stating.reason)] {
        if personal::find(text).is_some() {
            faults.push(fault(Some(field), PERSONAL_REASON, NO_NUMBER));
        }
    }
    if stating.reason.trim().is_empty() {
        faults.push(fault(Some(REASON), NO_REASON, REQUIRED.1));
    }
    let is_blank = |field: &&String| {
        let value = stating.values.iter().find(|(id, _)| id == *field);
        value.is_none_or(|(_, value)| value.trim().is_empty())
    };
    faults.extend(
        rule.required
            .iter()
            .filter(is_blank)
            .map(|field| fault(Some(field), REQUIRED.0, REQUIRED.1)),
    );
    // What somebody is to the head may be told beside what changes, where nobody knows it.
    let may_tell = |field: &str| {
        field == RELATION && rule.effect == Effect::Change && rule.about == About::Member
    };
    let is_foreign = |field: &&String| !rule.fields.contains(*field) && !may_tell(field);
    faults.extend(
        stating
            .values
            .iter()
            .map(|(field, _)| field)
            .filter(is_foreign)
            .map(|field| fault(Some(field), NOT_STATED.0, NOT_STATED.1)),
    );
    faults
}

/// Names of what a statement says beside columns.
pub(super) const HAPPENED_ON: &str = "happened_on";
const PAPER: &str = "paper";
const REASON: &str = "reason";
pub(super) const PERSON: &str = "person";
pub(super) const AREA: &str = "area";
/// Words that fill a field and name no paper.
const EMPTY_PAPERS: [&str; 8] = ["无", "没有", "暂无", "-", "—", "/", "none", "n/a"];

pub(super) fn fault(column: Option<&str>, message: Text, remedy: Text) -> TypedFault {
    TypedFault { column: column.map(str::to_owned), message, remedy }
}
