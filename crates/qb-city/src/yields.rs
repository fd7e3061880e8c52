//! The yield of support projects: so many households, so much money, to the fen.

use std::collections::BTreeMap;

use crate::apportion::{scaled, split};
use crate::dice::{Dice, Stream};
use crate::model::Model;
use crate::plan::{City, Lapse, Status};

/// Lays the yield of the year on the households of villages that run projects.
pub(crate) fn lay(model: &Model, city: &mut City) {
    let mut dice = Dice::new(city.seed, Stream::Yields, 0);
    let wanted = city.targets.yield_households;
    let exited = scaled(wanted, model.totals.yield_exited_ppm);
    let mut keyed: [Vec<(u64, usize, usize)>; 2] = Default::default();
    let mut village_index = 0;
    for county in &city.counties {
        for village in &county.villages {
            let weight = if village.weak {
                900
            } else if dice.mille(340) {
                260
            } else {
                1
            };
            for index in village.slots.clone() {
                let slot = &city.slots[index];
                if slot.lapse == Some(Lapse::IncomeShort) {
                    continue;
                }
                let group = usize::from(slot.status != Status::Exited);
                keyed[group].push((dice.bits() / weight, village_index, index));
            }
            village_index += 1;
        }
    }
    let mut chosen = Vec::new();
    for (list, count) in keyed.iter_mut().zip([exited, wanted - exited]) {
        list.sort_unstable();
        chosen.extend(list.iter().take(qb_base::size(count)).map(|(_, v, i)| (*v, *i)));
    }
    spread_yield(model, city, &mut dice, &chosen);
}

/// What a share pays against other villages' shares.
const SHARE_LEVELS: [u64; 9] = [6, 8, 10, 10, 12, 13, 15, 18, 24];
/// Village pools are whole hundreds of yuan, as far as the total allows.
const POOL_STEP_FEN: i64 = 10_000;

/// Splits the total over villages by level and households, then within a village by shares; sums
/// hold to the fen.
fn spread_yield(model: &Model, city: &mut City, dice: &mut Dice, chosen: &[(usize, usize)]) {
    let mut villages: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (village, index) in chosen {
        villages.entry(*village).or_default().push(*index);
    }
    let mut shares: Vec<Vec<u64>> = Vec::new();
    let mut weights = Vec::new();
    for members in villages.values_mut() {
        members.sort_unstable();
        let level = *dice.pick(&SHARE_LEVELS);
        let by_size = dice.mille(300);
        let of = |index: &usize| {
            let size = model.shape[usize::from(city.slots[*index].shape)].size();
            if by_size && size >= 4 { 3 } else { 2 }
        };
        let list: Vec<u64> = members.iter().map(of).collect();
        weights.push(level * list.iter().sum::<u64>());
        shares.push(list);
    }
    let steps = (city.targets.yield_fen / POOL_STEP_FEN).unsigned_abs();
    let mut rest = (city.targets.yield_fen % POOL_STEP_FEN).unsigned_abs();
    let pools = split(steps, &weights);
    for ((pool, members), list) in pools.iter().zip(villages.values()).zip(&shares) {
        let fen = pool * POOL_STEP_FEN.unsigned_abs() + std::mem::take(&mut rest);
        for (index, part) in members.iter().zip(split(fen, list)) {
            city.slots[*index].yield_fen = qb_base::tally(part);
        }
    }
}
