//! Reads pledges, targets, terms of office and pairings from table `record`.

use std::collections::HashMap;

use qb_base::{AreaCode, AreaLevel, Date};
use qb_policy::Decimal;
use qb_store::{Conn, Known, StoreError};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cascade::Target;
use crate::proposal::Candidate;
use crate::rules::TargetRules;

const PLEDGE: &str = "pledge";
const TARGET: &str = "pledge_target";
const TERM: &str = "post_term";
const PAIRING: &str = "unit_pairing";

const WITHIN: &str = "select record_key, area_code, fields from record where dataset = $1 \
     and superseded_at is null and area_code >= $2 and area_code < $3 \
     order by area_code, record_key";
const KNOWN_WITHIN: &str = "select record_key, area_code, fields from record where dataset = $1 \
     and superseded_at is null and area_code >= $2 and area_code < $3 and recorded_at <= $4 \
     union all select record_key, area_code, fields from record where dataset = $1 \
     and superseded_at > $4 and area_code >= $2 and area_code < $3 and recorded_at <= $4 \
     order by area_code, record_key";

/// How a pledge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// Both sides signed.
    Signed,
    /// A side has not signed, and need not yet.
    Waiting,
    /// A side has not signed and the day has passed.
    Overdue,
    /// Signed, but the holder of the post has changed since.
    ToBeSignedAgain,
}

/// A pledge between two levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pledge {
    /// Its number.
    pub pledge_no: String,
    /// The year it is for.
    pub year: Option<i64>,
    /// The area of the lower side.
    pub area_code: String,
    /// The day the upper side signed.
    pub upper_signed_on: Option<Date>,
    /// The day the lower side signed.
    pub lower_signed_on: Option<Date>,
    /// The day by which both should have signed.
    pub due_on: Option<Date>,
}

impl Pledge {
    /// How it stands on a day, with the day on which the present holder took the post.
    pub fn signature(&self, on: Date, holder_since: Option<Date>) -> Signature {
        match (self.upper_signed_on, self.lower_signed_on) {
            (Some(_), Some(signed)) if holder_since.is_some_and(|since| since > signed) => {
                Signature::ToBeSignedAgain
            }
            (Some(_), Some(_)) => Signature::Signed,
            _ if self.due_on.is_some_and(|due| due < on) => Signature::Overdue,
            _ => Signature::Waiting,
        }
    }
}

/// A row without a column that its dataset requires cannot have been imported.
const INCOMPLETE: StoreError = StoreError::Broken("a row lacks a column that its dataset requires");

/// The columns of a row.
struct Fields(Map<String, Value>);

impl Fields {
    fn text(&self, column: &str) -> Option<&str> {
        self.0.get(column)?.as_str().filter(|text| !text.is_empty())
    }

    fn date(&self, column: &str) -> Option<Date> {
        self.text(column)?.parse().ok()
    }

    fn int(&self, column: &str) -> Option<i64> {
        self.0.get(column)?.as_i64()
    }

    /// A decimal × 10⁶; one too long for that is not known.
    fn micro(&self, column: &str) -> Option<i64> {
        let value = match self.0.get(column)? {
            Value::String(text) => Decimal::parse(text)?,
            number => Decimal::whole(number.as_i64()?),
        };
        value.shift(6)?.to_i64()
    }
}

/// Each current row of a dataset within bounds, in the order of area and key.
fn each(
    conn: &Conn,
    dataset: &str,
    within: (&str, &str),
    visit: impl FnMut(&str, &str, &Fields) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    each_known(conn, (dataset, Known::Everything), within, visit)
}

/// Each row of a dataset within bounds that is known, in the order of area and key.
fn each_known(
    conn: &Conn,
    (dataset, known): (&str, Known),
    (low, high): (&str, &str),
    mut visit: impl FnMut(&str, &str, &Fields) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut values = vec![dataset.into(), low.into(), high.into()];
    values.extend(known.instant().map(|at| qb_store::Value::Int(at.0)));
    let sql = if known == Known::Everything { WITHIN } else { KNOWN_WITHIN };
    conn.each(sql, &values, |row| {
        let fields = serde_json::from_str(&row.text(2)?);
        let fields = Fields(fields.map_err(|_| StoreError::Type { column: 2, expected: "JSON" })?);
        visit(&row.text(0)?, &row.text(1)?, &fields)
    })
}

