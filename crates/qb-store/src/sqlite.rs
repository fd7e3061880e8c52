//! SQLite: bundled, write-ahead log, full synchronisation.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use crate::error::StoreError;
use crate::place::{failed, private_file};
use crate::value::{Row, RowKind, Value};

/// How long a statement waits for another process to finish writing.
const BUSY_WAIT: Duration = Duration::from_secs(30);
const STATEMENT_CACHE: usize = 256;
/// Page cache of the one writer and of each reader, in KiB.
const WRITER_CACHE_KIB: i64 = 48 * 1024;
/// Page cache of the writer while it only appends: small enough to stay in the processor's caches.
const LOAD_CACHE_KIB: i64 = 8 * 1024;
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Readers see so much of the file through the operating system's page cache without copying. The
/// register lies there, as it is loaded first; what is mapped counts as memory of the program.
const MMAP_BYTES: i64 = 512 << 20;

pub(crate) struct LiteConn {
    pub(crate) conn: Connection,
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(value),
            Value::Bool(value) => ValueRef::Integer(i64::from(value)),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl LiteConn {
    pub(crate) fn open_writer(path: &Path) -> Result<Self, StoreError> {
        // Its log and its journals take their mode from the database.
        private_file(path).map_err(|error| failed(path, &error))?;
        let lite = Self::open(path, WRITER_CACHE_KIB)?;
        let conn = &lite.conn;
        conn.pragma_update(None, "page_size", 8192)?;
        conn.pragma_update(None, "journal_mode", "wal")?;
        conn.pragma_update(None, "synchronous", "full")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "wal_autocheckpoint", 8000)?;
        // Sorting for an index runs in bounded memory; the files have no name and vanish with it.
        conn.pragma_update(None, "temp_store", "file")?;
        // Once more, now that the page size is known: a cache counted in smaller pages would hold
        // twice as much.
        conn.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        Ok(lite)
    }

    /// Trades the log for a rollback journal, which appended pages never enter, so each is written
    /// once. Answers false, and changes nothing, while anyone else has the database open.
    pub(crate) fn leave_log(&self) -> bool {
        let switched =
            self.conn.busy_timeout(Duration::ZERO).is_ok() && self.journal_is("truncate");
        if let Err(error) = self.conn.busy_timeout(BUSY_WAIT) {
            tracing::warn!(%error, "the database does not wait for other writers");
        }
        if !switched {
            return false;
        }
        let granted = self.conn.pragma_update(None, "cache_size", -LOAD_CACHE_KIB).is_ok();
        if !granted {
            self.return_to_log();
        }
        granted
    }

    /// Takes up the log again. Should that fail, the next opening does it.
    pub(crate) fn return_to_log(&self) {
        let cache = self.conn.pragma_update(None, "cache_size", -WRITER_CACHE_KIB);
        if cache.is_err() || !self.journal_is("wal") {
            tracing::warn!("the database keeps its rollback journal until it is opened again");
        }
    }

    fn journal_is(&self, wanted: &str) -> bool {
        let answer = self
            .conn
            .pragma_update_and_check(None, "journal_mode", wanted, |row| row.get::<_, String>(0));
        answer.is_ok_and(|mode| mode.eq_ignore_ascii_case(wanted))
    }

    pub(crate) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        let lite = Self::open(path, READER_CACHE_KIB)?;
        lite.conn.pragma_update(None, "mmap_size", MMAP_BYTES)?;
        lite.conn.pragma_update(None, "query_only", true)?;
        Ok(lite)
    }

    fn open(path: &Path, cache_kib: i64) -> Result<Self, StoreError> {
        let conn = Connection::open(path)?;
        conn.busy_timeout(BUSY_WAIT)?;
        conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        // Otherwise a plan may depend on the values it was made for, and each new value has its
        // statement parsed and planned again: that was 40 % of a page.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        conn.pragma_update(None, "cache_size", -cache_kib)?;
        conn.pragma_update(None, "temp_store", "memory")?;
        Ok(Self { conn })
    }

    pub(crate) fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        visit: &mut dyn FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.conn.prepare_cached(sql).map_err(StoreError::from)?;
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            visit(&Row(RowKind::Lite(row)))?;
        }
        Ok(())
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.conn.execute_batch(sql)?)
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value<'_>]) -> Result<(), StoreError> {
    if statement.parameter_count() != values.len() {
        return Err(StoreError::Database(format!(
            "the statement has {} placeholders, {} values were given",
            statement.parameter_count(),
            values.len()
        )));
    }
    for (i, value) in values.iter().enumerate() {
        // SQLite numbers `$1 …` by first appearance; PostgreSQL by the number itself.
        debug_assert_eq!(statement.parameter_name(i + 1), Some(format!("${}", i + 1).as_str()));
        statement.raw_bind_parameter(i + 1, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::testing::TestStore;

    #[test]
    fn a_statement_is_planned_once_whatever_values_it_gets() {
        let test = TestStore::sqlite();
        let lite = LiteConn::open_reader(&test.store.place().dir.database()).unwrap();
        for sql in [
            "select id from income_statement where household_id = $1 and superseded_at is null",
            // An index of persons holds only those with a number, which made its plan depend on $1.
            "select household_id from person where id_blind = $1",
        ] {
            for id in 1..4 {
                lite.each::<StoreError>(sql, &[id.into()], &mut |_| Ok(())).unwrap();
            }
            let statement = lite.conn.prepare_cached(sql).unwrap();
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }
}
