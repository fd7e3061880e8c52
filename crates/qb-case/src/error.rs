//! What can go wrong with cases.

use qb_base::Text;
use qb_engine::EngineError;
use qb_policy::{Fault, faults_text};
use qb_store::StoreError;

/// One guard that a step did not pass, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RefusedGuard {
    /// Its short name.
    pub code: &'static str,
    /// What failed and what to do.
    pub text: Text,
}

/// An error of a case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table could not be built.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The machines of the pack have faults.
    #[error("{}", faults_text(.0).en)]
    Pack(Vec<Fault>),
    /// No case of that number within the scope.
    #[error("there is no case {0} within your area")]
    NoCase(i64),
    /// No objection of that number within the scope, or it is answered.
    #[error("there is no unanswered objection {0} within your area")]
    NoObjection(i64),
    /// The pack has no such machine, state, transition or channel.
    #[error("the pack has no `{0}` for this case; choose one of its machine")]
    Unknown(String),
    /// A subject has a case of the machine that has not ended.
    #[error("case {0} on the same subject has not ended; go on with it")]
    AlreadyOpen(i64),
    /// Somebody else changed the case meanwhile.
    #[error("case {case} is at version {now}, not {seen}: reload it and look at the new step")]
    Conflict {
        /// The case.
        case: i64,
        /// The version the person saw.
        seen: i64,
        /// The version it has now.
        now: i64,
    },
    /// The step does not pass its guards; nothing changed.
    #[error("{}", .0.iter().map(|guard| guard.text.en.as_ref()).collect::<Vec<_>>().join("; "))]
    Refused(Vec<RefusedGuard>),
    /// The case's last step is no public notice, or it was printed already.
    #[error("case {0} has no notice to print: post one by its step first")]
    NoNotice(i64),
    /// A field of a public notice holds what a notice may not.
    #[error("{0}")]
    NotPublic(Text),
}

impl CaseError {
    /// The message for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Store(error) => return error.text(),
            Self::Engine(error) => return error.text(),
            Self::Pack(faults) => return faults_text(faults),
            Self::NoCase(id) => format!("您的范围内没有第{id}号案件"),
            Self::NoObjection(id) => format!("您的范围内没有待答复的第{id}号异议"),
            Self::Unknown(id) => format!("策略包中本案没有“{id}”,请从流程中选择"),
            Self::AlreadyOpen(id) => format!("同一对象的第{id}号案件尚未办结,请继续办理该案"),
            Self::Conflict { case, seen, now } => {
                format!("第{case}号案件已是第{now}版(您看到的是第{seen}版),请刷新后查看新的步骤")
            }
            Self::Refused(guards) => {
                let lines: Vec<&str> = guards.iter().map(|guard| guard.text.zh.as_ref()).collect();
                lines.join(";")
            }
            Self::NoNotice(id) => format!("第{id}号案件没有可打印的公示,请先办理公示这一步"),
            Self::NotPublic(text) => return text.clone(),
        };
        Text::new(zh, self.to_string())
    }
}
