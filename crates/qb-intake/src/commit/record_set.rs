//! The current rows of one dataset, by hashed key: complete in memory for large files, asked for
//! one by one otherwise.

use qb_store::{Conn, StoreError};

use crate::hash::{self, HashIndex};

/// A current row as far as the writer must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) id: i64,
    pub(crate) digest: i64,
    pub(crate) file_id: i64,
}

/// The rows of the dataset that is being written.
#[derive(Debug, Default)]
pub(crate) struct RecordSet {
    dataset: String,
    index: HashIndex,
    rows: Vec<(u64, Current)>,
    /// Whether a miss means that the store has no such row.
    complete: bool,
}

const ALL: &str = "select record_key, id, row_digest, source_file_id from record \
    where dataset = $1 and superseded_at is null";
const ANY: &str = "select id from record where dataset = $1 and superseded_at is null limit 1";
const ONE: &str = "select id, row_digest, source_file_id from record \
    where dataset = $1 and record_key = $2 and superseded_at is null";

impl RecordSet {
    /// Turns to a dataset; `whole` reads all its rows, which a dataset without any needs not.
    pub(crate) fn open(
        &mut self,
        conn: &Conn,
        dataset: &str,
        whole: bool,
    ) -> Result<(), StoreError> {
        if self.dataset == dataset && (self.complete || !whole) {
            return Ok(());
        }
        *self = Self { dataset: dataset.to_owned(), ..Self::default() };
        let any = conn.query_opt(ANY, &[dataset.into()], |row| row.int(0))?.is_some();
        self.complete = whole || !any;
        if !any || !whole {
            return Ok(());
        }
        conn.each::<StoreError>(ALL, &[dataset.into()], |row| {
            let key = hash::of(row.text(0)?.as_bytes());
            self.put(key, Current { id: row.int(1)?, digest: row.int(2)?, file_id: row.int(3)? });
            Ok(())
        })
    }

    /// The current row with a key.
    pub(crate) fn current(
        &mut self,
        conn: &Conn,
        (key, hash): (&str, u64),
    ) -> Result<Option<Current>, StoreError> {
        if let Some(at) = self.index.get(hash) {
            return Ok(self.rows.get(at as usize).map(|(_, current)| *current));
        }
        if self.complete {
            return Ok(None);
        }
        conn.query_opt(ONE, &[self.dataset.as_str().into(), key.into()], |row| {
            Ok(Current { id: row.int(0)?, digest: row.int(1)?, file_id: row.int(2)? })
        })
    }

    /// Notes the row that is now current under a key.
    pub(crate) fn put(&mut self, hash: u64, current: Current) {
        if let Some(at) = self.index.get(hash) {
            if let Some(slot) = self.rows.get_mut(at as usize) {
                *slot = (hash, current);
            }
            return;
        }
        self.index.insert(hash, u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.rows.push((hash, current));
    }

    /// Takes out rows that fit and answers their ids; the set is then read anew when it is needed.
    pub(crate) fn remove_where(&mut self, fits: impl Fn(u64, &Current) -> bool) -> Vec<i64> {
        let fitting = self.rows.iter().filter(|(key, current)| fits(*key, current));
        let gone: Vec<i64> = fitting.map(|(_, current)| current.id).collect();
        if !gone.is_empty() {
            *self = Self::default();
        }
        gone
    }
}
