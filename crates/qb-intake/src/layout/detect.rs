//! Chooses the layout whose heads fit best and says what is missing when none fits.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use qb_base::{fold, personal};
use qb_policy::{LayoutForm, Place};

use super::ColumnMap;
use super::fault::{ambiguous_columns, missing_columns, unknown_layout};
use super::hits::{Head, Hit, MATCHES_MIN, Resolved, hits, resolve};
use super::labels::{KnownHeads, LayoutIndex};
use super::peek::{HeadRow, SheetHead};
use super::rest::head_rest;
use super::units::money_units;
use crate::error::FileFault;

/// Rows a head may have.
const HEAD_DEPTH_MAX: usize = 4;
/// Missing required columns weigh as much as so many known ones: a long list that lacks a column is
/// no short list with many extra ones.
const MISSING_WEIGHT: i64 = 2;

/// A sheet whose layout is known.
#[derive(Clone, Debug)]
pub struct Detected {
    /// How its columns map.
    pub columns: ColumnMap,
    /// Number of the last row of the head.
    pub head_last_row: u32,
    /// Title rows and rows of the head.
    pub head_row_count: usize,
    /// The year the title names.
    pub title_year: Option<i16>,
    /// For forms: the fields above the table, by position in the layout.
    pub head_fields: Vec<(usize, String, u32)>,
    /// The sheet's columns that are read, one range after the other: a table may be printed in
    /// halves side by side.
    pub halves: Vec<Range<usize>>,
    /// Columns whose head leaves out the unit that the layout's head names, with that unit.
    pub unit_left_out: Vec<(String, String)>,
    /// The rows down to the end of the head, as they stand.
    pub top: Arc<Vec<HeadRow>>,
    /// How many of them are titles.
    pub title_rows: usize,
    /// Which of them is the last of the head, from 0; rows that number columns may follow.
    pub head_row: usize,
}

/// One way to read the head.
struct Candidate<'a> {
    index: &'a LayoutIndex,
    first: usize,
    depth: usize,
    matched: usize,
    missing: usize,
}

/// Finds the head of a sheet.
///
/// # Errors
/// `layout_unknown`, or `layout_columns` with the heads that are missing, or `layout_ambiguous`
/// with those that stand twice.
pub fn detect_sheet(head: &SheetHead, layouts: &[LayoutIndex]) -> Result<Detected, FileFault> {
    let keys: Vec<Vec<String>> = head
        .rows
        .iter()
        .map(|row| row.cells.iter().map(|cell| fold::key(&cell.text)).collect())
        .collect();
    let year = |before: usize| title_year(&head.rows[..before]);
    let best = best_candidate(&keys, layouts, |first| year(first).is_some());
    let Some(best) = best.filter(|best| best.matched >= MATCHES_MIN) else {
        return Err(unknown_layout(layouts));
    };
    let after = best.first + best.depth;
    let rest = head_rest(&keys[after..], &best.index.words);
    let rows = &keys[best.first..after];
    let below = &keys[after + rest..];
    let hits = hits(best.index, rows, &keys[after..after + rest]);
    let resolved = resolve(&Head { index: best.index, rows, below }, hits)
        .map_err(|labels| ambiguous_columns(&best.index.layout, &labels))?;
    let missing = missing(best.index, &resolved.hits, year(best.first).is_some());
    if !missing.is_empty() {
        return Err(missing_columns(best.index, &missing, &resolved, layouts));
    }
    let Some(last_row) = head.rows[..after + rest].last() else {
        return Err(unknown_layout(layouts));
    };
    let place = Standing {
        last_row: last_row.number,
        first: best.first,
        last: after.saturating_sub(1),
        end: after + rest,
        year: year(best.first),
    };
    Ok(detected(head, &keys, best.index, resolved, &place))
}

/// Where the head stands.
struct Standing {
    /// The number of the last row of titles and heads.
    last_row: u32,
    first: usize,
    /// The last row of heads.
    last: usize,
    end: usize,
    year: Option<i16>,
}

