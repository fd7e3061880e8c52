//! Scores: values of all objects become points, totals, grades and places.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use qb_policy::{Decimal, Ratio};

use crate::error::AssessError;
use crate::kernel;
use crate::model::{Extra, Item, ItemScore, Missing, Object, ObjectScore, Rounding, Scheme};
use crate::number::shown;

/// Scores objects against each other.
///
/// # Errors
/// When a number leaves 128 bits, which no sensible value does.
pub fn score(scheme: &Scheme, objects: &[Object]) -> Result<Vec<ObjectScore>, AssessError> {
    let others = values_by_item(objects);
    let mut scores = objects
        .iter()
        .map(|object| {
            score_object(scheme, object, &others)
                .ok_or_else(|| AssessError::TooLarge(object.id.clone()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    place(&mut scores);
    Ok(scores)
}

fn values_by_item(objects: &[Object]) -> BTreeMap<&str, Vec<Ratio>> {
    let mut values: BTreeMap<&str, Vec<Ratio>> = BTreeMap::new();
    for (item, value) in objects.iter().flat_map(|object| &object.values) {
        values.entry(item).or_default().push(*value);
    }
    values
}

/// The exact points of one item, or that it does not count.
enum Scored {
    Points(Ratio),
    LeftOut,
    Refused,
}

fn score_item(item: &Item, object: &Object, others: &[Ratio]) -> Option<Scored> {
    Some(match (object.values.get(&item.id), item.missing) {
        (Some(value), _) => Scored::Points(kernel::points(item, *value, others)?),
        (None, Missing::Zero) => Scored::Points(Ratio::ZERO),
        (None, Missing::Full) => Scored::Points(item.weight),
        (None, Missing::LeaveOut) => Scored::LeftOut,
        (None, Missing::Refuse) => Scored::Refused,
    })
}

fn score_object(
    scheme: &Scheme,
    object: &Object,
    others: &BTreeMap<&str, Vec<Ratio>>,
) -> Option<ObjectScore> {
    let (mut items, mut incomplete) = (Vec::new(), Vec::new());
    let (mut sum, mut weights, mut counted) = (Ratio::ZERO, Ratio::ZERO, Ratio::ZERO);
    for item in &scheme.items {
        let others = others.get(item.id.as_str()).map_or(&[][..], Vec::as_slice);
        let scored = score_item(item, object, others)?;
        let left_out = matches!(scored, Scored::LeftOut);
        if matches!(scored, Scored::Refused) {
            incomplete.push(item.id.clone());
        }
        let exact = if let Scored::Points(points) = scored { points } else { Ratio::ZERO };
        let points = exact.round_to(scheme.step)?;
        weights = weights.plus(item.weight)?;
        if !left_out {
            counted = counted.plus(item.weight)?;
        }
        sum = sum.plus(match scheme.rounding {
            Rounding::ItemThenSum => Ratio::of(points)?,
            Rounding::SumThenRound => exact,
        })?;
        let lost = if left_out { Ratio::ZERO } else { item.weight.minus(Ratio::of(points)?)? };
        items.push(ItemScore {
            id: item.id.clone(),
            raw: object.values.get(&item.id).and_then(|value| shown(*value)),
            points,
            lost: shown(lost)?,
            left_out,
        });
    }
    if counted < weights && counted > Ratio::ZERO {
        sum = sum.multiply(weights.divide(counted)?)?;
    }
    let deduct = extras(&scheme.deductions, object, scheme.deduct_max)?;
    let bonus = extras(&scheme.bonuses, object, scheme.bonus_max)?;
    let base = sum.round_to(scheme.step)?;
    let before = match scheme.rounding {
        Rounding::ItemThenSum => Ratio::of(base)?,
        Rounding::SumThenRound => sum,
    };
    let total = before.minus(deduct)?.plus(bonus)?.max(Ratio::ZERO).round_to(scheme.step)?;
    let total = Some(total).filter(|_| incomplete.is_empty());
    Some(ObjectScore {
        object: object.id.clone(),
        items,
        base,
        deduct: shown(deduct)?,
        bonus: shown(bonus)?,
        veto: vetoes(scheme, object),
        grade: total.and_then(|total| grade(scheme, object, total)),
        total,
        rank: None,
        group: scheme.group_of(&object.id).map(|group| group.id.clone()),
        group_rank: None,
        incomplete,
    })
}

/// Points for what was found, each kind up to its own limit and all together up to theirs.
fn extras(extras: &[Extra], object: &Object, max: Ratio) -> Option<Ratio> {
    let mut sum = Ratio::ZERO;
    for extra in extras {
        // What the query of an extra does not name did not happen there.
        let Some(count) = object.counts.get(&extra.id) else { continue };
        let points = (*count).max(Ratio::ZERO).multiply(extra.points)?;
        sum = sum.plus(extra.max.map_or(points, |max| points.min(max)))?;
    }
    Some(sum.min(max))
}

fn vetoes(scheme: &Scheme, object: &Object) -> Vec<String> {
    let held = scheme.vetoes.iter().filter(|veto| object.vetoes.contains(&veto.id));
    held.map(|veto| veto.id.clone()).collect()
}

/// The grade of a total, no better than a veto leaves.
fn grade(scheme: &Scheme, object: &Object, total: Decimal) -> Option<String> {
    let total = Ratio::of(total)?;
    let position = |id: &str| scheme.bands.iter().position(|band| band.id == id);
    let earned = scheme.bands.iter().position(|band| total >= band.from)?;
    let held = scheme.vetoes.iter().filter(|veto| object.vetoes.contains(&veto.id));
    let capped = held.filter_map(|veto| position(&veto.cap)).fold(0, usize::max);
    scheme.bands.get(earned.max(capped)).map(|band| band.id.clone())
}

/// Places by standard competition ranking (1, 2, 2, 4); whoever is vetoed stands behind all who are
/// not, whoever has no total has no place.
fn place(scores: &mut [ObjectScore]) {
    let keys: Vec<Option<(bool, Reverse<Decimal>)>> = scores
        .iter()
        .map(|score| score.total.map(|total| (!score.veto.is_empty(), Reverse(total))))
        .collect();
    let groups: Vec<Option<String>> = scores.iter().map(|score| score.group.clone()).collect();
    for (score, key) in scores.iter_mut().zip(&keys) {
        let Some(key) = key else { continue };
        let ahead = |within: &Option<String>| {
            let rivals = keys.iter().zip(&groups);
            let rivals = rivals.filter(|(_, group)| within.is_none() || *group == within);
            let ahead = rivals.filter(|(rival, _)| rival.as_ref().is_some_and(|r| r < key));
            ahead.fold(1_u32, |place, _| place + 1)
        };
        score.rank = Some(ahead(&None));
        score.group_rank = score.group.is_some().then(|| ahead(&score.group));
    }
}
