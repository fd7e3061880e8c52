//! Files of a pack that later links interpret, with the means to report their faults.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::error::{Fault, Position};
use crate::file::parse::parse_text;
use crate::file::source::PackFile;
use crate::pack::expression::Expression;

/// Folders whose files a mechanism reads.
const FOLDERS: [&str; 3] = ["machines/", "benefits/", "schemes/"];

/// Single files that a mechanism reads.
const FILES: [&str; 9] = [
    "calendar.toml",
    "checks.toml",
    "events.toml",
    "intake.toml",
    "ledger.toml",
    "milestones.toml",
    "reading.toml",
    "suggestions.toml",
    "targets.toml",
];

/// Whether a later link reads the file of that path.
pub(crate) fn is_part(path: &str) -> bool {
    FILES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// A TOML file of the pack that this crate keeps and doesn't interpret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFile {
    /// Its text.
    pub text: String,
    /// Its path as faults name it: that of a base begins with the base's name.
    pub shown: String,
}

impl PartFile {
    pub(crate) fn new(file: &PackFile) -> Self {
        Self { text: file.text.clone(), shown: file.shown.clone() }
    }

    /// Reads the file into a shape, or says where it isn't TOML or doesn't have the shape.
    ///
    /// A shape keeps places with `toml::Spanned`; [`Self::position`] turns them into lines.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        parse_text(&self.shown, &self.text)
    }

    /// Every value under a key `source`, with its place; a file that isn't TOML has none.
    pub(crate) fn sources(&self) -> Vec<(String, Position)> {
        let mut found = Vec::new();
        let mut offset = 0;
        for line in self.text.split_inclusive('\n') {
            let value = line.trim_start().strip_prefix("source");
            let value = value.and_then(|rest| rest.trim_start().strip_prefix('='));
            if let Some(quoted) = value.and_then(|rest| rest.split('"').nth(1)) {
                found.push((quoted.to_owned(), Position::at(&self.shown, &self.text, offset)));
            }
            offset += line.len();
        }
        found
    }

    /// The place of a span's first character.
    pub fn position(&self, span: &Range<usize>) -> Position {
        Position::at(&self.shown, &self.text, span.start)
    }

    /// A fault at a span.
    pub fn fault(
        &self,
        span: &Range<usize>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Fault {
        Fault::new(self.position(span), zh, en)
    }

    /// A text value of the file as an expression; `span` is the value's, quotes included.
    pub fn expression(&self, value: &str, span: &Range<usize>) -> Expression {
        Expression { text: value.to_owned(), at: first_character(&self.shown, &self.text, span) }
    }
}

/// The place of the first character inside a quoted TOML text.
pub(crate) fn first_character(shown: &str, text: &str, span: &Range<usize>) -> Position {
    let Some(literal) = text.get(span.clone()) else { return Position::file(shown) };
    let long = literal.strip_prefix("\"\"\"").or_else(|| literal.strip_prefix("'''"));
    let quotes = if long.is_some() { 3 } else { 1 };
    // A line that ends right after three quotes is no part of the text.
    let newline = match long {
        Some(after) if after.starts_with('\n') => 1,
        Some(after) if after.starts_with("\r\n") => 2,
        _ => 0,
    };
    Position::at(shown, text, span.start + quotes + newline)
}

/// The part files by path inside the pack.
pub(crate) type PartFiles = BTreeMap<String, PartFile>;
