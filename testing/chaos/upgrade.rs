//! Data directories of earlier versions open with this one, on both stores, and keep what they
//! hold.
//!
//! `testing/upgrade/COMMIT.tar.xz` holds what the version of that commit made of a very small city:
//! a directory with SQLite (`lite`), and another (`large`) with the dump of its PostgreSQL.

use std::path::Path;
use std::process::Command;

use super::program::{Answer, Folder, qibang};
use super::stores::database;

/// The versions, and the digest of the register as each of them printed it.
const VERSIONS: &[(&str, &str)] = &[
    ("f709ec0", "05f006baa3342abc6bb93376250cb09d65e5751806b48df7331a4d97dc01d0e5"),
    ("c15df34", "34a23e90679978c034bd084f38012db051ca7df4c4d9e3047ebccd4cd6f257c4"),
];

fn unpacked(version: &str) -> Folder {
    let folder = Folder::new("upgrade");
    let archive = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../testing/upgrade/{version}.tar.xz"));
    let mut tar = Command::new("tar");
    tar.arg("-xJf").arg(archive).arg("-C").arg(folder.path());
    assert!(tar.status().expect("tar and xz are installed").success());
    folder
}

/// The figures of a run as the store holds them, before and after.
const FIGURES: &str = "select fact || ' ' || coalesce(value_unscaled, '-') || ' ' || \
     cast(value_scale as text) from figure_result where run_id = 1 order by fact";

fn keeps(version: &str, digest: &str, with: &dyn Fn(&[&str]) -> Answer) {
    assert_eq!(with(&["digest"]).good().out.trim(), digest, "{version}");
    // The first run by the rules of today; those of that day's figures that are defined as they
    // were come to the same.
    with(&["target", "run", "--as-of", "2016-12-31"]).good();
    let figures = with(&["report", "figures", "--as-of", "2016-12-31", "--json"]).good().json();
    let exact = |id: &str| {
        let mut all = figures.as_array().expect("a list of figures").iter();
        all.find(|one| one["id"] == id).expect("the figure")["exact"].clone()
    };
    assert_eq!((exact("B01"), exact("B02")), ("263".into(), "682".into()), "{version}");
    with(&["ledger", "verify"]).good();
    let chain = with(&["audit", "verify"]);
    assert!(chain.code == 0 || chain.err.contains("not sealed yet"), "{version}: {}", chain.err);
}

#[test]
fn a_directory_of_an_earlier_version_opens_and_keeps_what_it_holds() {
    for (version, digest) in VERSIONS {
        let folder = unpacked(version);
        let dir = folder.join("lite");
        let base = || rusqlite::Connection::open(format!("{dir}/qibang.sqlite")).expect("a store");
        let figures = || -> Vec<String> {
            let base = base();
            let mut found = base.prepare(FIGURES).expect("the figures");
            let rows = found.query_map([], |row| row.get(0)).expect("the figures");
            rows.collect::<Result<_, _>>().expect("the figures")
        };
        let before = figures();
        assert!(before.len() > 90, "{version}");
        keeps(version, digest, &|words| qibang(&[words, &["--dir", &dir]].concat()));
        assert_eq!(figures(), before, "{version}");
        let sealed: i64 = base()
            .query_row(
                "select (select count(*) from person where substr(id_sealed, 1, 1) = x'02') - \
                 (select count(*) from person where id_sealed is not null)",
                [],
                |row| row.get(0),
            )
            .expect("a number");
        assert_eq!(sealed, 0, "every number is bound to its person, {version}");
    }
}

#[test]
fn a_postgresql_of_an_earlier_version_opens_and_keeps_what_it_holds() {
    for (version, digest) in VERSIONS {
        let folder = unpacked(version);
        let (dir, url) = (folder.join("large"), database(&format!("upgrade_{version}")));
        let dump = std::fs::read_to_string(folder.join("large.sql")).expect("the dump");
        let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("the server");
        // Words to psql itself are none of the database's.
        let sql: Vec<&str> = dump.lines().filter(|line| !line.starts_with('\\')).collect();
        client.batch_execute(&sql.join("\n")).expect("the dump is restored");
        drop(client);
        let at = ["--dir", &dir, "--database", &url];
        keeps(version, digest, &|words| qibang(&[words, &at].concat()));
    }
}

#[test]
fn an_upgrade_that_was_broken_off_is_made_good_by_the_next_start() {
    let (version, digest) = VERSIONS[0];
    let folder = unpacked(version);
    let dir = folder.join("lite");
    // Nothing can be bound without the key: the start ends there, whatever it has done by then.
    let (key, away) = (format!("{dir}/keys/master.key"), folder.join("away"));
    std::fs::rename(&key, &away).expect("the key is taken away");
    let refused = qibang(&["digest", "--dir", &dir]);
    assert_ne!(refused.code, 0, "{}", refused.out);
    std::fs::rename(&away, &key).expect("the key is back");
    // As after a start that was killed between the migrations and the binding.
    let base = || rusqlite::Connection::open(format!("{dir}/qibang.sqlite")).expect("a store");
    let spoiled = "update person set id_sealed = x'0100' where id = (select min(id) from person)";
    let kept: Vec<u8> = base()
        .query_row("select id_sealed from person order by id limit 1", [], |row| row.get(0))
        .expect("a sealed number");
    base().execute(spoiled, []).expect("a damaged number");
    let refused = qibang(&["digest", "--dir", &dir]);
    assert_ne!(refused.code, 0, "{}", refused.out);
    let mend = "update person set id_sealed = ?1 where id = (select min(id) from person)";
    base().execute(mend, [kept]).expect("the number is mended");
    assert_eq!(qibang(&["digest", "--dir", &dir]).good().out.trim(), digest);
}
