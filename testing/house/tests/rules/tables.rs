//! Every table belongs to one crate; the SQL of the others does not name it.

use std::collections::{BTreeMap, BTreeSet};

use super::common::{RustFile, all_files, none, rust_files};
use qb_house::fault::Fault;

/// The crates and their tables, apart from those that a later migration took away.
const OWNERS: &[(&str, &str)] = &[
    ("qb-store", "setting audit job office_day period_act installation schema_migration"),
    (
        "qb-registry",
        "area area_alias area_merger area_merger_part area_merger_step area_successor household \
         household_history household_place person \
         person_history membership_history registration_history income_statement income_item \
         village_ledger village_ledger_item designation reference_value record event event_step \
         event_part household_life snapshot",
    ),
    (
        "qb-intake",
        "import_run source_file source_file_county row_fault refused_row sent_sheet waiting_file \
         waiting_piece known_file withdrawn_row elsewhere_answer",
    ),
    (
        "qb-targeting",
        "target_run clause_result clause_area figure_result figure_area coverage_result \
         coverage_area verdict",
    ),
    ("qb-case", "case_file case_event case_objection case_version public_notice"),
    (
        "qb-fund",
        "ledger_account ledger_account_version ledger_balance ledger_entry ledger_posting \
         ledger_refusal",
    ),
    ("qb-pairing", "visit_need"),
    ("qb-assess", "score_run score_item score_total score_input score_appeal score_step"),
    (
        "qb-web",
        "app_user session sign_in_device sign_in_try person_read reading_reason export_request",
    ),
];

/// Tables that a later migration took away.
const GONE: &[&str] =
    &["membership", "registration", "register_event", "register_event_step", "place_spell"];

/// What still breaks the rule: a crate and the tables of others that it names. It only becomes
/// shorter; the table of datasets, which mechanisms read by its columns, is the most of it.
const STANDING: &[(&str, &str)] = &[
    ("qb-case", "audit household record"),
    ("qb-fund", "household record"),
    ("qb-pairing", "household record"),
    ("qb-registry", "row_fault source_file verdict"),
    // An upgrade binds what was sealed to its row, before any other crate is at work.
    ("qb-store", "household household_history import_run person person_history record refused_row"),
    ("qb-targeting", "import_run"),
    ("qb-web", "audit import_run target_run"),
];

/// Words of a statement behind which a table is named.
const BEFORE: &[&str] = &["from", "join", "into", "update", "table"];
/// Calls whose text is a table.
const CALLS: &[&str] = &["bulk(", "bulk_with(", "next_id("];

fn owners() -> BTreeMap<&'static str, &'static str> {
    let of = |(owner, tables): &(&'static str, &'static str)| {
        tables.split_ascii_whitespace().map(|table| (table, *owner)).collect::<Vec<_>>()
    };
    OWNERS.iter().flat_map(of).collect()
}

/// The tables that a statement names.
fn named(sql: &str) -> Vec<String> {
    let words: Vec<&str> = sql
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words.windows(2).filter(|pair| BEFORE.contains(&pair[0]));
    pairs.map(|pair| pair[1].to_owned()).collect()
}

/// Crates that work with the store; another's statements run over snapshots, whose views have names
/// of their own.
fn with_a_store() -> BTreeSet<String> {
    let depends = |text: &str| text.contains("\nqb-store.") || text.contains("name = \"qb-store\"");
    let files = all_files();
    let manifests = files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    let with = manifests.filter(|file| file.text().is_some_and(depends));
    with.filter_map(|file| Some(file.path.split('/').nth(1)?.to_owned())).collect()
}

/// Each crate with each table that its product code names, and a place where it does.
fn uses() -> BTreeMap<(String, String), (String, usize)> {
    let (owners, with_a_store) = (owners(), with_a_store());
    let mut found = BTreeMap::new();
    let mut note = |path: &str, line: usize, tables: Vec<String>| {
        let crate_name = path.split('/').nth(1).unwrap_or(path).to_owned();
        if !with_a_store.contains(&crate_name) {
            return;
        }
        for table in tables.into_iter().filter(|table| owners.contains_key(table.as_str())) {
            let place = (path.to_owned(), line);
            found.entry((crate_name.clone(), table)).or_insert(place);
        }
    };
    // What people read is no statement, whatever its words are.
    let is_code = |file: &&RustFile| file.is_product() && !file.path.ends_with("/texts.rs");
    for file in rust_files().iter().filter(is_code) {
        let source = &file.source;
        for literal in source.strings.iter().filter(|literal| !source.is_test(literal.start)) {
            let before = source.text.get(..literal.start).unwrap_or(&source.text).trim_end();
            let is_table = CALLS.iter().any(|call| before.ends_with(call));
            let tables = if is_table { vec![literal.text.clone()] } else { named(&literal.text) };
            note(&file.path, source.line_of(literal.start), tables);
        }
    }
    for file in all_files().iter().filter(|file| file.path.ends_with(".sql")) {
        if file.path.starts_with("crates/") {
            note(&file.path, 1, named(file.text().unwrap_or_default()));
        }
    }
    found
}

#[test]
fn every_table_of_the_migrations_has_an_owner() {
    let (owners, mut faults) = (owners(), Vec::new());
    for file in all_files().iter().filter(|file| file.path.starts_with("migrations/")) {
        for line in file.text().unwrap_or_default().lines() {
            let Some(rest) = line.strip_prefix("create table ") else { continue };
            let table = rest.split(' ').next().unwrap_or(rest);
            if !owners.contains_key(table) && !GONE.contains(&table) {
                faults.push(Fault::new(&file.path, 1, format!("{table}: whose is it?")));
            }
        }
    }
    none(faults, "every table has one owning crate");
}

#[test]
fn a_crate_names_no_table_of_another() {
    let owners = owners();
    let standing: BTreeSet<(&str, &str)> = STANDING
        .iter()
        .flat_map(|(of, tables)| tables.split_ascii_whitespace().map(|table| (*of, table)))
        .collect();
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    let uses = uses();
    for ((crate_name, table), (path, line)) in &uses {
        let owner = owners[table.as_str()];
        if owner == crate_name.as_str() {
            continue;
        }
        match standing.get(&(crate_name.as_str(), table.as_str())) {
            Some(known) => drop(seen.insert(*known)),
            None => {
                let what =
                    format!("{crate_name} names {table}, which is {owner}'s: ask its queries");
                faults.push(Fault::new(path, *line, what));
            }
        }
    }
    for (crate_name, table) in standing.difference(&seen) {
        let what = format!("{crate_name} no longer names {table}: take it off the list");
        faults.push(Fault::new("testing/house/tests/rules/tables.rs", 1, what));
    }
    none(faults, "every table has one owning crate, and no other names it");
}

#[test]
fn a_statement_names_its_tables() {
    let sql = "select a from household h join person p on p.x = h.id; update record set a = 1";
    assert_eq!(named(sql), ["household", "person", "record"]);
}
