//! Who may send which file.

use qb_access::Role;
use qb_intake::{FileState, ImportOptions, ImportReport, import};
use qb_policy::{Layout, LayoutForm};

use crate::files::{Bench, options};

/// A table of a layout with every head and one row of nonsense.
fn table(layout: &Layout) -> String {
    let heads: Vec<&str> = layout.columns.iter().map(|column| &*column.label.zh).collect();
    format!("{}\n{}\n", heads.join(","), heads.iter().map(|_| "x").collect::<Vec<_>>().join(","))
}

fn send(bench: &Bench, file: &str, role: Role) -> ImportReport {
    let options = ImportOptions { role: Some(role), ..options() };
    let path = bench.folder.join(file);
    import(&bench.store.store, &bench.pack, &[path], &options, &mut |_| {}).unwrap()
}

#[test]
fn each_file_is_taken_from_its_senders_and_from_nobody_else() {
    let bench = Bench::new();
    for layout in bench.pack.layouts.iter().filter(|one| one.form == LayoutForm::Table) {
        let name = format!("{}.csv", layout.id);
        bench.write(&name, table(layout));
        for role in Role::ALL.into_iter().filter(|role| !layout.is_sent_by(role.code())) {
            let report = send(&bench, &name, role);
            let codes: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
            assert_eq!(codes, ["file_sender"], "{} from {role}", layout.id);
            assert_eq!(report.files[0].state, FileState::Refused);
            let said = report.files[0].message.clone().unwrap();
            let sender = Role::parse(&layout.senders[0]).unwrap().label();
            assert!(said.zh.contains(&*sender.zh) && said.en.contains(&*sender.en), "{said:?}");
        }
        let senders = layout.senders.iter().filter_map(|code| Role::parse(code).ok());
        for role in senders.take(1) {
            let report = send(&bench, &name, role);
            assert_eq!(report.files[0].state, FileState::Imported, "{} from {role}", layout.id);
        }
    }
}

#[test]
fn the_sheets_of_others_in_a_workbook_are_left_out_and_named() {
    let bench = Bench::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    for id in ["student", "survey"] {
        let layout = bench.pack.layout(id).unwrap();
        let sheet = book.add_worksheet();
        sheet.set_name(id).unwrap();
        for (row, line) in (0_u32..).zip(table(layout).lines()) {
            for (column, cell) in (0_u16..).zip(line.split(',')) {
                sheet.write(row, column, cell).unwrap();
            }
        }
    }
    bench.write("book.xlsx", book.save_to_buffer().unwrap());
    let report = send(&bench, "book.xlsx", Role::DeptEducation);
    assert_eq!(report.files[0].state, FileState::Partial);
    let not_sent: Vec<_> =
        report.faults.iter().filter(|fault| fault.code == "sheet_sender").collect();
    assert_eq!(not_sent.len(), 1, "{:?}", report.faults);
    assert_eq!(not_sent[0].sheet, "survey");
    assert!(not_sent[0].message.zh.contains("第三方评估"), "{:?}", not_sent[0]);
}
