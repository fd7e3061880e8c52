//! The pack that comes with the program, checked whole.

use qb_base::Lang;
use qb_engine::{Engine, EngineOptions};
use qb_policy::{Pack, PackSource};

#[test]
fn the_embedded_pack_holds_in_every_expression_query_and_case() {
    let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap();
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let report = qb_settle::check(&engine, &pack).unwrap();
    let errors: Vec<&str> = report.errors.iter().map(|error| error.message.get(Lang::En)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(report.cases_failed.is_empty(), "{:?}", report.cases_failed);
    assert!(report.cases_passed > report.clauses, "every clause has cases");
}
