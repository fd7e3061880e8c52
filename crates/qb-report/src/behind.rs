//! The rows behind the figures of a run: who was counted, with the columns that decided it.
//!
//! Rows carry pseudonymous numbers and area names only; snapshots hold nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use qb_access::Scope;
use qb_base::{AreaCode, AreaLevel, Text};
use qb_engine::views::{Column, ColumnType, Level, Unit};
use qb_engine::{Frame, Page, Tables, Value};
use qb_policy::{Area, Decimal, Fact, Method, Pack, RowQuery};
use qb_store::Store;
use qb_targeting::model::{FigureOutcome, QUERY_LEVEL, Run};
use qb_targeting::queries;

use crate::error::ReportError;
use crate::rows::{Cell, RowSheet, RowSource, SHEET_ROWS_MAX};
use crate::{gather, query_rows};

/// Rows fetched at a time.
const PAGE_ROWS: i64 = 10_000;
/// Most rows of a sheet whose rows a query gives; there are many such sheets, and the pages hold
/// all rows.
const QUERY_ROWS_MAX: u64 = 2_000;

/// The rows of a run.
pub struct RunRows<'a> {
    store: &'a Store,
    pack: &'a Pack,
    run: &'a Run,
    frame: Frame,
    tables: Option<Tables>,
    sheets: Vec<Sheet<'a>>,
    places: HashMap<(Level, i64), usize>,
}

impl std::fmt::Debug for RunRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RunRows(run {}, {} sheets)", self.run.id, self.sheets.len())
    }
}

/// Facts that count the same rows.
struct Sheet<'a> {
    head: RowSheet,
    rows: Rows<'a>,
}

/// Which rows a sheet holds.
enum Rows<'a> {
    Level(LevelRows),
    Query(&'a Fact),
}

/// The rows of a level that a figure counts.
struct LevelRows {
    level: Level,
    position: usize,
    columns: Vec<&'static Column>,
}

impl<'a> RunRows<'a> {
    /// Opens the rows of a run.
    ///
    /// # Errors
    /// When store or snapshot cannot be read.
    pub fn open(store: &'a Store, pack: &'a Pack, run: &'a Run) -> Result<Self, ReportError> {
        let outcomes = store.read(|conn| queries::figures(conn, run.id))?;
        let frame = gather::snapshot(store, run)?.frame()?;
        let mut sheets = sheets(pack, &outcomes)?;
        let levels: BTreeSet<Level> = sheets.iter().filter_map(Sheet::level).collect();
        let queried = outcomes.iter().any(|outcome| outcome.level == QUERY_LEVEL);
        let tables = queried.then(|| query_rows::open(store, pack, run)).transpose()?;
        if let Some(tables) = &tables {
            sheets.extend(query_sheets(pack, tables, &outcomes)?);
        }
        let place = |level| {
            let subjects = frame.subjects(level).iter().enumerate();
            subjects.map(move |(row, subject)| ((level, *subject), row))
        };
        let places = levels.into_iter().flat_map(place).collect();
        Ok(Self { store, pack, run, frame, tables, sheets, places })
    }

    fn line(&self, sheet: &LevelRows, subject: i64, area: &str) -> Vec<Cell> {
        let mut cells: Vec<Cell> =
            area_names(self.pack, area).into_iter().map(Cell::Label).collect();
        if sheet.level != Level::Village {
            cells.push(Cell::Text(subject.to_string()));
        }
        let row = self.places.get(&(sheet.level, subject)).copied();
        cells.extend(sheet.columns.iter().map(|column| {
            let value = row.map(|row| self.frame.value(sheet.level, row, column.name));
            self.cell(column, value.unwrap_or(Value::Unknown))
        }));
        cells
    }

    fn cell(&self, column: &Column, value: Value) -> Cell {
        match value {
            Value::Unknown => Cell::Empty,
            Value::Bool(truth) => Cell::Bool(truth),
            Value::Date(date) => Cell::Text(date.to_string()),
            Value::Text(text) => match column.kind {
                ColumnType::Code(list) => self.label(list, text),
                _ => Cell::Text(text),
            },
            Value::Number(number) if column.unit == Unit::Year => Cell::Text(number.to_string()),
            Value::Number(number) => {
                let places = u32::from(number.scale) + if column.unit == Unit::Fen { 2 } else { 0 };
                Decimal::new(number.unscaled, places).map_or(Cell::Empty, Cell::Number)
            }
        }
    }

