//! Reading the audit chain: a page of rows, newest first, that pass a filter.

use qb_base::Timestamp;

use crate::audit::AuditRow;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::store::Store;

const LIST: &str = "select seq, at_at, actor, action, object, before_digest, after_digest, reason, \
     previous_hash, hash from audit where seq < $1 and ($2 = '' or actor = $2) \
     and ($3 = '' or action = $3) and ($4 = '' or object = $4) and at_at >= $5 and at_at < $6 \
     order by seq desc limit $7";
/// Rows one reading gives at most.
const ROWS_MAX: i64 = 10_000;

/// Which rows of the chain are wanted; blank and none stand for all.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Rows before this one; none begins with the newest.
    pub before: Option<i64>,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On which object, whole.
    pub object: String,
    /// From this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// Rows of the chain that pass a filter, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn audit_rows(
    conn: &Conn,
    filter: &AuditFilter,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let values = [
        // Without a bound every number of a row lies before it.
        filter.before.unwrap_or(i64::MAX).into(),
        (&filter.actor).into(),
        (&filter.action).into(),
        (&filter.object).into(),
        filter.from.map_or(i64::MIN, |at| at.0).into(),
        filter.until.map_or(i64::MAX, |at| at.0).into(),
        limit.clamp(1, ROWS_MAX).into(),
    ];
    conn.query(LIST, &values, AuditRow::read)
}

impl Store {
    /// Rows of the audit chain that pass a filter, newest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn audit_list(
        &self,
        filter: &AuditFilter,
        limit: i64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|conn| audit_rows(conn, filter, limit))
    }
}
