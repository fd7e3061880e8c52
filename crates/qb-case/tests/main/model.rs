//! Random commands against a model of the exit that is written down a second time, in plain words:
//! every answer of the mechanism must be the model's, refusals and all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use qb_access::{Role, Scope};
use qb_base::Date;
use qb_case::commands::{
    Answering, Desk, Objecting, Opening, answer_objection, object, open, reject, step,
};
use qb_case::{Actor, CaseError, Evidence, StepFacts, queries};
use qb_policy::Decimal;
use qb_store::Store;
use qb_store::testing::TestStore;

use crate::common::{VILLAGE, actor, area, day, machines, pack};

const STEPS: usize = 10_000;
const STEPS_POSTGRES: usize = 1_500;
const SEED: u64 = 2016;

/// Numbers from a seed; the test prints it and takes it back from `QIBANG_SEED`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// One arrow of the exit as the model has it.
struct Arrow {
    id: &'static str,
    from: &'static [&'static str],
    to: &'static str,
    /// Roles, with the number of digits of their area.
    who: &'static [(Role, usize)],
    papers: &'static [&'static str],
    not_same_as: &'static [&'static str],
    back_to: Option<&'static str>,
}

const VILLAGE_STATES: &[&str] = &[
    "PRE_EXIT",
    "ASSEMBLY_PASSED",
    "VERIFIED",
    "DISPUTED",
    "CONSENTED",
    "NOTICE",
    "TOWN_CHECKED",
    "CHECKED",
];
const CLERK: (Role, usize) = (Role::VillageClerk, 12);
const TOWN: (Role, usize) = (Role::TownClerk, 9);
const COUNTY: (Role, usize) = (Role::CountyOfficer, 6);
const HEAD: (Role, usize) = (Role::Household, 12);

const fn arrow(
    id: &'static str,
    from: &'static [&'static str],
    to: &'static str,
    who: &'static [(Role, usize)],
) -> Arrow {
    Arrow { id, from, to, who, papers: &[], not_same_as: &[], back_to: None }
}

fn arrows() -> Vec<Arrow> {
    let back = Some("PRE_EXIT");
    vec![
        arrow("pre_exit", &[""], "PRE_EXIT", &[CLERK, TOWN]),
        Arrow {
            papers: &["MINUTES", "SIGN_IN"],
            ..arrow("assembly", &["PRE_EXIT"], "ASSEMBLY_PASSED", &[CLERK])
        },
        Arrow {
            papers: &["INCOME_SHEET", "SURVEY"],
            not_same_as: &["assembly"],
            back_to: back,
            ..arrow("verify", &["ASSEMBLY_PASSED"], "VERIFIED", &[(Role::ResidentTeam, 12), CLERK])
        },
        Arrow {
            papers: &["CONFIRMATION"],
            not_same_as: &["assembly"],
            ..arrow("consent", &["VERIFIED", "DISPUTED"], "CONSENTED", &[HEAD, TOWN])
        },
        Arrow {
            not_same_as: &["assembly"],
            ..arrow("dispute", &["VERIFIED"], "DISPUTED", &[HEAD, TOWN])
        },
        Arrow { papers: &["NOTICE_PHOTO"], ..arrow("notice", &["CONSENTED"], "NOTICE", &[CLERK]) },
        Arrow {
            papers: &["CHECK_RECORD"],
            not_same_as: &["verify", "consent"],
            back_to: back,
            ..arrow("town_check", &["NOTICE"], "TOWN_CHECKED", &[TOWN])
        },
        Arrow {
            papers: &["CHECK_RECORD"],
            not_same_as: &["verify", "town_check"],
            back_to: back,
            ..arrow("check", &["TOWN_CHECKED"], "CHECKED", &[COUNTY])
        },
        Arrow {
            papers: &["DECISION"],
            not_same_as: &["check"],
            back_to: back,
            ..arrow("announce", &["CHECKED"], "EXITED", &[COUNTY])
        },
        arrow("file", &["EXITED"], "FILED", &[COUNTY]),
        arrow("end_support", &["FILED"], "CLOSED", &[COUNTY]),
        arrow("return", &["EXITED", "FILED"], "RETURNED", &[COUNTY, TOWN]),
        arrow(
            "recheck",
            &["CONSENTED", "DISPUTED", "NOTICE", "TOWN_CHECKED", "CHECKED"],
            "ASSEMBLY_PASSED",
            &[TOWN, COUNTY],
        ),
        arrow("keep", VILLAGE_STATES, "KEPT", &[COUNTY]),
    ]
}

