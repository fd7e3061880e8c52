//! The explainer: one household, village or person, every clause, every leaf with its inputs and
//! its truth.

use std::ops::Range;

use qb_base::Text;

use crate::error::EngineError;
use crate::expr::compile::Program;
use crate::expr::tree::{Aggregate, Kind, Node, Type};
use crate::frame::Frame;
use crate::rowwise::{self, Cell, NOT_HERE, Outputs, Row};
use crate::value::{Exact, Value, date_of};
use crate::views::{Level, Unit};

/// Why a row got its results.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Explanation {
    /// The level of the row.
    pub level: Level,
    /// The row's id.
    pub subject: i64,
    /// Each clause of the level, in pack order.
    pub clauses: Vec<ClauseReason>,
}

/// Why one clause gave its result.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ClauseReason {
    /// The clause.
    pub id: String,
    /// The result: truth, number or unknown.
    pub result: Value,
    /// The expression as a tree of conditions.
    pub reason: Reason,
    /// Which data are missing where the result is unknown.
    pub missing: Vec<Missing>,
}

/// A node of the tree a page prints.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// How the children are joined; a leaf has none.
    pub join: Join,
    /// The author's text.
    pub text: String,
    /// The result of this part.
    pub result: Value,
    /// Parts joined by `join`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Reason>,
    /// What a leaf has read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
}

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Join {
    /// All must hold.
    And,
    /// One must hold.
    Or,
    /// The child must not hold.
    Not,
    /// A comparison, a column, a call: something with inputs.
    Leaf,
}

/// Something a leaf has read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Input {
    /// A column, the id of a clause, or the text of an aggregate.
    pub name: String,
    /// What pages call it; an aggregate and a clause go by their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// The unit of a column.
    pub unit: Unit,
    /// What was read.
    pub value: Value,
    /// For an aggregate, each row it ran over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberInput>,
}

/// One row an aggregate ran over.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MemberInput {
    /// The row's id.
    pub subject: i64,
    /// Whether the filter let it in.
    pub counted: Value,
    /// The value it brought; the filter's truth for `count(*)`.
    pub value: Value,
}

/// A datum that is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Missing {
    /// The level of the row that lacks it.
    pub level: Level,
    /// The row.
    pub subject: i64,
    /// The column.
    pub column: &'static str,
}

/// Explains every clause of a row's level.
pub(crate) fn explain(
    program: &Program,
    frame: &Frame,
    level: Level,
    row: usize,
) -> Result<Explanation, EngineError> {
    let windows = windows(frame, level, row);
    let outputs = rowwise::run_windows(program, frame, &windows, 1, true)?;
    let position = vec![NOT_HERE; program.columns.len()];
    let at = rowwise::current(frame, level, row);
    let here = Row { frame, outputs: &outputs, at, fresh: &[], position: &position };
    let mut clauses = Vec::new();
    for (slot, column) in program
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.published && column.level == level)
    {
        let explainer = Explainer { program, outputs: &outputs, source: &column.source };
        let reason = explainer.reason(&here, &column.root);
        let result = result_of(&outputs, level, slot, row);
        let mut missing = Vec::new();
        if result == Value::Unknown {
            explainer.missing(&here, &column.root, &mut missing);
            missing.sort();
            missing.dedup();
        }
        clauses.push(ClauseReason { id: column.id.clone(), result, reason, missing });
    }
    let subject = frame.subject(level, row);
    let subject =
        subject.ok_or_else(|| EngineError::internal("a row that is explained has no id"))?;
    Ok(Explanation { level, subject, clauses })
}

/// All rows a row's clauses can reach.
fn windows(frame: &Frame, level: Level, row: usize) -> [Range<usize>; 3] {
    let members = |homes: &Range<usize>| {
        let first = frame.owned(Level::Household, homes.start);
        let last = frame.owned(Level::Household, homes.end.saturating_sub(1));
        if homes.is_empty() { 0..0 } else { first.start..last.end }
    };
    match level {
        Level::Person | Level::Household => {
            let home = if level == Level::Person { frame.household_of(row) } else { row };
            [members(&(home..home + 1)), home..home + 1, 0..0]
        }
        Level::Village => {
            let homes = frame.owned(Level::Village, row);
            [members(&homes), homes, row..row + 1]
        }
    }
}

fn result_of(outputs: &Outputs, level: Level, slot: usize, row: usize) -> Value {
    let column = outputs.columns.get(slot).and_then(Option::as_ref);
    column.map_or(Value::Unknown, |column| column.value(row - outputs.base[level.index()]))
}

struct Explainer<'a> {
    program: &'a Program,
    outputs: &'a Outputs,
    source: &'a str,
}

