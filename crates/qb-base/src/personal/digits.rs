//! Texts that are digits and nothing else.

use super::{
    CARD_GROUPS, DIGITS_MAX, DIGITS_MIN, ID_GROUPS, ID_OLD_GROUPS, LANDLINE_GROUPS, MOBILE_GROUPS,
    PersonalNumber, passes_as_card, passes_as_id, passes_as_landline, passes_as_mobile,
    passes_as_old_id,
};

/// What a text is that is one run of digits, as the numbers of a list are.
///
/// It says what [`super::kind_at`] says of a run with no word before it and nothing after it.
pub(super) fn kind(text: &str) -> Option<PersonalNumber> {
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&text.len()) {
        return None;
    }
    let mut digits = ['0'; DIGITS_MAX];
    digits.iter_mut().zip(text.chars()).for_each(|(digit, c)| *digit = c);
    let digits = &digits[..text.len()];
    let (ids, old, cards, mobiles, landlines) = const {
        (
            ungrouped(ID_GROUPS),
            ungrouped(ID_OLD_GROUPS),
            ungrouped(CARD_GROUPS),
            ungrouped(MOBILE_GROUPS),
            ungrouped(LANDLINE_GROUPS),
        )
    };
    let is = |lengths: u32, passes: fn(&[char]) -> bool| {
        lengths >> digits.len() & 1 == 1 && passes(digits)
    };
    if is(ids, passes_as_id) || is(old, passes_as_old_id) {
        Some(PersonalNumber::Identity)
    } else if is(cards, passes_as_card) {
        Some(PersonalNumber::BankCard)
    } else if is(mobiles, passes_as_mobile) {
        Some(PersonalNumber::Mobile)
    } else {
        is(landlines, passes_as_landline).then_some(PersonalNumber::Landline)
    }
}

/// The lengths of numbers written without groups, one bit for each.
const fn ungrouped(groupings: &[&[usize]]) -> u32 {
    let (mut lengths, mut at) = (0, 0);
    while at < groupings.len() {
        if let [length] = groupings[at] {
            lengths |= 1 << *length;
        }
        at += 1;
    }
    lengths
}
