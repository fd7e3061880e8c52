//! What pack SQL may be: one `select` over known tables, exact, and the same whenever it runs.

use std::ops::ControlFlow;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, SchemaError};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Volatility};
use datafusion::sql::parser::Statement as PlanStatement;
use datafusion::sql::sqlparser::ast::{
    Ident, ObjectName, ObjectNamePart, Query, Select, SetExpr, Spanned, Statement, TableFactor,
    Visit, Visitor,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::allowed::{self, NotAllowed, TEXT_CHARS_MAX};
use super::placeholders::place_of;
use crate::expr::parse::{span, syntax};
use crate::expr::{ExprFault, FaultKind, Place, Span};

/// Longest query that is read, in characters.
const CHARS_MAX: usize = 20_000;
/// Deepest nesting that is read.
const NESTING_MAX: usize = 60;

/// Aggregates whose result hangs on the order of rows or is a guess.
const UNSTEADY: [&str; 7] = [
    "first_value",
    "last_value",
    "nth_value",
    "array_agg",
    "string_agg",
    "approx_distinct",
    "approx_median",
];

/// Parses a query and refuses all that is not one reading `select`.
pub(super) fn parse(text: &str) -> Result<Statement, ExprFault> {
    if text.chars().count() > CHARS_MAX {
        return Err(ExprFault::new(
            FaultKind::Syntax,
            Span::default(),
            format!("查询超过{CHARS_MAX}个字符，请拆成几个视图"),
            format!("the query has more than {CHARS_MAX} characters; split it into views"),
        ));
    }
    let dialect = PostgreSqlDialect {};
    let statements = Parser::new(&dialect)
        .with_recursion_limit(NESTING_MAX)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| syntax(text, &error))?;
    let [statement] = statements.as_slice() else {
        let second = statements.get(1).map(|second| span(second.span()));
        return Err(refused(
            shown(second),
            "只能写一条 select 语句",
            "write exactly one select statement",
        ));
    };
    if !matches!(statement, Statement::Query(_)) {
        return Err(not_a_select(span(statement.span())));
    }
    match statement.visit(&mut Shape) {
        ControlFlow::Break(fault) => Err(*fault),
        ControlFlow::Continue(()) => Ok(statement.clone()),
    }
}

fn refused(span: Span, zh: impl Into<String>, en: impl Into<String>) -> ExprFault {
    ExprFault::new(FaultKind::Refused, span, zh, en)
}

fn not_a_select(span: Span) -> ExprFault {
    refused(
        span,
        "这里只能读数据：写一条 select 语句",
        "only reading is allowed here: write one select statement",
    )
}

/// Finds parts of a query that write, lock, or read something else than tables.
struct Shape;

