//! The desk where lists are written: each is a dataset of the pack in the hand of an office, with
//! a title above, notes below, and mistakes that the truth knows of.

mod hand;
mod map;
mod mistakes;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub(crate) use map::{Map, MapTown, Spot};
pub use mistakes::Mistake;
pub(crate) use value::{Value, day_number, day_of, later, thousandths};

use crate::dice::{Dice, Stream};
use crate::error::{CityError, Result};
use crate::faults::Expectation;
use crate::model::Format;
use crate::sheet::{Cell, Table};
use crate::trace;
use crate::truth::FileTruth;
use hand::Hand;
use mistakes::Column;

/// What lists of departments hold, for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTruth {
    /// Different rows by dataset, as they stand after a correct import.
    pub rows: BTreeMap<String, u64>,
    /// Rows by dataset that are refused once and come again, corrected.
    pub corrected: BTreeMap<String, u64>,
    /// Rows by dataset that were taken with a wrong amount and come again with the right one.
    #[serde(default)]
    pub restated: BTreeMap<String, u64>,
    /// Rows by dataset that are refused and never come again: the office withdrew them.
    #[serde(default)]
    pub withdrawn: BTreeMap<String, u64>,
    /// Mistakes.
    pub mistakes: Vec<MistakeTruth>,
    /// What the rows add up to, by name; money in fen.
    pub sums: BTreeMap<String, i64>,
}

/// A mistake as it was planted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MistakeTruth {
    /// What it is.
    pub mistake: Mistake,
    /// Its code in the catalogue.
    pub code: String,
    /// What becomes of the row.
    pub expect: Expectation,
    /// The dataset.
    pub dataset: String,
    /// The file, relative to the raw folder.
    pub file: String,
    /// The row, counted from 1.
    pub row: u32,
    /// The head of the column.
    pub column: String,
}

/// How often mistakes happen.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mistakes {
    /// Per mille of the rows of a file.
    pub(crate) mild: u64,
    pub(crate) grave: u64,
    /// Rows below which a file has no mistake.
    pub(crate) least_rows: usize,
    /// Rows below which a file has none that is withdrawn, or comes again with another amount.
    pub(crate) least_rows_amended: usize,
}

/// Lists in which an amount is restated; each of their rows has one amount, and nothing else
/// rests on it.
const RESTATED: [&str; 2] = ["road", "village_economy"];

/// What a list is: its dataset, what stands above it, its heads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) dataset: &'static str,
    pub(crate) title: &'static str,
    /// A star marks columns that every row needs, two stars columns of the key.
    pub(crate) heads: &'static [&'static str],
    /// So many columns from the left are merged over rows that share them (F8, workbooks only).
    pub(crate) merged: usize,
}

/// Where and how a list is sent.
#[derive(Clone, Debug)]
pub(crate) struct Parcel<'a> {
    /// Folder below the raw files.
    pub(crate) folder: &'a str,
    /// What the file is called, without its ending.
    pub(crate) name: String,
    /// Who sends it.
    pub(crate) from: &'a str,
    pub(crate) format: Format,
}

/// The desk of all departments.
pub(crate) struct Desk<'a> {
    pub(crate) raw: &'a Path,
    pub(crate) seed: u64,
    pub(crate) mistakes: Mistakes,
    pub(crate) files: Vec<FileTruth>,
    pub(crate) truth: ListTruth,
}

/// One row of a list.
pub(crate) type Row = Vec<Value>;

