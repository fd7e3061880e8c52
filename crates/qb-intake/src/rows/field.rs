//! One column while its rows are read, and the row being read.

use std::borrow::Cow;

use qb_base::{Date, Fen, PartialDate, mask, personal};
use qb_policy::ColumnKind;

use super::fault_log::{FaultLog, Found};
use crate::fields::code::CodeReader;
use crate::fields::number::{money, percent};
use crate::fields::{Issue, Reading, Severity, bare, date};
use crate::layout::{ColumnMap, MoneyUnit};
use crate::read::batch::{CellKind, RowView, Value};

/// Characters of a value that messages show.
const SHOWN_CHARS_MAX: usize = 24;

/// Code of the list `unit` for columns that count in per cent.
const PERCENT: &str = "percent";

/// A column of the sheet with what faults say about it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Column of the sheet, from 0; beyond every row where the sheet lacks it.
    pub(crate) column: usize,
    pub(crate) label: String,
    pub(crate) required: bool,
    /// The unit of its amounts, where it holds money.
    unit: MoneyUnit,
    /// Whether its numbers count in per cent.
    pub(crate) percent: bool,
    /// Whether a cell that cannot be read refuses the row, blank ones aside.
    strict: bool,
    /// Whether its dates may lie after today.
    ahead: bool,
    mask: Mask,
}

/// How a value appears in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mask {
    Open,
    Identity,
    Name,
    Phone,
    Hidden,
}

impl Field {
    pub(crate) fn of(columns: &ColumnMap, id: &str) -> Self {
        let column = columns.layout.column(id);
        let mask = match column.map(|column| (&column.kind, column.sensitive)) {
            Some((ColumnKind::ResidentId, _)) => Mask::Identity,
            Some((ColumnKind::Name, _)) => Mask::Name,
            Some((ColumnKind::Phone, _)) => Mask::Phone,
            Some((_, true)) => Mask::Hidden,
            _ => Mask::Open,
        };
        Self {
            column: columns.of(id),
            label: columns.label(id).to_owned(),
            required: column.is_some_and(|column| column.required),
            unit: columns.unit_of(id),
            percent: column.is_some_and(|column| column.unit.as_deref() == Some(PERCENT)),
            strict: false,
            ahead: column.is_some_and(|column| column.ahead),
            mask,
        }
    }

    /// The same column, in which a value that cannot be read refuses the row.
    pub(crate) fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// The same column, whose blank cells are no fault of the row.
    pub(crate) fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Whether the sheet has the column.
    pub(crate) fn is_there(&self) -> bool {
        self.column != usize::MAX
    }

    /// Column of the sheet from 1, for reports; `shift` lies between the halves of a table.
    pub(crate) fn number(&self, shift: usize) -> Option<u32> {
        let column = self.column.checked_add(shift)?;
        u32::try_from(column).ok().and_then(|column| column.checked_add(1))
    }

    /// The value as messages may show it.
    pub(crate) fn shown(&self, text: &str) -> String {
        let covered = personal::covered(text);
        let text = covered.as_deref().unwrap_or(text);
        match self.mask {
            Mask::Open if text.chars().count() > SHOWN_CHARS_MAX => {
                text.chars().take(SHOWN_CHARS_MAX).chain(['…']).collect()
            }
            Mask::Open => text.to_owned(),
            Mask::Identity => mask::id_number(text),
            Mask::Name => mask::name(text),
            Mask::Phone => mask::phone(text),
            Mask::Hidden => "…".to_owned(),
        }
    }
}

/// The row being read and what has been found in it.
pub(crate) struct RowReader<'r, 'l> {
    pub(crate) row: RowView<'r>,
    pub(crate) log: &'l mut FaultLog,
    pub(crate) refused: bool,
    pub(crate) repaired: bool,
    /// Whether a cell since the last [`RowReader::says_nothing`] could not be read.
    unread: bool,
    /// Whether a character that opens a wrapping stands anywhere in the row.
    may_wrap: bool,
}

