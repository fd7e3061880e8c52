//! Plain hygiene of every tracked file.

use super::common::{all_files, none};
use qb_house::fault::Fault;

/// The largest file that needs no reason.
const FILE_BYTES_MAX: usize = 1_000_000;

/// Larger files, each with its reason.
const LARGE: &[(&str, &str)] = &[
    ("crates/qb-web/assets/", "vendored browser libraries"),
    ("crates/qb-report/assets/fonts/", "fonts embedded in the PDF"),
    ("docs/images/", "screenshots"),
    ("testing/upgrade/", "directories that only earlier versions can make"),
];

/// Files that came from elsewhere and are kept byte for byte.
const VENDORED: &[&str] =
    &["/assets/vendor/", "/assets/fonts/", "LICENSE", "Cargo.lock", ".geojson"];

fn is_vendored(path: &str) -> bool {
    VENDORED.iter().any(|mark| path.contains(mark)) || path.ends_with("areas.csv")
}

#[test]
fn text_is_utf8_with_clean_line_ends() {
    let mut faults = Vec::new();
    for file in all_files() {
        let Some(text) = file.text().filter(|_| !is_vendored(&file.path)) else { continue };
        if !text.is_empty() && !text.ends_with('\n') {
            faults.push(Fault::new(&file.path, 0, "ends without a line feed"));
        }
        for (index, line) in text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                faults.push(Fault::new(&file.path, index + 1, "blanks at the end of the line"));
            }
            if line.starts_with('\t') && file.ends_with(&[".rs", ".toml", ".sql", ".html", ".css"])
            {
                faults.push(Fault::new(&file.path, index + 1, "indent with blanks, not tabs"));
            }
        }
    }
    none(faults, "files are clean text");
}

#[test]
fn a_large_file_has_a_reason() {
    let mut faults = Vec::new();
    for file in all_files() {
        let known = LARGE.iter().any(|(folder, _)| file.path.starts_with(folder));
        if file.bytes.len() > FILE_BYTES_MAX && !known {
            let message = format!("{} bytes: make it at build time, or say why", file.bytes.len());
            faults.push(Fault::new(&file.path, 0, message));
        }
    }
    none(faults, "the repository stays small");
}

#[test]
fn no_path_or_address_of_one_machine_is_written_down() {
    // Written in pieces, so that this file does not break its own rule.
    let folders = ["work", "root", "home", "farm", "tmp", "Users"].map(|name| format!("/{name}/"));
    let mut faults = Vec::new();
    for file in all_files() {
        let Some(text) = file.text().filter(|_| !is_vendored(&file.path)) else { continue };
        for (index, line) in text.split('\n').enumerate() {
            for folder in &folders {
                let Some(at) = line.find(folder.as_str()) else { continue };
                let before = line.get(..at).and_then(|text| text.chars().next_back());
                let inside = before.is_some_and(|c| c.is_alphanumeric() || "._-}*>".contains(c));
                if !inside {
                    let message =
                        format!("an absolute path under {folder}: take it as an argument");
                    faults.push(Fault::new(&file.path, index + 1, message));
                }
            }
        }
    }
    none(faults, "the project runs anywhere");
}

#[test]
fn a_note_for_later_names_its_issue() {
    let words = ["TODO", "FIXME", "XXX", "HACK"];
    let mut faults = Vec::new();
    for file in all_files() {
        let own = file.path.starts_with("testing/house/") || file.path == "CONTRIBUTING.md";
        let Some(text) = file.text().filter(|_| !own && !is_vendored(&file.path)) else { continue };
        for (index, line) in text.split('\n').enumerate() {
            for word in words {
                let Some(at) = line.find(word) else { continue };
                let rest = line.get(at + word.len()..).unwrap_or_default();
                let whole = !rest.starts_with(|c: char| c.is_alphanumeric())
                    && !line[..at].ends_with(|c: char| c.is_alphanumeric());
                let with_issue = word == "TODO" && rest.starts_with("(#");
                if whole && !with_issue {
                    faults.push(Fault::new(
                        &file.path,
                        index + 1,
                        format!("{word} without TODO(#N):"),
                    ));
                }
            }
        }
    }
    none(faults, "a note for later has an issue");
}