/// A case as the model has it.
#[derive(Default)]
struct Model {
    case: i64,
    version: i64,
    state: &'static str,
    /// Step, person, day, refused.
    done: Vec<(&'static str, String, Date, bool)>,
    notice_until: Option<Date>,
    open: Vec<i64>,
    upheld: usize,
}

impl Model {
    /// The refusals of a step in plain words.
    fn refusals(
        &self,
        arrow: &Arrow,
        who: &Actor,
        facts: &StepFacts,
        back: bool,
    ) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut refuse_if = |is: bool, code: &'static str| {
            if is {
                found.insert(code);
            }
        };
        let turns = back || matches!(arrow.id, "recheck" | "keep");
        refuse_if(!arrow.from.contains(&self.state), "out_of_order");
        refuse_if(back && arrow.back_to.is_none(), "no_reject");
        refuse_if(!arrow.who.contains(&(who.role, who.area.as_str().len())), "actor");
        refuse_if(
            self.done.iter().any(|(id, by, ..)| arrow.not_same_as.contains(id) && *by == who.login),
            "same_person",
        );
        refuse_if(self.done.last().is_some_and(|last| facts.on < last.2), "day_order");
        let gives_reason = turns || matches!(arrow.id, "dispute" | "return");
        refuse_if(gives_reason && facts.reason.is_none(), "reason");
        if back {
            return found;
        }
        let has_number = matches!(arrow.id, "announce" | "file");
        refuse_if(has_number && facts.document.is_none(), "document");
        refuse_if(arrow.id == "verify" && facts.second.is_none(), "second_unknown");
        // No run has judged the household, so the exit test cannot tell.
        refuse_if(arrow.id == "announce" && facts.reason.is_none(), "clause_unknown");
        let has = |paper: &&str| facts.evidence.iter().any(|piece| piece.kind == **paper);
        refuse_if(!arrow.papers.iter().all(has), "evidence");
        if arrow.id == "assembly" {
            let (here, all) = (facts.present.unwrap(), facts.entitled.unwrap());
            refuse_if(here > all, "quorum_unknown");
            refuse_if(here <= all && 3 * here < 2 * all, "quorum");
        }
        if matches!(arrow.id, "town_check" | "check") {
            let least = if arrow.id == "check" { "0.1" } else { "0.2" };
            refuse_if(facts.sample.unwrap() < Decimal::parse(least).unwrap(), "sample");
            refuse_if(!self.open.is_empty(), "objection_open");
            refuse_if(self.upheld > 0, "objection_upheld");
        }
        if arrow.id == "notice" {
            let short = facts.notice_until.is_some_and(|until| until < facts.on + 7.days());
            refuse_if(short, "notice_short");
            refuse_if(facts.notice_until.is_none(), "notice_unknown");
        }
        if arrow.id == "end_support" {
            let announced = self.done.iter().rev().find(|step| step.0 == "announce" && !step.3);
            let early = announced.is_some_and(|step| facts.on < step.2 + 365.days());
            refuse_if(early, "too_early");
        }
        let running = self.notice_until.is_some_and(|until| facts.on <= until);
        refuse_if(running && !turns, "notice_running");
        found
    }

    fn take(&mut self, arrow: &Arrow, who: &Actor, facts: &StepFacts, back: bool) {
        let turns = back || matches!(arrow.id, "recheck" | "keep");
        self.state = if back { arrow.back_to.unwrap() } else { arrow.to };
        self.notice_until = facts.notice_until.filter(|_| !back);
        if turns {
            self.upheld = 0;
        }
        self.done.push((arrow.id, who.login.clone(), facts.on, back));
        self.version += 1;
    }
}

fn people() -> Vec<Actor> {
    let town = "320381101";
    let mut people = vec![
        actor("head", Role::Household, VILLAGE),
        actor("auditor", Role::Auditor, "3203"),
        actor("city", Role::CityOfficer, "3203"),
        // The right role for another level of areas.
        actor("upper", Role::TownClerk, "320381"),
        actor("upper", Role::VillageClerk, town),
        actor("upper", Role::CountyOfficer, "3203"),
    ];
    for n in 0..2 {
        let named = |role: &str| format!("{role}{n}");
        people.push(actor(&named("clerk"), Role::VillageClerk, VILLAGE));
        people.push(actor(&named("team"), Role::ResidentTeam, VILLAGE));
        people.push(actor(&named("town"), Role::TownClerk, town));
        people.push(actor(&named("county"), Role::CountyOfficer, "320381"));
        // One login that holds two roles: the second role is still the same person.
        people.push(actor(&named("clerk"), Role::TownClerk, town));
        people.push(actor(&named("town"), Role::CountyOfficer, "320381"));
    }
    people
}

