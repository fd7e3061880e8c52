//! SQL of the pack over a snapshot: what is refused and where, placeholders, figures, coverage,
//! rows.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use qb_base::{AreaCode, Date, Lang};
use qb_engine::views::{HOUSEHOLD, PERSON, VILLAGE};
use qb_engine::{
    Engine, EngineError, EngineOptions, Page, RunResult, Snapshot, SnapshotWriter, TableCell,
    TableColumn, TableRows, TableSchema, TableType, Tables, Value, tables,
};
use qb_policy::{Method, Pack, PackSource, SqlFigure};

use crate::support::{City, ENGINE, V};

const HEAD: &str = "id = \"small\"\ntitle = { zh = \"小包\", en = \"a small pack\" }\n\
    source = \"rules 1\"\nyear = 2016\nas_of = 2016-12-31\narea = \"3203\"\n";

const UNITS: &str = "id = \"unit\"\ntitle = { zh = \"单位\", en = \"units\" }\nsource = \"x\"\n\
    [[code]]\nid = \"yuan\"\nlabel = { zh = \"元\", en = \"yuan\" }\n";

const LEASE: &str = r#"
id = "lease"
title = { zh = "租约", en = "leases" }
source = "rules 1 §2"
room = "measures"
sender = "DEPT_AGRI"
key = ["contract_no"]
[[column]]
id = "contract_no"
label = { zh = "合同号", en = "contract" }
type = "text"
required = true
[[column]]
id = "village"
label = { zh = "村", en = "village" }
type = "area_village"
[[column]]
id = "rent"
label = { zh = "租金", en = "rent" }
type = "money_yuan"
[[column]]
id = "signed_on"
label = { zh = "签订日", en = "signed" }
type = "date"
"#;

const RULES: &str = r#"
[[param]]
id = "line.rent"
says = { zh = "线", en = "a line" }
unit = "yuan"
[[param.value]]
value = 10
from = 2016-01-01
source = "rules 1 §3"

[[clause]]
id = "large"
level = "household"
says = { zh = "大户", en = "a large household" }
source = "rules 1 §1"
effective_from = 2016-01-01
expression = "member_count >= 4"

[[clause]]
id = "wage"
level = "household"
kind = "value"
unit = "yuan"
says = { zh = "工资", en = "wages" }
source = "rules 1 §1"
effective_from = 2016-01-01
expression = "wage_fen"
"#;

/// A folder of its own that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(format!("qb-engine-tables-{process}-{next}"));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.0.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// A small pack with this text in `views.toml`.
fn pack(views: &str) -> Pack {
    let folder = Folder::new();
    folder.write("base/pack.toml", HEAD);
    folder.write("base/codes/unit.toml", UNITS);
    folder.write("base/datasets/lease.toml", LEASE);
    folder.write("base/rules.toml", RULES);
    folder.write("base/views.toml", views);
    load(&folder.0.join("base"))
}

fn load(folder: &Path) -> Pack {
    Pack::load(PackSource::Folder(folder)).unwrap_or_else(|error| panic!("{error}"))
}

fn fact_head(id: &str) -> String {
    format!(
        "[[fact]]\nid = \"{id}\"\nsays = {{ zh = \"数\", en = \"a figure\" }}\n\
         definition = {{ zh = \"数\", en = \"a figure\" }}\nunit = \"yuan\"\npublished = 1\n\
         published_text = {{ zh = \"1\", en = \"1\" }}\nmethod = \"rows\"\nsource = \"rules 1\"\n"
    )
}

fn fact(id: &str, query: &str, value: &str) -> String {
    fact_head(id) + &format!("query = '''\n{query}'''\nvalue = '''{value}'''\n")
}

/// A fact that tells this number of the coverage.
fn coverage_fact(value: &str) -> String {
    fact_head(value) + &format!("coverage = \"leased\"\nvalue = \"{value}\"\n")
}

fn view(id: &str, query: &str) -> String {
    format!(
        "[[view]]\nid = \"{id}\"\nsays = {{ zh = \"行\", en = \"rows\" }}\nquery = '''\n{query}'''\n"
    )
}

