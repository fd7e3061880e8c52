//! A row of one raw file is changed: the figures that rest on it change, and no other.

use super::program::{Folder, copy, imported, qibang, raw, text};
use super::sheets::{Change, alter};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// What every figure came to, by its id.
fn figures(dir: &str) -> BTreeMap<String, Value> {
    qibang(&["target", "run", "--dir", dir, "--json"]).good();
    let figures = qibang(&["report", "figures", "--dir", dir, "--json"]).good().json();
    let figures = figures.as_array().expect("a list of figures").clone();
    let row = |figure: Value| {
        (figure["id"].as_str().expect("an id").to_owned(), figure["computed"].clone())
    };
    figures.into_iter().map(row).collect()
}

/// The figures of the raw files as they are.
fn before() -> &'static BTreeMap<String, Value> {
    static BEFORE: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    BEFORE.get_or_init(|| figures(&imported(&Folder::new("unaltered"))))
}

/// Changes one row of one raw file and expects these figures, and only these, to change.
fn follow(file: &str, row: &[&str], change: Change, expected: &[&str]) {
    let folder = Folder::new("altered");
    let files = folder.path().join("RAW");
    copy(Path::new(raw()), &files);
    alter(&files.join(file), row, change);
    let dir = folder.join("data");
    qibang(&["import", &text(&files), "--dir", &dir, "--json"]).good();
    let after = figures(&dir);
    assert_eq!(after.len(), before().len());
    let changed = before().iter().filter(|(id, value)| after[*id] != **value);
    let changed: Vec<&str> = changed.map(|(id, _)| id.as_str()).collect();
    assert_eq!(changed, expected, "{file}, {row:?}");
}

#[test]
fn a_budget_line_of_the_round_before_moves_that_rounds_funds() {
    follow("资金/扶贫资金预算安排表.xlsx", &["YS2011-001"], Change::Drop, &["G06.prior"]);
}

#[test]
fn a_value_from_outside_moves_its_own_figure() {
    follow("外部数据/外部数据.csv", &["G07"], Change::Cell("9.2", "9.3"), &["G07"]);
}

#[test]
fn a_road_section_moves_length_and_investment() {
    follow("交通/农村公路建设项目表.csv", &["三级公路"], Change::DropAll, &["T01", "T02", "T05"]);
}

#[test]
fn a_project_of_the_area_plan_moves_its_number_and_sum() {
    follow(
        "片区/片区规划项目表.xlsx",
        &["PQHX-001"],
        Change::Drop,
        &["P18", "P18.investment", "P19", "P19.investment"],
    );
}

#[test]
fn an_entry_of_the_practice_library_moves_its_kind() {
    follow("经验/增收经验库.xlsx", &["JY001"], Change::Drop, &["P20"]);
}

#[test]
fn a_centre_moves_the_batches() {
    follow(
        "中心/村级综合服务中心建设台账.xlsx",
        &["ZX320305006202"],
        Change::Drop,
        &["G10", "V02", "V02.centres", "V05"],
    );
}

#[test]
fn aid_of_a_term_moves_money_and_person_times() {
    follow(
        "教育/资助/320382_邳州市学生资助发放明细.csv",
        &["2016年春季学期"],
        Change::DropAll,
        &["E02", "E03"],
    );
}

#[test]
fn a_project_moves_all_that_rests_on_projects() {
    follow("项目/320305_贾汪区扶贫项目库.xlsx", &["XM2016-0001"], Change::Drop, &["P13", "P24"]);
}

#[test]
fn a_term_of_office_moves_those_elected() {
    follow("组织/任职/320302_鼓楼区任职登记.xlsx", &["RZ320302001002-S1"], Change::Drop, &["V17"]);
}

#[test]
fn a_document_moves_what_counts_documents() {
    follow(
        "组织/扶贫政策文件目录.xlsx",
        &["徐示发〔2016〕11号"],
        Change::Drop,
        &["G04", "G17", "H01"],
    );
}

#[test]
fn a_pairing_moves_its_units_and_kinds() {
    follow("结对/单位挂钩帮扶名册.xlsx", &["DWS001"], Change::Drop, &["G21", "G22"]);
}

#[test]
fn an_honour_moves_its_count() {
    follow("外部数据/荣誉称号登记.xlsx", &["RY001"], Change::Drop, &["P11"]);
}
