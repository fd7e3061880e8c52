//! Numbers of persons, planted in every column of every list and in every field of every form, are
//! found nowhere afterwards: no page, list, address, log or file holds one.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use axum::http::Method;
use calamine::{Reader, Xlsx};
use qb_access::Role;
use qb_base::AreaCode;
use qb_intake::{ImportOptions, import};
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_policy::{Column, ColumnKind, Dataset, LayoutForm, LayoutTarget};
use tracing_subscriber::fmt::MakeWriter;

use super::worlds::pages;
use crate::client::{Answer, get, post, upload};
use crate::world::{CANARY_NUMBER, OWN_TOWN, OWN_VILLAGE, Session, World, household_no};

/// A number of each kind, used nowhere else.
const PLANTED: [&str; 6] = [
    "32032219870315001X",
    "320322651123407",
    "15952299871",
    "0516-87654329",
    "6228480402564890018",
    "025-86421357",
];

/// Everything that the process logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let to = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
        tracing::subscriber::set_global_default(to).unwrap();
        log
    })
}

/// What the text holds of what was planted; digits alone, as a masked or split number would not
/// count.
fn found(bytes: &[u8]) -> Option<&'static str> {
    let holds = |number: &&str| bytes.windows(number.len()).any(|at| at == number.as_bytes());
    PLANTED.into_iter().chain([CANARY_NUMBER]).find(|number| holds(&number))
}

fn planted_text() -> String {
    PLANTED.map(|number| format!("见{number}处")).join("，")
}

/// A value that is right for a column.
fn right(world: &World, column: &Column) -> String {
    let name = |digits: usize| {
        let code = AreaCode::parse(&OWN_VILLAGE[..digits]).unwrap();
        world.pack.area(&code).unwrap().name.clone()
    };
    match &column.kind {
        ColumnKind::AreaCounty => name(6),
        ColumnKind::AreaTown => name(9),
        ColumnKind::AreaVillage => name(12),
        ColumnKind::Text if column.id == HOUSEHOLD_LINK => household_no(1),
        ColumnKind::Text => format!("{}-1", column.id.to_uppercase()),
        ColumnKind::Name => "李某某".to_owned(),
        ColumnKind::ResidentId => CANARY_NUMBER.to_owned(),
        ColumnKind::Phone => "13900000001".to_owned(),
        ColumnKind::Date => "2016-06-01".to_owned(),
        ColumnKind::Month => "2016-06".to_owned(),
        ColumnKind::Year => "2016".to_owned(),
        ColumnKind::Bool => "是".to_owned(),
        ColumnKind::Code(list) => {
            world.pack.code_list(list).unwrap().codes[0].label.zh.clone().into_owned()
        }
        _ => "7".to_owned(),
    }
}

/// Rows of a list: all texts planted, then each text that could be a key, with each number alone.
fn rows(world: &World, columns: &[Column]) -> Vec<Vec<String>> {
    let is_key = |column: &Column| {
        let is_key_of = |dataset: &Dataset| dataset.key.contains(&column.id);
        column.id == HOUSEHOLD_LINK || world.pack.datasets.iter().any(is_key_of)
    };
    let good: Vec<String> = columns.iter().map(|column| right(world, column)).collect();
    let texts = |(_, column): &(usize, &Column)| column.kind == ColumnKind::Text;
    let texts: Vec<(usize, &Column)> = columns.iter().enumerate().filter(texts).collect();
    let mut all = good.clone();
    for (at, _) in texts.iter().filter(|(_, column)| !is_key(column)) {
        all[*at] = planted_text();
    }
    let mut rows = vec![all];
    for (at, _) in &texts {
        for number in PLANTED {
            let mut row = good.clone();
            row[*at] = number.to_owned();
            rows.push(row);
        }
    }
    rows
}

/// A village's ledger with a number wherever people write, and files of it one of which names no
/// village.
fn write_ledgers(world: &World, folder: &Path) -> usize {
    let name = |digits: usize| {
        let code = AreaCode::parse(&OWN_VILLAGE[..digits]).unwrap();
        world.pack.area(&code).unwrap().name.clone()
    };
    let text = planted_text();
    let mut planted = 0;
    for (at, village) in [name(12), text.clone()].into_iter().enumerate() {
        let heads =
            format!("县(市、区)：,{},乡(镇)：{},,行政村：{village},年度：2016", name(6), name(9));
        let lines = [
            format!("2016年度村集体经济收入台账 {text}"),
            heads,
            format!("行次,项目,本年数(元),上年数(元),其中一次性(元),凭证号,{}", PLANTED[1]),
            format!("1,经营收入,1000,,,{text}"),
            format!("2,{text},20000,20000,,记2"),
            format!("3,投资收益,{},,,", PLANTED[0]),
            format!("4,其他收入,7,,,{}", PLANTED[2]),
            format!("填表人：{text},审核人：{text}"),
        ];
        planted += lines.iter().filter(|line| found(line.as_bytes()).is_some()).count();
        fs::write(folder.join(format!("村账{at}.csv")), lines.join("\r\n")).unwrap();
    }
    planted
}

