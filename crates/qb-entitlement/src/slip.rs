//! Slips: every step of a benefit, for the household and for the auditor.

use qb_base::{Fen, Text};
use serde::Serialize;

/// What a claim comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimSlip {
    /// The benefit.
    pub benefit: String,
    /// The whole cost.
    #[serde(rename = "total_fen")]
    pub total: Fen,
    /// The part that can be paid for.
    #[serde(rename = "eligible_fen")]
    pub eligible: Fen,
    /// Whether the person is entitled to what is kept for the roster.
    pub entitled: bool,
    /// Each payer in turn.
    pub steps: Vec<StepSlip>,
    /// What the person pays.
    #[serde(rename = "self_fen")]
    pub own: Fen,
}

/// What one payer pays, and how that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepSlip {
    /// The clause.
    pub clause: String,
    /// Who pays.
    pub payer: String,
    /// The rule in one sentence.
    pub says: Text,
    /// Where the rule comes from.
    pub source: String,
    /// Where its numbers come from.
    pub rates_source: String,
    /// Whether its numbers are examples that an authority has still to set.
    pub illustrative: bool,
    /// Of what it pays.
    #[serde(rename = "base_fen")]
    pub base: Fen,
    /// What is not paid for.
    #[serde(rename = "deductible_fen")]
    pub deductible: Fen,
    /// What is left of the base after deductible and limit, of this claim.
    #[serde(rename = "counted_fen")]
    pub counted: Fen,
    /// The rates in percent, uplift included, one per segment.
    pub rates: Vec<String>,
    /// The uplift in percentage points.
    pub uplift: Option<String>,
    /// What was counted earlier in the year, where deductible and segments hold for the year.
    #[serde(rename = "earlier_fen")]
    pub earlier: Option<Fen>,
    /// What is paid.
    #[serde(rename = "result_fen")]
    pub result: Fen,
    /// Why it is nothing, or less than the rates give.
    pub note: Option<Text>,
}

/// An amount that is due under a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DueLine {
    /// The clause.
    pub clause: String,
    /// The item, as a code.
    pub item: String,
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Whether it is an example that an authority has still to set.
    pub illustrative: bool,
    /// The amount of a year.
    #[serde(rename = "amount_fen")]
    pub amount: Fen,
}

/// How a station's income of a year is distributed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolSlip {
    /// The clause.
    pub clause: String,
    /// The income.
    #[serde(rename = "income_fen")]
    pub income: Fen,
    /// The part for posts and relief.
    #[serde(rename = "people_fen")]
    pub people: Fen,
    /// Posts that can be paid for the whole year.
    pub posts: i64,
    /// Their wages.
    #[serde(rename = "posts_fen")]
    pub posts_paid: Fen,
    /// What is left for relief.
    #[serde(rename = "relief_fen")]
    pub relief: Fen,
    /// The part for small works.
    #[serde(rename = "works_fen")]
    pub works: Fen,
}

/// The interest of a loan and who pays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InterestSlip {
    /// The clause.
    pub clause: String,
    /// The interest over the whole term.
    #[serde(rename = "interest_fen")]
    pub interest: Fen,
    /// The part that is subsidised, in percent.
    pub share: String,
    /// What is subsidised.
    #[serde(rename = "subsidy_fen")]
    pub subsidy: Fen,
    /// What the household pays.
    #[serde(rename = "self_fen")]
    pub own: Fen,
}
