//! The household register, one row per person, in the layout of the national export.

use crate::dice::{Dice, Stream};
use crate::error::{CityError, Result};
use crate::family::Generation;
use crate::faults::{Expectation, Fault};
use crate::household::{Class, Household};
use crate::model::{County, DateStyle, FlagStyle, Names};
use crate::person::Person;
use crate::places;
use crate::plan::Status;
use crate::sheet::{Cell, Table};

/// Columns of the register.
pub(crate) const COLUMNS: usize = 31;
pub(crate) const COUNTY: usize = 0;
pub(crate) const VILLAGE: usize = 2;
pub(crate) const NAME: usize = 6;
pub(crate) const ID_NO: usize = 7;
pub(crate) const MEMBER_COUNT: usize = 8;
pub(crate) const RELATION: usize = 9;
pub(crate) const ETHNICITY: usize = 10;
pub(crate) const EDUCATION: usize = 11;
pub(crate) const HEALTH: usize = 13;
pub(crate) const LABOUR: usize = 14;
pub(crate) const CAUSE: usize = 21;
pub(crate) const IDENTIFIED: usize = 30;
pub(crate) const SCHOOL: usize = 12;
pub(crate) const INCOME: usize = 25;
pub(crate) const OUT_OF_SCHOOL: usize = 29;
/// Columns that tell about the household, not the person.
const OF_HOUSEHOLD: [usize; 12] =
    [MEMBER_COUNT, 18, 19, 20, CAUSE, 22, 23, 24, 25, 26, 28, IDENTIFIED];

/// Header labels: of the national export, and as some counties write them.
pub(crate) const LABELS: [[&str; COLUMNS]; 2] = [
    [
        "县(市、区、旗)",
        "乡(镇)",
        "行政村",
        "自然村",
        "户编号",
        "人编号",
        "姓名",
        "证件号码",
        "人数",
        "与户主关系",
        "民族",
        "文化程度",
        "在校生状况",
        "健康状况",
        "劳动技能",
        "务工状况",
        "务工时间(月)",
        "参加大病医疗",
        "脱贫属性",
        "脱贫年度",
        "贫困户属性",
        "主要致贫原因",
        "危房户",
        "饮水安全",
        "饮水困难",
        "人均纯收入",
        "联系电话",
        "参加城乡居民基本医疗保险",
        "其他致贫原因",
        "义务教育阶段未上学原因",
        "识别时间",
    ],
    [
        "县(市、区)",
        "乡镇",
        "行政村(社区)",
        "村民小组",
        "户编号",
        "人编号",
        "姓名",
        "身份证号码",
        "家庭人口",
        "与户主的关系",
        "民族",
        "文化程度",
        "在校生情况",
        "身体状况",
        "劳动能力",
        "务工地点",
        "务工时间",
        "是否参加大病保险",
        "脱贫属性",
        "脱贫年度",
        "低收入农户属性",
        "主要致贫原因",
        "是否危房户",
        "是否饮水安全",
        "是否饮水困难",
        "家庭人均纯收入",
        "联系电话",
        "是否参加新农合",
        "次要致贫原因",
        "未上学原因",
        "首次识别时间",
    ],
];

/// Group labels above the header and the columns they span.
pub(crate) const GROUPS: [(&str, usize); 4] =
    [("所在地", 4), ("家庭成员基本情况", 14), ("户基本情况", 8), ("补充信息", 5)];

/// Where a household lives and how it is numbered.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) county: &'a str,
    pub(crate) town: &'a str,
    pub(crate) village: &'a str,
    pub(crate) household_no: &'a str,
}

/// What writing a household did to the counts.
#[derive(Debug, Default)]
pub(crate) struct Written<'a> {
    /// Rows that must be sent again.
    pub(crate) corrections: Vec<Vec<Cell<'a>>>,
    /// Mistakes with the number of their row and their column.
    pub(crate) planted: Vec<(Fault, u32, usize)>,
    /// First and last row.
    pub(crate) rows: (u32, u32),
}

/// The writer of one county's register.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) style: &'a County,
    pub(crate) names: &'a Names,
    pub(crate) seed: u64,
    pub(crate) year: i64,
}

