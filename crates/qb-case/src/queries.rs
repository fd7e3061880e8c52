//! Cases as lists and pages read them, within a scope.

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Date, Text};
use qb_store::{Conn, Row, StoreError, Value};

use crate::commands::guards;
use crate::due;
use crate::error::CaseError;
use crate::load;
use crate::machine::{Machine, Machines, Transition};
use crate::model::{CaseDetail, CaseEvent, CaseLine, Clock, NextStep, Objection, StateCount};
use crate::notice::{NoticeFacts, PublicNotice};
use crate::refusal::{Beside, holder};
use crate::step::{
    Actor, Attempt, LookedUp, Past, StepFacts, Told, add, beside, clocks, judge, may_take,
};

/// Rows looked at for one page of a person's queue.
const QUEUE_ROWS_MAX: usize = 20_000;
/// Rows read at once for it.
const QUEUE_PAGE: i64 = 500;
/// Sorts after every deadline.
const NO_DUE: &str = "9999-12-31";

/// Which cases a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this machine.
    pub machine: Option<String>,
    /// Only of these machines.
    pub among: Option<Vec<String>>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only on this subject.
    pub subject: Option<String>,
    /// Only past their deadline.
    pub overdue: bool,
    /// Only with a step that did not pass a guard.
    pub irregular: bool,
    /// Only those in which something is to be done.
    pub running: bool,
}

/// The place after which a page begins: deadline and number of the last row before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Deadline; blank before the first row.
    pub due: String,
    /// Number.
    pub case: i64,
}

impl After {
    /// The place after a row.
    pub fn line(line: &CaseLine) -> Self {
        let due = line.listed_due.clone().unwrap_or_else(|| NO_DUE.to_owned());
        Self { due, case: line.case }
    }
}

/// Cases within a scope, the nearest deadline first.
///
/// # Errors
/// Whatever the store says.
pub fn list(
    conn: &Conn,
    machines: &Machines,
    scope: &Scope,
    today: Date,
    filter: &Filter,
    after: &After,
    limit: i64,
) -> Result<Vec<CaseLine>, StoreError> {
    let mut lines = page(conn, scope, today, filter, after, limit)?;
    due::of_lines(conn, machines, today, &mut lines)?;
    Ok(lines)
}

fn page(
    conn: &Conn,
    scope: &Scope,
    today: Date,
    filter: &Filter,
    after: &After,
    limit: i64,
) -> Result<Vec<CaseLine>, StoreError> {
    let ((low, high), today) = (scope.range(), today.to_string());
    let among = filter.among.as_ref().map(|ids| format!(" {} ", ids.join(" ")));
    let before = if filter.overdue { today.clone() } else { String::new() };
    let values = [
        (&low).into(),
        (&high).into(),
        Value::text_or_any(filter.machine.as_deref()),
        Value::text_or_any(filter.state.as_deref()),
        Value::text_or_any(filter.subject.as_deref()),
        (&before).into(),
        i64::from(filter.irregular).into(),
        i64::from(filter.running).into(),
        (&after.due).into(),
        after.case.into(),
        Value::text_or_any(among.as_deref()),
        limit.into(),
    ];
    conn.query(include_str!("sql/list.sql"), &values, |row| read_line(row, &today))
}

/// The cases a person may take the next step of, overdue ones first, then by deadline.
///
/// # Errors
/// Whatever the store says.
pub fn queue(
    conn: &Conn,
    machines: &Machines,
    scope: &Scope,
    today: Date,
    limit: usize,
) -> Result<Vec<CaseLine>, StoreError> {
    let (Some(role), Some(own)) = (scope.role(), scope.area()) else { return Ok(Vec::new()) };
    let among = Some(machines.naming(role).map(str::to_owned).collect());
    let filter = Filter { running: true, among, ..Filter::default() };
    let (mut found, mut after, mut seen) = (Vec::new(), After::default(), 0);
    while found.len() < limit && seen < QUEUE_ROWS_MAX {
        let page = page(conn, scope, today, &filter, &after, QUEUE_PAGE)?;
        let Some(last) = page.last() else { break };
        (after, seen) = (After::line(last), seen + page.len());
        found.extend(page.into_iter().filter(|line| is_mine(machines, line, role, &own)));
    }
    found.truncate(limit);
    due::of_lines(conn, machines, today, &mut found)?;
    Ok(found)
}

