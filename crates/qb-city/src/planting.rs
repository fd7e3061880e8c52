//! Which households carry which mistake: exact numbers, one mistake a household.

use std::ops::Range;

use crate::apportion::scaled;
use crate::dice::{Dice, Stream};
use crate::error::{CityError, Result};
use crate::faults::Fault;
use crate::model::{County, Model};
use crate::plan::{City, CountyPlan, Slot, Status, by_lot};

/// Plants every kind of fault in households that have none yet.
pub(crate) fn plant(model: &Model, city: &mut City) -> Result<()> {
    let mut dice = Dice::new(city.seed, Stream::Faults, 0);
    let of = |test: fn(&County) -> bool| -> Vec<Range<usize>> {
        let counties = city.counties.iter().filter(|c| test(&model.county[c.style]));
        counties.map(CountyPlan::slots).collect()
    };
    let merged = of(|county| county.merged_areas);
    let head_only = of(|county| county.head_only);
    for (fault, full) in &model.faults {
        let count = scaled(*full, city.scale_ppm).max(model.faults_least);
        if *fault == Fault::DuplicatePerson {
            duplicates(city, &mut dice, count);
            continue;
        }
        let fits = |slot: &Slot, index: usize| {
            let shape = &model.shape[usize::from(slot.shape)];
            let free = slot.fault.is_none() && slot.hosts.is_none();
            free && match fault {
                Fault::VillageVariant | Fault::UnknownVillage => {
                    !merged.iter().any(|r| r.contains(&index))
                }
                Fault::DottedName => shape.adults == 2,
                Fault::DeclaredCount | Fault::ReportedIncome => slot.status == Status::Staying,
                Fault::HeadUnclear => {
                    let staying = slot.status == Status::Staying && shape.size() > 1;
                    staying && !head_only.iter().any(|r| r.contains(&index))
                }
                Fault::RelationSex => shape.kids > 0 && shape.adults > 0,
                Fault::GradeAge | Fault::SchoolingBoth => {
                    shape.kids > 0 && shape.adults > 0 && slot.lapse.is_none()
                }
                Fault::TruantHealthy => {
                    shape.kids > 0 && shape.adults > 0 && slot.status == Status::Staying
                }
                Fault::SchoolingBlank => shape.adults + shape.elders > 0,
                Fault::SmallWage | Fault::NegativeIncome => {
                    slot.status == Status::Staying && slot.yield_fen == 0
                }
                Fault::SameIncome => slot.yield_fen == 0 && slot.lapse.is_none(),
                _ => true,
            }
        };
        by_lot(city, &mut dice, count, fits, |slot| slot.fault = Some(*fault));
    }
    let planted = city.slots.iter().filter(|s| s.fault.is_some()).count() as u64;
    let wanted: u64 = model
        .faults
        .values()
        .map(|full| scaled(*full, city.scale_ppm).max(model.faults_least))
        .sum();
    if planted != wanted {
        return Err(CityError::Options(format!("only {planted} of {wanted} faults find room")));
    }
    Ok(())
}

/// Lists heads a second time in a later household, mostly of the same county.
fn duplicates(city: &mut City, dice: &mut Dice, count: u64) {
    let ends: Vec<Range<usize>> = city.counties.iter().map(CountyPlan::slots).collect();
    let (mut left, mut tries) = (count, 0);
    while left > 0 && tries < count * 500 + 10_000 {
        tries += 1;
        let victim = dice.index(city.slots.len());
        let last = match ends.iter().find(|r| r.contains(&victim)) {
            Some(range) if dice.mille(780) => range.end,
            _ => city.slots.len(),
        };
        let reach = if dice.mille(500) { (victim + 400).min(last) } else { last };
        let host = victim + 1 + dice.index(reach.saturating_sub(victim + 1).max(1));
        let free = |s: &Slot| s.fault.is_none() && s.hosts.is_none();
        if host >= reach || !free(&city.slots[victim]) || !free(&city.slots[host]) {
            continue;
        }
        city.slots[victim].fault = Some(Fault::DuplicatePerson);
        city.slots[host].hosts = Some(victim);
        left -= 1;
    }
}
