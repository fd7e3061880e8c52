//! The days on which a project went through its stages, in order.

use qb_base::Date;

use crate::calendar::Calendar;
use crate::desk::{Value, day_of};
use crate::dice::Dice;

/// How far a project had come at the end of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Running,
    Completed,
    Accepted,
}

/// Days of the stages; a notice of entering and of completion each has its last day.
#[derive(Clone, Debug)]
pub(crate) struct Stages {
    /// Proposed, library, planned, funded, contracted, started, completed, accepted, settled,
    /// audited.
    days: [Option<i64>; STAGES],
    notices: [Option<i64>; 2],
    year: i16,
}

const STAGES: usize = 10;
const LIBRARY: usize = 1;
const CONTRACTED: usize = 4;
const COMPLETED: usize = 6;
const ACCEPTED: usize = 7;
/// Least and most days between a stage and the next; the notices lie in between.
const GAPS: [[i64; 2]; STAGES] = [
    [-115, -90],
    [20, 30],
    [97, 120],
    [12, 30],
    [14, 26],
    [4, 12],
    [60, 115],
    [18, 26],
    [12, 28],
    [10, 35],
];
/// Days a notice is posted.
const NOTICE_DAYS: [i64; 2] = [11, 16];

impl Stages {
    /// Throws the days of a project that came so far; what would lie after the year is open.
    pub(super) fn throw(calendar: Calendar<'_>, reach: Reach, last: i64, dice: &mut Dice) -> Self {
        let stop = match reach {
            Reach::Running => COMPLETED,
            Reach::Completed => ACCEPTED,
            Reach::Accepted => STAGES,
        };
        let mut days = [None; STAGES];
        let mut day = 0;
        for (stage, [least, most]) in GAPS.into_iter().enumerate().take(stop) {
            // Days of the calendar begin with 0.
            day = calendar.working(day + dice.between(least, most) - 1) + 1;
            days[stage] = Some(day).filter(|day| *day <= last);
        }
        let mut notice = |stage: usize| {
            days[stage].map(|day| day + dice.between(NOTICE_DAYS[0], NOTICE_DAYS[1]))
        };
        let notices = [notice(LIBRARY), notice(COMPLETED)];
        Self { days, notices, year: calendar.year }
    }

    fn date(&self, day: Option<i64>) -> Option<Date> {
        day.map(|day| day_of(self.year, day))
    }

    /// The stages as cells, then the last days of both notices.
    pub(super) fn cells(&self) -> impl Iterator<Item = Value> + '_ {
        self.days.iter().chain(&self.notices).map(|day| Value::day(self.date(*day)))
    }

    /// When the contract was signed, the work completed, accepted.
    pub(crate) fn contracted(&self) -> Option<Date> {
        self.date(self.days[CONTRACTED])
    }

    pub(crate) fn accepted(&self) -> Option<Date> {
        self.date(self.days[ACCEPTED])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Stream;

    #[test]
    fn stages_follow_one_another_and_notices_lie_between() {
        let mut dice = Dice::new(1, Stream::Desk, 7);
        let working = qb_base::WorkingCalendar::default();
        let calendar = Calendar { year: 2016, working: &working };
        for _ in 0..300 {
            let stages = Stages::throw(calendar, Reach::Accepted, 366, &mut dice);
            let days: Vec<i64> = stages.days.iter().flatten().copied().collect();
            assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{days:?}");
            assert!(stages.accepted().is_some());
            let [library, done] = stages.notices.map(|day| day.unwrap_or(0));
            assert!(library < days[2] && done < days[ACCEPTED], "{days:?}");
        }
    }
}
