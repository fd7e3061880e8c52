//! Cells of every type, as a dataset reads them; then any text, without panic.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use qb_base::keyring::MASTER_KEY_BYTES;
use qb_base::resident::check_digit;
use qb_base::{AreaCode, Keyring};
use qb_policy::{Pack, PackSource};

use super::*;
use crate::fields::Severity;
use crate::fields::area::AreaIndex;
use crate::layout::{LayoutIndex, MoneyUnit};
use crate::read::batch::{Batch, CellKind};
use crate::rows::parsed::Common;

fn pack() -> Pack {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/orchard");
    Pack::load(PackSource::Folder(&folder)).unwrap()
}

fn shared(pack: &Pack) -> Shared {
    Shared {
        no_document: crate::words::Words::of(pack).unwrap().no_document.clone(),
        areas: Arc::new(AreaIndex::new(pack)),
        lists: Arc::new(pack.code_lists.clone()),
        datasets: Arc::new(pack.datasets.clone()),
        keyring: Keyring::new(&[7; MASTER_KEY_BYTES]),
        today: pack.cases_on,
        year: pack.year,
        within: None,
    }
}

/// A sheet that has every column of a dataset, in order.
fn columns(pack: &Pack, dataset: &str) -> ColumnMap {
    let index = LayoutIndex::one(pack, dataset).unwrap().remove(0);
    let unit = |column: &Column| match column.kind {
        ColumnKind::MoneyWanYuan => MoneyUnit::Known(4),
        _ => MoneyUnit::Known(0),
    };
    let units: Vec<MoneyUnit> = index.layout.columns.iter().map(unit).collect();
    ColumnMap::new(&index, (0..units.len()).map(Some).collect(), units, Vec::new())
}

/// What came of rows, given as columns with their texts; other columns are blank.
struct Outcome {
    rows: Rows<RecordBatch>,
    keyring: Keyring,
}

impl Outcome {
    fn fields(&self, at: usize) -> serde_json::Value {
        let record = &self.rows.batch.records[at];
        serde_json::from_str(self.rows.batch.arena.text(record.fields)).unwrap()
    }

    fn sealed(&self, at: usize) -> serde_json::Value {
        let bytes = self.rows.batch.arena.bytes(self.rows.batch.records[at].sealed.unwrap());
        serde_json::from_slice(
            &self.keyring.open(Purpose::Record, &["orchard", self.key(at)], bytes).unwrap(),
        )
        .unwrap()
    }

    fn key(&self, at: usize) -> &str {
        self.rows.batch.arena.text(self.rows.batch.records[at].key)
    }

    fn common(&self) -> &Common {
        &self.rows.common
    }

    /// Code, severity, message of each fault.
    fn faults(&self) -> Vec<(&'static str, Severity, String)> {
        let faults = self.rows.common.faults.iter();
        faults.map(|f| (f.issue.code(), f.severity, f.message.zh.clone().into_owned())).collect()
    }
}

fn read_as(dataset: &str, rows: &[&[(&str, &str)]], change: impl Fn(&mut Shared)) -> Outcome {
    let pack = pack();
    let mut shared = shared(&pack);
    change(&mut shared);
    let columns = columns(&pack, dataset);
    let ids: Vec<String> = columns.layout.columns.iter().map(|c| c.id.clone()).collect();
    let mut sheet = Batch::default();
    for (number, row) in (2_u32..).zip(rows) {
        for id in &ids {
            let text = row.iter().find(|(column, _)| column == id).map_or("", |(_, text)| text);
            sheet.push_cell(CellKind::Text, text.as_bytes());
        }
        sheet.end_row(number, false);
    }
    let keyring = shared.keyring.clone();
    let mut parser = RecordParser::new(shared, columns, None);
    for row in sheet.rows() {
        assert!(parser.row(row).is_none());
    }
    Outcome { rows: parser.finish(), keyring }
}

fn read(rows: &[&[(&str, &str)]]) -> Outcome {
    read_as("orchard", rows, |_| {})
}

/// One good row with further cells.
fn one(cells: &[(&str, &str)]) -> Outcome {
    let mut row = vec![("orchard_no", "G1"), ("tree", "苹果")];
    row.extend_from_slice(cells);
    read(&[&row])
}

fn id_no() -> String {
    let first = "32032119700101001";
    format!("{first}{}", char::from(check_digit(first.as_bytes()).unwrap()))
}

#[test]
fn every_type_is_read_into_its_form() {
    let outcome = one(&[
        ("trees", "120"),
        ("hectares", "1.250"),
        ("worth", "1234.5"),
        ("loan", "1.5"),
        ("year", "2016"),
        ("fruit_month", "2016-09"),
        ("planted_on", "2014-03-12"),
        ("insured", "是"),
        ("note", "“好”\\"),
    ]);
    assert!(outcome.faults().is_empty(), "{:?}", outcome.faults());
    let expected = serde_json::json!({
        "orchard_no": "G1", "tree": "APPLE", "trees": 120, "hectares": "1.25", "worth": 123_450,
        "loan": 1_500_000, "year": 2016, "fruit_month": "2016-09", "planted_on": "2014-03-12",
        "insured": true, "note": "“好”\\",
    });
    assert_eq!(outcome.fields(0), expected);
    assert_eq!(outcome.key(0), "G1");
}

