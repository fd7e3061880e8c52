//! Turns a row of a list into an entry, as the pack's `ledger.toml` says.

use qb_base::{Date, Fen};
use serde_json::{Map, Value};

use crate::book::Book;
use crate::error::{FundError, Refusal};
use crate::model::{AccountSpec, Attributes, NewEntry, NewPosting};
use crate::rules::{AccountKind, Attribute, Choice, EntryRule, LedgerRules, ROW_AREA, Side};

/// A current row of a list that has no entry yet.
#[derive(Clone, Debug)]
pub(crate) struct SourceRow {
    pub(crate) id: i64,
    pub(crate) key: String,
    /// Where the row stands, or its household when the row names one.
    pub(crate) area_code: String,
    /// Where its project stands, when the row names one.
    pub(crate) project_area: Option<String>,
    pub(crate) fields: Map<String, Value>,
}

/// What a row comes to.
#[derive(Debug)]
pub(crate) enum Drawn {
    /// An entry to post.
    Entry(Box<NewEntry>),
    /// A row that takes back the entry of another one: that row's key, the amount named, the day.
    TakesBack { key: String, named: Fen, on_day: Date },
    /// Nothing to post yet.
    Waits,
}

impl SourceRow {
    /// A value as it stands in an account's code.
    fn word(&self, column: &str) -> Option<String> {
        if column == ROW_AREA {
            return Some(self.area_code.clone());
        }
        match self.fields.get(column)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// An amount in fen; a blank one is zero.
    fn amount(&self, column: &str) -> Result<Fen, Refusal> {
        match self.fields.get(column) {
            None | Some(Value::Null) => Ok(Fen::ZERO),
            Some(value) => {
                let none = || Refusal::NoValue(column.to_owned());
                let amount = value.as_i64().and_then(Fen::new).ok_or_else(none)?;
                qb_base::invariant!(amount >= Fen::ZERO, Refusal::NotAnAmount(column.to_owned()));
                Ok(amount)
            }
        }
    }

    /// The day; a year stands for its last day; `None` while it is blank.
    pub(crate) fn day(&self, column: &str) -> Result<Option<Date>, Refusal> {
        let none = || Refusal::NoValue(column.to_owned());
        match self.fields.get(column) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| none()),
            Some(value) => {
                let year = value.as_i64().and_then(|year| i16::try_from(year).ok());
                let last = year.and_then(|year| Date::new(year, 12, 31).ok());
                last.map(Some).ok_or_else(none)
            }
        }
    }
}

/// The id under which a row's entry is posted: one for each version of the row.
pub(crate) fn client_id(dataset: &str, key: &str, record: i64) -> String {
    format!("{dataset}/{key}#{record}")
}

/// What a row comes to under a rule.
pub(crate) fn draw(
    book: &mut Book<'_, '_>,
    rules: &LedgerRules,
    rule: &EntryRule,
    row: &SourceRow,
) -> Result<Drawn, FundError> {
    let Some(on_day) = row.day(&rule.day)? else { return Ok(Drawn::Waits) };
    let reverses = rule.reverses.as_ref().and_then(|column| row.word(column));
    if let Some(key) = reverses {
        return Ok(Drawn::TakesBack { key, named: named(rule, row)?, on_day });
    }
    let mut drawing = Drawing { book, rules, row, from: None, entry: begin(rule, row, on_day) };
    let mut rest = Fen::ZERO;
    for line in rule.line.iter().filter(|line| line.side != Side::Rest) {
        let amount = line.amount.as_ref().map_or(Ok(Fen::ZERO), |column| row.amount(column))?;
        let signed = if line.side == Side::From { negative(amount)? } else { amount };
        rest = rest.minus(signed).map_err(|_| Refusal::OutOfRange)?;
        if amount > Fen::ZERO {
            drawing.line(&line.at, signed)?;
        }
    }
    let takes_rest = rule.line.iter().find(|line| line.side == Side::Rest);
    match takes_rest {
        Some(line) if rest > Fen::ZERO => drawing.line(&line.at, rest)?,
        Some(_) if rest < Fen::ZERO => {
            let whole = named(rule, row)?;
            let parts = whole.minus(rest).map_err(|_| Refusal::OutOfRange)?;
            return Err(Refusal::PartsExceed { whole, parts }.into());
        }
        _ => {}
    }
    if drawing.entry.postings.is_empty() {
        return Ok(Drawn::Waits);
    }
    Ok(Drawn::Entry(Box::new(drawing.entry)))
}

