//! What several rules share.

use qb_house::checkout::{File, files};
use qb_house::fault::{Fault, listing};
use qb_house::rust_source::Source;

/// The checkout's files; a rule that cannot read them fails.
pub(crate) fn all_files() -> Vec<File> {
    files().expect("git lists the files of this checkout")
}

/// Fails with every fault and what the rule is for.
pub(crate) fn none(faults: Vec<Fault>, rule: &str) {
    let count = faults.len();
    assert!(count == 0, "{count} places break the rule \"{rule}\":\n{}\n", listing(faults));
}

/// A Rust file, taken apart.
pub(crate) struct RustFile {
    pub(crate) path: String,
    pub(crate) source: Source,
}

impl RustFile {
    /// Whether this is product code: a crate's `src`, not a file of tests.
    pub(crate) fn is_product(&self) -> bool {
        self.path.starts_with("crates/") && self.path.contains("/src/") && !self.is_test()
    }

    /// Whether the path alone says that this is a test.
    pub(crate) fn is_test(&self) -> bool {
        ["/tests/", "/tests.rs", "_tests.rs", "/benches/", "/examples/"]
            .iter()
            .any(|mark| self.path.contains(mark))
    }
}

/// Every Rust file; modules declared under `#[cfg(test)]` are left to `is_test` by their path.
pub(crate) fn rust_files() -> Vec<RustFile> {
    let mut rust: Vec<RustFile> = all_files()
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .filter_map(|file| {
            let source = Source::new(file.text()?);
            Some(RustFile { path: file.path.clone(), source })
        })
        .collect();
    let test_only = test_only_paths(&rust);
    rust.retain(|file| !test_only.iter().any(|path| file.path.starts_with(path.as_str())));
    rust
}

/// Paths of modules that are declared `#[cfg(test)] mod NAME;`, as prefixes.
fn test_only_paths(rust: &[RustFile]) -> Vec<String> {
    let mut paths = Vec::new();
    for file in rust {
        let folder = module_folder(&file.path);
        for name in file.source.test_modules() {
            paths.push(format!("{folder}/{name}.rs"));
            paths.push(format!("{folder}/{name}/"));
        }
    }
    paths
}

/// The folder that holds the modules a file declares.
pub(crate) fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    }
}
