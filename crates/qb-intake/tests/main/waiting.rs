//! Lists that decide wait for a second person.

use qb_access::Role;
use qb_base::AreaCode;
use qb_intake::entry::{Typed, TypedRow, enter};
use qb_intake::waiting::{self, Second};
use qb_intake::{
    Deciding, FileState, ImportOptions, ImportReport, ImportState, IntakeError, import,
};
use qb_policy::Pack;
use qb_store::Store;
use qb_store::testing::{on_each_store, scratch_dir};

use crate::files::{number, options, pack, text};

const SURVEY: &str = "县(市、区),调查年度,调查户数,满意户数,核查户数,识别准确户数,退出准确户数\n\
                      新沂市,2016,381,381,381,381,381\n";

fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

fn person(actor: &str, role: Role, code: &str) -> Second {
    Second { actor: actor.to_owned(), role, area: area(code) }
}

fn send(store: &Store, pack: &Pack, name: &str, content: &str) -> ImportReport {
    let folder = scratch_dir("waiting");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    let options = ImportOptions {
        role: Some(Role::Assessor),
        within: Some(area("320381")),
        deciding: Deciding::Wait,
        ..options()
    };
    let report = import(store, pack, &[path], &options, &mut |_| {}).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    report
}

fn confirm(store: &Store, pack: &Pack, run: i64, by: &Second) -> Result<ImportReport, IntakeError> {
    waiting::confirm(store, pack, run, by, &mut |_| {})
}

const SURVEYS: &str = "select count(*) from record where dataset = 'survey'";
const PIECES: &str = "select count(*) from waiting_piece";

#[test]
fn a_list_that_decides_counts_once_a_second_person_confirms_it() {
    let pack = pack();
    on_each_store(|store| {
        let report = send(store, &pack, "survey.csv", SURVEY);
        assert_eq!(
            (report.state, report.files[0].state),
            (ImportState::Waiting, FileState::Waiting)
        );
        assert!(report.is_complete() && report.files[0].batch == Some(report.run));
        let said = report.files[0].remedy.clone().unwrap();
        assert!(said.en.contains(&format!("qibang import confirm {}", report.run)), "{said:?}");
        assert_eq!((number(store, SURVEYS), number(store, PIECES)), (0, 1));
        // The same file again waits once.
        let again = send(store, &pack, "again.csv", SURVEY);
        assert_eq!((again.files[0].batch, number(store, PIECES)), (Some(report.run), 1));
        let city = person("city", Role::CityOfficer, "3203");
        let done = confirm(store, &pack, report.run, &city).unwrap();
        assert_eq!((done.state, done.rows_accepted), (ImportState::Done, 1));
        assert_eq!((number(store, SURVEYS), number(store, PIECES)), (1, 0));
        let opened = "select reason from audit where action = 'import.open' \
                      and reason like 'confirmed by%'";
        assert_eq!(text(store, opened), "confirmed by city");
        let who = "select actor || ' ' || decided_by || ' ' || state from waiting_file";
        assert_eq!(text(store, who), "tester city taken");
    });
}

#[test]
fn who_confirms_is_another_person_of_the_right_role_and_area() {
    let pack = pack();
    on_each_store(|store| {
        let run = send(store, &pack, "survey.csv", SURVEY).run;
        let refused = [
            (person("tester", Role::CityOfficer, "3203"), "yourself"),
            (person("county", Role::CountyOfficer, "320381"), "confirmed by"),
            (person("other", Role::Assessor, "320382"), "your area"),
            (person("town", Role::Assessor, "320381101"), "your area"),
        ];
        for (who, why) in refused {
            let error = confirm(store, &pack, run, &who).unwrap_err();
            assert!(error.to_string().contains(why), "{who:?}: {error}");
            assert_eq!(number(store, SURVEYS), 0);
        }
        let missing = confirm(store, &pack, run + 7, &person("c", Role::CityOfficer, "3203"));
        assert!(missing.unwrap_err().to_string().contains("nothing waits"));
        let colleague = person("colleague", Role::Assessor, "320381");
        confirm(store, &pack, run, &colleague).unwrap();
        let twice = confirm(store, &pack, run, &colleague).unwrap_err();
        assert!(twice.to_string().contains("nothing waits"), "{twice}");
        assert_eq!(number(store, SURVEYS), 1);
    });
}

#[test]
fn what_is_confirmed_goes_in_within_the_area_of_the_sender() {
    let pack = pack();
    on_each_store(|store| {
        let foreign = SURVEY.replace("新沂市", "邳州市");
        let run = send(store, &pack, "survey.csv", &foreign).run;
        let city = person("city", Role::CityOfficer, "3203");
        let report = confirm(store, &pack, run, &city).unwrap();
        assert_eq!((report.rows_accepted, report.rows_rejected), (0, 1));
        assert_eq!(number(store, SURVEYS), 0);
    });
}

