//! Values that go in, rows that come out, and SQL that was fixed at compile time.

use std::borrow::Cow;

use crate::error::StoreError;

/// A statement. Made only from `&'static str`, so no value can become part of it.
#[derive(Clone, Debug)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// Joins fixed pieces, for lists whose filters the user chooses.
    pub fn join(pieces: &[&'static str]) -> Self {
        Self(Cow::Owned(pieces.concat()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// A value bound to a placeholder.
#[derive(Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing known.
    Null,
    /// An integer: ids, fen, counts, instants.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl<'a> Value<'a> {
    /// A text of a filter whose statement reads blank as: any.
    pub fn text_or_any(text: Option<&'a str>) -> Self {
        // No value that is looked for is blank.
        Self::Text(text.unwrap_or_default())
    }

    /// A number of a filter whose statement reads 0 as: any.
    pub fn int_or_any(number: Option<i64>) -> Self {
        // Years and numbers of rows begin above 0.
        Self::Int(number.unwrap_or_default())
    }
}

impl std::fmt::Debug for Value<'_> {
    /// Shows the kind only: values may be personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Int(_) => "Int",
            Self::Bool(_) => "Bool",
            Self::Text(_) => "Text",
            Self::Blob(_) => "Blob",
        })
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row of an answer; columns are counted from 0.
pub struct Row<'a>(pub(crate) RowKind<'a>);

pub(crate) enum RowKind<'a> {
    Lite(&'a rusqlite::Row<'a>),
    Pg(&'a postgres::Row),
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident, $opt:ident, $type:ty, $expected:literal) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// When the column is absent, NULL, or of another type.
        pub fn $name(&self, column: usize) -> Result<$type, StoreError> {
            self.$opt(column)?.ok_or(StoreError::Type { column, expected: $expected })
        }

        /// The same, or `None` for NULL.
        ///
        /// # Errors
        /// When the column is absent or of another type.
        pub fn $opt(&self, column: usize) -> Result<Option<$type>, StoreError> {
            let wrong = StoreError::Type { column, expected: $expected };
            match &self.0 {
                RowKind::Lite(row) => row.get::<_, Option<$type>>(column).map_err(|_| wrong),
                RowKind::Pg(row) => row.try_get::<_, Option<$type>>(column).map_err(|_| wrong),
            }
        }
    };
}

impl Row<'_> {
    getter!(
        /// An integer.
        int, int_opt, i64, "bigint");
    getter!(
        /// A truth value.
        bool, bool_opt, bool, "boolean");
    getter!(
        /// Text.
        text, text_opt, String, "text");
    getter!(
        /// Bytes.
        blob, blob_opt, Vec<u8>, "blob");

    /// A count or a position.
    ///
    /// # Errors
    /// When the column is absent, NULL, negative, or of another type.
    pub fn size(&self, column: usize) -> Result<usize, StoreError> {
        let wrong = StoreError::Type { column, expected: "a count" };
        usize::try_from(self.int(column)?).map_err(|_| wrong)
    }
}
