//! The parsing thread of a file: opens it, walks its sheets, hands on batches.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel};

use qb_policy::LayoutTarget;
use qb_registry::draft::RegisterBatch;

use crate::error::IntakeError;
use crate::layout::Detected;
use crate::read::batch::{Notes, RowView};
use crate::read::{Flow, Source};
use crate::rows::Shared;
use crate::rows::income::{IncomeParser, Sign};
use crate::rows::ledger::LedgerParser;
use crate::rows::listing::{DesignationParser, ReferenceParser};
use crate::rows::parsed::{Parsed, Rows};
use crate::rows::record::RecordParser;
use crate::rows::register::RegisterParser;

/// A sheet that will be read.
#[derive(Clone, Debug)]
pub(crate) struct PlannedSheet {
    pub(crate) position: usize,
    pub(crate) name: String,
    pub(crate) detected: Detected,
    /// The sheet's columns that are read, one range after the other.
    pub(crate) halves: Vec<Range<usize>>,
}

/// What the parsing thread sends.
pub(crate) enum Event {
    /// Rows of this sheet follow; used batches of the register may be sent back.
    Sheet(String, Sender<Rows<RegisterBatch>>),
    /// Records and faults.
    Batch(Box<Parsed>),
    /// The sheet is over.
    SheetEnd(SheetFacts),
}

/// What was left out or hidden in a sheet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SheetFacts {
    pub(crate) head_rows: u64,
    pub(crate) notes: u64,
    pub(crate) hidden_rows: u64,
    pub(crate) first_hidden: u32,
    pub(crate) reader: Notes,
}

/// The pack's income items with how each counts.
pub(crate) type Items = [(String, Sign)];

/// One parser per kind of layout.
enum Parser {
    Register(Box<RegisterParser>),
    Income(Box<IncomeParser>),
    Ledger(Box<LedgerParser>),
    Designation(Box<DesignationParser>),
    Reference(Box<ReferenceParser>),
    Record(Box<RecordParser>),
}

impl Parser {
    fn new(
        shared: &Shared,
        detected: &Detected,
        items: &Items,
        used: Receiver<Rows<RegisterBatch>>,
    ) -> Self {
        let (shared, columns) = (shared.clone(), detected.columns.clone());
        match columns.layout.target {
            LayoutTarget::Register => {
                Self::Register(Box::new(RegisterParser::new(shared, columns, used)))
            }
            LayoutTarget::Income => Self::Income(Box::new(IncomeParser::new(
                shared,
                columns,
                items,
                detected.title_year,
            ))),
            LayoutTarget::VillageLedger => {
                Self::Ledger(Box::new(LedgerParser::new(shared, detected)))
            }
            LayoutTarget::Designation => {
                Self::Designation(Box::new(DesignationParser::new(shared, columns)))
            }
            LayoutTarget::Reference => {
                Self::Reference(Box::new(ReferenceParser::new(shared, columns)))
            }
            LayoutTarget::Record => {
                Self::Record(Box::new(RecordParser::new(shared, columns, detected.title_year)))
            }
        }
    }

    #[inline]
    fn row(&mut self, row: RowView<'_>) -> Option<Parsed> {
        match self {
            Self::Register(parser) => parser.row(row).map(Parsed::Register),
            Self::Income(parser) => parser.row(row).map(Parsed::Income),
            Self::Record(parser) => parser.row(row).map(Parsed::Record),
            Self::Ledger(parser) => {
                parser.row(row);
                None
            }
            Self::Designation(parser) => {
                parser.row(row);
                None
            }
            Self::Reference(parser) => {
                parser.row(row);
                None
            }
        }
    }

    /// The rest, and how many notes were left out.
    fn finish(self) -> (Parsed, u64) {
        match self {
            Self::Register(mut parser) => (Parsed::Register(parser.finish()), parser.notes),
            Self::Income(mut parser) => (Parsed::Income(parser.finish()), parser.notes),
            Self::Record(mut parser) => (Parsed::Record(parser.finish()), parser.notes),
            Self::Ledger(parser) => {
                let notes = parser.notes;
                let (draft, common) = parser.finish();
                (Parsed::Ledger(draft, common), notes)
            }
            Self::Designation(mut parser) => {
                let notes = parser.notes();
                let (rows, common) = parser.finish();
                (Parsed::Designations(rows, common), notes)
            }
            Self::Reference(mut parser) => {
                let notes = parser.notes();
                let (rows, common) = parser.finish();
                (Parsed::References(rows, common), notes)
            }
        }
    }
}

/// Batches from which on the writer is behind; the parsing thread then takes some of its work.
const WAITING_MANY: usize = 2;

/// The way to the writer, and how many batches wait there.
pub(crate) struct Outlet<'a> {
    pub(crate) events: SyncSender<Event>,
    pub(crate) waiting: &'a AtomicUsize,
}

impl Outlet<'_> {
    /// False when the writer is gone.
    fn batch(&self, mut parsed: Parsed, shared: &Shared) -> bool {
        if let Parsed::Register(rows) = &mut parsed
            && self.waiting.load(Ordering::Relaxed) >= WAITING_MANY
        {
            rows.batch.seal(&shared.keyring);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.events.send(Event::Batch(Box::new(parsed))).is_ok()
    }
}

/// Parses the rows below the head in some of the sheet's columns; false when the writer is gone.
fn parse_half(
    source: &mut Source,
    sheet: &PlannedSheet,
    half: &Range<usize>,
    parser: &mut Parser,
    (facts, outlet, shared): (&mut SheetFacts, &Outlet<'_>, &Shared),
) -> Result<bool, IntakeError> {
    let last = sheet.detected.head_last_row;
    let first = sheet.detected.halves.first().filter(|_| sheet.detected.halves.len() > 1);
    let mut open = true;
    source.stream(sheet.position, &mut |batch| {
        facts.reader += batch.notes();
        for row in batch.rows().filter(|row| row.number > last) {
            let row = first.map_or(row, |first| row.half(first, half));
            if row.hidden {
                facts.first_hidden =
                    if facts.hidden_rows == 0 { row.number } else { facts.first_hidden };
                facts.hidden_rows += 1;
            }
            if let Some(parsed) = parser.row(row) {
                open = outlet.batch(parsed, shared);
            }
            if !open {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    })?;
    Ok(open)
}

/// Parses the planned sheets of a file; ends early when the writer is gone.
pub(crate) fn parse(
    path: &Path,
    sheets: &[PlannedSheet],
    shared: &Shared,
    items: &Items,
    outlet: &Outlet<'_>,
) -> Result<(), IntakeError> {
    let events = &outlet.events;
    let mut source = Source::open(path)?;
    for sheet in sheets {
        let (back, used) = channel();
        if events.send(Event::Sheet(sheet.name.clone(), back)).is_err() {
            return Ok(());
        }
        let mut parser = Parser::new(shared, &sheet.detected, items, used);
        let mut facts =
            SheetFacts { head_rows: sheet.detected.head_row_count as u64, ..SheetFacts::default() };
        for half in &sheet.halves {
            if !parse_half(&mut source, sheet, half, &mut parser, (&mut facts, outlet, shared))? {
                return Ok(());
            }
        }
        let (parsed, notes) = parser.finish();
        facts.notes += notes;
        if !outlet.batch(parsed, shared) || events.send(Event::SheetEnd(facts)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
