//! Who works here, as the machines ask: who the second person of two is, and whether they may.

use qb_access::Role;
use qb_base::{AreaCode, AreaLevel};
use qb_case::commands::People;
use qb_store::{Conn, StoreError};

use crate::session::actor_of;

/// The accounts in use.
#[derive(Debug)]
pub(crate) struct Accounts;

const NAMED: &str = "select id, role, area_code from app_user \
     where (login = $1 or subject = $1) and disabled_at is null order by id";

impl People for Accounts {
    fn login(
        &self,
        conn: &Conn,
        who: &str,
        actors: &[(Role, AreaLevel)],
        area: AreaCode,
    ) -> Result<Option<String>, StoreError> {
        let found = conn.query(NAMED, &[who.into()], |row| {
            Ok((row.int(0)?, Role::parse(&row.text(1)?).ok(), AreaCode::parse(&row.text(2)?).ok()))
        })?;
        let fits = |role: Option<Role>, own: Option<AreaCode>| {
            role.zip(own).is_some_and(|(role, own)| {
                own.contains(&area) && actors.contains(&(role, own.level()))
            })
        };
        Ok(found.into_iter().find(|(_, role, own)| fits(*role, *own)).map(|(id, ..)| actor_of(id)))
    }
}
