//! The rules of the pack, with what is an exception of what, and its code lists, with what is still
//! to be confirmed.

use askama::Template;
use qb_policy::{Clause, CodeList, Pack};

use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::panel::level_name;
use crate::reply::Reply;
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
    render(&PolicyTemplate {
        page: &page,
        title: pack.title.get(visit.lang()),
        rules: pack.clauses.iter().map(|clause| rule(visit, pack, clause)).collect(),
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

fn rule<'a>(visit: &Visit<'a>, pack: &'a Pack, clause: &'a Clause) -> RuleRow<'a> {
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
