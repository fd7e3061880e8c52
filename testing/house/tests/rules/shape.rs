//! Sizes and places: lines, functions, files, heads of crates, modules nobody declares.

use super::common::{RustFile, all_files, module_folder, none, rust_files};
use qb_house::fault::Fault;
use std::collections::BTreeSet;

const LINE_CHARACTERS_MAX: usize = 100;
const FILE_LINES_MAX: usize = 1_000;
const FUNCTION_LINES_MAX: usize = 70;

#[test]
fn a_line_fits_on_the_screen() {
    let mut faults = Vec::new();
    for file in rust_files() {
        for (index, line) in file.source.text.split('\n').enumerate() {
            let length = line.chars().count();
            let code = file.source.code.split('\n').nth(index).unwrap_or_default();
            if length > LINE_CHARACTERS_MAX && !holds_text(line, code) {
                faults.push(Fault::new(&file.path, index + 1, format!("{length} characters")));
            }
        }
    }
    none(faults, "lines have at most 100 characters");
}

/// Whether a part of a text in quotes stands on a line; rustfmt does not cut those either.
fn holds_text(line: &str, blanked: &str) -> bool {
    let is_comment = line.trim_start().starts_with("//");
    !is_comment && (blanked.contains('"') || blanked.trim().is_empty())
}

#[test]
fn a_long_file_says_why() {
    let mut faults = Vec::new();
    for file in rust_files() {
        let lines = file.source.text.lines().count();
        if lines > FILE_LINES_MAX && !file.source.text.contains("// length: ") {
            let message = format!("{lines} lines: cut it, or say `// length: why`");
            faults.push(Fault::new(&file.path, 0, message));
        }
    }
    none(faults, "a file is read in one sitting");
}

#[test]
fn a_long_function_says_why() {
    let mut faults = Vec::new();
    for file in rust_files().into_iter().filter(RustFile::is_product) {
        for function in file.source.functions() {
            if function.lines > FUNCTION_LINES_MAX && !has_reason(&file, function.line) {
                let message = format!(
                    "{} has {} lines: cut it, or #[expect(clippy::too_many_lines, reason = \"…\")]",
                    function.name, function.lines
                );
                faults.push(Fault::new(&file.path, function.line, message));
            }
        }
    }
    none(faults, "a function fits on the screen");
}

/// Whether the lines just above a function name the lint it is excused from.
fn has_reason(file: &RustFile, line: usize) -> bool {
    const LOOK_BACK: usize = 12;
    let above = file.source.text.lines().take(line).collect::<Vec<_>>();
    above.iter().rev().take(LOOK_BACK).any(|line| line.contains("too_many_lines"))
}

#[test]
fn a_crate_opens_with_its_step_input_output_and_invariants() {
    let mut faults = Vec::new();
    for file in rust_files() {
        let head = file.path.starts_with("crates/")
            && (file.path.ends_with("/src/lib.rs") || file.path.ends_with("/src/main.rs"));
        if !head || file.path.starts_with("crates/qb-unify/") {
            continue;
        }
        let lines = file.source.text.lines();
        let doc: String = lines.take_while(|line| line.starts_with("//!")).collect();
        let doc = doc.to_lowercase();
        for word in ["step", "in", "out", "invariant"] {
            if !doc.contains(word) {
                faults.push(Fault::new(&file.path, 1, format!("the head does not say \"{word}\"")));
            }
        }
    }
    none(faults, "a reader learns from the head what a crate is for");
}

#[test]
fn every_source_file_is_part_of_its_crate() {
    let files = all_files();
    let rust = rust_files();
    let mut declared = BTreeSet::new();
    for file in &rust {
        let folder = module_folder(&file.path);
        for module in modules(&file.source.code) {
            declared.insert(format!("{folder}/{module}.rs"));
            declared.insert(format!("{folder}/{module}/mod.rs"));
        }
    }
    let mut faults = Vec::new();
    for file in &rust {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let entry = ["lib.rs", "main.rs", "build.rs"].contains(&name)
            || ["/tests", "/benches", "/examples", "/src/bin"]
                .iter()
                .any(|end| folder.ends_with(end));
        if !entry && !declared.contains(&file.path) {
            faults.push(Fault::new(
                &file.path,
                0,
                "no `mod` names this file: join it or delete it",
            ));
        }
    }
    let text: String =
        files.iter().filter(|file| may_name(&file.path)).filter_map(|f| f.text()).collect();
    for file in files.iter().filter(|file| is_companion(&file.path)) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if !text.contains(name) {
            faults.push(Fault::new(&file.path, 0, "nothing names this file: use it or delete it"));
        }
    }
    none(faults, "no file is dead");
}

/// Names after `mod` in blanked code.
fn modules(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("mod ") {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = code.get(at + 4..).unwrap_or_default();
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        names.push(name);
    }
    names
}

/// Files that Rust code or a template must name.
fn is_companion(path: &str) -> bool {
    let inside = path.starts_with("crates/");
    inside && (path.ends_with(".sql") || path.contains("/templates/"))
}

fn may_name(path: &str) -> bool {
    path.starts_with("crates/") && (path.ends_with(".rs") || path.contains("/templates/"))
}
