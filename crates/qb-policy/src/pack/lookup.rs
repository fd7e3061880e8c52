//! Finding a part of a pack by its id, a value by its day, a file by its folder.

use qb_base::{AreaCode, Date, Digest};

use crate::error::Fault;
use crate::pack::Pack;
use crate::pack::area::Area;
use crate::pack::clause::Clause;
use crate::pack::code::CodeList;
use crate::pack::dataset::Dataset;
use crate::pack::fact::Fact;
use crate::pack::layout::Layout;
use crate::pack::param::{Param, ParamValue};
use crate::pack::part_file::PartFile;
use crate::pack::view::Coverage;

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

    /// The parameter whose last value ended first before a day, and when: from then on the pack is
    /// no longer in force. None while it is, and for what begins only later.
    pub fn ended_before(&self, on: Date) -> Option<(&Param, Date)> {
        let ended = |param: &Param| {
            let ends = param.values.iter().map(|value| value.until).collect::<Option<Vec<_>>>()?;
            ends.into_iter().max().filter(|last| *last < on)
        };
        let all = self.params.iter().filter_map(|param| Some((param, ended(param)?)));
        all.min_by_key(|(_, last)| *last)
    }

    /// The value of a parameter in an area on a day.
    pub fn param(&self, id: &str, area: &AreaCode, on: Date) -> Option<&ParamValue> {
        self.param_series(id).and_then(|param| param.value(area, on))
    }

    /// A parameter with all its values.
    pub fn param_series(&self, id: &str) -> Option<&Param> {
        self.index.params.get(id).and_then(|at| self.params.get(*at))
    }

    /// The part files below a folder such as `machines/`, ordered by path.
    pub fn part_files_in<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a PartFile)> {
        self.part_files
            .iter()
            .filter(move |(path, _)| path.starts_with(folder))
            .map(|(path, file)| (path.as_str(), file))
    }

    /// What a reader makes of each part file below a folder, ordered by path.
    ///
    /// # Errors
    /// With the faults of every file.
    pub fn read_part_files<T>(
        &self,
        folder: &str,
        mut read: impl FnMut(&PartFile) -> Result<T, Vec<Fault>>,
    ) -> Result<Vec<T>, Vec<Fault>> {
        let (mut parts, mut faults) = (Vec::new(), Vec::new());
        for (_, file) in self.part_files_in(folder) {
            match read(file) {
                Ok(part) => parts.push(part),
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() { Ok(parts) } else { Err(faults) }
    }
}
