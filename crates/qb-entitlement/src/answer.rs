//! A case of the pack: facts in, answers out, both by name.

use std::collections::BTreeMap;

use qb_base::Fen;
use qb_policy::Decimal;
use toml::{Table, Value};

use crate::aid::{AidFacts, aid};
use crate::claim::{Claim, YearSoFar, claim};
use crate::error::Refusal;
use crate::interest::{Loan, interest};
use crate::model::{Benefit, Case, Formula, Standing};
use crate::pool::{Energy, pool};

/// Answers by name, amounts in yuan without trailing zeros.
pub(crate) type Answers = BTreeMap<String, String>;

/// The answers of a case; a refusal is an answer too.
///
/// # Errors
/// When the facts are not those the benefit asks for.
pub(crate) fn answers(benefit: &Benefit, case: &Case) -> Result<Answers, String> {
    let outcome = match &benefit.formula {
        Formula::Claim(_) => claim_answers(benefit, case)?,
        Formula::Aid(_) => aid_answers(benefit, &case.given)?,
        Formula::Pool(_) => pool_answers(benefit, &case.given)?,
        Formula::Interest(_) => interest_answers(benefit, &case.given)?,
    };
    Ok(outcome
        .unwrap_or_else(|refusal| Answers::from([("refused".to_owned(), refusal.code.to_owned())])))
}

/// A table as an author wrote it, with the names that were asked for.
struct Facts<'a> {
    table: &'a Table,
    asked: Vec<&'static str>,
}

impl<'a> Facts<'a> {
    fn new(table: &'a Table) -> Self {
        Self { table, asked: Vec::new() }
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.table.get(name)
    }

    fn text(&mut self, name: &'static str) -> Result<String, String> {
        let value = self.value(name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| format!("`{name}` is a text"))
    }

    fn text_opt(&mut self, name: &'static str) -> Option<String> {
        self.value(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn bool_opt(&mut self, name: &'static str) -> Option<bool> {
        self.value(name).and_then(Value::as_bool)
    }

    fn year_opt(&mut self, name: &'static str) -> Option<i16> {
        self.value(name).and_then(Value::as_integer).and_then(|year| i16::try_from(year).ok())
    }

    fn year(&mut self) -> Result<i16, String> {
        self.year_opt("year").ok_or_else(|| "`year` is a whole number".to_owned())
    }

    fn number(&mut self, name: &'static str) -> Result<Decimal, String> {
        let value = self.value(name);
        value.and_then(number).ok_or_else(|| format!("`{name}` is a number"))
    }

    fn yuan(&mut self, name: &'static str) -> Result<Fen, String> {
        let fen = self.number(name)?.shift(2).and_then(Decimal::to_i64).and_then(Fen::new);
        fen.ok_or_else(|| format!("`{name}` is an amount in yuan"))
    }

    /// Nothing may be given that nobody asks for: it would be a misspelt name.
    fn finish(self) -> Result<(), String> {
        let unknown = self.table.keys().find(|key| !self.asked.contains(&key.as_str()));
        unknown.map_or(Ok(()), |key| Err(format!("`{key}` is not asked for here")))
    }
}

/// A whole number, or a decimal in quotes.
pub(crate) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Integer(whole) => Some(Decimal::whole(*whole)),
        Value::String(text) => Decimal::parse(text),
        _ => None,
    }
}

/// An amount as cases write it.
pub(crate) fn yuan(amount: Fen) -> String {
    let yuan = Decimal::new(i128::from(amount.fen()), 2);
    yuan.map_or_else(|| amount.to_plain(), |yuan| yuan.to_string())
}

type Outcome = Result<Result<Answers, Refusal>, String>;

fn claim_answers(benefit: &Benefit, case: &Case) -> Outcome {
    let mut year = YearSoFar::default();
    for before in &case.before {
        let earlier = claim_facts(before)?;
        if let Err(refusal) = claim(benefit, &earlier, &mut year) {
            return Ok(Err(refusal));
        }
    }
    let facts = claim_facts(&case.given)?;
    Ok(claim(benefit, &facts, &mut year).map(|slip| {
        let mut answers: Answers =
            slip.steps.iter().map(|step| (step.payer.clone(), yuan(step.result))).collect();
        answers.insert("self".to_owned(), yuan(slip.own));
        answers
    }))
}

fn claim_facts(table: &Table) -> Result<Claim, String> {
    let mut facts = Facts::new(table);
    let claim = Claim {
        kind: facts.text("kind")?,
        level: facts.text("level")?,
        year: facts.year()?,
        total: facts.yuan("total")?,
        eligible: facts.yuan("eligible")?,
        class: facts.text_opt("class"),
        standing: standing(&mut facts),
    };
    facts.finish()?;
    Ok(claim)
}

fn standing(facts: &mut Facts<'_>) -> Standing {
    let on_roster = facts.bool_opt("on_roster") == Some(true);
    Standing { on_roster, exited_in: facts.year_opt("exited_in") }
}

fn aid_answers(benefit: &Benefit, table: &Table) -> Outcome {
    let mut facts = Facts::new(table);
    let (year, standing) = (facts.year()?, standing(&mut facts));
    let given = AidFacts {
        year,
        entitled: benefit.entitled.as_ref().is_none_or(|rule| rule.holds(standing, year)),
        stage: facts.text_opt("stage"),
        class: facts.text_opt("class"),
        boarding: facts.bool_opt("boarding"),
    };
    facts.finish()?;
    Ok(aid(benefit, &given).map(|due| {
        let sum: Fen = due.iter().map(|line| line.amount).sum();
        let mut answers: Answers =
            due.iter().map(|line| (line.item.clone(), yuan(line.amount))).collect();
        answers.insert("total".to_owned(), yuan(sum));
        answers
    }))
}

fn pool_answers(benefit: &Benefit, table: &Table) -> Outcome {
    let mut facts = Facts::new(table);
    let income = if table.contains_key("income") {
        facts.yuan("income")?
    } else {
        let (capacity, hours) = (facts.number("capacity_kw")?, facts.number("hours")?);
        let energy = Energy::of_station(capacity, hours, facts.number("price")?);
        energy.and_then(Energy::income).ok_or("the income is too large")?
    };
    facts.finish()?;
    Ok(pool(benefit, income).map(|slip| {
        Answers::from([
            ("income".to_owned(), yuan(slip.income)),
            ("people".to_owned(), yuan(slip.people)),
            ("posts".to_owned(), slip.posts.to_string()),
            ("posts_paid".to_owned(), yuan(slip.posts_paid)),
            ("relief".to_owned(), yuan(slip.relief)),
            ("works".to_owned(), yuan(slip.works)),
        ])
    }))
}

fn interest_answers(benefit: &Benefit, table: &Table) -> Outcome {
    let mut facts = Facts::new(table);
    let loan = Loan {
        amount: facts.yuan("amount")?,
        rate: facts.number("rate")?,
        years: facts.number("years")?,
        granted_in: facts.year()?,
        purpose: facts.text("purpose")?,
        age: facts.year_opt("age"),
        others: facts.value("others").and_then(Value::as_integer),
        registered: facts.bool_opt("registered"),
    };
    facts.finish()?;
    Ok(interest(benefit, &loan).map(|slip| {
        Answers::from([
            ("interest".to_owned(), yuan(slip.interest)),
            ("subsidy".to_owned(), yuan(slip.subsidy)),
            ("self".to_owned(), yuan(slip.own)),
        ])
    }))
}
