//! Making the annual report: each fact of the pack is laid beside what the rows and the outside
//! sources say.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use qb_base::{Date, Digest, Digester, Lang, Text};
use qb_policy::arithmetic::{self, Operand};
use qb_policy::{Contradiction, Decimal, Fact, Method, Outcome, Pack};

use crate::error::ReportError;
use crate::evidence::Evidence;
use crate::judge::{Judgement, judge};
use crate::model::{
    AnnualReport, CountyValue, CountyValues, FORMAT, Figure, Note, NoteFigure, Provenance, Verdict,
    VerdictCount,
};
use crate::number;
use crate::prose::{Prose, area_of};

/// The list of units in a pack.
const UNIT_LIST: &str = "unit";
/// Step to which arithmetic over figures is kept, as fine as the shares of a coverage.
const DERIVED_STEP: (i128, u32) = (1, 8);
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
    let day = Day::of(pack, evidence);
    let prose = Prose::of_pack(pack, day.0, day.is_published(pack))?;
    let standing = Standing::of(pack, evidence, day);
    let facts = pack.facts.iter().map(|fact| day.published(pack, fact));
    let figures = facts.map(|fact| {
        let mut figure = figure((pack, day), &prose, &fact, evidence)?;
        standing.say(&mut figure);
        Ok(figure)
    });
    let mut figures = figures.collect::<Result<Vec<Figure>, ReportError>>()?;
    let notes = pack
        .contradictions
        .iter()
        .map(|one| note((pack, day), one, &figures))
        .collect::<Result<Vec<Note>, _>>()?;
    for figure in &mut figures {
        let about = notes.iter().filter(|note| note.facts.contains(&figure.id));
        figure.notes = about.map(|note| note.id.clone()).collect();
    }
    let sections = prose.sections(&figures)?;
    let mut report = AnnualReport {
        format: FORMAT,
        title: prose.title().clone(),
        issuer: prose.issuer().clone(),
        document_no: None,
        area: pack.area,
        area_name: area_of(pack)?.name.clone(),
        year: day.0.year(),
        as_of: day.0.to_string(),
        counts: counts(&figures),
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

/// The day on which a report stands.
#[derive(Clone, Copy)]
struct Day(Date);

impl Day {
    /// Whether the document speaks of this day.
    fn is_published(self, pack: &Pack) -> bool {
        self.0 == pack.year.last_day()
    }

    /// That of the evidence; without any, the end of the pack's year.
    fn of(pack: &Pack, evidence: &Evidence) -> Self {
        Self(evidence.as_of.unwrap_or_else(|| pack.year.last_day()))
    }

    /// A fact with what was published of it for this day: the document speaks of the end of its
    /// year, and of no other day.
    fn published<'f>(self, pack: &Pack, fact: &'f Fact) -> Cow<'f, Fact> {
        if self.is_published(pack) {
            return Cow::Borrowed(fact);
        }
        Cow::Owned(Fact { published: None, published_text: None, ..fact.clone() })
    }
}

/// Facts whose rows carry no day, and the day whose rows they are; none where that is not after the
/// report's.
struct Standing<'a>(Option<(BTreeSet<&'a str>, Date)>);

impl<'a> Standing<'a> {
    fn of(pack: &'a Pack, evidence: &Evidence, day: Day) -> Self {
        let stood = evidence.known_on.filter(|known| *known > day.0);
        Self(stood.map(|stood| (crate::undated::undated(pack), stood)))
    }

    /// Lets a figure of such a fact say of which day it is.
    fn say(&self, figure: &mut Figure) {
        let Some((undated, stood)) = &self.0 else { return };
        if figure.computed_exact.is_some() && undated.contains(figure.id.as_str()) {
            let said = crate::undated::as_it_stood(figure.definition.as_ref(), *stood);
            figure.definition = Some(said);
            figure.as_of = stood.to_string();
        }
    }
}

