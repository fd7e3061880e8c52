//! Who helps a household, and the visits.

use super::Member;
use super::list::{Kind, List, flag};
use super::model::Help;
use crate::calendar::Calendar;
use crate::dice::Dice;
use crate::error::Result;
use crate::model::Names;
use crate::naming::{self, Bearer};
use crate::sheet::Cell;
use qb_base::resident::Sex;

pub(super) const PAIRING: Kind = Kind {
    dataset: "household_pairing",
    folder: "结对/到户",
    title: "到户结对名册",
    heads: &[
        "户编号",
        "帮扶责任人编号",
        "帮扶责任人",
        "所在单位编号",
        "是否党员",
        "结对起始日期",
        "结对终止日期",
    ],
};

pub(super) const VISITS: Kind = Kind {
    dataset: "visit",
    folder: "走访",
    title: "走访记录",
    heads: &[
        "走访编号",
        "户编号",
        "走访人编号",
        "走访日期",
        "需求类别",
        "需求内容",
        "承诺事项",
        "承诺期限",
        "办结日期",
    ],
};

/// Needs as people put them, with what a visitor can promise.
const NEEDS: [[&str; 3]; 8] = [
    ["增收门路", "想养羊缺启动资金", "对接小额贷款和养殖户"],
    ["就业", "儿子在家待业", "介绍到镇服装厂面试"],
    ["看病就医", "慢性病药费高", "帮助办理慢性病门诊备案"],
    ["子女上学", "孩子住校费用紧张", "申请寄宿生生活补助"],
    ["住房", "屋顶漏雨", "报镇里查勘并维修"],
    ["饮水", "水管冬季结冰", "联系水厂包扎管道"],
    ["照料", "老人独居无人照看", "安排邻里每日探望"],
    ["政策手续", "残疾证到期未换", "代办换证"],
];

/// The helper of a household; neighbours share one.
pub(super) struct Helper {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) is_party_member: bool,
}

impl Helper {
    pub(super) fn of(model: &Help, names: &Names, member: &Member<'_>) -> Self {
        let turn = member.slot / model.households_per_helper.max(1);
        let mut dice = Dice::new(member.seed, crate::dice::Stream::Helper, turn as u64);
        let sex = if dice.mille(610) { Sex::Male } else { Sex::Female };
        let bearer = Bearer {
            surname: naming::surname(names, &mut dice),
            sex,
            birth_year: dice.between(1958, 1990),
            shared: None,
            husband: None,
        };
        Self {
            number: format!("BF{}{turn:06}", &member.village[..6.min(member.village.len())]),
            name: naming::full(names, &bearer, &mut dice),
            unit: format!("JG{}{:03}", &member.village[..6.min(member.village.len())], turn % 120),
            is_party_member: dice.mille(model.party_members),
        }
    }
}

/// Writes who helps the household; some helpers took over from another in the year.
pub(super) fn pairing(
    list: &mut List,
    model: &Help,
    calendar: Calendar<'_>,
    member: &Member<'_>,
    helper: &Helper,
) -> Result<()> {
    let mut dice = member.dice(2);
    let since =
        if dice.mille(model.replaced) { dice.between(60, 300) } else { 20 + dice.between(0, 40) };
    list.row(&[
        Cell::text(member.household_no),
        Cell::text(helper.number.as_str()),
        Cell::text(helper.name.as_str()),
        Cell::text(helper.unit.as_str()),
        flag(helper.is_party_member),
        calendar.day(since),
        Cell::Blank,
    ])
}

/// Writes a visit with what was found and promised.
pub(super) fn visit(
    list: &mut List,
    model: &Help,
    calendar: Calendar<'_>,
    member: &Member<'_>,
    helper: &Helper,
) -> Result<()> {
    let mut dice = member.dice(3);
    if !dice.mille(model.visited) {
        return Ok(());
    }
    let day = dice.between(70, 355);
    let need = dice.mille(540).then(|| *dice.pick(&NEEDS));
    let until = day + dice.between(10, 60);
    let done = dice.mille(860).then(|| day + dice.between(2, 55)).filter(|done| *done <= 365);
    let [kind, what, promise] = need.unwrap_or([""; 3]);
    list.row(&[
        Cell::text(format!("ZF{:07}", member.slot)),
        Cell::text(member.household_no),
        Cell::text(helper.number.as_str()),
        calendar.day(day),
        Cell::text(kind),
        Cell::text(what),
        Cell::text(promise),
        calendar.maybe(need.map(|_| until)),
        calendar.maybe(need.and(done)),
    ])
}
