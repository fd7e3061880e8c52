//! The thread of a yuan: from an account up to the budgets its money comes from, and down to where
//! it went.

use std::collections::{HashSet, VecDeque};

use qb_access::Scope;
use qb_base::{AreaCode, Fen};
use qb_store::{Conn, Row, StoreError};
use serde::Serialize;

use super::fen;
use crate::rules::LedgerRules;

const UP: &str = include_str!("../sql/thread_up.sql");
const DOWN: &str = include_str!("../sql/thread_down.sql");
const BY_CODE: &str = "select id, code, kind, area_code, project_no, household_no \
     from ledger_account where code = $1";
const BY_REFERENCE: &str = "select id, code, kind, area_code, project_no, household_no \
     from ledger_account where project_no = $1 or household_no = $1 order by id";
const BY_ENTRY: &str = "select a.id, a.code, a.kind, a.area_code, a.project_no, a.household_no \
     from ledger_entry e join ledger_posting p on p.entry_id = e.id \
     join ledger_account a on a.id = p.account_id \
     where e.client_id >= $1 and e.client_id < $2 and e.reverses_id is null order by a.id";

/// Steps a thread follows at most; `is_cut` says when there were more.
const STEPS_MAX: usize = 2_000;
/// Links of the chain from a budget to a household, with room for what packs add.
const DEPTH_MAX: u8 = 12;

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Towards the budget.
    Up,
    /// Towards project and household.
    Down,
}

/// Money from one account to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ThreadStep {
    /// Which way it was found.
    pub direction: Direction,
    /// Steps from the start.
    pub depth: u8,
    /// The account the money left.
    pub from: String,
    /// The account it reached.
    pub to: String,
    /// What moved; nothing where the thread goes on within a project.
    pub amount_fen: Option<Fen>,
    /// The entry.
    pub entry: Option<i64>,
    /// Its kind.
    pub kind: Option<String>,
    /// The day.
    pub on_day: Option<String>,
    /// Where the account found by this step is.
    pub area_code: String,
}

/// A thread in both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Thread {
    /// The accounts it starts from.
    pub starts: Vec<String>,
    /// Its steps: up first, each direction by distance.
    pub steps: Vec<ThreadStep>,
    /// Whether there are more steps than are listed.
    pub is_cut: bool,
    /// The households whose accounts are among starts and steps, each once.
    #[serde(skip)]
    pub households: Vec<ThreadHousehold>,
}

/// A household that a thread names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadHousehold {
    /// Its account.
    pub account: i64,
    /// Its number.
    pub number: String,
    /// Where its account is.
    pub area_code: String,
}

/// An account met on the way.
#[derive(Clone, Debug)]
struct Met {
    id: i64,
    code: String,
    kind: String,
    area_code: String,
    project_no: Option<String>,
    household_no: Option<String>,
}

impl Thread {
    fn names(&mut self, met: &Met) {
        let Some(number) = &met.household_no else { return };
        if self.households.iter().all(|known| known.account != met.id) {
            self.households.push(ThreadHousehold {
                account: met.id,
                number: number.clone(),
                area_code: met.area_code.clone(),
            });
        }
    }
}

/// The thread of an account's code, or of the number of a budget, allocation, payment, project or
/// household.
///
/// What lies above is shown to whoever may see the start; what lies below only within the scope.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such account within the scope.
pub fn thread(
    conn: &Conn,
    scope: &Scope,
    rules: &LedgerRules,
    reference: &str,
) -> Result<Thread, StoreError> {
    let mut starts = starts(conn, rules, reference)?;
    starts.retain(|start| is_within(scope, &start.area_code));
    if starts.is_empty() {
        return Err(StoreError::NotFound);
    }
    let mut thread =
        Thread { starts: starts.iter().map(|s| s.code.clone()).collect(), ..Thread::default() };
    starts.iter().for_each(|start| thread.names(start));
    for direction in [Direction::Up, Direction::Down] {
        let walk = Walk { conn, scope, rules, direction };
        walk.from(&starts, &mut thread)?;
    }
    Ok(thread)
}

/// The accounts a reference means: by code, by project or household, by number, by entry.
fn starts(conn: &Conn, rules: &LedgerRules, reference: &str) -> Result<Vec<Met>, StoreError> {
    let mut found = accounts_of_code(conn, reference)?;
    if found.is_empty() {
        found = conn.query(BY_REFERENCE, &[reference.into()], read_met)?;
    }
    if found.is_empty() {
        for kind in &rules.accounts {
            let code = format!("{}:{reference}", kind.kind.as_ref());
            found.extend(accounts_of_code(conn, &code)?);
        }
    }
    if found.is_empty() {
        found = accounts_of_row(conn, rules, reference)?;
    }
    let mut seen = HashSet::new();
    found.retain(|met| seen.insert(met.id));
    Ok(found)
}

