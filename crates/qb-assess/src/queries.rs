//! What may be read of frozen scores.

use std::collections::BTreeMap;

use qb_access::Scope;
use qb_base::AreaCode;
use qb_policy::{Decimal, Ratio};
use qb_store::{Conn, Row, StoreError};
use serde::Serialize;

use crate::model::{ItemScore, Object, ObjectScore, Scheme};

/// A frozen score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScoreRun {
    /// Its number.
    pub id: i64,
    /// The scheme.
    pub scheme: String,
    /// The year.
    pub year: i64,
    /// Digest of the snapshot it was computed from.
    pub snapshot: String,
    /// Digest of the pack.
    pub pack: String,
    /// Digest of the newest revision's values and results.
    pub digest: String,
    /// When it was frozen, in ms UTC.
    pub frozen_at: i64,
    /// The newest revision; each accepted appeal adds one.
    pub revision: i64,
    /// `frozen`, `confirmed` or `published`.
    pub state: String,
}

/// An appeal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppealRow {
    /// Its number.
    pub id: i64,
    /// The score.
    pub run: i64,
    /// Whose score.
    pub object: String,
    /// The indicator.
    pub item: String,
    /// Why.
    pub reason: String,
    /// `open`, `accepted` or `rejected`.
    pub state: String,
    /// When it came, in ms UTC.
    pub opened_at: i64,
    /// When it was answered, in ms UTC.
    pub decided_at: Option<i64>,
    /// The answer.
    pub answer: Option<String>,
    /// The value that took the place of the old one.
    pub raw_corrected: Option<String>,
}

/// What another appraisal takes over for one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedRow {
    /// The appraisal, as a code.
    pub appraisal: String,
    /// The object.
    pub object: String,
    /// The total here, of a hundred.
    #[serde(serialize_with = "crate::number::decimal_opt")]
    pub total: Option<Decimal>,
    /// The weight of the total there.
    #[serde(serialize_with = "crate::number::decimal_opt")]
    pub weight: Option<Decimal>,
    /// Points there: total × weight ÷ 100, to the scheme's step.
    #[serde(serialize_with = "crate::number::decimal_opt")]
    pub points: Option<Decimal>,
    /// The grade, which a veto may have limited.
    pub grade: Option<String>,
}

const RUN_COLUMNS: &str = "select id, scheme, policy_year, snapshot_digest, pack_digest, digest, \
     frozen_at, revision, state from score_run ";
const APPEAL_COLUMNS: &str = "select id, run_id, object, item, reason, state, opened_at, \
     decided_at, answer, raw_corrected from score_appeal ";

/// A score by its number.
///
/// # Errors
/// Whatever the store says.
pub fn run(conn: &Conn, id: i64) -> Result<Option<ScoreRun>, StoreError> {
    conn.query_opt(qb_store::Sql::join(&[RUN_COLUMNS, "where id = $1"]), &[id.into()], read_run)
}

/// The newest score of a scheme and year.
///
/// # Errors
/// Whatever the store says.
pub fn newest(conn: &Conn, scheme: &str, year: i16) -> Result<Option<ScoreRun>, StoreError> {
    let rest = "where scheme = $1 and policy_year = $2 order by id desc limit 1";
    let values = [scheme.into(), i64::from(year).into()];
    conn.query_opt(qb_store::Sql::join(&[RUN_COLUMNS, rest]), &values, read_run)
}

/// All scores, newest first.
///
/// # Errors
/// Whatever the store says.
pub fn runs(conn: &Conn, limit: i64) -> Result<Vec<ScoreRun>, StoreError> {
    let sql = qb_store::Sql::join(&[RUN_COLUMNS, "order by id desc limit $1"]);
    conn.query(sql, &[limit.into()], read_run)
}

/// The score sheets of a score's newest revision within the scope, by place.
///
/// # Errors
/// Whatever the store says.
pub fn sheets(conn: &Conn, scope: &Scope, run: &ScoreRun) -> Result<Vec<ObjectScore>, StoreError> {
    let sql = "select object, base, deduct, bonus, vetoes, total, grade, place, group_id, \
               group_place, incomplete from score_total where run_id = $1 and revision = $2 \
               order by place is null, place, object";
    let values = [run.id.into(), run.revision.into()];
    let mut sheets = conn.query(sql, &values, read_total)?;
    sheets.retain(|sheet| covers(scope, &sheet.object));
    let sql = "select object, item, raw, points, lost, left_out from score_item \
               where run_id = $1 and revision = $2 order by object, position";
    let items = conn.query(sql, &values, |row| Ok((row.text(0)?, read_item(row)?)))?;
    let mut by_object: BTreeMap<String, Vec<ItemScore>> = BTreeMap::new();
    for (object, item) in items {
        by_object.entry(object).or_default().push(item);
    }
    for sheet in &mut sheets {
        if let Some(items) = by_object.remove(&sheet.object) {
            sheet.items = items;
        }
    }
    Ok(sheets)
}

/// The appeals of a score within the scope, open ones first.
///
/// # Errors
/// Whatever the store says.
pub fn appeals(conn: &Conn, scope: &Scope, run: i64) -> Result<Vec<AppealRow>, StoreError> {
    let rest = "where run_id = $1 order by decided_at is not null, id";
    let sql = qb_store::Sql::join(&[APPEAL_COLUMNS, rest]);
    let mut appeals = conn.query(sql, &[run.into()], read_appeal)?;
    appeals.retain(|appeal| covers(scope, &appeal.object));
    Ok(appeals)
}

