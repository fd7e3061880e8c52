//! Records as parsed, before the store gives them ids. Texts lie in one arena per batch.

use std::sync::Arc;

use qb_base::keyring::Purpose;
use qb_base::{AreaCode, BlindIndex, Keyring, Text};

use super::kept::Sent;
use crate::fields::{Issue, Severity};
use crate::read::batch::{Copies, RowCopy, offset};

/// A range of a batch's arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

/// A range of the texts of a batch's arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextSpan(Span);

/// Texts and sealed bytes of a batch, apart: so no text is ever tested for UTF-8 again.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    texts: String,
    bytes: Vec<u8>,
    /// Rows as they were sent.
    pub(crate) rows: Copies,
}

impl Arena {
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Span {
        let span = span(self.bytes.len(), bytes.len());
        self.bytes.extend_from_slice(bytes);
        span
    }

    #[inline]
    pub(crate) fn put_text(&mut self, text: &str) -> TextSpan {
        let span = span(self.texts.len(), text.len());
        self.texts.push_str(text);
        TextSpan(span)
    }

    #[inline]
    pub(crate) fn bytes(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        &self.bytes[start..start + span.len as usize]
    }

    /// A row as it was sent.
    #[inline]
    pub(crate) fn sent(&self, row: RowCopy) -> Sent<'_> {
        Sent::Copied(&self.rows, row)
    }

    #[inline]
    pub(crate) fn text(&self, TextSpan(span): TextSpan) -> &str {
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
        self.rows.clear();
    }
}

#[inline]
fn span(start: usize, len: usize) -> Span {
    Span { start: offset(start), len: offset(len) }
}

/// A fault, ready to be stored and shown.
#[derive(Clone, Debug)]
pub(crate) struct FaultDraft {
    pub(crate) issue: Issue,
    pub(crate) severity: Severity,
    pub(crate) row: u32,
    /// Column of the sheet, from 1.
    pub(crate) column: Option<u32>,
    pub(crate) label: Option<String>,
    pub(crate) area: Option<AreaCode>,
    pub(crate) message: Text,
    pub(crate) remedy: Text,
    /// Rows it stands for.
    pub(crate) rows: u64,
}

/// The cells of a refused row in the order of the layout; sealed when they are kept.
#[derive(Debug)]
pub(crate) struct RefusedDraft {
    pub(crate) row: u32,
    pub(crate) cells: Vec<u8>,
}

/// Counts of a batch or a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) rejected: u64,
    pub(crate) repaired: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.read += other.read;
        self.rejected += other.rejected;
        self.repaired += other.repaired;
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.read - self.rejected
    }
}

/// A person's number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdentityDraft {
    pub(crate) kind: &'static str,
    pub(crate) number: TextSpan,
    /// The number encrypted and its index, once [`RegisterBatch::seal`] has run.
    pub(crate) sealed: Span,
    pub(crate) blind: BlindIndex,
    pub(crate) sex: &'static str,
    pub(crate) birth_on: TextSpan,
}

/// Columns of which a row says nothing, by their places: what is known of them stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unstated(u64);

impl Unstated {
    /// Notes that a row says nothing about a column.
    #[inline]
    pub(crate) fn note(&mut self, column: usize, says_nothing: bool) {
        self.0 |= u64::from(says_nothing) << column;
    }

    /// Whether nothing is said about a column.
    #[inline]
    pub(crate) fn has(self, column: usize) -> bool {
        self.0 >> column & 1 == 1
    }

    /// What it adds to the digest of a row: a blank cell differs from one that is not there.
    #[inline]
    pub(crate) fn digest(self) -> u64 {
        self.0
    }
}

/// One person.
#[derive(Clone, Debug)]
pub(crate) struct PersonDraft {
    pub(crate) row: u32,
    pub(crate) person_no: TextSpan,
    /// The hash under which the number is known.
    pub(crate) person_hash: u64,
    pub(crate) name: TextSpan,
    pub(crate) name_key: TextSpan,
    pub(crate) identity: Option<IdentityDraft>,
    /// As the row states it, of somebody without a number.
    pub(crate) sex: Option<&'static str>,
    /// As the row states it, of somebody without a number.
    pub(crate) birth_on: Option<TextSpan>,
    /// Codes in the order of `register::PERSON_CODES`.
    pub(crate) codes: [Option<u16>; 8],
    pub(crate) work_months: Option<i64>,
    pub(crate) medical_insured: Option<bool>,
    pub(crate) critical_ill_insured: Option<bool>,
    /// Codes in their order, then the three columns after them.
    pub(crate) unstated: Unstated,
    pub(crate) digest: i64,
    /// The cells, kept for a refusal that only the store can decide.
    pub(crate) cells: RowCopy,
}