fn coverage(set: &str, covered: &str) -> String {
    format!(
        "[[coverage]]\nid = \"leased\"\nsays = {{ zh = \"有租约\", en = \"with a lease\" }}\n\
         set = {{ zh = \"户\", en = \"households\" }}\nset_query = '''\n{set}'''\n\
         covered_query = '''\n{covered}'''\n"
    )
}

/// Three villages of one county: households of 3 and 4, of 5, and of 6 members as declared.
fn city() -> City {
    let home = |members: i64| {
        let columns = vec![("member_count", V::I(members)), ("wage_fen", V::I(members * 1_000))];
        (columns, vec![vec![]])
    };
    City {
        villages: vec![
            (vec![], vec![home(3), home(4)]),
            (vec![], vec![home(5)]),
            (vec![], vec![home(6)]),
        ],
    }
}

/// Leases: contract, area, rent in fen, day.
type Lease = (&'static str, Option<&'static str>, Option<i64>, Option<Date>);

fn leases() -> Vec<Lease> {
    let day = |month, day| Some(Date::constant(2016, month, day));
    vec![
        ("C1", Some("320381100001"), Some(1_001), day(1, 31)),
        ("C2", Some("320381100002"), Some(2_000), day(12, 31)),
        ("C3", Some("320381"), None, None),
        ("C4", Some("320382100001"), Some(500), day(3, 1)),
    ]
}

fn snapshot(pack: &Pack, rows: &[Lease], folder: &Folder) -> Snapshot {
    let [persons, homes, villages] = city().batches();
    let mut writer = SnapshotWriter::create(&folder.0, pack.cases_on).unwrap();
    for (view, batch) in [(&PERSON, persons), (&HOUSEHOLD, homes), (&VILLAGE, villages)] {
        writer.write(view, "320381", &batch).unwrap();
    }
    let mut table = TableRows::new(tables::of_dataset(pack.dataset("lease").unwrap()));
    for (number, (contract, area, rent, signed)) in rows.iter().enumerate() {
        table.push(&[
            TableCell::Int(i64::try_from(number).unwrap() + 1),
            TableCell::from(*area),
            TableCell::Unknown,
            TableCell::Unknown,
            TableCell::Text(contract),
            TableCell::from(*rent),
            TableCell::from(*signed),
        ]);
    }
    writer.write_table("3203", &table.finish().unwrap()).unwrap();
    let mut published = TableRows::new(
        TableSchema::new("score")
            .with("area_code", TableType::Text, qb_base::Text::fixed("地区", "area"))
            .with("points", tables::DECIMAL, qb_base::Text::fixed("得分", "points")),
    );
    published.push(&[TableCell::Text("320381"), TableCell::Decimal(98_500_000)]);
    writer.write_table("3203", &published.finish().unwrap()).unwrap();
    writer.finish().unwrap()
}

fn evaluate(views: &str) -> Result<RunResult, EngineError> {
    evaluate_over(views, &leases())
}

fn evaluate_over(views: &str, rows: &[Lease]) -> Result<RunResult, EngineError> {
    let (pack, folder) = (pack(views), Folder::new());
    let snapshot = snapshot(&pack, rows, &folder);
    ENGINE.evaluate(&snapshot, &pack, pack.cases_on)
}

