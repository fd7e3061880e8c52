//! Income rows: one household and year a row, one column per item.

use std::borrow::Cow;
use std::sync::Arc;

use qb_base::Fen;
use qb_registry::draft::{IncomeBatch, StatementDraft};
use qb_registry::hash::{self, Hash64};

use super::Shared;
use super::fault_log::FaultLog;
use super::field::{Field, RowReader};
use super::kept;
use super::notes::{RowKind, RowSorter};
use super::parsed::{RefusedDraft, Rows};
use super::place::PlaceReader;
use crate::fields::key::key;
use crate::fields::number::integer;
use crate::fields::{Issue, Reading, bare, date};
use crate::layout::ColumnMap;
use crate::read::batch::RowView;

/// Statements after which a batch ends.
const BATCH_STATEMENTS: usize = 1024;

/// How an item counts towards the net income a sheet may state for checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
    Aside,
}

/// An item of the pack and its column.
struct Item {
    field: Field,
    position: u16,
    /// What the item adds to the digest of a statement: a hash of its id.
    digest: u64,
    sign: Sign,
}

/// Parses income rows.
pub(crate) struct IncomeParser {
    shared: Shared,
    columns: ColumnMap,
    household_no: Field,
    year: Field,
    member_count: Field,
    net_income: Field,
    items: Vec<Item>,
    /// Items without a column.
    absent: Arc<[u16]>,
    absent_digest: u64,
    place: PlaceReader,
    sorter: RowSorter,
    title_year: Option<i16>,
    pub(crate) log: FaultLog,
    rows: Rows<IncomeBatch>,
    scratch: Vec<u8>,
    pub(crate) notes: u64,
}

impl IncomeParser {
    /// Prepares for a sheet; `items` are the pack's item ids in order with how they count.
    pub(crate) fn new(
        shared: Shared,
        columns: ColumnMap,
        items: &[(String, Sign)],
        title_year: Option<i16>,
    ) -> Self {
        let item = |(position, (id, sign)): (u16, &(String, Sign))| Item {
            field: Field::of(&columns, id),
            position,
            digest: hash::of(id.as_bytes()),
            sign: *sign,
        };
        let (items, absent): (Vec<Item>, Vec<Item>) =
            (0..).zip(items).map(item).partition(|item| item.field.is_there());
        let mut absent_digest = Hash64::new();
        absent.iter().for_each(|item| {
            absent_digest.int(item.digest);
        });
        let absent: Arc<[u16]> = absent.iter().map(|item| item.position).collect();
        let year = Field::of(&columns, "year");
        let number = columns.of("household_no");
        Self {
            sorter: RowSorter::new(&[number, columns.of("member_count")], &[number]),
            household_no: Field::of(&columns, "household_no"),
            // A title that names the year stands for blank cells.
            year: if title_year.is_some() { year.optional() } else { year },
            member_count: Field::of(&columns, "member_count").optional(),
            net_income: Field::of(&columns, "net_income"),
            items,
            rows: empty(&absent),
            absent,
            absent_digest: absent_digest.finish(),
            place: PlaceReader::new(&columns),
            title_year,
            shared,
            columns,
            log: FaultLog::default(),
            scratch: Vec::new(),
            notes: 0,
        }
    }

    /// Reads one row; answers a batch when one is full.
    pub(crate) fn row(&mut self, view: RowView<'_>) -> Option<Rows<IncomeBatch>> {
        let kind = self.sorter.sort(&view, &self.columns);
        self.log.unit_below = self.sorter.unit_below;
        if kind != RowKind::Record {
            self.notes += u64::from(kind == RowKind::Note);
            return None;
        }
        let number = bare::unwrapped(view.value(self.household_no.column));
        self.statement(view, key(number));
        (self.rows.batch.statements.len() >= BATCH_STATEMENTS
            || self.rows.common.refused.len() >= BATCH_STATEMENTS)
            .then(|| {
                let mut rows = std::mem::replace(&mut self.rows, empty(&self.absent));
                rows.common.faults = self.log.drain();
                rows
            })
    }

