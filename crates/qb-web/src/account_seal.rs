//! Whether accounts still have the role and area that the audit chain says they were given.

use std::collections::HashMap;

use qb_access::Role;
use qb_store::{Store, StoreError};

use crate::accounts;

/// Rows of the chain by which an account gets its role and area; the reason says which.
const GIVEN: &str = "select object, reason from audit \
     where action in ('account.create', 'account.renew') and reason like 'role %' order by seq";
const STANDS: &str = "select id, login, role, area_code from app_user order by id";

/// The logins whose role or area is not what the chain says.
///
/// # Errors
/// Whatever the store says.
pub fn verify(store: &Store) -> Result<Vec<String>, StoreError> {
    store.read(|conn| {
        let mut given = HashMap::new();
        conn.each::<StoreError>(GIVEN, &[], |row| {
            let reason = row.text(1)?;
            // What follows says something of the password.
            let role = reason.split(';').next().unwrap_or(&reason);
            given.insert(row.text(0)?, role.to_owned());
            Ok(())
        })?;
        let mut differ = Vec::new();
        conn.each::<StoreError>(STANDS, &[], |row| {
            let stands = format!("role {} for area {}", row.text(2)?, row.text(3)?);
            if given.get(&format!("user:{}", row.int(0)?)) != Some(&stands) {
                differ.push(row.text(1)?);
            }
            Ok(())
        })?;
        Ok(differ)
    })
}

/// Who holds an account, once the password was given: its name in the audit chain and its role.
///
/// Nothing where they do not belong together. It only reads, so it serves a read-only store too.
///
/// # Errors
/// Whatever the store says.
pub fn holder(
    store: &Store,
    login: &str,
    password: &str,
) -> Result<Option<(String, Role)>, StoreError> {
    let sql = "select id, role, password_hash from app_user \
               where login = $1 and disabled_at is null";
    let known = store
        .read_one(sql, &[login.into()], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))?;
    let right = known.filter(|(_, _, hash)| accounts::verify(password, hash));
    Ok(right.and_then(|(id, role, _)| Some((format!("user:{id}"), Role::parse(&role).ok()?))))
}
