//! One household in full: members, causes, guarantees, incomes of two years.

use qb_base::resident::Sex;

use crate::dice::{Dice, Stream};
use crate::error::{CityError, Result};
use crate::family::{self, Generation, Line};
use crate::faults::Fault;
use crate::identity::{self, Registrar, Wanted};
use crate::income::{self, Means, Year};
use crate::items::Statement;
use crate::model::{Model, Names};
use crate::naming::{self, Bearer};
use crate::person::{Demands, Health, Labour, Person, SCHOOL_AGES};
use crate::plan::{City, Lapse, Slot, Status};

/// Legal class of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    General,
    Allowance,
    Hardship,
}

/// A household as the register and the income sheets know it.
#[derive(Clone, Debug)]
pub(crate) struct Household {
    pub(crate) slot: Slot,
    /// Head first.
    pub(crate) members: Vec<Person>,
    pub(crate) class: Class,
    pub(crate) cause: &'static str,
    pub(crate) cause_other: &'static str,
    pub(crate) dangerous_house: Option<bool>,
    pub(crate) water_safe: Option<bool>,
    pub(crate) water_short: Option<bool>,
    pub(crate) group: i64,
    pub(crate) phone: Option<i64>,
    /// Year and month of identification.
    pub(crate) identified: (i64, i64),
    pub(crate) current: Statement,
    pub(crate) prior: Statement,
}

impl Household {
    /// The head, in whose name the household's lists are kept.
    pub(crate) fn head(&self) -> Result<&Person> {
        let nobody = || CityError::Model("a household has no members".to_owned());
        self.members.first().ok_or_else(nobody)
    }
}

/// What a household's making depends on besides its slot.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) model: &'a Model,
    pub(crate) names: &'a Names,
    pub(crate) city: &'a City,
    /// Index of the county in the model.
    pub(crate) county: usize,
    pub(crate) weak_village: bool,
}

/// Makes the household of a slot; the same slot always gives the same household, only numbers
/// come later.
pub(crate) fn make(context: &Context<'_>, index: usize) -> Household {
    let slot = context.city.slots[index];
    let mut dice = Dice::new(context.city.seed, Stream::Household, index as u64);
    let shape = &context.model.shape[usize::from(slot.shape)];
    let truant =
        slot.lapse == Some(Lapse::ChildOutOfSchool) || slot.fault == Some(Fault::TruantHealthy);
    let pupil = truant || slot.fault.is_some_and(Fault::needs_pupil);
    let kin = family::make(shape, pupil, &mut dice);
    let year = i64::from(context.model.year);
    let mut truant_wanted = truant;
    let exited = slot.status == Status::Exited;
    let mut members: Vec<Person> = kin
        .into_iter()
        .map(|kin| {
            let out_of_school = truant_wanted && SCHOOL_AGES.contains(&kin.age);
            truant_wanted &= !out_of_school;
            let schooled = exited || pupil;
            Person::throw(kin, year, Demands { exited, schooled, out_of_school }, &mut dice)
        })
        .collect();
    if slot.lapse == Some(Lapse::UninsuredMember) {
        let unlucky = dice.index(members.len());
        members[unlucky].medical = Some(false);
        members[unlucky].critical = Some(false);
    }
    contradict(&slot, &mut members);
    give_names(context, &slot, &mut members, &mut dice);
    let class = class(&members, &mut dice);
    let (mut cause, cause_other) = causes(&members, &mut dice);
    if slot.fault == Some(Fault::CauseUnfounded) {
        cause = "因病";
    }
    let means = means(&members, class, context.weak_village, &mut dice);
    let (current, prior) = incomes(context, &slot, &means, &mut dice);
    let mut household = Household {
        slot,
        members,
        class,
        cause,
        cause_other,
        dangerous_house: Some(false),
        water_safe: Some(true),
        water_short: Some(false),
        group: dice.between(1, 12),
        phone: (!dice.mille(130)).then(|| phone(&mut dice)),
        identified: identified(context.city, (index, year), &mut dice),
        current,
        prior,
    };
    guarantees(&mut household, &mut dice);
    household
}

