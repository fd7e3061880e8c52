//! Only licences on the list of `deny.toml` enter the dependency tree.

use qb_house::licence::is_allowed;
use serde_json::Value;
use std::process::Command;

fn rules() -> toml::Table {
    let text = std::fs::read_to_string(qb_house::checkout::root().join("deny.toml"));
    text.expect("deny.toml").parse().expect("deny.toml is TOML")
}

fn words(value: &toml::Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

/// The packages that a build on this machine uses.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(cargo)
        .current_dir(qb_house::checkout::root())
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &target])
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("a list of packages").clone()
}

#[test]
fn every_licence_is_on_the_list() {
    let rules = rules();
    let allowed = words(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    for package in packages().iter().filter(|package| !package["source"].is_null()) {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        let exception = exceptions.iter().find(|one| one["crate"].as_str() == Some(name));
        let also = exception.map(|one| words(&one["allow"])).unwrap_or_default();
        let list: Vec<String> = allowed.iter().cloned().chain(also).collect();
        if !is_allowed(licence, &list) {
            wrong.push(format!("{name}: \"{licence}\""));
        }
    }
    assert!(wrong.is_empty(), "licences that deny.toml does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn no_banned_package_is_in_the_tree_and_all_come_from_one_registry() {
    let rules = rules();
    let banned = rules["bans"]["deny"].as_array().cloned().unwrap_or_default();
    let banned: Vec<&str> = banned.iter().filter_map(|one| one["crate"].as_str()).collect();
    let mut sources = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap_or_default();
        assert!(!banned.contains(&name), "{name} is banned in deny.toml");
        sources.extend(package["source"].as_str().map(str::to_owned));
    }
    sources.sort();
    sources.dedup();
    assert!(sources.len() == 1, "one registry and no git sources, but found: {sources:?}");
}
