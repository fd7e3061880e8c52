//! The lists about people add up to what the city was told to be.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use calamine::Reader as _;
use qb_city::{Options, Truth};

/// A city of about four thousand people, made once.
fn shared() -> &'static (PathBuf, Truth) {
    static CITY: OnceLock<(PathBuf, Truth)> = OnceLock::new();
    CITY.get_or_init(|| {
        let name = format!("qb-city-lists-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let areas = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/areas.csv");
        let calendar =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/calendar.toml");
        let options = Options {
            out: folder.join("raw"),
            truth: folder.join("truth.json"),
            scale_ppm: SCALE_PPM,
            seed: 5,
            areas: qb_city::parse_areas(&std::fs::read_to_string(areas).unwrap()).unwrap(),
            calendar: qb_city::parse_calendar(&std::fs::read_to_string(calendar).unwrap()).unwrap(),
            year: 2016,
        };
        qb_city::generate(&options, &mut |_, _, _| {}).unwrap();
        let truth = serde_json::from_slice(&std::fs::read(&options.truth).unwrap()).unwrap();
        (options.out, truth)
    })
}

const SCALE_PPM: u64 = 6_000;

/// A number of the full city at the scale of the test, rounded half up.
fn scaled(full: u64) -> u64 {
    (full * SCALE_PPM + 500_000) / 1_000_000
}

/// All rows of a dataset as text, without title, heads and note.
fn rows(dataset: &str) -> Vec<Vec<String>> {
    let (raw, truth) = shared();
    let mut all = Vec::new();
    for file in truth.files.iter().filter(|file| file.layout == dataset) {
        let table = table(&raw.join(&file.file));
        let rows = table[2..table.len() - 1].to_vec();
        assert_eq!(rows.len() as u64, file.rows, "{}", file.file);
        all.extend(rows);
    }
    all
}

/// Every sheet of a file.
fn sheets(path: &Path) -> Vec<Vec<Vec<String>>> {
    if path.extension().is_some_and(|ending| ending == "xlsx") {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
        let names = book.sheet_names();
        let sheet = |name: &String| {
            let range = book.worksheet_range(name).unwrap();
            range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
        };
        return names.iter().map(sheet).collect();
    }
    vec![table(path)]
}

fn table(path: &Path) -> Vec<Vec<String>> {
    if path.extension().is_some_and(|ending| ending == "xlsx") {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
        let name = book.sheet_names().remove(0);
        let range = book.worksheet_range(&name).unwrap();
        return range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    }
    let bytes = std::fs::read(path).unwrap();
    let (text, _, _) = match std::str::from_utf8(&bytes) {
        Ok(_) => encoding_rs::UTF_8.decode(&bytes),
        Err(_) => encoding_rs::GB18030.decode(&bytes),
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Yuan as a cell shows them, in fen.
fn fen(cell: &str) -> i64 {
    let (whole, part) = cell.split_once('.').unwrap_or((cell, ""));
    let part: i64 = format!("{part:0<2}").parse().unwrap();
    whole.parse::<i64>().unwrap() * 100 + part
}

#[test]
fn the_premium_roster_is_short_by_the_changes_of_those_who_stay() {
    let (_, truth) = shared();
    let exits = rows("exit_decision");
    let exited: BTreeSet<&str> =
        exits.iter().filter(|row| !row[11].is_empty()).map(|row| row[0].as_str()).collect();
    let (gone, changes): (Vec<_>, Vec<_>) =
        rows("roster_change").into_iter().partition(|row| exited.contains(row[1].as_str()));
    assert_eq!(changes.len() as u64, scaled(18_611));
    assert!(!gone.is_empty(), "people die in households that left the register, too");
    assert!(gone.iter().all(|row| row[4] == "死亡"));
    let people: BTreeSet<&str> = changes.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(people.len(), changes.len(), "nobody comes off twice");
    let staying = truth.totals.people - truth.totals.exit_people;
    let insured = rows("insured");
    let insured: BTreeSet<&str> = insured.iter().map(|row| row[0].as_str()).collect();
    let roster = staying - changes.len() as u64;
    let known = insured.difference(&people).count() as u64;
    assert!(known <= roster && known + 30 > roster, "{known} insured of {roster}");
}

#[test]
fn student_aid_adds_up_to_the_payments_and_the_fen() {
    let aid = rows("student_aid");
    assert_eq!(aid.len() as u64, scaled(283_783));
    let sum: i64 = aid.iter().map(|row| fen(&row[5])).sum();
    assert_eq!(i128::from(sum), 17_346_281_700 * i128::from(SCALE_PPM) / 1_000_000);
    let payments: BTreeSet<&str> = aid.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(payments.len(), aid.len(), "a payment has one number");
}

#[test]
fn yield_paid_to_households_is_the_yield_of_their_income_sheets() {
    let (_, truth) = shared();
    let paid = rows("project_benefit");
    assert_eq!(paid.len() as u64, truth.totals.yield_households);
    assert_eq!(paid.iter().map(|row| fen(&row[3])).sum::<i64>(), truth.totals.yield_fen);
}

#[test]
fn every_household_that_left_was_decided_and_some_are_under_way() {
    let (_, truth) = shared();
    let exits = rows("exit_decision");
    let decided = exits.iter().filter(|row| !row[11].is_empty()).count() as u64;
    assert_eq!(decided, truth.totals.exit_households);
    assert!(exits.len() as u64 > decided);
}

#[test]
fn who_was_announced_is_the_head_of_a_registered_household() {
    let (raw, truth) = shared();
    let mut heads = BTreeSet::new();
    for file in truth.files.iter().filter(|file| file.layout == "register_l1") {
        for row in sheets(&raw.join(&file.file)).into_iter().flatten() {
            if row.len() > 30 && row[9] == "户主" {
                heads.insert(row[6].clone());
            }
        }
    }
    let applications = rows("application");
    let announced: Vec<_> = applications.iter().filter(|row| !row[18].is_empty()).collect();
    assert!(announced.len() > 1, "{} applications", applications.len());
    for row in announced {
        assert!(heads.contains(&row[1]), "nobody of the register: {row:?}");
    }
}

#[test]
fn every_household_has_one_helper_and_nearly_every_one_a_measure() {
    let (_, truth) = shared();
    assert_eq!(rows("household_pairing").len() as u64, truth.totals.households);
    let measures = rows("household_measure");
    let with: BTreeSet<&str> = measures.iter().map(|row| row[0].as_str()).collect();
    assert!(with.len() as u64 + 5 > truth.totals.households);
}

#[test]
fn bills_are_paid_to_the_fen() {
    let claims = rows("claim");
    assert!(claims.len() > 100);
    for row in &claims {
        let amounts: Vec<i64> = row[6..].iter().map(|cell| fen(cell)).collect();
        let [total, eligible, basic, critical, assistance, own] = amounts[..] else { panic!() };
        assert_eq!(basic + critical + assistance + own, total, "{}", row[0]);
        assert!(own >= 0 && eligible <= total && basic <= eligible, "{}", row[0]);
    }
}
