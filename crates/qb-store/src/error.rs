//! What can go wrong in the store, named by what the caller can do about it.

use qb_base::Text;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the schema refused the row: show the user what it means.
    #[error("the database refused the row: constraint {0}")]
    Constraint(String),
    /// Another process holds the database: try again.
    #[error("the database is busy with another writer")]
    Busy,
    /// There is no room left on the disk; nothing of the write was kept.
    #[error("the disk is full; nothing was written")]
    DiskFull,
    /// No row where one must be.
    #[error("no such row")]
    NotFound,
    /// A column did not hold the type that was asked for: a mistake in a query.
    #[error("column {column}: expected {expected}")]
    Type {
        /// Position of the column, counted from 0.
        column: usize,
        /// What was asked for.
        expected: &'static str,
    },
    /// What must hold of the program's own data does not: a mistake in the program.
    #[error("an invariant is broken: {0}; nothing was written, please report it")]
    Broken(&'static str),
    /// A write ended without an audit row and was rolled back: a mistake in a command.
    #[error("a write without an audit row was rolled back")]
    NoAudit,
    /// The schema is newer than this program, or a migration changed after it ran.
    #[error("migration {number}: {message}")]
    Migration {
        /// Number of the migration.
        number: i64,
        /// What is wrong with it.
        message: String,
    },
    /// A file or folder of the data directory could not be used.
    #[error("{path}: {}", message.en)]
    Place {
        /// The file or folder.
        path: String,
        /// What is wrong with it.
        message: Text,
    },
    /// Others can read in the data directory, which holds somebody else's files too.
    #[error(
        "other users can read in {0}, and it holds files that are not Qibang's: make it private \
         (chmod 700) or name another data directory"
    )]
    Exposed(String),
    /// The key of the installation is missing or another one.
    #[error("{}", .0.en)]
    Key(Text),
    /// The audit chain cannot be proved: reading goes on, nothing is written until it is mended.
    #[error(
        "nothing was written, the store is read-only: {}. restore the anchor from its second place \
         or a backup of the same moment, or let two administrators accept the chain as it is: \
         qibang audit anchor --accept --by LOGIN --and LOGIN", .0.en
    )]
    ReadOnly(Text),
    /// The address of the database cannot be used.
    #[error("{}", .0.en)]
    Address(Text),
    /// The database server does not answer, or not with a certificate that can be trusted.
    #[error("the database server cannot be reached: {0}")]
    Unreachable(String),
    /// Anything else the database said.
    #[error("the database failed: {0}")]
    Database(String),
}

impl StoreError {
    /// The message for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Constraint(name) => format!("数据库拒绝了这一行:不符合约束“{name}”"),
            Self::Busy => "数据库正被另一个程序写入,请稍后再试".to_owned(),
            Self::DiskFull => "磁盘已满,没有写入任何内容;请清理磁盘后再试".to_owned(),
            Self::NotFound => "没有这条记录".to_owned(),
            Self::Type { column, expected } => {
                format!("查询第 {column} 列应为 {expected},请报告此错误")
            }
            Self::Broken(what) => format!("程序内部不变式不成立({what}),没有写入,请报告此错误"),
            Self::NoAudit => "写入没有留下审计记录,已撤销,请报告此错误".to_owned(),
            Self::Migration { number, message } => format!("数据库升级第 {number} 步:{message}"),
            Self::Place { path, message } => format!("无法使用“{path}”:{}", message.zh),
            Self::Exposed(path) => format!(
                "其他用户能读取“{path}”，其中还有不属于齐帮的文件：请执行 chmod 700，或另指定数据目录"
            ),
            Self::Key(what) | Self::Address(what) => what.zh.to_string(),
            Self::ReadOnly(what) => format!(
                "没有写入，数据库现为只读：{}。请从第二存放处或同一时刻的备份恢复锚文件，或由两名管理员接受现状：\
                 qibang audit anchor --accept --by 账号 --and 账号",
                what.zh
            ),
            Self::Unreachable(why) => format!("无法连接数据库服务器:{why}"),
            Self::Database(message) => format!("数据库出错:{message}"),
        };
        Text::new(zh, self.to_string())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match &error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(code, message) => match code.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DiskFull => Self::DiskFull,
                ErrorCode::ConstraintViolation => {
                    let text = message.as_deref().unwrap_or("unnamed");
                    let name = text.rsplit_once("failed: ").map_or(text, |(_, n)| n);
                    Self::Constraint(name.to_owned())
                }
                _ => Self::Database(error.to_string()),
            },
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Database(error.to_string());
        };
        if *db.code() == postgres::error::SqlState::DISK_FULL {
            return Self::DiskFull;
        }
        match db.constraint() {
            Some(name) => Self::Constraint(name.to_owned()),
            // The message names objects of the schema; the detail could hold values and is left
            // out.
            None => Self::Database(format!("{}: {}", db.code().code(), db.message())),
        }
    }
}
