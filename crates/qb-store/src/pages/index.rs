//! Access paths of a loaded table, built in one pass over its pages.
//!
//! SQLite makes each access path while the table is hidden from it, so its schema is as always;
//! then the table comes back and the paths' pages are written here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rusqlite::Connection;

use super::Pages;
use super::record::{Column, Record, put_varint, read};
use super::sort::Sorter;
use super::table::plain_root;
use super::tree::{IndexLeaves, Page, Tree, TreeKind, Written};
use crate::error::StoreError;
use crate::value::Value;

/// Threads that sort, beside the one that reads and writes pages.
const WORKERS: usize = 2;
/// Pages handed over at a time, and how many such parcels may wait.
const PARCEL: usize = 32;
const PARCELS_AHEAD: usize = 4;

/// Runs statements that create access paths of any tables, those of tables without any by laying
/// out their pages.
pub(crate) fn create_indices(conn: &Connection, statements: &str) -> Result<(), StoreError> {
    let spool = conn.path().map_or_else(std::env::temp_dir, PathBuf::from);
    let code = statements.lines().filter(|line| !line.trim_start().starts_with("--"));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut rest: Vec<&str> =
        code.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
    while let Some(table) = rest.first().and_then(|statement| table_of(statement)) {
        let (own, others) = rest.iter().partition(|text| table_of(text) == Some(table));
        rest = others;
        let own: Vec<&str> = own;
        // Whatever was tried is undone before SQLite does it all.
        conn.execute_batch("savepoint paths")?;
        let is_built = of_table(conn, table, &own, &spool)?;
        if !is_built {
            conn.execute_batch("rollback to paths")?;
        }
        conn.execute_batch("release paths")?;
        if !is_built {
            conn.execute_batch(&own.join(";\n"))?;
        }
    }
    Ok(conn.execute_batch(&rest.join(";\n"))?)
}

/// The table of "create index … on TABLE (…".
fn table_of(statement: &str) -> Option<&str> {
    let (_, table) = statement.split_once(" on ")?;
    table.split(['(', ' ']).find(|word| !word.is_empty())
}

/// Answers false where SQLite has to build them.
fn of_table(
    conn: &Connection,
    table: &str,
    statements: &[&str],
    spool: &Path,
) -> Result<bool, StoreError> {
    let (Some(root), Some(mut pages)) = (plain_root(conn, table)?, Pages::open(conn)?) else {
        return Ok(false);
    };
    let rows = pages.read(root)?;
    pages.forget()?;
    pages.write(root, &Page::leaf(TreeKind::Table, pages.size).take())?;
    conn.execute_batch(&statements.join(";\n"))?;
    let found = indices(conn, table)?;
    pages.forget()?;
    pages.write(root, &rows)?;
    let Some(indices) = found else { return Ok(false) };
    let is_built = build(&mut pages, &rows, indices, spool)?;
    pages.give_back()?;
    Ok(is_built)
}

/// An access path to build.
struct Index {
    name: String,
    root: u32,
    is_unique: bool,
    /// Whether rows without a first column are left out.
    skips_null: bool,
    /// Columns of the table, and whether the row id stands among them; it is always the last.
    columns: Vec<usize>,
    row_ids: usize,
}