/// Makes columns contradict one another where the plan wants it.
fn contradict(slot: &Slot, members: &mut [Person]) {
    match slot.fault {
        Some(Fault::CauseUnfounded) => {
            for person in members.iter_mut() {
                person.health = Health::Healthy;
            }
        }
        Some(Fault::SchoolingBlank) => {
            if let Some(head) = members.first_mut() {
                (head.education, head.school) = ("", "");
            }
        }
        Some(fault) if fault.needs_pupil() => {
            let Some(child) = members.iter_mut().find(|p| p.is_of_school_age()) else { return };
            match fault {
                Fault::TruantHealthy => {
                    (child.health, child.out_of_school) = (Health::Healthy, "因病");
                }
                Fault::SchoolingBoth => child.education = "小学",
                _ if child.kin.age >= 15 => child.school = "小学",
                _ => child.school = "高中一年级",
            }
        }
        _ => {}
    }
}

/// Gives every member a number; `twice_listed` is the head's when the plan has given it already.
pub(crate) fn number(
    context: &Context<'_>,
    index: usize,
    household: &mut Household,
    registrar: &mut Registrar,
    twice_listed: Option<&str>,
) -> Result<()> {
    let mut dice = Dice::new(context.city.seed, Stream::Identity, index as u64);
    for (i, person) in household.members.iter_mut().enumerate() {
        if let (0, Some(number)) = (i, twice_listed) {
            number.clone_into(&mut person.id_no);
        } else {
            let (prefix, own) = prefix(context, person, &mut dice)?;
            let classes = if own {
                (identity::OWN, 15)
            } else {
                (context.county as u64, context.county as u64)
            };
            let ends_in_x = i == 0 && household.slot.fault == Some(Fault::LowerCaseX);
            let wanted =
                Wanted { prefix, birth: person.birth, sex: person.kin.sex, classes, ends_in_x };
            person.id_no = registrar.number(wanted, &mut dice)?;
        }
        person.birth.2 =
            person.id_no.get(12..14).and_then(|d| d.parse().ok()).unwrap_or(person.birth.2);
    }
    Ok(())
}

/// The number of a head who is listed in a second household; other counties must know it too.
pub(crate) fn twice_listed_number(
    context: &Context<'_>,
    index: usize,
    head: &Person,
    registrar: &mut Registrar,
) -> Result<String> {
    let mut dice = Dice::new(context.city.seed, Stream::Duplicate, index as u64);
    let prefixes = &context.model.county[context.county].id_prefixes;
    let classes = (identity::TWICE_LISTED, identity::TWICE_LISTED);
    let prefix = dice.pick(prefixes);
    let wanted = Wanted { prefix, birth: head.birth, sex: head.kin.sex, classes, ends_in_x: false };
    registrar.number(wanted, &mut dice)
}

/// First year in which numbers carried a county's present code, where it has two.
const PRESENT_CODE_SINCE: i64 = 1990;

/// The county part of a number and whether it is the county's own.
fn prefix<'a>(context: &Context<'a>, person: &Person, dice: &mut Dice) -> Result<(&'a str, bool)> {
    let elsewhere = if person.kin.married_in { 210 } else { 8 };
    if dice.mille(elsewhere) {
        let foreign: &Vec<String> = &context.model.foreign_prefixes;
        return Ok((dice.pick_early::<String>(foreign).as_str(), false));
    }
    let own = &context.model.county[context.county].id_prefixes;
    let newest = person.birth.0 >= PRESENT_CODE_SINCE || dice.mille(60);
    let prefix = if newest { own.last() } else { own.first() };
    let none = || CityError::Model("a county has no prefix of identity numbers".to_owned());
    Ok((prefix.ok_or_else(none)?.as_str(), true))
}

