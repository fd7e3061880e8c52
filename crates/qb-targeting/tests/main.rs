//! Runs over a small register: stored whole, replayed to the same digest, explained household by
//! household.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a helper of tests fails its test by panic")]

use std::path::Path;

use qb_access::{Role, Scope};
use qb_base::AreaCode;
use qb_policy::{Fact, Method, Pack, PackSource};
use qb_store::testing::on_each_store;
use qb_store::{AuditEntry, Known, Store, StoreError};
use qb_targeting::model::{QUERY_LEVEL, RunSummary};
use qb_targeting::{Asked, Explainer, TargetingError, queries};

const VILLAGE: &str = "320321100201";

fn pack() -> Pack {
    with_queries(Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap(), &[])
}

/// The pack with these queries only: the others name tables that later links publish.
fn with_queries(mut pack: Pack, own: &[&str]) -> Pack {
    let is_own = |id: &str| own.contains(&id);
    let asks =
        |fact: &Fact| fact.method.sql().is_some() || matches!(fact.method, Method::Coverage(_));
    pack.views.retain(|view| is_own(&view.id));
    pack.coverages.retain(|coverage| is_own(&coverage.id));
    pack.facts.retain(|fact| !asks(fact) || is_own(&fact.id));
    pack
}

/// Households 1 … 6; each has one member and wages of its number times 2,000 yuan in 2016.
fn register(store: &Store) {
    qb_registry::areas::load(store, &pack(), "tester").unwrap();
    store
        .write::<_, StoreError>(|tx| {
            for id in 1..=6_i64 {
                let (number, person) = (format!("H{id}"), format!("P{id}"));
                let sql = "insert into household (id, household_no, area_code, member_count, \
                           valid_from, recorded_at, source_file_id, source_row, row_digest) \
                           values ($1, $2, $3, 1, '2014-01-01', 1, 1, 1, 1)";
                tx.execute(sql, &[id.into(), (&number).into(), VILLAGE.into()])?;
                let sql = "insert into person (id, person_no, name, name_key, valid_from, \
                           recorded_at, source_file_id, source_row, row_digest, household_id, \
                           relation, member_from) values ($1, $2, '某', '某', '2014-01-01', 1, 1, \
                           1, 1, $3, 'HEAD', '2014-01-01')";
                tx.execute(sql, &[id.into(), (&person).into(), id.into()])?;
                let sql = "insert into income_statement (id, household_id, policy_year, \
                           recorded_at, source_file_id, source_row, row_digest) \
                           values ($1, $2, 2016, 1, 1, 1, 1)";
                tx.execute(sql, &[id.into(), id.into()])?;
                let sql = "insert into income_item (statement_id, item, amount_fen) \
                           values ($1, 'wage_labour', $2)";
                tx.execute(sql, &[id.into(), (id * 200_000).into()])?;
            }
            tx.audit(&AuditEntry {
                actor: "tester",
                action: "test.write",
                object: "register",
                before: None,
                after: None,
                reason: "a test",
            })
        })
        .unwrap();
}

fn run(store: &Store) -> RunSummary {
    run_with(store, &pack())
}

fn run_with(store: &Store, pack: &Pack) -> RunSummary {
    let asked = Asked { actor: "tester", pack, as_of: pack.cases_on, known: Known::Everything };
    qb_targeting::run(store, &asked, |_| Ok::<_, TargetingError>(Vec::new()), &mut |_| ()).unwrap()
}

/// The pack with a figure and a coverage that queries give.
fn pack_with_queries() -> Pack {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/queries");
    let pack = Pack::load(PackSource::Folder(Path::new(folder)));
    let pack = pack.unwrap_or_else(|error| panic!("{error}"));
    with_queries(pack, &["earning", "earning_households", "Q1"])
}

fn scope(code: &str) -> Scope {
    Scope::new(Role::CountyOfficer, area(code))
}

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

#[test]
fn both_evaluators_agree_and_the_counts_add_up() {
    on_each_store(|store| {
        register(store);
        let summary = run(store);
        assert_eq!((summary.households, summary.people), (6, 6));
        for rule in &summary.rules {
            assert_eq!(rule.digest_setwise, rule.digest_rowwise, "{}", rule.id);
            if rule.level == "household" {
                assert_eq!(rule.n_true + rule.n_false + rule.n_unknown, 6, "{}", rule.id);
            }
        }
    });
}