/// One appeal.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none.
pub fn appeal(conn: &Conn, id: i64) -> Result<AppealRow, StoreError> {
    let sql = qb_store::Sql::join(&[APPEAL_COLUMNS, "where id = $1"]);
    conn.query_one(sql, &[id.into()], read_appeal)
}

/// What the other appraisals take over, one row per appraisal and object.
pub fn feeds(scheme: &Scheme, sheets: &[ObjectScore]) -> Vec<FeedRow> {
    let row = |feed: &crate::model::Feed, sheet: &ObjectScore| {
        let hundred = Ratio::new(100, 1)?;
        let share = feed.weight.divide(hundred)?;
        let points = sheet.total.and_then(Ratio::of).and_then(|total| total.multiply(share));
        Some(FeedRow {
            appraisal: feed.appraisal.clone(),
            object: sheet.object.clone(),
            total: sheet.total,
            weight: crate::number::shown(feed.weight),
            points: points.and_then(|points| points.round_to(scheme.step)),
            grade: sheet.grade.clone(),
        })
    };
    let feeds = scheme.feeds.iter();
    feeds.flat_map(|feed| sheets.iter().filter_map(move |sheet| row(feed, sheet))).collect()
}

/// The values a score was computed from, as they stand after its newest revision.
pub(crate) fn inputs(conn: &Conn, run: &ScoreRun) -> Result<Vec<Object>, StoreError> {
    let sql = "select object, kind, name, numerator, denominator from score_input \
               where run_id = $1 and revision = $2 order by object, kind, name";
    let rows = conn.query(sql, &[run.id.into(), run.revision.into()], |row| {
        let part = |column| {
            let wrong = StoreError::Type { column, expected: "whole number" };
            row.text(column)?.parse::<i128>().map_err(|_| wrong)
        };
        let wrong = StoreError::Type { column: 4, expected: "fraction" };
        let value = Ratio::new(part(3)?, part(4)?).ok_or(wrong)?;
        Ok((row.text(0)?, row.text(1)?, row.text(2)?, value))
    })?;
    let mut objects: BTreeMap<String, Object> = BTreeMap::new();
    for (id, kind, name, value) in rows {
        let object = objects.entry(id.clone()).or_default();
        object.id = id;
        match kind.as_str() {
            "value" => drop(object.values.insert(name, value)),
            "count" => drop(object.counts.insert(name, value)),
            _ => drop(object.vetoes.insert(name)),
        }
    }
    Ok(objects.into_values().collect())
}

/// Whether an object may be seen; an example is no area and hides nothing.
fn covers(scope: &Scope, object: &str) -> bool {
    AreaCode::parse(object).map_or(true, |area| scope.covers(area))
}

fn read_run(row: &Row<'_>) -> Result<ScoreRun, StoreError> {
    Ok(ScoreRun {
        id: row.int(0)?,
        scheme: row.text(1)?,
        year: row.int(2)?,
        snapshot: row.text(3)?,
        pack: row.text(4)?,
        digest: row.text(5)?,
        frozen_at: row.int(6)?,
        revision: row.int(7)?,
        state: row.text(8)?,
    })
}

fn read_total(row: &Row<'_>) -> Result<ObjectScore, StoreError> {
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    let place = |place: Option<i64>| place.and_then(|place| u32::try_from(place).ok());
    Ok(ObjectScore {
        object: row.text(0)?,
        items: Vec::new(),
        base: decimal(row, 1)?,
        deduct: decimal(row, 2)?,
        bonus: decimal(row, 3)?,
        veto: words(row.text(4)?),
        total: decimal_opt(row, 5)?,
        grade: row.text_opt(6)?,
        rank: place(row.int_opt(7)?),
        group: row.text_opt(8)?,
        group_rank: place(row.int_opt(9)?),
        incomplete: words(row.text(10)?),
    })
}

fn read_item(row: &Row<'_>) -> Result<ItemScore, StoreError> {
    Ok(ItemScore {
        id: row.text(1)?,
        raw: decimal_opt(row, 2)?,
        points: decimal(row, 3)?,
        lost: decimal(row, 4)?,
        left_out: row.bool(5)?,
    })
}

fn read_appeal(row: &Row<'_>) -> Result<AppealRow, StoreError> {
    Ok(AppealRow {
        id: row.int(0)?,
        run: row.int(1)?,
        object: row.text(2)?,
        item: row.text(3)?,
        reason: row.text(4)?,
        state: row.text(5)?,
        opened_at: row.int(6)?,
        decided_at: row.int_opt(7)?,
        answer: row.text_opt(8)?,
        raw_corrected: row.text_opt(9)?,
    })
}

fn decimal(row: &Row<'_>, column: usize) -> Result<Decimal, StoreError> {
    decimal_opt(row, column)?.ok_or(StoreError::Type { column, expected: "decimal" })
}

fn decimal_opt(row: &Row<'_>, column: usize) -> Result<Option<Decimal>, StoreError> {
    let wrong = || StoreError::Type { column, expected: "decimal" };
    row.text_opt(column)?.map(|text| Decimal::parse(&text).ok_or_else(wrong)).transpose()
}
