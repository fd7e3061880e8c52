//! Several readers of one instant: each has its own connection, all see the same state.

use std::sync::PoisonError;

use super::{Store, begin, connect};
use crate::conn::Conn;
use crate::error::StoreError;

impl Store {
    /// Reads beside each other over some connections that all see the data of one instant, whatever
    /// is written meanwhile, by this program or another.
    ///
    /// # Errors
    /// Whatever the database or `work` says.
    pub fn read_together<T, E: From<StoreError>>(
        &self,
        readers: usize,
        work: impl FnOnce(&mut [Conn]) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conns = Vec::with_capacity(readers);
        for _ in 0..readers.max(1) {
            conns.push(connect(&self.0.place, false)?);
        }
        if self.0.place.postgres.is_some() {
            share_snapshot(&conns)?;
        } else {
            self.begin_while_nobody_writes(&conns)?;
        }
        let done = work(&mut conns);
        conns.iter().try_for_each(|conn| conn.batch("commit"))?;
        done
    }

    /// Holds SQLite's writing lock, of all programs, until every reader has seen the data.
    fn begin_while_nobody_writes(&self, conns: &[Conn]) -> Result<(), StoreError> {
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        begin(&writer)?;
        let begun = conns.iter().try_for_each(|conn| {
            conn.batch("begin")?;
            // A transaction sees the data from its first reading on.
            conn.query_opt(SEE, &[], |row| row.int(0)).map(|_| ())
        });
        writer.batch("rollback")?;
        begun
    }
}

const SEE: &str = "select number from schema_migration limit 1";

/// Lets all others see what the first one sees.
fn share_snapshot(conns: &[Conn]) -> Result<(), StoreError> {
    let Some((first, others)) = conns.split_first() else { return Ok(()) };
    first.batch(BEGIN)?;
    let name = first.query_one("select pg_export_snapshot()", &[], |row| row.text(0))?;
    // A name of PostgreSQL's own; it can't be bound in this statement.
    if !name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        return Err(StoreError::Type { column: 0, expected: "the name of a snapshot" });
    }
    others.iter().try_for_each(|conn| {
        conn.batch(BEGIN)?;
        conn.batch(&format!("set transaction snapshot '{name}'"))
    })
}

const BEGIN: &str = "begin transaction isolation level repeatable read read only";
