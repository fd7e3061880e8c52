//! What can go wrong in assessment.

use qb_base::Text;
use qb_engine::EngineError;
use qb_policy::{Fault, faults_text};
use qb_store::StoreError;

/// An error of assessment.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The query engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A scheme of the pack has faults.
    #[error("{}", faults_text(.0).en)]
    Scheme(Vec<Fault>),
    /// No scheme of that id or year.
    #[error("the pack has no scheme {0}; see its folder schemes/")]
    NoScheme(String),
    /// A query of the scheme gives rows that cannot be scored.
    #[error("scheme item {item}: {message}")]
    Rows {
        /// The item, deduction, bonus or veto.
        item: String,
        /// What is wrong with its rows.
        message: String,
    },
    /// A number of an object leaves 128 bits.
    #[error("the values of {0} are too large to be scored")]
    TooLarge(String),
    /// No such frozen score.
    #[error("there is no frozen score {0}")]
    NoRun(i64),
    /// A step that the state of the score does not allow.
    #[error("score {run} is {state}; {step} is possible only while it is {allowed}")]
    State {
        /// The score.
        run: i64,
        /// Its state.
        state: String,
        /// The step that was asked for.
        step: &'static str,
        /// The states in which the step is possible.
        allowed: &'static str,
    },
    /// Appeals wait for a decision.
    #[error("score {run} has {open} open appeals; decide them first")]
    OpenAppeals {
        /// The score.
        run: i64,
        /// How many.
        open: i64,
    },
    /// Somebody may not take a step: role, level, area, or a step taken before.
    #[error(transparent)]
    Duty(qb_case::CaseError),
    /// An appeal that cannot be entered or decided.
    #[error("{0}")]
    Appeal(Text),
}

impl AssessError {
    /// The message for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Store(error) => return error.text(),
            Self::Engine(error) => return error.text(),
            Self::Duty(error) => return error.text(),
            Self::Appeal(text) => return text.clone(),
            Self::Scheme(faults) => return faults_text(faults),
            Self::NoScheme(id) => format!("策略包里没有考核方案{id}，请看其schemes文件夹"),
            Self::Rows { item, message } => {
                format!("考核方案“{item}”的查询结果不能计分：{message}")
            }
            Self::TooLarge(object) => format!("{object}的数值过大，不能计分"),
            Self::NoRun(run) => format!("没有编号为{run}的考核结果"),
            Self::State { run, state, allowed, .. } => {
                let (state, allowed) = (in_chinese(state), in_chinese(allowed));
                format!("考核结果{run}{state}，只有{allowed}时才能这样做")
            }
            Self::OpenAppeals { run, open } => {
                format!("考核结果{run}还有{open}项申诉没有答复，请先答复")
            }
        };
        Text::new(zh, self.to_string())
    }
}

/// A state of a score as people say it.
fn in_chinese(state: &str) -> &str {
    match state {
        "frozen" => "已冻结、尚未确认",
        "confirmed" => "已确认、尚未公布",
        "published" => "已公布",
        other => other,
    }
}
