//! The documents on which rules rest, as pages show them.
//!
//! A document of an area above holds for those below and is published to them: readers see what was
//! issued for their own area, above it and below it.

use std::collections::{HashMap, HashSet};

use qb_access::{Relation, Scope};
use qb_base::AreaCode;
use qb_policy::ColumnKind;
use qb_registry::model::PolicyDocument;
use qb_registry::queries::{self, Reader};

use crate::fault::Fault;
use crate::visit::Visit;

/// A document as the basis of one rule.
#[derive(Clone)]
pub(crate) struct Basis {
    pub(crate) number: String,
    /// Where it stands in the list of documents.
    pub(crate) href: String,
    /// The article, where one is named.
    pub(crate) article: Option<String>,
    /// Whether another document repeals it.
    pub(crate) is_repealed: bool,
}

/// The documents that hold for the reader; none where the pack has no such lists.
pub(crate) fn documents(visit: &Visit<'_>) -> Result<Vec<PolicyDocument>, Fault> {
    let app = visit.app;
    let Some(lists) = app.pack.document_lists() else { return Ok(Vec::new()) };
    let own = visit.scope()?;
    // Documents above lie outside what else the reader may read.
    let all = Scope::system();
    let reader = Reader { scope: &all, keyring: app.store.keyring(), reading: app.reading()? };
    let mut found =
        app.store.read(|conn| Ok::<_, Fault>(queries::policy_documents(conn, &reader, &lists)?))?;
    let day = lists.documents.columns.iter().position(|column| column.kind == ColumnKind::Date);
    let issued = |one: &PolicyDocument| {
        day.and_then(|at| one.record.values.get(at)?.as_text().map(str::to_owned))
    };
    // A document is in force until the one that repeals it is issued, as the pack's view has it.
    let today = app.today()?.to_string();
    let out: HashSet<String> = found
        .iter()
        .filter(|one| issued(one).is_some_and(|day| day <= today))
        .map(|one| one.record.key.clone())
        .collect();
    for document in &mut found {
        document.repealed_by = document.repealed_by.take().filter(|later| out.contains(later));
    }
    found.retain(|document| {
        let area = AreaCode::parse(&document.record.area_code);
        area.is_ok_and(|area| !matches!(own.relation(area), Relation::Sibling | Relation::Other))
    });
    // Numbers of one office do not sort as text: 10 stands after 9.
    found.sort_by(|a, b| (&a.record.area_code, issued(a)).cmp(&(&b.record.area_code, issued(b))));
    Ok(found)
}

/// The documents under each rule, those in force first.
pub(crate) fn by_rule(documents: &[PolicyDocument]) -> HashMap<String, Vec<Basis>> {
    let mut found: HashMap<String, Vec<Basis>> = HashMap::new();
    for document in documents {
        for of in &document.rules {
            found.entry(of.rule.clone()).or_default().push(Basis {
                number: document.record.key.clone(),
                href: format!("/policy/documents#{}", anchor(document)),
                article: of.article.clone(),
                is_repealed: document.repealed_by.is_some(),
            });
        }
    }
    found.values_mut().for_each(|bases| bases.sort_by_key(|basis| basis.is_repealed));
    found
}

/// The place of a document on the page of documents.
pub(crate) fn anchor(document: &PolicyDocument) -> String {
    format!("document-{}", document.record.id)
}