    /// Hands over the first rows that a query gives.
    fn visit_query(
        &self,
        fact: &Fact,
        limit: u64,
        receive: &mut dyn FnMut(&[Cell]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let Some(tables) = &self.tables else { return Ok(()) };
        let page = Page { offset: 0, limit: qb_base::size(limit) };
        let found = query_rows::rows_of(tables, self.pack, fact, &self.pack.area, &page)?;
        let Some(found) = found else { return Ok(()) };
        for row in &found.rows {
            let cells = found.columns.iter().zip(row);
            let cells = cells.map(|(column, value)| query_rows::cell(self.pack, column, value));
            receive(&cells.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn label(&self, list: &str, code: String) -> Cell {
        let known = self.pack.code_list(list).and_then(|list| list.code(&code));
        known.map_or(Cell::Text(code), |code| Cell::Label(code.label.clone()))
    }
}

impl RowSource for RunRows<'_> {
    fn sheets(&self) -> Result<Vec<RowSheet>, ReportError> {
        Ok(self.sheets.iter().map(|sheet| sheet.head.clone()).collect())
    }

    fn visit(
        &self,
        sheet: usize,
        limit: u64,
        receive: &mut dyn FnMut(&[Cell]) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let Some(sheet) = self.sheets.get(sheet) else { return Ok(()) };
        let sheet = match &sheet.rows {
            Rows::Query(fact) => return self.visit_query(fact, limit, receive),
            Rows::Level(rows) => rows,
        };
        let mut left = qb_base::tally(limit);
        let mut after = (String::new(), i64::MIN);
        while left > 0 {
            let page = left.min(PAGE_ROWS);
            let found = self.store.read(|conn| {
                let scope = Scope::system();
                let from = (after.0.as_str(), after.1);
                let counted = (sheet.position, '1');
                queries::subjects(
                    conn,
                    &scope,
                    self.run.id,
                    sheet.level.name(),
                    self.pack.area,
                    counted,
                    from,
                    page,
                )
            })?;
            for (area, subject) in &found {
                receive(&self.line(sheet, *subject, area))?;
            }
            left -= page;
            match found.into_iter().last() {
                Some(last) => after = last,
                None => break,
            }
        }
        Ok(())
    }
}

impl Sheet<'_> {
    fn level(&self) -> Option<Level> {
        match &self.rows {
            Rows::Level(rows) => Some(rows.level),
            Rows::Query(_) => None,
        }
    }
}

/// One sheet for all facts that ask the same rows of a query, or of a coverage.
fn query_sheets<'a>(
    pack: &'a Pack,
    tables: &Tables,
    outcomes: &[FigureOutcome],
) -> Result<Vec<Sheet<'a>>, ReportError> {
    let mut groups: Vec<(&str, Vec<&Fact>, u64)> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.level == QUERY_LEVEL) {
        let Some(fact) = pack.fact(&outcome.fact) else { continue };
        let asked = match &fact.method {
            Method::Sql(query) | Method::Pack(query) => query.query.text.as_str(),
            Method::Coverage(of) => of.coverage.as_str(),
            _ => continue,
        };
        match groups.iter_mut().find(|(known, ..)| *known == asked) {
            Some((_, facts, _)) => facts.push(fact),
            None => {
                groups.push((asked, vec![fact], counted(outcome)?));
            }
        }
    }
    let mut sheets = Vec::new();
    for (_, facts, total) in groups {
        let Some(first) = facts.first() else { continue };
        let none = Page { offset: 0, limit: 0 };
        let columns = match &first.method {
            Method::Sql(query) | Method::Pack(query) => tables.columns_of(query)?,
            _ => match query_rows::rows_of(tables, pack, first, &pack.area, &none)? {
                Some(page) => page.columns,
                None => continue,
            },
        };
        let head = RowSheet {
            facts: facts.iter().map(|fact| fact.id.clone()).collect(),
            columns: columns.iter().map(query_rows::head).collect(),
            total,
            limit: QUERY_ROWS_MAX,
        };
        sheets.push(Sheet { head, rows: Rows::Query(first) });
    }
    Ok(sheets)
}

/// A fact that counts rows: its query, and what the run found.
type OfRows<'a> = (&'a Fact, &'a RowQuery, &'a FigureOutcome);

