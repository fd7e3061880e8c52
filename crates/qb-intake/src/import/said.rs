//! What the report says of a file.

use qb_base::Text;

use crate::plan::{self, Listed, Planned};
use crate::report::{FileReport, FileState};

/// What is said of a file of a folder that is no table; one that is handed in by name is refused.
pub(super) fn other_report(file: &Listed) -> FileReport {
    FileReport {
        message: Some(Text::fixed("不是表格文件，未读取。", "not a table; it was not read")),
        remedy: Some(Text::fixed("无需处理。", "nothing to do")),
        ..FileReport::new(&file.name, FileState::NotATable)
    }
}

/// What is said of a file whose rows are in: that it came before, and what is wrong with sheets
/// that are not in.
pub(super) fn used_report(file: &Planned, rejected: u64) -> FileReport {
    let mut report = FileReport::new(&file.listed.name, FileState::Imported);
    if let Some(arrival) = &file.arrival {
        let came = arrival.came();
        report.state = FileState::Retried;
        report.message = Some(came.again(rejected));
        report.came = Some(came);
    }
    for (name, fault) in file.faulty_sheets() {
        report.state = FileState::Partial;
        let said = plan::in_sheet(name, &fault.message);
        report.message = Some(match report.message {
            Some(text) => {
                Text::new(format!("{}{}", text.zh, said.zh), format!("{}; {}", text.en, said.en))
            }
            None => said,
        });
        report.remedy = Some(fault.remedy.clone());
    }
    report
}
