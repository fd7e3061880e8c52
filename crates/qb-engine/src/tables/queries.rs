//! The queries of a pack checked without a snapshot: views, facts, coverages.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::LogicalPlan;
use qb_policy::{Coverage, Expression, Fact, Method, Pack, SqlFigure};

use super::constant::Reads;
use super::coverage::KEY;
use super::figures::{AREA, needed};
use super::{TableSchema, Tables, read};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::{ExprFault, FaultKind, Place, Span};
use crate::rules::RuleFault;

/// Checks every query of a pack over the published tables and those of later links.
///
/// # Errors
/// Only for faults of the engine; those of the pack are in the answer.
pub fn check_queries(
    engine: &Engine,
    pack: &Pack,
    more: &[TableSchema],
) -> Result<Vec<RuleFault>, EngineError> {
    let (tables, mut faults) = Tables::empty(engine, pack, more)?;
    for fact in &pack.facts {
        if let Some(figure) = fact.method.sql() {
            faults.extend(check_figure(&tables, fact, figure)?);
        }
    }
    for coverage in &pack.coverages {
        faults.extend(check_coverage(&tables, coverage)?);
    }
    Ok(faults)
}

/// Checks queries that later links keep in their own files, each with the name of its owner.
///
/// # Errors
/// Only for faults of the engine; those of the queries are in the answer.
pub fn check_sql(
    engine: &Engine,
    pack: &Pack,
    more: &[TableSchema],
    queries: &[(String, Expression)],
) -> Result<Vec<RuleFault>, EngineError> {
    let (tables, _) = Tables::empty(engine, pack, more)?;
    let faults = queries.iter().filter_map(|(owner, query)| {
        let fault = tables.plan(query).map(|(plan, _)| check_names(&plan));
        let fault = fault.unwrap_or_else(|fault| Some(*fault))?;
        Some(RuleFault::in_query(owner, query, fault))
    });
    Ok(faults.collect())
}

/// A query that cannot run, as an error.
pub(super) fn refused(owner: &str, query: &Expression, fault: ExprFault) -> EngineError {
    EngineError::Rules(vec![RuleFault::in_query(owner, query, fault)])
}

/// A view under a name that something else has.
pub(super) fn taken(name: &str) -> ExprFault {
    ExprFault::new(
        FaultKind::UnknownName,
        Span::default(),
        format!("“{name}”已是一张表的名字，视图要另取名字"),
        format!("`{name}` is the name of a table already; give the view another"),
    )
}

fn check_figure(
    tables: &Tables,
    fact: &Fact,
    figure: &SqlFigure,
) -> Result<Option<RuleFault>, EngineError> {
    let owner = format!("fact {}", fact.id);
    let in_query = |fault| Some(RuleFault::in_query(&owner, &figure.query, fault));
    let (plan, filled) = match tables.plan(&figure.query) {
        Ok(planned) => planned,
        Err(fault) => return Ok(in_query(*fault)),
    };
    if let Some(fault) = check_names(&plan).or_else(|| check_area(&plan)) {
        return Ok(in_query(fault));
    }
    if let Some(name) = tables.column_without_head(figure, &plan, &filled.text) {
        return Ok(in_query(headless(&name)));
    }
    let reads = Reads::of(&plan, &tables.of_pack())?;
    let constant = match &fact.method {
        Method::Pack(_) => reads.not_of_pack(),
        _ => reads.fault(),
    };
    if let Some(fault) = constant {
        return Ok(in_query(fault));
    }
    let unknown = figure.source_table.as_ref().filter(|name| !tables.names.contains(name));
    if let Some(name) = unknown {
        let fault = ExprFault::new(
            FaultKind::UnknownName,
            Span::default(),
            format!("source_table“{name}”不存在"),
            format!("there is no source_table `{name}`"),
        );
        return Ok(in_query(fault.suggest(name, tables.names.iter().map(String::as_str))));
    }
    let fault = check_value(tables, plan, &figure.value)?;
    Ok(fault.map(|fault| RuleFault::in_query(&owner, &figure.value, fault)))
}

/// A reader would see the name of a column instead of a head.
fn headless(name: &str) -> ExprFault {
    ExprFault::new(
        FaultKind::UnknownName,
        Span::default(),
        format!("查询的“{name}”列没有表头，请在labels中写明"),
        format!("nobody tells the head of the column `{name}`; write it into `labels`"),
    )
}

