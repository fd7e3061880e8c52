//! The shapes of `machines/*.toml` and `calendar.toml`, before anything is checked.

use qb_base::Text;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::machine::{Counts, DayOff, StateKind};

/// `machines/ID.toml`: one machine with its cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawMachine {
    pub(crate) id: Spanned<String>,
    pub(crate) label: Text,
    pub(crate) subject: String,
    pub(crate) source: Spanned<String>,
    pub(crate) effective_from: Option<Spanned<Datetime>>,
    pub(crate) effective_until: Option<Spanned<Datetime>>,
    #[serde(default)]
    pub(crate) state: Vec<RawState>,
    pub(crate) objection: Option<RawObjection>,
    #[serde(default)]
    pub(crate) transition: Vec<RawTransition>,
    #[serde(default)]
    pub(crate) history: Vec<RawHistory>,
    #[serde(default)]
    pub(crate) case: Vec<RawCase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawState {
    pub(crate) id: Spanned<String>,
    pub(crate) label: Text,
    pub(crate) kind: StateKind,
    #[serde(default)]
    pub(crate) decided: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTransition {
    pub(crate) id: Spanned<String>,
    pub(crate) label: Text,
    /// Blank: the machine's.
    pub(crate) source: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) from: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) skips_from: Vec<Spanned<String>>,
    pub(crate) to: Spanned<String>,
    pub(crate) actors: Spanned<Vec<RawActor>>,
    #[serde(default)]
    pub(crate) own_level: bool,
    pub(crate) level_of: Option<Spanned<String>>,
    pub(crate) above: Option<Spanned<RawSteps>>,
    /// One person, unless it says more.
    pub(crate) persons: Option<Spanned<u16>>,
    pub(crate) signatory: Option<Spanned<String>>,
    pub(crate) clause: Option<Spanned<String>>,
    pub(crate) after: Option<RawAfter>,
    #[serde(default)]
    pub(crate) evidence: Vec<Spanned<String>>,
    pub(crate) quorum: Option<Spanned<String>>,
    pub(crate) votes: Option<Spanned<String>>,
    pub(crate) sample: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) no_open_objection: bool,
    pub(crate) notice: Option<RawNotice>,
    pub(crate) clock: Option<RawClock>,
    #[serde(default)]
    pub(crate) incompatible: Vec<Spanned<String>>,
    pub(crate) reject_to: Option<Spanned<String>>,
    /// Whether the case's own deadline ends with it.
    #[serde(default)]
    pub(crate) deadline: bool,
    #[serde(default)]
    pub(crate) returns: bool,
    #[serde(default)]
    pub(crate) document: bool,
    #[serde(default)]
    pub(crate) reason: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawObjection {
    pub(crate) recorded_by: Spanned<Vec<RawActor>>,
    pub(crate) answered_by: Spanned<Vec<RawActor>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawActor {
    pub(crate) role: Spanned<String>,
    pub(crate) level: qb_base::AreaLevel,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNotice {
    pub(crate) min_days: Spanned<RawNumber>,
    pub(crate) max_days: Option<Spanned<RawNumber>>,
    #[serde(default)]
    pub(crate) counts: Counts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClock {
    pub(crate) from: Spanned<RawSteps>,
    pub(crate) max_days: Option<Spanned<RawNumber>>,
    /// The number of a month.
    pub(crate) until_month: Option<Spanned<i8>>,
    #[serde(default)]
    pub(crate) strict: bool,
    #[serde(default)]
    pub(crate) per_year: bool,
    pub(crate) min_days: Option<Spanned<RawNumber>>,
    pub(crate) unless: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) counts: Counts,
    pub(crate) ends_on_day_off: Option<Spanned<DayOff>>,
}

/// One step, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawSteps {
    One(String),
    Several(Vec<String>),
}

impl RawSteps {
    pub(crate) fn ids(&self) -> &[String] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Several(ids) => ids,
        }
    }
}

/// A step, and how often it must have been taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAfter {
    pub(crate) step: Spanned<String>,
    pub(crate) times: u16,
}

/// A number of days, or the id of a param.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawNumber {
    Days(u16),
    Param(String),
}

/// Steps that several cases begin with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHistory {
    pub(crate) id: String,
    /// Another history it goes on from.
    pub(crate) after: Option<Spanned<String>>,
    pub(crate) steps: Vec<RawStep>,
}

/// An example: a history, one step tried, and the answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCase {
    pub(crate) name: String,
    pub(crate) after: Option<Spanned<String>>,
    /// The case's own deadline.
    pub(crate) deadline: Option<Spanned<Datetime>>,
    #[serde(rename = "try")]
    pub(crate) tried: RawStep,
    /// `allowed`, `late`, or the codes of the refusals in alphabetical order.
    pub(crate) expect: Spanned<String>,
}

/// One step of an example; what it leaves out is as the transition asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStep {
    #[serde(rename = "do")]
    pub(crate) transition: Spanned<String>,
    pub(crate) on: Spanned<Datetime>,
    pub(crate) until: Option<Spanned<Datetime>>,
    pub(crate) present: Option<i64>,
    pub(crate) entitled: Option<i64>,
    /// Votes in favour; all who were present, unless it says how many.
    pub(crate) votes: Option<i64>,
    /// The second person, where the step takes two; another one, unless it says who.
    pub(crate) second: Option<String>,
    /// Whether whoever signs holds the post.
    pub(crate) holds_post: Option<bool>,
    /// What the clause says that the step asks for: true, unless it says so.
    pub(crate) clause: Option<RawTruth>,
    /// The step is told of by a row of a file, whose list also has columns for these steps.
    pub(crate) tells: Option<Vec<Spanned<String>>>,
    /// The level of the area of the case, for a step that opens one; a village, unless it says so.
    pub(crate) at: Option<qb_base::AreaLevel>,
    /// Evidence beside what the step asks for.
    #[serde(default)]
    pub(crate) with: Vec<String>,
    /// In percent, as text.
    pub(crate) sample: Option<Spanned<String>>,
    /// Who takes the step; each step has another person unless it says who.
    pub(crate) by: Option<String>,
    pub(crate) role: Option<Spanned<String>>,
    pub(crate) level: Option<qb_base::AreaLevel>,
    /// Evidence left out.
    #[serde(default)]
    pub(crate) without: Vec<String>,
    /// An objection before this step: `open`, `upheld`, or `dismissed`.
    pub(crate) objection: Option<Spanned<String>>,
    /// The step is refused and the case sent back.
    #[serde(default)]
    pub(crate) reject: bool,
}

/// What a clause says of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawTruth {
    True,
    False,
    Unknown,
}

/// `calendar.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCalendar {
    #[serde(default)]
    pub(crate) year: Vec<RawYear>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawYear {
    pub(crate) year: Spanned<i16>,
    pub(crate) source: Spanned<String>,
    #[serde(default)]
    pub(crate) holiday: Vec<RawDays>,
    #[serde(default)]
    pub(crate) worked: Vec<Spanned<Datetime>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawDays {
    /// The holiday; only for readers.
    #[serde(rename = "name")]
    pub(crate) _name: Text,
    pub(crate) from: Spanned<Datetime>,
    pub(crate) until: Spanned<Datetime>,
}
