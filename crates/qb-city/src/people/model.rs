//! How many rows the lists about people have and what they add up to. Data lies in
//! `model/people.toml`.

use serde::Deserialize;

use crate::error::{CityError, Result};

const PEOPLE: &str = include_str!("../../model/people.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleModel {
    pub(crate) roster: Roster,
    pub(crate) claims: Claims,
    pub(crate) aid: Aid,
    pub(crate) exits: Exits,
    pub(crate) help: Help,
    pub(crate) loans: Loans,
    pub(crate) applications: Applications,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Roster {
    pub(crate) changes: u64,
    /// Deaths in households that left the register, per million of their people.
    pub(crate) exited_deaths: u64,
    pub(crate) reasons: Vec<(String, u64)>,
    pub(crate) missing: u64,
    pub(crate) twice: u64,
    pub(crate) self_paid: u64,
    pub(crate) dead_insured: u64,
    pub(crate) premium_fen: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    pub(crate) shares: [u64; 4],
    pub(crate) inpatient: u64,
    pub(crate) levels: Vec<Hospital>,
    pub(crate) eligible: [i64; 2],
    pub(crate) critical_from: i64,
    pub(crate) critical_rate: i64,
    pub(crate) critical_most: i64,
    pub(crate) assistance_rate: i64,
    pub(crate) assistance_most: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hospital {
    pub(crate) label: String,
    pub(crate) weight: u64,
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) deductible: i64,
    pub(crate) rates: [i64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Aid {
    pub(crate) payments: u64,
    pub(crate) fen: i64,
    pub(crate) second: u64,
    pub(crate) unpaid: u64,
    pub(crate) outsider_ages: [i64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exits {
    pub(crate) short_quorum: u64,
    pub(crate) short_notice: u64,
    pub(crate) unsigned: u64,
    pub(crate) representatives: [i64; 2],
    pub(crate) notice_days: i64,
    pub(crate) sample: [i64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Help {
    pub(crate) households_per_helper: usize,
    pub(crate) party_members: u64,
    pub(crate) replaced: u64,
    pub(crate) visited: u64,
    pub(crate) second_measure: u64,
    pub(crate) without_measure: u64,
    pub(crate) in_cooperative: u64,
    pub(crate) with_enterprise: u64,
    pub(crate) relocated: u64,
    pub(crate) borrowers: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Loans {
    pub(crate) amounts: Vec<i64>,
    pub(crate) weights: Vec<u64>,
    pub(crate) rate_bp: [i64; 2],
    pub(crate) purposes: Vec<(String, u64)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Applications {
    pub(crate) full: u64,
}

impl PeopleModel {
    /// Reads the embedded description.
    pub(crate) fn load() -> Result<Self> {
        toml::from_str(PEOPLE).map_err(|error| CityError::Options(format!("people.toml: {error}")))
    }
}

/// So many at full size, as a share in parts per million.
pub(crate) fn ppm(count: u64, of: u64) -> u64 {
    count * 1_000_000 / of.max(1)
}
