//! Checks over the whole pack, after extensions are merged; then the index by id.

use std::collections::HashSet;

use qb_base::Text;

mod clause;
mod dataset;
mod fact;
mod index;
mod layout;

use crate::check::clause::check_clause;
use crate::check::index::{add_dataset_layouts, add_item_columns, index, index_list};
use crate::check::layout::check_layout;
use crate::error::{Fault, Position};
use crate::pack::Pack;
use crate::pack::rule_list;
use crate::pack::texts::blank;

/// Completes layouts, checks everything and builds the index.
pub(crate) fn finish(pack: &mut Pack, faults: &mut Vec<Fault>) {
    add_item_columns(pack);
    add_dataset_layouts(pack);
    rule_list::add(pack, faults);
    for list in &mut pack.code_lists {
        index_list(list, faults);
    }
    pack.index = index(pack);
    // The texts of rules are checked where the rules stand.
    for list in pack.code_lists.iter().filter(|list| list.id != rule_list::RULE_LIST) {
        texts(&list.at, &[&list.title], &list.source, faults);
        list.codes.iter().for_each(|code| texts(&code.at, &[&code.label], "-", faults));
    }
    for layout in &pack.layouts {
        check_layout(layout, pack, faults);
    }
    dataset::attach(pack);
    dataset::datasets(pack, faults);
    dataset::views(pack, faults);
    check_items(pack, faults);
    for param in &pack.params {
        texts(&param.at, &[&param.says], "-", faults);
        let mut seen = HashSet::new();
        for value in &param.values {
            texts(&param.at, &[], &value.source, faults);
            if !seen.insert((value.area, value.from)) {
                faults.push(Fault::new(
                    param.at.clone(),
                    format!("参数“{}”在同一地区、同一起始日{}有两个值", param.id, value.from),
                    format!(
                        "parameter `{}` has two values for one area from {}",
                        param.id, value.from
                    ),
                ));
            }
        }
    }
    for clause in &pack.clauses {
        check_clause(clause, pack, faults);
    }
    fact::facts(pack, faults);
    fact::contradictions(pack, faults);
    fact::sources(pack, faults);
}

/// Refuses blank texts and blank sources.
pub(crate) fn texts(at: &Position, texts: &[&Text], source: &str, faults: &mut Vec<Fault>) {
    if texts.iter().any(|text| blank(text)) {
        faults.push(Fault::new(
            at.clone(),
            "中文或英文是空的，两种文字都要写",
            "the Chinese or the English text is blank, write both",
        ));
    }
    if source.trim().is_empty() {
        faults.push(Fault::new(
            at.clone(),
            "“source”（出处）是空的：没有出处的内容不能装入",
            "`source` is blank: nothing loads without its source",
        ));
    }
}

fn check_items(pack: &Pack, faults: &mut Vec<Fault>) {
    for item in &pack.income_items {
        texts(&item.at, &[&item.label], &item.source, faults);
    }
    let mut yields = pack.income_items.iter().filter(|item| item.project_yield);
    let (first, second) = (yields.next(), yields.next());
    if let (None, Some(item)) | (_, Some(item)) = (first, second.or(pack.income_items.first()))
        && (first.is_none() || second.is_some())
    {
        faults.push(Fault::new(
            item.at.clone(),
            "收入项目中要有且只有一项标记project_yield = true（扶贫项目收益）",
            "exactly one income item is marked project_yield = true (the yield of support projects)",
        ));
    }
}
