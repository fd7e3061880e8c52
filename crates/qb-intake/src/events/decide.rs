//! Somebody accepts or rejects what was proposed, or undoes what applied: one transaction, with its
//! audit row.

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Text, Timestamp, env};
use qb_policy::Pack;
use qb_store::{AuditEntry, Store, StoreError};

use super::apply::{self, apply};
use super::model::{Event, EventState};
use super::rules::EventRules;
use super::store;
use crate::error::IntakeError;

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

/// Why somebody may not decide about an event; nothing where they may.
pub fn may_decide(rules: &EventRules, event: &Event, who: &Decider) -> Option<Text> {
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
    let may = rules.get(event.kind).is_some_and(|rule| rule.is_decided_by(role));
    (!may).then_some(OTHER_ROLE)
}

/// Takes a step with an event; answers the event as it is then.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none within the person's scope;
/// [`IntakeError::Refused`] with why where the step cannot be taken.
pub fn take(
    store: &Store,
    pack: &Pack,
    (id, step): (i64, Step),
    (who, reason): (&Decider, &str),
) -> Result<Event, IntakeError> {
    let rules = EventRules::of(pack)?;
    if qb_base::personal::find(reason).is_some() {
        return Err(IntakeError::Refused(PERSONAL_REASON));
    }
    if reason.trim().is_empty() {
        return Err(IntakeError::Refused(NO_REASON));
    }
    store.write(|tx| {
        let event = store::one(tx, &who.scope, id)?.ok_or(StoreError::NotFound)?;
        if let Some(why) = may_decide(&rules, &event, who) {
            return Err(IntakeError::Refused(why));
        }
        if event.state != step.from() {
            let state = event.state.label();
            let said = OTHER_STATE;
            return Err(IntakeError::Refused(Text::new(
                said.zh.replace("{state}", &state.zh),
                said.en.replace("{state}", &state.en),
            )));
        }
        // The instants of an event are apart, whatever the clock's steps are.
        let had_head = apply::has_one_head(tx, event.household)?;
        let last = event.decided_at.unwrap_or(event.known_at);
        let now = env::now().max(Timestamp(last + 1));
        match step {
            Step::Accept => {
                refuse(apply::hindrance(tx, &event)?)?;
                apply(tx, &event, now)?;
            }
            Step::Undo => {
                let applied = event.decided_at.ok_or(IntakeError::Invariant("applied when"))?;
                refuse(apply::undo_hindrance(tx, &event, applied)?)?;
                apply::undo(tx, &event, (applied, now))?;
            }
            Step::Reject => {}
        }
        // Whatever the order of decisions: a household with members keeps one head.
        if had_head && !apply::has_one_head(tx, event.household)? {
            return Err(IntakeError::Refused(HEADLESS));
        }
        store::decide(tx, id, step.to(), (&who.actor, now, reason))?;
        tx.audit(&AuditEntry {
            actor: &who.actor,
            action: step.action(),
            object: &format!("event:{id}"),
            before: None,
            after: None,
            reason,
        })?;
        Ok(store::one(tx, &Scope::system(), id)?.ok_or(StoreError::NotFound)?)
    })
}

fn refuse(why: Option<Text>) -> Result<(), IntakeError> {
    why.map_or(Ok(()), |why| Err(IntakeError::Refused(why)))
}

const OTHER_AREA: Text = Text::fixed(
    "此变动涉及您范围以外的地区；请由两地共同的上级核定",
    "the event concerns a place outside your area; whoever answers for both places decides it",
);
const OTHER_ROLE: Text = Text::fixed(
    "您的角色不核定此类变动；请转给策略包中列明的角色",
    "your role does not decide this kind of event; pass it to the roles that the pack names",
);
const OTHER_STATE: Text = Text::fixed(
    "此变动现在的状态是“{state}”，不能再这样办理；请刷新后查看",
    "the event is now: {state}; the step cannot be taken, look at it again",
);
const HEADLESS: Text = Text::fixed(
    "这样办理后本户将没有户主，或有两名户主；请先变更户主",
    "the household would then have no head, or two; change the head first",
);
const NO_REASON: Text = Text::fixed("请写明理由", "give a reason");
const PERSONAL_REASON: Text = Text::fixed(
    "理由不能写证件号码、电话或银行卡号，请删去后重新提交",
    "a reason holds no identity number, phone or bank card; take it out and send it again",
);
