//! What a loaded pack holds. Everything is checked before it gets here.

use std::collections::{BTreeMap, HashMap};

use qb_base::{AreaCode, AreaLevel, Date, Digest, PolicyYear, Text};

use crate::clause::Clause;
use crate::code::{CodeList, IncomeItem};
use crate::dataset::Dataset;
use crate::error::Position;
use crate::fact::{Contradiction, Fact};
use crate::kept::KeptFile;
use crate::layout::Layout;
use crate::param::Param;
use crate::part_file::PartFile;
use crate::view::{Coverage, View};

/// A programme as data: lines, lists, layouts, rules and published figures, each with its source.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The pack's name, such as `xuzhou-2016`.
    pub id: String,
    /// What the pack is about.
    pub title: Text,
    /// The document the pack puts into data.
    pub source: String,
    /// The programme year.
    pub year: PolicyYear,
    /// The day on which queries, and cases that name no day, are checked. Runs and reports have
    /// days of their own.
    pub cases_on: Date,
    /// The area the pack is for; all others are refused on import.
    pub area: AreaCode,
    /// The packs this one extends, nearest first.
    pub bases: Vec<String>,
    /// The dated areas of the pack.
    pub areas: Vec<Area>,
    /// Shapes of the counties as GeoJSON; an installation may show its own instead.
    pub county_shapes: Option<String>,
    /// Templates and texts of reports by path inside the pack, such as `report/annual.typ`.
    pub report_files: BTreeMap<String, String>,
    /// Lists that map labels of files to codes.
    pub code_lists: Vec<CodeList>,
    /// Items of the income sheet in the order of its columns.
    pub income_items: Vec<IncomeItem>,
    /// Lines, shares and other dated values that expressions name.
    pub params: Vec<Param>,
    /// Layouts of the files that can be imported; each dataset has one of its id.
    pub layouts: Vec<Layout>,
    /// Kinds of raw files that become tables of their own.
    pub datasets: Vec<Dataset>,
    /// The rules.
    pub clauses: Vec<Clause>,
    /// Every published figure.
    pub facts: Vec<Fact>,
    /// Where the published figures don't agree.
    pub contradictions: Vec<Contradiction>,
    /// Queries that later ones name like tables, in order.
    pub views: Vec<View>,
    /// Named sets and what of them is covered.
    pub coverages: Vec<Coverage>,
    /// Files that later links interpret, by path inside the pack (`machines/exit.toml`).
    pub part_files: BTreeMap<String, PartFile>,
    /// The files it was read from.
    pub(crate) files: Vec<KeptFile>,
    /// The short names of sources, where the pack lists them in `SOURCES.md`.
    pub(crate) source_names: Option<Vec<String>>,
    pub(crate) digest: Digest,
    pub(crate) index: Index,
}

/// Positions of the pack's parts by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    pub(crate) code_lists: HashMap<String, usize>,
    pub(crate) params: HashMap<String, usize>,
    pub(crate) layouts: HashMap<String, usize>,
    pub(crate) datasets: HashMap<String, usize>,
    pub(crate) coverages: HashMap<String, usize>,
    pub(crate) clauses: HashMap<String, usize>,
    pub(crate) facts: HashMap<String, usize>,
    pub(crate) areas: HashMap<AreaCode, usize>,
}

/// One area of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its statistical code.
    pub code: AreaCode,
    /// Its full name, such as 练马村委会.
    pub name: String,
    /// What it is called in English, such as Lianma village: its name as places are read aloud.
    pub english: String,
    /// Its level.
    pub level: AreaLevel,
    /// The area above it.
    pub parent: Option<AreaCode>,
}

impl Area {
    /// Its name in both languages.
    pub fn named(&self) -> Text {
        Text::new(self.name.clone(), self.english.clone())
    }

    /// Its name where a reader goes on to rows that hold the Chinese one: English has both.
    pub fn named_both(&self) -> Text {
        Text::new(self.name.clone(), format!("{} {}", self.english, self.name))
    }
}

/// An expression with the place where it stands, so that a fault inside can be shown in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The text, exactly as the author wrote it.
    pub text: String,
    /// Place of the text's first character.
    pub at: Position,
}

impl Expression {
    /// Turns a place inside the text (line and column from 1) into a place in the file.
    pub fn locate(&self, line: usize, column: usize) -> Position {
        let mut at = self.at.clone();
        if line <= 1 {
            at.column = at.column.saturating_add(column.saturating_sub(1));
        } else {
            at.line = at.line.saturating_add(line - 1);
            at.column = column;
        }
        at
    }
}

impl Pack {
    /// SHA-256 over the pack's content and its bases'; comments and blanks don't count.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The list of that id.
    pub fn code_list(&self, id: &str) -> Option<&CodeList> {
        self.index.code_lists.get(id).and_then(|at| self.code_lists.get(*at))
    }

    /// The layout of that id.
    pub fn layout(&self, id: &str) -> Option<&Layout> {
        self.index.layouts.get(id).and_then(|at| self.layouts.get(*at))
    }

    /// The dataset of that id.
    pub fn dataset(&self, id: &str) -> Option<&Dataset> {
        self.index.datasets.get(id).and_then(|at| self.datasets.get(*at))
    }

    /// The coverage of that id.
    pub fn coverage(&self, id: &str) -> Option<&Coverage> {
        self.index.coverages.get(id).and_then(|at| self.coverages.get(*at))
    }

    /// The clause of that id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.index.clauses.get(id).and_then(|at| self.clauses.get(*at))
    }

    /// The fact of that id.
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.index.facts.get(id).and_then(|at| self.facts.get(*at))
    }

    /// The area of that code.
    pub fn area(&self, code: &AreaCode) -> Option<&Area> {
        self.index.areas.get(code).and_then(|at| self.areas.get(*at))
    }

    /// The files a role sends, in the order of the pack.
    pub fn sent_by(&self, role: &str) -> impl Iterator<Item = &Layout> {
        self.layouts.iter().filter(move |layout| layout.is_sent_by(role))
    }
}
