//! Checks over the whole pack, after extensions are merged; then the index by id.

use std::collections::{HashMap, HashSet};

use qb_base::{Text, fold};

use crate::check_dataset;
use crate::check_fact;
use crate::clause::{Clause, ClauseKind, Expect};
use crate::code::CodeList;
use crate::dataset::Dataset;
use crate::error::{Fault, Position};
use crate::layout::{Column, ColumnKind, Layout, Place};
use crate::load::Parts;
use crate::model::{Index, Pack};
use crate::read::Reader;
use crate::read_fact::blank;
use crate::rule_list;

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

fn unique<'a>(
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

fn well_formed(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

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
    check_dataset::attach(pack);
    check_dataset::datasets(pack, faults);
    check_dataset::views(pack, faults);
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
    check_fact::facts(pack, faults);
    check_fact::contradictions(pack, faults);
    check_fact::sources(pack, faults);
}

/// The unit of the items of income, a code of the list `unit`.
const YUAN: &str = "yuan";

/// Appends a column per income item to the layouts that ask for them.
fn add_item_columns(pack: &mut Pack) {
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
fn add_dataset_layouts(pack: &mut Pack) {
    pack.layouts.extend(pack.datasets.iter().map(Dataset::layout));
}

fn index_list(list: &mut CodeList, faults: &mut Vec<Fault>) {
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

fn index(pack: &Pack) -> Index {
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

fn check_layout(layout: &Layout, pack: &Pack, faults: &mut Vec<Fault>) {
    texts(&layout.at, &[&layout.title], &layout.source, faults);
    if layout.senders.is_empty() {
        faults.push(Fault::new(
            layout.at.clone(),
            format!(
                "“{}”没有写由谁报送；请加上“sender”，写角色代码，如\"COUNTY_OFFICER\"",
                layout.id
            ),
            format!(
                "nothing says who sends `{}`: add `sender` with role codes such as \
                 \"COUNTY_OFFICER\"",
                layout.id
            ),
        ));
    }
    let mut heads: HashMap<String, &str> = HashMap::new();
    for column in &layout.columns {
        texts(&column.at, &[&column.label], "-", faults);
        if let ColumnKind::Code(list) = &column.kind
            && pack.code_list(list).is_none()
        {
            faults.push(Fault::new(
                column.at.clone(),
                format!("列“{}”引用的代码表“{list}”不存在", column.id),
                format!("column `{}` cites the code list `{list}`, which doesn't exist", column.id),
            ));
        }
        for head in column.heads() {
            let other = heads.insert(fold::key(head), &column.id);
            if let Some(other) = other.filter(|other| *other != column.id) {
                faults.push(Fault::new(
                    column.at.clone(),
                    format!("表样“{}”里列名“{head}”既指“{other}”又指“{}”", layout.id, column.id),
                    format!(
                        "in layout `{}` the head “{head}” means both `{other}` and `{}`",
                        layout.id, column.id
                    ),
                ));
            }
        }
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

fn check_clause(clause: &Clause, pack: &Pack, faults: &mut Vec<Fault>) {
    texts(&clause.at, &[&clause.says], &clause.source, faults);
    if let Some(general) = &clause.exception_of
        && (pack.clause(general).is_none() || *general == clause.id)
    {
        faults.push(Fault::new(
            clause.at.clone(),
            format!("规则“{}”是“{general}”的例外，但没有这条规则", clause.id),
            format!("clause `{}` is an exception of `{general}`, which doesn't exist", clause.id),
        ));
    }
    if (clause.kind == ClauseKind::Value) != clause.unit.is_some() {
        faults.push(Fault::new(
            clause.at.clone(),
            format!("规则“{}”：kind = \"value\"时要写unit，否则不写", clause.id),
            format!("clause `{}`: a value has a `unit`, a verdict has none", clause.id),
        ));
    }
    let mut names = HashSet::new();
    for case in &clause.cases {
        if !names.insert(&case.name) {
            faults.push(Fault::new(
                case.at.clone(),
                format!("用例“{}”重名", case.name),
                format!("two cases are named “{}”", case.name),
            ));
        }
        let fits = match case.expect {
            Expect::Unknown => true,
            Expect::True | Expect::False => clause.kind == ClauseKind::Verdict,
            Expect::Number(_) => clause.kind == ClauseKind::Value,
        };
        if !fits {
            faults.push(Fault::new(
                case.at.clone(),
                format!("用例“{}”的expect与规则的kind不符：判断写true、false或\"unknown\"，数值写数", case.name),
                format!("case “{}” expects what its clause never gives: a verdict is true, false or \"unknown\", a value is a number", case.name),
            ));
        }
    }
}
