//! The plan adds up, people are plausible, numbers are valid and given once.

use std::collections::{BTreeMap, BTreeSet};

use qb_base::ResidentNumber;
use qb_base::resident::Sex;

use crate::county::Shared;
use crate::faults::{Expectation, Fault};
use crate::household::{self, Context, Household};
use crate::identity::{self, Registrar};
use crate::items::{self, Category, Statement};
use crate::model::{Model, Names};
use crate::person::SCHOOL_AGES;
use crate::plan::{City, Lapse, Status};
use crate::works::benefit::YieldProjects;
use crate::{CityError, FULL_SCALE_PPM};

fn areas() -> Vec<crate::Area> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/areas.csv");
    crate::parse_areas(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn plan(seed: u64, scale_ppm: u64) -> (Model, City) {
    let model = Model::load().unwrap();
    let city = City::plan(&model, &areas(), seed, scale_ppm).unwrap();
    (model, city)
}

/// All households of a small city, with numbers.
fn households(seed: u64, scale_ppm: u64) -> Vec<Household> {
    let (model, city) = plan(seed, scale_ppm);
    let names = Names::load().unwrap();
    let mut all = Vec::new();
    for county in &city.counties {
        let mut registrar = Registrar::default();
        for village in &county.villages {
            let context = Context {
                model: &model,
                names: &names,
                city: &city,
                county: county.style,
                weak_village: village.weak,
            };
            for index in village.slots.clone() {
                let mut household = household::make(&context, index);
                household::number(&context, index, &mut household, &mut registrar, None).unwrap();
                all.push(household);
            }
        }
    }
    all
}

fn size(model: &Model, shape: u8) -> u64 {
    u64::from(model.shape[usize::from(shape)].size())
}

#[test]
fn the_full_city_adds_up_to_the_published_figures() {
    let (model, city) = plan(1, FULL_SCALE_PPM);
    let people: u64 = city.slots.iter().map(|s| size(&model, s.shape)).sum();
    assert_eq!((city.slots.len(), people), (262_838, 682_202));
    let exited: Vec<_> = city.slots.iter().filter(|s| s.status == Status::Exited).collect();
    let exit_people: u64 = exited.iter().map(|s| size(&model, s.shape)).sum();
    assert_eq!((exited.len(), exit_people / 100), (77_980, 2024));
    let with_yield: Vec<_> = city.slots.iter().filter(|s| s.yield_fen > 0).collect();
    let yield_fen: i64 = with_yield.iter().map(|s| s.yield_fen).sum();
    // The report rounds to hundreds of yuan; the rows have their remainder.
    assert_eq!((with_yield.len(), yield_fen), (28_703, 6_816_427_316));
    let weak: usize = city.counties.iter().flat_map(|c| &c.villages).filter(|v| v.weak).count();
    assert_eq!(weak, 269);
    for (fault, count) in &model.faults {
        let planted = city.slots.iter().filter(|s| s.fault == Some(*fault)).count() as u64;
        assert_eq!(planted, *count, "{fault:?}");
    }
}

#[test]
fn counts_follow_the_scale_and_places_do_not_grow_beyond_the_map() {
    let weak = |scale_ppm| plan(1, scale_ppm).1.weak_villages();
    assert_eq!([2_000, 100_000, 500_000].map(weak), [7, 27, 135]);
    let (model, half) = plan(1, 500_000);
    assert_eq!((half.number(816, 1), half.places(338, 12), half.fen(650)), (408, 169, 325));
    assert_eq!((half.yield_projects(&model), half.of_weak(&model, 68, 1)), (206, 34));
    let (_, small) = plan(1, 2_000);
    assert_eq!((small.number(816, 14), small.places(338, 12)), (14, 12));
    let mut large = half;
    large.scale_ppm = 3 * FULL_SCALE_PPM;
    assert_eq!((large.number(816, 1), large.places(338, 12)), (2_448, 338));
}

#[test]
fn every_slot_belongs_to_one_village() {
    let (_, city) = plan(3, 50_000);
    let mut next = 0;
    for village in city.counties.iter().flat_map(|c| &c.villages) {
        assert_eq!(village.slots.start, next);
        next = village.slots.end;
    }
    assert_eq!(next, city.slots.len());
}

#[test]
fn the_villages_with_fixed_names_are_on_the_list() {
    let (model, city) = plan(9, 10_000);
    let weak: BTreeSet<&str> = crate::generate::keepers(&city).iter().map(|k| k.code).collect();
    for code in &model.named_weak_villages {
        assert!(weak.contains(code.as_str()), "{code}");
    }
}

#[test]
fn smaller_cities_keep_the_proportions() {
    for scale_ppm in [1_000, 2_000, 33_333, 100_000] {
        let (model, city) = plan(2, scale_ppm);
        let people: u64 = city.slots.iter().map(|s| size(&model, s.shape)).sum();
        assert_eq!(people, city.targets.people, "{scale_ppm}");
        let exited: Vec<_> = city.slots.iter().filter(|s| s.status == Status::Exited).collect();
        assert_eq!(exited.len() as u64, city.targets.exit_households, "{scale_ppm}");
        let yield_fen: i64 = city.slots.iter().map(|s| s.yield_fen).sum();
        assert_eq!(yield_fen, city.targets.yield_fen, "{scale_ppm}");
        assert!(model.faults.keys().all(|f| city.slots.iter().any(|s| s.fault == Some(*f))));
    }
}

#[test]
fn a_scale_without_room_is_refused() {
    let model = Model::load().unwrap();
    let refused = City::plan(&model, &areas(), 1, 500);
    assert!(matches!(refused, Err(CityError::Options(_))));
}

#[test]
fn a_second_listing_comes_after_the_first() {
    let (_, city) = plan(4, 200_000);
    let mut victims = BTreeSet::new();
    for (host, slot) in city.slots.iter().enumerate() {
        let Some(victim) = slot.hosts else { continue };
        assert!(victim < host);
        assert!(slot.fault.is_none() && victims.insert(victim));
        assert_eq!(city.slots[victim].fault, Some(Fault::DuplicatePerson));
    }
    assert_eq!(victims.len(), 69);
}

#[test]
fn numbers_are_valid_given_once_and_agree_with_their_bearers() {
    let mut seen = BTreeSet::new();
    for person in households(5, 30_000).iter().flat_map(|h| &h.members) {
        let read = ResidentNumber::parse(&person.id_no).unwrap();
        assert!(read.repairs.is_empty());
        let birth = read.number.birth_date();
        assert_eq!(
            (i64::from(birth.year()), i64::from(birth.month())),
            (person.birth.0, person.birth.1)
        );
        assert_eq!(read.number.sex(), person.kin.sex);
        assert!(seen.insert(person.id_no.clone()));
    }
    assert!(seen.len() > 20_000);
}

#[test]
fn relations_fit_sex_and_age() {
    const MEN: [&str; 10] = [
        "之子",
        "之女婿",
        "之孙子",
        "之外孙子",
        "之父",
        "之岳父",
        "之公公",
        "之祖父",
        "之外祖父",
        "之侄儿",
    ];
    const WOMEN: [&str; 8] =
        ["之女", "之儿媳", "之孙女", "之外孙女", "之母", "之婆婆", "之祖母", "之岳母"];
    for household in households(6, 20_000) {
        let heads = household.members.iter().filter(|p| p.kin.relation == "户主").count();
        assert_eq!((heads, household.members[0].kin.relation), (1, "户主"));
        let head = household.members[0].kin;
        for kin in household.members.iter().map(|p| p.kin) {
            assert!(!MEN.contains(&kin.relation) || kin.sex == Sex::Male, "{}", kin.relation);
            assert!(!WOMEN.contains(&kin.relation) || kin.sex == Sex::Female, "{}", kin.relation);
            match kin.relation {
                "配偶" => assert_ne!(kin.sex, head.sex),
                "之子" | "之女" => {
                    assert!(kin.age + 15 <= head.age, "{} {}", kin.age, head.age)
                }
                "之父" | "之母" => {
                    assert!(kin.age >= head.age + 15, "{} {}", kin.age, head.age)
                }
                "之孙子" | "之孙女" => {
                    assert!(kin.age + 30 <= head.age, "{} {}", kin.age, head.age)
                }
                _ => {}
            }
            assert!((0..=110).contains(&kin.age));
        }
    }
}

#[test]
fn exits_are_decided_by_income_and_guarantees_save_for_planted_lapses() {
    let model = Model::load().unwrap();
    let mut lapses = BTreeMap::new();
    for household in households(7, 40_000) {
        if household.slot.status != Status::Exited {
            continue;
        }
        let members = household.members.len() as i64;
        let reaches = household.current.net_fen() >= model.line.per_head_fen * members;
        let insured =
            household.members.iter().all(|p| p.medical == Some(true) && p.critical == Some(true));
        let schooled = household
            .members
            .iter()
            .all(|p| !SCHOOL_AGES.contains(&p.kin.age) || !p.school.is_empty());
        let safe = household.dangerous_house == Some(false)
            && household.water_safe == Some(true)
            && household.water_short == Some(false);
        assert_eq!(reaches, household.slot.lapse != Some(Lapse::IncomeShort));
        assert_eq!(schooled, household.slot.lapse != Some(Lapse::ChildOutOfSchool));
        assert_eq!(reaches && insured && schooled && safe, household.slot.lapse.is_none());
        if let Some(lapse) = household.slot.lapse {
            *lapses.entry(lapse).or_insert(0) += 1;
        }
    }
    assert_eq!(lapses.len(), 6);
}

#[test]
fn most_who_stay_lie_below_the_line() {
    let model = Model::load().unwrap();
    let all = households(8, 20_000);
    let staying: Vec<_> = all.iter().filter(|h| h.slot.status == Status::Staying).collect();
    let above = staying
        .iter()
        .filter(|h| h.current.net_fen() >= model.line.per_head_fen * h.members.len() as i64)
        .count();
    let per_cent = above * 100 / staying.len();
    assert!((3..12).contains(&per_cent), "{per_cent} %");
}

#[test]
fn the_register_holds_the_old_and_the_sick() {
    let all = households(9, 20_000);
    let people: Vec<_> = all.iter().flat_map(|h| &h.members).collect();
    let share = |count: usize| count * 100 / people.len();
    let old = share(people.iter().filter(|p| p.kin.age >= 60).count());
    let sick = share(people.iter().filter(|p| p.health.is_ill() || p.health.is_disabled()).count());
    let young = share(people.iter().filter(|p| p.kin.age < 18).count());
    assert!((28..45).contains(&old), "{old} % old");
    assert!((22..45).contains(&sick), "{sick} % sick or disabled");
    assert!((10..25).contains(&young), "{young} % young");
    let ill = all.iter().filter(|h| h.cause == "因病").count();
    assert!(ill * 2 > all.len() * 3 / 5, "illness is the first cause");
    assert!(
        all.iter()
            .filter(|h| h.slot.fault != Some(Fault::CauseUnfounded))
            .filter(|h| h.cause == "因病")
            .all(|h| h.members.iter().any(|p| p.health.is_ill()))
    );
}

#[test]
fn a_statement_has_no_negative_amount_and_nets_out() {
    for household in households(10, 10_000) {
        for statement in [&household.current, &household.prior] {
            assert!(statement.fen.iter().all(|fen| *fen >= 0));
            let counted: i64 = (0..items::COUNT)
                .filter(|i| items::ITEMS[*i].counted && items::ITEMS[*i].category != Category::Cost)
                .map(|i| statement.fen[i])
                .sum();
            assert_eq!(counted - statement.category_fen(Category::Cost), statement.net_fen());
        }
        assert_eq!(household.current.fen[items::PROJECT_YIELD], household.slot.yield_fen);
        assert_eq!(
            household.current == household.prior,
            household.slot.fault == Some(Fault::SameIncome)
        );
        assert_ne!(household.current, Statement::EMPTY);
    }
}

#[test]
fn a_second_listing_shows_the_same_person() {
    let (model, city) = plan(11, 50_000);
    let names = Names::load().unwrap();
    let (nobody, working) = (BTreeMap::new(), qb_base::WorkingCalendar::default());
    let projects = YieldProjects::lay(&city, city.yield_projects(&model));
    let shared = Shared {
        raw: std::path::Path::new(""),
        model: &model,
        names: &names,
        city: &city,
        twice_listed: &nobody,
        projects: &projects,
        calendar: crate::calendar::Calendar { year: model.year, working: &working },
    };
    let mut registrar = Registrar::default();
    for victim in city.slots.iter().filter_map(|s| s.hosts) {
        let context = shared.context_of(victim).unwrap();
        let head = household::make(&context, victim).members.remove(0);
        let number =
            household::twice_listed_number(&context, victim, &head, &mut registrar).unwrap();
        let serial: u64 = number[14..17].parse().unwrap();
        assert_eq!((serial / 2) % 16, identity::TWICE_LISTED);
        assert_eq!(ResidentNumber::parse(&number).unwrap().number.sex(), head.kin.sex);
    }
}

#[test]
fn another_seed_gives_other_people() {
    let names = |seed| -> Vec<String> {
        households(seed, 2_000).iter().flat_map(|h| &h.members).map(|p| p.name.clone()).collect()
    };
    assert_eq!(names(1), names(1));
    assert_ne!(names(1), names(2));
}

#[test]
fn every_mistake_has_a_code_and_an_end() {
    let model = Model::load().unwrap();
    let codes: BTreeSet<&str> = model.faults.keys().map(|f| f.code()).collect();
    for code in ["F1", "F2", "F3", "F4", "F5", "F6", "F9", "F10", "F11", "F12", "F13", "F14", "F17"]
    {
        assert!(codes.contains(code), "{code}");
    }
    let refused =
        model.faults.keys().filter(|f| f.expectation() == Expectation::RefusedThenCorrected);
    assert!(refused.count() >= 4);
}

#[test]
fn planted_contradictions_stand_in_their_households() {
    let all = households(12, 60_000);
    let of = |fault| all.iter().filter(move |h| h.slot.fault == Some(fault));
    let pupil = |h: &Household| {
        h.members.iter().find(|p| SCHOOL_AGES.contains(&p.kin.age)).cloned().unwrap()
    };
    assert!(of(Fault::SchoolingBoth).all(|h| {
        let child = pupil(h);
        !child.education.is_empty() && !child.school.is_empty()
    }));
    assert!(of(Fault::GradeAge).all(|h| {
        let child = pupil(h);
        (child.kin.age >= 15) == (child.school == "小学")
    }));
    assert!(of(Fault::TruantHealthy).all(|h| {
        let child = pupil(h);
        (child.school, child.out_of_school, child.health.is_ill()) == ("", "因病", false)
    }));
    assert!(of(Fault::CauseUnfounded).all(|h| h.members.iter().all(|p| !p.health.is_ill())));
    assert!(of(Fault::NegativeIncome).all(|h| h.current.net_fen() < 0));
    assert!(of(Fault::SmallWage).all(|h| (1..10_000).contains(&h.current.fen[items::WAGE])));
    for fault in [Fault::SchoolingBoth, Fault::GradeAge, Fault::TruantHealthy, Fault::SmallWage] {
        assert!(of(fault).count() >= 2, "{fault:?}");
    }
}

#[test]
fn a_month_without_free_numbers_is_an_error_not_an_endless_search() {
    let mut dice = crate::dice::Dice::new(1, crate::dice::Stream::Identity, 0);
    let mut registrar = Registrar::default();
    let wanted = identity::Wanted {
        prefix: "320321",
        birth: (1950, 2, 1),
        sex: Sex::Male,
        classes: (3, 3),
        ends_in_x: true,
    };
    let given = (0..1_000).map_while(|_| registrar.number(wanted, &mut dice).ok()).count();
    assert!((28..1_000).contains(&given), "{given}");
}

#[test]
fn yield_projects_pay_out_every_fen_inside_one_county() {
    // More villages than projects, and more projects than villages.
    for (scale_ppm, count) in [(300_000, 412), (2_000, 412)] {
        let (_, city) = plan(3, scale_ppm);
        let projects = YieldProjects::lay(&city, count);
        assert_eq!(projects.projects.len(), count);
        let paid: i64 = projects.projects.iter().map(|project| project.to_households_fen).sum();
        assert_eq!(paid, city.targets.yield_fen);
        let households: u64 = projects.projects.iter().map(|project| project.households).sum();
        assert_eq!(households, city.targets.yield_households);
        for (at, county) in city.counties.iter().enumerate() {
            for slot in county.slots().filter(|slot| city.slots[*slot].yield_fen > 0) {
                let number = projects.yield_project_of(slot).unwrap();
                let project = &projects.projects[usize::try_from(number).unwrap() - 1];
                assert_eq!(project.site.county, at);
            }
        }
        let many = scale_ppm > 100_000;
        assert_eq!(projects.projects.iter().all(|project| project.households > 0), many);
    }
}
