//! Silent defaults: what stands in for a value that is missing or impossible hides what a panic
//! would have shown.
//!
//! Each is an error, an `invariant!`, or has its own reason in a comment on its line or in the two
//! above. The number only falls: whoever removes some lowers it here.

use super::common::{RustFile, none, rust_files};
use qb_house::fault::Fault;

/// All that stand in product code, those inside mappings included.
const ALL_MAX: usize = 59;
/// How far above its line a reason may stand.
const LINES_ABOVE: usize = 2;

/// Values that hold nothing.
const EMPTY: [&str; 4] = ["\"\"", "b\"\"", "&[]", "&mut []"];

/// How many defaults stand in a line: values that say nothing about why they would be right.
fn defaults(code: &str) -> usize {
    plain_defaults(code) + mapped_defaults(code)
}

/// Those that stand in for an absent value as it is.
fn plain_defaults(code: &str) -> usize {
    let constants = code.match_indices(".unwrap_or(").filter(|(at, call)| {
        let rest = code.get(at + call.len()..).unwrap_or("");
        let value = rest.split([')', ',']).next().unwrap_or("").trim();
        let number = value.trim_start_matches('-').chars().all(|c| c.is_ascii_digit() || c == '_');
        (number && !value.is_empty())
            || EMPTY.contains(&value)
            || ["::MAX", "::MIN", "::ZERO", "::new(", "::default("]
                .iter()
                .any(|e| value.ends_with(e))
    });
    let calls = [
        "unwrap_or_default()",
        "unwrap_or_else(String::new)",
        "unwrap_or_else(Vec::new)",
        "unwrap_or_else(Default::default)",
    ];
    constants.count() + calls.iter().map(|call| code.matches(call).count()).sum::<usize>()
}

/// Mappings that answer with nothing where there is no value: defaults by another name.
fn mapped_defaults(code: &str) -> usize {
    let calls = [
        ".map_or(0,",
        ".map_or(\"\",",
        ".map_or(&[],",
        ".map_or_else(String::new,",
        ".map_or_else(Vec::new,",
        ".map_or_else(Default::default,",
    ];
    calls.iter().map(|call| code.matches(call).count()).sum()
}

fn has_reason(file: &RustFile, line: usize) -> bool {
    let above = line.saturating_sub(LINES_ABOVE + 1);
    let near = file.source.text.lines().skip(above).take(line - above);
    let mut comments = near.filter_map(|line| line.split_once("//")).map(|(_, comment)| comment);
    comments.any(|comment| !comment.starts_with('/') && comment.trim().len() >= 8)
}

#[test]
fn silent_defaults_only_become_fewer_and_each_that_stays_says_why() {
    let (mut all, mut unreasoned) = (0, Vec::new());
    for file in rust_files().iter().filter(|file| file.is_product()) {
        for (line, code) in file.source.product_lines() {
            let found = defaults(code);
            all += found;
            if found > 0 && !has_reason(file, line) {
                let message = "a silent default: an error, an invariant!, or a reason beside it";
                unreasoned.push(Fault::new(&file.path, line, message));
            }
        }
    }
    println!("{all} silent defaults, {} of them without a reason", unreasoned.len());
    assert!(all <= ALL_MAX, "{all} silent defaults where {ALL_MAX} stood: make one an error");
    none(unreasoned, "a silent default has a reason beside it");
}

#[test]
fn a_default_inside_a_mapping_is_counted_and_one_that_says_something_is_not() {
    let counted = [
        "a.map_or(0, |b| b + 1)",
        "a.map_or(\"\", |b| b)",
        "a.map_or(&[], |b| b)",
        "a.map_or_else(String::new, |b| b)",
        "a.map_or_else(Vec::new, |b| b)",
    ];
    assert!(counted.iter().all(|code| defaults(code) == 1));
    let others = ["a.map_or(1, |b| b)", "a.map_or(\"–\", |b| b)", "a.map_or_else(|| c, |b| b)"];
    assert!(others.iter().all(|code| defaults(code) == 0));
}

#[test]
fn a_default_is_counted_and_a_fallback_that_says_something_is_not() {
    let counted = [
        "a.unwrap_or(0)",
        "a.unwrap_or(-1)",
        "a.unwrap_or(\"\")",
        "a.unwrap_or_default()",
        "a.unwrap_or(b\"\")",
        "a.unwrap_or(&[])",
        "a.unwrap_or(Fen::ZERO)",
        "a.unwrap_or(Vec::new())",
    ];
    assert!(counted.iter().all(|code| defaults(code) == 1));
    assert_eq!(defaults("a.unwrap_or(i64::MAX).min(b.unwrap_or(u32::MIN))"), 2);
    let fallbacks = ["a.unwrap_or(self.code())", "a.unwrap_or(fallback)", "a.unwrap_or(\"–\")"];
    assert!(fallbacks.iter().all(|code| defaults(code) == 0));
}