#[test]
fn personal_values_are_sealed_and_only_sealed() {
    let id = id_no();
    let outcome = one(&[
        ("id_no", &id),
        ("keeper", "王小园"),
        ("keeper_phone", "13912345678"),
        ("illness", "高血压"),
    ]);
    let open = outcome.fields(0).to_string();
    for secret in [id.as_str(), "王小园", "13912345678", "高血压"] {
        assert!(!open.contains(secret));
        assert!(outcome.sealed(0).to_string().contains(secret));
    }
    let blind = outcome.keyring.blind(Purpose::ResidentNumber, id.as_bytes());
    assert_eq!(outcome.rows.batch.records[0].blind, Some(blind));
}

#[test]
fn personal_numbers_in_open_text_are_covered_and_the_row_is_kept() {
    let id = id_no();
    let note = format!("看园人{id}，电话13912345678");
    let outcome = one(&[("note", &note)]);
    assert_eq!(
        outcome.fields(0)["note"],
        format!("看园人{}，电话{}", "*".repeat(18), "*".repeat(11))
    );
    let faults = outcome.faults();
    assert_eq!(
        (faults[0].0, faults[0].1, faults.len()),
        ("personal_number", Severity::Repaired, 1)
    );
    assert!(!faults[0].2.contains("139") && !faults[0].2.contains(&id));
}

#[test]
fn a_sensitive_text_is_covered_like_an_open_one() {
    let id = id_no();
    let outcome = one(&[("illness", &format!("高血压，{id}，0516-83812345，6222021234567890128"))]);
    let sealed = outcome.sealed(0).to_string();
    assert!(sealed.contains("高血压"));
    for number in [id.as_str(), "83812345", "6222021234567890128"] {
        assert!(!sealed.contains(number), "{sealed}");
    }
    assert_eq!(outcome.faults()[0].0, "personal_number");
}

#[test]
fn a_personal_number_in_the_place_of_a_key_refuses_the_row_and_is_not_repeated() {
    let id = id_no();
    for number in [id.as_str(), "13912345678", "110105491231002", "0516-83812345"] {
        let keyed = read(&[&[("orchard_no", number), ("tree", "桃")]]);
        let faults = keyed.faults();
        assert_eq!((faults[0].0, keyed.common().counts.rejected), ("personal_key", 1), "{number}");
        assert!(!faults[0].2.contains(number));
    }
    // A number of the kind that villages give: their code and three digits.
    let village = pack().areas.iter().find(|area| area.code.as_str().len() == 12).unwrap().code;
    let keyed = read(&[&[("orchard_no", &format!("{village}001")), ("tree", "桃")]]);
    assert!(keyed.faults().is_empty());
}

#[test]
fn a_personal_number_in_a_column_of_another_kind_is_not_repeated_in_its_fault() {
    let id = id_no();
    let outcome = one(&[("trees", &format!("{id}株")), ("planted_on", "电话13912345678")]);
    let said: String = outcome.faults().iter().map(|fault| fault.2.clone()).collect();
    assert!(!outcome.faults().is_empty());
    assert!(!said.contains(&id) && !said.contains("13912345678"), "{said}");
}

#[test]
fn what_is_safe_is_repaired_and_recorded() {
    let cases = [
        ("trees", "１２０", "trees", serde_json::json!(120)),
        ("worth", "1.2万", "worth", serde_json::json!(1_200_000)),
        ("planted_on", "2014.3.12", "planted_on", serde_json::json!("2014-03-12")),
        ("fruit_month", "2016年9月", "fruit_month", serde_json::json!("2016-09")),
        ("insured", "√", "insured", serde_json::json!(true)),
    ];
    for (column, text, field, expected) in cases {
        let outcome = one(&[(column, text)]);
        assert_eq!(outcome.fields(0)[field], expected, "{column}");
        let faults = outcome.faults();
        assert!(faults.iter().all(|fault| fault.1 == Severity::Repaired), "{faults:?}");
        assert_eq!((outcome.common().counts.repaired, faults.len()), (1, 1), "{column}");
    }
    let alias = read(&[&[("orchard_no", "G1"), ("tree", "苹果树")]]);
    assert_eq!(alias.fields(0)["tree"], "APPLE");
    assert_eq!(alias.faults()[0].0, "F13");
}

#[test]
fn what_cannot_be_read_refuses_the_row_also_in_an_optional_column() {
    let cases = [
        ("trees", "很多", "F6"),
        ("trees", "1.5", "F6"),
        ("hectares", "一片", "F6"),
        ("worth", "不详", "F6"),
        ("planted_on", "春天", "F5"),
        ("fruit_month", "2016", "F5"),
        ("year", "去年", "F5"),
        ("insured", "也许", "F13"),
        ("id_no", "320321197001010018", "id_checksum"),
        ("keeper", "王12", "name_text"),
        ("village", "无此村", "F11"),
    ];
    for (column, text, code) in cases {
        let outcome = one(&[("county", "丰县"), ("town", "中阳里街道"), (column, text)]);
        assert!(outcome.rows.batch.records.is_empty(), "{column} {text}");
        let faults = outcome.faults();
        assert_eq!((faults[0].0, faults[0].1), (code, Severity::Refused), "{column} {text}");
        assert_eq!((outcome.common().counts.rejected, outcome.common().refused.len()), (1, 1));
    }
}

