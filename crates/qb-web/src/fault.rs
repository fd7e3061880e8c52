//! What can go wrong with a page, told in words: what happened and what to do next.

use qb_base::Text;

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
    /// The same person reads or tries too much in too short a time.
    #[error("too many requests; try again in {seconds} s")]
    TooMany {
        /// Seconds until the next try.
        seconds: i64,
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
            Self::TooLarge => 413,
            Self::TooMany { .. } => 429,
            Self::Busy => 503,
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
            Self::Unusable(text) | Self::NotYet(text) => text.clone(),
            Self::TooLarge => {
                Text::fixed("发送的内容超过了上限", "More was sent than this page takes")
            }
            Self::TooMany { .. } => Text::fixed("操作过于频繁", "Too many requests"),
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
            Self::TooMany { seconds } => {
                let seconds = seconds.to_string();
                Text::fixed("请在 {seconds} 秒后再试。", "Try again in {seconds} seconds.")
                    .fill(&[("seconds", &seconds)])
            }
            Self::Busy => Text::fixed("请稍候几秒再试。", "Try again in a few seconds."),
            Self::Store(_) | Self::Link(_) => Text::fixed(
                "请稍后再试;仍然出错时,请把页面下方的编号告诉系统管理员。",
                "Try again later; if it happens again, give the number below to the system administrator.",
            ),
        }
    }
}

impl From<qb_store::StoreError> for Fault {
    /// What a query does not find within its scope is not found for the reader either.
    fn from(error: qb_store::StoreError) -> Self {
        match error {
            qb_store::StoreError::NotFound => Self::NotFound,
            other => Self::Store(other),
        }
    }
}

impl From<qb_registry::RegistryError> for Fault {
    fn from(error: qb_registry::RegistryError) -> Self {
        Self::Link(error.to_string())
    }
}

impl From<qb_targeting::TargetingError> for Fault {
    fn from(error: qb_targeting::TargetingError) -> Self {
        match error {
            qb_targeting::TargetingError::Store(error) => Self::from(error),
            other => Self::NotYet(other.text()),
        }
    }
}

impl From<qb_intake::IntakeError> for Fault {
    fn from(error: qb_intake::IntakeError) -> Self {
        match error {
            qb_intake::IntakeError::Store(error) => Self::from(error),
            other => Self::Link(other.to_string()),
        }
    }
}

impl From<qb_chain::ChainError> for Fault {
    fn from(error: qb_chain::ChainError) -> Self {
        Self::Link(error.to_string())
    }
}

impl From<qb_engine::EngineError> for Fault {
    fn from(error: qb_engine::EngineError) -> Self {
        Self::Link(error.to_string())
    }
}

impl From<qb_report::ReportError> for Fault {
    fn from(error: qb_report::ReportError) -> Self {
        Self::Link(error.to_string())
    }
}