/// Facts that are mostly in order and often just not.
fn some_facts(dice: &mut Dice, last: Date, arrow: &Arrow) -> StepFacts {
    let kinds = pack().code_list("evidence_kind").unwrap();
    let piece = |kind: &str| Evidence { kind: kind.to_owned(), digest: "d".to_owned(), pages: 1 };
    let days = match arrow.id {
        "end_support" => 360 + i64::try_from(dice.roll(12)).unwrap(),
        _ => i64::try_from(dice.roll(10)).unwrap() - i64::from(dice.one_in(8)),
    };
    let on = last + days.days();
    let entitled = 20 + i64::try_from(dice.roll(30)).unwrap();
    let missing = dice.one_in(12).then(|| *dice.pick(&["MINUTES", "SURVEY", "CHECK_RECORD"]));
    let given = kinds.codes.iter().filter(|code| Some(code.id.as_str()) != missing);
    let notice = i64::try_from(dice.roll(6)).unwrap();
    let has_notice = arrow.id == "notice" && !dice.one_in(20);
    StepFacts {
        present: Some((2 * entitled + 2) / 3 + i64::try_from(dice.roll(9)).unwrap() - 2),
        entitled: Some(entitled),
        second: (!dice.one_in(10)).then(|| "two".to_owned()),
        sample: Decimal::new(i128::try_from(95 + dice.roll(240)).unwrap(), 3),
        notice_until: has_notice.then(|| on + (5 + notice).days()),
        evidence: given.map(|code| piece(&code.id)).collect(),
        document: (!dice.one_in(10)).then(|| "2016-1".to_owned()),
        reason: (!dice.one_in(10)).then(|| "as told".to_owned()),
        ..StepFacts::on(on)
    }
}

/// What the run met: each transition taken and each refusal, so that it cannot pass by idling.
#[derive(Default)]
struct Met {
    taken: BTreeMap<&'static str, usize>,
    refused: BTreeMap<String, usize>,
}

fn outcome<T>(result: Result<T, CaseError>) -> Result<T, BTreeSet<String>> {
    result.map_err(|error| match error {
        CaseError::Refused(guards) => {
            guards.into_iter().map(|guard| guard.code.to_owned()).collect()
        }
        other => panic!("neither taken nor refused: {other}"),
    })
}

fn run(store: &Store, steps: usize, seed: u64) -> Met {
    let (mut dice, arrows, people) = (Dice(seed), arrows(), people());
    let (mut met, mut model, mut number) = (Met::default(), Model::default(), 0);
    for at in 0..steps {
        if matches!(model.state, "CLOSED" | "RETURNED" | "KEPT") && dice.one_in(3) {
            agree(store, &model);
            (model, number) = (Model::default(), number + 1);
        }
        if !model.state.is_empty() && dice.one_in(25) {
            objections(store, &mut model, &mut dice, &people);
            continue;
        }
        let last = model.done.last().map_or(day("2016-01-01"), |step| step.2);
        let possible: Vec<&Arrow> =
            arrows.iter().filter(|arrow| arrow.from.contains(&model.state)).collect();
        let arrow: &Arrow = match dice.roll(10) {
            0 => dice.pick(&arrows),
            // Going on is likelier than turning back, or no case would get far.
            1..7 if !possible.is_empty() => possible[0],
            _ if !possible.is_empty() => possible[dice.roll(possible.len())],
            _ => dice.pick(&arrows),
        };
        let fit: Vec<&Actor> = people
            .iter()
            .filter(|who| arrow.who.contains(&(who.role, who.area.as_str().len())))
            .collect();
        let who: &Actor =
            if dice.one_in(8) { dice.pick(&people) } else { fit[dice.roll(fit.len())] };
        let facts = some_facts(&mut dice, last, arrow);
        let back = !model.state.is_empty() && dice.one_in(15);
        let expected: BTreeSet<String> = model
            .refusals(arrow, who, &facts, back)
            .iter()
            .map(|code| (*code).to_owned())
            .collect();
        let got = attempt(store, &model, arrow, who, &facts, back, number);
        let context = || format!("seed {seed}, command {at}: {} from {}", arrow.id, model.state);
        match got {
            Ok((case, version)) => {
                assert!(expected.is_empty(), "{}: taken, but {expected:?}", context());
                model.take(arrow, who, &facts, back);
                model.case = case;
                assert_eq!(model.version, version, "{}", seed);
                *met.taken.entry(arrow.id).or_default() += 1;
            }
            Err(codes) => {
                assert_eq!(codes, expected, "{}", context());
                for code in codes {
                    *met.refused.entry(code).or_default() += 1;
                }
            }
        }
    }
    met
}