impl Explainer<'_> {
    fn reason<'a>(&self, here: &Row<'a>, node: &'a Node) -> Reason {
        let (join, children) = match &node.kind {
            Kind::And(parts) => (Join::And, parts.iter().collect()),
            Kind::Or(parts) => (Join::Or, parts.iter().collect()),
            Kind::Not(x) => (Join::Not, vec![x.as_ref()]),
            _ => (Join::Leaf, Vec::new()),
        };
        let children: Vec<Reason> =
            children.into_iter().map(|child| self.reason(here, child)).collect();
        let mut inputs = Vec::new();
        if join == Join::Leaf {
            self.inputs(here, node, &mut inputs);
        }
        Reason {
            join,
            text: node.span.snippet(self.source),
            result: shown(here.eval(node), node.ty),
            children,
            inputs,
        }
    }

    fn inputs<'a>(&self, here: &Row<'a>, node: &'a Node, inputs: &mut Vec<Input>) {
        let input = match &node.kind {
            Kind::Column { level, index } => {
                let Some(column) = level.view().columns.get(*index) else { return };
                Input {
                    name: column.name.to_owned(),
                    label: Some(column.label.clone()),
                    unit: column.unit,
                    value: shown(here.eval(node), node.ty),
                    members: Vec::new(),
                }
            }
            Kind::Clause { slot, .. } => {
                let Some(column) = self.program.columns.get(*slot) else { return };
                Input {
                    name: column.id.clone(),
                    label: None,
                    unit: Unit::None,
                    value: shown(here.eval(node), node.ty),
                    members: Vec::new(),
                }
            }
            Kind::Aggregate(aggregate) => Input {
                name: node.span.snippet(self.source),
                label: None,
                unit: Unit::None,
                value: shown(here.eval(node), node.ty),
                members: members(here, aggregate),
            },
            _ => {
                node.children().into_iter().for_each(|child| self.inputs(here, child, inputs));
                return;
            }
        };
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }

    /// Collects unknown columns below parts that are unknown; a part that is known lacks nothing.
    fn missing<'a>(&self, here: &Row<'a>, node: &'a Node, missing: &mut Vec<Missing>) {
        if here.eval(node) != Cell::Unknown {
            return;
        }
        match &node.kind {
            Kind::Column { level, index } => {
                let subject = here.frame.subject(*level, here.at[level.index()]);
                let column = level.view().columns.get(*index);
                missing.extend(subject.zip(column).map(|(subject, column)| Missing {
                    level: *level,
                    subject,
                    column: column.name,
                }));
            }
            Kind::Clause { level, slot } => self.missing_in_clause(here, *level, *slot, missing),
            Kind::Aggregate(aggregate) => {
                for inner in rows(here, aggregate) {
                    let counted = aggregate.filter.as_ref().map(|filter| inner.eval(filter));
                    if counted == Some(Cell::Bool(false)) {
                        continue;
                    }
                    for part in aggregate.filter.iter().chain(&aggregate.argument) {
                        self.missing(&inner, part, missing);
                    }
                }
            }
            _ => node.children().into_iter().for_each(|child| self.missing(here, child, missing)),
        }
    }

    /// The other clause's own columns are what is missing.
    fn missing_in_clause(
        &self,
        here: &Row<'_>,
        level: Level,
        slot: usize,
        missing: &mut Vec<Missing>,
    ) {
        let Some(column) = self.program.columns.get(slot) else { return };
        let at = rowwise::current(here.frame, level, here.at[level.index()]);
        let there = Row {
            frame: here.frame,
            outputs: self.outputs,
            at,
            fresh: &[],
            position: here.position,
        };
        Explainer { program: self.program, outputs: self.outputs, source: &column.source }.missing(
            &there,
            &column.root,
            missing,
        );
    }
}

fn rows<'a>(here: &Row<'a>, aggregate: &Aggregate) -> impl Iterator<Item = Row<'a>> {
    let (here, level) = (*here, aggregate.over);
    let owner = if level == Level::Person { Level::Household } else { Level::Village };
    here.frame.owned(owner, here.at[owner.index()]).map(move |row| {
        let mut inner = here;
        inner.at[level.index()] = row;
        inner
    })
}

fn members<'a>(here: &Row<'a>, aggregate: &'a Aggregate) -> Vec<MemberInput> {
    let member = |inner: Row<'a>| {
        let counted =
            aggregate.filter.as_ref().map_or(Cell::Bool(true), |filter| inner.eval(filter));
        let value = aggregate
            .argument
            .as_ref()
            .map_or(shown(counted, Type::Bool), |node| shown(inner.eval(node), node.ty));
        let subject = inner.frame.subjects(aggregate.over)[inner.at[aggregate.over.index()]];
        MemberInput { subject, counted: shown(counted, Type::Bool), value }
    };
    rows(here, aggregate).take(MEMBERS_SHOWN_MAX).map(member).collect()
}

/// A village may own thousands of households; the slip shows the first.
const MEMBERS_SHOWN_MAX: usize = 50;

fn shown(cell: Cell<'_>, ty: Type) -> Value {
    match (cell, ty) {
        (Cell::Unknown, _) => Value::Unknown,
        (Cell::Bool(truth), _) => Value::Bool(truth),
        (Cell::Number(unscaled), Type::Number(number)) => {
            Value::Number(Exact { unscaled, scale: number.scale }.normalised())
        }
        (Cell::Number(unscaled), _) => Value::Number(Exact { unscaled, scale: 0 }),
        (Cell::Text(text), _) => Value::Text(text.to_owned()),
        (Cell::Date(days), _) => date_of(days),
    }
}
