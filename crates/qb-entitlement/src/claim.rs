//! The cost of treatment, shared by payers in their order.

use std::collections::BTreeMap;

use qb_base::{Fen, Text};

use crate::error::Refusal;
use crate::model::{
    self, Base, Benefit, Formula, OpenTo, Per, Share, Standing, Step, Terms, round,
};
use crate::slip::{ClaimSlip, StepSlip};

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The kind of treatment, a code of `claim_kind`.
    pub kind: String,
    /// The level of the hospital, a code of `hospital_level`.
    pub level: String,
    /// The year it was settled in.
    pub year: i16,
    /// The whole cost.
    pub total: Fen,
    /// The part that can be paid for.
    pub eligible: Fen,
    /// The class of the household, a code of `household_class`.
    pub class: Option<String>,
    /// Where the person stood to the roster.
    pub standing: Standing,
}

/// The largest cost that is taken for one claim: ten million yuan, so that a year's claims stay
/// within money.
const CLAIM_FEN_MAX: i64 = 1_000_000_000;

/// What earlier claims of the same person and year came to, by clause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YearSoFar(BTreeMap<String, SoFar>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SoFar {
    base: i64,
    paid: i64,
}

/// Shares the cost of one claim, and adds it to the year.
///
/// # Errors
/// When the costs make no sense, the benefit pays no claims, or no rate is known for the claim; the
/// year stays as it was then.
pub fn claim(benefit: &Benefit, claim: &Claim, year: &mut YearSoFar) -> Result<ClaimSlip, Refusal> {
    let Formula::Claim(steps) = &benefit.formula else {
        return Err(Refusal::new(
            "not_a_claim",
            format!("待遇“{}”不按结算单计算", benefit.id),
            format!("benefit {} is not computed from claims", benefit.id),
        ));
    };
    sensible(claim)?;
    let entitled =
        benefit.entitled.as_ref().is_some_and(|rule| rule.holds(claim.standing, claim.year));
    let mut after = year.clone();
    let (mut slips, mut paid) = (Vec::new(), 0);
    for step in steps {
        let base = match step.base {
            Base::Eligible => claim.eligible,
            Base::Left => fen(claim.eligible.fen() - paid),
        };
        let slip = pay(step, claim, base, entitled, &mut after)?;
        paid += slip.result.fen();
        slips.push(slip);
    }
    *year = after;
    Ok(ClaimSlip {
        benefit: benefit.id.clone(),
        total: claim.total,
        eligible: claim.eligible,
        entitled,
        steps: slips,
        own: fen(claim.total.fen() - paid),
    })
}

fn sensible(claim: &Claim) -> Result<(), Refusal> {
    if claim.total < Fen::ZERO || claim.eligible < Fen::ZERO {
        return Err(Refusal::new(
            "negative",
            "费用不能为负，请核对结算单",
            "a cost is never negative; check the claim",
        ));
    }
    if claim.total.fen() > CLAIM_FEN_MAX {
        return Err(Refusal::new(
            "too_large",
            "费用过大，不像一张结算单，请核对单位",
            "the cost is too large for one claim; check its unit",
        ));
    }
    if claim.eligible > claim.total {
        return Err(Refusal::new(
            "eligible_above_total",
            "合规费用大于总费用，请核对结算单",
            "the eligible cost is above the whole cost; check the claim",
        ));
    }
    Ok(())
}

/// What one payer pays of a base.
fn pay(
    step: &Step,
    claim: &Claim,
    base: Fen,
    entitled: bool,
    year: &mut YearSoFar,
) -> Result<StepSlip, Refusal> {
    let terms = terms(step, claim)?;
    let mut slip = StepSlip {
        clause: step.id.clone(),
        payer: step.payer.clone(),
        says: step.says.clone(),
        source: step.source.clone(),
        rates_source: terms.source.clone(),
        illustrative: terms.illustrative,
        base,
        deductible: terms.deductible,
        counted: Fen::ZERO,
        rates: Vec::new(),
        uplift: None,
        earlier: None,
        result: Fen::ZERO,
        note: None,
    };
    if !is_open(&step.open_to, claim, entitled) {
        slip.note = Some(Text::fixed("不属于此项待遇的对象", "not among those who get this"));
        return Ok(slip);
    }
    let uplift = if entitled { uplift(step, claim) } else { Share::default() };
    let so_far = year.0.entry(step.id.clone()).or_default();
    let earlier = if step.per == Per::Year { fen(so_far.base) } else { Fen::ZERO };
    let whole = fen(earlier.fen() + base.fen());
    slip.counted = fen(counted(terms, whole).fen() - counted(terms, earlier).fen());
    slip.rates = terms.segments.iter().map(|part| part.rate.raised(uplift).percent()).collect();
    let covered = terms.segments.iter().any(|part| part.rate > Share::default());
    slip.uplift = (covered && uplift > Share::default()).then(|| uplift.percent());
    slip.earlier = (step.per == Per::Year).then_some(earlier);
    let earned = fen(curve(terms, uplift, whole).fen() - curve(terms, uplift, earlier).fen());
    let left = terms.paid_max_year.map(|max| fen((max.fen() - so_far.paid).max(0)));
    slip.result = left.map_or(earned, |left| earned.min(left));
    slip.note = note(&slip, earned);
    so_far.base += base.fen();
    so_far.paid += slip.result.fen();
    Ok(slip)
}