/// The figure of one fact, in all.
fn value(query: &str, aggregate: &str) -> String {
    let result = evaluate(&fact("F", query, aggregate)).unwrap_or_else(|error| panic!("{error}"));
    result.queries[0].total.value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

/// Every fault of a pack's queries, in English.
fn faults(views: &str) -> Vec<String> {
    let report = ENGINE.check_pack(&pack(views), &[]).unwrap();
    report.errors.iter().map(|error| error.message.en.to_string()).collect()
}

fn fault(query: &str) -> String {
    let mut found = faults(&view("it", query));
    assert_eq!(found.len(), 1, "{query}: {found:?}");
    found.remove(0)
}

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

#[test]
fn a_query_that_does_anything_but_read_is_refused() {
    for query in [
        "select 1 as a; select 2 as a",
        "insert into lease values (1)",
        "delete from lease",
        "drop table lease",
        "create table t as select 1 as a",
        "copy lease to 'file.csv'",
        "explain select 1 as a",
        "set a = 1",
        "with t as (insert into lease values (1)) select 1 as a",
    ] {
        let told = fault(query);
        let refused = ["exactly one select", "only reading", "syntax error", "tables, views"];
        assert!(refused.iter().any(|words| told.contains(words)), "{query}: {told}");
    }
}

/// Rows joined with themselves until they are many.
const MANY: &str = "select a.contract_no as c0, b.contract_no as c1, c.contract_no as c2, d.contract_no as c3, \
    e.contract_no as c4, f.contract_no as c5, g.contract_no as c6 \
    from lease a, lease b, lease c, lease d, lease e, lease f, lease g";

/// The answer to a query by an engine with these bounds.
fn bounded(options: EngineOptions, query: &str) -> Result<usize, EngineError> {
    let (pack, folder) = (pack(""), Folder::new());
    let snapshot = snapshot(&pack, &leases(), &folder);
    let tables = Tables::open(&Engine::new(options).unwrap(), &snapshot, &pack).unwrap();
    tables.query(query, 1_000_000).map(|page| page.rows.len())
}

#[test]
fn the_rows_of_an_answer_count_towards_the_limit_of_memory() {
    let within = |memory_bytes| EngineOptions { threads: 1, memory_bytes, ..Default::default() };
    assert_eq!(bounded(within(64 << 20), MANY).unwrap(), 4_usize.pow(7));
    let refused = bounded(within(512 << 10), MANY).unwrap_err();
    assert!(matches!(refused, EngineError::Memory(_)), "{refused}");
    assert!(refused.text().zh.contains("--memory"), "{refused}");
}

#[test]
fn a_query_that_runs_too_long_is_stopped() {
    let within = |query_time| EngineOptions { threads: 1, query_time, ..Default::default() };
    let stopped = bounded(within(Duration::ZERO), MANY).unwrap_err();
    assert!(matches!(stopped, EngineError::TooLong { seconds: 0 }), "{stopped}");
    assert!(bounded(within(Duration::from_secs(600)), MANY).is_ok());
}

#[test]
fn a_sum_and_a_mean_of_one_column_stand_beside_each_other() {
    assert_eq!(
        value("select sum(rent_fen) as a, avg(rent_fen) as b from lease", "sum(a - 3 * b)"),
        "0"
    );
}

#[test]
fn functions_that_change_with_time_or_order_are_refused() {
    for query in [
        "select random() as a",
        "select now() as a",
        "select current_date as a",
        "select uuid() as a",
        "select first_value(contract_no) as a from lease",
        "select array_agg(contract_no) as a from lease",
        "select approx_distinct(contract_no) as a from lease",
    ] {
        assert!(fault(query).contains("its answer changes"), "{query}: {}", fault(query));
    }
}

#[test]
fn functions_whose_cost_is_not_bounded_by_their_arguments_are_refused() {
    for query in [
        "select repeat(contract_no, 2) as a from lease",
        "select lpad(contract_no, 20) as a from lease",
        "select rpad(contract_no, 20, 'x') as a from lease",
        "select replace(contract_no, 'a', 'bb') as a from lease",
        "select contract_no || contract_no as a from lease",
        "select concat(contract_no, contract_no) as a from lease",
        "select to_hex(rent_fen) as a from lease",
        "select record_id from lease where contract_no ~ 'a+'",
        "select record_id from lease where contract_no similar to 'a+'",
        "select row_number() over (order by rent_fen) as a from lease",
        "select unnest(make_array(1, 2)) as a from lease",
        "select record_id from (select record_id, repeat(contract_no, 2) as p from lease) as t",
        "select record_id from lease where contract_no in (select repeat('a', 3) as d)",
    ] {
        let told = fault(query);
        assert!(
            told.contains("is not allowed") || told.contains("does not hold"),
            "{query}: {told}"
        );
    }
    let long = format!("select record_id from lease where contract_no = '{}'", "x".repeat(1_001));
    assert!(fault(&long).contains("more than 1000 characters"), "{}", fault(&long));
}

#[test]
fn functions_of_bounded_cost_are_allowed() {
    for query in [
        "select abs(rent_fen) as a, coalesce(contract_no, 'x') as b, nullif(rent_fen, 0) as c from lease",
        "select substr(contract_no, 1, 2) as a, left(contract_no, 1) as b, length(contract_no) as c from lease",
        "select greatest(rent_fen, 1) as a, lower(contract_no) as b, trim(contract_no) as c from lease",
        "select extract(year from signed_on) as a, make_date({year}, 1, 1) as b from lease",
        "select count(*) as a, sum(rent_fen) as b, min(rent_fen) as c, avg(rent_fen) as d from lease",
        "select rank() over (partition by contract_no order by rent_fen) as a from lease",
        "select sum(rent_fen) over (partition by contract_no) as a from lease",
        "select record_id from lease where contract_no like 'a%' and starts_with(contract_no, 'b')",
    ] {
        assert_eq!(faults(&view("it", query)), Vec::<String>::new(), "{query}");
    }
    let long = format!("select record_id from lease where contract_no = '{}'", "x".repeat(1_000));
    assert_eq!(faults(&view("it", &long)), Vec::<String>::new());
}

#[test]
fn floats_are_refused_wherever_they_hide() {
    for query in [
        "select cast(1 as double) as a",
        "select sqrt(rent_fen) as a from lease",
        "select record_id from lease where cast(rent_fen as real) > 1",
        "select record_id from (select record_id, power(rent_fen, 0.5) as p from lease) as t",
        "select record_id from lease where rent_fen > (select cast(1 as double) as d)",
    ] {
        assert!(fault(query).contains("is a float"), "{query}: {}", fault(query));
    }
}

#[test]
fn rows_come_from_published_tables_only() {
    for query in [
        "select * from generate_series(1, 3)",
        "select * from 'people.parquet'",
        "select * from information_schema.tables",
        "select * from household_history",
    ] {
        let told = fault(query);
        let refused = ["there is no table", "tables, views"];
        assert!(refused.iter().any(|words| told.contains(words)), "{query}: {told}");
    }
}

#[test]
fn an_unknown_column_is_named_with_place_caret_and_a_near_one() {
    let told = fault("select contract_no,\n  rent_fne\nfrom lease");
    assert!(told.starts_with("views.toml:6:3: view it: there is no column `rent_fne` here"));
    assert!(told.contains("did you mean `rent_fen`?"), "{told}");
    assert!(told.contains("|   ^^^^^^^^"), "{told}");
}

#[test]
fn an_unknown_table_is_named_with_its_place_and_a_near_one() {
    let told = fault("select record_id from leese");
    assert!(told.starts_with("views.toml:5:23: view it: there is no table or view `leese`"));
    assert!(told.contains("did you mean `lease`?"), "{told}");
}

#[test]
fn faults_are_told_in_chinese_too() {
    let report = ENGINE.check_pack(&pack(&view("it", "select x from lease")), &[]).unwrap();
    let error = &report.errors[0];
    assert!(error.message.get(Lang::Zh).contains("这里没有“x”列"), "{}", error.message.zh);
    assert_eq!((error.at.file.as_str(), error.at.line, error.at.column), ("views.toml", 5, 8));
}

#[test]
fn a_place_behind_a_placeholder_is_told_as_it_stands_in_the_file() {
    let told = fault("select {as_of} as d, contract_noo from lease");
    assert!(told.starts_with("views.toml:5:22: "), "{told}");
}

#[test]
fn an_unknown_placeholder_is_refused() {
    let told = fault("select record_id from lease where rent_fen > {line.rnet}");
    assert!(told.contains("there is no placeholder `{line.rnet}`"), "{told}");
    assert!(told.contains("did you mean `line.rent`?"), "{told}");
}

#[test]
fn a_view_names_only_what_stands_above_it() {
    let both = [view("late", "select * from early"), view("early", "select * from lease")].concat();
    assert_eq!(faults(&both).len(), 1);
    let both = [view("early", "select * from lease"), view("late", "select * from early")].concat();
    assert_eq!(faults(&both), Vec::<String>::new());
}

#[test]
fn a_view_does_not_take_the_name_of_a_table_of_a_later_link() {
    let pack = pack(&view("score", "select 1 as a"));
    let report = ENGINE.check_pack(&pack, &[TableSchema::new("score")]).unwrap();
    assert!(report.errors[0].message.en.contains("name of a table already"));
}

#[test]
fn tables_of_later_links_are_known_when_they_are_declared() {
    let pack = pack(&view("it", "select points from score"));
    let declared = TableSchema::new("score").with(
        "points",
        tables::DECIMAL,
        qb_base::Text::fixed("得分", "points"),
    );
    assert_eq!(ENGINE.check_pack(&pack, &[]).unwrap().errors.len(), 1);
    assert!(ENGINE.check_pack(&pack, &[declared]).unwrap().errors.is_empty());
}

#[test]
fn the_value_of_a_figure_is_an_exact_aggregate_over_columns_of_its_query() {
    let told = |value: &str| faults(&fact("F", "select rent_fen from lease", value)).join("\n");
    assert_eq!(told("sum(rent_fen) / nullif(count(*), 0)"), "");
    assert!(told("rent_fen").contains("made of aggregates"), "{}", told("rent_fen"));
    assert!(told("stddev(rent_fen)").contains("is a float"), "{}", told("stddev(rent_fen)"));
    assert!(told("max('a')").contains("is a number"), "{}", told("max('a')"));
    let unknown = told("sum( rent)");
    assert!(
        unknown.starts_with("views.toml:12:17: fact F: there is no column `rent`"),
        "{unknown}"
    );
}

#[test]
fn a_figure_that_no_row_can_change_is_refused() {
    let told = |query: &str, value: &str| faults(&fact("F", query, value)).join("\n");
    let own = told("select id, area_code from code, area", "count(*)");
    assert!(own.contains("write method = \"pack\""), "{own}");
    let again = "select case when rent_fen > 0 then 100 else 0 end as rent_fen from lease \
                 where rent_fen > 0";
    assert!(told(again, "min(rent_fen)").contains("the result is constant"));
    let open = "select case when rent_fen > 9 then 100 else 0 end as rent_fen from lease \
                where rent_fen > 0";
    assert_eq!(told(open, "min(rent_fen)"), "");
}

#[test]
fn a_count_of_the_packs_own_lists_reads_no_rows() {
    let as_pack = |query: &str| {
        fact("F", query, "count(*)").replace("method = \"rows\"", "method = \"pack\"")
    };
    assert_eq!(faults(&as_pack("select id from code")), Vec::<String>::new());
    let rows = faults(&as_pack("select contract_no from lease"));
    assert!(rows[0].contains("write method = \"rows\""), "{rows:?}");
}

#[test]
fn a_coverage_that_reaches_everybody_whatever_the_rows_say_is_refused() {
    let set = "select household_id as key, area_code from household where member_count > 1";
    let same = "select h.household_id as key, h.area_code from household h \
                where h.member_count > 1 and exists (select 1 from code where list = 'unit')";
    let told = faults(&coverage(set, same)).join("\n");
    assert!(told.contains("everything is always covered"), "{told}");
    let narrower = "select household_id as key, area_code from household where member_count > 2";
    assert_eq!(faults(&coverage(set, narrower)), Vec::<String>::new());
}

#[test]
fn columns_of_a_figures_query_have_names_of_their_own() {
    let query = "select a.record_id, b.record_id from lease as a join lease as b on true";
    assert!(faults(&fact("F", query, "count(*)"))[0].contains("called `record_id`"));
}

#[test]
fn a_coverage_needs_key_and_area() {
    let set = "select household_id as key, area_code from household";
    let covered = "select contract_no as key from lease";
    assert!(faults(&coverage(set, covered))[0].contains("gives the columns key and area_code"));
}

#[test]
fn placeholders_stand_for_the_day_the_years_and_parameters() {
    assert_eq!(value("select * from lease where signed_on = {as_of}", "count(*)"), "1");
    assert_eq!(value("select {year} - {prior_year} as y", "sum(y)"), "1");
    assert_eq!(value("select * from lease where rent_fen > {line.rent}", "count(*)"), "2");
}

#[test]
fn a_quotient_keeps_its_fraction_and_nothing_by_zero_is_unknown() {
    assert_eq!(value("select * from lease", "sum(rent_fen) / 8"), "437.625");
    assert_eq!(value("select * from lease", "count(*) * 100 / 3"), "133.333333333333");
    assert_eq!(value("select * from lease where false", "sum(rent_fen) / count(*)"), "?");
    assert_eq!(value("select 7 as a, 0 as b", "sum(a / b)"), "?");
    assert_eq!(value("select * from lease", "avg(rent_fen)"), "1167");
}

#[test]
fn sums_and_products_beyond_64_bits_stay_exact() {
    let query = "select 9000000000000000000 as a union all select 9000000000000000000 as a";
    assert_eq!(value(query, "sum(a)"), "18000000000000000000");
    assert_eq!(value("select 9000000000000000000 as a", "sum(a * 10)"), "90000000000000000000");
}

#[test]
fn days_are_subtracted_as_whole_numbers_and_dates_have_years() {
    assert_eq!(value("select {as_of} - signed_on as days from lease", "max(days)"), "335");
    let query = "select * from lease where extract(year from signed_on) = {year}";
    assert_eq!(value(query, "count(*)"), "3");
}

#[test]
fn a_count_exists_for_every_area_and_areas_add_up() {
    let result = evaluate(&fact("F", "select * from lease", "count(*)")).unwrap();
    let figure = &result.queries[0];
    assert_eq!((figure.total.rows, figure.total.value.unwrap().to_string()), (4, "4".to_owned()));
    let rows = |code: &str| figure.areas.get(&area(code)).map(|figure| figure.rows);
    assert_eq!(rows("3203"), Some(4));
    assert_eq!((rows("320381"), rows("320382")), (Some(3), Some(1)));
    assert_eq!((rows("320381100"), rows("320381100001")), (Some(2), Some(1)));
    assert_eq!(rows("320383"), None);
}

#[test]
fn a_ratio_is_computed_in_every_area_by_itself() {
    let result = evaluate(&fact("F", "select * from lease", "sum(rent_fen) / count(*)")).unwrap();
    let figure = &result.queries[0];
    let shown = |code: &str| figure.areas[&area(code)].value.unwrap().to_string();
    assert_eq!(figure.total.value.unwrap().to_string(), "875.25");
    assert_eq!((shown("3203"), shown("320381")), ("875.25".to_owned(), "1000.333333333333".into()));
    assert_eq!(shown("320381100"), "1500.5");
}

#[test]
fn an_unknown_sum_of_an_area_is_not_zero() {
    let result = evaluate(&fact("F", "select * from lease", "sum(rent_fen)")).unwrap();
    let only_c3 =
        evaluate(&fact("F", "select * from lease where rent_fen is null", "sum(rent_fen)"));
    assert_eq!(result.queries[0].total.value.unwrap().to_string(), "3501");
    assert_eq!(only_c3.unwrap().queries[0].areas[&area("320381")].value, None);
}

#[test]
fn a_figure_without_areas_has_only_a_total() {
    let result = evaluate(&fact("F", "select contract_no from lease", "count(*)")).unwrap();
    assert_eq!(result.queries[0].total.rows, 4);
    assert!(result.queries[0].areas.is_empty());
}

#[test]
fn rows_that_stand_nowhere_are_an_error_that_names_the_fact() {
    for place in [None, Some(""), Some("32"), Some("330100"), Some("32038")] {
        let rows = [("C1", place, Some(1), None)];
        let failed = evaluate_over(&fact("F7", "select * from lease", "count(*)"), &rows);
        let Err(EngineError::Figure { id, message }) = failed else { panic!("{place:?}") };
        assert_eq!(id, "F7");
        assert!(message.en.contains("no area of the pack"), "{}", message.en);
    }
}

#[test]
fn results_of_the_rules_are_tables() {
    let query = "select h.area_code from household as h join clause_true as c \
                 on c.level = 'household' and c.subject_id = h.household_id and c.clause = 'large'";
    assert_eq!(value(query, "count(*)"), "3");
    let query = "select value from clause_value where clause in ('wage', 'other')";
    assert_eq!(value(query, "sum(value)"), "18000");
    assert_eq!(value("select * from clause_true", "count(*)"), "3");
}

#[test]
fn rows_of_the_rules_are_the_same_without_the_run() {
    let text = fact("F", "select * from clause_true where clause = 'large'", "count(*)");
    let (pack, folder) = (pack(&text), Folder::new());
    let tables = Tables::open(&ENGINE, &snapshot(&pack, &leases(), &folder), &pack).unwrap();
    let page = Page { offset: 0, limit: 9 };
    let rows = tables.rows_of(sql(&pack), &pack.area, &page).unwrap().rows;
    assert_eq!(rows.len(), 3);
}

#[test]
fn who_is_not_covered_is_counted_and_listed() {
    let set = "select household_id as key, area_code from household";
    let covered = "select household_id as key, area_code from household where member_count >= 4 \
                   union all select 77 as key, '320381' as area_code";
    let facts = ["covered_percent", "missing", "total"].map(coverage_fact).concat();
    let text = facts + &coverage(set, covered);
    let (pack, folder) = (pack(&text), Folder::new());
    let snapshot = snapshot(&pack, &leases(), &folder);
    let result = ENGINE.evaluate(&snapshot, &pack, pack.cases_on).unwrap();
    let count = &result.coverages[0].count;
    assert_eq!((count.total, count.missing), (4, 1));
    assert_eq!(result.coverages[0].areas[&area("320381100002")].missing, 0);
    let values: Vec<String> =
        result.queries.iter().map(|f| f.total.value.unwrap().to_string()).collect();
    assert_eq!(values, ["75", "1", "4"]);
    let tables = Tables::open(&ENGINE, &snapshot, &pack).unwrap();
    let missing = |code: &str| {
        let page = Page { offset: 0, limit: 9 };
        tables.missing(&pack.coverages[0], &area(code), &page).unwrap().rows
    };
    let expected = vec![Value::Text("1".to_owned()), Value::Text("320381100001".to_owned())];
    assert_eq!((missing("3203"), missing("320381100002")), (vec![expected], vec![]));
}

#[test]
fn a_rule_of_a_later_day_misses_nobody_before_it() {
    let set = "select household_id as key, area_code from household";
    let covered = "select household_id as key, area_code from household where member_count >= 4";
    let today = pack("").cases_on;
    let (before, after) = (today.yesterday().unwrap(), today.tomorrow().unwrap());
    for (begins, computed) in [(before, 1), (today, 1), (after, 0)] {
        let text = coverage(set, covered) + &format!("effective_from = {begins}\n");
        let result = evaluate_over(&text, &leases()).unwrap();
        assert_eq!(result.coverages.len(), computed, "{begins}");
    }
}

#[test]
fn the_digest_covers_figures_and_a_second_run_gives_the_same() {
    let text = fact("F", "select * from lease", "sum(rent_fen)");
    let digest = |rows: &[Lease]| evaluate_over(&text, rows).unwrap().digest;
    assert_eq!(digest(&leases()), digest(&leases()));
    let mut changed = leases();
    changed[0].2 = Some(1_002);
    assert_ne!(digest(&leases()), digest(&changed));
    let rules_only = |rows: &[Lease]| evaluate_over("", rows).unwrap().digest;
    assert_eq!(rules_only(&leases()), rules_only(&changed), "rules do not read leases");
}

fn sql(pack: &Pack) -> &SqlFigure {
    let sql = pack.facts.iter().find_map(|fact| match &fact.method {
        Method::Sql(figure) => Some(figure),
        _ => None,
    });
    sql.unwrap()
}

#[test]
fn the_rows_behind_a_figure_come_page_by_page_with_the_heads_of_their_table() {
    let text = fact("F", "select contract_no, rent_fen, area_code from lease", "count(*)");
    let (pack, folder) = (pack(&text), Folder::new());
    let tables = Tables::open(&ENGINE, &snapshot(&pack, &leases(), &folder), &pack).unwrap();
    let page = |code: &str, offset| {
        let page = Page { offset, limit: 2 };
        let found = tables.rows_of(sql(&pack), &area(code), &page).unwrap();
        let first = found.rows.iter().map(|row| row[0].to_string()).collect::<Vec<_>>().join(" ");
        (first, found.more)
    };
    assert_eq!(page("320381", 0), ("C3 C1".to_owned(), true));
    assert_eq!(page("320381", 2), ("C2".to_owned(), false));
    assert_eq!(page("320381100001", 0), ("C1".to_owned(), false));
    let heads = tables.columns_of(sql(&pack)).unwrap();
    let heads: Vec<&str> = heads.iter().map(|column: &TableColumn| &*column.label.zh).collect();
    assert_eq!(heads, ["合同号", "租金", "地区代码"]);
}

#[test]
fn columns_of_a_view_have_the_heads_of_the_tables_it_reads() {
    let of_view = view("let_out", "select contract_no, rent_fen, area_code from lease");
    let text = [of_view, fact("F", "select * from let_out", "count(*)")].concat();
    let (pack, folder) = (pack(&text), Folder::new());
    let tables = Tables::open(&ENGINE, &snapshot(&pack, &leases(), &folder), &pack).unwrap();
    let heads = tables.columns_of(sql(&pack)).unwrap();
    let heads: Vec<&str> = heads.iter().map(|column: &TableColumn| &*column.label.zh).collect();
    assert_eq!(heads, ["合同号", "租金", "地区代码"]);
}

#[test]
fn a_column_that_the_query_computes_has_the_head_that_the_fact_tells() {
    let text = fact("F", "select area_code, rent_fen * 2 as twice_fen from lease", "count(*)");
    let labelled =
        format!("{text}\n[fact.labels]\ntwice_fen = {{ zh = \"两倍\", en = \"twice\" }}\n");
    let (pack, folder) = (pack(&labelled), Folder::new());
    let tables = Tables::open(&ENGINE, &snapshot(&pack, &leases(), &folder), &pack).unwrap();
    let heads = tables.columns_of(sql(&pack)).unwrap();
    assert_eq!(&*heads[1].label.zh, "两倍");
}

#[test]
fn rows_that_do_not_say_where_they_stand_are_seen_for_the_whole_area_only() {
    let text = fact("F", "select contract_no from lease", "count(*)");
    let (pack, folder) = (pack(&text), Folder::new());
    let tables = Tables::open(&ENGINE, &snapshot(&pack, &leases(), &folder), &pack).unwrap();
    let rows = |code: &str| {
        let page = Page { offset: 0, limit: 9 };
        tables.rows_of(sql(&pack), &area(code), &page).unwrap().rows.len()
    };
    assert_eq!((rows("32"), rows("3203"), rows("320381")), (4, 4, 0));
}

#[test]
fn tables_of_later_links_are_read_from_the_snapshot() {
    assert_eq!(value("select * from score", "sum(points)"), "98.5");
}

#[test]
fn an_extension_replaces_a_view_of_its_base() {
    let folder = Folder::new();
    let count = fact("F", "select * from counted", "count(*)");
    folder.write("base/pack.toml", HEAD);
    folder.write("base/codes/unit.toml", UNITS);
    folder.write("base/datasets/lease.toml", LEASE);
    let views = [view("counted", "select * from lease"), count].concat();
    folder.write("base/views.toml", &views);
    folder.write(
        "town/pack.toml",
        "id = \"town\"\nextends = \"base\"\ntitle = { zh = \"镇\", en = \"a town\" }\n",
    );
    let own = view("counted", "select * from lease where rent_fen is not null");
    folder.write("town/views.toml", &own);
    let figure = |name: &str| {
        let (pack, files) = (load(&folder.0.join(name)), Folder::new());
        let snapshot = snapshot(&pack, &leases(), &files);
        let result = ENGINE.evaluate(&snapshot, &pack, pack.cases_on).unwrap();
        result.queries[0].total.rows
    };
    assert_eq!((figure("base"), figure("town")), (4, 3));
}
