//! The current rows of one dataset, by hashed key: complete in memory for large files, asked for
//! one by one otherwise.

use qb_store::{Conn, StoreError};

use crate::commands::authority::digits_of;
use crate::hash::{self, HashIndex};

/// A current row as far as the writer must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) id: i64,
    pub(crate) digest: i64,
    pub(crate) file_id: i64,
    /// Where it stands, as [`digits_of`] writes an area.
    pub(crate) area: u64,
}

/// The rows of the dataset that is being written.
#[derive(Debug, Default)]
pub(crate) struct RecordSet {
    dataset: String,
    index: HashIndex,
    rows: Vec<Held>,
    /// The keys of the rows, one behind the other: a hash alone is a guess.
    keys: String,
    /// Whether a miss means that the store has no such row.
    complete: bool,
}

/// A row in memory: its hash, where its key lies among the keys, and what is known of it.
#[derive(Clone, Copy, Debug)]
struct Held {
    hash: u64,
    start: usize,
    len: usize,
    current: Current,
}

const ALL: &str = "select record_key, id, row_digest, source_file_id, area_code from record \
    where dataset = $1 and superseded_at is null";
const ANY: &str = "select id from record where dataset = $1 and superseded_at is null limit 1";
const ONE: &str = "select id, row_digest, source_file_id, area_code from record \
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
            let (key, area) = (row.text(0)?, digits_of(&row.text(4)?));
            let (id, digest, file_id) = (row.int(1)?, row.int(2)?, row.int(3)?);
            let current = Current { id, digest, file_id, area };
            self.put((&key, hash::of(key.as_bytes())), current);
            Ok(())
        })
    }

    /// The current row with a key.
    pub(crate) fn current(
        &mut self,
        conn: &Conn,
        (key, hash): (&str, u64),
    ) -> Result<Option<Current>, StoreError> {
        if let Some(held) = self.find((key, hash)).and_then(|at| self.rows.get(at)) {
            return Ok(Some(held.current));
        }
        if self.complete {
            return Ok(None);
        }
        conn.query_opt(ONE, &[self.dataset.as_str().into(), key.into()], |row| {
            let area = digits_of(&row.text(3)?);
            Ok(Current { id: row.int(0)?, digest: row.int(1)?, file_id: row.int(2)?, area })
        })
    }

    /// The place of a key.
    fn find(&self, (key, hash): (&str, u64)) -> Option<usize> {
        let is_it = |held: &Held| self.keys.get(held.start..held.start + held.len) == Some(key);
        let at = self.index.get(hash)? as usize;
        if self.rows.get(at).is_some_and(is_it) {
            return Some(at);
        }
        // Another key with the same hash: look at every one.
        self.rows.iter().position(is_it)
    }

    /// Notes the row that is now current under a key.
    pub(crate) fn put(&mut self, (key, hash): (&str, u64), current: Current) {
        if let Some(held) = self.find((key, hash)).and_then(|at| self.rows.get_mut(at)) {
            held.current = current;
            return;
        }
        match u32::try_from(self.rows.len()) {
            Ok(at) => {
                self.index.insert(hash, at);
            }
            // Beyond what the index holds the store is asked.
            Err(_) => self.complete = false,
        }
        self.rows.push(Held { hash, start: self.keys.len(), len: key.len(), current });
        self.keys.push_str(key);
    }

    /// Takes out rows that fit and answers their ids; the set is then read anew when it is needed.
    pub(crate) fn remove_where(&mut self, fits: impl Fn(u64, &Current) -> bool) -> Vec<i64> {
        let fitting = self.rows.iter().filter(|held| fits(held.hash, &held.current));
        let gone: Vec<i64> = fitting.map(|held| held.current.id).collect();
        if !gone.is_empty() {
            *self = Self::default();
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use qb_store::testing::on_each_store;
    use qb_store::{AuditEntry, Store};

    use super::*;

    const CITY: u64 = 320_300_000_000;

    fn fill(store: &Store) {
        let sql = "insert into record (id, dataset, record_key, area_code, fields, \
                   source_file_id, source_row, row_digest, recorded_at, superseded_at) \
                   values ($1, $2, $3, '3203', '{}', $4, 1, $5, 1, $6)";
        let rows: [(i64, &str, &str, Option<i64>); 4] =
            [(1, "a", "x", Some(9)), (2, "a", "x", None), (3, "a", "y", None), (4, "b", "x", None)];
        store
            .write::<_, StoreError>(|tx| {
                for (id, dataset, key, superseded) in rows {
                    let file = id + 10;
                    let values = [
                        id.into(),
                        dataset.into(),
                        key.into(),
                        file.into(),
                        (id * 100).into(),
                        superseded.into(),
                    ];
                    tx.execute(sql, &values)?;
                }
                tx.audit(&AuditEntry {
                    actor: "tester",
                    action: "test.write",
                    object: "record",
                    before: None,
                    after: None,
                    reason: "a test",
                })
            })
            .unwrap();
    }

    #[test]
    fn a_set_read_whole_answers_as_one_that_asks_row_by_row() {
        on_each_store(|store| {
            fill(store);
            for whole in [true, false] {
                let mut set = RecordSet::default();
                let mut ask = |dataset: &str, key: &str| {
                    store
                        .read::<_, StoreError>(|conn| {
                            set.open(conn, dataset, whole)?;
                            set.current(conn, (key, hash::of(key.as_bytes())))
                        })
                        .unwrap()
                };
                let current =
                    |id: i64| Some(Current { id, digest: id * 100, file_id: id + 10, area: CITY });
                let answers = [ask("a", "x"), ask("a", "z"), ask("b", "x"), ask("c", "x")];
                assert_eq!(answers, [current(2), None, current(4), None], "whole: {whole}");
            }
        });
    }

    #[test]
    fn what_was_put_is_current_and_what_fits_is_taken_out() {
        on_each_store(|store| {
            fill(store);
            let mut set = RecordSet::default();
            store
                .read::<_, StoreError>(|conn| {
                    set.open(conn, "a", true)?;
                    let newer = Current { id: 8, digest: 5, file_id: 99, area: CITY };
                    set.put(("x", hash::of(b"x")), newer);
                    assert_eq!(set.current(conn, ("x", hash::of(b"x")))?, Some(newer));
                    let gone = set.remove_where(|_, current| current.file_id < 99);
                    assert_eq!(gone, [3]);
                    Ok(())
                })
                .unwrap();
        });
    }
}
