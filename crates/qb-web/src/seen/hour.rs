//! What one reader has read within an hour.

use std::collections::HashMap;

/// Milliseconds of an hour.
pub(super) const HOUR_MS: i64 = 60 * 60 * 1000;
/// Milliseconds within which the same household read again is one reading.
const AGAIN_MS: i64 = 10 * 60 * 1000;

/// What is counted once an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A household, on whatever page.
    Household(i64),
    /// A row that names somebody who is not in the register.
    Row(i64),
    /// A number shown in full, by its person.
    Number(i64),
    /// A list that left as a file, by its reading; each counts by itself.
    Left(i64),
}

impl Key {
    pub(super) fn of(household: Option<i64>, row: i64) -> Self {
        household.map_or(Self::Row(row), Self::Household)
    }
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    /// Persons read within the hour.
    pub(crate) read: i64,
    /// Persons that may be read without saying why.
    pub(crate) limit: i64,
}

/// The persons a reader has read within an hour, and how often it said why it reads more.
#[derive(Clone, Debug, Default)]
pub(super) struct Hour {
    /// When each was last written down, and how many persons it counts.
    read: HashMap<Key, (i64, i64)>,
    /// The sum of the counts; never too low, and exact after [`Self::prune`].
    persons: i64,
    /// When each reason was given.
    reasons: Vec<i64>,
    /// The newest reading of the store that is counted.
    last: i64,
}

impl Hour {
    pub(super) fn new(
        read: impl IntoIterator<Item = (Key, i64, i64)>,
        (reasons, last): (Vec<i64>, i64),
    ) -> Self {
        let read: HashMap<Key, (i64, i64)> =
            read.into_iter().map(|(key, at, persons)| (key, (at, persons))).collect();
        let persons = read.values().map(|(_, persons)| persons).sum();
        Self { read, persons, reasons, last }
    }

    /// The newest reading of the store that is counted.
    pub(super) const fn last(&self) -> i64 {
        self.last
    }

    /// Counts what the store holds besides; all reasons stand there.
    pub(super) fn join(&mut self, stored: Self) {
        for (key, (at, persons)) in stored.read {
            let known = self.read.entry(key).or_default();
            self.persons += (persons - known.1).max(0);
            *known = (known.0.max(at), known.1.max(persons));
        }
        self.reasons = stored.reasons;
        self.last = self.last.max(stored.last);
    }

    /// Whether so much more stays within the limit, which every reason opens once more.
    pub(super) fn admit(
        &mut self,
        now: i64,
        limit: i64,
        shown: impl Iterator<Item = (Key, i64)> + Clone,
    ) -> Result<(), Over> {
        if self.persons + self.more(now, shown.clone()) <= limit {
            return Ok(());
        }
        self.prune(now);
        let opened = qb_base::count(self.reasons.len()) + 1;
        let limit = limit.saturating_mul(opened);
        if self.persons + self.more(now, shown) <= limit {
            return Ok(());
        }
        Err(Over { read: self.persons, limit })
    }

    /// Persons that are not counted yet.
    fn more(&self, now: i64, shown: impl Iterator<Item = (Key, i64)>) -> i64 {
        let more = |(key, persons): (Key, i64)| match self.read.get(&key) {
            Some((at, counted)) if now - at < HOUR_MS => (persons - counted).max(0),
            _ => persons,
        };
        shown.map(more).sum()
    }

    /// Counts a reading; whether it is to be written down, too.
    pub(super) fn note(&mut self, now: i64, key: Key, persons: i64) -> bool {
        let known = self.read.get(&key).copied().filter(|(at, _)| now - at < HOUR_MS);
        if let Some((at, counted)) = known
            && now - at < AGAIN_MS
            && counted >= persons
        {
            return false;
        }
        let counted = known.map_or(persons, |(_, counted)| counted.max(persons));
        self.persons += match self.read.insert(key, (now, counted)) {
            Some((_, before)) => counted - before,
            None => counted,
        };
        true
    }

    /// Forgets what is older than an hour.
    fn prune(&mut self, now: i64) {
        self.read.retain(|_, (at, _)| now - *at < HOUR_MS);
        self.reasons.retain(|at| now - *at < HOUR_MS);
        self.persons = self.read.values().map(|(_, persons)| persons).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: i64 = 3;

    fn read(hour: &mut Hour, now: i64, household: i64, persons: i64) -> Result<bool, Over> {
        let key = Key::Household(household);
        hour.admit(now, LIMIT, std::iter::once((key, persons)))?;
        Ok(hour.note(now, key, persons))
    }

    #[test]
    fn the_same_household_counts_once_an_hour_and_is_written_once_in_ten_minutes() {
        let mut hour = Hour::default();
        assert_eq!(read(&mut hour, 0, 1, 1), Ok(true));
        assert_eq!(read(&mut hour, AGAIN_MS - 1, 1, 1), Ok(false));
        assert_eq!(read(&mut hour, AGAIN_MS, 1, 1), Ok(true));
        assert_eq!(hour.persons, 1);
        // Its page names two persons more than the line of the list.
        assert_eq!(read(&mut hour, AGAIN_MS, 1, 3), Ok(true));
        assert_eq!(hour.persons, 3);
    }

    #[test]
    fn the_limit_holds_exactly_opens_with_a_reason_and_anew_after_an_hour() {
        let mut hour = Hour::default();
        for household in 1..=LIMIT {
            assert_eq!(read(&mut hour, 0, household, 1), Ok(true));
        }
        let over = Over { read: LIMIT, limit: LIMIT };
        assert_eq!(read(&mut hour, 1, 9, 1), Err(over));
        assert_eq!(read(&mut hour, 1, 2, 1), Ok(false), "what was read already stays readable");
        hour.reasons.push(1);
        assert_eq!(read(&mut hour, 2, 9, 1), Ok(true));
        assert_eq!(read(&mut hour, HOUR_MS + 3, 10, LIMIT), Ok(true));
        assert_eq!(
            hour.persons - LIMIT,
            LIMIT - hour.more(HOUR_MS + 3, [(Key::Household(2), LIMIT)].into_iter())
        );
    }

    #[test]
    fn what_another_server_wrote_counts_beside_what_is_known_and_once() {
        let mut hour = Hour::default();
        assert_eq!(read(&mut hour, 0, 1, 1), Ok(true));
        let stored = [(Key::Household(1), 0, 1), (Key::Household(2), 1, 1), (Key::Row(-4), 1, 1)];
        for _ in 0..2 {
            hour.join(Hour::new(stored, (Vec::new(), 9)));
            assert_eq!((hour.persons, hour.last()), (3, 9));
        }
        assert_eq!(read(&mut hour, 2, 3, 1), Err(Over { read: 3, limit: LIMIT }));
        hour.join(Hour::new([], (vec![2], 0)));
        assert_eq!((read(&mut hour, 3, 3, 1), hour.last()), (Ok(true), 9));
    }

    #[test]
    fn an_hour_that_was_stored_goes_on_counting() {
        let mut hour =
            Hour::new([(Key::Household(1), 5, 2), (Key::Left(7), 6, 1)], (Vec::new(), 7));
        assert!(read(&mut hour, 7, 2, 1).is_err());
        assert_eq!(read(&mut hour, 7, 1, 2), Ok(false));
    }
}
