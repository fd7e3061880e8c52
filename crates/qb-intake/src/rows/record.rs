//! Rows of datasets: any columns the pack declares, as a JSON object for the store.

use std::borrow::Cow;
use std::sync::Arc;

use qb_base::date::Precision;
use qb_base::keyring::Purpose;
use qb_base::{AreaCode, BlindIndex, Date, PartialDate};
use qb_policy::dataset::{HOUSEHOLD_LINK, PERSON_LINK, PERSON_NUMBER};
use qb_policy::{Column, ColumnKind, Dataset};
use qb_registry::draft::{RecordBatch, RecordDraft, SheetColumn, TextSpan};
use qb_registry::hash::{self, Hash64};

use super::Shared;
use super::fault_log::FaultLog;
use super::field::{Field, RowReader};
use super::kept;
use super::notes::{RowKind, RowSorter};
use super::parsed::{RefusedDraft, Rows};
use super::record_place::RecordPlace;
use crate::fields::code::CodeReader;
use crate::fields::key::key;
use crate::fields::number::{integer, micro};
use crate::fields::person::{Identity, identity, name, phone};
use crate::fields::{Issue, Reading, date, is_null_word};
use crate::layout::ColumnMap;
use crate::read::batch::RowView;

/// Records after which a batch ends.
const BATCH_RECORDS: usize = 1024;
/// Bytes of values after which a batch ends, whatever the number of records.
const BATCH_BYTES: usize = 1 << 22;
/// Millionths in one.
const MICRO: u64 = 1_000_000;
/// Places of a number in millionths.
const MICRO_PLACES: i32 = 6;

/// A column as it is read.
struct Cell {
    id: String,
    field: Field,
    reader: Reader,
    sealed: bool,
    /// The start of its member of the JSON object: `"id":`.
    member: String,
}

/// How a column's cells are read.
enum Reader {
    Text,
    /// A number by which rows are found.
    Key,
    /// Words that people write: no column by which rows are found.
    Words,
    Name,
    Identity,
    Integer,
    Decimal,
    Money,
    Year,
    Month,
    Date,
    Code(Box<CodeReader>),
    Truth,
    Phone,
}

/// Whether JSON writes the value between quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Plain,
}

/// A part of the key.
#[derive(Clone, Copy)]
enum KeyPart {
    /// The value of a column, by its place among the cells.
    Cell(usize),
    /// The area of a level: its place among county, town, village.
    Area(usize),
}

/// Parses the rows of one dataset.
pub(crate) struct RecordParser {
    shared: Shared,
    columns: ColumnMap,
    cells: Vec<Cell>,
    key: Vec<KeyPart>,
    sorter: RowSorter,
    title_year: Option<i16>,
    place: RecordPlace,
    log: FaultLog,
    rows: Rows<RecordBatch>,
    /// What every batch says of the sheet's columns.
    sheet: SheetColumns,
    bytes: usize,
    values: Values,
    pub(crate) notes: u64,
}

/// The values of the row being read, reused.
#[derive(Default)]
struct Values {
    text: String,
    ranges: Vec<Option<(usize, usize)>>,
    open: String,
    sealed: String,
    key: String,
    scratch: Vec<u8>,
    blind: Option<BlindIndex>,
}

impl RecordParser {
    /// Prepares for a sheet.
    pub(crate) fn new(shared: Shared, columns: ColumnMap, title_year: Option<i16>) -> Self {
        let known = columns.layout.columns.iter();
        let cells: Vec<Cell> = known
            .filter(|column| !column.is_area())
            .map(|column| cell(&shared, &columns, column, title_year))
            .collect();
        let dataset = shared.datasets.iter().find(|dataset| dataset.id == columns.layout.id);
        let key = dataset.into_iter().flat_map(|dataset| key_parts(dataset, &cells)).collect();
        // Whoever writes everywhere attaches to everything: nothing has to be looked up.
        let limited = dataset.filter(|_| shared.within.is_some());
        let sheet = SheetColumns::of(&columns, &cells, limited);
        let sorter = sorter(&columns, dataset);
        Self {
            place: RecordPlace::new(&columns),
            key,
            sorter,
            title_year,
            cells,
            columns,
            log: FaultLog::default(),
            rows: sheet.rows(),
            sheet,
            bytes: 0,
            values: Values::default(),
            notes: 0,
            shared,
        }
    }