impl<'a> Writer<'a> {
    /// Writes all rows of a household; `guest` is a person who is registered elsewhere already.
    pub(crate) fn household(
        &self,
        table: &mut Table,
        place: Place<'a>,
        household: &'a Household,
        guest: Option<&'a Person>,
        index: usize,
    ) -> Result<Written<'a>> {
        let mut dice = Dice::new(self.seed, Stream::Damage, index as u64);
        let victim = self.victim(household, &mut dice)?;
        let workbook = table.is_workbook();
        let mut written = Written::default();
        for (i, person) in household.members.iter().enumerate() {
            let clean = self.row(place, household, person, i);
            let mut cells = clean.clone();
            self.leave_out(&mut cells, i, workbook);
            let damage =
                self.damage(household, person, i == victim, workbook, &mut cells, &mut dice);
            let row = table.row(&cells)?;
            if i == 0 {
                written.rows.0 = row;
            }
            written.rows.1 = row;
            if let Some((fault, column)) = damage {
                written.planted.push((fault, row, column));
                if fault.expectation() == Expectation::RefusedThenCorrected {
                    written.corrections.push(clean);
                }
            }
        }
        if let Some(guest) = guest {
            let mut cells = self.row(place, household, guest, household.members.len());
            self.leave_out(&mut cells, household.members.len(), workbook);
            cells[RELATION] = Cell::text(guest_relation(household, guest)?);
            let row = table.row(&cells)?;
            written.rows.1 = row;
            written.planted.push((Fault::DuplicatePerson, row, ID_NO));
        }
        Ok(written)
    }

    /// The member whose row is spoilt.
    fn victim(&self, household: &Household, dice: &mut Dice) -> Result<usize> {
        let members = household.members.len();
        let thrown = dice.index(members);
        let Some(fault) = household.slot.fault else { return Ok(thrown) };
        let first = |is: &dyn Fn(&Person) -> bool| {
            let nobody = || CityError::Model(format!("nobody here can have the mistake {fault:?}"));
            household.members.iter().position(is).ok_or_else(nobody)
        };
        if fault.needs_pupil() {
            return first(&Person::is_of_school_age);
        }
        let of_kid = |p: &Person| p.kin.generation == Generation::Kid;
        match fault {
            Fault::RelationSex => return first(&of_kid),
            Fault::HeadUnclear => return Ok(dice.index(2)),
            Fault::DateVariant if self.style.head_only => return Ok(0),
            // Born last century, a number that ends in X, columns of the household: these are the
            // head's.
            Fault::FifteenDigits
            | Fault::LowerCaseX
            | Fault::DeclaredCount
            | Fault::SchoolingBlank
            | Fault::CauseUnfounded
            | Fault::ReportedIncome => return Ok(0),
            _ => {}
        }
        // Where only the head's row tells about the household, that row is not the one that is
        // refused.
        let refused = fault.expectation() == Expectation::RefusedThenCorrected;
        Ok(if refused && self.style.head_only && members > 1 { thrown.max(1) } else { thrown })
    }

    /// Leaves out what stands in merged cells, or on the head's row only.
    fn leave_out(&self, cells: &mut [Cell<'_>], member: usize, workbook: bool) {
        if self.style.merged_areas && workbook {
            cells[COUNTY..=VILLAGE].fill(Cell::Blank);
        }
        if self.style.head_only && member > 0 {
            for column in OF_HOUSEHOLD {
                cells[column] = Cell::Blank;
            }
        }
    }

    /// One person's row without mistakes, in the style of the file.
    fn row(
        &self,
        place: Place<'a>,
        household: &'a Household,
        person: &'a Person,
        i: usize,
    ) -> Vec<Cell<'a>> {
        let members = qb_base::count(household.members.len());
        let net = household.current.net_fen();
        let halved = household.slot.fault == Some(Fault::ReportedIncome);
        let reported = if halved { net / 2 } else { net };
        // A household counts the guest it lists, though the person belongs elsewhere.
        let declared = members + i64::from(household.slot.hosts.is_some());
        let flag = |value| self.flag(value);
        let exited = household.slot.status == Status::Exited;
        let village = if self.style.short_villages {
            places::short(place.village)
        } else {
            place.village.to_owned()
        };
        vec![
            Cell::text(place.county),
            Cell::text(place.town),
            Cell::text(village),
            Cell::text(format!("{}组", household.group)),
            Cell::text(place.household_no),
            Cell::text(format!("{}{:02}", place.household_no, i + 1)),
            Cell::text(person.name.as_str()),
            Cell::text(person.id_no.as_str()),
            Cell::Int(declared),
            Cell::text(person.kin.relation),
            Cell::text(person.ethnicity.as_str()),
            Cell::text(person.education),
            Cell::text(person.school),
            Cell::text(person.health.label()),
            Cell::text(person.labour.label()),
            Cell::text(person.work_place),
            if person.works() { Cell::Int(person.work_months) } else { Cell::Blank },
            flag(person.critical),
            Cell::text(match household.slot.status {
                Status::Staying => "未脱贫",
                Status::PreExit => "预脱贫",
                Status::Exited => "已脱贫",
            }),
            if exited { Cell::Int(self.year) } else { Cell::Blank },
            Cell::text(class_label(household.class, self.style.wording)),
            Cell::text(worded(household.cause, self.style.wording)),
            flag(household.dangerous_house),
            flag(household.water_safe),
            flag(household.water_short),
            Cell::Fen(per_head(reported, members)),
            household.phone.map_or(Cell::Blank, |phone| Cell::text(phone.to_string())),
            flag(person.medical),
            Cell::text(worded(household.cause_other, self.style.wording)),
            Cell::text(person.out_of_school),
            self.month(household.identified),
        ]
    }

    fn flag(&self, value: Option<bool>) -> Cell<'a> {
        Cell::text(match (value, self.style.flags) {
            (None, _) => "",
            (Some(true), FlagStyle::ShiFou) => "是",
            (Some(false), FlagStyle::ShiFou) => "否",
            (Some(true), FlagStyle::Tick) => "√",
            (Some(false), FlagStyle::Tick) => "×",
        })
    }

    fn month(&self, (year, month): (i64, i64)) -> Cell<'a> {
        match self.style.dates {
            DateStyle::YearMonth => Cell::text(format!("{year}-{month:02}")),
            DateStyle::Compact => Cell::text(format!("{year}{month:02}")),
            DateStyle::Serial => Cell::Day(serial_day(year, month)),
        }
    }
}

