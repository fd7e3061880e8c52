//! The pages in a real browser: Chromium by WebDriver, on an office screen and on a phone.
//!
//! A machine without Chromium fails here: pages that nobody looked at are not tested.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use qb_access::Role;
use qb_base::AreaCode;
use qb_base::env::Stopwatch;
use qb_policy::Pack;
use qb_store::testing::Template;
use qb_web::Limits;
use qb_web::accounts::{NewAccount, create};
use serde_json::{Value, json};

use crate::world::{GRIEVANCE, HELPER, OWN_TOWN, OWN_VILLAGE, World, household_no};

mod days;
mod desk;
mod exit;
mod regroup;
mod roles;
mod senders;
mod statements;
mod versions;

/// Tries, so long apart, before something counts as not coming: a quarter of a minute.
const TRIES: usize = 600;
const PAUSE: Duration = Duration::from_millis(25);
/// How long a driver may take to end its browsers.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(10);
/// How long a hundred megabytes may take, to be sent and to be looked through.
const UPLOAD_PATIENCE: Duration = Duration::from_secs(180);
/// Presses of the tab key within which everything on a page is reached.
const TABS_MAX: usize = 80;

/// Ends the driver when the test ends, however it ends, and with it the browsers it began: they go
/// on without a driver that is killed.
struct Driver {
    child: Child,
    port: u16,
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Ok(mut line) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
            let _ = line.set_read_timeout(Some(SHUTDOWN_PATIENCE));
            let _ = line.write_all(b"GET /shutdown HTTP/1.1\r\nhost: localhost\r\n\r\n");
            let _ = line.read_to_end(&mut Vec::new());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn start_driver(port: u16) -> Driver {
    let child = Command::new("chromedriver")
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed: apt-get install chromium-driver");
    Driver { child, port }
}

async fn wait() {
    tokio::time::sleep(PAUSE).await;
}

async fn browser(port: u16, extra: Value) -> Client {
    let mut options = json!({
        "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--hide-scrollbars", "--window-size=1366,768",
                 // A page that is still scrolling is not clicked where it was aimed.
                 "--force-prefers-reduced-motion"],
    });
    if let (Some(options), Some(extra)) = (options.as_object_mut(), extra.as_object()) {
        options.extend(extra.clone());
    }
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    let driver = format!("http://127.0.0.1:{port}");
    for _ in 0..TRIES {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        if let Ok(client) = builder.capabilities(capabilities.clone()).connect(&driver).await {
            return client;
        }
        wait().await;
    }
    panic!("chromium did not start: apt-get install chromium chromium-driver fonts-noto-cjk");
}

/// The screen of a phone.
fn phone() -> Value {
    json!({ "mobileEmulation": {
        "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 2.0, "touch": true } } })
}

async fn serve(world: &World) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let end = std::future::pending();
    tokio::spawn(qb_web::serve_on(listener, world.router.clone(), Limits::default(), end));
    format!("http://{address}")
}

async fn shoot(client: &Client, name: &str) {
    let folder: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "..", "target", "screenshots"].iter().collect();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), client.screenshot().await.unwrap()).unwrap();
}

async fn script(client: &Client, code: &str) -> Value {
    client.execute(code, Vec::new()).await.unwrap()
}

async fn press(client: &Client, keys: &str) {
    client.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// Presses tab wherever the focus is; a field of files takes keys sent to it for names of files.
async fn press_tab(client: &Client) {
    let value = char::from(Key::Tab);
    let keys = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value })
        .then(KeyAction::Up { value });
    client.perform_actions(keys).await.unwrap();
}

/// Presses tab until the focused element fulfils a condition in script.
async fn tab_to(client: &Client, what: &str, condition: &str) {
    let code = format!("const e = document.activeElement; return Boolean({condition});");
    for _ in 0..TABS_MAX {
        if script(client, &code).await == Value::Bool(true) {
            return;
        }
        press_tab(client).await;
    }
    panic!("{what} cannot be reached with the tab key");
}

/// Waits until a script says that it is so.
async fn until(client: &Client, otherwise: &str, code: &str) {
    for _ in 0..TRIES {
        if script(client, code).await == Value::Bool(true) {
            return;
        }
        wait().await;
    }
    panic!("{otherwise}");
}

