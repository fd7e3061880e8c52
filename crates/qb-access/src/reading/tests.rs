use qb_base::AreaCode;
use qb_policy::{Pack, PackSource};

use super::*;

fn pack() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap()
}

fn scope(role: Role) -> Scope {
    Scope::new(role, AreaCode::parse("320381").unwrap())
}

#[test]
fn lists_of_treatment_are_read_by_health_roles_and_not_by_every_office() {
    let reading = Reading::of(&pack()).unwrap();
    let reads = |role| reading.reads(&scope(role), "claim");
    assert!([Role::DeptHealth, Role::CountyOfficer, Role::Auditor].into_iter().all(reads));
    assert!(![Role::Leader, Role::VillageClerk, Role::DeptEducation].into_iter().any(reads));
    assert!(reading.reads(&Scope::system(), "claim"), "the chain's own runs read everything");
    assert!(!reading.reads(&scope(Role::CityOfficer), "no such list"));
}

#[test]
fn every_dataset_and_sensitive_column_of_the_pack_names_its_readers() {
    assert_eq!(check(&pack()), Vec::new());
}

#[test]
fn a_dataset_or_sensitive_column_without_readers_is_a_fault_and_is_read_by_nobody() {
    let mut bare = pack();
    let visit = bare.datasets.iter_mut().find(|dataset| dataset.id == "visit").unwrap();
    visit.readers = None;
    visit.columns.iter_mut().for_each(|column| column.readers = None);
    let faults = check(&bare);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.message.en.contains("dataset `visit`")));
    assert!(faults.iter().any(|fault| fault.message.en.contains("column `need_text`")));
    bare.part_files.remove(FILE);
    assert!(check(&bare).len() > bare.datasets.len(), "without the file everything lacks them");
    let nobody = Reading::of(&bare).unwrap();
    assert!(!nobody.reads(&scope(Role::CityOfficer), "project"));
    assert_eq!(nobody.persons_per_hour(Role::CityOfficer), 0);
}

#[test]
fn unknown_roles_groups_and_numbers_are_faults_with_their_place() {
    for (from, to, says) in [
        ("\"DEPT_HR\"", "\"DEPT_NONE\"", "no role `DEPT_NONE`"),
        ("persons_per_hour = 100", "persons_per_hour = 0", "above zero"),
        ("id = \"care\"", "id = \"office\"", "stands twice"),
        ("source = \"待确认：政务公开一般做法\"", "source = \" \"", "source is blank"),
    ] {
        let mut pack = pack();
        let file = pack.part_files.get_mut(FILE).unwrap();
        file.text = file.text.replacen(from, to, 1);
        let faults = Reading::of(&pack).unwrap_err();
        assert!(faults.iter().any(|fault| fault.message.en.contains(says)), "{says}: {faults:?}");
    }
}

#[test]
fn a_reason_says_something() {
    let reading = Reading::of(&pack()).unwrap();
    for reason in ["入户核查", "核对医保参保信息", "check of the annual list"] {
        assert!(reading.is_reason(reason), "{reason}");
    }
    for filler in [
        "x",
        "核查",
        "    ",
        "啊啊啊啊啊",
        "1234567",
        "。。。，，，",
        "工作需要",
        "TEST",
        "ａｓｄｆ",
    ] {
        assert!(!reading.is_reason(filler), "{filler}");
    }
}

#[test]
fn every_role_has_a_limit() {
    let reading = Reading::of(&pack()).unwrap();
    for role in Role::ALL {
        assert!(reading.persons_per_hour(role) > 0, "{role}");
    }
}
