//! What can go wrong in the engine, named by what the caller can do about it.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::parquet::errors::ParquetError;
use qb_base::Text;

/// A failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Rows break the views' rules; the writer of the rows has a fault.
    #[error("{view} row {row}, column {column}: {message}")]
    Data {
        /// The view.
        view: &'static str,
        /// The row, from 0.
        row: usize,
        /// The column.
        column: String,
        /// What is wrong.
        message: Text,
    },
    /// A clause names a column that was not read.
    #[error("clause {clause} needs column {column}, which the data do not have")]
    ColumnMissing {
        /// The clause.
        clause: String,
        /// The column.
        column: String,
    },
    /// The two evaluators disagree; the rule must not be published.
    #[error(
        "clause {clause}: the evaluators disagree first on {level} {subject}: set-wise {setwise}, row-wise {rowwise}"
    )]
    Disagreement {
        /// The clause.
        clause: String,
        /// The level of the row.
        level: &'static str,
        /// The id of the first row that differs.
        subject: i64,
        /// What the set-wise evaluator says.
        setwise: String,
        /// What the row-wise evaluator says.
        rowwise: String,
    },
    /// The pack's expressions do not compile.
    #[error("{}", rules_fault(.0, qb_base::Lang::En))]
    Rules(Vec<crate::rules::RuleFault>),
    /// A figure or a coverage cannot be computed from the rows of its query.
    #[error("{id}: {message}")]
    Figure {
        /// The fact or the coverage.
        id: String,
        /// What is wrong and what to do.
        message: Text,
    },
    /// No such row.
    #[error("there is no {level} {subject}")]
    NoSuchRow {
        /// The level.
        level: &'static str,
        /// The id.
        subject: i64,
    },
    /// A snapshot folder is missing, incomplete or changed.
    #[error("snapshot {name}: {message}")]
    Snapshot {
        /// The snapshot's name.
        name: String,
        /// What is wrong.
        message: Text,
    },
    /// The operating system refused a file.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A query of the pack took longer than a query may.
    #[error(
        "a query of the pack ran for more than {seconds} s and was stopped; a join without a condition is the usual cause; a longer time is set with --query-seconds"
    )]
    TooLong {
        /// The longest time, in seconds.
        seconds: u64,
    },
    /// A query needs more memory than it may have, also with what it wrote to temporary files.
    #[error(
        "a query needs more memory than the limit allows; raise it with --memory or close other programs: {0}"
    )]
    Memory(String),
    /// The query engine failed.
    #[error("query engine: {0}")]
    Query(DataFusionError),
    /// A column could not be read or built.
    #[error("columns: {0}")]
    Columns(#[from] ArrowError),
    /// A Parquet file could not be read or written.
    #[error("parquet: {0}")]
    Parquet(#[from] ParquetError),
    /// A broken invariant of the engine itself.
    #[error("engine invariant: {0}")]
    Internal(&'static str),
}

impl From<DataFusionError> for EngineError {
    fn from(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(what) => Self::Memory(what.clone()),
            _ => Self::Query(error),
        }
    }
}

impl EngineError {
    /// The message for people.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Data { view, row, column, message } => {
                format!("视图 {view} 第 {row} 行 {column} 列:{}", message.zh)
            }
            Self::ColumnMissing { clause, column } => {
                format!("条款 {clause} 需要的列 {column} 不在数据中")
            }
            Self::Disagreement { clause, level, subject, setwise, rowwise } => format!(
                "条款 {clause}:两种计算在 {level} {subject} 上不一致(成批 {setwise},逐户 {rowwise}),不能发布"
            ),
            Self::Rules(faults) => rules_fault(faults, qb_base::Lang::Zh),
            Self::Figure { id, message } => format!("{id}:{}", message.zh),
            Self::NoSuchRow { level, subject } => format!("没有 {level} {subject}"),
            Self::Snapshot { name, message } => format!("快照 {name}:{}", message.zh),
            Self::File { path, source } => format!("文件 {path}:{source}"),
            Self::TooLong { seconds } => format!(
                "策略包的一条查询运行超过{seconds}秒，已停止；通常是连接缺少条件；可用 --query-seconds 放宽"
            ),
            Self::Memory(what) => {
                format!("查询所需内存超过限额；请用 --memory 放宽或关闭其他程序:{what}")
            }
            other => format!("计算引擎出错:{other}"),
        };
        Text::new(zh, self.to_string())
    }

    pub(crate) fn data(
        view: &'static str,
        row: usize,
        column: &str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::Data { view, row, column: column.to_owned(), message: Text::new(zh, en) }
    }

    pub(crate) fn figure(id: &str, message: Text) -> Self {
        Self::Figure { id: id.to_owned(), message }
    }

    pub(crate) fn internal(what: &'static str) -> Self {
        Self::Internal(what)
    }

    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}

/// How many expressions do not compile, and the first of them.
fn rules_fault(faults: &[crate::rules::RuleFault], lang: qb_base::Lang) -> String {
    let mut said = match lang {
        qb_base::Lang::Zh => format!("策略包中有 {} 条表达式无法编译", faults.len()),
        qb_base::Lang::En => format!("{} of the pack's expressions do not compile", faults.len()),
    };
    if let Some(first) = faults.first() {
        said += match lang {
            qb_base::Lang::Zh => ",第一条:",
            qb_base::Lang::En => "; the first: ",
        };
        said += &first.render(lang);
    }
    said
}
