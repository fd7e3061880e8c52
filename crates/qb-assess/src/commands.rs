//! Changes of frozen scores; each is one transaction.

use qb_base::{Digest, Digester, Text, env};
use qb_case::Actor;
use qb_policy::{Pack, Ratio};
use qb_store::{AuditEntry, Store, StoreError, Tx, Value};

use crate::duty;
use crate::error::AssessError;
use crate::find;
use crate::model::{Object, ObjectScore};
use crate::queries::{self, ScoreRun};
use crate::save;
use crate::score::score;
use crate::source::{Source, gather};

/// Who asks, and under which rules.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// The rules.
    pub pack: &'a Pack,
}

/// The steps of the machine that each command takes; freezing keeps the data and scores them.
const FREEZE: &[&str] = &["freeze", "score"];
const SCORE: &[&str] = &["score"];
const CONFIRM: &[&str] = &["confirm"];
const PUBLISH: &[&str] = &["publish"];

/// A frozen score.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Its number.
    pub run: i64,
    /// Digest of values and results.
    pub digest: Digest,
    /// What came out.
    pub scores: Vec<ObjectScore>,
}

/// An objection to one value.
#[derive(Clone, Copy, Debug)]
pub struct Appeal<'a> {
    /// The score.
    pub run: i64,
    /// Whose score.
    pub object: &'a str,
    /// The indicator.
    pub item: &'a str,
    /// Why the value is wrong.
    pub reason: &'a str,
}

/// What became of an appeal.
#[derive(Clone, Copy, Debug)]
pub enum Decision {
    /// The value stands.
    Rejected,
    /// This value takes its place.
    Accepted(Ratio),
}

/// Scores a scheme over a snapshot and keeps values and results.
///
/// The same values under the same rules are frozen once: asking again answers the score there is.
///
/// # Errors
/// When the scheme is unknown, a query cannot be answered, the person may not freeze and score, or
/// the store fails.
pub fn freeze(
    store: &Store,
    asked: &Asked<'_>,
    scheme: &str,
    snapshot: &str,
    source: &dyn Source,
) -> Result<Frozen, AssessError> {
    let scheme = find::scheme(asked.pack, scheme)?;
    let objects = gather(asked.pack, &scheme, source)?;
    let scores = score(&scheme, &objects)?;
    let digest = digest(&objects, &scores);
    let pack_digest = asked.pack.digest().to_string();
    store.write(|tx| {
        duty::ask(tx, (asked.pack, asked.actor), None, FREEZE)?;
        let newest = queries::newest(tx, &scheme.id, scheme.year)?;
        let same = newest.filter(|run| {
            run.pack == pack_digest && run.snapshot == snapshot && run.digest == digest.to_string()
        });
        let run = match same {
            Some(run) => run.id,
            None => {
                let run = tx.next_id("score_run")?;
                let head = save::Head {
                    run,
                    scheme: &scheme.id,
                    year: scheme.year,
                    snapshot,
                    pack: &pack_digest,
                    digest: &digest.to_string(),
                };
                save::run(tx, &head)?;
                save::revision(tx, run, 0, &objects, &scores)?;
                run
            }
        };
        duty::note(tx, run, asked.actor, FREEZE)?;
        audit(tx, &asked.actor.login, "score.freeze", run, Some(digest), &scheme.id)?;
        Ok::<_, AssessError>(Frozen { run, digest, scores })
    })
}

/// Enters an appeal against one value of a score that is not confirmed yet.
///
/// # Errors
/// When the score is confirmed, the value is not part of it, or the reason is blank.
pub fn appeal(store: &Store, actor: &str, appeal: &Appeal<'_>) -> Result<i64, AssessError> {
    if appeal.reason.trim().is_empty() {
        return Err(AssessError::Appeal(Text::fixed(
            "请写明申诉理由：哪个数不对，依据是什么",
            "give the reason of the appeal: which value is wrong, and what shows it",
        )));
    }
    store.write(|tx| {
        let run = require(tx, appeal.run, "frozen", "appeal")?;
        let sql = "select count(*) from score_item where run_id = $1 and revision = $2 \
                   and object = $3 and item = $4";
        let values = [run.id.into(), run.revision.into(), appeal.object.into(), appeal.item.into()];
        if tx.query_one(sql, &values, |row| row.int(0))? == 0 {
            return Err(AssessError::Appeal(Text::new(
                format!("考核结果{}中没有这一对象的指标{}", run.id, appeal.item),
                format!("score {} has no item {} of this object", run.id, appeal.item),
            )));
        }
        let id = tx.next_id("score_appeal")?;
        let sql = "insert into score_appeal (id, run_id, object, item, reason, state, opened_at) \
                   values ($1, $2, $3, $4, $5, 'open', $6)";
        let now = env::now().0;
        let (object, item, reason) = (appeal.object, appeal.item, appeal.reason.trim());
        let values =
            [id.into(), run.id.into(), object.into(), item.into(), reason.into(), now.into()];
        tx.execute(sql, &values)?;
        audit(tx, actor, "score.appeal", run.id, None, item)?;
        Ok(id)
    })
}