/// Pledges whose lower side lies within bounds, as far as they are known.
pub(crate) fn pledges(
    conn: &Conn,
    within: (&str, &str),
    known: Known,
) -> Result<Vec<Pledge>, StoreError> {
    let mut found = Vec::new();
    each_known(conn, (PLEDGE, known), within, |key, area, fields| {
        found.push(Pledge {
            pledge_no: fields.text("pledge_no").unwrap_or(key).to_owned(),
            year: fields.int("year"),
            area_code: area.to_owned(),
            upper_signed_on: fields.date("upper_signed_on"),
            lower_signed_on: fields.date("lower_signed_on"),
            due_on: fields.date("due_on"),
        });
        Ok(())
    })?;
    Ok(found)
}

/// Targets of areas within bounds; one whose pledge is not listed counts for `year`.
pub(crate) fn targets(
    conn: &Conn,
    within: (&str, &str),
    (year, known): (i64, Known),
) -> Result<Vec<Target>, StoreError> {
    let mut years: HashMap<String, i64> = HashMap::new();
    for pledge in pledges(conn, within, known)? {
        years.extend(pledge.year.map(|year| (pledge.pledge_no, year)));
    }
    let mut found = Vec::new();
    each_known(conn, (TARGET, known), within, |_, area, fields| {
        let target = || {
            let pledge_no = fields.text("pledge_no")?.to_owned();
            Some(Target {
                year: years.get(&pledge_no).copied().unwrap_or(year),
                item: fields.text("item")?.to_owned(),
                area: AreaCode::parse(area).ok()?,
                unit: fields.text("unit")?.to_owned(),
                target_micro: fields.micro("target")?,
                pledge_no,
            })
        };
        found.push(target().ok_or(INCOMPLETE)?);
        Ok(())
    })?;
    Ok(found)
}

/// Since when the present holder has had the post that answers for each area.
pub(crate) fn owners(
    conn: &Conn,
    within: (&str, &str),
    rules: &TargetRules,
    on: Date,
) -> Result<HashMap<String, Date>, StoreError> {
    let mut found: HashMap<String, Date> = HashMap::new();
    each(conn, TERM, within, |_, area, fields| {
        let answers = fields.text("post").is_some_and(|p| rules.owner.posts.iter().any(|o| o == p));
        let ended = fields.date("to_on").is_some_and(|to| to <= on);
        if let Some(from) = fields.date("from_on").filter(|from| answers && !ended && *from <= on) {
            let since = found.entry(area.to_owned()).or_insert(from);
            *since = (*since).max(from);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Which villages have a unit on a day, and the units with their loads.
///
/// Loads count everywhere; a unit that has no village any more is still one that may be asked.
pub(crate) fn paired(
    conn: &Conn,
    on: Date,
) -> Result<(std::collections::HashSet<String>, Vec<Candidate>), StoreError> {
    let mut villages = std::collections::HashSet::new();
    let mut units: std::collections::BTreeMap<String, Candidate> =
        std::collections::BTreeMap::new();
    each(conn, PAIRING, ("", ":"), |_, area, fields| {
        let own = fields.text("unit_no").zip(fields.text("unit")).zip(fields.text("level"));
        let ((unit_no, name), level) = own.ok_or(INCOMPLETE)?;
        let unit = units.entry(unit_no.to_owned()).or_insert_with(|| Candidate {
            unit_no: unit_no.to_owned(),
            unit: name.to_owned(),
            level: level.to_owned(),
            county: AreaCode::parse(area).ok().and_then(|area| area.at(AreaLevel::County)),
            villages: 0,
        });
        let began = fields.date("from_on").is_none_or(|from| from <= on);
        if began && fields.date("to_on").is_none_or(|to| to > on) {
            unit.villages += 1;
            villages.insert(area.to_owned());
        }
        Ok(())
    })?;
    Ok((villages, units.into_values().collect()))
}
