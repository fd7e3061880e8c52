//! The verdict on one figure, and the reason of it in words.
//!
//! A value is never rounded before it is shown: the published step counts inside the comparison
//! alone. What publishes no number gets no verdict of agreement, and what the pack itself holds
//! never counts as proven by rows.

use qb_base::Text;
use qb_base::money::group_thousands;
use qb_policy::{Compare, Decimal, Fact, Method};

use crate::model::Verdict;
use crate::number;

/// A verdict with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// What was found.
    pub(crate) verdict: Verdict,
    /// Why.
    pub(crate) reason: Text,
}

/// Judges the value that rows, the pack or an outside source give; `missing` are the members of a
/// set that a coverage does not reach.
pub(crate) fn judge(fact: &Fact, value: Decimal, missing: Option<u64>) -> Judgement {
    let agreed = match &fact.method {
        Method::Pack(_) => return of_pack(fact, value),
        Method::Reference { .. } => Verdict::Reference,
        _ => Verdict::Reproduced,
    };
    let Some(published) = fact.published else { return statement(value, &fact.method) };
    let agrees = fact.compare.agrees(value, published, fact.rounding);
    // A number entered again is the published one: laid beside itself it says nothing.
    let reason = match agreed {
        Verdict::Reference if agrees => Text::fixed(
            "引自外部数据，登记资料不能核对",
            "quoted from outside, the records cannot check it",
        ),
        _ => reason(fact, value, published, missing),
    };
    Judgement { verdict: if agrees { agreed } else { Verdict::Contradiction }, reason }
}

/// Lists and rules of the pack: a count of names, whatever was published.
fn of_pack(fact: &Fact, value: Decimal) -> Judgement {
    let differs = fact
        .published
        .is_some_and(|published| !fact.compare.agrees(value, published, fact.rounding));
    let reason = Text::fixed(
        "由策略包自己的清单或规则得出，导入的资料改变不了它，不作为核对",
        "it follows from lists and rules of the policy pack; no imported row changes it, so it checks nothing",
    );
    let verdict = if differs { Verdict::Contradiction } else { Verdict::FromPack };
    Judgement { verdict, reason }
}

fn statement(value: Decimal, method: &Method) -> Judgement {
    let reason = if value == Decimal::whole(0) {
        Text::fixed(
            "没有可核对的公布数；资料中为零",
            "nothing that can be checked is published; the records hold none",
        )
    } else if matches!(method, Method::Reference { .. }) {
        Text::fixed(
            "没有可核对的公布数；此数引自外部数据",
            "nothing that can be checked is published; this number is quoted from outside",
        )
    } else {
        Text::fixed(
            "没有可核对的公布数；此处是资料所载",
            "nothing that can be checked is published; this is what the records hold",
        )
    };
    Judgement { verdict: Verdict::Statement, reason }
}

/// How the value stands to the published one.
fn reason(fact: &Fact, value: Decimal, published: Decimal, missing: Option<u64>) -> Text {
    let agrees = fact.compare.agrees(value, published, fact.rounding);
    let rounded = fact.rounding.and_then(|step| value.round_to(step));
    let shown = number::grouped;
    let (exact, stated) = (number::readable(value), shown(published));
    // Rounding that changes nothing is not worth a word.
    let is_rounded = rounded.is_some_and(|rounded| rounded != value);
    let text = match (fact.compare, agrees) {
        (Compare::Equal, true) if is_rounded => Text::fixed(
            "{exact}按{step}取整为{rounded}，等于公布数",
            "{exact} rounded to {step} is {rounded}, as published",
        ),
        (Compare::Equal, false) if is_rounded => Text::fixed(
            "{exact}按{step}取整为{rounded}，公布的是{stated}",
            "{exact} rounded to {step} is {rounded}; published is {stated}",
        ),
        (Compare::Equal, true) => Text::fixed("等于公布数", "equal to the published number"),
        (Compare::Equal, false) => {
            Text::fixed("计算为{exact}，公布的是{stated}", "computed {exact}, published {stated}")
        }
        (Compare::AtLeast, true) => {
            Text::fixed("{exact}不低于公布的{stated}", "{exact} is not below {stated} as published")
        }
        (Compare::AtLeast, false) => {
            Text::fixed("{exact}低于公布的{stated}", "{exact} is below {stated} as published")
        }
        (Compare::Above, true) => {
            Text::fixed("{exact}高于公布的{stated}", "{exact} is above {stated} as published")
        }
        (Compare::Above, false) => {
            Text::fixed("{exact}不高于公布的{stated}", "{exact} is not above {stated} as published")
        }
        (Compare::Over, true) => Text::fixed(
            "{exact}比公布的{stated}略多，差额不到{step}",
            "{exact} is {stated} and something more, by less than {step}",
        ),
        (Compare::Over, false) => Text::fixed(
            "{exact}不在公布的{stated}与加上{step}之间",
            "{exact} does not lie between {stated} and {step} more",
        ),
        (Compare::Named, true) => {
            Text::fixed("与文件所列名称的个数相同", "as many as the document lists by name")
        }
        (Compare::Named, false) => Text::fixed(
            "计算为{exact}，文件所列名称为{stated}个",
            "computed {exact}, while the document lists {stated} by name",
        ),
        (Compare::All, true) => Text::fixed("名单内无一遗漏", "none of the set is missing"),
        (Compare::All, false) if missing.is_none() => Text::fixed("不是全部", "it is not all"),
        (Compare::All, false) => Text::fixed(
            "名单内缺{missing}个，不是全部",
            "{missing} of the set are missing, so it is not all",
        ),
    };
    // Only the texts that need a step, what it rounds to or who is missing have their places.
    let mut values = vec![("exact", exact), ("stated", stated)];
    values.extend(fact.rounding.map(|step| ("step", shown(step))));
    values.extend(rounded.map(|rounded| ("rounded", shown(rounded))));
    values.extend(missing.map(|missing| ("missing", group_thousands(&missing.to_string()))));
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    text.fill(&values)
}

#[cfg(test)]
mod tests;
