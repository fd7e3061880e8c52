//! `qibang target` and `qibang explain`.

use std::process::ExitCode;

use qb_base::{Date, Text, Timestamp};
use qb_policy::Pack;
use qb_registry::queries;
use qb_report::reasons;
use qb_settle::Ran;
use qb_store::{Known, Store};
use qb_targeting::{Explainer, Progress as Step, TargetingError};

use super::place::{self, actor};
use super::today;
use crate::args::{AsOf, Global};
use crate::fail::Fail;
use crate::output;
use crate::progress::Progress;

/// Runs that a list shows.
const RUNS_SHOWN: i64 = 50;

pub(crate) fn run(global: &Global, on: AsOf) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let ran = evaluate(global, &store, &pack, today::asked(global, (&store, &pack), on)?)?;
    if global.json {
        output::json(&ran)?;
    } else {
        print(global, &ran);
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn evaluate(
    global: &Global,
    store: &Store,
    pack: &Pack,
    (as_of, known): (Date, Known),
) -> Result<Ran, Fail> {
    let mut progress = Progress::new(global);
    let ran = qb_settle::run(store, pack, (actor(), as_of, known), &mut |step| match step {
        Step::Snapshot(done, total) => progress.at("快照 snapshot", done, total),
        Step::Evaluating => progress.at("计算 rules", 0, 1),
        Step::Saving => progress.at("保存 saving", 0, 1),
    })?;
    if ran.summary.households == 0 {
        return Err(Fail::new(
            "登记册是空的,没有可计算的户;请先执行 `qibang import 文件夹`",
            "the register is empty, there is nobody to judge; run `qibang import PATH` first",
        ));
    }
    Ok(ran)
}

pub(crate) fn done(ran: &Ran) -> Text {
    let summary = &ran.summary;
    Text::new(
        format!(
            "第 {} 次运行:{} 户 {} 人,{} 条规则,两种计算结果一致,摘要 {},由线索新办案件 {} 件",
            summary.run,
            summary.households,
            summary.people,
            summary.rules.len(),
            &summary.digest[..16],
            ran.leads
        ),
        format!(
            "run {}: {} households, {} people, {} rules, both evaluators agree, digest {}, {} leads became cases",
            summary.run,
            summary.households,
            summary.people,
            summary.rules.len(),
            &summary.digest[..16],
            ran.leads
        ),
    )
}

fn print(global: &Global, ran: &Ran) {
    output::line(output::said(global, &done(ran)));
    for rule in &ran.summary.rules {
        output::line(format!(
            "  {:<32} ✓ {:>8}  ✗ {:>8}  ? {:>8}",
            rule.id, rule.n_true, rule.n_false, rule.n_unknown
        ));
    }
}

pub(crate) fn list(global: &Global) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let runs = store.read(|conn| qb_targeting::queries::runs(conn, RUNS_SHOWN))?;
    if global.json {
        output::json(&runs)?;
    } else {
        for run in &runs {
            let until = |at| format!(" ≤ {}", Timestamp(at).to_instant_in_china());
            output::line(format!(
                "{:>4}  {}{}  {}  {}",
                run.id,
                run.as_of,
                qb_base::text::shown(run.known_at, until),
                run.pack_id,
                run.digest
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn replay(global: &Global, run: i64) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let (stored, digest) = qb_targeting::replay(&store, &pack, run)?;
    let same = stored.digest == digest;
    if global.json {
        output::json(&serde_json::json!({
            "run": run, "digest": stored.digest, "digest_now": digest, "same": same,
        }))?;
    } else {
        let said = if same { "✓ =" } else { "✗ ≠" };
        output::line(format!("{} {said} {digest}", stored.digest));
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub(crate) fn explain(
    global: &Global,
    household: &str,
    run: Option<i64>,
) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let explainer = match run {
        None => Explainer::open(&store, &pack)?,
        Some(run) => {
            let run = store.read(|conn| qb_targeting::queries::run(conn, run))?;
            Explainer::of_run(&store, &pack, run)?
        }
    };
    let pack = qb_targeting::pack_of(&store, explainer.run(), &pack)?;
    let id = household_id(&store, household)?;
    let explanation = explainer.explain(id)?;
    place::note_reading(&store, &format!("household {id}"), "qibang explain")?;
    if global.json {
        return output::json(&explanation).map(|()| ExitCode::SUCCESS);
    }
    for clause in &explanation.clauses {
        print_clause(global, &pack, clause);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_clause(global: &Global, pack: &Pack, reason: &qb_engine::ClauseReason) {
    let clause = pack.clause(&reason.id);
    let unit = clause.and_then(|clause| clause.unit.as_deref());
    let says = clause.map(|clause| output::said(global, &clause.says));
    let says = says.unwrap_or_else(|| "–".to_owned());
    let result = output::said(global, &reasons::clause_value(pack, unit, &reason.result));
    output::line(format!("{result} [{}]  {says}", reason.id));
    print_reason(global, (pack, unit), &reason.reason, 1);
    for missing in &reason.missing {
        let column = missing.level.view().column(missing.column);
        let label = column.map(|column| output::said(global, &column.label));
        let what = label.unwrap_or_else(|| missing.column.to_owned());
        output::line(format!("    ? {} {} {what}", missing.level.name(), missing.subject));
    }
}

/// A part of a rule; the unit is the whole rule's, whose value its first line shows.
fn print_reason(
    global: &Global,
    (pack, unit): (&Pack, Option<&str>),
    reason: &qb_engine::Reason,
    depth: usize,
) {
    let indent = "  ".repeat(depth);
    let result = output::said(global, &reasons::clause_value(pack, unit, &reason.result));
    output::line(format!("{indent}{result}  {}", reason.text));
    for input in &reason.inputs {
        let (name, value) = (reasons::input_name(pack, input), reasons::input_value(pack, input));
        let (name, value) = (output::said(global, &name), output::said(global, &value));
        output::line(format!("{indent}  · {name} = {value}"));
    }
    for child in &reason.children {
        print_reason(global, (pack, None), child, depth + 1);
    }
}

/// A household by the number of the national register, or by id.
pub(crate) fn household_id(store: &Store, household: &str) -> Result<i64, Fail> {
    let by_number = store.read(|conn| queries::household_ids(conn, [household]))?;
    let found = by_number.into_values().next().or_else(|| household.parse().ok());
    Ok(found.ok_or_else(|| TargetingError::NoHousehold(household.to_owned()))?)
}
