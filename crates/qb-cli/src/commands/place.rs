//! Where a command works and in whose name.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use qb_store::{AuditEntry, DataDir, PgAddress, Place, Store, StoreError};

use crate::args::Global;
use crate::fail::Fail;
use crate::output;

/// Opens the installation that the words name, and says when it can only be read.
pub(crate) fn open(global: &Global) -> Result<Store, Fail> {
    let set = |word: &Option<PathBuf>, name: &str| {
        word.clone().or_else(|| std::env::var_os(name).map(PathBuf::from))
    };
    let url = global.database.clone().or_else(|| std::env::var("QIBANG_DATABASE").ok());
    let password = global.database_password_file.as_deref();
    let address = url.map(|url| PgAddress::parse(&url, password)).transpose()?;
    let store = Store::open(Place {
        dir: DataDir::new(&global.dir),
        postgres: address,
        anchor_copy: set(&global.anchor_copy, "QIBANG_ANCHOR_COPY"),
    })?;
    if let Some(why) = store.trouble()? {
        output::note(global, &StoreError::ReadOnly(why).text());
    }
    Ok(store)
}

/// Who the audit chain names for work at the command line: the system's user, by the process and
/// not by a variable that anybody sets.
pub(crate) fn actor() -> &'static str {
    static ACTOR: OnceLock<String> = OnceLock::new();
    ACTOR.get_or_init(|| {
        let Ok(process) = fs::metadata("/proc/self") else { return "os:unknown".to_owned() };
        let id = process.uid();
        let users = fs::read_to_string("/etc/passwd").ok();
        let name = users.as_deref().and_then(|users| name_of(users, id));
        format!("os:{}", name.map_or_else(|| id.to_string(), str::to_owned))
    })
}

/// Writes who reads a household or a person at the command line, before any of it is shown: what
/// cannot be written is not read.
pub(crate) fn note_reading(store: &Store, object: &str, command: &str) -> Result<(), Fail> {
    let (before, after) = (None, None);
    let entry = AuditEntry {
        actor: actor(),
        action: "person.read",
        object,
        before,
        after,
        reason: command,
    };
    Ok(store.write::<_, StoreError>(|tx| tx.audit(&entry))?)
}

/// The name of a user in the system's list.
fn name_of(users: &str, id: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actor_is_the_user_of_the_process() {
        let users = "root:x:0:0::/root:/bin/sh\nclerk:x:1000:1000::/srv/clerk:/bin/sh\nbroken\n";
        assert_eq!((name_of(users, 1000), name_of(users, 7)), (Some("clerk"), None));
        assert!(actor().starts_with("os:"));
    }
}