/// Waits until the address fulfils a condition.
async fn arrive(client: &Client, what: &str, fits: impl Fn(&str) -> bool) {
    for _ in 0..TRIES {
        let url = client.current_url().await.unwrap();
        let ready = script(client, "return document.readyState === 'complete'").await;
        if fits(url.path()) && ready == Value::Bool(true) {
            return;
        }
        wait().await;
    }
    let text = script(client, "return document.body.innerText").await;
    panic!("{what} did not open; at {}: {text}", client.current_url().await.unwrap());
}

/// Types into the field that has the focus; a page gets it only when it is first drawn, which may
/// be after it has loaded.
async fn fill(client: &Client, id: &str, text: &str) {
    let focused = format!("return document.activeElement.id === '{id}'");
    until(client, "a field has no focus", &focused).await;
    press(client, text).await;
    let filled = format!(
        "return [...document.getElementById('{id}').value].length === {}",
        text.chars().count()
    );
    until(client, "a field did not take what was typed", &filled).await;
}

async fn sign_in(client: &Client, base: &str, login: &str, password: &str) {
    client.goto(&format!("{base}/login")).await.unwrap();
    fill(client, "login", login).await;
    press_tab(client).await;
    fill(client, "password", password).await;
    press(client, &char::from(Key::Enter).to_string()).await;
    arrive(client, "the first page", |path| path == "/" || path == "/mine").await;
}

/// Nothing scrolls sideways but tables, nothing came from another machine, nothing was refused by
/// the policy.
async fn assert_sound(client: &Client, page: &str) {
    let wide = "return [...document.querySelectorAll('body *')].filter(e => \
        e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && \
        !e.closest('.qb-table-wrap') && !e.closest('.visually-hidden') && \
        !e.closest('svg')).map(e => e.tagName + '.' + e.className).slice(0, 5)";
    assert_eq!(script(client, wide).await, json!([]), "{page} is wider than the screen");
    let foreign = "return performance.getEntriesByType('resource').map(e => e.name)\
        .filter(name => !name.startsWith(location.origin) && !name.startsWith('data:'))";
    assert_eq!(script(client, foreign).await, json!([]), "{page} loads from elsewhere");
    let unnamed = "return [...document.querySelectorAll('a,button,input:not([type=hidden]),select')]\
        .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || \
        (e.labels && e.labels.length) || e.title)).map(e => e.outerHTML.slice(0, 80))";
    assert_eq!(script(client, unnamed).await, json!([]), "{page} has controls without a name");
}

struct Prepared {
    world: World,
    passwords: Passwords,
}

/// Of the accounts of that name.
#[derive(Clone)]
struct Passwords {
    city: String,
    town: String,
    village: String,
    leader: String,
    helper: String,
    household: String,
    auditor: String,
    school: String,
    assessor: String,
    county: String,
}

/// A world with something to do for everybody who has an account in it; made once and copied.
fn prepare() -> Prepared {
    static MADE: OnceLock<((Template, Arc<Pack>), Passwords)> = OnceLock::new();
    let (template, passwords) = MADE.get_or_init(|| {
        let world = World::make();
        world.pair_first_household();
        world.receive_grievance();
        world.pay_first_household();
        let passwords = create_accounts(&world);
        (world.into_template(), passwords)
    });
    Prepared { world: World::of(template), passwords: passwords.clone() }
}

fn create_accounts(world: &World) -> Passwords {
    let account = |login: &str, role, area: &str, subject| {
        let area = AreaCode::parse(area).unwrap();
        let account = NewAccount { login, display_name: login, role, area, subject };
        create(world.store(), "test", &account).unwrap()
    };
    let own = household_no(1);
    Passwords {
        city: account("city", Role::CityOfficer, "3203", None),
        town: account("town", Role::TownClerk, OWN_TOWN, None),
        village: account("village", Role::VillageClerk, OWN_VILLAGE, None),
        leader: account("leader", Role::Leader, "3203", None),
        helper: account("helper", Role::Helper, OWN_VILLAGE, Some(HELPER)),
        household: account("household", Role::Household, OWN_VILLAGE, Some(own.as_str())),
        auditor: account("auditor", Role::Auditor, "3203", None),
        school: account("school", Role::DeptEducation, "3203", None),
        assessor: account("assessor", Role::Assessor, "320381", None),
        county: account("county", Role::CountyOfficer, "320381", None),
    }
}

