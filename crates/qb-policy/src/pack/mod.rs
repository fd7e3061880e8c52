//! What a loaded pack holds. Everything is checked before it gets here.

pub(crate) mod area;
pub(crate) mod clause;
pub(crate) mod code;
pub mod dataset;
pub(crate) mod effective;
pub(crate) mod expression;
pub(crate) mod fact;
pub(crate) mod kept;
pub mod layout;
mod lookup;
pub(crate) mod param;
pub(crate) mod part_file;
pub(crate) mod rule_list;
pub(crate) mod texts;
pub(crate) mod view;

use std::collections::{BTreeMap, HashMap};

use qb_base::{AreaCode, Date, Digest, PolicyYear, Text};

use crate::pack::area::Area;
use crate::pack::clause::Clause;
use crate::pack::code::{CodeList, IncomeItem};
use crate::pack::dataset::Dataset;
use crate::pack::fact::{Contradiction, Fact};
use crate::pack::kept::KeptFile;
use crate::pack::layout::Layout;
use crate::pack::param::Param;
use crate::pack::part_file::PartFile;
use crate::pack::view::{Coverage, View};

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
