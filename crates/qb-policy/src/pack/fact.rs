//! Published figures and where they don't agree.

use std::collections::BTreeMap;

use qb_base::Text;

use crate::error::Position;
use crate::number::decimal::Decimal;
use crate::pack::clause::Level;
use crate::pack::expression::Expression;

/// A figure (or a statement without a figure) that the programme's report publishes.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its id; the row of the inventory, with a part after a dot where a row has several figures.
    pub id: String,
    /// What it is, in our own words.
    pub says: Text,
    /// How exactly it is counted.
    pub definition: Option<Text>,
    /// What it is measured against, for shares, averages and coverages.
    pub denominator: Option<Text>,
    /// The unit, a code of the list `unit`; none for statements.
    pub unit: Option<String>,
    /// Whether it is among the few that the first page of every area shows.
    pub is_key: bool,
    /// The published value.
    pub published: Option<Decimal>,
    /// How the document writes it.
    pub published_text: Option<Text>,
    /// The step to which the published value was rounded.
    pub rounding: Option<Decimal>,
    /// How published and computed value must relate.
    pub compare: Compare,
    /// The document and paragraph.
    pub source: String,
    /// How the product gets the figure.
    pub method: Method,
    /// Where it stands in the pack.
    pub at: Position,
}

/// How a computed value must relate to the published one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// Equal after rounding.
    #[default]
    Equal,
    /// At least the published value.
    AtLeast,
    /// More than the published value.
    Above,
    /// The published value and something more, but less than its next step (“8,089余万”).
    Over,
    /// All of a set: nobody is missing, whatever a rounded share looks like.
    All,
    /// As many as the document names: it lists them and publishes no number.
    Named,
}

impl Compare {
    /// Whether a computed value reproduces a published one; `rounding` is the published step.
    pub fn agrees(self, computed: Decimal, published: Decimal, rounding: Option<Decimal>) -> bool {
        match self {
            Self::Equal => {
                let rounded = rounding.map_or(Some(computed), |step| computed.round_to(step));
                rounded == Some(published)
            }
            Self::AtLeast => computed >= published,
            Self::Above => computed > published,
            Self::Over => {
                let next = rounding.and_then(|step| published.plus(step));
                computed >= published && next.is_some_and(|next| computed < next)
            }
            // An exact share is whole only when nobody is missing: shares are cut, never raised.
            Self::All | Self::Named => computed == published,
        }
    }
}

/// How the product gets a figure.
#[derive(Clone, Debug)]
pub enum Method {
    /// Computed from rows.
    Rows(RowQuery),
    /// Computed from rows that a query over the tables of a snapshot gives.
    Sql(SqlFigure),
    /// A number of a coverage.
    Coverage(CoverageFigure),
    /// Counted from lists and rules that the pack itself holds; no imported row moves it.
    Pack(SqlFigure),
    /// Arithmetic over other figures of the report, see [`crate::arithmetic`].
    Arithmetic {
        /// Over `computed('ID')`, `param('ID')` and numbers.
        expression: Expression,
    },
    /// Cited from outside; stored under this id in the reference file.
    Reference {
        /// `fact_id` of the reference row.
        reference: String,
    },
    /// Not yet computed.
    Pending {
        /// What is still missing.
        missing: Text,
    },
    /// A statement, not a number.
    Text {
        /// What the product does about it, and where.
        mechanism: Text,
    },
}

impl Method {
    /// Whether imported rows decide the value.
    pub const fn is_from_rows(&self) -> bool {
        matches!(self, Self::Rows(_) | Self::Sql(_) | Self::Coverage(_) | Self::Arithmetic { .. })
    }

    /// The query whose rows are counted.
    pub const fn sql(&self) -> Option<&SqlFigure> {
        match self {
            Self::Sql(figure) | Self::Pack(figure) => Some(figure),
            _ => None,
        }
    }
}

/// A figure as an aggregate over the rows of a level.
#[derive(Clone, Debug)]
pub struct RowQuery {
    /// The rows.
    pub level: Level,
    /// Which of them count; all when absent.
    pub filter: Option<Expression>,
    /// The aggregate, such as `count(*)`.
    pub value: Expression,
    /// What the aggregate is multiplied with to be in the fact's unit (0.01 for fen → yuan).
    pub factor: Option<Decimal>,
}

/// A figure as an aggregate over the rows of a query.
#[derive(Clone, Debug)]
pub struct SqlFigure {
    /// One `select` that gives the rows behind the figure, one per thing counted.
    pub query: Expression,
    /// The aggregate over these rows, such as `count(*)`.
    pub value: Expression,
    /// What the aggregate is multiplied with to be in the fact's unit (0.01 for fen → yuan).
    pub factor: Option<Decimal>,
    /// The table whose records the rows are, where a reader may follow them.
    pub source_table: Option<String>,
    /// Heads of the columns that the query itself computes; the others have those of their tables.
    pub labels: BTreeMap<String, Text>,
}

/// A figure that a coverage gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageFigure {
    /// The coverage.
    pub coverage: String,
    /// Which of its numbers.
    pub value: CoverageValue,
}

/// The numbers of a coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageValue {
    /// The share of the set that is covered, in percent.
    CoveredPercent,
    /// How many of the set are not covered.
    Missing,
    /// How many the set has.
    Total,
}

impl CoverageValue {
    /// Reads the word a fact writes as its `value`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "covered_percent" => Some(Self::CoveredPercent),
            "missing" => Some(Self::Missing),
            "total" => Some(Self::Total),
            _ => None,
        }
    }
}

/// A check of published figures against each other and against the rows.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// `A1` … `A21`.
    pub id: String,
    /// What is checked.
    pub says: Text,
    /// What comes out; `{figure}` stands for a figure's value.
    pub finding: Text,
    /// The facts it is about.
    pub facts: Vec<String>,
    /// Figures computed for it.
    pub figures: Vec<Figure>,
    /// Whether the figures agree.
    pub outcome: Outcome,
    /// What it means for a reader of the report.
    pub verdict: Text,
    /// Where it comes from.
    pub source: String,
    /// Where it stands in the pack.
    pub at: Position,
}

/// What a check of published figures found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They agree, or a missing figure follows from them.
    Consistent,
    /// They contradict each other.
    Contradiction,
    /// The document leaves open what is needed to tell.
    Open,
    /// A figure that is needed is not there. Reports say it of a day, no pack does.
    NotYetComputed,
}

/// A figure of a contradiction: arithmetic over facts, see [`crate::arithmetic`].
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name in the finding.
    pub id: String,
    /// What it is.
    pub label: Text,
    /// The unit, a code of the list `unit`.
    pub unit: String,
    /// Arithmetic over `published('ID')`, `computed('ID')` and numbers.
    pub expression: Expression,
    /// The step it is rounded to for display.
    pub rounding: Option<Decimal>,
}
