//! Chooses the layout whose heads fit best and says what is missing when none fits.

use std::cmp::Reverse;

use qb_base::{Text, fold};
use qb_policy::{LayoutForm, Place};

use super::ColumnMap;
use super::labels::{KnownHeads, LayoutIndex, Match};
use super::peek::{HeadRow, SheetHead};
use crate::error::FileFault;

/// Rows a head may have.
const HEAD_DEPTH_MAX: usize = 4;
/// Heads a row must have in common with a layout to be taken for its head.
const MATCHES_MIN: usize = 2;
/// Heads that every sheet may carry and that nobody reads.
const FREE_HEADS: &[&str] = &[
    "序号",
    "编号",
    "备注",
    "说明",
    "省",
    "省份",
    "市",
    "地市",
    "市(州)",
    "导入问题",
    "处理办法",
    "原文件",
    "原行号",
];
/// Columns outside the layout that are only reported; with more, the sheet follows another layout.
const UNKNOWN_MAX: usize = 2;

/// A sheet whose layout is known.
#[derive(Clone, Debug)]
pub struct Detected {
    /// How its columns map.
    pub columns: ColumnMap,
    /// Number of the last row of the head.
    pub head_last_row: u32,
    /// Title rows and rows of the head.
    pub head_row_count: u32,
    /// The year the title names.
    pub title_year: Option<i16>,
    /// For forms: the fields above the table, by position in the layout.
    pub head_fields: Vec<(usize, String, u32)>,
}

/// One way to read the head.
struct Candidate<'a> {
    index: &'a LayoutIndex,
    first: usize,
    depth: usize,
    /// Sheet column, what it matched.
    matches: Vec<(usize, Match)>,
    missing: Vec<String>,
}

/// Finds the head of a sheet.
///
/// # Errors
/// `layout_unknown` or `layout_other` with the heads that are missing and those that are unknown.
pub fn detect_sheet(head: &SheetHead, layouts: &[LayoutIndex]) -> Result<Detected, FileFault> {
    let keys: Vec<Vec<String>> = head
        .rows
        .iter()
        .map(|row| row.cells.iter().map(|cell| fold::key(&cell.text)).collect())
        .collect();
    let year = |before: usize| title_year(head.rows.get(..before).unwrap_or(&[]));
    let best = best_candidate(&keys, layouts, |first| year(first).is_some());
    let Some(best) = best.filter(|best| best.matches.len() >= MATCHES_MIN) else {
        return Err(unknown_layout(layouts));
    };
    let columns = map_columns(&best, head);
    if !best.missing.is_empty() {
        return Err(missing_columns(&best, &columns));
    }
    if columns.unknown.len() > UNKNOWN_MAX.max(best.matches.len() / 8) {
        return Err(other_layout(&columns));
    }
    let above = head.rows.get(..best.first).unwrap_or(&[]);
    let head_fields = if best.index.layout.form == LayoutForm::Form {
        form_fields(best.index, above)
    } else {
        Vec::new()
    };
    let last = head.rows.get(best.first + best.depth - 1);
    Ok(Detected {
        head_last_row: last.map_or(0, |row| row.number),
        head_row_count: u32::try_from(best.first + best.depth).unwrap_or(u32::MAX),
        title_year: year(best.first),
        head_fields,
        columns,
    })
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
        let known_in =
            |row: &Vec<&str>| row.iter().filter(|k| index.row_match(k).is_some()).count();
        let hits: Vec<usize> = telling.iter().map(known_in).collect();
        for first in (0..hits.len()).filter(|first| hits[*first] > 0) {
            for depth in 1..=HEAD_DEPTH_MAX.min(hits.len() - first) {
                let window = hits.get(first..first + depth).unwrap_or_default();
                let ends_in_hit = window.last().is_some_and(|last| *last > 0);
                if !ends_in_hit || window.iter().sum::<usize>() < MATCHES_MIN {
                    continue;
                }
                let found = candidate(index, keys, first, depth, year_above(first));
                if best.as_ref().is_none_or(|known| rank(&found) > rank(known)) {
                    best = Some(found);
                }
            }
        }
    }
    best
}

/// A head without missing columns beats any other; then more columns, then fewer rows, then the
/// one that stands higher.
fn rank(candidate: &Candidate<'_>) -> (bool, usize, usize, Reverse<usize>) {
    (
        candidate.missing.is_empty() && candidate.matches.len() >= MATCHES_MIN,
        candidate.matches.len(),
        HEAD_DEPTH_MAX - candidate.depth,
        Reverse(candidate.first),
    )
}