fn with_browser(work: impl AsyncFnOnce(u16, &str, &Prepared)) {
    let prepared = prepare();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let port = free_port();
        let _driver = start_driver(port);
        let base = serve(&prepared.world).await;
        work(port, &base, &prepared).await;
    });
    drop(Arc::clone(&prepared.world.state));
}

/// A list of so many bytes in rows of a kilobyte: what is tried is the way in, not the reading.
fn long_list(path: &std::path::Path, bytes: usize) {
    let row = format!("丰县,欢口镇,某村,省定经济薄弱村,2016,{}\n", "注".repeat(300));
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all("县(市、区),乡(镇),行政村,类别,认定年度,备注\n".as_bytes()).unwrap();
    for _ in 0..bytes / row.len() {
        file.write_all(row.as_bytes()).unwrap();
    }
    file.flush().unwrap();
}

#[test]
fn a_list_of_a_hundred_megabytes_goes_in_from_a_browser() {
    with_browser(async |port, base, prepared| {
        let folder = prepared.world.store().place().dir.path().to_owned();
        let list = folder.join("list.csv");
        long_list(&list, 100 << 20);
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "city", &prepared.passwords.city).await;
        client.goto(&format!("{base}/imports/new")).await.unwrap();
        let field = client.find(Locator::Id("files")).await.unwrap();
        field.send_keys(list.to_str().unwrap()).await.unwrap();
        client.find(Locator::Css(".qb-form button")).await.unwrap().click().await.unwrap();
        let shown = "return document.querySelector('#preview') !== null";
        let since = Stopwatch::start();
        while script(&client, shown).await != Value::Bool(true) {
            let text = script(&client, "return document.body.innerText").await;
            assert!(since.elapsed() < UPLOAD_PATIENCE, "not taken: {text}");
            wait().await;
        }
        assert_sound(&client, "a large preview").await;
        shoot(&client, "preview-large-zh").await;
        let url = client.current_url().await.unwrap();
        let name = url.path().rsplit('/').next().unwrap().to_owned();
        let kept = folder.join("uploads").join(name).join("0000").join("list.csv");
        assert_eq!(kept.metadata().unwrap().len(), list.metadata().unwrap().len());
        client.goto(&format!("{base}/imports/new")).await.unwrap();
        assert_sound(&client, "what waits to be confirmed").await;
        shoot(&client, "upload-waiting-zh").await;
        client.close().await.unwrap();
    });
}

#[test]
fn a_clerk_signs_in_and_opens_a_household_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "town", &prepared.passwords.town).await;
        shoot(&client, "overview-town-zh").await;
        tab_to(&client, "the register", "e.getAttribute('href') === '/households'").await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the register", |path| path == "/households").await;
        shoot(&client, "households-zh").await;
        let line = "/^\\/households\\/\\d+$/.test(e.getAttribute('href') || '')";
        tab_to(&client, "a household", line).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        let opened =
            |path: &str| path.strip_prefix("/households/").is_some_and(|id| !id.is_empty());
        arrive(&client, "the household", opened).await;
        assert_sound(&client, "the household").await;
        shoot(&client, "household-zh").await;
        client.close().await.unwrap();
    });
}

#[test]
fn a_helper_opens_a_household_on_a_phone_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, phone()).await;
        sign_in(&client, base, "helper", &prepared.passwords.helper).await;
        arrive(&client, "my help", |path| path == "/mine").await;
        assert_sound(&client, "my help").await;
        shoot(&client, "phone-mine-zh").await;
        let link = "(e.getAttribute('href') || '').startsWith('/mine?household=')";
        tab_to(&client, "a household", link).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        let shown = "return location.search.startsWith('?household=') && \
            document.readyState === 'complete'";
        until(&client, "the page does not change", shown).await;
        assert_sound(&client, "the household of a helper").await;
        let text = script(&client, "return document.body.innerText").await;
        assert!(text.as_str().unwrap().contains("DW-CANARY"), "who helps is not shown");
        shoot(&client, "phone-mine-household-zh").await;
        client.close().await.unwrap();
    });
}