fn is_mine(machines: &Machines, line: &CaseLine, role: Role, own: &AreaCode) -> bool {
    let Some(machine) = machines.get(&line.machine) else { return false };
    let state = machine.state_index(&line.state);
    state.is_some() && machine.ways(state).any(|(_, way)| way.actors.contains(&(role, own.level())))
}

/// How many cases are in which state, within a scope.
///
/// # Errors
/// Whatever the store says.
pub fn counts(conn: &Conn, scope: &Scope, today: Date) -> Result<Vec<StateCount>, StoreError> {
    let ((low, high), today) = (scope.range(), today.to_string());
    let values = [(&today).into(), (&low).into(), (&high).into()];
    conn.query(include_str!("sql/counts.sql"), &values, |row| {
        Ok(StateCount {
            machine: row.text(0)?,
            state: row.text(1)?,
            cases: row.int(2)?,
            overdue: row.int(3)?,
            irregular: row.int(4)?,
        })
    })
}

/// The area of a case, for the decision whether it may be shown.
///
/// # Errors
/// Whatever the store says.
pub fn case_area(conn: &Conn, case: i64) -> Result<Option<AreaCode>, StoreError> {
    let sql = "select area_code from case_file where id = $1";
    let code = conn.query_opt(sql, &[case.into()], |row| row.text(0))?;
    Ok(code.and_then(|code| AreaCode::parse(&code).ok()))
}

/// The cases of a household, newest first.
///
/// # Errors
/// Whatever the store says.
pub fn of_household(
    conn: &Conn,
    machines: &Machines,
    scope: &Scope,
    today: Date,
    household: i64,
) -> Result<Vec<CaseLine>, StoreError> {
    let sql = "select id, machine, subject_kind, subject, household_id, area_code, state, \
               opened_on, due_on, is_decided, irregular_count, version from case_file \
               where household_id = $1 and superseded_at is null and area_code >= $2 \
               and area_code < $3 order by id desc";
    let ((low, high), day) = (scope.range(), today.to_string());
    let mut lines = conn.query(sql, &[household.into(), (&low).into(), (&high).into()], |row| {
        read_line(row, &day)
    })?;
    due::of_lines(conn, machines, today, &mut lines)?;
    Ok(lines)
}

/// The steps that open a case of a machine in an area, as one reader may take them.
///
/// # Errors
/// [`CaseError::Unknown`] for a machine the pack does not have.
pub fn openings(
    machines: &Machines,
    machine: &str,
    (scope, area): (&Scope, AreaCode),
    today: Date,
) -> Result<Vec<NextStep>, CaseError> {
    let unknown = || CaseError::Unknown(machine.to_owned());
    let machine = machines.get(machine).ok_or_else(unknown)?;
    let past = Past::none(area);
    Ok(Reader { machines, machine, past: &past, scope, today }.next())
}

/// The newest public notice of a case, ready to be printed; `area_name` is the name of its place.
///
/// # Errors
/// [`CaseError::NoCase`] outside the scope, [`CaseError::NoNotice`] when none was published.
pub fn notice(
    conn: &Conn,
    machines: &Machines,
    scope: &Scope,
    case: i64,
    area_name: &str,
) -> Result<PublicNotice, CaseError> {
    let sql = "select f.machine, n.area_code, n.group_name, n.head_masked, n.household_size, \
               n.posted_on, n.until_on, n.object_at from public_notice n \
               join case_file f on f.id = n.case_id where n.case_id = $1 \
               order by n.event_seq desc limit 1";
    let found = conn.query_opt(sql, &[case.into()], |row| {
        let wrong = |column, expected| StoreError::Type { column, expected };
        let days = (load::day(row, 5)?, load::day(row, 6)?);
        let days = days.0.zip(days.1).ok_or(wrong(5, "two days"))?;
        let size = u16::try_from(row.int(4)?).map_err(|_| wrong(4, "a household's size"))?;
        let names = (row.text_opt(2)?, row.text(3)?, row.text(7)?);
        Ok((row.text(0)?, row.text(1)?, names, size, days))
    })?;
    let (machine, area, (group, head, object_at), size, days) =
        found.ok_or(CaseError::NoNotice(case))?;
    let area = load::area_of(&area)?;
    if !scope.covers(area) {
        return Err(CaseError::NoCase(case));
    }
    let purpose = machines.get(&machine).map(|machine| machine.label.clone());
    let facts = NoticeFacts {
        area_name,
        group: group.as_deref(),
        head: &head,
        household_size: size,
        object_at: &object_at,
    };
    let purpose = purpose.ok_or(CaseError::Unknown(machine))?;
    PublicNotice::new(area, purpose, days, &facts).map_err(CaseError::NotPublic)
}

