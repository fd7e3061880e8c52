//! What the benefit clauses of a pack say.

use std::collections::BTreeSet;

use qb_base::{Fen, Text};
use qb_policy::Position;

/// A share in millionths: 75 % is 750,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub i64);

/// A benefit: one file of the pack.
#[derive(Clone, Debug)]
pub struct Benefit {
    /// Its id, such as `health`.
    pub id: String,
    /// What it is.
    pub title: Text,
    /// Where it comes from.
    pub source: String,
    /// Who is entitled.
    pub entitled: Option<Entitled>,
    /// How it is computed.
    pub formula: Formula,
    /// Examples with their answers.
    pub cases: Vec<Case>,
    /// Where it stands.
    pub at: Position,
}

/// Who is entitled to what is kept for those on a roster.
#[derive(Clone, Debug)]
pub struct Entitled {
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Whether it is an example that an authority has still to set.
    pub illustrative: bool,
    /// The view whose rows (`person_id`) are the entitled.
    pub view: String,
    /// Whole years after the year of exit during which the entitlement goes on.
    pub years_after_exit: i16,
}

/// How a benefit is computed.
#[derive(Clone, Debug)]
pub enum Formula {
    /// Payers one after another share the cost of treatment.
    Claim(Vec<Step>),
    /// Fixed amounts for those who meet conditions.
    Aid(Vec<Line>),
    /// The yearly income of a station is distributed.
    Pool(Pool),
    /// The interest of a loan is subsidised.
    Interest(Interest),
}

/// What one payer pays of a claim.
#[derive(Clone, Debug)]
pub struct Step {
    /// The clause's id.
    pub id: String,
    /// Who pays: `basic`, `critical`, `assistance` …
    pub payer: String,
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Of what it pays.
    pub base: Base,
    /// Who gets it.
    pub open_to: OpenTo,
    /// Whether deductible and segments hold for a claim or for the year.
    pub per: Per,
    /// Its rates.
    pub terms: Vec<Terms>,
    /// What the entitled get on top of a rate.
    pub uplifts: Vec<Uplift>,
}

/// Who gets something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenTo {
    /// Everybody.
    Everybody,
    /// The entitled from a year on, and households of some classes at any time.
    Some {
        /// The first year for the entitled.
        entitled_from: i16,
        /// Classes of household, codes of `household_class`.
        classes: BTreeSet<String>,
    },
}

/// Of what a payer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The whole eligible cost.
    Eligible,
    /// What earlier payers left of the eligible cost.
    Left,
}

/// What a deductible and segments are counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One claim.
    Claim,
    /// All claims of a year together.
    Year,
}

/// Rates for a kind of treatment, a level of hospital and a span of years; what is not named holds
/// for all.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The kind, a code of `claim_kind`.
    pub kind: Option<String>,
    /// The level, a code of `hospital_level`.
    pub level: Option<String>,
    /// The years.
    pub years: Years,
    /// What is not paid for.
    pub deductible: Fen,
    /// The most that is counted after the deductible.
    pub base_max: Option<Fen>,
    /// The most that is paid in a year.
    pub paid_max_year: Option<Fen>,
    /// Parts of the counted base with their rates, in rising order; the last has no end.
    pub segments: Vec<Segment>,
    /// Where it comes from.
    pub source: String,
    /// Whether it is an example that an authority has still to set.
    pub illustrative: bool,
}

/// A part of a base with its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where the part ends; none for the last.
    pub upto: Option<Fen>,
    /// The rate.
    pub rate: Share,
}

/// Percentage points on top of a rate.
#[derive(Clone, Debug)]
pub struct Uplift {
    /// The kinds of treatment.
    pub kinds: BTreeSet<String>,
    /// The years.
    pub years: Years,
    /// How much.
    pub points: Share,
    /// Where it comes from.
    pub source: String,
}

/// Years from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Years {
    /// The first.
    pub from: i16,
    /// The last; none while it goes on.
    pub until: Option<i16>,
}

/// A fixed amount for those who meet conditions; what is not named holds for all.
#[derive(Clone, Debug)]
pub struct Line {
    /// The clause's id.
    pub id: String,
    /// The item, a code of `aid_item`.
    pub item: String,
    /// The stage of school, a code of `school_stage`.
    pub stage: Option<String>,
    /// Classes of household, codes of `household_class`.
    pub classes: BTreeSet<String>,
    /// Whether the pupil boards.
    pub boarding: Option<bool>,
    /// The years.
    pub years: Years,
    /// The amount of a year.
    pub amount: Fen,
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Whether it is an example that an authority has still to set.
    pub illustrative: bool,
    /// Where it stands.
    pub at: Position,
}

