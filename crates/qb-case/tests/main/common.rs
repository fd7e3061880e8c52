//! Builders with legal defaults.

use std::sync::OnceLock;

use qb_access::Role;
use qb_base::{AreaCode, Date};
use qb_case::commands::{After, Desk, Opening, open, step};
use qb_case::{Actor, CaseError, Evidence, Machines, StepFacts};
use qb_policy::{Decimal, Pack, PackSource};
use qb_store::Store;

pub(crate) const VILLAGE: &str = "320381101201";

pub(crate) fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| Pack::load(PackSource::Embedded("xuzhou-2016")).expect("the pack loads"))
}

pub(crate) fn machines() -> &'static Machines {
    static MACHINES: OnceLock<Machines> = OnceLock::new();
    MACHINES.get_or_init(|| Machines::load(pack()).expect("the machines have no faults"))
}

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).expect("an area code")
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub(crate) fn actor(login: &str, role: Role, code: &str) -> Actor {
    Actor { login: login.to_owned(), role, area: area(code) }
}

/// A person for each step of an exit, none of them twice.
pub(crate) fn right_actor(transition: &str) -> Actor {
    match transition {
        "verify" => actor("team", Role::ResidentTeam, VILLAGE),
        "consent" | "dispute" => actor("head", Role::Household, VILLAGE),
        "town_check" => actor("town", Role::TownClerk, "320381101"),
        "check" => actor("county2", Role::CountyOfficer, "320381"),
        "recheck" => actor("town2", Role::TownClerk, "320381101"),
        "announce" | "file" | "end_support" | "return" | "keep" => {
            actor("county", Role::CountyOfficer, "320381")
        }
        _ => actor("clerk", Role::VillageClerk, VILLAGE),
    }
}

/// Everything any step of any machine could ask for.
pub(crate) fn facts(on: &str) -> StepFacts {
    let kinds = pack().code_list("evidence_kind").expect("the list of evidence");
    let piece = |kind: &str| Evidence { kind: kind.to_owned(), digest: "d".to_owned(), pages: 1 };
    StepFacts {
        present: Some(30),
        entitled: Some(30),
        votes: Some(30),
        second: Some("second".to_owned()),
        signatory: Some("none".to_owned()),
        sample: Some(Decimal::whole(1)),
        evidence: kinds.codes.iter().map(|code| piece(&code.id)).collect(),
        document: Some("2016-1".to_owned()),
        reason: Some("as told".to_owned()),
        ..StepFacts::on(day(on))
    }
}

pub(crate) fn until(on: &str, last: &str) -> StepFacts {
    StepFacts { notice_until: Some(day(last)), ..facts(on) }
}

pub(crate) fn desk<'a>(store: &'a Store, actor: &'a Actor) -> Desk<'a> {
    Desk {
        store,
        machines: machines(),
        actor,
        today: day("2017-12-31"),
        clauses: None,
        people: None,
    }
}

pub(crate) fn open_exit(store: &Store, subject: &str, on: &str) -> After {
    let clerk = right_actor("pre_exit");
    let opening = Opening {
        machine: "exit",
        transition: "pre_exit",
        subject,
        household_id: None,
        area: area(VILLAGE),
        deadline: None,
    };
    open(&desk(store, &clerk), &opening, &facts(on)).expect("a case opens")
}

/// Takes steps of an exit one after another, each by the right person.
pub(crate) fn walk(store: &Store, from: After, steps: &[(&str, StepFacts)]) -> After {
    steps.iter().fold(from, |at, (transition, facts)| {
        let person = right_actor(transition);
        step(&desk(store, &person), (at.case, at.version), transition, facts)
            .unwrap_or_else(|error| panic!("{transition}: {error}"))
    })
}

/// An exit whose notice stands from 10 to 17 October 2016.
pub(crate) fn posted(store: &Store, subject: &str) -> After {
    let opened = open_exit(store, subject, "2016-03-01");
    let steps = [
        ("assembly", facts("2016-09-05")),
        ("verify", facts("2016-09-20")),
        ("consent", facts("2016-09-21")),
        ("notice", until("2016-10-10", "2016-10-17")),
    ];
    walk(store, opened, &steps)
}

/// The codes of a refusal, in order.
pub(crate) fn codes<T: std::fmt::Debug>(result: Result<T, CaseError>) -> Vec<&'static str> {
    match result.expect_err("a refusal") {
        CaseError::Refused(guards) => {
            let mut codes: Vec<&str> = guards.iter().map(|guard| guard.code).collect();
            codes.sort_unstable();
            codes
        }
        other => panic!("refused for another reason: {other}"),
    }
}
