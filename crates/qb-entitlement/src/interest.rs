//! The interest of a loan and who pays it.

use qb_base::Fen;
use qb_policy::{Decimal, Ratio};

use crate::error::Refusal;
use crate::model::{Benefit, Formula, Interest};
use crate::slip::InterestSlip;

/// A loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loan {
    /// The amount.
    pub amount: Fen,
    /// The rate of a year in percent.
    pub rate: Decimal,
    /// The term in years; a part of a year is a fraction.
    pub years: Decimal,
    /// The year it was granted.
    pub granted_in: i16,
    /// What it is for, a code of `loan_purpose`.
    pub purpose: String,
    /// The borrower's age when it was granted, where it is known.
    pub age: Option<i16>,
    /// Other loans of the household that are not repaid, where they are known.
    pub others: Option<i64>,
    /// Whether the household was registered, where that is known.
    pub registered: Option<bool>,
}

/// Computes interest, subsidy and the household's part.
///
/// # Errors
/// When the benefit subsidises no interest, or the loan is outside its limits.
pub fn interest(benefit: &Benefit, loan: &Loan) -> Result<InterestSlip, Refusal> {
    let Formula::Interest(rule) = &benefit.formula else {
        return Err(Refusal::new(
            "not_an_interest",
            format!("待遇“{}”不是贴息", benefit.id),
            format!("benefit {} subsidises no interest", benefit.id),
        ));
    };
    within(rule, loan)?;
    let subsidy = rule.subsidies.iter().find(|subsidy| subsidy.years.hold(loan.granted_in));
    let Some(subsidy) = subsidy else {
        let year = loan.granted_in;
        return Err(Refusal::new(
            "unknown_terms",
            format!("没有{year}年的贴息比例，请在benefits/中补上"),
            format!("no share of subsidy is known for {year}; add it in benefits/"),
        ));
    };
    let too_large =
        || Refusal::new("too_large", "利息数额过大", "the interest is too large to compute");
    let whole = whole_interest(loan).ok_or_else(too_large)?;
    let paid = subsidy.share.part(whole);
    Ok(InterestSlip {
        clause: rule.id.clone(),
        interest: whole,
        share: subsidy.share.percent(),
        subsidy: paid,
        own: whole.minus(paid).map_err(|_| too_large())?,
    })
}

fn within(rule: &Interest, loan: &Loan) -> Result<(), Refusal> {
    if loan.amount <= Fen::ZERO || loan.rate < Decimal::whole(0) || loan.years < Decimal::whole(0) {
        return Err(Refusal::new(
            "negative",
            "贷款金额要大于0，利率和期限不能为负",
            "a loan is above 0, and rate and term are not negative",
        ));
    }
    if loan.amount > rule.amount_max {
        return Err(Refusal::new(
            "amount_max",
            format!("贷款超过贴息上限{}元", rule.amount_max),
            format!("the loan is above the limit of {} yuan", rule.amount_max),
        ));
    }
    if loan.years > Decimal::whole(rule.years_max) {
        return Err(Refusal::new(
            "years_max",
            format!("贷款期限超过{}年", rule.years_max),
            format!("the term is longer than {} years", rule.years_max),
        ));
    }
    if !rule.purposes.contains(&loan.purpose) {
        return Err(Refusal::new(
            "purpose",
            "贷款用途不属于生产经营，不予贴息",
            "the loan is not for production; its interest is not subsidised",
        ));
    }
    borrower(rule, loan)
}

/// Who borrows; what is not known of the borrower refuses nothing.
fn borrower(rule: &Interest, loan: &Loan) -> Result<(), Refusal> {
    if loan.age.is_some_and(|age| !(rule.age_min..=rule.age_max).contains(&age)) {
        let (min, max) = (rule.age_min, rule.age_max);
        return Err(Refusal::new(
            "age",
            format!("借款人年龄不在{min}至{max}岁之间，不予贴息"),
            format!("the borrower is not between {min} and {max} years old"),
        ));
    }
    if loan.others.is_some_and(|others| others >= rule.loans_max) {
        let max = rule.loans_max;
        return Err(Refusal::new(
            "active_loan",
            format!("一户同时最多有{max}笔贷款，此前的贷款尚未还清"),
            format!("a household has at most {max} loan at a time, and an earlier one runs"),
        ));
    }
    if rule.registered_only && loan.registered == Some(false) {
        return Err(Refusal::new(
            "not_registered",
            "借款户不在登记名册内，不予贴息",
            "the household is not registered; the interest is not subsidised",
        ));
    }
    Ok(())
}

/// Amount × rate × years, rounded half up to the fen.
fn whole_interest(loan: &Loan) -> Option<Fen> {
    let amount = Ratio::new(i128::from(loan.amount.fen()), 1)?;
    let rate = Ratio::of(loan.rate.shift(-2)?)?;
    let exact = amount.multiply(rate)?.multiply(Ratio::of(loan.years)?)?;
    exact.round_to(Decimal::whole(1))?.to_i64().and_then(Fen::new)
}
