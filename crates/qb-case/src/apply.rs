//! Records that tell of steps become cases: each row's days are replayed through the same guards
//! that people meet.
//!
//! A step that fails a guard was nevertheless taken; it is kept, marked with the guards' codes, and
//! the case goes on from where it led. A step of which the record names no person or no paper is
//! marked too; which papers there were a record does not tell, so that is not judged.

use std::collections::HashMap;

use qb_base::{AreaCode, AreaLevel, Date, Digest, env};
use qb_policy::{CaseStep, Dataset, DatasetCase, Decimal, Pack};
use qb_store::{AuditEntry, Bulk, Conn, Row, Store, StoreError, Tx};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::due::level;
use crate::error::CaseError;
use crate::load::{area_of, day};
use crate::machine::{Machine, Machines};
use crate::save::{self, EventRow, FileRow};
use crate::seal;
use crate::step::{Actor, Attempt, Judgement, LookedUp, Past, StepFacts, Told, due, judge};

/// Records read at once.
const RECORDS_PER_READ: i64 = 5_000;
/// The column of a dataset that holds a case's own deadline.
const DEADLINE: &str = "due_on";

/// What a replay of records did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Cases made.
    pub made: u64,
    /// Cases that another one took the place of, or whose record is gone.
    pub superseded: u64,
    /// Cases made with a step that did not pass a guard.
    pub irregular: u64,
}

/// Makes cases of the records of every dataset that tells of steps; doing it again changes nothing.
/// Due days that a new list of holidays moves are brought level.
///
/// # Errors
/// When the machines have faults or the store fails; each dataset is applied whole or not at all.
pub fn apply(store: &Store, pack: &Pack, actor: &str) -> Result<Applied, CaseError> {
    let machines = Machines::load(pack).map_err(CaseError::Pack)?;
    let today = store.office_day()?.day;
    let mut total = Applied::default();
    for dataset in &pack.datasets {
        let Some(replay) = Replay::new(&machines, (pack, today), dataset) else { continue };
        let has_work = store.read(|conn| replay.has_work(conn))?;
        if !has_work {
            continue;
        }
        let done = store.write(|tx| replay.run(tx, actor))?;
        total.made += done.made;
        total.superseded += done.superseded;
        total.irregular += done.irregular;
    }
    level(store, &machines, actor)?;
    Ok(total)
}

/// The steps of one dataset, ready to be replayed.
struct Replay<'a> {
    machines: &'a Machines,
    machine: &'a Machine,
    dataset: &'a Dataset,
    case: &'a DatasetCase,
    steps: Vec<Source<'a>>,
    today: Date,
}

/// Where a step of the machine is read from: the dataset of its columns, and what they tell.
struct Source<'a> {
    way: usize,
    told: Told,
    step: &'a CaseStep,
    list: &'a Dataset,
}

/// A step that a record or a person told of.
struct ToldStep<'a> {
    way: usize,
    reject: bool,
    facts: StepFacts,
    actor: Option<&'a Actor>,
    told: Told,
}

/// A record's row, with the parts that stand in another list.
struct RecordRow {
    id: i64,
    key: String,
    area: AreaCode,
    household_id: Option<i64>,
    fields: Fields,
    parts: Parts,
}

type Fields = Map<String, Json>;

/// What the rows of a case's parts tell, by their codes.
#[derive(Default)]
struct Parts {
    fields: HashMap<String, Fields>,
    count: u64,
    id_sum: i64,
}

impl Parts {
    /// Which rows these are, in the words of the store (`parts_seen`).
    fn seen(&self) -> String {
        format!("{}:{}", self.count, self.id_sum)
    }
}

/// Steps of people on a case that is rebuilt.
type Carried = HashMap<String, (i64, Vec<(usize, bool, StepFacts, Actor)>)>;

