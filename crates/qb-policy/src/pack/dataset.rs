//! Datasets: kinds of raw files that become tables of their own, declared in `datasets/ID.toml`.

use qb_base::{AreaLevel, Text};

use crate::error::Position;
use crate::pack::effective::Effective;
use crate::pack::layout::{Column, ColumnKind, Layout, LayoutForm, LayoutTarget};

/// Columns every table of a dataset begins with; a dataset's own columns have other names.
pub const TABLE_COLUMNS: [&str; 4] = ["record_id", "area_code", "household_id", "person_id"];

/// Column that links a row to a household by its number.
pub const HOUSEHOLD_LINK: &str = "household_no";

/// Column that links a row to a person by the exact identity number.
pub const PERSON_LINK: &str = "id_no";

/// Column that names a person by the number of the register.
pub const PERSON_NUMBER: &str = "person_no";

/// A kind of raw file: its columns, its key and where it stands in the menu.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Its id; also its layout's and its table's.
    pub id: String,
    /// What the file is called.
    pub title: Text,
    /// Where the dataset comes from.
    pub source: String,
    /// The group of `reading.toml` that may read it; without one nobody does.
    pub readers: Option<String>,
    /// Where it stands in the menu.
    pub room: Room,
    /// The days on which files of it are taken.
    pub effective: Effective,
    /// The role codes of those who send it; nobody else's files are taken.
    pub senders: Vec<String>,
    /// The role codes of those of whom a second person confirms what was sent, before it counts;
    /// blank for a list that decides nothing.
    pub confirmers: Vec<String>,
    /// Who types single rows of it; none where rows only come in files.
    pub entry: Option<Entry>,
    /// The columns that tell its rows apart; a later row with the same values replaces the earlier.
    pub key: Vec<String>,
    /// Columns that name a row of another list by its key, and the list: a row attaches to what it
    /// names, so that whoever sends it answers for that too, or stands below it.
    pub attaches: Vec<Attachment>,
    /// Columns that name rows of another list wherever these stand, since naming them changes
    /// nothing there.
    pub cites_anywhere: Vec<String>,
    /// The columns between which a row holds.
    pub spell: Option<Spell>,
    /// The case each row is the history of.
    pub case: Option<DatasetCase>,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// Where it stands in the pack.
    pub at: Position,
    pub(crate) cited: Vec<Cited>,
}

/// A column that names a row of another list by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The column.
    pub column: String,
    /// The list whose key it is.
    pub dataset: String,
}

/// A column named by a dataset's head, with its place and what may stand there.
#[derive(Clone, Debug)]
pub(crate) struct Cited {
    pub(crate) column: String,
    pub(crate) at: Position,
    pub(crate) role: Role,
    /// Whether it is a column of the list that holds the case's parts.
    pub(crate) of_parts: bool,
}

/// What a cited column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Key,
    Day,
    Count,
    Share,
    Words,
    /// A text column that is the whole key.
    Number,
    /// A text column that is not sealed.
    Open,
    /// A column that names a row of another list.
    Cites,
    /// A column of levels of areas.
    Level,
    /// Any column.
    Any,
}

/// How people type a row of a dataset.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The role codes of those who do.
    pub roles: Vec<String>,
    /// The column whose value the program makes up: a number that nobody has to invent.
    pub numbered: Option<String>,
    /// The column that holds the number of whoever types, where the account has one.
    pub own: Option<String>,
    /// The columns that are typed; all of them where it is not said.
    pub columns: Option<Vec<String>>,
    /// Where it stands in the pack.
    pub at: Position,
}

/// The part of the menu under which a dataset is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Room {
    /// Who answers for what.
    Responsibility,
    /// Who is helped.
    Targeting,
    /// What helps.
    Measures,
    /// The money.
    Funds,
    /// The villages.
    Villages,
    /// Health, school, roads, works.
    Services,
    /// How it is judged.
    Assessment,
    /// What is published.
    Report,
    /// Everything else.
    Data,
}

/// The period in which a row holds, as two of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The column with the first day.
    pub from: String,
    /// The column with the last day; blank while the row still holds.
    pub to: String,
}

