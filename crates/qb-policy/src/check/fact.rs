//! Checks of facts and contradictions: units, sources, references to each other, placeholders.

use std::collections::HashSet;

use qb_base::Text;

use crate::check::texts;
use crate::error::{Fault, Position};
use crate::number::arithmetic::{Operand, evaluate};
use crate::pack::Pack;
use crate::pack::expression::Expression;
use crate::pack::fact::{Contradiction, Fact, Figure, Method, Outcome};
use crate::pack::texts::placeholders;

/// Checks every fact.
pub(crate) fn facts(pack: &Pack, faults: &mut Vec<Fault>) {
    for fact in &pack.facts {
        let mut said = vec![&fact.says];
        said.extend(fact.definition.iter().chain(&fact.denominator).chain(&fact.published_text));
        said.extend(match &fact.method {
            Method::Pending { missing } => Some(missing),
            Method::Text { mechanism } => Some(mechanism),
            _ => None,
        });
        texts(&fact.at, &said, &fact.source, faults);
        if let Some(unit) = &fact.unit {
            known_unit(unit, &fact.id, &fact.at, pack, faults);
        }
        if let Method::Coverage(figure) = &fact.method
            && pack.coverage(&figure.coverage).is_none()
        {
            let cited = &figure.coverage;
            faults.push(Fault::new(
                fact.at.clone(),
                format!("指标“{}”引用的覆盖“{cited}”不存在", fact.id),
                format!("fact `{}` cites the coverage `{cited}`, which doesn't exist", fact.id),
            ));
        }
        for said in fact.definition.iter().chain(&fact.denominator) {
            named_facts(said, &fact.id, &fact.at, pack, faults);
        }
        if let Method::Arithmetic { expression } = &fact.method {
            check_arithmetic(expression, fact, pack, faults);
        }
        for query in queries(&fact.method) {
            no_typed_years(query, &format!("fact {}", fact.id), faults);
        }
    }
    for coverage in &pack.coverages {
        named_facts(&coverage.set, &coverage.id, &coverage.at, pack, faults);
        for query in [&coverage.set_query, &coverage.covered_query] {
            no_typed_years(query, &format!("coverage {}", coverage.id), faults);
        }
    }
    for view in &pack.views {
        no_typed_years(&view.query, &format!("view {}", view.id), faults);
    }
}

/// The texts of a method that the engine evaluates over rows.
fn queries(method: &Method) -> Vec<&Expression> {
    match method {
        Method::Rows(query) => query.filter.iter().chain([&query.value]).collect(),
        Method::Sql(figure) | Method::Pack(figure) => vec![&figure.query, &figure.value],
        _ => Vec::new(),
    }
}

/// A year typed into a query makes last year's figure of this year's: `{year}` and `{as_of}` move.
fn no_typed_years(query: &Expression, owner: &str, faults: &mut Vec<Fault>) {
    // A quoted text is a name unless it begins like a day.
    let parts = query.text.split('\'').enumerate();
    let parts = parts.filter(|(at, part)| at % 2 == 0 || part.starts_with(char::is_numeric));
    let mut words =
        parts.flat_map(|(_, part)| part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let year = words.find(|word| {
        word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1900..2100).contains(&year))
    });
    if let Some(year) = year {
        faults.push(Fault::new(
            query.at.clone(),
            format!("“{owner}”里写死了年份{year}；请改用{{year}}、{{prior_year}}或{{as_of}}"),
            format!(
                "{owner} has the year {year} typed in; write {{year}}, {{prior_year}} or {{as_of}}"
            ),
        ));
    }
}

/// Every id of a figure or note that a text names is one of the pack: a definition that sends its
/// reader to nothing explains nothing.
fn named_facts(said: &Text, owner: &str, at: &Position, pack: &Pack, faults: &mut Vec<Fault>) {
    let mut missing: Vec<&str> = [&*said.zh, &*said.en]
        .into_iter()
        .flat_map(fact_ids)
        .filter(|id| pack.fact(id).is_none())
        .filter(|id| pack.contradictions.iter().all(|note| note.id != *id))
        .collect();
    missing.dedup();
    for id in missing {
        faults.push(Fault::new(
            at.clone(),
            format!("“{owner}”的说明提到指标“{id}”，但没有这项指标"),
            format!("the text of `{owner}` names the fact `{id}`, which doesn't exist"),
        ));
    }
}

/// Words such as `G08` and `V15.upper`: a capital, two digits, and a part after a dot.
fn fact_ids(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    let ids = text.split(|c: char| !is_part(c)).map(|word| word.trim_end_matches('.'));
    ids.filter(|word| {
        let mut letters = word.chars();
        let head = letters.next().is_some_and(|c| c.is_ascii_uppercase());
        let digits = letters.by_ref().take(2).filter(char::is_ascii_digit).count() == 2;
        head && digits && letters.next().is_none_or(|c| c == '.')
    })
    .collect()
}

