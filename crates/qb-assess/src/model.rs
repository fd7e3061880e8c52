//! What a scheme says, and what came out for the assessed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use qb_base::{AreaLevel, Text};
use qb_policy::{Decimal, Expression, Position, Ratio};
use serde::{Deserialize, Serialize};

/// The rules by which a year's work is scored.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// Its id, such as `county-2016`.
    pub id: String,
    /// What it assesses.
    pub title: Text,
    /// Where it comes from.
    pub source: String,
    /// The year it scores.
    pub year: i16,
    /// The level of the areas it assesses.
    pub object_level: AreaLevel,
    /// Whether its numbers are examples that an authority has still to set.
    pub illustrative: bool,
    /// When points are rounded.
    pub rounding: Rounding,
    /// The step they are rounded to.
    pub step: Decimal,
    /// The most that all deductions together may take.
    pub deduct_max: Ratio,
    /// The most that all bonuses together may give.
    pub bonus_max: Ratio,
    /// Who is assessed at all; everybody with a value where the scheme doesn't say.
    pub base: Option<Base>,
    /// Grades from best to worst.
    pub bands: Vec<Band>,
    /// The indicators.
    pub items: Vec<Item>,
    /// What is taken off outside the indicators.
    pub deductions: Vec<Extra>,
    /// What is added outside the indicators.
    pub bonuses: Vec<Extra>,
    /// What limits the grade whatever the total.
    pub vetoes: Vec<Veto>,
    /// Objects that are ranked among themselves.
    pub groups: Vec<Group>,
    /// The other appraisals that take over the total.
    pub feeds: Vec<Feed>,
    /// Objects whose values the scheme gives itself.
    pub objects: Vec<Object>,
    /// Examples with their answers.
    pub cases: Vec<Case>,
    /// Where it stands.
    pub at: Position,
}

/// What an object needs to be assessed: where there is nothing to do, nothing is scored.
#[derive(Clone, Debug)]
pub struct Base {
    /// What it counts.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// SQL that yields `area_code` and the count; an object without a count above 0 takes no part.
    pub query: Expression,
    /// Where it stands.
    pub at: Position,
}

/// When points are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Each item is rounded half up, then they are added.
    ItemThenSum,
    /// Exact points are added, and the sum is rounded half up.
    SumThenRound,
}

/// A grade and the total from which it is given.
#[derive(Clone, Debug)]
pub struct Band {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub label: Text,
    /// The lowest total.
    pub from: Ratio,
}

/// An indicator.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The most it gives.
    pub weight: Ratio,
    /// What it measures.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// The department that answers for the value.
    pub department: Text,
    /// The unit of the value, as a code.
    pub unit: String,
    /// SQL over snapshot tables: `area_code`, `value`, and optionally `of`, which divides it.
    pub query: Option<Expression>,
    /// Whether more or less is better.
    pub direction: Direction,
    /// How a value becomes points.
    pub kernel: Kernel,
    /// What happens without a value.
    pub missing: Missing,
    /// Where it stands.
    pub at: Position,
}

/// Whether more or less is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    #[default]
    More,
    /// Less is better.
    Less,
}

/// What an item gives where its value is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nothing: who does not report does not score.
    Zero,
    /// Everything: nothing could have been reported.
    Full,
    /// The item does not count, and the others are scaled up to the same sum.
    LeaveOut,
    /// There is no total until the value is there.
    Refuse,
}

/// How a value becomes points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Everything from a threshold on, else nothing.
    FullOrZero {
        /// The threshold.
        at: Ratio,
    },
    /// Points off for each unit short of a threshold.
    StepDeduct {
        /// The threshold.
        at: Ratio,
        /// The size of a unit.
        unit: Ratio,
        /// Points off per unit.
        points: Ratio,
        /// Whether a unit begun counts as a whole one.
        whole_units: bool,
    },
    /// From nothing at one value to everything at another.
    Linear {
        /// Gives nothing.
        lo: Ratio,
        /// Gives everything.
        hi: Ratio,
    },
    /// Shares of the weight between the points of a table.
    Piecewise {
        /// Values with their shares, in rising order of the values.
        table: Vec<(Ratio, Ratio)>,
    },
    /// Points by band of the value, such as months late.
    Bands {
        /// The last value of each band with its points, in rising order.
        table: Vec<(Ratio, Ratio)>,
        /// Points beyond the last band.
        beyond: Ratio,
    },
    /// Points off for each place behind the first.
    Rank {
        /// Points off per place.
        step: Ratio,
    },
    /// Points on for each unit over a target, and off for each unit under it.
    PerUnit {
        /// The target.
        at: Ratio,
        /// Points on the target.
        start: Ratio,
        /// Points on per unit over it.
        plus: Ratio,
        /// Points off per unit under it.
        minus: Ratio,
    },
}

/// A deduction or a bonus per thing found.
#[derive(Clone, Debug)]
pub struct Extra {
    /// Its id.
    pub id: String,
    /// What is found.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// Points per thing.
    pub points: Ratio,
    /// The most it may take or give alone.
    pub max: Option<Ratio>,
    /// SQL that yields `area_code` and the count.
    pub query: Option<Expression>,
    /// Where it stands.
    pub at: Position,
}

