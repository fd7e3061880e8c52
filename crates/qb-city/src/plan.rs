//! The plan of a city: which village holds how many households, of which shape, with which
//! outcome and fault.
//!
//! Everything that must add up exactly is settled here, before a single person is made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::apportion::{by_size, in_proportion, scaled, scaled_fen, split};
use crate::areas::{self, Area, Kind};
use crate::dice::{Curve, Dice, Stream, seed_of};
use crate::error::{CityError, Result};
use crate::faults::Fault;
use crate::model::{Model, SIZE_MAX};
use crate::{planting, yields};

/// What became of a household in the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Staying,
    PreExit,
    Exited,
}

/// Why an exit should not have been decided.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Lapse {
    IncomeShort,
    DangerousHouse,
    UnsafeWater,
    UninsuredMember,
    ChildOutOfSchool,
    EvidenceMissing,
}

impl Lapse {
    /// The name by which the truth counts it, the one that is written for it elsewhere.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::IncomeShort => "income_short",
            Self::DangerousHouse => "dangerous_house",
            Self::UnsafeWater => "unsafe_water",
            Self::UninsuredMember => "uninsured_member",
            Self::ChildOutOfSchool => "child_out_of_school",
            Self::EvidenceMissing => "evidence_missing",
        }
    }
}

/// One household before it has members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// Index into the shapes of the model.
    pub(crate) shape: u8,
    pub(crate) status: Status,
    pub(crate) lapse: Option<Lapse>,
    /// Income lies just beside the line.
    pub(crate) heap: bool,
    pub(crate) fault: Option<Fault>,
    /// The slot whose head is listed here a second time.
    pub(crate) hosts: Option<usize>,
    pub(crate) yield_fen: i64,
}

#[derive(Debug)]
pub(crate) struct VillagePlan {
    /// Indexes of town and village in the county.
    pub(crate) town: usize,
    pub(crate) village: usize,
    pub(crate) weak: bool,
    pub(crate) slots: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct CountyPlan {
    /// Index into the counties of the model.
    pub(crate) style: usize,
    pub(crate) area: areas::County,
    /// In the order of their codes.
    pub(crate) villages: Vec<VillagePlan>,
}

impl CountyPlan {
    /// All slots of the county.
    pub(crate) fn slots(&self) -> Range<usize> {
        match (self.villages.first(), self.villages.last()) {
            (Some(first), Some(last)) => first.slots.start..last.slots.end,
            // Households live in villages: a county without any has no slots.
            _ => 0..0,
        }
    }
}

/// What the whole city must add up to at its scale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Targets {
    pub(crate) households: u64,
    pub(crate) people: u64,
    pub(crate) exit_households: u64,
    pub(crate) exit_people: u64,
    pub(crate) yield_households: u64,
    pub(crate) yield_fen: i64,
}

#[derive(Debug)]
pub(crate) struct City {
    pub(crate) seed: u64,
    pub(crate) scale_ppm: u64,
    pub(crate) targets: Targets,
    pub(crate) counties: Vec<CountyPlan>,
    pub(crate) slots: Vec<Slot>,
    /// Households that an application of the year brought onto the register, by their slot: the
    /// application, and the month of its announcement.
    pub(crate) newcomers: BTreeMap<usize, (u64, i64)>,
}

impl City {
    /// Plans a city of a scale (1,000,000: full size) on real areas.
    pub(crate) fn plan(model: &Model, areas: &[Area], seed: u64, scale_ppm: u64) -> Result<Self> {
        let targets = targets(model, scale_ppm)?;
        if targets.households < 200 {
            return Err(CityError::Options(
                "the scale must leave at least 200 households; take 0.001 or more".into(),
            ));
        }
        let shares: Vec<u64> = model.county.iter().map(|c| c.weight).collect();
        let mut counties = Vec::new();
        let mut next = 0;
        for (style, households) in split(targets.households, &shares).into_iter().enumerate() {
            let area = areas::county(areas, &model.county[style].code)?;
            let weak = choose_weak(model, style, &area, (seed, scale_ppm))?;
            let plan = plan_county(style, area, (households, next), seed, &weak);
            next = plan.slots().end.max(next);
            counties.push(plan);
        }
        let (slots, newcomers) = (Vec::new(), BTreeMap::new());
        let mut city = Self { seed, scale_ppm, targets, counties, slots, newcomers };
        city.slots = shapes(model, &targets, seed)?;
        exits(model, &mut city)?;
        lapses(model, &mut city);
        yields::lay(model, &mut city);
        heaps(model, &mut city);
        planting::plant(model, &mut city)?;
        Ok(city)
    }
}

impl City {
    /// Villages on the list of weak ones.
    pub(crate) fn weak_villages(&self) -> usize {
        self.counties.iter().flat_map(|county| &county.villages).filter(|v| v.weak).count()
    }

