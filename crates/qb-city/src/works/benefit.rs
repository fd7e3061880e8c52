//! Which project pays the yield a household has: one answer for the project files and for the
//! lists of benefits, so that both add up to the same fen.

use crate::apportion::split;
use crate::plan::City;

/// Where a project lies: the finest area that holds all villages it pays to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Index into the counties of the city.
    pub(crate) county: usize,
    /// Index into the towns of the county.
    pub(crate) town: Option<usize>,
    /// Index into the villages of the county's plan.
    pub(crate) village: Option<usize>,
}

/// A project that yields income, with what it pays to households in the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct YieldProject {
    /// Its running number, from 1.
    pub(crate) number: u32,
    pub(crate) site: Site,
    pub(crate) households: u64,
    pub(crate) to_households_fen: i64,
}

/// Every household with yield and the project it comes from.
#[derive(Debug)]
pub(crate) struct YieldProjects {
    /// In the order of their numbers.
    pub(crate) projects: Vec<YieldProject>,
    /// Number of the project by slot; 0 where there is none.
    of_slot: Vec<u32>,
}

/// The number of a project of the year as documents write it.
pub(crate) fn project_no(year: i16, number: usize) -> String {
    format!("XM{year}-{number:04}")
}

/// A village with yield: its county, its place in the plan, its slots with yield.
struct Payee {
    county: usize,
    village: usize,
    slots: Vec<usize>,
}

impl YieldProjects {
    /// Lays so many projects over the villages whose households have yield.
    pub(crate) fn lay(city: &City, count: usize) -> Self {
        let payees = payees(city);
        let mut this =
            Self { projects: Vec::with_capacity(count), of_slot: vec![0; city.slots.len()] };
        let served = if payees.len() <= count {
            in_turns(payees.len(), count)
        } else {
            in_runs(&payees, count)
        };
        for (number, villages) in (1..).zip(&served) {
            this.projects.push(YieldProject {
                number,
                site: site(city, villages.iter().filter_map(|i| payees.get(*i))),
                households: 0,
                to_households_fen: 0,
            });
        }
        this.assign(city, &payees, &served);
        this
    }

    /// The number of the project a household's yield comes from.
    pub(crate) fn yield_project_of(&self, slot: usize) -> Option<u32> {
        self.of_slot.get(slot).copied().filter(|number| *number > 0)
    }

    /// Households of a village take its projects by turns.
    fn assign(&mut self, city: &City, payees: &[Payee], served: &[Vec<usize>]) {
        let mut by_village: Vec<Vec<usize>> = vec![Vec::new(); payees.len()];
        for (project, villages) in served.iter().enumerate() {
            for village in villages {
                by_village[*village].push(project);
            }
        }
        for (payee, projects) in payees.iter().zip(&by_village) {
            for (turn, slot) in payee.slots.iter().enumerate() {
                let Some(at) = projects.get(turn % projects.len().max(1)) else { continue };
                let project = &mut self.projects[*at];
                project.households += 1;
                project.to_households_fen += city.slots[*slot].yield_fen;
                self.of_slot[*slot] = project.number;
            }
        }
    }
}

fn payees(city: &City) -> Vec<Payee> {
    let mut payees = Vec::new();
    for (county, plan) in city.counties.iter().enumerate() {
        for (village, place) in plan.villages.iter().enumerate() {
            let with_yield = |slot: &usize| city.slots[*slot].yield_fen > 0;
            let slots: Vec<usize> = place.slots.clone().filter(with_yield).collect();
            if !slots.is_empty() {
                payees.push(Payee { county, village, slots });
            }
        }
    }
    payees
}

/// More projects than villages: one village each, by turns.
fn in_turns(villages: usize, count: usize) -> Vec<Vec<usize>> {
    (0..count).map(|project| vec![project % villages.max(1)]).collect()
}

/// Fewer projects than villages: neighbouring villages of a county share one.
fn in_runs(payees: &[Payee], count: usize) -> Vec<Vec<usize>> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (index, payee) in payees.iter().enumerate() {
        match runs.last_mut() {
            Some((first, length)) if payees[*first].county == payee.county => *length += 1,
            _ => runs.push((index, 1)),
        }
    }
    let weights: Vec<u64> = runs.iter().map(|(_, length)| *length as u64 - 1).collect();
    let more = split((count.saturating_sub(runs.len())) as u64, &weights);
    let mut served = Vec::with_capacity(count);
    for ((first, length), more) in runs.iter().zip(more) {
        let projects = 1 + qb_base::size(more);
        let start = served.len();
        served.resize(start + projects, Vec::new());
        for i in 0..*length {
            served[start + i * projects / length].push(first + i);
        }
    }
    served
}

fn site<'a>(city: &City, mut villages: impl Iterator<Item = &'a Payee>) -> Site {
    let Some(first) = villages.next() else { return Site { county: 0, town: None, village: None } };
    let town_of = |payee: &Payee| city.counties[payee.county].villages[payee.village].town;
    let mut site =
        Site { county: first.county, town: Some(town_of(first)), village: Some(first.village) };
    for other in villages {
        site.village = None;
        site.town = site.town.filter(|town| *town == town_of(other));
    }
    site
}
