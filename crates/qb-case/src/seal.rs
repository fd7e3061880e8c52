//! Whether cases still say what the audit chain says of them.
//!
//! Each step has its seal in the chain: its own where a person took it, one over all steps that a
//! command made of records or leads. Steps are only ever added, and the state of a case is where
//! its last step led, so neither can be changed below the program without showing here.

use std::collections::HashMap;

use qb_base::{Digest, Digester, Text};
use qb_store::{Conn, Row, Store, StoreError, Value};
use serde::Serialize;

use crate::machine::{Machines, StateKind};

/// Actions of the audit chain that seal one step; their object is the case. The others seal all
/// steps of new cases; their object ends with the first and the last of them.
const SINGLE: [&str; 3] = ["case.open", "case.step", "case.reject"];

const SEALS: &str = "select action, object, after_digest from audit \
     where action in ('case.open', 'case.step', 'case.reject', 'case.apply', 'case.leads') \
     order by seq";
const STEPS: &str = include_str!("sql/sealed_steps.sql");
/// Columns of a step that are numbers, by their place in [`STEPS`].
const NUMBERS: [usize; 6] = [0, 1, 10, 11, 18, 21];
const IS_REJECT: usize = 3;
const TO_STATE: usize = 5;
const IRREGULAR: usize = 17;
const STEP_COLUMNS: usize = 24;
/// Columns that came later: a step without them keeps the seal it had before they were there.
const LATER_FROM: usize = 21;
/// Cases named at most; who changed more is found by the first of them.
const NAMED_MAX: usize = 20;

/// A case that differs from what the chain says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseBreak {
    /// The case.
    pub case: i64,
    /// What differs.
    pub what: Text,
}

