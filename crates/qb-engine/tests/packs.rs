//! The packs that come with the program hold what they promise.

use qb_engine::{Engine, EngineOptions};
use qb_policy::{Pack, PackSource, embedded_packs};

#[test]
fn every_expression_compiles_and_every_case_passes_in_both_evaluators() {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    for id in embedded_packs() {
        let pack = Pack::load(PackSource::Embedded(&id)).unwrap_or_else(|error| panic!("{error}"));
        let report = engine.check_pack(&pack).unwrap();
        let errors: Vec<&str> = report.errors.iter().map(|error| &*error.message.en).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert!(report.cases_failed.is_empty(), "{:#?}", report.cases_failed);
        let cases: usize = pack.clauses.iter().map(|clause| clause.cases.len()).sum();
        assert_eq!(report.cases_passed, cases);
    }
}