    /// Reads one row; answers a batch when one is full.
    pub(crate) fn row(&mut self, view: RowView<'_>) -> Option<Rows<RecordBatch>> {
        let kind = self.sorter.sort(&view, &self.columns);
        self.log.unit_below = self.sorter.unit_below;
        if kind != RowKind::Record {
            self.notes += u64::from(kind == RowKind::Note);
            return None;
        }
        self.record(view);
        let full = self.rows.batch.records.len() >= BATCH_RECORDS
            || self.rows.common.refused.len() >= BATCH_RECORDS
            || self.bytes >= BATCH_BYTES;
        full.then(|| {
            self.bytes = 0;
            let mut rows = std::mem::replace(&mut self.rows, self.sheet.rows());
            rows.common.faults = self.log.drain();
            rows
        })
    }

    /// Ends the sheet.
    pub(crate) fn finish(&mut self) -> Rows<RecordBatch> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.common.faults = self.log.finish();
        rows
    }

    fn record(&mut self, view: RowView<'_>) {
        let mut row = RowReader::new(view, &mut self.log);
        row.log.area = None;
        let place = self.place.read(&mut row, &self.shared);
        row.log.area = place.and_then(|place| place.area);
        let values = &mut self.values;
        values.clear();
        for cell in &mut self.cells {
            let start = values.text.len();
            let form = read_cell(cell, &mut row, &self.shared, self.title_year, values);
            let end = values.text.len();
            values.ranges.push(form.map(|_| (start, end)));
            let Some(form) = form else { continue };
            let value = &values.text[start..end];
            let target = if cell.sealed { &mut values.sealed } else { &mut values.open };
            target.push(if target.is_empty() { '{' } else { ',' });
            target.push_str(&cell.member);
            match form {
                Form::Text => push_quoted(target, value),
                Form::Plain => target.push_str(value),
            }
        }
        values.join_key(&self.key, place.map(|place| place.levels));
        let (refused, repaired) = (row.refused, row.repaired);
        values.scratch.clear();
        kept::put_row(&view, &self.place.in_force(), &mut values.scratch);
        self.bytes += values.scratch.len() + values.open.len();
        let counts = &mut self.rows.common.counts;
        counts.read += 1;
        counts.repaired += u64::from(repaired && !refused);
        let Some(place) = place.filter(|_| !refused) else {
            counts.rejected += 1;
            let refused = RefusedDraft { row: view.number, cells: values.scratch.clone() };
            self.rows.common.refused.push(refused);
            self.rows.batch.refused_keys.push(hash::of(values.key.as_bytes()));
            return;
        };
        let household_no = self.text_of(HOUSEHOLD_LINK);
        let id_no = self.values.blind.and_then(|_| self.text_of(PERSON_LINK));
        let draft = self.values.draft(
            (&self.shared, &self.columns.layout.id),
            &mut self.rows.batch,
            (view.number, self.sheet.digest),
        );
        let area = place.area;
        let (person_no, attached) = self.names();
        let names = RecordDraft { person_no, attached, ..draft };
        self.rows.batch.records.push(RecordDraft { area, household_no, id_no, ..names });
    }

    /// What the row names by number: a person, and rows of other lists.
    fn names(&mut self) -> (Option<TextSpan>, Vec<(usize, TextSpan)>) {
        if !self.sheet.is_limited {
            return (None, Vec::new());
        }
        let (batch, values) = (&mut self.rows.batch, &mut self.values);
        let attached = self.sheet.attached.iter().enumerate().filter_map(|(list, cell)| {
            let at = values.range(*cell)?;
            values.key.clear();
            push_key_part(&mut values.key, values.text.get(at)?);
            Some((list, batch.arena.put_text(&values.key)))
        });
        let attached = attached.collect();
        (self.text_of(PERSON_NUMBER), attached)
    }

    /// The value of a column of this row, put into the batch.
    fn text_of(&mut self, id: &str) -> Option<TextSpan> {
        let at = self.cells.iter().position(|cell| cell.id == id)?;
        let range = self.values.range(at)?;
        Some(self.rows.batch.arena.put_text(self.values.text.get(range)?))
    }
}

/// The columns of a dataset that a sheet has, as every batch of it says.
struct SheetColumns {
    columns: Arc<[SheetColumn]>,
    lacks_area: bool,
    digest: u64,
    /// Whether the sender does not write everywhere.
    is_limited: bool,
    /// The lists that its rows attach to, and the cells that name their rows.
    attaches: Arc<[String]>,
    attached: Vec<usize>,
}

