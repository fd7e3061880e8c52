//! What is wrong with a row, as it is kept and shown.

use qb_base::{AreaCode, Text};

use crate::issue::{Issue, Severity};

/// A fault, ready to be stored and shown.
#[derive(Clone, Debug)]
pub struct FaultDraft {
    /// Its kind.
    pub issue: Issue,
    /// What becomes of the row.
    pub severity: Severity,
    /// The row of the sheet.
    pub row: u32,
    /// Column of the sheet, from 1.
    pub column: Option<u32>,
    /// The column's head.
    pub label: Option<String>,
    /// The area of the row.
    pub area: Option<AreaCode>,
    /// What was found.
    pub message: Text,
    /// What to do.
    pub remedy: Text,
    /// Rows it stands for.
    pub rows: u64,
}

impl FaultDraft {
    /// A fault of a row as a whole.
    pub fn new(row: u32, issue: Issue, fills: &[(&str, &str)]) -> Self {
        Self {
            issue,
            severity: issue.severity(),
            row,
            column: None,
            label: None,
            area: None,
            message: issue.message().fill(fills),
            remedy: issue.remedy(),
            rows: 1,
        }
    }
}

/// What is said of a field of a form that must be filled in, and what to do.
pub const REQUIRED: (Text, Text) = (
    Text::fixed("此项必填。", "this must be filled in"),
    Text::fixed("请填写后再提交。", "fill it in and send the form again"),
);

/// What is wrong with a typed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedFault {
    /// The column; none where it is the whole row.
    pub column: Option<String>,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub remedy: Text,
}
