//! The pack's own rules as a code list, so that files and forms can name one: clauses, and the
//! machines, benefits and schemes that later links read.

use std::collections::HashSet;

use qb_base::{Text, fold};

use crate::error::{Fault, Position};
use crate::pack::Pack;
use crate::pack::code::{Code, CodeList};
use crate::pack::dataset::Dataset;
use crate::pack::layout::ColumnKind;

/// Id of the list whose codes are the rules of the pack; columns cite it as `code:rule`.
pub const RULE_LIST: &str = "rule";

/// Column of a list of documents with the number of the document that repeals the row's.
pub(crate) const REPEALED_BY: &str = "repealed_by";

/// Column of a list that ties rules to documents: where in the document the rule stands.
pub(crate) const ARTICLE: &str = "article";

/// Folders whose files are a rule each, by their path without the ending.
const FOLDERS: [&str; 3] = ["benefits/", "machines/", "schemes/"];

/// What a file of those folders says of itself; the rest is read by later links.
#[derive(serde::Deserialize)]
struct Head {
    title: Option<Text>,
    label: Option<Text>,
    source: Option<String>,
}

/// Which documents the rules of a pack rest on: a list of documents, and one that names for each
/// document its rules.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLists<'p> {
    /// The documents; their key is their number.
    pub documents: &'p Dataset,
    /// One row for a document and a rule.
    pub links: &'p Dataset,
    /// Position of the links' column with the rule.
    pub rule_at: usize,
    /// Position of the links' column with the document's number.
    pub number_at: usize,
    /// Position of the documents' column [`REPEALED_BY`], where they have it.
    pub repealed_at: Option<usize>,
}

impl DocumentLists<'_> {
    /// Position of the links' column [`ARTICLE`], where they have it.
    pub fn article_at(&self) -> Option<usize> {
        position(self.links, ARTICLE)
    }
}

fn position(dataset: &Dataset, column: &str) -> Option<usize> {
    dataset.columns.iter().position(|known| known.id == column)
}

impl Pack {
    /// The lists that tie rules to documents; `None` where the pack has none.
    pub fn document_lists(&self) -> Option<DocumentLists<'_>> {
        self.datasets.iter().find_map(|links| {
            let rule_at = links.columns.iter().position(
                |column| matches!(&column.kind, ColumnKind::Code(list) if list == RULE_LIST),
            )?;
            let (documents, number_at) =
                self.datasets.iter().find_map(|documents| match documents.key.as_slice() {
                    [number] if documents.id != links.id => {
                        Some((documents, position(links, number)?))
                    }
                    _ => None,
                })?;
            let repealed_at = position(documents, REPEALED_BY);
            Some(DocumentLists { documents, links, rule_at, number_at, repealed_at })
        })
    }
}

/// Puts the list of rules among the pack's code lists.
pub(crate) fn add(pack: &mut Pack, faults: &mut Vec<Fault>) {
    if let Some(list) = pack.code_lists.iter().find(|list| list.id == RULE_LIST) {
        faults.push(Fault::new(
            list.at.clone(),
            format!("代码表“{RULE_LIST}”由策略包的规则自动生成；请给这张代码表另起名"),
            format!(
                "the code list `{RULE_LIST}` is made of the pack's rules; name this list otherwise"
            ),
        ));
        return;
    }
    let clauses = pack.clauses.iter().map(|clause| Code {
        aliases: vec![clause.id.clone()],
        group: Some("clauses".to_owned()),
        source: Some(clause.source.clone()),
        ..code(clause.id.clone(), clause.says.clone(), clause.at.clone())
    });
    let files = FOLDERS
        .into_iter()
        .flat_map(|folder| pack.part_files_in(folder).map(move |file| (folder, file)));
    let files = files.filter_map(|(folder, (path, file))| {
        // A file that cannot be read has faults of its own, found by the link that reads it.
        let head: Head = file.parse().ok()?;
        let id = path.strip_suffix(".toml")?.to_owned();
        let says = head.title.or(head.label)?;
        let group = folder.trim_end_matches('/').to_owned();
        Some(Code {
            aliases: vec![id.clone()],
            group: Some(group),
            source: head.source,
            ..code(id, says, Position::file(&file.shown))
        })
    });
    let mut taken = HashSet::new();
    let codes = clauses
        .chain(files)
        .map(|mut code| {
            // Two rules may read alike; then only the id tells which is meant.
            if !taken.insert(fold::key(&code.label.zh)) {
                let Code { id, label, .. } = &code;
                code.label =
                    Text::new(format!("{}（{id}）", label.zh), format!("{} ({id})", label.en));
            }
            code
        })
        .collect();
    pack.code_lists.push(CodeList {
        id: RULE_LIST.to_owned(),
        title: Text::fixed("策略包的规则", "rules of the pack"),
        source: pack.source.clone(),
        to_be_confirmed: false,
        none: Vec::new(),
        codes,
        at: Position::file("pack.toml"),
        by_label: Default::default(),
        by_id: Default::default(),
    });
}

fn code(id: String, label: Text, at: Position) -> Code {
    Code { id, label, aliases: Vec::new(), group: None, source: None, at }
}
