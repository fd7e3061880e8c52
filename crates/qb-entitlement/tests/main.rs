//! Benefits of the pack: their cases, and what must hold for any claim.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use proptest::prelude::*;
use qb_base::Fen;
use qb_entitlement::claim::{Claim, YearSoFar, claim};
use qb_entitlement::interest::{Loan, interest};
use qb_entitlement::model::{Benefit, Share, Standing};
use qb_entitlement::pool::pool;
use qb_entitlement::slip::ClaimSlip;
use qb_policy::{Decimal, Pack, PackSource};

fn pack() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap()
}

fn benefit(id: &str) -> Benefit {
    let benefits = qb_entitlement::benefits(&pack()).unwrap();
    benefits.into_iter().find(|benefit| benefit.id == id).unwrap()
}

#[test]
fn every_case_of_the_benefits_gives_its_answer() {
    let faults = qb_entitlement::check(&pack());
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn points_on_top_of_a_rate_never_make_more_than_the_whole() {
    let points = Share(100_000);
    assert_eq!(Share(850_000).plus(points), Share(950_000));
    assert_eq!(Share(900_000).plus(points), Share::WHOLE);
    assert_eq!(Share(950_000).plus(points), Share::WHOLE);
}

#[test]
fn an_entitlement_goes_on_after_an_exit_only_as_long_as_its_own_rule_says() {
    let mut rule = benefit("health").entitled.unwrap();
    let exited = Standing { on_roster: false, exited_in: Some(2016) };
    assert_eq!([2017, 2018].map(|year| rule.holds(exited, year)), [true, false], "its own year");
    rule.years_after_exit = 0;
    assert!(!rule.holds(exited, 2016), "none at all when no years are granted");
    rule.years_after_exit = 2;
    assert_eq!([2017, 2018, 2019].map(|year| rule.holds(exited, year)), [true, true, false]);
    assert!(!rule.holds(Standing::default(), 2017), "who never was on it has nothing to go on");
}

#[test]
fn examples_are_marked_on_the_slip() {
    let health = benefit("health");
    let slip = claim(&health, &stay(3_000_000, true), &mut YearSoFar::default()).unwrap();
    assert!(slip.steps.iter().all(|step| step.illustrative && !step.source.is_empty()));
}

#[test]
fn the_slip_shows_how_each_payment_was_found() {
    let health = benefit("health");
    let slip = claim(&health, &stay(3_000_000, true), &mut YearSoFar::default()).unwrap();
    let basic = &slip.steps[0];
    assert_eq!((basic.payer.as_str(), basic.uplift.as_deref()), ("basic", Some("10")));
    assert_eq!((basic.base.fen(), basic.deductible.fen()), (3_000_000, 50_000));
    assert_eq!((basic.counted.fen(), basic.result.fen()), (2_950_000, 2_507_500));
    assert_eq!(basic.rates, ["85"]);
}

#[test]
fn a_refused_claim_leaves_the_year_as_it_was() {
    let health = benefit("health");
    let mut year = YearSoFar::default();
    let unknown = Claim { level: "NOWHERE".to_owned(), ..stay(100_000, true) };
    assert_eq!(claim(&health, &unknown, &mut year).unwrap_err().code, "unknown_terms");
    assert_eq!(year, YearSoFar::default());
}

fn stay(eligible: i64, on_roster: bool) -> Claim {
    Claim {
        kind: "INPATIENT".to_owned(),
        level: "COUNTY".to_owned(),
        year: 2017,
        total: Fen::new(eligible + 200_000).unwrap(),
        eligible: Fen::new(eligible).unwrap(),
        class: None,
        standing: Standing { on_roster, exited_in: None },
    }
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let level = prop::sample::select(vec!["TOWN", "COUNTY", "CITY", "OUTSIDE"]);
    let eligible = prop_oneof![0..2_000_000_i64, 0..90_000_000_i64];
    (level, eligible, 0..10_000_000_i64, any::<bool>(), any::<bool>()).prop_map(
        |(level, eligible, more, on_roster, poor)| Claim {
            level: level.to_owned(),
            total: Fen::new(eligible + more).unwrap(),
            class: poor.then(|| "SUBSISTENCE".to_owned()),
            ..stay(eligible, on_roster)
        },
    )
}

fn paid(slip: &ClaimSlip) -> i64 {
    slip.steps.iter().map(|step| step.result.fen()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn payers_and_own_share_add_up_and_nothing_is_negative(
        claims in prop::collection::vec(any_claim(), 1..5),
    ) {
        let health = benefit_once();
        let mut year = YearSoFar::default();
        for facts in &claims {
            let slip = claim(health, facts, &mut year).unwrap();
            prop_assert_eq!(paid(&slip) + slip.own.fen(), facts.total.fen());
            prop_assert!(slip.steps.iter().all(|step| step.result >= Fen::ZERO));
            prop_assert!(slip.own.fen() >= facts.total.fen() - facts.eligible.fen());
        }
    }

    #[test]
    fn a_greater_eligible_cost_never_lowers_any_payment(
        before in prop::collection::vec(any_claim(), 0..3),
        facts in any_claim(),
        more in 0..200_000_i64,
    ) {
        let health = benefit_once();
        let mut year = YearSoFar::default();
        for earlier in &before {
            claim(health, earlier, &mut year).unwrap();
        }
        let eligible = Fen::new((facts.eligible.fen() + more).min(facts.total.fen())).unwrap();
        let greater = Claim { eligible, ..facts.clone() };
        let less = claim(health, &facts, &mut year.clone()).unwrap();
        let greater = claim(health, &greater, &mut year).unwrap();
        for (one, other) in less.steps.iter().zip(&greater.steps) {
            prop_assert!(one.result <= other.result, "{}", one.clause);
        }
        prop_assert!(greater.own <= less.own);
    }

    #[test]
    fn the_roster_never_costs_a_person_anything(facts in any_claim()) {
        let health = benefit_once();
        let own = |on_roster| {
            let standing = Standing { on_roster, exited_in: None };
            let facts = Claim { standing, ..facts.clone() };
            claim(health, &facts, &mut YearSoFar::default()).unwrap().own
        };
        prop_assert!(own(true) <= own(false));
    }

    #[test]
    fn a_distribution_uses_up_the_income(income in 0..100_000_000_i64) {
        let rule = PV.get_or_init(|| benefit("pv"));
        let slip = pool(rule, Fen::new(income).unwrap()).unwrap();
        let parts = [slip.posts_paid, slip.relief, slip.works];
        prop_assert_eq!(parts.iter().map(|part| part.fen()).sum::<i64>(), income);
        prop_assert!(parts.iter().all(|part| *part >= Fen::ZERO));
    }

    #[test]
    fn subsidy_and_own_interest_add_up(
        amount in 1..=5_000_000_i64,
        rate in 0..2_000_i64,
        months in 0..=36_i64,
        year in 2016..=2025_i16,
    ) {
        let rule = LOAN.get_or_init(|| benefit("microcredit"));
        let loan = Loan {
            amount: Fen::new(amount).unwrap(),
            rate: Decimal::new(i128::from(rate), 2).unwrap(),
            years: Decimal::new(i128::from(months * 25 / 3), 2).unwrap(),
            granted_in: year,
            purpose: "CROPS".to_owned(),
            age: None,
            others: None,
            registered: None,
        };
        let slip = interest(rule, &loan).unwrap();
        prop_assert_eq!(slip.subsidy.fen() + slip.own.fen(), slip.interest.fen());
        prop_assert!(slip.own >= Fen::ZERO && slip.subsidy >= Fen::ZERO);
    }
}

static HEALTH: std::sync::OnceLock<Benefit> = std::sync::OnceLock::new();
static PV: std::sync::OnceLock<Benefit> = std::sync::OnceLock::new();
static LOAN: std::sync::OnceLock<Benefit> = std::sync::OnceLock::new();

/// The pack is read once for all random claims.
fn benefit_once() -> &'static Benefit {
    HEALTH.get_or_init(|| benefit("health"))
}
