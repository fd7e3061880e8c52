//! From raw shapes to typed parts: dates, numbers, codes of layouts, places of expressions.

use std::ops::Range;

use qb_base::{AreaCode, Date, fold};
use toml::Spanned;
use toml::value::Datetime;

use crate::clause::{Case, Clause, Expect, Given, GivenValue};
use crate::code::{Code, CodeList, IncomeItem};
use crate::decimal::{Decimal, WrittenNumber};
use crate::effective::Effective;
use crate::error::{Fault, Position};
use crate::files::PackFile;
use crate::layout::{Column, ColumnKind, Layout};
use crate::model::Expression;
use crate::param::{Param, ParamUnit, ParamValue};
use crate::part_file::first_character;
use crate::raw::{
    RawCase, RawClause, RawCode, RawCodeList, RawColumn, RawIncomeItem, RawLayout, RawParam,
    RawParamValue, RawRoles,
};

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

    pub(crate) fn code_list(&mut self, raw: RawCodeList) -> CodeList {
        CodeList {
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            title: raw.title,
            source: raw.source,
            to_be_confirmed: raw.to_be_confirmed,
            none: raw.none.iter().map(|word| fold::key(word)).collect(),
            codes: raw.code.into_iter().map(|code| self.code(code)).collect(),
            by_label: Default::default(),
            by_id: Default::default(),
        }
    }

    fn code(&mut self, raw: RawCode) -> Code {
        Code {
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            label: raw.label,
            aliases: raw.aliases,
            group: raw.group,
            source: raw.source,
        }
    }

    pub(crate) fn income_item(&mut self, raw: RawIncomeItem) -> IncomeItem {
        IncomeItem {
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            category: raw.category,
            label: raw.label,
            aliases: raw.aliases,
            counted: raw.counted,
            project_yield: raw.project_yield,
            support: raw.support,
            source: raw.source,
        }
    }

    pub(crate) fn layout(&mut self, raw: RawLayout) -> Layout {
        let effective = self.effective(raw.effective_from.as_ref(), raw.effective_until.as_ref());
        Layout {
            effective,
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            title: raw.title,
            target: raw.target,
            form: raw.form,
            source: raw.source,
            senders: raw.sender.into_iter().flat_map(RawRoles::into_codes).collect(),
            confirmers: Vec::new(),
            columns: raw.column.into_iter().filter_map(|column| self.column(column)).collect(),
            item_columns: raw.item_columns.is_some(),
        }
    }

    pub(crate) fn column(&mut self, raw: RawColumn) -> Option<Column> {
        let Some(kind) = ColumnKind::parse(raw.kind.as_ref()) else {
            let names = ColumnKind::names();
            let given = raw.kind.as_ref();
            self.fault(
                &raw.kind.span(),
                format!("不认识的列类型“{given}”，可写：{names}"),
                format!("unknown column type `{given}`, known: {names}"),
            );
            return None;
        };
        Some(Column {
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            label: raw.label,
            aliases: raw.aliases,
            kind,
            required: raw.required,
            sensitive: raw.sensitive,
            ahead: raw.ahead,
            readers: raw.readers,
            unit: raw.unit,
            place: raw.place,
            income_item: false,
        })
    }

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

    fn param_value(&mut self, unit: ParamUnit, raw: RawParamValue) -> Option<ParamValue> {
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

    fn expect(&mut self, value: &toml::Value, span: &Range<usize>) -> Option<Expect> {
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

    fn given(&mut self, table: &toml::Table, span: &Range<usize>) -> Vec<Given> {
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
