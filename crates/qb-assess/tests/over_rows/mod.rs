//! What the queries of the county scheme say of rows: three counties, one of them without anybody
//! on the register.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use qb_assess::model::{Object, ObjectScore, Scheme};
use qb_base::{AreaCode, Date};
use qb_engine::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use qb_engine::views::{ColumnType, HOUSEHOLD, PERSON, View};
use qb_engine::{
    Engine, EngineOptions, Snapshot, SnapshotWriter, TableCell, TableRows, TableSchema, TableType,
    Tables, arrow_schema, tables,
};
use qb_policy::{Pack, Ratio};

use super::pack;

/// Feng county: one household that left rightly. Pei county: one that left by the column alone.
/// Quanshan district: nobody registered, although a survey and a finding name it.
const FENG: &str = "320321";
const PEI: &str = "320322";
const QUANSHAN: &str = "320311";

type Cells<'a> = Vec<(&'a str, TableCell<'a>)>;

fn int(value: i64) -> TableCell<'static> {
    TableCell::Int(value)
}

fn text(value: &str) -> TableCell<'_> {
    TableCell::Text(value)
}

fn day(month: i8, day: i8) -> TableCell<'static> {
    TableCell::Date(Date::constant(2016, month, day))
}

fn given<'a>(row: &Cells<'a>, name: &str) -> Option<TableCell<'a>> {
    row.iter().find(|(given, _)| *given == name).map(|(_, cell)| *cell)
}