#[test]
fn a_clerk_takes_up_a_grievance_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "town", &prepared.passwords.town).await;
        let waits = format!("e.textContent === '{GRIEVANCE}'");
        tab_to(&client, "the grievance that waits", &waits).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the case", |path| path == "/cases/1").await;
        assert_sound(&client, "the case").await;
        shoot(&client, "case-zh").await;
        let before = script(&client, "return document.querySelector('#state').textContent").await;
        let button = "e.type === 'submit' && e.closest('form[action=\"/cases/1/step\"]')";
        tab_to(&client, "the next step", button).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        let moved = "return document.readyState === 'complete' && \
            document.querySelectorAll('#events tbody tr').length === 2";
        until(&client, "the page does not change", moved).await;
        let after = script(&client, "return document.querySelector('#state').textContent").await;
        assert_ne!(before, after, "the step was not taken");
        shoot(&client, "case-assigned-zh").await;
        client.close().await.unwrap();
    });
}

#[test]
fn a_village_states_a_birth_on_a_phone_and_the_town_accepts_it_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let enter = char::from(Key::Enter).to_string();
        let client = browser(port, phone()).await;
        sign_in(&client, base, "village", &prepared.passwords.village).await;
        client.goto(&format!("{base}/households/1")).await.unwrap();
        tab_to(&client, "what may be stated", "e.matches('#state summary')").await;
        press(&client, &enter).await;
        let birth = "e.getAttribute('href') === '/households/1/events/birth'";
        tab_to(&client, "a birth", birth).await;
        press(&client, &enter).await;
        arrive(&client, "the form", |path| path == "/households/1/events/birth").await;
        assert_sound(&client, "the form of a birth").await;
        let down = char::from(Key::Down).to_string();
        for (field, keys) in [
            ("happened_on", "11032016"),
            ("f_name", "张小宝"),
            ("f_sex", down.as_str()),
            ("f_birth_on", "11032016"),
            ("f_relation", &down.repeat(3)),
            ("paper", "P320381-7"),
            ("reason", "村医证明"),
        ] {
            tab_to(&client, field, &format!("e.name === '{field}'")).await;
            press(&client, keys).await;
        }
        tab_to(&client, "the button", "e.type === 'submit' && e.closest('form.qb-form')").await;
        press(&client, &enter).await;
        arrive(&client, "the event", |path| path == "/events/1").await;
        assert_sound(&client, "the event").await;
        shoot(&client, "event-stated-phone-zh").await;
        client.close().await.unwrap();

        let client = browser(port, json!({})).await;
        sign_in(&client, base, "town", &prepared.passwords.town).await;
        tab_to(&client, "what waits", "e.getAttribute('href') === '/events'").await;
        press(&client, &enter).await;
        arrive(&client, "the queue", |path| path == "/events").await;
        assert_sound(&client, "the queue").await;
        shoot(&client, "events-zh").await;
        tab_to(&client, "the event", "e.getAttribute('href') === '/events/1'").await;
        press(&client, &enter).await;
        arrive(&client, "the event", |path| path == "/events/1").await;
        let accept = "e.type === 'submit' && e.closest('form[action=\"/events/1/accept\"]')";
        tab_to(&client, "accepting it", accept).await;
        press(&client, &enter).await;
        let applied = "return document.readyState === 'complete' && \
            document.querySelectorAll('#steps + div tbody tr').length === 2";
        until(&client, "the event does not apply", applied).await;
        client.close().await.unwrap();

        let sql = "select count(*) from person where household_id = 1 and birth_on = '2016-11-03' \
                   and member_reason_in = 'birth'";
        let born: Result<i64, qb_store::StoreError> =
            prepared.world.store().read(|conn| conn.query_one(sql, &[], |row| row.int(0)));
        assert_eq!(born.unwrap(), 1, "the register follows");
    });
}

