//! Targets with what was reached.

use std::collections::{BTreeSet, HashMap};

use qb_access::Scope;
use qb_base::{AreaCode, Date};
use qb_store::{Conn, Known, StoreError};
use serde::Serialize;

use crate::cascade::{CascadeLine, cascade};
use crate::judge::{Progress, State, judge};
use crate::rules::TargetRules;
use crate::source::{self, Signature};

/// Scale of micro units.
const MICRO_SCALE: u8 = 6;

/// What is asked of targets.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The rules.
    pub rules: &'a TargetRules,
    /// The run whose figures measure the targets, if there is one.
    pub run: Option<i64>,
    /// The programme's year: that of targets whose pledge is not listed.
    pub year: i64,
    /// The day.
    pub on: Date,
}

/// A target, what was passed on below, what was reached, and who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetLine {
    /// The target in the cascade.
    #[serde(flatten)]
    pub line: CascadeLine,
    /// Whether the targets below cover it.
    pub is_covered: bool,
    /// Whether its unit is the item's.
    pub is_unit_known: bool,
    /// Whether somebody holds the post that answers for the area.
    pub has_owner: bool,
    /// How its pledge stands; none where the pledge is not listed.
    pub signature: Option<Signature>,
    /// The last day.
    pub until_on: Option<Date>,
    /// What was reached × 10⁶, where a figure measures it.
    pub actual_micro: Option<i64>,
    /// What is still missing × 10⁶; below zero when there is more than the target.
    pub gap_micro: Option<i64>,
    /// How it stands.
    pub state: State,
}

/// What is wrong with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The targets below do not cover it.
    NotCovered,
    /// Its unit, or one below, is another.
    OtherUnit,
    /// Nobody holds the post that answers for it.
    NoOwner,
    /// Its pledge is not signed although it is due.
    Unsigned,
}

impl TargetLine {
    /// Everything that is wrong with it.
    pub fn gaps(&self) -> Vec<Gap> {
        let unsigned = matches!(self.signature, Some(Signature::Overdue));
        let gaps = [
            (!self.is_covered, Gap::NotCovered),
            (!self.is_unit_known || !self.line.is_unit_same, Gap::OtherUnit),
            (!self.has_owner, Gap::NoOwner),
            (unsigned, Gap::Unsigned),
        ];
        gaps.into_iter().filter(|(is, _)| *is).map(|(_, gap)| gap).collect()
    }
}

/// The targets of an area and of those that took a part of them.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn progress(
    conn: &Conn,
    scope: &Scope,
    asked: &Asked<'_>,
    area: AreaCode,
) -> Result<Vec<TargetLine>, StoreError> {
    let mut lines = lines(conn, scope, asked, area)?;
    lines.retain(|line| line.line.area == area || line.line.parent.is_none_or(|p| p == area));
    measure(conn, scope, asked, &mut lines)?;
    Ok(lines)
}

/// Every target within an area that is not covered, has no owner, is unsigned or counts in another
/// unit; progress is left out.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn gaps(
    conn: &Conn,
    scope: &Scope,
    asked: &Asked<'_>,
    area: AreaCode,
) -> Result<Vec<(TargetLine, Vec<Gap>)>, StoreError> {
    let lines = lines(conn, scope, asked, area)?.into_iter();
    let judged = lines.map(|line| {
        let gaps = line.gaps();
        (line, gaps)
    });
    Ok(judged.filter(|(_, gaps)| !gaps.is_empty()).collect())
}

fn lines(
    conn: &Conn,
    scope: &Scope,
    asked: &Asked<'_>,
    area: AreaCode,
) -> Result<Vec<TargetLine>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let within = (low.as_str(), high.as_str());
    let targets = source::targets(conn, within, (asked.year, Known::Everything))?;
    let owners = source::owners(conn, within, asked.rules, asked.on)?;
    let pledges = source::pledges(conn, within, Known::Everything)?;
    let pledges: HashMap<&str, &source::Pledge> =
        pledges.iter().map(|pledge| (pledge.pledge_no.as_str(), pledge)).collect();
    let hung = cascade(&targets).into_iter();
    Ok(hung
        .map(|line| {
            let owner = owners.get(line.area.as_str()).copied();
            let pledge = pledges.get(line.pledge_no.as_str());
            let item = asked.rules.item(&line.item);
            let year = i16::try_from(line.year).ok();
            TargetLine {
                is_covered: line.is_covered(),
                is_unit_known: item.is_some_and(|item| item.unit == line.unit),
                has_owner: owner.is_some(),
                signature: pledge.map(|pledge| pledge.signature(asked.on, owner)),
                until_on: year.and_then(|year| Date::new(year, 12, 31).ok()),
                actual_micro: None,
                gap_micro: None,
                state: State::Unknown,
                line,
            }
        })
        .collect())
}

/// Puts the figures of the run beside the targets, and judges them.
fn measure(
    conn: &Conn,
    scope: &Scope,
    asked: &Asked<'_>,
    lines: &mut [TargetLine],
) -> Result<(), StoreError> {
    let Some(run) = asked.run else { return Ok(()) };
    let wanted: BTreeSet<(String, AreaCode)> =
        lines.iter().map(|line| (line.line.item.clone(), line.line.area)).collect();
    let mut known: HashMap<(String, AreaCode), i64> = HashMap::new();
    for (item, area) in wanted {
        let Some(rule) = asked.rules.item(&item) else { continue };
        let fact = rule.fact.as_ref();
        let figures = qb_targeting::queries::figures_of_area(conn, scope, run, area)?;
        let figure = figures.into_iter().find(|figure| figure.fact == *fact);
        if let Some(value) = figure.and_then(|figure| figure.value).and_then(micro) {
            known.insert((item, area), value);
        }
    }
    for line in lines {
        let Some(item) = asked.rules.item(&line.line.item) else { continue };
        let actual = known.get(&(line.line.item.clone(), line.line.area)).copied();
        let progress = Progress {
            target_micro: line.line.target_micro,
            actual_micro: actual,
            on: asked.on,
            year: line.line.year,
        };
        line.actual_micro = actual;
        line.gap_micro = actual.map(|actual| line.line.target_micro.saturating_sub(actual));
        line.state = judge(&progress, item, asked.rules.pace.margin_percent);
    }
    Ok(())
}

/// An exact decimal × 10⁶; `None` when it has more digits or is too large.
fn micro((unscaled, scale): (i128, u8)) -> Option<i64> {
    let shift = u32::from(MICRO_SCALE.checked_sub(scale)?);
    unscaled.checked_mul(10_i128.checked_pow(shift)?).and_then(|micro| i64::try_from(micro).ok())
}
