//! What can go wrong, by what the caller can do about it.

use qb_base::Text;
use qb_registry::RegistryError;

/// Why a file cannot be used at all; the other files of the import are not affected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FileFault {
    /// Stable code such as `file_truncated`.
    pub code: &'static str,
    /// What was found and where.
    pub message: Text,
    /// What the sender can do.
    pub remedy: Text,
}

impl FileFault {
    /// Joins a code, what was found and what to do.
    pub fn new(code: &'static str, message: Text, remedy: Text) -> Self {
        Self { code, message, remedy }
    }

    /// The file cannot be opened or read from the disk.
    pub fn unreadable(error: &std::io::Error) -> Self {
        Self::new(
            "file_unreadable",
            Text::new(
                format!("文件无法读取：{error}"),
                format!("the file cannot be read: {error}"),
            ),
            Text::fixed(
                "检查文件是否存在、是否有读取权限，然后重新导入。",
                "check that the file exists and may be read, then import again",
            ),
        )
    }

    /// The file follows a layout by which nothing is sent today.
    pub fn not_in_force(title: &Text, days: &Text) -> Self {
        Self::new(
            "layout_not_in_force",
            Text::new(
                format!("“{}”今天不再（或尚未）按此表样报送：{}。", title.zh, days.zh),
                format!("“{}” is not sent by this layout today: {}", title.en, days.en),
            ),
            Text::fixed(
                "请改用现行表样填报；日期有误的，请市扶贫办修改策略包中的“effective_from”“effective_until”。",
                "use the layout that is in force; where the days are wrong, ask the city to change `effective_from` and `effective_until` in the pack",
            ),
        )
    }

    /// The file ends before its content does, or its packing is damaged.
    pub fn truncated(detail: &str) -> Self {
        Self::new(
            "file_truncated",
            Text::new(
                format!("文件不完整或已损坏（{detail}），可能是传输中断。"),
                format!(
                    "the file is incomplete or damaged ({detail}), perhaps a transfer was cut off"
                ),
            ),
            Text::fixed(
                "请向填报单位重新索取完整文件。",
                "ask the sender for the whole file again",
            ),
        )
    }

    /// The package would unpack to more than any real workbook.
    pub fn bomb(zh: String, en: String) -> Self {
        Self::new(
            "file_bomb",
            Text::new(zh, en),
            Text::fixed(
                "正常的表格不会如此；请用表格软件打开后另存为 .xlsx 再导入，或拆分为多个文件。",
                "no ordinary workbook looks like this; open it in a spreadsheet program and save it again as .xlsx, or split it",
            ),
        )
    }

    /// A part of the workbook does not follow the format.
    pub fn malformed(part: &str, detail: &str) -> Self {
        Self::new(
            "file_malformed",
            Text::new(
                format!("工作簿的“{part}”部分不符合格式：{detail}。"),
                format!("part “{part}” of the workbook does not follow the format: {detail}"),
            ),
            Text::fixed(
                "请用表格软件打开后另存为 .xlsx 再导入。",
                "open it in a spreadsheet program, save it again as .xlsx and import that",
            ),
        )
    }

    /// A binary workbook: its parts are not XML.
    pub fn binary_workbook() -> Self {
        Self::new(
            "file_binary_workbook",
            Text::fixed(
                "这是二进制工作簿（.xlsb），本系统不读取这种格式。",
                "this is a binary workbook (.xlsb), a format that is not read here",
            ),
            save_as_xlsx(),
        )
    }

    /// An old binary workbook with more bytes than are read.
    pub fn old_workbook_too_large(bytes: u64, most: u64) -> Self {
        Self::new(
            "file_too_large",
            Text::new(
                format!("旧格式工作簿（.xls、.et）有 {bytes} 字节，超过上限 {most}。"),
                format!(
                    "the workbook of an old format (.xls, .et) has {bytes} bytes, more than {most}"
                ),
            ),
            save_as_xlsx(),
        )
    }

    /// An old workbook whose reading took more memory or time than it may.
    pub fn old_workbook_too_much() -> Self {
        Self::new(
            "file_too_large",
            Text::fixed(
                "读取这个旧格式工作簿（.xls、.et）所需的内存或时间超过限额，读取已停止；文件可能已损坏。",
                "reading this workbook of an old format (.xls, .et) takes more memory or time than it may and was stopped; it may be damaged",
            ),
            save_as_xlsx(),
        )
    }

    /// Something that people keep beside tables, but no table.
    pub fn other_document(zh: &str, en: &str) -> Self {
        Self::new(
            "file_not_a_table",
            Text::new(format!("这是{zh}，不是表格。"), format!("this is {en}, not a table")),
            Text::fixed(
                "请把其中的表格另存为 .xlsx 后导入。",
                "save the table in it as .xlsx and import that",
            ),
        )
    }

