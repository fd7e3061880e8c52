//! What can go wrong in pairing.

use qb_base::Text;
use qb_policy::Fault;
use qb_store::StoreError;

/// An error of pairing.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// The database failed, or the thing asked for is not within the scope.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pack's `targets.toml` has faults.
    #[error("{}", list(.0))]
    Rules(Vec<Fault>),
}

impl PairingError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Rules(faults) => {
                let zh: Vec<String> =
                    faults.iter().map(|f| format!("{}: {}", f.at, f.message.zh)).collect();
                Text::new(zh.join("\n"), list(faults))
            }
        }
    }
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(|f| format!("{}: {}", f.at, f.message.en)).collect::<Vec<_>>().join("\n")
}
