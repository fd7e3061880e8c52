//! Who may write what: every list of the pack, over a row of one's own and over another's, by every
//! role that sends.

use std::collections::BTreeSet;
use std::path::Path;

use qb_access::Role;
use qb_base::AreaCode;
use qb_base::keyring::Purpose;
use qb_intake::{Deciding, FileState, ImportOptions, ImportReport, import};
use qb_policy::{Column, ColumnKind, Dataset, Pack};
use qb_store::testing::{on_each_store, scratch_dir};
use qb_store::{AuditEntry, Store, StoreError};

use crate::files::{self, csv, id_no, ledger, number, person, xlsx};

/// A county with a village in it, and a household of one who lives there.
struct Place {
    code: &'static str,
    village_code: &'static str,
    names: [&'static str; 3],
    /// What its numbers of things begin with.
    mark: &'static str,
    household: i64,
    household_no: &'static str,
    id_no: &'static str,
}

const OWN: Place = Place {
    code: "320321",
    village_code: "320321001001",
    names: ["丰县", "中阳里街道", "古丰社区居委会"],
    mark: "甲",
    household: 1,
    household_no: "HA1",
    id_no: "110101198003070025",
};
const FOREIGN: Place = Place {
    code: "320322",
    village_code: "320322109220",
    names: ["沛县", "张寨镇", "陈油坊村委会"],
    mark: "乙",
    household: 2,
    household_no: "HB1",
    id_no: "110101198103070137",
};

fn audited(store: &Store, work: impl FnOnce(&qb_store::Tx<'_>) -> Result<(), StoreError>) {
    let entry = AuditEntry {
        actor: "tester",
        action: "test.write",
        object: "register",
        before: None,
        after: None,
        reason: "a test",
    };
    let outcome = store.write::<_, StoreError>(|tx| {
        work(tx)?;
        tx.audit(&entry)
    });
    outcome.unwrap();
}

fn settle(store: &Store, place: &Place) {
    let id_no = place.id_no.as_bytes();
    let blind = store.keyring().blind(Purpose::ResidentNumber, id_no);
    audited(store, |tx| {
        tx.execute(
            "insert into household (id, household_no, area_code, valid_from, recorded_at, \
             source_file_id, source_row, row_digest) values ($1, $2, $3, '2016-01-01', 1, 1, 1, 1)",
            &[place.household.into(), place.household_no.into(), place.village_code.into()],
        )?;
        tx.execute(
            "insert into person (id, person_no, name, name_key, id_blind, valid_from, recorded_at, \
             source_file_id, source_row, row_digest, household_id, relation, member_from) \
             values ($1, $2, '张三', '张三', $3, '2016-01-01', 1, 1, 1, 1, $1, 'HEAD', \
             '2016-01-01')",
            &[place.household.into(), place.household_no.into(), blind.0.as_slice().into()],
        )?;
        Ok(())
    });
}

/// A value of a column: the same for equal words, other ones where the kind has more than one.
fn value(pack: &Pack, column: &Column, place: &Place, salt: usize) -> String {
    let code = |list: &str| {
        let list = pack.code_lists.iter().find(|known| known.id == list).unwrap();
        list.codes[salt % list.codes.len()].label.zh.to_string()
    };
    match (&*column.id, &column.kind) {
        ("household_no", _) => place.household_no.to_owned(),
        ("person_no", _) => place.household_no.to_owned(),
        ("id_no", ColumnKind::ResidentId) => place.id_no.to_owned(),
        (_, ColumnKind::AreaCounty) => place.names[0].to_owned(),
        (_, ColumnKind::AreaTown) => place.names[1].to_owned(),
        (_, ColumnKind::AreaVillage) => place.names[2].to_owned(),
        (_, ColumnKind::ResidentId) => id_no(7),
        (_, ColumnKind::Name) => "李四".to_owned(),
        (_, ColumnKind::Text) => format!("{}{salt}", place.mark),
        (_, ColumnKind::Integer | ColumnKind::Decimal) => (1 + salt).to_string(),
        (_, ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan) => (1 + salt).to_string(),
        (_, ColumnKind::Year) => "2016".to_owned(),
        (_, ColumnKind::Month) => "2016-05".to_owned(),
        (_, ColumnKind::Date) => format!("2016-05-{:02}", 1 + salt % 28),
        (_, ColumnKind::Code(list)) => code(list),
        (_, ColumnKind::Bool) => ["否", "是"][salt % 2].to_owned(),
        (_, ColumnKind::Phone) => "13800000000".to_owned(),
    }
}

/// A file of one row: its key of `key` (but for the place, where the dataset has one), all else of
/// `place`.
fn file(pack: &Pack, dataset: &Dataset, key: &Place, place: &Place, salt: usize) -> String {
    let cell = |column: &Column| {
        let is_key = dataset.key.contains(&column.id);
        let of = if is_key && !column.is_area() { key } else { place };
        format!("\"{}\"", value(pack, column, of, if is_key { 0 } else { salt }))
    };
    let heads: Vec<&str> = dataset.columns.iter().map(|column| &*column.label.zh).collect();
    let cells: Vec<String> = dataset.columns.iter().map(cell).collect();
    let title = format!("{} {salt}", dataset.title.zh);
    format!("{title}\n{}\n{}\n", heads.join(","), cells.join(","))
}

/// One file of each dataset in a folder.
fn files_of(pack: &Pack, folder: &Path, key: &Place, place: &Place, salt: usize) {
    std::fs::create_dir_all(folder).unwrap();
    for dataset in &pack.datasets {
        let text = file(pack, dataset, key, place, salt);
        std::fs::write(folder.join(format!("{}.csv", dataset.id)), text).unwrap();
    }
}

fn send(store: &Store, pack: &Pack, folder: &Path, who: Option<(Role, &str)>) -> ImportReport {
    let within = who.map(|(_, area)| AreaCode::parse(area).unwrap());
    let role = who.map(|(role, _)| role);
    let options = ImportOptions { actor: "tester".into(), role, within, ..Default::default() };
    import(store, pack, &[folder.to_owned()], &options, &mut |_| {}).unwrap()
}

/// Every role that the pack lets send or type a list, and the offices.
fn senders(pack: &Pack) -> BTreeSet<Role> {
    let typing = pack.datasets.iter().filter_map(|dataset| dataset.entry.as_ref());
    let typing = typing.flat_map(|entry| entry.roles.iter());
    let sending = pack.datasets.iter().flat_map(|dataset| &dataset.senders);
    let named = typing.chain(sending).map(|code| Role::parse(code).unwrap());
    named.chain([Role::CountyOfficer, Role::CityOfficer]).collect()
}

/// All current rows that stand outside [`OWN`] or are linked to the other household, as one text.
fn foreign_rows(store: &Store) -> String {
    let sql = "select cast(id as text) || ' ' || dataset || ' ' || record_key || ' ' || area_code \
               || ' ' || fields || ' ' || cast(source_file_id as text) from record \
               where superseded_at is null and (area_code < '320321' or area_code > '320321:' \
               or household_id = 2 or person_id = 2) order by id";
    let rows = store.read::<_, StoreError>(|conn| conn.query(sql, &[], |row| row.text(0)));
    rows.unwrap().join("\n")
}

fn of_dataset(store: &Store, dataset: &str, area: &str) -> Option<i64> {
    let sql = "select source_file_id from record where dataset = $1 and superseded_at is null \
               and substr(area_code, 1, 6) = $2";
    store
        .read::<_, StoreError>(|conn| {
            conn.query_opt(sql, &[dataset.into(), area.into()], |row| row.int(0))
        })
        .unwrap()
}

/// Nothing that is told names the other county, its village, or the file that holds its row.
fn tells_no_place(report: &ImportReport) {
    for fault in &report.faults {
        for text in [&fault.message.zh, &fault.message.en, &fault.remedy.zh, &fault.remedy.en] {
            let named = FOREIGN.names.iter().any(|name| text.contains(name));
            assert!(!named && !text.contains(FOREIGN.code), "{text}");
            assert!(!text.contains(".csv"), "{text}");
        }
    }
}

#[test]
fn no_list_of_a_county_changes_takes_or_touches_a_row_of_another() {
    let pack = files::pack();
    on_each_store(|store| {
        settle(store, &OWN);
        settle(store, &FOREIGN);
        let folder = scratch_dir("authority");
        files_of(&pack, &folder.join("theirs"), &FOREIGN, &FOREIGN, 1);
        let report = send(store, &pack, &folder.join("theirs"), None);
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        let before = foreign_rows(store);
        assert_eq!(before.lines().count(), pack.datasets.len(), "each list has its row");
        for (salt, role) in (2..).zip(senders(&pack)) {
            // Their key with our place, and our place with their household and person.
            for (name, key, place) in [("taken", &FOREIGN, &OWN), ("all", &FOREIGN, &FOREIGN)] {
                let inbox = folder.join(format!("{name}{salt}"));
                files_of(&pack, &inbox, key, place, salt);
                let report = send(store, &pack, &inbox, Some((role, OWN.code)));
                assert_eq!(foreign_rows(store), before, "{role:?} {name}");
                tells_no_place(&report);
            }
        }
        let _ = std::fs::remove_dir_all(&folder);
    });
}

#[test]
fn every_list_replaces_its_own_row_with_that_of_its_sender() {
    let pack = files::pack();
    on_each_store(|store| {
        settle(store, &OWN);
        let folder = scratch_dir("authority");
        files_of(&pack, &folder.join("first"), &OWN, &OWN, 1);
        send(store, &pack, &folder.join("first"), None);
        for dataset in &pack.datasets {
            let Some(before) = of_dataset(store, &dataset.id, OWN.code) else {
                continue; // It stands for the whole city: only the city sends it.
            };
            let named = dataset.senders.iter().chain(dataset.entry.iter().flat_map(|e| &e.roles));
            let role = named.map(|code| Role::parse(code).unwrap()).next();
            let inbox = folder.join(&dataset.id);
            std::fs::create_dir_all(&inbox).unwrap();
            let text = file(&pack, dataset, &OWN, &OWN, 2);
            std::fs::write(inbox.join("again.csv"), text).unwrap();
            let role = role.unwrap_or(Role::CountyOfficer);
            let report = send(store, &pack, &inbox, Some((role, OWN.code)));
            assert_eq!(report.rows_rejected, 0, "{} {:?}", dataset.id, report.faults);
            let more = |column: &&Column| !column.is_area() && !dataset.key.contains(&column.id);
            let has_more = dataset.columns.iter().find(more).is_some();
            let after = of_dataset(store, &dataset.id, OWN.code);
            assert_eq!(after.is_some_and(|after| after > before), has_more, "{}", dataset.id);
        }
        let _ = std::fs::remove_dir_all(&folder);
    });
}

/// The columns of a list that name something by its number, and the list whose key it is; none for
/// a household and a person.
fn naming(dataset: &Dataset) -> Vec<(&str, Option<&str>)> {
    let links = ["household_no", "person_no"].into_iter();
    let links = links.filter(|id| dataset.column(id).is_some()).map(|id| (id, None));
    let attaches = dataset.attaches.iter();
    attaches.map(|one| (&*one.column, Some(&*one.dataset))).chain(links).collect()
}

/// A file of one row of ours whose column names what is `named`'s.
fn naming_file(pack: &Pack, dataset: &Dataset, column: &str, named: &Place, salt: usize) -> String {
    let cell = |one: &Column| {
        let names = naming(dataset).iter().any(|(id, _)| *id == one.id);
        let place = if one.id == column { named } else { &OWN };
        format!("\"{}\"", value(pack, one, place, if names { 0 } else { salt }))
    };
    let heads: Vec<&str> = dataset.columns.iter().map(|column| &*column.label.zh).collect();
    let cells: Vec<String> = dataset.columns.iter().map(cell).collect();
    format!("{} {salt}\n{}\n{}\n", dataset.title.zh, heads.join(","), cells.join(","))
}

/// Where the other county's row of a list stands.
fn theirs_stands(store: &Store, dataset: &str) -> String {
    let sql = "select area_code from record where dataset = $1 and record_key like '乙%' and \
               superseded_at is null";
    let found = store
        .read::<_, StoreError>(|conn| conn.query_opt(sql, &[dataset.into()], |row| row.text(0)));
    found.unwrap().unwrap_or_default()
}

#[test]
fn no_column_of_a_county_attaches_a_row_to_what_is_another_countys() {
    let pack = files::pack();
    on_each_store(|store| {
        settle(store, &OWN);
        settle(store, &FOREIGN);
        let folder = scratch_dir("authority");
        files_of(&pack, &folder.join("theirs"), &FOREIGN, &FOREIGN, 1);
        let targets = pack.datasets.iter().flat_map(naming).filter_map(|(_, target)| target);
        std::fs::create_dir_all(folder.join("ours")).unwrap();
        for target in targets.collect::<BTreeSet<_>>() {
            let text = file(&pack, pack.dataset(target).unwrap(), &OWN, &OWN, 1);
            std::fs::write(folder.join("ours").join(format!("{target}.csv")), text).unwrap();
        }
        for inbox in ["theirs", "ours"] {
            assert_eq!(send(store, &pack, &folder.join(inbox), None).rows_rejected, 0);
        }
        let before = foreign_rows(store);
        let (mut salt, mut seen) = (10, 0);
        let mut bring = |dataset: &Dataset, column: &str, named: &Place| {
            salt += 1;
            let path = folder.join(format!("{salt}.csv"));
            std::fs::write(&path, naming_file(&pack, dataset, column, named, salt)).unwrap();
            let within = AreaCode::parse(OWN.code).ok();
            let options = ImportOptions { actor: "tester".into(), within, ..Default::default() };
            let report = import(store, &pack, &[path], &options, &mut |_| {}).unwrap();
            assert_eq!(foreign_rows(store), before, "{} {column}", dataset.id);
            tells_no_place(&report);
            report
        };
        // Own rows first: once the answers are spent, no new key goes in.
        for named in [&OWN, &FOREIGN] {
            for dataset in &pack.datasets {
                for (column, target) in naming(dataset) {
                    let report = bring(dataset, column, named);
                    let codes: Vec<&str> = report.faults.iter().map(|f| &*f.code).collect();
                    let place = target.map(|target| theirs_stands(store, target));
                    // What stands for the whole city is there for everybody.
                    let is_theirs = place.is_none_or(|place| place.starts_with(FOREIGN.code));
                    let refused = named.code == FOREIGN.code && is_theirs;
                    let told = ["used_elsewhere", "ask_the_city", "area_outside"];
                    let is_told = codes.iter().any(|code| told.contains(code));
                    assert_eq!(is_told, refused, "{} {column}: {codes:?}", dataset.id);
                    seen += usize::from(refused);
                }
            }
        }
        assert!(seen > 30, "{seen}");
        let _ = std::fs::remove_dir_all(&folder);
    });
}

/// Rows of the register, of incomes, ledgers, outside figures and designations, as one number each.
fn standing(store: &Store) -> Vec<i64> {
    let count = |sql| number(store, sql);
    vec![
        count("select count(*) * 1000 + sum(id * source_file_id) from household"),
        count("select count(*) * 1000 + sum(id * source_file_id) from person"),
        count("select count(*) from person_history"),
        count("select count(*) from household_history"),
        count("select count(*) * 1000 + sum(id) from income_statement where superseded_at is null"),
        count("select count(*) * 1000 + sum(id) from village_ledger where superseded_at is null"),
        count("select count(*) * 1000 + sum(id) from reference_value where superseded_at is null"),
        count("select count(*) * 1000 + sum(id) from designation where superseded_at is null"),
    ]
}

const REFERENCE: &str = "指标编号,指标名称,数值,单位,年度,地区代码,来源,文件,发布日期\n";
const INCOME: &str = "县,乡镇,行政村,户编号,户主姓名,年度,家庭人口,务工\n";
const WEAK: &str = "县(市、区),乡(镇),行政村,类别,认定年度\n";

/// The files of 睢宁县 that a city office sends, beside [`REFERENCE`] rows of the whole.
fn theirs(bench: &files::Bench) {
    bench.write("登记/a.csv", csv(&files::households(3)));
    let income = "睢宁县,沙集镇,东风社区居委会,H000001,张三,2016,2,12000\n";
    bench.write("收入/a.csv", format!("{INCOME}{income}"));
    bench.write("村账/a.xlsx", xlsx(&ledger("东风社区居委会", "160000")));
    let figures = "G01,户数,1,户,2016,320324,统计局,,\nG01,户数,9,户,2016,3203,统计局,,\n";
    bench.write("外部/a.csv", format!("{REFERENCE}{figures}"));
    let weak = "睢宁县,沙集镇,东风社区居委会,省定经济薄弱村,2016\n";
    bench.write("薄弱村/a.csv", format!("{WEAK}{weak}"));
}

#[test]
fn no_number_of_a_register_reaches_into_another_county() {
    let bench = files::Bench::new();
    let store = &bench.store.store;
    theirs(&bench);
    let report = bench.import();
    assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
    let before = standing(store);
    assert!(
        before.iter().enumerate().all(|(at, sum)| *sum > 0 || at == 2 || at == 3),
        "{before:?}"
    );
    let ours = |household: &str, person_no: &str, id: &str| {
        let mut row = person(1, 0, 1);
        let cells = ["丰县", "中阳里街道", "古丰社区居委会", household, person_no];
        row.iter_mut().zip(cells).for_each(|(cell, text)| *cell = text.to_owned());
        row[files::ID_NO] = id.to_owned();
        row
    };
    let rows = [
        ours("H000001", "PX1", &id_no(901)),
        ours("HX2", "P00000200", &id_no(902)),
        ours("HX3", "PX3", &id_no(30)),
    ];
    let inbox = scratch_dir("authority");
    std::fs::create_dir_all(&inbox).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(inbox.join(name), bytes).unwrap();
    write("a.csv", csv(&rows).as_bytes());
    for (at, place) in
        ["丰县,中阳里街道,古丰社区居委会", "睢宁县,沙集镇,东风社区居委会"].iter().enumerate()
    {
        let income = format!("{INCOME}{place},H000001,张三,2016,2,99999\n");
        write(&format!("收入{at}.csv"), income.as_bytes());
    }
    write("村账.xlsx", &xlsx(&ledger("东风社区居委会", "1")));
    let figures = "G01,户数,2,户,2016,320324,统计局,,\nG01,户数,8,户,2016,3203,统计局,,\n";
    write("外部.csv", format!("{REFERENCE}{figures}").as_bytes());
    let weak = "睢宁县,沙集镇,东风社区居委会,省定经济薄弱村,2015\n";
    write("薄弱村.csv", format!("{WEAK}{weak}").as_bytes());
    let report = send(store, &bench.pack, &inbox, Some((Role::CountyOfficer, "320321")));
    assert_eq!(report.rows_accepted, 0, "{:?}", report.faults);
    assert_eq!(standing(store), before);
    let codes: BTreeSet<&str> = report.faults.iter().map(|fault| &*fault.code).collect();
    assert!(codes.contains("used_elsewhere"), "{codes:?}");
    for fault in report.faults.iter().filter(|fault| fault.code == "used_elsewhere") {
        let told = format!("{}{}", fault.message.zh, fault.message.en);
        assert!(!told.contains("睢宁") && !told.contains(".csv") && !told.contains('#'), "{told}");
    }
    let told = number(store, "select cast(sum(answers) as bigint) from elsewhere_answer");
    assert_eq!(told, 3, "each answer is counted");
    let _ = std::fs::remove_dir_all(&inbox);
}

/// The lists whose rows decide: money, who leaves the register, what surveys and audits found.
const DECIDING: [&str; 6] =
    ["exit_decision", "finding", "fund_allocation", "fund_budget", "fund_payment", "survey"];

#[test]
fn lists_about_money_exits_findings_and_surveys_wait_and_no_others_do() {
    let pack = files::pack();
    on_each_store(|store| {
        settle(store, &OWN);
        let folder = scratch_dir("authority");
        files_of(&pack, &folder, &OWN, &OWN, 1);
        let deciding = Deciding::Wait;
        let options = ImportOptions { actor: "tester".into(), deciding, ..Default::default() };
        let paths = std::slice::from_ref(&folder);
        let report = import(store, &pack, paths, &options, &mut |_| {}).unwrap();
        let waiting = report.files.iter().filter(|file| file.state == FileState::Waiting);
        let waiting: BTreeSet<&str> = waiting.map(|file| &*file.name).collect();
        let named = DECIDING.map(|list| format!("{list}.csv"));
        assert_eq!(waiting, named.iter().map(String::as_str).collect());
        for dataset in &pack.datasets {
            let sql = "select count(*) from record where dataset = $1";
            let count = store.read::<_, StoreError>(|conn| {
                conn.query_one(sql, &[dataset.id.as_str().into()], |row| row.int(0))
            });
            let expected = i64::from(!DECIDING.contains(&&*dataset.id));
            assert_eq!(count.unwrap(), expected, "{}", dataset.id);
        }
        let _ = std::fs::remove_dir_all(&folder);
    });
}
