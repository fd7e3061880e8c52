//! Making the annual report: each fact of the pack is laid beside what the rows and the outside
//! sources say.

use std::collections::BTreeMap;

use qb_base::{Digest, Digester, Text};
use qb_policy::arithmetic::{self, Operand};
use qb_policy::{Contradiction, Decimal, Fact, Method, Outcome, Pack};

use crate::error::ReportError;
use crate::evidence::Evidence;
use crate::model::{
    AnnualReport, CountyValue, CountyValues, FORMAT, Figure, Note, NoteFigure, Provenance, Verdict,
};
use crate::number;
use crate::prose::Prose;

/// The list of units in a pack.
const UNIT_LIST: &str = "unit";
/// Step to which a note's figure is shown when the pack names none.
const NOTE_STEP: (i128, u32) = (1, 4);

/// Makes the annual report of a pack from the evidence.
///
/// # Errors
/// When the pack's text of the report is wrong or a figure cannot be computed exactly.
pub fn annual(
    pack: &Pack,
    evidence: &Evidence,
    provenance: Provenance,
) -> Result<AnnualReport, ReportError> {
    let mut figures: Vec<Figure> =
        pack.facts.iter().map(|fact| figure(pack, fact, evidence)).collect();
    let notes = pack
        .contradictions
        .iter()
        .map(|one| note(pack, one, &figures))
        .collect::<Result<Vec<Note>, _>>()?;
    for figure in &mut figures {
        let about = notes.iter().filter(|note| note.facts.contains(&figure.id));
        figure.notes = about.map(|note| note.id.clone()).collect();
    }
    let prose = Prose::of_pack(pack)?;
    let sections = prose.sections(&figures)?;
    let mut report = AnnualReport {
        format: FORMAT,
        title: prose.title().clone(),
        issuer: prose.issuer().clone(),
        area: pack.area,
        area_name: pack.area(&pack.area).map_or_else(String::new, |area| area.name.clone()),
        year: pack.year.0,
        as_of: pack.as_of.to_string(),
        figures,
        notes,
        sections,
        counties: counties(pack, evidence),
        provenance,
        digest: Digest::of(&[]),
    };
    report.digest = digest(&report)?;
    Ok(report)
}

fn figure(pack: &Pack, fact: &Fact, evidence: &Evidence) -> Figure {
    let found = finding(fact, evidence);
    let from_rows = matches!(fact.method, Method::Rows(_) | Method::Sql(_) | Method::Coverage(_));
    let rounded = |value: Decimal| fact.rounding.map_or(Some(value), |step| value.round_to(step));
    Figure {
        id: fact.id.clone(),
        says: fact.says.clone(),
        unit: fact.unit.clone(),
        unit_label: fact.unit.as_deref().map(|unit| unit_label(pack, unit)),
        definition: fact.definition.clone(),
        denominator: fact.denominator.clone(),
        published: fact.published,
        published_text: fact.published_text.clone(),
        computed: found.value.and_then(rounded),
        computed_exact: found.value,
        rounding: fact.rounding,
        compare: fact.compare,
        as_of: pack.as_of.to_string(),
        source: found.source.unwrap_or_else(|| fact.source.clone()),
        verdict: found.verdict,
        remark: found.remark,
        rows: (from_rows && found.value.is_some()).then(|| format!("/figures/{}", fact.id)),
        notes: Vec::new(),
    }
}

/// What the evidence says about one fact.
struct Finding {
    value: Option<Decimal>,
    verdict: Verdict,
    remark: Option<Text>,
    source: Option<String>,
}

fn finding(fact: &Fact, evidence: &Evidence) -> Finding {
    match &fact.method {
        Method::Rows(_) | Method::Sql(_) | Method::Coverage(_) => {
            match evidence.computed.get(&fact.id) {
                Some(value) => Finding {
                    value: Some(*value),
                    verdict: verdict(fact, *value, Verdict::Reproduced),
                    remark: None,
                    source: None,
                },
                None => not_yet(Text::fixed(
                    "没有可供计算的数据，或资料不全无法得出；请查看导入和识别的结果",
                    "no rows to compute it from, or too much is unknown: see import and targeting",
                )),
            }
        }
        Method::Reference { reference } => match evidence.reference.get(reference) {
            Some(outside) => Finding {
                value: Some(outside.value),
                verdict: verdict(fact, outside.value, Verdict::Reference),
                remark: None,
                source: Some(outside.source.clone()),
            },
            None => not_yet(Text::fixed(
                "外部数据文件中没有此项",
                "the file of outside statistics does not hold it",
            )),
        },
        Method::Pending { missing } => not_yet(missing.clone()),
        Method::Text { mechanism } => not_yet(mechanism.clone()),
    }
}