impl PersonDraft {
    /// The place of the relation to the head.
    pub(crate) const RELATION: usize = 0;
    pub(crate) const WORK_MONTHS: usize = 8;
    pub(crate) const MEDICAL_INSURED: usize = 9;
    pub(crate) const CRITICAL_ILL: usize = 10;
}

/// One household as far as the rows of this batch tell.
#[derive(Clone, Debug)]
pub(crate) struct HouseholdDraft {
    pub(crate) row: u32,
    pub(crate) household_no: TextSpan,
    pub(crate) area: AreaCode,
    /// Accepted members: a range of the batch's people.
    pub(crate) people: std::ops::Range<usize>,
    /// Rows of the household, refused ones included.
    pub(crate) rows: u32,
    /// Whether the household values come from a complete group or from single resent rows.
    pub(crate) has_head: bool,
    pub(crate) values: HouseholdValues,
    /// Columns of the values, by the places named there.
    pub(crate) unstated: Unstated,
    pub(crate) digest: i64,
}

/// The values a household row states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HouseholdValues {
    pub(crate) group: Option<TextSpan>,
    pub(crate) member_count: Option<i64>,
    pub(crate) household_class: Option<u16>,
    pub(crate) cause_main: Option<u16>,
    pub(crate) cause_other: Option<u16>,
    pub(crate) dangerous_house: Option<bool>,
    pub(crate) water_safe: Option<bool>,
    pub(crate) water_short: Option<bool>,
    pub(crate) income_fen: Option<i64>,
    pub(crate) phone_sealed: Option<Span>,
    pub(crate) identified_on: Option<TextSpan>,
    pub(crate) exit_status: Option<u16>,
    pub(crate) exit_year: Option<i64>,
}

impl HouseholdDraft {
    /// Rows that were refused before the store was asked.
    pub(crate) fn refused_rows(&self, accepted: usize) -> u16 {
        let rows = qb_base::index(self.rows);
        // More rows than a household can have are as good as the most.
        u16::try_from(rows.saturating_sub(accepted)).unwrap_or(u16::MAX)
    }
}

impl HouseholdValues {
    pub(crate) const GROUP: usize = 0;
    pub(crate) const MEMBER_COUNT: usize = 1;
    /// The first of the four codes, in the order of `register::HOUSEHOLD_CODES`.
    pub(crate) const CODES: usize = 2;
    pub(crate) const EXIT_STATUS: usize = Self::CODES + 3;
    pub(crate) const DANGEROUS_HOUSE: usize = 6;
    pub(crate) const WATER_SAFE: usize = 7;
    pub(crate) const WATER_SHORT: usize = 8;
    pub(crate) const INCOME: usize = 9;
    pub(crate) const PHONE: usize = 10;
    pub(crate) const IDENTIFIED_ON: usize = 11;
    pub(crate) const EXIT_YEAR: usize = 12;
}

/// A batch of register rows.
#[derive(Debug, Default)]
pub(crate) struct RegisterBatch {
    pub(crate) arena: Arena,
    pub(crate) people: Vec<PersonDraft>,
    pub(crate) households: Vec<HouseholdDraft>,
    pub(crate) common: Common,
    is_sealed: bool,
}

impl RegisterBatch {
    /// Encrypts the identity numbers, once: whichever thread has less to do does it.
    pub(crate) fn seal(&mut self, keyring: &Keyring) {
        if std::mem::replace(&mut self.is_sealed, true) {
            return;
        }
        let arena = &mut self.arena;
        for person in &mut self.people {
            let Some(identity) = &mut person.identity else { continue };
            let whose = (person.person_no, identity.number);
            (identity.sealed, identity.blind) = arena.seal(keyring, whose);
        }
    }

    /// Empties the batch and keeps its memory for the next rows.
    pub(crate) fn clear(&mut self) {
        self.arena.clear();
        self.people.clear();
        self.households.clear();
        self.common = Common::default();
        self.is_sealed = false;
    }
}

/// What batches of every kind carry.
#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) faults: Vec<FaultDraft>,
    pub(crate) refused: Vec<RefusedDraft>,
    pub(crate) counts: Counts,
}

/// One income statement.
#[derive(Debug)]
pub(crate) struct StatementDraft {
    pub(crate) row: u32,
    pub(crate) household_no: TextSpan,
    pub(crate) area: Option<AreaCode>,
    pub(crate) year: i16,
    /// Items by their place in the pack's list.
    pub(crate) items: std::ops::Range<usize>,
    /// Items whose cells cannot be read: what is known of them stays.
    pub(crate) unread: Vec<u16>,
    pub(crate) digest: i64,
    pub(crate) cells: Span,
}