impl<'r, 'l> RowReader<'r, 'l> {
    /// Begins a row of which no area is known.
    pub(crate) fn new(row: RowView<'r>, log: &'l mut FaultLog) -> Self {
        // One search in the whole row instead of a look at each cell.
        let may_wrap = bare::may_wrap(row.bytes());
        Self { row, log, refused: false, repaired: false, unread: false, may_wrap }
    }

    /// Whether the row says nothing about a column whose cell has just been taken: the sheet lacks
    /// it, or what stands there cannot be read. What is known then stays; a blank cell says that
    /// there is nothing.
    #[inline]
    pub(crate) fn says_nothing(&mut self, field: &Field) -> bool {
        std::mem::take(&mut self.unread) || !field.is_there()
    }

    #[inline]
    pub(crate) fn value(&self, field: &Field) -> Value<'r> {
        let raw = self.row.value(field.column);
        if self.may_wrap { bare::unwrapped(raw) } else { raw }
    }

    /// Notes once a column that its values stood in wrappings.
    #[inline]
    fn note_wrapping(&mut self, field: &Field) {
        if self.may_wrap {
            self.note_if_wrapped(field);
        }
    }

    fn note_if_wrapped(&mut self, field: &Field) {
        let raw = self.row.value(field.column);
        if bare::unwrapped(raw).text.len() < raw.text.len() {
            let shown = field.shown(&self.value(field).trimmed());
            self.note(field, Issue::Unwrapped, &[("value", &shown)]);
        }
    }

    /// Reads an amount of money.
    #[inline]
    pub(crate) fn money(&self, field: &Field) -> Reading<Fen> {
        match &field.unit {
            MoneyUnit::Known(power) => money(self.value(field), *power),
            MoneyUnit::Unknown => self.money_of(field, None),
            MoneyUnit::General(power) => {
                self.money_of(field, self.log.unit_below.unwrap_or(*power))
            }
            MoneyUnit::OfRow(unit) => {
                let power = unit.power(&self.row.value(unit.column).trimmed());
                self.money_of(field, power)
            }
        }
    }

    /// Reads an amount whose column may have no unit; one that the cell itself names counts.
    fn money_of(&self, field: &Field, power: Option<i32>) -> Reading<Fen> {
        let value = self.value(field);
        if let Some(power) = power {
            return money(value, power);
        }
        // With a unit of its own, or as nothing, an amount is the same in every unit.
        let (one, other) = (money(value, 0), money(value, 1));
        if one == other { one } else { Reading::Fault(Issue::UnitUnknown) }
    }

    /// Notes a fault of a cell.
    pub(crate) fn note(&mut self, field: &Field, issue: Issue, fills: &[(&str, &str)]) {
        let severity = issue.severity();
        self.refused |= severity == Severity::Refused;
        self.repaired |= severity == Severity::Repaired;
        self.log.shift = self.row.shift();
        self.log.cell(Found { row: self.row.number, field, issue }, fills);
    }

    /// Takes a reading: notes repairs and faults, refuses the row where a required value is
    /// missing.
    #[inline]
    pub(crate) fn take<T>(&mut self, field: &Field, reading: Reading<T>) -> Option<T> {
        self.note_wrapping(field);
        match reading {
            Reading::Value(value) => Some(value),
            Reading::Blank if self.may_be_blank(field) => None,
            Reading::Repaired(value, issue) => {
                self.note_value(field, issue, "");
                Some(value)
            }
            other => {
                self.take_fault(field, &other);
                None
            }
        }
    }

    /// Whether nothing is to be said about a cell without text.
    #[inline]
    fn may_be_blank(&self, field: &Field) -> bool {
        !field.required && !self.value(field).kind.is_unread()
    }

    /// Notes a cell without text whose row cannot do without it: what could not be read in it, or
    /// else that it is blank.
    pub(crate) fn note_blank(&mut self, field: &Field, blank: Issue) {
        let issue = unread(self.value(field).kind).map_or(blank, required_form);
        self.note(field, issue, &[]);
    }

    /// Takes a number of a column that may count in per cent.
    pub(crate) fn take_percent(&mut self, field: &Field, places: i32) -> Option<i64> {
        match percent(self.value(field), places) {
            Reading::Repaired(number, Issue::PercentRead) => {
                let meaning = decimal(number, places);
                self.note_value(field, Issue::PercentRead, &meaning);
                Some(number)
            }
            other => self.take(field, other),
        }
    }

    fn take_fault<T>(&mut self, field: &Field, reading: &Reading<T>) {
        match reading {
            Reading::Blank if field.required || field.strict => {
                self.note_blank(field, Issue::Required)
            }
            Reading::Blank => {
                if let Some(issue) = unread(self.value(field).kind) {
                    self.unread = true;
                    self.note(field, issue, &[]);
                }
            }
            Reading::Null if field.required => self.note(field, Issue::Required, &[]),
            Reading::Null => self.note_value(field, Issue::NullWord, ""),
            Reading::Fault(issue) => {
                self.unread = true;
                let strict = field.required || field.strict;
                let shown = if strict { required_form(*issue) } else { *issue };
                let meaning = match issue {
                    Issue::DateAmbiguous => date::readings(self.value(field)),
                    _ => String::new(),
                };
                self.note_value(field, shown, &meaning);
            }
            Reading::Value(_) | Reading::Repaired(..) => {}
        }
    }

    /// Takes a date that lies on `today` or before, unless the column is about what is to come; a
    /// repair says how it was read. Counts the dates of its column that state a time of day.
    pub(crate) fn take_date(
        &mut self,
        field: &Field,
        reading: Reading<PartialDate>,
        today: Date,
    ) -> Option<PartialDate> {
        let is_ahead = |date: PartialDate| !field.ahead && date.date > today;
        let taken = match reading {
            Reading::Value(date) | Reading::Repaired(date, _) if is_ahead(date) => {
                self.note_ahead(field, today);
                None
            }
            Reading::Repaired(date, issue) => {
                self.note_wrapping(field);
                self.note_value(field, issue, &date.to_iso());
                Some(date)
            }
            other => self.take(field, other),
        };
        if taken.is_some()
            && let Some(minute) = date::minute_of_day(self.value(field))
        {
            self.log.time_of_day(field, self.row.number, minute);
        }
        taken
    }

    /// Takes a year, as [`RowReader::take_date`] takes a date.
    pub(crate) fn take_year(
        &mut self,
        field: &Field,
        reading: Reading<i16>,
        today: Date,
    ) -> Option<i16> {
        match reading {
            Reading::Value(year) | Reading::Repaired(year, _)
                if !field.ahead && year > today.year() =>
            {
                self.note_ahead(field, today);
                None
            }
            Reading::Repaired(year, issue) => {
                self.note_wrapping(field);
                self.note_value(field, issue, &year.to_string());
                Some(year)
            }
            other => self.take(field, other),
        }
    }

    fn note_ahead(&mut self, field: &Field, today: Date) {
        self.unread = true;
        let strict = field.required || field.strict;
        let issue = if strict { Issue::DateAheadRequired } else { Issue::DateAhead };
        let shown = self.shown(field);
        self.note(field, issue, &[("value", &shown), ("range", &today.to_string())]);
    }

    /// Takes a label of a list.
    #[inline]
    pub(crate) fn take_code(&mut self, field: &Field, codes: &mut CodeReader) -> Option<u16> {
        self.note_wrapping(field);
        match codes.read(self.value(field)) {
            Reading::Value(code) => Some(code),
            Reading::Blank if self.may_be_blank(field) => None,
            Reading::Repaired(code, issue) => {
                // A reader answers with places in its own list.
                let meaning =
                    codes.list().codes.get(usize::from(code)).map_or("", |code| &*code.label.zh);
                self.note_value(field, issue, meaning);
                Some(code)
            }
            Reading::Fault(issue) => {
                self.unread = true;
                let strict = field.required || field.strict;
                let issue = if strict { required_form(issue) } else { issue };
                let list = codes.list().clone();
                let labels: Vec<&str> =
                    list.codes.iter().map(|code| &*code.label.zh).take(12).collect();
                let more = if list.codes.len() > labels.len() { "…" } else { "" };
                let shown = self.shown(field);
                self.note(
                    field,
                    issue,
                    &[("value", &shown), ("range", &format!("{}{more}", labels.join("、")))],
                );
                None
            }
            other => {
                self.take_fault(field, &other);
                None
            }
        }
    }

    /// Takes yes or no.
    #[inline]
    pub(crate) fn take_truth(&mut self, field: &Field) -> Option<bool> {
        self.note_wrapping(field);
        match crate::fields::person::truth(self.value(field)) {
            Reading::Value(truth) => Some(truth),
            Reading::Repaired(truth, issue) => {
                self.note_value(field, issue, if truth { "是" } else { "否" });
                Some(truth)
            }
            Reading::Fault(issue) => {
                self.unread = true;
                let issue = if field.strict { required_form(issue) } else { issue };
                let shown = self.shown(field);
                self.note(
                    field,
                    issue,
                    &[("value", &shown), ("range", &crate::fields::person::TRUTH_LABELS.zh)],
                );
                None
            }
            other => self.take(field, other),
        }
    }

    pub(crate) fn shown(&self, field: &Field) -> String {
        field.shown(&self.value(field).trimmed())
    }

    pub(crate) fn note_value(&mut self, field: &Field, issue: Issue, meaning: &str) {
        let raw = self.value(field).text;
        if issue == Issue::LabelAlias && self.log.again(issue, field.column, raw) {
            self.repaired = true;
            return;
        }
        let value = self.value(field);
        let text = value.trimmed();
        let shown = field.shown(&text);
        // A number shown as a date is looked for by what the sheet shows.
        let date = value.kind.is_date().then(|| date::date(value).value()).flatten();
        let date = date.map(|date| date.to_iso()).filter(|_| meaning.is_empty());
        let meaning = date.as_deref().unwrap_or(meaning);
        let count = text.chars().count().to_string();
        self.note(field, issue, &[("value", &shown), ("meaning", meaning), ("count", &count)]);
        if issue == Issue::LabelAlias {
            self.log.remember(issue, field.column, raw, &shown);
        }
    }
}

