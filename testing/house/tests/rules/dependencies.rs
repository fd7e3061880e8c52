//! The chain of the design is the shape of the workspace: no edge but the allowed ones.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What each crate may use of its own workspace. A link may read earlier links, never a later one.
const ALLOWED: &[(&str, &[&str])] = &[
    ("qb-base", &[]),
    (FEATURE_LIST, &[]),
    ("qb-policy", &["qb-base"]),
    ("qb-store", &["qb-base"]),
    ("qb-engine", &["qb-base", "qb-policy", FEATURE_LIST]),
    ("qb-access", &["qb-base", "qb-policy"]),
    ("qb-city", &["qb-base", "qb-policy"]),
    ("qb-case", &["qb-base", "qb-policy", "qb-store", "qb-access", "qb-engine"]),
    ("qb-registry", &["qb-base", "qb-policy", "qb-store", "qb-access", "qb-engine"]),
    // It hands its drafts to the register's commands.
    ("qb-intake", &["qb-base", "qb-policy", "qb-store", "qb-access", "qb-registry"]),
    (
        "qb-targeting",
        &["qb-base", "qb-policy", "qb-store", "qb-access", "qb-engine", "qb-intake", "qb-registry"],
    ),
    (
        "qb-pairing",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
            "qb-case",
        ],
    ),
    (
        "qb-entitlement",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
        ],
    ),
    (
        "qb-fund",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
            "qb-case",
            "qb-pairing",
            "qb-entitlement",
        ],
    ),
    (
        "qb-assess",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
            "qb-case",
        ],
    ),
    (
        "qb-settle",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
            "qb-case",
            "qb-pairing",
            "qb-entitlement",
            "qb-fund",
            "qb-assess",
        ],
    ),
    (
        "qb-report",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
        ],
    ),
    (
        "qb-web",
        &[
            "qb-base",
            "qb-policy",
            "qb-store",
            "qb-access",
            "qb-engine",
            "qb-intake",
            "qb-registry",
            "qb-targeting",
            "qb-pairing",
            "qb-fund",
            "qb-case",
            "qb-entitlement",
            "qb-assess",
            "qb-settle",
            "qb-report",
        ],
    ),
];

/// The crate that is only a list of features; it names versions itself and nobody names it.
const FEATURE_LIST: &str = "qb-unify";

/// The binary joins all links; the workshop crates under `testing/` may look at anything.
const MAY_USE_ALL: &[&str] = &["qb-cli"];

/// Heavy dependencies and the only crates that may see them; the others never wait for them.
const KEEPERS: &[(&str, &[&str])] = &[
    ("rusqlite", &["qb-store"]),
    ("postgres", &["qb-store"]),
    ("datafusion", &["qb-engine"]),
    ("typst", &["qb-report"]),
    ("typst-pdf", &["qb-report"]),
    ("typst-layout", &["qb-report"]),
    ("axum", &["qb-web"]),
    ("askama", &["qb-web"]),
    ("argon2", &["qb-web"]),
    ("rand", &["qb-city"]),
    ("calamine", &["qb-intake"]),
    ("aes-gcm-siv", &["qb-base"]),
    ("clap", &["qb-cli"]),
];

struct Package {
    name: String,
    folder: String,
    /// Folders that hold its sources, its own and those its targets lie in.
    sources: Vec<String>,
    /// Name and kind ("" for an ordinary dependency).
    dependencies: Vec<(String, String)>,
}

fn workspace() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(qb_house::checkout::root())
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let root = std::fs::canonicalize(qb_house::checkout::root()).expect("the checkout");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages.iter().map(|package| read_package(package, &root)).collect()
}

fn read_package(package: &Value, root: &Path) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let inside = |path: &Value| {
        let path = std::fs::canonicalize(text(path)).expect("cargo names files that exist");
        let folder = path.parent().and_then(|folder| folder.strip_prefix(root).ok());
        folder.and_then(|folder| folder.to_str()).unwrap_or_default().to_owned()
    };
    let folder = inside(&package["manifest_path"]);
    let targets = package["targets"].as_array().into_iter().flatten();
    let mut sources: Vec<String> = targets.map(|target| inside(&target["src_path"])).collect();
    sources.push(folder.clone());
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    Package {
        name: text(&package["name"]),
        folder,
        sources,
        dependencies: dependencies.map(|edge| (text(&edge["name"]), text(&edge["kind"]))).collect(),
    }
}

#[test]
fn data_flows_down_the_chain_and_never_back() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let packages = workspace();
    let own: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in packages.iter().filter(|package| package.folder.starts_with("crates/")) {
        if MAY_USE_ALL.contains(&package.name.as_str()) {
            continue;
        }
        let Some(may_use) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} has no row in ALLOWED: say what it may use", package.name));
            continue;
        };
        for (name, kind) in &package.dependencies {
            let inside = own.contains(&name.as_str());
            if inside && kind != "dev" && !may_use.contains(&name.as_str()) {
                wrong.push(format!("{} may not use {name}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "edges against the chain:\n{}", wrong.join("\n"));
}

#[test]
fn only_its_keeper_sees_a_heavy_dependency() {
    let keepers: BTreeMap<&str, &[&str]> = KEEPERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in workspace().iter().filter(|package| package.folder.starts_with("crates/")) {
        for (name, kind) in &package.dependencies {
            let keepers = keepers.get(name.as_str()).copied();
            let kept = keepers.is_none_or(|keepers| keepers.contains(&package.name.as_str()));
            if kind != "dev" && !kept {
                wrong.push(format!("{} uses {name}, which belongs to {keepers:?}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_workspace() {
    let mut wrong = Vec::new();
    for package in workspace() {
        let place = qb_house::checkout::root().join(&package.folder).join("Cargo.toml");
        let text = std::fs::read_to_string(place).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("a manifest is TOML");
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            wrong.push(format!("{}: [lints] workspace = true is missing", package.folder));
        }
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let own = manifest.get(table).and_then(toml::Value::as_table).into_iter().flatten();
            for (name, value) in own.filter(|_| package.name != FEATURE_LIST) {
                let shared = value.get("workspace").and_then(toml::Value::as_bool);
                if shared != Some(true) {
                    wrong.push(format!("{}: {name} must be `workspace = true`", package.folder));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_declared_dependency_is_unused() {
    let files = super::common::all_files();
    let mut wrong = Vec::new();
    for package in workspace() {
        let folders: Vec<String> = package.sources.iter().map(|path| format!("{path}/")).collect();
        let is_own = |path: &str| folders.iter().any(|folder| path.starts_with(folder.as_str()));
        let own = files.iter().filter(|file| is_own(&file.path));
        let text: String =
            own.filter(|file| file.path.ends_with(".rs")).filter_map(|file| file.text()).collect();
        for (name, _) in &package.dependencies {
            let word = name.replace('-', "_");
            let silent = [name.as_str(), package.name.as_str()].contains(&FEATURE_LIST);
            if !silent && !text.contains(&word) {
                wrong.push(format!("{} declares {name} and never names it", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
