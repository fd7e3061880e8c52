//! Cells become typed values: what is clean is taken, what is safe is repaired and recorded, the
//! rest is a fault.

pub mod area;
pub(crate) mod bare;
pub mod code;
pub mod date;
pub mod key;
pub mod number;
pub mod person;

pub(crate) use qb_registry::{Issue, Severity};

/// What a parser made of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading<T> {
    /// Nothing stood there: unknown.
    Blank,
    /// The file says in words that there is no value (`NULL`, `\N`): unknown, and recorded as said.
    Null,
    /// A clean value.
    Value(T),
    /// A value after a safe repair.
    Repaired(T, Issue),
    /// No value can be taken.
    Fault(Issue),
}

impl<T> Reading<T> {
    /// Changes the value and keeps the rest.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Blank => Reading::Blank,
            Self::Null => Reading::Null,
            Self::Value(value) => Reading::Value(change(value)),
            Self::Repaired(value, issue) => Reading::Repaired(change(value), issue),
            Self::Fault(issue) => Reading::Fault(issue),
        }
    }

    /// The value, clean or repaired.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) | Self::Repaired(value, _) => Some(value),
            _ => None,
        }
    }
}

/// Words by which exports say that a field has no value; a blank cell is something else.
pub(crate) fn is_null_word(text: &str) -> bool {
    matches!(
        text,
        "NULL" | "null" | "Null" | "\\N" | "#N/A" | "N/A" | "NaN" | "nan" | "None" | "none"
    )
}

#[cfg(test)]
mod tests;