fn detected(
    head: &SheetHead,
    keys: &[Vec<String>],
    index: &LayoutIndex,
    resolved: Resolved,
    place: &Standing,
) -> Detected {
    let above = &head.rows[..place.first];
    let top = &head.rows[..place.end];
    let (units, unit_left_out) = money_units(index, &resolved, above);
    let head_rows = keys[..place.end].iter().map(|row| cut(row)).collect();
    let mut columns = ColumnMap::new(index, sheet_columns(index, &resolved), units, head_rows);
    columns.joined = resolved.joined;
    columns.unknown = unknown(head, index, &resolved, place);
    Detected {
        head_last_row: place.last_row,
        head_row_count: top.len(),
        title_year: place.year,
        head_fields: match index.layout.form {
            LayoutForm::Form => form_fields(index, above),
            LayoutForm::Table => Vec::new(),
        },
        halves: resolved.halves,
        unit_left_out,
        top: Arc::new(top.to_vec()),
        title_rows: place.first,
        head_row: place.last,
        columns,
    }
}

/// A row without the blank cells behind its last filled one.
fn cut(mut row: &[String]) -> Vec<String> {
    while let [rest @ .., last] = row
        && last.is_empty()
    {
        row = rest;
    }
    row.to_vec()
}

fn sheet_columns(index: &LayoutIndex, resolved: &Resolved) -> Vec<Option<usize>> {
    let mut columns = vec![None; index.layout.columns.len()];
    for hit in &resolved.hits {
        if let Some(slot) = columns.get_mut(hit.column) {
            *slot = Some(hit.at);
        }
    }
    columns
}

/// Columns with a head that nobody reads.
fn unknown(
    head: &SheetHead,
    index: &LayoutIndex,
    resolved: &Resolved,
    place: &Standing,
) -> Vec<(usize, String)> {
    let rows = &head.rows[place.first..place.end];
    let width = rows.iter().map(|row| row.cells.len()).fold(0, usize::max);
    let one = resolved.halves.first().map_or(width, |half| half.end.min(width));
    (0..one)
        .filter(|column| resolved.hits.iter().all(|hit| hit.at != *column))
        .filter(|column| resolved.unit_column != Some(*column) && !resolved.same.contains(column))
        .filter_map(|column| {
            let label = rows.iter().rev().find_map(|row| {
                row.cells.get(column).map(|cell| cell.text.as_str()).filter(|text| !text.is_empty())
            })?;
            // It is told in the report; a number of a person in it is not.
            let told = || personal::covered(label).unwrap_or_else(|| label.to_owned());
            (!index.words.is_free_head(&fold::key(label))).then(|| (column, told()))
        })
        .collect()
}

/// The best way to read the head among all layouts.
///
/// A head begins and ends with a row in which its layout knows a cell. Most rows are data that no
/// layout knows anything in, so one look at each cell leaves few rows and few layouts to try.
fn best_candidate<'a>(
    keys: &[Vec<String>],
    layouts: &'a [LayoutIndex],
    year_above: impl Fn(usize) -> bool,
) -> Option<Candidate<'a>> {
    let known = KnownHeads::of(layouts);
    let telling: Vec<Vec<&str>> = keys
        .iter()
        .map(|row| row.iter().map(String::as_str).filter(|key| known.contains(key)).collect())
        .collect();
    let mut best: Option<Candidate<'a>> = None;
    for index in layouts {
        let known_in = |row: &Vec<&str>| row.iter().filter(|k| index.knows(k)).count();
        let counts: Vec<usize> = telling.iter().map(known_in).collect();
        for (first, _) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            for depth in 1..=HEAD_DEPTH_MAX.min(counts.len() - first) {
                let window = &counts[first..first + depth];
                let ends_in_hit = window.last().is_some_and(|last| *last > 0);
                if !ends_in_hit || window.iter().sum::<usize>() < MATCHES_MIN {
                    continue;
                }
                let found = candidate(index, keys, (first, depth), year_above(first));
                if best.as_ref().is_none_or(|known| rank(&found) > rank(known)) {
                    best = Some(found);
                }
            }
        }
    }
    best
}

