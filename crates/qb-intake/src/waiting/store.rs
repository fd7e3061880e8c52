//! Waiting files in the store.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use qb_access::Role;
use qb_base::keyring::Purpose;
use qb_base::{AreaCode, Keyring, env};
use qb_registry::commands::Replaces;
use qb_store::{Conn, Row, Sql, Store, StoreError, Tx, Value};

use super::model::WaitingFile;
use crate::error::{FileFault, IntakeError};

/// Bytes of one sealed piece of a file.
const PIECE_BYTES: u64 = 1 << 20;

const COLUMNS: &str = "select id, import_run_id, name, root, digest, byte_count, layouts, actor, \
     sender_role, within_area, recorded_at, decided_by, is_typed, replaces_id \
     from waiting_file \
     where state in ('waiting', 'confirmed') ";

/// Every file that waits, oldest first.
///
/// # Errors
/// Whatever the store says.
pub fn all(conn: &Conn) -> Result<Vec<WaitingFile>, StoreError> {
    conn.query(Sql::join(&[COLUMNS, "order by id"]), &[], read)
}

/// The files of an import that wait.
///
/// # Errors
/// Whatever the store says.
pub fn of_run(conn: &Conn, run: i64) -> Result<Vec<WaitingFile>, StoreError> {
    conn.query(Sql::join(&[COLUMNS, "and import_run_id = $1 order by id"]), &[run.into()], read)
}

/// The import in which the same content waits already for the same area.
pub(super) fn same(
    conn: &Conn,
    digest: &str,
    within: Option<AreaCode>,
) -> Result<Option<i64>, StoreError> {
    let sql = "select import_run_id from waiting_file where digest = $1 \
               and coalesce(within_area, '') = $2 and state in ('waiting', 'confirmed')";
    let within = within.map(|area| area.to_string());
    // Blank stands for everywhere, as in the statement.
    let area = within.as_deref().unwrap_or("");
    conn.query_opt(sql, &[digest.into(), area.into()], |row| row.int(0))
}

pub(super) fn insert(tx: &Tx<'_>, file: &WaitingFile) -> Result<(), StoreError> {
    let sql = "insert into waiting_file (id, import_run_id, name, root, digest, byte_count, \
               layouts, actor, sender_role, within_area, state, recorded_at, is_typed, \
               replaces_id) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, $12, $13)";
    let (layouts, within) = (file.layouts.join(" "), file.within.map(|area| area.to_string()));
    let values = [
        file.id.into(),
        file.run.into(),
        file.name.as_str().into(),
        Value::from(file.root.as_deref()),
        file.digest.as_str().into(),
        file.byte_count.into(),
        layouts.as_str().into(),
        file.actor.as_str().into(),
        Value::from(file.sender.map(Role::code)),
        Value::from(within.as_deref()),
        file.recorded_at.into(),
        file.typed.is_some().into(),
        file.typed.and_then(|replaces| replaces.0).into(),
    ];
    tx.execute(sql, &values).map(|_| ())
}

/// Keeps the content of a file in sealed pieces.
pub(super) fn keep(
    tx: &Tx<'_>,
    keyring: &Keyring,
    id: i64,
    path: &Path,
) -> Result<(), IntakeError> {
    let sql = "insert into waiting_piece (waiting_file_id, seq, sealed) values ($1, $2, $3)";
    let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut piece = Vec::new();
    let row_id = id.to_string();
    for seq in 1_i64.. {
        piece.clear();
        Read::take(&mut file, PIECE_BYTES).read_to_end(&mut piece).map_err(unreadable)?;
        if piece.is_empty() {
            break;
        }
        let sealed =
            keyring.seal(Purpose::WaitingFile, &[&row_id, &i64::to_string(&seq)], &piece).0;
        tx.execute(sql, &[id.into(), Value::Int(seq), Value::Blob(&sealed)])?;
    }
    Ok(())
}

/// Writes the content of a file out, readable by its owner only.
pub(super) fn write_out(store: &Store, id: i64, path: &Path) -> Result<(), IntakeError> {
    let sql = "select seq, sealed from waiting_piece where waiting_file_id = $1 order by seq";
    let unwritable = |error| IntakeError::Listing { path: path.display().to_string(), error };
    let row_id = id.to_string();
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unwritable)?;
    store.read(|conn| {
        conn.each::<IntakeError>(sql, &[id.into()], |row| {
            let place = [row_id.as_str(), &row.int(0)?.to_string()];
            let piece = store.keyring().open(Purpose::WaitingFile, &place, &row.blob(1)?);
            let piece = piece.map_err(|_| IntakeError::Invariant("the seal of a waiting file"))?;
            file.write_all(&piece).map_err(unwritable)
        })
    })
}

/// Notes who confirmed a file; whoever did so first stays.
pub(super) fn confirm(tx: &Tx<'_>, id: i64, actor: &str) -> Result<(), StoreError> {
    let sql = "update waiting_file set state = 'confirmed', decided_by = $1, decided_at = $2 \
               where id = $3 and state = 'waiting'";
    tx.execute(sql, &[actor.into(), env::now().0.into(), id.into()]).map(|_| ())
}

/// A confirmed file is in: its content is no longer kept here.
pub(super) fn end(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("update waiting_file set state = 'taken' where id = $1", &[id.into()])?;
    drop_pieces(tx, id)
}

pub(super) fn discard(tx: &Tx<'_>, id: i64, actor: &str, reason: &str) -> Result<(), StoreError> {
    let sql = "update waiting_file set state = 'discarded', decided_by = $1, decided_at = $2, \
               reason = $3 where id = $4 and state = 'waiting'";
    tx.execute(sql, &[actor.into(), env::now().0.into(), reason.into(), id.into()])?;
    drop_pieces(tx, id)
}

fn drop_pieces(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("delete from waiting_piece where waiting_file_id = $1", &[id.into()]).map(|_| ())
}

fn read(row: &Row<'_>) -> Result<WaitingFile, StoreError> {
    let wrong = |column, expected| StoreError::Type { column, expected };
    let sender = row.text_opt(8)?.map(|code| Role::parse(&code).map_err(|_| wrong(8, "a role")));
    let within =
        row.text_opt(9)?.map(|code| AreaCode::parse(&code).map_err(|_| wrong(9, "an area code")));
    Ok(WaitingFile {
        id: row.int(0)?,
        run: row.int(1)?,
        name: row.text(2)?,
        root: row.text_opt(3)?,
        digest: row.text(4)?,
        byte_count: row.int(5)?,
        layouts: row.text(6)?.split(' ').map(str::to_owned).collect(),
        actor: row.text(7)?,
        sender: sender.transpose()?,
        within: within.transpose()?,
        recorded_at: row.int(10)?,
        decided_by: row.text_opt(11)?,
        typed: row.bool(12)?.then_some(Replaces(row.int_opt(13)?)),
    })
}
