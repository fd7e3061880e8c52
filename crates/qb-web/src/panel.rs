//! Parts that several pages share: the verdicts of an area, its sub-areas, figures.

use qb_base::text::shown;
use qb_base::{AreaCode, AreaLevel, Fen, Lang, Text};
use qb_policy::{Clause, ClauseKind, Decimal, Fact, Level, Pack};
use qb_report::number::{as_day, day, grouped};
use qb_targeting::model::{ClauseOutcome, FigureOutcome};
use qb_targeting::queries;

use crate::fault::Fault;
use crate::format::{MoneyUnit, count, percent};
use crate::newest::{RunInfo, Totals, label};
use crate::texts::Texts;
use crate::url::with_query;
use crate::visit::Visit;

/// The unit of facts about money, and the digits from it to fen.
const YUAN: &str = "yuan";
const FEN_DIGITS: i32 = 2;
/// Digits after the point that counted and summed values have at most: fen, metres of a kilometre.
const DECIMALS_COUNTED: u32 = 3;
/// Digits after the point that are read of a quotient.
const DECIMALS_OF_QUOTIENT: u32 = 2;
/// Width of a verdict bar in pixels.
const BAR_WIDTH: i64 = 96;

/// One clause with its counts in an area, each count linking to its rows.
pub(crate) struct VerdictRow {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) level: &'static str,
    /// True, false, cannot tell.
    pub(crate) counts: [CountLink; 3],
    pub(crate) share: String,
    pub(crate) share_of: String,
    pub(crate) bar_yes: i64,
    pub(crate) bar_open: i64,
}

/// A number that opens its rows.
pub(crate) struct CountLink {
    pub(crate) text: String,
    pub(crate) href: String,
}

/// The verdict clauses of the newest run that judge anybody in an area.
pub(crate) fn verdicts(
    visit: &Visit<'_>,
    run: &RunInfo,
    area: AreaCode,
) -> Result<Vec<VerdictRow>, Fault> {
    let scope = visit.scope()?;
    let outcomes =
        visit.app.store.read(|conn| queries::clauses_of_area(conn, scope, run.run.id, area))?;
    let pack = &visit.app.pack;
    let shown = pack.clauses.iter().filter(|clause| clause.kind == ClauseKind::Verdict);
    let rows = shown.filter_map(|clause| {
        let outcome = outcomes.iter().find(|outcome| outcome.clause == clause.id)?;
        let judges_some = outcome.n_true + outcome.n_false + outcome.n_unknown > 0;
        judges_some.then(|| verdict_row(visit, clause, outcome, area))
    });
    Ok(rows.collect())
}

fn verdict_row(
    visit: &Visit<'_>,
    clause: &Clause,
    outcome: &ClauseOutcome,
    area: AreaCode,
) -> VerdictRow {
    let all = outcome.n_true + outcome.n_false + outcome.n_unknown;
    let link = |n: i64, verdict: &str| CountLink {
        text: count(n),
        href: if n == 0 { String::new() } else { rows_href(clause, area, verdict) },
    };
    let bar = |n: i64| if all == 0 { 0 } else { n * BAR_WIDTH / all };
    VerdictRow {
        id: clause.id.clone(),
        says: clause.says.get(visit.lang()).to_owned(),
        level: level_name(visit.texts(), clause.level),
        counts: [
            link(outcome.n_true, "true"),
            link(outcome.n_false, "false"),
            link(outcome.n_unknown, "unknown"),
        ],
        share: percent(outcome.n_true, all),
        share_of: format!("{} / {}", count(outcome.n_true), count(all)),
        bar_yes: bar(outcome.n_true),
        bar_open: bar(outcome.n_unknown),
    }
}

/// The page of the rows a clause judges so in an area.
pub(crate) fn rows_href(clause: &Clause, area: AreaCode, verdict: &str) -> String {
    let path = match clause.level {
        Level::Household => "/households",
        Level::Village => "/villages",
        Level::Person => "/persons",
    };
    let area = area.to_string();
    with_query(path, &[("area", &area), ("clause", &clause.id), ("verdict", verdict)])
}

