//! From raw shapes to code lists, income items and layouts.

use qb_base::fold;

use crate::load::raw::{RawCode, RawCodeList, RawColumn, RawIncomeItem, RawLayout, RawRoles};
use crate::load::read::Reader;
use crate::pack::code::{Code, CodeList, IncomeItem};
use crate::pack::layout::{Column, ColumnKind, Layout};

impl Reader<'_> {
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

    pub(super) fn code(&mut self, raw: RawCode) -> Code {
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
}