/// A derived figure names figures that rows or outside sources give, none that is derived itself.
fn check_arithmetic(expression: &Expression, fact: &Fact, pack: &Pack, faults: &mut Vec<Fault>) {
    let mut moved = false;
    let mut unknown = Vec::new();
    let mut look_up = |operand: Operand<'_>| {
        match operand {
            Operand::Computed(id) => match pack.fact(id).map(|fact| &fact.method) {
                Some(Method::Arithmetic { .. }) | None => unknown.push(id.to_owned()),
                Some(method) => moved |= method.is_from_rows(),
            },
            Operand::Published(id) => unknown.push(id.to_owned()),
            Operand::Param(id) if pack.param_series(id).is_none() => unknown.push(id.to_owned()),
            Operand::Param(_) => {}
        }
        None
    };
    if let Err(fault) = evaluate(&expression.text, &mut look_up) {
        let before = &expression.text[..fault.offset];
        let at = expression.locate(1, before.chars().count() + 1);
        faults.push(Fault { at, message: fault.message });
        return;
    }
    for id in unknown {
        faults.push(Fault::new(
            expression.at.clone(),
            format!("指标“{}”的算式只能用由明细或外部数据得出的指标，“{id}”不是", fact.id),
            format!("the arithmetic of fact `{}` may name figures from rows or from outside only; `{id}` is none", fact.id),
        ));
    }
    if !moved {
        faults.push(constant(fact, &expression.at));
    }
}

/// A figure that no row can change proves nothing.
fn constant(fact: &Fact, at: &Position) -> Fault {
    Fault::new(
        at.clone(),
        format!("指标“{}”的结论不随任何数据行变化，不能算作核对", fact.id),
        format!("no row can change the verdict of fact `{}`, so it checks nothing", fact.id),
    )
}

/// Every `§ID` of a source that cites the pack's own document names a figure of the pack.
pub(crate) fn sources(pack: &Pack, faults: &mut Vec<Fault>) {
    let mut cited: Vec<(&str, &Position)> = Vec::new();
    cited.extend(pack.facts.iter().map(|one| (one.source.as_str(), &one.at)));
    cited.extend(pack.contradictions.iter().map(|one| (one.source.as_str(), &one.at)));
    cited.extend(pack.clauses.iter().map(|one| (one.source.as_str(), &one.at)));
    cited.extend(pack.layouts.iter().map(|one| (one.source.as_str(), &one.at)));
    cited.extend(pack.datasets.iter().map(|one| (one.source.as_str(), &one.at)));
    cited.extend(pack.income_items.iter().map(|one| (one.source.as_str(), &one.at)));
    for param in &pack.params {
        cited.extend(param.values.iter().map(|value| (value.source.as_str(), &param.at)));
    }
    for list in &pack.code_lists {
        cited.push((&list.source, &list.at));
        cited
            .extend(list.codes.iter().filter_map(|code| Some((code.source.as_deref()?, &code.at))));
    }
    let mut positions = Vec::new();
    for file in pack.part_files.values() {
        positions.extend(file.sources());
    }
    cited.extend(positions.iter().map(|(source, at)| (source.as_str(), at)));
    for (source, at) in cited {
        if let Some(part) = unlisted(source, at, pack) {
            faults.push(Fault::new(
                at.clone(),
                format!("出处“{source}”里的“{part}”没有列在SOURCES.md中：请在那里写明简称及所指文件，或改正"),
                format!("`{part}` of the source `{source}` uses no short name of SOURCES.md: list it there with its document, or correct it"),
            ));
        }
        for id in paragraphs(source, &pack.source) {
            let known = pack.facts.iter().any(|fact| {
                fact.id == id || fact.id.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'))
            });
            if !known {
                faults.push(Fault::new(
                    at.clone(),
                    format!("出处“{source}”里的§{id}不存在：没有这项指标"),
                    format!("the source “{source}” names §{id}, but there is no such fact"),
                ));
            }
        }
    }
}

/// The part of a source that uses no short name which the pack lists; a base answers for its own.
fn unlisted<'a>(source: &'a str, at: &Position, pack: &Pack) -> Option<&'a str> {
    let names = pack.source_names.as_ref()?;
    let is_of_base = |base: &String| at.file.strip_prefix(base.as_str()).is_some_and(starts_path);
    if pack.bases.iter().any(is_of_base) {
        return None;
    }
    let is_known = |part: &str| {
        // `source = "LIST"` of a part file names a list of codes, not a document.
        pack.code_list(part).is_some() || names.iter().any(|name| stands_in(name, part))
    };
    source.split(';').map(str::trim).find(|part| !is_known(part))
}

