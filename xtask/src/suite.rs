//! Runs the tests and counts them.

use crate::counts::Counts;
use crate::postgres::Postgres;
use crate::process::cargo;
use crate::say;
use crate::scratch::Scratch;
use crate::tools::{self, Wanted};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Where tests that need PostgreSQL find it.
const POSTGRES_VARIABLE: &str = "QIBANG_TEST_POSTGRES";
/// Where tests make their stores.
const FOLDER_VARIABLE: &str = "QIBANG_TEST_FOLDER";

/// Whether the browser tests run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browser {
    /// They run, and their tools are installed first.
    Needed,
    /// They are filtered out by name, for a quick look.
    LeftOut,
}

/// Runs every test of the workspace against a private PostgreSQL.
///
/// The server is dropped, and so stopped, before the folder it lies in.
pub(crate) fn all(browser: Browser, passed_on: &[String]) -> Result<bool, String> {
    let wanted = if browser == Browser::Needed { Wanted::Everything } else { Wanted::Database };
    tools::ensure(wanted)?;
    let scratch = Scratch::make()?;
    let postgres = Postgres::start(&scratch)?;
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    let (before, after) = crate::split_at_dashes(passed_on);
    command.args(before).arg("--").args(after);
    if browser == Browser::LeftOut {
        command.args(["--skip", "browser"]);
    }
    command.env(POSTGRES_VARIABLE, postgres.url());
    command.env(FOLDER_VARIABLE, scratch.inside("stores")?);
    run_counted(&mut command)
}

/// Runs only the rules of the house.
pub(crate) fn tidy() -> Result<bool, String> {
    let mut command = cargo();
    command.args(["test", "--package", "qb-house"]);
    run_counted(&mut command)
}

/// Runs any command with a private PostgreSQL beside it.
pub(crate) fn with_postgres(words: &[String]) -> Result<bool, String> {
    tools::ensure(Wanted::Database)?;
    let (program, arguments) = words.split_first().ok_or("no command given")?;
    let scratch = Scratch::make()?;
    let postgres = Postgres::start(&scratch)?;
    let status = Command::new(program)
        .args(arguments)
        .env(POSTGRES_VARIABLE, postgres.url())
        .env(FOLDER_VARIABLE, scratch.inside("stores")?)
        .status()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    Ok(status.success())
}

/// Runs a test command, passes its output through and ends with the closing line.
fn run_counted(command: &mut Command) -> Result<bool, String> {
    command.env("CARGO_TERM_COLOR", "never");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        pass_through(BufReader::new(output), &mut counts)?;
    }
    let status = child.wait().map_err(|error| format!("cargo was lost: {error}"))?;
    if !status.success() && counts.failed == 0 {
        say(&format!("cargo ended with {status} before every test could run"));
    }
    if counts.passed == 0 {
        say("no test passed: this run proves nothing");
    }
    let good = status.success() && counts.failed == 0 && counts.passed > 0;
    print(&counts.closing_line())?;
    Ok(good)
}

fn pass_through(output: impl BufRead, counts: &mut Counts) -> Result<(), String> {
    for line in output.split(b'\n') {
        let line = line.map_err(|error| format!("cannot read the tests' output: {error}"))?;
        let line = String::from_utf8_lossy(&line);
        counts.take(&line);
        print(&line)?;
    }
    Ok(())
}

fn print(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("cannot print: {error}"))
}