#[test]
fn a_leader_opens_the_rows_of_a_figure_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "leader", &prepared.passwords.leader).await;
        tab_to(&client, "a figure", "e.className === 'qb-figure'").await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the figure", |path| path.starts_with("/figures/")).await;
        assert_sound(&client, "the figure").await;
        client.close().await.unwrap();
    });
}

#[test]
fn an_auditor_follows_money_to_a_household_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "auditor", &prepared.passwords.auditor).await;
        tab_to(&client, "the funds", "e.getAttribute('href') === '/funds'").await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the funds", |path| path == "/funds").await;
        let idle = "(e.getAttribute('href') || '').startsWith('/funds/thread')";
        tab_to(&client, "money that lies still", idle).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the thread", |path| path == "/funds/thread").await;
        assert_sound(&client, "the thread").await;
        let text = script(&client, "return document.body.innerText").await;
        for end in ["appropriated:", &household_no(1)] {
            assert!(text.as_str().unwrap().contains(end), "the thread does not reach {end}");
        }
        shoot(&client, "thread-zh").await;
        client.close().await.unwrap();
    });
}

#[test]
fn a_household_reads_what_it_receives_and_objects_on_a_phone_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        prepared.world.exit_of(1);
        let client = browser(port, phone()).await;
        sign_in(&client, base, "household", &prepared.passwords.household).await;
        arrive(&client, "my household", |path| path == "/mine").await;
        assert_sound(&client, "my household").await;
        let text = script(&client, "return document.body.innerText").await;
        assert!(text.as_str().unwrap().contains("DW-CANARY"), "who helps is not shown");
        shoot(&client, "phone-mine-own-zh").await;
        let objects = "(e.getAttribute('href') || '').startsWith('/mine/objection')";
        tab_to(&client, "objecting", objects).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the objection", |path| path == "/mine/objection").await;
        assert_sound(&client, "the objection").await;
        shoot(&client, "phone-objection-zh").await;
        let submit = "e.type === 'submit' && e.closest('form[action=\"/mine/objection\"]')";
        tab_to(&client, "the button", submit).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "my household again", |path| path == "/mine").await;
        let text = script(&client, "return document.body.innerText").await;
        assert!(text.as_str().unwrap().contains("待答复"), "the objection is not shown");
        tab_to(&client, "the other language", "e.className === 'qb-lang'").await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        let english = "return document.documentElement.lang.startsWith('en') && \
            document.readyState === 'complete'";
        until(&client, "the language stays", english).await;
        assert_sound(&client, "my household in English").await;
        client.close().await.unwrap();
    });
}

#[test]
fn a_department_hands_in_a_list_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let list = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser-list.csv");
        std::fs::write(&list, crate::routes::sent::payments()).unwrap();
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "school", &prepared.passwords.school).await;
        shoot(&client, "overview-department-zh").await;
        tab_to(&client, "handing in", "e.getAttribute('href') === '/imports/new'").await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the form", |path| path == "/imports/new").await;
        tab_to(&client, "the file", "e.type === 'file'").await;
        press(&client, list.to_str().unwrap()).await;
        let submit = "e.type === 'submit' && e.closest('form[action=\"/imports/new\"]')";
        tab_to(&client, "the button", submit).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the preview", |path| path.starts_with("/imports/pending/")).await;
        assert_sound(&client, "the preview").await;
        shoot(&client, "preview-zh").await;
        let confirm = "e.type === 'submit' && e.closest('form[action$=\"/confirm\"]')";
        tab_to(&client, "the confirmation", confirm).await;
        press(&client, &char::from(Key::Enter).to_string()).await;
        arrive(&client, "the progress", |path| path.starts_with("/imports/progress/")).await;
        prepared.world.state.work_through().unwrap();
        arrive(&client, "the import", |path| path == "/imports/2").await;
        let sent = format!("{base}/sent/student_aid");
        client.goto(&sent).await.unwrap();
        assert_sound(&client, "what was sent").await;
        let text = script(&client, "return document.body.innerText").await;
        assert!(text.as_str().unwrap().contains("F0002"), "a row that met nobody is not shown");
        shoot(&client, "sent-zh").await;
        client.close().await.unwrap();
        let client = browser(port, phone()).await;
        sign_in(&client, base, "school", &prepared.passwords.school).await;
        for lang in ["zh", "en"] {
            for page in [format!("{sent}?lang={lang}"), format!("{base}/imports/new?lang={lang}")] {
                client.goto(&page).await.unwrap();
                assert_sound(&client, "a page of a department on a phone").await;
            }
        }
        shoot(&client, "phone-upload-en").await;
        client.close().await.unwrap();
    });
}