impl Desk<'_> {
    /// Throws for one purpose of one list; lists never share throws.
    pub(crate) fn dice(&self, name: &str) -> Dice {
        Dice::new(self.seed, Stream::Desk, number_of(name))
    }

    /// Notes what rows add up to.
    pub(crate) fn sum(&mut self, name: &str, amount: i64) {
        *self.truth.sums.entry(name.to_owned()).or_default() += amount;
    }

    /// Writes a list, and its corrections if any row is refused.
    pub(crate) fn send(
        &mut self,
        kind: &Kind,
        parcel: &Parcel<'_>,
        mut rows: Vec<Row>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let untraced = traced(kind, &mut rows)?;
        let mut dice = self.dice(&format!("{}/{}", parcel.folder, parcel.name));
        let traced: &[&str] = if trace::is_traced(kind.dataset) { &trace::HEADS } else { &[] };
        let columns: Vec<Column<'_>> =
            kind.heads.iter().chain(traced).map(|head| column(head)).collect();
        let spoilt = self.choose(&rows, &mut dice);
        *self.truth.rows.entry(kind.dataset.to_owned()).or_default() += rows.len() as u64;
        let (mut refused, mut again, mut above) = (Vec::new(), Vec::new(), None);
        let restated = self.restated(kind, &rows, &spoilt);
        let withdrawn = self.withdrawn(kind, &rows);
        let merged = if parcel.format == Format::Xlsx { kind.merged } else { 0 };
        let mut sheet = Sheet::open(self.raw, kind, parcel, &rows, &columns, &mut dice)?;
        for (index, mut row) in rows.into_iter().enumerate() {
            debug_assert_eq!(row.len(), columns.len(), "{} {row:?}", kind.dataset);
            let clean = row.clone();
            let grave = spoilt.get(&index);
            let mistake = grave.and_then(|g| mistakes::spoil(&mut row, &columns, *g, &mut dice));
            if restated == Some(index) {
                misstate(&mut row);
                again.push(clean.clone());
            } else if mistake.is_some() && grave == Some(&true) {
                // Who sends a row again has looked at all of it: its first amount was another one.
                misstate(&mut row);
            }
            if mistake.is_none_or(|(_, column)| column >= merged) {
                merge(&mut row, &mut above, &clean, merged);
            } else {
                above = None;
            }
            let at = sheet.row(&row)?;
            let Some((mistake, column)) = mistake else { continue };
            if mistake.expectation() == Expectation::RefusedThenCorrected {
                refused.push(clean);
            }
            self.note(&sheet, (mistake, mistake.expectation()), at, columns[column].head);
        }
        if let Some(mut row) = withdrawn
            && let Some((mistake, column)) = mistakes::spoil(&mut row, &columns, true, &mut dice)
        {
            let at = sheet.row(&row)?;
            *self.truth.withdrawn.entry(kind.dataset.to_owned()).or_default() += 1;
            self.note(&sheet, (mistake, Expectation::Refused), at, columns[column].head);
        }
        self.files.push(FileTruth { untraced, ..sheet.close()? });
        let counts = [(&mut self.truth.corrected, &refused), (&mut self.truth.restated, &again)];
        for (counts, rows) in counts {
            if !rows.is_empty() {
                *counts.entry(kind.dataset.to_owned()).or_default() += rows.len() as u64;
            }
        }
        refused.extend(again);
        self.correct(kind, parcel, refused, &columns)
    }

    /// Notes a mistake in a row.
    fn note(
        &mut self,
        sheet: &Sheet,
        (mistake, expect): (Mistake, Expectation),
        row: u32,
        head: &str,
    ) {
        self.truth.mistakes.push(MistakeTruth {
            mistake,
            code: mistake.code().to_owned(),
            expect,
            dataset: sheet.dataset.to_owned(),
            file: sheet.table.file().to_owned(),
            row,
            column: sheet.hand.head(head),
        });
    }

    /// The row of a list that is taken with a wrong amount at first; none of a short list.
    fn restated(&self, kind: &Kind, rows: &[Row], spoilt: &BTreeMap<usize, bool>) -> Option<usize> {
        let long = rows.len() >= self.mistakes.least_rows_amended;
        let fits = |at: &usize| {
            !spoilt.contains_key(at) && rows[*at].iter().any(|v| matches!(v, Value::Fen(1..)))
        };
        let found = (rows.len() / 3..rows.len()).find(fits);
        found.filter(|_| long && RESTATED.contains(&kind.dataset))
    }

    /// A row that a long list has twice, under another number; only lists whose rows have one.
    fn withdrawn(&self, kind: &Kind, rows: &[Row]) -> Option<Row> {
        let numbered = kind.heads.first().is_some_and(|head| head.ends_with("**"));
        let long = rows.len() >= self.mistakes.least_rows_amended;
        let fits = numbered && long && !trace::is_traced(kind.dataset);
        let mut row = rows.get(rows.len() / 2).filter(|_| fits)?.clone();
        let Value::Text(number) = row.first_mut()? else { return None };
        number.push_str("-2");
        Some(row)
    }

    /// Which rows are spoilt, and whether gravely.
    fn choose(&self, rows: &[Row], dice: &mut Dice) -> BTreeMap<usize, bool> {
        let mut chosen = BTreeMap::new();
        if rows.len() < self.mistakes.least_rows {
            return chosen;
        }
        for (often, grave) in [(self.mistakes.mild, false), (self.mistakes.grave, true)] {
            let count = 1 + rows.len() as u64 * often / 1000;
            for _ in 0..count {
                chosen.insert(dice.index(rows.len()), grave);
            }
        }
        chosen
    }

    /// The rows a department sends again after its report of faults.
    fn correct(
        &mut self,
        kind: &Kind,
        parcel: &Parcel<'_>,
        rows: Vec<Row>,
        columns: &[Column<'_>],
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let again = Parcel { name: format!("{}_补正", parcel.name), ..parcel.clone() };
        let mut dice = self.dice(&format!("{}/{}", again.folder, again.name));
        let mut sheet = Sheet::open(self.raw, kind, &again, &rows, columns, &mut dice)?;
        for row in &rows {
            sheet.row(row)?;
        }
        self.files.push(sheet.close()?);
        Ok(())
    }
}

