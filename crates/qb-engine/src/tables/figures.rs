//! Figures from queries: an aggregate over the rows, in all and for every area that has rows.
//!
//! The second check of a figure is that its areas are its whole: every row lies in an area of the
//! pack, and counts and sums of the areas add up to the total.

use std::collections::BTreeMap;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Int64Array, RecordBatch,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Decimal128Type, Int64Type, SchemaRef};
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use qb_base::{AreaCode, AreaLevel, Text};
use qb_policy::{Pack, SqlFigure};

use super::Tables;
use crate::error::EngineError;
use crate::figures::Figure;
use crate::run::areas_above;
use crate::value::Exact;

/// The column that says where a row stands.
pub(super) const AREA: &str = "area_code";

/// A figure of a query or of a coverage.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct QueryFigure {
    /// The fact.
    pub id: String,
    /// The figure over all rows.
    pub total: Figure,
    /// The figure of every city, county, town and village that has rows; none where the rows do
    /// not say where they stand.
    pub areas: BTreeMap<AreaCode, Figure>,
}

/// Computes the groups of a `select` and what follows its table.
type Grouped<'a> = dyn Fn(&str, &str) -> Result<Vec<Group>, EngineError> + 'a;

/// One line of a grouped aggregate.
struct Group {
    area: Option<String>,
    figure: Figure,
}

impl Tables {
    /// Computes the figure of a fact.
    ///
    /// # Errors
    /// When the query fails on the rows, or areas do not add up to the total.
    pub(crate) fn figure(
        &self,
        pack: &Pack,
        fact: &str,
        of: &SqlFigure,
    ) -> Result<QueryFigure, EngineError> {
        let failed = |error: EngineError| EngineError::figure(fact, error.text());
        let refused = |fault| super::queries::refused(&format!("fact {fact}"), &of.query, fault);
        let (plan, _) = self.plan(&of.query).map_err(|fault| refused(*fault))?;
        let value = self.placeholders.fill(&of.value.text).map_err(refused)?;
        let (plan, has_area) = needed(plan, &value.text)?;
        let schema: SchemaRef = plan.schema().inner().clone();
        let rows = self.collect(plan).map_err(failed)?;
        self.with_rows(schema, rows, |table| {
            let groups = |select: &str, rest: &str| {
                let sql = format!(
                    "select {select}, count(*) as row_count, ({}\n) as value from {table} {rest}",
                    value.text
                );
                groups(&self.sql(&sql).map_err(failed)?)
            };
            let total = groups("cast(null as varchar) as area", "")?;
            let total = total.into_iter().next().map_or_else(Figure::none, |group| group.figure);
            let mut figure = QueryFigure { id: fact.to_owned(), total, areas: BTreeMap::new() };
            if has_area {
                let places = groups("area_code as area", "group by area_code")?;
                let places = placed(pack, fact, places)?;
                if self.additive(&value.text, table)? {
                    figure.areas = added(&places);
                    adds_up(&figure, &places)?;
                } else {
                    figure.areas = separately(&groups)?;
                }
            }
            Ok(figure)
        })
    }

    /// Whether the value of an area is the sum of the values of its parts: one count or sum.
    fn additive(&self, value: &str, table: &str) -> Result<bool, EngineError> {
        let sql = format!("select ({value}\n) as value from {table}");
        let state = self.context.state();
        let plan = self.engine.runtime().block_on(state.create_logical_plan(&sql))?;
        let LogicalPlan::Projection(projection) = &plan else { return Ok(false) };
        let LogicalPlan::Aggregate(aggregate) = &*projection.input else { return Ok(false) };
        let adds = match aggregate.aggr_expr.as_slice() {
            [Expr::AggregateFunction(call)] => {
                !call.params.distinct && ["count", "sum"].contains(&call.func.name())
            }
            _ => false,
        };
        Ok(adds && projection.expr.first().is_some_and(is_plain))
    }
}

/// Whether an expression is an aggregate as it is, or with zero where it is unknown.
fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Alias(alias) => is_plain(&alias.expr),
        Expr::Column(_) => true,
        Expr::ScalarFunction(call) if call.name() == "coalesce" => match call.args.as_slice() {
            [value, Expr::Literal(zero, _)] => is_plain(value) && zero.to_string() == "0",
            _ => false,
        },
        _ => false,
    }
}

/// The rows with the columns that the value names and the area, each under its bare name.
pub(super) fn needed(plan: LogicalPlan, value: &str) -> Result<(LogicalPlan, bool), EngineError> {
    let words: Vec<&str> = value.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let columns: Vec<Column> = plan.schema().columns();
    let has_area = columns.iter().any(|column| column.name == AREA);
    let wanted = |column: &&Column| column.name == AREA || words.contains(&column.name.as_str());
    let mut select: Vec<Expr> = columns
        .iter()
        .filter(wanted)
        .map(|column| Expr::Column(column.clone()).alias(column.name.clone()))
        .collect();
    if select.is_empty() {
        select.push(lit(true).alias("row_is_there"));
    }
    Ok((LogicalPlanBuilder::from(plan).project(select)?.build()?, has_area))
}

