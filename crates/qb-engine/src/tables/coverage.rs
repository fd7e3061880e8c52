//! Coverage: a set, the part of it that something reaches, and who is missing.

use std::collections::BTreeMap;

use qb_base::{AreaCode, Text};
use qb_policy::{Coverage, CoverageFigure, CoverageValue, Expression, Pack};

use super::figures::{AREA, QueryFigure};
use super::pages::{self, Page, RowPage};
use super::{TableSchema, TableType, Tables};
use crate::error::EngineError;
use crate::figures::Figure;
use crate::run::areas_above;
use crate::value::{Exact, Value};

/// The column that names a member of the set.
pub(super) const KEY: &str = "key";
/// A share is told in percent.
const PERCENT: i128 = 100;
/// Digits after the point of a share.
const SHARE_SCALE: u8 = 8;

/// How many of a set are not covered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CoverageResult {
    /// The coverage.
    pub id: String,
    /// All of the set.
    pub count: CoverageCount,
    /// Of every city, county, town and village that has members of the set.
    pub areas: BTreeMap<AreaCode, CoverageCount>,
    /// The members that are not covered, in order, where the pack makes leads of them.
    pub leads: Vec<String>,
}

/// Members of a set and those that are not covered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CoverageCount {
    /// Members.
    pub total: u64,
    /// Members that are not covered.
    pub missing: u64,
}

impl Tables {
    /// Counts a coverage.
    ///
    /// # Errors
    /// When a query fails, or members stand in no area of the pack.
    pub(crate) fn coverage(
        &self,
        pack: &Pack,
        of: &Coverage,
    ) -> Result<CoverageResult, EngineError> {
        let failed = |error: EngineError| EngineError::figure(&of.id, error.text());
        let members = self.members(of)?;
        let sql = format!(
            "select area_code, count(*) as total, count(*) filter (where not is_covered) as missing \
             from ({members}) as members group by area_code order by area_code"
        );
        let counts = self.sql(&sql).and_then(|batches| pages::values(&batches)).map_err(failed)?;
        let mut result = CoverageResult {
            id: of.id.clone(),
            count: CoverageCount::default(),
            areas: BTreeMap::new(),
            leads: self.leads(of, &members).map_err(failed)?,
        };
        for line in &counts {
            let [area, total, missing] = line.as_slice() else { continue };
            let here = CoverageCount { total: whole(total)?, missing: whole(missing)? };
            let place = AreaCode::parse(&area.to_string()).ok();
            let Some(place) = place.filter(|place| pack.area.contains(place)) else {
                return Err(nowhere(&of.id, area, here.total));
            };
            result.count.add(here);
            for area in areas_above(&place) {
                result.areas.entry(area).or_default().add(here);
            }
        }
        Ok(result)
    }

    /// Those missing of a coverage that opens cases.
    fn leads(&self, of: &Coverage, members: &str) -> Result<Vec<String>, EngineError> {
        if of.opens.is_none() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "select member from ({members}) as members where not is_covered order by member"
        );
        let rows = pages::values(&self.sql(&sql)?)?;
        Ok(rows.iter().filter_map(|row| row.first()).map(Value::to_string).collect())
    }

    /// Members of the set that are not covered, in an area.
    ///
    /// # Errors
    /// When a query fails.
    pub fn missing(
        &self,
        of: &Coverage,
        area: &AreaCode,
        page: &Page,
    ) -> Result<RowPage, EngineError> {
        let (low, high) = area.range();
        let members = self.members(of)?;
        let sql = format!(
            "select member as key, area_code from ({members}) as members where not is_covered \
             and area_code >= '{low}' and area_code < '{high}' order by area_code, member"
        );
        let state = self.context.state();
        let plan = self.engine.runtime().block_on(state.create_logical_plan(&sql))?;
        let heads = TableSchema::new(&of.id).with(KEY, TableType::Text, of.set.clone()).with(
            AREA,
            TableType::Text,
            Text::fixed("地区", "area"),
        );
        pages::page(self, plan, page, &[&heads])
    }

    /// One row per member of the set: where it stands, and whether it is covered.
    fn members(&self, of: &Coverage) -> Result<String, EngineError> {
        let filled = |query: &Expression| {
            let (_, filled) = self.plan(query).map_err(|fault| {
                super::queries::refused(&format!("coverage {}", of.id), query, *fault)
            })?;
            Ok::<_, EngineError>(filled.text)
        };
        let (set, covered) = (filled(&of.set_query)?, filled(&of.covered_query)?);
        Ok(format!(
            "select s.member, s.area_code, c.member is not null as is_covered from \
             (select cast(key as varchar) as member, min(area_code) as area_code \
             from ({set}\n) as set_rows where key is not null group by cast(key as varchar)) as s \
             left join (select distinct cast(key as varchar) as member \
             from ({covered}\n) as covered_rows where key is not null) as c \
             on c.member = s.member"
        ))
    }
}

/// A count as the query engine gives it.
fn whole(value: &Value) -> Result<u64, EngineError> {
    let wrong = || EngineError::internal("a coverage counts with something other than a count");
    match value {
        Value::Number(number) => u64::try_from(number.unscaled).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

fn nowhere(coverage: &str, area: &Value, members: u64) -> EngineError {
    EngineError::figure(
        coverage,
        Text::new(
            format!(
                "集合中有{members}个成员的 area_code 为“{area}”，不是本地区的区划代码；请在 set_query 中补上所属地区或筛去"
            ),
            format!(
                "{members} members of the set have the area_code “{area}”, which is no area of the pack; give them their area in set_query, or leave them out"
            ),
        ),
    )
}

impl CoverageCount {
    fn add(&mut self, more: Self) {
        self.total += more.total;
        self.missing += more.missing;
    }

    /// One of its numbers, whose rows are the missing members; a share of nothing cannot be told.
    fn figure(self, value: CoverageValue) -> Figure {
        let total = i128::from(self.total);
        let value = match value {
            CoverageValue::Total => Some(Exact { unscaled: total, scale: 0 }),
            CoverageValue::Missing => Some(Exact { unscaled: self.missing.into(), scale: 0 }),
            CoverageValue::CoveredPercent => {
                let covered = i128::from(self.total - self.missing.min(self.total));
                let scaled = covered * PERCENT * 10_i128.pow(u32::from(SHARE_SCALE));
                let share = scaled.checked_div(total);
                share.map(|unscaled| Exact { unscaled, scale: SHARE_SCALE }.normalised())
            }
        };
        Figure { value, rows: self.missing, rows_unknown: 0 }
    }
}

/// The figure of a fact that cites a coverage.
pub(crate) fn figure_of(
    fact: &str,
    of: &CoverageFigure,
    results: &[CoverageResult],
) -> Option<QueryFigure> {
    let result = results.iter().find(|result| result.id == of.coverage)?;
    let areas = result.areas.iter().map(|(area, count)| (*area, count.figure(of.value)));
    Some(QueryFigure {
        id: fact.to_owned(),
        total: result.count.figure(of.value),
        areas: areas.collect(),
    })
}
