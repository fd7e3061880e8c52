//! The description of the city: totals, shapes of families, places, names. Data lies in
//! `model/*.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::dice::Curve;
use crate::error::{CityError, Result};
use crate::faults::Fault;

const CITY: &str = include_str!("../model/xuzhou-2016.toml");
const NAMES: &str = include_str!("../model/names.toml");

/// Sizes of households that occur: 1 to this many members.
pub(crate) const SIZE_MAX: usize = 8;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    pub(crate) year: i16,
    pub(crate) named_weak_villages: Vec<String>,
    /// Prefixes of numbers of people who married in from elsewhere.
    pub(crate) foreign_prefixes: Vec<String>,
    pub(crate) totals: Totals,
    pub(crate) line: Line,
    pub(crate) lapses: Lapses,
    pub(crate) income: Income,
    pub(crate) ledger: Ledger,
    pub(crate) sizes: Sizes,
    pub(crate) shape: Vec<Shape>,
    pub(crate) benefits: Benefits,
    pub(crate) faults_least: u64,
    /// Faults planted at full size.
    pub(crate) faults: BTreeMap<Fault, u64>,
    pub(crate) county: Vec<County>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Totals {
    pub(crate) households: u64,
    pub(crate) people: u64,
    pub(crate) weak_villages: usize,
    pub(crate) exit_households: u64,
    pub(crate) exit_people: u64,
    pub(crate) yield_households: u64,
    pub(crate) yield_fen: i64,
    /// Projects that the yield comes from; the least of them in a small city.
    pub(crate) yield_projects: usize,
    pub(crate) yield_projects_least: usize,
    pub(crate) yield_exited_ppm: u64,
    pub(crate) pre_exit_ppm: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) per_head_fen: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lapses {
    pub(crate) income_short: u64,
    pub(crate) dangerous_house: u64,
    pub(crate) unsafe_water: u64,
    pub(crate) uninsured_member: u64,
    pub(crate) child_out_of_school: u64,
    pub(crate) evidence_missing: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Income {
    pub(crate) exited: Curve,
    pub(crate) staying: Curve,
    pub(crate) short: Curve,
    pub(crate) growth_exited: Curve,
    pub(crate) growth_staying: Curve,
    pub(crate) heap_exited: u64,
    pub(crate) heap_staying: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ledger {
    /// `[amount, villages that reach it]`, highest amount first.
    pub(crate) bands: Vec<[i64; 2]>,
    pub(crate) totals: Vec<Curve>,
    pub(crate) just_below: usize,
    pub(crate) exactly_on: usize,
    pub(crate) broken_sums: usize,
    pub(crate) text_amounts: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sizes {
    pub(crate) weights: [u64; SIZE_MAX],
}

/// Who lives together.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    #[serde(default)]
    pub(crate) great: u8,
    #[serde(default)]
    pub(crate) elders: u8,
    #[serde(default)]
    pub(crate) adults: u8,
    #[serde(default)]
    pub(crate) kids: u8,
    pub(crate) weight: u64,
}

impl Shape {
    /// Number of members.
    pub(crate) fn size(&self) -> u8 {
        self.great + self.elders + self.adults + self.kids
    }
}

/// Public benefits in fen: the year before, the year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Benefits {
    pub(crate) pension: [i64; 2],
    pub(crate) subsistence: [i64; 2],
    pub(crate) extreme_hardship: [i64; 2],
    pub(crate) farm_subsidy_per_mu: [i64; 2],
    pub(crate) disability: [i64; 2],
    pub(crate) family_planning: [i64; 2],
    pub(crate) land_rent_per_mu: [i64; 2],
}

/// How the files of a county are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    CsvUtf8,
    CsvUtf8Bom,
    CsvGb18030,
    Xlsx,
}

/// What one file covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Per {
    County,
    Town,
}

/// How a file writes the month of identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DateStyle {
    YearMonth,
    Compact,
    Serial,
}

