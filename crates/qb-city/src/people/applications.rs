//! Applications for registration: some passed, some were refused, some are still under way.

use std::collections::BTreeMap;

use super::list::{Kind, List};
use super::model::PeopleModel;
use crate::apportion::scaled;
use crate::calendar::Calendar;
use crate::county::Shared;
use crate::dice::{Dice, Stream};
use crate::error::Result;
use crate::household;
use crate::model::Format;
use crate::naming::{self, Bearer};
use crate::plan::{City, CountyPlan, Status, VillagePlan};
use crate::sheet::Cell;
use crate::truth::FileTruth;
use qb_base::resident::Sex;

pub(super) const KIND: Kind = Kind {
    dataset: "application",
    folder: "识别",
    title: "识别申请台账",
    heads: &[
        "申请编号",
        "申请人",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "申请日期",
        "入户核查日期",
        "民主评议日期",
        "评议到会代表数",
        "评议应到代表数",
        "村公示起始日期",
        "村公示截止日期",
        "乡镇审核日期",
        "乡镇抽查比例(%)",
        "乡镇公示起始日期",
        "乡镇公示截止日期",
        "县级复审日期",
        "县级抽查比例(%)",
        "公告日期",
        "不予受理日期",
        "不予受理原因",
        "录入建档日期",
        "户编号",
    ],
};

/// Days from the announcement to the entry into the register.
const REGISTERED_AFTER: i64 = 5;

const REASONS: [&str; 4] =
    ["家庭人均收入高于标准", "名下有商品房", "家庭成员为财政供养人员", "材料不全且未补正"];
/// Days between the steps: visit, assembly, notice, town, notice, county, announcement.
const STEPS: usize = 8;

/// Tries to find a household for an application that passed.
const TRIES: usize = 40;

/// How an application of the year went.
struct Course {
    /// Days of the steps.
    days: [i64; STEPS],
    /// Steps that were reached before it was refused.
    far: i64,
    refused: Option<(i64, &'static str)>,
}

impl Course {
    fn throw(calendar: Calendar<'_>, dice: &mut Dice) -> Self {
        let mut days = [calendar.working(dice.between(60, 350)); STEPS];
        for (step, gap) in [3, 6, 1, 9, 2, 8, 6].into_iter().enumerate() {
            days[step + 1] = calendar.working(days[step] + gap + dice.between(0, 2));
        }
        let refused = dice.mille(280).then(|| (dice.between(1, 5), *dice.pick(&REASONS)));
        // The year ends before later steps are done.
        let far = refused.map_or(STEPS as i64, |(far, _)| far);
        let last = days[qb_base::size((far - 1).unsigned_abs()).min(STEPS - 1)];
        let rejected = calendar.working(last + 2);
        let refused = refused.map(|(_, reason)| (rejected, reason));
        Self { days, far, refused: refused.filter(|(rejected, _)| *rejected <= 365) }
    }

