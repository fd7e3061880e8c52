//! The check of a pack: every expression compiles, every case gives its answer in both evaluators.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use qb_base::{Date, Lang, Text};
use qb_policy::{Case, Clause, Expect, Given, GivenValue, Pack};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::expr::compile::Program;
use crate::frame::{Frame, arrow_schema};
use crate::output::ClauseColumn;
use crate::rules::{self, RuleFault, Rules};
use crate::tables::{TableSchema, check_queries};
use crate::value::{Exact, Value};
use crate::views::{ColumnType, Level, View};

/// What a check of a pack found.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct CheckReport {
    /// Number of clauses.
    pub clauses: usize,
    /// Cases that gave their answer in both evaluators.
    pub cases_passed: usize,
    /// Cases that did not.
    pub cases_failed: Vec<CaseFailure>,
    /// Expressions that do not compile, and cases that cannot be built.
    pub errors: Vec<CheckError>,
    /// What whoever keeps the pack should know though nothing is wrong.
    pub notes: Vec<Text>,
}

/// A case that gave another answer.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CaseFailure {
    /// The clause.
    pub clause: String,
    /// The case.
    pub case: String,
    /// The answer written in the pack.
    pub expected: String,
    /// The answer computed.
    pub got: String,
    /// Where the case stands.
    pub at: rules::SourcePlace,
}

/// A fault of the pack that is no wrong answer.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CheckError {
    /// What is wrong, with place and caret.
    pub message: Text,
    /// Where it stands.
    pub at: rules::SourcePlace,
}

impl CheckReport {
    /// Whether everything is as it should be.
    pub fn is_clean(&self) -> bool {
        self.cases_failed.is_empty() && self.errors.is_empty()
    }
}

pub(crate) fn check(
    engine: &Engine,
    pack: &Pack,
    tables: &[TableSchema],
) -> Result<CheckReport, EngineError> {
    let mut report = CheckReport { clauses: pack.clauses.len(), ..CheckReport::default() };
    let (_, faults) = Program::compile(&Rules::of_pack(pack, pack.cases_on));
    let mut faults = faults;
    for (on, cases) in by_day(pack) {
        let rules = Rules::of_pack(pack, on);
        let (program, more) = Program::compile(&rules);
        for fault in more {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
        run_cases(engine, &program, &cases, &mut report)?;
    }
    faults.extend(check_queries(engine, pack, tables)?);
    let mut errors: Vec<CheckError> = faults.iter().map(CheckError::from).collect();
    errors.append(&mut report.errors);
    report.errors = errors;
    Ok(report)
}

impl From<&RuleFault> for CheckError {
    fn from(fault: &RuleFault) -> Self {
        Self {
            message: Text::new(fault.render(Lang::Zh), fault.render(Lang::En)),
            at: fault.at.clone(),
        }
    }
}

type CaseOf<'p> = (&'p Clause, &'p Case);

/// Cases by the day they are judged on; a clause that does not hold on the pack's day is judged on
/// its first day.
fn by_day(pack: &Pack) -> BTreeMap<Date, Vec<CaseOf<'_>>> {
    let mut days: BTreeMap<Date, Vec<CaseOf<'_>>> = BTreeMap::new();
    for clause in &pack.clauses {
        let usual =
            if clause.holds_on(pack.cases_on) { pack.cases_on } else { clause.effective_from };
        for case in &clause.cases {
            days.entry(case.on.unwrap_or(usual)).or_default().push((clause, case));
        }
    }
    days
}

