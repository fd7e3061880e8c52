//! The check of a pack's schemes: they read well, and every case gives its answer.

use qb_engine::{Engine, EngineError, RuleFault, TableSchema, check_sql};
use qb_policy::{Decimal, Fault, Pack};

use crate::model::{Case, Expected, ObjectScore, Scheme};
use crate::read;
use crate::score::score;

/// What is wrong with the schemes of a pack, cases included.
pub fn check(pack: &Pack) -> Vec<Fault> {
    match read::schemes(pack) {
        Ok(schemes) => schemes.iter().flat_map(|scheme| check_scheme(pack, scheme)).collect(),
        Err(faults) => faults,
    }
}

/// What is wrong with the queries of a pack's schemes; `tables` are those that links publish.
///
/// # Errors
/// Only for faults of the engine.
pub fn check_queries(
    engine: &Engine,
    pack: &Pack,
    tables: &[TableSchema],
) -> Result<Vec<RuleFault>, EngineError> {
    // Faults of the files themselves are told by [`check`].
    let Ok(schemes) = read::schemes(pack) else { return Ok(Vec::new()) };
    let queries: Vec<_> = schemes.iter().flat_map(Scheme::queries).collect();
    check_sql(engine, pack, tables, &queries)
}

fn check_scheme(pack: &Pack, scheme: &Scheme) -> Vec<Fault> {
    let mut faults = Vec::new();
    for item in &scheme.items {
        let known = pack.code_list("unit").is_none_or(|list| list.code(&item.unit).is_some());
        if !known {
            faults.push(Fault::new(
                item.at.clone(),
                format!("codes/unit.toml里没有单位“{}”", item.unit),
                format!("codes/unit.toml has no unit `{}`", item.unit),
            ));
        }
        if item.query.is_none() && !scheme.is_example() {
            faults.push(Fault::new(
                item.at.clone(),
                format!("指标“{}”没有查询，也没有给定的数值", item.id),
                format!("item `{}` has neither a query nor given values", item.id),
            ));
        }
    }
    if scheme.base.is_none() && !scheme.is_example() {
        faults.push(Fault::new(
            scheme.at.clone(),
            "没有写明哪些地区参加考核，请写[base]：没有任务的地区不打分",
            "the scheme does not say who is assessed; write a [base]: where there is nothing to do, \
             nothing is scored",
        ));
    }
    for feed in &scheme.feeds {
        let list = pack.code_list("appraisal_kind");
        if list.is_some_and(|list| list.code(&feed.appraisal).is_none()) {
            faults.push(Fault::new(
                scheme.at.clone(),
                format!("codes/appraisal_kind.toml里没有“{}”", feed.appraisal),
                format!("codes/appraisal_kind.toml has no `{}`", feed.appraisal),
            ));
        }
    }
    faults.extend(scheme.cases.iter().flat_map(|case| run_case(scheme, case)));
    faults
}

fn run_case(scheme: &Scheme, case: &Case) -> Vec<Fault> {
    let objects = if case.objects.is_empty() { &scheme.objects } else { &case.objects };
    let fault = |what: String| {
        Fault::new(
            case.at.clone(),
            format!("用例“{}”：{what}", case.name),
            format!("case “{}”: {what}", case.name),
        )
    };
    let scores = match score(scheme, objects) {
        Ok(scores) => scores,
        Err(error) => return vec![fault(error.to_string())],
    };
    let mut faults = Vec::new();
    for expected in &case.expect {
        match scores.iter().find(|score| score.object == expected.object) {
            Some(score) => {
                faults.extend(differences(expected, score).into_iter().map(&fault));
            }
            None => faults.push(fault(format!("no object {}", expected.object))),
        }
    }
    faults
}

/// What differs, each as `what: expected, got`.
fn differences(expected: &Expected, got: &ObjectScore) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, expected: String, got: String| {
        if expected != got {
            found.push(format!("{what} {expected} ≠ {got}"));
        }
    };
    let text = |value: Option<Decimal>| value.map_or("-".to_owned(), |v| v.to_string());
    for (item, points) in &expected.points {
        let got = got.items.iter().find(|score| score.id == *item).map(|score| score.points);
        compare(item, points.to_string(), text(got));
    }
    let numbers = [
        ("base", expected.base, Some(got.base)),
        ("deduct", expected.deduct, Some(got.deduct)),
        ("bonus", expected.bonus, Some(got.bonus)),
        ("total", expected.total, got.total),
    ];
    for (what, wanted, got) in numbers.into_iter().filter(|(_, wanted, _)| wanted.is_some()) {
        compare(what, text(wanted), text(got));
    }
    compare("incomplete", expected.incomplete.to_string(), got.total.is_none().to_string());
    if let Some(grade) = &expected.grade {
        compare("grade", grade.clone(), got.grade.clone().unwrap_or_else(|| "-".to_owned()));
    }
    if let Some(rank) = expected.rank {
        let got = got.rank.map_or("-".to_owned(), |rank| rank.to_string());
        compare("rank", rank.to_string(), got);
    }
    found
}
