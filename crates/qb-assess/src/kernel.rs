//! Kernels: a value becomes points. Pure and exact; `None` only when 128 bits do not suffice.

use qb_policy::Ratio;

use crate::model::{Direction, Item, Kernel};

/// The points of a value, between nothing and the item's weight.
///
/// `others` are the known values of all objects, which ranks need.
pub(crate) fn points(item: &Item, value: Ratio, others: &[Ratio]) -> Option<Ratio> {
    let weight = item.weight;
    let points = match &item.kernel {
        Kernel::FullOrZero { at } => {
            if short(item.direction, value, *at)? > Ratio::ZERO {
                Ratio::ZERO
            } else {
                weight
            }
        }
        Kernel::StepDeduct { at, unit, points, whole_units } => {
            let units = short(item.direction, value, *at)?.max(Ratio::ZERO).divide(*unit)?;
            let units = if *whole_units { Ratio::new(units.ceil(), 1)? } else { units };
            weight.minus(units.multiply(*points)?)?
        }
        Kernel::Linear { lo, hi } => {
            let share = value.minus(*lo)?.divide(hi.minus(*lo)?)?;
            weight.multiply(share.clamp(Ratio::ZERO, Ratio::ONE))?
        }
        Kernel::Piecewise { table } => weight.multiply(between(table, value)?)?,
        Kernel::Bands { table, beyond } => {
            table.iter().find(|(upto, _)| value <= *upto).map_or(*beyond, |(_, points)| *points)
        }
        Kernel::Rank { step } => {
            let ahead = others.iter().filter(|other| is_better(item.direction, **other, value));
            let places = Ratio::new(i128::try_from(ahead.count()).ok()?, 1)?;
            weight.minus(places.multiply(*step)?)?
        }
        Kernel::PerUnit { at, start, plus, minus } => {
            let short = short(item.direction, value, *at)?;
            let per_unit = if short > Ratio::ZERO { minus } else { plus };
            start.minus(short.multiply(*per_unit)?)?
        }
    };
    Some(points.clamp(Ratio::ZERO, weight))
}

/// How far a value stays behind a threshold; negative beyond it.
fn short(direction: Direction, value: Ratio, at: Ratio) -> Option<Ratio> {
    match direction {
        Direction::More => at.minus(value),
        Direction::Less => value.minus(at),
    }
}

fn is_better(direction: Direction, one: Ratio, than: Ratio) -> bool {
    match direction {
        Direction::More => one > than,
        Direction::Less => one < than,
    }
}

/// The share at a value: straight lines between the points of a table, level outside it.
fn between(table: &[(Ratio, Ratio)], value: Ratio) -> Option<Ratio> {
    let after = table.iter().position(|(at, _)| value <= *at);
    match after {
        None => table.last().map(|(_, share)| *share),
        Some(0) => table.first().map(|(_, share)| *share),
        Some(right) => {
            let ((x0, y0), (x1, y1)) = (*table.get(right - 1)?, *table.get(right)?);
            let part = value.minus(x0)?.divide(x1.minus(x0)?)?;
            y0.plus(y1.minus(y0)?.multiply(part)?)
        }
    }
}

#[cfg(test)]
mod tests;
