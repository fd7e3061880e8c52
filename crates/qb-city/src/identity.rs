//! Identity numbers (GB 11643) that agree with birth and sex and occur once in the whole city.
//!
//! Counties are made at the same time, so serials are shared out: by `(serial / 2) mod 16`,
//! classes 0 … 8 belong to the
//! numbers a county gives to people born elsewhere, 9 to heads who are listed twice, 10 … 15 to
//! the county's own people.

use std::collections::HashSet;

use qb_base::resident::{self, Sex};

use crate::dice::{Dice, seed_of};
use crate::error::{CityError, Result};

const CLASSES: u64 = 16;
/// Serials thrown before the next day is tried.
const ATTEMPTS_A_DAY: i64 = 400;
/// Days that every month has.
const DAYS: i64 = 28;
/// The class of heads who are listed twice.
pub(crate) const TWICE_LISTED: u64 = 9;
/// The first class of a county's own people; all above it are theirs as well.
pub(crate) const OWN: u64 = 10;

/// Whom a number is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) prefix: &'a str,
    /// Year, month, day.
    pub(crate) birth: (i64, i64, i64),
    pub(crate) sex: Sex,
    /// First and last class of serials allowed.
    pub(crate) classes: (u64, u64),
    /// The check digit must be X.
    pub(crate) ends_in_x: bool,
}

/// Gives out numbers and remembers them.
#[derive(Debug, Default)]
pub(crate) struct Registrar {
    given: HashSet<u64>,
}

impl Registrar {
    /// A number nobody else has.
    ///
    /// The day of birth moves on when a day's serials are used up, which the caller reads back
    /// from the number.
    ///
    /// # Errors
    /// When a whole month is used up: the city is larger than its prefixes allow.
    pub(crate) fn number(&mut self, wanted: Wanted<'_>, dice: &mut Dice) -> Result<String> {
        let (year, month, mut day) = wanted.birth;
        for attempt in 1..=ATTEMPTS_A_DAY * DAYS {
            let serial = throw_serial(&wanted, dice);
            let first = format!("{}{year:04}{month:02}{day:02}{serial:03}", wanted.prefix);
            let check = resident::check_digit(first.as_bytes());
            if let Some(check) = check.filter(|check| !wanted.ends_in_x || *check == b'X')
                && self.given.insert(seed_of(&first))
            {
                return Ok(format!("{first}{}", char::from(check)));
            }
            if attempt % ATTEMPTS_A_DAY == 0 {
                day = day % DAYS + 1;
            }
        }
        Err(CityError::Options("the scale leaves no free identity number".into()))
    }
}

/// A serial of the right class and sex (odd: male).
fn throw_serial(wanted: &Wanted<'_>, dice: &mut Dice) -> u64 {
    let (low, high) = wanted.classes;
    let class = low + dice.below(high - low + 1);
    // 500 pairs of serials: 31 of each class, one more for the first few.
    let half = dice.below(31) * CLASSES + class;
    let serial = half * 2 + u64::from(wanted.sex == Sex::Male);
    if serial < 2 { serial + CLASSES * 2 } else { serial }
}

/// The number in the 15 digits of before 1999, for people born in the last century.
pub(crate) fn fifteen_digits(number: &str) -> Option<String> {
    (number.get(6..8)? == "19").then_some(())?;
    Some(format!("{}{}", number.get(..6)?, number.get(8..17)?))
}
