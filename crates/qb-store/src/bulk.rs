//! Many rows of one table: a prepared statement on SQLite, COPY on PostgreSQL.

use crate::conn::{Conn, Kind};
use crate::copy_text;
use crate::error::StoreError;
use crate::postgres::PgConn;
use crate::value::Value;

/// Bytes of COPY text gathered before they are sent.
const COPY_BUFFER_BYTES: usize = 1 << 20;

/// A bulk load into one table, inside the transaction that opened it.
///
/// [`Bulk::finish`] sends what is still buffered; dropping a load without it leaves rows out, so
/// the type must be finished.
#[must_use = "a bulk load ends with finish()"]
pub struct Bulk<'a>(Kindred<'a>);

enum Kindred<'a> {
    Lite { statement: rusqlite::Statement<'a> },
    Pg { conn: &'a PgConn, sql: String, buffer: Vec<u8> },
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
                Kindred::Lite { statement: lite.0.prepare(&sql)? }
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
            Kindred::Lite { statement } => {
                for (i, value) in values.iter().enumerate() {
                    statement.raw_bind_parameter(i + 1, value)?;
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
