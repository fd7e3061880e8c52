//! The pack's `targets.toml`: items of pledges with the figures that measure them, and the rules of
//! pairing.

use qb_policy::{Fault, Pack, PartFile};
use serde::Deserialize;
use toml::Spanned;

use crate::error::PairingError;

const FILE: &str = "targets.toml";

/// The code list of items; every item of `targets.toml` is a code of it.
const ITEMS: &str = "target_item";

/// The code list of kinds of designated villages.
const DESIGNATIONS: &str = "designation_kind";

/// What `targets.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetRules {
    /// When progress is ahead or behind.
    pub pace: Pace,
    /// Who answers for a target.
    pub owner: Owner,
    /// The items of pledges.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    /// How units are proposed to villages.
    pub pairing: PairingRules,
}

/// When progress is ahead or behind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Percent of the target by which progress may differ from the calendar and still be on time.
    pub margin_percent: i64,
    /// Where the number comes from.
    pub source: Spanned<String>,
}

/// Who answers for a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// Posts whose holder answers for the targets of an area.
    pub posts: Vec<String>,
    /// Where that comes from.
    pub source: Spanned<String>,
}

/// An item of pledges.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its code.
    pub id: Spanned<String>,
    /// Its unit, as targets write it.
    pub unit: String,
    /// Whether more or less is better.
    pub direction: Aim,
    /// How progress is expected over the year.
    pub expected: Expected,
    /// The figure that measures it, for every area.
    pub fact: Spanned<String>,
    /// Where the item comes from.
    pub source: Spanned<String>,
}

/// Whether more or less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The target is to be reached.
    AtLeast,
    /// The target is not to be exceeded.
    AtMost,
}

/// How progress is expected over the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// As the days pass.
    Evenly,
    /// On the last day; before it nothing is behind.
    AtTheEnd,
}

/// How units are proposed to villages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairingRules {
    /// The kind of designated villages that need a unit.
    pub designation: Spanned<String>,
    /// How many villages a unit of a level may have.
    pub cap: Vec<Cap>,
    /// Levels whose units help only in their own county.
    #[serde(default)]
    pub own_county: Vec<String>,
    /// Where the rules come from.
    pub source: Spanned<String>,
}

/// How many villages a unit may have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The unit's level.
    pub level: String,
    /// Villages at most.
    pub villages: u32,
}

impl TargetRules {
    /// The rules of a pack; `None` when it has no `targets.toml`.
    ///
    /// # Errors
    /// When the file has faults.
    pub fn of(pack: &Pack) -> Result<Option<Self>, PairingError> {
        let Some(file) = pack.part_files.get(FILE) else { return Ok(None) };
        let rules: Self = file.parse().map_err(|fault| PairingError::Rules(vec![fault]))?;
        let faults = rules.faults(file, pack);
        if faults.is_empty() { Ok(Some(rules)) } else { Err(PairingError::Rules(faults)) }
    }

    /// The item of that code.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id.as_ref() == id)
    }

    fn faults(&self, file: &PartFile, pack: &Pack) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |at: &Spanned<String>, zh: &str, en: &str| {
            let fill = |text: &str| text.replace("{name}", at.as_ref());
            faults.push(file.fault(&at.span(), fill(zh), fill(en)));
        };
        let sources = [&self.pace.source, &self.owner.source, &self.pairing.source];
        for source in sources.into_iter().chain(self.items.iter().map(|item| &item.source)) {
            if source.as_ref().trim().is_empty() {
                fault(source, "出处是空的", "the source is blank");
            }
        }
        let list = pack.code_list(ITEMS);
        for (at, item) in self.items.iter().enumerate() {
            let id = item.id.as_ref();
            if list.is_none_or(|list| list.code(id).is_none()) {
                fault(&item.id, "目标任务项没有代码“{name}”", "`{name}` is no code of the items");
            }
            if self.items.iter().take(at).any(|other| other.id.as_ref() == id) {
                fault(&item.id, "“{name}”写了两次", "`{name}` stands twice");
            }
            if pack.fact(item.fact.as_ref()).is_none() {
                fault(&item.fact, "没有指标“{name}”", "there is no fact `{name}`");
            }
        }
        let designation = &self.pairing.designation;
        let kinds = pack.code_list(DESIGNATIONS);
        if kinds.is_none_or(|list| list.code(designation.as_ref()).is_none()) {
            fault(designation, "没有名单类别“{name}”", "there is no kind of designation `{name}`");
        }
        if !(0..=100).contains(&self.pace.margin_percent) {
            fault(
                &self.pace.source,
                "margin_percent须在0到100之间",
                "margin_percent must lie between 0 and 100",
            );
        }
        faults
    }
}

/// The faults of a pack's `targets.toml`.
pub fn check(pack: &Pack) -> Vec<Fault> {
    match TargetRules::of(pack) {
        Err(PairingError::Rules(faults)) => faults,
        _ => Vec::new(),
    }
}
