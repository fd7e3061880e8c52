//! Numbers by which rows are found: of households, persons, projects, contracts (faults F2, F4).
//!
//! A spreadsheet damages them in ways that can be undone (blanks, apostrophes, full-width
//! digits) and in ways that cannot: of a number of more than fifteen digits it keeps fifteen.

use std::borrow::Cow;

use super::{Issue, Reading, is_null_word};
use crate::read::batch::{CellKind, Value};

/// Digits that survive in a number cell.
const DIGITS_KEPT: usize = 15;

/// Reads a key; two spellings of one key that differ only by repairable damage read the same.
#[inline]
pub fn key(value: Value<'_>) -> Reading<Cow<'_, str>> {
    if value.kind == CellKind::Text && is_plain(value.text) {
        // Checked to be ASCII.
        return std::str::from_utf8(value.text)
            .map_or(Reading::Fault(Issue::KeyDamaged), |text| Reading::Value(Cow::Borrowed(text)));
    }
    read(value)
}

/// Digits, or letters, digits and dashes that begin with a letter and are no word for nothing.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let word = |text: &[u8]| std::str::from_utf8(text).is_ok_and(is_null_word);
    match text.first() {
        Some(first) => text.iter().all(plain) && (first.is_ascii_digit() || !word(text)),
        None => false,
    }
}

fn read(value: Value<'_>) -> Reading<Cow<'_, str>> {
    let text = value.trimmed();
    if text.is_empty() {
        return Reading::Blank;
    }
    match value.kind {
        CellKind::Error => return Reading::Fault(Issue::FormulaError),
        CellKind::Number | CellKind::Number1904 => return of_number_cell(&text),
        CellKind::Text | CellKind::Blank => {}
        // A key that looked like a day or a truth value to a spreadsheet.
        _ => return Reading::Fault(Issue::KeyDamaged),
    }
    if is_null_word(&text) {
        return Reading::Null;
    }
    let folded = fold(&text);
    if folded.is_empty() {
        return Reading::Blank;
    }
    if is_scientific(&folded) {
        return Reading::Fault(Issue::KeyDamaged);
    }
    let whole = without_zero_fraction(&folded);
    if whole == text {
        return Reading::Value(text);
    }
    Reading::Repaired(Cow::Owned(whole.into_owned()), Issue::KeyFolded)
}

/// A number cell holds a whole number of at most fifteen digits, or its key is lost.
fn of_number_cell(text: &str) -> Reading<Cow<'static, str>> {
    match whole_number(text) {
        Some(digits) if digits.len() <= DIGITS_KEPT => Reading::Value(Cow::Owned(digits)),
        _ => Reading::Fault(Issue::KeyDamaged),
    }
}

/// The digits of a whole number as a number cell holds it: `18`, `18.0`, `1.8956790046E10`.
pub(super) fn whole_number(text: &str) -> Option<String> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > exponent {
        return None;
    }
    // Longer numbers are lost whatever their digits.
    let zeros = (exponent - fraction.len()).min(2 * DIGITS_KEPT);
    let digits = format!("{whole}{fraction}{:0<zeros$}", "");
    let plain = digits.trim_start_matches('0');
    Some(if plain.is_empty() { "0".to_owned() } else { plain.to_owned() })
}

/// `3.2E+15`, `3.203241130030001E15`: how a spreadsheet shows a number it could not keep.
///
/// A plain `12E3` may be the number of a house.
fn is_scientific(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['e', 'E']) else { return false };
    let digits = exponent.trim_start_matches('+');
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    is_digits(digits)
        && is_digits(whole)
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && (number.contains('.') || exponent.starts_with('+'))
}

/// `18.0` is `18`; commas between groups of three digits go too.
fn without_zero_fraction(text: &str) -> Cow<'_, str> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let zeros = fraction.bytes().all(|byte| byte == b'0') && !text.ends_with('.');
    let grouped = whole.split_once(',').is_some_and(|(first, rest)| {
        let mut groups = rest.split(',');
        is_digits(first)
            && first.len() <= 3
            && groups.all(|group| group.len() == 3 && is_digits(group))
    });
    match (zeros, grouped, is_digits(whole)) {
        (true, true, _) => Cow::Owned(whole.replace(',', "")),
        (true, false, true) => Cow::Borrowed(whole),
        _ => Cow::Borrowed(text),
    }
}

/// Takes wrappings, blanks and invisible characters off; full-width letters and digits become
/// plain ones. Full-width punctuation stays where words are, as in the number of a document, and
/// so do blanks behind a comma.
fn fold(text: &str) -> String {
    let bare = super::bare::text(text);
    let plain = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '—' | '–' | '‐' | '−' => '-',
        other => other,
    };
    let is_code = bare.chars().all(|c| {
        let c = plain(c);
        c.is_ascii() || c.is_whitespace() || super::bare::is_invisible(c)
    });
    let fold = |c: char| match plain(c) {
        half if is_code || half.is_ascii_alphanumeric() => half,
        _ => c,
    };
    let mut out = String::with_capacity(bare.len());
    for c in bare.chars().filter(|c| !super::bare::is_invisible(*c)) {
        let is_blank = c.is_whitespace() || c.is_control();
        let is_of_words = c == ' ' && !is_code && out.ends_with([',', ';', ':']);
        if !is_blank || is_of_words {
            out.push(fold(c));
        }
    }
    out
}

#[cfg(test)]
mod tests;
