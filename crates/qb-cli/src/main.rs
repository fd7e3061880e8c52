//! `qibang`: the one program. Each subcommand is a thin call into a link of the chain.
//!
//! Step: around the whole chain. Input: the words of the command line. Output: what `--json`
//! promises on standard output, progress and messages on standard error. Invariants, on which
//! scripts rely: `--dir` names the data directory; one JSON document with `--json`; exit code 0
//! means all was done, 1 that something could not be done (the message says what, where, why, and
//! what to do), 2 that the words were not understood.

mod args;
mod by;
mod commands;
mod fail;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    start_log();
    match commands::run(&args) {
        Ok(code) => code,
        Err(fault) => {
            output::error(&fault);
            ExitCode::from(1)
        }
    }
}

/// Logs warnings to standard error; `QIBANG_LOG` changes what is logged, `QIBANG_LOG_JSON=1` its
/// form.
fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("QIBANG_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var_os("QIBANG_LOG_JSON").is_some() {
        log.json().init();
    } else {
        log.init();
    }
}
