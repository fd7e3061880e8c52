//! Which heads of a sheet name which columns of a layout; what stands twice is told apart.

use std::collections::BTreeMap;
use std::ops::Range;

use super::labels::LayoutIndex;
use super::unit::Said;

/// Heads a row must have in common with a layout to be taken for its head.
pub(crate) const MATCHES_MIN: usize = 2;
/// Parts side by side that a table may be printed in.
const HALVES_MAX: usize = 4;

/// A head that names a column of the layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Column of the sheet.
    pub(crate) at: usize,
    /// Position of the column in the layout.
    pub(crate) column: usize,
    /// What the heads of the column say about the unit of its amounts.
    pub(crate) said: Said,
    /// The folded head.
    label: String,
    /// The heads of the groups above it, the nearest first.
    groups: Vec<String>,
    /// Whether group and head together name the column.
    with_group: bool,
}

/// A head with the rows below it, folded.
pub(crate) struct Head<'a> {
    pub(crate) index: &'a LayoutIndex,
    pub(crate) rows: &'a [Vec<String>],
    pub(crate) below: &'a [Vec<String>],
}

/// Every column of the layout with at most one column of the sheet.
pub(crate) struct Resolved {
    pub(crate) hits: Vec<Hit>,
    /// The sheet's columns that are read one after the other.
    pub(crate) halves: Vec<Range<usize>>,
    /// The column in which several places stand together.
    pub(crate) joined: Option<usize>,
    /// The column that names the unit of each row.
    pub(crate) unit_column: Option<usize>,
    /// Columns that say again what another one says.
    pub(crate) same: Vec<usize>,
}

/// A head that stands twice, as messages name it, with the columns it stands in.
pub(crate) type Twice = (String, Vec<usize>);

fn cell(row: &[String], column: usize) -> &str {
    // Rows end with their last cell: what lies behind it is blank.
    row.get(column).map_or("", String::as_str)
}

/// The heads of a window of rows that name columns of the layout, from left to right; a column may
/// be named twice.
///
/// `rest` are the rows below them that number columns or name units.
pub(crate) fn hits(index: &LayoutIndex, rows: &[Vec<String>], rest: &[Vec<String>]) -> Vec<Hit> {
    let width = rows.iter().map(Vec::len).fold(0, usize::max);
    let mut hits: Vec<Hit> = (0..width).filter_map(|at| hit(index, rows, rest, at)).collect();
    joined_hits(index, rows, &mut hits);
    hits
}

/// What the lowest head of a column names; a head merged downwards stands in the row above.
fn hit(index: &LayoutIndex, rows: &[Vec<String>], rest: &[Vec<String>], at: usize) -> Option<Hit> {
    let words = &index.words;
    let is_rest = |key: &str| words.units.list(key).is_some() || words.is_ordinal(key);
    let lowest = rows.iter().enumerate().rev().find(|(_, row)| {
        let key = cell(row, at);
        !key.is_empty() && !is_rest(key)
    });
    let (row, label) = lowest.map(|(row, cells)| (row, cell(cells, at)))?;
    let groups: Vec<String> =
        (0..row).rev().filter_map(|upper| group(rows, upper, at)).map(str::to_owned).collect();
    let together = groups.iter().find_map(|group| index.row_match(&format!("{group}{label}")));
    let found = together.or_else(|| index.row_match(label))?;
    let below = rows.iter().skip(row + 1).chain(rest);
    let below = below.filter_map(|row| words.units.list(cell(row, at)));
    let of_groups = || {
        groups.iter().map(|group| words.units.in_head(group)).find(|said| *said != Said::Nothing)
    };
    let said = found.said.and(Said::by(below.flatten()));
    Some(Hit {
        at,
        column: found.column,
        said: if said == Said::Nothing { of_groups().unwrap_or(said) } else { said },
        label: label.to_owned(),
        groups,
        with_group: together.is_some(),
    })
}

