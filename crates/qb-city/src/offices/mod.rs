//! Who answers for the programme: rounds, offices, terms of office, pledges, meetings, documents,
//! pairings and postings.

mod meetings;
mod pairings;
mod pledges;
mod postings;
mod terms;
mod units;

use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind, Spot, Value};
use crate::error::Result;
use crate::model::Format;
use crate::works::{self, Project};

/// What offices do; see `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Rounds `[number, label, first year, last year]`.
    rounds: Vec<(String, String, i64, i64)>,
    units: units::Units,
    terms: terms::Terms,
    pledges: pledges::Pledges,
    meetings: meetings::Meetings,
    pairings: pairings::Pairings,
    postings: postings::Postings,
}

const ROUND: Kind = Kind {
    dataset: "programme_round",
    title: "帮扶轮次",
    heads: &["轮次编号**", "轮次名称*", "起始年份*", "截止年份*"],
    merged: 0,
};

/// Writes all lists of the theme.
pub(crate) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, projects: &[Project]) -> Result<()> {
    let rounds = bureau.model.offices.rounds.iter().map(|(number, label, first, last)| {
        let texts = [number, label].map(|text| Value::text(text.as_str()));
        texts.into_iter().chain([Value::Int(*first), Value::Int(*last)]).collect()
    });
    desk.send(&ROUND, &of_city("组织", "帮扶轮次", Format::CsvUtf8), rounds.collect())?;
    let units = units::Register::draw(bureau, desk);
    units.write(desk, bureau)?;
    terms::write(desk, bureau)?;
    pledges::write(desk, bureau, projects)?;
    meetings::write(desk, bureau)?;
    pairings::write(desk, bureau, &units)?;
    postings::write(desk, bureau, &units)
}

/// Villages whose centre is built in the year.
fn centre_villages(bureau: &Bureau<'_>) -> Vec<Spot> {
    let batches = works::centre_batches(bureau);
    let first = batches.into_iter().filter(|(_, year)| *year == bureau.year);
    first.map(|(spot, _)| spot).collect()
}
