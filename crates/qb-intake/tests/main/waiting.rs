//! Lists that decide wait for a second person.

use qb_access::Role;
use qb_base::AreaCode;
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
        let report = import(store, &pack, &[folder.clone()], &options, &mut |_| {}).unwrap();
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
        let report = import(store, &pack, &[folder.clone()], &options(), &mut |_| {}).unwrap();
        assert_eq!(report.state, ImportState::Done);
        assert_eq!(number(store, SURVEYS), 1);
        let opened = "select reason from audit where action = 'import.open'";
        assert_eq!(text(store, opened), "initial load");
        let _ = std::fs::remove_dir_all(&folder);
    });
}
