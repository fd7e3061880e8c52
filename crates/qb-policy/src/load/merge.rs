//! Putting an extension over its base: what has the same id is replaced in its place, the rest
//! is added.

use crate::load::parts::Parts;
use crate::pack::Pack;
use crate::pack::code::CodeList;
use crate::pack::dataset::Dataset;
use crate::pack::layout::Layout;

/// The parts of a base with those of an extension over them.
pub(crate) fn over(base: Option<Pack>, own: Parts) -> Parts {
    let Some(base) = base else {
        return own;
    };
    Parts {
        code_lists: lists(base.code_lists, own.code_lists),
        income_items: by_id(base.income_items, own.income_items, |item| &item.id),
        params: by_id(base.params, own.params, |param| &param.id),
        layouts: layouts(base.layouts, own.layouts),
        datasets: datasets(base.datasets, own.datasets),
        clauses: by_id(base.clauses, own.clauses, |clause| &clause.id),
        facts: by_id(base.facts, own.facts, |fact| &fact.id),
        contradictions: by_id(base.contradictions, own.contradictions, |one| &one.id),
        views: by_id(base.views, own.views, |view| &view.id),
        coverages: by_id(base.coverages, own.coverages, |coverage| &coverage.id),
        part_files: base.part_files.into_iter().chain(own.part_files).collect(),
        areas: own.areas.or(Some(base.areas)),
        county_shapes: own.county_shapes.or(base.county_shapes),
        report_files: base.report_files.into_iter().chain(own.report_files).collect(),
        // An extension that lists none of its own is not held to the list of its base.
        source_names: own
            .source_names
            .map(|own| base.source_names.into_iter().flatten().chain(own).collect()),
    }
}

fn by_id<T>(mut base: Vec<T>, own: Vec<T>, id: fn(&T) -> &String) -> Vec<T> {
    for item in own {
        match base.iter_mut().find(|known| id(known) == id(&item)) {
            Some(known) => *known = item,
            None => base.push(item),
        }
    }
    base
}

/// Lists keep the codes of the base: an extension names only what it changes or adds.
fn lists(mut base: Vec<CodeList>, own: Vec<CodeList>) -> Vec<CodeList> {
    for mut list in own {
        match base.iter_mut().find(|known| known.id == list.id) {
            Some(known) => {
                let codes = std::mem::take(&mut known.codes);
                list.codes = by_id(codes, list.codes, |code| &code.id);
                list.none.append(&mut known.none);
                *known = list;
            }
            None => base.push(list),
        }
    }
    base
}

/// Layouts keep the columns of the base, like lists keep their codes.
fn layouts(mut base: Vec<Layout>, own: Vec<Layout>) -> Vec<Layout> {
    for mut layout in own {
        match base.iter_mut().find(|known| known.id == layout.id) {
            Some(known) => {
                let columns = std::mem::take(&mut known.columns);
                layout.columns = by_id(columns, layout.columns, |column| &column.id);
                layout.item_columns |= known.item_columns;
                inherit(&mut layout.senders, &mut known.senders);
                *known = layout;
            }
            None => base.push(layout),
        }
    }
    base
}

/// Who sends a file and who confirms it stays as in the base where a pack does not say otherwise.
fn inherit(own: &mut Vec<String>, base: &mut Vec<String>) {
    if own.is_empty() {
        *own = std::mem::take(base);
    }
}

/// Datasets keep the columns of the base, like layouts.
fn datasets(mut base: Vec<Dataset>, own: Vec<Dataset>) -> Vec<Dataset> {
    for mut dataset in own {
        match base.iter_mut().find(|known| known.id == dataset.id) {
            Some(known) => {
                let columns = std::mem::take(&mut known.columns);
                dataset.columns = by_id(columns, dataset.columns, |column| &column.id);
                inherit(&mut dataset.senders, &mut known.senders);
                inherit(&mut dataset.confirmers, &mut known.confirmers);
                *known = dataset;
            }
            None => base.push(dataset),
        }
    }
    base
}