fn accounts_of_code(conn: &Conn, code: &str) -> Result<Vec<Met>, StoreError> {
    conn.query(BY_CODE, &[code.into()], read_met)
}

/// The accounts of the entries made from a row.
fn accounts_of_row(conn: &Conn, rules: &LedgerRules, key: &str) -> Result<Vec<Met>, StoreError> {
    let mut found = Vec::new();
    for rule in &rules.entries {
        // A row's entries are named `dataset/key#record`; `$` follows `#`.
        let dataset = rule.dataset.as_ref();
        let (low, high) = (format!("{dataset}/{key}#"), format!("{dataset}/{key}$"));
        found.extend(conn.query(BY_ENTRY, &[(&low).into(), (&high).into()], read_met)?);
    }
    Ok(found)
}

fn read_met(row: &Row<'_>) -> Result<Met, StoreError> {
    Ok(Met {
        id: row.int(0)?,
        code: row.text(1)?,
        kind: row.text(2)?,
        area_code: row.text(3)?,
        project_no: row.text_opt(4)?,
        household_no: row.text_opt(5)?,
    })
}

fn is_within(scope: &Scope, area: &str) -> bool {
    AreaCode::parse(area).is_ok_and(|area| scope.covers(area))
}

struct Walk<'w> {
    conn: &'w Conn,
    scope: &'w Scope,
    rules: &'w LedgerRules,
    direction: Direction,
}

impl Walk<'_> {
    fn from(&self, starts: &[Met], thread: &mut Thread) -> Result<(), StoreError> {
        let mut seen: HashSet<i64> = starts.iter().map(|start| start.id).collect();
        let mut open: VecDeque<(Met, u8)> = starts.iter().map(|s| (s.clone(), 1)).collect();
        let room = thread.steps.len() + STEPS_MAX;
        while let Some((at, depth)) = open.pop_front() {
            if depth > DEPTH_MAX {
                continue;
            }
            let mut found = self.moved(&at, depth)?;
            found.extend(self.continued(&at, depth)?);
            for (step, next) in found {
                if thread.steps.len() >= room {
                    thread.is_cut = true;
                    return Ok(());
                }
                thread.steps.push(step);
                thread.names(&next);
                if seen.insert(next.id) {
                    open.push_back((next, depth + 1));
                }
            }
        }
        Ok(())
    }

    /// Entries that brought money to an account, or took it away.
    fn moved(&self, at: &Met, depth: u8) -> Result<Vec<(ThreadStep, Met)>, StoreError> {
        let sql = if self.direction == Direction::Up { UP } else { DOWN };
        let limit = qb_base::count(STEPS_MAX + 1);
        let found = self.conn.query(sql, &[at.id.into(), limit.into()], |row| {
            let next = Met {
                id: row.int(3)?,
                code: row.text(4)?,
                kind: row.text(5)?,
                area_code: row.text(6)?,
                project_no: row.text_opt(8)?,
                household_no: row.text_opt(9)?,
            };
            let mut step = self.step(at, &next, depth);
            step.amount_fen = Some(fen(row, 7)?);
            step.entry = Some(row.int(0)?);
            step.kind = Some(row.text(1)?);
            step.on_day = Some(row.text(2)?);
            Ok((step, next))
        })?;
        Ok(found.into_iter().filter(|(_, next)| self.may_see(next)).collect())
    }

    /// Where the thread goes on within the same project: what it earned stands on what it was paid.
    fn continued(&self, at: &Met, depth: u8) -> Result<Vec<(ThreadStep, Met)>, StoreError> {
        let Some(project) = &at.project_no else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for kind in &self.rules.accounts {
            let Some(next) = &kind.continues else { continue };
            let (below, above) = (kind.kind.as_ref(), next.as_ref());
            let target = match self.direction {
                Direction::Up if at.kind == *below => above,
                Direction::Down if at.kind == *above => below,
                _ => continue,
            };
            for met in accounts_of_code(self.conn, &format!("{target}:{project}"))? {
                if self.may_see(&met) {
                    found.push((self.step(at, &met, depth), met));
                }
            }
        }
        Ok(found)
    }

    fn may_see(&self, met: &Met) -> bool {
        self.direction == Direction::Up || is_within(self.scope, &met.area_code)
    }

    fn step(&self, at: &Met, next: &Met, depth: u8) -> ThreadStep {
        let (from, to) = match self.direction {
            Direction::Up => (&next.code, &at.code),
            Direction::Down => (&at.code, &next.code),
        };
        ThreadStep {
            direction: self.direction,
            depth,
            from: from.clone(),
            to: to.clone(),
            amount_fen: None,
            entry: None,
            kind: None,
            on_day: None,
            area_code: next.area_code.clone(),
        }
    }
}
