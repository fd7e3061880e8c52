//! Rows that are no data: titles repeated, column numbers, subtotals, signatures (fault F7).

use crate::read::batch::RowView;

/// Beginnings of cells in rows below the data.
const MARKS: &[&str] = &[
    "合计",
    "小计",
    "总计",
    "共计",
    "填表人",
    "审核人",
    "制表",
    "复核",
    "负责人",
    "单位负责人",
    "填报",
    "注：",
    "注:",
    "备注",
    "说明",
    "经办人",
    "联系人",
    "日期：",
    "日期:",
    "第",
    "以下空白",
    "——",
];
/// Rows of a head that may follow the recognised one.
const HEAD_REST_MAX: u32 = 3;

/// Whether a row without its key is a note rather than a record.
pub(crate) fn is_note(row: &RowView<'_>) -> bool {
    let mut filled = 0;
    for value in row.values() {
        let text = value.trimmed();
        if text.is_empty() && !value.kind.is_unread() {
            continue;
        }
        filled += 1;
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).take(8).collect();
        if MARKS.iter().any(|mark| compact.starts_with(mark)) {
            return true;
        }
    }
    filled <= 1
}

/// Whether a row right below the head numbers the columns (`1 2 3`, `甲 乙 丙`) or repeats units.
pub(crate) fn is_head_rest(row: &RowView<'_>, head_last_row: u32) -> bool {
    if row.number > head_last_row + HEAD_REST_MAX {
        return false;
    }
    let mut filled = 0;
    for value in row.values() {
        let text = value.trimmed();
        match text.trim_matches(['(', ')', '（', '）', '[', ']']) {
            "" => continue,
            "甲" | "乙" | "丙" | "丁" | "元" | "万元" | "人" | "月" | "—" | "-" => {}
            short
                if short.len() <= 3
                    && short
                        .trim_start_matches(['A', 'B'])
                        .bytes()
                        .all(|byte| byte.is_ascii_digit()) => {}
            _ => return false,
        }
        filled += 1;
    }
    filled > 2
}
