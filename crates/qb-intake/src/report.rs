//! What an import tells: one JSON document for scripts, the same numbers for pages.

use qb_base::Text;
use qb_registry::events::EventCount;
use qb_registry::{FaultDraft, Severity};

/// The outcome of an import.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct ImportReport {
    /// Number of the run in the store.
    pub run: i64,
    /// Whether anything waits or was refused.
    pub state: ImportState,
    /// Every file with what became of it; as JSON each says it in words.
    #[serde(serialize_with = "in_words")]
    pub files: Vec<FileReport>,
    /// Rows that are records.
    pub rows_read: u64,
    /// Rows that are in the store now.
    pub rows_accepted: u64,
    /// Rows that are not, each with a fault.
    pub rows_rejected: u64,
    /// Accepted rows in which something was repaired.
    pub rows_repaired: u64,
    /// Rows that came before and were taken back.
    pub rows_withdrawn: u64,
    /// Which rows those are, by file, list and county.
    pub withdrawn: Vec<Withdrawn>,
    /// Events that newer rosters brought: what differed from the register, and what became of it.
    pub events: Vec<EventCount>,
    /// People in the register after the import.
    pub people: u64,
    /// Households in the register after the import.
    pub households: u64,
    /// How often each kind of fault occurred.
    pub fault_counts: Vec<FaultCount>,
    /// The faults; the store holds all of them, this list is bounded per file.
    pub faults: Vec<Fault>,
}

impl ImportReport {
    /// True when every file could be used whole: the exit code is 0.
    pub fn is_complete(&self) -> bool {
        let used =
            |file: &FileReport| !matches!(file.state, FileState::Refused | FileState::Partial);
        self.files.iter().all(used)
    }
}

/// What became of an import as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Every file counts now.
    #[default]
    Done,
    /// A file waits for a second person.
    Waiting,
    /// A file cannot be used, and none waits.
    Failed,
}

impl ImportState {
    pub(crate) fn of(files: &[FileReport]) -> Self {
        let has = |state| files.iter().any(|file| file.state == state);
        let is_faulty = has(FileState::Refused) || has(FileState::Partial);
        match (has(FileState::Waiting), is_faulty) {
            (true, _) => Self::Waiting,
            (false, true) => Self::Failed,
            (false, false) => Self::Done,
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It was imported now.
    Imported,
    /// It was imported now, but for sheets that follow a layout and lack a column of it.
    Partial,
    /// It had been imported before and was not read again.
    Unchanged,
    /// It lay in a folder and is no table: a document, a picture, a cache of pictures.
    NotATable,
    /// It had been imported before, and what was left open then was tried again.
    Retried,
    /// It cannot be used at all.
    Refused,
    /// It decides something and waits until a second person confirms it.
    Waiting,
    /// It is gone from a folder that was imported before, and so is what it said.
    Withdrawn,
}

/// One file of an import.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FileReport {
    /// Path below the folder that was given.
    pub name: String,
    /// What became of it.
    pub state: FileState,
    /// The layout.
    pub layout: Option<String>,
    /// Format and encoding.
    pub encoding: Option<String>,
    /// Rows that are records.
    pub rows_read: u64,
    /// Rows accepted.
    pub rows_accepted: u64,
    /// Rows refused.
    pub rows_rejected: u64,
    /// Rows repaired.
    pub rows_repaired: u64,
    /// When it came, where it had come before.
    pub came: Option<Came>,
    /// The batch it waits in, if it waits.
    pub batch: Option<i64>,
    /// Why it cannot be used, what it waits for, or what became of one that had come before.
    pub message: Option<Text>,
    /// What to do about it.
    pub remedy: Option<Text>,
}

impl FileReport {
    /// A file of which nothing is to be said yet but what became of it.
    pub(crate) fn new(name: &str, state: FileState) -> Self {
        Self {
            name: name.to_owned(),
            state,
            layout: None,
            encoding: None,
            rows_read: 0,
            rows_accepted: 0,
            rows_rejected: 0,
            rows_repaired: 0,
            came: None,
            batch: None,
            message: None,
            remedy: None,
        }
    }

    /// What became of the file, in words: of one that is simply in, its rows.
    pub fn said(&self) -> Text {
        let counted = || {
            let said = Text::fixed(
                "读{read}行,导入{accepted}行,拒收{rejected}行。",
                "{read} rows read: {accepted} accepted, {rejected} refused",
            );
            said.fill(&[
                ("read", &self.rows_read.to_string()),
                ("accepted", &self.rows_accepted.to_string()),
                ("rejected", &self.rows_rejected.to_string()),
            ])
        };
        self.message.clone().unwrap_or_else(counted)
    }
}

fn in_words<S: serde::Serializer>(files: &[FileReport], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(
        files.iter().map(|file| FileReport { message: Some(file.said()), ..file.clone() }),
    )
}

/// When a file came before.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Came {
    /// The import that brought it.
    pub run: i64,
    /// The minute it came, in China.
    pub at: String,
    /// Rows that were refused then.
    pub rows_rejected: u64,
}

/// Rows of a file that an import took back, in one list and county.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Withdrawn {
    /// The file that had brought them.
    pub file: String,
    /// The list: the id of its layout.
    pub list: String,
    /// The county they stood in, or the area above it.
    pub county: String,
    /// Why.
    pub because: WithdrawnBecause,
    /// How many.
    pub rows: u64,
    /// Their rows in that file, the first ones of many.
    pub lines: Vec<i64>,
}

/// Why rows were taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawnBecause {
    /// A newer version of the file no longer holds them.
    Replaced,
    /// The file is gone from its folder.
    Gone,
}

impl WithdrawnBecause {
    /// The word stored with a row.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Gone => "gone",
        }
    }
}

/// How often a kind of fault occurred.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FaultCount {
    /// Code of the fault.
    pub code: String,
    /// What becomes of such a row.
    pub severity: Severity,
    /// Cells, rows or households concerned.
    pub count: u64,
}

impl FaultCount {
    pub(crate) fn new(fault: &FaultDraft) -> Self {
        Self { code: fault.issue.code().to_owned(), severity: fault.severity, count: 0 }
    }
}

/// One fault.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Fault {
    /// Code of the fault: F1–F18 or a word.
    pub code: String,
    /// What became of the row.
    pub severity: Severity,
    /// The file.
    pub file: String,
    /// The sheet; blank for text tables.
    pub sheet: String,
    /// The row as the clerk sees it, from 1.
    pub row: u32,
    /// The column from 1.
    pub column: Option<u32>,
    /// The column's head.
    pub column_label: Option<String>,
    /// What was found.
    pub message: Text,
    /// What to do.
    pub remedy: Text,
}

impl Fault {
    pub(crate) fn new(file: &str, sheet: &str, fault: &FaultDraft) -> Self {
        Self {
            code: fault.issue.code().to_owned(),
            severity: fault.severity,
            file: file.to_owned(),
            sheet: sheet.to_owned(),
            row: fault.row,
            column: fault.column,
            column_label: fault.label.clone(),
            message: fault.message.clone(),
            remedy: fault.remedy.clone(),
        }
    }
}
