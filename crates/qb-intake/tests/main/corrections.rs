//! A file that lacks columns changes what it holds and nothing else.

use std::path::Path;

use qb_intake::{ImportOptions, import};
use qb_store::testing::{on_each_store, scratch_dir};

use crate::files::{self, Bench, HEAD, INCOME, Row, csv, households, ledger, number, text, xlsx};
use crate::records;

/// Columns that the register's layout requires.
const REQUIRED: [usize; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/// A file of these columns only.
fn columns(rows: &[Row], kept: &[usize]) -> String {
    let head: Row = HEAD.map(str::to_owned).to_vec();
    let line = |row: &Row| kept.iter().map(|at| row[*at].clone()).collect::<Vec<_>>().join(",");
    std::iter::once(&head).chain(rows).map(|row| line(row) + "\n").collect()
}

const HOUSEHOLD: &str = "select cast(coalesce(income_reported_fen, -1) as text) || ' ' || \
    coalesce(cause_main, '?') || ' ' || coalesce(identified_on, '?') || ' ' || \
    coalesce(exit_status, '?') || ' ' || cast(member_count as text) from household where id = 1";
const PERSON: &str = "select coalesce(education, '?') || ' ' || coalesce(health, '?') || ' ' || \
    cast(coalesce(work_months, -1) as text) || ' ' || relation from person where id = 1";

#[test]
fn columns_that_a_register_lacks_are_not_blanks() {
    let bench = Bench::new();
    bench.write("登记/a.csv", csv(&households(2))).import();
    let store = &bench.store.store;
    let (household, person) = (text(store, HOUSEHOLD), text(store, PERSON));
    let mut rows = households(1);
    rows.iter_mut().for_each(|row| row[files::MEMBER_COUNT] = "3".into());
    let report = bench.write("登记/补正/a.csv", columns(&rows, &REQUIRED)).import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    assert_eq!(text(store, HOUSEHOLD), household.replace("NOT_EXITED 2", "NOT_EXITED 3"));
    assert_eq!(text(store, PERSON), person);
    assert_eq!(number(store, "select count(*) from person_history"), 0, "nothing is new of them");
    assert_eq!(number(store, "select count(*) from registration_history"), 0);
}

#[test]
fn a_blank_cell_of_a_column_that_is_there_says_that_there_is_nothing() {
    let bench = Bench::new();
    bench.write("登记/a.csv", csv(&households(1))).import();
    let mut rows = households(1);
    rows.iter_mut().for_each(|row| row[INCOME] = String::new());
    let kept: Vec<usize> = REQUIRED.into_iter().chain([INCOME]).collect();
    bench.write("登记/补正/a.csv", columns(&rows, &kept)).import();
    let store = &bench.store.store;
    assert!(text(store, HOUSEHOLD).starts_with("-1 "), "{}", text(store, HOUSEHOLD));
    // The full file again states it again.
    let mut rows = households(1);
    rows[1][9] = "初中".into();
    bench.write("登记/b.csv", csv(&rows)).import();
    assert!(text(store, HOUSEHOLD).starts_with("560050 "), "{}", text(store, HOUSEHOLD));
}

#[test]
fn a_cell_that_cannot_be_read_takes_nothing_away() {
    let bench = Bench::new();
    bench.write("登记/a.csv", csv(&households(1))).import();
    let store = &bench.store.store;
    let (household, person) = (text(store, HOUSEHOLD), text(store, PERSON));
    let mut rows = households(1);
    for row in &mut rows {
        row[INCOME] = "不详吧".into();
        row[files::IDENTIFIED] = "去年".into();
        row[files::CAUSE] = "也许".into();
        row[9] = "博士后".into();
        row[11] = "半年".into();
    }
    let report = bench.write("登记/补正/a.csv", csv(&rows)).import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    assert_eq!((text(store, HOUSEHOLD), text(store, PERSON)), (household, person));
}

#[test]
fn items_that_an_income_sheet_lacks_stay() {
    let place = "睢宁县,沙集镇,东风社区居委会,H000001,张三,2016,2";
    let head = "县,乡镇,行政村,户编号,户主姓名,年度,家庭人口";
    let bench = Bench::new();
    bench.write("登记/a.csv", csv(&households(1)));
    bench.write("收入/a.csv", format!("{head},务工,养老保险金\n{place},12000,3000\n")).import();
    let store = &bench.store.store;
    let sum = "select cast(sum(i.amount_fen) as bigint) from income_item i \
               join income_statement s on s.id = i.statement_id where s.superseded_at is null";
    let before = number(store, sum);
    assert_eq!(before, 1_500_000, "both items are known");
    let report = bench.write("收入/补正/a.csv", format!("{head},务工\n{place},13000\n")).import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    assert_eq!(number(store, sum), 1_600_000);
    // The same correction once more, in other words, is nothing new.
    bench.write("收入/补正/b.csv", format!("{head},务工\n{place},13000.00\n")).import();
    assert_eq!(number(store, "select count(*) from income_statement"), 2);
}

#[test]
fn lines_and_columns_that_a_ledger_lacks_stay() {
    let bench = Bench::new();
    bench.write("村账/a.xlsx", xlsx(&ledger("东风社区居委会", "160000"))).import();
    let store = &bench.store.store;
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Row>();
    let short = [
        row(&["2016年度村集体经济收入台账"]),
        row(&["县(市、区)：", "睢宁县", "乡(镇)：沙集镇", "行政村：东风社区居委会", "年度：2016"]),
        row(&["行次", "项目", "本年数(元)"]),
        row(&["1", "经营收入", "170000"]),
    ];
    let report = bench.write("村账/补正/a.xlsx", xlsx(&short)).import();
    assert_eq!(report.rows_rejected, 0, "{:?} {:?}", report.files, report.faults);
    let line = "select i.item || ' ' || cast(i.amount_fen as text) || ' ' || \
                cast(coalesce(i.amount_prior_fen, -1) as text) || ' ' || coalesce(i.evidence, '?') \
                from village_ledger_item i join village_ledger l on l.id = i.ledger_id \
                where l.superseded_at is null and i.item = 'operating'";
    assert_eq!(text(store, line), "operating 17000000 10000000 记1");
    let rent = "select cast(i.amount_fen as text) from village_ledger_item i \
                join village_ledger l on l.id = i.ledger_id \
                where l.superseded_at is null and i.item = 'contract_rent'";
    assert_eq!(text(store, rent), "2000000");
}

#[test]
fn columns_that_a_list_lacks_stay() {
    on_each_store(|store| {
        records::register(store);
        let folder = scratch_dir("corrections");
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
            std::fs::write(path, text).unwrap();
            let options = ImportOptions { actor: "tester".into(), ..ImportOptions::default() };
            let paths = std::slice::from_ref(&folder);
            import(store, &records::pack(), paths, &options, &mut |_| {}).unwrap()
        };
        let place = "丰县,中阳里街道,刘邦店村委会";
        let full = "果园编号,县(市、区),乡(镇),行政村,户编号,果树种类,株数";
        write("a.csv", &format!("{full}\nG1,{place},H7,苹果,10\n"));
        let head = "果园编号,县(市、区),乡(镇),行政村,果树种类";
        let report = write("补正/b.csv", &format!("{head}\nG1,{place},桃\n"));
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        let now = "select cast(household_id as text) || ' ' || fields from record \
                   where superseded_at is null";
        let now = text(store, now);
        let expected = ["7 {", "\"tree\":\"PEACH\"", "\"trees\":10", "\"household_no\":\"H7\""];
        assert!(expected.iter().all(|part| now.contains(part)), "{now}");
        let _ = std::fs::remove_dir_all(&folder);
    });
}