    /// Files packed together.
    pub fn archive() -> Self {
        Self::new(
            "file_archive",
            Text::fixed(
                "这是压缩包，里面可能有表格文件。",
                "this is an archive; there may be tables in it",
            ),
            Text::fixed("请解压后导入里面的表格文件。", "unpack it and import the tables in it"),
        )
    }

    /// A table in a format that is known but not read.
    pub fn other_table(zh: &str, en: &str) -> Self {
        Self::new(
            "file_other_format",
            Text::new(
                format!("这是{zh}，本系统不读取这种格式。"),
                format!("this is {en}, a format that is not read here"),
            ),
            save_as_xlsx(),
        )
    }

    /// The bytes are neither text nor a workbook.
    pub fn not_a_table() -> Self {
        Self::new(
            "file_not_a_table",
            Text::fixed(
                "文件内容既不是文本表格（CSV），也不是可识别的工作簿。",
                "the content is neither a text table (CSV) nor a workbook known here",
            ),
            Text::fixed(
                "请确认发送的是表格文件（.xlsx、.xls、.et、.ods、.csv）。",
                "make sure a table was sent (.xlsx, .xls, .et, .ods, .csv)",
            ),
        )
    }

    /// Nothing is in the file.
    pub fn empty() -> Self {
        Self::new(
            "file_empty",
            Text::fixed("文件是空的，没有任何数据行。", "the file is empty, it has no row"),
            Text::fixed(
                "请确认导出是否成功，然后重新导入。",
                "check that the export succeeded, then import again",
            ),
        )
    }

    /// The workbook asks for a password.
    pub fn locked() -> Self {
        Self::new(
            "file_locked",
            Text::fixed(
                "工作簿设有打开密码，无法读取。",
                "the workbook is protected by a password and cannot be read",
            ),
            Text::fixed(
                "请用密码打开后取消打开密码（文件—信息—保护工作簿—用密码进行加密，清空密码），保存后再导入。",
                "open it with the password, remove the password to open (File, Info, Protect Workbook, Encrypt with Password, clear it), save and import again",
            ),
        )
    }

    /// The file is named after somebody's number.
    pub fn personal_name() -> Self {
        Self::new(
            "file_personal_name",
            Text::fixed(
                "文件名里有身份证件号、电话号码或银行卡号。",
                "the name of the file holds an identity number, a telephone number or a bank card",
            ),
            Text::fixed(
                "请给文件改名（如“镇名-名册”）后重新导入。",
                "give the file another name, such as that of the town, and import it again",
            ),
        )
    }

    /// More of something than this program accepts in one file.
    pub fn too_large(zh: String, en: String) -> Self {
        Self::new(
            "file_too_large",
            Text::new(zh, en),
            Text::fixed("请按乡镇拆分为多个文件后导入。", "split it by town and import the parts"),
        )
    }
}

fn save_as_xlsx() -> Text {
    Text::fixed(
        "请用表格软件打开后另存为 .xlsx 再导入。",
        "open it in a spreadsheet program, save it as .xlsx and import that",
    )
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The store refused or could not be reached; nothing of the current file was kept.
    #[error(transparent)]
    Store(#[from] qb_store::StoreError),
    /// One file cannot be used; the import goes on with the next.
    #[error(transparent)]
    File(#[from] FileFault),
    /// What somebody asked for is not theirs to do; nothing was changed.
    #[error("{0}")]
    Refused(Text),
    /// The policy pack lacks what this step needs.
    #[error("the policy pack lacks {0}")]
    Pack(String),
    /// A path of the import cannot be listed.
    #[error("cannot list {path}: {error}")]
    Listing {
        /// The path as given.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The register says why something cannot be written or read.
    #[error(transparent)]
    Registry(RegistryError),
    /// A record broke an invariant; the transaction was rolled back.
    #[error("broken invariant at {0}")]
    Invariant(&'static str),
    /// A test asked the import to stop here.
    #[error("stopped by request")]
    Stopped,
    /// A worker thread ended without a result.
    #[error("a worker ended without a result")]
    Worker,
    /// Making the fault workbook failed.
    #[error("the fault workbook cannot be made: {0}")]
    Workbook(String),
}

impl From<RegistryError> for IntakeError {
    /// What both know is said as intake says it: callers ask for these.
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Store(error) => Self::Store(error),
            RegistryError::Refused(why) => Self::Refused(why),
            RegistryError::Pack(what) => Self::Pack(what),
            RegistryError::Invariant(place) => Self::Invariant(place),
            other => Self::Registry(other),
        }
    }
}
