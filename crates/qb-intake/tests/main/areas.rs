//! Villages that ended: files name them still, by name and by code, and mean the one that goes on.

use std::path::PathBuf;

use qb_base::{AreaCode, AreaLevel, Date};
use qb_intake::fields::area::{AreaCells, AreaIndex};
use qb_intake::{ImportReport, import};
use qb_store::testing::{on_each_store, scratch_dir};
use qb_store::{AuditEntry, Store, StoreError};

use crate::files::{self, Row, VILLAGE, csv, households, ledger, number, person, text};

/// 东风社区居委会, in which the households of the builder live.
const OLD: &str = "320324109002";
/// 沙集社区居委会.
const NEW: &str = "320324109001";
/// 沙圩社区居委会.
const NEXT: &str = "320324109003";
/// A town beside it.
const OTHER_TOWN: &str = "320324108";

fn code(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn cells<'a>(town: &'a str, village: &'a str) -> AreaCells<'a> {
    AreaCells { county: "睢宁县", town, village }
}

fn index(ended: &[(&str, &str, &str)]) -> AreaIndex {
    let mut index = AreaIndex::new(&files::pack());
    let ended = ended.iter().map(|(old, new, on)| ((*old).to_owned(), code(new), (*on).to_owned()));
    index.add_successors(ended);
    index
}

#[test]
fn one_follows_mergers_to_the_area_that_goes_on_and_to_the_one_of_a_day() {
    let index = index(&[(OLD, NEW, "2016-06-01"), (NEW, NEXT, "2017-01-01")]);
    assert_eq!(index.goes_on(code(OLD)), code(NEXT));
    assert_eq!(index.goes_on(code(NEXT)), code(NEXT));
    for (on, stood) in [("2016-05-31", OLD), ("2016-06-01", NEW), ("2017-01-01", NEXT)] {
        assert_eq!(index.stood_on(code(OLD), day(on)), code(stood), "{on}");
    }
}

#[test]
fn a_village_that_ended_is_found_by_name_and_by_code_under_either_town() {
    let index = index(&[(OLD, NEW, "2016-06-01")]);
    for written in ["东风社区居委会", "东风", OLD] {
        let found = index.village(cells("沙集镇", written)).unwrap();
        assert_eq!(index.goes_on(found.code), code(NEW), "{written}");
    }
    let across = AreaIndex::new(&files::pack());
    let there = across.village(cells("沙集镇", "朱庙村委会")).unwrap().code;
    let pack = files::pack();
    let elsewhere = pack
        .areas
        .iter()
        .find(|area| area.level == AreaLevel::Village && code(OTHER_TOWN).contains(&area.code));
    let elsewhere = elsewhere.unwrap().code;
    let town = pack.area(&code(OTHER_TOWN)).unwrap().name.clone();
    let moved = self::index(&[(there.as_str(), elsewhere.as_str(), "2016-06-01")]);
    let found = moved.village(cells(&town, "朱庙")).unwrap();
    assert_eq!(moved.goes_on(found.code), elsewhere, "under the town of the successor");
}

#[test]
fn circles_that_somebody_wrote_by_hand_end() {
    let index = index(&[(OLD, NEW, "2016-06-01"), (NEW, OLD, "2016-06-01")]);
    assert!([code(OLD), code(NEW)].contains(&index.goes_on(code(OLD))));
}

struct Office<'a> {
    store: &'a Store,
    inbox: PathBuf,
    sent: usize,
}

impl Office<'_> {
    fn send(&mut self, rows: &[Row]) -> ImportReport {
        self.sent += 1;
        self.written(&csv(rows))
    }

    fn written(&mut self, text: &str) -> ImportReport {
        let path = self.inbox.join(format!("{}.csv", self.sent));
        std::fs::write(&path, text).unwrap();
        let options = files::options();
        import(self.store, &files::pack(), &[path], &options, &mut |_| {}).unwrap()
    }
}

impl Drop for Office<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.inbox);
    }
}

fn entry() -> AuditEntry<'static> {
    AuditEntry {
        actor: "tester",
        action: "test.write",
        object: "area",
        before: None,
        after: None,
        reason: "a test",
    }
}

/// What a merger leaves in the store: the old village has a successor, its households are there.
fn merge(store: &Store) {
    let ends = "insert into area_successor (code, successor_code, changed_on, recorded_at) \
                values ($1, $2, '2016-06-01', 1)";
    store
        .write::<_, StoreError>(|tx| {
            tx.execute(ends, &[OLD.into(), NEW.into()])?;
            let there = "update household set area_code = $1 where area_code = $2";
            tx.execute(there, &[NEW.into(), OLD.into()])?;
            tx.audit(&entry())
        })
        .unwrap();
}

#[test]
fn a_later_roster_that_names_the_old_village_goes_in_and_nobody_moves() {
    on_each_store(|store| {
        let inbox = scratch_dir("areas");
        std::fs::create_dir_all(&inbox).unwrap();
        let mut office = Office { store, inbox, sent: 0 };
        assert_eq!(office.send(&households(2)).rows_rejected, 0);
        merge(store);
        let mut rows = households(2);
        // A household that the office registers since, under the old name.
        rows.extend([person(3, 0, 2), person(3, 1, 2)]);
        let report = office.send(&rows);
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        let mut coded = households(4);
        coded.iter_mut().for_each(|row| row[VILLAGE] = OLD.into());
        let report = office.send(&coded);
        assert_eq!(report.rows_rejected, 0, "{:?}", report.faults);
        assert_eq!(number(store, "select count(*) from event"), 0);
        let there = "select count(*) from household where area_code = '320324109001'";
        assert_eq!(number(store, there), 4);
        // One that names the successor is the same.
        let mut named = households(4);
        named.iter_mut().for_each(|row| row[VILLAGE] = "沙集社区居委会".into());
        assert_eq!(office.send(&named).rows_rejected, 0);
        assert_eq!((number(store, "select count(*) from event"), number(store, there)), (0, 4));
    });
}

#[test]
fn a_ledger_of_a_year_before_the_merger_stays_with_the_village_that_kept_it() {
    on_each_store(|store| {
        let inbox = scratch_dir("areas");
        std::fs::create_dir_all(&inbox).unwrap();
        let mut office = Office { store, inbox, sent: 0 };
        let form = |rows: &[Row]| rows.iter().map(|row| row.join(",") + "\n").collect::<String>();
        let of = |store: &Store| {
            text(store, "select area_code from village_ledger where superseded_at is null")
        };
        office.written(&form(&ledger("东风社区居委会", "200000")));
        assert_eq!(of(store), OLD, "nothing merged");
        let later = "insert into area_successor (code, successor_code, changed_on, recorded_at) \
                     values ($1, $2, '2017-02-01', 1)";
        store
            .write::<_, StoreError>(|tx| {
                tx.execute(later, &[OLD.into(), NEW.into()])?;
                tx.audit(&entry())
            })
            .unwrap();
        office.sent += 1;
        office.written(&form(&ledger("东风社区居委会", "210000")));
        assert_eq!(of(store), OLD, "its year ended before");
    });
}
