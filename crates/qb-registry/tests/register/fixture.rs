//! A register of a few households, written row by row.

use qb_access::{Role, Scope};
use qb_base::AreaCode;
use qb_base::keyring::Purpose;
use qb_policy::{Pack, PackSource};
use qb_store::{AuditEntry, Store, StoreError, Tx, Value};

pub(crate) const FENG_VILLAGE: &str = "320321100201";
pub(crate) const PEI_VILLAGE: &str = "320322109220";

pub(crate) fn pack() -> Pack {
    Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap()
}

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::parse(code).unwrap()
}

pub(crate) fn officer(code: &str) -> Scope {
    Scope::new(Role::CountyOfficer, area(code))
}

/// A household with a head and one child, and a statement of 2016 with wages of 8,000 yuan.
pub(crate) fn add_household(store: &Store, id: i64, village: &str, surname: &str) {
    store
        .write::<_, StoreError>(|tx| {
            let number = format!("H{id:06}");
            let sql = "insert into household (id, household_no, area_code, member_count, \
                       cause_main, valid_from, recorded_at, source_file_id, source_row, \
                       row_digest, scheme, registered_from, exit_status, exit_year) \
                       values ($1, $2, $3, 2, 'ILLNESS', '2014-01-01', 1, 1, $4, 1, 's', \
                       '2014-01-01', 'EXITED', 2016)";
            tx.execute(sql, &[id.into(), (&number).into(), village.into(), id.into()])?;
            add_member(tx, store, id * 10, id, "HEAD", &format!("{surname}大山"), "1950-05-01")?;
            add_member(tx, store, id * 10 + 1, id, "SON", &format!("{surname}小山"), "2008-02-29")?;
            let sql = "insert into income_statement (id, household_id, policy_year, recorded_at, \
                       source_file_id, source_row, row_digest) values ($1, $2, 2016, 1, 1, 1, 1)";
            tx.execute(sql, &[id.into(), id.into()])?;
            let sql = "insert into income_item (statement_id, item, amount_fen) \
                       values ($1, 'wage_labour', 800000)";
            tx.execute(sql, &[id.into()])?;
            audit(tx, "household")
        })
        .unwrap();
}

fn add_member(
    tx: &Tx<'_>,
    store: &Store,
    id: i64,
    household: i64,
    relation: &str,
    name: &str,
    born: &str,
) -> Result<(), StoreError> {
    let number = format!("P{id:07}");
    let whose = [number.as_str()];
    let sealed = store.keyring().seal(Purpose::ResidentNumber, &whose, b"11010519491231002X");
    let blind = store.keyring().blind(Purpose::ResidentNumber, number.as_bytes());
    let sql = "insert into person (id, person_no, name, name_key, id_kind, id_sealed, id_blind, \
               sex, birth_on, valid_from, recorded_at, source_file_id, source_row, row_digest, \
               household_id, relation, member_from, member_reason_in, member_recorded_at, \
               member_file_id) \
               values ($1, $2, $3, $4, 'identity', $5, $6, 'male', $7, '2014-01-01', 1, 1, 1, 1, \
               $8, $9, '2014-01-01', 'identified', 1, 1)";
    let key = qb_base::fold::key(name);
    let values = [
        id.into(),
        (&number).into(),
        name.into(),
        (&key).into(),
        Value::Blob(&sealed.0),
        Value::Blob(&blind.0),
        born.into(),
        household.into(),
        relation.into(),
    ];
    tx.execute(sql, &values).map(|_| ())
}

pub(crate) fn audit(tx: &Tx<'_>, object: &str) -> Result<(), StoreError> {
    tx.audit(&AuditEntry {
        actor: "tester",
        action: "test.write",
        object,
        before: None,
        after: None,
        reason: "a test",
    })
}

/// Three households in 丰县, two in 沛县.
pub(crate) fn register(store: &Store) {
    qb_registry::areas::load(store, &pack(), "tester").unwrap();
    for (id, village) in [
        (1, FENG_VILLAGE),
        (2, FENG_VILLAGE),
        (3, FENG_VILLAGE),
        (4, PEI_VILLAGE),
        (5, PEI_VILLAGE),
    ] {
        add_household(store, id, village, if id == 2 { "欧阳" } else { "张" });
    }
}

/// Household 2 came of household 1 on the first of June, and went into household 3 on a day.
pub(crate) fn begin_and_end(store: &Store, ended_on: &str) {
    let event = "insert into event (id, kind, effect, household_id, person_id, area_before, \
        area_after, other_household_no, happened_on, known_at, proposed_why, proposed_by, state) \
        values (1, 'split', 'split', 1, 20, 'a', 'a', 'h2', '2016-06-01', 1, 'why', 'a', 'APPLIED')";
    let life = "insert into household_life (household_id, began_on, from_id, ended_on, into_id, \
        recorded_at, event_id) values (2, '2016-06-01', 1, $1, 3, 1, 1)";
    store
        .write::<_, StoreError>(|tx| {
            tx.execute(event, &[])?;
            tx.execute(life, &[ended_on.into()])?;
            audit(tx, "household")
        })
        .unwrap();
}