/// Reads `area`, `row_count`, `value`.
fn groups(batches: &[RecordBatch]) -> Result<Vec<Group>, EngineError> {
    let mut groups = Vec::new();
    for batch in batches {
        let [area, rows, value] = batch.columns() else {
            return Err(EngineError::internal("a figure has other columns than asked for"));
        };
        let areas = cast(area, &DataType::Utf8)?;
        let areas = areas.as_string::<i32>();
        let rows = rows.as_primitive::<Int64Type>();
        let value = exact(value)?;
        for row in 0..batch.num_rows() {
            groups.push(Group {
                area: areas.is_valid(row).then(|| areas.value(row).to_owned()),
                figure: Figure {
                    value: value.at(row),
                    rows: u64::try_from(rows.value(row))
                        .map_err(|_| EngineError::internal("a figure counts fewer than no rows"))?,
                    rows_unknown: 0,
                },
            });
        }
    }
    Ok(groups)
}

/// A column of exact numbers.
pub(super) enum Numbers {
    Whole(Int64Array),
    Decimal(Decimal128Array, u8),
    Unknown,
}

/// Reads whole numbers and decimals; the check of a pack has refused all others.
pub(super) fn exact(array: &ArrayRef) -> Result<Numbers, EngineError> {
    Ok(match array.data_type() {
        DataType::Null => Numbers::Unknown,
        kind if kind.is_integer() => {
            Numbers::Whole(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
        }
        DataType::Decimal128(_, scale) => {
            let scale = u8::try_from(*scale)
                .map_err(|_| EngineError::internal("a decimal has a negative scale"))?;
            Numbers::Decimal(array.as_primitive::<Decimal128Type>().clone(), scale)
        }
        _ => return Err(EngineError::internal("a figure is no exact number")),
    })
}

impl Numbers {
    pub(super) fn at(&self, row: usize) -> Option<Exact> {
        match self {
            Self::Whole(array) if array.is_valid(row) => {
                Some(Exact { unscaled: array.value(row).into(), scale: 0 })
            }
            Self::Decimal(array, scale) if array.is_valid(row) => {
                Some(Exact { unscaled: array.value(row), scale: *scale }.normalised())
            }
            _ => None,
        }
    }
}

/// The groups by area; an error when a row stands in no area of the pack.
fn placed(
    pack: &Pack,
    fact: &str,
    groups: Vec<Group>,
) -> Result<Vec<(AreaCode, Figure)>, EngineError> {
    let mut placed = Vec::with_capacity(groups.len());
    for group in groups {
        let text = group.area.as_deref().unwrap_or("null");
        match AreaCode::parse(text).ok().filter(|area| pack.area.contains(area)) {
            Some(area) => placed.push((area, group.figure)),
            None => {
                let rows = group.figure.rows;
                return Err(EngineError::figure(
                    fact,
                    Text::new(
                        format!(
                            "有{rows}行的 area_code 为“{text}”，不是本地区的区划代码，分地区之和将不等于总数；请在 query 中补上所属地区或筛去"
                        ),
                        format!(
                            "{rows} rows have the area_code “{text}”, which is no area of the pack, so areas would not add up to the total; give them their area in the query, or leave them out"
                        ),
                    ),
                ));
            }
        }
    }
    Ok(placed)
}

/// The figure of each area above the places, as the sum of its places.
fn added(places: &[(AreaCode, Figure)]) -> BTreeMap<AreaCode, Figure> {
    let mut areas: BTreeMap<AreaCode, Figure> = BTreeMap::new();
    for (place, figure) in places {
        for area in areas_above(place) {
            areas.entry(area).or_insert_with(Figure::none).add(figure);
        }
    }
    areas
}

/// Rows and value of all places together are those of the total.
fn adds_up(figure: &QueryFigure, places: &[(AreaCode, Figure)]) -> Result<(), EngineError> {
    let mut sum = Figure::none();
    places.iter().for_each(|(_, place)| sum.add(place));
    let zero = Exact { unscaled: 0, scale: 0 };
    let same = |a: Option<Exact>, b: Option<Exact>| a.unwrap_or(zero) == b.unwrap_or(zero);
    if sum.rows == figure.total.rows && same(sum.value, figure.total.value) {
        return Ok(());
    }
    let shown = |value: Option<Exact>| value.map_or_else(|| "?".to_owned(), |v| v.to_string());
    let (parts, whole) = (shown(sum.value), shown(figure.total.value));
    Err(EngineError::figure(
        &figure.id,
        Text::new(
            format!("分地区之和为{parts}，总数为{whole}，两者不等"),
            format!("its areas add up to {parts}, its total is {whole}"),
        ),
    ))
}

/// The figure of each area by itself, of every level in one query.
fn separately(groups: &Grouped<'_>) -> Result<BTreeMap<AreaCode, Figure>, EngineError> {
    let levels = [AreaLevel::City, AreaLevel::County, AreaLevel::Town, AreaLevel::Village];
    let digits = levels.map(|level| format!("({})", level.digits())).join(", ");
    let area = "substr(area_code, 1, digits_of_level)";
    let groups = groups(
        &format!("{area} as area"),
        &format!(
            "cross join (values {digits}) as area_level(digits_of_level) \
             where character_length(area_code) >= digits_of_level group by {area}"
        ),
    )?;
    let placed = groups.into_iter().filter_map(|group| {
        let area = AreaCode::parse(group.area.as_deref()?).ok()?;
        Some((area, group.figure))
    });
    Ok(placed.collect())
}
