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

pub mod arithmetic;
mod check;
mod check_dataset;
mod check_fact;
pub mod clause;
pub mod code;
mod content;
pub mod dataset;
pub mod decimal;
pub mod effective;
pub mod error;
pub mod fact;
mod files;
mod kept;
pub mod layout;
mod load;
mod merge;
pub mod model;
pub mod param;
mod parse;
pub mod part_file;
mod raw;
mod read;
mod read_dataset;
mod read_fact;
pub mod rule_list;
pub mod view;

pub use arithmetic::Ratio;
pub use clause::{Case, Clause, ClauseKind, Expect, Given, GivenValue, Level};
pub use code::{Code, CodeList, IncomeCategory, IncomeItem};
pub use dataset::{Attachment, CaseStep, Dataset, DatasetCase, Entry, Room, Spell};
pub use decimal::{Decimal, WrittenNumber};
pub use effective::Effective;
pub use error::{Fault, PackError, Position, faults_text};
pub use fact::{
    Compare, Contradiction, CoverageFigure, CoverageValue, Fact, Figure, Method, Outcome, RowQuery,
    SqlFigure,
};
pub use files::{PackSource, embedded_packs};
pub use layout::{Column, ColumnKind, Layout, LayoutForm, LayoutTarget, Place};
pub use model::{Area, Expression, Pack};
pub use param::{Param, ParamUnit, ParamValue};
pub use part_file::PartFile;
pub use rule_list::{DocumentLists, RULE_LIST};
pub use view::{Coverage, Keys, Opens, View};
