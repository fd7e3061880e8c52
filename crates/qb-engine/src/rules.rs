//! What the engine needs of a policy pack on one day: clauses, facts, parameters, codes.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::{Date, Digest, Lang};
use qb_policy::Pack;

use crate::expr::{ExprFault, FaultKind, Literal, Span};
use crate::views::Level;

/// What a clause gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseKind {
    /// True, false, or cannot tell.
    Verdict,
    /// An exact number, or cannot tell.
    Value,
}

/// A clause as its author wrote it.
#[derive(Clone, Debug)]
pub struct ClauseSource {
    /// The id other clauses name.
    pub id: String,
    /// The level it lives on.
    pub level: Level,
    /// What it gives.
    pub kind: ClauseKind,
    /// The expression.
    pub expression: String,
    /// File, line and column of the expression's first character.
    pub at: SourcePlace,
}

/// A fact as its author wrote it.
#[derive(Clone, Debug)]
pub struct FactSource {
    /// The id of the figure.
    pub id: String,
    /// The level whose rows it is about.
    pub level: Level,
    /// Which rows count, and where that stands; all when absent.
    pub filter: Option<(String, SourcePlace)>,
    /// An expression over aggregates.
    pub value: String,
    /// Where the value stands.
    pub at: SourcePlace,
}

/// A place in a pack's file.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SourcePlace {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Clauses, facts, parameters and codes that hold on one day.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The clauses.
    pub clauses: Vec<ClauseSource>,
    /// The facts that are computed from rows.
    pub facts: Vec<FactSource>,
    /// Parameters with their value on the day.
    pub params: BTreeMap<String, Literal>,
    /// Code lists; a coded column is compared only with codes of its list.
    pub codes: BTreeMap<String, BTreeSet<String>>,
    /// Digest of the pack, for replay.
    pub digest: Option<Digest>,
}

/// A fault in a clause or fact of a pack.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RuleFault {
    /// `clause ID` or `fact ID`.
    pub owner: String,
    /// The expression.
    pub expression: String,
    /// What is wrong.
    pub fault: ExprFault,
    /// Where in the pack.
    pub at: SourcePlace,
}

impl RuleFault {
    pub(crate) fn in_clause(source: &ClauseSource, fault: ExprFault) -> Self {
        Self::new(format!("clause {}", source.id), &source.expression, fault, &source.at)
    }

    /// The compiler itself failed; every clause is then without an answer.
    pub(crate) fn not_compiled(source: &ClauseSource) -> Self {
        let fault = ExprFault::new(
            FaultKind::Syntax,
            Span::default(),
            "编译器内部错误，请上报",
            "internal fault of the compiler; please report it",
        );
        Self::in_clause(source, fault)
    }

    pub(crate) fn in_fact(source: &FactSource, in_filter: bool, fault: ExprFault) -> Self {
        let owner = format!("fact {}", source.id);
        match &source.filter {
            Some((filter, at)) if in_filter => Self::new(owner, filter, fault, at),
            _ => Self::new(owner, &source.value, fault, &source.at),
        }
    }

    /// A fault in a query of the pack: of a view, a fact or a coverage.
    pub(crate) fn in_query(owner: &str, query: &qb_policy::Expression, fault: ExprFault) -> Self {
        Self::new(owner.to_owned(), &query.text, fault, &place(query))
    }

    fn new(owner: String, expression: &str, fault: ExprFault, at: &SourcePlace) -> Self {
        let inside = fault.span.start;
        let at = match inside.line {
            0 => at.clone(),
            1 => SourcePlace { column: at.column + inside.column.saturating_sub(1), ..at.clone() },
            line => SourcePlace { line: at.line + line - 1, column: inside.column, ..at.clone() },
        };
        Self { owner, expression: expression.to_owned(), fault, at }
    }

    /// File, place, owner, message and the line with a caret.
    pub fn render(&self, lang: Lang) -> String {
        let SourcePlace { file, line, column } = &self.at;
        format!(
            "{file}:{line}:{column}: {}: {}",
            self.owner,
            self.fault.render(&self.expression, lang)
        )
    }
}

impl Rules {
    /// The rules of a pack on a day.
    pub fn of_pack(pack: &Pack, as_of: Date) -> Self {
        Self {
            clauses: pack
                .clauses
                .iter()
                .filter(|clause| clause.holds_on(as_of))
                .map(clause_source)
                .collect(),
            facts: pack.facts.iter().filter_map(|fact| fact_source(fact, as_of)).collect(),
            params: params(pack, as_of),
            codes: pack
                .code_lists
                .iter()
                .map(|list| {
                    (list.id.clone(), list.codes.iter().map(|code| code.id.clone()).collect())
                })
                .collect(),
            digest: Some(pack.digest()),
        }
    }
}

fn clause_source(clause: &qb_policy::Clause) -> ClauseSource {
    ClauseSource {
        id: clause.id.clone(),
        level: level(clause.level),
        kind: match clause.kind {
            qb_policy::ClauseKind::Verdict => ClauseKind::Verdict,
            qb_policy::ClauseKind::Value => ClauseKind::Value,
        },
        expression: clause.expression.text.clone(),
        at: place(&clause.expression),
    }
}

fn fact_source(fact: &qb_policy::Fact, as_of: Date) -> Option<FactSource> {
    let qb_policy::Method::Rows(query) = &fact.method else { return None };
    let filter = query.filter.as_ref();
    Some(FactSource {
        id: fact.id.clone(),
        level: level(query.level),
        filter: filter.map(|filter| (of_year(&filter.text, as_of), place(filter))),
        value: query.value.text.clone(),
        at: place(&query.value),
    })
}

/// Puts the year of the day where `{year}` stands; blanks keep every place in the line.
fn of_year(text: &str, as_of: Date) -> String {
    const YEAR: &str = "{year}";
    let width = YEAR.len();
    text.replace(YEAR, &format!("{:<width$}", as_of.year()))
}

fn params(pack: &Pack, as_of: Date) -> BTreeMap<String, Literal> {
    let value = |param: &qb_policy::Param| {
        let number = param.value(&pack.area, as_of)?.number;
        let scale = u8::try_from(number.scale()).ok()?;
        Some((param.id.clone(), Literal::Number { unscaled: number.mantissa(), scale }))
    };
    pack.params.iter().filter_map(value).collect()
}

fn place(expression: &qb_policy::Expression) -> SourcePlace {
    let at = &expression.at;
    SourcePlace { file: at.file.clone(), line: at.line, column: at.column }
}

pub(crate) fn level(level: qb_policy::Level) -> Level {
    match level {
        qb_policy::Level::Person => Level::Person,
        qb_policy::Level::Household => Level::Household,
        qb_policy::Level::Village => Level::Village,
    }
}