#[test]
fn a_blank_required_cell_and_an_unknown_label_are_refused_with_what_is_known() {
    let blank = read(&[&[("orchard_no", "G1")]]);
    assert_eq!(blank.faults()[0].0, "required");
    let unknown = read(&[&[("orchard_no", "G1"), ("tree", "柿")]]);
    assert!(unknown.faults()[0].2.contains("苹果、桃"), "{:?}", unknown.faults());
    let keyless = read(&[&[("tree", "桃"), ("trees", "3"), ("worth", "9")]]);
    assert_eq!(keyless.faults()[0].0, "required");
}

#[test]
fn a_row_stands_on_the_finest_area_it_names() {
    let outcome = read(&[
        &[("orchard_no", "G1"), ("tree", "桃"), ("county", "丰县")],
        &[("orchard_no", "G2"), ("tree", "桃")],
        &[
            ("orchard_no", "G3"),
            ("tree", "桃"),
            ("county", "丰县"),
            ("town", "中阳里街道"),
            ("village", "北城村"),
        ],
    ]);
    let areas: Vec<Option<String>> =
        outcome.rows.batch.records.iter().map(|r| r.area.map(|area| area.to_string())).collect();
    let expected = [Some("320321"), None, Some("320321100202")].map(|a| a.map(str::to_owned));
    assert_eq!(areas, expected, "a blank optional area is not filled down");
}

#[test]
fn merged_cells_of_required_areas_take_the_area_above_and_areas_can_be_keys() {
    let place = [("county", "丰县"), ("town", "中阳里街道"), ("village", "北城村委会")];
    let first = [place.as_slice(), &[("round", "1|2"), ("seen", "3")]].concat();
    let outcome = read_as("orchard_visit", &[&first, &[("round", "2"), ("seen", "4")]], |_| {});
    assert_eq!(outcome.key(0), "320321100202|1\\|2");
    assert_eq!(outcome.key(1), "320321100202|2");
    assert_eq!(outcome.common().counts.repaired, 1);
}

#[test]
fn a_row_outside_the_scope_is_refused() {
    let within = |shared: &mut Shared| shared.within = AreaCode::parse("320322").ok();
    let row: &[(&str, &str)] = &[("orchard_no", "G1"), ("tree", "桃"), ("county", "丰县")];
    let outcome = read_as("orchard", &[row], within);
    assert_eq!(outcome.faults()[0].0, "area_outside");
    assert!(outcome.rows.batch.records.is_empty());
}

#[test]
fn notes_below_the_table_and_heads_repeated_are_no_rows() {
    let outcome = read(&[
        &[("orchard_no", "G1"), ("tree", "桃")],
        &[("orchard_no", "果园编号"), ("tree", "果树种类")],
        &[("county", "合计"), ("trees", "3")],
    ]);
    assert_eq!(outcome.common().counts.read, 1);
}

#[test]
fn the_same_values_have_the_same_digest_and_others_have_not() {
    let digest = |cells: &[(&str, &str)]| one(cells).rows.batch.records[0].digest;
    let first = digest(&[("trees", "3"), ("keeper", "王园")]);
    assert_eq!(digest(&[("trees", "3"), ("keeper", "王园")]), first);
    assert_ne!(digest(&[("trees", "4"), ("keeper", "王园")]), first);
    assert_ne!(digest(&[("trees", "3"), ("keeper", "李园")]), first);
}

fn cell_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[0-9.,万元年月日/-]{0,12}",
        prop::sample::select(vec!["苹果", "丰县", "是", "NULL", "2016-02-30", "\u{fffd}", "1e309"])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_row_is_a_record_of_sound_json_or_a_refusal_with_its_fault(
        texts in prop::collection::vec(cell_text(), 19)
    ) {
        let pack = pack();
        let columns = columns(&pack, "orchard");
        let ids: Vec<String> = columns.layout.columns.iter().map(|c| c.id.clone()).collect();
        let row: Vec<(&str, &str)> =
            ids.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
        let outcome = read(&[&row]);
        let counts = outcome.common().counts;
        prop_assert_eq!(counts.accepted(), outcome.rows.batch.records.len() as u64);
        prop_assert_eq!(counts.rejected, outcome.common().refused.len() as u64);
        for at in 0..outcome.rows.batch.records.len() {
            prop_assert!(outcome.fields(at)["orchard_no"].is_string());
            if outcome.rows.batch.records[at].sealed.is_some() {
                prop_assert!(outcome.sealed(at).is_object());
            }
        }
        let refused = outcome.faults().iter().filter(|fault| fault.1 == Severity::Refused).count();
        prop_assert!(counts.rejected == 0 || refused > 0);
    }
}
