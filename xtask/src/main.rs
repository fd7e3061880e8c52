//! Tasks around the code: `cargo xtask test` and what it needs.
//!
//! Step: none of the chain; this is the workshop beside it. In: a checkout on a bare Debian machine
//! with Rust's toolchain. Out: every test run, with one closing line that counts them. Invariants:
//! what a test needs is either installed or named in an error (no test is skipped for want of a
//! tool), the private PostgreSQL never outlives this program, and the exit code says whether
//! everything passed.

mod counts;
mod postgres;
mod process;
mod scratch;
mod suite;
mod tools;

use std::io::Write;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [--quick] [-- ARGS…]   every test, browser and PostgreSQL included;
                                        --quick leaves out the browser; ARGS go to cargo test
cargo xtask tidy                        only the rules of the house (seconds)
cargo xtask postgres -- COMMAND…        COMMAND with a private PostgreSQL (QIBANG_TEST_POSTGRES)
cargo xtask tools                       install what the tests need, or say what is missing
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            say(&format!("xtask: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// Carries out one task; `Ok(false)` means it ran and something failed.
fn run(words: &[String]) -> Result<bool, String> {
    let (own, passed_on) = split_at_dashes(words);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    match own.as_slice() {
        ["test"] => suite::all(suite::Browser::Needed, passed_on),
        ["test", "--quick"] => suite::all(suite::Browser::LeftOut, passed_on),
        ["tidy"] => suite::tidy(),
        ["postgres"] if !passed_on.is_empty() => suite::with_postgres(passed_on),
        ["tools"] => tools::ensure(tools::Wanted::Everything).map(|()| true),
        _ => Err(format!("this is not a task\n\n{USAGE}")),
    }
}

/// Splits the words at the first `--`.
fn split_at_dashes(words: &[String]) -> (&[String], &[String]) {
    let Some(at) = words.iter().position(|word| word == "--") else {
        return (words, &[]);
    };
    let (own, rest) = words.split_at(at);
    (own, rest.get(1..).unwrap_or_default())
}

/// Prints one line for the person who waits; results go to stdout, remarks to stderr.
fn say(line: &str) {
    // A closed pipe is no reason to fail a test run.
    let _ = writeln!(std::io::stderr(), "{line}");
}
