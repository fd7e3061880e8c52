//! A small city in a store of its own: three towns of two counties, one rule run over them.

use std::sync::{Arc, OnceLock};

use axum::Router;
use qb_access::Role;
use qb_base::keyring::Purpose;
use qb_base::{AreaCode, Date, env};
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_policy::{Column, ColumnKind, Pack, PackSource};
use qb_store::testing::{Template, TestStore};
use qb_store::{AuditEntry, Known, Store, StoreError, Tx, Value};
use qb_web::{AppState, RouteSpec, Settings};
use serde_json::{Value as Json, json};

/// The town everybody's area is measured from.
pub(crate) const OWN_TOWN: &str = "320381115";
/// A village of that town, with [`HOUSEHOLDS_OWN`] households.
pub(crate) const OWN_VILLAGE: &str = "320381115206";
/// The helper of the first household, and of no other.
pub(crate) const HELPER: &str = "ZR000001";
/// The grievance that waits to be taken up.
pub(crate) const GRIEVANCE: &str = "XF2016-0001";
/// The payment to the first household.
pub(crate) const PAYMENT: &str = "ZF1";
/// A name nobody else has, to be searched for in answers.
pub(crate) const CANARY_NAME: &str = "金丝雀";
/// The identity number of that person, valid and used nowhere else.
pub(crate) const CANARY_NUMBER: &str = "320381194912310026";
/// Households of the own village: more than a page holds.
pub(crate) const HOUSEHOLDS_OWN: i64 = 120;
/// The first household: its head is the canary.
pub(crate) const CANARY_HOUSEHOLD: i64 = 1;

/// Rows of the other villages begin here, so that those of the own one have the same ids with and
/// without them.
const OTHERS_FROM: i64 = 1_000;

/// Everything a test needs; made once, read by all.
pub(crate) struct World {
    kept: TestStore,
    pub(crate) pack: Arc<Pack>,
    pub(crate) state: Arc<AppState>,
    pub(crate) router: Router,
    pub(crate) specs: Vec<RouteSpec>,
    /// A village and a household of a town beside the own one, and of another county.
    pub(crate) foreign: [(AreaCode, i64); 2],
}

