//! What goes to standard output and standard error.

use std::io::Write;

use qb_base::{Lang, Text};
use serde::Serialize;

use crate::args::Global;
use crate::fail::Fail;

/// Prints one JSON document.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Fail> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Fail::new(format!("无法写出 JSON:{e}"), format!("JSON: {e}")))?;
    line(text);
    Ok(())
}

/// Prints a line of the answer.
pub(crate) fn line(text: impl AsRef<str>) {
    // A reader who has seen enough (`| head`) is no reason to stop the work.
    let _ = writeln!(std::io::stdout().lock(), "{}", text.as_ref());
}

/// Prints a message to standard error, in the language asked for or in both.
pub(crate) fn note(global: &Global, text: &Text) {
    if !global.quiet {
        eprintln!("{}", said(global, text));
    }
}

/// A text in the language asked for, or in both.
pub(crate) fn said(global: &Global, text: &Text) -> String {
    match global.lang.as_deref().and_then(Lang::parse) {
        Some(lang) => text.get(lang).to_owned(),
        None => text.to_string(),
    }
}

/// Prints why a command could not go on.
pub(crate) fn error(fail: &Fail) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error itself cannot be written.
    let _ = writeln!(err, "错误:{}\nerror: {}", fail.0.zh, fail.0.en);
}
