//! Fixed amounts for those who meet conditions, such as education aid.

use std::collections::BTreeMap;

use crate::error::Refusal;
use crate::model::{Benefit, Formula, Line};
use crate::slip::DueLine;

/// What decides about fixed amounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AidFacts {
    /// The year.
    pub year: i16,
    /// Whether the person is entitled.
    pub entitled: bool,
    /// The stage of school, a code of `school_stage`.
    pub stage: Option<String>,
    /// The class of the household, a code of `household_class`.
    pub class: Option<String>,
    /// Whether the pupil boards; none when it is not known.
    pub boarding: Option<bool>,
}

/// The amounts that are due: of each item the line that names most of what holds.
///
/// A condition on what is not known does not hold: nobody is promised an amount on a guess.
///
/// # Errors
/// When the benefit has no fixed amounts.
pub fn aid(benefit: &Benefit, facts: &AidFacts) -> Result<Vec<DueLine>, Refusal> {
    let Formula::Aid(lines) = &benefit.formula else {
        return Err(Refusal::new(
            "not_an_aid",
            format!("待遇“{}”没有固定金额", benefit.id),
            format!("benefit {} has no fixed amounts", benefit.id),
        ));
    };
    if benefit.entitled.is_some() && !facts.entitled {
        return Ok(Vec::new());
    }
    let mut best: BTreeMap<&str, &Line> = BTreeMap::new();
    for line in lines.iter().filter(|line| holds(line, facts)) {
        let known = best.entry(&line.item).or_insert(line);
        if named(line) > named(known) {
            *known = line;
        }
    }
    Ok(best.into_values().map(due).collect())
}

fn holds(line: &Line, facts: &AidFacts) -> bool {
    let stage = line.stage.is_none() || line.stage == facts.stage;
    let class = line.classes.is_empty()
        || facts.class.as_ref().is_some_and(|class| line.classes.contains(class));
    let boarding = line.boarding.is_none() || line.boarding == facts.boarding;
    line.years.hold(facts.year) && stage && class && boarding
}

/// How much a line asks for; stage weighs as much as class and boarding.
pub(crate) fn named(line: &Line) -> usize {
    usize::from(line.stage.is_some())
        + usize::from(!line.classes.is_empty())
        + usize::from(line.boarding.is_some())
}

fn due(line: &Line) -> DueLine {
    DueLine {
        clause: line.id.clone(),
        item: line.item.clone(),
        says: line.says.clone(),
        source: line.source.clone(),
        illustrative: line.illustrative,
        amount: line.amount,
    }
}