/// Income per head to the fen, rounded half up.
fn per_head(net_fen: i64, members: i64) -> i64 {
    (2 * net_fen + members).div_euclid(2 * members)
}

fn class_label(class: Class, wording: usize) -> &'static str {
    match (class, wording) {
        (Class::General, 0) => "一般低收入户",
        (Class::General, _) => "一般贫困户",
        (Class::Allowance, 0) => "低保户",
        (Class::Allowance, _) => "低保贫困户",
        (Class::Hardship, 0) => "五保户",
        (Class::Hardship, _) => "五保贫困户",
    }
}

/// A cause in the wording of the file.
fn worded(cause: &'static str, wording: usize) -> &'static str {
    match (cause, wording) {
        ("缺劳力", 1) => "缺劳动力",
        ("其他", 1) => "其它",
        (same, _) => same,
    }
}

/// How somebody from another household is listed: as father or mother if old enough, else as
/// brother or sister.
fn guest_relation(household: &Household, guest: &Person) -> Result<&'static str> {
    let head_age = household.head()?.kin.age;
    Ok(match (guest.kin.age >= head_age + 17, guest.kin.sex) {
        (true, qb_base::resident::Sex::Male) => "之父",
        (true, qb_base::resident::Sex::Female) => "之母",
        (false, _) => "之兄弟姐妹",
    })
}

/// Days since 1899-12-30 of the first of a month.
pub(crate) fn serial_day(year: i64, month: i64) -> i64 {
    // Days since 0000-03-01: years that begin in March have their leap day at the end.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * m + 2) / 5;
    let days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + day_of_year;
    // 1899-12-30 by this count.
    days - 693_899
}

/// The line under a table: how many rows it has.
pub(crate) fn total_row<'a>(label: &'a str, count: u64) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::Blank; COLUMNS];
    cells[0] = Cell::text(label);
    cells[MEMBER_COUNT] = Cell::Int(qb_base::tally(count));
    cells
}
