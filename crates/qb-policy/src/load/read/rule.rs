//! From raw shapes to parameters, clauses and their cases.

use std::ops::Range;

use toml::Spanned;

use crate::load::raw::{RawCase, RawClause, RawParam, RawParamValue};
use crate::load::read::{Reader, calendar_day};
use crate::number::decimal::Decimal;
use crate::pack::clause::{Case, Clause, Expect, Given, GivenValue};
use crate::pack::param::{Param, ParamUnit, ParamValue};

impl Reader<'_> {
    pub(crate) fn param(&mut self, raw: RawParam) -> Param {
        let unit = raw.unit;
        let at = self.at(&raw.id.span());
        if raw.value.is_empty() {
            self.fault(
                &raw.id.span(),
                "参数没有取值：请写[[param.value]]",
                "the parameter has no value: write a [[param.value]]",
            );
        }
        let values = raw.value.into_iter().filter_map(|value| self.param_value(unit, value));
        Param { at, values: values.collect(), id: raw.id.into_inner(), says: raw.says, unit }
    }

    pub(super) fn param_value(
        &mut self,
        unit: ParamUnit,
        raw: RawParamValue,
    ) -> Option<ParamValue> {
        let published = self.number(&raw.value)?;
        let places = match unit {
            ParamUnit::Yuan => 2,
            ParamUnit::Percent => -2,
            ParamUnit::Count | ParamUnit::Years | ParamUnit::Months => 0,
        };
        let Some(number) = published.shift(places) else {
            self.fault(&raw.value.span(), "数值位数太多", "the number has too many digits");
            return None;
        };
        let from = self.date(&raw.from)?;
        let until = raw.until.as_ref().and_then(|until| self.date(until));
        self.order(from, until, &raw.from.span());
        let area = raw.area.as_ref().and_then(|area| self.area(area));
        Some(ParamValue { published, number, from, until, area, source: raw.source })
    }

    pub(crate) fn clause(&mut self, raw: RawClause) -> Option<Clause> {
        let effective_from = self.date(&raw.effective_from)?;
        let effective_until = raw.effective_until.as_ref().and_then(|until| self.date(until));
        self.order(effective_from, effective_until, &raw.effective_from.span());
        Some(Clause {
            at: self.at(&raw.id.span()),
            expression: self.expression(&raw.expression),
            cases: raw.case.into_iter().filter_map(|case| self.case(case)).collect(),
            id: raw.id.into_inner(),
            level: raw.level,
            kind: raw.kind,
            unit: raw.unit,
            says: raw.says,
            source: raw.source,
            effective_from,
            effective_until,
            exception_of: raw.exception_of.map(Spanned::into_inner),
        })
    }

    pub(crate) fn case(&mut self, raw: RawCase) -> Option<Case> {
        let span = raw.name.span();
        let expect = self.expect(&raw.expect, &span)?;
        let on = match &raw.on {
            None => None,
            Some(day) => match calendar_day(day) {
                Some(day) => Some(day),
                None => {
                    self.fault(&span, "“on”要写日期", "`on` is a day");
                    return None;
                }
            },
        };
        Some(Case {
            at: self.at(&span),
            given: self.given(&raw.given, &span),
            members: raw.members.iter().map(|member| self.given(member, &span)).collect(),
            household: self.given(&raw.household, &span),
            on,
            expect,
            name: raw.name.into_inner(),
        })
    }

    pub(super) fn expect(&mut self, value: &toml::Value, span: &Range<usize>) -> Option<Expect> {
        let expect = match value {
            toml::Value::Boolean(true) => Some(Expect::True),
            toml::Value::Boolean(false) => Some(Expect::False),
            toml::Value::Integer(whole) => Some(Expect::Number(Decimal::whole(*whole))),
            toml::Value::Float(float) => Decimal::parse(&float.to_string()).map(Expect::Number),
            toml::Value::String(text) if text == "unknown" => Some(Expect::Unknown),
            toml::Value::String(text) => Decimal::parse(text).map(Expect::Number),
            _ => None,
        };
        if expect.is_none() {
            self.fault(
                span,
                "“expect”要写true、false、\"unknown\"或一个数",
                "`expect` is true, false, \"unknown\" or a number",
            );
        }
        expect
    }

    pub(super) fn given(&mut self, table: &toml::Table, span: &Range<usize>) -> Vec<Given> {
        let mut columns = Vec::with_capacity(table.len());
        for (column, value) in table {
            let value = match value {
                toml::Value::Integer(whole) => GivenValue::Integer(*whole),
                toml::Value::Boolean(yes) => GivenValue::Bool(*yes),
                toml::Value::String(text) => GivenValue::Text(text.clone()),
                toml::Value::Datetime(day) => GivenValue::Text(day.to_string()),
                _ => {
                    self.fault(
                        span,
                        format!("“{column}”要写整数、true、false或文字；未知的列不写"),
                        format!("`{column}` is a whole number, true, false or text; leave unknown columns out"),
                    );
                    continue;
                }
            };
            columns.push(Given { column: column.clone(), value });
        }
        columns
    }
}
