//! How many households and people live in each village, by exit status.

use qb_access::Scope;
use qb_store::{Conn, StoreError};

const TOTALS: &str = "\
select h.area_code, coalesce(h.exit_status, ''), count(*), \
  cast(sum(coalesce(m.people, 0)) as bigint) \
from household h \
left join (select household_id, count(*) as people from person \
  where household_id is not null group by household_id) m \
  on m.household_id = h.id \
where h.area_code >= $1 and h.area_code < $2 \
and not exists (select 1 from household_life l where l.household_id = h.id \
  and l.superseded_at is null and l.ended_on is not null) \
group by h.area_code, coalesce(h.exit_status, '')";

/// Households and people of one village with one exit status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VillageTotal {
    /// The village.
    pub area_code: String,
    /// Exit status, as a code; empty when not known.
    pub exit_status: String,
    /// Households.
    pub households: i64,
    /// People living in them.
    pub people: i64,
}

/// Totals of every village of the scope. Reads the whole register: callers keep the answer.
///
/// # Errors
/// Whatever the store says.
pub fn village_totals(conn: &Conn, scope: &Scope) -> Result<Vec<VillageTotal>, StoreError> {
    let (low, high) = scope.range();
    conn.query(TOTALS, &[(&low).into(), (&high).into()], |row| {
        Ok(VillageTotal {
            area_code: row.text(0)?,
            exit_status: row.text(1)?,
            households: row.int(2)?,
            people: row.int(3)?,
        })
    })
}
