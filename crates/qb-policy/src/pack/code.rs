//! Code lists and income items: labels of files mapped to codes.

use std::collections::HashMap;

use qb_base::{Text, fold};

use crate::error::Position;

/// A list that maps labels to codes; bare numbers of other systems are never codes.
#[derive(Clone, Debug)]
pub struct CodeList {
    /// Name of the list, as layouts cite it (`code:cause`).
    pub id: String,
    /// What the list is about.
    pub title: Text,
    /// Where the labels come from.
    pub source: String,
    /// Whether the list's content is still to be confirmed by the programme's owner.
    pub to_be_confirmed: bool,
    /// Folded words by which files say that none of the codes holds, as a blank cell does.
    pub none: Vec<String>,
    /// The codes in the order of the document.
    pub codes: Vec<Code>,
    pub(crate) at: Position,
    /// Labels as written and folded; folding twice changes nothing, so both fit into one map.
    pub(crate) by_label: HashMap<String, usize>,
    pub(crate) by_id: HashMap<String, usize>,
}

/// One entry of a code list.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code that is stored and that expressions compare with.
    pub id: String,
    /// Its label; the Chinese one is written into exported files.
    pub label: Text,
    /// Other labels that mean the same in files.
    pub aliases: Vec<String>,
    /// The group it belongs to, if the list has groups (`income`, `cost`, `computed`, …).
    pub group: Option<String>,
    /// Where this entry comes from, when it isn't the list's source.
    pub source: Option<String>,
    pub(crate) at: Position,
}

impl CodeList {
    /// The code of a label as found in a file; blanks, width and variant characters don't matter.
    pub fn lookup(&self, label: &str) -> Option<&Code> {
        let found = self.by_label.get(label).or_else(|| self.by_label.get(&fold::key(label)));
        found.and_then(|at| self.codes.get(*at))
    }

    /// Whether a word of a file says that none of the codes holds.
    pub fn says_none(&self, label: &str) -> bool {
        !self.none.is_empty() && self.none.contains(&fold::key(label))
    }

    /// The entry of a code.
    pub fn code(&self, id: &str) -> Option<&Code> {
        self.by_id.get(id).and_then(|at| self.codes.get(*at))
    }
}

impl Code {
    /// Every label that means this code, the exported one first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.label.zh).chain(self.aliases.iter().map(String::as_str))
    }
}

/// A category of the income sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
pub enum IncomeCategory {
    /// Wages.
    #[serde(rename = "W")]
    Wage,
    /// Business income, gross.
    #[serde(rename = "B")]
    Business,
    /// Property income.
    #[serde(rename = "P")]
    Property,
    /// Transfers.
    #[serde(rename = "T")]
    Transfer,
    /// Costs of business.
    #[serde(rename = "C")]
    Cost,
    /// Costs of illness, school, housing and disaster that the household paid itself.
    #[serde(rename = "E")]
    SelfPaid,
}

/// One item of the household income sheet.
#[derive(Clone, Debug)]
pub struct IncomeItem {
    /// The item's id, also its column in the income layout.
    pub id: String,
    /// The category it adds to.
    pub category: IncomeCategory,
    /// Its label; the Chinese one heads its column.
    pub label: Text,
    /// Other column heads that mean the same.
    pub aliases: Vec<String>,
    /// Whether the scheme counts it in net income.
    pub counted: bool,
    /// Whether it is the yield of support projects; true for one item.
    pub project_yield: bool,
    /// Whether a household has it from the programme and no list of payments holds it, so that only
    /// the income sheet tells who does.
    pub support: bool,
    /// Where the treatment comes from.
    pub source: String,
    pub(crate) at: Position,
}
