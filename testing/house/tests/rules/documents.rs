//! Documents tell the truth about files: links lead somewhere, named paths exist.

use super::common::{all_files, none};
use qb_house::fault::Fault;
use std::collections::BTreeSet;

/// Files every newcomer looks for.
const EXPECTED: &[&str] = &[
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs/GLOSSARY.md",
    "docs/TESTING.md",
    "docs/PRIVACY.md",
    "docs/OPERATIONS.md",
    "bench/README.md",
    "migrations/README.md",
];

/// Folders whose paths in backticks must exist.
const NAMED: &[&str] =
    &["crates/", "policy/", "migrations/", "testing/", "bench/", "docs/", "xtask/"];

#[test]
fn the_documents_a_newcomer_needs_are_there() {
    let paths: BTreeSet<String> = all_files().into_iter().map(|file| file.path).collect();
    let missing: Vec<&&str> = EXPECTED.iter().filter(|path| !paths.contains(**path)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn links_and_named_paths_lead_somewhere() {
    let root = qb_house::checkout::root();
    let mut faults = Vec::new();
    for file in all_files().iter().filter(|file| is_own_document(&file.path)) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (index, line) in file.text().unwrap_or_default().lines().enumerate() {
            for target in links(line) {
                if !root.join(folder).join(target).exists() {
                    faults.push(Fault::new(&file.path, index + 1, format!("dead link: {target}")));
                }
            }
            for path in named_paths(line) {
                if !root.join(path).exists() {
                    faults.push(Fault::new(&file.path, index + 1, format!("no such file: {path}")));
                }
            }
        }
    }
    none(faults, "documents name what exists");
}

fn is_own_document(path: &str) -> bool {
    path.ends_with(".md") && !path.contains("/assets/")
}

/// Relative link targets of a Markdown line, anchors cut.
fn links(line: &str) -> Vec<&str> {
    let starts = line.match_indices("](").map(|(at, mark)| at + mark.len());
    starts
        .filter_map(|at| line.get(at..)?.split(')').next())
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(':'))
        .collect()
}

/// Paths in backticks that lie in this repository and hold no placeholder.
fn named_paths(line: &str) -> Vec<&str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| NAMED.iter().any(|folder| word.starts_with(folder)))
        .filter(|word| !word.contains(['*', ' ', '{', '<', '…', '(']) && !has_placeholder(word))
        .collect()
}

/// `NAME` and `NNNN` stand for any name.
fn has_placeholder(path: &str) -> bool {
    path.split(['/', '.', '-', '_']).any(|part| {
        part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase()) && part != "README"
    }) && !path.ends_with(".md")
        || path.contains("NNNN")
        || path.contains("NAME")
}