/// How a file writes yes and no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FlagStyle {
    ShiFou,
    Tick,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct County {
    pub(crate) code: String,
    pub(crate) weight: u64,
    pub(crate) weak: u64,
    pub(crate) register: Format,
    pub(crate) income: Format,
    pub(crate) per: Per,
    #[serde(default)]
    pub(crate) merged_areas: bool,
    #[serde(default)]
    pub(crate) sheet_per_town: bool,
    /// Hidden rows are left in the workbooks.
    #[serde(default)]
    pub(crate) hidden_rows: bool,
    /// A row of subtotals follows every town.
    #[serde(default)]
    pub(crate) subtotals: bool,
    /// What tells about the household stands on the head's row only.
    #[serde(default)]
    pub(crate) head_only: bool,
    /// Villages are written without the committee.
    #[serde(default)]
    pub(crate) short_villages: bool,
    pub(crate) headers: usize,
    pub(crate) wording: usize,
    pub(crate) dates: DateStyle,
    pub(crate) flags: FlagStyle,
    /// Per mille by which incomes differ from the city's.
    pub(crate) income_shift: i64,
    /// County parts of identity numbers, by the time they were issued, oldest first.
    pub(crate) id_prefixes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawNames {
    surnames: Vec<(String, u64)>,
    male_old_first: String,
    male_old_second: String,
    female_old_first: String,
    female_old_second: String,
    male_mid_first: String,
    male_mid_second: String,
    male_mid_single: String,
    female_mid_first: String,
    female_mid_second: String,
    female_mid_single: String,
    male_new_first: String,
    male_new_second: String,
    female_new_first: String,
    female_new_second: String,
    rare: String,
    dotted: Vec<[String; 3]>,
    minorities: Vec<(String, u64)>,
    separators: Vec<String>,
    variants: Vec<[String; 2]>,
}

/// First and second characters of given names of one generation and sex.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) first: Vec<char>,
    pub(crate) second: Vec<char>,
    pub(crate) single: Vec<char>,
}

/// A group of people whose names carry a separator.
#[derive(Debug)]
pub(crate) struct Dotted {
    pub(crate) ethnicity: String,
    pub(crate) first: Vec<String>,
    pub(crate) second: Vec<String>,
}

/// The name tables, ready to throw dice over.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) surnames: Vec<(String, u64)>,
    /// By generation (old, middle, new), then male and female.
    pub(crate) given: [[Given; 2]; 3],
    pub(crate) rare: Vec<char>,
    pub(crate) dotted: Vec<Dotted>,
    pub(crate) minorities: Vec<(String, u64)>,
    pub(crate) separators: Vec<String>,
    pub(crate) variants: Vec<[String; 2]>,
}

impl Model {
    /// Reads the embedded description and checks what the generator relies on.
    pub(crate) fn load() -> Result<Self> {
        let model: Self = toml::from_str(CITY).map_err(|e| CityError::Model(e.to_string()))?;
        for size in 1..=SIZE_MAX {
            if !model.shape.iter().any(|s| usize::from(s.size()) == size) {
                return Err(CityError::Model(format!("no shape has {size} members")));
            }
        }
        if model.ledger.totals.len() != model.ledger.bands.len() + 1 {
            return Err(CityError::Model(
                "one table of totals per ledger band and one below".into(),
            ));
        }
        let empty_prefixes = model.county.iter().any(|c| c.id_prefixes.is_empty());
        let weak: u64 = model.county.iter().map(|c| c.weak).sum();
        if weak != model.totals.weak_villages as u64 {
            return Err(CityError::Model(
                "the counties' weak villages do not sum to the total".into(),
            ));
        }
        if model.county.is_empty() || empty_prefixes || model.foreign_prefixes.is_empty() {
            return Err(CityError::Model("counties need prefixes of identity numbers".into()));
        }
        Ok(model)
    }
}

impl Names {
    /// Reads the embedded names.
    pub(crate) fn load() -> Result<Self> {
        let raw: RawNames = toml::from_str(NAMES).map_err(|e| CityError::Model(e.to_string()))?;
        let given = |first: &str, second: &str, single: &str| Given {
            first: first.chars().collect(),
            second: second.chars().collect(),
            single: single.chars().collect(),
        };
        let words = |list: &str| list.split('|').map(str::to_owned).collect();
        let names = Self {
            given: [
                [
                    given(&raw.male_old_first, &raw.male_old_second, ""),
                    given(&raw.female_old_first, &raw.female_old_second, ""),
                ],
                [
                    given(&raw.male_mid_first, &raw.male_mid_second, &raw.male_mid_single),
                    given(&raw.female_mid_first, &raw.female_mid_second, &raw.female_mid_single),
                ],
                [
                    given(&raw.male_new_first, &raw.male_new_second, ""),
                    given(&raw.female_new_first, &raw.female_new_second, ""),
                ],
            ],
            dotted: raw
                .dotted
                .iter()
                .map(|[group, first, second]| Dotted {
                    ethnicity: group.clone(),
                    first: words(first),
                    second: words(second),
                })
                .collect(),
            surnames: raw.surnames,
            rare: raw.rare.chars().collect(),
            minorities: raw.minorities,
            separators: raw.separators,
            variants: raw.variants,
        };
        let empty = names.given.iter().flatten().any(|g| g.first.is_empty() || g.second.is_empty());
        if empty || names.surnames.is_empty() || names.rare.is_empty() || names.dotted.is_empty() {
            return Err(CityError::Model("a table of names is empty".into()));
        }
        Ok(names)
    }
}