fn desk<'a>(store: &'a Store, who: &'a Actor) -> Desk<'a> {
    Desk {
        store,
        machines: machines(),
        actor: who,
        today: day("9999-01-01"),
        clauses: None,
        people: None,
    }
}

fn attempt(
    store: &Store,
    model: &Model,
    arrow: &Arrow,
    who: &Actor,
    facts: &StepFacts,
    back: bool,
    number: usize,
) -> Result<(i64, i64), BTreeSet<String>> {
    let desk = desk(store, who);
    let after = if model.state.is_empty() {
        let subject = number.to_string();
        let opening = Opening {
            machine: "exit",
            transition: arrow.id,
            subject: &subject,
            household_id: None,
            area: area(VILLAGE),
            deadline: None,
        };
        open(&desk, &opening, facts)
    } else if back {
        reject(&desk, (model.case, model.version), arrow.id, facts)
    } else {
        step(&desk, (model.case, model.version), arrow.id, facts)
    };
    outcome(after).map(|after| (after.case, after.version))
}

/// Raises an objection, or answers the oldest.
fn objections(store: &Store, model: &mut Model, dice: &mut Dice, people: &[Actor]) {
    let last = model.done.last().expect("the case is open").2;
    let who = people.iter().find(|who| who.login == "city").expect("the city officer");
    let channel = pack().code_list("grievance_channel").unwrap().codes[0].id.clone();
    let ended = matches!(model.state, "CLOSED" | "RETURNED" | "KEPT");
    if let Some(id) = model.open.first().copied().filter(|_| !dice.one_in(4)) {
        let upheld = dice.one_in(2);
        let answer = Answering { upheld, document: "R-1", on: last };
        outcome(answer_objection(&desk(store, who), id, &answer)).expect("an answer is taken");
        model.open.remove(0);
        model.upheld += usize::from(upheld);
    } else {
        // Whoever records an objection does not answer it.
        let recorder = Actor { login: "city2".to_owned(), ..who.clone() };
        let what = Objecting { channel: &channel, document: "L-1", on: last };
        let got = outcome(object(&desk(store, &recorder), model.case, &what));
        assert_eq!(got.is_err(), ended, "objections to {}", model.state);
        let Ok(id) = got else { return };
        model.open.push(id);
    }
    model.version += 1;
}

/// The case in the store is the model's.
fn agree(store: &Store, model: &Model) {
    let today = day("2016-12-31");
    let detail = store
        .read(|conn| queries::case(conn, machines(), &Scope::system(), today, model.case))
        .expect("the case is there");
    let steps: Vec<&str> = detail.events.iter().map(|event| event.transition.as_str()).collect();
    let expected: Vec<&str> = model.done.iter().map(|step| step.0).collect();
    assert_eq!((detail.line.state.as_str(), steps), (model.state, expected));
}

fn seed() -> u64 {
    std::env::var("QIBANG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED)
}

#[test]
fn ten_thousand_random_commands_are_answered_as_the_model_says() {
    let test = TestStore::sqlite();
    let met = run(&test.store, STEPS, seed());
    let missed: Vec<&str> =
        arrows().iter().map(|arrow| arrow.id).filter(|id| !met.taken.contains_key(id)).collect();
    assert!(missed.is_empty(), "never taken: {missed:?}; {:?}", met.taken);
    for code in ["out_of_order", "actor", "same_person", "evidence", "quorum", "sample"] {
        assert!(met.refused.get(code).is_some_and(|n| *n > 20), "{code}: {:?}", met.refused);
    }
    for code in ["notice_short", "notice_running", "objection_open", "objection_upheld"] {
        assert!(met.refused.contains_key(code), "{code}: {:?}", met.refused);
    }
    assert!(test.store.audit_verify(None).unwrap().broken.is_none());
    assert_eq!(qb_case::verify(&test.store, machines()).unwrap(), []);
}

#[test]
fn random_commands_on_postgresql_are_answered_as_the_model_says() {
    if let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") {
        run(&TestStore::postgres(&server).store, STEPS_POSTGRES, seed() + 1);
    }
}
