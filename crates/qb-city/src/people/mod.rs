//! Lists about people and households that departments keep beside the register: helpers, plans,
//! exits, health, schools.
//!
//! A county's lists are written while its households are made, so that nothing is made twice.

mod applications;
mod exits;
mod health;
mod helpers;
mod list;
mod model;
pub(crate) mod outsiders;
mod plans;
mod schooling;

use std::collections::BTreeMap;

use crate::apportion::{scaled, split};
use crate::areas;
use crate::calendar::Calendar;
use crate::county::Shared;
use crate::dice::{Dice, Stream};
use crate::error::Result;
use crate::household::Household;
use crate::plan::{City, CountyPlan, Status};
use crate::register::Place;
use crate::truth::FileTruth;
use crate::works::benefit::{YieldProjects, project_no};
use exits::Schedule;
use helpers::Helper;
use list::{Kind, List, long_format};
use model::{PeopleModel, ppm};
pub(crate) use schooling::AidDone;

/// A household as the lists see it.
pub(crate) struct Member<'a> {
    pub(crate) seed: u64,
    pub(crate) slot: usize,
    pub(crate) year: i16,
    pub(crate) household_no: &'a str,
    /// County, town, village as files name them.
    pub(crate) place: [&'a str; 3],
    /// The village's code.
    pub(crate) village: &'a str,
    pub(crate) household: &'a Household,
}

impl Member<'_> {
    /// Throws for one list; lists never share throws.
    fn dice(&self, list: u64) -> Dice {
        Dice::new(self.seed, Stream::HouseholdList, self.slot as u64 * 16 + list)
    }
}

/// The lists of one county while they are written.
pub(crate) struct Lists<'a> {
    shared: Shared<'a>,
    model: PeopleModel,
    calendar: Calendar<'a>,
    turns: health::Turns,
    schedule: Option<(String, Schedule)>,
    exits: List,
    pairing: List,
    visits: List,
    measures: List,
    benefits: List,
    cooperatives: List,
    enterprises: List,
    relocations: List,
    loans: List,
    changes: List,
    insured: List,
    claims: List,
    students: List,
    aid: List,
    aid_done: AidDone,
}

impl<'a> Lists<'a> {
    /// Begins the lists of a county.
    pub(crate) fn open(shared: Shared<'a>, plan: &CountyPlan) -> Result<Self> {
        let model = PeopleModel::load()?;
        let style = &shared.model.county[plan.style];
        let place = (plan.area.code.as_str(), plan.area.name.as_str());
        let long = |kind: Kind| List::create(shared.raw, kind, place, long_format(style));
        let short = |kind: Kind| List::create(shared.raw, kind, place, style.register);
        Ok(Self {
            calendar: shared.calendar,
            turns: turns(shared, plan, &model),
            schedule: None,
            exits: long(exits::KIND)?,
            pairing: long(helpers::PAIRING)?,
            visits: long(helpers::VISITS)?,
            measures: long(plans::MEASURES)?,
            benefits: short(plans::BENEFITS)?,
            cooperatives: long(plans::COOPERATIVES)?,
            enterprises: short(plans::ENTERPRISES)?,
            relocations: short(plans::RELOCATIONS)?,
            loans: short(plans::LOANS)?,
            changes: long(health::CHANGES)?,
            insured: long(health::INSURED)?,
            claims: long(health::CLAIMS)?,
            students: long(schooling::STUDENTS)?,
            aid: long(schooling::AID)?,
            aid_done: AidDone::default(),
            shared,
            model,
        })
    }

    /// Writes what all lists say of a household.
    pub(crate) fn household(
        &mut self,
        place: Place<'_>,
        village: &areas::Village,
        household: &Household,
        (slot, projects): (usize, &YieldProjects),
    ) -> Result<()> {
        let year = self.shared.model.year;
        let member = Member {
            seed: self.shared.city.seed,
            slot,
            year,
            household_no: place.household_no,
            place: [place.county, place.town, place.village],
            village: village.code.as_str(),
            household,
        };
        let project =
            projects.yield_project_of(slot).map(|number| project_no(year, qb_base::index(number)));
        self.leaving(&member)?;
        self.helped(&member, project)?;
        self.cared_for(&member)
    }

