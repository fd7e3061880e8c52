//! One year's money against the whole round before.

use qb_access::Scope;
use qb_base::{AreaCode, Fen, Text};
use qb_store::{Conn, StoreError};
use serde::Serialize;

use super::fen;
use crate::rules::{Comparison, LedgerRules};
use crate::source::{self, Round};

const BY_YEAR: &str = "select a.year, a.source, cast(sum(p.amount_fen) as bigint) \
     from ledger_account a join ledger_posting p on p.account_id = a.id \
     join ledger_entry e on e.id = p.entry_id \
     where a.kind = 'budget' and a.level = $1 and a.area_code >= $2 and a.area_code < $3 \
     and (p.amount_fen > 0) = (e.reverses_id is null) and a.year is not null \
     group by a.year, a.source order by a.year, a.source";

/// A year's money beside that of the round before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoundComparison {
    /// The comparison, of the pack's `ledger.toml`.
    pub id: String,
    /// What is compared.
    pub says: Text,
    /// The year.
    pub year: i64,
    /// Its money.
    pub year_fen: Fen,
    /// The round the year belongs to, as far as it has gone.
    pub this_round: Option<RoundSum>,
    /// The round before.
    pub last_round: Option<RoundSum>,
}

/// The money of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoundSum {
    /// What the round is called.
    pub label: Option<String>,
    /// Its first year.
    pub starts_year: i64,
    /// Its last year.
    pub ends_year: i64,
    /// Its money.
    pub sum_fen: Fen,
    /// Its money by year; a year without money is left out.
    pub years: Vec<(i64, Fen)>,
}

/// The comparisons of the pack for a year.
///
/// # Errors
/// [`StoreError::NotFound`] when the area lies outside the scope.
pub fn rounds(
    conn: &Conn,
    scope: &Scope,
    rules: &LedgerRules,
    area: AreaCode,
    year: i64,
) -> Result<Vec<RoundComparison>, StoreError> {
    let (low, high) = scope.within(area).ok_or(StoreError::NotFound)?.range();
    let known = source::rounds(conn, &rules.lists.rounds)?;
    let compare = |comparison: &Comparison| {
        let values = [(&comparison.level).into(), (&low).into(), (&high).into()];
        let rows =
            conn.query(BY_YEAR, &values, |row| Ok((row.int(0)?, row.text_opt(1)?, fen(row, 2)?)))?;
        // Money without a source belongs to no comparison.
        let counted = rows.into_iter().filter(|(_, source, _)| {
            source.as_ref().is_some_and(|source| comparison.sources.contains(source))
        });
        let years: Vec<(i64, Fen)> = counted.map(|(year, _, fen)| (year, fen)).collect();
        Ok(comparison_of(comparison, &known, &years, year))
    };
    rules.comparisons.iter().map(compare).collect()
}

fn comparison_of(
    comparison: &Comparison,
    known: &[Round],
    years: &[(i64, Fen)],
    year: i64,
) -> RoundComparison {
    let this = known.iter().find(|round| (round.starts_year..=round.ends_year).contains(&year));
    let begins = this.map_or(year, |round| round.starts_year);
    let last = known.iter().filter(|r| r.ends_year < begins).max_by_key(|r| r.ends_year);
    RoundComparison {
        id: comparison.id.clone(),
        says: comparison.says.clone(),
        year,
        year_fen: years.iter().filter(|(at, _)| *at == year).map(|(_, fen)| *fen).sum(),
        this_round: this.map(|round| sum_of(round, years)),
        last_round: last.map(|round| sum_of(round, years)),
    }
}

fn sum_of(round: &Round, years: &[(i64, Fen)]) -> RoundSum {
    let mut by_year: Vec<(i64, Fen)> = Vec::new();
    for year in round.starts_year..=round.ends_year {
        let sum: Fen = years.iter().filter(|(at, _)| *at == year).map(|(_, fen)| *fen).sum();
        if sum != Fen::ZERO {
            by_year.push((year, sum));
        }
    }
    RoundSum {
        label: round.label.clone(),
        starts_year: round.starts_year,
        ends_year: round.ends_year,
        sum_fen: by_year.iter().map(|(_, fen)| *fen).sum(),
        years: by_year,
    }
}