    /// Ends the sheet.
    pub(crate) fn finish(&mut self) -> Rows<IncomeBatch> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.common.faults = self.log.finish();
        rows
    }

    fn statement(&mut self, view: RowView<'_>, number: Reading<Cow<'_, str>>) {
        let mut row = RowReader::new(view, &mut self.log);
        row.log.area = None;
        let area = self.place.read(&mut row, &self.shared);
        row.log.area = area;
        let number = row.take(&self.household_no, number).unwrap_or(Cow::Borrowed(""));
        if self.shared.is_personal(&number) {
            row.note(&self.household_no, Issue::PersonalKey, &[]);
        }
        let year = date::year(row.value(&self.year));
        let year = row.take_year(&self.year, year, self.shared.today).or(self.title_year);
        if let Some(year) = year.filter(|year| !self.shared.covers(*year)) {
            row.note(
                &self.year,
                Issue::YearOutside,
                &[("value", &year.to_string()), ("range", &self.shared.years())],
            );
        }
        let members = integer(row.value(&self.member_count));
        row.take(&self.member_count, members);
        let first = self.rows.batch.items.len();
        let read = read_items(&mut row, &self.items, &mut self.rows.batch.items);
        if read.stated == 0 {
            let field = self.items.first().map_or(&self.household_no, |item| &item.field);
            row.note(field, Issue::StatementBlank, &[]);
        }
        let Read { net, unread, .. } = read;
        check_net(&mut row, &self.net_income, net);
        let (refused, repaired) = (row.refused, row.repaired);
        let counts = &mut self.rows.common.counts;
        counts.read += 1;
        counts.repaired += u64::from(repaired && !refused);
        self.scratch.clear();
        kept::put_row(&view, &self.place.in_force(), &mut self.scratch);
        let Some(year) = year.filter(|_| !refused) else {
            counts.rejected += 1;
            self.rows.batch.items.truncate(first);
            let refused = RefusedDraft { row: view.number, cells: self.scratch.clone() };
            self.rows.common.refused.push(refused);
            return;
        };
        let mut hash = Hash64::new();
        hash.bytes(number.as_bytes()).int(read.digest).int(self.absent_digest);
        self.rows.batch.statements.push(StatementDraft {
            row: view.number,
            household_no: self.rows.batch.arena.put_text(&number),
            area,
            year,
            items: first..self.rows.batch.items.len(),
            unread,
            digest: hash.finish().cast_signed(),
            cells: self.rows.batch.arena.put(&self.scratch),
        });
    }
}

/// No rows yet of a sheet that lacks some items.
fn empty(absent: &Arc<[u16]>) -> Rows<IncomeBatch> {
    let batch = IncomeBatch { absent: absent.clone(), ..IncomeBatch::default() };
    Rows { batch, ..Rows::default() }
}

/// What the items of a row say.
struct Read {
    net: i64,
    /// Items that state an amount.
    stated: u32,
    /// Items whose cells cannot be read.
    unread: Vec<u16>,
    digest: u64,
}

/// Reads the items of a row and appends those of which there was something.
fn read_items(row: &mut RowReader<'_, '_>, items: &[Item], found: &mut Vec<(u16, i64)>) -> Read {
    let mut hash = Hash64::new();
    let mut read = Read { net: 0, stated: 0, unread: Vec::new(), digest: 0 };
    for item in items {
        let reading = row.money(&item.field);
        let amount = row.take(&item.field, reading);
        if row.says_nothing(&item.field) {
            read.unread.push(item.position);
            hash.int(item.digest).int(UNREAD);
        }
        let Some(amount) = amount else { continue };
        read.stated += 1;
        // A statement lists what there was: an item of nothing is no item.
        if amount == Fen::ZERO {
            continue;
        }
        hash.int(item.digest).int(amount.fen().cast_unsigned());
        found.push((item.position, amount.fen()));
        read.net += match item.sign {
            Sign::Plus => amount.fen(),
            Sign::Minus => -amount.fen(),
            Sign::Aside => 0,
        };
    }
    read.digest = hash.finish();
    read
}

/// Stands in a digest for an amount that cannot be read; no amount has this many fen.
const UNREAD: u64 = u64::MAX >> 1;

/// Compares the stated net income with the items; the items count.
fn check_net(row: &mut RowReader<'_, '_>, field: &Field, net: i64) {
    let reading = row.money(field);
    let Reading::Value(stated) = reading else {
        row.take(field, reading);
        return;
    };
    if stated.fen() != net {
        let computed = crate::fields::number::plain_yuan(net);
        row.note(
            field,
            Issue::NetDiffers,
            &[("value", &stated.to_plain()), ("meaning", &computed)],
        );
    }
}
