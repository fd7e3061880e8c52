//! Who may read which list, how many persons an hour, and for what reasons: the pack's
//! `reading.toml`.
//!
//! Each dataset and each sensitive column names a group of it (`readers`). What names no group is
//! read by nobody; `policy check` says so.

use std::collections::{BTreeMap, HashMap};

use qb_base::Text;
use qb_policy::{Column, Fault, LayoutTarget, Pack, PartFile};
use serde::Deserialize;
use toml::Spanned;

use crate::{Role, Scope};

/// The part file.
const FILE: &str = "reading.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReading {
    group: Vec<RawGroup>,
    limit: Vec<RawLimit>,
    export: RawExport,
    reason: RawReason,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    id: Spanned<String>,
    says: Text,
    roles: Vec<Spanned<String>>,
    source: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimit {
    roles: Vec<Spanned<String>>,
    persons_per_hour: Spanned<i64>,
    source: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExport {
    second_person_above: Spanned<i64>,
    approval_hours: Spanned<i64>,
    source: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReason {
    chars_min: Spanned<i64>,
    different_chars_min: Spanned<i64>,
    fillers: Vec<String>,
    source: Spanned<String>,
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Roles(u32);

impl Roles {
    fn add(&mut self, role: Role) {
        self.0 |= 1 << (role as u32);
    }

    const fn holds(self, role: Role) -> bool {
        self.0 & (1 << (role as u32)) != 0
    }
}

/// What a pack says about reading.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    datasets: HashMap<String, Roles>,
    columns: HashMap<(String, String), Roles>,
    register: HashMap<String, Roles>,
    groups: BTreeMap<String, (Text, Roles)>,
    per_hour: HashMap<Role, i64>,
    reason: ReasonRule,
    /// Rows of an export about persons above which a second person has to agree.
    pub second_person_above: i64,
    /// Hours for which such an agreement holds.
    pub approval_hours: i64,
}

/// What counts as a reason for reading.
#[derive(Clone, Debug, Default)]
struct ReasonRule {
    chars_min: usize,
    different_chars_min: usize,
    fillers: Vec<String>,
}

impl Reading {
    /// The rules of a pack; without `reading.toml` nobody reads a list of persons.
    ///
    /// # Errors
    /// With every fault of the file and of the groups that datasets name.
    pub fn of(pack: &Pack) -> Result<Self, Vec<Fault>> {
        let Some(file) = pack.part_files.get(FILE) else { return Ok(Self::default()) };
        let raw: RawReading = file.parse().map_err(|fault| vec![fault])?;
        let mut faults = Vec::new();
        let mut reading = Self::read(file, raw, &mut faults);
        reading.assign(pack, &mut faults);
        if faults.is_empty() { Ok(reading) } else { Err(faults) }
    }

    fn read(file: &PartFile, raw: RawReading, faults: &mut Vec<Fault>) -> Self {
        let mut reading = Self {
            second_person_above: positive(file, &raw.export.second_person_above, faults),
            approval_hours: positive(file, &raw.export.approval_hours, faults),
            reason: ReasonRule {
                chars_min: count(file, &raw.reason.chars_min, faults),
                different_chars_min: count(file, &raw.reason.different_chars_min, faults),
                fillers: raw.reason.fillers.iter().map(|word| qb_base::fold::key(word)).collect(),
            },
            ..Self::default()
        };
        for group in raw.group {
            let roles = roles(file, &group.roles, faults);
            sourced(file, &group.source, faults);
            let known = reading.groups.insert(group.id.as_ref().clone(), (group.says, roles));
            if known.is_some() {
                let (zh, en) = ("这个范围写了两次", "this group stands twice");
                faults.push(file.fault(&group.id.span(), zh, en));
            }
        }
        for limit in &raw.limit {
            sourced(file, &limit.source, faults);
            let most = positive(file, &limit.persons_per_hour, faults);
            let held = roles(file, &limit.roles, faults);
            let held = Role::ALL.into_iter().filter(|role| held.holds(*role));
            reading.per_hour.extend(held.map(|role| (role, most)));
        }
        sourced(file, &raw.export.source, faults);
        sourced(file, &raw.reason.source, faults);
        reading
    }

    /// Gives every dataset, sensitive column and sensitive field of the register its readers.
    fn assign(&mut self, pack: &Pack, faults: &mut Vec<Fault>) {
        for dataset in &pack.datasets {
            let what = (format!("数据集“{}”", dataset.id), format!("dataset `{}`", dataset.id));
            if let Some(roles) = self.group(dataset.readers.as_deref(), &dataset.at, what, faults) {
                self.datasets.insert(dataset.id.clone(), roles);
            }
            for column in dataset.columns.iter().filter(|column| column.sensitive) {
                if let Some(roles) = self.group_of(column, faults) {
                    self.columns.insert((dataset.id.clone(), column.id.clone()), roles);
                }
            }
        }
        let register = |target| matches!(target, LayoutTarget::Register | LayoutTarget::Income);
        for layout in pack.layouts.iter().filter(|layout| register(layout.target)) {
            for column in layout.columns.iter().filter(|column| column.sensitive) {
                if let Some(roles) = self.group_of(column, faults) {
                    self.register.insert(column.id.clone(), roles);
                }
            }
        }
    }

    fn group_of(&self, column: &Column, faults: &mut Vec<Fault>) -> Option<Roles> {
        let what = (format!("敏感列“{}”", column.id), format!("sensitive column `{}`", column.id));
        self.group(column.readers.as_deref(), &column.at, what, faults)
    }

    fn group(
        &self,
        named: Option<&str>,
        at: &qb_policy::Position,
        (zh, en): (String, String),
        faults: &mut Vec<Fault>,
    ) -> Option<Roles> {
        let found = named.and_then(|id| self.groups.get(id));
        if found.is_none() {
            let known: Vec<&str> = self.groups.keys().map(String::as_str).collect();
            let known = known.join("、");
            faults.push(Fault::new(
                at.clone(),
                format!("{zh}没有写明谁可以读：请写readers = 范围，可写：{known}"),
                format!("{en} does not say who may read it: write readers = GROUP, one of {known}"),
            ));
        }
        found.map(|(_, roles)| *roles)
    }

    /// Whether somebody may read a list at all; the operator and the chain's own runs may.
    pub fn reads(&self, scope: &Scope, dataset: &str) -> bool {
        let readers = self.datasets.get(dataset);
        scope.role().is_none_or(|role| readers.is_some_and(|roles| roles.holds(role)))
    }

    /// Whether somebody who may read a list may read a column of it.
    pub fn reads_column(&self, scope: &Scope, dataset: &str, column: &Column) -> bool {
        if !column.sensitive {
            return true;
        }
        let readers = self.columns.get(&(dataset.to_owned(), column.id.clone()));
        scope.role().is_none_or(|role| readers.is_some_and(|roles| roles.holds(role)))
    }

    /// Whether somebody may read a field of the register; those not marked sensitive are open.
    pub fn reads_field(&self, scope: &Scope, field: &str) -> bool {
        let Some(readers) = self.register.get(field) else { return true };
        scope.role().is_none_or(|role| readers.holds(role))
    }

    /// Persons somebody may read in an hour before being asked why; roles without a limit read
    /// none.
    pub fn persons_per_hour(&self, role: Role) -> i64 {
        // A role that the pack does not name reads nobody.
        self.per_hour.get(&role).copied().unwrap_or(0)
    }

    /// Whether a text says why: long enough, of enough different characters, and no filler.
    pub fn is_reason(&self, text: &str) -> bool {
        let text = text.trim();
        let key = qb_base::fold::key(text);
        let mut different: Vec<char> = key.chars().collect();
        let has_words = different.iter().any(|c| c.is_alphabetic());
        different.sort_unstable();
        different.dedup();
        let rule = &self.reason;
        text.chars().count() >= rule.chars_min
            && different.len() >= rule.different_chars_min
            && has_words
            && !rule.fillers.contains(&key)
    }

    /// Characters that a reason has at least.
    pub const fn reason_chars_min(&self) -> usize {
        self.reason.chars_min
    }
}

/// The faults of a pack's `reading.toml`, and whatever does not name its readers.
pub fn check(pack: &Pack) -> Vec<Fault> {
    if pack.part_files.contains_key(FILE) || pack.datasets.is_empty() {
        return Reading::of(pack).map_or_else(|faults| faults, |_| Vec::new());
    }
    let mut faults = Vec::new();
    Reading::default().assign(pack, &mut faults);
    faults
}

fn roles(file: &PartFile, codes: &[Spanned<String>], faults: &mut Vec<Fault>) -> Roles {
    let mut roles = Roles::default();
    for code in codes {
        match Role::parse(code.as_ref()) {
            Ok(role) => roles.add(role),
            Err(_) => faults.push(file.fault(
                &code.span(),
                format!("没有角色“{}”", code.as_ref()),
                format!("there is no role `{}`", code.as_ref()),
            )),
        }
    }
    roles
}

fn sourced(file: &PartFile, source: &Spanned<String>, faults: &mut Vec<Fault>) {
    if source.as_ref().trim().is_empty() {
        faults.push(file.fault(&source.span(), "出处是空的", "the source is blank"));
    }
}

fn positive(file: &PartFile, number: &Spanned<i64>, faults: &mut Vec<Fault>) -> i64 {
    if *number.as_ref() <= 0 {
        faults.push(file.fault(&number.span(), "须是正数", "this has to be above zero"));
    }
    *number.as_ref()
}

fn count(file: &PartFile, number: &Spanned<i64>, faults: &mut Vec<Fault>) -> usize {
    let counted = positive(file, number, faults);
    // What is not positive has its fault already, and the pack does not load.
    qb_base::size(counted.unsigned_abs())
}

#[cfg(test)]
mod tests;