/// The head of a group in an upper row: it stands above the column or, merged, left of it.
fn group(rows: &[Vec<String>], upper: usize, column: usize) -> Option<&str> {
    let row = rows.get(upper)?;
    let at = (0..=column).rev().find(|at| !cell(row, *at).is_empty())?;
    // A head merged downwards has nothing below itself and groups nothing.
    let mut lower = rows.iter().skip(upper + 1);
    (at == column || lower.any(|row| !cell(row, at).is_empty())).then(|| cell(row, at))
}

/// One head for several places, where the sheet has none of them by itself.
fn joined_hits(index: &LayoutIndex, rows: &[Vec<String>], hits: &mut Vec<Hit>) {
    let width = rows.iter().map(Vec::len).fold(0, usize::max);
    for at in (0..width).filter(|at| hits.iter().all(|hit| hit.at != *at)).collect::<Vec<_>>() {
        let label = rows.iter().rev().map(|row| cell(row, at)).find(|key| !key.is_empty());
        let Some((label, ids)) = label.and_then(|key| Some((key, index.words.joined(key)?))) else {
            continue;
        };
        let columns: Option<Vec<usize>> =
            ids.iter().map(|id| index.layout.columns.iter().position(|c| c.id == *id)).collect();
        let free = |column: &usize| hits.iter().all(|hit| hit.column != *column);
        if let Some(columns) = columns.filter(|columns| columns.iter().all(free)) {
            hits.extend(columns.into_iter().map(|column| Hit {
                at,
                column,
                said: Said::Nothing,
                label: label.to_owned(),
                groups: Vec::new(),
                with_group: false,
            }));
            return;
        }
    }
}

/// Tells apart what stands twice.
///
/// # Errors
/// The heads that neither their groups nor their places tell apart.
pub(crate) fn resolve(head: &Head<'_>, mut hits: Vec<Hit>) -> Result<Resolved, Vec<Twice>> {
    let joined = hits.iter().find(|hit| hits.iter().filter(|h| h.at == hit.at).count() > 1);
    let joined = joined.map(|hit| hit.at);
    let whole = std::iter::once(0..usize::MAX).collect::<Vec<_>>();
    let halves = match halves(&hits) {
        Some((count, halves)) => {
            hits.truncate(count);
            halves
        }
        None => whole,
    };
    let (mut same, mut twice) = (Vec::new(), Vec::new());
    let mut by_column: BTreeMap<usize, Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        by_column.entry(hit.column).or_default().push(hit);
    }
    let (single, several): (Vec<_>, Vec<_>) =
        by_column.into_values().partition(|hits| hits.len() == 1);
    let mut kept: Vec<Hit> = single.into_iter().flatten().collect();
    for hits in several {
        match choose(head, &hits, &kept) {
            Some(Choice { chosen, again }) => {
                kept.extend(chosen);
                same.extend(again);
            }
            None => twice.extend(hits.first().map(|hit| (hit.label.clone(), at(&hits)))),
        }
    }
    if !twice.is_empty() {
        return Err(twice);
    }
    kept.sort_by_key(|hit| (hit.at, hit.column));
    let unit_column = unit_column(head, &kept, &halves);
    Ok(Resolved { hits: kept, halves, joined, unit_column, same })
}

fn at(hits: &[Hit]) -> Vec<usize> {
    hits.iter().map(|hit| hit.at).collect()
}

/// Which of several heads of one column are read, and which say the same again.
struct Choice {
    chosen: Vec<Hit>,
    again: Vec<usize>,
}

fn choose(head: &Head<'_>, hits: &[Hit], taken: &[Hit]) -> Option<Choice> {
    let only = |hit: &Hit| Choice { chosen: vec![hit.clone()], again: Vec::new() };
    let mut named = hits.iter().filter(|hit| hit.with_group);
    if let (Some(one), None) = (named.next(), named.next()) {
        return Some(only(one));
    }
    let first = hits.first()?;
    if hits.iter().any(|hit| hit.label != first.label) {
        // Two names of one column: the layout's own is meant.
        let mut own = hits.iter().filter(|hit| head.index.is_label(hit.column, &hit.label));
        if let (Some(one), None) = (own.next(), own.next()) {
            return Some(only(one));
        }
    }
    by_group(head.index, hits, taken).or_else(|| repeated(head, hits))
}