/// Rows of a view; what is not given is unknown.
fn batch(view: &View, rows: &[Cells<'_>]) -> RecordBatch {
    let arrays = view.columns.iter().map(|column| {
        let cells = rows.iter().map(|row| given(row, column.name));
        let array: ArrayRef = match column.kind {
            ColumnType::Id | ColumnType::Int { .. } => {
                let whole = |cell| if let Some(TableCell::Int(n)) = cell { Some(n) } else { None };
                Arc::new(cells.map(whole).collect::<Int64Array>())
            }
            ColumnType::Bool => {
                let truth = |cell| if let Some(TableCell::Bool(b)) = cell { Some(b) } else { None };
                Arc::new(cells.map(truth).collect::<BooleanArray>())
            }
            ColumnType::Text | ColumnType::Code(_) => {
                let words = |cell| if let Some(TableCell::Text(t)) = cell { Some(t) } else { None };
                Arc::new(cells.map(words).collect::<StringArray>())
            }
            ColumnType::Date => Arc::new(cells.map(|_| None).collect::<Date32Array>()),
        };
        array
    });
    RecordBatch::try_new(arrow_schema(view), arrays.collect()).unwrap()
}

fn table(writer: &mut SnapshotWriter, schema: TableSchema, rows: &[Cells<'_>]) {
    let names: Vec<String> = schema.columns.iter().map(|column| column.name.clone()).collect();
    let mut table = TableRows::new(schema);
    for row in rows {
        let cell = |name: &String| given(row, name).unwrap_or(TableCell::Unknown);
        for (name, _) in row {
            assert!(names.iter().any(|known| known == name), "no column {name}");
        }
        table.push(&names.iter().map(cell).collect::<Vec<_>>());
    }
    writer.write_table("3203", &table.finish().unwrap()).unwrap();
}

/// A household that has left, with its net income of both years in fen.
fn household(id: i64, area: &'static str, now: i64, before: i64) -> Cells<'static> {
    let zero = [
        "business_fen",
        "property_fen",
        "transfer_fen",
        "cost_fen",
        "business_prior_fen",
        "property_prior_fen",
        "transfer_prior_fen",
        "cost_prior_fen",
    ];
    let mut cells = vec![
        ("household_id", int(id)),
        ("area_code", text(area)),
        ("exit_status", text("EXITED")),
        ("exit_year", int(2016)),
        ("wage_fen", int(now)),
        ("wage_prior_fen", int(before)),
    ];
    cells.extend(zero.map(|name| (name, int(0))));
    cells
}

fn person(id: i64, area: &'static str) -> Cells<'static> {
    vec![
        ("person_id", int(id)),
        ("household_id", int(id)),
        ("area_code", text(area)),
        ("age", int(50)),
        ("health", text("HEALTHY")),
        ("medical_insured", TableCell::Bool(true)),
    ]
}

fn register(writer: &mut SnapshotWriter) {
    let (feng, pei) = ("320321100001", "320322100001");
    let mut proven = household(1, feng, 600_000, 500_000);
    proven.extend([
        ("dangerous_house", TableCell::Bool(false)),
        ("water_safe", TableCell::Bool(true)),
        ("water_short", TableCell::Bool(false)),
        ("food_secure", TableCell::Bool(true)),
        ("clothing_secure", TableCell::Bool(true)),
        ("income_stable", TableCell::Bool(true)),
    ]);
    // Nobody looked at the house of the other.
    let unproven = household(2, pei, 700_000, 500_000);
    for (view, rows) in [
        (&PERSON, [(FENG, person(1, feng)), (PEI, person(2, pei))]),
        (&HOUSEHOLD, [(FENG, proven), (PEI, unproven)]),
    ] {
        for (county, row) in rows {
            writer.write(view, county, &batch(view, &[row])).unwrap();
        }
    }
}

fn lists(writer: &mut SnapshotWriter, pack: &Pack) {
    let of = |id: &str| tables::of_dataset(pack.dataset(id).unwrap());
    let pledge = |number, area| {
        vec![
            ("pledge_no", text(number)),
            ("area_code", text(area)),
            ("year", int(2016)),
            ("lower_level", text("COUNTY")),
        ]
    };
    table(writer, of("pledge"), &[pledge("Z1", FENG), pledge("Z2", PEI)]);
    let target = |number, area| {
        vec![
            ("pledge_no", text(number)),
            ("area_code", text(area)),
            ("item", text("EXIT_PEOPLE")),
            ("target", TableCell::Decimal(1_000_000)),
        ]
    };
    table(writer, of("pledge_target"), &[target("Z1", FENG), target("Z2", PEI)]);
    let survey = |area| {
        let counts = ["asked", "satisfied", "checked", "identified_right", "exited_right"];
        let mut cells = vec![("area_code", text(area)), ("year", int(2016))];
        cells.extend(counts.map(|name| (name, int(100))));
        cells
    };
    table(writer, of("survey"), &[survey(QUANSHAN), survey(FENG), survey(PEI)]);
    let finding = |number, area, kind| {
        vec![
            ("finding_no", text(number)),
            ("area_code", text(area)),
            ("year", int(2016)),
            ("kind", text(kind)),
            ("found_on", day(3, 1)),
            ("due_on", day(5, 1)),
        ]
    };
    let mut closed = finding("W1", PEI, "WRONG_EXIT");
    closed.extend([("rectified_on", day(4, 1)), ("closed_on", day(4, 20))]);
    let open = finding("W2", PEI, "FUND_MISUSED");
    let elsewhere = finding("W3", QUANSHAN, "RECORDS_POOR");
    table(writer, of("finding"), &[closed, open, elsewhere]);
    money(writer, pack);
    // Views of the pack name targets, steps of cases and support; no item of the scheme reads them.
    let words = || qb_base::Text::fixed("目标", "target");
    let cascade = TableSchema::new("target_cascade")
        .with("item", TableType::Text, words())
        .with("area_code", TableType::Text, words())
        .with("year", TableType::Integer, words())
        .with("target", tables::DECIMAL, words());
    table(writer, cascade, &[]);
    let support = TableSchema::new("support_income")
        .with("household_id", TableType::Integer, words())
        .with("area_code", TableType::Text, words())
        .with("year", TableType::Integer, words())
        .with("item", TableType::Text, words())
        .with("amount_fen", TableType::Integer, words());
    table(writer, support, &[]);
    let decided = |id, area, irregular| {
        vec![
            ("case_id", int(id)),
            ("machine", text("exit")),
            ("household_id", int(id)),
            ("area_code", text(area)),
            ("is_decided", TableCell::Bool(true)),
            ("irregular_count", int(irregular)),
        ]
    };
    let files = qb_case::schemas().into_iter().find(|schema| schema.name == "case_file").unwrap();
    table(writer, files, &[decided(1, FENG, 0), decided(2, PEI, 0)]);
    let events = qb_case::schemas().into_iter().find(|schema| schema.name == "case_event").unwrap();
    table(writer, events, &[]);
}

/// Feng county got 1,000 yuan of the year's special funds: 600 were paid, taken back, and 500 paid
/// then. Money of another year and of a sector department was paid in full.
fn money(writer: &mut SnapshotWriter, pack: &Pack) {
    let of = |id: &str| tables::of_dataset(pack.dataset(id).unwrap());
    let budget = |number, year, source| {
        vec![
            ("budget_no", text(number)),
            ("area_code", text("3203")),
            ("year", int(year)),
            ("level", text("CITY")),
            ("source", text(source)),
        ]
    };
    let budgets = [
        budget("Y1", 2016, "CITY_SPECIAL"),
        budget("Y0", 2015, "CITY_SPECIAL"),
        budget("Y2", 2016, "SECTOR"),
    ];
    table(writer, of("fund_budget"), &budgets);
    let allocation = |number, budget, fen| {
        vec![
            ("allocation_no", text(number)),
            ("budget_no", text(budget)),
            ("area_code", text(FENG)),
            ("amount_fen", int(fen)),
            ("allocated_on", day(1, 20)),
        ]
    };
    let allocations = [
        allocation("X1", "Y1", 100_000),
        allocation("X0", "Y0", 700_000),
        allocation("X2", "Y2", 900_000),
    ];
    table(writer, of("fund_allocation"), &allocations);
    let payment = |number, allocation, fen, reverses: Option<&'static str>| {
        vec![
            ("payment_no", text(number)),
            ("allocation_no", text(allocation)),
            ("area_code", text(FENG)),
            ("amount_fen", int(fen)),
            ("paid_on", day(6, 1)),
            ("reverses", TableCell::from(reverses)),
        ]
    };
    let payments = [
        payment("P1", "X1", 60_000, None),
        payment("P2", "X1", 60_000, Some("P1")),
        payment("P3", "X1", 50_000, None),
        payment("P4", "X0", 700_000, None),
        payment("P5", "X2", 900_000, None),
    ];
    table(writer, of("fund_payment"), &payments);
}

struct Scored {
    scheme: Scheme,
    objects: Vec<Object>,
    scores: Vec<ObjectScore>,
}

fn scored() -> &'static Scored {
    static SCORED: OnceLock<Scored> = OnceLock::new();
    SCORED.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("qb-assess-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let pack = pack();
        let mut writer = SnapshotWriter::create(&folder, pack.cases_on).unwrap();
        register(&mut writer);
        lists(&mut writer, &pack);
        let snapshot: Snapshot = writer.finish().unwrap();
        let engine = Engine::new(EngineOptions { threads: 1, ..Default::default() }).unwrap();
        let tables = Tables::open(&engine, &snapshot, &pack).unwrap();
        let scheme = qb_assess::scheme_of_year(&pack, 2016).unwrap();
        let objects = qb_assess::gather(&pack, &scheme, &tables).unwrap();
        let scores = qb_assess::score(&scheme, &objects).unwrap();
        drop(std::fs::remove_dir_all(&folder));
        Scored { scheme, objects, scores }
    })
}

fn object(id: &str) -> &'static Object {
    scored().objects.iter().find(|object| object.id == id).unwrap()
}

