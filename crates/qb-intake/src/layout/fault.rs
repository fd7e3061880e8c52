//! What is wrong with the head of a sheet.

use qb_base::Text;
use qb_policy::{Layout, Place};

use super::hits::{Resolved, Twice};
use super::labels::LayoutIndex;
use crate::error::FileFault;

/// The code of a sheet that follows a layout and lacks a required column.
pub(crate) const LAYOUT_COLUMNS: &str = "layout_columns";
/// The code of a sheet in which two heads cannot be told apart.
pub(crate) const LAYOUT_AMBIGUOUS: &str = "layout_ambiguous";

pub(crate) fn unknown_layout(layouts: &[LayoutIndex]) -> FileFault {
    FileFault::new(
        "layout_unknown",
        Text::new(
            format!("前几十行中没有可识别的表头。已知版式：{}。", titles(layouts).zh),
            format!(
                "no head known here within the first rows; known layouts: {}",
                titles(layouts).en
            ),
        ),
        Text::fixed(
            "请按其中一种版式填写表头，或先在策略包中登记新版式。",
            "give the sheet the head of one of them, or register the new layout in the policy pack",
        ),
    )
}

fn titles(layouts: &[LayoutIndex]) -> Text {
    let join = |lang: fn(&Text) -> &str| {
        layouts.iter().map(|index| lang(&index.layout.title)).collect::<Vec<_>>().join("、")
    };
    Text::new(join(|text| &text.zh), join(|text| &text.en))
}

/// A sheet that lacks required columns: with most of them it is that list, else a sheet of another
/// kind.
pub(crate) fn missing_columns(
    index: &LayoutIndex,
    missing: &[String],
    resolved: &Resolved,
    layouts: &[LayoutIndex],
) -> FileFault {
    let required = index.required(Place::Row).count();
    if missing.len() * 2 > required {
        let mut fault = unknown_layout(layouts);
        let nearest = nearest(&index.layout, missing);
        fault.message = Text::new(
            format!("{}{}", nearest.zh, fault.message.zh),
            format!("{}; {}", nearest.en, fault.message.en),
        );
        return fault;
    }
    let known = resolved.hits.len();
    let nearest = nearest(&index.layout, missing);
    FileFault::new(
        LAYOUT_COLUMNS,
        Text::new(
            format!("{}已识别{known}列。", nearest.zh),
            format!("{}; {known} columns were recognised", nearest.en),
        ),
        Text::fixed(
            "补上缺少的列；如为其他年份的版式，请使用该年度的策略包导入。",
            "add the columns; if it is another year's layout, import it with that year's policy pack",
        ),
    )
}

fn nearest(layout: &Layout, missing: &[String]) -> Text {
    let missing = missing.join("、");
    Text::new(
        format!("表头最接近“{}”，但缺少必需的列：{missing}。", layout.title.zh),
        format!(
            "the head is nearest to “{}” but lacks the required columns {missing}",
            layout.title.en
        ),
    )
}

/// Equal heads under groups that tell nothing.
pub(crate) fn ambiguous_columns(layout: &Layout, twice: &[Twice]) -> FileFault {
    let list = |between: &str| {
        let places = |columns: &[usize]| {
            columns.iter().map(|column| letters(*column)).collect::<Vec<_>>().join(between)
        };
        twice
            .iter()
            .map(|(label, columns)| format!("“{label}”({})", places(columns)))
            .collect::<Vec<_>>()
            .join(between)
    };
    FileFault::new(
        LAYOUT_AMBIGUOUS,
        Text::new(
            format!("“{}”中同名的列无法区分：{}。", layout.title.zh, list("、")),
            format!(
                "columns of “{}” have the same head and cannot be told apart: {}",
                layout.title.en,
                list(", ")
            ),
        ),
        Text::fixed(
            "把同名的列改为版式中的列名（如“本年数”“上年数”），或删去不需要的一列，然后重新导入。",
            "give each column a head of the layout, or delete the one that is not meant, then import again",
        ),
    )
}

const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The column's letters, as spreadsheets show them.
pub(crate) fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(LETTERS[(rest - 1) % 26]));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}
