//! Loads of every shape, beside the same rows written by statements; SQLite itself checks the file.

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::bulk::Bulk;
use crate::conn::{Conn, Kind};
use crate::sqlite::LiteConn;
use crate::testing::scratch_dir;
use crate::value::Value;

const TABLE: &str = "create table t (id integer primary key, no text not null, blind blob, \
    house bigint, done boolean, same text, late text)";
const COLUMNS: [&str; 5] = ["no", "id", "blind", "house", "done"];
const INDICES: &str = "-- access paths\ncreate unique index if not exists t_no on t (no);\n\
    create unique index if not exists t_blind on t (blind) where blind is not null;\n\
    create index if not exists t_house on t (house);\n\
    create index if not exists t_done on t (done, id);";

/// A database of its own, open for a load.
struct Database {
    dir: std::path::PathBuf,
    lite: LiteConn,
}

impl Database {
    fn new() -> Self {
        let dir = scratch_dir("pages");
        std::fs::create_dir_all(&dir).unwrap();
        let lite = LiteConn::open_writer(&dir.join("t.sqlite")).unwrap();
        lite.conn.execute_batch(TABLE).unwrap();
        assert!(lite.leave_log());
        Self { dir, lite }
    }

    fn check(&self) {
        let integrity =
            self.answer("select group_concat(integrity_check) from pragma_integrity_check");
        assert_eq!(integrity, "ok");
    }

