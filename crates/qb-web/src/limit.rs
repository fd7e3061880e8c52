//! A bound on how often one person reads full identity numbers.

use std::collections::HashMap;
use std::sync::Mutex;

use qb_base::env;

use crate::cache::held;
use crate::fault::Fault;

/// Numbers one person may read in an hour.
const READS_PER_HOUR: usize = 300;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// When each person read numbers within the last hour.
#[derive(Default)]
pub(crate) struct ReadLimit(Mutex<HashMap<i64, Vec<i64>>>);

impl ReadLimit {
    /// Notes one reading, or says how long to wait.
    pub(crate) fn allow(&self, user_id: i64) -> Result<(), Fault> {
        self.allow_at(user_id, env::now().0)
    }

    fn allow_at(&self, user_id: i64, now: i64) -> Result<(), Fault> {
        let mut known = held(&self.0);
        let reads = known.entry(user_id).or_default();
        reads.retain(|read_at| now - read_at < HOUR_MS);
        if let Some(oldest) = reads.first().copied()
            && reads.len() >= READS_PER_HOUR
        {
            tracing::warn!(
                user.id = user_id,
                "user {user_id} reached the limit of identity readings"
            );
            return Err(Fault::TooMany { seconds: (oldest + HOUR_MS - now) / 1000 + 1 });
        }
        reads.push(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_hundred_and_first_number_of_an_hour_is_refused() {
        let limit = ReadLimit::default();
        for _ in 0..READS_PER_HOUR {
            limit.allow_at(1, 0).unwrap();
        }
        assert!(matches!(limit.allow_at(1, 0), Err(Fault::TooMany { seconds: 3601 })));
        assert!(limit.allow_at(2, 0).is_ok());
        assert!(limit.allow_at(1, HOUR_MS).is_ok());
    }
}