fn candidate<'a>(
    index: &'a LayoutIndex,
    keys: &[Vec<String>],
    first: usize,
    depth: usize,
    year_in_title: bool,
) -> Candidate<'a> {
    let rows = keys.get(first..first + depth).unwrap_or(&[]);
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut matches: Vec<(usize, Match)> = Vec::new();
    for column in 0..width {
        // The lowest head of a column says most; a head merged downwards stands in the row above.
        let found = rows.iter().rev().find_map(|row| index.row_match(row.get(column)?));
        if let Some(found) =
            found.filter(|found| matches.iter().all(|(_, known)| known.column != found.column))
        {
            matches.push((column, found));
        }
    }
    let layout = &index.layout;
    let missing = index
        .required(Place::Row)
        .filter(|(position, _)| matches.iter().all(|(_, found)| found.column != *position))
        .filter(|(position, _)| {
            !(year_in_title
                && layout.columns.get(*position).is_some_and(|column| column.id == "year"))
        })
        .map(|(_, label)| label.to_owned())
        .collect();
    Candidate { index, first, depth, matches, missing }
}

fn map_columns(best: &Candidate<'_>, head: &SheetHead) -> ColumnMap {
    let layout = best.index.layout.clone();
    let mut sheet_columns = vec![None; layout.columns.len()];
    let mut units = vec![0; layout.columns.len()];
    for (column, found) in &best.matches {
        if let (Some(slot), Some(unit)) =
            (sheet_columns.get_mut(found.column), units.get_mut(found.column))
        {
            *slot = Some(*column);
            *unit = found.unit;
        }
    }
    let rows = head.rows.get(best.first..best.first + best.depth).unwrap_or(&[]);
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let unknown = (0..width)
        .filter(|column| best.matches.iter().all(|(known, _)| known != column))
        .filter_map(|column| {
            let label = rows.iter().rev().find_map(|row| {
                row.cells.get(column).map(|cell| cell.text.as_str()).filter(|text| !text.is_empty())
            })?;
            let key = fold::key(label);
            let free = FREE_HEADS.iter().any(|free| fold::key(free) == key);
            // A head that repeats a known column is the second half of a merged one.
            let repeats = best.index.row_match(&key).is_some();
            (!free && !repeats).then(|| (column, label.to_owned()))
        })
        .collect();
    ColumnMap { unknown, ..ColumnMap::new(layout, sheet_columns, units) }
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
            let value = if inside.is_empty() { next().unwrap_or("") } else { inside };
            // The neighbour of a blank field is the next label, not a value.
            let is_label = inside.is_empty()
                && index
                    .head_match(&fold::key(value.split(['：', ':']).next().unwrap_or("")))
                    .is_some();
            if !value.is_empty()
                && !is_label
                && fields.iter().all(|(known, ..)| *known != found.column)
            {
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

fn unknown_layout(layouts: &[LayoutIndex]) -> FileFault {
    let titles = |lang: fn(&Text) -> &str| {
        layouts.iter().map(|index| lang(&index.layout.title)).collect::<Vec<_>>().join("、")
    };
    FileFault::new(
        "layout_unknown",
        Text::new(
            format!("前几十行中没有可识别的表头。已知版式：{}。", titles(|text| &text.zh)),
            format!(
                "no head known here within the first rows; known layouts: {}",
                titles(|text| &text.en)
            ),
        ),
        Text::fixed(
            "请按其中一种版式填写表头，或先在政策包中登记新版式。",
            "give the sheet the head of one of them, or register the new layout in the policy pack",
        ),
    )
}

fn missing_columns(best: &Candidate<'_>, columns: &ColumnMap) -> FileFault {
    let (title, missing, unknown) =
        (&columns.layout.title, best.missing.join("、"), unknown_heads(columns));
    FileFault::new(
        "layout_columns",
        Text::new(
            format!(
                "表头最接近“{}”，但缺少必需的列：{missing}。{}",
                title.zh,
                if unknown.is_empty() {
                    String::new()
                } else {
                    format!("未识别的列：{unknown}。")
                }
            ),
            format!(
                "the head is nearest to “{}” but lacks the required columns {missing}{}",
                title.en,
                if unknown.is_empty() {
                    String::new()
                } else {
                    format!("; unknown columns: {unknown}")
                }
            ),
        ),
        Text::fixed(
            "补上缺少的列；如为其他年份的版式，请使用该年度的政策包导入。",
            "add the columns; if it is another year's layout, import it with that year's policy pack",
        ),
    )
}

fn other_layout(columns: &ColumnMap) -> FileFault {
    let (title, unknown) = (&columns.layout.title, unknown_heads(columns));
    let absent: Vec<&str> = columns
        .layout
        .columns
        .iter()
        .zip(&columns.sheet_columns)
        .filter(|(_, at)| at.is_none())
        .map(|(column, _)| &*column.label.zh)
        .collect();
    FileFault::new(
        "layout_other",
        Text::new(
            format!(
                "表头与“{}”相近，但像是其他年份的版式：多出列 {unknown}；没有列 {}。",
                title.zh,
                absent.join("、")
            ),
            format!(
                "the head resembles “{}” but seems to be another year's layout: it adds {unknown} and has no {}",
                title.en,
                absent.join("、")
            ),
        ),
        Text::fixed(
            "请使用该年度的政策包导入；如只是多余的列，请删除后重新导入。",
            "import it with that year's policy pack; if the columns are merely extra, delete them and import again",
        ),
    )
}

fn unknown_heads(columns: &ColumnMap) -> String {
    columns.unknown.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join("、")
}
