//! Many rows of one table: a prepared statement on SQLite, COPY on PostgreSQL.

use crate::conn::{Conn, Kind};
use crate::copy_text;
use crate::error::StoreError;
use crate::postgres::PgConn;
use crate::value::Value;

/// Bytes of COPY text gathered before they are sent.
const COPY_BUFFER_BYTES: usize = 1 << 20;
/// Longer texts are bound again in each row.
const BOUND_BYTES_MAX: usize = 64;

/// A bulk load into one table, inside the transaction that opened it.
///
/// [`Bulk::finish`] sends what is still buffered; dropping a load without it leaves rows out, so
/// the type must be finished.
#[must_use = "a bulk load ends with finish()"]
pub struct Bulk<'a>(Kindred<'a>);

enum Kindred<'a> {
    Lite { statement: rusqlite::Statement<'a>, bound: Vec<Bound> },
    Pg { conn: &'a PgConn, sql: String, buffer: Vec<u8> },
}

/// What a placeholder still holds from the row before: most columns repeat themselves, and
/// comparing costs less than binding. Long texts and bytes hardly repeat and are not remembered.
#[derive(Default)]
struct Bound {
    kind: BoundKind,
    text: Vec<u8>,
}

#[derive(Default, PartialEq)]
enum BoundKind {
    #[default]
    Unknown,
    Null,
    Int(i64),
    Text,
}

impl Bound {
    #[inline]
    fn is(&self, value: &Value<'_>) -> bool {
        match *value {
            Value::Null => self.kind == BoundKind::Null,
            Value::Int(number) => self.kind == BoundKind::Int(number),
            Value::Bool(truth) => self.kind == BoundKind::Int(i64::from(truth)),
            Value::Text(text) => self.kind == BoundKind::Text && self.text == text.as_bytes(),
            Value::Blob(_) => false,
        }
    }

    #[inline]
    fn keep(&mut self, value: &Value<'_>) {
        self.kind = match *value {
            Value::Null => BoundKind::Null,
            Value::Int(number) => BoundKind::Int(number),
            Value::Bool(truth) => BoundKind::Int(i64::from(truth)),
            Value::Text(text) if text.len() <= BOUND_BYTES_MAX => {
                self.text.clear();
                self.text.extend_from_slice(text.as_bytes());
                BoundKind::Text
            }
            Value::Text(_) | Value::Blob(_) => BoundKind::Unknown,
        };
    }
}

impl<'a> Bulk<'a> {
    pub(crate) fn open(
        conn: &'a Conn,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<Self, StoreError> {
        let names = columns.join(", ");
        Ok(Self(match &conn.0 {
            Kind::Lite(lite) => {
                let marks = vec!["?"; columns.len()].join(", ");
                let sql = format!("insert into {table} ({names}) values ({marks})");
                let bound = columns.iter().map(|_| Bound::default()).collect();
                Kindred::Lite { statement: lite.0.prepare(&sql)?, bound }
            }
            Kind::Pg(pg) => {
                let sql = format!("copy {table} ({names}) from stdin");
                Kindred::Pg { conn: pg, sql, buffer: Vec::with_capacity(COPY_BUFFER_BYTES + 4096) }
            }
        }))
    }

    /// Adds a row, values in the order of the columns.
    ///
    /// # Errors
    /// Whatever the database says, on PostgreSQL perhaps only at a later row.
    pub fn push(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        match &mut self.0 {
            Kindred::Lite { statement, bound } => {
                for (i, (value, bound)) in values.iter().zip(bound).enumerate() {
                    if !bound.is(value) {
                        statement.raw_bind_parameter(i + 1, value)?;
                        bound.keep(value);
                    }
                }
                statement.raw_execute()?;
            }
            Kindred::Pg { buffer, .. } => {
                copy_text::append(buffer, values);
                if buffer.len() >= COPY_BUFFER_BYTES {
                    self.flush()?;
                }
            }
        }
        Ok(())
    }

    /// Sends what is buffered; needed before a query must see the rows.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        if let Kindred::Pg { conn, sql, buffer } = &mut self.0
            && !buffer.is_empty()
        {
            conn.copy(sql, buffer)?;
            buffer.clear();
        }
        Ok(())
    }

    /// Ends the load.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.flush()
    }
}