    fn answer(&self, sql: &str) -> String {
        self.lite.conn.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// All rows as one text, by the table and by an access path.
    fn rows(&self) -> Vec<String> {
        let columns = "select group_concat(concat_ws('|', id, no, hex(blind), house, done, same, late), ';') from";
        let by =
            |order: &str| self.answer(&format!("{columns} (select * from t order by {order})"));
        vec![by("id"), by("no"), by("house, id")]
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // What is left goes with the temporary folder.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Row number `id` of a table, with values of a given length.
fn push(load: &mut TableLoad<'_>, id: i64, length: usize) -> bool {
    let (no, blind) = (no(id, length), blind(id));
    let house = (id % 7 != 0).then_some(id / 3 * 1_000_003);
    load.push(&[
        Value::Text(&no),
        Value::Int(id),
        if id % 5 == 0 { Value::Null } else { Value::Blob(&blind) },
        house.into(),
        Value::Bool(id % 2 == 0),
    ])
    .unwrap()
}

fn no(id: i64, length: usize) -> String {
    format!("{}{}", id * 7919 % 1_000_003, "x".repeat(length))
}

fn blind(id: i64) -> [u8; 8] {
    id.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()).to_le_bytes()
}

fn open(database: &Database) -> TableLoad<'_> {
    let same = [("same", Value::Text("one for all"))];
    TableLoad::open(&database.lite.conn, "t", &COLUMNS, &same).unwrap().unwrap()
}

/// The same rows by statements.
fn insert(database: &Database, ids: std::ops::Range<i64>, length: usize) {
    let sql = "insert into t (no, id, blind, house, done, same) values (?1, ?2, ?3, ?4, ?5, 'one for all')";
    let conn = &database.lite.conn;
    conn.execute_batch("savepoint rows").unwrap();
    let mut statement = conn.prepare(sql).unwrap();
    for id in ids {
        let blind = (id % 5 != 0).then(|| blind(id));
        let house = (id % 7 != 0).then_some(id / 3 * 1_000_003);
        statement
            .execute(rusqlite::params![no(id, length), id, blind, house, id % 2 == 0])
            .unwrap();
    }
    conn.execute_batch("release rows").unwrap();
}

fn load(database: &Database, ids: std::ops::Range<i64>, length: usize) {
    let mut load = open(database);
    ids.for_each(|id| assert!(push(&mut load, id, length)));
    load.finish().unwrap();
}

fn transaction(database: &Database, work: impl FnOnce()) {
    database.lite.conn.execute_batch("begin immediate").unwrap();
    work();
    database.lite.conn.execute_batch("commit").unwrap();
    database.check();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Several loads, one after another or in one transaction, with statements in between.
    #[test]
    fn loads_are_what_statements_write(
        steps in proptest::collection::vec((1_i64..1500, 0_usize..400, 0_u8..4), 1..5),
    ) {
        let (ours, theirs) = (Database::new(), Database::new());
        let mut next = 1;
        for (rows, length, way) in steps {
            let ids = next..next + rows;
            next += rows + 1;
            transaction(&ours, || {
                load(&ours, ids.clone(), length);
                if way == 1 {
                    ours.lite.conn.execute_batch("update t set late = no where id % 11 = 0").unwrap();
                }
                if way == 2 {
                    load(&ours, next..next + 10, 5);
                }
                if way == 3 {
                    ours.lite.conn.execute_batch("create table if not exists u (x); \
                        insert into u select no from t; delete from t where id % 13 = 0").unwrap();
                }
            });
            insert(&theirs, ids, length);
            match way {
                1 => theirs.lite.conn.execute_batch("update t set late = no where id % 11 = 0").unwrap(),
                2 => insert(&theirs, next..next + 10, 5),
                3 => theirs.lite.conn.execute_batch("delete from t where id % 13 = 0").unwrap(),
                _ => {}
            }
            next += 10;
            prop_assert_eq!(ours.rows(), theirs.rows());
        }
        transaction(&ours, || create_indices(&ours.lite.conn, INDICES).unwrap());
        theirs.lite.conn.execute_batch(INDICES).unwrap();
        prop_assert_eq!(ours.rows(), theirs.rows());
        let schema = "select group_concat(sql, ';') from (select sql from sqlite_schema where tbl_name = 't')";
        prop_assert_eq!(ours.answer(schema), theirs.answer(schema));
        // The access paths are kept from now on, and found to be right by SQLite's own check.
        for database in [&ours, &theirs] {
            insert(database, next..next + 50, 3);
            database.lite.conn.execute_batch("delete from t where house % 2 = 1").unwrap();
            database.check();
        }
        prop_assert_eq!(ours.rows(), theirs.rows());
    }
}

/// Enough rows for inner pages above inner pages, which small pages need fewer for.
#[test]
fn a_tree_of_four_levels_is_whole() {
    let database = Database::new();
    let conn = &database.lite.conn;
    conn.execute_batch("pragma page_size = 1024; vacuum").unwrap();
    for part in 0..3 {
        transaction(&database, || load(&database, part * 40_000 + 1..part * 40_000 + 40_000, 150));
    }
    transaction(&database, || create_indices(conn, INDICES).unwrap());
    assert_eq!(database.answer("select cast(count(*) as text) from t"), "119997");
}

#[test]
fn a_load_rolled_back_leaves_nothing() {
    let database = Database::new();
    transaction(&database, || load(&database, 1..500, 40));
    let before = database.rows();
    database.lite.conn.execute_batch("begin immediate").unwrap();
    load(&database, 600..9000, 40);
    create_indices(&database.lite.conn, INDICES).unwrap();
    database.lite.conn.execute_batch("rollback").unwrap();
    database.check();
    assert_eq!(database.rows(), before);
    assert!(plain_root_of(&database));
    transaction(&database, || load(&database, 600..700, 40));
}

fn plain_root_of(database: &Database) -> bool {
    table::plain_root(&database.lite.conn, "t").unwrap().is_some()
}

#[test]
fn a_statement_beside_a_load_into_the_same_table_is_not_lost_in_silence() {
    for before in [0, 20, 4000] {
        let database = Database::new();
        transaction(&database, || insert(&database, 1..before + 1, 100));
        database.lite.conn.execute_batch("begin immediate").unwrap();
        let mut load = open(&database);
        assert!(push(&mut load, 9000, 0));
        insert(&database, 8000..8001, 0);
        assert!(
            matches!(load.finish(), Err(StoreError::Database(why)) if why.contains("statement"))
        );
        database.lite.conn.execute_batch("rollback").unwrap();
        database.check();
    }
}

#[test]
fn rows_that_are_not_for_it_are_left_to_statements() {
    let database = Database::new();
    let mut load = open(&database);
    assert!(push(&mut load, 5, 0));
    assert!(!push(&mut load, 5, 0), "an id twice");
    assert!(!push(&mut load, 6, 9000), "longer than a page");
    let row = |no, house| [no, Value::Int(7), Value::Null, house, Value::Null];
    assert!(!load.push(&row(Value::Null, Value::Null)).unwrap(), "a required value");
    assert!(!load.push(&row(Value::Text("n"), Value::Text("7"))).unwrap(), "another type");
    assert!(load.push(&row(Value::Text("n"), Value::Int(-1))).unwrap());
    load.finish().unwrap();
    database.check();
}

#[test]
fn a_load_steps_aside_when_it_is_asked_or_meets_a_row_not_for_it() {
    for asked in [true, false] {
        let database = Database::new();
        let conn = Conn(Kind::Lite(LiteConn::open_writer(&database.dir.join("u.sqlite")).unwrap()));
        conn.batch(TABLE).unwrap();
        let Kind::Lite(lite) = &conn.0 else { unreachable!() };
        assert!(lite.leave_log());
        conn.batch("begin immediate").unwrap();
        let long = "x".repeat(20_000);
        let mut bulk = Bulk::open(&conn, "t", &["id", "no"], &[("same", Value::Int(7))]).unwrap();
        for id in 1..100 {
            let text = if id == 50 && !asked { long.clone() } else { id.to_string() };
            bulk.push(&[Value::Int(id), Value::Text(&text)]).unwrap();
            if id == 50 && asked {
                bulk.flush().unwrap();
                let count = conn.query_one("select count(*) from t", &[], |row| row.int(0));
                assert_eq!(count.unwrap(), 50);
            }
        }
        bulk.finish().unwrap();
        conn.batch("commit").unwrap();
        let ends = "select min(id) + max(id) * count(*) + (select count(*) from \
                    pragma_integrity_check where integrity_check = 'ok') from t where same = '7'";
        assert_eq!(conn.query_one(ends, &[], |row| row.int(0)).unwrap(), 1 + 99 * 99 + 1);
    }
}

#[test]
fn tables_that_are_not_for_it_are_left_to_statements() {
    let database = Database::new();
    let conn = &database.lite.conn;
    conn.execute_batch(
        "create table keyed (id integer primary key, a text unique);\
         create table checked (id integer primary key, a text check (a <> ''));\
         create table plain (id integer primary key, a text); create index plain_a on plain (a);\
         create table triggered (id integer primary key, a text);\
         create trigger watch before update on triggered begin select 1; end;\
         create table bare (a text)",
    )
    .unwrap();
    for table in ["keyed", "checked", "plain", "triggered", "bare", "absent"] {
        assert!(TableLoad::open(conn, table, &["id", "a"], &[]).unwrap().is_none(), "{table}");
    }
    assert!(TableLoad::open(conn, "t", &["id", "no", "other"], &[]).unwrap().is_none());
    assert!(TableLoad::open(conn, "t", &["id"], &[]).unwrap().is_none(), "a required column");
}

#[test]
fn two_rows_alike_are_refused_and_keys_too_long_are_left_to_sqlite() {
    let database = Database::new();
    transaction(&database, || load(&database, 1..200, 0));
    database.lite.conn.execute_batch("update t set no = 'same' where id in (3, 170)").unwrap();
    database.lite.conn.execute_batch("begin immediate").unwrap();
    let refused = create_indices(&database.lite.conn, INDICES);
    assert!(
        matches!(refused, Err(StoreError::Constraint(name)) if name.contains("t_no") || name.contains("t.no"))
    );
    database.lite.conn.execute_batch("rollback").unwrap();
    database.check();
    let long = "update t set no = no || id || hex(zeroblob(2000)) where id in (3, 170)";
    database.lite.conn.execute_batch(long).unwrap();
    transaction(&database, || create_indices(&database.lite.conn, INDICES).unwrap());
    assert!(!plain_root_of(&database));
}

#[test]
fn the_page_of_the_lock_byte_is_never_filled() {
    let database = Database::new();
    let mut pages = Pages::open(&database.lite.conn).unwrap().unwrap();
    let lock_page = u32::try_from(LOCK_BYTE / pages.size + 1).unwrap();
    (pages.next, pages.end) = (lock_page - 1, lock_page + 2);
    assert_eq!([pages.take().unwrap(), pages.take().unwrap()], [lock_page - 1, lock_page + 1]);
}

/// Otherwise a migration could make first loads slow without anybody noticing.
#[test]
fn the_register_is_laid_out_once_its_access_paths_are_dropped() {
    let test = crate::testing::TestStore::sqlite();
    let lite = LiteConn::open_writer(&test.store.place().dir.database()).unwrap();
    for table in ["person", "household"] {
        assert!(table::plain_root(&lite.conn, table).unwrap().is_none());
        let sql = "select group_concat('drop index ' || name, ';') from sqlite_schema where tbl_name = ?1 and type = 'index'";
        let drops: String = lite.conn.query_row(sql, [table], |row| row.get(0)).unwrap();
        lite.conn.execute_batch(&drops).unwrap();
        assert!(table::plain_root(&lite.conn, table).unwrap().is_some(), "{table}");
    }
}

#[test]
fn pages_are_closed_to_everybody_but_a_load() {
    let dir = scratch_dir("pages");
    std::fs::create_dir_all(&dir).unwrap();
    let lite = LiteConn::open_writer(&dir.join("t.sqlite")).unwrap();
    lite.conn.execute_batch(TABLE).unwrap();
    let write = |conn: &Connection| {
        conn.execute("update sqlite_dbpage set data = data where pgno = 2", []).is_ok()
    };
    assert!(!write(&lite.conn));
    assert!(lite.leave_log());
    assert!(write(&lite.conn));
    lite.return_to_log();
    assert!(!write(&lite.conn));
    drop(lite);
    std::fs::remove_dir_all(&dir).unwrap();
}
