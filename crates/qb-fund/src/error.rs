//! What can go wrong in the ledger.

use qb_base::{Fen, Text};
use qb_policy::{Fault, faults_text};
use qb_store::StoreError;

/// An error of the ledger.
#[derive(Debug, thiserror::Error)]
pub enum FundError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The entry may not be posted; nothing was written.
    #[error("{}", .0.text().en)]
    Refused(#[from] Refusal),
    /// The pack's `ledger.toml` has faults.
    #[error("{}", faults_text(.0).en)]
    Rules(Vec<Fault>),
}

impl FundError {
    /// The message for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Refused(refusal) => refusal.text(),
            Self::Rules(faults) => faults_text(faults),
        }
    }
}

/// Why an entry may not be posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The postings do not sum to zero.
    #[error("unbalanced")]
    Unbalanced {
        /// What they sum to, in fen.
        sum_fen: i64,
    },
    /// An account would fall below its floor.
    #[error("overdrawn")]
    Overdrawn {
        /// The account.
        account: String,
        /// What it holds.
        holds: Fen,
        /// What the entry would take.
        takes: Fen,
    },
    /// There is no such account.
    #[error("no account")]
    NoAccount(String),
    /// The account's kind is not in the pack.
    #[error("unknown kind")]
    UnknownKind(String),
    /// An entry with that client's id stands, with other content.
    #[error("other content")]
    OtherContent(String),
    /// The entry to reverse is not there.
    #[error("no entry")]
    NoEntry(String),
    /// The entry was reversed before, or is a reversal itself.
    #[error("reversed before")]
    ReversedBefore(String),
    /// An amount is zero or below in a row that moves money.
    #[error("not an amount")]
    NotAnAmount(String),
    /// The parts of an amount exceed the whole.
    #[error("parts exceed the whole")]
    PartsExceed {
        /// The whole.
        whole: Fen,
        /// The sum of its parts.
        parts: Fen,
    },
    /// A reversal names another amount than the entry it reverses.
    #[error("other amount")]
    OtherAmount {
        /// The amount of the entry to reverse.
        posted: Fen,
        /// The amount the row names.
        named: Fen,
    },
    /// A value that the entry needs is blank or of another type.
    #[error("no value")]
    NoValue(String),
    /// An amount lies outside what the ledger can hold.
    #[error("out of range")]
    OutOfRange,
}

impl Refusal {
    /// A short code for filters and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unbalanced { .. } => "unbalanced",
            Self::Overdrawn { .. } => "overdrawn",
            Self::NoAccount(_) => "no_account",
            Self::UnknownKind(_) => "unknown_kind",
            Self::OtherContent(_) => "other_content",
            Self::NoEntry(_) => "no_entry",
            Self::ReversedBefore(_) => "reversed_before",
            Self::NotAnAmount(_) => "not_an_amount",
            Self::PartsExceed { .. } => "parts_exceed",
            Self::OtherAmount { .. } => "other_amount",
            Self::NoValue(_) => "no_value",
            Self::OutOfRange => "out_of_range",
        }
    }

    /// What is wrong and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Overdrawn { account, holds, takes } => Text::new(
                format!(
                    "账户“{account}”只有 {holds} 元，这一笔要用 {takes} 元：请核对金额或上级下达文号"
                ),
                format!(
                    "account `{account}` holds {holds} yuan and this takes {takes}: check the \
                     amount, or the number of the document above"
                ),
            ),
            Self::PartsExceed { whole, parts } => Text::new(
                format!("各部分合计 {parts} 元，超过总额 {whole} 元：请核对分配金额"),
                format!("the parts sum to {parts} yuan, the whole is {whole}: check the parts"),
            ),
            Self::OtherAmount { posted, named } => Text::new(
                format!("冲销金额 {named} 元与原支付 {posted} 元不同：冲销须为全额，差额另行支付"),
                format!(
                    "the reversal names {named} yuan, the payment was {posted}: reverse the \
                     whole and pay the difference anew"
                ),
            ),
            Self::Unbalanced { sum_fen } => Text::new(
                format!("借贷不平，相差 {sum_fen} 分，请报告此错误"),
                format!("the postings sum to {sum_fen} fen instead of zero; please report this"),
            ),
            Self::OutOfRange => {
                Text::fixed("金额超出账本范围", "the amount lies outside what the ledger can hold")
            }
            named => named.about_one_thing(),
        }
    }

    fn about_one_thing(&self) -> Text {
        let (zh, en, name) = match self {
            Self::NoAccount(name) => (
                "没有账户“{name}”：上一级的文号未登记，或其登记被拒绝",
                "there is no account `{name}`: its document is not listed, or was refused",
                name,
            ),
            Self::UnknownKind(name) => (
                "策略包没有账户类别“{name}”，请在 ledger.toml 中补充",
                "the pack has no kind of account `{name}`; add it to ledger.toml",
                name,
            ),
            Self::OtherContent(name) => (
                "编号“{name}”已记过另一笔内容不同的账，未重复记账",
                "`{name}` was posted before with other content; nothing was posted",
                name,
            ),
            Self::NoEntry(name) => (
                "要冲销的“{name}”没有记账，请核对编号",
                "`{name}` that this reverses was never posted; check its number",
                name,
            ),
            Self::ReversedBefore(name) => (
                "“{name}”已经冲销过，或本身就是冲销：一笔账只能冲销一次",
                "`{name}` was reversed before, or is a reversal itself: an entry is reversed once",
                name,
            ),
            Self::NotAnAmount(name) => (
                "“{name}”须大于零；更正请填写被冲销的编号",
                "`{name}` must be above zero; a correction names what it reverses",
                name,
            ),
            Self::NoValue(name) => (
                "“{name}”没有可用的值，这一行未记账",
                "`{name}` has no usable value; the row was not posted",
                name,
            ),
            _ => return Text::fixed("未记账", "not posted"),
        };
        Text::fixed(zh, en).fill(&[("name", name)])
    }
}
