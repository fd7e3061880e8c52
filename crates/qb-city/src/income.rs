//! Incomes that follow from who lives in a household, where, and what became of it.

use crate::dice::Dice;
use crate::items::{self, Statement};
use crate::model::Benefits;

/// What a household lives on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Means {
    pub(crate) members: i64,
    pub(crate) elders: i64,
    pub(crate) workers: i64,
    /// Members who can farm.
    pub(crate) hands: i64,
    pub(crate) students: i64,
    pub(crate) ill: i64,
    pub(crate) disabled: i64,
    /// Farm land in tenths of a mu.
    pub(crate) land: i64,
    pub(crate) on_allowance: bool,
    pub(crate) in_hardship: bool,
    pub(crate) weak_village: bool,
}

/// One year to account for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Year {
    /// 0 the year before, 1 the year.
    pub(crate) index: usize,
    /// Net income of the household to reach.
    pub(crate) target_fen: i64,
    pub(crate) yield_fen: i64,
}

const YUAN: i64 = 100;

/// Makes a statement whose net income is the target (or what public benefits alone amount to,
/// when that is more).
pub(crate) fn statement(
    means: &Means,
    benefits: &Benefits,
    year: Year,
    dice: &mut Dice,
) -> Statement {
    let mut s = Statement::EMPTY;
    public_benefits(&mut s, means, benefits, year, dice);
    s.fen[items::PROJECT_YIELD] = year.yield_fen;
    let fixed = s.net_fen();
    // Up to the next yuan, so that a target on the line is never missed by fen.
    let rest = (year.target_fen - fixed + YUAN - 1).div_euclid(YUAN) * YUAN;
    if rest > 0 {
        earned(&mut s, means, benefits, year, rest, dice);
    }
    uncounted(&mut s, means, dice);
    s
}

fn public_benefits(s: &mut Statement, means: &Means, b: &Benefits, year: Year, dice: &mut Dice) {
    let i = year.index;
    if means.in_hardship {
        s.fen[items::HARDSHIP] = b.extreme_hardship[i] * means.members;
    } else {
        s.fen[items::PENSION] = b.pension[i] * means.elders;
    }
    s.fen[items::FARM_SUBSIDY] = b.farm_subsidy_per_mu[i] * means.land / 10;
    if means.disabled > 0 && dice.mille(620) {
        s.fen[items::DISABILITY] = b.disability[i] * means.disabled.min(means.members);
    }
    if means.elders > 0 && dice.mille(60) {
        s.fen[items::FAMILY_PLANNING] = b.family_planning[i];
    }
    if means.on_allowance {
        let room = (year.target_fen - s.net_fen() - year.yield_fen).max(0) / YUAN * YUAN;
        s.fen[items::SUBSISTENCE] =
            (b.subsistence[i] * means.members).min(room * 7 / 10 / YUAN * YUAN);
    }
}

/// Shares out what public benefits leave open among work, land, property and kin.
fn earned(s: &mut Statement, means: &Means, b: &Benefits, year: Year, rest: i64, dice: &mut Dice) {
    let mut left = rest;
    if means.land > 0 && (means.hands == 0 || dice.mille(250)) {
        let rent = (b.land_rent_per_mu[year.index] * means.land / 10 / YUAN * YUAN).min(left);
        s.fen[items::LAND_RENT] = rent;
        left -= rent;
    }
    if means.weak_village && dice.mille(60) {
        left -= small(s, items::COLLECTIVE, 50, 400, left, dice);
    }
    if dice.mille(70) {
        left -= small(s, items::INTEREST, 8, 160, left, dice);
    }
    if dice.mille(9) {
        left -= small(s, items::ECOLOGY, 20, 300, left, dice);
    }
    if dice.mille(18) {
        left -= small(s, items::SOLAR, 300, 3000, left, dice);
    }
    if dice.mille(6) {
        left -= small(s, items::HOUSE_RENT, 600, 4800, left, dice);
    }
    if means.workers > 0 {
        let share = dice.between(52, 93);
        let wage = left * share / 100 / (100 * YUAN) * (100 * YUAN);
        let post = means.on_allowance && dice.mille(140);
        s.fen[if post { items::PUBLIC_POST } else { items::WAGE }] = wage;
        left -= wage;
    }
    if means.hands > 0 && left > 300 * YUAN {
        let share = if means.workers > 0 { 100 } else { dice.between(70, 100) };
        left -= farmed(s, left * share / 100 / YUAN * YUAN, dice);
    }
    let sink = match (means.workers > 0, means.elders > 0) {
        (true, _) => items::WAGE,
        (false, true) => items::FAMILY_SUPPORT,
        (false, false) => items::TRANSFER_OTHER,
    };
    s.fen[sink] += left;
}

