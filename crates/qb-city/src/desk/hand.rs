//! How one office writes dates, money, yes and no: one hand for a whole file (faults F5, F6, F13).

use qb_base::Date;

use super::value::{Value, day_number};
use crate::dice::Dice;
use crate::model::Format;
use crate::sheet::{Cell, yuan};

/// The hand of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hand {
    dates: Dates,
    flags: usize,
    money: Money,
    /// Required heads carry a star.
    pub(crate) stars: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dates {
    Iso,
    Slashes,
    Dots,
    Words,
    Compact,
    Serial,
}

/// How money is written: plain yuan, with commas, or in ten thousands under heads that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Money {
    Plain,
    Grouped,
    Wan,
}

/// Ways to write yes and no.
const FLAGS: [[&str; 2]; 4] = [["否", "是"], ["×", "√"], ["0", "1"], ["N", "Y"]];
/// Days from the first day of spreadsheets to 1970.
const SPREADSHEET_DAYS: i64 = 25_569;

impl Hand {
    /// A hand by lot; most write as they were told.
    pub(crate) fn of(format: Format, dice: &mut Dice) -> Self {
        let dates = match (dice.index(12), format) {
            (0 | 1, Format::Xlsx) => Dates::Serial,
            (2, _) => Dates::Slashes,
            (3, _) => Dates::Dots,
            (4, _) => Dates::Words,
            (5, _) => Dates::Compact,
            _ => Dates::Iso,
        };
        let flags = if dice.mille(600) { 0 } else { dice.index(FLAGS.len()) };
        let money = match dice.index(8) {
            0 => Money::Grouped,
            1 => Money::Wan,
            _ => Money::Plain,
        };
        Self { dates, flags, money, stars: dice.mille(250) }
    }

    /// The cell of a value.
    pub(crate) fn cell(&self, value: &Value) -> Cell<'static> {
        match value {
            Value::Blank => Cell::Blank,
            Value::Text(text) => Cell::text(text.clone()),
            Value::Int(number) => Cell::Int(*number),
            Value::Fen(fen) => match self.money {
                Money::Plain => Cell::Fen(*fen),
                Money::Grouped => Cell::text(grouped(*fen)),
                Money::Wan => Cell::Figure(wan(*fen)),
            },
            Value::Wan(fen) => Cell::Figure(wan(*fen)),
            Value::Decimal(text) => Cell::Figure(text.clone()),
            Value::Day(day) => self.day(*day),
            Value::Flag(flag) => Cell::text(FLAGS[self.flags][usize::from(*flag)]),
        }
    }

    /// The head of a column in this hand.
    pub(crate) fn head(&self, head: &str) -> String {
        match head.strip_suffix("(元)") {
            Some(stem) if self.money == Money::Wan => format!("{stem}(万元)"),
            _ => head.to_owned(),
        }
    }

    fn day(&self, day: Date) -> Cell<'static> {
        let (year, month, date) = (day.year(), day.month(), day.day());
        Cell::text(match self.dates {
            Dates::Iso => day.to_string(),
            Dates::Slashes => format!("{year}/{month}/{date}"),
            Dates::Dots => format!("{year}.{month}.{date}"),
            Dates::Words => format!("{year}年{month}月{date}日"),
            Dates::Compact => format!("{year}{month:02}{date:02}"),
            Dates::Serial => return Cell::Day(day_number(day) + SPREADSHEET_DAYS),
        })
    }

    /// What the faults of the whole file are called.
    pub(crate) fn traits(&self, values: &[Vec<Value>]) -> Vec<String> {
        let holds = |wanted: fn(&Value) -> bool| values.iter().flatten().any(wanted);
        let mut traits = vec!["F7".to_owned()];
        if self.dates != Dates::Iso && holds(|v| matches!(v, Value::Day(_))) {
            traits.push("F5".to_owned());
        }
        if self.money != Money::Plain && holds(|v| matches!(v, Value::Fen(_))) {
            traits.push("F6".to_owned());
        }
        if self.flags > 0 && holds(|v| matches!(v, Value::Flag(_))) {
            traits.push("F13".to_owned());
        }
        traits
    }
}

/// Another way to write a day than any hand has for a whole file: one that can be read in one way
/// only, so a short year that may be a month is written out.
pub(crate) fn odd_day(day: Date) -> String {
    let (year, month, date) = (day.year(), day.month(), day.day());
    match year % 100 {
        1..=12 => format!("{year}年{month:02}月{date:02}号"),
        short => format!("{short:02}/{month}/{date}"),
    }
}

/// Ten thousands with as many decimals as it takes.
pub(crate) fn wan(fen: i64) -> String {
    let text = format!("{}.{:06}", fen / 1_000_000, fen % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Yuan with a comma before every three digits.
fn grouped(fen: i64) -> String {
    let plain = yuan(fen);
    let (whole, part) = plain.split_once('.').map_or((plain.as_str(), None), |(w, p)| (w, Some(p)));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    match part {
        Some(part) => format!("{out}.{part}"),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_exactly_in_every_way() {
        assert_eq!(grouped(123_456_789), "1,234,567.89");
        assert_eq!(grouped(12_300), "123");
        assert_eq!(wan(592_700_000_000), "592700");
        assert_eq!(wan(12_345_600), "12.3456");
    }
}
