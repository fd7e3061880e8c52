//! Numbers and money as spreadsheets and clerks write them (fault F6), exact to the last digit.

use qb_base::Fen;

use super::{Issue, Reading};
use crate::read::batch::{CellKind, Value};

/// Digits a number may have before and after the point together.
const DIGITS_MAX: usize = 30;
/// The greatest exponent a number may have.
const EXPONENT_MAX: i32 = 20;

/// A number as written: `mantissa` × 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    mantissa: i128,
    exponent: i32,
}

impl Exact {
    /// The number × 10^`places`, rounded half away from zero, and whether rounding changed it.
    fn scaled(self, places: i32) -> Option<(i64, bool)> {
        let shift = self.exponent + places;
        if shift >= 0 {
            let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
            return i64::try_from(self.mantissa.checked_mul(factor)?)
                .ok()
                .map(|value| (value, false));
        }
        let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
        let (whole, rest) = (self.mantissa / factor, self.mantissa % factor);
        let up = rest.abs().checked_mul(2)? >= factor;
        let value = i64::try_from(whole + if up { self.mantissa.signum() } else { 0 }).ok()?;
        // What lies below a billionth of the last place is how binary numbers print, not what was
        // meant.
        let noise = factor / 1_000_000_000;
        let distance = rest.abs().min(factor - rest.abs());
        Some((value, distance > noise))
    }
}

/// Reads plain digits with an optional sign, point and exponent.
fn plain(text: &str) -> Option<Exact> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => {
            (number, exponent.parse::<i32>().ok().filter(|e| e.abs() <= EXPONENT_MAX)?)
        }
        None => (text, 0),
    };
    let (negative, digits) = match number.as_bytes().first()? {
        b'-' => (true, number.get(1..)?),
        b'+' => (false, number.get(1..)?),
        _ => (false, number),
    };
    let (mut mantissa, mut scale, mut count, mut point) = (0_i128, 0_i32, 0_usize, false);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i128::from(byte - b'0');
                count += 1;
                scale += i32::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
        if count > DIGITS_MAX {
            return None;
        }
    }
    (count > 0).then_some(Exact {
        mantissa: if negative { -mantissa } else { mantissa },
        exponent: exponent - scale,
    })
}

/// What the slow path made of a text.
struct Loose {
    exact: Exact,
    /// Powers of ten a unit in the cell stands for: 0 for 元, 4 for 万, 8 for 亿.
    unit: Option<i32>,
}

/// Words for "none" in a column of numbers.
const ZERO_WORDS: &[&str] = &["/", "无", "-", "--", "—", "——", "零", "没有", "\\"];

/// Reads full-width digits, separators, units, approximations and words for zero.
fn loose(text: &str) -> Option<Loose> {
    let folded: String = text
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '。' => '.',
            '−' => '-',
            other => other,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\''))
        .collect();
    if ZERO_WORDS.contains(&folded.as_str()) {
        return Some(Loose { exact: Exact { mantissa: 0, exponent: 0 }, unit: None });
    }
    let body = ["人民币", "大约", "约", "近", "￥", "¥"]
        .iter()
        .fold(folded.as_str(), |body, word| body.strip_prefix(word).unwrap_or(body));
    let body =
        ["左右", "整"].iter().fold(body, |body, word| body.strip_suffix(word).unwrap_or(body));
    let in_yuan = ["余元", "元", "块"].iter().find_map(|word| body.strip_suffix(word));
    let body = in_yuan.unwrap_or(body);
    let (digits, unit) = match body
        .strip_suffix('万')
        .map(|rest| (rest, 4))
        .or_else(|| body.strip_suffix('亿').map(|rest| (rest, 8)))
    {
        Some((rest, unit)) => (rest, Some(unit)),
        None => (body, in_yuan.map(|_| 0)),
    };
    let ungrouped = without_separators(digits)?;
    plain(&ungrouped).map(|exact| Loose { exact, unit })
}

/// Drops thousands separators, but only where they stand between groups of three digits.
fn without_separators(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next()?;
    let grouped = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    grouped.then(|| text.replace(',', ""))
}

