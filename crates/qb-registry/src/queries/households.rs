//! Lists of households: keyset pages within a scope.

use qb_access::{Reveal, Scope};
use qb_base::{AreaCode, fold};
use qb_store::{Conn, Row, Sql, StoreError, Value};

use crate::model::{HouseholdFilter, HouseholdLine, Keyset};

/// A household with two heads is one household: its line names the first.
const COLUMNS: &str = "\
select h.id, h.household_no, h.area_code, \
  (select p.name from person p where p.household_id = h.id and p.relation = 'HEAD' \
   order by p.id limit 1), h.member_count, h.household_class, h.cause_main, \
  h.exit_status, h.exit_year, coalesce(v.verdicts, '') ";
const TABLES: &str = "\
from household h \
left join verdict v on v.run_id = $1 and v.level = 'household' and v.area_code = h.area_code \
  and v.subject_id = h.id \
where h.area_code >= $2 and h.area_code < $3 and (h.area_code, h.id) > ($4, $5) \
and not exists (select 1 from household_life l where l.household_id = h.id \
and l.superseded_at is null and l.ended_on is not null) ";
const BY_VERDICT: &str = "and substr(v.verdicts, $6, 1) = $7 ";
const BY_SEARCH: &str = "and h.id in (\
select g.id from household g where g.household_no >= $6 and g.household_no < $7 \
union all select q.household_id from person q where q.name_key >= $8 and q.name_key < $9 \
union all select n.household_id from person q join membership_history n on n.person_id = q.id \
and n.superseded_at is null where q.name_key >= $8 and q.name_key < $9) ";
const BY_BOTH: &str = "and substr(v.verdicts, $6, 1) = $7 and h.id in (\
select g.id from household g where g.household_no >= $8 and g.household_no < $9 \
union all select q.household_id from person q where q.name_key >= $10 and q.name_key < $11 \
union all select n.household_id from person q join membership_history n on n.person_id = q.id \
and n.superseded_at is null where q.name_key >= $10 and q.name_key < $11) ";
const ORDER: &str = "order by h.area_code, h.id ";

/// Lines that one page may hold.
pub(super) const PAGE_MAX: i64 = 500;

/// One page of households of an area, after a keyset; `run` is the run whose verdicts are shown and
/// filtered by.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn households(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    run: i64,
    filter: &HouseholdFilter,
    after: &Keyset,
    limit: i64,
) -> Result<Vec<HouseholdLine>, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let sought = filter.search.as_deref().map(|search| Sought::new(&scope, search));
    let position = filter.verdict.map(|(position, _)| position as i64 + 1);
    let verdict = filter.verdict.map(|(_, verdict)| verdict.to_string());
    let mut values: Vec<Value<'_>> =
        vec![run.into(), (&low).into(), (&high).into(), (&after.area_code).into(), after.id.into()];
    if let (Some(position), Some(verdict)) = (position, verdict.as_ref()) {
        values.extend([Value::from(position), verdict.into()]);
    }
    if let Some(sought) = &sought {
        values.extend(sought.values());
    }
    values.push(limit.clamp(1, PAGE_MAX).into());
    let sql = Sql::join(&[COLUMNS, TABLES, condition(filter), ORDER, limit_at(values.len())]);
    conn.query(sql, &values, |row| line(&scope, row))
}

/// How many households of an area pass a filter.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn household_count(
    conn: &Conn,
    scope: &Scope,
    area: AreaCode,
    run: i64,
    filter: &HouseholdFilter,
) -> Result<i64, StoreError> {
    let scope = scope.within(area).ok_or(StoreError::NotFound)?;
    let (low, high) = scope.range();
    let sought = filter.search.as_deref().map(|search| Sought::new(&scope, search));
    let position = filter.verdict.map(|(position, _)| position as i64 + 1);
    let verdict = filter.verdict.map(|(_, verdict)| verdict.to_string());
    let mut values: Vec<Value<'_>> =
        vec![run.into(), (&low).into(), (&high).into(), "".into(), 0.into()];
    if let (Some(position), Some(verdict)) = (position, verdict.as_ref()) {
        values.extend([Value::from(position), verdict.into()]);
    }
    if let Some(sought) = &sought {
        values.extend(sought.values());
    }
    let sql = Sql::join(&["select count(*) ", TABLES, condition(filter)]);
    conn.query_one(sql, &values, |row| row.int(0))
}

/// Sorts after every text that begins with what stands before it, and after no other.
const AFTER_ALL: char = '\u{10ffff}';
/// Sorts before whatever could follow in a name.
const AFTER_NONE: char = '\u{1}';

/// Ranges of household numbers and folded names that begin with what is sought.
struct Sought {
    number: [String; 2],
    name: [String; 2],
}

impl Sought {
    /// Who reads names masked finds them whole only, or could find them out letter by letter.
    fn new(scope: &Scope, search: &str) -> Self {
        let key = fold::key(search);
        let is_open = scope.reveal() == Reveal::Full && !key.is_empty();
        let end = if is_open { AFTER_ALL } else { AFTER_NONE };
        Self {
            number: [search.to_owned(), format!("{search}{AFTER_ALL}")],
            name: [key.clone(), format!("{key}{end}")],
        }
    }

    fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.number.iter().chain(&self.name).map(Value::from)
    }
}

fn condition(filter: &HouseholdFilter) -> &'static str {
    match (filter.verdict.is_some(), filter.search.is_some()) {
        (false, false) => "",
        (true, false) => BY_VERDICT,
        (false, true) => BY_SEARCH,
        (true, true) => BY_BOTH,
    }
}

fn limit_at(position: usize) -> &'static str {
    match position {
        6 => "limit $6",
        8 => "limit $8",
        10 => "limit $10",
        _ => "limit $12",
    }
}

pub(super) fn line(scope: &Scope, row: &Row<'_>) -> Result<HouseholdLine, StoreError> {
    Ok(HouseholdLine {
        id: row.int(0)?,
        household_no: row.text(1)?,
        area_code: row.text(2)?,
        head_name: row.text_opt(3)?.map(|name| scope.name(&name)),
        member_count: row.int_opt(4)?,
        household_class: row.text_opt(5)?,
        cause_main: row.text_opt(6)?,
        exit_status: row.text_opt(7)?,
        exit_year: row.int_opt(8)?,
        verdicts: row.text(9)?,
    })
}
