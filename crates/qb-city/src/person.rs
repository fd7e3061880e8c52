//! What the register says about one member: health, schooling, work, insurance.

use qb_base::resident::Sex;

use crate::dice::Dice;
use crate::family::{Generation, Kin};

/// A member with everything the register asks.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) kin: Kin,
    pub(crate) name: String,
    pub(crate) id_no: String,
    /// Year, month, day.
    pub(crate) birth: (i64, i64, i64),
    pub(crate) ethnicity: String,
    pub(crate) education: &'static str,
    pub(crate) school: &'static str,
    pub(crate) out_of_school: &'static str,
    pub(crate) health: Health,
    pub(crate) labour: Labour,
    pub(crate) work_place: &'static str,
    pub(crate) work_months: i64,
    pub(crate) medical: Option<bool>,
    pub(crate) critical: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Healthy,
    Chronic,
    Serious,
    Disabled,
    ChronicDisabled,
}

impl Health {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Healthy => "健康",
            Self::Chronic => "长期慢性病",
            Self::Serious => "患有大病",
            Self::Disabled => "残疾",
            Self::ChronicDisabled => "长期慢性病,残疾",
        }
    }

    pub(crate) fn is_ill(self) -> bool {
        matches!(self, Self::Chronic | Self::Serious | Self::ChronicDisabled)
    }

    pub(crate) fn is_disabled(self) -> bool {
        matches!(self, Self::Disabled | Self::ChronicDisabled)
    }

    /// By age: chronic, serious, disabled, per mille; sick people are why families are on the
    /// register.
    pub(crate) fn throw(age: i64, dice: &mut Dice) -> Self {
        let (chronic, serious, disabled) = match age {
            ..16 => (7, 5, 17),
            16..45 => (62, 27, 78),
            45..60 => (195, 62, 92),
            60..75 => (330, 80, 112),
            _ => (425, 88, 140),
        };
        let throw = dice.below(1000);
        if throw < chronic {
            if dice.mille(60) { Self::ChronicDisabled } else { Self::Chronic }
        } else if throw < chronic + serious {
            Self::Serious
        } else if throw < chronic + serious + disabled {
            Self::Disabled
        } else {
            Self::Healthy
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labour {
    Ordinary,
    Skilled,
    Weak,
    Lost,
    None,
}

impl Labour {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Ordinary => "普通劳动力",
            Self::Skilled => "技能劳动力",
            Self::Weak => "弱劳动力或半劳动力",
            Self::Lost => "丧失劳动力",
            Self::None => "无劳动力",
        }
    }

    fn throw(age: i64, health: Health, student: bool, dice: &mut Dice) -> Self {
        if age < 16 || student || age >= 78 {
            return Self::None;
        }
        let throw = dice.below(1000);
        match (age, health) {
            (60.., Health::Healthy) if age < 70 => {
                if throw < 180 {
                    Self::Ordinary
                } else if throw < 720 {
                    Self::Weak
                } else {
                    Self::None
                }
            }
            (60.., _) => {
                if throw < 230 {
                    Self::Weak
                } else {
                    Self::None
                }
            }
            (_, Health::Healthy) => {
                if throw < 120 {
                    Self::Skilled
                } else if throw < 940 {
                    Self::Ordinary
                } else {
                    Self::Weak
                }
            }
            (_, Health::Chronic) => {
                if throw < 180 {
                    Self::Ordinary
                } else if throw < 860 {
                    Self::Weak
                } else {
                    Self::Lost
                }
            }
            (_, _) => {
                if throw < 40 {
                    Self::Ordinary
                } else if throw < 400 {
                    Self::Weak
                } else {
                    Self::Lost
                }
            }
        }
    }
}

/// What the household's outcome asks of its members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demands {
    pub(crate) exited: bool,
    /// Children of school age are at school.
    pub(crate) schooled: bool,
    /// This child must be out of school.
    pub(crate) out_of_school: bool,
}

/// Ages between which a child must be at school.
pub(crate) const SCHOOL_AGES: std::ops::RangeInclusive<i64> = 6..=15;

impl Person {
    /// Throws everything but name and number.
    pub(crate) fn throw(kin: Kin, year: i64, demands: Demands, dice: &mut Dice) -> Self {
        let month = dice.between(1, 12);
        let birth = (year - kin.age, month, dice.between(1, if month == 2 { 28 } else { 30 }));
        let mut health = Health::throw(kin.age, dice);
        if kin.generation == Generation::Adult
            && kin.sex == Sex::Male
            && kin.relation == "之子"
            && dice.mille(220)
        {
            // Grown sons who stay with their parents unmarried are often disabled.
            health = Health::Disabled;
        }
        let (school, out_of_school) = schooling(kin.age, month, health, demands, dice);
        let student = !school.is_empty();
        let labour = Labour::throw(kin.age, health, student, dice);
        let (work_place, work_months) = work(kin.age, labour, demands.exited, dice);
        Self {
            kin,
            name: String::new(),
            id_no: String::new(),
            birth,
            ethnicity: String::new(),
            education: if student { "" } else { education(kin.age, health, dice) },
            school,
            out_of_school,
            health,
            labour,
            work_place,
            work_months,
            medical: insured(demands.exited, 9, 14, dice),
            critical: insured(demands.exited, 16, 20, dice),
        }
    }

