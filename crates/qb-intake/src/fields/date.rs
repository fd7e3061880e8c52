//! Dates as spreadsheets and clerks write them (fault F5), with the precision they really have.

use qb_base::{PartialDate, date};

use super::{Issue, Reading};
use crate::read::batch::{CellKind, Value};

/// Days from 1970 back to the day before 1900-01-01 as spreadsheets count (their 1900 was a leap
/// year).
const BASE_1900_DAYS: i64 = -25_569;
/// Days from 1970 back to 1904-01-01.
const BASE_1904_DAYS: i64 = -24_107;
/// Years for which a number of days that stands in a text is taken for a date.
const GUESSED_YEARS: std::ops::RangeInclusive<i16> = 1954..=2064;
/// Years a date may lie in.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;
/// Two-digit years up to this belong to this century.
const SHORT_YEAR_LAST: i16 = 49;

/// Reads a date.
pub fn date(value: Value<'_>) -> Reading<PartialDate> {
    let text = value.trimmed();
    if text.is_empty() {
        return Reading::Blank;
    }
    match value.kind {
        CellKind::Date1900 => return serial(&text, BASE_1900_DAYS, false),
        CellKind::Date1904 => return serial(&text, BASE_1904_DAYS, false),
        CellKind::Error => return Reading::Fault(Issue::FormulaError),
        _ => {}
    }
    if super::is_null_word(&text) {
        return Reading::Null;
    }
    if let Some(date) = PartialDate::from_iso(&text).filter(plausible) {
        return Reading::Value(date);
    }
    match digits_only(&text).or_else(|| parts(&text)) {
        Some(date) if plausible(&date) => Reading::Repaired(date, Issue::DateWritten),
        Some(_) => Reading::Fault(Issue::DateText),
        None if value.kind == CellKind::Number1904 => serial(&text, BASE_1904_DAYS, true),
        None => serial(&text, BASE_1900_DAYS, true),
    }
}

/// The time of day that a cell with a date states, in minutes; `None` at midnight, as a date
/// without a time is stored.
pub fn minute_of_day(value: Value<'_>) -> Option<u32> {
    let minute = if value.kind.is_date() {
        let point = value.text.iter().position(|byte| *byte == b'.')?;
        let digits = value.text.get(point + 1..)?;
        // Nine places are a ten-thousandth of a second.
        let part = (0..9).try_fold(0_u64, |part, at| match digits.get(at) {
            Some(digit) if digit.is_ascii_digit() => Some(part * 10 + u64::from(digit - b'0')),
            None => Some(part * 10),
            Some(_) => None,
        })?;
        u32::try_from((part * MINUTES_OF_DAY + 500_000_000) / 1_000_000_000).ok()?
    } else {
        let colon = value.text.iter().position(|byte| *byte == b':')?;
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u32>().ok();
        let hours = value.text.get(..colon)?.rsplit(|byte| !byte.is_ascii_digit()).next()?;
        number(hours)? * 60 + number(value.text.get(colon + 1..colon + 3)?)?
    };
    (1..MINUTES_OF_DAY).contains(&u64::from(minute)).then_some(minute)
}

const MINUTES_OF_DAY: u64 = 24 * 60;

/// Reads a year; a date gives its year.
pub fn year(value: Value<'_>) -> Reading<i16> {
    if let &[a @ b'1'..=b'2', b, c, d] = value.text
        && [b, c, d].iter().all(u8::is_ascii_digit)
    {
        let number =
            [a, b, c, d].iter().fold(0_i16, |year, digit| year * 10 + i16::from(digit - b'0'));
        if YEARS.contains(&number) {
            return Reading::Value(number);
        }
    }
    let trimmed = value.trimmed();
    if let Some(whole) = trimmed.strip_suffix(".0") {
        return year(Value { kind: CellKind::Text, text: whole.as_bytes() });
    }
    match date(value) {
        Reading::Value(date) => Reading::Value(date.date.year()),
        Reading::Repaired(date, issue) => Reading::Repaired(date.date.year(), issue),
        Reading::Blank => Reading::Blank,
        Reading::Null => Reading::Null,
        Reading::Fault(issue) => Reading::Fault(issue),
    }
}

fn plausible(date: &PartialDate) -> bool {
    YEARS.contains(&date.date.year())
}

/// A number of days, as a spreadsheet stores dates.
fn serial(text: &str, base: i64, guessed: bool) -> Reading<PartialDate> {
    let fault = Reading::Fault(Issue::DateText);
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let Ok(days) = whole.parse::<i64>() else { return fault };
    let day = days.checked_add(base).and_then(date::date_from_epoch_days);
    let date = day.and_then(|day| PartialDate::day(day.year(), day.month(), day.day()));
    let years = if guessed { GUESSED_YEARS } else { YEARS };
    match date.filter(|date| years.contains(&date.date.year())) {
        Some(date) if guessed => Reading::Repaired(date, Issue::DateWritten),
        Some(date) => Reading::Value(date),
        None => fault,
    }
}

/// `201605` and `20160501`.
fn digits_only(text: &str) -> Option<PartialDate> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year = text.get(..4)?.parse().ok()?;
    match text.len() {
        6 => PartialDate::month(year, text.get(4..6)?.parse().ok()?),
        8 => PartialDate::day(year, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?),
        _ => None,
    }
}

/// `2016.5`, `2016年5月1日`, `16/5/1`, `2016-05-01 00:00:00`, also with full-width digits.
fn parts(text: &str) -> Option<PartialDate> {
    let mut numbers: Vec<i16> = Vec::with_capacity(4);
    let mut digits = 0;
    let mut lengths = [0_usize; 3];
    for c in text.chars() {
        let plain = match c {
            '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        };
        match plain.to_digit(10) {
            Some(digit) => {
                if digits == 0 {
                    numbers.push(0);
                }
                digits += 1;
                let last = numbers.last_mut()?;
                *last = last.checked_mul(10)?.checked_add(i16::try_from(digit).ok()?)?;
                if let Some(length) = lengths.get_mut(numbers.len() - 1) {
                    *length = digits;
                }
            }
            None if matches!(
                plain,
                '.' | '/' | '-' | '年' | '月' | '日' | '号' | '，' | '、' | '．' | '—' | '·'
            ) =>
            {
                digits = 0
            }
            // A time of day after the date is left out.
            None if matches!(plain, ' ' | 'T') && numbers.len() == 3 => break,
            None if plain.is_whitespace() => digits = 0,
            None => return None,
        }
        if numbers.len() > 3 {
            return None;
        }
    }
    let (first, count) = (*numbers.first()?, numbers.len());
    let year = match lengths {
        [4, ..] => first,
        [2, ..] if count == 3 || text.contains('年') => {
            first + if first <= SHORT_YEAR_LAST { 2000 } else { 1900 }
        }
        _ => return None,
    };
    let part = |at: usize| numbers.get(at).and_then(|number| i8::try_from(*number).ok());
    match count {
        1 => PartialDate::year(year),
        2 => PartialDate::month(year, part(1)?),
        3 => PartialDate::day(year, part(1)?, part(2)?),
        _ => None,
    }
}