/// All cases of a day are one small city: each case is a village of its own with its household and
/// its members.
fn run_cases(
    engine: &Engine,
    program: &Program,
    cases: &[CaseOf<'_>],
    report: &mut CheckReport,
) -> Result<(), EngineError> {
    let mut city = City::default();
    let mut placed = Vec::new();
    for (clause, case) in cases {
        let Some(slot) = program.slot(&clause.id) else { continue };
        match city.add(clause, case) {
            Ok(row) => placed.push((slot, row, *clause, *case)),
            Err(message) => report.errors.push(CheckError { message, at: place(case) }),
        }
    }
    let frame = match city.frame() {
        Ok(frame) => frame,
        Err(error) => {
            let text = format!("{error}");
            report.errors.push(CheckError {
                message: Text::new(text.clone(), text),
                at: rules::SourcePlace::default(),
            });
            return Ok(());
        }
    };
    let results = [engine.setwise(program, &frame)?, engine.rowwise(program, &frame)?];
    for (slot, row, clause, case) in placed {
        let got: Vec<Value> = results
            .iter()
            .map(|columns| {
                columns.get(slot).map_or(Value::Unknown, |column: &ClauseColumn| column.value(row))
            })
            .collect();
        match got.iter().find(|value| !answers(case.expect, value)) {
            None => report.cases_passed += 1,
            Some(_) => report.cases_failed.push(CaseFailure {
                clause: clause.id.clone(),
                case: case.name.clone(),
                expected: expected(case.expect),
                got: shown(&got),
                at: place(case),
            }),
        }
    }
    Ok(())
}

fn place(case: &Case) -> rules::SourcePlace {
    rules::SourcePlace { file: case.at.file.clone(), line: case.at.line, column: case.at.column }
}

fn answers(expect: Expect, got: &Value) -> bool {
    match (expect, got) {
        (Expect::True, Value::Bool(truth)) => *truth,
        (Expect::False, Value::Bool(truth)) => !*truth,
        (Expect::Unknown, Value::Unknown) => true,
        (Expect::Number(wanted), Value::Number(number)) => {
            let Ok(scale) = u8::try_from(wanted.scale()) else { return false };
            number.round(scale).normalised()
                == Exact { unscaled: wanted.mantissa(), scale }.normalised()
        }
        _ => false,
    }
}

fn expected(expect: Expect) -> String {
    match expect {
        Expect::True => "true".to_owned(),
        Expect::False => "false".to_owned(),
        Expect::Unknown => "unknown".to_owned(),
        Expect::Number(number) => number.to_string(),
    }
}

fn shown(got: &[Value]) -> String {
    let word = |value: &Value| {
        if *value == Value::Unknown { "unknown".to_owned() } else { value.to_string() }
    };
    match got {
        [setwise, rowwise] if setwise != rowwise => {
            format!("set-wise {}, row-wise {}", word(setwise), word(rowwise))
        }
        [first, ..] => word(first),
        [] => String::new(),
    }
}

/// Rows of the cases, a list of given columns per row.
#[derive(Default)]
struct City {
    rows: [Vec<Vec<Given>>; 3],
}

/// First village code of the made-up city; cases are counted up from here.
const FIRST_VILLAGE: i64 = 990_000_000_000;

impl City {
    /// Adds the rows of a case; returns the row of its subject on the clause's level.
    fn add(&mut self, clause: &Clause, case: &Case) -> Result<usize, Text> {
        let level = rules::level(clause.level);
        let village = FIRST_VILLAGE + integer(self.rows[Level::Village.index()].len());
        let (village_row, homes): (Vec<Given>, Vec<Vec<Given>>) = match level {
            Level::Village => (case.given.clone(), case.members.clone()),
            Level::Household => (Vec::new(), vec![case.given.clone()]),
            Level::Person => (Vec::new(), vec![case.household.clone()]),
        };
        let persons = match level {
            Level::Person => vec![case.given.clone()],
            Level::Household => case.members.clone(),
            Level::Village => Vec::new(),
        };
        for (of, rows) in [
            (Level::Village, std::slice::from_ref(&village_row)),
            (Level::Household, &homes),
            (Level::Person, &persons),
        ] {
            rows.iter().try_for_each(|row| check_row(of.view(), row))?;
        }
        self.push(
            Level::Village,
            village_row,
            &[("area_code", GivenValue::Text(village.to_string()))],
        );
        for home in homes {
            let id = integer(self.rows[Level::Household.index()].len() + 1);
            let keys = [
                ("household_id", GivenValue::Integer(id)),
                ("area_code", GivenValue::Text(village.to_string())),
            ];
            self.push(Level::Household, home, &keys);
        }
        let home = integer(self.rows[Level::Household.index()].len());
        for person in persons {
            let id = integer(self.rows[Level::Person.index()].len() + 1);
            let keys = [
                ("person_id", GivenValue::Integer(id)),
                ("household_id", GivenValue::Integer(home)),
                ("area_code", GivenValue::Text(village.to_string())),
            ];
            self.push(Level::Person, person, &keys);
        }
        Ok(self.rows[level.index()].len().saturating_sub(1))
    }

    /// Keys are the city's own; a case that gives one is given the city's.
    fn push(&mut self, level: Level, mut row: Vec<Given>, keys: &[(&str, GivenValue)]) {
        row.retain(|given| keys.iter().all(|(key, _)| given.column != *key));
        row.extend(
            keys.iter()
                .map(|(key, value)| Given { column: (*key).to_owned(), value: value.clone() }),
        );
        self.rows[level.index()].push(row);
    }

    fn frame(&self) -> Result<Frame, EngineError> {
        let batch = |level: Level| batch(level.view(), &self.rows[level.index()]);
        Frame::from_batches(
            &[batch(Level::Person)?],
            &[batch(Level::Household)?],
            &[batch(Level::Village)?],
        )
    }
}

fn integer(number: usize) -> i64 {
    qb_base::count(number)
}

fn check_row(view: &View, row: &[Given]) -> Result<(), Text> {
    let mut seen = BTreeSet::new();
    for given in row {
        let name = given.column.as_str();
        let Some(column) = view.column(name) else {
            let near =
                crate::expr::fault::nearest(name, view.columns.iter().map(|column| column.name));
            let zh = format!("{}视图没有“{name}”列", view.name);
            let en = format!("the {} view has no column `{name}`", view.name);
            return Err(match near {
                None => Text::new(zh, en),
                Some(near) => Text::new(
                    format!("{zh}；是否想写“{near}”？"),
                    format!("{en}; did you mean `{near}`?"),
                ),
            });
        };
        let fits = match (&given.value, column.kind) {
            (GivenValue::Integer(_), ColumnType::Int { .. } | ColumnType::Id)
            | (GivenValue::Bool(_), ColumnType::Bool)
            | (GivenValue::Text(_), ColumnType::Text | ColumnType::Code(_)) => true,
            (GivenValue::Text(text), ColumnType::Date) => text.parse::<Date>().is_ok(),
            _ => false,
        };
        let within = match (&given.value, column.kind) {
            (GivenValue::Integer(value), ColumnType::Int { min, max }) => {
                *value >= min && *value <= max
            }
            _ => true,
        };
        if !fits || !within || !seen.insert(name) {
            return Err(Text::new(
                format!("案例中“{name}”的值类型不符、超出范围或写了两次"),
                format!(
                    "the value of `{name}` in the case has the wrong type, is out of bounds or stands twice"
                ),
            ));
        }
    }
    Ok(())
}

fn batch(view: &'static View, rows: &[Vec<Given>]) -> Result<RecordBatch, EngineError> {
    let arrays = view.columns.iter().map(|column| {
        let value = |row: &Vec<Given>| {
            row.iter().find(|given| given.column == column.name).map(|given| given.value.clone())
        };
        let array: ArrayRef = match column.kind {
            ColumnType::Bool => Arc::new(
                rows.iter()
                    .map(value)
                    .map(|v| if let Some(GivenValue::Bool(v)) = v { Some(v) } else { None })
                    .collect::<BooleanArray>(),
            ),
            ColumnType::Id | ColumnType::Int { .. } => Arc::new(
                rows.iter()
                    .map(value)
                    .map(|v| if let Some(GivenValue::Integer(v)) = v { Some(v) } else { None })
                    .collect::<Int64Array>(),
            ),
            ColumnType::Text | ColumnType::Code(_) => Arc::new(
                rows.iter()
                    .map(value)
                    .map(|v| if let Some(GivenValue::Text(v)) = v { Some(v) } else { None })
                    .collect::<StringArray>(),
            ),
            ColumnType::Date => Arc::new(rows.iter().map(value).map(day).collect::<Date32Array>()),
        };
        array
    });
    Ok(RecordBatch::try_new(arrow_schema(view), arrays.collect())?)
}

fn day(value: Option<GivenValue>) -> Option<i32> {
    match value {
        Some(GivenValue::Text(text)) => text.parse::<Date>().ok().map(crate::value::epoch_days),
        _ => None,
    }
}
