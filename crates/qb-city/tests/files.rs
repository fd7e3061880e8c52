//! The files of a small city, read back with nothing but a CSV and a workbook reader.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use calamine::{Data, Reader as _};
use qb_base::{ResidentNumber, fold};
use qb_city::{Expectation, Options, Truth};
use qb_policy::{Pack, PackSource};

/// A folder that disappears with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("qb-city-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn options(folder: &Folder, seed: u64, scale_ppm: u64) -> Options {
    let areas = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/areas.csv");
    let calendar = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/calendar.toml");
    Options {
        out: folder.0.join("raw"),
        truth: folder.0.join("truth.json"),
        scale_ppm,
        seed,
        areas: qb_city::parse_areas(&std::fs::read_to_string(areas).unwrap()).unwrap(),
        calendar: qb_city::parse_calendar(&std::fs::read_to_string(calendar).unwrap()).unwrap(),
        year: 2016,
    }
}

fn city(folder: &Folder, seed: u64, scale_ppm: u64) -> Truth {
    let options = options(folder, seed, scale_ppm);
    qb_city::generate(&options, &mut |_, _, _| {}).unwrap();
    serde_json::from_slice(&std::fs::read(&options.truth).unwrap()).unwrap()
}

/// A city that all reading tests share; it stays in the build folder.
fn shared() -> &'static (PathBuf, Truth) {
    static CITY: OnceLock<(PathBuf, Truth)> = OnceLock::new();
    CITY.get_or_init(|| {
        let name = format!("qb-city-{}", std::process::id());
        let folder = Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        let truth = city(&folder, 21, 6_000);
        let raw = folder.0.join("raw");
        std::mem::forget(folder);
        (raw, truth)
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// All visible sheets of a file as text.
fn tables(path: &Path) -> Vec<Vec<Vec<String>>> {
    if path.extension().is_some_and(|ending| ending == "xlsx") {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
        let names: Vec<String> =
            book.sheet_names().into_iter().filter(|name| name != "字典").collect();
        return names.iter().map(|name| sheet(&book.worksheet_range(name).unwrap())).collect();
    }
    let bytes = std::fs::read(path).unwrap();
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => {
            let (text, _, lossy) = encoding_rs::GB18030.decode(&bytes);
            assert!(!lossy, "{}", path.display());
            text.into_owned()
        }
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    vec![
        reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect(),
    ]
}

fn sheet(range: &calamine::Range<Data>) -> Vec<Vec<String>> {
    let top = range.start().map_or(0, |(row, _)| row as usize);
    let mut rows = vec![Vec::new(); top];
    rows.extend(range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>()));
    rows
}

/// Rows of people: household number, person number, number as written, name.
fn people(rows: &[Vec<String>]) -> impl Iterator<Item = &Vec<String>> {
    rows.iter().filter(|row| {
        row.len() > 30 && row[5].len() == 18 && row[5].bytes().all(|b| b.is_ascii_digit())
    })
}

fn pack() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap()
}

#[test]
fn a_strict_reader_ends_with_exactly_the_registered_people() {
    let (raw, truth) = shared();
    let pack = pack();
    let villages: BTreeSet<String> =
        pack.areas.iter().map(|a| fold::village_key(&a.name)).collect();
    let (mut accepted, mut rows, mut refused) = (BTreeMap::new(), 0_u64, 0_u64);
    let all = files(&raw.join("登记"));
    let (originals, corrections): (Vec<_>, Vec<_>) =
        all.iter().partition(|p| !p.to_string_lossy().contains("补正"));
    for path in originals.into_iter().chain(corrections) {
        for table in tables(path) {
            for row in people(&table) {
                rows += 1;
                let number = ResidentNumber::parse(&row[7]);
                // Merged cells stand on the first row only.
                let known = row[2].is_empty() || villages.contains(&fold::village_key(&row[2]));
                let fits = known && !row[6].is_empty();
                let taken = match number {
                    Ok(read) if fits && !accepted.contains_key(read.number.reveal()) => {
                        accepted.insert(read.number.reveal().to_owned(), row[4].clone());
                        true
                    }
                    _ => false,
                };
                refused += u64::from(!taken);
            }
        }
    }
    let households: BTreeSet<&String> = accepted.values().collect();
    assert_eq!(rows, truth.totals.register_rows);
    assert_eq!(refused, truth.totals.register_rows_refused);
    assert_eq!(accepted.len() as u64, truth.totals.people);
    assert_eq!(households.len() as u64, truth.totals.households);
    assert_eq!((truth.totals.people, truth.totals.households), (4093, 1577));
}

