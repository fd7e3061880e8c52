//! Lines of the budgets: earlier years, what projects cost, and the others.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::book::{Book, Budget, Payment};
use crate::apportion::split_steps;
use crate::bureau::Bureau;
use crate::desk::{day_of, later};
use crate::dice::Dice;
use crate::works::{Project, Reach};

/// A line that no project is behind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// Years after the year, and day of the year in which it was dated.
    #[serde(default)]
    next_year: bool,
    day: i64,
    /// 0 province, 1 city, 2 the counties together.
    level: usize,
    source: String,
    purpose: String,
    fen: i64,
    #[serde(default)]
    recurring: bool,
    /// Who gets the money in a county; nobody where it is not allocated yet.
    #[serde(default)]
    payee: String,
}

const LEVELS: [&str; 3] = ["省级", "市级", "县级"];
const SPECIAL: [&str; 3] = ["省级专项扶贫资金", "市级专项扶贫资金", "县级专项扶贫资金"];
const CITY: usize = 1;
const COUNTY: usize = 2;
/// Days of the year on which the three levels date their budgets and pass the money on.
const DATED: [i64; 3] = [-3, 4, 5];
const PASSED_ON: [i64; 3] = [6, 8, 9];

/// Weights of counties: registered households.
fn weights(bureau: &Bureau<'_>) -> Vec<u64> {
    let households = |c: usize| {
        let villages = bureau.map.village_spots(c);
        villages.filter_map(|spot| bureau.map.village(spot)).map(|v| v.households).sum()
    };
    (0..bureau.map.counties.len()).map(households).collect()
}

/// Whole hundreds of yuan.
const STEP_FEN: i64 = 10_000;

fn parts(fen: i64, weights: &[u64]) -> impl Iterator<Item = (usize, i64)> {
    let rest = fen % STEP_FEN;
    let parts = split_steps(fen, STEP_FEN, weights);
    let most = parts.iter().enumerate().max_by_key(|(_, part)| **part).map(|(at, _)| at);
    parts.into_iter().enumerate().filter_map(move |(at, part)| {
        let fen = part + if Some(at) == most { rest } else { 0 };
        (fen > 0).then_some((at, fen))
    })
}

/// The city's special funds of the years before: passed on and paid, but for a few.
pub(super) fn before(book: &mut Book, bureau: &Bureau<'_>, dice: &mut Dice) {
    let model = &bureau.model.money;
    let weights = weights(bureau);
    let office = |year: i16, day: i64| bureau.calendar.office(day_of(year, day));
    let idle_counties = bureau.city.number(model.idle, 1);
    for (at, (year, fen)) in model.city_special_before.iter().enumerate() {
        let fen = bureau.city.fen(*fen);
        let budget = book.budget(Budget {
            year: *year,
            level: LEVELS[CITY],
            county: None,
            source: SPECIAL[CITY].to_owned(),
            purpose: "产业项目".to_owned(),
            fen,
            dated: office(*year, 60),
            recurring: false,
        });
        let half = at + 2 == model.city_special_before.len();
        for (turn, share) in parts(fen, &weights).enumerate() {
            let days = [office(*year, 80), office(*year, 80 + dice.between(2, 12))];
            let allocation = book.allocate(budget, share, days);
            let idle = half && turn < idle_counties;
            book.pay(Payment {
                allocation,
                project: String::new(),
                payee: format!("{}财政专户", bureau.map.counties[share.0].name),
                fen: if idle { share.1 / 2 } else { share.1 },
                paid: office(*year, dice.between(150, 330)),
                reverses: None,
            });
        }
    }
}

/// Purpose and county.
type Pot = (String, usize);

/// What projects cost the three levels: a budget by purpose, an allocation by county, payments by
/// project.
pub(super) fn of_projects(
    book: &mut Book,
    bureau: &Bureau<'_>,
    projects: &[Project],
    dice: &mut Dice,
) {
    for level in 0..LEVELS.len() {
        let mut pots: BTreeMap<Pot, i64> = BTreeMap::new();
        for project in projects {
            let pot = (project.trade.purpose.clone(), project.spot.county);
            *pots.entry(pot).or_default() += needed(project, level);
        }
        pots.retain(|_, fen| *fen > 0);
        let allocations = allocate(book, bureau, level, &pots, dice);
        let mut reversed =
            if level == CITY { bureau.city.number(bureau.model.money.reversed, 1) } else { 0 };
        for project in projects {
            let pot = (project.trade.purpose.clone(), project.spot.county);
            let Some(allocation) = allocations.get(&pot).copied() else { continue };
            let mistaken = reversed > 0 && project.paid[level] > 0;
            reversed -= usize::from(mistaken);
            pay(book, bureau, project, (level, allocation, mistaken), dice);
        }
    }
}

/// What a level has to find for a project: the contract's part once it is settled.
fn needed(project: &Project, level: usize) -> i64 {
    if project.reach == Reach::Accepted { project.paid[level] } else { project.sources[level] }
}

