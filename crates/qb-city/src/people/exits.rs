//! Decisions on leaving the register, one row per household, with the day of each step.

use super::Member;
use super::list::{Kind, List};
use super::model::{Exits, ppm};
use crate::calendar::Calendar;
use crate::dice::{Dice, Stream, seed_of};
use crate::error::Result;
use crate::plan::Status;
use crate::sheet::Cell;

pub(super) const KIND: Kind = Kind {
    dataset: "exit_decision",
    folder: "退出",
    title: "退出认定台账",
    heads: &[
        "户编号",
        "预脱贫标注日期",
        "民主评议日期",
        "评议到会代表数",
        "评议应到代表数",
        "入户核实日期",
        "户主签字日期",
        "公示起始日期",
        "公示截止日期",
        "镇县审核日期",
        "抽查比例(%)",
        "公告日期",
        "批准文号",
        "不愁吃",
        "不愁穿",
        "收入稳定",
    ],
};

/// First days of the steps: marking in spring, the assembly in October.
const MARKED_FROM: i64 = 45;
const ASSEMBLY_FROM: i64 = 283;

/// How a village went about its exits.
pub(super) struct Schedule {
    marked: i64,
    assembly: i64,
    entitled: i64,
    present: i64,
    verified: i64,
    notice: i64,
    checked: i64,
    announced: i64,
    sample: i64,
    document: String,
}

impl Schedule {
    pub(super) fn of(model: &Exits, calendar: Calendar<'_>, seed: u64, village: &str) -> Self {
        let number = seed_of(village);
        let mut dice = Dice::new(seed, Stream::Lists, number);
        let [least, most] = model.representatives;
        let entitled = dice.between(least, most);
        let assembly = ASSEMBLY_FROM + dice.between(0, 14);
        let verified = assembly + dice.between(2, 6);
        let notice = calendar.working(verified + dice.between(4, 7));
        let checked = calendar.working(notice + model.notice_days + dice.between(1, 6));
        Self {
            marked: calendar.working(MARKED_FROM + dice.between(0, 30)),
            assembly,
            entitled,
            present: (entitled * 2 + 2) / 3 + dice.between(0, entitled / 4),
            verified,
            notice,
            checked,
            announced: calendar.working(checked + dice.between(3, 9)),
            sample: dice.between(model.sample[0], model.sample[1]),
            document: format!("扶办发〔2016〕{}号", dice.between(41, 98)),
        }
    }
}

/// Writes the household's row, if it was proposed for exit.
pub(super) fn write(
    list: &mut List,
    model: (&Exits, u64),
    calendar: Calendar<'_>,
    schedule: &Schedule,
    member: &Member<'_>,
) -> Result<()> {
    let (model, exits) = model;
    let decided = match member.household.slot.status {
        Status::Exited => true,
        Status::PreExit => false,
        Status::Staying => return Ok(()),
    };
    let mut dice = member.dice(1);
    let wrong = |dice: &mut Dice, count: u64| decided && dice.ppm(ppm(count, exits));
    let present = if wrong(&mut dice, model.short_quorum) {
        schedule.entitled * 3 / 5
    } else {
        schedule.present
    };
    let cut = if wrong(&mut dice, model.short_notice) { dice.between(2, 4) } else { 0 };
    let signed = !wrong(&mut dice, model.unsigned);
    let far = if decided { 9 } else { dice.between(1, 4) };
    let step = |at: i64, day: i64| calendar.maybe((far >= at).then_some(day));
    let number = |at: i64, n: i64| if far >= at { Cell::Int(n) } else { Cell::Blank };
    // What was seen at home is entered with the day of the visit.
    let seen = if far >= 3 { Cell::text("是") } else { Cell::Blank };
    let consent = if signed { step(4, schedule.verified + 2) } else { Cell::Blank };
    list.row(&[
        Cell::text(member.household_no),
        calendar.day(schedule.marked),
        step(2, schedule.assembly),
        number(2, present),
        number(2, schedule.entitled),
        step(3, schedule.verified),
        consent,
        step(5, schedule.notice),
        step(5, schedule.notice + model.notice_days - cut),
        step(6, schedule.checked),
        number(6, schedule.sample),
        step(7, schedule.announced),
        if far >= 7 { Cell::text(schedule.document.as_str()) } else { Cell::Blank },
        seen.clone(),
        seen.clone(),
        seen,
    ])
}