impl SheetColumns {
    fn of(columns: &ColumnMap, cells: &[Cell], limited: Option<&Dataset>) -> Self {
        let column = |cell: &Cell| SheetColumn {
            id: cell.id.clone(),
            sealed: cell.sealed,
            there: cell.field.is_there(),
        };
        let areas = columns.layout.columns.iter().filter(|column| column.is_area());
        let lacks = |column: &Column| !Field::of(columns, &column.id).is_there();
        let mut digest = Hash64::new();
        for cell in cells.iter().filter(|cell| !cell.field.is_there()) {
            digest.bytes(cell.id.as_bytes());
        }
        let attaches = limited.map_or(&[][..], |dataset| &dataset.attaches);
        let attaches = attaches.iter().filter_map(|one| {
            let at = cells.iter().position(|cell| cell.id == one.column)?;
            Some((one.dataset.clone(), at))
        });
        let (attaches, attached): (Vec<String>, Vec<usize>) = attaches.unzip();
        Self {
            columns: cells.iter().map(column).collect(),
            lacks_area: areas.into_iter().any(lacks),
            digest: digest.finish(),
            is_limited: limited.is_some(),
            attaches: attaches.into(),
            attached,
        }
    }

    fn rows(&self) -> Rows<RecordBatch> {
        let batch = RecordBatch {
            columns: self.columns.clone(),
            lacks_area: self.lacks_area,
            attaches: self.attaches.clone(),
            ..RecordBatch::default()
        };
        Rows { batch, ..Rows::default() }
    }
}

impl Values {
    fn clear(&mut self) {
        self.text.clear();
        self.ranges.clear();
        self.open.clear();
        self.sealed.clear();
        self.key.clear();
        self.blind = None;
    }

    /// Where the value of a cell lies, if it has one.
    fn range(&self, cell: usize) -> Option<std::ops::Range<usize>> {
        let (start, end) = self.ranges.get(cell).copied().flatten()?;
        Some(start..end)
    }

    /// Joins the parts of the key; a bar inside a part is written `\|`. A row without a place is
    /// refused, whatever its key.
    fn join_key(&mut self, parts: &[KeyPart], areas: Option<[Option<AreaCode>; 3]>) {
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.key.push('|');
            }
            // Nothing stands between the bars for a cell that is blank.
            match *part {
                KeyPart::Area(level) => {
                    let area = areas.as_ref().and_then(|areas| areas.get(level)?.as_ref());
                    if let Some(area) = area {
                        push_key_part(&mut self.key, area.as_str());
                    }
                }
                KeyPart::Cell(cell) => {
                    if let Some(at) = self.range(cell) {
                        push_key_part(&mut self.key, &self.text[at]);
                    }
                }
            }
        }
    }

    fn draft(
        &mut self,
        (shared, dataset): (&Shared, &str),
        batch: &mut RecordBatch,
        (row, columns): (u32, u64),
    ) -> RecordDraft {
        if self.open.is_empty() {
            self.open.push('{');
        }
        self.open.push('}');
        let mut digest = Hash64::new();
        digest.int(columns).bytes(self.open.as_bytes()).bytes(self.sealed.as_bytes());
        let sealed = (!self.sealed.is_empty()).then(|| {
            self.sealed.push('}');
            let whose = [dataset, self.key.as_str()];
            let sealed = shared.keyring.seal(Purpose::Record, &whose, self.sealed.as_bytes()).0;
            batch.arena.put(&sealed)
        });
        RecordDraft {
            row,
            key: batch.arena.put_text(&self.key),
            key_hash: hash::of(self.key.as_bytes()),
            area: None,
            household_no: None,
            blind: self.blind,
            id_no: None,
            person_no: None,
            attached: Vec::new(),
            fields: batch.arena.put_text(&self.open),
            sealed,
            digest: digest.finish(),
            cells: batch.arena.put(&self.scratch),
        }
    }
}

/// Appends a part of a key; what could be taken for the bar between parts is marked.
fn push_key_part(key: &mut String, value: &str) {
    for c in value.chars() {
        if matches!(c, '|' | '\\') {
            key.push('\\');
        }
        key.push(c);
    }
}