/// A list being written.
struct Sheet {
    table: Table,
    hand: Hand,
    dataset: &'static str,
    width: usize,
    traits: Vec<String>,
    rows: u64,
}

impl Sheet {
    fn open(
        raw: &Path,
        kind: &Kind,
        parcel: &Parcel<'_>,
        rows: &[Row],
        columns: &[Column<'_>],
        dice: &mut Dice,
    ) -> Result<Self> {
        let ending = if parcel.format == Format::Xlsx { "xlsx" } else { "csv" };
        let file = format!("{}/{}.{ending}", parcel.folder, parcel.name);
        let hand = Hand::of(parcel.format, dice);
        let mut table = Table::create(raw, &file, parcel.format, "台账")?;
        let width = columns.len() + 1;
        table.banner(&format!("{}{}", parcel.from, kind.title), width)?;
        if dice.mille(400) {
            table.row(&[Cell::text(format!("填报单位:{}", parcel.from))])?;
        }
        let star = |column: &Column<'_>| if hand.stars && column.required { "*" } else { "" };
        let mut heads = vec![Cell::text("序号")];
        heads.extend(
            columns.iter().map(|c| Cell::text(format!("{}{}", star(c), hand.head(c.head)))),
        );
        table.row(&heads)?;
        let mut traits = hand.traits(rows);
        if parcel.format == Format::CsvGb18030 {
            traits.push("F15".to_owned());
        }
        if kind.merged > 0 && parcel.format == Format::Xlsx {
            traits.push("F8".to_owned());
        }
        Ok(Self { table, hand, dataset: kind.dataset, width, traits, rows: 0 })
    }

    fn row(&mut self, row: &[Value]) -> Result<u32> {
        self.rows += 1;
        let mut cells = Vec::with_capacity(self.width);
        cells.push(Cell::Int(qb_base::tally(self.rows)));
        cells.extend(row.iter().map(|value| self.hand.cell(value)));
        self.table.row(&cells)
    }

    /// Ends the list with the note every list has.
    fn close(mut self) -> Result<FileTruth> {
        let mut note = vec![Cell::Blank; self.width];
        note[0] = Cell::text("填报人:");
        note[self.width - 1] = Cell::text("审核人:");
        self.table.row(&note)?;
        let truth = FileTruth {
            file: self.table.file().to_owned(),
            layout: self.dataset.to_owned(),
            rows: self.rows,
            traits: self.traits,
            untraced: 0,
        };
        self.table.finish()?;
        Ok(truth)
    }
}

/// Another amount than the office meant: a tenth less.
fn misstate(row: &mut Row) {
    let amounts = row.iter_mut().filter_map(|value| match value {
        Value::Fen(fen) if *fen > 0 => Some(fen),
        _ => None,
    });
    for fen in amounts.take(1) {
        *fen -= *fen / 10;
    }
}

/// Adds to rows that tell of steps who handled them and where their papers lie; answers how many
/// lack one of both.
fn traced(kind: &Kind, rows: &mut [Row]) -> Result<u64> {
    if !trace::is_traced(kind.dataset) {
        return Ok(0);
    }
    let mut untraced = 0;
    for row in rows {
        let number = row.first().ok_or_else(|| {
            CityError::Model(format!("the list {} has a row without cells", kind.dataset))
        })?;
        let key = number.as_text().to_owned();
        untraced += u64::from(trace::is_planted(kind.dataset, &key));
        row.extend(trace::of(kind.dataset, &key).map(|one| one.map_or(Value::Blank, Value::Text)));
    }
    Ok(untraced)
}

/// Leaves out what a merged cell above says.
fn merge(row: &mut Row, above: &mut Option<Row>, clean: &Row, merged: usize) {
    if let Some(above) = above.as_ref().filter(|above| above[..merged] == clean[..merged]) {
        debug_assert_eq!(above.len(), row.len());
        row[..merged].fill(Value::Blank);
    }
    *above = Some(clean.clone());
}

fn column<'a>(head: &&'a str) -> Column<'a> {
    let plain = head.trim_end_matches('*');
    let stars = head.len() - plain.len();
    Column { head: plain, required: stars > 0, key: stars > 1 }
}

/// A number for a name, the same on every machine (FNV-1a).
fn number_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
