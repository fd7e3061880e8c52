//! The pack's `ledger.toml`: kinds of accounts, how rows become entries, when money lies still.

use qb_base::Text;
use qb_policy::{Fault, Pack, PartFile};
use serde::Deserialize;
use toml::Spanned;

use crate::error::FundError;

const FILE: &str = "ledger.toml";

/// Stands among an account's key columns for the area of the row.
pub(crate) const ROW_AREA: &str = "area_code";

/// What `ledger.toml` says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRules {
    /// Code lists behind the attributes of accounts.
    #[serde(default)]
    pub lists: Lists,
    /// The kinds of accounts.
    #[serde(default, rename = "account")]
    pub accounts: Vec<AccountKind>,
    /// The kinds of entries, in the order in which they are posted.
    #[serde(default, rename = "entry")]
    pub entries: Vec<EntryRule>,
    /// When money lies still.
    #[serde(default)]
    pub idle: Vec<IdleClock>,
    /// Sums that are set against those of the round before.
    #[serde(default, rename = "comparison")]
    pub comparisons: Vec<Comparison>,
}

/// Code lists behind the attributes of accounts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// Of `source`.
    pub source: String,
    /// Of `purpose`.
    pub purpose: String,
    /// Of `level`.
    pub level: String,
    /// The dataset that says where a project stands.
    pub projects: String,
    /// The dataset with the rounds of the programme.
    pub rounds: String,
}

/// A kind of account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountKind {
    /// Its name.
    pub kind: Spanned<String>,
    /// What it holds.
    pub says: Text,
    /// Where the kind comes from.
    pub source: Spanned<String>,
    /// Whether it may fall below zero: money comes from there.
    #[serde(default)]
    pub overdraw: bool,
    /// Attributes taken from the row that opens it.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Attributes taken from the account the money comes from.
    #[serde(default)]
    pub inherits: Vec<Attribute>,
    /// The column with the day from which its money can lie still.
    pub since: Option<String>,
    /// Whether it belongs to the project of `project_no`.
    #[serde(default)]
    pub project: bool,
    /// Whether it belongs to the household of `household_no`.
    #[serde(default)]
    pub household: bool,
    /// The kind of account where the thread of its money goes on, under the same project.
    pub continues: Option<Spanned<String>>,
}

impl AccountKind {
    /// What an account of the kind may not fall below, in fen; none where money comes from it.
    pub(crate) fn floor(&self) -> Option<i64> {
        (!self.overdraw).then_some(0)
    }
}

/// An attribute of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// The level that appropriated the money.
    Level,
    /// The budget year.
    Year,
    /// The kind of source.
    Source,
    /// What it is for.
    Purpose,
}

/// How a row of a dataset becomes an entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRule {
    /// The entry's kind.
    pub kind: Spanned<String>,
    /// What it records.
    pub says: Text,
    /// Where the kind comes from.
    pub source: Spanned<String>,
    /// The dataset.
    pub dataset: Spanned<String>,
    /// The column with the day; while it is blank the row waits. A year stands for its last day.
    pub day: String,
    /// The column with the key of the row that this one reverses.
    pub reverses: Option<String>,
    /// What moves.
    pub line: Vec<Line>,
}

/// One posting of an entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Whether the money leaves or reaches the account.
    pub side: Side,
    /// The column with the amount; none for the rest.
    pub amount: Option<String>,
    /// The accounts it can be; the first whose key columns are filled is taken.
    pub at: Vec<Choice>,
}

/// The direction of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Money leaves the account.
    From,
    /// Money reaches the account.
    To,
    /// What the other lines leave over reaches the account.
    Rest,
}

/// An account that a line can go to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its kind.
    pub account: Spanned<String>,
    /// The columns whose values make its code.
    pub key: Vec<Spanned<String>>,
    /// Whether the entry may open it.
    #[serde(default)]
    pub opens: bool,
}

/// A clock on money that lies still.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdleClock {
    /// Its name.
    pub id: String,
    /// The kind of account.
    pub account: Spanned<String>,
    /// Days since the account's `since`.
    pub days: i64,
    /// What it means when it has run out.
    pub says: Text,
    /// Where the number comes from.
    pub source: Spanned<String>,
}

/// A sum of one year against the sum of the round before.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Its name.
    pub id: String,
    /// What is compared.
    pub says: Text,
    /// Where it comes from.
    pub source: Spanned<String>,
    /// The level that appropriates.
    pub level: String,
    /// The kinds of sources that count.
    pub sources: Vec<String>,
}

impl LedgerRules {
    /// The rules of a pack; empty when it has no `ledger.toml`.
    ///
    /// # Errors
    /// When the file has faults.
    pub fn of(pack: &Pack) -> Result<Self, FundError> {
        let Some(file) = pack.part_files.get(FILE) else { return Ok(Self::default()) };
        let rules: Self = file.parse().map_err(|fault| FundError::Rules(vec![fault]))?;
        let faults = rules.faults(file, pack);
        if faults.is_empty() { Ok(rules) } else { Err(FundError::Rules(faults)) }
    }

