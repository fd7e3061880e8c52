//! `qibang benefit` and `qibang suggest`.

use std::process::ExitCode;

use qb_base::{Fen, Text};
use qb_entitlement::EntitlementError;
use qb_entitlement::model::Benefit;
use qb_entitlement::person::{PersonSlip, SettledClaim, person_slip};
use qb_entitlement::slip::StepSlip;
use qb_policy::Pack;
use qb_registry::queries;
use qb_report::query_rows;
use qb_store::Store;
use qb_targeting::{Explainer, TargetingError};

use super::place::note_reading;
use crate::args::Global;
use crate::fail::Fail;
use crate::output;

/// Prints what a person is due in a year, step by step, beside what was paid.
pub(crate) fn slip(global: &Global, person: &str, year: Option<i16>) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let run = store.read(qb_targeting::queries::newest_run)?.ok_or(TargetingError::NoRun)?;
    let tables = query_rows::open(&store, &pack, &run)?;
    let benefits = qb_entitlement::benefits(&pack).map_err(EntitlementError::Benefits)?;
    let id = person_id(&store, person)?;
    let slip = person_slip(&tables, &benefits, id, year.unwrap_or(run.day()?.year()))?;
    let slip = slip.ok_or_else(|| no_person(person))?;
    note_reading(&store, &format!("person {id}"), "qibang benefit slip")?;
    if global.json {
        return output::json(&slip).map(|()| ExitCode::SUCCESS);
    }
    print(global, (&pack, &benefits), &slip);
    Ok(ExitCode::SUCCESS)
}

/// Prints the measures a household's circumstances speak for, with why.
pub(crate) fn suggest(global: &Global, household: &str) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let explainer = Explainer::open(&store, &pack)?;
    let id = super::target::household_id(&store, household)?;
    let suggested = qb_entitlement::suggest(&pack, &explainer.explain(id)?)
        .map_err(EntitlementError::Benefits)?;
    note_reading(&store, &format!("household {id}"), "qibang suggest")?;
    if global.json {
        return output::json(&suggested).map(|()| ExitCode::SUCCESS);
    }
    for one in &suggested {
        let mark = if one.is_certain { "✓" } else { "?" };
        let (label, says) = (output::said(global, &one.label), output::said(global, &one.says));
        output::line(format!("{mark} {}  {label}: {says} [{}]", one.measure, one.clause));
    }
    Ok(ExitCode::SUCCESS)
}

fn print(global: &Global, (pack, benefits): (&Pack, &[Benefit]), slip: &PersonSlip) {
    let mark = if slip.on_roster { "✓" } else { "✗" };
    let roster = output::said(global, &Text::fixed("医保代缴名册", "premium roster"));
    output::line(format!("{} {}  {roster} {mark}", slip.person, slip.year));
    for claim in &slip.claims {
        let kind = label(global, pack, "claim_kind", &claim.kind);
        let level = label(global, pack, "hospital_level", &claim.level);
        output::line(format!("{}  {kind}  {level}", claim.settled_on));
        print_claim(global, claim);
    }
    for aid in &slip.aids {
        let known = benefits.iter().find(|benefit| benefit.id == aid.benefit);
        let title = known.map(|benefit| output::said(global, &benefit.title));
        output::line(title.unwrap_or_else(|| aid.benefit.clone()));
        for line in &aid.due {
            let says = output::said(global, &line.says);
            let mark = if line.illustrative { " *" } else { "" };
            output::line(format!("  {} {says} [{}]{mark}", line.amount, line.clause));
        }
        for (item, fen) in &aid.paid_fen {
            let list = pack.code_list("aid_item").and_then(|list| list.code(item));
            let label = list.map_or_else(|| item.clone(), |code| output::said(global, &code.label));
            let amount = Fen::new(*fen).map_or_else(|| format!("{fen} fen"), |fen| fen.to_string());
            output::line(format!("  = {amount} {label}"));
        }
    }
    if is_illustrative(slip) {
        output::line(output::said(
            global,
            &Text::fixed(
                "* 示例参数,待主管部门确认",
                "* an example that the authority has still to set",
            ),
        ));
    }
}

/// The name of a code; the code itself where its list has none.
fn label(global: &Global, pack: &Pack, list: &str, code: &str) -> String {
    let known = pack.code_list(list).and_then(|list| list.code(code));
    known.map_or_else(|| code.to_owned(), |code| output::said(global, &code.label))
}

/// What a payer is called.
fn payer(global: &Global, payer: &str) -> String {
    let name = match payer {
        "basic" => Text::fixed("基本医保", "basic insurance"),
        "critical" => Text::fixed("大病保险", "critical illness"),
        "assistance" => Text::fixed("医疗救助", "assistance"),
        other => Text::new(other, other),
    };
    output::said(global, &name)
}

fn is_illustrative(slip: &PersonSlip) -> bool {
    let steps = slip.claims.iter().filter_map(|claim| claim.slip.as_ref());
    let mut steps = steps.flat_map(|slip| &slip.steps);
    let mut lines = slip.aids.iter().flat_map(|aid| &aid.due);
    steps.any(|step| step.illustrative) || lines.any(|line| line.illustrative)
}

fn print_claim(global: &Global, claim: &SettledClaim) {
    if let Some(refused) = &claim.refused {
        output::line(format!("  ✗ {}", output::said(global, refused)));
    }
    let Some(slip) = &claim.slip else { return };
    slip.steps.iter().for_each(|step| print_step(global, step));
    let own = output::said(global, &Text::fixed("个人自付", "own payment"));
    output::line(format!("  {own} = {} / {}", slip.own, slip.total));
    if let Some(difference) = claim.difference_fen.and_then(Fen::new).filter(|d| *d != Fen::ZERO) {
        output::line(format!("  ≠ {difference}"));
    }
}

fn print_step(global: &Global, step: &StepSlip) {
    let mark = if step.illustrative { " *" } else { "" };
    let mut line = format!(
        "  {} {} = ({} − {}) → {} × {}%  [{}] {}{mark}",
        payer(global, &step.payer),
        step.result,
        step.base,
        step.deductible,
        step.counted,
        step.rates.join("/"),
        step.clause,
        step.source,
    );
    if let Some(note) = &step.note {
        line += &format!(" {}", output::said(global, note));
    }
    output::line(line);
}

/// A person by the number of the national register, or by id.
fn person_id(store: &Store, person: &str) -> Result<i64, Fail> {
    let by_number = store.read(|conn| queries::person_numbered(conn, person))?;
    by_number.or_else(|| person.parse().ok()).ok_or_else(|| no_person(person))
}

fn no_person(person: &str) -> Fail {
    Fail::new(
        format!("最近一次运行的快照中没有人员 {person};请用人编号或内部编号"),
        format!(
            "there is no person {person} in the snapshot of the newest run; give a number or id"
        ),
    )
}