fn begin(rule: &EntryRule, row: &SourceRow, on_day: Date) -> NewEntry {
    let dataset = rule.dataset.as_ref();
    NewEntry {
        client_id: client_id(dataset, &row.key, row.id),
        kind: rule.kind.as_ref().clone(),
        on_day,
        reason: format!("{dataset} {}", row.key),
        reverses: None,
        source_record: Some(row.id),
        describes: Vec::new(),
        postings: Vec::new(),
    }
}

/// The whole amount of a row.
fn named(rule: &EntryRule, row: &SourceRow) -> Result<Fen, Refusal> {
    let from = rule.line.iter().find(|line| line.side == Side::From);
    from.and_then(|line| line.amount.as_ref()).map_or(Ok(Fen::ZERO), |column| row.amount(column))
}

fn negative(amount: Fen) -> Result<Fen, Refusal> {
    Fen::ZERO.minus(amount).map_err(|_| Refusal::OutOfRange)
}

struct Drawing<'d, 't, 'a> {
    book: &'d mut Book<'t, 'a>,
    rules: &'d LedgerRules,
    row: &'d SourceRow,
    /// What the account stands for that the money comes from.
    from: Option<Attributes>,
    entry: NewEntry,
}

impl Drawing<'_, '_, '_> {
    fn line(&mut self, choices: &[Choice], amount: Fen) -> Result<(), FundError> {
        let (choice, code) = self.choose(choices)?;
        let stands = self.book.account(&code)?.map(|held| held.attributes.clone());
        let kind = choice.account.as_ref();
        let kind = self.rules.account(kind).ok_or(Refusal::UnknownKind(kind.clone()))?;
        let attributes = match stands {
            None if !choice.opens => return Err(Refusal::NoAccount(code).into()),
            Some(stands) if !(choice.opens && is_described(kind)) => stands,
            stands => {
                let attributes = self.attributes(kind)?;
                if stands.as_ref() != Some(&attributes) {
                    self.entry.describes.push(AccountSpec {
                        code: code.clone(),
                        kind: kind.kind.as_ref().clone(),
                        attributes: attributes.clone(),
                    });
                }
                attributes
            }
        };
        if amount < Fen::ZERO {
            self.from = Some(attributes);
        }
        self.entry.postings.push(NewPosting { account: code, amount });
        Ok(())
    }

    /// The first account whose key columns are all filled.
    fn choose<'c>(&self, choices: &'c [Choice]) -> Result<(&'c Choice, String), Refusal> {
        for choice in choices {
            let words = choice.key.iter().map(|column| self.row.word(column.as_ref()));
            if let Some(words) = words.collect::<Option<Vec<String>>>() {
                let code = format!("{}:{}", choice.account.as_ref(), words.join(":"));
                return Ok((choice, code));
            }
        }
        let columns =
            choices.iter().flat_map(|choice| &choice.key).map(|key| key.as_ref().as_str());
        Err(Refusal::NoValue(columns.collect::<Vec<_>>().join(", ")))
    }

    fn attributes(&self, kind: &AccountKind) -> Result<Attributes, Refusal> {
        let (row, from) = (self.row, self.from.as_ref());
        let own = |attribute| kind.attributes.contains(&attribute);
        let taken = |attribute, column: &str, of: fn(&Attributes) -> Option<String>| {
            let inherited = from.filter(|_| kind.inherits.contains(&attribute)).and_then(of);
            own(attribute).then(|| row.word(column)).flatten().or(inherited)
        };
        let year = taken(Attribute::Year, "year", |from| from.year.map(|year| year.to_string()));
        let project = || row.word("project_no").or_else(|| from?.project_no.clone());
        let household = || row.word("household_no");
        let since = kind.since.as_ref().map(|column| row.day(column)).transpose()?.flatten();
        Ok(Attributes {
            area_code: self.area(kind),
            level: taken(Attribute::Level, "level", |from| from.level.clone()),
            year: year.and_then(|year| year.parse().ok()),
            source: taken(Attribute::Source, "source", |from| from.source.clone()),
            purpose: taken(Attribute::Purpose, "purpose", |from| from.purpose.clone()),
            project_no: kind.project.then(project).flatten(),
            household_no: kind.household.then(household).flatten(),
            since_on: since.map(|day| day.to_string()),
        })
    }

    /// Where an account stands: with its project, else at the finer of the row and the account the
    /// money comes from.
    fn area(&self, kind: &AccountKind) -> String {
        let row = &self.row.area_code;
        let from = self.from.as_ref().map(|from| &from.area_code);
        let project = self.row.project_area.as_ref().filter(|_| kind.project);
        let finer = from.filter(|from| from.len() > row.len());
        project.or(finer).unwrap_or(row).clone()
    }
}

/// Whether each version of its own row says anew what an account stands for.
fn is_described(kind: &AccountKind) -> bool {
    !kind.attributes.is_empty() || kind.since.is_some()
}
