//! A small programme: records written row by row, and entries with a legal default.

use std::sync::LazyLock;

use qb_access::{Role, Scope};
use qb_base::{AreaCode, Date, Fen};
use qb_fund::model::{AccountSpec, Attributes, NewEntry, NewPosting};
use qb_fund::rules::LedgerRules;
use qb_policy::{Pack, PackSource};
use qb_store::{AuditEntry, Store, StoreError, Tx};
use serde_json::{Value, json};

pub(crate) const CITY: &str = "3203";
pub(crate) const FENG: &str = "320321";
pub(crate) const PEI: &str = "320322";

pub(crate) static PACK: LazyLock<Pack> =
    LazyLock::new(|| Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap());
pub(crate) static RULES: LazyLock<LedgerRules> = LazyLock::new(|| LedgerRules::of(&PACK).unwrap());

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

pub(crate) fn officer(code: &str) -> Scope {
    Scope::new(Role::CountyOfficer, area(code))
}

pub(crate) fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// An entry that moves an amount between two accounts and opens both.
pub(crate) fn moving(id: &str, from: &str, to: &str, amount: i64) -> NewEntry {
    let spec = |code: &str| AccountSpec {
        code: code.to_owned(),
        kind: code.split(':').next().unwrap().to_owned(),
        attributes: Attributes::at(area(CITY)),
    };
    let posting = |account: &str, amount| NewPosting { account: account.to_owned(), amount };
    NewEntry {
        client_id: id.to_owned(),
        kind: "payment".to_owned(),
        on_day: day("2016-06-01"),
        reason: "a test".to_owned(),
        reverses: None,
        source_record: None,
        describes: vec![spec(from), spec(to)],
        postings: vec![posting(from, fen(-amount)), posting(to, fen(amount))],
    }
}

pub(crate) fn post(
    store: &Store,
    entry: &NewEntry,
) -> Result<qb_fund::model::Posted, qb_fund::FundError> {
    qb_fund::commands::post(store, &RULES, "tester", entry)
}

pub(crate) fn balance(store: &Store, code: &str) -> i64 {
    let sql = "select b.balance_fen from ledger_balance b \
               join ledger_account a on a.id = b.account_id where a.code = $1";
    store
        .read::<_, StoreError>(|conn| conn.query_opt(sql, &[code.into()], |row| row.int(0)))
        .unwrap()
        .unwrap_or_default()
}

pub(crate) fn apply(store: &Store) -> qb_fund::model::Applied {
    qb_fund::commands::apply(store, &PACK, "tester").unwrap()
}

pub(crate) fn assert_sound(store: &Store) {
    let report = qb_fund::verify(store, &RULES).unwrap();
    assert_eq!(report.broken, vec![]);
}

pub(crate) fn audit(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.audit(&AuditEntry {
        actor: "tester",
        action: "test.write",
        object: "record",
        before: None,
        after: None,
        reason: "a test",
    })
}

/// Writes a row of a dataset; an earlier one with the same key is superseded.
pub(crate) fn record(store: &Store, dataset: &str, key: &str, area: &str, fields: &Value) {
    let fields = fields.to_string();
    store
        .write::<_, StoreError>(|tx| {
            supersede(tx, dataset, key)?;
            let id = tx.next_id("record")?;
            let sql = "insert into record (id, dataset, record_key, area_code, fields, \
                       source_file_id, source_row, row_digest, recorded_at) \
                       values ($1, $2, $3, $4, $5, 1, 1, 1, 1)";
            let values = [id.into(), dataset.into(), key.into(), area.into(), (&fields).into()];
            tx.execute(sql, &values)?;
            audit(tx)
        })
        .unwrap();
}

/// Withdraws a row.
pub(crate) fn withdraw(store: &Store, dataset: &str, key: &str) {
    store
        .write::<_, StoreError>(|tx| {
            supersede(tx, dataset, key)?;
            audit(tx)
        })
        .unwrap();
}

fn supersede(tx: &Tx<'_>, dataset: &str, key: &str) -> Result<(), StoreError> {
    let sql = "update record set superseded_at = 2 where dataset = $1 and record_key = $2 \
               and superseded_at is null";
    tx.execute(sql, &[dataset.into(), key.into()]).map(|_| ())
}

pub(crate) fn budget(store: &Store, key: &str, yuan: i64, year: i64) {
    let fields = json!({ "budget_no": key, "year": year, "level": "CITY", "source": "CITY_SPECIAL",
        "purpose": "INDUSTRY", "amount": yuan * 100, "dated_on": format!("{year}-02-01") });
    record(store, "fund_budget", key, CITY, &fields);
}

pub(crate) fn allocation(store: &Store, key: &str, budget: &str, county: &str, yuan: i64) {
    let fields = json!({ "allocation_no": key, "budget_no": budget, "purpose": "INDUSTRY",
        "amount": yuan * 100, "allocated_on": "2016-03-01", "received_on": "2016-03-10" });
    record(store, "fund_allocation", key, county, &fields);
}

pub(crate) fn payment(store: &Store, key: &str, allocation: &str, project: &str, yuan: i64) {
    let fields = json!({ "payment_no": key, "allocation_no": allocation, "project_no": project,
        "amount": yuan * 100, "paid_on": "2016-05-01" });
    record(store, "fund_payment", key, CITY, &fields);
}

/// Budget B1 of 1,000 yuan, 600 of it allocated to 丰县 and 300 to 沛县; project X of 丰县 was paid
/// 250 and yielded 90, of which 60 are due to households and 20 went to one.
pub(crate) fn programme(store: &Store) {
    record(store, "project", "X", "320321100201", &json!({ "project_no": "X" }));
    budget(store, "B1", 1_000, 2016);
    allocation(store, "A1", "B1", FENG, 600);
    allocation(store, "A2", "B1", PEI, 300);
    payment(store, "P1", "A1", "X", 250);
    let fields = json!({ "project_no": "X", "year": 2016, "yield": 9_000,
        "to_households": 6_000, "to_village": 1_000 });
    record(store, "project_yield", "X|2016", CITY, &fields);
    let fields = json!({ "project_no": "X", "household_no": "H1", "year": 2016, "amount": 2_000,
        "paid_on": "2016-12-01" });
    record(store, "project_benefit", "X|H1|2016", "320321100201", &fields);
}
