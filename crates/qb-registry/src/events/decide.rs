//! Somebody accepts or rejects what was proposed, or undoes what applied: one transaction, with its
//! audit row.

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Date, Text, Timestamp, env};
use qb_policy::Pack;
use qb_store::{AuditEntry, Conn, Store, StoreError, Tx};

use super::apply::{self, apply};
use super::model::{Effect, Event, EventState};
use super::rules::{EventRules, KindRule};
use super::{life, regroup, store};
use crate::error::RegistryError;

/// Who decides.
#[derive(Clone, Debug)]
pub struct Decider {
    /// Login, or the operator at the command line; written into the audit chain.
    pub actor: String,
    /// The role the person works in; none for the operator.
    pub role: Option<Role>,
    /// What the person may see.
    pub scope: Scope,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What was proposed happened.
    Accept,
    /// It did not.
    Reject,
    /// What applied is taken back.
    Undo,
}

impl Step {
    const fn to(self) -> EventState {
        match self {
            Self::Accept => EventState::Applied,
            Self::Reject => EventState::Rejected,
            Self::Undo => EventState::Undone,
        }
    }

    const fn from(self) -> EventState {
        match self {
            Self::Accept | Self::Reject => EventState::Proposed,
            Self::Undo => EventState::Applied,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Accept => "event.accept",
            Self::Reject => "event.reject",
            Self::Undo => "event.undo",
        }
    }
}

/// Why somebody may not take a step with an event; nothing where they may.
pub fn may_take(rules: &EventRules, event: &Event, step: Step, who: &Decider) -> Option<Text> {
    let is_own = event.file_id.is_none() && event.proposed_by == who.actor;
    // What one stated oneself one may take back as long as nobody decided.
    if is_own && step == Step::Reject {
        return None;
    }
    let own = |code: &Option<String>| {
        code.as_deref()
            .is_none_or(|code| AreaCode::parse(code).is_ok_and(|area| who.scope.covers(area)))
    };
    // Who answers for one of two places alone cannot say that a household moved between them.
    if !own(&event.area_before) || !own(&event.area_after) {
        return Some(OTHER_AREA);
    }
    let role = who.role?;
    // A kind that the pack no longer has is decided by nobody but the operator.
    let rule = rules.get(&event.kind);
    if !rule.is_some_and(|rule| rule.is_decided_by(role)) {
        return Some(OTHER_ROLE);
    }
    let needs_second = is_own && step == Step::Accept && rule.is_none_or(|rule| !rule.at_once);
    needs_second.then_some(SAME_PERSON)
}

