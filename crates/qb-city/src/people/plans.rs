//! What was agreed with a household: measures, cooperatives, enterprises, moving, loans, yield.

use super::Member;
use super::helpers::Helper;
use super::list::{Kind, List, flag};
use super::model::{Help, Loans, ppm};
use crate::calendar::Calendar;
use crate::dice::Dice;
use crate::error::Result;
use crate::person::Labour;
use crate::sheet::Cell;

pub(super) const MEASURES: Kind = Kind {
    dataset: "household_measure",
    folder: "帮扶/举措",
    title: "一户一策台账",
    heads: &["户编号", "举措序号", "帮扶模式", "增收举措", "商定日期", "佐证材料", "责任人编号"],
};
pub(super) const BENEFITS: Kind = Kind {
    dataset: "project_benefit",
    folder: "项目/收益/到户",
    title: "项目收益到户明细",
    heads: &["项目编号", "户编号", "收益年度", "到户金额(元)", "发放日期"],
};
pub(super) const COOPERATIVES: Kind = Kind {
    dataset: "cooperative",
    folder: "帮扶/合作社",
    title: "合作社带动花名册",
    heads: &[
        "户编号",
        "合作社编号",
        "合作社名称",
        "县(市、区)",
        "乡(镇)",
        "行政村",
        "入社日期",
        "分红(元)",
    ],
};
pub(super) const ENTERPRISES: Kind = Kind {
    dataset: "enterprise_link",
    folder: "帮扶/企业",
    title: "企业带动花名册",
    heads: &["户编号", "企业编号", "企业名称", "带动方式", "年度到户金额(元)"],
};
pub(super) const RELOCATIONS: Kind = Kind {
    dataset: "relocation",
    folder: "帮扶/搬迁",
    title: "易地搬迁台账",
    heads: &["户编号", "安置点", "入住日期", "旧房是否拆除", "是否落实就业"],
};
pub(super) const LOANS: Kind = Kind {
    dataset: "microcredit",
    folder: "金融",
    title: "小额贷款台账",
    heads: &[
        "借据号",
        "户编号",
        "证件号码",
        "借款人",
        "贷款金额(元)",
        "年利率(%)",
        "放款日期",
        "到期日期",
        "结清日期",
        "贷款用途",
        "贴息金额(元)",
    ],
};

/// A mode of support with the evidence a household link asks for.
type Mode = (&'static str, &'static str);

/// What suits the household first.
fn main_mode(member: &Member<'_>, dice: &mut Dice) -> Mode {
    if member.household.slot.yield_fen > 0 {
        let by_yield: [Mode; 4] = [
            ("产业扶贫", "收益分配协议"),
            ("物业租赁扶贫", "租赁分成协议"),
            ("光伏扶贫", "光伏收益分配表"),
            ("合作组织带动扶贫", "入社证明"),
        ];
        return *dice.pick(&by_yield);
    }
    let works = member
        .household
        .members
        .iter()
        .any(|p| matches!(p.labour, Labour::Ordinary | Labour::Skilled));
    match (member.household.cause, works) {
        ("因病", false) => ("健康扶贫", "慢性病备案"),
        ("因残", false) => ("助残帮扶", "残疾证"),
        ("因学", _) => ("教育扶贫", "学籍证明"),
        (_, false) => ("兜底保障", "低保证"),
        (_, true) => {
            let by_work: [Mode; 6] = [
                ("就业帮扶", "劳动合同"),
                ("产业扶贫", "种养协议"),
                ("电商扶贫", "网店登记"),
                ("企业带动扶贫", "务工合同"),
                ("技能培训", "培训证书"),
                ("公益性岗位", "岗位协议"),
            ];
            *dice.pick(&by_work)
        }
    }
}

/// Writes the household's measures; a few households are still without one.
pub(super) fn measures(
    list: &mut List,
    model: (&Help, u64),
    calendar: Calendar<'_>,
    member: &Member<'_>,
    helper: &Helper,
) -> Result<()> {
    let (model, households) = model;
    let mut dice = member.dice(4);
    if dice.ppm(ppm(model.without_measure, households)) && member.household.slot.yield_fen == 0 {
        return Ok(());
    }
    let mut modes = vec![main_mode(member, &mut dice)];
    if dice.mille(model.second_measure) {
        modes.push(("健康扶贫", "参保凭证"));
    }
    let day = dice.between(65, 150);
    for (number, (mode, evidence)) in (1..).zip(modes) {
        let kept = if dice.mille(985) { evidence } else { "" };
        list.row(&[
            Cell::text(member.household_no),
            Cell::Int(number),
            Cell::text(mode),
            Cell::Blank,
            calendar.day(day + number),
            Cell::text(kept),
            Cell::text(helper.number.as_str()),
        ])?;
    }
    Ok(())
}

