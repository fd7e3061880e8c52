//! One person's slips of a year, from the tables of a snapshot.

use std::collections::BTreeMap;

use qb_base::{Fen, Text};
use qb_engine::{RowPage, Tables, Value};
use serde::Serialize;

use crate::aid::{AidFacts, aid};
use crate::claim::{Claim, YearSoFar, claim};
use crate::error::EntitlementError;
use crate::model::{Benefit, Formula, Standing};
use crate::slip::{ClaimSlip, DueLine};

const CLAIMS: &str = include_str!("sql/slip_claims.sql");
const STANDING: &str = include_str!("sql/slip_standing.sql");
const AID: &str = include_str!("sql/slip_aid.sql");
const STUDENT: &str = "select stage, boarding from student where person_id = {person} \
     and in_school order by record_id";

/// Rows that are read of one person and year.
const ROWS_MAX: usize = 1_000;

/// Everything a person is due in a year, and what was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonSlip {
    /// The person.
    pub person: i64,
    /// The year.
    pub year: i16,
    /// The class of the household, as a code.
    pub class: Option<String>,
    /// Whether the person is on the roster.
    pub on_roster: bool,
    /// The year the household left the register.
    pub exited_in: Option<i16>,
    /// Each claim in the order it was settled.
    pub claims: Vec<SettledClaim>,
    /// Fixed amounts by benefit.
    pub aids: Vec<AidSlip>,
}

/// A claim as computed and as settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettledClaim {
    /// Its number.
    pub claim_no: String,
    /// The day.
    pub settled_on: String,
    /// The kind, as a code.
    pub kind: String,
    /// The level of the hospital, as a code.
    pub level: String,
    /// What the benefit gives; none when it is refused.
    pub slip: Option<ClaimSlip>,
    /// Why it is refused.
    pub refused: Option<Text>,
    /// What each payer paid according to the record, `self` included.
    pub paid_fen: BTreeMap<String, Option<i64>>,
    /// What the person paid more (or less) than computed.
    pub difference_fen: Option<i64>,
}

/// Fixed amounts under one benefit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AidSlip {
    /// The benefit.
    pub benefit: String,
    /// What is due.
    pub due: Vec<DueLine>,
    /// What was paid by item, where records hold it.
    pub paid_fen: BTreeMap<String, i64>,
    /// What is due and was not paid by item, where records hold it.
    pub unpaid_fen: BTreeMap<String, i64>,
}

/// Computes a person's slips; `None` when the snapshot knows no such person.
///
/// # Errors
/// When a query fails, or a benefit of the pack has no view of the entitled.
pub fn person_slip(
    tables: &Tables,
    benefits: &[Benefit],
    person: i64,
    year: i16,
) -> Result<Option<PersonSlip>, EntitlementError> {
    let ask = Ask { tables, person, year };
    let views = benefits.iter().filter_map(|benefit| benefit.entitled.as_ref());
    let Some(view) = views.map(|entitled| entitled.view.as_str()).next() else { return Ok(None) };
    let Some((class, standing)) = ask.standing(view)? else { return Ok(None) };
    let mut slip = PersonSlip {
        person,
        year,
        class,
        on_roster: standing.on_roster,
        exited_in: standing.exited_in,
        claims: Vec::new(),
        aids: Vec::new(),
    };
    for benefit in benefits {
        let standing = match &benefit.entitled {
            Some(entitled) if entitled.view != view => {
                ask.standing(&entitled.view)?.map_or(standing, |(_, standing)| standing)
            }
            _ => standing,
        };
        match &benefit.formula {
            Formula::Claim(_) => slip.claims.extend(ask.claims(benefit, &slip, standing)?),
            Formula::Aid(lines) => {
                let at_school = lines.iter().any(|line| line.stage.is_some());
                slip.aids.extend(ask.aid(benefit, &slip, standing, at_school)?);
            }
            Formula::Pool(_) | Formula::Interest(_) => {}
        }
    }
    Ok(Some(slip))
}

/// A person and a year in the tables.
struct Ask<'a> {
    tables: &'a Tables,
    person: i64,
    year: i16,
}

