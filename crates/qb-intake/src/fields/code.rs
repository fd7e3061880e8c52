//! Labels of code lists (fault F13): each distinct text is looked up once and remembered.

use std::sync::Arc;

use qb_policy::CodeList;
use qb_registry::hash::{self, QuickMap};

use super::{Issue, Reading, is_null_word};
use crate::read::batch::Value;

/// Distinct texts remembered per list; a column of free text must not fill the memory.
const REMEMBERED_MAX: usize = 4096;
/// What the absence of a code adds to a digest.
const NO_CODE: u64 = 0;

/// Reads the labels of one list; codes are numbered by their place in it.
#[derive(Clone, Debug)]
pub struct CodeReader {
    list: Arc<CodeList>,
    known: QuickMap<Vec<u8>, Reading<u16>>,
    last: (Vec<u8>, Reading<u16>),
    digests: Vec<u64>,
}

impl CodeReader {
    /// Prepares a list.
    pub fn new(list: &CodeList) -> Self {
        Self {
            digests: list.codes.iter().map(|code| hash::of(code.id.as_bytes())).collect(),
            list: Arc::new(list.clone()),
            known: QuickMap::default(),
            last: (Vec::new(), Reading::Blank),
        }
    }

    /// The list.
    pub fn list(&self) -> &Arc<CodeList> {
        &self.list
    }

    /// What a code adds to the digest of a row: a hash of its id, which stays when the list is
    /// changed around it.
    pub(crate) fn digest(&self, code: Option<u16>) -> u64 {
        code.and_then(|at| self.digests.get(usize::from(at))).copied().unwrap_or(NO_CODE)
    }

    /// Reads a label.
    #[inline]
    pub fn read(&mut self, value: Value<'_>) -> Reading<u16> {
        if value.text.is_empty() {
            return Reading::Blank;
        }
        if self.last.0 == value.text {
            return self.last.1;
        }
        let reading = match self.known.get(value.text) {
            Some(reading) => *reading,
            None => self.look_up(value),
        };
        self.last.0.clear();
        self.last.0.extend_from_slice(value.text);
        self.last.1 = reading;
        reading
    }

    fn look_up(&mut self, value: Value<'_>) -> Reading<u16> {
        let reading = self.resolve(value);
        if self.known.len() < REMEMBERED_MAX {
            self.known.insert(value.text.to_vec(), reading);
        }
        reading
    }

    fn resolve(&self, value: Value<'_>) -> Reading<u16> {
        let label = value.trimmed();
        if label.is_empty() {
            return Reading::Blank;
        }
        let position = |id: &str| {
            self.list
                .codes
                .iter()
                .position(|code| code.id == id)
                .and_then(|at| u16::try_from(at).ok())
        };
        match self.list.lookup(&label) {
            Some(code) => match position(&code.id) {
                // The code itself is as exact as its label, where a list lets it stand in files.
                Some(at) if *code.label.zh == *label || code.id == *label => Reading::Value(at),
                Some(at) => Reading::Repaired(at, Issue::LabelAlias),
                None => Reading::Fault(Issue::LabelUnknown),
            },
            None if self.list.says_none(&label) => Reading::Blank,
            None if is_null_word(&label) => Reading::Null,
            None => Reading::Fault(Issue::LabelUnknown),
        }
    }
}