/// An event that a file of one row is about to apply.
#[derive(Clone, Debug)]
pub struct Applying {
    /// The event.
    pub event: i64,
    /// Its kind.
    pub kind: String,
    /// The day from which it holds.
    pub day: Date,
    /// Who accepts it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// How far a step went.
#[derive(Clone, Debug)]
pub enum Taking {
    /// It was taken; the event as it is then.
    Taken(Box<Event>),
    /// Nothing speaks against it, and nothing was written: a row that states what changed takes it
    /// in its own transaction, by [`settle`].
    ByRow(Box<KindRule>, Box<Event>),
}

/// Takes a step with an event, as far as no row has to be written for it.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none within the person's scope;
/// [`RegistryError::Refused`] with why where the step cannot be taken.
pub fn take(
    store: &Store,
    pack: &Pack,
    (id, step): (i64, Step),
    (who, reason): (&Decider, &str),
) -> Result<Taking, RegistryError> {
    let rules = EventRules::of(pack)?;
    if qb_base::personal::find(reason).is_some() {
        return Err(RegistryError::Refused(PERSONAL_REASON));
    }
    if reason.trim().is_empty() {
        return Err(RegistryError::Refused(NO_REASON));
    }
    let event = store.read(|conn| standing(conn, &rules, (id, step), who))?;
    if step == Step::Accept && matches!(event.effect, Effect::Join | Effect::Change) {
        let rule = rules.get(&event.kind).ok_or(RegistryError::Refused(OTHER_ROLE))?;
        store.read(|conn| refuse(apply::hindrance(conn, &event)?))?;
        return Ok(Taking::ByRow(Box::new(rule.clone()), Box::new(event)));
    }
    let event = write(store, &rules, (id, step), (who, reason))?;
    Ok(Taking::Taken(Box::new(event)))
}

/// Takes a step in one transaction.
fn write(
    store: &Store,
    rules: &EventRules,
    (id, step): (i64, Step),
    (who, reason): (&Decider, &str),
) -> Result<Event, RegistryError> {
    store.write(|tx| {
        let event = standing(tx, rules, (id, step), who)?;
        let households = [Some(event.household), event.other_household];
        let mut headed = Vec::new();
        for household in households.into_iter().flatten() {
            if apply::has_one_head(tx, household)? {
                headed.push(household);
            }
        }
        let now = after(tx, &event)?;
        match step {
            Step::Accept => {
                refuse(apply::hindrance(tx, &event)?)?;
                apply(tx, &event, now)?;
            }
            Step::Undo => {
                let applied = event.decided_at.ok_or(RegistryError::Invariant("applied when"))?;
                refuse(apply::undo_hindrance(tx, &event, applied)?)?;
                apply::undo(tx, &event, (applied, now))?;
            }
            Step::Reject => {}
        }
        // Whatever the order of decisions: a household with members keeps one head.
        for household in headed {
            if !apply::has_one_head(tx, household)? {
                return Err(RegistryError::Refused(HEADLESS));
            }
        }
        decided(tx, (id, step), (&who.actor, now, reason))?;
        Ok(one(tx, id)?)
    })
}

/// An instant after everything that the event changes: the instants of an event are apart, whatever
/// the clock's steps are.
fn after(conn: &Conn, event: &Event) -> Result<Timestamp, StoreError> {
    let last = event.decided_at.unwrap_or(event.known_at);
    let last = match event.effect {
        Effect::Split | Effect::Merge => last.max(regroup::latest(conn, event)?),
        _ => last,
    };
    Ok(env::now().max(Timestamp(last + 1)))
}

/// An event with which somebody may take a step.
fn standing(
    conn: &Conn,
    rules: &EventRules,
    (id, step): (i64, Step),
    who: &Decider,
) -> Result<Event, RegistryError> {
    let event = store::one(conn, &who.scope, id)?.ok_or(StoreError::NotFound)?;
    refuse(may_take(rules, &event, step, who))?;
    if event.state != step.from() {
        return Err(other_state(event.state));
    }
    Ok(event)
}

/// Somebody decided already.
fn other_state(state: EventState) -> RegistryError {
    let (said, state) = (OTHER_STATE, state.label());
    RegistryError::Refused(Text::new(
        said.zh.replace("{state}", &state.zh),
        said.en.replace("{state}", &state.en),
    ))
}

/// The event as it is after a step, wherever its household lives now.
fn one(conn: &Conn, id: i64) -> Result<Event, StoreError> {
    store::one(conn, &Scope::system(), id)?.ok_or(StoreError::NotFound)
}

fn decided(
    tx: &Tx<'_>,
    (id, step): (i64, Step),
    (actor, now, reason): (&str, Timestamp, &str),
) -> Result<(), StoreError> {
    store::decide(tx, id, step.to(), (actor, now, reason))?;
    tx.audit(&AuditEntry {
        actor,
        action: step.action(),
        object: &format!("event:{id}"),
        before: None,
        after: None,
        reason,
    })
}

/// Decides an event whose row was just written, in the transaction that wrote it: nothing of it
/// stays where somebody else decided meanwhile.
///
/// # Errors
/// [`RegistryError::Refused`] with why where it cannot be decided so.
pub fn settle(
    tx: &Tx<'_>,
    event: &Applying,
    (file_id, now): (i64, Timestamp),
) -> Result<(), RegistryError> {
    let standing = one(tx, event.event)?;
    if standing.state != EventState::Proposed {
        return Err(other_state(standing.state));
    }
    if life::is_over(tx, standing.household)? {
        return Err(RegistryError::Refused(apply::CHANGED));
    }
    if standing.effect == Effect::Join {
        let sql = "select id from person where source_file_id = $1 and household_id = $2";
        let values = [file_id.into(), standing.household.into()];
        let joined = tx.query_opt(sql, &values, |row| row.int(0))?;
        let joined = joined.ok_or(RegistryError::Invariant("who joined"))?;
        store::joined(tx, event.event, joined)?;
        if apply::is_second_head(tx, joined)? {
            return Err(RegistryError::Refused(HEADLESS));
        }
    }
    decided(tx, (event.event, Step::Accept), (&event.actor, now, &event.reason))?;
    Ok(())
}

fn refuse(why: Option<Text>) -> Result<(), RegistryError> {
    why.map_or(Ok(()), |why| Err(RegistryError::Refused(why)))
}

const OTHER_AREA: Text = Text::fixed(
    "此变动涉及您范围以外的地区；请由两地共同的上级核定",
    "the event concerns a place outside your area; whoever answers for both places decides it",
);
const OTHER_ROLE: Text = Text::fixed(
    "您的角色不核定此类变动；请转给策略包中列明的角色",
    "your role does not decide this kind of event; pass it to the roles that the pack names",
);
const SAME_PERSON: Text = Text::fixed(
    "此变动由您本人申报，须由另一人核定",
    "you stated this event yourself; another person decides about it",
);
const OTHER_STATE: Text = Text::fixed(
    "此变动现在的状态是“{state}”，不能再这样办理；请刷新后查看",
    "the event is now: {state}; the step cannot be taken, look at it again",
);
const HEADLESS: Text = Text::fixed(
    "这样办理后本户将没有户主，或有两名户主；请先变更户主",
    "the household would then have no head, or two; change the head first",
);
pub(super) const NO_REASON: Text = Text::fixed("请写明理由", "give a reason");
pub(super) const PERSONAL_REASON: Text = Text::fixed(
    "理由不能写证件号码、电话或银行卡号，请删去后重新提交",
    "a reason holds no identity number, phone or bank card; take it out and send it again",
);
