//! The packs that come with the program hold what they promise.

use std::path::Path;

use qb_engine::{Engine, EngineOptions};
use qb_policy::{Method, Pack, PackSource, embedded_packs};

/// The pack without its queries: they name tables of later links, and are checked where all links
/// are known.
fn rules_of(mut pack: Pack) -> Pack {
    pack.views.clear();
    pack.coverages.clear();
    pack.facts
        .retain(|fact| fact.method.sql().is_none() && !matches!(fact.method, Method::Coverage(_)));
    pack
}

#[test]
fn every_expression_compiles_and_every_case_passes_in_both_evaluators() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    for id in embedded_packs() {
        let pack = Pack::load(PackSource::Embedded(&id)).unwrap_or_else(|error| panic!("{error}"));
        let pack = rules_of(pack);
        let report = engine.check_pack(&pack, &[]).unwrap();
        let errors: Vec<&str> = report.errors.iter().map(|error| &*error.message.en).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert!(report.cases_failed.is_empty(), "{:#?}", report.cases_failed);
        let cases: usize = pack.clauses.iter().map(|clause| clause.cases.len()).sum();
        assert_eq!(report.cases_passed, cases);
    }
}

#[test]
fn an_extension_shows_which_cases_of_its_base_no_longer_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../qb-policy/tests/packs/good/town-rules");
    let pack = rules_of(Pack::load(PackSource::Folder(Path::new(folder))).unwrap());
    let report = Engine::new(EngineOptions::default()).unwrap().check_pack(&pack, &[]).unwrap();
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    let failed = |clause: &str| report.cases_failed.iter().any(|case| case.clause == clause);
    assert!(failed("village.income_floor"), "the floor was raised by the extension");
    assert!(!failed("village.income_basis") && !failed("town.phone"), "its own cases hold");
    assert!(!failed("exit.ready"), "what it doesn't touch holds");
}
