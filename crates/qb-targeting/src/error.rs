//! What can go wrong in targeting.

use std::path::PathBuf;

use qb_base::Text;
use qb_engine::EngineError;
use qb_registry::RegistryError;
use qb_store::StoreError;

/// An error of targeting.
#[derive(Debug, thiserror::Error)]
pub enum TargetingError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rules could not be evaluated.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The snapshot could not be taken.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Nothing was evaluated yet.
    #[error("there is no run yet; start one with `qibang target run`")]
    NoRun,
    /// No household under that id or number.
    #[error("there is no household {0} in the snapshot of the newest run")]
    NoHousehold(String),
    /// The pack that was kept with a run cannot be read.
    #[error("the pack that was kept with the run cannot be read: {0}")]
    Kept(#[from] qb_policy::PackError),
    /// The pack of a run could not be kept.
    #[error("the pack of the run could not be kept in {}: {error}", folder.display())]
    Keep {
        /// The folder of packs.
        folder: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The pack is not the one the run was made with, and that one was not kept.
    #[error("run {run} was made with pack {expected}, this pack is {got}")]
    OtherPack {
        /// The run.
        run: i64,
        /// Digest of the run's pack.
        expected: String,
        /// Digest of this pack.
        got: String,
    },
}

impl TargetingError {
    /// The message for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Store(error) => return error.text(),
            Self::Engine(error) => return error.text(),
            Self::Registry(error) => return error.text(),
            Self::NoRun => "尚未运行规则,请先执行 `qibang target run`".to_owned(),
            Self::NoHousehold(id) => format!("最近一次运行的快照中没有户 {id}"),
            Self::Kept(error) => format!("随运行保存的策略包无法读取:{error}"),
            Self::Keep { folder, error } => {
                format!("运行所用的策略包无法保存到 {}:{error}", folder.display())
            }
            Self::OtherPack { run, expected, got } => {
                format!("第 {run} 次运行使用的策略包是 {expected},当前策略包是 {got}")
            }
        };
        Text::new(zh, self.to_string())
    }
}