/// The value is one exact number over all rows.
fn check_value(
    tables: &Tables,
    plan: LogicalPlan,
    value: &Expression,
) -> Result<Option<ExprFault>, EngineError> {
    const SELECT: &str = "select ";
    let names = every_name(&plan);
    let (rows, _) = needed(plan, &names)?;
    let schema = rows.schema().inner().clone();
    let name = "rows_behind";
    tables.context.register_table(name, read::rows(schema, Vec::new())?)?;
    let text = format!("{SELECT}{} as value_of_figure from {name}", value.text);
    let mut names = tables.names.clone();
    names.push(name.to_owned());
    let checked = tables.plan_among(&Expression { text, at: value.at.clone() }, &names);
    tables.context.deregister_table(name)?;
    Ok(match checked {
        Ok((plan, _)) => number_fault(&plan),
        Err(mut fault) => {
            let before = SELECT.len();
            let back = |place: Place| match place.line {
                1 => Place { column: place.column.saturating_sub(before).max(1), ..place },
                _ => place,
            };
            fault.span = Span { start: back(fault.span.start), end: back(fault.span.end) };
            Some(*fault)
        }
    })
}

fn every_name(plan: &LogicalPlan) -> String {
    plan.schema().columns().iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(" ")
}

fn number_fault(plan: &LogicalPlan) -> Option<ExprFault> {
    let one_row = match plan {
        LogicalPlan::Projection(projection) => match &*projection.input {
            LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
            _ => false,
        },
        _ => false,
    };
    if !one_row {
        return Some(ExprFault::new(
            FaultKind::Level,
            Span::default(),
            "value 由汇总得出，请写 count(*)、sum(列) 等",
            "a figure is made of aggregates; write count(*), sum(column) and the like",
        ));
    }
    let kind = plan.schema().fields().first().map(|field| field.data_type().clone());
    let exact = kind.is_some_and(|kind| {
        kind.is_integer() || kind.is_null() || matches!(kind, DataType::Decimal128(..))
    });
    (!exact).then(|| {
        ExprFault::new(
            FaultKind::Type,
            Span::default(),
            "value 应是一个数",
            "the value of a figure is a number",
        )
    })
}

/// Every column has a name of its own, or the value could not name it.
fn check_names(plan: &LogicalPlan) -> Option<ExprFault> {
    let mut names: Vec<&str> = plan.schema().fields().iter().map(|f| f.name().as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })?;
    Some(ExprFault::new(
        FaultKind::UnknownName,
        Span::default(),
        format!("查询有两列都叫“{twice}”，请用 as 另取名字"),
        format!("two columns of the query are called `{twice}`; rename one with as"),
    ))
}

/// An area, where there is one, is text.
fn check_area(plan: &LogicalPlan) -> Option<ExprFault> {
    let fields = plan.schema().fields();
    let area = fields.iter().find(|field| field.name() == AREA)?;
    (!area.data_type().is_string()).then(|| {
        ExprFault::new(FaultKind::Type, Span::default(), "area_code 应是文本", "area_code is text")
    })
}

fn check_coverage(tables: &Tables, coverage: &Coverage) -> Result<Vec<RuleFault>, EngineError> {
    let owner = format!("coverage {}", coverage.id);
    let queries = [&coverage.set_query, &coverage.covered_query];
    let fault = |query: &Expression| match tables.plan(query) {
        Ok((plan, _)) => check_names(&plan).or_else(|| check_area(&plan)).or_else(|| keyed(&plan)),
        Err(fault) => Some(*fault),
    };
    let faults = queries.into_iter().filter_map(|query| Some((query, fault(query)?)));
    let mut faults: Vec<RuleFault> =
        faults.map(|(query, fault)| RuleFault::in_query(&owner, query, fault)).collect();
    if let (Ok((set, _)), Ok((covered, _))) =
        (tables.plan(&coverage.set_query), tables.plan(&coverage.covered_query))
    {
        let of_pack = tables.of_pack();
        let set = Reads::of(&set, &of_pack)?;
        let within = Reads::of(&covered, &of_pack)?.always_within(&set);
        let query = &coverage.covered_query;
        faults.extend(within.map(|fault| RuleFault::in_query(&owner, query, fault)));
    }
    Ok(faults)
}

fn keyed(plan: &LogicalPlan) -> Option<ExprFault> {
    let has = |name: &str| plan.schema().fields().iter().any(|field| field.name() == name);
    (!has(KEY) || !has(AREA)).then(|| {
        ExprFault::new(
            FaultKind::UnknownName,
            Span::default(),
            "覆盖的查询要给出 key 和 area_code 两列",
            "a query of a coverage gives the columns key and area_code",
        )
    })
}
