//! From when to when a part of a pack holds.

use qb_base::{Date, Text};

/// The days on which a part of a pack holds; without either end, on all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

impl Effective {
    /// Whether the part holds on a day.
    pub fn holds_on(self, on: Date) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on <= until)
    }

    /// The days in words.
    pub fn text(self) -> Text {
        let from = self.from.map(|day| FROM.fill(&[("day", &day.to_string())]));
        let until = self.until.map(|day| UNTIL.fill(&[("day", &day.to_string())]));
        match (from, until) {
            (Some(from), Some(until)) => Text::new(
                format!("{}，{}", from.zh, until.zh),
                format!("{}, {}", from.en, until.en),
            ),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => ALWAYS,
        }
    }
}

const FROM: Text = Text::fixed("自{day}起施行", "in force from {day}");
const UNTIL: Text = Text::fixed("施行至{day}", "in force until {day}");
const ALWAYS: Text = Text::fixed("一直有效", "in force on all days");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_days_on_which_a_part_holds() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let part = Effective { from: Some(day("2016-03-01")), until: Some(day("2016-12-31")) };
        let days = ["2016-02-29", "2016-03-01", "2016-12-31", "2017-01-01"];
        assert_eq!(days.map(|on| part.holds_on(day(on))), [false, true, true, false]);
        assert!(Effective::default().holds_on(day("1949-10-01")));
        assert_eq!(part.text().zh, "自2016-03-01起施行，施行至2016-12-31");
    }
}
