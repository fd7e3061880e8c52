//! Exact arithmetic over published and computed figures, as contradictions use it.
//!
//! `+ - * / ( )`, numbers, and `published('G08')`, `computed('G08')`, `param('line.exit')`.
//! A missing figure or a division by zero gives no value, never a guess.

use qb_base::Text;

use crate::number::Ratio;
use crate::number::decimal::Decimal;

/// A figure that an expression names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operand<'a> {
    /// The published value of a fact.
    Published(&'a str),
    /// The computed value of a fact.
    Computed(&'a str),
    /// A parameter of the pack.
    Param(&'a str),
}

/// A fault in an expression, with the byte offset where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArithmeticFault {
    /// Byte offset in the text.
    pub offset: usize,
    /// What is wrong.
    pub message: Text,
}

/// Nesting that no expression in a pack reaches.
const DEPTH_MAX: usize = 32;

/// Computes an expression; `None` when a figure is missing or something is divided by zero.
pub fn evaluate(
    text: &str,
    figure: &mut dyn FnMut(Operand<'_>) -> Option<Decimal>,
) -> Result<Option<Ratio>, ArithmeticFault> {
    let mut walker = Walker { text, at: 0, depth: 0, figure };
    let value = walker.sum()?;
    walker.blanks();
    if walker.at < text.len() {
        return Err(walker.fault("此处多出内容", "something is left over here"));
    }
    Ok(value)
}

struct Walker<'a, 'f> {
    text: &'a str,
    at: usize,
    depth: usize,
    figure: &'f mut dyn FnMut(Operand<'_>) -> Option<Decimal>,
}

type Value = Result<Option<Ratio>, ArithmeticFault>;

impl Walker<'_, '_> {
    fn fault(&self, zh: &str, en: &str) -> ArithmeticFault {
        ArithmeticFault { offset: self.at, message: Text::new(zh, en) }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes one of the characters, if it comes next.
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        self.blanks();
        let next = self.rest().chars().next().filter(|c| wanted.contains(c))?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn sum(&mut self) -> Value {
        let mut value = self.product()?;
        while let Some(sign) = self.take(&['+', '-']) {
            let sign = if sign == '+' { 1 } else { -1 };
            let right = self.product()?;
            value = value.zip(right).and_then(|(a, b)| a.add(b, sign));
        }
        Ok(value)
    }

    fn product(&mut self) -> Value {
        let mut value = self.atom()?;
        while let Some(operator) = self.take(&['*', '/']) {
            let right = self.atom()?;
            value = value
                .zip(right)
                .and_then(|(a, b)| if operator == '*' { a.multiply(b) } else { a.divide(b) });
        }
        Ok(value)
    }

    fn atom(&mut self) -> Value {
        if self.take(&['(']).is_some() {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Err(self.fault("括号太多层", "too many parentheses inside each other"));
            }
            let value = self.sum()?;
            self.depth -= 1;
            return match self.take(&[')']) {
                Some(_) => Ok(value),
                None => Err(self.fault("缺少右括号", "a closing parenthesis is missing")),
            };
        }
        self.blanks();
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            return self.literal();
        }
        self.named()
    }

    fn literal(&mut self) -> Value {
        let length = self.rest().find(|c: char| !c.is_ascii_digit() && c != '.');
        let digits = length.map_or(self.rest(), |length| &self.rest()[..length]);
        match Decimal::parse(digits) {
            Some(number) => {
                self.at += digits.len();
                Ok(Ratio::of(number))
            }
            None => Err(self.fault("不是数", "this is no number")),
        }
    }

    /// `published('ID')` and its like.
    fn named(&mut self) -> Value {
        type Make = fn(&str) -> Operand<'_>;
        let make: [(&str, Make); 3] = [
            ("published('", |id| Operand::Published(id)),
            ("computed('", |id| Operand::Computed(id)),
            ("param('", |id| Operand::Param(id)),
        ];
        let found = make.iter().find(|(start, _)| self.rest().starts_with(start));
        let Some((start, operand)) = found else {
            return Err(self.fault(
                "此处应为数、published('编号')、computed('编号')、param('编号')或括号",
                "a number, published('ID'), computed('ID'), param('ID') or a parenthesis belongs here",
            ));
        };
        let text = self.text;
        let inside = &text[self.at + start.len()..];
        let Some((id, _)) = inside.split_once("')") else {
            return Err(self.fault("缺少“')”", "`')` is missing"));
        };
        self.at += start.len() + id.len() + 2;
        Ok((self.figure)(operand(id)).and_then(Ratio::of))
    }
}

#[cfg(test)]
mod tests;
