//! The check of a pack through both evaluators is tested on the embedded pack.

use qb_policy::{Pack, PackSource};

use crate::support::ENGINE;

#[test]
fn every_clause_fact_and_case_of_the_embedded_pack_holds() {
    let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap();
    let report = ENGINE.check_pack(&pack).unwrap();
    let errors: Vec<String> =
        report.errors.iter().map(|error| error.message.en.clone().into_owned()).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(report.cases_failed.is_empty(), "{:#?}", report.cases_failed);
    assert_eq!(report.clauses, pack.clauses.len());
    assert_eq!(
        report.cases_passed,
        pack.clauses.iter().map(|clause| clause.cases.len()).sum::<usize>()
    );
}