/// Reads a number × 10^`places`.
fn read(value: Value<'_>, places: i32, unit_of_column: i32) -> Reading<i64> {
    let text = value.trimmed();
    if text.is_empty() {
        return Reading::Blank;
    }
    match value.kind {
        CellKind::Error => return Reading::Fault(Issue::FormulaError),
        // `1-2` typed into a column of numbers is a day in January to a spreadsheet program.
        CellKind::Date1900 | CellKind::Date1904 => return Reading::Fault(Issue::NumberIsDate),
        CellKind::Percent => return Reading::Fault(Issue::NumberIsPercent),
        _ => {}
    }
    if super::is_null_word(&text) {
        return Reading::Null;
    }
    let out_of_range = Reading::Fault(Issue::NumberRange);
    if let Some(exact) = plain(&text) {
        return match exact.scaled(places + unit_of_column) {
            Some((number, false)) => Reading::Value(number),
            Some((number, true)) => Reading::Repaired(number, Issue::NumberRounded),
            None => out_of_range,
        };
    }
    let Some(loose) = loose(&text) else { return Reading::Fault(Issue::NumberText) };
    match loose.exact.scaled(places + loose.unit.unwrap_or(unit_of_column)) {
        Some((number, _)) => Reading::Repaired(number, Issue::NumberWritten),
        None => out_of_range,
    }
}

/// Reads money in fen; `unit_of_column` is 4 where the column counts in 万元.
pub fn money(value: Value<'_>, unit_of_column: i32) -> Reading<Fen> {
    match read(value, 2, unit_of_column) {
        Reading::Value(fen) => {
            Fen::new(fen).map_or(Reading::Fault(Issue::NumberRange), Reading::Value)
        }
        Reading::Repaired(fen, issue) => Fen::new(fen)
            .map_or(Reading::Fault(Issue::NumberRange), |fen| Reading::Repaired(fen, issue)),
        Reading::Blank => Reading::Blank,
        Reading::Null => Reading::Null,
        Reading::Fault(issue) => Reading::Fault(issue),
    }
}

/// Reads a whole number; a fraction is a fault.
pub fn integer(value: Value<'_>) -> Reading<i64> {
    // The short plain number is nearly every cell.
    let digits = value.text;
    if (1..=9).contains(&digits.len())
        && matches!(value.kind, CellKind::Number | CellKind::Number1904 | CellKind::Text)
        && digits.iter().all(u8::is_ascii_digit)
    {
        return Reading::Value(
            digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')),
        );
    }
    match read(value, 0, 0) {
        Reading::Repaired(_, Issue::NumberRounded) => Reading::Fault(Issue::NumberFraction),
        other => other,
    }
}

/// Reads a decimal number in millionths.
pub fn micro(value: Value<'_>) -> Reading<i64> {
    read(value, 6, 0)
}

/// How a percentage ends.
const PER_CENT: [char; 3] = ['%', '％', '﹪'];

/// Reads a number of a column that counts in per cent, × 10^`places`: `4.35`, `4.35%`, or 0.0435
/// that the sheet shows as 4.35 %. Without places a fraction is a fault.
pub fn percent(value: Value<'_>, places: i32) -> Reading<i64> {
    let text = value.trimmed();
    let (exact, shift) = if value.kind == CellKind::Percent {
        (plain(&text), places + 2)
    } else if places == 0 && !text.ends_with(PER_CENT) {
        return integer(value);
    } else {
        let Some(number) = text.strip_suffix(PER_CENT) else {
            return read(value, places, 0);
        };
        (loose(number).filter(|loose| loose.unit.is_none()).map(|loose| loose.exact), places)
    };
    let Some(exact) = exact else { return Reading::Fault(Issue::NumberText) };
    match exact.scaled(shift) {
        Some((_, true)) if places == 0 => Reading::Fault(Issue::NumberFraction),
        Some((number, _)) => Reading::Repaired(number, Issue::PercentRead),
        None => Reading::Fault(Issue::NumberRange),
    }
}

/// An amount as messages write it: yuan, or fen where it is beyond what an amount may be.
pub(crate) fn plain_yuan(fen: i64) -> String {
    Fen::new(fen).map_or_else(|| format!("{fen} 分"), Fen::to_plain)
}