/// A case with its steps, its clocks, and what may be done next by the reader.
///
/// # Errors
/// [`CaseError::NoCase`] when there is none within the scope.
pub fn case(
    conn: &Conn,
    machines: &Machines,
    scope: &Scope,
    today: Date,
    case: i64,
) -> Result<CaseDetail, CaseError> {
    let day = today.to_string();
    let read = |row: &Row<'_>| {
        Ok((read_line(row, &day)?, row.int_opt(12)?, row.text_opt(13)?, load::day(row, 14)?))
    };
    let found = conn.query_opt(include_str!("sql/detail.sql"), &[case.into()], read)?;
    let (mut line, source_record, superseded, deadline) = found.ok_or(CaseError::NoCase(case))?;
    let area = load::area_of(&line.area)?;
    if !scope.covers(area) {
        return Err(CaseError::NoCase(case));
    }
    let unknown = || CaseError::Unknown(line.machine.clone());
    let machine = machines.get(&line.machine).ok_or_else(unknown)?;
    let past = load::past(conn, machine, case, area, &line.state)?;
    let past = Past { deadline, ..past };
    let reader = Reader { machines, machine, past: &past, scope, today };
    due::of_line(machines.calendar(), (machine, &past), today, &mut line);
    let state_label = machine.state(&line.state).map(|state| state.label.clone());
    Ok(CaseDetail {
        machine_label: machine.label.clone(),
        state_label: state_label.unwrap_or_else(|| Text::new(&line.state, &line.state)),
        source_record,
        events: events(conn, machine, case)?,
        objections: objections(conn, case)?,
        clocks: reader.clocks(),
        // Nobody goes on with a case that another one took the place of.
        next: if superseded.is_some() { Vec::new() } else { reader.next() },
        may_object: superseded.is_none() && reader.may(Beside::Object),
        may_answer: superseded.is_none() && reader.may(Beside::Answer),
        may_publish: superseded.is_none() && reader.may_publish(),
        superseded,
        line,
    })
}

fn read_line(row: &Row<'_>, today: &str) -> Result<CaseLine, StoreError> {
    let due = row.text_opt(8)?;
    Ok(CaseLine {
        case: row.int(0)?,
        machine: row.text(1)?,
        subject_kind: row.text(2)?,
        subject: row.text(3)?,
        household_id: row.int_opt(4)?,
        area: row.text(5)?,
        state: row.text(6)?,
        opened: row.text(7)?,
        overdue: due.as_deref().is_some_and(|due| due < today),
        listed_due: due.clone(),
        due,
        due_provisional: false,
        due_note: None,
        decided: row.bool(9)?,
        irregular: row.int(10)?,
        version: row.int(11)?,
    })
}

fn events(conn: &Conn, machine: &Machine, case: i64) -> Result<Vec<CaseEvent>, StoreError> {
    conn.query(include_str!("sql/events.sql"), &[case.into()], |row| {
        let transition = row.text(1)?;
        let label = machine.transition(&transition).map(|way| way.label.clone());
        let irregular = row.text_opt(16)?;
        Ok(CaseEvent {
            seq: row.int(0)?,
            label: label.unwrap_or_else(|| Text::new(&transition, &transition)),
            transition,
            rejected: row.bool(2)?,
            from: row.text_opt(3)?,
            to: row.text(4)?,
            on: row.text(5)?,
            actor: row.text_opt(6)?,
            role: row.text_opt(7)?,
            area: row.text_opt(8)?,
            present: row.int_opt(9)?,
            entitled: row.int_opt(10)?,
            votes: row.int_opt(19)?,
            second: row.text_opt(20)?,
            signatory: row.text_opt(21)?,
            sample: row.text_opt(11)?,
            notice_until: row.text_opt(12)?,
            evidence: row.text_opt(13)?,
            document: row.text_opt(14)?,
            reason: row.text_opt(15)?,
            told_by: row.text_opt(17)?,
            paper: row.text_opt(18)?,
            irregular: irregular
                .iter()
                .flat_map(|codes| codes.split_whitespace())
                .map(str::to_owned)
                .collect(),
        })
    })
}