fn small(s: &mut Statement, item: usize, low: i64, high: i64, left: i64, dice: &mut Dice) -> i64 {
    let fen = (dice.between(low, high) * YUAN).min(left);
    s.fen[item] = fen;
    fen
}

/// Income from own business with the costs that go with it; returns the net amount.
fn farmed(s: &mut Statement, net: i64, dice: &mut Dice) -> i64 {
    const BRANCHES: [(usize, usize, u64); 7] = [
        (items::GRAIN, items::INPUTS, 520),
        (items::CASH_CROP, items::INPUTS, 190),
        (items::LIVESTOCK, items::FEED, 110),
        (items::POULTRY, items::FEED, 70),
        (items::AQUATIC, items::FEED, 12),
        (items::ORCHARD, items::INPUTS, 40),
        (items::TRADE, items::UTILITIES, 58),
    ];
    let main = BRANCHES[dice.weighted(BRANCHES.iter().map(|b| b.2))];
    let second = dice.mille(340).then(|| BRANCHES[dice.weighted(BRANCHES.iter().map(|b| b.2))]);
    let mut parts = vec![(main, net)];
    if let Some(branch) = second {
        let part = net * dice.between(15, 45) / 100 / YUAN * YUAN;
        parts = vec![(main, net - part), (branch, part)];
    }
    for ((income, cost, _), part) in parts {
        let spent = part * dice.between(25, 80) / 100 / (10 * YUAN) * (10 * YUAN);
        s.fen[income] += part + spent;
        s.fen[cost] += spent;
    }
    if dice.mille(45) {
        let extra = dice.between(2, 12) * 100 * YUAN;
        s.fen[items::LIVESTOCK] += extra;
        s.fen[items::BREEDING] += extra;
    }
    if dice.mille(20) {
        let paid = dice.between(1, 9) * 50 * YUAN;
        s.fen[main.0] += paid;
        s.fen[items::LOAN_INTEREST] += paid;
    }
    net
}

/// Amounts that do not count towards net income.
fn uncounted(s: &mut Statement, means: &Means, dice: &mut Dice) {
    if means.students > 0 && dice.mille(560) {
        s.fen[items::STUDENT_AID] =
            means.students * *dice.pick(&[500, 625, 750, 1000, 1500, 2000]) * YUAN;
        s.fen[items::PAID_SCHOOLING] = means.students * dice.between(2, 60) * 100 * YUAN;
    }
    if means.ill > 0 && dice.mille(480) {
        let bill = dice.between(3, 400) * dice.between(1, 10) * 10 * YUAN;
        s.fen[items::MEDICAL_REFUND] = bill * 62 / 100;
        s.fen[items::PAID_MEDICAL] = bill - s.fen[items::MEDICAL_REFUND];
        if bill > 10_000 * YUAN && dice.mille(300) {
            s.fen[items::MEDICAL_AID] = dice.between(5, 40) * 100 * YUAN;
        }
    }
    if dice.mille(110) {
        s.fen[items::SOLATIUM] = *dice.pick(&[200, 300, 500, 500, 800, 1000]) * YUAN;
    }
}

/// Leaves a few yuan of wages; the rest becomes support from kin.
pub(crate) fn tiny_wage(s: &mut Statement, dice: &mut Dice) {
    let wage = dice.between(8, 96) * YUAN;
    s.fen[items::FAMILY_SUPPORT] += s.fen[items::WAGE];
    s.fen[items::WAGE] = wage;
}

/// A bad year: what was spent on the farm exceeds all income.
pub(crate) fn loss(s: &mut Statement, dice: &mut Dice) {
    let net = s.net_fen().max(0);
    s.fen[items::INPUTS] += net / YUAN * YUAN + dice.between(3, 90) * 100 * YUAN;
}
