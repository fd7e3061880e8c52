//! What a command ends with when it cannot go on.

use qb_base::Text;

/// A failure told to the user in both languages.
#[derive(Debug)]
pub(crate) struct Fail(pub(crate) Text);

impl Fail {
    /// A failure with a message of the command itself.
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Text::new(zh, en))
    }
}

macro_rules! from_errors {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Fail {
            fn from(error: $error) -> Self {
                Self(error.text())
            }
        })*
    };
}

from_errors!(
    qb_city::CityError,
    qb_store::StoreError,
    qb_engine::EngineError,
    qb_registry::RegistryError,
    qb_targeting::TargetingError,
    qb_report::ReportError,
    qb_entitlement::EntitlementError,
    qb_assess::AssessError,
    qb_fund::FundError,
    qb_pairing::PairingError,
    qb_case::CaseError,
    qb_settle::SettleError,
    qb_web::accounts::AccountError,
);

impl From<serde_json::Error> for Fail {
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("结果无法写成JSON：{error}"), format!("a result is no JSON: {error}"))
    }
}

impl From<std::io::Error> for Fail {
    fn from(error: std::io::Error) -> Self {
        Self::new(
            format!("读写文件失败:{error}"),
            format!("a file could not be read or written: {error}"),
        )
    }
}

impl From<qb_policy::PackError> for Fail {
    fn from(error: qb_policy::PackError) -> Self {
        use qb_policy::PackError;
        match &error {
            PackError::NotFound(text) | PackError::Unreadable(text) => Self(text.clone()),
            PackError::Faulty(faults) => Self(qb_policy::faults_text(faults)),
        }
    }
}

impl From<qb_intake::IntakeError> for Fail {
    fn from(error: qb_intake::IntakeError) -> Self {
        use qb_intake::IntakeError;
        match &error {
            IntakeError::Store(store) => Self(store.text()),
            IntakeError::Refused(text) => Self(text.clone()),
            IntakeError::File(fault) => Self::new(
                format!("{} {}", fault.message.zh, fault.remedy.zh),
                format!("{} {}", fault.message.en, fault.remedy.en),
            ),
            IntakeError::Listing { path, error } => Self::new(
                format!("无法读取“{path}”:{error};请检查路径"),
                format!("cannot list {path}: {error}; check the path"),
            ),
            other => Self::new(format!("导入停止:{other}"), format!("the import stopped: {other}")),
        }
    }
}
