//! SQL is lower case, fixed text, and long statements live in their own files.

use super::common::{all_files, none, rust_files};
use qb_house::fault::Fault;

/// The longest statement that may stand inside Rust.
const LINES_MAX: usize = 15;

/// A statement begins with one of these and has one of the words that follow it.
const STATEMENTS: &[(&str, &[&str])] = &[
    ("select", &[" from ", " as ", "\nfrom "]),
    ("insert", &[" into "]),
    ("update", &[" set ", "\nset "]),
    ("delete", &[" from "]),
    ("create", &[" table ", " index ", " view "]),
    ("with", &[" as (", " as materialized ("]),
    ("alter", &[" table "]),
    ("drop", &[" table ", " index ", " view "]),
];

/// Where SQL is composed, and why that is safe there.
const COMPOSERS: &[(&str, &str)] = &[
    (
        "crates/qb-engine/src/",
        "translates typed trees, and wraps pack queries its check let through",
    ),
    ("crates/qb-store/src/", "rewrites its own statements for the second store"),
];

fn is_statement(text: &str) -> bool {
    let lower = text.trim_start().to_lowercase();
    STATEMENTS.iter().any(|(first, then)| {
        let rest = lower.strip_prefix(first).filter(|rest| rest.starts_with([' ', '\n']));
        rest.is_some_and(|rest| then.iter().any(|word| rest.contains(word)))
    })
}

/// The statement without quoted text and comments, where capitals are data.
fn without_quotes(sql: &str) -> String {
    let mut plain = String::new();
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    for line in lines {
        let parts = line.split('\'').step_by(2);
        plain.extend(parts);
        plain.push('\n');
    }
    plain
}

#[test]
fn statements_are_lower_case() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        for literal in file.source.strings.iter().filter(|literal| is_statement(&literal.text)) {
            let capital = without_quotes(&literal.text).chars().any(|c| c.is_ascii_uppercase());
            if capital && !file.source.is_test(literal.start) {
                let line = file.source.line_of(literal.start);
                faults.push(Fault::new(&file.path, line, "SQL with capitals"));
            }
        }
    }
    for file in all_files().iter().filter(|file| file.path.ends_with(".sql")) {
        for (index, line) in without_quotes(file.text().unwrap_or_default()).lines().enumerate() {
            if line.chars().any(|c| c.is_ascii_uppercase()) {
                faults.push(Fault::new(&file.path, index + 1, "SQL with capitals"));
            }
        }
    }
    none(faults, "SQL is lower case");
}

#[test]
fn statements_are_fixed_text() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        if COMPOSERS.iter().any(|(place, _)| file.path.starts_with(place)) {
            continue;
        }
        for literal in file.source.strings.iter().filter(|literal| is_statement(&literal.text)) {
            let before =
                file.source.code.get(..literal.start.saturating_sub(1)).unwrap_or_default();
            let before = before.trim_end();
            let built = ["format!(", "write!(", "push_str(", "concat(", "String::from("]
                .iter()
                .any(|call| before.ends_with(call));
            if built && !file.source.is_test(literal.start) {
                let line = file.source.line_of(literal.start);
                faults.push(Fault::new(&file.path, line, "SQL built from pieces: bind the values"));
            }
        }
    }
    none(faults, "no SQL is built from strings");
}

#[test]
fn long_statements_have_their_own_file() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        for literal in file.source.strings.iter().filter(|literal| is_statement(&literal.text)) {
            let lines = literal.text.lines().count();
            if lines > LINES_MAX && !file.source.is_test(literal.start) {
                let line = file.source.line_of(literal.start);
                let message = format!("{lines} lines of SQL: move them to sql/NAME.sql");
                faults.push(Fault::new(&file.path, line, message));
            }
        }
    }
    none(faults, "a statement of more than 15 lines is a file");
}

#[test]
fn every_migration_says_why() {
    let mut faults = Vec::new();
    for file in all_files().iter().filter(|file| file.path.starts_with("migrations/")) {
        let text = file.text().unwrap_or_default();
        if file.path.ends_with(".sql") && !text.trim_start().starts_with("--") {
            faults.push(Fault::new(
                &file.path,
                1,
                "a migration opens with a comment that says why",
            ));
        }
    }
    none(faults, "a migration says why");
}