fn figure(
    (pack, day): (&Pack, Day),
    prose: &Prose,
    fact: &Fact,
    evidence: &Evidence,
) -> Result<Figure, ReportError> {
    let found = finding((pack, day), fact, evidence)?;
    let has_rows = fact.method.is_from_rows() || matches!(fact.method, Method::Pack(_));
    let has_rows = has_rows && !matches!(fact.method, Method::Arithmetic { .. });
    let source = found.source.unwrap_or_else(|| fact.source.clone());
    let rounded = |value: Decimal| fact.rounding.map_or(Some(value), |step| value.round_to(step));
    Ok(Figure {
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
        as_of: day.0.to_string(),
        source_text: prose.source(&source),
        source,
        verdict: found.judgement.verdict,
        reason: found.judgement.reason,
        remark: found.remark,
        rows: (has_rows && found.value.is_some()).then(|| format!("/figures/{}", fact.id)),
        notes: Vec::new(),
    })
}

/// What the evidence says about one fact.
struct Finding {
    value: Option<Decimal>,
    judgement: Judgement,
    remark: Option<Text>,
    source: Option<String>,
}

fn finding(
    (pack, day): (&Pack, Day),
    fact: &Fact,
    evidence: &Evidence,
) -> Result<Finding, ReportError> {
    let found = |value: Decimal, source: Option<String>| {
        let missing = evidence.missing.get(&fact.id).copied();
        Finding { value: Some(value), judgement: judge(fact, value, missing), remark: None, source }
    };
    Ok(match &fact.method {
        Method::Rows(_) | Method::Sql(_) | Method::Coverage(_) | Method::Pack(_) => {
            match evidence.computed.get(&fact.id) {
                Some(value) => found(*value, None),
                None => not_yet(NO_ROWS),
            }
        }
        Method::Arithmetic { expression } => {
            match derived((pack, day), fact, &expression.text, evidence)? {
                Some(value) => found(value, None),
                None => not_yet(NO_ROWS),
            }
        }
        Method::Reference { reference } => match evidence.reference.get(reference) {
            Some(outside) => found(outside.value, Some(outside.source.clone())),
            None => not_yet(Text::fixed(
                "外部数据文件中没有此项",
                "the file of outside statistics does not hold it",
            )),
        },
        Method::Pending { missing } => not_yet(missing.clone()),
        Method::Text { mechanism } => Finding {
            judgement: Judgement {
                verdict: Verdict::Statement,
                reason: Text::fixed(
                    "没有可核对的公布数，资料中也无可列之数",
                    "nothing that can be checked is published, and the records hold none to lay beside it",
                ),
            },
            ..not_yet(mechanism.clone())
        },
    })
}

const NO_ROWS: Text = Text::fixed(
    "没有可供计算的数据，或资料不全无法得出；请查看导入和识别的结果",
    "no rows to compute it from, or too much is unknown: see import and targeting",
);

fn not_yet(remark: Text) -> Finding {
    let judgement = Judgement { verdict: Verdict::NotYetComputed, reason: remark.clone() };
    Finding { value: None, judgement, remark: Some(remark), source: None }
}

/// Arithmetic over values of other facts.
fn derived(
    (pack, day): (&Pack, Day),
    fact: &Fact,
    expression: &str,
    evidence: &Evidence,
) -> Result<Option<Decimal>, ReportError> {
    let mut look_up = |operand: Operand<'_>| match operand {
        Operand::Published(_) => None,
        Operand::Computed(id) => match &pack.fact(id)?.method {
            Method::Reference { reference } => Some(evidence.reference.get(reference)?.value),
            _ => evidence.computed.get(id).copied(),
        },
        Operand::Param(id) => pack.param(id, &pack.area, day.0).map(|value| value.published),
    };
    let value = arithmetic::evaluate(expression, &mut look_up).map_err(|fault| {
        ReportError::Figure { id: fact.id.clone(), detail: fault.message.to_string() }
    })?;
    let step = Decimal::new(DERIVED_STEP.0, DERIVED_STEP.1);
    Ok(value.zip(step).and_then(|(value, step)| value.round_to(step)))
}

fn unit_label(pack: &Pack, unit: &str) -> Text {
    let known = pack.code_list(UNIT_LIST).and_then(|units| units.code(unit));
    known.map_or_else(|| Text::new(unit, unit), |code| code.label.clone())
}

