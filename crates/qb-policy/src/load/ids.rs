//! Ids that stand twice in one pack's own files, or can't be names.

use std::collections::HashMap;

use crate::error::{Fault, Position};
use crate::load::parts::Parts;
use crate::load::read::Reader;

/// Finds ids that stand twice in one pack's own files.
pub(crate) fn own_ids(parts: &Parts, faults: &mut Vec<Fault>) {
    unique(parts.code_lists.iter().map(|one| (&one.id, &one.at)), "代码表", "code list", faults);
    unique(
        parts.income_items.iter().map(|one| (&one.id, &one.at)),
        "收入项目",
        "income item",
        faults,
    );
    unique(parts.params.iter().map(|one| (&one.id, &one.at)), "参数", "parameter", faults);
    unique(parts.layouts.iter().map(|one| (&one.id, &one.at)), "表样", "layout", faults);
    unique(parts.datasets.iter().map(|one| (&one.id, &one.at)), "数据集", "dataset", faults);
    unique(parts.views.iter().map(|one| (&one.id, &one.at)), "视图", "view", faults);
    unique(parts.coverages.iter().map(|one| (&one.id, &one.at)), "覆盖", "coverage", faults);
    unique(parts.clauses.iter().map(|one| (&one.id, &one.at)), "规则", "clause", faults);
    unique(parts.facts.iter().map(|one| (&one.id, &one.at)), "指标", "fact", faults);
    unique(
        parts.contradictions.iter().map(|one| (&one.id, &one.at)),
        "矛盾",
        "contradiction",
        faults,
    );
    for list in &parts.code_lists {
        unique(list.codes.iter().map(|one| (&one.id, &one.at)), "代码", "code", faults);
    }
    for dataset in &parts.datasets {
        unique(dataset.columns.iter().map(|one| (&one.id, &one.at)), "列", "column", faults);
    }
    for layout in &parts.layouts {
        unique(layout.columns.iter().map(|one| (&one.id, &one.at)), "列", "column", faults);
    }
}

pub(super) fn unique<'a>(
    ids: impl Iterator<Item = (&'a String, &'a Position)>,
    zh: &str,
    en: &str,
    faults: &mut Vec<Fault>,
) {
    let mut seen: HashMap<&str, &Position> = HashMap::new();
    for (id, at) in ids {
        if !well_formed(id) {
            faults.push(Fault::new(
                at.clone(),
                format!("{zh}编号“{id}”只能用字母、数字、汉字和 . _ -"),
                format!("{en} id `{id}` may hold letters, digits and . _ - only"),
            ));
        }
        if let Some(first) = seen.insert(id, at) {
            faults.push(Fault::new(
                at.clone(),
                format!("{zh}“{id}”已在{first}写过，编号不能重复；请改名或删去一处"),
                format!("{en} `{id}` already stands at {first}; rename or remove one of them"),
            ));
        }
    }
}

/// A pack's id names folders and reports, so it is held to the same letters.
pub(crate) fn pack_id(id: &toml::Spanned<String>, reader: &mut Reader<'_>) {
    let at = reader.at(&id.span());
    unique(std::iter::once((id.as_ref(), &at)), "策略包", "pack", reader.faults);
}

pub(super) fn well_formed(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
}
