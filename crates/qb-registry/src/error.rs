//! What can go wrong in the register.

use qb_base::Text;
use qb_engine::EngineError;
use qb_store::StoreError;

/// An error of the register.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A snapshot could not be written or read.
    #[error(transparent)]
    Engine(#[from] EngineError),
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

impl RegistryError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Engine(error) => error.text(),
            Self::Damaged { table, id, column } => {
                Text::new(format!("{table} 第 {id} 行的 {column} 无法读取"), self.to_string())
            }
        }
    }
}