    /// A number of the full city at this city's scale, and not below `least`.
    pub(crate) fn number(&self, full: usize, least: usize) -> usize {
        qb_base::size(scaled(full as u64, self.scale_ppm)).max(least)
    }

    /// A number that rests on places: a larger city has more people, not more villages.
    pub(crate) fn places(&self, full: usize, least: usize) -> usize {
        self.number(full, least).min(full.max(least))
    }

    /// A number in proportion to the weak villages that the city has.
    pub(crate) fn of_weak(&self, model: &Model, full: usize, least: usize) -> usize {
        in_proportion(full, self.weak_villages(), model.totals.weak_villages).max(least)
    }

    /// An amount of the full city at this city's scale, cut to the fen.
    pub(crate) fn fen(&self, full: i64) -> i64 {
        const WHOLE: i64 = 1_000_000;
        let scale = qb_base::tally(self.scale_ppm);
        full / WHOLE * scale + full % WHOLE * scale / WHOLE
    }

    /// Projects that the yield comes from.
    pub(crate) fn yield_projects(&self, model: &Model) -> usize {
        self.number(model.totals.yield_projects, model.totals.yield_projects_least)
    }
}

fn targets(model: &Model, scale_ppm: u64) -> Result<Targets> {
    let t = &model.totals;
    Ok(Targets {
        households: scaled(t.households, scale_ppm),
        people: scaled(t.people, scale_ppm),
        exit_households: scaled(t.exit_households, scale_ppm),
        exit_people: scaled(t.exit_people, scale_ppm),
        yield_households: scaled(t.yield_households, scale_ppm).max(1),
        yield_fen: scaled_fen(t.yield_fen, scale_ppm)?,
    })
}

/// Per mille of a village's weight by its kind.
fn kind_weight(kind: Kind) -> u64 {
    match kind {
        Kind::Village => 1000,
        Kind::Community => 420,
        Kind::Urban => 70,
    }
}

/// Weight of villages: most are middling, a few large.
static VILLAGE_WEIGHTS: Curve =
    Curve::fixed([0, 30], &[[300, 70], [700, 120], [950, 230], [1000, 480]]);
/// How much heavier weak villages weigh, per mille.
const WEAK_WEIGHT: u64 = 2600;

fn plan_county(
    style: usize,
    area: areas::County,
    (households, first): (u64, usize),
    seed: u64,
    weak: &BTreeSet<String>,
) -> CountyPlan {
    let mut weights = Vec::new();
    let mut places = Vec::new();
    for (town, t) in area.towns.iter().enumerate() {
        for (village, v) in t.villages.iter().enumerate() {
            let index = seed_of(v.code.as_str());
            let mut dice = Dice::new(seed, Stream::VillageWeight, index);
            let size = dice.quantile(&VILLAGE_WEIGHTS).unsigned_abs();
            let is_weak = weak.contains(v.code.as_str());
            let kind =
                if is_weak { WEAK_WEIGHT.max(kind_weight(v.kind)) } else { kind_weight(v.kind) };
            weights.push(size * kind);
            places.push((town, village, is_weak));
        }
    }
    let mut next = first;
    let villages = split(households, &weights)
        .into_iter()
        .zip(places)
        .map(|(count, (town, village, weak))| {
            let start = next;
            next += qb_base::size(count);
            VillagePlan { town, village, weak, slots: start..next }
        })
        .collect();
    CountyPlan { style, area, villages }
}

/// The villages of the list: those with fixed names, then others by lot; a county that has any
/// keeps one in the smallest city.
fn choose_weak(
    model: &Model,
    style: usize,
    area: &areas::County,
    (seed, scale_ppm): (u64, u64),
) -> Result<BTreeSet<String>> {
    let county = &model.county[style];
    let named = model.named_weak_villages.iter().filter(|code| code.starts_with(&county.code));
    let mut weak: BTreeSet<String> = named.cloned().collect();
    let all = || area.towns.iter().flat_map(|t| &t.villages);
    if let Some(missing) = weak.iter().find(|code| !all().any(|v| v.code.as_str() == code.as_str()))
    {
        return Err(CityError::Areas(format!("village {missing} is not in the list")));
    }
    let mut others: Vec<&str> = all()
        .filter(|v| v.kind == Kind::Village && !weak.contains(v.code.as_str()))
        .map(|v| v.code.as_str())
        .collect();
    let index = seed_of(&county.code);
    Dice::new(seed, Stream::Weak, index).shuffle(&mut others);
    let wanted = qb_base::size(scaled(county.weak, scale_ppm).max(1).min(county.weak));
    let more = wanted.saturating_sub(weak.len());
    if more > others.len() {
        return Err(CityError::Areas(format!("county {} has too few villages", county.code)));
    }
    weak.extend(others.into_iter().take(more).map(str::to_owned));
    Ok(weak)
}

