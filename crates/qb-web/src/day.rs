//! What day it is on the pages: the office's day, and the day that the newest run stands on.

use std::sync::Mutex;

use qb_base::env::Stopwatch;
use qb_base::{Date, env};
use qb_store::OfficeDay;

use crate::cache::{FRESH_MS, held};
use crate::fault::Fault;
use crate::state::AppState;

/// The office's day, read from the store at most ten times a second however many requests ask.
#[derive(Default)]
pub(crate) struct OfficeClock(Mutex<Option<(Stopwatch, OfficeDay)>>);

impl AppState {
    /// The day on which the office works, and whether somebody fixed it.
    pub(crate) fn office_day(&self) -> Result<OfficeDay, Fault> {
        if let Some((read, day)) = held(&self.office_clock.0).as_ref()
            && read.elapsed().as_millis() < FRESH_MS
        {
            // Midnight does not wait for the next reading.
            let real = || OfficeDay { day: env::today(), is_fixed: false };
            return Ok(if day.is_fixed { *day } else { real() });
        }
        let day = self.store.office_day()?;
        *held(&self.office_clock.0) = Some((Stopwatch::start(), day));
        Ok(day)
    }

    /// The day on which the office works.
    pub(crate) fn today(&self) -> Result<Date, Fault> {
        Ok(self.office_day()?.day)
    }

    /// The day on which the shown figures stand; nothing before the first run.
    pub(crate) fn data_as_of(&self) -> Result<Option<Date>, Fault> {
        let run = self.newest.run(&self.store)?;
        Ok(run.as_ref().as_ref().map(|info| info.run.day()).transpose()?)
    }

    /// The year that pages about a year show: that of the figures, or of the office before the
    /// first run.
    pub(crate) fn data_year(&self) -> Result<i16, Fault> {
        Ok(match self.data_as_of()? {
            Some(day) => day.year(),
            None => self.today()?.year(),
        })
    }
}
