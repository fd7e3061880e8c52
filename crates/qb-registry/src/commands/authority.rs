//! Whether a row may be written, asked in one place for every kind of row; and how often whoever
//! sends was told by it that something exists where they may not look.

use qb_access::{Sender, Writing};
use qb_base::{AreaCode, AreaLevel};

use crate::issue::Issue;

/// Who sends a file, and what they may still be told.
#[derive(Clone, Debug)]
pub struct Authority {
    sender: Sender,
    /// Answers “used elsewhere” that the sender's area may still get today; none where the pack
    /// sets no limit.
    left: Option<u64>,
    given: u64,
}

impl Authority {
    /// What a sender may write, and how often they may still be told today that a key is used
    /// elsewhere; none where the pack sets no limit.
    pub fn new(sender: Sender, left: Option<u64>) -> Self {
        Self { sender, left, given: 0 }
    }

    /// The area of the sender and how often it was told that a key is used elsewhere; nothing of
    /// one who writes everywhere.
    pub fn told(&self) -> Option<(AreaCode, u64)> {
        self.sender.area.map(|area| (area, self.given))
    }

    /// Whether the sender may write everywhere, so that nothing needs to be looked up to decide.
    pub(crate) fn is_everywhere(&self) -> bool {
        self.sender.area.is_none()
    }

    /// Whether an area is the sender's; the digits are those of a village, or of a higher area
    /// filled up with zeros.
    pub(crate) fn covers(&self, digits: u64) -> bool {
        self.is_everywhere() || area_of(digits).is_some_and(|area| self.sender.covers(area))
    }

    /// Why a row must not be written, if it must not: `row` is where it says it stands, `touched`
    /// where each row stands that it would replace or withdraw, `attached` where each stands that
    /// it attaches to.
    pub fn refusal(
        &mut self,
        row: Option<AreaCode>,
        (touched, attached): (&[Option<AreaCode>], &[AreaCode]),
    ) -> Option<Issue> {
        match self.sender.decide(row, touched, attached) {
            Writing::Allow => None,
            Writing::Outside => Some(Issue::AreaOutside),
            Writing::Elsewhere if self.is_spent() => Some(Issue::AskTheCity),
            Writing::Elsewhere => {
                self.given += 1;
                Some(Issue::UsedElsewhere)
            }
        }
    }

    /// Why a key that stands nowhere must not be written: once the answers of a day are spent, a
    /// new key is answered like one that is used elsewhere, so that trying tells nothing more.
    pub(crate) fn new_key_refusal(&self) -> Option<Issue> {
        self.is_spent().then_some(Issue::AskTheCity)
    }

    /// The first of the areas that is the sender's own: a row that names no place stands with what
    /// it attaches to.
    pub(crate) fn own_of(&self, areas: &[AreaCode]) -> Option<AreaCode> {
        areas.iter().copied().find(|area| self.sender.covers(*area))
    }

    fn is_spent(&self) -> bool {
        self.left.is_some_and(|left| self.given >= left)
    }
}

/// The area with these twelve digits; a higher one reads as if it were a village with number zero,
/// which lies below the same areas.
pub(crate) fn area_of(digits: u64) -> Option<AreaCode> {
    AreaCode::parse(&format!("{digits:012}")).ok()
}

/// The area with these digits on its own level, told by the zeros it is filled up with: no village,
/// town or county has the number zero.
pub(crate) fn standing(digits: u64) -> Option<AreaCode> {
    let text = format!("{digits:012}");
    let level = AreaLevel::ALL.into_iter().find(|level| {
        text.get(level.digits()..).is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'))
    })?;
    AreaCode::parse(text.get(..level.digits())?).ok()
}

/// The digits of an area, filled up with zeros to those of a village.
pub(crate) fn digits_of(code: &str) -> u64 {
    let given = code.bytes().map(|byte| u64::from(byte.wrapping_sub(b'0') % 10));
    let filled = given.chain(std::iter::repeat(0)).take(AreaLevel::Village.digits());
    filled.fold(0, |number, digit| number * 10 + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> Option<AreaCode> {
        AreaCode::parse(code).ok()
    }

    #[test]
    fn once_the_answers_are_spent_a_new_key_is_answered_like_a_used_one() {
        let sender = Sender { role: None, area: area("320324") };
        let mut authority = Authority::new(sender, Some(1));
        assert_eq!(authority.new_key_refusal(), None);
        let foreign = (&[area("320321")][..], &[][..]);
        assert_eq!(authority.refusal(area("320324"), foreign), Some(Issue::UsedElsewhere));
        assert_eq!(authority.new_key_refusal(), authority.refusal(area("320324"), foreign));
        assert_eq!(authority.refusal(area("320324"), (&[area("320324")], &[])), None);
    }

    #[test]
    fn digits_filled_up_lie_where_the_area_lies() {
        for code in ["32", "3203", "320321", "320321100", "320321100201"] {
            let digits = digits_of(code);
            assert!(AreaCode::parse(code).unwrap().contains(&area_of(digits).unwrap()), "{code}");
            assert_eq!(standing(digits), area(code));
        }
        let county = Sender { role: None, area: area("320321") };
        let authority = Authority::new(county, None);
        assert!(authority.covers(digits_of("320321")) && !authority.covers(digits_of("3203")));
    }
}
