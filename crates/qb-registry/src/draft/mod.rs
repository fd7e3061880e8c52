//! Rows as whoever read them hands them over, before the register gives them ids. Texts lie in one
//! arena per batch.

mod household;
mod income;
mod person;
mod record;
mod village;

use qb_base::keyring::Purpose;
use qb_base::{BlindIndex, Keyring};

pub use household::{HOUSEHOLD_CODES, HouseholdDraft, HouseholdValues, RegisterBatch};
pub use income::{IncomeBatch, StatementDraft};
pub use person::{IdentityDraft, PERSON_CODES, PersonDraft, RELATION_HEAD};
pub use record::{RecordBatch, RecordDraft, SheetColumn};
pub use village::{DesignationDraft, LedgerDraft, LedgerLine, ReferenceDraft};

/// A range of a batch's arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    len: u32,
}

/// A range of the texts of a batch's arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextSpan(Span);

/// Texts and sealed bytes of a batch, apart: so no text is ever tested for UTF-8 again.
#[derive(Debug, Default)]
pub struct Arena {
    texts: String,
    bytes: Vec<u8>,
}

impl Arena {
    /// Adds bytes.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) -> Span {
        let span = span(self.bytes.len(), bytes.len());
        self.bytes.extend_from_slice(bytes);
        span
    }

    /// Adds a text.
    #[inline]
    pub fn put_text(&mut self, text: &str) -> TextSpan {
        let span = span(self.texts.len(), text.len());
        self.texts.push_str(text);
        TextSpan(span)
    }

    /// The bytes of a range.
    #[inline]
    pub fn bytes(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        &self.bytes[start..start + span.len as usize]
    }

    /// The text of a range.
    #[inline]
    pub fn text(&self, TextSpan(span): TextSpan) -> &str {
        let start = span.start as usize;
        &self.texts[start..start + span.len as usize]
    }

    /// Encrypts an identity number among the texts for a person; answers where it lies, and its
    /// index.
    fn seal(
        &mut self,
        keyring: &Keyring,
        (person, number): (TextSpan, TextSpan),
    ) -> (Span, BlindIndex) {
        let start = self.bytes.len();
        let text = |TextSpan(span): TextSpan| {
            let from = span.start as usize;
            &self.texts[from..from + span.len as usize]
        };
        let (row, digits) = ([text(person)], text(number).as_bytes());
        let blind = keyring.seal_into(Purpose::ResidentNumber, &row, digits, &mut self.bytes);
        (span(start, self.bytes.len() - start), blind)
    }

    fn clear(&mut self) {
        self.texts.clear();
        self.bytes.clear();
    }
}

#[inline]
fn span(start: usize, len: usize) -> Span {
    Span { start: offset(start), len: offset(len) }
}

/// Arena positions fit 32 bits because a batch is handed on long before 4 GiB.
#[inline]
pub fn offset(position: usize) -> u32 {
    // See above: a batch ends at some megabytes.
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Columns of which a row says nothing, by their places: what is known of them stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unstated(u64);

impl Unstated {
    /// Notes that a row says nothing about a column.
    #[inline]
    pub fn note(&mut self, column: usize, says_nothing: bool) {
        self.0 |= u64::from(says_nothing) << column;
    }

    /// Whether nothing is said about a column.
    #[inline]
    pub fn has(self, column: usize) -> bool {
        self.0 >> column & 1 == 1
    }

    /// What it adds to the digest of a row: a blank cell differs from one that is not there.
    #[inline]
    pub fn digest(self) -> u64 {
        self.0
    }
}

/// The cells of a row that may have to be refused, as whoever read it keeps them; the register
/// never looks into them.
#[derive(Clone, Copy, Debug)]
pub enum Sent<'a> {
    /// As they are kept.
    Written(&'a [u8]),
    /// By their place among the rows that were copied with the batch.
    Copied(u32),
}