fn cell(shared: &Shared, columns: &ColumnMap, column: &Column, title_year: Option<i16>) -> Cell {
    let field = Field::of(columns, &column.id).strict();
    let is_year = column.kind == ColumnKind::Year && column.id == YEAR;
    let list = |id: &str| shared.list(id).map(|list| Reader::Code(Box::new(CodeReader::new(list))));
    Cell {
        id: column.id.clone(),
        // A title that names the year stands for blank cells.
        field: if is_year && title_year.is_some() { field.optional() } else { field },
        reader: match &column.kind {
            ColumnKind::Name => Reader::Name,
            ColumnKind::ResidentId => Reader::Identity,
            ColumnKind::Integer => Reader::Integer,
            ColumnKind::Decimal => Reader::Decimal,
            ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan => Reader::Money,
            ColumnKind::Year => Reader::Year,
            ColumnKind::Month => Reader::Month,
            ColumnKind::Date => Reader::Date,
            ColumnKind::Bool => Reader::Truth,
            ColumnKind::Phone => Reader::Phone,
            ColumnKind::Code(id) => list(id).unwrap_or(Reader::Text),
            ColumnKind::Text if shared.finds_rows(&column.id) => Reader::Key,
            ColumnKind::Text => Reader::Words,
            ColumnKind::AreaCounty | ColumnKind::AreaTown | ColumnKind::AreaVillage => Reader::Text,
        },
        sealed: column.is_sealed(),
        member: format!("\"{}\":", column.id),
    }
}

/// A row is a record at first sight when it fills its key and all required columns that tell more
/// than its place, which merged cells leave blank.
fn sorter(columns: &ColumnMap, dataset: Option<&Dataset>) -> RowSorter {
    let known = columns.layout.columns.iter().zip(&columns.sheet_columns);
    let keys = dataset.map_or(&[][..], |dataset| &dataset.key);
    let keys: Vec<usize> = keys.iter().map(|id| columns.of(id)).collect();
    let full: Vec<usize> = known
        .filter(|(column, _)| column.required && !column.is_area())
        .filter_map(|(_, at)| *at)
        .chain(keys.iter().copied())
        .collect();
    RowSorter::new(&full, &keys)
}

/// The column that a year in the title stands for.
const YEAR: &str = "year";

fn key_parts(dataset: &Dataset, cells: &[Cell]) -> Vec<KeyPart> {
    let part = |id: &String| {
        let area = ["county", "town", "village"].iter().position(|area| area == id);
        area.map(KeyPart::Area)
            .or_else(|| cells.iter().position(|cell| cell.id == *id).map(KeyPart::Cell))
    };
    dataset.key.iter().filter_map(part).collect()
}

/// Reads one cell and appends its value; `None` where there is none.
fn read_cell(
    cell: &mut Cell,
    row: &mut RowReader<'_, '_>,
    shared: &Shared,
    title_year: Option<i16>,
    values: &mut Values,
) -> Option<Form> {
    let field = &cell.field;
    let value = row.value(field);
    let out = &mut values.text;
    match &mut cell.reader {
        Reader::Text => {
            out.push_str(&row.take(field, plain_text(&value.trimmed()))?);
            Some(Form::Text)
        }
        Reader::Key => read_key(field, row, shared, out),
        Reader::Words => read_words(field, row, out),
        Reader::Name => {
            out.push_str(&row.take(field, name(&value.trimmed()))?);
            Some(Form::Text)
        }
        Reader::Phone => {
            out.push_str(&row.take(field, phone(value))?);
            Some(Form::Text)
        }
        Reader::Identity => read_identity(cell, row, shared, values),
        Reader::Code(codes) => {
            let at = row.take_code(field, codes)?;
            let code = codes.list().codes.get(usize::from(at))?;
            out.push_str(&code.id);
            Some(Form::Text)
        }
        Reader::Truth => {
            out.push_str(if row.take_truth(field)? { "true" } else { "false" });
            Some(Form::Plain)
        }
        Reader::Integer => {
            let number = if field.percent {
                row.take_percent(field, 0)?
            } else {
                row.take(field, integer(value))?
            };
            push_int(out, number);
            Some(Form::Plain)
        }
        Reader::Money => {
            let amount = row.take(field, row.money(field))?;
            push_int(out, amount.fen());
            Some(Form::Plain)
        }
        Reader::Decimal => {
            let millionths = if field.percent {
                row.take_percent(field, MICRO_PLACES)?
            } else {
                row.take(field, micro(value))?
            };
            push_micro(out, millionths);
            Some(Form::Text)
        }
        Reader::Year => {
            let title = title_year.filter(|_| cell.id == YEAR);
            read_year(field, row, (shared.today, title), out)
        }
        Reader::Month | Reader::Date => read_day(cell, row, shared.today, out),
    }
}