#[test]
fn a_run_replays_to_the_same_digest() {
    on_each_store(|store| {
        register(store);
        let first = run(store);
        let (stored, again) = qb_targeting::replay(store, &pack(), first.run).unwrap();
        assert_eq!((stored.digest.as_str(), again.as_str()), (&*first.digest, &*first.digest));
        assert_eq!(run(store).digest, first.digest);
    });
}

#[test]
fn a_figure_of_an_area_and_the_rows_behind_it_agree() {
    on_each_store(|store| {
        register(store);
        let run = run(store).run;
        store
            .read::<_, StoreError>(|conn| {
                let feng = scope("320321");
                let figures = queries::figures_of_area(conn, &feng, run, area("320321"))?;
                let households = figures.iter().filter(|f| f.level == "household");
                for figure in households {
                    let rows = queries::subjects(
                        conn,
                        &feng,
                        run,
                        "household",
                        area("320321"),
                        (figure.position, '1'),
                        ("", 0),
                        1_000,
                    )?;
                    assert_eq!(rows.len() as i64, figure.rows, "{}", figure.fact);
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn figures_and_coverages_by_query_are_stored_for_every_area_and_replayed() {
    on_each_store(|store| {
        register(store);
        let pack = pack_with_queries();
        let summary = run_with(store, &pack);
        let (stored, again) = qb_targeting::replay(store, &pack, summary.run).unwrap();
        assert_eq!(stored.digest, again);
        store
            .read::<_, StoreError>(|conn| {
                let feng = scope("320321");
                let figures = queries::figures_of_area(conn, &feng, summary.run, area("320321"))?;
                let wages = figures.iter().find(|figure| figure.fact == "Q1").unwrap();
                assert_eq!((wages.level.as_str(), wages.rows), (QUERY_LEVEL, 3));
                assert_eq!(wages.value, Some((3_000_000, 0)));
                let whole = queries::coverages(conn, summary.run)?;
                let here = queries::coverages_of_area(conn, &feng, summary.run, area("320321"))?;
                assert!(here.iter().all(|one| whole.contains(one)));
                let one = here.iter().find(|one| one.coverage == "earning_households").unwrap();
                assert_eq!((one.total, one.missing), (6, 3));
                let beside = scope("320322");
                let refused =
                    queries::coverages_of_area(conn, &beside, summary.run, area("320321"));
                assert!(matches!(refused, Err(StoreError::NotFound)));
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn clauses_of_an_area_outside_the_scope_do_not_exist() {
    on_each_store(|store| {
        register(store);
        let run = run(store).run;
        let seen = store
            .read(|conn| queries::clauses_of_area(conn, &scope("320322"), run, area("320321")));
        assert!(matches!(seen, Err(StoreError::NotFound)));
    });
}

#[test]
fn a_household_gets_a_reason_for_every_household_clause_in_force() {
    on_each_store(|store| {
        register(store);
        run(store);
        let explainer = Explainer::open(store, &pack()).unwrap();
        let explanation = explainer.explain(3).unwrap();
        let pack = pack();
        let of_households = pack.clauses.iter().filter(|c| c.level == qb_policy::Level::Household);
        let (now, later): (Vec<_>, Vec<_>) = of_households.partition(|c| c.holds_on(pack.cases_on));
        assert_eq!(explanation.clauses.len(), now.len());
        assert!(later.iter().all(|c| explanation.clauses.iter().all(|one| one.id != c.id)));
        let per_head = explanation.clauses.iter().find(|c| c.id == "income.per_head").unwrap();
        assert!(per_head.result.to_string().starts_with("600000"), "{}", per_head.result);
        assert!(matches!(explainer.explain(99), Err(TargetingError::NoHousehold(_))));
    });
}

#[test]
fn before_the_first_run_there_is_nothing_to_explain() {
    on_each_store(|store| {
        register(store);
        assert!(matches!(Explainer::open(store, &pack()), Err(TargetingError::NoRun)));
    });
}