/// How the income of a station is distributed.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The clause's id.
    pub id: String,
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Whether it is an example that an authority has still to set.
    pub illustrative: bool,
    /// The part for posts and relief; the rest is for small works.
    pub people_share: Share,
    /// The wage of a post for a year.
    pub post_wage: Fen,
}

/// How the interest of a loan is subsidised.
#[derive(Clone, Debug)]
pub struct Interest {
    /// The clause's id.
    pub id: String,
    /// The rule in one sentence.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Whether it is an example that an authority has still to set.
    pub illustrative: bool,
    /// The greatest loan.
    pub amount_max: Fen,
    /// The longest term in years.
    pub years_max: i64,
    /// Purposes that are subsidised, codes of `loan_purpose`.
    pub purposes: BTreeSet<String>,
    /// The youngest borrower.
    pub age_min: i16,
    /// The oldest borrower.
    pub age_max: i16,
    /// How many loans of a household run at the same time, this one among them.
    pub loans_max: i64,
    /// Whether only registered households borrow.
    pub registered_only: bool,
    /// The part of the interest that is subsidised, by year of the loan.
    pub subsidies: Vec<Subsidy>,
}

/// The part of the interest that is subsidised in some years.
#[derive(Clone, Debug)]
pub struct Subsidy {
    /// The years.
    pub years: Years,
    /// The part.
    pub share: Share,
    /// Where it comes from.
    pub source: String,
}

/// An example with its answers.
#[derive(Clone, Debug)]
pub struct Case {
    /// The example in words.
    pub name: String,
    /// The facts.
    pub given: toml::Table,
    /// Earlier claims of the same year.
    pub before: Vec<toml::Table>,
    /// Answers by name; amounts in yuan.
    pub expect: toml::Table,
    /// Where it stands.
    pub at: Position,
}

/// Where a person stands to a roster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the person is on the roster.
    pub on_roster: bool,
    /// The year the household left the register.
    pub exited_in: Option<i16>,
}

impl Years {
    /// Whether a year is among them.
    pub fn hold(self, year: i16) -> bool {
        self.from <= year && self.until.is_none_or(|until| year <= until)
    }
}

impl Entitled {
    /// Whether a person is entitled in a year: on the roster, or left it so recently that the
    /// benefit's own rule lets it go on.
    pub fn holds(&self, standing: Standing, year: i16) -> bool {
        let goes_on = standing.exited_in.is_some_and(|exit| {
            self.years_after_exit > 0 && year <= exit.saturating_add(self.years_after_exit)
        });
        standing.on_roster || goes_on
    }
}

impl Share {
    /// Everything.
    pub const WHOLE: Self = Self(1_000_000);

    /// The sum, no more than everything.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0).min(Self::WHOLE.0))
    }

    /// The sum, but nothing on top of nothing: what is not covered is not raised.
    #[must_use]
    pub(crate) fn raised(self, more: Self) -> Self {
        if self == Self::default() { self } else { self.plus(more) }
    }

    /// The part of an amount, in millionths of a fen.
    pub(crate) fn of(self, amount: Fen) -> i128 {
        i128::from(amount.fen()) * i128::from(self.0)
    }

    /// The part of an amount, rounded half up to the fen.
    pub(crate) fn part(self, amount: Fen) -> Fen {
        round(self.of(amount))
    }

    /// In percent, as people read it: `75`, `66.5`.
    pub fn percent(self) -> String {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return whole.to_string();
        }
        format!("{whole}.{rest:04}").trim_end_matches('0').to_owned()
    }
}

/// Millionths of a fen, rounded half up to whole fen; shares of amounts stay within the limit of
/// money.
pub(crate) fn round(millionths: i128) -> Fen {
    let unit = i128::from(Share::WHOLE.0);
    let fen = (millionths + unit / 2).div_euclid(unit);
    part(fen)
}

/// A sum or a part of amounts that were themselves bounded.
pub(crate) fn part(fen: i128) -> Fen {
    // A claim has at most ten million yuan, a year at most some hundred claims.
    i64::try_from(fen).ok().and_then(Fen::new).unwrap_or(Fen::ZERO)
}
