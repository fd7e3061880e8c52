//! Rebuilds the crate when a pack gains or loses a file; only release builds carry the packs
//! inside.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../../policy");
    }
}