    /// Whether the member is of the age of compulsory school.
    pub(crate) fn is_of_school_age(&self) -> bool {
        SCHOOL_AGES.contains(&self.kin.age)
    }

    /// Whether the member earns wages.
    pub(crate) fn works(&self) -> bool {
        self.work_months > 0
    }
}

/// Yes for those who left; else mostly yes, sometimes no, sometimes not known.
fn insured(exited: bool, no: u64, unknown: u64, dice: &mut Dice) -> Option<bool> {
    let throw = dice.below(1000);
    if exited || throw >= no + unknown {
        Some(true)
    } else if throw < no {
        Some(false)
    } else {
        None
    }
}

/// Where a child learns, or why it does not.
fn schooling(
    age: i64,
    month: i64,
    health: Health,
    demands: Demands,
    dice: &mut Dice,
) -> (&'static str, &'static str) {
    if SCHOOL_AGES.contains(&age) {
        let kept_away = if health.is_disabled() {
            130
        } else if health == Health::Healthy {
            2
        } else {
            40
        };
        if demands.out_of_school || (!demands.schooled && dice.mille(kept_away)) {
            let reason = match health {
                _ if demands.out_of_school => *dice.pick(&["厌学", "其他", "因贫"]),
                Health::Healthy => *dice.pick(&["厌学", "其他", "因贫"]),
                Health::Disabled => *dice.pick(&["因残", "因残", "送教上门"]),
                _ => "因病",
            };
            return ("", reason);
        }
    }
    // Born in September or later: one school year behind.
    let school_age = if age > 6 && month > 8 { age - 1 } else { age };
    let status = match school_age {
        ..6 => "学前教育",
        6..12 => "小学",
        12 => "七年级",
        13 => "八年级",
        14 => "九年级",
        15..18 => upper_school(school_age, age, health, dice),
        18..23 => college(school_age, health, dice),
        _ => "",
    };
    (status, "")
}

const SENIOR: [&str; 3] = ["高中一年级", "高中二年级", "高中三年级"];
const VOCATIONAL: [&str; 3] = ["中职一年级", "中职二年级", "中职三年级"];
const COLLEGE: [&str; 3] = ["高职高专一年级", "高职高专二年级", "高职高专三年级"];
const BACHELOR: [&str; 4] = ["本科一年级", "本科二年级", "本科三年级", "本科四年级"];

/// Years since a school's first age, which nobody asked about is below.
fn grade(school_age: i64, first: i64) -> usize {
    qb_base::size(school_age.abs_diff(first))
}

fn upper_school(school_age: i64, age: i64, health: Health, dice: &mut Dice) -> &'static str {
    let grade = grade(school_age, 15);
    let leaves = if health == Health::Healthy { 110 } else { 480 };
    if !SCHOOL_AGES.contains(&age) && dice.mille(leaves) {
        return "";
    }
    if dice.mille(560) { SENIOR[grade] } else { VOCATIONAL[grade] }
}

fn college(school_age: i64, health: Health, dice: &mut Dice) -> &'static str {
    let grade = grade(school_age, 18);
    let throw = dice.below(1000);
    if health != Health::Healthy || throw >= 520 {
        return "";
    }
    match (throw < 230, BACHELOR.get(grade), COLLEGE.get(grade)) {
        (true, Some(label), _) | (false, _, Some(label)) => label,
        _ => "",
    }
}

/// Highest schooling of those who learn no more, by age: illiterate, primary, junior, senior,
/// college, bachelor.
fn education(age: i64, health: Health, dice: &mut Dice) -> &'static str {
    const LABELS: [&str; 6] = ["文盲或半文盲", "小学", "初中", "高中", "大专", "本科及以上"];
    let shares: [u64; 6] = match age {
        ..16 => [600, 400, 0, 0, 0, 0],
        16..30 => [15, 70, 640, 185, 62, 28],
        30..45 => [60, 240, 580, 100, 16, 4],
        45..60 => [145, 375, 418, 61, 1, 0],
        60..75 => [365, 425, 180, 30, 0, 0],
        _ => [620, 325, 50, 5, 0, 0],
    };
    let index = dice.weighted(shares.into_iter());
    LABELS[if health.is_disabled() && dice.mille(300) { 0 } else { index }]
}

fn work(age: i64, labour: Labour, exited: bool, dice: &mut Dice) -> (&'static str, i64) {
    let often = match (labour, exited, age) {
        (Labour::Ordinary | Labour::Skilled, _, 60..) => 260,
        (Labour::Ordinary | Labour::Skilled, true, _) => 830,
        (Labour::Ordinary | Labour::Skilled, false, _) => 520,
        (Labour::Weak, true, _) => 280,
        (Labour::Weak, false, _) => 110,
        _ => 0,
    };
    if !dice.mille(often) {
        return ("", 0);
    }
    let near = age >= 55 || labour == Labour::Weak;
    let shares: [u64; 4] = if near { [760, 170, 50, 20] } else { [360, 215, 245, 180] };
    let place = ["乡内", "县内乡外", "省内县外", "省外"][dice.weighted(shares.into_iter())];
    let months = if near { dice.between(1, 8) } else { dice.between(4, 11) };
    (place, months)
}
