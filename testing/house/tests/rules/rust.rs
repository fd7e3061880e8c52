//! What Rust may not say: panics, floats for money, the clock, bare exceptions to lints.

use super::common::{RustFile, none, rust_files};
use qb_house::fault::Fault;

/// Calls that end the process or hide an error.
const PANICS: &[&str] = &[
    ".unwrap()",
    ".expect(",
    "panic!(",
    "todo!(",
    "unimplemented!(",
    "unreachable!(",
    "dbg!(",
    ".unwrap_unchecked(",
];

/// The clock, waiting and chance; `qb_base::env` is the one door.
const IMPURE: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "thread::sleep",
    "getrandom::",
    "rand::random",
    "thread_rng",
    "rand::rng(",
];

/// Files that may name `f64`, each with the reason. Money is never among them.
const FLOATS: &[(&str, &str)] = &[
    ("crates/qb-base/src/env.rs", "seconds on a stopwatch"),
    ("crates/qb-engine/src/run.rs", "seconds a run took"),
    ("crates/qb-targeting/src/model.rs", "seconds a run took"),
    ("crates/qb-targeting/src/save.rs", "seconds a run took"),
    ("crates/qb-city/", "shapes of distributions in the synthetic city"),
    ("crates/qb-cli/", "seconds and rates shown to a person"),
];

#[test]
fn product_code_does_not_panic() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        for (line, code) in file.source.product_lines() {
            // A method of one's own may be called `expect`.
            let code = code.replace("self.expect(", "");
            for call in PANICS.iter().filter(|call| code.contains(**call)) {
                if is_excused(file, line) {
                    continue;
                }
                let message = format!("{call} outside tests: return the crate's error");
                faults.push(Fault::new(&file.path, line, message));
            }
        }
    }
    none(faults, "an error is a value that somebody handles");
}

/// Whether an expectation with its reason stands above a line, in the same function.
fn is_excused(file: &RustFile, line: usize) -> bool {
    const LINTS: [&str; 3] = ["clippy::expect_used", "clippy::unwrap_used", "clippy::panic"];
    let above: Vec<&str> = file.source.text.lines().take(line).collect();
    let function = above.iter().rev().position(|line| line.contains("fn ")).unwrap_or_default();
    let attributes = above.iter().rev().skip(function);
    attributes
        .take_while(|line| line.contains("fn ") || line.trim_start().starts_with('#'))
        .any(|line| LINTS.iter().any(|lint| line.contains(lint)))
}

#[test]
fn only_one_module_reads_the_clock_waits_or_rolls_dice() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        if file.path == "crates/qb-base/src/env.rs" {
            continue;
        }
        for (line, code) in file.source.product_lines() {
            for call in IMPURE.iter().filter(|call| code.contains(**call)) {
                faults.push(Fault::new(&file.path, line, format!("{call}: use qb_base::env")));
            }
        }
    }
    none(faults, "a result replays from its inputs");
}

#[test]
fn floating_point_stays_where_it_is_harmless() {
    let mut faults = Vec::new();
    for file in rust_files().iter().filter(|file| file.is_product()) {
        if FLOATS.iter().any(|(place, _)| file.path.starts_with(place)) {
            continue;
        }
        let reasoned = file.source.text.contains("// floats: ");
        for (line, code) in file.source.product_lines() {
            let float = ["f64", "f32"].iter().any(|name| has_word(code, name));
            let money = has_word_ending(code, "_fen") || has_word(code, "Fen");
            if float && (money || !reasoned) {
                let message = "a float: money is Fen; for anything else say `// floats: why`";
                faults.push(Fault::new(&file.path, line, message));
            }
        }
    }
    none(faults, "money is exact");
}

#[test]
fn an_exception_to_a_lint_has_a_reason() {
    let mut faults = Vec::new();
    for file in rust_files() {
        for (index, line) in file.source.code.split('\n').enumerate() {
            let bare = line.contains("[allow(") || line.contains("![allow(");
            let original = file.source.text.split('\n').nth(index).unwrap_or_default();
            if bare && !original.contains("// generated") {
                faults.push(Fault::new(
                    &file.path,
                    index + 1,
                    "use #[expect(lint, reason = \"…\")]",
                ));
            }
        }
        for (at, _) in file.source.code.match_indices("[expect(") {
            let rest = file.source.code.get(at..).unwrap_or_default();
            let end = rest.find(")]").unwrap_or(rest.len());
            if !rest.get(..end).unwrap_or_default().contains("reason") {
                let line = file.source.line_of(at);
                faults.push(Fault::new(&file.path, line, "an expectation without its reason"));
            }
        }
    }
    none(faults, "an exception says why");
}

#[test]
fn nothing_is_unsafe() {
    let mut faults = Vec::new();
    for file in rust_files() {
        for (index, line) in file.source.code.split('\n').enumerate() {
            if has_word(line, "unsafe") {
                faults.push(Fault::new(&file.path, index + 1, "unsafe code"));
            }
        }
    }
    none(faults, "memory safety is the compiler's promise");
}

/// Whether a line has this word, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !joins(before) && !joins(after)
    })
}

/// Whether a line has a word that ends so.
fn has_word_ending(line: &str, ending: &str) -> bool {
    line.match_indices(ending).any(|(at, _)| {
        let after = line.get(at + ending.len()..).and_then(|text| text.chars().next());
        !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}
