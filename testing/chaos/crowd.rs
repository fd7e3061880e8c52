//! Many at the door: slow and idle connections, and a server that is told to end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use qb_base::env::Stopwatch;

use crate::program::{Folder, command, qibang};
use crate::stores::database;

const SLOW_FORMS: usize = 600;
const IDLE_LINES: usize = 2_000;
/// Files that the server may open, as most systems give a service; fewer than there are lines.
const FILES_OF_SERVER: usize = 1_024;
/// Files that this test opens, with some to spare.
const FILES_OF_TEST: usize = 4_096;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// A page has this long while the crowd is at the door; alone it takes a hundredth.
const PAGE_TIME: Duration = Duration::from_secs(10);

/// A server, killed with this value if it has not ended by then.
struct Server {
    child: Child,
    address: String,
    _words: BufReader<ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(dir: &str) -> Self {
        Self::start_on(dir, &[])
    }

    /// Starts it on the store that the words name.
    fn start_on(dir: &str, store: &[&str]) -> Self {
        let program = command(&[]);
        let limited = format!("ulimit -n {FILES_OF_SERVER}; exec \"$0\" \"$@\"");
        let mut child = Command::new("sh")
            .args(["-c", &limited])
            .arg(program.get_program())
            .args(["serve", "--port", "0", "--lang", "en", "--dir", dir])
            .args(store)
            .env_remove("QIBANG_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut words = BufReader::new(child.stdout.take().expect("its words"));
        let mut line = String::new();
        words.read_line(&mut line).expect("the address");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Self { child, address, _words: words }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream
    }

    /// One request on a line of its own.
    fn ask(&self, request: &[u8]) -> String {
        let mut line = self.connect();
        line.write_all(request).expect("a request");
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str, cookie: &str) -> String {
        let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n");
        self.ask(format!("{head}cookie: {cookie}\r\n\r\n").as_bytes())
    }

    fn post(&self, path: &str, cookie: &str, (kind, body): (&str, &str)) -> String {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n");
        let rest = format!("cookie: {cookie}\r\ncontent-type: {kind}\r\ncontent-length: {length}");
        self.ask(format!("{head}{rest}\r\n\r\n{body}").as_bytes())
    }

    /// Signs in and answers the cookie.
    fn sign_in(&self, login: &str, password: &str) -> String {
        // The one character of a generated password that means another in a form.
        let form = format!("login={login}&password={}", password.replace('+', "%2B"));
        let answer = self.post("/login", "", (FORM, &form));
        header(&answer, "set-cookie: qb_session=").map_or_else(
            || panic!("not signed in: {answer}"),
            |value| format!("qb_session={}", value.split(';').next().expect("a cookie")),
        )
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    }

    fn end_code(&mut self) -> Option<i32> {
        self.child.wait().expect("an end").code()
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn header<'a>(answer: &'a str, begins: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.strip_prefix(begins))
}

fn city_account(dir: &str) -> String {
    account_on("CITY_OFFICER", &["--dir", dir])
}

/// The password of a new account `city` of a role in the store that the words name.
fn account_on(role: &str, store: &[&str]) -> String {
    let words = ["user", "add", "city", "--role", role, "--area", "3203", "--json"];
    let made = qibang(&[&words[..], store].concat()).good().json();
    made["password"].as_str().expect("a password").to_owned()
}

/// Whether this process may open as many files as the test needs; if not, runs it in one that may.
fn has_files(test: &str) -> bool {
    const TOLD: &str = "QIBANG_TEST_HAS_FILES";
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    if soft.is_none_or(|soft: usize| soft >= FILES_OF_TEST) || std::env::var_os(TOLD).is_some() {
        return true;
    }
    let more = format!("ulimit -n {FILES_OF_TEST} && exec \"$0\" \"$@\"");
    let exe = std::env::current_exe().expect("this program");
    let mut again = Command::new("sh");
    again.args(["-c", &more]).arg(exe).args([test, "--exact"]).env(TOLD, "1");
    assert!(again.status().expect("the test again").success());
    false
}

#[test]
fn six_hundred_slow_forms_and_two_thousand_idle_lines_leave_the_pages_alive() {
    if !has_files("crowd::six_hundred_slow_forms_and_two_thousand_idle_lines_leave_the_pages_alive")
    {
        return;
    }
    let folder = Folder::new("crowd");
    let dir = folder.join("data");
    let password = city_account(&dir);
    let server = Server::start(&dir);
    let cookie = server.sign_in("city", &password);
    let slow: Vec<TcpStream> = (0..SLOW_FORMS)
        .map(|_| {
            let mut line = server.connect();
            let head = "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nlogin=";
            line.write_all(head.as_bytes()).expect("the head of a form");
            line
        })
        .collect();
    let answers_within = |what: &str| {
        let since = Stopwatch::start();
        let page = server.get("/me", &cookie);
        assert!(page.starts_with("HTTP/1.1 200"), "{what}: {page}");
        assert!(since.elapsed() < PAGE_TIME, "{what}: {:?}", since.elapsed());
    };
    answers_within("slow forms");
    let idle: Vec<TcpStream> = (0..IDLE_LINES).map(|_| server.connect()).collect();
    for _ in 0..5 {
        answers_within("idle lines");
    }
    drop((slow, idle));
    answers_within("afterwards");
}

#[test]
fn a_server_that_is_told_to_end_finishes_an_answer_and_ends_well() {
    let folder = Folder::new("terminated");
    let dir = folder.join("data");
    city_account(&dir);
    let mut server = Server::start(&dir);
    let mut asking = server.connect();
    let head = "POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 14\r\n\r\n";
    asking.write_all(head.as_bytes()).expect("the head of a form");
    // Another line is answered, so the first one is being listened to.
    assert!(server.get("/healthz", "").starts_with("HTTP/1.1 200"));
    server.terminate();
    asking.write_all(b"login=a&next=/").expect("the form");
    let mut answer = String::new();
    asking.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(server.end_code(), Some(0));
}

#[test]
fn an_import_at_work_goes_back_into_the_queue_when_the_server_is_told_to_end() {
    let folder = Folder::new("handed-back");
    let dir = folder.join("data");
    let password = city_account(&dir);
    let mut server = Server::start(&dir);
    let cookie = server.sign_in("city", &password);
    let page = server.get("/imports/new", &cookie);
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let csrf = csrf.expect("a form with its token");
    let row = "丰县,欢口镇,某村,省定经济薄弱村,2016\n";
    let list = format!("县(市、区),乡(镇),行政村,类别,认定年度\n{}", row.repeat(200_000));
    let part = "--x\r\ncontent-disposition: form-data; name";
    let body = format!(
        "{part}=\"csrf\"\r\n\r\n{csrf}\r\n{part}=\"files\"; filename=\"a.csv\"\r\n\r\n{list}\r\n--x--\r\n"
    );
    let sent = server.post("/imports/new", &cookie, ("multipart/form-data; boundary=x", &body));
    let pending = header(&sent, "location: ").unwrap_or_else(|| panic!("not taken: {sent}"));
    let form = format!("csrf={csrf}");
    server.post(&format!("{pending}/confirm"), &cookie, (FORM, &form));
    let job = || -> (String, i64) {
        let store = rusqlite::Connection::open(folder.path().join("data/qibang.sqlite"));
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        store
            .expect("the store")
            .query_row("select state, attempt from job", [], read)
            .expect("a job")
    };
    let since = Stopwatch::start();
    while job() != ("running".to_owned(), 1) {
        assert!(since.elapsed() < PATIENCE, "{:?}", job());
        std::thread::yield_now();
    }
    server.terminate();
    assert_eq!(server.end_code(), Some(0));
    assert_eq!(job(), ("queued".to_owned(), 0), "the attempt does not count");
}

#[test]
fn a_server_says_in_the_chain_when_it_began_and_when_it_was_told_to_end() {
    let folder = Folder::new("began");
    let dir = folder.join("data");
    let rows = || {
        let list = qibang(&["audit", "list", "--dir", &dir, "--json"]).good().json();
        let text = |row: &serde_json::Value, name: &str| row[name].as_str().map(str::to_owned);
        let row = |row| Some((text(row, "action")?, text(row, "actor")?, text(row, "object")?));
        let mut rows: Vec<_> = list.as_array().into_iter().flatten().filter_map(row).collect();
        rows.retain(|(action, ..)| action.starts_with("server."));
        rows.reverse();
        rows
    };
    let mut server = Server::start(&dir);
    let address = server.address.clone();
    let began = rows();
    assert_eq!(began.len(), 1, "{began:?}");
    assert_eq!((&*began[0].0, &began[0].2), ("server.start", &address));
    assert!(began[0].1.starts_with("os:"), "{began:?}");
    server.terminate();
    assert_eq!(server.end_code(), Some(0));
    let ended = rows();
    assert_eq!(ended[..1], began);
    assert_eq!(ended[1..], [("server.stop".to_owned(), "server".to_owned(), address)]);
}

#[test]
fn what_the_last_pages_noted_is_kept_when_a_server_on_postgresql_is_told_to_end() {
    let folder = Folder::new("noted");
    let (dir, url) = (folder.join("data"), database("chaos_noted"));
    let store = ["--dir", &dir, "--database", &url];
    let password = account_on("ADMIN_SYSTEM", &store);
    let mut server = Server::start_on(&dir, &store[2..]);
    let cookie = server.sign_in("city", &password);
    let refused = server.get("/households", &cookie);
    server.terminate();
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    assert_eq!(server.end_code(), Some(0));
    for action in ["page.refused", "server.stop"] {
        let list = [&["audit", "list", "--action", action, "--json"], &store[..]].concat();
        let rows = qibang(&list).good().json();
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{action}: {rows}");
    }
}