fn note(
    (pack, day): (&Pack, Day),
    one: &Contradiction,
    figures: &[Figure],
) -> Result<Note, ReportError> {
    let mut filled = Vec::new();
    let mut zh = BTreeMap::new();
    let mut en = BTreeMap::new();
    for figure in &one.figures {
        let value = note_value((pack, day), figure, figures)?;
        let unit_label = unit_label(pack, &figure.unit);
        zh.insert(figure.id.as_str(), shown(value, &unit_label, Lang::Zh));
        en.insert(figure.id.as_str(), shown(value, &unit_label, Lang::En));
        filled.push(NoteFigure {
            id: figure.id.clone(),
            label: figure.label.clone(),
            value,
            unit_label,
            expression: figure.expression.text.clone(),
        });
    }
    let lacks =
        filled.iter().any(|figure| figure.value.is_none()) || is_of_the_document(pack, day, one);
    Ok(Note {
        id: one.id.clone(),
        says: one.says.clone(),
        finding: Text::new(put(&one.finding.zh, &zh), put(&one.finding.en, &en)),
        verdict: if lacks { NO_VERDICT } else { one.verdict.clone() },
        outcome: if lacks { Outcome::NotYetComputed } else { outcome(one, figures) },
        facts: one.facts.clone(),
        figures: filled,
        source: one.source.clone(),
    })
}

/// What a note says in place of its verdict when it lacks a figure.
const NO_VERDICT: Text = Text::fixed(
    "所需的数在统计时点不全，不作结论",
    "not all it needs is there as of the day, so nothing is concluded",
);

/// Whether a note speaks of published numbers on a day that the document doesn't speak of.
fn is_of_the_document(pack: &Pack, day: Day, one: &Contradiction) -> bool {
    let facts = one.facts.iter().filter_map(|id| pack.fact(id));
    !day.is_published(pack) && facts.into_iter().any(|fact| fact.published_text.is_some())
}

/// A figure of a note with its unit, and without.
fn shown(value: Option<Decimal>, unit: &Text, lang: Lang) -> (String, String) {
    let Some(value) = value else {
        let none = Verdict::NotYetComputed.text();
        let none = match lang {
            Lang::Zh => format!("（{}）", none.zh),
            Lang::En => format!("({})", none.en),
        };
        return (none.clone(), none);
    };
    let bare = number::grouped(value);
    let unit = number::unit_of(value, unit.get(lang), lang);
    (number::with_unit(&bare, &unit, lang), bare)
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

fn put(template: &str, values: &BTreeMap<&str, (String, String)>) -> String {
    values.iter().fold(template.to_owned(), |text, (name, (whole, bare))| {
        text.replace(&format!("{{{name}}}"), whole).replace(&format!("{{{name}:bare}}"), bare)
    })
}

fn note_value(
    (pack, day): (&Pack, Day),
    figure: &qb_policy::Figure,
    figures: &[Figure],
) -> Result<Option<Decimal>, ReportError> {
    let find = |id: &str| figures.iter().find(|figure| figure.id == id);
    let mut look_up = |operand: Operand<'_>| match operand {
        Operand::Published(id) => find(id)?.published,
        Operand::Computed(id) => find(id)?.computed_exact,
        Operand::Param(id) => pack.param(id, &pack.area, day.0).map(|value| value.published),
    };
    let step = figure.rounding.or_else(|| Decimal::new(NOTE_STEP.0, NOTE_STEP.1));
    let value = arithmetic::evaluate(&figure.expression.text, &mut look_up).map_err(|fault| {
        ReportError::Figure { id: figure.id.clone(), detail: fault.message.to_string() }
    })?;
    Ok(value.zip(step).and_then(|(value, step)| value.round_to(step)))
}

fn counts(figures: &[Figure]) -> Vec<VerdictCount> {
    let count = |verdict| {
        let count = figures.iter().filter(|figure| figure.verdict == verdict).count();
        VerdictCount { verdict, count }
    };
    Verdict::ALL.map(count).into()
}

fn counties(pack: &Pack, evidence: &Evidence) -> Vec<CountyValues> {
    let named = |(area, values): (&qb_base::AreaCode, &BTreeMap<String, Decimal>)| CountyValues {
        area: *area,
        name: pack
            .area(area)
            .map_or_else(|| Text::new(area.to_string(), area.to_string()), qb_policy::Area::named),
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