fn allocate(
    book: &mut Book,
    bureau: &Bureau<'_>,
    level: usize,
    pots: &BTreeMap<Pot, i64>,
    dice: &mut Dice,
) -> BTreeMap<Pot, usize> {
    // A county has its own budgets, the levels above one for all counties.
    let mut budgets: BTreeMap<(String, Option<usize>), i64> = BTreeMap::new();
    let owner = |county: usize| (level == COUNTY).then_some(county);
    for ((purpose, county), fen) in pots {
        *budgets.entry((purpose.clone(), owner(*county))).or_default() += fen;
    }
    let entered: BTreeMap<(String, Option<usize>), usize> = budgets
        .into_iter()
        .map(|((purpose, county), fen)| {
            let budget = Budget {
                year: bureau.year,
                level: LEVELS[level],
                county,
                source: SPECIAL[level].to_owned(),
                purpose: purpose.clone(),
                fen,
                dated: bureau.calendar.office(day_of(bureau.year, DATED[level])),
                recurring: false,
            };
            ((purpose, county), book.budget(budget))
        })
        .collect();
    let mut allocations = BTreeMap::new();
    for (pot, fen) in pots {
        let Some(budget) = entered.get(&(pot.0.clone(), owner(pot.1))) else { continue };
        let passed = bureau.calendar.office(day_of(bureau.year, PASSED_ON[level]));
        let received = bureau.calendar.office(later(passed, dice.between(1, 4)));
        let days = [passed, received];
        allocations.insert(pot.clone(), book.allocate(*budget, (pot.1, *fen), days));
    }
    allocations
}

/// An advance when the contract is signed, the rest after acceptance.
fn pay(
    book: &mut Book,
    bureau: &Bureau<'_>,
    project: &Project,
    (level, allocation, mistaken): (usize, usize, bool),
    dice: &mut Dice,
) {
    let total = project.paid[level];
    let signed = project.stages.contracted();
    let Some(first) = signed.map(|day| later(day, dice.between(3, 12))) else { return };
    let mut one = |fen: i64, paid, reverses| {
        book.pay(Payment {
            allocation,
            project: project.number.clone(),
            payee: "项目施工单位".to_owned(),
            fen,
            paid: bureau.calendar.office(paid),
            reverses,
        })
    };
    let advance = if project.reach == Reach::Accepted { total * 6 / 10 / 100 * 100 } else { total };
    if mistaken && let Some(wrong) = one(advance, first, None) {
        one(advance, later(first, 2), Some(wrong));
    }
    one(advance, later(first, 3), None);
    if let Some(accepted) = project.stages.accepted() {
        one(total - advance, later(accepted, dice.between(3, 20)), None);
    }
}

/// The lines that no project is behind; what the city's special funds have left goes to
/// households.
pub(super) fn others(book: &mut Book, bureau: &Bureau<'_>, dice: &mut Dice) {
    let model = &bureau.model.money;
    let weights = weights(bureau);
    for line in &model.line {
        enter(book, bureau, line, bureau.city.fen(line.fen), &weights, dice);
    }
    let used = book.appropriated(bureau.year, LEVELS[CITY], SPECIAL[CITY]);
    let rest = Line {
        next_year: false,
        day: DATED[CITY],
        level: CITY,
        source: SPECIAL[CITY].to_owned(),
        purpose: "到户帮扶".to_owned(),
        fen: 0,
        recurring: false,
        payee: "到户帮扶资金专户".to_owned(),
    };
    let all = bureau.city.fen(model.city_special_fen);
    enter(book, bureau, &rest, all - used, &weights, dice);
}

fn enter(
    book: &mut Book,
    bureau: &Bureau<'_>,
    line: &Line,
    fen: i64,
    weights: &[u64],
    dice: &mut Dice,
) {
    let dated = bureau.calendar.office(day_of(bureau.year, line.day));
    let budget = |county: Option<usize>, fen: i64| Budget {
        year: bureau.year + i16::from(line.next_year),
        level: LEVELS[line.level],
        county,
        source: line.source.clone(),
        purpose: line.purpose.clone(),
        fen,
        dated,
        recurring: line.recurring,
    };
    let shares: Vec<(usize, i64)> = parts(fen, weights).collect();
    let whole = (line.level != COUNTY).then(|| book.budget(budget(None, fen)));
    for (county, fen) in shares {
        let of = whole.unwrap_or_else(|| book.budget(budget(Some(county), fen)));
        if line.payee.is_empty() {
            continue;
        }
        let passed = bureau.calendar.office(later(dated, 9));
        let days = [passed, bureau.calendar.office(later(passed, dice.between(1, 6)))];
        let allocation = book.allocate(of, (county, fen), days);
        let [_, received] = days;
        book.pay(Payment {
            allocation,
            project: String::new(),
            payee: format!("{}{}", bureau.map.counties[county].name, line.payee),
            fen: book.allocation(allocation).fen,
            paid: bureau.calendar.office(later(received, dice.between(8, 200))),
            reverses: None,
        });
    }
}
