//! Lists of the schools: who is on the school register, who got aid.

use super::Member;
use super::list::{Kind, List, flag};
use super::model::Aid;
use crate::calendar::Calendar;
use crate::dice::Dice;
use crate::error::Result;
use crate::person::Person;
use crate::sheet::Cell;

pub(super) const STUDENTS: Kind = Kind {
    dataset: "student",
    folder: "教育/学籍",
    title: "在籍学生名册",
    heads: &["学籍号", "证件号码", "学校名称", "学段", "年级序号", "是否寄宿", "是否在校"],
};
pub(super) const AID: Kind = Kind {
    dataset: "student_aid",
    folder: "教育/资助",
    title: "学生资助发放明细",
    heads: &[
        "发放流水号",
        "学籍号",
        "证件号码",
        "资助学段",
        "资助项目",
        "资助金额(元)",
        "发放日期",
        "资助学期",
    ],
};

/// Payments and fen written so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AidDone {
    pub(crate) payments: u64,
    pub(crate) fen: i64,
}

/// A stage of school: its label, the aid it knows, the amount of one payment in fen.
pub(super) struct Stage {
    pub(super) label: &'static str,
    pub(super) item: &'static str,
    pub(super) fen: i64,
}

/// The stage a label of the household register stands for.
pub(super) fn stage(school: &str) -> Option<Stage> {
    let stage = |label, item, fen| Some(Stage { label, item, fen });
    match school {
        "学前教育" => stage("学前", "学前资助", 50_000),
        "小学" => stage("小学", "生活补助", 50_000),
        _ if school.ends_with("年级") && school.starts_with(['七', '八', '九']) => {
            stage("初中", "生活补助", 62_500)
        }
        _ if school.starts_with("高中") => stage("普通高中", "国家助学金", 100_000),
        _ if school.starts_with("中职") => stage("中职", "国家助学金", 100_000),
        _ if school.is_empty() => None,
        _ => stage("高等教育", "国家助学金", 90_000),
    }
}

/// Both lists of a county's schools.
pub(super) struct Lists<'a> {
    pub(super) students: &'a mut List,
    pub(super) aid: &'a mut List,
    pub(super) done: &'a mut AidDone,
}

/// Writes the household's students, those who should be at school and are not, and their aid.
pub(super) fn write(
    lists: Lists<'_>,
    model: &Aid,
    calendar: Calendar<'_>,
    member: &Member<'_>,
) -> Result<()> {
    let Lists { students, aid, done } = lists;
    let mut dice = member.dice(12);
    for (at, person) in (1..).zip(&member.household.members) {
        let away = !person.out_of_school.is_empty();
        let known = if away { stage("小学") } else { stage(person.school) };
        let Some(stage) = known else { continue };
        let number = format!("G{:08}{at:02}", member.slot);
        let boards = matches!(stage.label, "初中" | "普通高中" | "中职") && dice.mille(430);
        students.row(&[
            Cell::text(number.as_str()),
            Cell::text(person.id_no.as_str()),
            Cell::text(format!("{}{}学校", member.place[1], stage.label)),
            Cell::text(stage.label),
            Cell::Int(grade(person)),
            flag(boards),
            flag(!away),
        ])?;
        let missed = dice.mille(model.unpaid);
        if away || missed {
            continue;
        }
        let terms = if dice.mille(model.second) { 2 } else { 1 };
        for term in 1..=terms {
            let row = Payment { number: &number, person, stage: &stage, term };
            row.write(aid, (calendar, member), &mut dice)?;
            done.payments += 1;
            done.fen += stage.fen;
        }
    }
    Ok(())
}

/// The grade by age, first grade at six.
fn grade(person: &Person) -> i64 {
    (person.kin.age - 5).clamp(1, 16)
}

struct Payment<'a> {
    number: &'a str,
    person: &'a Person,
    stage: &'a Stage,
    term: i64,
}

impl Payment<'_> {
    fn write(
        &self,
        list: &mut List,
        (calendar, member): (Calendar<'_>, &Member<'_>),
        dice: &mut Dice,
    ) -> Result<()> {
        let day = if self.term == 1 { dice.between(100, 170) } else { dice.between(290, 350) };
        let term = if self.term == 1 { "春季学期" } else { "秋季学期" };
        list.row(&[
            Cell::text(format!("{}-{}", self.number, self.term)),
            Cell::text(self.number),
            Cell::text(self.person.id_no.as_str()),
            Cell::text(self.stage.label),
            Cell::text(self.stage.item),
            Cell::Fen(self.stage.fen),
            calendar.office_day(day),
            Cell::text(format!("{}年{term}", member.year)),
        ])
    }
}