impl<'a> Replay<'a> {
    /// Nothing for a dataset without a case; [`crate::check`] names machines that are missing.
    fn new(
        machines: &'a Machines,
        (pack, today): (&'a Pack, Date),
        dataset: &'a Dataset,
    ) -> Option<Self> {
        let case = dataset.case.as_ref()?;
        let machine = machines.get(&case.machine)?;
        let parts = case.parts.as_ref().and_then(|id| pack.dataset(id));
        let known = case.steps.iter().filter_map(|step| {
            let list = if step.part.is_some() { parts? } else { dataset };
            let told = Told {
                // No list has columns for votes and second persons yet.
                votes: false,
                second: false,
                quorum: step.present.is_some() && step.entitled.is_some(),
                sample: step.share.is_some(),
                notice: step.until.is_some(),
                document: step.document.is_some(),
                reason: step.reason.is_some(),
                papers: false,
                trace: true,
            };
            let way = machine.transition_index(&step.transition)?;
            Some(Source { way, told, step, list })
        });
        let steps = known.collect();
        Some(Self { machines, machine, dataset, case, steps, today })
    }

    /// Whether a record has no case, or a case no longer fits.
    fn has_work(&self, conn: &Conn) -> Result<bool, CaseError> {
        let digest = self.machine.digest.to_string();
        let values = [
            self.dataset.id.as_str().into(),
            self.machine.id.as_str().into(),
            (&digest).into(),
            self.parts().into(),
        ];
        let stale = conn.query_one(include_str!("sql/stale.sql"), &values, |row| row.int(0))?;
        if stale > 0 {
            return Ok(true);
        }
        let mut after = String::new();
        loop {
            let rows = self.read(conn, &after)?;
            let Some(last) = rows.last() else { return Ok(false) };
            after = last.key.clone();
            // A row without any day tells of no case and is passed over each time.
            if rows.iter().any(|row| !self.told(row).is_empty()) {
                return Ok(true);
            }
        }
    }

    fn read(&self, conn: &Conn, after: &str) -> Result<Vec<RecordRow>, StoreError> {
        let values = [self.dataset.id.as_str().into(), after.into(), RECORDS_PER_READ.into()];
        let mut rows = conn.query(include_str!("sql/records.sql"), &values, |row| {
            Ok(RecordRow {
                id: row.int(0)?,
                key: row.text(1)?,
                area: area_of(&row.text(2)?)?,
                household_id: row.int_opt(3)?,
                fields: fields(row, 4)?,
                parts: Parts::default(),
            })
        })?;
        if self.case.parts.is_some() {
            self.read_parts(conn, after, &mut rows)?;
        }
        Ok(rows)
    }

    /// Adds to records, which stand in the order of their keys, what their parts tell.
    fn read_parts(
        &self,
        conn: &Conn,
        after: &str,
        rows: &mut [RecordRow],
    ) -> Result<(), StoreError> {
        let Some(last) = rows.last().map(|row| row.key.clone()) else { return Ok(()) };
        let values =
            [self.parts().into(), self.dataset.id.as_str().into(), after.into(), (&last).into()];
        let mut of = rows.iter_mut().peekable();
        conn.each::<StoreError>(include_str!("sql/parts.sql"), &values, |row| {
            let (key, part) = (row.text(0)?, row.text(1)?);
            while of.next_if(|row| row.key < key).is_some() {}
            let Some(record) = of.peek_mut().filter(|row| row.key == key) else { return Ok(()) };
            let wrong = StoreError::Type { column: 1, expected: "the key of a part" };
            let code = part.get(key.len() + 1..).ok_or(wrong)?.to_owned();
            record.parts.count += 1;
            record.parts.id_sum += row.int(2)?;
            record.parts.fields.insert(code, fields(row, 3)?);
            Ok(())
        })
    }

    /// The list of the parts; blank where the case has none.
    fn parts(&self) -> &str {
        // No list has a blank name, so blank finds no part.
        self.case.parts.as_deref().unwrap_or_default()
    }

    fn run(&self, tx: &Tx<'_>, actor: &str) -> Result<Applied, CaseError> {
        let carried = self.carried(tx)?;
        let superseded = self.supersede(tx)?;
        let next = tx.next_id("case_file")?;
        let mut made = Making {
            replay: self,
            tells: self.steps.iter().map(|source| source.way).collect(),
            files: save::files(tx)?,
            events: save::events(tx)?,
            seal: seal::Many::new(next),
            next,
            now: env::now().0,
            moved: Vec::new(),
            done: Applied { superseded, ..Applied::default() },
        };
        let mut after = String::new();
        loop {
            let rows = self.read(tx, &after)?;
            let Some(last) = rows.last() else { break };
            after = last.key.clone();
            for row in &rows {
                made.case(row, &carried)?;
            }
            // The next read asks which records have a case.
            made.files.flush()?;
        }
        let (done, (object, seal)) = made.finish(tx)?;
        tx.audit(&AuditEntry {
            actor,
            action: "case.apply",
            object: &object,
            before: Some(self.machine.digest),
            after: Some(seal),
            reason: &format!("{} made, {} superseded", done.made, done.superseded),
        })?;
        Ok(done)
    }

    fn supersede(&self, tx: &Tx<'_>) -> Result<u64, StoreError> {
        let (now, digest) = (env::now().0, self.machine.digest.to_string());
        let (machine, dataset) = (self.machine.id.as_str(), self.dataset.id.as_str());
        let changed = tx.execute(
            include_str!("sql/supersede_changed.sql"),
            &[now.into(), dataset.into(), machine.into(), self.parts().into()],
        )?;
        let rules = tx.execute(
            include_str!("sql/supersede_rules.sql"),
            &[now.into(), machine.into(), (&digest).into(), dataset.into()],
        )?;
        Ok(changed + rules)
    }

    fn carried(&self, tx: &Tx<'_>) -> Result<Carried, CaseError> {
        let mut carried = Carried::new();
        let values =
            [self.dataset.id.as_str().into(), self.machine.id.as_str().into(), self.parts().into()];
        tx.each::<CaseError>(include_str!("sql/carried.sql"), &values, |row| {
            let (case, subject) = (row.int(0)?, row.text(1)?);
            if let Some(step) = self.carried_step(row)? {
                carried.entry(subject).or_insert_with(|| (case, Vec::new())).1.push(step);
            }
            Ok(())
        })?;
        Ok(carried)
    }

    fn carried_step(
        &self,
        row: &Row<'_>,
    ) -> Result<Option<(usize, bool, StepFacts, Actor)>, StoreError> {
        let wrong = |column, expected| StoreError::Type { column, expected };
        let Some(way) = self.machine.transition_index(&row.text(2)?) else { return Ok(None) };
        let role = qb_access::Role::parse(&row.text(6)?).map_err(|_| wrong(6, "a role"))?;
        let actor = Actor { login: row.text(5)?, role, area: area_of(&row.text(7)?)? };
        let evidence = row.text_opt(12)?;
        let evidence = evidence.as_deref().map_or(Ok(Vec::new()), serde_json::from_str);
        let facts = StepFacts {
            on: day(row, 4)?.ok_or(wrong(4, "a day"))?,
            present: row.int_opt(8)?,
            entitled: row.int_opt(9)?,
            votes: row.int_opt(15)?,
            second: row.text_opt(16)?,
            signatory: row.text_opt(17)?,
            sample: row.text_opt(10)?.as_deref().and_then(Decimal::parse),
            notice_until: day(row, 11)?,
            evidence: evidence.map_err(|_| wrong(12, "evidence as JSON"))?,
            document: row.text_opt(13)?,
            reason: row.text_opt(14)?,
            by: None,
            paper: None,
            office: None,
        };
        Ok(Some((way, row.bool(3)?, facts, actor)))
    }

    /// The steps a row and its parts tell of, in the order of the dataset.
    fn told(&self, row: &RecordRow) -> Vec<ToldStep<'a>> {
        let step = |source: &Source<'a>| {
            let fields = match &source.step.part {
                Some(part) => row.parts.fields.get(part)?,
                None => &row.fields,
            };
            let facts = source.facts(fields, &row.area)?;
            let (way, told) = (source.way, source.told);
            Some(ToldStep { way, reject: false, facts, actor: None, told })
        };
        self.steps.iter().filter_map(step).collect()
    }

    /// The row's own deadline: the column `due_on`.
    fn deadline(&self, fields: &Fields) -> Option<Date> {
        self.dataset.column(DEADLINE)?;
        fields.get(DEADLINE)?.as_str()?.parse().ok()
    }
}

