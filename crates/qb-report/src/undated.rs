//! Which figures rest on rows that carry no day.
//!
//! A list without days says how things stood when it was last brought in. Asked about an earlier
//! day it cannot say what held then, and the report has to say so instead of passing today's list
//! off as that of the day.

use std::collections::BTreeSet;

use qb_base::{Date, Text};
use qb_policy::arithmetic::{self, Operand};
use qb_policy::{Fact, Method, Pack};

use crate::number;

/// What a query that looks at the day names.
const AS_OF: &str = "{as_of}";

/// The facts of a pack that do not look at the day of the question.
pub(crate) fn undated(pack: &Pack) -> BTreeSet<&str> {
    let found = pack.facts.iter().filter(|fact| !looks_at_day(pack, fact));
    found.map(|fact| fact.id.as_str()).collect()
}

/// Whether everything that a fact is counted from is that of the day; what isn't counted from rows
/// says nothing of days.
fn looks_at_day(pack: &Pack, fact: &Fact) -> bool {
    match &fact.method {
        Method::Sql(figure) => is_dated(pack, &figure.query.text),
        Method::Rows(query) => {
            let filter = query.filter.iter().map(|filter| filter.text.as_str());
            filter.chain([query.value.text.as_str()]).any(|text| text.contains(AS_OF))
        }
        // Whom something reaches decides; the set itself may be a list of the year.
        Method::Coverage(of) => pack
            .coverage(&of.coverage)
            .is_none_or(|coverage| is_dated(pack, &coverage.covered_query.text)),
        Method::Arithmetic { expression } => {
            let mut all = true;
            let mut look_up = |operand: Operand<'_>| {
                if let Operand::Computed(id) = operand {
                    all &= pack.fact(id).is_none_or(|of| looks_at_day(pack, of));
                }
                None
            };
            // A wrong expression is told where it is computed.
            let _ = arithmetic::evaluate(&expression.text, &mut look_up);
            all
        }
        Method::Pack(_)
        | Method::Reference { .. }
        | Method::Pending { .. }
        | Method::Text { .. } => true,
    }
}

/// Whether a query, or a view that it rests on, names the day.
fn is_dated(pack: &Pack, query: &str) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut texts = vec![query];
    while let Some(text) = texts.pop() {
        if text.contains(AS_OF) {
            return true;
        }
        let words: BTreeSet<&str> =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let named = pack.views.iter().filter(|view| words.contains(view.id.as_str()));
        texts.extend(
            named.filter(|view| seen.insert(view.id.as_str())).map(|view| view.query.text.as_str()),
        );
    }
    false
}

/// A definition that says of which day its rows are.
pub(crate) fn as_it_stood(definition: Option<&Text>, day: Date) -> Text {
    let said = Text::fixed(
        "所据资料不按日登记，此处是{day}的登记状况，不是统计时点的",
        "its rows carry no day, so this is what the records held on {day}, not what held on the day asked about",
    );
    let said = day_filled(&said, day);
    match definition {
        None => said,
        Some(known) => {
            Text::new(format!("{}；{}", known.zh, said.zh), format!("{}; {}", known.en, said.en))
        }
    }
}

/// What the front says when some figures are not of the report's day.
pub(crate) fn on_the_front(count: usize, day: Date) -> Text {
    let said = Text::fixed(
        "其中{count}项所据资料不按日登记，列的是{day}的登记状况，附件1逐项注明。",
        "{count} of the figures rest on rows that carry no day: they are what the records held on {day}, and annex 1 says so of each.",
    );
    day_filled(&said.fill(&[("count", &count.to_string())]), day)
}

fn day_filled(text: &Text, day: Date) -> Text {
    let day = number::day(day);
    Text::new(text.zh.replace("{day}", &day.zh), text.en.replace("{day}", &day.en))
}

#[cfg(test)]
mod tests {
    use qb_policy::PackSource;

    use super::*;

    #[test]
    fn rosters_with_days_look_at_the_day_and_lists_without_any_do_not() {
        let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap();
        let undated = undated(&pack);
        for id in ["B01", "B02.gone", "G08", "G14", "G14.late", "P04", "P05", "H05", "H05.all"] {
            assert!(!undated.contains(id), "{id}");
        }
        let of_roster = pack.facts.iter().map(|fact| fact.id.as_str());
        let dated = of_roster.filter(|id| *id == "H03" || id.starts_with("H03."));
        assert_eq!(dated.filter(|id| !undated.contains(id)).count(), 9);
        for id in ["E01", "T03", "V01", "G12", "P16", "G06"] {
            assert!(undated.contains(id), "{id}");
        }
        // Arithmetic over a list without days has none either.
        assert!(undated.contains("G06.ratio"));
        assert!(!undated.contains("G01"));
        // What does not come from rows has no day to be asked about.
        assert!(!undated.contains("P08") && !undated.contains("B03"));
    }

    #[test]
    fn a_definition_says_of_which_day_its_rows_are_in_both_languages() {
        let known = Text::fixed("全部机构", "all offices");
        let said = as_it_stood(Some(&known), Date::constant(2016, 12, 31));
        assert!(said.zh.starts_with("全部机构；") && said.zh.contains("2016年12月31日"));
        assert!(said.en.starts_with("all offices; ") && said.en.contains("31 December 2016"));
    }
}