fn objections(conn: &Conn, case: i64) -> Result<Vec<Objection>, StoreError> {
    let sql = "select id, channel, document, raised_on, state, answered_on, answer_document \
               from case_objection where case_id = $1 order by id";
    conn.query(sql, &[case.into()], |row| {
        Ok(Objection {
            id: row.int(0)?,
            channel: row.text(1)?,
            document: row.text(2)?,
            raised_on: row.text(3)?,
            state: row.text(4)?,
            answered_on: row.text_opt(5)?,
            answer_document: row.text_opt(6)?,
        })
    })
}

/// A case in the eyes of one reader on one day.
struct Reader<'a> {
    machines: &'a Machines,
    machine: &'a Machine,
    past: &'a Past,
    scope: &'a Scope,
    today: Date,
}

impl Reader<'_> {
    fn clocks(&self) -> Vec<Clock> {
        let running = clocks(self.machine, self.machines.calendar(), self.past);
        let clock = |running: crate::step::RunningClock| {
            let way = &self.machine.transitions[running.way];
            Clock {
                transition: way.id.clone(),
                label: way.label.clone(),
                due: running.due.on.to_string(),
                due_provisional: running.due.is_provisional(),
                due_note: due::words(running.due),
                overdue: running.due.on < self.today,
            }
        };
        running.into_iter().map(clock).collect()
    }

    fn may(&self, what: Beside) -> bool {
        let reader = self.scope.role().zip(self.scope.area());
        reader.is_some_and(|(role, own)| {
            beside(self.machine, self.past, what, (role, &own)).is_none()
        })
    }

    fn may_publish(&self) -> bool {
        let Some(last) = self.past.steps.last() else { return false };
        let way = &self.machine.transitions[last.way];
        let own = self.scope.area().filter(|_| last.notice_until.is_some());
        own.is_some_and(|own| may_take(self.machine, (way, self.past), self.scope.role(), &own))
    }

    fn next(&self) -> Vec<NextStep> {
        self.machine.ways(self.past.state).map(|(at, way)| self.step(at, way)).collect()
    }

    fn step(&self, at: usize, way: &Transition) -> NextStep {
        let (machines, machine, past) = (self.machines, self.machine, self.past);
        let role = self.scope.role();
        let mine = self.scope.area();
        let mine = mine.is_some_and(|own| may_take(machine, (way, past), role, &own));
        let facts = StepFacts::on(self.today);
        let attempt = Attempt {
            way: at,
            reject: false,
            facts: &facts,
            actor: None::<&Actor>,
            told: Told::NOTHING,
            tells: &[],
            looked_up: LookedUp::default(),
            today: self.today,
        };
        let judged = judge(machine, machines.calendar(), past, &attempt);
        let earliest = way.notice.as_ref().and_then(|rule| {
            let days = rule.min.days(&past.area, self.today)?;
            Some(add(machines.calendar(), rule.counts, self.today, days)?.on)
        });
        let evidence =
            way.evidence.iter().map(|kind| (kind.clone(), machines.evidence_label(kind)));
        let label = |state: usize| machine.states[state].label.clone();
        NextStep {
            transition: way.id.clone(),
            label: way.label.clone(),
            to: label(way.to),
            who: way.actors.iter().map(|(role, level)| holder(*role, *level)).collect(),
            mine,
            blocked: guards(machines, machine, &judged.refusals),
            evidence: evidence.collect(),
            quorum: way.quorum.is_some() || way.votes.is_some(),
            votes: way.votes.is_some(),
            second: way.persons > 1,
            signatory: way.signatory.is_some(),
            clause: way.clause.as_ref().map(|clause| clause.says.clone()),
            sample: way.sample.is_some(),
            notice_until: earliest.map(|day| day.to_string()),
            document: way.document,
            reason: way.reason || way.returns || way.clause.is_some(),
            reject_to: way.reject_to.map(label),
        }
    }
}
