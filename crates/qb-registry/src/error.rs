//! What can go wrong in the register.

use qb_base::Text;
use qb_engine::EngineError;
use qb_store::StoreError;

use crate::areas::refusal::AreaRefusal;

/// An error of the register.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A snapshot could not be written or read.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What somebody wants of an area is refused.
    #[error("{}", .0.text().en)]
    Area(AreaRefusal),
    /// What somebody asked for is not theirs to do, or not to be done now; nothing was changed.
    #[error("{0}")]
    Refused(Text),
    /// The policy pack lacks what this step needs.
    #[error("the policy pack lacks {0}")]
    Pack(String),
    /// A row broke an invariant; the transaction was rolled back.
    #[error("broken invariant at {0}")]
    Invariant(&'static str),
    /// A stored value is not what the schema promises: a fault of the program, named by row id.
    #[error("{table} {id}: {column} cannot be read")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row.
        id: i64,
        /// The column.
        column: &'static str,
    },
}

impl From<AreaRefusal> for RegistryError {
    fn from(refusal: AreaRefusal) -> Self {
        Self::Area(refusal)
    }
}

impl RegistryError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Engine(error) => error.text(),
            Self::Area(refusal) => refusal.text(),
            Self::Refused(text) => text.clone(),
            Self::Pack(what) => Text::new(format!("政策包缺少{what}"), self.to_string()),
            Self::Invariant(place) => {
                Text::new(format!("数据不变量被破坏：{place}"), self.to_string())
            }
            Self::Damaged { table, id, column } => {
                Text::new(format!("{table} 第 {id} 行的 {column} 无法读取"), self.to_string())
            }
        }
    }
}
