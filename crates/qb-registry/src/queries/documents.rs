//! Policy documents with the rules that rest on them.

use std::collections::HashMap;

use qb_policy::DocumentLists;
use qb_store::{Conn, StoreError};

use super::records::{Reader, all_records};
use crate::model::{PolicyDocument, RecordValue, RuleOfDocument};

/// Every document of the scope, in the order of area and number, each with its rules in the order
/// of their ids.
///
/// # Errors
/// Whatever the store says.
pub fn policy_documents(
    conn: &Conn,
    reader: &Reader<'_>,
    lists: &DocumentLists<'_>,
) -> Result<Vec<PolicyDocument>, StoreError> {
    let article_at = lists.article_at();
    let mut rules: HashMap<String, Vec<RuleOfDocument>> = HashMap::new();
    for link in all_records(conn, reader, lists.links)? {
        let text = |at: usize| link.values.get(at).and_then(RecordValue::as_text);
        let (Some(number), Some(rule)) = (text(lists.number_at), text(lists.rule_at)) else {
            continue;
        };
        rules.entry(number.to_owned()).or_default().push(RuleOfDocument {
            rule: rule.to_owned(),
            article: article_at.and_then(text).map(str::to_owned),
        });
    }
    let documents = all_records(conn, reader, lists.documents)?;
    let document = |record: crate::model::Record| PolicyDocument {
        rules: rules.remove(&record.key).into_iter().flatten().collect(),
        repealed_by: lists
            .repealed_at
            .and_then(|at| record.values.get(at))
            .and_then(RecordValue::as_text)
            .map(str::to_owned),
        record,
    };
    Ok(documents.into_iter().map(document).collect())
}
