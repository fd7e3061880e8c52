//! The typed parts of one pack, before they are put over a base.

use std::collections::BTreeMap;

use crate::error::Fault;
use crate::file::source::PackFile;
use crate::load::raw::{RawCase, RawParts};
use crate::load::read::Reader;
use crate::pack::area::Area;
use crate::pack::clause::Clause;
use crate::pack::code::{CodeList, IncomeItem};
use crate::pack::dataset::Dataset;
use crate::pack::fact::{Contradiction, Fact};
use crate::pack::layout::Layout;
use crate::pack::param::Param;
use crate::pack::part_file::PartFiles;
use crate::pack::view::{Coverage, View};

/// The typed parts of one pack, before they are put over a base.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) code_lists: Vec<CodeList>,
    pub(crate) income_items: Vec<IncomeItem>,
    pub(crate) params: Vec<Param>,
    pub(crate) layouts: Vec<Layout>,
    pub(crate) datasets: Vec<Dataset>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) contradictions: Vec<Contradiction>,
    pub(crate) views: Vec<View>,
    pub(crate) coverages: Vec<Coverage>,
    pub(crate) part_files: PartFiles,
    pub(crate) areas: Option<Vec<Area>>,
    pub(crate) county_shapes: Option<String>,
    pub(crate) report_files: BTreeMap<String, String>,
    pub(crate) source_names: Option<Vec<String>>,
}

pub(crate) fn read_parts(
    raw: RawParts,
    file: &PackFile,
    parts: &mut Parts,
    faults: &mut Vec<Fault>,
) {
    let mut reader = Reader { file, faults };
    let starts: Vec<(usize, String)> = raw
        .clause
        .iter()
        .map(|clause| (clause.id.span().start, clause.id.as_ref().clone()))
        .collect();
    let mut clauses: Vec<Clause> =
        raw.clause.into_iter().filter_map(|clause| reader.clause(clause)).collect();
    for case in raw.case {
        let owner = starts.iter().rev().find(|(start, _)| *start < case.name.span().start);
        attach(case, owner.map(|(_, id)| id.as_str()), &mut clauses, &mut reader);
    }
    parts.clauses.append(&mut clauses);
    parts.params.extend(raw.param.into_iter().map(|param| reader.param(param)));
    parts.income_items.extend(raw.income_item.into_iter().map(|item| reader.income_item(item)));
    parts.facts.extend(raw.fact.into_iter().filter_map(|fact| reader.fact(fact)));
    parts.contradictions.extend(raw.contradiction.into_iter().map(|one| reader.contradiction(one)));
    parts.views.extend(raw.view.into_iter().map(|view| reader.view(view)));
    parts.coverages.extend(raw.coverage.into_iter().map(|one| reader.coverage(one)));
}

/// Gives a `[[case]]` to the clause written above it.
pub(crate) fn attach(
    raw: RawCase,
    owner: Option<&str>,
    clauses: &mut [Clause],
    reader: &mut Reader<'_>,
) {
    let span = raw.name.span();
    let owner = owner.and_then(|id| clauses.iter_mut().rev().find(|clause| clause.id == id));
    match owner {
        Some(clause) => clause.cases.extend(reader.case(raw)),
        None => reader.fault(
            &span,
            "[[case]]前面没有[[clause]]；请把它写在所属规则之后",
            "no [[clause]] stands above this [[case]]; write it below its rule",
        ),
    }
}
