//! Expressions of a pack, with the place where they stand.

use crate::error::Position;

/// An expression with the place where it stands, so that a fault inside can be shown in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The text, exactly as the author wrote it.
    pub text: String,
    /// Place of the text's first character.
    pub at: Position,
}

impl Expression {
    /// Turns a place inside the text (line and column from 1) into a place in the file.
    pub fn locate(&self, line: usize, column: usize) -> Position {
        let mut at = self.at.clone();
        if line <= 1 {
            at.column = at.column.saturating_add(column.saturating_sub(1));
        } else {
            at.line = at.line.saturating_add(line - 1);
            at.column = column;
        }
        at
    }
}
