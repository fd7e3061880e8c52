//! The server on a port of its own: times, bounds, proxies, and how it ends.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use qb_access::Role;
use qb_base::AreaCode;
use qb_base::env::Stopwatch;
use qb_store::StoreError;
use qb_web::accounts::{NewAccount, create};
use qb_web::{Limits, Proxies, Settings};
use tokio::sync::oneshot;

use crate::world::{OWN_TOWN, Session, World};

/// Times short enough for a test, in an order that shows which of them ended a line.
const LIMITS: Limits = Limits {
    head: Duration::from_millis(1_000),
    idle: Duration::from_millis(3_000),
    body: Duration::from_millis(1_500),
    lines: 8,
};
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that ends with this value.
struct Served {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    ended: mpsc::Receiver<()>,
}

impl Served {
    fn start(world: &World, limits: Limits) -> Self {
        let router = world.router.clone();
        let (end, told) = oneshot::channel();
        let (tell, address) = mpsc::channel();
        let (done, ended) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let listener = listener.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                qb_web::serve_on(listener, router, limits, async { drop(told.await) }).await;
            });
            // Nobody waits for it where a test has ended before.
            let _ = done.send(());
        });
        Self { address: address.recv().unwrap(), end: Some(end), ended }
    }

    fn connect(&self) -> Line {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Line(stream)
    }

    fn end(&mut self) {
        self.end.take().unwrap().send(()).unwrap();
    }
}

struct Line(TcpStream);

impl Line {
    fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    /// Reads until the answer, whose length is told, is whole; nothing when the line was cut.
    fn answer(&mut self) -> Option<String> {
        let (mut bytes, mut part) = (Vec::new(), [0; 8_192]);
        loop {
            match self.0.read(&mut part) {
                Ok(0) => break,
                Ok(read) => bytes.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("{error}"),
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                if length.is_some_and(|length: usize| body.len() >= length) {
                    return Some(text.into_owned());
                }
            }
        }
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// How long it takes until the other end gives the line up without a word.
    fn silence(&mut self) -> Duration {
        let since = Stopwatch::start();
        assert_eq!(self.answer(), None);
        since.elapsed()
    }
}

fn page(address: &str) -> String {
    format!("GET {address} HTTP/1.1\r\nhost: a\r\n\r\n")
}

fn form(address: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {address} HTTP/1.1\r\nhost: a\r\n{headers}content-length: {length}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{body}"
    )
}

#[test]
fn half_a_head_is_cut_off_and_so_is_a_line_that_asks_for_nothing() {
    let served = Served::start(World::shared(), LIMITS);
    let (mut head, mut idle) = (served.connect(), served.connect());
    head.send("GET / HT");
    let gone = head.silence();
    assert!(gone >= LIMITS.head / 2 && gone < LIMITS.idle, "{gone:?}");
    idle.send(&page("/healthz"));
    assert!(idle.answer().unwrap().starts_with("HTTP/1.1 200"));
    let gone = idle.silence();
    assert!(gone >= LIMITS.idle / 2, "{gone:?}");
}

#[test]
fn a_form_that_does_not_come_is_answered_and_pages_go_on_meanwhile() {
    let served = Served::start(World::shared(), LIMITS);
    let mut slow = served.connect();
    slow.send("POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nlogin=");
    let mut page_line = served.connect();
    page_line.send(&page("/login"));
    assert!(page_line.answer().unwrap().starts_with("HTTP/1.1 200"));
    let answer = slow.answer().unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("发送得太慢"), "{answer}");
}

#[test]
fn idle_lines_make_room_for_a_reader() {
    let served = Served::start(World::shared(), LIMITS);
    let idle: Vec<Line> = (0..LIMITS.lines * 3).map(|_| served.connect()).collect();
    let since = Stopwatch::start();
    let mut reader = served.connect();
    reader.send(&page("/login"));
    assert!(reader.answer().unwrap().starts_with("HTTP/1.1 200"));
    assert!(since.elapsed() < LIMITS.idle, "{:?}", since.elapsed());
    drop(idle);
}

#[test]
fn a_server_that_is_told_to_end_answers_what_it_was_asked_and_takes_no_more() {
    let mut served = Served::start(World::shared(), LIMITS);
    let (mut asking, idle) = (served.connect(), served.connect());
    asking.send("POST /login HTTP/1.1\r\nhost: a\r\ncontent-length: 7\r\n\r\nlo");
    let mut first = served.connect();
    first.send(&page("/healthz"));
    assert!(first.answer().unwrap().starts_with("HTTP/1.1 200"));
    served.end();
    // The line that asks for nothing is closed at once.
    let mut idle = idle;
    assert!(idle.silence() < LIMITS.idle);
    asking.send("gin=a");
    assert!(asking.answer().unwrap().starts_with("HTTP/1.1 4"), "the form is answered");
    served.ended.recv_timeout(PATIENCE).unwrap();
    assert!(TcpStream::connect(served.address).is_err());
}

fn behind_proxy() -> World {
    let trusted = vec!["127.0.0.1".parse().unwrap()];
    let proxies = Proxies { trusted, ..Proxies::default() };
    World::make().with_settings(Settings { proxies, ..Settings::default() })
}

fn account(world: &World, login: &str) -> String {
    let area = AreaCode::parse(OWN_TOWN).unwrap();
    let account =
        NewAccount { login, display_name: login, role: Role::TownClerk, area, subject: None };
    create(world.store(), "test", &account).unwrap()
}

