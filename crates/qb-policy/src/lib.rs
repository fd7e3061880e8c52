//! Policy packs: the programme as data, with a source behind every value.
//!
//! Step: none, beside the chain; every link reads it.
//! Input: a folder of TOML, or a pack inside the program.
//! Output: a [`Pack`] of typed parts. Expressions stay text with their place in the file; the
//! engine reads them.
//! Invariants: a pack loads whole or not at all, and then lists all its faults as
//! `file:line:column` with a remedy; unknown keys, blank sources, missing translations, ids that
//! stand twice and labels with two meanings are faults; the digest changes when the content
//! changes and only then. An extension replaces what has the same id.

mod check;
pub mod error;
mod file;
mod load;
mod number;
mod pack;

pub use error::{Fault, PackError, Position, faults_text};
pub use file::source::{PackSource, embedded_packs};
pub use number::{Ratio, arithmetic, decimal, decimal::Decimal, decimal::WrittenNumber};
pub use pack::area::Area;
pub use pack::clause::{Case, Clause, ClauseKind, Expect, Given, GivenValue, Level};
pub use pack::code::{Code, CodeList, IncomeCategory, IncomeItem};
pub use pack::dataset::{Attachment, CaseStep, Dataset, DatasetCase, Entry, Room, Spell};
pub use pack::effective::Effective;
pub use pack::expression::Expression;
pub use pack::fact::{
    Compare, Contradiction, CoverageFigure, CoverageValue, Fact, Figure, Method, Outcome, RowQuery,
    SqlFigure,
};
pub use pack::layout::{Column, ColumnKind, Layout, LayoutForm, LayoutTarget, Place};
pub use pack::param::{Param, ParamUnit, ParamValue};
pub use pack::part_file::PartFile;
pub use pack::rule_list::{DocumentLists, RULE_LIST};
pub use pack::view::{Coverage, Keys, Opens, View};
pub use pack::{Pack, dataset, layout};