#[test]
fn whoever_sent_a_list_may_let_it_go_and_nothing_of_it_stays() {
    let pack = pack();
    on_each_store(|store| {
        let run = send(store, &pack, "survey.csv", SURVEY).run;
        let stranger = person("county", Role::CountyOfficer, "320381");
        assert!(waiting::discard(store, &pack, run, &stranger, "not mine").is_err());
        let sender = person("tester", Role::Assessor, "320381");
        assert_eq!(waiting::discard(store, &pack, run, &sender, "a wrong file").unwrap(), 1);
        assert_eq!((number(store, SURVEYS), number(store, PIECES)), (0, 0));
        let city = person("city", Role::CityOfficer, "3203");
        assert!(confirm(store, &pack, run, &city).is_err());
    });
}

#[test]
fn other_lists_of_the_same_import_do_not_wait() {
    let pack = pack();
    on_each_store(|store| {
        let folder = scratch_dir("mixed");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("survey.csv"), SURVEY).unwrap();
        let register = "县(市、区),数据\n1,2\n";
        std::fs::write(folder.join("other.csv"), register).unwrap();
        let options = ImportOptions { deciding: Deciding::Wait, ..options() };
        let report =
            import(store, &pack, std::slice::from_ref(&folder), &options, &mut |_| {}).unwrap();
        let states: Vec<FileState> = report.files.iter().map(|file| file.state).collect();
        assert_eq!(states, [FileState::Refused, FileState::Waiting]);
        assert_eq!(report.state, ImportState::Waiting);
        assert!(!report.is_complete(), "a file that cannot be used is still one");
        let _ = std::fs::remove_dir_all(&folder);
    });
}

#[test]
fn a_first_load_applies_at_once_and_says_so_in_the_audit() {
    let pack = pack();
    on_each_store(|store| {
        let folder = scratch_dir("first");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("survey.csv"), SURVEY).unwrap();
        let report =
            import(store, &pack, std::slice::from_ref(&folder), &options(), &mut |_| {}).unwrap();
        assert_eq!(report.state, ImportState::Done);
        assert_eq!(number(store, SURVEYS), 1);
        let opened = "select reason from audit where action = 'import.open'";
        assert_eq!(text(store, opened), "initial load");
        let _ = std::fs::remove_dir_all(&folder);
    });
}

/// Types a finding of 新沂市 in the place of the one that was seen, if one was.
fn type_finding(store: &Store, pack: &Pack, token: &str, replaces: Option<i64>) -> Typed {
    let values = [
        ("county", "新沂市"),
        ("finding_no", "WT9"),
        ("year", "2016"),
        ("kind", &*pack.code_list("finding_kind").unwrap().codes[0].label.zh),
        ("found_on", "2016-11-01"),
        ("due_on", "2016-12-30"),
        ("amount", token),
    ];
    let values = values.map(|(id, value)| (id.to_owned(), value.to_owned()));
    let dataset = pack.dataset("finding").unwrap();
    let row = TypedRow { dataset, values: &values, replaces, token };
    let options = ImportOptions {
        role: Some(Role::Auditor),
        within: Some(area("320381")),
        deciding: Deciding::Wait,
        ..options()
    };
    enter(store, pack, &row, &scratch_dir("typed"), &options).unwrap()
}

const FINDINGS: &str =
    "select count(*) from record where dataset = 'finding' and superseded_at is null";
const FINDING: &str = "select id from record where dataset = 'finding' and superseded_at is null";

#[test]
fn a_typed_row_that_decides_waits_and_is_compared_again_when_it_is_confirmed() {
    let pack = pack();
    on_each_store(|store| {
        let city = person("city", Role::CityOfficer, "3203");
        let waits = |typed: Typed| match typed {
            Typed::Waiting(batch) => batch,
            other => panic!("{other:?}"),
        };
        let batch = waits(type_finding(store, &pack, "100", None));
        assert_eq!(number(store, FINDINGS), 0);
        let own = person("tester", Role::Auditor, "320381");
        assert!(confirm(store, &pack, batch, &own).is_err());
        let files = store.read(|conn| waiting::of_run(conn, batch)).unwrap();
        let shown = waiting::typed_row(store, &pack, &files[0]).unwrap();
        assert!(shown.iter().any(|(_, value)| value == "100"), "{shown:?}");
        assert_eq!(confirm(store, &pack, batch, &city).unwrap().rows_accepted, 1);
        let first = number(store, FINDING);
        // Two who saw the same row: what the second wrote is not put over what was confirmed.
        let one = waits(type_finding(store, &pack, "200", Some(first)));
        let other = waits(type_finding(store, &pack, "300", Some(first)));
        assert_eq!(confirm(store, &pack, one, &city).unwrap().rows_accepted, 1);
        let late = confirm(store, &pack, other, &city).unwrap();
        assert_eq!(late.rows_accepted, 0);
        assert!(late.faults.iter().any(|fault| fault.code == "row_changed"), "{:?}", late.faults);
        assert_eq!(number(store, FINDINGS), 1);
        let changed = type_finding(store, &pack, "400", Some(first));
        assert_eq!(changed, Typed::Taken(number(store, FINDING)), "told before it waits");
    });
}