impl Source<'_> {
    /// What a row tells of the step; nothing when its day is blank.
    fn facts(&self, fields: &Fields, area: &AreaCode) -> Option<StepFacts> {
        let step = self.step;
        let get = |column: &Option<String>| column.as_ref().and_then(|id| fields.get(id));
        let day = |value: &Json| value.as_str().and_then(|text| text.parse::<Date>().ok());
        let words = |column| get(column).and_then(Json::as_str).map(str::to_owned);
        let word = |id: &String| fields.get(id).and_then(Json::as_str).map(str::to_owned);
        let on = fields.get(&step.on).and_then(day)?;
        let level = get(&step.level).and_then(Json::as_str);
        let is_level = |level: &AreaLevel, code: &str| level.as_str().eq_ignore_ascii_case(code);
        let level =
            level.and_then(|code| AreaLevel::ALL.into_iter().find(|level| is_level(level, code)));
        Some(StepFacts {
            present: get(&step.present).and_then(Json::as_i64),
            entitled: get(&step.entitled).and_then(Json::as_i64),
            sample: get(&step.share).and_then(|value| self.share(value)),
            notice_until: get(&step.until).and_then(day),
            document: words(&step.document),
            reason: words(&step.reason),
            by: word(&step.by),
            paper: word(&step.paper),
            // A level below the row's own place has no one area above it.
            office: level.and_then(|level| area.at(level)),
            ..StepFacts::on(on)
        })
    }

    /// A share as a part of one; columns in percent hold 20 for a fifth.
    fn share(&self, value: &Json) -> Option<Decimal> {
        let share = match value {
            Json::String(text) => Decimal::parse(text)?,
            other => Decimal::whole(other.as_i64()?),
        };
        let column = self.step.share.as_ref().and_then(|id| self.list.column(id))?;
        let is_percent = column.unit.as_deref() == Some("percent");
        if is_percent { share.shift(-2) } else { Some(share) }
    }
}

