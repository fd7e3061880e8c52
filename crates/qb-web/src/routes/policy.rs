//! The rules of the pack, with what is an exception of what and the documents they rest on; the
//! documents; and the pack's code lists, with what is still to be confirmed.

use std::collections::HashMap;

use askama::Template;
use qb_base::AreaCode;
use qb_base::text::shown;
use qb_policy::{Clause, Code, CodeList, Column, ColumnKind, Pack, RULE_LIST};
use qb_registry::model::PolicyDocument;

use crate::areas::AreaIndex;
use crate::basis::{self, Basis};
use crate::fault::Fault;
use crate::newest::label;
use crate::page::{Page, Section, render};
use crate::panel::level_name;
use crate::reply::Reply;
use crate::routes::record::list::{head, shown_columns, text};
use crate::texts::put;
use crate::visit::Visit;

struct RuleRow<'a> {
    id: &'a str,
    says: &'a str,
    level: &'static str,
    holds: String,
    /// Id and sentence of the rule this one departs from.
    general: Option<(&'a str, &'a str)>,
    source: &'a str,
    documents: Vec<Basis>,
}

/// A rule that a link beside the clauses reads: a machine, a benefit, a scheme.
struct FileRow<'a> {
    id: &'a str,
    says: &'a str,
    source: &'a str,
    documents: Vec<Basis>,
}

struct ListRow<'a> {
    id: &'a str,
    title: &'a str,
    /// What is to be confirmed; of other lists the number is enough.
    entries: Vec<&'a str>,
    count: usize,
    to_be_confirmed: bool,
    source: &'a str,
}

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    rules: Vec<RuleRow<'a>>,
    files: Vec<FileRow<'a>>,
}

struct DocumentCell {
    text: String,
    /// The document it names, on the same page.
    href: String,
    /// Whether it stays on one line.
    is_short: bool,
}

struct DocumentRow<'a> {
    anchor: String,
    number: &'a str,
    place: String,
    cells: Vec<DocumentCell>,
    is_repealed: bool,
    /// Sentence, address and article of each rule.
    rules: Vec<(&'a str, String, Option<&'a str>)>,
}

#[derive(Template)]
#[template(path = "policy_documents.html")]
struct DocumentsTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    heads: Vec<String>,
    documents: Vec<DocumentRow<'a>>,
    /// The list itself, with its history and its form.
    list: Option<String>,
}

#[derive(Template)]
#[template(path = "policy_lists.html")]
struct ListsTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    lists: Vec<ListRow<'a>>,
}

/// Every rule with its source.
pub(crate) fn rules(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (pack, t) = (&visit.app.pack, visit.texts());
    let page = Page::new(visit, Section::Reports, t.policy_rules);
    let mut bases = basis::by_rule(&basis::documents(visit)?);
    let rules = pack.clauses.iter().map(|clause| rule(visit, pack, clause, &mut bases)).collect();
    let list = pack.code_list(RULE_LIST);
    let codes = list.iter().flat_map(|list| &list.codes);
    let files = codes.filter(|code| pack.clause(&code.id).is_none());
    render(&PolicyTemplate {
        page: &page,
        title: pack.title.get(visit.lang()),
        rules,
        files: files.map(|code| file(visit, code, &mut bases)).collect(),
    })
}

/// Every document with the rules that rest on it.
pub(crate) fn documents(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let page = Page::new(visit, Section::Reports, t.policy_documents);
    let lists = app.pack.document_lists();
    let columns: Vec<(usize, &Column)> =
        lists.into_iter().flat_map(|lists| shown_columns(lists.documents)).collect();
    let found = basis::documents(visit)?;
    let index = app.areas()?;
    render(&DocumentsTemplate {
        page: &page,
        title: app.pack.title.get(visit.lang()),
        heads: columns.iter().map(|(_, column)| head(visit, column).0).collect(),
        documents: found
            .iter()
            .map(|one| document(visit, &index, (&columns, &found), one))
            .collect(),
        list: lists.map(|lists| format!("/records/{}", lists.links.id)),
    })
}

/// Every code list with its source.
pub(crate) fn lists(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (pack, t) = (&visit.app.pack, visit.texts());
    let page = Page::new(visit, Section::Reports, t.policy_lists);
    render(&ListsTemplate {
        page: &page,
        title: pack.title.get(visit.lang()),
        lists: pack.code_lists.iter().map(|list| code_list(visit, list)).collect(),
    })
}

fn document<'a>(
    visit: &Visit<'a>,
    index: &AreaIndex,
    (columns, all): (&[(usize, &Column)], &[PolicyDocument]),
    document: &'a PolicyDocument,
) -> DocumentRow<'a> {
    let record = &document.record;
    let rules = document.rules.iter().map(|of| {
        let says = label(&visit.app.pack, RULE_LIST, &of.rule, visit.lang());
        (says, format!("/policy#{}", of.rule), of.article.as_deref())
    });
    let cells = columns.iter().map(|(at, column)| {
        let text = text(visit, index, column, record.values.get(*at));
        let named = all.iter().find(|other| other.record.key == text);
        DocumentCell {
            href: shown(named, |other| format!("#{}", basis::anchor(other))),
            is_short: named.is_some() || column.kind == ColumnKind::Date,
            text,
        }
    });
    let place = AreaCode::parse(&record.area_code);
    DocumentRow {
        anchor: basis::anchor(document),
        number: &record.key,
        place: place.map_or_else(|_| String::new(), |area| index.name(area)),
        cells: cells.collect(),
        is_repealed: document.repealed_by.is_some(),
        rules: rules.collect(),
    }
}

fn file<'a>(
    visit: &Visit<'a>,
    code: &'a Code,
    bases: &mut HashMap<String, Vec<Basis>>,
) -> FileRow<'a> {
    FileRow {
        id: &code.id,
        says: code.label.get(visit.lang()),
        source: code.source.as_deref().unwrap_or("—"),
        documents: bases.remove(&code.id).into_iter().flatten().collect(),
    }
}

fn rule<'a>(
    visit: &Visit<'a>,
    pack: &'a Pack,
    clause: &'a Clause,
    bases: &mut HashMap<String, Vec<Basis>>,
) -> RuleRow<'a> {
    let (t, lang) = (visit.texts(), visit.lang());
    let from = clause.effective_from.to_string();
    let general = clause.exception_of.as_deref().and_then(|id| pack.clause(id));
    RuleRow {
        id: &clause.id,
        says: clause.says.get(lang),
        level: level_name(t, clause.level),
        holds: match clause.effective_until {
            Some(until) => {
                put(t.policy_from_until, &[("from", &from), ("until", &until.to_string())])
            }
            None => put(t.policy_from, &[("from", &from)]),
        },
        general: general.map(|general| (general.id.as_str(), general.says.get(lang))),
        source: &clause.source,
        documents: bases.remove(&clause.id).into_iter().flatten().collect(),
    }
}

fn code_list<'a>(visit: &Visit<'a>, list: &'a CodeList) -> ListRow<'a> {
    let lang = visit.lang();
    ListRow {
        id: &list.id,
        title: list.title.get(lang),
        entries: if list.to_be_confirmed {
            list.codes.iter().map(|code| code.label.get(lang)).collect()
        } else {
            Vec::new()
        },
        count: list.codes.len(),
        to_be_confirmed: list.to_be_confirmed,
        source: &list.source,
    }
}
