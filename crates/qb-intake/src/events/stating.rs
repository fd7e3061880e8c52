//! A person states an event from the household's page or at the command line: checked at once as a
//! file would be, then it waits for whom the pack names, or applies where the pack lets it.

use qb_access::Scope;
use qb_base::{AreaCode, AreaLevel, Date, Text, env, personal};
use qb_policy::{CodeList, ColumnKind, Pack};
use qb_store::{AuditEntry, Conn, Store, StoreError};

use super::decide::{Decider, NO_REASON, PERSONAL_REASON, Step, may_take, take};
use super::model::{Doubt, Effect, Event, Proposal};
use super::regrouping::{Placing, merging, splitting};
use super::rules::{About, EventRules, KindRule};
use super::store::{self, ByHand, Origin};
use super::typed::{self, Subject};
use super::{life, spell};
use crate::entry::{REQUIRED, TypedFault};
use crate::error::IntakeError;
use crate::fields::Issue;
use crate::rows::register::RELATION_HEAD;

/// The column in which a change of head says what the former head is to the new one, and a return
/// what somebody is to the head.
const RELATION: &str = "relation";

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

/// States an event.
///
/// # Errors
/// [`StoreError::NotFound`] where the household is not within the person's scope;
/// [`IntakeError::Refused`] where the person may not state it; what is wrong with what was filled
/// in is in the answer.
pub fn state(
    store: &Store,
    pack: &Pack,
    stating: &Stating<'_>,
    who: &Decider,
) -> Result<Stated, IntakeError> {
    let rules = EventRules::of(pack)?;
    let rule = rules.get(stating.kind).ok_or(StoreError::NotFound)?;
    if who.role.is_some_and(|role| !rule.is_stated_by(role)) {
        return Err(IntakeError::Refused(OTHER_STATING));
    }
    let today = store.office_day()?.day;
    let subject = store.read(|conn| subject(conn, stating, &who.scope))?;
    let mut faults = said(rule, stating, today);
    let proposal = store.read(|conn| match rule.effect {
        Effect::Move => moving(pack, rule, (stating, &subject), &mut faults),
        Effect::HeadChange => heading(conn, pack, rule, (stating, &subject), &mut faults),
        Effect::Left => leaving(conn, rule, (stating, &subject), &mut faults),
        Effect::Return => returning(conn, pack, rule, (stating, &subject), &mut faults),
        Effect::Join => Ok(proposal(rule, &subject)),
        Effect::Change => changing(conn, pack, rule, (stating, &subject), &mut faults),
        Effect::Split | Effect::Merge => {
            let (of, kept) = ((stating, &subject, &who.scope), proposal(rule, &subject));
            match rule.effect {
                Effect::Split => splitting(conn, pack, of, (kept, &mut faults)),
                _ => merging(conn, pack, of, (kept, &mut faults)),
            }
        }
    })?;
    if store.read(|conn| life::is_over(conn, subject.household))? {
        faults.push(fault(None, OVER.0, OVER.1));
    }
    if faults.is_empty() && matches!(rule.effect, Effect::Join | Effect::Change) {
        faults = typed::check(store, pack, (rule, &subject), stating.values)?;
    }
    if !faults.is_empty() {
        return Ok(Stated::Refused(faults));
    }
    let event = keep(store, &proposal, (stating, rule), who)?;
    let may_apply = rule.at_once && may_take(&rules, &event, Step::Accept, who).is_none();
    let event = match may_apply {
        true => take(store, pack, (event.id, Step::Accept), (who, stating.reason))?,
        false => event,
    };
    Ok(Stated::Kept(Box::new(event)))
}

