//! The index by id, and the layouts that follow from other parts.

use std::collections::HashMap;

use qb_base::fold;

use crate::error::Fault;
use crate::pack::code::CodeList;
use crate::pack::dataset::Dataset;
use crate::pack::layout::{Column, ColumnKind, Place};
use crate::pack::{Index, Pack};

/// The unit of the items of income, a code of the list `unit`.
pub(super) const YUAN: &str = "yuan";

/// Appends a column per income item to the layouts that ask for them.
pub(super) fn add_item_columns(pack: &mut Pack) {
    for layout in pack.layouts.iter_mut().filter(|layout| layout.item_columns) {
        layout.columns.retain(|column| !column.income_item);
        layout.columns.extend(pack.income_items.iter().map(|item| Column {
            id: item.id.clone(),
            label: item.label.clone(),
            aliases: item.aliases.clone(),
            kind: ColumnKind::MoneyYuan,
            required: false,
            sensitive: false,
            ahead: false,
            readers: None,
            unit: Some(YUAN.to_owned()),
            place: Place::Row,
            income_item: true,
            at: item.at.clone(),
        }));
    }
}

/// Gives every dataset the layout by which its files are recognised.
pub(super) fn add_dataset_layouts(pack: &mut Pack) {
    pack.layouts.extend(pack.datasets.iter().map(Dataset::layout));
}

pub(super) fn index_list(list: &mut CodeList, faults: &mut Vec<Fault>) {
    let mut by_label: HashMap<String, usize> = HashMap::new();
    for (at, code) in list.codes.iter().enumerate() {
        for label in code.labels() {
            let other =
                by_label.insert(fold::key(label), at).and_then(|other| list.codes.get(other));
            if let Some(other) = other.filter(|other| other.id != code.id) {
                faults.push(Fault::new(
                    code.at.clone(),
                    format!("代码表“{}”里“{label}”既指“{}”又指“{}”；一个写法只能对应一个代码", list.id, other.id, code.id),
                    format!("in code list `{}` the label “{label}” means both `{}` and `{}`; keep it with one of them", list.id, other.id, code.id),
                ));
            }
        }
    }
    if let Some(word) = list.none.iter().find(|word| by_label.contains_key(*word)) {
        faults.push(Fault::new(
            list.at.clone(),
            format!("代码表“{}”里“{word}”既表示“无”，又是一个代码的写法", list.id),
            format!(
                "in code list `{}` “{word}” means none and is the label of a code too",
                list.id
            ),
        ));
    }
    for (at, code) in list.codes.iter().enumerate() {
        for label in code.labels() {
            by_label.entry(label.to_owned()).or_insert(at);
        }
    }
    list.by_label = by_label;
    list.by_id = list.codes.iter().enumerate().map(|(at, code)| (code.id.clone(), at)).collect();
}

pub(super) fn index(pack: &Pack) -> Index {
    fn positions<'a>(ids: impl Iterator<Item = &'a String>) -> HashMap<String, usize> {
        ids.enumerate().map(|(at, id)| (id.clone(), at)).collect()
    }
    Index {
        code_lists: positions(pack.code_lists.iter().map(|one| &one.id)),
        params: positions(pack.params.iter().map(|one| &one.id)),
        layouts: positions(pack.layouts.iter().map(|one| &one.id)),
        datasets: positions(pack.datasets.iter().map(|one| &one.id)),
        coverages: positions(pack.coverages.iter().map(|one| &one.id)),
        clauses: positions(pack.clauses.iter().map(|one| &one.id)),
        facts: positions(pack.facts.iter().map(|one| &one.id)),
        areas: pack.areas.iter().enumerate().map(|(at, area)| (area.code, at)).collect(),
    }
}
