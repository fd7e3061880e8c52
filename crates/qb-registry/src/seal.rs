//! Whether households still have the exit status that the audit chain says they have.
//!
//! Status comes with files of the register. After an import the chain takes one seal over every
//! household's spell, together with the newest file of the register that it speaks of.

use qb_base::{Digest, Digester};
use qb_policy::Pack;
use qb_policy::layout::LayoutTarget;
use qb_store::{AuditEntry, Conn, Store, StoreError};

/// What the chain calls the seal; its object is the newest file of the register.
const ACTION: &str = "register.seal";
const SPELLS: &str = "select id, coalesce(scheme, ''), coalesce(registered_from, ''), \
     coalesce(exit_status, ''), coalesce(exit_year, 0), coalesce(registered_to, '') \
     from household order by id";
const NEWEST: &str = "select coalesce(max(id), 0) from source_file where layout = $1";

/// What a comparison of the register with its seal found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealState {
    /// Every household stands as the chain says.
    Fits,
    /// Files of the register came after the seal: an import is under way or was broken off.
    Older,
    /// Somebody changed a household's spell outside the program.
    Differs,
}

/// Seals the register after an import; without a newer file of the register nothing is written.
///
/// # Errors
/// Whatever the store says.
pub fn seal(store: &Store, pack: &Pack, actor: &str) -> Result<(), StoreError> {
    let is_due = store.read(|conn| {
        let newest = newest_file(conn, pack)?;
        Ok::<_, StoreError>(newest > 0 && sealed(conn)?.is_none_or(|(file, _)| file < newest))
    })?;
    if !is_due {
        return Ok(());
    }
    store.write(|tx| {
        let file = newest_file(tx, pack)?.to_string();
        tx.audit(&AuditEntry {
            actor,
            action: ACTION,
            object: &file,
            before: None,
            after: Some(spells(tx)?),
            reason: "exit status of every household after an import",
        })
    })
}

/// Compares the register with its newest seal.
///
/// # Errors
/// Whatever the store says.
pub fn verify(store: &Store, pack: &Pack) -> Result<SealState, StoreError> {
    store.read(|conn| {
        let newest = newest_file(conn, pack)?;
        let Some((file, seal)) = sealed(conn)? else {
            return Ok(if newest > 0 { SealState::Older } else { SealState::Fits });
        };
        if file < newest {
            return Ok(SealState::Older);
        }
        let stands = spells(conn)?.to_string();
        Ok(if seal == Some(stands) { SealState::Fits } else { SealState::Differs })
    })
}

fn sealed(conn: &Conn) -> Result<Option<(i64, Option<String>)>, StoreError> {
    let Some(row) = conn.audit_newest_of(ACTION)? else { return Ok(None) };
    let file = row.object.parse();
    let file = file.map_err(|_| StoreError::Broken("a seal of the register names no file"))?;
    Ok(Some((file, row.after)))
}

fn newest_file(conn: &Conn, pack: &Pack) -> Result<i64, StoreError> {
    let registers = pack.layouts.iter().filter(|one| one.target == LayoutTarget::Register);
    let mut newest = 0;
    for layout in registers {
        let id = conn.query_one(NEWEST, &[layout.id.as_str().into()], |row| row.int(0))?;
        newest = newest.max(id);
    }
    Ok(newest)
}

fn spells(conn: &Conn) -> Result<Digest, StoreError> {
    let mut digest = Digester::new();
    conn.each::<StoreError>(SPELLS, &[], |row| {
        digest.raw(&row.int(0)?.to_le_bytes()).raw(&row.int(4)?.to_le_bytes());
        for column in [1, 2, 3, 5] {
            digest.field(row.text(column)?.as_bytes());
        }
        Ok(())
    })?;
    Ok(digest.finish())
}