fn starts_path(rest: &str) -> bool {
    rest.starts_with('/')
}

/// Whether a name stands in a text as a word of its own.
fn stands_in(name: &str, text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + name.len()..));
        before.is_some_and(|before| !before.ends_with(is_word))
            && after.is_some_and(|after| !after.starts_with(is_word))
    })
}

/// The ids behind `§` where a source cites the document itself, or several facts by arithmetic;
/// other documents have paragraphs of their own.
fn paragraphs<'a>(source: &'a str, document: &str) -> Vec<&'a str> {
    let own = |part: &&str| {
        part.trim_start().starts_with(document) || part.starts_with("arithmetic over")
    };
    let parts = source.split(';').filter(own).flat_map(|part| part.split('§').skip(1));
    // A plain number is a paragraph of a real document.
    parts.filter_map(|part| fact_ids(part).first().copied()).collect()
}

fn known_unit(unit: &str, id: &str, at: &Position, pack: &Pack, faults: &mut Vec<Fault>) {
    if pack.code_list("unit").and_then(|units| units.code(unit)).is_none() {
        faults.push(Fault::new(
            at.clone(),
            format!("“{id}”的单位“{unit}”不在代码表unit中；请改正或补入codes/unit.toml"),
            format!("the unit `{unit}` of `{id}` isn't in the code list `unit`; correct it or add it to codes/unit.toml"),
        ));
    }
}

/// Checks every contradiction.
pub(crate) fn contradictions(pack: &Pack, faults: &mut Vec<Fault>) {
    for one in &pack.contradictions {
        texts(&one.at, &[&one.says, &one.finding, &one.verdict], &one.source, faults);
        for fact in one.facts.iter().filter(|id| pack.fact(id).is_none()) {
            faults.push(Fault::new(
                one.at.clone(),
                format!("“{}”引用的指标“{fact}”不存在", one.id),
                format!("`{}` cites the fact `{fact}`, which doesn't exist", one.id),
            ));
        }
        for figure in &one.figures {
            check_figure(figure, one, pack, faults);
        }
        check_placeholders(one, faults);
        if one.outcome == Outcome::NotYetComputed {
            faults.push(Fault::new(
                one.at.clone(),
                format!("“{}”的outcome只能写consistent、contradiction或open", one.id),
                format!("the outcome of `{}` is consistent, contradiction or open", one.id),
            ));
        }
    }
}

fn check_figure(figure: &Figure, one: &Contradiction, pack: &Pack, faults: &mut Vec<Fault>) {
    texts(&figure.expression.at, &[&figure.label], "-", faults);
    known_unit(&figure.unit, &figure.id, &figure.expression.at, pack, faults);
    let mut unknown = Vec::new();
    let mut look_up = |operand: Operand<'_>| {
        let known = match operand {
            Operand::Published(id) | Operand::Computed(id) => pack.fact(id).is_some(),
            Operand::Param(id) => pack.param_series(id).is_some(),
        };
        if !known {
            let (Operand::Published(id) | Operand::Computed(id) | Operand::Param(id)) = operand;
            unknown.push(id.to_owned());
        }
        None
    };
    if let Err(fault) = evaluate(&figure.expression.text, &mut look_up) {
        let before = &figure.expression.text[..fault.offset];
        let at = figure.expression.locate(1, before.chars().count() + 1);
        faults.push(Fault { at, message: fault.message });
    }
    for id in unknown {
        faults.push(Fault::new(
            figure.expression.at.clone(),
            format!("“{}”的算式引用的“{id}”不存在", one.id),
            format!("a figure of `{}` names `{id}`, which doesn't exist", one.id),
        ));
    }
}

/// Every placeholder of the finding is a figure, in both languages, and every figure is used.
fn check_placeholders(one: &Contradiction, faults: &mut Vec<Fault>) {
    let figures: HashSet<&str> = one.figures.iter().map(|figure| figure.id.as_str()).collect();
    for text in [&*one.finding.zh, &*one.finding.en] {
        let named = placeholders(text).into_iter();
        // `{name:bare}` is the number without its unit.
        let used: HashSet<&str> =
            named.map(|name| name.strip_suffix(":bare").unwrap_or(name)).collect();
        if used != figures {
            let mut odd: Vec<&str> = used.symmetric_difference(&figures).copied().collect();
            odd.sort_unstable();
            faults.push(Fault::new(
                one.at.clone(),
                format!("“{}”的finding与figure不一致：{}", one.id, odd.join("、")),
                format!(
                    "the finding of `{}` and its figures differ in: {}",
                    one.id,
                    odd.join(", ")
                ),
            ));
        }
    }
}
