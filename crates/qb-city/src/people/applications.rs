//! Applications for registration: some passed, some were refused, some are still under way.

use super::list::{Calendar, Kind, List};
use super::model::PeopleModel;
use crate::apportion::scaled;
use crate::county::Shared;
use crate::dice::{Dice, Stream};
use crate::error::Result;
use crate::model::Format;
use crate::naming::{self, Bearer};
use crate::plan::CountyPlan;
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
    ],
};

const REASONS: [&str; 4] =
    ["家庭人均收入高于标准", "名下有商品房", "家庭成员为财政供养人员", "材料不全且未补正"];
/// Days between the steps: visit, assembly, notice, town, notice, county, announcement.
const STEPS: usize = 8;

/// Writes a county's applications.
pub(super) fn write(
    shared: Shared<'_>,
    plan: &CountyPlan,
    model: &PeopleModel,
    (calendar, format): (Calendar, Format),
) -> Result<Option<FileTruth>> {
    let all = scaled(model.applications.full, shared.city.scale_ppm);
    let whole = shared.city.slots.len().max(1) as u64;
    let count = all * plan.slots().len() as u64 / whole;
    if count == 0 || plan.villages.is_empty() {
        return Ok(None);
    }
    let place = (plan.area.code.as_str(), plan.area.name.as_str());
    let mut list = List::create(shared.raw, KIND, place, format)?;
    for at in 0..count {
        let index = plan.slots().start as u64 + at;
        let mut dice = Dice::new(shared.city.seed, Stream::Application, index);
        row(&mut list, (shared, plan), (index, calendar), &mut dice)?;
    }
    list.finish().map(Some)
}

fn row(
    list: &mut List,
    (shared, plan): (Shared<'_>, &CountyPlan),
    (index, calendar): (u64, Calendar),
    dice: &mut Dice,
) -> Result<()> {
    let village = dice.pick(&plan.villages);
    let town = &plan.area.towns[village.town];
    let bearer = Bearer {
        surname: naming::surname(shared.names, dice),
        sex: if dice.mille(700) { Sex::Male } else { Sex::Female },
        birth_year: dice.between(1945, 1985),
        shared: None,
        husband: None,
    };
    let name = naming::full(shared.names, &bearer, dice);
    let applied = dice.between(60, 350);
    let mut days = [applied; STEPS];
    for (step, gap) in [3, 6, 1, 9, 2, 8, 6].into_iter().enumerate() {
        days[step + 1] = days[step] + gap + dice.between(0, 2);
    }
    let refused = dice.mille(280).then(|| (dice.between(1, 5), *dice.pick(&REASONS)));
    // The year ends before later steps are done.
    let far = refused.map_or(STEPS as i64, |(far, _)| far);
    let done = |step: usize| (step as i64) < far && days[step] <= 365;
    let day = |step: usize| if done(step) { calendar.day(days[step]) } else { Cell::Blank };
    let later = |step: usize, more: i64| {
        if done(step) { calendar.day(days[step] + more) } else { Cell::Blank }
    };
    let entitled = dice.between(28, 62);
    let number = |step: usize, n: i64| if done(step) { Cell::Int(n) } else { Cell::Blank };
    let last = days[qb_base::size((far - 1).unsigned_abs()).min(STEPS - 1)];
    let refused = refused.filter(|_| last < 365);
    list.row(&[
        Cell::text(format!("SQ{index:07}")),
        Cell::text(name),
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
        calendar.maybe(refused.map(|_| (last + 2).min(365))),
        Cell::text(refused.map_or("", |(_, reason)| reason)),
    ])
}