/// The name of a level.
pub(crate) const fn level_name(t: &'static Texts, level: Level) -> &'static str {
    match level {
        Level::Household => t.level_household,
        Level::Village => t.level_village,
        Level::Person => t.level_person,
    }
}

/// An area below the one shown, with its totals.
pub(crate) struct ChildRow {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) households: i64,
    pub(crate) cells: Vec<NumberCell>,
}

/// A number with its value for the map.
pub(crate) struct NumberCell {
    pub(crate) value: i64,
    pub(crate) text: String,
}

impl NumberCell {
    fn new(value: i64) -> Self {
        Self { value, text: count(value) }
    }
}

/// The areas directly below, with a column for each exit status that occurs.
pub(crate) struct Children {
    pub(crate) title: &'static str,
    pub(crate) status_heads: Vec<String>,
    pub(crate) rows: Vec<ChildRow>,
    pub(crate) total: ChildRow,
}

/// The areas directly below an area that have registered households.
pub(crate) fn children(
    visit: &Visit<'_>,
    totals: &Totals,
    area: AreaCode,
) -> Result<Children, Fault> {
    let index = visit.app.areas()?;
    let whole = totals.of(area);
    let statuses: Vec<&str> = visit
        .app
        .pack
        .code_list("exit_status")
        .into_iter()
        .flat_map(|list| &list.codes)
        .map(|code| code.id.as_str())
        .filter(|status| whole.by_status.get(*status).is_some_and(|n| *n > 0))
        .collect();
    let row = |code: AreaCode, name: String| {
        let total = totals.of(code);
        // A status that no household of the area has is counted nowhere.
        let of_status = |status: &&str| total.by_status.get(*status).copied().unwrap_or_default();
        let numbers = [total.households, total.people].into_iter();
        let numbers = numbers.chain(statuses.iter().map(of_status));
        ChildRow {
            code: code.to_string(),
            name,
            households: total.households,
            cells: numbers.map(NumberCell::new).collect(),
        }
    };
    let rows = index
        .children(area)
        .into_iter()
        .map(|child| row(child.code, child.name.clone()))
        .filter(|row| row.households > 0)
        .collect();
    let lang = visit.lang();
    let heads = statuses.iter().map(|s| label(&visit.app.pack, "exit_status", s, lang).to_owned());
    Ok(Children {
        title: children_title(visit.texts(), area.level()),
        status_heads: heads.collect(),
        rows,
        total: row(area, index.name(area)),
    })
}

const fn children_title(t: &'static Texts, level: AreaLevel) -> &'static str {
    match level {
        AreaLevel::City => t.area_children_county,
        AreaLevel::County => t.area_children_town,
        AreaLevel::Town => t.area_children_village,
        AreaLevel::Province | AreaLevel::Village => t.area_children,
    }
}

/// A figure as a cell of the strip: what it is, how much, and where its rows are.
pub(crate) struct FigureCell {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) unit: String,
    pub(crate) note: Option<String>,
    pub(crate) href: String,
}

/// What stands where an area has no value.
pub(crate) const NO_VALUE: &str = "—";

/// The key figures of an area, in the order of the pack.
pub(crate) fn key_figures(
    visit: &Visit<'_>,
    run: &RunInfo,
    area: AreaCode,
) -> Result<Vec<FigureCell>, Fault> {
    let cells = figures(visit, run, area, |fact| fact.is_key)?;
    Ok(cells.into_iter().filter(|cell| cell.value != NO_VALUE).collect())
}

