//! Gathering the evidence: figures of the newest run, outside statistics of its snapshot.
//!
//! Everything comes from one run and its snapshot, so a report can be made again from them and says
//! the same.

use std::collections::BTreeMap;

use qb_access::Scope;
use qb_base::{AreaCode, AreaLevel, Date, Digest, Timestamp, env};
use qb_engine::Snapshot;
use qb_engine::arrow::array::{Array, Int64Array, RecordBatch, StringArray};
use qb_engine::views;
use qb_policy::{Decimal, Fact, Method, Pack};
use qb_store::{Conn, Store, StoreError};
use qb_targeting::model::{FigureOutcome, Run};
use qb_targeting::queries;

use crate::error::ReportError;
use crate::evidence::{Evidence, ReferenceValue, SYNTHETIC_MARK};
use crate::model::Provenance;

/// Digits after the point that outside values are stored with.
const MICRO_DIGITS: u32 = 6;

/// The list of documents.
const DOCUMENTS: &str = "policy_document";
/// A document whose number has the sign that the generator gives; no office has such a one.
const MADE_DOCUMENT: &str =
    "select document_no from policy_document where document_no like '%示发〔%'";

/// What a report is made from.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Values of the facts.
    pub evidence: Evidence,
    /// What they come from; the end of the audit chain is added when the report is written.
    pub provenance: Provenance,
}

/// Reads what a run and its snapshot say about the pack's facts.
///
/// # Errors
/// When store or snapshot cannot be read.
pub fn gather(store: &Store, pack: &Pack, run: Option<&Run>) -> Result<Gathered, ReportError> {
    let evidence = match run {
        None => Evidence::default(),
        Some(run) => {
            let mut evidence = store.read(|conn| computed(conn, run.id, pack))?;
            let as_of = run.day()?;
            evidence.as_of = Some(as_of);
            evidence.known_on = Some(known_on(store, run)?);
            evidence.reference = reference(&snapshot(store, run)?, pack, as_of)?;
            let mut sources = evidence.reference.values().map(|value| value.source.as_str());
            evidence.is_synthetic = sources.any(|source| source.contains(SYNTHETIC_MARK))
                || documents_are_made(store, pack, run)?;
            evidence
        }
    };
    let provenance = Provenance {
        pack: pack.id.clone(),
        pack_digest: pack.digest(),
        snapshot: run.and_then(|run| Digest::parse(&run.snapshot)),
        run: run.map(|run| run.id.to_string()),
        known_at: run.and_then(|run| run.known_at).map(Timestamp),
        is_synthetic: evidence.is_synthetic,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        audit_head: None,
        audit_entries: 0,
        made_at: env::now(),
    };
    Ok(Gathered { evidence, provenance })
}

/// The office's day of the last import that a run has seen: up to the instant until which it knows.
fn known_on(store: &Store, run: &Run) -> Result<Date, ReportError> {
    let until = match run.known_at {
        Some(known) => known,
        None => run.started_at,
    };
    let at = match store.read(|conn| queries::imported_before(conn, until))? {
        Some(at) => at,
        // What a run without any import says is of its own day.
        None => until,
    };
    Ok(store.office_day_at(Timestamp(at))?)
}

/// The snapshot of a run.
pub(crate) fn snapshot(store: &Store, run: &Run) -> Result<Snapshot, ReportError> {
    Ok(Snapshot::open(&store.place().dir.snapshots().join(&run.snapshot))?)
}

/// Whether a list of documents holds the number that the generator gives: a made city without
/// outside values is a made city, too.
fn documents_are_made(store: &Store, pack: &Pack, run: &Run) -> Result<bool, ReportError> {
    // A pack without such a list says nothing of it.
    if pack.dataset(DOCUMENTS).is_none() {
        return Ok(false);
    }
    let found = crate::query_rows::open(store, pack, run)?.query(MADE_DOCUMENT, 1)?;
    Ok(!found.rows.is_empty())
}

fn computed(conn: &Conn, run: i64, pack: &Pack) -> Result<Evidence, StoreError> {
    let outcomes = queries::figures(conn, run)?;
    let mut evidence = Evidence {
        computed: values(pack, &outcomes),
        missing: missing(pack, &outcomes),
        ..Evidence::default()
    };
    for county in pack.areas.iter().filter(|area| area.level == AreaLevel::County) {
        let here = queries::figures_of_area(conn, &Scope::system(), run, county.code)?;
        let here = values(pack, &here);
        if !here.is_empty() {
            evidence.by_county.insert(county.code, here);
        }
    }
    Ok(evidence)
}

fn values(pack: &Pack, outcomes: &[FigureOutcome]) -> BTreeMap<String, Decimal> {
    let value = |outcome: &FigureOutcome| {
        let (unscaled, scale) = outcome.value?;
        let fact = pack.fact(&outcome.fact)?;
        Some((fact.id.clone(), in_unit(fact, unscaled, u32::from(scale))?))
    };
    outcomes.iter().filter_map(value).collect()
}

