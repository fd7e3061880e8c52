//! Seeded chance in whole numbers; the same seed and stream give the same throws on every
//! machine.

use std::borrow::Cow;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Deserialize;

use crate::error::{CityError, Result};

/// A point of a quantile function: per mille of the population, value there.
pub(crate) type Knot = [i64; 2];

/// A quantile function; it has one knot at least, so it has a value everywhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<Knot>")]
pub(crate) struct Curve {
    first: Knot,
    rest: Cow<'static, [Knot]>,
}

/// What a stream of throws is for; streams never share throws.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Weak = 1,
    VillageWeight,
    Sizes,
    Shapes,
    Exits,
    Lapses,
    Yields,
    Faults,
    Household,
    Identity,
    Damage,
    Ledger,
    Duplicate,
    Lists,
    HouseholdList,
    Helper,
    Outsider,
    Application,
    Desk,
    Newcomer,
}

/// One stream of throws.
#[derive(Clone, Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Opens the stream of a seed, a purpose and an index (household, village …).
    pub(crate) fn new(seed: u64, stream: Stream, index: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&(stream as u64).to_le_bytes());
        key[16..24].copy_from_slice(&index.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number of 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n`; 0 when `n` is 0.
    #[expect(clippy::cast_possible_truncation, reason = "the upper half of 128 bits has 64")]
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(n);
        (wide >> 64) as u64
    }

    /// An index below `n`.
    pub(crate) fn index(&mut self, n: usize) -> usize {
        qb_base::size(self.below(n as u64))
    }

    /// A number between two bounds, both possible; the lower one where the other is lower still.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.max(low).abs_diff(low) + 1;
        low + qb_base::tally(self.below(width))
    }

    /// The same for years.
    #[expect(clippy::cast_possible_truncation, reason = "what lies between 16 bits has 16 bits")]
    pub(crate) fn years(&mut self, low: i16, high: i16) -> i16 {
        self.between(low.into(), high.into()) as i16
    }

    /// True so many times in a thousand.
    pub(crate) fn mille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// True so many times in a million.
    pub(crate) fn ppm(&mut self, times: u64) -> bool {
        self.below(1_000_000) < times
    }

    /// One of several things, all as likely. The list must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.index(things.len())]
    }

    /// One of several things, earlier ones more likely (the smaller of two throws).
    pub(crate) fn pick_early<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let (a, b) = (self.index(things.len()), self.index(things.len()));
        &things[a.min(b)]
    }

    /// An index, as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut throw = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if throw < weight {
                return index;
            }
            throw -= weight;
        }
        0
    }

    /// One of several things, as likely as its weight.
    pub(crate) fn pick_weighted<'a, T>(&mut self, things: &'a [(T, u64)]) -> Result<&'a T> {
        let at = self.weighted(things.iter().map(|(_, weight)| *weight));
        let (thing, _) = things
            .get(at)
            .ok_or_else(|| CityError::Model("there is nothing to choose from".to_owned()))?;
        Ok(thing)
    }

    /// A value of a quantile function, linear between its knots.
    pub(crate) fn quantile(&mut self, curve: &Curve) -> i64 {
        let at = self.between(0, 999_999);
        curve.at(at)
    }

    /// Shuffles in place (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = self.index(last + 1);
            things.swap(last, other);
        }
    }
}

/// The digits of a code as a number, to seed what belongs to it.
pub(crate) fn seed_of(code: &str) -> u64 {
    code.bytes()
        .filter(u8::is_ascii_digit)
        .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

impl Curve {
    /// A function known when the program is compiled.
    pub(crate) const fn fixed(first: Knot, rest: &'static [Knot]) -> Self {
        Self { first, rest: Cow::Borrowed(rest) }
    }

    /// The value at its beginning.
    pub(crate) fn begin(&self) -> i64 {
        self.first[1]
    }

    /// The value at so many millionths; behind the last knot that of the last knot.
    fn at(&self, millionths: i64) -> i64 {
        let mut low = self.first;
        for high in self.rest.iter() {
            if millionths <= high[0] * 1000 {
                let width = (high[0] - low[0]).max(1) * 1000;
                return low[1] + (high[1] - low[1]) * (millionths - low[0] * 1000) / width;
            }
            low = *high;
        }
        low[1]
    }
}

impl TryFrom<Vec<Knot>> for Curve {
    type Error = &'static str;

    fn try_from(knots: Vec<Knot>) -> std::result::Result<Self, Self::Error> {
        let (first, rest) = knots.split_first().ok_or("a quantile function without knots")?;
        Ok(Self { first: *first, rest: Cow::Owned(rest.to_vec()) })
    }
}