fn not_yet(remark: Text) -> Finding {
    Finding { value: None, verdict: Verdict::NotYetComputed, remark: Some(remark), source: None }
}

/// `agreed` when the value stands to the published one as the fact demands, else a contradiction.
fn verdict(fact: &Fact, value: Decimal, agreed: Verdict) -> Verdict {
    match fact.published {
        Some(published) if !fact.compare.agrees(value, published, fact.rounding) => {
            Verdict::Contradiction
        }
        _ => agreed,
    }
}

fn unit_label(pack: &Pack, unit: &str) -> Text {
    let known = pack.code_list(UNIT_LIST).and_then(|units| units.code(unit));
    known.map_or_else(|| Text::new(unit, unit), |code| code.label.clone())
}

fn note(pack: &Pack, one: &Contradiction, figures: &[Figure]) -> Result<Note, ReportError> {
    let mut filled = Vec::new();
    let mut zh = BTreeMap::new();
    let mut en = BTreeMap::new();
    for figure in &one.figures {
        let value = note_value(pack, figure, figures)?;
        let unit_label = unit_label(pack, &figure.unit);
        let shown = |lang| match value {
            Some(value) => number::with_unit(&number::grouped(value), unit_label.get(lang), lang),
            None => match lang {
                qb_base::Lang::Zh => "（尚未计算）".to_owned(),
                qb_base::Lang::En => "(not yet computed)".to_owned(),
            },
        };
        zh.insert(figure.id.as_str(), shown(qb_base::Lang::Zh));
        en.insert(figure.id.as_str(), shown(qb_base::Lang::En));
        filled.push(NoteFigure {
            id: figure.id.clone(),
            label: figure.label.clone(),
            value,
            unit_label,
            expression: figure.expression.text.clone(),
        });
    }
    Ok(Note {
        id: one.id.clone(),
        says: one.says.clone(),
        finding: Text::new(put(&one.finding.zh, &zh), put(&one.finding.en, &en)),
        verdict: one.verdict.clone(),
        outcome: outcome(one, figures),
        facts: one.facts.clone(),
        figures: filled,
        source: one.source.clone(),
    })
}

/// What the pack says of the published figures, unless the rows contradict one of them.
fn outcome(one: &Contradiction, figures: &[Figure]) -> Outcome {
    let broken = figures
        .iter()
        .any(|figure| figure.verdict == Verdict::Contradiction && one.facts.contains(&figure.id));
    match one.outcome {
        Outcome::Consistent if broken => Outcome::Contradiction,
        known => known,
    }
}

fn put(template: &str, values: &BTreeMap<&str, String>) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

fn note_value(
    pack: &Pack,
    figure: &qb_policy::Figure,
    figures: &[Figure],
) -> Result<Option<Decimal>, ReportError> {
    let find = |id: &str| figures.iter().find(|figure| figure.id == id);
    let mut look_up = |operand: Operand<'_>| match operand {
        Operand::Published(id) => find(id)?.published,
        Operand::Computed(id) => find(id)?.computed_exact,
        Operand::Param(id) => pack.param(id, &pack.area, pack.as_of).map(|value| value.published),
    };
    let step = figure.rounding.or_else(|| Decimal::new(NOTE_STEP.0, NOTE_STEP.1));
    let value = arithmetic::evaluate(&figure.expression.text, &mut look_up).map_err(|fault| {
        ReportError::Figure { id: figure.id.clone(), detail: fault.message.to_string() }
    })?;
    Ok(value.zip(step).and_then(|(value, step)| value.round_to(step)))
}

fn counties(pack: &Pack, evidence: &Evidence) -> Vec<CountyValues> {
    let named = |(area, values): (&qb_base::AreaCode, &BTreeMap<String, Decimal>)| CountyValues {
        area: *area,
        name: pack.area(area).map_or_else(|| area.to_string(), |known| known.name.clone()),
        values: values
            .iter()
            .map(|(fact, value)| CountyValue { fact: fact.clone(), value: *value })
            .collect(),
    };
    evidence.by_county.iter().map(named).collect()
}

/// Digests what the report says, not when it was made.
fn digest(report: &AnnualReport) -> Result<Digest, ReportError> {
    let mut digester = Digester::new();
    let said = (&report.title, &report.area, &report.year, &report.as_of);
    digester.field(&serde_json::to_vec(&said)?);
    digester.field(&serde_json::to_vec(&(&report.figures, &report.notes, &report.sections))?);
    digester.field(&serde_json::to_vec(&report.counties)?);
    let from = &report.provenance;
    digester.field(&serde_json::to_vec(&(&from.pack, &from.pack_digest, &from.snapshot))?);
    Ok(digester.finish())
}

#[cfg(test)]
mod tests;