/// The rows behind a coverage are the members that it misses.
fn missing(pack: &Pack, outcomes: &[FigureOutcome]) -> BTreeMap<String, u64> {
    let of_coverage = |outcome: &&FigureOutcome| {
        let fact = pack.fact(&outcome.fact);
        fact.is_some_and(|fact| matches!(fact.method, Method::Coverage(_)))
    };
    let rows =
        |outcome: &FigureOutcome| Some((outcome.fact.clone(), outcome.rows.try_into().ok()?));
    outcomes.iter().filter(of_coverage).filter_map(rows).collect()
}

/// The value in the fact's unit: the engine counts money in fen, the fact says with which factor it
/// is published.
///
/// `None` for a fact that is not computed from rows, or beyond 128 bits.
pub fn in_unit(fact: &Fact, unscaled: i128, scale: u32) -> Option<Decimal> {
    let factor = match &fact.method {
        Method::Rows(query) => query.factor.unwrap_or(Decimal::whole(1)),
        Method::Sql(figure) | Method::Pack(figure) => figure.factor.unwrap_or(Decimal::whole(1)),
        Method::Coverage(_) => Decimal::whole(1),
        _ => return None,
    };
    let product = unscaled.checked_mul(factor.mantissa())?;
    shortened(product, scale + factor.scale())
}

/// A decimal of at most the digits a pack may write, rounded half away from zero beyond them.
fn shortened(unscaled: i128, scale: u32) -> Option<Decimal> {
    let most = qb_policy::decimal::SCALE_MAX;
    if scale <= most {
        return Decimal::new(unscaled, scale);
    }
    let step = 10_i128.checked_pow(scale - most)?;
    let half = step / 2 * unscaled.signum();
    Decimal::new(unscaled.checked_add(half)? / step, most)
}

/// The outside values of the pack's area or an area above it, by the id under which they are filed.
///
/// Of several years that of the day or the newest before it counts.
fn reference(
    snapshot: &Snapshot,
    pack: &Pack,
    as_of: Date,
) -> Result<BTreeMap<String, ReferenceValue>, ReportError> {
    let mut found: BTreeMap<String, (Option<i64>, ReferenceValue)> = BTreeMap::new();
    for batch in snapshot.read(&views::REFERENCE)? {
        for row in 0..batch.num_rows() {
            let Some((id, year, value)) = reference_row(&batch, row, (pack, as_of)) else {
                continue;
            };
            let newer = found.get(&id).is_none_or(|(known, _)| *known < year);
            if newer {
                found.insert(id, (year, value));
            }
        }
    }
    Ok(found.into_iter().map(|(id, (_, value))| (id, value)).collect())
}

fn reference_row(
    batch: &RecordBatch,
    row: usize,
    (pack, as_of): (&Pack, Date),
) -> Option<(String, Option<i64>, ReferenceValue)> {
    let text = |name: &str| {
        let column = batch.column_by_name(name)?.as_any().downcast_ref::<StringArray>()?;
        column.is_valid(row).then(|| column.value(row))
    };
    let number = |name: &str| {
        let column = batch.column_by_name(name)?.as_any().downcast_ref::<Int64Array>()?;
        column.is_valid(row).then(|| column.value(row))
    };
    // A value without a year counts for less than one with any.
    let year = number("year");
    let area = text("area_code").and_then(|code| AreaCode::parse(code).ok());
    let about_us = area.is_none_or(|area| area.contains(&pack.area));
    if !about_us || year.is_some_and(|year| year > i64::from(as_of.year())) {
        return None;
    }
    let value = Decimal::new(i128::from(number("value_micro")?), MICRO_DIGITS)?;
    let source = text("source")?.to_owned();
    Some((text("fact_id")?.to_owned(), year, ReferenceValue { value, source }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{decimal, pack};

    #[test]
    fn money_counted_in_fen_is_said_in_the_facts_unit() {
        let mut fact = pack().fact("V15").unwrap().clone();
        if let Method::Rows(query) = &mut fact.method {
            query.factor = Some(decimal("0.01"));
        }
        assert_eq!(in_unit(&fact, 18_000_005, 0), Some(decimal("180000.05")));
        assert_eq!(in_unit(pack().fact("P14").unwrap(), 1, 0), None);
    }

    #[test]
    fn long_quotients_are_shortened_half_away_from_zero() {
        assert_eq!(shortened(15, 13), Decimal::new(2, 12));
        assert_eq!(shortened(-15, 13), Decimal::new(-2, 12));
        assert_eq!(shortened(14, 13), Decimal::new(1, 12));
    }
}
