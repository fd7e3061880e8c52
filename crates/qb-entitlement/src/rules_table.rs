//! The published table of benefit rules, so that figures can be queries over them.

use qb_base::{Fen, Text};
use qb_engine::{DECIMAL, Table, TableCell, TableRows, TableSchema, TableType};
use qb_policy::{Decimal, Pack};

use crate::claim::{self, Claim};
use crate::error::EntitlementError;
use crate::model::{Benefit, Formula, Share, Standing, Step};

/// Digits after the point of a value.
const VALUE_SCALE: i32 = 6;

/// The schema of `benefit_rule`: what a benefit gives, with and without the roster.
pub fn schema() -> TableSchema {
    TableSchema::new("benefit_rule")
        .with("benefit", TableType::Text, Text::fixed("待遇", "benefit"))
        .with("item", TableType::Text, Text::fixed("项目", "item"))
        .with("kind", TableType::Text, Text::fixed("类别或学段", "kind or stage"))
        .with("level", TableType::Text, Text::fixed("医院级别", "level of hospital"))
        .with("year", TableType::Integer, Text::fixed("年度", "year"))
        .with("value", DECIMAL, Text::fixed("数值", "value"))
        .with("unit", TableType::Text, Text::fixed("单位", "unit"))
        .with("on_roster", TableType::Bool, Text::fixed("名册内", "on the roster"))
        .of_pack()
}

/// The rules of a year and the year after it, as rows.
///
/// # Errors
/// When the pack lacks a code list that rates go by, and for faults of the engine.
pub fn table(pack: &Pack, benefits: &[Benefit], year: i16) -> Result<Table, EntitlementError> {
    let mut rows = TableRows::new(schema());
    for benefit in benefits {
        for year in [year, year.saturating_add(1)] {
            rules(pack, benefit, year)?.iter().for_each(|rule| push(&mut rows, benefit, rule));
        }
    }
    Ok(rows.finish()?)
}

/// One row of the table.
struct Rule {
    item: String,
    kind: Option<String>,
    level: Option<String>,
    year: i16,
    value: Decimal,
    unit: &'static str,
    on_roster: bool,
}

fn push(rows: &mut TableRows, benefit: &Benefit, rule: &Rule) {
    let digits = rule.value.shift(VALUE_SCALE).filter(|value| value.scale() == 0);
    let digits = digits.map(Decimal::mantissa);
    rows.push(&[
        (&benefit.id).into(),
        (&rule.item).into(),
        TableCell::from(rule.kind.as_ref()),
        TableCell::from(rule.level.as_ref()),
        i64::from(rule.year).into(),
        digits.map_or(TableCell::Unknown, TableCell::Decimal),
        rule.unit.into(),
        rule.on_roster.into(),
    ]);
}

fn rules(pack: &Pack, benefit: &Benefit, year: i16) -> Result<Vec<Rule>, EntitlementError> {
    let plain = |item: &str, value: Option<Decimal>, unit| {
        value.map(|value| Rule {
            item: item.to_owned(),
            kind: None,
            level: None,
            year,
            value,
            unit,
            on_roster: true,
        })
    };
    Ok(match &benefit.formula {
        Formula::Claim(steps) => {
            let codes = |list: &'static str| match pack.code_list(list) {
                Some(found) => Ok(found.codes.iter().map(|code| code.id.clone()).collect()),
                None => Err(EntitlementError::NoList { benefit: benefit.id.clone(), list }),
            };
            let (kinds, levels): (Vec<_>, Vec<_>) =
                (codes("claim_kind")?, codes("hospital_level")?);
            let mut rules = Vec::new();
            for step in steps {
                for (kind, level) in kinds.iter().flat_map(|k| levels.iter().map(move |l| (k, l))) {
                    rules.extend(rates(benefit, step, (kind, level), year));
                }
            }
            rules
        }
        Formula::Aid(lines) => {
            let holds = lines.iter().filter(|line| line.years.hold(year));
            let rule = |line: &crate::model::Line| Rule {
                item: line.item.clone(),
                kind: line.stage.clone(),
                level: None,
                year,
                value: yuan(line.amount).unwrap_or(Decimal::whole(0)),
                unit: "yuan",
                on_roster: benefit.entitled.is_some(),
            };
            holds.map(rule).collect()
        }
        Formula::Pool(pool) => {
            let share = plain("people_share", percent(pool.people_share), "percent");
            share.into_iter().chain(plain("post_wage", yuan(pool.post_wage), "yuan")).collect()
        }
        Formula::Interest(rule) => {
            let found = rule.subsidies.iter().find(|subsidy| subsidy.years.hold(year));
            let share = found.and_then(|subsidy| percent(subsidy.share));
            plain("subsidy_share", share, "percent").into_iter().collect()
        }
    })
}

/// The first rate of a payer for one kind and level, for the ordinary and for those on the roster.
fn rates(
    benefit: &Benefit,
    step: &Step,
    (kind, level): (&String, &String),
    year: i16,
) -> Vec<Rule> {
    let rate = |on_roster: bool| {
        let claim = Claim {
            kind: kind.clone(),
            level: level.clone(),
            year,
            total: Fen::ZERO,
            eligible: Fen::ZERO,
            class: None,
            standing: Standing { on_roster, exited_in: None },
        };
        let entitled = benefit.entitled.as_ref().is_some_and(|e| e.holds(claim.standing, year));
        let rate = claim::first_rate(step, &claim, entitled)?;
        let rate = if claim::is_open(&step.open_to, &claim, entitled) { rate } else { Share(0) };
        Some(Rule {
            item: format!("{}_rate", step.payer),
            kind: Some(kind.clone()),
            level: Some(level.clone()),
            year,
            value: percent(rate)?,
            unit: "percent",
            on_roster,
        })
    };
    [false, true].into_iter().filter_map(rate).collect()
}

fn percent(share: Share) -> Option<Decimal> {
    Decimal::new(i128::from(share.0), 4)
}

fn yuan(amount: Fen) -> Option<Decimal> {
    Decimal::new(i128::from(amount.fen()), 2)
}