fn keep(
    store: &Store,
    proposal: &Proposal,
    (stating, rule): (&Stating<'_>, &KindRule),
    who: &Decider,
) -> Result<Event, IntakeError> {
    let day = stating.happened_on.to_string();
    let paper = stating.paper.trim();
    store.write(|tx| {
        let origin = Origin {
            file_id: None,
            now: env::now(),
            day: &day,
            actor: &who.actor,
            by_hand: Some(ByHand {
                paper: (!paper.is_empty()).then_some(paper),
                why: stating.reason.trim(),
                stated: match rule.effect {
                    Effect::Join | Effect::Change => stating.values,
                    _ => &[],
                },
                keyring: store.keyring(),
            }),
        };
        let event = store::insert(tx, proposal, origin)?;
        tx.audit(&AuditEntry {
            actor: &who.actor,
            action: "event.state",
            object: &format!("event:{}", event.id),
            before: None,
            after: None,
            reason: stating.reason.trim(),
        })?;
        Ok(event)
    })
}

/// The household of a statement, within the scope, and its member.
fn subject(conn: &Conn, stating: &Stating<'_>, scope: &Scope) -> Result<Subject, IntakeError> {
    let sql = "select household_no, area_code from household where id = $1";
    let found =
        conn.query_opt(sql, &[stating.household.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
    let (household_no, area) = found.ok_or(StoreError::NotFound)?;
    let area = AreaCode::parse(&area).map_err(|_| IntakeError::Invariant("an area"))?;
    if !scope.covers(area) {
        return Err(StoreError::NotFound.into());
    }
    let household = stating.household;
    Ok(Subject { household, household_no, area, person: stating.person })
}

fn proposal(rule: &KindRule, subject: &Subject) -> Proposal {
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
const PERSON: &str = "person";
pub(super) const AREA: &str = "area";
/// Words that fill a field and name no paper.
const EMPTY_PAPERS: [&str; 8] = ["无", "没有", "暂无", "-", "—", "/", "none", "n/a"];

pub(super) fn fault(column: Option<&str>, message: Text, remedy: Text) -> TypedFault {
    TypedFault { column: column.map(str::to_owned), message, remedy }
}

fn moving(
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, IntakeError> {
    let is_village = |area: &AreaCode| {
        area.level() == AreaLevel::Village && pack.area(area).is_some() && *area != subject.area
    };
    let after = stating.area.filter(is_village);
    if after.is_none() {
        faults.push(fault(Some(AREA), NO_PLACE.0, NO_PLACE.1));
    }
    let areas = after.map(|after| (subject.area, after));
    Ok(Proposal { areas, ..proposal(rule, subject) })
}

/// The member a statement is about, and its relation; a fault where it is of another household.
fn member(
    conn: &Conn,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let found = match stating.person {
        Some(id) => {
            let now = spell::member_of(conn, id)?;
            now.filter(|now| now.household == Some(subject.household)).map(|now| (id, now.relation))
        }
        None => None,
    };
    if found.is_none() {
        faults.push(fault(Some(PERSON), NO_MEMBER.0, NO_MEMBER.1));
    }
    Ok(found)
}

/// The code of the relation that is filled in; none where it is left blank.
fn relation(pack: &Pack, stating: &Stating<'_>, faults: &mut Vec<TypedFault>) -> Option<String> {
    let (_, value) = stating.values.iter().find(|(id, _)| id == RELATION)?;
    if value.trim().is_empty() {
        return None;
    }
    match relation_code(pack, value) {
        Ok(code) if code != RELATION_HEAD => Some(code),
        found => {
            let message = found.map_or_else(|message| message, |_| unknown_relation(pack, value));
            faults.push(fault(Some(RELATION), message, Issue::LabelUnknown.remedy()));
            None
        }
    }
}

/// The code of a relation by its code or its label, or what to say where there is none.
pub(super) fn relation_code(pack: &Pack, word: &str) -> Result<String, Text> {
    let list = relations(pack);
    let code = list.and_then(|list| {
        list.code(word).or_else(|| list.codes.iter().find(|one| *one.label.zh == *word))
    });
    code.map(|code| code.id.clone()).ok_or_else(|| unknown_relation(pack, word))
}

fn relations(pack: &Pack) -> Option<&CodeList> {
    match typed::layout(pack)?.column(RELATION).map(|column| &column.kind) {
        Some(ColumnKind::Code(list)) => pack.code_list(list),
        _ => None,
    }
}

fn unknown_relation(pack: &Pack, word: &str) -> Text {
    let title = relations(pack).map_or(RELATION, |list| &*list.title.zh);
    Issue::LabelUnknown.message().fill(&[("label", title), ("value", word), ("range", title)])
}

fn heading(
    conn: &Conn,
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, IntakeError> {
    let new = member(conn, (stating, subject), faults)?;
    if new.as_ref().is_some_and(|(_, relation)| relation.as_deref() == Some(RELATION_HEAD)) {
        faults.push(fault(Some(PERSON), IS_HEAD.0, IS_HEAD.1));
    }
    let sql = "select id from person where household_id = $1 and relation = 'HEAD'";
    let former = conn.query_opt(sql, &[subject.household.into()], |row| row.int(0))?;
    let (person, before) = new.unzip();
    let head = || Some(RELATION_HEAD.to_owned());
    let after = relation(pack, stating, faults);
    // Nobody stays in a household as nothing to its head.
    if former.is_some() && after.is_none() && faults.is_empty() {
        faults.push(fault(Some(RELATION), REQUIRED.0, REQUIRED.1));
    }
    Ok(Proposal {
        person,
        other: former,
        relation: (before.flatten(), head()),
        other_relation: (former.and_then(|_| head()), after),
        ..proposal(rule, subject)
    })
}

fn leaving(
    conn: &Conn,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, IntakeError> {
    let (person, before) = member(conn, (stating, subject), faults)?.unzip();
    let before = before.flatten();
    if before.as_deref() == Some(RELATION_HEAD) {
        let sql = "select count(*) from person where household_id = $1";
        if conn.query_one(sql, &[subject.household.into()], |row| row.int(0))? > 1 {
            faults.push(fault(Some(PERSON), HEAD_LEAVES.0, HEAD_LEAVES.1));
        }
    }
    Ok(Proposal { person, relation: (before, None), ..proposal(rule, subject) })
}

fn returning(
    conn: &Conn,
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, IntakeError> {
    let sql = "select count(*) from membership_history m join person p on p.id = m.person_id \
               where m.person_id = $1 and m.household_id = $2 and m.superseded_at is null \
               and p.household_id is null";
    let was_of = match stating.person {
        Some(id) => {
            let values = [id.into(), subject.household.into()];
            conn.query_one(sql, &values, |row| row.int(0))? > 0
        }
        None => false,
    };
    if !was_of {
        faults.push(fault(Some(PERSON), NOT_GONE.0, NOT_GONE.1));
    }
    let after = relation(pack, stating, faults);
    Ok(Proposal { person: stating.person, relation: (None, after), ..proposal(rule, subject) })
}

/// What a member is to the head, asked for where the register does not know it: no row goes in
/// without.
fn missing_relation(
    pack: &Pack,
    (stating, known): (&Stating<'_>, Option<&str>),
    faults: &mut Vec<TypedFault>,
) -> Option<String> {
    let told = relation(pack, stating, faults);
    let is_told = stating.values.iter().any(|(id, value)| id == RELATION && !value.is_empty());
    match known {
        Some(_) if is_told => faults.push(fault(Some(RELATION), NOT_STATED.0, NOT_STATED.1)),
        None if !is_told => faults.push(fault(Some(RELATION), NO_RELATION.0, NO_RELATION.1)),
        _ => {}
    }
    told
}

fn changing(
    conn: &Conn,
    pack: &Pack,
    rule: &KindRule,
    (stating, subject): (&Stating<'_>, &Subject),
    faults: &mut Vec<TypedFault>,
) -> Result<Proposal, IntakeError> {
    if stating.values.iter().all(|(_, value)| value.trim().is_empty()) {
        faults.push(fault(None, NOTHING_NEW.0, NOTHING_NEW.1));
    }
    let mut relation = None;
    let (person, since) = match rule.about {
        About::Household => {
            // What a household says of itself stands in its head's row.
            let heads = "select count(*) from person where household_id = $1 \
                         and relation = 'HEAD'";
            if conn.query_one(heads, &[subject.household.into()], |row| row.int(0))? != 1 {
                faults.push(fault(None, NO_HEAD.0, NO_HEAD.1));
            }
            let sql = "select valid_from from household where id = $1";
            (None, conn.query_opt(sql, &[subject.household.into()], |row| row.text(0))?)
        }
        About::Member => {
            let found = member(conn, (stating, subject), faults)?;
            if let Some((_, known)) = &found {
                relation = missing_relation(pack, (stating, known.as_deref()), faults);
            }
            let person = found.map(|(id, _)| id);
            let sql = "select valid_from from person where id = $1";
            let since = match person {
                Some(id) => conn.query_opt(sql, &[id.into()], |row| row.text(0))?,
                None => None,
            };
            (person, since)
        }
    };
    let day = stating.happened_on.to_string();
    if let Some(since) = since.filter(|since| day < *since) {
        let message = TOO_EARLY.0.fill(&[("day", &since)]);
        faults.push(fault(Some(HAPPENED_ON), message, TOO_EARLY.1));
    }
    Ok(Proposal { person, relation: (None, relation), ..proposal(rule, subject) })
}

/// A message with what to do.
pub(super) type Said = (Text, Text);

const OTHER_STATING: Text = Text::fixed(
    "您的角色不申报此类变动；请转给策略包中列明的角色",
    "your role does not state this kind of event; pass it to the roles that the pack names",
);
const NO_NUMBER: Text =
    Text::fixed("请删去号码后再提交。", "take the number out and send it again");
const NOT_STATED: Said = (
    Text::fixed("此类变动不填写这一栏。", "an event of this kind does not state this column"),
    Text::fixed("请另行申报相应的变动。", "state it as an event of its own kind"),
);
const NO_PAPER: Said = (
    Text::fixed("没有写明凭证编号。", "no paper is named that shows it"),
    Text::fixed(
        "请填写证明文件上的编号；“无”不算。",
        "give the number that stands on it; none is no number",
    ),
);
const AHEAD: Said = (
    Text::fixed("发生日期晚于今天（{day}）。", "the day lies after today ({day})"),
    Text::fixed("请填写实际发生的日期。", "give the day on which it happened"),
);
pub(super) const TOO_EARLY: Said = (
    Text::fixed(
        "发生日期早于现有登记的起始日（{day}）。",
        "the day lies before what is known now began to hold ({day})",
    ),
    Text::fixed(
        "请填写该日或以后的日期；更早的情况写在理由中。",
        "give that day or a later one, and say in the reason since when it was so",
    ),
);
pub(super) const NO_PLACE: Said = (
    Text::fixed(
        "没有写明迁往哪个村，或与现居村相同。",
        "the village it moves to is missing or the same",
    ),
    Text::fixed("请选择迁入的行政村。", "choose the village it moves to"),
);
const NO_MEMBER: Said = (
    Text::fixed("没有选定本户的成员。", "no member of the household is chosen"),
    Text::fixed("请在本户成员中选择。", "choose one of its members"),
);
const IS_HEAD: Said = (
    Text::fixed("此人已是户主。", "this member is the head already"),
    Text::fixed("请选择另一名成员。", "choose another member"),
);
const HEAD_LEAVES: Said = (
    Text::fixed("户主离开后本户没有户主。", "without its head the household would have none"),
    Text::fixed("请先办理变更户主。", "state the change of head first"),
);
const NO_HEAD: Said = (
    Text::fixed("本户没有户主或有两名户主。", "the household has no head, or two"),
    Text::fixed("请先办理变更户主。", "state the change of head first"),
);
const NOT_GONE: Said = (
    Text::fixed(
        "此人不曾是本户成员，或现属另一户。",
        "nobody who left this household is chosen, or they belong to another now",
    ),
    Text::fixed(
        "请在已离开本户的成员中选择；新来的人按新增成员申报。",
        "choose among those who left; who is new joins instead",
    ),
);
const OVER: Said = (
    Text::fixed(
        "本户已并入其他户，或分户已撤销。",
        "the household went into another, or never was",
    ),
    Text::fixed("请在现在的户申报。", "state it of the household that is there now"),
);
const NO_RELATION: Said = (
    Text::fixed(
        "登记中没有此人与户主的关系。",
        "the register does not know what this member is to the head",
    ),
    Text::fixed("请一并填写与户主关系。", "say it too"),
);
const NOTHING_NEW: Said = (
    Text::fixed("没有填写任何要改的内容。", "nothing is filled in that would change"),
    Text::fixed("请填写要改的栏目。", "fill in what is otherwise"),
);