/// A batch of income rows.
#[derive(Debug, Default)]
pub(crate) struct IncomeBatch {
    pub(crate) arena: Arena,
    pub(crate) statements: Vec<StatementDraft>,
    pub(crate) items: Vec<(u16, i64)>,
    /// Items that have no column in the sheet: what is known of them stays.
    pub(crate) absent: Arc<[u16]>,
    pub(crate) common: Common,
}

/// A village's ledger.
#[derive(Debug)]
pub(crate) struct LedgerDraft {
    pub(crate) area: AreaCode,
    pub(crate) year: i16,
    pub(crate) lines: Vec<LedgerLine>,
    pub(crate) digest: i64,
}

/// One line of a ledger.
#[derive(Debug)]
pub(crate) struct LedgerLine {
    pub(crate) item: String,
    pub(crate) amount_fen: i64,
    pub(crate) prior_fen: Option<i64>,
    pub(crate) one_off_fen: Option<i64>,
    pub(crate) evidence: Option<String>,
    /// Whether the form says nothing of last year's amount, of the part that comes once, of the
    /// evidence: what is known of them stays.
    pub(crate) unstated: [bool; 3],
    pub(crate) row: u32,
}

/// One designation of a village.
#[derive(Debug)]
pub(crate) struct DesignationDraft {
    pub(crate) row: u32,
    pub(crate) kind: String,
    pub(crate) area: AreaCode,
    pub(crate) year: Option<i16>,
    pub(crate) cells: Vec<u8>,
}

/// One outside figure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReferenceDraft {
    pub(crate) row: u32,
    pub(crate) fact_id: String,
    pub(crate) label: String,
    pub(crate) area: Option<String>,
    pub(crate) year: Option<i16>,
    pub(crate) value_micro: i64,
    pub(crate) unit: String,
    pub(crate) source: String,
    pub(crate) document: Option<String>,
    pub(crate) published_on: Option<String>,
    pub(crate) cells: Vec<u8>,
}

/// One row of a dataset.
#[derive(Debug)]
pub(crate) struct RecordDraft {
    pub(crate) row: u32,
    pub(crate) key: TextSpan,
    pub(crate) key_hash: u64,
    /// The area the row names.
    pub(crate) area: Option<AreaCode>,
    /// The number of the household it is about.
    pub(crate) household_no: Option<TextSpan>,
    /// The identity number of the person it is about, and its index.
    pub(crate) id_no: Option<TextSpan>,
    pub(crate) blind: Option<BlindIndex>,
    /// The number of the person it is about, where the sender does not write everywhere.
    pub(crate) person_no: Option<TextSpan>,
    /// The keys of rows of other lists that it names, each with its list's place in
    /// [`RecordBatch::attaches`].
    pub(crate) attached: Vec<(usize, TextSpan)>,
    pub(crate) fields: TextSpan,
    pub(crate) sealed: Option<Span>,
    pub(crate) digest: u64,
    pub(crate) cells: Span,
}

/// A column of a dataset as a sheet has it.
#[derive(Clone, Debug)]
pub(crate) struct SheetColumn {
    pub(crate) id: String,
    /// Whether its values are kept sealed.
    pub(crate) sealed: bool,
    /// Whether the sheet has it.
    pub(crate) there: bool,
}

impl RecordBatch {
    /// Whether the sheet lacks a column of the dataset.
    pub(crate) fn lacks_columns(&self) -> bool {
        self.lacks_area || self.columns.iter().any(|column| !column.there)
    }
}

/// A batch of rows of a dataset.
#[derive(Debug, Default)]
pub(crate) struct RecordBatch {
    pub(crate) arena: Arena,
    pub(crate) records: Vec<RecordDraft>,
    /// Keys of refused rows: their earlier versions stay.
    pub(crate) refused_keys: Vec<u64>,
    /// The columns of the dataset in order: what is known of those the sheet lacks stays.
    pub(crate) columns: Arc<[SheetColumn]>,
    /// Whether the sheet lacks a column of an area.
    pub(crate) lacks_area: bool,
    /// Lists to which its rows attach by their key; none where the sender writes everywhere.
    pub(crate) attaches: Arc<[String]>,
    pub(crate) common: Common,
}

/// What the parsing thread hands to the writer.
#[derive(Debug)]
pub(crate) enum Parsed {
    Register(RegisterBatch),
    Income(IncomeBatch),
    Ledger(Option<LedgerDraft>, Common),
    Designations(Vec<DesignationDraft>, Common),
    References(Vec<ReferenceDraft>, Common),
    Record(RecordBatch),
}
