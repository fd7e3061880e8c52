//! The annual report as plain data: stored as JSON, rendered as page, PDF and workbook without
//! computing again.

use qb_base::{AreaCode, Date, Digest, Lang, Text, Timestamp};
use qb_policy::{Compare, Decimal, Outcome};
use serde::{Deserialize, Serialize};

use crate::number;
use crate::undated;

/// Version of the stored form; a stored report of another version is refused.
pub const FORMAT: u32 = 2;

/// The annual report of one area and year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnualReport {
    /// Version of this form, see [`FORMAT`].
    pub format: u32,
    /// The title.
    pub title: Text,
    /// The office that issues the report.
    pub issuer: Text,
    /// The number under which it is issued; none until the office gives one. The digest leaves it
    /// out: the same report may get its number later.
    #[serde(default)]
    pub document_no: Option<String>,
    /// The area the report is about.
    pub area: AreaCode,
    /// Its name.
    pub area_name: String,
    /// The programme year.
    pub year: i16,
    /// The day on which the figures stand, ISO.
    pub as_of: String,
    /// How many figures have each verdict, in the order of [`Verdict::ALL`].
    pub counts: Vec<VerdictCount>,
    /// Every fact of the pack, in the pack's order.
    pub figures: Vec<Figure>,
    /// Where published figures agree, contradict each other, or leave something open.
    pub notes: Vec<Note>,
    /// The text of the report.
    pub sections: Vec<Section>,
    /// Values by county of the facts that are computed from rows.
    pub counties: Vec<CountyValues>,
    /// What the figures were computed from.
    pub provenance: Provenance,
    /// Digest over everything above except the number, the instant and the audit chain: the same
    /// facts give the same digest.
    pub digest: Digest,
}

/// What can be said about a published figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// The rows give the published value.
    #[serde(rename = "reproduced")]
    Reproduced,
    /// An outside statistic, cited with its source.
    #[serde(rename = "reference")]
    Reference,
    /// The rows, or the cited source, give another value.
    #[serde(rename = "contradiction")]
    Contradiction,
    /// The document publishes no number; what stands here is what the records hold.
    #[serde(rename = "statement")]
    Statement,
    /// A count of names and rules that the pack itself holds: no row can change it.
    #[serde(rename = "from the pack")]
    FromPack,
    /// The data for it is not kept yet.
    #[serde(rename = "not yet computed")]
    NotYetComputed,
}

/// How many figures have a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictCount {
    /// The verdict.
    pub verdict: Verdict,
    /// How many figures have it.
    pub count: usize,
}

impl Verdict {
    /// All verdicts in the order reports count them.
    pub const ALL: [Self; 6] = [
        Self::Reproduced,
        Self::Contradiction,
        Self::Statement,
        Self::FromPack,
        Self::Reference,
        Self::NotYetComputed,
    ];

    /// The word in files for machines.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::Reference => "reference",
            Self::Contradiction => "contradiction",
            Self::Statement => "statement",
            Self::FromPack => "from the pack",
            Self::NotYetComputed => "not yet computed",
        }
    }

    /// The word for people.
    pub const fn text(self) -> Text {
        match self {
            Self::Reproduced => Text::fixed("复算一致", "reproduced"),
            Self::Reference => Text::fixed("外部引用", "reference"),
            Self::Contradiction => Text::fixed("不一致", "contradiction"),
            Self::Statement => Text::fixed("陈述", "statement"),
            Self::FromPack => Text::fixed("出自策略包", "from the pack"),
            Self::NotYetComputed => Text::fixed("尚未计算", "not yet computed"),
        }
    }
}

/// One published figure and what the product found out about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The fact's id.
    pub id: String,
    /// What it is.
    pub says: Text,
    /// The unit as a code of the pack.
    pub unit: Option<String>,
    /// The unit as people read it.
    pub unit_label: Option<Text>,
    /// How it is counted.
    pub definition: Option<Text>,
    /// What it is measured against.
    pub denominator: Option<Text>,
    /// The published value.
    #[serde(with = "number::optional")]
    pub published: Option<Decimal>,
    /// How the document writes it.
    pub published_text: Option<Text>,
    /// The value from rows or from the cited source, rounded as the published one is: what the
    /// comparison saw, for scripts; people are shown the exact one.
    #[serde(with = "number::optional")]
    pub computed: Option<Decimal>,
    /// The value itself.
    #[serde(with = "number::optional")]
    pub computed_exact: Option<Decimal>,
    /// The step to which the published value was rounded.
    #[serde(with = "number::optional")]
    pub rounding: Option<Decimal>,
    /// How published and computed value must relate.
    pub compare: Compare,
    /// The day on which it stands, ISO.
    pub as_of: String,
    /// The document and paragraph, or the outside source.
    pub source: String,
    /// The same as people read it: the document by its title.
    pub source_text: Text,
    /// What was found.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: Text,
    /// What is still missing, or what the product does about a statement without a number.
    pub remark: Option<Text>,
    /// The page of the rows behind it, for figures computed from rows.
    pub rows: Option<String>,
    /// Ids of the notes that speak of it.
    pub notes: Vec<String>,
}

impl Figure {
    /// The published value as its column shows it: the document's own words where it publishes
    /// something, nothing where it does not.
    pub const fn published_as_written(&self) -> Option<&Text> {
        self.published_text.as_ref()
    }

    /// The value with its unit, exact where it has an end.
    pub fn shown(&self, lang: Lang) -> Option<String> {
        if let Some(day) = self.day() {
            return Some(number::day(day).get(lang).to_owned());
        }
        let value = self.computed_exact?;
        let unit = number::unit_of(value, self.unit(lang), lang);
        Some(number::with_unit(&number::readable(value), &unit, lang))
    }

