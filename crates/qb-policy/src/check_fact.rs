//! Checks of facts and contradictions: units, sources, references to each other, placeholders.

use std::collections::HashSet;

use crate::arithmetic::{Operand, evaluate};
use crate::check::texts;
use crate::error::{Fault, Position};
use crate::fact::{Contradiction, Figure, Method};
use crate::model::Pack;
use crate::read_fact::placeholders;

/// Checks every fact.
pub(crate) fn facts(pack: &Pack, faults: &mut Vec<Fault>) {
    for fact in &pack.facts {
        let mut said = vec![&fact.says];
        said.extend(fact.definition.iter().chain(&fact.denominator).chain(&fact.published_text));
        said.extend(match &fact.method {
            Method::Pending { missing } => Some(missing),
            Method::Text { mechanism } => Some(mechanism),
            _ => None,
        });
        texts(&fact.at, &said, &fact.source, faults);
        if let Some(unit) = &fact.unit {
            known_unit(unit, &fact.id, &fact.at, pack, faults);
        }
        if let Method::Coverage(figure) = &fact.method
            && pack.coverage(&figure.coverage).is_none()
        {
            let cited = &figure.coverage;
            faults.push(Fault::new(
                fact.at.clone(),
                format!("指标“{}”引用的覆盖“{cited}”不存在", fact.id),
                format!("fact `{}` cites the coverage `{cited}`, which doesn't exist", fact.id),
            ));
        }
    }
}

fn known_unit(unit: &str, id: &str, at: &Position, pack: &Pack, faults: &mut Vec<Fault>) {
    if pack.code_list("unit").and_then(|units| units.code(unit)).is_none() {
        faults.push(Fault::new(
            at.clone(),
            format!("“{id}”的单位“{unit}”不在代码表unit中；请改正或补入codes/unit.toml"),
            format!("the unit `{unit}` of `{id}` isn't in the code list `unit`; correct it or add it to codes/unit.toml"),
        ));
    }
}

/// Checks every contradiction.
pub(crate) fn contradictions(pack: &Pack, faults: &mut Vec<Fault>) {
    for one in &pack.contradictions {
        texts(&one.at, &[&one.says, &one.finding, &one.verdict], &one.source, faults);
        for fact in one.facts.iter().filter(|id| pack.fact(id).is_none()) {
            faults.push(Fault::new(
                one.at.clone(),
                format!("“{}”引用的指标“{fact}”不存在", one.id),
                format!("`{}` cites the fact `{fact}`, which doesn't exist", one.id),
            ));
        }
        for figure in &one.figures {
            check_figure(figure, one, pack, faults);
        }
        check_placeholders(one, faults);
    }
}

fn check_figure(figure: &Figure, one: &Contradiction, pack: &Pack, faults: &mut Vec<Fault>) {
    texts(&figure.expression.at, &[&figure.label], "-", faults);
    known_unit(&figure.unit, &figure.id, &figure.expression.at, pack, faults);
    let mut unknown = Vec::new();
    let mut look_up = |operand: Operand<'_>| {
        let known = match operand {
            Operand::Published(id) | Operand::Computed(id) => pack.fact(id).is_some(),
            Operand::Param(id) => pack.param_series(id).is_some(),
        };
        if !known {
            let (Operand::Published(id) | Operand::Computed(id) | Operand::Param(id)) = operand;
            unknown.push(id.to_owned());
        }
        None
    };
    if let Err(fault) = evaluate(&figure.expression.text, &mut look_up) {
        let before = &figure.expression.text[..fault.offset];
        let at = figure.expression.locate(1, before.chars().count() + 1);
        faults.push(Fault { at, message: fault.message });
    }
    for id in unknown {
        faults.push(Fault::new(
            figure.expression.at.clone(),
            format!("“{}”的算式引用的“{id}”不存在", one.id),
            format!("a figure of `{}` names `{id}`, which doesn't exist", one.id),
        ));
    }
}

/// Every placeholder of the finding is a figure, in both languages, and every figure is used.
fn check_placeholders(one: &Contradiction, faults: &mut Vec<Fault>) {
    let figures: HashSet<&str> = one.figures.iter().map(|figure| figure.id.as_str()).collect();
    for text in [&*one.finding.zh, &*one.finding.en] {
        let used: HashSet<&str> = placeholders(text).into_iter().collect();
        if used != figures {
            let mut odd: Vec<&str> = used.symmetric_difference(&figures).copied().collect();
            odd.sort_unstable();
            faults.push(Fault::new(
                one.at.clone(),
                format!("“{}”的finding与figure不一致：{}", one.id, odd.join("、")),
                format!(
                    "the finding of `{}` and its figures differ in: {}",
                    one.id,
                    odd.join(", ")
                ),
            ));
        }
    }
}