/// What people wrote, with the personal numbers in it covered: it goes on to pages and files.
pub(crate) struct Words(pub(crate) String);

impl RowReader<'_, '_> {
    /// Takes what people wrote in a column; a number of a person in it is covered, and that is
    /// noted. The message must not hold the number either.
    pub(crate) fn take_words(
        &mut self,
        field: &Field,
        reading: Reading<Cow<'_, str>>,
    ) -> Option<Words> {
        let words = self.take(field, reading)?;
        let covered = personal::covered(&words);
        if covered.is_some() {
            self.note(field, Issue::PersonalNumber, &[]);
        }
        Some(Words(covered.unwrap_or_else(|| words.into_owned())))
    }
}

/// What could not be read in a cell that has no text although something stands in it.
fn unread(kind: CellKind) -> Option<Issue> {
    match kind {
        CellKind::NoValue => Some(Issue::FormulaNoValue),
        CellKind::TooLong => Some(Issue::CellTooLong),
        _ => None,
    }
}

/// A number × 10^`places` as people write it.
fn decimal(number: i64, places: i32) -> String {
    let places = qb_base::index(places.max(0).unsigned_abs());
    let digits = format!("{:0width$}", number.unsigned_abs(), width = places + 1);
    let (whole, rest) = digits.split_at(digits.len().saturating_sub(places));
    let rest = rest.trim_end_matches('0');
    let sign = if number < 0 { "-" } else { "" };
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// The same fault in a required column refuses the row.
fn required_form(issue: Issue) -> Issue {
    match issue {
        Issue::NumberText | Issue::NumberFraction | Issue::NumberRange => Issue::NumberTextRequired,
        Issue::FormulaError => Issue::FormulaErrorRequired,
        Issue::DateText => Issue::DateTextRequired,
        Issue::FormulaNoValue => Issue::FormulaNoValueRequired,
        Issue::CellTooLong => Issue::CellTooLongRequired,
        Issue::NumberIsDate => Issue::NumberIsDateRequired,
        Issue::NumberIsPercent => Issue::NumberIsPercentRequired,
        Issue::DateAmbiguous => Issue::DateAmbiguousRequired,
        Issue::LabelUnknown => Issue::LabelUnknownRequired,
        other => other,
    }
}
