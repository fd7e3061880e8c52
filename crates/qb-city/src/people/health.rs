//! Lists of the health insurer: who came off the roster, who is insured, what treatment cost.

use super::Member;
use super::list::{Kind, List};
use super::model::{Claims, PeopleModel, Roster, ppm};
use crate::calendar::Calendar;
use crate::dice::Dice;
use crate::error::Result;
use crate::household::Class;
use crate::person::{Health, Person};
use crate::plan::Status;
use crate::sheet::Cell;

pub(super) const CHANGES: Kind = Kind {
    dataset: "roster_change",
    folder: "医保/核减",
    title: "参保名册核减明细",
    heads: &["人编号", "户编号", "证件号码", "核减人员", "核减原因", "核减日期"],
};
pub(super) const INSURED: Kind = Kind {
    dataset: "insured",
    folder: "医保/参保",
    title: "医保参保缴费名册",
    heads: &[
        "人编号",
        "参保编号",
        "证件号码",
        "户编号",
        "参保年度",
        "参保险种",
        "个人保费缴纳人",
        "个人保费(元)",
        "缴费日期",
    ],
};
pub(super) const CLAIMS: Kind = Kind {
    dataset: "claim",
    folder: "医保/结算",
    title: "医疗费用结算明细",
    heads: &[
        "结算单号",
        "证件号码",
        "户编号",
        "就医类别",
        "医院级别",
        "结算日期",
        "总费用(元)",
        "合规费用(元)",
        "基本医保支付(元)",
        "大病保险支付(元)",
        "医疗救助支付(元)",
        "个人自付(元)",
    ],
};

/// Spreads a county's share of the changes evenly over those who stay on the register.
pub(super) struct Turns {
    quota: u64,
    people: u64,
    seen: u64,
}

impl Turns {
    pub(super) fn new(quota: u64, people: u64) -> Self {
        Self { quota, people: people.max(1), seen: 0 }
    }

    /// Whether it is the next person's turn; exactly `quota` of `people` have one.
    fn next(&mut self) -> bool {
        let reached =
            |seen: u64| u128::from(seen) * u128::from(self.quota) / u128::from(self.people);
        let before = reached(self.seen);
        self.seen += 1;
        reached(self.seen) > before
    }
}

/// The two lists a person of the roster can be on.
pub(super) struct Lists<'a> {
    pub(super) changes: &'a mut List,
    pub(super) insured: &'a mut List,
    pub(super) turns: &'a mut Turns,
}

/// Writes who is off the roster, and whom the insurer insures for the coming year.
pub(super) fn roster(
    lists: Lists<'_>,
    model: (&Roster, u64),
    calendar: Calendar<'_>,
    member: &Member<'_>,
) -> Result<()> {
    let Lists { changes, insured, turns } = lists;
    let (model, roster) = model;
    let mut dice = member.dice(10);
    if member.household.slot.status == Status::Exited {
        return deaths(changes, model.exited_deaths, (calendar, member), &mut dice);
    }
    for (at, person) in (1..).zip(&member.household.members) {
        let number = format!("{}{at:02}", member.household_no);
        if turns.next() {
            let reason = dice.pick_weighted(&model.reasons)?.as_str();
            let day = calendar.office_day(dice.between(200, 362));
            change(changes, (member, &number, person), reason, day)?;
            if reason != DEATH || !dice.ppm(ppm(model.dead_insured, model.changes / 4)) {
                continue;
            }
        } else if dice.ppm(ppm(model.missing, roster)) {
            continue;
        }
        let row = Premium { member, person, number: &number, model, calendar };
        row.write(insured, "财政代缴", 1, &mut dice)?;
        if dice.ppm(ppm(model.twice, roster)) {
            row.write(insured, "财政代缴", 2, &mut dice)?;
        }
        if dice.ppm(ppm(model.self_paid, roster)) {
            row.write(insured, "个人缴纳", 3, &mut dice)?;
        }
    }
    Ok(())
}

/// Why somebody who died comes off.
const DEATH: &str = "死亡";

