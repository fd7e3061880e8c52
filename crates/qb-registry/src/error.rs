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
            Self::Damaged { table, id, column } => {
                Text::new(format!("{table} 第 {id} 行的 {column} 无法读取"), self.to_string())
            }
        }
    }
}
