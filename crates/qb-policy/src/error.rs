//! Faults of a pack, each with its place in the file and what to do about it.

use std::fmt;

use qb_base::{Lang, Text};

/// A place in a pack's file; line and column count from 1, the column in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Path inside the pack, `/` between its parts.
    pub file: String,
    /// Line, from 1; 0 when the fault concerns the whole file.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// A whole file.
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0 }
    }

    /// The place of a byte offset in a file's text.
    pub fn at(file: &str, text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.file)
        } else {
            write!(f, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

/// One fault of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub at: Position,
    /// What is wrong and what to do, in both languages.
    pub message: Text,
}

impl Fault {
    /// A fault at a place.
    pub fn new(at: Position, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, message: Text::new(zh, en) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// The faults as one message, a line each.
pub fn faults_text(faults: &[Fault]) -> Text {
    let lines = |lang| {
        let lines = faults.iter().map(|fault| format!("{}: {}", fault.at, fault.message.get(lang)));
        lines.collect::<Vec<_>>().join("\n")
    };
    Text::new(lines(Lang::Zh), lines(Lang::En))
}

/// Why a pack could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// No pack of that name or in that folder.
    #[error("{0}")]
    NotFound(Text),
    /// A file could not be read.
    #[error("{0}")]
    Unreadable(Text),
    /// The pack has faults; all of them are listed.
    #[error("{}", list(.0))]
    Faulty(Vec<Fault>),
}

impl PackError {
    /// The faults to correct in the pack's files; empty when there was no pack to read.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Faulty(faults) => faults,
            Self::NotFound(_) | Self::Unreadable(_) => &[],
        }
    }
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "标题 = \"徐州\"\n年 = x\n";
        let place = |needle: &str| Position::at("a.toml", text, text.find(needle).unwrap());
        assert_eq!(place("x").to_string(), "a.toml:2:5");
        assert_eq!(place("徐").to_string(), "a.toml:1:7");
        assert_eq!(Position::at("a.toml", text, 1).to_string(), "a.toml:1:1");
        assert_eq!(Position::at("a.toml", text, 9_999).to_string(), "a.toml:3:1");
    }
}
