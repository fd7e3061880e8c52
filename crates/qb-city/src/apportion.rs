//! Whole numbers in proportion, with totals that hold exactly.

use qb_base::{size, tally};

use crate::error::{CityError, Result};
use crate::model::SIZE_MAX;

/// Splits an amount by weights into whole steps; what is no whole step is left out.
pub(crate) fn split_steps(total: i64, step: i64, weights: &[u64]) -> Vec<i64> {
    let parts = split((total / step).unsigned_abs(), weights);
    parts.into_iter().map(|part| total.signum() * tally(part) * step).collect()
}

/// Splits a total by weights with the largest remainder; ties go to the earlier part. All weights
/// zero: all parts zero.
#[expect(clippy::cast_possible_truncation, reason = "a part is no larger than the whole")]
pub(crate) fn split(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|w| u128::from(*w)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<u128> = weights.iter().map(|w| u128::from(total) * u128::from(*w)).collect();
    let mut parts: Vec<u64> = exact.iter().map(|e| (e / sum) as u64).collect();
    let missing = total - parts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(exact[i] % sum), i));
    for &i in order.iter().take(size(missing)) {
        parts[i] += 1;
    }
    parts
}

/// A number in proportion to a scale in millionths, rounded half up.
pub(crate) fn scaled(number: u64, scale_ppm: u64) -> u64 {
    let wide = u128::from(number) * u128::from(scale_ppm) + 500_000;
    // The largest scale makes a country of a prefecture: far below what 64 bits count.
    u64::try_from(wide / 1_000_000).unwrap_or(u64::MAX)
}

/// Money in proportion to a scale in millionths, rounded down.
///
/// # Errors
/// When the scale makes more money than can be counted.
pub(crate) fn scaled_fen(fen: i64, scale_ppm: u64) -> Result<i64> {
    let wide = i128::from(fen) * i128::from(scale_ppm) / 1_000_000;
    let large = |_| CityError::Options(format!("the scale makes {wide} fen, too much to count"));
    i64::try_from(wide).map_err(large)
}

/// A number in proportion to a part of a whole, rounded half up.
pub(crate) fn in_proportion(number: usize, part: usize, whole: usize) -> usize {
    (number * part * 2 + whole) / (whole * 2).max(1)
}

/// Households of each size (index 0: one member) that have so many people, near the weights and
/// never above `most`.
///
/// `None` when no such numbers exist.
pub(crate) fn by_size(
    households: u64,
    people: u64,
    weights: &[u64; SIZE_MAX],
    most: &[u64; SIZE_MAX],
) -> Option<[u64; SIZE_MAX]> {
    let mut counts = [0; SIZE_MAX];
    counts.copy_from_slice(&split(households, weights));
    settle_limits(&mut counts, most)?;
    let total = |counts: &[u64; SIZE_MAX]| -> u64 {
        counts.iter().zip(1..).map(|(n, size)| n * size).sum()
    };
    let mut turn = 0;
    let mut stuck = 0;
    while total(&counts) != people {
        let up = total(&counts) < people;
        let step = turn % (SIZE_MAX - 1);
        let (from, to) = if up { (step, step + 1) } else { (step + 1, step) };
        turn += 1;
        if counts[from] > 0 && counts[to] < most[to] {
            counts[from] -= 1;
            counts[to] += 1;
            stuck = 0;
        } else {
            stuck += 1;
            if stuck > SIZE_MAX {
                return None;
            }
        }
    }
    Some(counts)
}

/// Moves what exceeds a limit to the nearest size that has room.
fn settle_limits(counts: &mut [u64; SIZE_MAX], most: &[u64; SIZE_MAX]) -> Option<()> {
    for i in 0..SIZE_MAX {
        while counts[i] > most[i] {
            let room =
                (0..SIZE_MAX).filter(|&j| counts[j] < most[j]).min_by_key(|&j| i.abs_diff(j))?;
            counts[i] -= 1;
            counts[room] += 1;
        }
    }
    Some(())
}
