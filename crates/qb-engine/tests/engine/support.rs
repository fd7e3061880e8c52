//! Small cities and one engine for all tests.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use qb_engine::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use qb_engine::expr::Literal;
use qb_engine::views::{ColumnType, Level, View};
use qb_engine::{
    ClauseKind, ClauseSource, Engine, EngineOptions, FactSource, Frame, Program, RuleFault, Rules,
    RunResult, SourcePlace, Value, arrow_schema,
};

/// Windows of a few rows, so that even small cities are cut.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    Engine::new(EngineOptions {
        threads: 2,
        memory_bytes: 256 << 20,
        window_rows: 25,
        ..EngineOptions::default()
    })
    .unwrap()
});

/// A value of a made-up row; columns not given are unknown.
#[derive(Clone, Debug)]
pub(crate) enum V {
    I(i64),
    B(bool),
    T(&'static str),
    /// Days since 1970.
    D(i32),
}

pub(crate) type Given = Vec<(&'static str, V)>;

/// A household and its members.
pub(crate) type Home = (Given, Vec<Given>);

/// Villages of households of members.
#[derive(Clone, Debug, Default)]
pub(crate) struct City {
    pub(crate) villages: Vec<(Given, Vec<Home>)>,
}

impl City {
    /// One village with these households.
    pub(crate) fn of(homes: Vec<Home>) -> Self {
        Self { villages: vec![(vec![], homes)] }
    }

    /// One household without members per row.
    pub(crate) fn households(rows: Vec<Given>) -> Self {
        Self::of(rows.into_iter().map(|row| (row, vec![])).collect())
    }

    pub(crate) fn batches(&self) -> [RecordBatch; 3] {
        let (mut persons, mut homes, mut villages) = (vec![], vec![], vec![]);
        for (at, (village, of_village)) in self.villages.iter().enumerate() {
            let area: &'static str = Box::leak(format!("3203811{:05}", at + 1).into_boxed_str());
            villages.push(with(village, &[("area_code", V::T(area))]));
            for (home, members) in of_village {
                let id = V::I(i64::try_from(homes.len()).unwrap() + 1);
                homes.push(with(home, &[("area_code", V::T(area)), ("household_id", id.clone())]));
                for member in members {
                    let person = V::I(i64::try_from(persons.len()).unwrap() + 1);
                    persons.push(with(
                        member,
                        &[
                            ("area_code", V::T(area)),
                            ("household_id", id.clone()),
                            ("person_id", person),
                        ],
                    ));
                }
            }
        }
        [
            batch(Level::Person.view(), &persons),
            batch(Level::Household.view(), &homes),
            batch(Level::Village.view(), &villages),
        ]
    }

    pub(crate) fn frame(&self) -> Frame {
        let [persons, homes, villages] = self.batches();
        Frame::from_batches(&[persons], &[homes], &[villages]).unwrap()
    }
}

fn with(row: &Given, keys: &[(&'static str, V)]) -> Given {
    let mut row = row.clone();
    row.extend(keys.iter().cloned());
    row
}

pub(crate) fn batch(view: &'static View, rows: &[Given]) -> RecordBatch {
    let arrays = view.columns.iter().map(|column| {
        let cells = rows.iter().map(|row| {
            row.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value.clone())
        });
        let array: ArrayRef = match column.kind {
            ColumnType::Id | ColumnType::Int { .. } => Arc::new(
                cells
                    .map(|v| if let Some(V::I(v)) = v { Some(v) } else { None })
                    .collect::<Int64Array>(),
            ),
            ColumnType::Bool => Arc::new(
                cells
                    .map(|v| if let Some(V::B(v)) = v { Some(v) } else { None })
                    .collect::<BooleanArray>(),
            ),
            ColumnType::Text | ColumnType::Code(_) => Arc::new(
                cells
                    .map(|v| if let Some(V::T(v)) = v { Some(v) } else { None })
                    .collect::<StringArray>(),
            ),
            ColumnType::Date => Arc::new(
                cells
                    .map(|v| if let Some(V::D(v)) = v { Some(v) } else { None })
                    .collect::<Date32Array>(),
            ),
        };
        array
    });
    RecordBatch::try_new(arrow_schema(view), arrays.collect()).unwrap()
}

pub(crate) fn clause(id: &str, level: Level, kind: ClauseKind, expression: &str) -> ClauseSource {
    let at = SourcePlace { file: "targeting.toml".to_owned(), line: 10, column: 15 };
    ClauseSource { id: id.to_owned(), level, kind, expression: expression.to_owned(), at }
}

pub(crate) fn fact(id: &str, level: Level, filter: Option<&str>, value: &str) -> FactSource {
    let at = SourcePlace { file: "facts.toml".to_owned(), line: 1, column: 1 };
    FactSource {
        id: id.to_owned(),
        level,
        filter: filter.map(|filter| (filter.to_owned(), at.clone())),
        value: value.to_owned(),
        at,
    }
}

pub(crate) fn rules(clauses: Vec<ClauseSource>) -> Rules {
    let mut rules = Rules { clauses, ..Rules::default() };
    rules.params.insert("line.exit".to_owned(), Literal::Number { unscaled: 600_000, scale: 0 });
    rules.params.insert("share.one_off".to_owned(), Literal::Number { unscaled: 3, scale: 1 });
    rules.codes.insert(
        "health".to_owned(),
        ["HEALTHY", "CHRONIC", "SERIOUS"].map(str::to_owned).into_iter().collect::<BTreeSet<_>>(),
    );
    rules
}

/// Runs clauses over a city by both evaluators, which must agree.
pub(crate) fn run(city: &City, clauses: Vec<ClauseSource>) -> RunResult {
    ENGINE.evaluate_frame(city.frame(), &rules(clauses)).unwrap()
}

/// The results of one expression over a city, in row order, as text: `true`, `false`, `?`, a
/// number.
pub(crate) fn results(
    city: &City,
    level: Level,
    kind: ClauseKind,
    expression: &str,
) -> Vec<String> {
    let run = run(city, vec![clause("it", level, kind, expression)]);
    let column = run.column("it").unwrap();
    (0..column.len()).map(|row| column.value(row).to_string()).collect()
}

pub(crate) fn verdicts(city: &City, expression: &str) -> Vec<String> {
    results(city, Level::Household, ClauseKind::Verdict, expression)
}

pub(crate) fn values(city: &City, expression: &str) -> Vec<String> {
    results(city, Level::Household, ClauseKind::Value, expression)
}

/// The one fault of a household verdict.
pub(crate) fn fault(expression: &str) -> RuleFault {
    fault_of(Level::Household, ClauseKind::Verdict, expression)
}

pub(crate) fn fault_of(level: Level, kind: ClauseKind, expression: &str) -> RuleFault {
    let (_, mut faults) = Program::compile(&rules(vec![clause("it", level, kind, expression)]));
    assert_eq!(faults.len(), 1, "{expression} should have one fault");
    faults.remove(0)
}

pub(crate) fn shown(value: &Value) -> String {
    value.to_string()
}