#[test]
fn planted_mistakes_stand_where_the_truth_says() {
    let (raw, truth) = shared();
    let mut read: BTreeMap<String, Vec<Vec<Vec<String>>>> = BTreeMap::new();
    for planted in &truth.planted {
        let tables =
            read.entry(planted.file.clone()).or_insert_with(|| tables(&raw.join(&planted.file)));
        let row = tables
            .iter()
            .filter_map(|table| table.get(planted.row as usize - 1))
            .find(|row| row.contains(&planted.household_no));
        let row = row.unwrap_or_else(|| panic!("{planted:?}"));
        if planted.expect == Expectation::RefusedThenCorrected && planted.code == "F4" {
            assert!(ResidentNumber::parse(&row[7]).is_err(), "{planted:?}");
        }
        if ["F1", "F2", "F3"].contains(&planted.code.as_str()) {
            let number = ResidentNumber::parse(&row[7]).unwrap();
            assert!(!number.repairs.is_empty() || row[7] != row[7].trim(), "{planted:?}");
        }
    }
    for (code, count) in &truth.planted_by_code {
        assert!(*count >= 2, "{code}");
    }
}

#[test]
fn income_sheets_hold_every_household_once_a_year() {
    let (raw, truth) = shared();
    for year in ["2015", "2016"] {
        let mut seen = BTreeSet::new();
        let mut yields = 0;
        for path in files(&raw.join("收入").join(year)) {
            for table in tables(&path) {
                let heads =
                    table.iter().find(|row| row.iter().any(|cell| cell == "户编号")).unwrap();
                let column = heads
                    .iter()
                    .position(|l| l == "资产收益扶贫分红" || l == "扶贫项目收益")
                    .unwrap();
                for row in table.iter().filter(|row| row.len() > column && row[3].len() == 16) {
                    assert_eq!(row[5], year);
                    assert!(seen.insert(row[3].clone()));
                    yields += fen(&row[column]);
                }
            }
        }
        assert_eq!(seen.len() as u64, truth.totals.households);
        assert_eq!(yields, if year == "2016" { truth.totals.yield_fen } else { 0 });
    }
}

/// Fen of a plain amount in yuan.
fn fen(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = format!("{part:0<2}");
    whole.parse::<i64>().unwrap_or(0) * 100 + part[..2].parse::<i64>().unwrap()
}

#[test]
fn each_weak_village_sends_a_ledger_that_adds_up() {
    let (raw, truth) = shared();
    let written = files(&raw.join("村账/2016"));
    // Seven counties have weak villages; in a city this small each keeps one.
    assert_eq!((written.len(), truth.ledgers.len()), (7, 7));
    let reaching = |amount| truth.ledgers.iter().filter(|l| l.total_fen >= amount).count();
    assert_eq!((reaching(18_000_000), reaching(20_000_000)), (2, 1), "68 and 37 of 269");
    for ledger in &truth.ledgers {
        let table = tables(&raw.join(&ledger.file)).remove(0);
        let row =
            |label: &str| table.iter().find(|row| row.len() > 2 && row[1].contains(label)).unwrap();
        let amount = |label: &str| fen(row(label)[2].trim_end_matches('元'));
        assert_eq!(amount("村集体经济收入合计"), ledger.total_fen);
        let incomes = ["经营收入", "发包及上交收入", "投资收益", "补助收入", "其他收入"];
        assert_eq!(incomes.iter().map(|label| amount(label)).sum::<i64>(), ledger.total_fen);
    }
}

#[test]
fn every_header_is_known_to_the_pack() {
    let (raw, truth) = shared();
    let pack = pack();
    assert!(truth.files.iter().any(|file| file.layout == "insured"));
    for file in &truth.files {
        let layout = pack.layout(&file.layout).unwrap_or_else(|| panic!("{}", file.layout));
        for table in tables(&raw.join(&file.file)) {
            let known = |cell: &String| {
                let head = cell.trim_matches('*').replace("(万元)", "(元)");
                [cell.trim_matches('*'), &head].iter().any(|h| layout.column_of_head(h).is_some())
            };
            let is_head = |row: &&Vec<String>| row.iter().filter(|cell| known(cell)).count() > 2;
            let heads = table.iter().find(is_head).unwrap_or_else(|| panic!("{}", file.file));
            for label in heads.iter().filter(|label| !label.is_empty() && *label != "序号") {
                assert!(known(label), "{}: {label}", file.file);
            }
        }
    }
}

