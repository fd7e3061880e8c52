//! Opening an installation: its directory, schema and key, and whether they belong together.
//!
//! One process at a time opens an installation; on PostgreSQL also one server at a time opens a
//! database. So two first starts end with one schema, one key and one anchor.

use qb_base::{Digest, Keyring, Text, env};

use crate::anchor::Anchors;
use crate::audit;
use crate::conn::{Conn, Kind};
use crate::error::StoreError;
use crate::keys;
use crate::migrate;
use crate::place::{Place, failed, private_file, take_over};
use crate::postgres::PgConn;
use crate::sqlite::LiteConn;
use crate::upgrade;

/// Held while a database is being opened; others wait for it.
const OPENING_LOCK: &str = "select pg_advisory_lock(7113)";
const OPENING_UNLOCK: &str = "select pg_advisory_unlock(7113)";

/// What opening an installation gives.
pub(crate) struct Opened {
    pub(crate) writer: Conn,
    pub(crate) keyring: Keyring,
    pub(crate) anchors: Anchors,
}

/// Opens an installation, making what is missing of a new one and nothing of an old one.
pub(crate) fn open(place: &Place) -> Result<Opened, StoreError> {
    take_over(&place.dir)?;
    let lock = place.dir.opening_lock();
    let turn = private_file(&lock).map_err(|error| failed(&lock, &error))?;
    turn.lock().map_err(|error| failed(&lock, &error))?;
    let writer = connect(place, true)?;
    if !writer.is_sqlite() {
        writer.batch(OPENING_LOCK)?;
    }
    migrate(place, &writer)?;
    let keyring = key_of(place, &writer)?;
    let anchors = Anchors::of(place);
    if audit::head(&writer)?.is_none() {
        anchors.make_first(&keyring)?;
    }
    upgrade::run(&writer, &keyring, &anchors)?;
    // A connection that ends early gives its lock back.
    if !writer.is_sqlite() {
        writer.batch(OPENING_UNLOCK)?;
    }
    Ok(Opened { writer, keyring, anchors })
}

/// Only the schema, without key and anchor.
pub(crate) fn migrate_only(place: &Place) -> Result<(), StoreError> {
    take_over(&place.dir)?;
    migrate(place, &connect(place, true)?)
}

/// Brings the schema up to this version; what takes the key is noted first.
fn migrate(place: &Place, conn: &Conn) -> Result<(), StoreError> {
    if upgrade::is_former(conn)? {
        let keyring = keys::load(&place.dir.keys())?.ok_or_else(|| missing(place))?;
        upgrade::note(conn, &keyring)?;
    }
    migrate::run(conn)
}

/// A connection to the database of an installation.
pub(crate) fn connect(place: &Place, writer: bool) -> Result<Conn, StoreError> {
    Ok(Conn(match &place.postgres {
        Some(address) => Kind::Pg(Box::new(PgConn::open(address)?)),
        None if writer => Kind::Lite(LiteConn::open_writer(&place.dir.database())?),
        None => Kind::Lite(LiteConn::open_reader(&place.dir.database())?),
    }))
}

/// The key that the store was made with; a new store gets one.
fn key_of(place: &Place, conn: &Conn) -> Result<Keyring, StoreError> {
    let known = key_check(conn)?;
    let newest = audit::newest(conn, 1)?.into_iter().next();
    let is_new = known.is_none() && newest.is_none();
    let keyring = match keys::load(&place.dir.keys())? {
        Some(keyring) => keyring,
        None if is_new => keys::create(&place.dir.keys())?,
        None => return Err(missing(place)),
    };
    let fits = match (known, newest) {
        (Some(known), _) => known == keys::check_value(&keyring),
        (None, Some(row)) => row.is_sealed_by(&keyring),
        (None, None) => true,
    };
    if !fits {
        return Err(another(place));
    }
    if known.is_none() {
        let value = keys::check_value(&keyring).to_string();
        let sql = "insert into installation (id, key_check, made_at) values (1, $1, $2)";
        conn.execute(sql, &[(&value).into(), env::now().0.into()])?;
    }
    Ok(keyring)
}

/// The check value of the key that a store was made with.
pub(crate) fn key_check(conn: &Conn) -> Result<Option<Digest>, StoreError> {
    conn.query_opt("select key_check from installation where id = 1", &[], |row| {
        let wrong = StoreError::Type { column: 0, expected: "digest" };
        Digest::parse(&row.text(0)?).ok_or(wrong)
    })
}

fn missing(place: &Place) -> StoreError {
    let keys = place.dir.keys();
    let keys = keys.display();
    StoreError::Key(Text::new(
        format!(
            "这个库是用一把主密钥建的，而“{keys}”里没有密钥。没有启动，也没有改动。请用备份恢复 \
             {keys}/master.key；多台服务器共用一个库时，请从第一台复制 keys/ 与 audit.anchor"
        ),
        format!(
            "this store was made with a master key, and {keys} holds none. nothing was started or \
             changed. restore {keys}/master.key from your backup; where several servers share one \
             database, copy keys/ and audit.anchor from the first"
        ),
    ))
}

fn another(place: &Place) -> StoreError {
    let keys = place.dir.keys();
    let keys = keys.display();
    StoreError::Key(Text::new(
        format!(
            "“{keys}”里的主密钥不是建这个库的那一把。没有启动，也没有改动。请恢复原来的密钥，\
             或检查 --dir 与 --database 是否配对（qibang key check --file 文件 可检查一份副本）"
        ),
        format!(
            "the master key in {keys} is not the one this store was made with. nothing was started \
             or changed. restore the right one, or check that --dir and --database belong \
             together (qibang key check --file FILE looks at a copy)"
        ),
    ))
}