    /// The day that the figure is; none for a quantity.
    pub(crate) fn day(&self) -> Option<Date> {
        number::as_day(self.computed_exact?, self.unit.as_deref())
    }

    /// The word behind its number.
    pub(crate) fn unit(&self, lang: Lang) -> &str {
        // A share or a ratio counts nothing: its number stands by itself.
        self.unit_label.as_ref().map_or("", |label| label.get(lang))
    }
}

/// A check of published figures against each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// `A1` …
    pub id: String,
    /// What is checked.
    pub says: Text,
    /// What comes out, with its figures filled in.
    pub finding: Text,
    /// What it means for a reader.
    pub verdict: Text,
    /// Whether the figures agree.
    pub outcome: Outcome,
    /// The facts it is about.
    pub facts: Vec<String>,
    /// The figures computed for it.
    pub figures: Vec<NoteFigure>,
    /// Where it comes from.
    pub source: String,
}

/// The word for people of an outcome.
pub const fn outcome_text(outcome: Outcome) -> Text {
    match outcome {
        Outcome::Consistent => Text::fixed("相符", "consistent"),
        Outcome::Contradiction => Text::fixed("矛盾", "contradiction"),
        Outcome::Open => Text::fixed("待说明", "open"),
        Outcome::NotYetComputed => Text::fixed("尚未计算", "not yet computed"),
    }
}

/// A figure of a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteFigure {
    /// Its name in the finding.
    pub id: String,
    /// What it is.
    pub label: Text,
    /// The value; none when a fact it needs is missing.
    #[serde(with = "number::optional")]
    pub value: Option<Decimal>,
    /// The unit as people read it.
    pub unit_label: Text,
    /// The arithmetic, as the pack writes it.
    pub expression: String,
}

/// A numbered section of the text (一、).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Name for links.
    pub id: String,
    /// The heading without its number.
    pub heading: Text,
    /// Opening paragraphs.
    pub paragraphs: Vec<Paragraph>,
    /// Numbered parts （一）.
    pub parts: Vec<Part>,
}

/// A numbered part of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The heading without its number.
    pub heading: Text,
    /// Its paragraphs.
    pub paragraphs: Vec<Paragraph>,
    /// Facts shown as a table below the paragraphs.
    pub figures: Vec<String>,
    /// Charts shown below the table.
    pub charts: Vec<Chart>,
}

/// A drawing of some facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chart {
    /// What kind of drawing.
    pub kind: ChartKind,
    /// What stands above it.
    pub title: Text,
    /// The facts drawn.
    pub facts: Vec<String>,
}

/// A kind of drawing the report knows how to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Counties shaded by the value of one fact.
    CountyMap,
    /// Computed values as bars against the published ones.
    Progress,
}

/// A paragraph in both languages, cut where figures stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paragraph {
    /// Chinese.
    pub zh: Vec<Run>,
    /// English.
    pub en: Vec<Run>,
}

impl Paragraph {
    /// The runs of one language.
    pub fn runs(&self, lang: Lang) -> &[Run] {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// A stretch of a paragraph: words, or one figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What is printed.
    pub text: String,
    /// The fact whose value it is; none for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
}

/// Values of the computed facts in one county.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountyValues {
    /// The county.
    pub area: AreaCode,
    /// Its name.
    pub name: Text,
    /// Fact id and value, before rounding.
    pub values: Vec<CountyValue>,
}

/// The value of one fact in one county.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountyValue {
    /// The fact.
    pub fact: String,
    /// Its value there.
    #[serde(with = "number::required")]
    pub value: Decimal,
}

/// What a report was computed from, so that it can be computed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The pack's id.
    pub pack: String,
    /// The pack's digest.
    pub pack_digest: Digest,
    /// The snapshot's digest; none when nothing was imported yet.
    pub snapshot: Option<Digest>,
    /// The run whose verdicts and figures these are.
    pub run: Option<String>,
    /// The instant up to which that run knows; none where it knows all that was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_at: Option<Timestamp>,
    /// Whether the data were made by the generator of example data.
    pub is_synthetic: bool,
    /// Version of the program.
    pub program: String,
    /// Last hash of the audit chain.
    pub audit_head: Option<String>,
    /// Entries of the audit chain.
    pub audit_entries: u64,
    /// When the report was made.
    pub made_at: Timestamp,
}

const AS_KNOWN: Text =
    Text::fixed("（按{instant}所掌握的情况）", " (as far as was known by {instant})");

impl AnnualReport {
    /// Behind the day on which the report stands: until when it knows; nothing where it knows all.
    pub fn as_known(&self) -> Option<Text> {
        let instant = self.provenance.known_at?.to_instant_in_china();
        Some(AS_KNOWN.fill(&[("instant", &instant.replace('T', " "))]))
    }

    /// The figure of that id.
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }

    /// The note of that id.
    pub fn note(&self, id: &str) -> Option<&Note> {
        self.notes.iter().find(|note| note.id == id)
    }

    /// What to know of figures that are not of the report's day; nothing where all are.
    pub fn standing(&self) -> Option<Text> {
        let others = || self.figures.iter().filter(|figure| figure.as_of != self.as_of);
        let day = others().next()?.as_of.parse().ok()?;
        Some(undated::on_the_front(others().count(), day))
    }

    /// How many figures have the verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.figures.iter().filter(|figure| figure.verdict == verdict).count()
    }
}