#[test]
fn every_label_is_known_to_the_pack() {
    let (raw, _) = shared();
    let pack = pack();
    let lists = [
        (9, "relation"),
        (10, "ethnicity"),
        (11, "education"),
        (12, "school_status"),
        (13, "health"),
        (14, "labour"),
        (15, "work_place"),
        (18, "exit_status"),
        (20, "household_class"),
        (21, "cause"),
        (28, "cause"),
        (29, "out_of_school_reason"),
    ];
    for path in files(&raw.join("登记")) {
        for row in tables(&path).iter().flat_map(|table| people(table)) {
            for (column, list) in lists.iter().filter(|(column, _)| !row[*column].is_empty()) {
                let list = pack.code_list(list).unwrap();
                assert!(list.lookup(&row[*column]).is_some(), "{}: {}", list.id, row[*column]);
            }
        }
    }
}

#[test]
fn every_outside_fact_of_the_pack_has_its_row() {
    let (raw, _) = shared();
    let table = tables(&raw.join("外部数据/外部数据.csv")).remove(0);
    let sent: BTreeSet<&str> = table.iter().skip(1).map(|row| row[0].as_str()).collect();
    for fact in &pack().facts {
        if let qb_policy::Method::Reference { reference } = &fact.method {
            assert!(sent.contains(reference.as_str()), "{}", fact.id);
        }
    }
}

#[test]
fn what_counts_as_income_is_what_the_pack_counts() {
    let (raw, truth) = shared();
    let pack = pack();
    let mut net = 0;
    for path in files(&raw.join("收入/2015")) {
        for table in tables(&path) {
            let heads = table.iter().find(|row| row.iter().any(|cell| cell == "户编号")).unwrap();
            let sign = |label: &str| {
                let matches = |item: &&qb_policy::IncomeItem| {
                    *item.label.zh == *label || item.aliases.iter().any(|alias| alias == label)
                };
                let item = pack.income_items.iter().find(matches)?;
                let cost = item.category == qb_policy::IncomeCategory::Cost;
                Some(if !item.counted {
                    0
                } else if cost {
                    -1
                } else {
                    1
                })
            };
            let signs: Vec<i64> = heads.iter().map(|label| sign(label).unwrap_or(0)).collect();
            for row in table.iter().filter(|row| row.len() > 10 && row[3].len() == 16) {
                net += row
                    .iter()
                    .zip(&signs)
                    .map(|(cell, sign)| if *sign == 0 { 0 } else { sign * fen(cell) })
                    .sum::<i64>();
            }
        }
    }
    assert_eq!(net, truth.totals.net_fen[1]);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, two) = (Folder::new("once"), Folder::new("twice"));
    city(&one, 29, 2_000);
    city(&two, 29, 2_000);
    let (first, second) = (files(&one.0), files(&two.0));
    assert_eq!(first.len(), second.len());
    for (a, b) in first.iter().zip(&second) {
        assert_eq!(a.strip_prefix(&one.0), b.strip_prefix(&two.0));
        assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap(), "{}", a.display());
    }
}

#[test]
fn the_truth_never_lies_among_the_raw_files() {
    let folder = Folder::new("truth");
    let mut options = options(&folder, 1, 2_000);
    options.truth = options.out.join("truth.json");
    assert!(qb_city::generate(&options, &mut |_, _, _| {}).is_err());
    assert!(!options.out.exists());
}

#[test]
fn another_city_in_the_same_folder_leaves_nothing_of_the_first() {
    let folder = Folder::new("again");
    city(&folder, 30, 8_000);
    let truth = city(&folder, 31, 2_000);
    let left = files(&folder.0.join("raw"));
    assert_eq!(left.len(), truth.files.len());
}

#[test]
fn a_city_cut_short_is_written_anew() {
    let folder = Folder::new("cut");
    std::fs::create_dir_all(folder.0.join("raw/登记")).unwrap();
    std::fs::write(folder.0.join("raw/登记/320321_丰县.csv"), "half a row").unwrap();
    let unfinished = Truth { unfinished: true, ..Truth::default() };
    std::fs::write(folder.0.join("truth.json"), serde_json::to_vec(&unfinished).unwrap()).unwrap();
    let truth = city(&folder, 32, 2_000);
    assert!(!truth.unfinished);
    assert_eq!(files(&folder.0.join("raw")).len(), truth.files.len());
}

#[test]
fn a_folder_with_files_of_others_is_left_alone() {
    let folder = Folder::new("others");
    let real = folder.0.join("raw/登记/register.csv");
    std::fs::create_dir_all(real.parent().unwrap()).unwrap();
    std::fs::write(&real, "somebody's register").unwrap();
    let refused = qb_city::generate(&options(&folder, 33, 2_000), &mut |_, _, _| {});
    assert!(matches!(refused, Err(qb_city::CityError::Occupied { .. })));
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "somebody's register");
    assert!(!folder.0.join("truth.json").exists());
}