/// A file of each list of the pack, of the register, of incomes, of figures from outside.
fn write_lists(world: &World, folder: &Path) -> usize {
    fs::create_dir_all(folder).unwrap();
    let layouts = world.pack.layouts.iter().filter(|layout| layout.form == LayoutForm::Table);
    let mut planted = write_ledgers(world, folder);
    for layout in layouts {
        let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let line = |cells: Vec<String>| cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(",");
        let heads = layout.columns.iter().map(|column| column.label.zh.clone().into_owned());
        let mut text = line(heads.collect());
        for mut row in rows(world, &layout.columns) {
            // Households of this world were not imported: the register gets one of its own.
            for cell in row.iter_mut().filter(|_| layout.target == LayoutTarget::Register) {
                if *cell == household_no(1) {
                    *cell = "HX-1".to_owned();
                }
            }
            planted += row.iter().filter(|cell| found(cell.as_bytes()).is_some()).count();
            text = format!("{text}\r\n{}", line(row));
        }
        fs::write(folder.join(format!("{}.csv", layout.id)), text).unwrap();
    }
    fs::write(folder.join(format!("名册{}.csv", PLANTED[0])), "户编号\r\nA").unwrap();
    planted
}

/// The names of fields that forms have, as templates and handlers write them.
fn field_names() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    for (folder, marks) in [
        ("templates", &["name=\""][..]),
        ("src/routes", &["form(\"", "name: \""][..]),
        ("src", &["form(\""][..]),
        ("src/export", &["form(\""][..]),
    ] {
        for file in fs::read_dir(root.join(folder)).unwrap() {
            let Ok(text) = fs::read_to_string(file.unwrap().path()) else { continue };
            for mark in marks {
                let found = text.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
                let plain = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                names.extend(found.filter(plain).map(str::to_owned));
            }
        }
    }
    // What ends the session or proves it is no text that is kept.
    for kept_by_no_form in ["csrf", "", "login", "password", "lang"] {
        names.remove(kept_by_no_form);
    }
    names
}

