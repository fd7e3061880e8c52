//! What can go wrong with a page, told in words: what happened and what to do next.

use qb_base::Text;

use crate::seen::Over;

/// Why a page could not be answered. The error page says what and what next in both languages.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is nothing there, or nothing the reader may know of.
    #[error("nothing is found there")]
    NotFound,
    /// The role may never do this.
    #[error("the role may not do this")]
    Refused,
    /// The form's token is missing or belongs to another session.
    #[error("the form does not belong to this session")]
    ForeignForm,
    /// The reader sent something the page cannot use.
    #[error("{0}")]
    Unusable(Text),
    /// Something the page needs does not exist yet; the text says which step makes it.
    #[error("{0}")]
    NotYet(Text),
    /// More was sent than the page takes.
    #[error("more bytes were sent than the limit allows")]
    TooLarge,
    /// Files that wait already take all the room their sender has.
    #[error("{0}")]
    OverQuota(Text),
    /// A form or a file came more slowly than it is waited for.
    #[error("the request came too slowly")]
    TooSlow,
    /// The sending broke off.
    #[error("the request ended before it was complete")]
    CutShort,
    /// The address or the form is not written as addresses and forms are.
    #[error("the request cannot be read")]
    Unreadable,
    /// There is no room left on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The same person reads or tries too much in too short a time.
    #[error("too many requests; try again in {seconds} s")]
    TooMany {
        /// Seconds until the next try.
        seconds: i64,
    },
    /// The reader has read as many persons within an hour as its role may without saying why.
    #[error("{read} persons were read within an hour")]
    Over {
        /// Persons read within the hour.
        read: i64,
        /// Persons that may be read without saying why.
        limit: i64,
    },
    /// Every worker is busy.
    #[error("the server is busy")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(qb_store::StoreError),
    /// A link of the chain failed; the message is for the log, not for the page.
    #[error("{0}")]
    Link(String),
}

impl Fault {
    /// The status code of the answer.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Refused | Self::ForeignForm => 403,
            Self::Unusable(_) => 422,
            Self::NotYet(_) => 409,
            Self::CutShort | Self::Unreadable => 400,
            Self::TooSlow => 408,
            Self::TooLarge | Self::OverQuota(_) => 413,
            Self::TooMany { .. } | Self::Over { .. } => 429,
            Self::Busy | Self::DiskFull => 503,
            Self::Store(_) | Self::Link(_) => 500,
        }
    }

    /// What happened.
    pub(crate) fn what(&self) -> Text {
        match self {
            Self::NotFound => Text::fixed("没有找到这个页面或这条记录", "Nothing is found here"),
            Self::Refused => Text::fixed("您的角色不能进行这项操作", "Your role may not do this"),
            Self::ForeignForm => Text::fixed(
                "这张表单已失效,没有保存任何内容",
                "This form is no longer valid; nothing was saved",
            ),
            Self::Unusable(text) | Self::NotYet(text) | Self::OverQuota(text) => text.clone(),
            Self::TooLarge => {
                Text::fixed("发送的内容超过了上限", "More was sent than this page takes")
            }
            Self::TooSlow => Text::fixed(
                "发送得太慢,等待超时,没有保存任何内容",
                "The sending was too slow and was given up; nothing was saved",
            ),
            Self::CutShort => {
                Text::fixed("发送中断,没有保存任何内容", "The sending broke off; nothing was saved")
            }
            Self::Unreadable => Text::fixed(
                "地址或表单的写法有误,没有保存任何内容",
                "The address or the form cannot be read; nothing was saved",
            ),
            Self::DiskFull => Text::fixed(
                "服务器磁盘已满,没有保存任何内容",
                "The disk of the server is full; nothing was saved",
            ),
            Self::TooMany { .. } => Text::fixed("操作过于频繁", "Too many requests"),
            Self::Over { read, limit } => {
                let (read, limit) = (read.to_string(), limit.to_string());
                let says = Text::fixed(
                    "一小时内您已查看{read}人的信息，上限为{limit}人",
                    "You have read {read} persons within an hour; {limit} is the limit",
                );
                says.fill(&[("read", &read), ("limit", &limit)])
            }
            Self::Busy => Text::fixed("系统正忙", "The system is busy"),
            Self::Store(_) | Self::Link(_) => {
                Text::fixed("系统内部出错,没有保存任何内容", "An internal error; nothing was saved")
            }
        }
    }

    /// What to do next.
    pub(crate) fn next(&self) -> Text {
        match self {
            Self::NotFound => Text::fixed(
                "它可能不存在,也可能不在您的管辖范围内。请从总览或地区页面重新进入。",
                "It may not exist, or lie outside your area. Start again from the overview or an area page.",
            ),
            Self::Refused => Text::fixed(
                "如果工作需要,请联系安全管理员调整角色。",
                "If your work needs it, ask the security administrator for another role.",
            ),
            Self::ForeignForm => Text::fixed(
                "请返回上一页,刷新后重新提交。",
                "Go back, reload the page and send it again.",
            ),
            Self::Unusable(_) => Text::fixed(
                "请返回上一页,改正后重新提交。",
                "Go back, correct it and send it again.",
            ),
            Self::NotYet(_) => Text::fixed(
                "请先完成前一步,再回到本页。",
                "Do that step first, then come back to this page.",
            ),
            Self::TooLarge => Text::fixed("请把文件分批发送。", "Send the files in several parts."),
            Self::OverQuota(_) => Text::fixed(
                "请先在导入页面确认或放弃这些文件,或等它们导入完成后再发送。",
                "Confirm or discard those files on the import page, or wait until they are imported, then send these again.",
            ),
            Self::TooSlow => Text::fixed(
                "请检查网络后重新发送,文件较大时可分批发送。",
                "Check the network and send it again; send large files in several parts.",
            ),
            Self::CutShort => {
                Text::fixed("请检查网络后重新发送。", "Check the network and send it again.")
            }
            Self::Unreadable => Text::fixed(
                "请从页面上的链接或表单重新进入,不要手工修改地址。",
                "Start again from a link or form of these pages; do not change addresses by hand.",
            ),
            Self::DiskFull => Text::fixed(
                "请联系系统管理员清理磁盘,之后重新操作;已有数据不受影响。",
                "Ask the system administrator to free disk space, then do it again; what was saved before is not affected.",
            ),
            Self::TooMany { seconds } => {
                let seconds = seconds.to_string();
                Text::fixed("请在 {seconds} 秒后再试。", "Try again in {seconds} seconds.")
                    .fill(&[("seconds", &seconds)])
            }
            Self::Over { .. } => Text::fixed(
                "如工作需要，请在下面写明理由后继续；理由会记入审计日志并提醒审计管理员。",
                "If your work needs more, say why below and go on; the reason goes into the audit \
                 log, and the audit administrator is alerted.",
            ),
            Self::Busy => Text::fixed("请稍候几秒再试。", "Try again in a few seconds."),
            Self::Store(_) | Self::Link(_) => Text::fixed(
                "请稍后再试;仍然出错时,请把本页的编号告诉系统管理员。",
                "Try again later; if it happens again, give the number on this page to the system administrator.",
            ),
        }
    }
}