    fn leaving(&mut self, member: &Member<'_>) -> Result<()> {
        let known = self.schedule.as_ref().is_some_and(|(code, _)| code == member.village);
        if !known {
            let schedule =
                Schedule::of(&self.model.exits, self.calendar, member.seed, member.village);
            self.schedule = Some((member.village.to_owned(), schedule));
        }
        let Some((_, schedule)) = &self.schedule else { return Ok(()) };
        let all = self.shared.model.totals.exit_households;
        let model = (&self.model.exits, all);
        exits::write(&mut self.exits, model, self.calendar, schedule, member)
    }

    fn helped(&mut self, member: &Member<'_>, project: Option<String>) -> Result<()> {
        let (help, calendar) = (&self.model.help, self.calendar);
        let households = self.shared.model.totals.households;
        let helper = Helper::of(help, self.shared.names, member);
        helpers::pairing(&mut self.pairing, help, calendar, member, &helper)?;
        helpers::visit(&mut self.visits, help, calendar, member, &helper)?;
        let of_all = (help, households);
        plans::measures(&mut self.measures, of_all, calendar, member, &helper)?;
        plans::benefit(&mut self.benefits, calendar, member, project)?;
        plans::cooperative(&mut self.cooperatives, help, calendar, member)?;
        plans::enterprise(&mut self.enterprises, help, member)?;
        plans::relocation(&mut self.relocations, of_all, calendar, member)?;
        let share = ppm(help.borrowers, households);
        plans::loan(&mut self.loans, (&self.model.loans, share), calendar, member)
    }

    fn cared_for(&mut self, member: &Member<'_>) -> Result<()> {
        let roster = self.shared.model.totals.people - self.shared.model.totals.exit_people;
        let lists = health::Lists {
            changes: &mut self.changes,
            insured: &mut self.insured,
            turns: &mut self.turns,
        };
        health::roster(lists, (&self.model.roster, roster), self.calendar, member)?;
        health::claims(&mut self.claims, &self.model, self.calendar, member)?;
        let lists = schooling::Lists {
            students: &mut self.students,
            aid: &mut self.aid,
            done: &mut self.aid_done,
        };
        schooling::write(lists, &self.model.aid, self.calendar, member)
    }

    /// Ends the lists and writes the county's applications.
    pub(crate) fn finish(self, plan: &CountyPlan) -> Result<(Vec<FileTruth>, AidDone)> {
        let format = self.shared.model.county[plan.style].register;
        let written = (self.calendar, format);
        let applications = applications::write(self.shared, plan, &self.model, written)?;
        let lists = [
            self.exits,
            self.pairing,
            self.visits,
            self.measures,
            self.benefits,
            self.cooperatives,
            self.enterprises,
            self.relocations,
            self.loans,
            self.changes,
            self.insured,
            self.claims,
            self.students,
            self.aid,
        ];
        let mut files = lists.into_iter().map(List::finish).collect::<Result<Vec<_>>>()?;
        files.extend(applications);
        Ok((files, self.aid_done))
    }
}

/// Households that applications of the year bring onto the register.
pub(crate) fn newcomers(
    city: &City,
    calendar: Calendar<'_>,
) -> Result<BTreeMap<usize, (u64, i64)>> {
    applications::newcomers(city, &PeopleModel::load()?, calendar)
}

/// The county's share of the changes on the premium roster, by the people who stay.
fn turns(shared: Shared<'_>, plan: &CountyPlan, model: &PeopleModel) -> health::Turns {
    let city = shared.city;
    let size = |shape: u8| shared.model.shape[usize::from(shape)].size();
    let staying = |county: &CountyPlan| -> u64 {
        let slots = city.slots[county.slots()].iter().filter(|s| s.status != Status::Exited);
        slots.map(|slot| u64::from(size(slot.shape))).sum()
    };
    let weights: Vec<u64> = city.counties.iter().map(staying).collect();
    let quotas = split(scaled(model.roster.changes, city.scale_ppm), &weights);
    // Counties stand in the order of their styles.
    health::Turns::new(quotas[plan.style], weights[plan.style])
}
