//! What can go wrong, and why a benefit is refused.

use qb_base::Text;
use qb_engine::EngineError;
use qb_policy::{Fault, faults_text};

/// An error of entitlement.
#[derive(Debug, thiserror::Error)]
pub enum EntitlementError {
    /// The query engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A benefit file of the pack has faults.
    #[error("{}", faults_text(.0).en)]
    Benefits(Vec<Fault>),
    /// A row of the snapshot lacks what its dataset requires of every row.
    #[error("a row has no {0}, which its dataset requires; import it again")]
    Column(&'static str),
    /// The pack has a benefit whose rates go by a code list that it lacks.
    #[error("benefit {benefit}: the pack has no code list {list}; add it in codes/")]
    NoList {
        /// The benefit.
        benefit: String,
        /// The list.
        list: &'static str,
    },
    /// The facts cannot be computed with.
    #[error("{0}")]
    Refused(Refusal),
}

/// Why a benefit is not computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A short name, for cases and scripts.
    pub code: &'static str,
    /// The reason and what to do.
    pub text: Text,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, text: Text::new(zh, en) }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text.en)
    }
}

impl From<Refusal> for EntitlementError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl EntitlementError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Engine(error) => error.text(),
            Self::Refused(refusal) => refusal.text.clone(),
            Self::Benefits(faults) => faults_text(faults),
            Self::Column(column) => Text::new(
                format!("有一行没有“{column}”,而数据集规定必填;请重新导入这一行"),
                self.to_string(),
            ),
            Self::NoList { benefit, list } => Text::new(
                format!("补助“{benefit}”:策略包没有代码表“{list}”,请在codes/中补上"),
                self.to_string(),
            ),
        }
    }
}