#[test]
fn an_assessor_writes_down_a_finding_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        let enter = char::from(Key::Enter).to_string();
        sign_in(&client, base, "assessor", &prepared.passwords.assessor).await;
        tab_to(&client, "assessment", "e.getAttribute('href') === '/rooms/assessment'").await;
        press(&client, &enter).await;
        arrive(&client, "the room", |path| path == "/rooms/assessment").await;
        let list = "(e.getAttribute('href') || '').startsWith('/records/finding')";
        tab_to(&client, "the findings", list).await;
        press(&client, &enter).await;
        arrive(&client, "the findings", |path| path == "/records/finding").await;
        let new = "(e.getAttribute('href') || '').startsWith('/enter/finding')";
        tab_to(&client, "a new one", new).await;
        press(&client, &enter).await;
        arrive(&client, "the form", |path| path == "/enter/finding").await;
        assert_sound(&client, "the form of a finding").await;
        shoot(&client, "entry-finding-zh").await;
        tab_to(&client, "the year", "e.name === 'f_year'").await;
        press(&client, "2016").await;
        tab_to(&client, "the kind", "e.name === 'f_kind'").await;
        press(&client, &char::from(Key::Down).to_string()).await;
        for (field, day) in [("f_found_on", "11012016"), ("f_due_on", "12302016")] {
            tab_to(&client, field, &format!("e.name === '{field}'")).await;
            press(&client, day).await;
        }
        tab_to(&client, "the button", "e.type === 'submit' && e.closest('form.qb-form')").await;
        press(&client, &enter).await;
        // One person decides nothing alone: it waits, and can be read there.
        arrive(&client, "the finding", |path| path.starts_with("/imports/waiting/")).await;
        assert_sound(&client, "the finding").await;
        let text = script(&client, "return document.body.innerText").await;
        assert!(text.as_str().unwrap().contains("2016-12-30"), "the deadline is not kept");
        client.close().await.unwrap();
    });
}

#[test]
fn a_county_officer_opens_and_decides_a_case_with_the_keyboard_alone() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        let enter = char::from(Key::Enter).to_string();
        sign_in(&client, base, "county", &prepared.passwords.county).await;
        tab_to(&client, "the register", "e.getAttribute('href') === '/households'").await;
        press(&client, &enter).await;
        arrive(&client, "the register", |path| path == "/households").await;
        let line = "/^\\/households\\/\\d+$/.test(e.getAttribute('href') || '')";
        tab_to(&client, "a household", line).await;
        press(&client, &enter).await;
        arrive(&client, "the household", |path| path.starts_with("/households/")).await;
        let opens = "(e.getAttribute('href') || '').startsWith('/cases/new?household=')";
        tab_to(&client, "opening a case", opens).await;
        press(&client, &enter).await;
        arrive(&client, "the choice", |path| path == "/cases/new").await;
        let monitoring = "(e.getAttribute('href') || '').includes('machine=monitoring')";
        tab_to(&client, "monitoring", monitoring).await;
        press(&client, &enter).await;
        until(&client, "no form", "return document.querySelector('[name=transition]') !== null")
            .await;
        tab_to(&client, "the button", "e.type === 'submit' && e.closest('form.qb-form')").await;
        press(&client, &enter).await;
        let case = |path: &str| path.strip_prefix("/cases/").is_some_and(|id| id != "new");
        arrive(&client, "the case", case).await;
        assert_sound(&client, "the case of a county").await;
        shoot(&client, "case-county-zh").await;
        let dismiss = "e.name === 'reason' && \
            e.closest('form').querySelector('[value=dismiss]') !== null";
        tab_to(&client, "the reason", dismiss).await;
        press(&client, "已有稳定收入").await;
        let button = "e.type === 'submit' && \
            e.closest('form').querySelector('[value=dismiss]') !== null";
        tab_to(&client, "the decision", button).await;
        press(&client, &enter).await;
        let decided = "return document.readyState === 'complete' && \
            document.querySelectorAll('#events tbody tr').length === 2";
        until(&client, "the decision was not taken", decided).await;
        client.close().await.unwrap();
    });
}