/// More columns beat fewer, missing ones count against a head; then one without missing columns,
/// then fewer rows, then the one that stands higher.
fn rank(candidate: &Candidate<'_>) -> (i64, bool, usize, Reverse<usize>) {
    let count = qb_base::count;
    let is_complete = candidate.missing == 0 && candidate.matched >= MATCHES_MIN;
    (
        count(candidate.matched) - MISSING_WEIGHT * count(candidate.missing),
        is_complete,
        HEAD_DEPTH_MAX - candidate.depth,
        Reverse(candidate.first),
    )
}

fn candidate<'a>(
    index: &'a LayoutIndex,
    keys: &[Vec<String>],
    (first, depth): (usize, usize),
    year_in_title: bool,
) -> Candidate<'a> {
    let hits = hits(index, &keys[first..first + depth], &[]);
    let mut columns: Vec<usize> = hits.iter().map(|hit| hit.column).collect();
    columns.sort_unstable();
    columns.dedup();
    let missing = missing(index, &hits, year_in_title).len();
    Candidate { index, first, depth, matched: columns.len(), missing }
}

/// Labels of required columns that no head of the sheet names.
fn missing(index: &LayoutIndex, hits: &[Hit], year_in_title: bool) -> Vec<String> {
    let is_year = |at: usize| index.layout.columns.get(at).is_some_and(|c| c.id == "year");
    index
        .required(Place::Row)
        .filter(|(at, _)| hits.iter().all(|hit| hit.column != *at))
        .filter(|(at, _)| !(year_in_title && is_year(*at)))
        .map(|(_, label)| label.to_owned())
        .collect()
}

/// Fields above a form's table: `村：练马村` in one cell, or label and value in neighbouring cells.
fn form_fields(index: &LayoutIndex, above: &[HeadRow]) -> Vec<(usize, String, u32)> {
    let mut fields: Vec<(usize, String, u32)> = Vec::new();
    for row in above {
        for (at, cell) in row.cells.iter().enumerate() {
            let (label, inside) = match cell.text.split_once(['：', ':']) {
                Some((label, value)) => (label, value.trim()),
                None => (cell.text.as_str(), ""),
            };
            let Some(found) = index.head_match(&fold::key(label)) else { continue };
            let next = || {
                row.cells
                    .iter()
                    .skip(at + 1)
                    .map(|cell| cell.text.as_str())
                    .find(|text| !text.is_empty())
            };
            let value = if inside.is_empty() { next() } else { Some(inside) };
            let Some(value) = value else { continue };
            // The neighbour of a blank field is the next label, not a value.
            let head = value.split_once(['：', ':']).map_or(value, |(head, _)| head);
            let is_label = inside.is_empty() && index.head_match(&fold::key(head)).is_some();
            if !is_label && fields.iter().all(|(known, ..)| *known != found.column) {
                fields.push((found.column, value.to_owned(), row.number));
            }
        }
    }
    fields
}

/// A year such as `2016年` in the rows above the head.
fn title_year(rows: &[HeadRow]) -> Option<i16> {
    rows.iter().flat_map(|row| &row.cells).find_map(|cell| {
        let chars: Vec<char> = cell.text.chars().collect();
        chars.windows(5).enumerate().find_map(|(at, window)| {
            let (digits, after) = window.split_at_checked(4)?;
            let starts = at == 0 || !chars.get(at - 1)?.is_ascii_digit();
            let number = digits.iter().try_fold(0_i16, |year, c| {
                Some(year * 10 + i16::try_from(c.to_digit(10)?).ok()?)
            })?;
            (starts && after == ['年'] && (1949..=2100).contains(&number)).then_some(number)
        })
    })
}
