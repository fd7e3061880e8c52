//! Layouts of files that can be imported.

use qb_base::{Text, fold};

use crate::error::Position;
use crate::pack::effective::Effective;

/// How a kind of file looks.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The layout's id.
    pub id: String,
    /// What the file is called.
    pub title: Text,
    /// Where its rows go.
    pub target: LayoutTarget,
    /// Whether it is a table or a filled form.
    pub form: LayoutForm,
    /// Where the layout comes from.
    pub source: String,
    /// The role codes of those who send such files; nobody else's are taken.
    pub senders: Vec<String>,
    /// The role codes of those of whom a second person confirms what was sent, before it counts;
    /// blank for a list that decides nothing.
    pub confirmers: Vec<String>,
    /// The days on which files of it are taken.
    pub effective: Effective,
    /// Its columns in order; the income layout ends with one column per income item.
    pub columns: Vec<Column>,
    pub(crate) item_columns: bool,
    pub(crate) at: Position,
}

impl Layout {
    /// Whether a role sends such files.
    pub fn is_sent_by(&self, role: &str) -> bool {
        self.senders.iter().any(|sender| sender == role)
    }

    /// Where it stands in the pack.
    pub const fn at(&self) -> &Position {
        &self.at
    }

    /// Whether its rows decide something, so that a second person confirms them first.
    pub const fn decides(&self) -> bool {
        !self.confirmers.is_empty()
    }
}

/// What a layout's rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutTarget {
    /// Persons and households.
    Register,
    /// Income statements.
    Income,
    /// Ledgers of villages.
    VillageLedger,
    /// Designations of villages.
    Designation,
    /// Statistics from outside.
    Reference,
    /// Rows of the dataset that has the layout's id; written in `datasets/`, never as a layout.
    #[serde(skip_deserializing)]
    Record,
}

/// The shape of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LayoutForm {
    /// One record a row under a head.
    Table,
    /// Head fields, then a table of items.
    Form,
}

/// Where a column of a form stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// A field above the table, once a file.
    Head,
    /// A column of the table.
    #[default]
    Row,
}

/// One column of a layout.
#[derive(Clone, Debug)]
pub struct Column {
    /// The field it fills.
    pub id: String,
    /// Its head; the Chinese one is written into exported files.
    pub label: Text,
    /// Other heads that mean the same.
    pub aliases: Vec<String>,
    /// How its cells are read.
    pub kind: ColumnKind,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Whether it is masked and left out of notices and logs.
    pub sensitive: bool,
    /// Whether its dates may lie after the day on which the office works: what is planned, promised
    /// or due.
    pub ahead: bool,
    /// The group of `reading.toml` that may read it, where it is sensitive.
    pub readers: Option<String>,
    /// Where it stands in a form.
    pub place: Place,
    /// The unit of its values, a code of the list `unit`.
    pub unit: Option<String>,
    /// Whether it is an item of the income sheet (its id is the item's).
    pub income_item: bool,
    /// Where it stands in the pack.
    pub at: Position,
}

/// How a cell is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Any text.
    Text,
    /// A person's name.
    Name,
    /// An identity number.
    ResidentId,
    /// Name or code of a county.
    AreaCounty,
    /// Name or code of a town.
    AreaTown,
    /// Name or code of a village.
    AreaVillage,
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// Money in yuan.
    MoneyYuan,
    /// Money in ten thousand yuan.
    MoneyWanYuan,
    /// A year.
    Year,
    /// A month.
    Month,
    /// A date, as far as it is known.
    Date,
    /// A label of a code list.
    Code(String),
    /// Yes or no.
    Bool,
    /// A phone number.
    Phone,
}

impl ColumnKind {
    /// All kinds but codes, as a layout writes them.
    const NAMES: [(&'static str, Self); 15] = [
        ("text", Self::Text),
        ("name", Self::Name),
        ("resident_id", Self::ResidentId),
        ("area_county", Self::AreaCounty),
        ("area_town", Self::AreaTown),
        ("area_village", Self::AreaVillage),
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("money_yuan", Self::MoneyYuan),
        ("money_wan_yuan", Self::MoneyWanYuan),
        ("year", Self::Year),
        ("month", Self::Month),
        ("date", Self::Date),
        ("bool", Self::Bool),
        ("phone", Self::Phone),
    ];

    /// Reads `money_yuan`, `code:cause`, …
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(list) = text.strip_prefix("code:") {
            return (!list.is_empty()).then(|| Self::Code(list.to_owned()));
        }
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, kind)| kind.clone())
    }

    /// The names a layout may write, for messages.
    pub(crate) fn names() -> String {
        let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
        format!("{}, code:LIST", names.join(", "))
    }
}

impl Layout {
    /// The column whose head this is; blanks, width and variant characters don't matter.
    pub fn column_of_head(&self, head: &str) -> Option<&Column> {
        let key = fold::key(head);
        if key.is_empty() {
            return None;
        }
        self.columns.iter().find(|column| column.heads().any(|known| fold::key(known) == key))
    }

    /// The column that fills a field.
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }
}

impl Column {
    /// Every head under which the column is known, the exported one first.
    pub fn heads(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.label.zh).chain(self.aliases.iter().map(String::as_str))
    }
}
