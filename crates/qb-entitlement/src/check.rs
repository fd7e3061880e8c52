//! The check of a pack's benefits: they read well, name known codes, and every case gives its
//! answer.

use qb_policy::{Fault, Pack, Position};
use toml::Value;

use crate::aid::named;
use crate::answer::{answers, number};
use crate::model::{Benefit, Case, Formula, Line, OpenTo};
use crate::{read, suggest};

/// What is wrong with the benefits and suggestions of a pack, cases included.
pub fn check(pack: &Pack) -> Vec<Fault> {
    let mut faults = suggest::check(pack);
    match read::benefits(pack) {
        Ok(benefits) => {
            faults.extend(benefits.iter().flat_map(|benefit| check_benefit(pack, benefit)));
        }
        Err(more) => faults.extend(more),
    }
    faults
}

fn check_benefit(pack: &Pack, benefit: &Benefit) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut known = |list: &str, code: &str, at: &Position| {
        if pack.code_list(list).is_some_and(|list| list.code(code).is_none()) {
            faults.push(Fault::new(
                at.clone(),
                format!("codes/{list}.toml里没有“{code}”"),
                format!("codes/{list}.toml has no `{code}`"),
            ));
        }
    };
    match &benefit.formula {
        Formula::Claim(steps) => {
            for terms in steps.iter().flat_map(|step| &step.terms) {
                terms.kind.iter().for_each(|kind| known("claim_kind", kind, &benefit.at));
                terms.level.iter().for_each(|level| known("hospital_level", level, &benefit.at));
            }
            for step in steps {
                if let OpenTo::Some { classes, .. } = &step.open_to {
                    classes.iter().for_each(|class| known("household_class", class, &benefit.at));
                }
            }
            let uplifts = steps.iter().flat_map(|step| &step.uplifts);
            for kind in uplifts.flat_map(|uplift| &uplift.kinds) {
                known("claim_kind", kind, &benefit.at);
            }
        }
        Formula::Aid(lines) => {
            for line in lines {
                if line.stage.is_some() {
                    known("aid_item", &line.item, &line.at);
                }
                line.stage.iter().for_each(|stage| known("school_stage", stage, &line.at));
                line.classes.iter().for_each(|class| known("household_class", class, &line.at));
            }
            faults.extend(ties(lines));
        }
        Formula::Pool(_) => {}
        Formula::Interest(rule) => {
            rule.purposes.iter().for_each(|purpose| known("loan_purpose", purpose, &benefit.at));
        }
    }
    faults.extend(benefit.cases.iter().flat_map(|case| run_case(benefit, case)));
    faults
}

/// Two lines of one item that could both hold and name equally much would leave the amount open.
fn ties(lines: &[Line]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let rival = lines.iter().skip(at + 1).find(|other| {
            let years = other.years.hold(line.years.from) || line.years.hold(other.years.from);
            let stage = line.stage == other.stage;
            let both = |a: bool, b: bool| a && b;
            let class = !both(!line.classes.is_empty(), !other.classes.is_empty())
                || !line.classes.is_disjoint(&other.classes);
            let boarding = line.boarding.is_none()
                || other.boarding.is_none()
                || line.boarding == other.boarding;
            line.item == other.item
                && years
                && stage
                && class
                && boarding
                && named(line) == named(other)
        });
        if let Some(rival) = rival {
            faults.push(Fault::new(
                rival.at.clone(),
                format!("“{}”与“{}”条件同样具体，无法决定用哪一条", rival.id, line.id),
                format!("`{}` and `{}` may both hold; make one more specific", rival.id, line.id),
            ));
        }
    }
    faults
}

fn run_case(benefit: &Benefit, case: &Case) -> Vec<Fault> {
    let fault = |what: String| {
        Fault::new(
            case.at.clone(),
            format!("用例“{}”：{what}", case.name),
            format!("case “{}”: {what}", case.name),
        )
    };
    let got = match answers(benefit, case) {
        Ok(got) => got,
        Err(what) => return vec![fault(what)],
    };
    if case.expect.is_empty() {
        return vec![fault("`expect` says nothing".to_owned())];
    }
    let mut faults = Vec::new();
    for (name, expected) in &case.expect {
        let expected = text(expected);
        let got = got.get(name).cloned().unwrap_or_else(|| {
            got.get("refused").map_or("-".to_owned(), |code| format!("refused: {code}"))
        });
        if expected != got {
            faults.push(fault(format!("{name} {expected} ≠ {got}")));
        }
    }
    faults
}

/// A number without trailing zeros, or a text as it stands.
fn text(value: &Value) -> String {
    match number(value) {
        Some(number) => number.to_string(),
        None => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}