/// Reads a year; one that the title names stands for a blank cell.
fn read_year(
    field: &Field,
    row: &mut RowReader<'_, '_>,
    (today, title): (Date, Option<i16>),
    out: &mut String,
) -> Option<Form> {
    let given = date::year(row.value(field));
    let given = row.take_year(field, given, today);
    push_int(out, i64::from(given.or(title)?));
    Some(Form::Plain)
}

/// Reads what people wrote.
fn read_words(field: &Field, row: &mut RowReader<'_, '_>, out: &mut String) -> Option<Form> {
    let text = row.value(field).trimmed();
    out.push_str(&row.take_words(field, plain_text(&text))?.0);
    Some(Form::Text)
}

/// Reads the number of a thing. A personal number in its place refuses the row: it would stand open
/// in keys and addresses, and covered it would find nothing. The message must not hold it either.
fn read_key(
    field: &Field,
    row: &mut RowReader<'_, '_>,
    shared: &Shared,
    out: &mut String,
) -> Option<Form> {
    let number = row.take(field, key(row.value(field)))?;
    if shared.is_personal(&number) {
        row.note(field, Issue::PersonalKey, &[]);
        return None;
    }
    out.push_str(&number);
    Some(Form::Text)
}

/// Reads a citizen number; the one that links a row to a person is kept blinded too.
fn read_identity(
    cell: &Cell,
    row: &mut RowReader<'_, '_>,
    shared: &Shared,
    values: &mut Values,
) -> Option<Form> {
    let field = &cell.field;
    let given = identity(row.value(field), &shared.no_document);
    let Identity::Number(number) = row.take(field, given)? else { return None };
    if !number.is_plausible_on(shared.today) {
        row.note_value(field, Issue::IdAge, "");
    }
    values.text.push_str(number.reveal());
    if cell.id == PERSON_LINK && !row.refused {
        let digits = number.reveal().as_bytes();
        values.blind = Some(shared.keyring.blind(Purpose::ResidentNumber, digits));
    }
    Some(Form::Text)
}

/// Reads a month or a date and appends it as ISO 8601 writes it.
fn read_day(
    cell: &Cell,
    row: &mut RowReader<'_, '_>,
    today: Date,
    out: &mut String,
) -> Option<Form> {
    let field = &cell.field;
    let given = date::date(row.value(field));
    if matches!(cell.reader, Reader::Month) {
        let month = row.take_date(field, month_only(given), today)?;
        out.push_str(month.to_iso().get(..7)?);
    } else {
        out.push_str(&row.take_date(field, given, today)?.to_iso());
    }
    Some(Form::Text)
}

/// A month is a date of which at least year and month are known.
fn month_only(reading: Reading<PartialDate>) -> Reading<PartialDate> {
    match reading {
        Reading::Value(date) | Reading::Repaired(date, _) if date.precision == Precision::Year => {
            Reading::Fault(Issue::DateText)
        }
        other => other,
    }
}

/// Reads a text: invisible characters go, damaged ones stay and are noted.
fn plain_text<'a>(text: &'a Cow<'a, str>) -> Reading<Cow<'a, str>> {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    if text.is_empty() {
        return Reading::Blank;
    }
    if is_null_word(text) {
        return Reading::Null;
    }
    if text.is_ascii() {
        return Reading::Value(Cow::Borrowed(text));
    }
    if text.contains('\u{fffd}') {
        return Reading::Repaired(Cow::Borrowed(text), Issue::CharactersDamaged);
    }
    if text.contains(invisible) {
        let kept: String = text.chars().filter(|c| !invisible(*c)).collect();
        return Reading::Repaired(Cow::Owned(kept), Issue::TextFolded);
    }
    Reading::Value(Cow::Borrowed(text))
}

fn push_int(out: &mut String, number: i64) {
    use std::fmt::Write as _;
    // Writing to a string always succeeds.
    let _ = write!(out, "{number}");
}

/// Writes millionths as a decimal without trailing zeros.
fn push_micro(out: &mut String, millionths: i64) {
    use std::fmt::Write as _;
    let (whole, rest) = (millionths.unsigned_abs() / MICRO, millionths.unsigned_abs() % MICRO);
    let sign = if millionths < 0 { "-" } else { "" };
    let _ = write!(out, "{sign}{whole}");
    if rest > 0 {
        let digits = format!("{rest:06}");
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}

/// Writes a JSON text.
fn push_quoted(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