/// Answers an appeal; an accepted one adds a revision in which everybody is scored again.
///
/// # Errors
/// When the appeal is answered already, the person may not answer it, the score is confirmed, or
/// the pack is another one than the score was made with.
pub fn decide(
    store: &Store,
    asked: &Asked<'_>,
    appeal: i64,
    decision: Decision,
    answer: &str,
) -> Result<(), AssessError> {
    store.write(|tx| {
        let open = queries::appeal(tx, appeal)?;
        if open.state != "open" {
            return Err(AssessError::Appeal(Text::new(
                format!("申诉{appeal}已经答复"),
                format!("appeal {appeal} has been answered already"),
            )));
        }
        let run = require(tx, open.run, "frozen", "decide")?;
        duty::ask_to_answer(tx, (asked.pack, asked.actor), run.id)?;
        let (state, corrected, revision, digest) = match decision {
            Decision::Rejected => ("rejected", None, None, None),
            Decision::Accepted(value) => {
                let revision = run.revision + 1;
                duty::note(tx, run.id, asked.actor, SCORE)?;
                let digest = rescore(tx, asked.pack, &run, (&open.object, &open.item), value)?;
                ("accepted", crate::number::shown(value), Some(revision), Some(digest))
            }
        };
        let corrected = corrected.map(|value| value.to_string());
        let sql = "update score_appeal set state = $1, decided_at = $2, answer = $3, \
                   raw_corrected = $4, revision = $5 where id = $6";
        let values = [
            state.into(),
            env::now().0.into(),
            answer.into(),
            Value::from(corrected.as_ref()),
            Value::from(revision),
            appeal.into(),
        ];
        tx.execute(sql, &values)?;
        audit(tx, &asked.actor.login, "score.decide", run.id, digest, state)
    })
}

/// Confirms a score once every appeal is answered.
///
/// # Errors
/// When appeals are open, the score is not frozen, or the person may not confirm it: by role, or
/// because the person scored.
pub fn confirm(store: &Store, asked: &Asked<'_>, run: i64) -> Result<(), AssessError> {
    store.write(|tx| {
        require(tx, run, "frozen", "confirm")?;
        duty::ask(tx, (asked.pack, asked.actor), Some(run), CONFIRM)?;
        let sql = "select count(*) from score_appeal where run_id = $1 and state = 'open'";
        let open = tx.query_one(sql, &[run.into()], |row| row.int(0))?;
        if open > 0 {
            return Err(AssessError::OpenAppeals { run, open });
        }
        set_state(tx, run, "confirmed")?;
        duty::note(tx, run, asked.actor, CONFIRM)?;
        audit(tx, &asked.actor.login, "score.confirm", run, None, "all appeals are answered")
    })
}

/// Publishes a confirmed score.
///
/// # Errors
/// When the score is not confirmed, or the person may not publish it.
pub fn publish(store: &Store, asked: &Asked<'_>, run: i64) -> Result<(), AssessError> {
    store.write(|tx| {
        require(tx, run, "confirmed", "publish")?;
        duty::ask(tx, (asked.pack, asked.actor), Some(run), PUBLISH)?;
        set_state(tx, run, "published")?;
        duty::note(tx, run, asked.actor, PUBLISH)?;
        audit(
            tx,
            &asked.actor.login,
            "score.publish",
            run,
            None,
            "the score is public within the programme",
        )
    })
}

/// Puts a corrected value in, scores everybody again and adds the revision.
fn rescore(
    tx: &Tx<'_>,
    pack: &Pack,
    run: &ScoreRun,
    (object, item): (&str, &str),
    value: Ratio,
) -> Result<Digest, AssessError> {
    if pack.digest().to_string() != run.pack {
        return Err(AssessError::Appeal(Text::new(
            format!("考核结果{}使用的是另一版策略包，请用那一版答复", run.id),
            format!("score {} was made with another pack; answer with that one", run.id),
        )));
    }
    let scheme = find::scheme(pack, &run.scheme)?;
    let mut objects = queries::inputs(tx, run)?;
    if let Some(found) = objects.iter_mut().find(|known| known.id == object) {
        found.values.insert(item.to_owned(), value);
    }
    let scores = score(&scheme, &objects)?;
    let digest = digest(&objects, &scores);
    let revision = run.revision + 1;
    save::revision(tx, run.id, revision, &objects, &scores)?;
    let sql = "update score_run set revision = $1, digest = $2 where id = $3";
    let text = digest.to_string();
    tx.execute(sql, &[revision.into(), (&text).into(), run.id.into()])?;
    Ok(digest)
}

/// The score, if it is in the state a step needs.
fn require(
    tx: &Tx<'_>,
    run: i64,
    allowed: &'static str,
    step: &'static str,
) -> Result<ScoreRun, AssessError> {
    let found = queries::run(tx, run)?.ok_or(AssessError::NoRun(run))?;
    if found.state == allowed {
        return Ok(found);
    }
    Err(AssessError::State { run, state: found.state, step, allowed })
}

fn set_state(tx: &Tx<'_>, run: i64, state: &str) -> Result<(), StoreError> {
    tx.execute("update score_run set state = $1 where id = $2", &[state.into(), run.into()])?;
    Ok(())
}

fn audit(
    tx: &Tx<'_>,
    actor: &str,
    action: &'static str,
    run: i64,
    after: Option<Digest>,
    reason: &str,
) -> Result<(), AssessError> {
    let object = run.to_string();
    Ok(tx.audit(&AuditEntry { actor, action, object: &object, before: None, after, reason })?)
}

/// Digest of everything that went in and came out.
fn digest(objects: &[Object], scores: &[ObjectScore]) -> Digest {
    let mut digest = Digester::new();
    for object in objects {
        digest.field(object.id.as_bytes());
        for (name, value) in object.values.iter().chain(&object.counts) {
            let text = format!("{}/{}", value.numerator(), value.denominator());
            digest.field(name.as_bytes()).field(text.as_bytes());
        }
        for veto in &object.vetoes {
            digest.field(veto.as_bytes());
        }
    }
    for score in scores {
        let total = score.total.map(|total| total.to_string());
        for said in [Some(&*score.object), total.as_deref(), score.grade.as_deref()] {
            // Sealed as blank where an object has no total or no grade.
            digest.field(said.unwrap_or_default().as_bytes());
        }
        for item in &score.items {
            digest.field(item.points.to_string().as_bytes());
        }
    }
    digest.finish()
}