/// The first rate a claim would get, uplift included; none where no terms are known.
pub(crate) fn first_rate(step: &Step, claim: &Claim, entitled: bool) -> Option<Share> {
    let first = terms(step, claim).ok()?.segments.first()?.rate;
    Some(if entitled { first.raised(uplift(step, claim)) } else { first })
}

pub(crate) fn is_open(open_to: &OpenTo, claim: &Claim, entitled: bool) -> bool {
    match open_to {
        OpenTo::Everybody => true,
        OpenTo::Some { entitled_from, classes } => {
            (entitled && *entitled_from <= claim.year)
                || claim.class.as_ref().is_some_and(|class| classes.contains(class))
        }
    }
}

fn note(slip: &StepSlip, earned: Fen) -> Option<Text> {
    if slip.result < earned {
        return Some(Text::fixed("年度封顶", "limited by the cap of the year"));
    }
    let below = slip.base > Fen::ZERO && slip.counted == Fen::ZERO;
    below.then(|| {
        Text::fixed("未超过起付线，或已到封顶", "within the deductible, or beyond the cap")
    })
}

/// The most specific terms for a claim: those that name level and kind before those that name less.
fn terms<'s>(step: &'s Step, claim: &Claim) -> Result<&'s Terms, Refusal> {
    let fits = |known: &Option<String>, given: &String| known.as_ref().is_none_or(|k| k == given);
    let found = step
        .terms
        .iter()
        .filter(|terms| fits(&terms.kind, &claim.kind) && fits(&terms.level, &claim.level))
        .filter(|terms| terms.years.hold(claim.year))
        .max_by_key(|terms| (terms.level.is_some(), terms.kind.is_some()));
    found.ok_or_else(|| {
        let (year, kind, level) = (claim.year, &claim.kind, &claim.level);
        Refusal::new(
            "unknown_terms",
            format!("“{}”没有{year}年{kind}、{level}的报销标准，请在benefits/中补上", step.id),
            format!("{} has no rate for {kind} at {level} in {year}; add it in benefits/", step.id),
        )
    })
}

fn uplift(step: &Step, claim: &Claim) -> Share {
    let fits = step
        .uplifts
        .iter()
        .filter(|uplift| uplift.years.hold(claim.year) && uplift.kinds.contains(&claim.kind));
    fits.map(|uplift| uplift.points).fold(Share::default(), Share::max)
}

/// What counts of a base: beyond the deductible and up to the limit.
fn counted(terms: &Terms, base: Fen) -> Fen {
    let beyond = (base.fen() - terms.deductible.fen()).max(0);
    fen(terms.base_max.map_or(beyond, |max| beyond.min(max.fen())))
}

/// What is paid of a base, rounded once over all segments, so that one fen more of the base never
/// pays less and never more than one fen more.
fn curve(terms: &Terms, uplift: Share, base: Fen) -> Fen {
    let counted = counted(terms, base).fen();
    let (mut from, mut sum) = (0, 0);
    for segment in &terms.segments {
        let upto = segment.upto.map_or(counted, |upto| upto.fen().min(counted));
        sum += segment.rate.raised(uplift).of(fen((upto - from).max(0)));
        from = from.max(upto);
    }
    round(sum)
}

/// Sums and differences of a year's claims, each bounded, stay within the limit of money.
fn fen(value: i64) -> Fen {
    model::part(value.into())
}
