//! What can go wrong in pairing.

use qb_base::Text;
use qb_policy::{Fault, faults_text};
use qb_store::StoreError;

/// An error of pairing.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// The database failed, or the thing asked for is not within the scope.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pack's `targets.toml` has faults.
    #[error("{}", faults_text(.0).en)]
    Rules(Vec<Fault>),
}

impl PairingError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Rules(faults) => faults_text(faults),
        }
    }
}
