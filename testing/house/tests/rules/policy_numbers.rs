//! Policy is data: no amount, line, rate or published figure of a pack stands in Rust.

use super::common::{all_files, none, rust_files};
use qb_house::fault::Fault;
use std::collections::BTreeSet;

/// Smaller numbers are too common to be anybody's.
const DISTINCT_FROM: u64 = 10_000;

/// Round numbers that mean a unit, a limit or a scale rather than a policy.
fn is_common(number: u64) -> bool {
    let mut rest = number;
    while rest.is_multiple_of(10) && rest > 1 {
        rest /= 10;
    }
    rest == 1 || [86_400, 86_400_000, 65_536, 3_600_000].contains(&number)
}

/// Every distinctive number in the pack's rules, lines and facts, in its own unit and in fen.
fn numbers_of_the_packs() -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    for file in all_files() {
        let rules = file.path.starts_with("policy/") && file.path.ends_with(".toml");
        let lists = file.path.contains("/codes/") || file.path.contains("/layouts/");
        let Some(text) = file.text().filter(|_| rules && !lists) else { continue };
        let table: toml::Table = text.parse().expect("a pack's file is TOML");
        collect(&toml::Value::Table(table), &mut numbers);
    }
    numbers.into_iter().filter(|number| *number >= DISTINCT_FROM && !is_common(*number)).collect()
}

fn collect(value: &toml::Value, numbers: &mut BTreeSet<u64>) {
    match value {
        toml::Value::Integer(number) => add(*number, numbers),
        toml::Value::String(text) => {
            let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
            let number = text.split('.').next().and_then(|whole| whole.parse::<i64>().ok());
            if let Some(number) = number.filter(|_| plain) {
                add(number, numbers);
            }
        }
        toml::Value::Array(list) => list.iter().for_each(|value| collect(value, numbers)),
        toml::Value::Table(table) => {
            // Examples beside a clause are made up; the clause itself is not.
            let rules = table.iter().filter(|(key, _)| key.as_str() != "case");
            rules.for_each(|(_, value)| collect(value, numbers));
        }
        _ => {}
    }
}

fn add(number: i64, numbers: &mut BTreeSet<u64>) {
    if let Ok(number) = u64::try_from(number) {
        numbers.insert(number);
        numbers.insert(number.saturating_mul(100));
    }
}

/// Integer literals of a line of code.
fn literals(code: &str) -> Vec<u64> {
    let separators = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let words = code.split(separators);
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .filter_map(|word| {
            let digits: String = word.chars().filter(|c| *c != '_').collect();
            let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        })
        .collect()
}

#[test]
fn no_figure_of_a_pack_is_written_in_rust() {
    let known = numbers_of_the_packs();
    assert!(!known.is_empty(), "the packs hold no numbers: this rule looks in the wrong place");
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        // The synthetic city plays the offices whose files the product reads.
        if file.path.starts_with("crates/qb-city/") {
            continue;
        }
        for (line, code) in file.source.product_lines() {
            // A bound of the program's own may happen to be as round as a policy's.
            if code.contains("const ") && code.contains("_MAX:") {
                continue;
            }
            for number in literals(code).into_iter().filter(|number| known.contains(number)) {
                let message = format!("{number} is a figure of a policy pack: read it from there");
                faults.push(Fault::new(&file.path, line, message));
            }
        }
    }
    none(faults, "policy is data");
}