/// Gives every slot a shape so that households and people come out exactly.
fn shapes(model: &Model, targets: &Targets, seed: u64) -> Result<Vec<Slot>> {
    let no_limit = [u64::MAX; SIZE_MAX];
    let counts = by_size(targets.households, targets.people, &model.sizes.weights, &no_limit)
        .ok_or_else(|| CityError::Options("no household sizes give these totals".into()))?;
    let mut dice = Dice::new(seed, Stream::Shapes, 0);
    let mut slots = Vec::with_capacity(qb_base::size(targets.households));
    for (count, size) in counts.iter().zip(1_u8..) {
        let fitting: Vec<u8> =
            (0_u8..).zip(&model.shape).filter(|(_, s)| s.size() == size).map(|(i, _)| i).collect();
        let weights: Vec<u64> =
            fitting.iter().map(|i| model.shape[usize::from(*i)].weight).collect();
        for _ in 0..*count {
            let shape = fitting[dice.weighted(weights.iter().copied())];
            slots.push(Slot {
                shape,
                status: Status::Staying,
                lapse: None,
                heap: false,
                fault: None,
                hosts: None,
                yield_fen: 0,
            });
        }
    }
    Dice::new(seed, Stream::Sizes, 0).shuffle(&mut slots);
    Ok(slots)
}

/// Decides who leaves: per size in proportion, families with workers first by lot.
fn exits(model: &Model, city: &mut City) -> Result<()> {
    let mut by_shape_size: [Vec<usize>; SIZE_MAX] = Default::default();
    for (index, slot) in city.slots.iter().enumerate() {
        let size = usize::from(model.shape[usize::from(slot.shape)].size());
        by_shape_size[size - 1].push(index);
    }
    let available: [u64; SIZE_MAX] = std::array::from_fn(|i| by_shape_size[i].len() as u64);
    let t = &city.targets;
    let counts = by_size(t.exit_households, t.exit_people, &available, &available)
        .ok_or_else(|| CityError::Options("no exits give these totals".into()))?;
    let mut dice = Dice::new(city.seed, Stream::Exits, 0);
    for (candidates, count) in by_shape_size.into_iter().zip(counts) {
        let mut keyed: Vec<(u64, usize)> = candidates
            .into_iter()
            .map(|index| {
                let shape = &model.shape[usize::from(city.slots[index].shape)];
                (dice.bits() / (2 + 3 * u64::from(shape.adults)), index)
            })
            .collect();
        keyed.sort_unstable();
        for (_, index) in keyed.into_iter().take(qb_base::size(count)) {
            city.slots[index].status = Status::Exited;
        }
    }
    for slot in city.slots.iter_mut().filter(|s| s.status == Status::Staying) {
        if dice.ppm(model.totals.pre_exit_ppm) {
            slot.status = Status::PreExit;
        }
    }
    Ok(())
}

/// Picks slots by lot until so many satisfy a condition; gives up when the city holds too few.
pub(crate) fn by_lot(
    city: &mut City,
    dice: &mut Dice,
    count: u64,
    fits: impl Fn(&Slot, usize) -> bool,
    set: impl Fn(&mut Slot),
) {
    let (mut left, mut tries) = (count, 0);
    let most = city.slots.len() as u64 * 20;
    while left > 0 && tries < most {
        tries += 1;
        let index = dice.index(city.slots.len());
        if fits(&city.slots[index], index) {
            set(&mut city.slots[index]);
            left -= 1;
        }
    }
}

fn lapses(model: &Model, city: &mut City) {
    let l = &model.lapses;
    let wanted = [
        (Lapse::IncomeShort, l.income_short),
        (Lapse::DangerousHouse, l.dangerous_house),
        (Lapse::UnsafeWater, l.unsafe_water),
        (Lapse::UninsuredMember, l.uninsured_member),
        (Lapse::ChildOutOfSchool, l.child_out_of_school),
        (Lapse::EvidenceMissing, l.evidence_missing),
    ];
    let mut dice = Dice::new(city.seed, Stream::Lapses, 0);
    for (lapse, full) in wanted {
        let count = scaled(full, city.scale_ppm).max(1);
        let fits = |slot: &Slot, _| {
            let kids = model.shape[usize::from(slot.shape)].kids > 0;
            let school = lapse != Lapse::ChildOutOfSchool || kids;
            slot.status == Status::Exited && slot.lapse.is_none() && school
        };
        by_lot(city, &mut dice, count, fits, |slot| slot.lapse = Some(lapse));
    }
}

fn heaps(model: &Model, city: &mut City) {
    let mut dice = Dice::new(city.seed, Stream::Yields, 1);
    for slot in &mut city.slots {
        let often = match slot.status {
            Status::Exited => model.income.heap_exited,
            _ => model.income.heap_staying,
        };
        slot.heap = dice.mille(often) && slot.lapse.is_none() && slot.yield_fen == 0;
    }
}
