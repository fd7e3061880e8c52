//! Who imports, within which bounds, and how far it is.

use qb_access::{Role, Sender};
use qb_base::{AreaCode, Date};
use qb_registry::commands::Replaces;
use qb_registry::events::Applying;

/// Who imports, and within which bounds.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Login of the person, or `system`; written into the audit chain.
    pub actor: String,
    /// The role the person works in: files that others send are refused; none for the operator at
    /// the command line, who hands in what offices sent.
    pub role: Option<Role>,
    /// Rows outside this area are refused, and nothing outside it is changed; none means
    /// everywhere.
    pub within: Option<AreaCode>,
    /// What becomes of files of lists that decide.
    pub deciding: Deciding,
    /// Nobody else needs the store meanwhile: a first load then writes each page once, and readers
    /// wait for it. Without effect while another process has the store open.
    pub alone: bool,
    /// The day after which nothing can have happened; none means the office's day.
    pub today: Option<Date>,
    /// The one row a person typed: no patterns over whole files are looked for, and lists of
    /// imports leave it out.
    pub typed: Option<Replaces>,
    /// The event that the one row applies: decided in the transaction that writes it.
    pub event: Option<Applying>,
    /// Ends the import with an error after so many written rows: for tests of interrupted imports.
    pub stop_after_rows: Option<u64>,
}

impl ImportOptions {
    /// Who sends; an area that holds the whole installation is everywhere.
    pub(crate) fn sender(&self, whole: AreaCode) -> Sender {
        let sender = Sender { role: self.role, area: self.within };
        if sender.is_everywhere(whole) { Sender { area: None, ..sender } } else { sender }
    }
}

/// What becomes of files of lists that decide: exits, money, findings, surveys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Deciding {
    /// They count at once: a first load, before anybody has an account who could confirm them.
    #[default]
    InitialLoad,
    /// They wait until a second person confirms them.
    Wait,
    /// This person confirmed them.
    Confirmed(String),
}

impl Deciding {
    /// What the audit chain says of an import that is opened.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::InitialLoad => "initial load".to_owned(),
            Self::Wait => String::new(),
            Self::Confirmed(actor) => format!("confirmed by {actor}"),
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file being read.
    pub file: &'a str,
    /// Files done.
    pub files_done: usize,
    /// Files altogether.
    pub files_all: usize,
    /// Rows of this file so far.
    pub rows: u64,
}

/// Receives progress.
pub type OnProgress<'a> = dyn FnMut(Progress<'_>) + 'a;
