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
#[derive(Clone, Debug)]
pub(super) struct Hour {
    /// When each was last written down, and how many persons it counts.
    read: HashMap<Key, (i64, i64)>,
    /// The sum of the counts; never too low, and exact after [`Self::prune`].
    persons: i64,
    /// When each reason was given.
    reasons: Vec<i64>,
    /// The newest reading of the store that is counted.
    last: i64,
    /// Nothing that is held is older: until this instant is an hour past, there is nothing to
    /// forget, and nobody above the limit pays for looking.
    oldest: i64,
}

impl Default for Hour {
    fn default() -> Self {
        Self::new([], (Vec::new(), 0))
    }
}

impl Hour {
    pub(super) fn new(
        read: impl IntoIterator<Item = (Key, i64, i64)>,
        (reasons, last): (Vec<i64>, i64),
    ) -> Self {
        let read: HashMap<Key, (i64, i64)> =
            read.into_iter().map(|(key, at, persons)| (key, (at, persons))).collect();
        let persons = read.values().map(|(_, persons)| persons).sum();
        let mut hour = Self { read, persons, reasons, last, oldest: i64::MAX };
        hour.oldest = hour.first_instant();
        hour
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
        self.oldest = self.oldest.min(stored.oldest);
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
        self.oldest = self.oldest.min(now);
        self.persons += match self.read.insert(key, (now, counted)) {
            Some((_, before)) => counted - before,
            None => counted,
        };
        true
    }

    /// Forgets what is older than an hour.
    fn prune(&mut self, now: i64) {
        if now.saturating_sub(self.oldest) < HOUR_MS {
            return;
        }
        self.read.retain(|_, (at, _)| now - *at < HOUR_MS);
        self.reasons.retain(|at| now - *at < HOUR_MS);
        self.persons = self.read.values().map(|(_, persons)| persons).sum();
        self.oldest = self.first_instant();
    }

    fn first_instant(&self) -> i64 {
        let read = self.read.values().map(|(at, _)| *at);
        read.chain(self.reasons.iter().copied()).fold(i64::MAX, i64::min)
    }
}

#[cfg(test)]
mod tests;