    /// A kind of account.
    pub fn account(&self, kind: &str) -> Option<&AccountKind> {
        self.accounts.iter().find(|account| account.kind.as_ref() == kind)
    }

    fn faults(&self, file: &PartFile, pack: &Pack) -> Vec<Fault> {
        let mut found = Checker { rules: self, file, pack, faults: Vec::new() };
        found.accounts();
        self.entries.iter().for_each(|entry| found.entry(entry));
        found.clocks();
        found.lists();
        found.faults
    }
}

/// The faults of a pack's `ledger.toml`.
pub fn check(pack: &Pack) -> Vec<Fault> {
    match LedgerRules::of(pack) {
        Err(FundError::Rules(faults)) => faults,
        _ => Vec::new(),
    }
}

struct Checker<'a> {
    rules: &'a LedgerRules,
    file: &'a PartFile,
    pack: &'a Pack,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn fault(&mut self, at: &Spanned<String>, zh: &str, en: &str) {
        let fill = |text: &str| text.replace("{name}", at.as_ref());
        self.faults.push(self.file.fault(&at.span(), fill(zh), fill(en)));
    }

    fn sourced(&mut self, source: &Spanned<String>) {
        if source.as_ref().trim().is_empty() {
            self.fault(source, "出处是空的", "the source is blank");
        }
    }

    fn known(&mut self, kind: &Spanned<String>) {
        if self.rules.account(kind.as_ref()).is_none() {
            self.fault(kind, "没有账户类别“{name}”", "there is no kind of account `{name}`");
        }
    }

    fn accounts(&mut self) {
        for (i, account) in self.rules.accounts.iter().enumerate() {
            self.sourced(&account.source);
            let earlier = self.rules.accounts.iter().take(i);
            if earlier.into_iter().any(|other| other.kind.as_ref() == account.kind.as_ref()) {
                self.fault(&account.kind, "“{name}”写了两次", "`{name}` stands twice");
            }
            if let Some(next) = &account.continues {
                self.known(next);
            }
        }
    }

    fn entry(&mut self, entry: &EntryRule) {
        self.sourced(&entry.source);
        let Some(dataset) = self.pack.dataset(entry.dataset.as_ref()) else {
            self.fault(&entry.dataset, "没有数据表“{name}”", "there is no dataset `{name}`");
            return;
        };
        let amounts = entry.line.iter().filter_map(|line| line.amount.as_ref());
        let columns = [&entry.day].into_iter().chain(&entry.reverses).chain(amounts);
        for column in columns.filter(|column| dataset.column(column).is_none()) {
            self.faults.push(self.file.fault(
                &entry.dataset.span(),
                format!("数据表没有列“{column}”"),
                format!("the dataset has no column `{column}`"),
            ));
        }
        for choice in entry.line.iter().flat_map(|line| &line.at) {
            self.known(&choice.account);
            let known = |key: &str| key == ROW_AREA || dataset.column(key).is_some();
            for key in choice.key.iter().filter(|key| !known(key.as_ref())) {
                self.fault(key, "数据表没有列“{name}”", "the dataset has no column `{name}`");
            }
        }
        let sides = |side| entry.line.iter().filter(|line| line.side == side).count();
        let takes_rest = entry.line.iter().any(|l| (l.side == Side::Rest) != l.amount.is_none());
        if sides(Side::From) != 1 || sides(Side::Rest) > 1 || takes_rest {
            self.fault(
                &entry.kind,
                "“{name}”要有一条from，最多一条rest；rest不写amount，其余都写",
                "`{name}` needs one `from` line and at most one `rest`, which alone has no amount",
            );
        }
    }

    fn clocks(&mut self) {
        for clock in &self.rules.idle {
            self.sourced(&clock.source);
            self.known(&clock.account);
            let timed =
                self.rules.account(clock.account.as_ref()).is_none_or(|a| a.since.is_some());
            if !timed || clock.days <= 0 {
                self.fault(
                    &clock.account,
                    "“{name}”没有since，或天数不大于零",
                    "`{name}` has no `since`, or the days are not above zero",
                );
            }
        }
        for comparison in &self.rules.comparisons {
            self.sourced(&comparison.source);
            let list = self.pack.code_list(&self.rules.lists.source);
            let unknown = |code: &&String| list.is_none_or(|list| list.code(code).is_none());
            for code in comparison.sources.iter().filter(unknown) {
                self.faults.push(self.file.fault(
                    &comparison.source.span(),
                    format!("资金来源没有代码“{code}”"),
                    format!("the list of sources has no code `{code}`"),
                ));
            }
        }
    }

    fn lists(&mut self) {
        let lists = &self.rules.lists;
        for list in [&lists.source, &lists.purpose, &lists.level] {
            if !self.rules.accounts.is_empty() && self.pack.code_list(list).is_none() {
                self.faults.push(self.file.fault(
                    &(0..0),
                    format!("没有代码表“{list}”"),
                    format!("there is no code list `{list}`"),
                ));
            }
        }
    }
}