impl World {
    /// The world that tests read.
    pub(crate) fn shared() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(Self::make)
    }

    /// A world of one's own, for tests that write: a copy of one that was filled once.
    pub(crate) fn make() -> Self {
        static FILLED: OnceLock<(Template, Arc<Pack>)> = OnceLock::new();
        Self::of(FILLED.get_or_init(|| {
            let pack = Arc::new(pack());
            let kept = fill(&pack, true);
            run(&kept.store, &pack);
            (kept.into_template(), pack)
        }))
    }

    /// A world of one's own under a pack with a few changes, filled and run once: water departs
    /// from the rule of exits, everybody is on the roster of premiums and three have nothing paid,
    /// whoever lacks a helper becomes a lead. The county is surveyed, an action is open.
    pub(crate) fn make_changed() -> Self {
        static FILLED: OnceLock<(Template, Arc<Pack>)> = OnceLock::new();
        Self::of(FILLED.get_or_init(|| {
            let mut pack = pack();
            change(&mut pack);
            let world = Self::around(fill(&pack, true), Arc::new(pack));
            world.survey_county();
            world.leave_action_open();
            world.run_rules();
            world.into_template()
        }))
    }

    /// A world of one's own with a row of the own village and of the others in every list, run
    /// once.
    pub(crate) fn make_listed() -> Self {
        static FILLED: OnceLock<(Template, Arc<Pack>)> = OnceLock::new();
        Self::of(FILLED.get_or_init(|| {
            let world = Self::make_before_run(true);
            world.fill_every_list((OWN_VILLAGE, 1), "own", 1);
            for (at, (village, household)) in (1..).zip(world.foreign) {
                let home = (village.as_str(), household);
                world.fill_every_list(home, &format!("other{at}"), OTHERS_FROM * at);
            }
            world.run_rules();
            world.into_template()
        }))
    }

    /// A world of one's own, with or without anything outside the own town; no rule has been run
    /// yet.
    pub(crate) fn make_before_run(has_others: bool) -> Self {
        let pack = pack();
        Self::around(fill(&pack, has_others), Arc::new(pack))
    }

    /// A world of one's own under a pack whose limits of reading are changed: words of its
    /// `reading.toml` and what stands in their place. No rule has been run yet.
    pub(crate) fn make_limited(changes: &[(&str, &str)]) -> Self {
        let mut pack = pack();
        let file = pack.part_files.get_mut("reading.toml").unwrap();
        for (from, to) in changes {
            assert!(file.text.contains(from), "{from}");
            file.text = file.text.replace(from, to);
        }
        Self::around(fill(&pack, true), Arc::new(pack))
    }

    /// The same store behind another server.
    pub(crate) fn router_after_restart(&self) -> Router {
        let state = AppState::new(self.store().clone(), Arc::clone(&self.pack), None);
        qb_web::app(Arc::new(state)).0
    }

    /// Closes the world and keeps what it holds, to make others of it.
    pub(crate) fn into_template(self) -> (Template, Arc<Pack>) {
        let Self { kept, pack, state, router, .. } = self;
        drop((state, router));
        (kept.into_template(), pack)
    }

    /// A world with what another held.
    pub(crate) fn of((template, pack): &(Template, Arc<Pack>)) -> Self {
        Self::around(template.copy(), Arc::clone(pack))
    }

    /// The same world, run as somebody wants to run it.
    pub(crate) fn with_settings(self, settings: Settings) -> Self {
        let Self { kept, pack, .. } = self;
        Self::around_with(kept, pack, settings)
    }

    /// A world of one's own whose office stands at another day, or at the real one, under a pack in
    /// whose files some words are others. No rule has been run yet.
    pub(crate) fn make_at(day: Option<&str>, changes: &[(&str, &str, &str)]) -> Self {
        let mut pack = pack();
        for (path, from, to) in changes {
            let file = pack.part_files.get_mut(*path).unwrap();
            assert!(file.text.contains(from), "{from}");
            file.text = file.text.replacen(from, to, 1);
        }
        let day = day.map(|day| day.parse().unwrap());
        Self::around(fill_at(&pack, true, day), Arc::new(pack))
    }

    fn around(kept: TestStore, pack: Arc<Pack>) -> Self {
        Self::around_with(kept, pack, Settings::default())
    }

    fn around_with(kept: TestStore, pack: Arc<Pack>, settings: Settings) -> Self {
        let map = pack.county_shapes.clone().map(String::into_bytes);
        let state = AppState::new(kept.store.clone(), Arc::clone(&pack), map);
        let state = Arc::new(state.with_settings(settings));
        let (router, specs) = qb_web::app(Arc::clone(&state));
        let foreign = foreign_villages(&pack).map(|(village, at)| (village, HOUSEHOLDS_OWN + at));
        Self { kept, pack, state, router, specs, foreign }
    }

    /// Pairs the first household with [`HELPER`].
    pub(crate) fn pair_first_household(&self) {
        let no = household_no(1);
        let fields = format!(
            "{{\"household_no\":\"{no}\",\"helper_no\":\"{HELPER}\",\
             \"unit_no\":\"DW-CANARY\",\"from_on\":\"2016-03-01\"}}"
        );
        self.record((1, "household_pairing", &no), Some(1), &fields);
    }

    /// A grievance of the own village that nobody has taken up, as case 1.
    pub(crate) fn receive_grievance(&self) {
        let fields = format!(
            "{{\"grievance_no\":\"{GRIEVANCE}\",\"channel\":\"LETTER\",\
             \"received_on\":\"2016-12-20\"}}"
        );
        self.record((2, "grievance", GRIEVANCE), None, &fields);
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// A survey of the own county, so that the county has a score.
    fn survey_county(&self) {
        let fields = "{\"year\":2016,\"asked\":100,\"satisfied\":90,\"checked\":100,\
                      \"identified_right\":98,\"exited_right\":97}";
        self.record_in("320381", (30, "survey", "320381|2016"), None, fields);
    }

    /// An exit of a household of the own village that has been marked and no more.
    pub(crate) fn exit_of(&self, household: i64) {
        let no = household_no(household);
        let fields = format!("{{\"household_no\":\"{no}\",\"pre_exit_on\":\"2016-03-01\"}}");
        self.record((20 + household, "exit_decision", &no), Some(household), &fields);
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// Exits of households of the own village that have been marked and no more.
    pub(crate) fn exits_of(&self, households: std::ops::Range<i64>) {
        for household in households {
            let no = household_no(household);
            let fields = format!("{{\"household_no\":\"{no}\",\"pre_exit_on\":\"2016-03-01\"}}");
            let id = 3 * OTHERS_FROM + household;
            self.record((id, "exit_decision", &no), Some(household), &fields);
        }
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// An exit of a household of the own village that the assembly passed and two verified.
    pub(crate) fn verified_exit_of(&self, household: i64) {
        let no = household_no(household);
        let fields = format!(
            "{{\"household_no\":\"{no}\",\"pre_exit_on\":\"2016-03-01\",\
             \"assembly_on\":\"2016-09-05\",\"assembly_present\":20,\"assembly_entitled\":30,\
             \"verified_on\":\"2016-09-20\"}}"
        );
        self.record((20 + household, "exit_decision", &no), Some(household), &fields);
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// A budget line of an area, appropriated and not yet received.
    pub(crate) fn budget_of(&self, area: &str) {
        let fields = "{\"budget_no\":\"YS1\",\"year\":2016,\"level\":\"COUNTY\",\
                      \"source\":\"COUNTY_SPECIAL\",\"purpose\":\"EDUCATION_AID\",\"amount\":100000,\
                      \"dated_on\":\"2016-02-01\"}";
        self.record_in(area, (14, "fund_budget", "YS1"), None, fields);
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// A budget of the county, allocated and paid to the first household.
    pub(crate) fn pay_first_household(&self) {
        let no = household_no(1);
        let budget = "{\"budget_no\":\"YS1\",\"year\":2016,\"level\":\"CITY\",\
                      \"source\":\"CITY_SPECIAL\",\"purpose\":\"EDUCATION_AID\",\"amount\":100000,\
                      \"dated_on\":\"2016-02-01\"}";
        let allocation = "{\"allocation_no\":\"XD1\",\"budget_no\":\"YS1\",\
                          \"purpose\":\"EDUCATION_AID\",\"amount\":100000,\
                          \"allocated_on\":\"2016-03-01\",\"received_on\":\"2016-03-05\"}";
        let payment = format!(
            "{{\"payment_no\":\"{PAYMENT}\",\"allocation_no\":\"XD1\",\
             \"household_no\":\"{no}\",\"amount\":60000,\"paid_on\":\"2016-09-01\"}}"
        );
        self.record((11, "fund_budget", "YS1"), None, budget);
        self.record((12, "fund_allocation", "XD1"), None, allocation);
        self.record((13, "fund_payment", PAYMENT), Some(1), &payment);
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// Puts a row into every list, about a household of a village; keys and texts end in a word.
    pub(crate) fn fill_every_list(
        &self,
        (village, household): (&str, i64),
        word: &str,
        first: i64,
    ) {
        for (id, dataset) in (first..).zip(&self.pack.datasets) {
            let value = |column: &Column| -> Option<Json> {
                Some(match &column.kind {
                    ColumnKind::Text if column.id == HOUSEHOLD_LINK => {
                        json!(format!("{village}{household:06}"))
                    }
                    ColumnKind::Text => json!(format!("{}-{word}", column.id)),
                    ColumnKind::Integer | ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan => {
                        json!(700)
                    }
                    ColumnKind::Decimal => json!("7"),
                    ColumnKind::Year => json!(2016),
                    ColumnKind::Month | ColumnKind::Date => json!("2016-06-01"),
                    ColumnKind::Bool => json!(true),
                    ColumnKind::Code(list) => {
                        json!(self.pack.code_list(list)?.codes.first()?.id)
                    }
                    _ => return None,
                })
            };
            let open = dataset.columns.iter().filter(|column| !column.is_sealed());
            let fields: serde_json::Map<String, Json> =
                open.filter_map(|column| Some((column.id.clone(), value(column)?))).collect();
            let key: Vec<String> =
                dataset.key.iter().map(|id| text_of(&fields, id, village)).collect();
            let row = (id, dataset.id.as_str(), key.join("|"));
            self.record_in(
                village,
                (row.0, row.1, &row.2),
                Some(household),
                &Json::from(fields).to_string(),
            );
        }
        qb_settle::settle(self.store(), &self.pack, "test").unwrap();
    }

    /// Runs the rules and the pack's queries again.
    pub(crate) fn run_rules(&self) {
        run(self.store(), &self.pack);
    }

    /// The secretary of the city took up the post long ago and holds it.
    pub(crate) fn seat_secretary(&self) {
        let fields = "{\"term_no\":\"RZ1\",\"post\":\"PARTY_SECRETARY\",\"level\":\"CITY\",\
                      \"from_on\":\"2016-01-01\"}";
        self.record_in("3203", (60, "post_term", "RZ1"), None, fields);
    }

    /// Puts a row of a dataset into the own village.
    fn record(&self, row: (i64, &str, &str), household: Option<i64>, fields: &str) {
        self.record_in(OWN_VILLAGE, row, household, fields);
    }

    /// An action item of a meeting of the city, due and not closed.
    fn leave_action_open(&self) {
        let fields = "{\"action_no\":\"SX1\",\"meeting_no\":\"HY1\",\"what\":\"清理闲置资金\",\
                      \"office_no\":\"DW1\",\"due_on\":\"2016-06-30\"}";
        self.record_in("3203", (50, "meeting_action", "SX1"), None, fields);
    }

    /// Documents of the city, each named as repealed by the next: the first is, the second not
    /// before a day to come. Rules rest on both.
    pub(crate) fn issue_documents(&self) {
        let (old, new, next) = ("示发〔2015〕3号", "示发〔2016〕5号", "示发〔2017〕1号");
        let documents = [
            (40, old, "2015-10-27", new),
            (41, new, "2016-02-09", next),
            (46, next, "2017-03-01", "示发〔2019〕1号"),
        ];
        for (id, number, day, later) in documents {
            let fields = format!(
                "{{\"document_no\":\"{number}\",\"title\":\"退出办法\",\"issuer_level\":\"CITY\",\
                 \"issued_on\":\"{day}\",\"subject\":\"REGISTER\",\"repealed_by\":\"{later}\"}}"
            );
            self.record_in("3203", (id, "policy_document", number), None, &fields);
        }
        let rules = [(old, "exit.ready"), (new, "exit.ready"), (new, "machines/exit")];
        for (id, (number, rule)) in (42..).zip(rules) {
            let fields = format!(
                "{{\"document_no\":\"{number}\",\"rule\":\"{rule}\",\"article\":\"第十一条\"}}"
            );
            self.record_in(
                "3203",
                (id, "document_rule", &format!("{number}|{rule}")),
                None,
                &fields,
            );
        }
    }

    fn record_in(
        &self,
        village: &str,
        (id, dataset, key): (i64, &str, &str),
        household: Option<i64>,
        fields: &str,
    ) {
        self.store()
            .write::<_, StoreError>(|tx| {
                let sql = "insert into record (id, dataset, record_key, area_code, household_id, \
                           fields, source_file_id, source_row, recorded_at, row_digest) values \
                           ($1, $2, $3, $4, $5, $6, 1, 4, 1, 1)";
                let values: [Value<'_>; 6] = [
                    id.into(),
                    dataset.into(),
                    key.into(),
                    village.into(),
                    household.into(),
                    fields.into(),
                ];
                tx.execute(sql, &values)?;
                tx.audit(&entry("test.record"))
            })
            .unwrap();
    }

    /// The store behind the pages.
    pub(crate) fn store(&self) -> &Store {
        &self.kept.store
    }

    /// Signs somebody in without a password and returns the cookie and the form token.
    pub(crate) fn sign_in(&self, role: Role, area: &str) -> Session {
        let login = format!("{}-{area}", role.code());
        self.session(|tx| user(tx, &login, role, area))
    }

    /// Signs in somebody else of the same role and area.
    pub(crate) fn sign_in_second(&self, role: Role, area: &str) -> Session {
        let login = format!("{}-{area}-2", role.code());
        self.session(|tx| user(tx, &login, role, area))
    }

    /// Signs in somebody who has an account.
    pub(crate) fn session_of(&self, login: &str) -> Session {
        let sql = "select id from app_user where login = $1";
        self.session(|tx| tx.query_one(sql, &[login.into()], |row| row.int(0)))
    }

    /// Signs in somebody who stands for a household, or helps under a number.
    pub(crate) fn sign_in_for(&self, role: Role, area: &str, subject: &str) -> Session {
        let login = format!("{}-{subject}", role.code());
        self.session(|tx| {
            let id = user(tx, &login, role, area)?;
            let sql = "update app_user set subject = $1 where id = $2";
            tx.execute(sql, &[subject.into(), id.into()])?;
            Ok(id)
        })
    }

    /// Gives the members of the first households names that a file could hold, and no numbers:
    /// what is written about them is read as a file's row would be.
    pub(crate) fn name_people(&self) {
        let sql = "update person set name = '李' || substr('甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳', id, 1), \
                   name_key = '李' || substr('甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳', id, 1), \
                   id_sealed = null, id_blind = null where id between 2 and 16";
        self.store()
            .write::<_, StoreError>(|tx| {
                tx.execute(sql, &[])?;
                tx.audit(&entry("test.name"))
            })
            .unwrap();
    }

    /// The number that a statement finds.
    pub(crate) fn number(&self, sql: &'static str) -> i64 {
        self.store()
            .read::<_, StoreError>(|conn| conn.query_one(sql, &[], |row| row.int(0)))
            .unwrap()
    }

    /// The texts that a statement finds.
    pub(crate) fn texts(&self, sql: &'static str) -> Vec<String> {
        self.store().read::<_, StoreError>(|conn| conn.query(sql, &[], |row| row.text(0))).unwrap()
    }

    fn session(&self, user: impl Fn(&Tx<'_>) -> Result<i64, StoreError>) -> Session {
        let token: String = random_hex();
        let csrf = random_hex();
        let hash = self.store().keyring().token_hash(token.as_bytes()).to_string();
        let now = env::now().0;
        self.store()
            .write::<_, StoreError>(|tx| {
                let values = [
                    Value::from(&hash),
                    Value::Int(user(tx)?),
                    Value::from(&csrf),
                    Value::Int(now),
                    Value::Int(now),
                ];
                tx.execute(
                    "insert into session (token_hash, user_id, csrf_token, created_at, seen_at) \
                     values ($1, $2, $3, $4, $5)",
                    &values,
                )?;
                tx.audit(&entry("test.sign_in"))
            })
            .unwrap();
        Session { cookie: format!("qb_session={token}"), csrf }
    }
}

/// A session as a browser holds it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

#[derive(Default)]
struct Next {
    household: i64,
    person: i64,
}

/// The pack as it is, read once.
fn pack() -> Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| Pack::load(PackSource::from_argument("xuzhou-2016")).unwrap()).clone()
}

/// The changes of [`World::make_changed`].
fn change(pack: &mut Pack) {
    let water = pack.clauses.iter_mut().find(|clause| clause.id == "guarantee.water").unwrap();
    water.exception_of = Some("exit.ready".to_owned());
    let opens = pack.coverages.iter().find_map(|coverage| coverage.opens.clone());
    for coverage in &mut pack.coverages {
        match coverage.id.as_str() {
            "household.helper" => coverage.opens = opens.clone(),
            "roster.premium" => {
                let persons = "select person_id as key, area_code from person";
                coverage.set_query.text = persons.to_owned();
                coverage.covered_query.text = format!("{persons} where person_id > 3");
            }
            _ => {}
        }
    }
}

/// A store with the households of a world.
fn fill(pack: &Pack, has_others: bool) -> TestStore {
    fill_at(pack, has_others, Some(pack.cases_on))
}

/// As [`fill`], of an office that stands at a day or works on the real one.
fn fill_at(pack: &Pack, has_others: bool, day: Option<Date>) -> TestStore {
    let kept = TestStore::sqlite();
    let store = &kept.store;
    qb_registry::areas::load(store, pack, "test").unwrap();
    if let Some(day) = day {
        store.fix_office_day("test", day).unwrap();
    }
    let mut next = Next::default();
    store
        .write::<_, StoreError>(|tx| {
            source_file(tx)?;
            for _ in 0..HOUSEHOLDS_OWN {
                household(store, tx, &mut next, OWN_VILLAGE)?;
            }
            for (village, _) in foreign_villages(pack).iter().filter(|_| has_others) {
                household(store, tx, &mut next, village.as_str())?;
            }
            tx.audit(&entry("test.fill"))
        })
        .unwrap();
    kept
}

fn run(store: &Store, pack: &Pack) {
    qb_settle::run(store, pack, ("test", pack.cases_on, Known::Everything), &mut |_| {}).unwrap();
}

/// A village beside the own town and one of another county, with the number of its household.
fn foreign_villages(pack: &Pack) -> [(AreaCode, i64); 2] {
    let own = AreaCode::parse(OWN_TOWN).unwrap();
    let county = own.parent().unwrap();
    let villages: Vec<AreaCode> =
        pack.areas.iter().map(|area| area.code).filter(|code| code.as_str().len() == 12).collect();
    let beside = villages.iter().find(|code| county.contains(code) && !own.contains(code)).unwrap();
    let elsewhere = villages.iter().find(|code| !county.contains(code)).unwrap();
    [(*beside, 1), (*elsewhere, 2)]
}

fn random_hex() -> String {
    let mut bytes = [0; 32];
    env::fill_random(&mut bytes).unwrap();
    qb_base::Digest(bytes).to_string()
}

/// A part of a row's key: the value of its column, or the village for the column of an area.
fn text_of(fields: &serde_json::Map<String, Json>, id: &str, village: &str) -> String {
    match fields.get(id) {
        Some(Json::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => village.to_owned(),
    }
}

/// The number of a household of the own village.
pub(crate) fn household_no(id: i64) -> String {
    format!("{OWN_VILLAGE}{id:06}")
}

/// An audit row of a test.
pub(crate) fn entry(action: &'static str) -> AuditEntry<'static> {
    AuditEntry { actor: "test", action, object: "test", before: None, after: None, reason: "test" }
}

fn user(tx: &Tx<'_>, login: &str, role: Role, area: &str) -> Result<i64, StoreError> {
    let known =
        tx.query_opt("select id from app_user where login = $1", &[login.into()], |r| r.int(0))?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = tx.next_id("app_user")?;
    tx.execute(
        "insert into app_user (id, login, display_name, role, area_code, password_hash, \
         created_at) values ($1, $2, $3, $4, $5, 'none', 0)",
        &[id.into(), login.into(), login.into(), role.code().into(), area.into()],
    )?;
    Ok(id)
}

fn source_file(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "insert into import_run (id, actor, state, started_at, finished_at, rows_read, \
         rows_accepted, rows_rejected, rows_repaired) values (1, 'test', 'done', 1, 2, 3, 2, 1, 0)",
        &[],
    )?;
    tx.execute(
        "insert into source_file (id, import_run_id, name, digest, byte_count, layout, encoding, \
         area_code, state, rows_read, rows_accepted, rows_rejected, rows_repaired, recorded_at) \
         values (1, 1, '新沂市.csv', 'd', 2048, 'register_l1', 'UTF-8', '320381', 'imported', \
         3, 2, 1, 0, 1)",
        &[],
    )?;
    tx.execute(
        "insert into row_fault (id, source_file_id, code, severity, sheet, row_no, column_no, \
         column_label, message_zh, message_en, remedy_zh, remedy_en) values (1, 1, 'F3', \
         'refused', '', 7, 4, '证件号码', '号码有误', 'the number is wrong', '请更正', \
         'correct it')",
        &[],
    )?;
    Ok(())
}

/// A household of two; the first of all has the canary as its head.
fn household(store: &Store, tx: &Tx<'_>, next: &mut Next, village: &str) -> Result<(), StoreError> {
    next.household += 1;
    let id = next.household;
    let no = format!("{village}{id:06}");
    tx.execute(
        "insert into household (id, household_no, area_code, member_count, household_class, \
         cause_main, dangerous_house, water_safe, water_short, income_reported_fen, valid_from, \
         recorded_at, source_file_id, source_row, row_digest, scheme, registered_from, \
         exit_status) values ($1, $2, $3, 2, 'GENERAL', 'ILLNESS', $4, $5, $6, 600000, \
         '2016-01-01', 1, 1, 8, 1, 'test', '2016-01-01', 'NOT_EXITED')",
        &[id.into(), (&no).into(), village.into(), false.into(), true.into(), false.into()],
    )?;
    for (relation, sex) in [("HEAD", "MALE"), ("SPOUSE", "FEMALE")] {
        person(store, tx, next, relation, sex)?;
    }
    Ok(())
}

fn person(
    store: &Store,
    tx: &Tx<'_>,
    next: &mut Next,
    relation: &str,
    sex: &str,
) -> Result<(), StoreError> {
    next.person += 1;
    let id = next.person;
    let no = format!("P{id:08}");
    let (name, number) = match id {
        1 => (CANARY_NAME.to_owned(), CANARY_NUMBER.to_owned()),
        _ => (format!("张某{id}"), format!("32038119500101{id:04}")),
    };
    let keyring = store.keyring();
    let sealed = keyring.seal(Purpose::ResidentNumber, &[&no], number.as_bytes());
    let blind = keyring.blind(Purpose::ResidentNumber, number.as_bytes());
    tx.execute(
        "insert into person (id, person_no, name, name_key, id_sealed, id_blind, sex, birth_on, \
         health, medical_insured, valid_from, recorded_at, source_file_id, source_row, \
         row_digest, household_id, relation, member_from, member_reason_in, member_recorded_at) \
         values ($1, $2, $3, $4, $5, $6, $7, '1950-01-01', 'HEALTHY', $8, '2016-01-01', 1, 1, \
         8, 1, $9, $10, '2016-01-01', 'import', 1)",
        &[
            id.into(),
            (&no).into(),
            (&name).into(),
            (&name).into(),
            Value::Blob(&sealed.0),
            Value::Blob(&blind.0),
            sex.into(),
            true.into(),
            next.household.into(),
            relation.into(),
        ],
    )?;
    Ok(())
}