impl Ask<'_> {
    fn rows(&self, sql: &str) -> Result<Rows, EntitlementError> {
        let sql = sql.replace("{person}", &self.person.to_string());
        let sql = sql.replace("{from_year}", &self.year.to_string());
        Ok(Rows(self.tables.query(&sql, ROWS_MAX)?))
    }

    fn standing(&self, view: &str) -> Result<Option<(Option<String>, Standing)>, EntitlementError> {
        let rows = self.rows(&STANDING.replace("{view}", view))?;
        Ok(rows.iter().next().map(|row| {
            let exited = row.text("exit_status").as_deref() == Some("EXITED");
            let exited_in = row.int("exit_year").filter(|_| exited);
            let standing = Standing {
                on_roster: row.int("on_roster").is_some_and(|rows| rows > 0),
                exited_in: exited_in.and_then(|year| i16::try_from(year).ok()),
            };
            (row.text("household_class"), standing)
        }))
    }

    fn claims(
        &self,
        benefit: &Benefit,
        person: &PersonSlip,
        standing: Standing,
    ) -> Result<Vec<SettledClaim>, EntitlementError> {
        let mut year = YearSoFar::default();
        let rows = self.rows(CLAIMS)?;
        let settled = rows.iter().map(|row| {
            let facts = Claim {
                kind: row.required("kind")?,
                level: row.required("hospital_level")?,
                year: self.year,
                total: row.fen("total_fen")?,
                eligible: row.fen("eligible_fen")?,
                class: person.class.clone(),
                standing,
            };
            let outcome = claim(benefit, &facts, &mut year);
            settled(&row, facts, outcome)
        });
        settled.collect()
    }

    fn aid(
        &self,
        benefit: &Benefit,
        person: &PersonSlip,
        standing: Standing,
        at_school: bool,
    ) -> Result<Option<AidSlip>, EntitlementError> {
        let mut facts = AidFacts {
            year: self.year,
            entitled: benefit.entitled.as_ref().is_none_or(|e| e.holds(standing, self.year)),
            class: person.class.clone(),
            ..AidFacts::default()
        };
        let mut paid_fen = BTreeMap::new();
        if at_school {
            if let Some(row) = self.rows(STUDENT)?.iter().next() {
                facts.stage = row.text("stage");
                facts.boarding = row.bool("boarding");
            }
            for row in self.rows(AID)?.iter() {
                paid_fen.extend(row.text("item").zip(row.int("paid_fen")));
            }
        }
        let due = aid(benefit, &facts)?;
        let unpaid_fen = due.iter().filter(|_| at_school).filter_map(|line| {
            let due = line.amount.fen();
            let unpaid = paid_fen.get(&line.item).map_or(due, |paid| due.saturating_sub(*paid));
            (unpaid > 0).then(|| (line.item.clone(), unpaid))
        });
        let unpaid_fen = unpaid_fen.collect();
        let slip = AidSlip { benefit: benefit.id.clone(), due, paid_fen, unpaid_fen };
        Ok(Some(slip).filter(|slip| !slip.due.is_empty() || !slip.paid_fen.is_empty()))
    }
}

fn settled(
    row: &Line<'_>,
    facts: Claim,
    outcome: Result<ClaimSlip, crate::error::Refusal>,
) -> Result<SettledClaim, EntitlementError> {
    let payers = ["basic", "critical", "assistance"];
    let columns = ["basic_paid_fen", "critical_paid_fen", "assistance_paid_fen"];
    let paid = payers.iter().zip(columns).map(|(payer, column)| (*payer, row.int(column)));
    let own = row.int("self_paid_fen");
    let paid = paid.chain([("self", own)]).map(|(payer, fen)| (payer.to_owned(), fen));
    let (slip, refused) = match outcome {
        Ok(slip) => (Some(slip), None),
        Err(refusal) => (None, Some(refusal.text)),
    };
    Ok(SettledClaim {
        claim_no: row.required("claim_no")?,
        settled_on: row.required("settled_on")?,
        kind: facts.kind,
        level: facts.level,
        difference_fen: slip
            .as_ref()
            .zip(own)
            .map(|(slip, own)| own.saturating_sub(slip.own.fen())),
        slip,
        refused,
        paid_fen: paid.collect(),
    })
}

/// Rows of a query, read by the names of their columns.
struct Rows(RowPage);

struct Line<'a> {
    page: &'a RowPage,
    values: &'a [Value],
}

impl Rows {
    fn iter(&self) -> impl Iterator<Item = Line<'_>> {
        self.0.rows.iter().map(|values| Line { page: &self.0, values })
    }
}

impl Line<'_> {
    fn value(&self, name: &str) -> Option<&Value> {
        let at = self.page.columns.iter().position(|column| column.name == name)?;
        self.values.get(at)
    }

    fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::Text(text) => Some(text.clone()),
            Value::Date(day) => Some(day.to_string()),
            _ => None,
        }
    }

    /// A text that the dataset requires of every row.
    fn required(&self, name: &'static str) -> Result<String, EntitlementError> {
        self.text(name).ok_or(EntitlementError::Column(name))
    }

    fn int(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::Number(number) => {
                let number = number.normalised();
                (number.scale == 0).then(|| i64::try_from(number.unscaled).ok())?
            }
            _ => None,
        }
    }

    fn bool(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// An amount that the dataset requires of every row.
    fn fen(&self, name: &'static str) -> Result<Fen, EntitlementError> {
        self.int(name).and_then(Fen::new).ok_or(EntitlementError::Column(name))
    }
}