/// The groups themselves name the columns: 本年 and 上年 above 金额 twice.
fn by_group(index: &LayoutIndex, hits: &[Hit], taken: &[Hit]) -> Option<Choice> {
    let mut chosen: Vec<Hit> = Vec::new();
    for hit in hits {
        let found = hit.groups.iter().find_map(|group| index.row_match(group))?;
        let used = |other: &Hit| other.column == found.column;
        if chosen.iter().any(used) || taken.iter().any(used) {
            return None;
        }
        let said = hit.said.and(found.said);
        chosen.push(Hit { column: found.column, said, ..hit.clone() });
    }
    Some(Choice { chosen, again: Vec::new() })
}

/// A merged head that was written into both of its columns: the second says nothing of its own.
fn repeated(head: &Head<'_>, hits: &[Hit]) -> Option<Choice> {
    let (first, others) = hits.split_first()?;
    let alike = |other: &Hit| {
        head.below.iter().all(|row| {
            let value = cell(row, other.at);
            value.is_empty() || value == cell(row, first.at)
        })
    };
    let is_one = !head.below.is_empty()
        && others.iter().all(|other| {
            other.label == first.label && other.groups == first.groups && alike(other)
        });
    is_one.then(|| Choice { chosen: vec![first.clone()], again: at(others) })
}

/// A table printed in parts side by side: the same heads in the same order at the same distance.
/// Answers how many hits the first part has, and the columns of each.
fn halves(hits: &[Hit]) -> Option<(usize, Vec<Range<usize>>)> {
    (2..=HALVES_MAX).find_map(|parts| {
        let count = hits.len() / parts;
        if count < MATCHES_MIN || count * parts != hits.len() {
            return None;
        }
        let mut blocks = hits.chunks(count);
        let first = blocks.next()?;
        let start = first.first()?.at;
        let width = hits.get(count)?.at.checked_sub(start).filter(|width| *width > 0)?;
        let fits = blocks.enumerate().all(|(number, block)| {
            let shift = width * (number + 1);
            first.iter().zip(block).all(|(one, other)| {
                one.column == other.column && one.label == other.label && one.at + shift == other.at
            })
        });
        let distinct = first
            .iter()
            .all(|hit| first.iter().filter(|other| other.column == hit.column).count() == 1);
        let last = first.last()?.at;
        (fits && distinct).then(|| {
            // Columns that nobody reads stand between the parts, and as many before the first.
            let base = start - start.min(width.saturating_sub(last + 1 - start));
            let range = |number: usize| base + number * width..base + (number + 1) * width;
            (count, (0..parts).map(range).collect())
        })
    })
}

/// A column that the layout does not read and whose cells all name units.
fn unit_column(head: &Head<'_>, hits: &[Hit], halves: &[Range<usize>]) -> Option<usize> {
    let units = &head.index.words.units;
    let width = head.rows.iter().map(Vec::len).fold(0, usize::max);
    let width = halves.first().map_or(width, |half| half.end.min(width));
    (0..width).filter(|at| hits.iter().all(|hit| hit.at != *at)).find(|at| {
        let is_head = head.rows.iter().rev().map(|row| cell(row, *at)).find(|key| !key.is_empty());
        let mut values = head.below.iter().map(|row| cell(row, *at)).filter(|key| !key.is_empty());
        is_head.is_some_and(|key| units.is_column(key))
            && values.next().is_some_and(|first| units.unit(first).is_some())
            && values.all(|value| units.unit(value).is_some() || units.is_column(value))
    })
}