/// What limits a grade.
#[derive(Clone, Debug)]
pub struct Veto {
    /// Its id.
    pub id: String,
    /// What is found.
    pub says: Text,
    /// Where it comes from.
    pub source: String,
    /// The best grade that is left.
    pub cap: String,
    /// SQL that yields `area_code` and the count.
    pub query: Option<Expression>,
    /// Where it stands.
    pub at: Position,
}

/// Objects that are ranked among themselves.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What they have in common.
    pub says: Text,
    /// Their ids.
    pub objects: BTreeSet<String>,
}

/// Another appraisal that takes over the total.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The appraisal, a code of `appraisal_kind`.
    pub appraisal: String,
    /// What it is.
    pub says: Text,
    /// The weight of the total there, in points of a hundred.
    pub weight: Ratio,
    /// Where it comes from.
    pub source: String,
}

/// An object with its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// An area code, or the name of an example.
    pub id: String,
    /// Values by item; what is not known is not there.
    pub values: BTreeMap<String, Ratio>,
    /// Things found by deduction or bonus.
    pub counts: BTreeMap<String, Ratio>,
    /// Vetoes that hold.
    pub vetoes: BTreeSet<String>,
}

/// An example with its answers.
#[derive(Clone, Debug)]
pub struct Case {
    /// The example in words.
    pub name: String,
    /// Its objects; the scheme's own when it names none.
    pub objects: Vec<Object>,
    /// What comes out.
    pub expect: Vec<Expected>,
    /// Where it stands.
    pub at: Position,
}

/// What comes out for an object of a case; what is not stated is not compared.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The object.
    pub object: String,
    /// Points by item.
    pub points: BTreeMap<String, Decimal>,
    /// Sum of the items.
    pub base: Option<Decimal>,
    /// Points taken off.
    pub deduct: Option<Decimal>,
    /// Points added.
    pub bonus: Option<Decimal>,
    /// The total.
    pub total: Option<Decimal>,
    /// That there is no total.
    pub incomplete: bool,
    /// The grade.
    pub grade: Option<String>,
    /// The place.
    pub rank: Option<u32>,
}

/// What came out for an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectScore {
    /// The object.
    pub object: String,
    /// Its items in the order of the scheme.
    pub items: Vec<ItemScore>,
    /// Sum of the items.
    #[serde(serialize_with = "crate::number::decimal")]
    pub base: Decimal,
    /// Points taken off.
    #[serde(serialize_with = "crate::number::decimal")]
    pub deduct: Decimal,
    /// Points added.
    #[serde(serialize_with = "crate::number::decimal")]
    pub bonus: Decimal,
    /// Vetoes that hold.
    pub veto: Vec<String>,
    /// The total; none while a value that may not be missing is missing.
    #[serde(serialize_with = "crate::number::decimal_opt")]
    pub total: Option<Decimal>,
    /// The grade.
    pub grade: Option<String>,
    /// The place among all, by standard competition ranking; whoever is vetoed stands behind.
    pub rank: Option<u32>,
    /// The group it is ranked in, if the scheme has groups.
    pub group: Option<String>,
    /// The place within the group.
    pub group_rank: Option<u32>,
    /// Items without which there is no total.
    pub incomplete: Vec<String>,
}

/// What an item gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemScore {
    /// The item.
    pub id: String,
    /// The value, to six digits.
    #[serde(serialize_with = "crate::number::decimal_opt")]
    pub raw: Option<Decimal>,
    /// Points.
    #[serde(serialize_with = "crate::number::decimal")]
    pub points: Decimal,
    /// Points that were to be had and were not.
    #[serde(serialize_with = "crate::number::decimal")]
    pub lost: Decimal,
    /// Whether it was left out because its value is missing.
    pub left_out: bool,
}

impl ObjectScore {
    /// The items by what they cost, the dearest first: where an effort would move the total most.
    pub fn by_cost(&self) -> Vec<&ItemScore> {
        let mut items: Vec<&ItemScore> = self.items.iter().collect();
        items.sort_by_key(|item| Reverse(item.lost));
        items
    }
}

impl Scheme {
    /// Every query, with the id it belongs to.
    pub fn queries(&self) -> Vec<(String, Expression)> {
        let items = self.items.iter().map(|item| (&item.id, &item.query));
        let extras = self.deductions.iter().chain(&self.bonuses);
        let extras = extras.map(|extra| (&extra.id, &extra.query));
        let vetoes = self.vetoes.iter().map(|veto| (&veto.id, &veto.query));
        let all = items.chain(extras).chain(vetoes);
        let owner = |id: &str| format!("{} {id}", self.id);
        let base = self.base.iter().map(|base| (owner("base"), base.query.clone()));
        base.chain(all.filter_map(|(id, query)| Some((owner(id), query.clone()?)))).collect()
    }

    /// The item of that id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The group an object belongs to.
    pub fn group_of(&self, object: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.objects.contains(object))
    }

    /// Whether it brings its own values and reads no data.
    pub fn is_example(&self) -> bool {
        !self.objects.is_empty()
    }
}