impl Visitor for Shape {
    type Break = Box<ExprFault>;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        let writes = matches!(
            &*query.body,
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
        );
        if writes || !query.locks.is_empty() {
            return ControlFlow::Break(Box::new(not_a_select(span(query.span()))));
        }
        let recursive = query.with.as_ref().filter(|with| with.recursive);
        if let Some(with) = recursive {
            return ControlFlow::Break(Box::new(refused(
                span(with.span()),
                "不能写递归查询",
                "recursive queries are not allowed",
            )));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        if select.into.is_some() {
            return ControlFlow::Break(Box::new(not_a_select(span(select.span()))));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Self::Break> {
        let reads = match factor {
            TableFactor::Table { args, .. } => args.is_none(),
            TableFactor::Derived { .. } | TableFactor::NestedJoin { .. } => true,
            _ => false,
        };
        if reads {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(Box::new(refused(
            span(factor.span()),
            "from 里只能写表、视图或子查询",
            "only tables, views and subqueries may stand in from",
        )))
    }
}

/// Finds the first table that is not known; names of `with` are left out by the caller.
struct Relations<'a> {
    wanted: &'a str,
}

impl Visitor for Relations<'_> {
    type Break = Span;

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Self::Break> {
        let name = relation.0.iter().map(part).collect::<Vec<_>>().join(".");
        if name.eq_ignore_ascii_case(self.wanted) {
            return ControlFlow::Break(span(relation.span()));
        }
        ControlFlow::Continue(())
    }
}

fn part(part: &ObjectNamePart) -> String {
    match part {
        ObjectNamePart::Identifier(Ident { value, .. }) => value.clone(),
        other => other.to_string(),
    }
}

/// The tables a query names, in order of their names.
pub(super) fn tables(
    state: &SessionState,
    statement: &Statement,
) -> Result<Vec<String>, DataFusionError> {
    let statement = PlanStatement::Statement(Box::new(statement.clone()));
    let references = state.resolve_table_references(&statement)?;
    Ok(references.iter().map(ToString::to_string).collect())
}

/// Plans a query over the known tables and proves that it is exact and steady.
pub(super) async fn plan(
    state: &SessionState,
    text: &str,
    known: &[String],
) -> Result<LogicalPlan, ExprFault> {
    let statement = parse(text)?;
    let named = tables(state, &statement).map_err(|error| fault_of(text, &error))?;
    if let Some(unknown) = named.iter().find(|name| !known.contains(name)) {
        let found = match statement.visit(&mut Relations { wanted: unknown }) {
            ControlFlow::Break(span) => span,
            ControlFlow::Continue(()) => Span::default(),
        };
        let fault = ExprFault::new(
            FaultKind::UnknownName,
            found,
            format!("没有表或视图“{unknown}”；视图只能用写在它前面的视图"),
            format!(
                "there is no table or view `{unknown}`; a view may name only views above itself"
            ),
        );
        return Err(fault.suggest(unknown, known.iter().map(String::as_str)));
    }
    let statement = PlanStatement::Statement(Box::new(statement));
    let plan = state.statement_to_plan(statement).await.map_err(|e| fault_of(text, &e))?;
    examine(text, &plan)?;
    state.optimize(&plan).map_err(|error| fault_of(text, &error))?;
    Ok(plan)
}

/// Refuses plans and functions whose answer is not exact, or not the same every time.
fn examine(text: &str, plan: &LogicalPlan) -> Result<(), ExprFault> {
    let mut found = None;
    let walked = plan.apply_with_subqueries(|node| {
        found = found.take().or_else(|| examine_node(text, node));
        Ok(if found.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    match (found, walked) {
        (Some(fault), _) => Err(fault),
        (None, Err(error)) => Err(fault_of(text, &error)),
        (None, Ok(_)) => Ok(()),
    }
}

fn examine_node(text: &str, node: &LogicalPlan) -> Option<ExprFault> {
    let reads = !matches!(
        node,
        LogicalPlan::Dml(_)
            | LogicalPlan::Ddl(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::Statement(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
            | LogicalPlan::DescribeTable(_)
            | LogicalPlan::RecursiveQuery(_)
            | LogicalPlan::Extension(_)
    );
    if !reads {
        return Some(not_a_select(Span::default()));
    }
    let mut schema = DFSchema::empty();
    node.inputs().iter().for_each(|input| schema.merge(input.schema()));
    let expressions = node.expressions();
    let first = |examined: &dyn Fn(&Expr) -> Option<ExprFault>| {
        expressions.iter().find_map(|expression| last_fault(text, expression, examined))
    };
    first(&|part| unsteady(text, part))
        .or_else(|| first(&|part| float(text, part, &schema)))
        .or_else(|| first(&|part| not_allowed(text, part)))
}

/// The fault of the innermost part that has one.
fn last_fault(
    text: &str,
    expression: &Expr,
    examined: &dyn Fn(&Expr) -> Option<ExprFault>,
) -> Option<ExprFault> {
    let mut fault = None;
    let walked = expression.apply(|part| {
        fault = examined(part).or(fault.take());
        Ok(TreeNodeRecursion::Continue)
    });
    fault.or_else(|| walked.err().map(|error| fault_of(text, &error)))
}

/// A function whose answer hangs on the day, on chance, or on the order of rows.
fn unsteady(text: &str, part: &Expr) -> Option<ExprFault> {
    let (name, steady) = match part {
        Expr::ScalarFunction(call) => {
            (call.name(), call.func.signature().volatility == Volatility::Immutable)
        }
        Expr::AggregateFunction(call) => {
            let name = call.func.name();
            (name, !UNSTEADY.contains(&name) && !name.starts_with("approx_"))
        }
        _ => return None,
    };
    (!steady).then(|| {
        refused(
            word(text, name),
            format!("不能用 {name}：它的结果会随时间或行的次序变化"),
            format!("{name} is not allowed: its answer changes with time or the order of rows"),
        )
    })
}

/// A part that packs may not use.
fn not_allowed(text: &str, part: &Expr) -> Option<ExprFault> {
    Some(match allowed::examine(part)? {
        NotAllowed::Function(name) => refused(
            word(text, &name),
            format!("不能用 {name}：查询只能用 policy/README 里列出的函数，它们的开销有界"),
            format!(
                "{name} is not allowed: queries use the functions that policy/README lists, whose cost is bounded"
            ),
        ),
        NotAllowed::Operator(name) => refused(
            word(text, &name),
            format!("不能用 {name}；请用比较、in、like、四则运算"),
            format!("{name} is not allowed; use comparisons, in, like, arithmetic"),
        ),
        NotAllowed::LongText => refused(
            Span::default(),
            format!("查询里的文字超过{TEXT_CHARS_MAX}个字符"),
            format!("a text in the query has more than {TEXT_CHARS_MAX} characters"),
        ),
    })
}

fn float(text: &str, part: &Expr, schema: &DFSchema) -> Option<ExprFault> {
    let float = part.get_type(schema).is_ok_and(|kind| kind.is_floating());
    let name = match part {
        Expr::ScalarFunction(call) => call.name(),
        Expr::AggregateFunction(call) => call.func.name(),
        _ => "",
    };
    float.then(|| {
        let shown = part.human_display().to_string();
        refused(
            word(text, name),
            format!("“{shown}”是浮点数，不精确；请用整数或 decimal，例如 cast(x as decimal(20,6))"),
            format!(
                "`{shown}` is a float, which is not exact; use whole numbers or decimals, such as cast(x as decimal(20,6))"
            ),
        )
    })
}

/// Where the caret goes.
fn shown(place: Option<Span>) -> Span {
    // Without a place, as in a text without any statement, the message goes without a caret.
    place.unwrap_or_default()
}

/// Where a name stands in a query; the parser forgets the places of calls.
fn word(text: &str, name: &str) -> Span {
    let Some(at) = (!name.is_empty()).then(|| text.to_ascii_lowercase().find(name)).flatten()
    else {
        return Span::default();
    };
    let start = text[..at].chars().count();
    Span { start: place_of(text, start), end: place_of(text, start + name.chars().count()) }
}

/// A fault from what the query engine says, with its place where it knows one.
pub(super) fn fault_of(text: &str, error: &DataFusionError) -> ExprFault {
    let place = error.diagnostic().and_then(|diagnostic| diagnostic.span).map(|found| Span {
        start: Place::of(found.start.line, found.start.column),
        end: Place::of(found.end.line, found.end.column),
    });
    if let DataFusionError::SchemaError(schema, _) = error.find_root()
        && let SchemaError::FieldNotFound { field, valid_fields } = &**schema
    {
        let name = field.name();
        let place = place.unwrap_or_else(|| word(text, name));
        let fault = ExprFault::new(
            FaultKind::UnknownName,
            place,
            format!("这里没有“{name}”列"),
            format!("there is no column `{name}` here"),
        );
        let near: Vec<&str> = valid_fields.iter().map(|field| field.name()).collect();
        return fault.suggest(name, near);
    }
    let what = error.strip_backtrace();
    ExprFault::new(
        FaultKind::Type,
        shown(place),
        format!("查询不成立：{what}"),
        format!("the query does not hold: {what}"),
    )
}