fn give_names(context: &Context<'_>, slot: &Slot, members: &mut [Person], dice: &mut Dice) {
    let names = context.names;
    let family = match slot.fault {
        Some(Fault::NameVariant) => naming::variant_surname(names, dice),
        _ => naming::surname(names, dice),
    };
    let other = naming::surname(names, dice);
    let group = naming::ethnicity(names, dice).to_owned();
    let year = i64::from(context.model.year);
    let shared = [Sex::Male, Sex::Female]
        .map(|sex| dice.mille(480).then(|| naming::shared_character(names, sex, year - 10, dice)));
    for person in members.iter_mut() {
        let head_family = slot.fault == Some(Fault::NameVariant) && person.kin.relation == "户主";
        let surname = match person.kin.line {
            Line::Family => family,
            _ if head_family => family,
            Line::Own => naming::surname(names, dice),
            Line::SonInLaw => other,
        };
        let is_kid = person.kin.generation == Generation::Kid && person.birth.0 > 1996;
        let bearer = Bearer {
            surname,
            sex: person.kin.sex,
            birth_year: person.birth.0,
            shared: shared[usize::from(person.kin.sex == Sex::Female)].filter(|_| is_kid),
            husband: (person.kin.line == Line::Own).then_some(family),
        };
        person.name = naming::full(names, &bearer, dice);
        person.ethnicity = if person.kin.married_in && dice.mille(950) {
            "汉族".to_owned()
        } else {
            group.clone()
        };
    }
    if slot.fault == Some(Fault::DottedName)
        && let Some(person) =
            members.iter_mut().find(|p| p.kin.generation == Generation::Adult && p.kin.married_in)
    {
        let (name, ethnicity) = naming::dotted(names, dice);
        person.name = name;
        ethnicity.clone_into(&mut person.ethnicity);
    }
}

fn class(members: &[Person], dice: &mut Dice) -> Class {
    let can_work = members.iter().any(|p| matches!(p.labour, Labour::Ordinary | Labour::Skilled));
    let sick = members.iter().any(|p| p.health != Health::Healthy);
    match (members.len(), can_work) {
        (1, false) if dice.mille(330) => Class::Hardship,
        (_, false) if dice.mille(460) => Class::Allowance,
        (_, true) if dice.mille(if sick { 190 } else { 60 }) => Class::Allowance,
        _ => Class::General,
    }
}

/// Main and further cause, as the family suggests.
fn causes(members: &[Person], dice: &mut Dice) -> (&'static str, &'static str) {
    let any = |test: fn(&Person) -> bool| u64::from(members.iter().any(test));
    let serious = any(|p| p.health == Health::Serious);
    let older_pupils = any(|p| !p.school.is_empty() && p.kin.age >= 15);
    let workless = 1 - any(|p| matches!(p.labour, Labour::Ordinary | Labour::Skilled));
    let weights: [(&str, u64); 11] = [
        ("因病", 1800 * serious + 1150 * any(|p| p.health.is_ill())),
        ("因残", 620 * any(|p| p.health.is_disabled())),
        ("因学", 160 * older_pupils),
        ("缺劳力", 270 * workless + 10),
        ("缺技术", 70 * (1 - workless) + 4),
        ("缺资金", 55 * (1 - workless) + 3),
        ("因灾", 5),
        ("缺土地", 4),
        ("交通条件落后", 3),
        ("自身发展动力不足", 16 * (1 - workless) + 1),
        ("其他", 7),
    ];
    let throw = |dice: &mut Dice| weights[dice.weighted(weights.iter().map(|(_, w)| *w))].0;
    let main = throw(dice);
    let further = throw(dice);
    let cause_other = if further != main && dice.mille(620) { further } else { "" };
    (main, cause_other)
}

fn means(members: &[Person], class: Class, weak_village: bool, dice: &mut Dice) -> Means {
    let count = |test: fn(&Person) -> bool| members.iter().filter(|p| test(p)).count() as i64;
    let farms = |p: &Person| matches!(p.labour, Labour::Ordinary | Labour::Skilled | Labour::Weak);
    Means {
        members: count(|_| true),
        elders: count(|p| p.kin.age >= 60),
        workers: count(Person::works),
        hands: count(farms),
        students: count(|p| !p.school.is_empty() && p.kin.age >= 3),
        ill: count(|p| p.health.is_ill()),
        disabled: count(|p| p.health.is_disabled()),
        land: if dice.mille(60) { 0 } else { members.len() as i64 * dice.between(6, 16) },
        on_allowance: class == Class::Allowance,
        in_hardship: class == Class::Hardship,
        weak_village,
    }
}