/// Writes that somebody comes off the roster.
fn change(
    changes: &mut List,
    (member, number, person): (&Member<'_>, &str, &Person),
    reason: &str,
    day: Cell<'_>,
) -> Result<()> {
    changes.row(&[
        Cell::text(number),
        Cell::text(member.household_no),
        Cell::text(person.id_no.as_str()),
        Cell::text(person.name.as_str()),
        Cell::text(reason),
        day,
    ])
}

/// Writes who died in a household that left the register; the insurer hears of it all the same.
fn deaths(
    changes: &mut List,
    per_million: u64,
    (calendar, member): (Calendar<'_>, &Member<'_>),
    dice: &mut Dice,
) -> Result<()> {
    for (at, person) in (1..).zip(&member.household.members) {
        // The old die sooner.
        let share = if person.kin.age >= 60 { per_million * 2 } else { per_million / 2 };
        if dice.ppm(share) {
            let number = format!("{}{at:02}", member.household_no);
            let day = calendar.office_day(dice.between(8, 362));
            change(changes, (member, &number, person), DEATH, day)?;
        }
    }
    Ok(())
}

struct Premium<'a> {
    member: &'a Member<'a>,
    person: &'a Person,
    number: &'a str,
    model: &'a Roster,
    calendar: Calendar<'a>,
}

impl Premium<'_> {
    fn write(&self, list: &mut List, payer: &str, turn: u32, dice: &mut Dice) -> Result<()> {
        list.row(&[
            Cell::text(self.number),
            Cell::text(format!("YB{}{turn}", self.number)),
            Cell::text(self.person.id_no.as_str()),
            Cell::text(self.member.household_no),
            Cell::Int(i64::from(self.member.year) + 1),
            Cell::text("城乡居民基本医疗保险"),
            Cell::text(payer),
            Cell::Fen(self.model.premium_fen),
            self.calendar.office_day(dice.between(310, 362)),
        ])
    }
}

/// Writes the year's settled treatment of the household's members.
pub(super) fn claims(
    list: &mut List,
    model: &PeopleModel,
    calendar: Calendar<'_>,
    member: &Member<'_>,
) -> Result<()> {
    let mut dice = member.dice(11);
    for (at, person) in (1..).zip(&member.household.members) {
        let share = model.claims.shares[match person.health {
            Health::Serious => 0,
            Health::Chronic | Health::ChronicDisabled => 1,
            Health::Disabled => 2,
            Health::Healthy => 3,
        }];
        if person.medical == Some(false) || !dice.mille(share) {
            continue;
        }
        let paid = Settled::throw(&model.claims, member.household.class, &mut dice);
        list.row(&[
            Cell::text(format!("JS{:07}{at:02}", member.slot)),
            Cell::text(person.id_no.as_str()),
            Cell::text(member.household_no),
            Cell::text(paid.kind),
            Cell::text(paid.level),
            calendar.day(dice.between(3, 362)),
            Cell::Fen(paid.total),
            Cell::Fen(paid.eligible),
            Cell::Fen(paid.basic),
            Cell::Fen(paid.critical),
            Cell::Fen(paid.assistance),
            Cell::Fen(paid.total - paid.basic - paid.critical - paid.assistance),
        ])?;
    }
    Ok(())
}

/// A share of an amount as an office pays it, rounded half up to the fen.
fn percent(fen: i64, rate: i64) -> i64 {
    (fen * rate + 50) / 100
}

/// A settled bill in fen.
struct Settled<'m> {
    kind: &'static str,
    level: &'m str,
    total: i64,
    eligible: i64,
    basic: i64,
    critical: i64,
    assistance: i64,
}

impl<'m> Settled<'m> {
    fn throw(model: &'m Claims, class: Class, dice: &mut Dice) -> Self {
        let inpatient = dice.mille(model.inpatient);
        let at = dice.weighted(model.levels.iter().map(|level| level.weight));
        let Some(level) = model.levels.get(at) else {
            return Self {
                kind: "门诊",
                level: "",
                total: 0,
                eligible: 0,
                basic: 0,
                critical: 0,
                assistance: 0,
            };
        };
        let part = if inpatient { 1 } else { 12 };
        let total = dice.between(level.low, level.high) / part / 100 * 100;
        let eligible = total * dice.between(model.eligible[0], model.eligible[1]) / 1000;
        let deductible = if inpatient { level.deductible } else { 0 };
        let rate = level.rates[usize::from(!inpatient)];
        let basic = percent((eligible - deductible).max(0), rate);
        let over = (eligible - basic - model.critical_from).max(0);
        let critical = percent(over, model.critical_rate).min(model.critical_most);
        let helped = matches!(class, Class::Allowance | Class::Hardship);
        let left = eligible - basic - critical;
        let assistance = if helped {
            percent(left, model.assistance_rate).min(model.assistance_most)
        } else {
            0
        };
        Self {
            kind: if inpatient { "住院" } else { "门诊" },
            level: &level.label,
            total,
            eligible,
            basic,
            critical,
            assistance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_is_rounded_half_up_and_not_cut() {
        assert_eq!([percent(1, 49), percent(1, 50), percent(3, 75), percent(0, 85)], [0, 1, 2, 0]);
    }
}