/// The path of a route with something in its places that exists where anything does.
fn path(spec: &str) -> String {
    [("{dataset}", "visit"), ("{object}", "320381"), ("{batch}", "0123456789abcdef")]
        .into_iter()
        .fold(spec.to_owned(), |path, (place, with)| path.replace(place, with))
        .split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

struct Check {
    answers: usize,
}

impl Check {
    fn look(&mut self, what: &str, answer: &Answer) {
        self.answers += 1;
        let text = format!("{} {}", answer.location, answer.body);
        assert_eq!(found(text.as_bytes()), None, "{what}");
        if answer.bytes.starts_with(b"PK") {
            let mut book = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
            for (_, sheet) in book.worksheets() {
                for cell in sheet.used_cells() {
                    assert_eq!(found(cell.2.to_string().as_bytes()), None, "{what}");
                }
            }
        }
    }
}

/// Sends every form once for each of its fields with a number in it.
fn plant_in_forms(world: &World, session: &Session, check: &mut Check) -> usize {
    let names = field_names();
    assert!(names.len() > 25 && names.contains("reason"), "{names:?}");
    let mut planted = 0;
    let forms = world.specs.iter().filter(|spec| spec.method == Method::POST);
    for spec in forms.filter(|spec| !matches!(spec.path, "/login" | "/logout" | "/imports/new")) {
        for (at, name) in names.iter().enumerate() {
            let text = format!("见{}处", PLANTED[at % PLANTED.len()]);
            let answer = post(&world.router, &path(spec.path), Some(session), &[(name, &text)]);
            check.look(&format!("{} {name}", spec.path), &answer);
            planted += 1;
        }
    }
    for dataset in world.pack.datasets.iter().filter(|dataset| dataset.entry.is_some()) {
        for column in &dataset.columns {
            let all = dataset.columns.iter().map(|one| {
                let value = if one.id == column.id { planted_text() } else { right(world, one) };
                (format!("f_{}", one.id), value)
            });
            let all: Vec<(String, String)> =
                all.chain([("area".into(), OWN_VILLAGE.into())]).collect();
            let all: Vec<(&str, &str)> =
                all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let answer =
                post(&world.router, &format!("/enter/{}", dataset.id), Some(session), &all);
            let echo = answer.body.replace(&planted_text(), "");
            assert_eq!(
                found(format!("{} {echo}", answer.location).as_bytes()),
                None,
                "{}",
                dataset.id
            );
            planted += 1;
        }
    }
    planted += plant_in_events(world, session);
    let name = format!("名册{}.csv", PLANTED[3]);
    check.look("upload", &upload(&world.router, "/imports/new", Some(session), &name, b"a"));
    planted
}

/// States every kind of event once for each of its fields with a number in it.
fn plant_in_events(world: &World, session: &Session) -> usize {
    let rules = qb_registry::events::EventRules::of(&world.pack).unwrap();
    let mut planted = 0;
    for rule in rules.stated_by(Role::CityOfficer) {
        let fields = rule.fields.iter().map(|field| format!("f_{field}"));
        for name in fields.chain(["paper".to_owned(), "reason".to_owned()]) {
            let mut sent = vec![
                ("happened_on", "2016-12-01".to_owned()),
                ("person", "2".to_owned()),
                ("paper", "P1".to_owned()),
                ("reason", "村里的证明".to_owned()),
            ];
            sent.retain(|(one, _)| *one != name);
            sent.push((&name, planted_text()));
            let sent: Vec<(&str, &str)> =
                sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let address = format!("/households/1/events/{}", rule.id);
            let answer = post(&world.router, &address, Some(session), &sent);
            let echo = answer.body.replace(&planted_text(), "");
            let said = format!("{} {echo}", answer.location);
            assert_eq!(found(said.as_bytes()), None, "{address} {name}");
            planted += 1;
        }
    }
    assert!(planted > 60, "{planted}");
    planted
}

fn read_everything(world: &World, session: &Session, check: &mut Check) {
    let mut addresses = pages(world);
    addresses
        .extend(["/households/1", "/households/1/help", "/households/1/reasons"].map(Into::into));
    addresses.extend(
        ["/imports/2", "/imports/2?fault=personal_key", "/log", "/exports"].map(Into::into),
    );
    addresses.extend(["/households/1/readers", "/log/reads", "/me", "/report"].map(Into::into));
    addresses.extend(["/events", "/events?state=applied"].map(Into::into));
    addresses.extend((1..=50).map(|event| format!("/events/{event}")));
    addresses.extend((1..=400).map(|record| format!("/records/visit/{record}")));
    for address in addresses {
        check.look(&address, &get(&world.router, &address, Some(session)));
    }
    for dataset in &world.pack.datasets {
        for format in ["csv", "xlsx"] {
            let address = format!("/records/{}/export", dataset.id);
            let sent = [("reason", "逐项核对清单"), ("format", format)];
            check.look(&address, &post(&world.router, &address, Some(session), &sent));
        }
    }
    for address in ["/households/export", "/cases/export", "/tasks/export"] {
        let sent = [("reason", "逐项核对清单")];
        check.look(address, &post(&world.router, address, Some(session), &sent));
    }
}

/// Every file below a folder.
fn files(folder: &Path, all: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => files(&entry.path(), all),
            false => all.push(entry.path()),
        }
    }
}

#[test]
fn numbers_planted_in_every_column_and_every_field_are_found_nowhere() {
    let log = log();
    let world = World::make();
    let folder = std::env::temp_dir().join(format!("qb-canary-{}", std::process::id()));
    let planted = write_lists(&world, &folder);
    assert!(planted > 500, "{planted}");
    let options = ImportOptions { actor: "test".to_owned(), ..ImportOptions::default() };
    let report = import(world.store(), &world.pack, &[folder.clone()], &options, &mut |_| {});
    fs::remove_dir_all(&folder).unwrap();
    let report = report.unwrap();
    assert_eq!(found(serde_json::to_string(&report).unwrap().as_bytes()), None, "the report");
    let codes: BTreeSet<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
    assert!(codes.contains("personal_key") && codes.contains("personal_number"), "{codes:?}");
    let taken_in = world.store().read::<_, qb_store::StoreError>(|conn| {
        conn.query_one("select count(distinct dataset) from record", &[], |row| row.int(0))
    });
    let lists = world.pack.datasets.len() as i64;
    assert!(taken_in.unwrap() * 10 >= lists * 8, "few lists were taken in at all");
    qb_settle::settle(world.store(), &world.pack, "test").unwrap();
    let mut check = Check { answers: 0 };
    let readers = [
        (Role::VillageClerk, OWN_VILLAGE),
        (Role::TownClerk, OWN_TOWN),
        (Role::CountyOfficer, "320381"),
        (Role::Auditor, "3203"),
        (Role::AuditAdmin, "3203"),
    ];
    for (role, area) in readers {
        let session = world.sign_in(role, area);
        assert!(plant_in_forms(&world, &session, &mut check) > 500);
        read_everything(&world, &session, &mut check);
    }
    world.state.write_seen().unwrap();
    assert!(check.answers > 5_000, "{}", check.answers);
    let mut all = Vec::new();
    files(world.store().place().dir.path(), &mut all);
    assert!(!all.is_empty(), "the data directory is empty");
    for path in all {
        assert_eq!(found(&fs::read(&path).unwrap()), None, "{}", path.display());
    }
    assert_eq!(found(&log.0.lock().unwrap()), None, "the log");
}
