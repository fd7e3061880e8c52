//! The household register, one row per person, in the layout of the national export.

use crate::dice::{Dice, Stream};
use crate::error::Result;
use crate::faults::{Expectation, Fault};
use crate::household::{Class, Household};
use crate::identity;
use crate::model::{County, DateStyle, FlagStyle, Names};
use crate::person::Person;
use crate::places;
use crate::plan::Status;
use crate::sheet::{Cell, Table};

/// Columns of the register.
pub(crate) const COLUMNS: usize = 31;
pub(crate) const COUNTY: usize = 0;
pub(crate) const VILLAGE: usize = 2;
const NAME: usize = 6;
const ID_NO: usize = 7;
const MEMBER_COUNT: usize = 8;
const RELATION: usize = 9;
const ETHNICITY: usize = 10;
const EDUCATION: usize = 11;
const HEALTH: usize = 13;
const LABOUR: usize = 14;
const CAUSE: usize = 21;
const IDENTIFIED: usize = 30;

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

/// A mistake in a row: what it is, in which column.
pub(crate) type Damage = Option<(Fault, usize)>;

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
        let victim = dice.index(household.members.len());
        let mut written = Written::default();
        for (i, person) in household.members.iter().enumerate() {
            let clean = self.row(place, household, person, i);
            let mut cells = clean.clone();
            let damage = self.damage(
                household,
                person,
                (i, victim),
                table.is_workbook(),
                &mut cells,
                &mut dice,
            );
            let blanked = self.style.merged_areas && table.is_workbook();
            if blanked {
                cells[COUNTY..=VILLAGE].fill(Cell::Blank);
            }
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
            cells[RELATION] = Cell::text(guest_relation(household, guest));
            if self.style.merged_areas && table.is_workbook() {
                cells[COUNTY..=VILLAGE].fill(Cell::Blank);
            }
            let row = table.row(&cells)?;
            written.rows.1 = row;
            written.planted.push((Fault::DuplicatePerson, row, ID_NO));
        }
        Ok(written)
    }

    /// One person's row without mistakes, in the style of the file.
    fn row(
        &self,
        place: Place<'a>,
        household: &'a Household,
        person: &'a Person,
        i: usize,
    ) -> Vec<Cell<'a>> {
        let members = i64::try_from(household.members.len()).unwrap_or(1);
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
            Cell::Fen(per_head(household.current.net_fen(), members)),
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

    /// Spoils the row the household's fault belongs to.
    fn damage(
        &self,
        household: &Household,
        person: &Person,
        (i, victim): (usize, usize),
        workbook: bool,
        cells: &mut [Cell<'a>],
        dice: &mut Dice,
    ) -> Damage {
        let fault = household.slot.fault?;
        // These need a head: born last century, or with a number that ends in X.
        let at_head =
            matches!(fault, Fault::FifteenDigits | Fault::LowerCaseX | Fault::DeclaredCount);
        if fault == Fault::DottedName {
            return self.dotted(person, cells, dice);
        }
        if i != if at_head { 0 } else { victim } {
            return None;
        }
        let id = person.id_no.as_str();
        let column = match fault {
            Fault::FifteenDigits
            | Fault::FullWidth
            | Fault::Blanks
            | Fault::ZeroWidth
            | Fault::Apostrophe
            | Fault::LookAlike
            | Fault::LowerCaseX
            | Fault::NumberDamaged
            | Fault::TrailingZeros
            | Fault::BadChecksum
            | Fault::BadDate => {
                cells[ID_NO] = damaged_number(fault, id, workbook, dice);
                ID_NO
            }
            Fault::DateVariant => {
                cells[IDENTIFIED] = self.other_month(household.identified, workbook, dice);
                IDENTIFIED
            }
            Fault::VillageVariant => {
                let Cell::Text(name) = &cells[VILLAGE] else { return None };
                cells[VILLAGE] = Cell::text(places::variant(name, dice.index(3)));
                VILLAGE
            }
            Fault::UnknownVillage => {
                cells[VILLAGE] = Cell::text(*dice.pick(&places::UNKNOWN));
                VILLAGE
            }
            Fault::MissingName => {
                cells[NAME] = Cell::Blank;
                NAME
            }
            Fault::DeclaredCount => {
                let declared = i64::try_from(household.members.len()).unwrap_or(1);
                let off = if declared > 1 && dice.mille(500) { declared - 1 } else { declared + 1 };
                cells[MEMBER_COUNT] = Cell::Int(off);
                MEMBER_COUNT
            }
            Fault::LabelVariant => other_label(person, cells, dice),
            _ => return None,
        };
        Some((fault, column))
    }

    fn dotted(&self, person: &Person, cells: &mut [Cell<'a>], dice: &mut Dice) -> Damage {
        if !person.name.contains('·') {
            return None;
        }
        cells[NAME] =
            Cell::text(person.name.replace('·', dice.pick::<String>(&self.names.separators)));
        Some((Fault::DottedName, NAME))
    }

    /// The month in a way the rest of the file does not use.
    fn other_month(&self, (year, month): (i64, i64), workbook: bool, dice: &mut Dice) -> Cell<'a> {
        let serial = serial_day(year, month);
        match dice.index(6) {
            0 => Cell::text(format!("{year}.{month}")),
            1 => Cell::text(format!("{year}年{month}月")),
            2 => Cell::text(format!("{}/{month}/1", year % 100)),
            3 => Cell::text(format!("{year}/{month:02}/01")),
            4 if workbook => Cell::Int(serial),
            4 => Cell::text(serial.to_string()),
            _ if self.style.dates == DateStyle::Compact => Cell::text(format!("{year}.{month:02}")),
            _ => Cell::text(format!("{year}{month:02}")),
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

/// How somebody from another household is listed: as father or mother if old enough, else as brother or sister.
fn guest_relation(household: &Household, guest: &Person) -> &'static str {
    let head_age = household.members.first().map_or(0, |head| head.kin.age);
    match (guest.kin.age >= head_age + 17, guest.kin.sex) {
        (true, qb_base::resident::Sex::Male) => "之父",
        (true, qb_base::resident::Sex::Female) => "之母",
        (false, _) => "之兄弟姐妹",
    }
}

/// Days since 1899-12-30 of the first of a month.
fn serial_day(year: i64, month: i64) -> i64 {
    // Days since 0000-03-01: years that begin in March have their leap day at the end.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * m + 2) / 5;
    let days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + day_of_year;
    // 1899-12-30 by this count.
    days - 693_899
}

/// Another wording of a label in the row; returns its column.
fn other_label(person: &Person, cells: &mut [Cell<'_>], dice: &mut Dice) -> usize {
    const OTHERS: [(usize, &str, &str); 12] = [
        (HEALTH, "健康", "良好"),
        (HEALTH, "长期慢性病", "慢性病"),
        (HEALTH, "患有大病", "大病"),
        (LABOUR, "普通劳动力", "普通"),
        (LABOUR, "弱劳动力或半劳动力", "弱劳动力"),
        (CAUSE, "因病", "因病致贫"),
        (CAUSE, "因残", "因残致贫"),
        (CAUSE, "缺劳力", "缺少劳动力"),
        (EDUCATION, "文盲或半文盲", "文盲"),
        (EDUCATION, "初中", "初中文化"),
        (RELATION, "之子", "长子"),
        (RELATION, "之女", "女儿"),
    ];
    let fitting: Vec<_> = OTHERS
        .iter()
        .filter(|(column, label, _)| matches!(&cells[*column], Cell::Text(text) if text == label))
        .collect();
    if fitting.is_empty() || dice.mille(200) {
        cells[ETHNICITY] = Cell::text(person.ethnicity.trim_end_matches('族').to_owned());
        return ETHNICITY;
    }
    let (column, _, other) = **dice.pick(&fitting);
    cells[column] = Cell::text(other);
    column
}

/// The number as the mistake leaves it.
fn damaged_number(fault: Fault, id: &str, workbook: bool, dice: &mut Dice) -> Cell<'static> {
    let part = |range: std::ops::Range<usize>| id.get(range).unwrap_or("");
    Cell::text(match fault {
        Fault::FifteenDigits => identity::fifteen_digits(id).unwrap_or_else(|| id.to_owned()),
        Fault::FullWidth => id.chars().map(full_width).collect(),
        Fault::Blanks => match dice.index(3) {
            0 => format!("{} {} {}", part(0..6), part(6..14), part(14..18)),
            1 => format!("{id} "),
            _ => format!("\u{3000}{id}"),
        },
        Fault::ZeroWidth => format!("{}\u{200b}{}", part(0..14), part(14..18)),
        Fault::Apostrophe => format!("'{id}"),
        Fault::LookAlike => look_alike(id, dice),
        Fault::LowerCaseX => id.to_lowercase(),
        Fault::NumberDamaged => {
            // A spreadsheet keeps fifteen digits; saved as text, fewer are left.
            let digits = if workbook { 15 } else { 6 };
            let figure = format!("{}.{}E+17", part(0..1), part(1..digits));
            if workbook {
                return Cell::Figure(figure);
            }
            figure
        }
        Fault::TrailingZeros => trailing_zeros(id),
        Fault::BadChecksum => mistyped(id, dice),
        Fault::BadDate => bad_date(id),
        _ => id.to_owned(),
    })
}

fn full_width(c: char) -> char {
    char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)
}

/// One or two digits typed as the letters that look like them.
fn look_alike(id: &str, dice: &mut Dice) -> String {
    let letter = if dice.mille(500) { "I" } else { "l" };
    let (head, tail) = id.split_at(6);
    if tail.contains('0') && dice.mille(700) {
        return format!("{head}{}", tail.replacen('0', "O", 2));
    }
    let spoiled = tail.replacen('1', letter, 1);
    // Nobody lacks both digits: the century begins with 1 or 2 0.
    if spoiled == tail {
        format!("{head}{}", tail.replacen('0', "O", 1))
    } else {
        format!("{head}{spoiled}")
    }
}

/// Fifteen digits and three zeros, or the figure itself where the zeros happen to be a valid number.
fn trailing_zeros(id: &str) -> String {
    let kept = id.get(..15).unwrap_or(id);
    let text = format!("{kept}000");
    if qb_base::ResidentNumber::parse(&text).is_err() {
        return text;
    }
    format!("{}.{}E+17", kept.get(..1).unwrap_or(""), kept.get(1..6).unwrap_or(""))
}

/// One digit of the serial mistyped; the check digit never fits then.
fn mistyped(id: &str, dice: &mut Dice) -> String {
    let at = 14 + dice.index(3);
    id.char_indices()
        .map(|(i, c)| match c.to_digit(10) {
            Some(digit) if i == at => char::from_digit((digit + 1) % 10, 10).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Month 13 with a check digit that fits.
fn bad_date(id: &str) -> String {
    let first = format!("{}13{}", id.get(..10).unwrap_or(""), id.get(12..17).unwrap_or(""));
    let check = qb_base::resident::check_digit(first.as_bytes()).map_or('0', char::from);
    format!("{first}{check}")
}

/// The line under a table: how many rows it has.
pub(crate) fn total_row<'a>(label: &'a str, count: u64) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::Blank; COLUMNS];
    cells[0] = Cell::text(label);
    cells[MEMBER_COUNT] = Cell::Int(i64::try_from(count).unwrap_or(0));
    cells
}