/// Cases on their way into the store.
struct Making<'a, 'tx> {
    replay: &'a Replay<'a>,
    /// The steps that the list has columns for.
    tells: Vec<usize>,
    files: Bulk<'tx>,
    events: Bulk<'tx>,
    next: i64,
    seal: seal::Many,
    now: i64,
    /// Cases whose objections go over to the case that takes their place.
    moved: Vec<(i64, i64)>,
    done: Applied,
}

impl Making<'_, '_> {
    fn case(&mut self, row: &RecordRow, carried: &Carried) -> Result<(), StoreError> {
        let mut steps = self.replay.told(row);
        let Some(first) = steps.first() else { return Ok(()) };
        let (id, opened_on) = (self.next, first.facts.on);
        self.next += 1;
        if let Some((old, by_hand)) = carried.get(&row.key) {
            self.moved.push((*old, id));
            steps.extend(by_hand.iter().map(|(way, reject, facts, actor)| ToldStep {
                way: *way,
                reject: *reject,
                facts: facts.clone(),
                actor: Some(actor),
                told: Told::EVERYTHING,
            }));
        }
        let deadline = self.replay.deadline(&row.fields);
        let mut past = Past { deadline, ..Past::none(row.area) };
        let mut irregular = 0;
        for (seq, step) in (1..).zip(&steps) {
            irregular += i64::from(self.event((id, seq), step, &mut past)?);
        }
        let machine = self.replay.machine;
        let seen = self.replay.case.parts.as_ref().map(|_| row.parts.seen());
        let file = FileRow {
            id,
            subject: &row.key,
            household_id: row.household_id,
            area: &row.area,
            opened_on,
            due: due(machine, self.replay.machines.calendar(), &past),
            irregular,
            version: qb_base::count(steps.len()),
            source_record: Some(row.id),
            parts_seen: seen.as_deref(),
            recorded_at: self.now,
        };
        file.push(machine, &self.replay.case.subject, &past, &mut self.files)?;
        self.done.made += 1;
        self.done.irregular += u64::from(irregular > 0);
        Ok(())
    }

    /// Writes one step; answers whether it failed a guard.
    fn event(
        &mut self,
        (case, seq): (i64, i64),
        step: &ToldStep<'_>,
        past: &mut Past,
    ) -> Result<bool, StoreError> {
        let machine = self.replay.machine;
        let attempt = Attempt {
            way: step.way,
            reject: step.reject,
            facts: &step.facts,
            actor: step.actor,
            told: step.told,
            tells: &self.tells,
            looked_up: LookedUp::default(),
            today: self.replay.today,
        };
        let judged = judge(machine, self.replay.machines.calendar(), past, &attempt);
        let from = past.state;
        past.take(&attempt, &judged);
        let irregular = irregular(&judged);
        let is_irregular = irregular.is_some();
        let recorded_at = self.now;
        let row =
            EventRow { case, seq, from, to: judged.to, attempt: &attempt, irregular, recorded_at };
        self.seal.add(row.push(machine, &mut self.events)?);
        Ok(is_irregular)
    }

    fn finish(self, tx: &Tx<'_>) -> Result<(Applied, (String, Digest)), StoreError> {
        self.files.finish()?;
        self.events.finish()?;
        for (old, new) in &self.moved {
            let sql = "update case_objection set case_id = $1 where case_id = $2";
            tx.execute(sql, &[(*new).into(), (*old).into()])?;
        }
        Ok((self.done, self.seal.finish(&self.replay.dataset.id, self.next)))
    }
}

fn fields(row: &Row<'_>, column: usize) -> Result<Fields, StoreError> {
    let wrong = |_| StoreError::Type { column, expected: "fields of a record" };
    serde_json::from_str(&row.text(column)?).map_err(wrong)
}

/// The codes of the guards a recorded step did not pass.
fn irregular(judged: &Judgement) -> Option<String> {
    let mut codes: Vec<&str> = judged.refusals.iter().map(|refusal| refusal.code()).collect();
    codes.extend(judged.late.map(|_| "late"));
    (!codes.is_empty()).then(|| codes.join(" "))
}
