//! Income rows: one household and year a row, one column per item.

use qb_base::Fen;

use super::Shared;
use super::draft::{IncomeBatch, RefusedDraft, StatementDraft};
use super::fault_log::FaultLog;
use super::field::{Field, RowReader};
use super::kept;
use super::notes::{RowKind, RowSorter};
use super::place::PlaceReader;
use crate::fields::number::integer;
use crate::fields::{Issue, Reading, date};
use crate::hash::Hash64;
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
    place: PlaceReader,
    sorter: RowSorter,
    title_year: Option<i16>,
    pub(crate) log: FaultLog,
    batch: IncomeBatch,
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
        let items = items
            .iter()
            .enumerate()
            .filter_map(|(at, (id, sign))| {
                let field = Field::of(&columns, id);
                (field.column != usize::MAX).then_some(Item {
                    field,
                    position: u16::try_from(at).ok()?,
                    sign: *sign,
                })
            })
            .collect();
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
            place: PlaceReader::new(&columns),
            title_year,
            shared,
            columns,
            log: FaultLog::default(),
            batch: IncomeBatch::default(),
            scratch: Vec::new(),
            notes: 0,
        }
    }

    /// Reads one row; answers a batch when one is full.
    pub(crate) fn row(&mut self, view: RowView<'_>) -> Option<IncomeBatch> {
        let kind = self.sorter.sort(&view, &self.columns);
        self.log.unit_below = self.sorter.unit_below;
        if kind != RowKind::Record {
            self.notes += u64::from(kind == RowKind::Note);
            return None;
        }
        let number = view.value(self.household_no.column).trimmed();
        self.statement(view, &number);
        (self.batch.statements.len() >= BATCH_STATEMENTS
            || self.batch.common.refused.len() >= BATCH_STATEMENTS)
            .then(|| {
                let mut batch = std::mem::take(&mut self.batch);
                batch.common.faults = self.log.drain();
                batch
            })
    }

    /// Ends the sheet.
    pub(crate) fn finish(&mut self) -> IncomeBatch {
        let mut batch = std::mem::take(&mut self.batch);
        batch.common.faults = self.log.finish();
        batch
    }

    fn statement(&mut self, view: RowView<'_>, number: &str) {
        let mut row = RowReader { row: view, log: &mut self.log, refused: false, repaired: false };
        row.log.area = None;
        let area = self.place.read(&mut row, &self.shared);
        row.log.area = area;
        if number.is_empty() {
            row.note_blank(&self.household_no, Issue::Required);
        }
        let year = date::year(row.value(&self.year));
        let year = row.take(&self.year, year).or(self.title_year);
        if let Some(year) = year.filter(|year| !self.shared.covers(*year)) {
            row.note(
                &self.year,
                Issue::YearOutside,
                &[("value", &year.to_string()), ("range", &self.shared.years())],
            );
        }
        let members = integer(row.value(&self.member_count));
        row.take(&self.member_count, members);
        let mut hash = Hash64::new();
        hash.bytes(number.as_bytes());
        let first = self.batch.items.len();
        let (mut net, mut stated) = (0_i64, 0_u32);
        for item in &self.items {
            let reading = row.money(&item.field);
            let Some(amount) = row.take(&item.field, reading) else { continue };
            stated += 1;
            // A statement lists what there was: an item of nothing is no item.
            if amount == Fen::ZERO {
                continue;
            }
            hash.int(u64::from(item.position)).int(amount.fen().cast_unsigned());
            self.batch.items.push((item.position, amount.fen()));
            net += match item.sign {
                Sign::Plus => amount.fen(),
                Sign::Minus => -amount.fen(),
                Sign::Aside => 0,
            };
        }
        if stated == 0 {
            let field = self.items.first().map_or(&self.household_no, |item| &item.field);
            row.note(field, Issue::StatementBlank, &[]);
        }
        check_net(&mut row, &self.net_income, net);
        let (refused, repaired) = (row.refused, row.repaired);
        let counts = &mut self.batch.common.counts;
        counts.read += 1;
        counts.repaired += u64::from(repaired && !refused);
        self.scratch.clear();
        kept::put_row(&view, &self.place.in_force(), &mut self.scratch);
        if refused {
            counts.rejected += 1;
            self.batch.items.truncate(first);
            let refused = RefusedDraft { row: view.number, cells: self.scratch.clone() };
            self.batch.common.refused.push(refused);
            return;
        }
        self.batch.statements.push(StatementDraft {
            row: view.number,
            household_no: self.batch.arena.put_text(number),
            area,
            year: year.unwrap_or_default(),
            items: first..self.batch.items.len(),
            digest: hash.finish().cast_signed(),
            cells: self.batch.arena.put(&self.scratch),
        });
    }
}

/// Compares the stated net income with the items; the items count.
fn check_net(row: &mut RowReader<'_, '_>, field: &Field, net: i64) {
    let reading = row.money(field);
    let Reading::Value(stated) = reading else {
        row.take(field, reading);
        return;
    };
    if stated.fen() != net {
        let computed = Fen::new(net).map(Fen::to_plain).unwrap_or_default();
        row.note(
            field,
            Issue::NetDiffers,
            &[("value", &stated.to_plain()), ("meaning", &computed)],
        );
    }
}
