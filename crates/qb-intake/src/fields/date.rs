//! Dates as spreadsheets and clerks write them (fault F5), with the precision they really have.

use qb_base::{PartialDate, date};

use super::{Issue, Reading, bare, key};
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
    let is_number = is_number(value.kind);
    let text = match is_number {
        // A whole number may be written `201605.0` or `2.01605E5`.
        true => key::whole_number(&text).map_or(text, Into::into),
        false => text,
    };
    match written(&text, is_number) {
        Written::One(date) if plausible(&date) => Reading::Repaired(date, Issue::DateWritten),
        Written::Two(..) => Reading::Fault(Issue::DateAmbiguous),
        Written::One(_) => Reading::Fault(Issue::DateText),
        Written::None if value.kind == CellKind::Number1904 => serial(&text, BASE_1904_DAYS, true),
        Written::None => serial(&text, BASE_1900_DAYS, true),
    }
}

/// Whether the cell holds a plain number, which drops zeros at its end.
fn is_number(kind: CellKind) -> bool {
    matches!(kind, CellKind::Number | CellKind::Number1904)
}

/// The dates an ambiguous text can be read as, for messages.
pub(crate) fn readings(value: Value<'_>) -> String {
    match written(&value.trimmed(), is_number(value.kind)) {
        Written::Two(one, other) => format!("{}、{}", one.to_iso(), other.to_iso()),
        Written::One(date) => date.to_iso(),
        Written::None => String::new(),
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

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    None,
    One(PartialDate),
    /// Year first or month first: nobody can tell.
    Two(PartialDate, PartialDate),
}

fn written(text: &str, is_number: bool) -> Written {
    let plain = plain(&bare::text(text));
    if let Some(date) = digits_only(&plain) {
        return Written::One(date);
    }
    let Some(numbers) = Numbers::of(&plain) else { return Written::None };
    let Some(date) = numbers.year_first() else { return Written::None };
    match numbers.other(is_number) {
        Some(other) if other != date => Written::Two(date, other),
        _ => Written::One(date),
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

/// The text with plain digits: full-width forms and Chinese numerals (二〇一六年三月) replaced.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        let half = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        };
        let is_zero_letter = matches!(half, 'O' | 'o') && !run.is_empty();
        if numeral(half).is_some() || matches!(half, '十' | '廿' | '卅') || is_zero_letter {
            run.push(half);
            continue;
        }
        push_numeral(&mut out, &run, half.is_ascii_digit());
        run.clear();
        out.push(half);
    }
    push_numeral(&mut out, &run, false);
    out
}

/// The value of a numeral that stands for one digit.
fn numeral(c: char) -> Option<u32> {
    const NUMERALS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let at = NUMERALS.iter().position(|numeral| *numeral == c);
    let zero = matches!(c, '零' | '○').then_some(0);
    at.and_then(|at| u32::try_from(at).ok()).or(zero)
}

/// Writes a run of numerals as digits: 二〇一六 digit by digit, 二十一 as twenty-one; one that is
/// neither, or that touches digits (2016一3一1), stays, so that it is no date.
fn push_numeral(out: &mut String, run: &str, before_digit: bool) {
    if before_digit || out.ends_with(|c: char| c.is_ascii_digit()) {
        return out.push_str(run);
    }
    let tens = run.find(['十', '廿', '卅']);
    let Some(at) = tens else {
        // What is no numeral in a run is the letter O, written for a nought.
        let digit = |c: char| numeral(c).and_then(|n| char::from_digit(n, 10)).unwrap_or('0');
        return out.extend(run.chars().map(digit));
    };
    let (before, rest) = run.split_at(at);
    let mut rest = rest.chars();
    let ten = match (rest.next(), before.chars().count()) {
        (Some('十'), 0) => Some(1),
        (Some('十'), 1) => before.chars().next().and_then(numeral),
        (Some('廿'), 0) => Some(2),
        (Some('卅'), 0) => Some(3),
        _ => None,
    };
    let one = match (rest.next(), rest.next()) {
        (None, _) => Some(0),
        (Some(c), None) => numeral(c),
        _ => None,
    };
    match ten.zip(one) {
        Some((ten, one)) => out.push_str(&(ten * 10 + one).to_string()),
        None => out.push_str(run),
    }
}

/// The numbers of a date as written: `2016.5`, `2016年5月1日`, `16/5/1`, `2016-05-01 00:00:00`.
#[derive(Debug, Default)]
struct Numbers {
    values: Vec<i16>,
    /// Digits each is written with.
    lengths: Vec<usize>,
    has_words: bool,
}

impl Numbers {
    fn of(text: &str) -> Option<Self> {
        let mut numbers = Self::default();
        let mut in_number = false;
        for c in text.chars() {
            if let Some(digit) = c.to_digit(10) {
                numbers.push_digit(digit, in_number)?;
                in_number = true;
                continue;
            }
            in_number = false;
            match c {
                '年' | '月' | '日' | '号' | '份' => numbers.has_words = true,
                '.' | '/' | '-' | '，' | ',' | '、' | '—' | '–' | '·' | '。' => {}
                // A time of day after the date is left out.
                ' ' | 'T' if numbers.values.len() == 3 => break,
                c if c.is_whitespace() => {}
                _ => return None,
            }
        }
        (1..=3).contains(&numbers.values.len()).then_some(numbers)
    }

    fn push_digit(&mut self, digit: u32, in_number: bool) -> Option<()> {
        if !in_number {
            self.values.push(0);
            self.lengths.push(0);
        }
        let last = self.values.last_mut()?;
        *last = last.checked_mul(10)?.checked_add(i16::try_from(digit).ok()?)?;
        *self.lengths.last_mut()? += 1;
        Some(())
    }

    fn at(&self, place: usize) -> Option<(i16, usize)> {
        Some((*self.values.get(place)?, *self.lengths.get(place)?))
    }

    /// The date with its year in front.
    fn year_first(&self) -> Option<PartialDate> {
        let count = self.values.len();
        let year = match self.at(0)? {
            (year, 4) => year,
            (year, 2) if count == 3 || self.has_words => full_year(year),
            _ => return None,
        };
        let part = |place: usize| i8::try_from(self.at(place)?.0).ok();
        match count {
            1 => PartialDate::year(year),
            2 => PartialDate::month(year, part(1)?),
            _ => PartialDate::day(year, part(1)?, part(2)?),
        }
    }

    /// Another date that the same text may mean: the month in front and the year of two digits at
    /// the end, or October where a number cell holds `2016.1`.
    fn other(&self, is_number: bool) -> Option<PartialDate> {
        let (first, first_length) = self.at(0)?;
        let (second, second_length) = self.at(1)?;
        let Some((third, third_length)) = self.at(2) else {
            let may_be_october = is_number && first_length == 4 && second == 1;
            return (may_be_october && second_length == 1)
                .then(|| PartialDate::month(first, 10))
                .flatten();
        };
        // Who pads a year to two digits pads the month beside it alike, or neither.
        let padded_alone = first < 10 && second < 10 && second_length == 1;
        if self.has_words || first_length != 2 && first_length != 1 || padded_alone {
            return None;
        }
        let month = i8::try_from(first).ok()?;
        let day = i8::try_from(second).ok()?;
        (third_length == 2).then(|| PartialDate::day(full_year(third), month, day)).flatten()
    }
}

/// The year that two digits stand for.
fn full_year(short: i16) -> i16 {
    short + if short <= SHORT_YEAR_LAST { 2000 } else { 1900 }
}
