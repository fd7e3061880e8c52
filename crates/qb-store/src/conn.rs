//! A connection and a write transaction.

use std::cell::Cell;

use crate::audit::{self, AuditEntry};
use crate::bulk::{Bulk, Constant};
use crate::error::StoreError;
use crate::postgres::PgConn;
use crate::sqlite::LiteConn;
use crate::value::{Row, Sql, Value};

/// A connection to either database.
///
/// Placeholders are `$1 …` and first appear in that order. Sums are written `cast(sum(x) as
/// bigint)`.
pub struct Conn(pub(crate) Kind);

pub(crate) enum Kind {
    Lite(LiteConn),
    Pg(Box<PgConn>),
}

impl Conn {
    /// Runs a query and maps each row.
    ///
    /// # Errors
    /// Whatever the database or the mapping says.
    pub fn query<T>(
        &self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        self.each(sql, values, |row| {
            rows.push(map(row)?);
            Ok::<(), StoreError>(())
        })?;
        Ok(rows)
    }

    /// Runs a query and hands over each row as it arrives, in bounded memory.
    ///
    /// # Errors
    /// Whatever the database or the visitor says; the visitor's error ends the query.
    pub fn each<E: From<StoreError>>(
        &self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = sql.into();
        match &self.0 {
            Kind::Lite(conn) => conn.each(sql.as_str(), values, &mut visit),
            Kind::Pg(conn) => conn.each(sql.as_str(), values, &mut visit),
        }
    }

    /// Runs a query that answers at most one row.
    ///
    /// # Errors
    /// Whatever the database or the mapping says.
    pub fn query_opt<T>(
        &self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, values, map)?.into_iter().next())
    }

    /// Runs a query that answers one row.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub fn query_one<T>(
        &self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.query_opt(sql, values, map)?.ok_or(StoreError::NotFound)
    }

    /// Runs a statement and returns how many rows it changed.
    pub(crate) fn execute(
        &self,
        sql: impl Into<Sql>,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        match &self.0 {
            Kind::Lite(conn) => conn.execute(sql.as_str(), values),
            Kind::Pg(conn) => conn.execute(sql.as_str(), values),
        }
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Lite(conn) => conn.batch(sql),
            Kind::Pg(conn) => conn.batch(sql),
        }
    }

    /// Whether this is SQLite, for the few bulk paths that differ.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.0, Kind::Lite(_))
    }
}

/// A write transaction; made by [`crate::Store::write`], which commits or rolls back.
pub struct Tx<'a> {
    conn: &'a Conn,
    keyring: &'a qb_base::Keyring,
    pub(crate) head: Cell<Option<audit::Head>>,
}

impl std::ops::Deref for Tx<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: &'a Conn, keyring: &'a qb_base::Keyring) -> Self {
        Self { conn, keyring, head: Cell::new(None) }
    }

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// Whatever the database says; the transaction then rolls back.
    pub fn execute(&self, sql: impl Into<Sql>, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.conn.execute(sql, values)
    }

    /// Runs several fixed statements without values, such as building indices.
    ///
    /// # Errors
    /// Whatever the database says; the transaction then rolls back.
    pub fn execute_batch(&self, sql: &'static str) -> Result<(), StoreError> {
        self.conn.batch(&crate::migrate::dialect(sql, self.conn.is_sqlite()))
    }

    /// The fast path for many rows of one table.
    ///
    /// # Errors
    /// When the statement cannot be prepared.
    pub fn bulk(
        &self,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<Bulk<'a>, StoreError> {
        self.bulk_with(table, columns, &[])
    }

    /// The same, with columns that hold one value in all rows: they are handed over once.
    ///
    /// # Errors
    /// When the statement cannot be prepared.
    pub fn bulk_with(
        &self,
        table: &'static str,
        columns: &[&'static str],
        constants: &[Constant<'_>],
    ) -> Result<Bulk<'a>, StoreError> {
        Bulk::open(self.conn, table, columns, constants)
    }

    /// Adds a row to the audit chain, in this transaction.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn audit(&self, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let head = audit::append(self.conn, self.keyring, entry)?;
        self.head.set(Some(head));
        Ok(())
    }

    /// The next free id of a table whose ids the program gives: one above the greatest.
    ///
    /// Writers run one after another, so the id is free until this transaction ends.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn next_id(&self, table: &'static str) -> Result<i64, StoreError> {
        let sql = Sql::join(&["select coalesce(max(id), 0) + 1 from ", table]);
        self.query_one(sql, &[], |row| row.int(0))
    }
}