fn reasons(world: &World, action: &'static str) -> Vec<String> {
    let sql = "select reason from audit where action = $1 order by seq";
    let found: Result<_, StoreError> =
        world.store().read(|conn| conn.query(sql, &[action.into()], |row| row.text(0)));
    found.unwrap()
}

fn sign_in(served: &Served, login: &str, password: &str, headers: &str) -> String {
    let mut line = served.connect();
    // The one character of a generated password that means another in a form.
    let password = password.replace('+', "%2B");
    line.send(&form("/login", headers, &format!("login={login}&password={password}")));
    line.answer().unwrap()
}

#[test]
fn behind_a_trusted_proxy_the_readers_address_is_audited_and_cookies_are_bound_to_tls() {
    let world = behind_proxy();
    let password = account(&world, "clerk");
    let served = Served::start(&world, LIMITS);
    let through = "x-forwarded-for: 203.0.113.9, 198.51.100.7\r\nx-forwarded-proto: https\r\n";
    let answer = sign_in(&served, "clerk", &password, through);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    let cookie =
        answer.lines().find_map(|line| line.strip_prefix("set-cookie: __Host-qb_session="));
    let cookie = cookie.unwrap();
    assert!(cookie.contains("; Secure") && cookie.contains("Path=/;"), "{cookie}");
    assert_eq!(reasons(&world, "session.open"), ["signed in from 198.51.100.7"]);
    let plain = sign_in(&served, "clerk", &password, "");
    assert!(!plain.contains("Secure") && !plain.contains("strict-transport-security"), "{plain}");
}

#[test]
fn failures_at_one_address_refuse_nobody_at_another() {
    let world = behind_proxy();
    let password = account(&world, "clerk");
    let served = Served::start(&world, LIMITS);
    let from = |address: &str| format!("x-forwarded-for: {address}\r\n");
    for _ in 0..5 {
        let answer = sign_in(&served, "clerk", "wrong", &from("203.0.113.9"));
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    let there = sign_in(&served, "clerk", &password, &from("203.0.113.9"));
    assert!(there.starts_with("HTTP/1.1 403") && there.contains("失败次数过多"), "{there}");
    let elsewhere = sign_in(&served, "clerk", &password, &from("198.51.100.7"));
    assert!(elsewhere.starts_with("HTTP/1.1 303"), "{elsewhere}");
}

/// The head of an upload, and of its one file.
fn upload_begins(session: &Session, length: usize) -> String {
    format!(
        "POST /imports/new HTTP/1.1\r\nhost: a\r\ncookie: {}\r\ncontent-length: {length}\r\n\
         content-type: multipart/form-data; boundary=x\r\n\r\n\
         --x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.csv\"\r\n\r\n",
        session.cookie, session.csrf
    )
}

fn uploads_of(world: &World) -> usize {
    let uploads = world.store().place().dir.path().join("uploads");
    std::fs::read_dir(uploads).map_or(0, |folders| folders.count())
}

/// Waits until it is so, as long as anything here takes.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Stopwatch::start();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn an_upload_that_hangs_up_or_drips_leaves_nothing() {
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let served = Served::start(&world, LIMITS);
    let mut broken = served.connect();
    broken.send(&upload_begins(&session, 1_000_000));
    broken.send("some bytes of it");
    until("the upload does not begin", || uploads_of(&world) == 1);
    drop(broken);
    until("the folder stays", || uploads_of(&world) == 0);
    let mut slow = served.connect();
    slow.send(&upload_begins(&session, 1_000_000));
    let answer = slow.answer().unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(uploads_of(&world), 0);
}

/// A plain field of an upload, and the beginning of the next one.
fn field_of(bytes: usize) -> String {
    let field = "a".repeat(bytes);
    format!(
        "--x\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\n{field}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n"
    )
}

#[test]
fn a_plain_field_of_an_upload_above_its_bound_is_refused_while_it_comes() {
    const BOUND: usize = 4 * 1024;
    let world = World::make();
    let session = world.sign_in(Role::CityOfficer, "3203");
    let served = Served::start(&world, LIMITS);
    let ask = |bytes: usize, announced: Option<usize>| {
        let file = "content-disposition: form-data; name=\"files\"; filename=\"a.csv\"";
        let rest = format!("{}\r\n--x\r\n{file}\r\n\r\na,b\r\n--x--\r\n", session.csrf);
        let body = field_of(bytes) + &rest;
        let sent = if announced.is_some() { &body[..body.len() - rest.len()] } else { &body };
        let mut line = served.connect();
        line.send(&format!(
            "POST /imports/new HTTP/1.1\r\nhost: a\r\ncookie: {}\r\ncontent-length: {}\r\n\
             content-type: multipart/form-data; boundary=x\r\n\r\n{sent}",
            session.cookie,
            announced.unwrap_or(body.len()),
        ));
        line.answer().unwrap().lines().next().unwrap().to_owned()
    };
    assert_eq!(ask(BOUND, None), "HTTP/1.1 303 See Other");
    assert_eq!(uploads_of(&world), 1);
    for announced in [None, Some(100_000_000)] {
        assert_eq!(ask(BOUND + 1, announced), "HTTP/1.1 413 Payload Too Large", "{announced:?}");
    }
    assert_eq!(uploads_of(&world), 1, "nothing is kept of what was refused");
}