/// A number for one occurrence of a fault of ours, on the page and in the log.
pub(crate) fn occurrence() -> String {
    /// Bytes of it: as few as one can read out, as many as tell a day's faults apart.
    const BYTES: usize = 4;
    let mut bytes = [0; BYTES];
    match qb_base::env::fill_random(&mut bytes) {
        Ok(()) => format!("E-{:08x}", u32::from_be_bytes(bytes)),
        // The instant does as well where there is no chance.
        Err(_) => format!("E-{:x}", qb_base::env::now().0),
    }
}

impl From<Over> for Fault {
    fn from(over: Over) -> Self {
        Self::Over { read: over.read, limit: over.limit }
    }
}

impl From<qb_store::StoreError> for Fault {
    /// What a query does not find within its scope is not found for the reader either.
    fn from(error: qb_store::StoreError) -> Self {
        match error {
            qb_store::StoreError::NotFound => Self::NotFound,
            qb_store::StoreError::DiskFull => Self::DiskFull,
            qb_store::StoreError::Busy => Self::Busy,
            other => Self::Store(other),
        }
    }
}

/// Failures of links that a reader can do nothing about.
macro_rules! failures_of_links {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Link(error.to_string())
            }
        })+
    };
}

failures_of_links!(qb_settle::SettleError, qb_engine::EngineError, qb_report::ReportError,);

impl From<qb_targeting::TargetingError> for Fault {
    fn from(error: qb_targeting::TargetingError) -> Self {
        match error {
            qb_targeting::TargetingError::Store(error) => Self::from(error),
            other => Self::NotYet(other.text()),
        }
    }
}

impl From<qb_registry::RegistryError> for Fault {
    fn from(error: qb_registry::RegistryError) -> Self {
        match error {
            qb_registry::RegistryError::Store(error) => Self::from(error),
            qb_registry::RegistryError::Refused(text) => Self::Unusable(text),
            qb_registry::RegistryError::Area(refusal) => Self::Unusable(refusal.text()),
            other => Self::Link(other.to_string()),
        }
    }
}

impl From<qb_intake::IntakeError> for Fault {
    fn from(error: qb_intake::IntakeError) -> Self {
        match error {
            qb_intake::IntakeError::Store(error) => Self::from(error),
            qb_intake::IntakeError::Refused(text) => Self::Unusable(text),
            other => Self::Link(other.to_string()),
        }
    }
}
