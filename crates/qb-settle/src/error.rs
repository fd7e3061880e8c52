//! What can stop the links working together; the message is the link's own.

use qb_base::Text;
use qb_policy::{Fault, faults_text};

/// A link could not go on.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The store failed.
    #[error("{}", self.text())]
    Store(#[from] qb_store::StoreError),
    /// The engine failed.
    #[error("{}", self.text())]
    Engine(#[from] qb_engine::EngineError),
    /// A case could not be replayed.
    #[error("{}", self.text())]
    Case(#[from] qb_case::CaseError),
    /// The ledger could not be brought level.
    #[error("{}", self.text())]
    Fund(#[from] qb_fund::FundError),
    /// Targets or visits could not be read.
    #[error("{}", self.text())]
    Pairing(#[from] qb_pairing::PairingError),
    /// Scores could not be read.
    #[error("{}", self.text())]
    Assess(#[from] qb_assess::AssessError),
    /// The register could not be read.
    #[error("{}", self.text())]
    Registry(#[from] qb_registry::RegistryError),
    /// The run failed.
    #[error("{}", self.text())]
    Targeting(#[from] qb_targeting::TargetingError),
    /// The rules of a benefit could not be listed.
    #[error("{}", self.text())]
    Entitlement(#[from] qb_entitlement::EntitlementError),
    /// A part of the pack has faults.
    #[error("{}", self.text())]
    Pack(Vec<Fault>),
}

impl SettleError {
    /// The message in both languages: what, where, why, what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Engine(error) => error.text(),
            Self::Case(error) => error.text(),
            Self::Fund(error) => error.text(),
            Self::Pairing(error) => error.text(),
            Self::Assess(error) => error.text(),
            Self::Registry(error) => error.text(),
            Self::Targeting(error) => error.text(),
            Self::Entitlement(error) => error.text(),
            Self::Pack(faults) => faults_text(faults),
        }
    }
}