const YUAN: i64 = 100;

/// Statements of the year and of the year before.
fn incomes(
    context: &Context<'_>,
    slot: &Slot,
    means: &Means,
    dice: &mut Dice,
) -> (Statement, Statement) {
    let (model, line) = (&context.model.income, context.model.line.per_head_fen);
    let shift = 1000 + context.model.county[context.county].income_shift;
    let exited = slot.status == Status::Exited;
    let per_head = match (exited, slot.lapse, slot.heap) {
        (true, Some(Lapse::IncomeShort), _) => dice.quantile(&model.short),
        (true, _, true) => line + dice.between(0, 50) * YUAN,
        (true, _, false) => (dice.quantile(&model.exited) * shift / 1000).max(line),
        (false, _, true) => line - dice.between(1, 60) * YUAN,
        (false, _, false) => {
            let thrown = dice.quantile(&model.staying);
            if thrown < line { (thrown * shift / 1000).min(line - YUAN) } else { thrown }
        }
    };
    // Clerks like round figures.
    let per_head =
        if dice.mille(170) { per_head.div_euclid(100 * YUAN) * 100 * YUAN } else { per_head };
    let per_head = if exited && slot.lapse != Some(Lapse::IncomeShort) {
        per_head.max(line)
    } else {
        per_head
    };
    let year = Year { index: 1, target_fen: per_head * means.members, yield_fen: slot.yield_fen };
    let mut current = income::statement(means, &context.model.benefits, year, dice);
    match slot.fault {
        Some(Fault::SmallWage) => income::tiny_wage(&mut current, dice),
        Some(Fault::NegativeIncome) => income::loss(&mut current, dice),
        _ => {}
    }
    if slot.fault == Some(Fault::SameIncome) {
        return (current, current);
    }
    let growth = dice.quantile(if exited { &model.growth_exited } else { &model.growth_staying });
    let before = per_head * 1000 / (1000 + growth);
    let before =
        if dice.mille(970) { before.min(line - dice.between(1, 900) * YUAN) } else { before };
    let year = Year { index: 0, target_fen: before * means.members, yield_fen: 0 };
    (current, income::statement(means, &context.model.benefits, year, dice))
}

/// House and water: safe for those who left, save for planted lapses; sometimes bad or unknown
/// for the others.
fn guarantees(household: &mut Household, dice: &mut Dice) {
    if household.slot.status != Status::Exited {
        household.dangerous_house = three_valued(62, 21, dice);
        household.water_safe = three_valued(12, 26, dice).map(|bad| !bad);
        household.water_short = three_valued(9, 26, dice);
    }
    match household.slot.lapse {
        Some(Lapse::DangerousHouse) => household.dangerous_house = Some(true),
        Some(Lapse::UnsafeWater) => household.water_safe = Some(false),
        Some(Lapse::EvidenceMissing) => match dice.below(3) {
            0 => household.dangerous_house = None,
            1 => household.water_safe = None,
            _ => household.members[0].medical = None,
        },
        _ => {}
    }
}

/// True or unknown so many times in a thousand.
fn three_valued(yes: u64, unknown: u64, dice: &mut Dice) -> Option<bool> {
    let throw = dice.below(1000);
    if throw < yes {
        Some(true)
    } else if throw < yes + unknown {
        None
    } else {
        Some(false)
    }
}

fn phone(dice: &mut Dice) -> i64 {
    let start = *dice.pick(&[
        130, 131, 132, 134, 135, 136, 137, 138, 139, 150, 151, 152, 153, 158, 159, 182, 187, 189,
    ]);
    start * 100_000_000 + dice.between(0, 99_999_999)
}

/// A newcomer came with the announcement, all others before the round or as it began.
fn identified(city: &City, (index, year): (usize, i64), dice: &mut Dice) -> (i64, i64) {
    if let Some((_, month)) = city.newcomers.get(&index) {
        return (year, *month);
    }
    match dice.below(100) {
        0..22 => (year - 2, dice.between(4, 12)),
        22..70 => (year - 1, dice.between(10, 12)),
        _ => (year, dice.between(1, 3)),
    }
}