    /// Whether a step was done in the year.
    fn done(&self, step: usize) -> bool {
        (step as i64) < self.far && self.days[step] <= 365
    }
}

/// How many applications a county has.
fn count(city: &City, plan: &CountyPlan, model: &PeopleModel) -> u64 {
    let all = scaled(model.applications.full, city.scale_ppm);
    let whole = city.slots.len().max(1) as u64;
    if plan.villages.is_empty() { 0 } else { all * plan.slots().len() as u64 / whole }
}

fn dice_of(city: &City, plan: &CountyPlan, at: u64) -> (u64, Dice) {
    let index = plan.slots().start as u64 + at;
    (index, Dice::new(city.seed, Stream::Application, index))
}

/// The households whose applications were announced: slots with their application and the month.
pub(super) fn newcomers(
    city: &City,
    model: &PeopleModel,
    calendar: Calendar<'_>,
) -> Result<BTreeMap<usize, (u64, i64)>> {
    let mut found = BTreeMap::new();
    for plan in &city.counties {
        for at in 0..count(city, plan, model) {
            let (index, mut dice) = dice_of(city, plan, at);
            let course = Course::throw(calendar, &mut dice);
            if !course.done(STEPS - 1) {
                continue;
            }
            let mut lot = Dice::new(city.seed, Stream::Newcomer, index);
            let slots = plan.slots();
            let any = |_| slots.start + lot.index(slots.len());
            let free = |slot: &usize| {
                let one = &city.slots[*slot];
                let plain = one.fault.is_none() && one.hosts.is_none();
                plain && one.status == Status::Staying && !found.contains_key(slot)
            };
            if let Some(slot) = (0..TRIES).map(any).find(free) {
                found.insert(slot, (index, calendar.month(course.days[STEPS - 1])?));
            }
        }
    }
    Ok(found)
}

/// Writes a county's applications.
pub(super) fn write(
    shared: Shared<'_>,
    plan: &CountyPlan,
    model: &PeopleModel,
    (calendar, format): (Calendar<'_>, Format),
) -> Result<Option<FileTruth>> {
    let count = count(shared.city, plan, model);
    if count == 0 {
        return Ok(None);
    }
    let inside = shared.city.newcomers.range(plan.slots());
    let registered: BTreeMap<u64, usize> =
        inside.map(|(slot, (application, _))| (*application, *slot)).collect();
    let place = (plan.area.code.as_str(), plan.area.name.as_str());
    let mut list = List::create(shared.raw, KIND, place, format)?;
    for at in 0..count {
        let (index, mut dice) = dice_of(shared.city, plan, at);
        let course = Course::throw(calendar, &mut dice);
        let slot = registered.get(&index).copied();
        let applicant = Applicant::of(shared, plan, slot, &mut dice);
        row(&mut list, (plan, index, calendar), (&course, applicant), &mut dice)?;
    }
    list.finish().map(Some)
}

/// Who applies, and in which village.
struct Applicant<'p> {
    name: String,
    village: &'p VillagePlan,
    /// The number of the household that was registered.
    household: Option<String>,
}

impl<'p> Applicant<'p> {
    /// The head of a household that the application brought onto the register; somebody else where
    /// it brought none.
    fn of(shared: Shared<'_>, plan: &'p CountyPlan, slot: Option<usize>, dice: &mut Dice) -> Self {
        let village = dice.pick(&plan.villages);
        let bearer = Bearer {
            surname: naming::surname(shared.names, dice),
            sex: if dice.mille(700) { Sex::Male } else { Sex::Female },
            birth_year: dice.between(1945, 1985),
            shared: None,
            husband: None,
        };
        let name = naming::full(shared.names, &bearer, dice);
        let registered = slot.and_then(|slot| {
            let village = plan.villages.iter().find(|village| village.slots.contains(&slot))?;
            let head =
                household::make(&shared.context_of(slot)?, slot).members.into_iter().next()?;
            let area = &plan.area.towns[village.town].villages[village.village];
            let number = format!("{}{:04}", area.code, slot - village.slots.start + 1);
            Some(Self { name: head.name, village, household: Some(number) })
        });
        registered.unwrap_or(Self { name, village, household: None })
    }
}

fn row(
    list: &mut List,
    (plan, index, calendar): (&CountyPlan, u64, Calendar<'_>),
    (course, applicant): (&Course, Applicant<'_>),
    dice: &mut Dice,
) -> Result<()> {
    let village = applicant.village;
    let town = &plan.area.towns[village.town];
    let (days, done) = (&course.days, |step: usize| course.done(step));
    let day = |step: usize| if done(step) { calendar.day(days[step]) } else { Cell::Blank };
    let later = |step: usize, more: i64| {
        if done(step) { calendar.day(days[step] + more) } else { Cell::Blank }
    };
    // Who is announced in the year's last days is entered in the next one.
    let entered = calendar.working(days[STEPS - 1] + REGISTERED_AFTER);
    let registered = applicant.household.filter(|_| entered <= 365);
    let entered = registered.as_ref().map(|_| entered);
    let entitled = dice.between(28, 62);
    let number = |step: usize, n: i64| if done(step) { Cell::Int(n) } else { Cell::Blank };
    list.row(&[
        Cell::text(format!("SQ{index:07}")),
        Cell::text(applicant.name),
        Cell::text(plan.area.name.as_str()),
        Cell::text(town.name.as_str()),
        Cell::text(town.villages[village.village].name.as_str()),
        day(0),
        day(1),
        day(2),
        number(2, entitled * 4 / 5),
        number(2, entitled),
        day(3),
        later(3, 7),
        day(4),
        number(4, dice.between(20, 30)),
        day(5),
        later(5, 7),
        day(6),
        number(6, dice.between(10, 18)),
        day(7),
        calendar.maybe(course.refused.map(|(day, _)| day)),
        course.refused.map_or(Cell::Blank, |(_, reason)| Cell::text(reason)),
        calendar.maybe(entered),
        registered.map_or(Cell::Blank, Cell::text),
    ])
}
