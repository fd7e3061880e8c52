//! From raw shapes to typed parts: dates, numbers, codes of layouts, places of expressions.

mod dataset;
mod fact;
mod list;
mod rule;

use std::ops::Range;

use qb_base::{AreaCode, Date};
use toml::Spanned;
use toml::value::Datetime;

use crate::error::{Fault, Position};
use crate::file::source::PackFile;
use crate::number::decimal::{Decimal, WrittenNumber};
use crate::pack::effective::Effective;
use crate::pack::expression::Expression;
use crate::pack::part_file::first_character;

/// Reads the values of one file and collects their faults.
pub(crate) struct Reader<'a> {
    pub(crate) file: &'a PackFile,
    pub(crate) faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    pub(crate) fn at(&self, span: &Range<usize>) -> Position {
        Position::at(&self.file.shown, &self.file.text, span.start)
    }

    pub(crate) fn fault(
        &mut self,
        span: &Range<usize>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        let at = self.at(span);
        self.faults.push(Fault::new(at, zh, en));
    }

    /// A calendar day; times are refused.
    pub(crate) fn date(&mut self, value: &Spanned<Datetime>) -> Option<Date> {
        let date = calendar_day(value.as_ref());
        if date.is_none() {
            self.fault(
                &value.span(),
                "这里要写日期，如2016-01-01，不带时刻",
                "write a day here, such as 2016-01-01, without a time",
            );
        }
        date
    }

    /// An exact number: an integer, or a decimal in quotes.
    pub(crate) fn number(&mut self, value: &Spanned<WrittenNumber>) -> Option<Decimal> {
        let number = value.as_ref().decimal();
        if number.is_none() {
            self.fault(
                &value.span(),
                "数值要写成整数，或写成带引号的小数，如\"0.3\"",
                "write a whole number, or a decimal in quotes such as \"0.3\"",
            );
        }
        number
    }

    pub(crate) fn area(&mut self, value: &Spanned<String>) -> Option<AreaCode> {
        let area = AreaCode::parse(value.as_ref()).ok();
        if area.is_none() {
            self.fault(
                &value.span(),
                format!("“{}”不是区划代码：应为2、4、6、9或12位数字", value.as_ref()),
                format!("`{}` is no area code: it has 2, 4, 6, 9 or 12 digits", value.as_ref()),
            );
        }
        area
    }

    /// An expression with the place of its first character.
    pub(crate) fn expression(&mut self, value: &Spanned<String>) -> Expression {
        let span = value.span();
        let at = first_character(&self.file.shown, &self.file.text, &span);
        if value.as_ref().trim().is_empty() {
            self.fault(&span, "表达式是空的", "the expression is empty");
        }
        Expression { text: value.as_ref().clone(), at }
    }

    /// The days on which a part holds.
    pub(crate) fn effective(
        &mut self,
        from: Option<&Spanned<Datetime>>,
        until: Option<&Spanned<Datetime>>,
    ) -> Effective {
        let effective = Effective {
            from: from.and_then(|from| self.date(from)),
            until: until.and_then(|until| self.date(until)),
        };
        if let (Some(first), Some(span)) = (effective.from, from) {
            self.order(first, effective.until, &span.span());
        }
        effective
    }

    fn order(&mut self, from: Date, until: Option<Date>, span: &Range<usize>) {
        if until.is_some_and(|until| until < from) {
            self.fault(span, "截止日早于起始日", "the last day lies before the first");
        }
    }
}

fn calendar_day(value: &Datetime) -> Option<Date> {
    match (value.date, value.time, value.offset) {
        (Some(day), None, None) => Date::new(
            i16::try_from(day.year).ok()?,
            i8::try_from(day.month).ok()?,
            i8::try_from(day.day).ok()?,
        )
        .ok(),
        _ => None,
    }
}