/// Writes the yield paid to the household, if it has any.
pub(super) fn benefit(
    list: &mut List,
    calendar: Calendar<'_>,
    member: &Member<'_>,
    project: Option<String>,
) -> Result<()> {
    let (Some(project), fen) = (project, member.household.slot.yield_fen) else { return Ok(()) };
    if fen == 0 {
        return Ok(());
    }
    let mut dice = member.dice(5);
    list.row(&[
        Cell::text(project),
        Cell::text(member.household_no),
        Cell::Int(i64::from(member.year)),
        Cell::Fen(fen),
        calendar.office_day(dice.between(300, 362)),
    ])
}

/// Writes membership of a cooperative of the village.
pub(super) fn cooperative(
    list: &mut List,
    model: &Help,
    calendar: Calendar<'_>,
    member: &Member<'_>,
) -> Result<()> {
    let mut dice = member.dice(6);
    if !dice.mille(model.in_cooperative) {
        return Ok(());
    }
    let number = dice.between(1, 2);
    let [county, town, village] = member.place;
    list.row(&[
        Cell::text(member.household_no),
        Cell::text(format!("HZS{}{number}", member.village)),
        Cell::text(format!("{}第{number}专业合作社", crate::places::bare(village))),
        Cell::text(county),
        Cell::text(town),
        Cell::text(village),
        calendar.office_day(dice.between(30, 240)),
        Cell::Fen(dice.between(2, 18) * 10_000),
    ])
}

/// Writes a link with an enterprise of the county.
pub(super) fn enterprise(list: &mut List, model: &Help, member: &Member<'_>) -> Result<()> {
    let mut dice = member.dice(7);
    if !dice.mille(model.with_enterprise) {
        return Ok(());
    }
    let number = dice.between(1, 40);
    let (link, fen) =
        *dice.pick(&[("务工就业", 1_800_000), ("订单收购", 460_000), ("入股分红", 90_000)]);
    list.row(&[
        Cell::text(member.household_no),
        Cell::text(format!("QY{}{number:03}", &member.village[..6.min(member.village.len())])),
        Cell::text(format!("{}示例企业{number}", member.place[0])),
        Cell::text(link),
        Cell::Fen(fen / 100 * dice.between(60, 140)),
    ])
}

/// Writes a move to a new home.
pub(super) fn relocation(
    list: &mut List,
    model: (&Help, u64),
    calendar: Calendar<'_>,
    member: &Member<'_>,
) -> Result<()> {
    let mut dice = member.dice(8);
    if !dice.ppm(ppm(model.0.relocated, model.1)) {
        return Ok(());
    }
    list.row(&[
        Cell::text(member.household_no),
        Cell::text(format!("{}集中安置点", member.place[1])),
        calendar.day(dice.between(120, 360)),
        flag(dice.mille(955)),
        flag(dice.mille(870)),
    ])
}

/// Days of a year as loans count them.
const YEAR_DAYS: i64 = 365;

/// Writes a small loan to a grown-up member.
pub(super) fn loan(
    list: &mut List,
    model: (&Loans, u64),
    calendar: Calendar<'_>,
    member: &Member<'_>,
) -> Result<()> {
    let (model, share) = model;
    let mut dice = member.dice(9);
    let borrower = member.household.members.iter().find(|p| (18..=65).contains(&p.kin.age));
    let Some(borrower) = borrower.filter(|_| dice.ppm(share)) else { return Ok(()) };
    let fen = model.amounts[dice.weighted(model.weights.iter().copied())];
    let years = if dice.mille(640) { 1 } else { 3 };
    let rate = model.rate_bp[usize::from(years > 1)];
    let granted = calendar.working(dice.between(40, 340));
    let repaid = (years == 1 && dice.mille(220)).then(|| granted + dice.between(10, 300));
    let purpose = dice.pick_weighted(&model.purposes)?.as_str();
    let interest = fen * rate * years / 10_000;
    list.row(&[
        Cell::text(format!("XD{:07}", member.slot)),
        Cell::text(member.household_no),
        Cell::text(borrower.id_no.as_str()),
        Cell::text(borrower.name.as_str()),
        Cell::Fen(fen),
        Cell::text(format!("{}.{:02}", rate / 100, rate % 100)),
        calendar.day(granted),
        calendar.day(granted + years * YEAR_DAYS),
        calendar.maybe(repaid.filter(|day| *day <= YEAR_DAYS)),
        Cell::text(purpose),
        Cell::Fen(interest),
    ])
}