/// The access paths of a table; `None` if one is of a form that is not built here.
fn indices(conn: &Connection, table: &str) -> Result<Option<Vec<Index>>, StoreError> {
    let mut list = conn.prepare(
        "select l.name, l.\"unique\", l.partial, s.rootpage, s.sql from pragma_index_list(?1) l \
         join sqlite_schema s on s.type = 'index' and s.name = l.name order by l.name",
    )?;
    let found = list
        .query_map([table], |row| {
            let sql: String = row.get(4)?;
            let index = Index {
                name: row.get(0)?,
                root: row.get(3)?,
                is_unique: row.get(1)?,
                skips_null: row.get(2)?,
                columns: Vec::new(),
                row_ids: 0,
            };
            Ok((index, sql))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut columns = conn.prepare(
        "select cid, \"desc\", coll, coalesce(name, '') from pragma_index_xinfo(?1) order by seqno",
    )?;
    // The id is the row's own place, and an access path names it as its column.
    let id: i64 = conn.query_row(
        "select coalesce(max(cid), -1) from pragma_table_info(?1) where pk > 0",
        [table],
        |row| row.get(0),
    )?;
    let mut indices = Vec::new();
    for (mut index, sql) in found {
        let condition = sql.split_once(" where ").map(|(_, condition)| condition.trim());
        let mut rows = columns.query([&index.name])?;
        while let Some(row) = rows.next()? {
            let at: i64 = row.get(0)?;
            let is_plain = !row.get::<_, bool>(1)? && row.get::<_, String>(2)? == "BINARY";
            match usize::try_from(at) {
                _ if at == -1 || at == id => index.row_ids += 1,
                Ok(at) if is_plain && index.row_ids == 0 => index.columns.push(at),
                _ => return Ok(None),
            }
            let name: String = row.get(3)?;
            let is_skipped = condition.and_then(|text| text.strip_suffix(" is not null"));
            if index.skips_null && index.row_ids == 0 && is_skipped != Some(&name) {
                return Ok(None);
            }
        }
        // Two NULLs are not alike, which only the first of several columns is asked for.
        if index.columns.len() > 1 && (index.is_unique || index.skips_null) {
            return Ok(None);
        }
        indices.push(index);
    }
    Ok(Some(indices))
}

/// Pages of the table on their way to those who take keys out of them.
type Parcel = Arc<Vec<Vec<u8>>>;

/// A leaf of an access path, by its place among them, and the cell behind it.
type Leaf = (usize, Vec<u8>, Vec<u8>);

fn build(
    pages: &mut Pages<'_>,
    root: &[u8],
    indices: Vec<Index>,
    spool: &Path,
) -> Result<bool, StoreError> {
    let size = pages.size;
    let mut trees: Vec<(Tree, Vec<u8>)> = indices
        .iter()
        .map(|index| (Tree::empty(TreeKind::Index, index.root, size), Vec::new()))
        .collect();
    let mut shares: Vec<Vec<(usize, Index)>> = (0..WORKERS).map(|_| Vec::new()).collect();
    for (at, index) in indices.into_iter().enumerate() {
        shares[at % WORKERS].push((at, index));
    }
    let fits = thread::scope(|scope| {
        let (leaves_out, leaves) = sync_channel::<Vec<Leaf>>(PARCELS_AHEAD);
        let mut parcels = Vec::new();
        let mut workers = Vec::new();
        for share in shares.into_iter().filter(|share| !share.is_empty()) {
            let (sender, receiver) = sync_channel::<Parcel>(PARCELS_AHEAD);
            let leaves_out = leaves_out.clone();
            parcels.push(sender);
            workers.push(scope.spawn(move || work(&share, size, spool, &receiver, &leaves_out)));
        }
        drop(leaves_out);
        let scanned = scan(pages, root, &parcels);
        drop(parcels);
        let mut written = Ok(());
        for (at, leaf, between) in leaves.iter().flatten() {
            if let (Ok(()), Some((tree, separator))) = (&written, trees.get_mut(at)) {
                written = tree.append(pages, leaf, separator);
                *separator = between;
            }
        }
        let mut fits = true;
        for worker in workers {
            let ended = || StoreError::Database("a sorting thread ended".to_owned());
            fits &= worker.join().map_err(|_| ended())??;
        }
        scanned.and(written).map(|()| fits)
    })?;
    for (tree, _) in trees.into_iter().filter(|_| fits) {
        tree.finish(pages)?;
    }
    Ok(fits)
}

/// Sends the table's leaves in their order.
fn scan(pages: &Pages<'_>, root: &[u8], parcels: &[SyncSender<Parcel>]) -> Result<(), StoreError> {
    let mut parcel = Vec::with_capacity(PARCEL);
    let send = |parcel: &mut Vec<Vec<u8>>| {
        let pages = Arc::new(std::mem::replace(parcel, Vec::with_capacity(PARCEL)));
        // A worker that is gone says why when it is joined.
        parcels.iter().all(|sender| sender.send(Arc::clone(&pages)).is_ok())
    };
    let children = |bytes: &[u8]| -> Result<Option<Vec<u32>>, StoreError> {
        let written = Written::of(bytes, TreeKind::Table).ok_or_else(damaged)?;
        if written.is_leaf() {
            return Ok(None);
        }
        // The last child is the first to be taken off the stack's end.
        let mut children: Option<Vec<u32>> = written.children().collect();
        if let Some(children) = &mut children {
            children.reverse();
        }
        children.ok_or_else(damaged).map(Some)
    };
    let mut stack = match children(root)? {
        None => {
            send(&mut vec![root.to_vec()]);
            return Ok(());
        }
        Some(children) => children,
    };
    while let Some(number) = stack.pop() {
        let bytes = pages.read(number)?;
        match children(&bytes)? {
            Some(children) => stack.extend(children),
            None => {
                parcel.push(bytes);
                if parcel.len() == PARCEL && !send(&mut parcel) {
                    return Ok(());
                }
            }
        }
    }
    send(&mut parcel);
    Ok(())
}

fn damaged() -> StoreError {
    StoreError::Database("a page of the table is not as it was written".to_owned())
}

/// Sorts the keys of a share of the access paths, then fills their leaves; false if a key does not
/// fit a page.
fn work(
    share: &[(usize, Index)],
    size: usize,
    spool: &Path,
    parcels: &Receiver<Parcel>,
    leaves: &SyncSender<Vec<Leaf>>,
) -> Result<bool, StoreError> {
    let mut sorters: Vec<Sorter> = share
        .iter()
        .map(|(_, index)| Sorter::new(spool.with_extension(format!("{}.sort", index.name))))
        .collect();
    let mut places: Vec<usize> =
        share.iter().flat_map(|(_, index)| &index.columns).copied().collect();
    places.sort_unstable();
    places.dedup();
    let mut key = Vec::new();
    for parcel in parcels {
        let mut columns = Vec::new();
        let pages = parcel.iter().filter_map(|page| Written::of(page, TreeKind::Table));
        for (written, row) in pages.flat_map(|page| (0..page.len()).map(move |row| (page, row))) {
            // A row that spreads over several pages is SQLite's to read.
            let Some((row_id, payload)) = written.row(row) else { return Ok(false) };
            read(payload, &places, &mut columns).ok_or_else(damaged)?;
            for ((_, index), sorter) in share.iter().zip(&mut sorters) {
                if index.key((&places, &columns), row_id, &mut key) {
                    // The record may repeat the row id.
                    if key.len() + 2 * ROW_ID > TreeKind::Index.payload_max(size) {
                        return Ok(false);
                    }
                    sorter.push(&key).map_err(|error| failed(&error))?;
                }
            }
        }
    }
    for ((at, index), sorter) in share.iter().zip(sorters) {
        fill(*at, index, size, sorter, leaves)?;
    }
    Ok(true)
}

fn failed(error: &std::io::Error) -> StoreError {
    StoreError::Database(format!("keys could not be sorted: {error}"))
}

/// Fills an access path's leaves from its sorted keys.
fn fill(
    at: usize,
    index: &Index,
    size: usize,
    sorter: Sorter,
    out: &SyncSender<Vec<Leaf>>,
) -> Result<(), StoreError> {
    let mut merge = sorter.finish().map_err(|error| failed(&error))?;
    let mut leaves = IndexLeaves::new(size);
    let (mut key, mut before) = (Vec::new(), Vec::new());
    let (mut record, mut cell) = (Record::default(), Vec::new());
    let mut parcel: Vec<Leaf> = Vec::with_capacity(PARCEL);
    while merge.next(&mut key).map_err(|error| failed(&error))? {
        if index.is_unique && same_values(&before, &key) {
            return Err(StoreError::Constraint(index.name.clone()));
        }
        index.put(&key, &mut record).ok_or_else(damaged)?;
        cell.clear();
        put_varint(&mut cell, record.len() as u64);
        record.put(&mut cell);
        if let Some((leaf, between)) = leaves.push(&cell) {
            parcel.push((at, leaf, between));
            if parcel.len() == PARCEL {
                let full = std::mem::replace(&mut parcel, Vec::with_capacity(PARCEL));
                if out.send(full).is_err() {
                    return Ok(());
                }
            }
        }
        std::mem::swap(&mut before, &mut key);
    }
    parcel.extend(leaves.finish().into_iter().map(|(leaf, between)| (at, leaf, between)));
    // Whoever wrote the pages is gone only after an error of its own.
    let _ = out.send(parcel);
    Ok(())
}

/// Marks of a key's columns, in SQLite's order of types.
const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BLOB: u8 = 3;
/// Bytes of the row id at a key's end.
const ROW_ID: usize = 8;
/// Turns signed numbers into unsigned ones of the same order.
const SIGN: u64 = 1 << 63;

/// Whether two keys differ in their row id only, and hold no NULL, which equals nothing.
fn same_values(a: &[u8], b: &[u8]) -> bool {
    let values = |key: &'_ [u8]| key.len().checked_sub(ROW_ID);
    match (values(a), values(b)) {
        (Some(one), Some(other)) => a[..one] == b[..other] && a.first() != Some(&NULL),
        _ => false,
    }
}

impl Index {
    /// Writes a row's key so that keys compare byte by byte as SQLite compares rows: each column
    /// with its mark; texts and bytes end with two zeros, and each zero of their own is followed by
    /// a one; then the row id. False for a row that the index leaves out.
    fn key(
        &self,
        (places, columns): (&[usize], &[Column<'_>]),
        row_id: i64,
        key: &mut Vec<u8>,
    ) -> bool {
        key.clear();
        for at in &self.columns {
            let found = places.iter().position(|place| place == at);
            let column = found.and_then(|found| columns.get(found)).copied();
            match column.unwrap_or(Column::Null) {
                Column::Null if self.skips_null => return false,
                Column::Null => key.push(NULL),
                Column::Int(number) => {
                    key.push(INT);
                    key.extend_from_slice(&(number.cast_unsigned() ^ SIGN).to_be_bytes());
                }
                Column::Text(bytes) => put_ended(key, TEXT, bytes),
                Column::Blob(bytes) => put_ended(key, BLOB, bytes),
            }
        }
        key.extend_from_slice(&(row_id.cast_unsigned() ^ SIGN).to_be_bytes());
        true
    }

    /// The record of a key.
    fn put(&self, key: &[u8], record: &mut Record) -> Option<()> {
        record.clear();
        let (mut values, row_id) = key.split_at_checked(key.len().checked_sub(ROW_ID)?)?;
        while let Some((mark, rest)) = values.split_first() {
            values = match *mark {
                NULL => {
                    record.push(&Value::Null);
                    rest
                }
                INT => {
                    let (number, rest) = rest.split_first_chunk::<8>()?;
                    record.push(&Value::Int((u64::from_be_bytes(*number) ^ SIGN).cast_signed()));
                    rest
                }
                mark => {
                    let (bytes, rest) = take_ended(rest)?;
                    match mark {
                        TEXT => record.push(&Value::Text(std::str::from_utf8(&bytes).ok()?)),
                        _ => record.push(&Value::Blob(&bytes)),
                    }
                    rest
                }
            };
        }
        let row_id = u64::from_be_bytes(*row_id.first_chunk::<8>()?) ^ SIGN;
        for _ in 0..self.row_ids {
            record.push(&Value::Int(row_id.cast_signed()));
        }
        Some(())
    }
}

fn put_ended(key: &mut Vec<u8>, mark: u8, bytes: &[u8]) {
    key.push(mark);
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == 0) {
        key.extend_from_slice(&rest[..=at]);
        key.push(1);
        rest = &rest[at + 1..];
    }
    key.extend_from_slice(rest);
    key.extend_from_slice(&[0, 0]);
}

/// Undoes it; answers what follows.
fn take_ended(bytes: &[u8]) -> Option<(std::borrow::Cow<'_, [u8]>, &[u8])> {
    let first = bytes.iter().position(|byte| *byte == 0)?;
    if bytes.get(first + 1) == Some(&0) {
        return Some((bytes[..first].into(), &bytes[first + 2..]));
    }
    let (mut value, mut rest) = (Vec::new(), bytes);
    loop {
        let at = rest.iter().position(|byte| *byte == 0)?;
        value.extend_from_slice(&rest[..at]);
        let after = *rest.get(at + 1)?;
        rest = &rest[at + 2..];
        if after == 0 {
            return Some((value.into(), rest));
        }
        value.push(0);
    }
}