/// The figures of an area that are wanted, in the order of the pack.
pub(crate) fn figures(
    visit: &Visit<'_>,
    run: &RunInfo,
    area: AreaCode,
    wanted: impl Fn(&Fact) -> bool,
) -> Result<Vec<FigureCell>, Fault> {
    let scope = visit.scope()?;
    let outcomes =
        visit.app.store.read(|conn| queries::figures_of_area(conn, scope, run.run.id, area))?;
    let (pack, lang) = (&visit.app.pack, visit.lang());
    let cells = pack.facts.iter().filter(|fact| wanted(fact)).filter_map(|fact| {
        let outcome = outcomes.iter().find(|outcome| outcome.fact == fact.id)?;
        let text = |text: &Text| text.get(lang).to_owned();
        let (value, unit) = said(fact, outcome, lang).unwrap_or_else(|| {
            let found = figure_value(pack, fact, outcome, lang);
            found.unwrap_or_else(|| (NO_VALUE.to_owned(), unit_label(pack, fact, lang)))
        });
        Some(FigureCell {
            label: text(&fact.says),
            value,
            unit,
            note: fact.denominator.as_ref().map(text),
            href: with_query(&format!("/figures/{}", fact.id), &[("area", area.as_str())]),
        })
    });
    Ok(cells.collect())
}

/// A figure of money that is large enough to be said in a larger unit; its page has it in yuan.
fn said(fact: &Fact, outcome: &FigureOutcome, lang: Lang) -> Option<(String, String)> {
    if fact.unit.as_deref() != Some(YUAN) {
        return None;
    }
    let fen = exact(fact, outcome)?.shift(FEN_DIGITS)?.round_to(Decimal::whole(1))?.to_i64()?;
    let amount = Fen::new(fen)?;
    let unit = MoneyUnit::for_one(amount, lang);
    (unit != MoneyUnit::Yuan).then(|| (unit.print(amount, lang), unit.label(lang).to_owned()))
}

/// A figure's value and its unit, exact as its rows give it; a day has none.
///
/// The step in which the document is published is for the comparison with it alone: a village of
/// 483 people is not 0 because a city is published in thousands.
pub(crate) fn figure_value(
    pack: &Pack,
    fact: &Fact,
    outcome: &FigureOutcome,
    lang: Lang,
) -> Option<(String, String)> {
    let value = exact(fact, outcome)?;
    Some(match as_day(value, fact.unit.as_deref()) {
        Some(on) => (day(on).get(lang).to_owned(), String::new()),
        None => (grouped(value), unit_label(pack, fact, lang)),
    })
}

/// The value without a step; of a quotient, which may have no end, two digits after the point.
fn exact(fact: &Fact, outcome: &FigureOutcome) -> Option<Decimal> {
    let (unscaled, scale) = outcome.value?;
    let value = qb_report::gather::in_unit(fact, unscaled, u32::from(scale))?;
    let whole = value.round_to(Decimal::new(1, DECIMALS_COUNTED)?)?;
    if whole == value {
        Some(whole)
    } else {
        value.round_to(Decimal::new(1, DECIMALS_OF_QUOTIENT)?)
    }
}

/// The unit of a fact as people read it; a share or a ratio has none.
fn unit_label(pack: &Pack, fact: &Fact, lang: Lang) -> String {
    shown(fact.unit.as_deref(), |unit| label(pack, "unit", unit, lang).to_owned())
}

#[cfg(test)]
mod tests {
    use qb_policy::PackSource;

    use super::*;

    #[test]
    fn a_figure_that_is_a_day_is_shown_as_people_write_days() {
        let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap();
        let shown = |id: &str, value: i128, lang| {
            let (fact, level) = (id.to_owned(), "query".to_owned());
            let value = Some((value, 0));
            let outcome =
                FigureOutcome { fact, level, position: 0, value, rows: 1, rows_unknown: 0 };
            figure_value(&pack, pack.fact(id).unwrap(), &outcome, lang).unwrap()
        };
        let words = |value: &str, unit: &str| (value.to_owned(), unit.to_owned());
        assert_eq!(shown("G13.day", 20_160_118, Lang::Zh), words("2016年1月18日", ""));
        assert_eq!(shown("G13.day", 20_160_118, Lang::En), words("18 January 2016", ""));
        assert_eq!(shown("G13", 1_234, Lang::Zh), words("1,234", "次会议"));
    }
}