#[test]
fn the_map_is_drawn_and_every_rule_opens_its_slip() {
    with_browser(async |port, base, prepared| {
        let client = browser(port, json!({})).await;
        sign_in(&client, base, "city", &prepared.passwords.city).await;
        let drawn = "return document.querySelector('#map canvas') !== null";
        until(&client, "the map is not drawn", drawn).await;
        assert_sound(&client, "the overview").await;
        shoot(&client, "overview-zh").await;
        client.goto(&format!("{base}/households/1")).await.unwrap();
        script(&client, "document.querySelector('.qb-reasons summary').click()").await;
        let opened = "return document.querySelector('.qb-slip .qb-tree') !== null";
        until(&client, "the slip does not open", opened).await;
        client.close().await.unwrap();
    });
}

const SHOWN: &[(&str, &str)] = &[
    ("overview", "/"),
    ("area", "/areas/320381"),
    ("village", "/areas/320381115206"),
    ("households", "/households"),
    ("household", "/households/1"),
    ("reasons", "/households/1/reasons"),
    ("villages", "/villages"),
    ("figure", "/figures/G08"),
    ("policy", "/policy"),
    ("documents", "/policy/documents"),
    ("lists", "/policy/lists"),
    ("imports", "/imports"),
    ("import", "/imports/1"),
    ("upload", "/imports/new"),
    ("account", "/me"),
    ("help", "/households/1/help"),
    ("opening", "/cases/new?household=1"),
    ("persons", "/persons?clause=guarantee.person_health&verdict=true"),
    ("annual", "/report"),
    ("responsibility", "/rooms/responsibility"),
    ("targeting", "/rooms/targeting"),
    ("measures", "/rooms/measures"),
    ("services", "/rooms/services"),
    ("assessment", "/rooms/assessment"),
    ("records", "/records/household_pairing"),
    ("record", "/records/household_pairing/1"),
    ("coverage", "/coverage"),
    ("cases", "/cases"),
    ("case", "/cases/1"),
    ("targets", "/targets"),
    ("tasks", "/tasks"),
    ("proposal", "/proposal"),
    ("funds", "/funds"),
    ("missing", "/coverage/household.helper"),
    ("money", "/rooms/funds"),
    ("teams", "/rooms/villages"),
    ("rating", "/assessment"),
    (THREAD, "/funds"),
    ("identity", "/households/1/persons/1/identity"),
    ("finding", "/areas?q=a"),
    ("entry", "/enter/meeting"),
    ("events", "/events"),
    ("birth", "/households/1/events/birth"),
    ("move", "/households/1/events/move"),
];

/// The page of a thread: its address is a key that only a link of `/funds` holds.
const THREAD: &str = "thread";

#[test]
fn every_page_fits_an_office_screen_and_a_phone_in_both_languages() {
    with_browser(async |port, base, prepared| {
        let show = async |screen: &str, extra| {
            let client = browser(port, extra).await;
            sign_in(&client, base, "city", &prepared.passwords.city).await;
            client.goto(&format!("{base}/funds")).await.unwrap();
            let link =
                "return document.querySelector(\"a[href^='/funds/thread']\").getAttribute('href')";
            let link = client.execute(link, vec![]).await.unwrap();
            for (name, address) in SHOWN {
                let thread = link.as_str().filter(|_| *name == THREAD);
                let address = thread.unwrap_or(address);
                for lang in ["zh", "en"] {
                    let joint = if address.contains('?') { '&' } else { '?' };
                    client.goto(&format!("{base}{address}{joint}lang={lang}")).await.unwrap();
                    assert_sound(&client, &format!("{address} in {lang} on the {screen}")).await;
                    shoot(&client, &format!("{screen}-{name}-{lang}")).await;
                }
            }
            client.close().await.unwrap();
        };
        tokio::join!(show("desktop", json!({})), show("phone", phone()));
    });
}
