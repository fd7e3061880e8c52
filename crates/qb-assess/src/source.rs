//! Where the values of a scheme come from.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::AreaCode;
use qb_engine::{Tables, Value};
use qb_policy::{Area, Expression, Pack, Ratio};

use crate::error::AssessError;
use crate::model::{Object, ObjectScore, Scheme};

/// Rows a query of a scheme may give; no scheme has so many objects.
const ROWS_MAX: usize = 10_000;

/// Answers the queries of a scheme.
pub trait Source {
    /// The rows of one query.
    ///
    /// # Errors
    /// When the query cannot be answered.
    fn rows(&self, sql: &str) -> Result<Vec<SourceRow>, AssessError>;
}

/// A row of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// The object.
    pub area: AreaCode,
    /// The value, if it is known.
    pub value: Option<Ratio>,
    /// What the value is divided by, if the query has such a column; nothing known is zero.
    pub of: Option<Ratio>,
}

impl Source for Tables {
    fn rows(&self, sql: &str) -> Result<Vec<SourceRow>, AssessError> {
        let page = self.query(sql, ROWS_MAX)?;
        let fault = |message: &str| AssessError::Rows {
            item: sql.lines().find(|line| !line.trim().is_empty()).unwrap_or(sql).to_owned(),
            message: message.to_owned(),
        };
        if page.more {
            return Err(fault("more rows than a scheme has objects"));
        }
        let column = |name: &str| page.columns.iter().position(|column| column.name == name);
        let area = column("area_code").ok_or_else(|| fault("no column area_code"))?;
        let value = column("value").ok_or_else(|| fault("no column value"))?;
        let of = column("of");
        let rows = page.rows.iter().map(|row| {
            let Some(Value::Text(code)) = row.get(area) else { return Ok(None) };
            let area = AreaCode::parse(code).map_err(|_| fault("area_code holds no area code"))?;
            let number = |at: usize| row.get(at).and_then(ratio);
            Ok(Some(SourceRow {
                area,
                value: number(value),
                // Nothing known to divide by counts as zero, which leaves the item open.
                of: of.map(|at| number(at).unwrap_or(Ratio::ZERO)),
            }))
        });
        // A row without an area belongs to nobody who is assessed.
        rows.filter_map(Result::transpose).collect()
    }
}

fn ratio(value: &Value) -> Option<Ratio> {
    match value {
        Value::Number(exact) => {
            Ratio::new(exact.unscaled, 10_i128.checked_pow(u32::from(exact.scale))?)
        }
        _ => None,
    }
}

/// The objects of a scheme with their values: its own, or what its queries say of each area.
///
/// An area without a row has no value; so has one whose divisor is zero. An area without the base
/// of the scheme is left out whatever else is known of it.
///
/// # Errors
/// When a query cannot be answered, or gives one object two rows.
pub fn gather(
    pack: &Pack,
    scheme: &Scheme,
    source: &dyn Source,
) -> Result<Vec<Object>, AssessError> {
    if scheme.is_example() {
        return Ok(scheme.objects.clone());
    }
    let mut objects = objects(pack, scheme);
    if let Some(base) = &scheme.base {
        let counts = read("base", Some(&base.query), source)?.into_iter();
        let held = counts.filter(|(_, count)| count.is_some_and(|count| count > Ratio::ZERO));
        let held: BTreeSet<AreaCode> = held.map(|(area, _)| area).collect();
        objects.retain(|area, _| held.contains(area));
    }
    for item in &scheme.items {
        for (area, value) in read(&item.id, item.query.as_ref(), source)? {
            if let Some(object) = objects.get_mut(&area) {
                object.values.extend(value.map(|value| (item.id.clone(), value)));
            }
        }
    }
    for extra in scheme.deductions.iter().chain(&scheme.bonuses) {
        for (area, count) in read(&extra.id, extra.query.as_ref(), source)? {
            if let Some(object) = objects.get_mut(&area) {
                object.counts.extend(count.map(|count| (extra.id.clone(), count)));
            }
        }
    }
    for veto in &scheme.vetoes {
        for (area, count) in read(&veto.id, veto.query.as_ref(), source)? {
            let holds = count.is_some_and(|count| count > Ratio::ZERO);
            if let Some(object) = objects.get_mut(&area).filter(|_| holds) {
                object.vetoes.insert(veto.id.clone());
            }
        }
    }
    // An area about which nothing at all is known takes no part in the programme.
    Ok(objects.into_values().filter(|object| !object.values.is_empty()).collect())
}

/// The areas of the scheme's level that have no score: nothing there could be assessed.
pub fn not_assessed<'p>(pack: &'p Pack, scheme: &Scheme, scores: &[ObjectScore]) -> Vec<&'p Area> {
    if scheme.is_example() {
        return Vec::new();
    }
    let scored = |code: AreaCode| scores.iter().any(|score| score.object == code.as_str());
    let of_level = objects(pack, scheme);
    let areas = pack.areas.iter().filter(|area| of_level.contains_key(&area.code));
    areas.filter(|area| !scored(area.code)).collect()
}

/// The areas of the scheme's level in the pack's area.
fn objects(pack: &Pack, scheme: &Scheme) -> BTreeMap<AreaCode, Object> {
    let areas = pack.areas.iter().map(|area| area.code);
    let areas =
        areas.filter(|code| code.level() == scheme.object_level && pack.area.contains(code));
    areas.map(|code| (code, Object { id: code.to_string(), ..Object::default() })).collect()
}

fn read(
    item: &str,
    query: Option<&Expression>,
    source: &dyn Source,
) -> Result<Vec<(AreaCode, Option<Ratio>)>, AssessError> {
    let Some(query) = query else { return Ok(Vec::new()) };
    let mut seen = BTreeSet::new();
    let mut values = Vec::new();
    for row in source.rows(&query.text)? {
        if !seen.insert(row.area) {
            let message = format!("two rows for {}", row.area);
            return Err(AssessError::Rows { item: item.to_owned(), message });
        }
        let value = match (row.value, row.of) {
            (Some(value), Some(of)) => value.divide(of),
            (value, None) => value,
            (None, Some(_)) => None,
        };
        values.push((row.area, value));
    }
    Ok(values)
}