/// The seal of a step, over every column it is stored with.
pub(crate) fn of_step(values: &[Value<'_>]) -> Digest {
    let mut digest = Digester::new();
    for (column, value) in values.iter().enumerate() {
        if column >= LATER_FROM {
            match *value {
                Value::Null => continue,
                // The place tells which of the later columns it is.
                _ => digest.field(column.to_string().as_bytes()),
            };
        }
        match *value {
            Value::Null => digest.raw(&[0]),
            Value::Int(number) => digest.raw(&[1]).field(&number.to_le_bytes()),
            Value::Bool(truth) => digest.raw(&[2, u8::from(truth)]),
            Value::Text(text) => digest.raw(&[3]).field(text.as_bytes()),
            Value::Blob(bytes) => digest.raw(&[4]).field(bytes),
        };
    }
    digest.finish()
}

/// The seal of all steps of new cases, in the order in which they are written.
pub(crate) struct Many {
    first: i64,
    steps: Digester,
}

impl Many {
    /// Begins with the number that the first case will have.
    pub(crate) fn new(first: i64) -> Self {
        Self { first, steps: Digester::new() }
    }

    pub(crate) fn add(&mut self, step: Digest) {
        self.steps.field(&step.0);
    }

    /// The object and the seal for the audit row; `next` is the number after the last case.
    pub(crate) fn finish(self, what: &str, next: i64) -> (String, Digest) {
        (format!("{what} {}-{}", self.first, next - 1), self.steps.finish())
    }
}

/// Compares every step and the state of every case with the chain; answers the first that differ.
///
/// # Errors
/// Whatever the store says.
pub fn verify(store: &Store, machines: &Machines) -> Result<Vec<CaseBreak>, StoreError> {
    store.read(|conn| {
        let mut reading = Reading { known: known(conn)?, ..Reading::default() };
        conn.each::<StoreError>(STEPS, &[], |row| reading.step(row))?;
        reading.end_case();
        reading.end_ranges();
        reading.states(conn, machines)?;
        Ok(reading.broken)
    })
}

/// What the chain says.
#[derive(Default)]
struct Known {
    single: HashMap<i64, Vec<String>>,
    many: Vec<(std::ops::RangeInclusive<i64>, String)>,
}

fn known(conn: &Conn) -> Result<Known, StoreError> {
    let mut known = Known::default();
    conn.each::<StoreError>(SEALS, &[], |row| {
        let (action, object) = (row.text(0)?, row.text(1)?);
        // Rows of steps from before they were sealed hold no digest of this kind and fit nothing.
        let Some(seal) = row.text_opt(2)? else { return Ok(()) };
        if SINGLE.contains(&action.as_str()) {
            if let Ok(case) = object.parse() {
                known.single.entry(case).or_default().push(seal);
            }
        } else if let Some(range) = range_of(&object) {
            known.many.push((range, seal));
        }
        Ok(())
    })?;
    known.many.sort_by_key(|(range, _)| *range.start());
    Ok(known)
}

fn range_of(object: &str) -> Option<std::ops::RangeInclusive<i64>> {
    let (_, range) = object.rsplit_once(' ')?;
    let (first, last) = range.split_once('-')?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

/// What is gathered while the steps go by, which come by case and number.
#[derive(Default)]
struct Reading {
    known: Known,
    case: Option<i64>,
    steps: Vec<Digest>,
    /// Where each case's last step led, and how many of its steps broke a rule.
    led: HashMap<i64, (String, i64)>,
    /// The command whose cases go by, and the seal of their steps.
    range: usize,
    many: Digester,
    broken: Vec<CaseBreak>,
}

impl Reading {
    fn fault(&mut self, case: i64, what: Text) {
        if self.broken.len() < NAMED_MAX {
            self.broken.push(CaseBreak { case, what });
        }
    }

    fn step(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let case = row.int(0)?;
        if self.case != Some(case) {
            self.end_case();
            self.case = Some(case);
        }
        self.steps.push(read_step(row)?);
        let led = self.led.entry(case).or_default();
        led.0 = row.text(TO_STATE)?;
        led.1 += i64::from(row.text_opt(IRREGULAR)?.is_some());
        Ok(())
    }

    /// Compares the steps of one case: those of people are the last ones.
    fn end_case(&mut self) {
        let Some(case) = self.case.take() else { return };
        let steps = std::mem::take(&mut self.steps);
        // No person took a step of a case that was only told of.
        let single: Vec<_> = self.known.single.remove(&case).into_iter().flatten().collect();
        let made = steps.len().checked_sub(single.len());
        let by_people = made.and_then(|made| steps.get(made..));
        let fits = by_people.is_some_and(|steps| {
            steps.iter().zip(&single).all(|(step, seal)| step.to_string() == *seal)
        });
        if !fits {
            self.fault(case, CHANGED);
            return;
        }
        let made = steps.iter().take(steps.len() - single.len());
        while self.known.many.get(self.range).is_some_and(|(range, _)| case > *range.end()) {
            self.end_range();
        }
        let covered = self.known.many.get(self.range).is_some_and(|(r, _)| r.contains(&case));
        if made.len() > 0 && !covered {
            self.fault(case, CHANGED);
            return;
        }
        for step in made {
            self.many.field(&step.0);
        }
    }

    fn end_range(&mut self) {
        let seal = std::mem::take(&mut self.many).finish();
        let Some((range, known)) = self.known.many.get(self.range) else { return };
        // A command that made no case has an empty range and the seal of nothing.
        if seal.to_string() != *known {
            let (first, last) = (*range.start(), *range.end());
            let what = RANGE.fill(&[("first", &first.to_string()), ("last", &last.to_string())]);
            self.fault(first, what);
        }
        self.range += 1;
    }

    fn end_ranges(&mut self) {
        while self.range < self.known.many.len() {
            self.end_range();
        }
        let missing: Vec<i64> = self.known.single.keys().copied().collect();
        for case in missing {
            self.fault(case, CHANGED);
        }
    }

    fn states(&mut self, conn: &Conn, machines: &Machines) -> Result<(), StoreError> {
        let sql = "select id, machine, machine_digest, state, is_decided, is_ended, \
                   irregular_count from case_file order by id";
        conn.each::<StoreError>(sql, &[], |row| {
            let (case, state, irregular) = (row.int(0)?, row.text(3)?, row.int(6)?);
            let machine = machines.get(&row.text(1)?);
            let digest = row.text(2)?;
            let machine = machine.filter(|machine| machine.digest.to_string() == digest);
            let flags = (row.bool(4)?, row.bool(5)?);
            let drawn = machine.and_then(|m| m.states.iter().find(|drawn| drawn.id == state));
            let right = drawn.map_or(flags, |drawn| (drawn.decided, drawn.kind == StateKind::End));
            match self.led.remove(&case) {
                Some(led) if led == (state, irregular) && flags == right => {}
                Some((led, _)) => self.fault(case, STATE.fill(&[("state", &led)])),
                None => self.fault(case, CHANGED),
            }
            Ok(())
        })
    }
}

fn read_step(row: &Row<'_>) -> Result<Digest, StoreError> {
    let mut texts = Vec::with_capacity(STEP_COLUMNS);
    for column in 0..STEP_COLUMNS {
        let is_text = column != IS_REJECT && !NUMBERS.contains(&column);
        texts.push(if is_text { row.text_opt(column)? } else { None });
    }
    let mut values = Vec::with_capacity(STEP_COLUMNS);
    for (column, text) in texts.iter().enumerate() {
        values.push(match column {
            IS_REJECT => Value::Bool(row.bool(column)?),
            _ if NUMBERS.contains(&column) => Value::from(row.int_opt(column)?),
            _ => Value::from(text.as_ref()),
        });
    }
    Ok(of_step(&values))
}

const CHANGED: Text = Text::fixed(
    "步骤与审计链不符：有步骤被改动、添加或删除",
    "its steps differ from the audit chain: one was changed, added or removed",
);
const RANGE: Text = Text::fixed(
    "第{first}至{last}号案件的步骤与审计链不符",
    "the steps of cases {first} to {last} differ from the audit chain",
);
const STATE: Text = Text::fixed(
    "状态不是最后一步到达的“{state}”：有人在程序之外改过",
    "its state is not where its last step led ({state}): it was changed outside the program",
);