fn value(id: &str, item: &str) -> Option<Ratio> {
    object(id).values.get(item).copied()
}

fn whole(number: i128) -> Option<Ratio> {
    Ratio::new(number, 1)
}

#[test]
fn a_district_without_registered_households_is_not_assessed_whatever_a_survey_says() {
    let Scored { scheme, objects, scores } = scored();
    let ids: Vec<&str> = objects.iter().map(|object| object.id.as_str()).collect();
    assert_eq!(ids, [FENG, PEI]);
    let pack = pack();
    let without = qb_assess::not_assessed(&pack, scheme, scores);
    let quanshan = AreaCode::parse(QUANSHAN).unwrap();
    assert!(without.iter().any(|area| area.code == quanshan));
    assert!(without.iter().all(|area| ![FENG, PEI].contains(&area.code.as_str())));
}

#[test]
fn an_exit_by_the_column_alone_does_not_count() {
    assert_eq!(value(FENG, "exit_plan"), whole(100));
    assert_eq!(value(PEI, "exit_plan"), whole(0));
}

#[test]
fn growth_is_measured_against_all_low_income_households_of_the_city() {
    // 20 % and 40 %, together 30 %.
    assert_eq!(value(FENG, "income_growth"), whole(-10));
    assert_eq!(value(PEI, "income_growth"), whole(10));
}

#[test]
fn payments_taken_back_are_subtracted_and_other_money_is_left_out() {
    assert_eq!(value(FENG, "spent"), whole(50));
    assert_eq!(value(PEI, "spent"), None, "it got none of the year's special funds");
}

#[test]
fn who_has_no_finding_earns_what_is_given_for_putting_all_right() {
    let count = |id: &str| object(id).counts.get("all_rectified").copied();
    assert_eq!(count(FENG), whole(1));
    assert_eq!(count(PEI), whole(0), "one of two was put right");
}

#[test]
fn untrue_exits_and_money_misused_past_its_deadline_veto() {
    let vetoes: Vec<&str> = object(PEI).vetoes.iter().map(String::as_str).collect();
    assert_eq!(vetoes, ["false_exit", "money_misused"]);
    assert!(object(FENG).vetoes.is_empty());
    let pei = scored().scores.iter().find(|score| score.object == PEI).unwrap();
    assert_eq!(pei.grade.as_deref(), Some("poor"));
}
