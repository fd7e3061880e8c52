//! The head of a pack, completed from its base.

use qb_base::{AreaCode, Date, PolicyYear, Text};

use crate::error::{Fault, Position};
use crate::file::source::PackFile;
use crate::load::ids;
use crate::load::raw::{RawHead, RawParts};
use crate::load::read::Reader;
use crate::pack::Pack;

/// The head of a pack; what an extension leaves out comes from its base.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) id: String,
    /// Where the pack's id stands.
    pub(super) at: Position,
    pub(super) extends: Option<String>,
    pub(super) extends_at: Position,
    pub(super) title: Option<Text>,
    pub(super) source: Option<String>,
    pub(super) year: Option<PolicyYear>,
    pub(super) cases_on: Option<Date>,
    pub(super) area: Option<AreaCode>,
}

pub(super) fn split_head(
    raw: RawHead,
    file: &PackFile,
    faults: &mut Vec<Fault>,
) -> (Head, RawParts) {
    let mut reader = Reader { file, faults };
    ids::pack_id(&raw.id, &mut reader);
    let head = Head {
        at: reader.at(&raw.id.span()),
        extends_at: raw.extends.as_ref().map_or_else(Position::default, |id| reader.at(&id.span())),
        extends: raw.extends.map(toml::Spanned::into_inner),
        title: raw.title,
        source: raw.source,
        year: raw.year.map(PolicyYear),
        cases_on: raw.as_of.as_ref().and_then(|day| reader.date(day)),
        area: raw.area.as_ref().and_then(|area| reader.area(area)),
        id: raw.id.into_inner(),
    };
    let parts = RawParts {
        clause: raw.clause,
        case: raw.case,
        param: raw.param,
        income_item: raw.income_item,
        fact: raw.fact,
        contradiction: raw.contradiction,
        view: raw.view,
        coverage: raw.coverage,
    };
    (head, parts)
}

/// A head in which nothing is missing.
pub(super) struct FullHead {
    pub(super) title: Text,
    pub(super) source: String,
    pub(super) year: PolicyYear,
    pub(super) cases_on: Date,
    pub(super) area: AreaCode,
}

impl Head {
    /// Takes from the base what the head leaves out; `None` when something is missing in both.
    pub(super) fn complete(&self, base: Option<&Pack>) -> Option<FullHead> {
        let year = self.year.or(base.map(|b| b.year))?;
        // The cases of a base were written for its day, whatever year an extension is of.
        let cases_on = self.cases_on.or(base.map(|b| b.cases_on));
        Some(FullHead {
            title: self.title.clone().or_else(|| base.map(|b| b.title.clone()))?,
            source: self.source.clone().or_else(|| base.map(|b| b.source.clone()))?,
            year,
            cases_on: cases_on.unwrap_or_else(|| year.last_day()),
            area: self.area.or(base.map(|b| b.area))?,
        })
    }
}