/// One sheet for all facts that filter the same rows; facts that count everything have none.
fn sheets<'a>(pack: &Pack, outcomes: &[FigureOutcome]) -> Result<Vec<Sheet<'a>>, ReportError> {
    let mut groups: BTreeMap<(Level, &str), Vec<OfRows<'_>>> = BTreeMap::new();
    for outcome in outcomes {
        let Some(fact) = pack.fact(&outcome.fact) else { continue };
        let Method::Rows(query) = &fact.method else { continue };
        if let (Some(filter), Some(level)) = (&query.filter, Level::parse(&outcome.level)) {
            groups.entry((level, &filter.text)).or_default().push((fact, query, outcome));
        }
    }
    let each = groups.into_iter().map(|((level, _), facts)| sheet(pack, level, &facts));
    each.filter_map(Result::transpose).collect()
}

/// The rows behind a figure.
fn counted(outcome: &FigureOutcome) -> Result<u64, ReportError> {
    u64::try_from(outcome.rows).map_err(|_| ReportError::Figure {
        id: outcome.fact.clone(),
        detail: "its number of rows is below 0".to_owned(),
    })
}

fn sheet<'a>(
    pack: &Pack,
    level: Level,
    facts: &[OfRows<'_>],
) -> Result<Option<Sheet<'a>>, ReportError> {
    let Some((_, _, outcome)) = facts.first() else { return Ok(None) };
    let total = counted(outcome)?;
    let mut texts: Vec<&str> = Vec::new();
    for (_, query, _) in facts {
        texts.extend(query.filter.iter().map(|filter| filter.text.as_str()));
        texts.push(&query.value.text);
    }
    let columns = columns(level, &with_clauses(pack, texts));
    let mut heads = vec![
        Text::fixed("县（市、区）", "county"),
        Text::fixed("镇（街道）", "town"),
        Text::fixed("村（居）", "village"),
    ];
    match level {
        Level::Household => heads.push(Text::fixed("户内部编号", "household, internal number")),
        Level::Person => heads.push(Text::fixed("人内部编号", "person, internal number")),
        Level::Village => {}
    }
    heads.extend(columns.iter().map(|column| head_of(column)));
    let head = RowSheet {
        facts: facts.iter().map(|(fact, _, _)| fact.id.clone()).collect(),
        columns: heads,
        total,
        limit: SHEET_ROWS_MAX,
    };
    Ok(Some(Sheet {
        head,
        rows: Rows::Level(LevelRows { level, position: outcome.position, columns }),
    }))
}

/// The expressions and those of every clause they name, however deep.
fn with_clauses<'a>(pack: &'a Pack, mut texts: Vec<&'a str>) -> Vec<&'a str> {
    let mut next = 0;
    while let Some(text) = texts.get(next).copied() {
        for named in text.split("clause('").skip(1).filter_map(|rest| rest.split_once('\'')) {
            let expression = pack.clause(named.0).map(|clause| clause.expression.text.as_str());
            texts.extend(expression.filter(|expression| !texts.contains(expression)));
        }
        next += 1;
    }
    texts
}

/// The columns of the level that the expressions name, in the order of the view.
fn columns(level: Level, texts: &[&str]) -> Vec<&'static Column> {
    let named: BTreeSet<&str> = texts.iter().copied().flat_map(words).collect();
    let all = level.view().columns.iter();
    all.filter(|column| named.contains(column.name) && !is_place(column)).collect()
}

/// Columns that say where and who: their words stand in front of every row already.
fn is_place(column: &Column) -> bool {
    column.name == "area_code" || column.kind == ColumnType::Id
}

fn head_of(column: &Column) -> Text {
    if column.unit == Unit::Fen {
        return Text::new(
            format!("{}（元）", column.label.zh),
            format!("{} (yuan)", column.label.en),
        );
    }
    column.label.clone()
}

/// The identifiers of an expression.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// Names of county, town and village; blank below the level of the area.
fn area_names(pack: &Pack, code: &str) -> [Text; 3] {
    let at = |level: AreaLevel| {
        let area = AreaCode::parse(code).ok().and_then(|code| code.at(level));
        let known = area.and_then(|area| pack.area(&area));
        known.map_or(Text::fixed("", ""), Area::named_both)
    };
    [at(AreaLevel::County), at(AreaLevel::Town), at(AreaLevel::Village)]
}

#[cfg(test)]
mod tests;