/// How a row tells the history of a case.
#[derive(Clone, Debug)]
pub struct DatasetCase {
    /// The state machine, a file of `machines/`.
    pub machine: String,
    /// What the case is about; its number is the row's key.
    pub subject: String,
    /// The dataset whose rows hold steps of their own; its key is this one's key and a code more.
    pub parts: Option<String>,
    /// The steps the row holds.
    pub steps: Vec<CaseStep>,
    /// Where it stands in the pack.
    pub at: Position,
}

/// One step of a case and the columns it is read from.
#[derive(Clone, Debug)]
pub struct CaseStep {
    /// The transition of the machine.
    pub transition: String,
    /// The code of the part whose row holds the step; `None` for the case's own row.
    pub part: Option<String>,
    /// The day; blank while the step is not done.
    pub on: String,
    /// How many attended an assembly.
    pub present: Option<String>,
    /// How many were entitled to attend.
    pub entitled: Option<String>,
    /// The share of a sample that was checked.
    pub share: Option<String>,
    /// The last day of a public notice.
    pub until: Option<String>,
    /// The number of the document.
    pub document: Option<String>,
    /// Why it was taken.
    pub reason: Option<String>,
    /// The level of the office that took it.
    pub level: Option<String>,
    /// The number of the person who took it; a step without one is irregular.
    pub by: String,
    /// The number under which its papers are kept; a step without one is irregular.
    pub paper: String,
    /// Where it stands in the pack.
    pub at: Position,
}

impl Dataset {
    /// The column of that id.
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// Whether its rows are matched with persons or households.
    pub fn meets_register(&self) -> bool {
        [HOUSEHOLD_LINK, PERSON_LINK].iter().any(|id| self.column(id).is_some())
    }

    /// Every column that is another list's whole key, with that list; households and persons are
    /// linked otherwise, and places are no rows of lists.
    pub(crate) fn named_keys<'d>(
        &'d self,
        all: &'d [Self],
    ) -> impl Iterator<Item = Attachment> + 'd {
        let is_link = |id: &str| [HOUSEHOLD_LINK, PERSON_LINK, PERSON_NUMBER].contains(&id);
        let columns = self.columns.iter().filter(move |column| {
            column.kind == ColumnKind::Text && !column.is_sealed() && !is_link(&column.id)
        });
        columns.flat_map(move |column| {
            let is_key = |other: &&Self| other.id != self.id && other.key == [column.id.as_str()];
            all.iter()
                .filter(is_key)
                .map(|other| Attachment { column: column.id.clone(), dataset: other.id.clone() })
        })
    }

    /// The layout by which files of the dataset are recognised.
    pub(crate) fn layout(&self) -> Layout {
        Layout {
            id: self.id.clone(),
            title: self.title.clone(),
            target: LayoutTarget::Record,
            form: LayoutForm::Table,
            source: self.source.clone(),
            effective: self.effective,
            senders: self.senders.clone(),
            confirmers: self.confirmers.clone(),
            columns: self.columns.clone(),
            item_columns: false,
            at: self.at.clone(),
        }
    }
}

impl Column {
    /// Whether its values are stored sealed: what is marked sensitive, and names, identity numbers
    /// and phones in any case.
    pub fn is_sealed(&self) -> bool {
        self.sensitive
            || matches!(self.kind, ColumnKind::Name | ColumnKind::ResidentId | ColumnKind::Phone)
    }

    /// The level of the place it names, if it names one.
    pub const fn area_level(&self) -> Option<AreaLevel> {
        match self.kind {
            ColumnKind::AreaCounty => Some(AreaLevel::County),
            ColumnKind::AreaTown => Some(AreaLevel::Town),
            ColumnKind::AreaVillage => Some(AreaLevel::Village),
            _ => None,
        }
    }

    /// Whether it names the place of a row.
    pub const fn is_area(&self) -> bool {
        self.area_level().is_some()
    }

    /// The column of the dataset's table it becomes: money ends `_fen`; none for sealed values and
    /// places.
    pub fn table_column(&self) -> Option<String> {
        if self.is_sealed() || self.is_area() {
            return None;
        }
        Some(match self.kind {
            ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan => format!("{}_fen", self.id),
            _ => self.id.clone(),
        })
    }
}
