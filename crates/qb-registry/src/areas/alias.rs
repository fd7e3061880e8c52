//! Other names by which files call an area: said once, remembered, and ended again.
//!
//! A name holds below one area above, for what is imported from then on; what was read before
//! stays as it was read. Nothing is taken away: a name that ended keeps who ended it and why.

use qb_access::{Scope, permission};
use qb_base::{AreaCode, AreaLevel, env, fold};
use qb_store::{AuditEntry, Conn, OfficeDay, Row, Sql, Store, StoreError, Tx};

use super::merger::{Keeper, picture, said};
use super::refusal::AreaRefusal;
use crate::error::RegistryError;

/// Characters of a name of a place.
const NAME_CHARS_MAX: usize = 60;

/// A name that somebody gives to an area.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    /// The area above, below which files use it; that of the area meant unless given.
    pub under: Option<AreaCode>,
    /// The name as files write it.
    pub name: &'a str,
    /// The area meant.
    pub means: AreaCode,
    /// The paper, or why.
    pub source: &'a str,
}

/// Another name of an area.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Alias {
    /// Its number.
    pub id: i64,
    /// The area above.
    pub under: String,
    /// As files write it.
    pub name: String,
    /// The area meant.
    pub means: String,
    /// The office's day since which it is kept.
    pub since_on: String,
    /// The first day on which it is not any more; none of one that is kept.
    pub until_on: Option<String>,
    /// The paper, or why.
    pub source: String,
    /// Who said so, as the audit chain names them.
    pub recorded_by: String,
    /// When, in ms UTC.
    pub recorded_at: i64,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// Why.
    pub ended_why: Option<String>,
}

const COLUMNS: &str = "select id, parent_code, name, area_code, since_on, until_on, source, \
    recorded_by, recorded_at, ended_by, ended_why from area_alias ";

fn read(row: &Row<'_>) -> Result<Alias, StoreError> {
    Ok(Alias {
        id: row.int(0)?,
        under: row.text(1)?,
        name: row.text(2)?,
        means: row.text(3)?,
        since_on: row.text(4)?,
        until_on: row.text_opt(5)?,
        source: row.text(6)?,
        recorded_by: row.text(7)?,
        recorded_at: row.int(8)?,
        ended_by: row.text_opt(9)?,
        ended_why: row.text_opt(10)?,
    })
}

/// Other names of areas within a scope, those that ended too; of one area where one is named.
///
/// # Errors
/// Whatever the store says.
pub fn list(conn: &Conn, scope: &Scope, area: Option<AreaCode>) -> Result<Vec<Alias>, StoreError> {
    let (low, high) = scope.range();
    let sql = Sql::join(&[
        COLUMNS,
        "where ($1 = '' or area_code = $1) and area_code >= $2 and area_code < $3 \
         order by area_code, id",
    ]);
    let area = area.map(|area| area.to_string());
    let values = [qb_store::Value::text_or_any(area.as_deref()), (&low).into(), (&high).into()];
    conn.query(sql, &values, read)
}

/// Gives an area another name.
///
/// # Errors
/// [`RegistryError::Area`] with why where the name cannot mean it, or the person may not say so.
pub fn add(store: &Store, naming: &Naming<'_>, who: &Keeper) -> Result<Alias, RegistryError> {
    let (name, source) = (naming.name.trim(), naming.source.trim());
    said(source)?;
    named(name)?;
    let key = fold::key(name);
    store.write(|tx| {
        let picture = picture(tx)?;
        picture.standing(&naming.means)?;
        let under = naming.under.or_else(|| naming.means.parent());
        let under =
            under.ok_or_else(|| AreaRefusal::TooHigh { area: picture.label(&naming.means) })?;
        if picture.name(&under).is_none() {
            return Err(AreaRefusal::Unknown { code: under.to_string() }.into());
        }
        who.may(&permission::KEEP_AREA, [naming.means, under])?;
        if level_below(under.level()) != Some(naming.means.level()) {
            let (area, parent) = (picture.label(&naming.means), picture.label(&under));
            return Err(AreaRefusal::NotAbove { area, parent }.into());
        }
        if let Some(own) = called(tx, &under, &key)? {
            let area = picture.label(&own);
            return Err(AreaRefusal::IsName { area }.into());
        }
        if let Some(kept) = kept(tx, &under, &key)? {
            return Err(match kept == naming.means {
                true => AreaRefusal::Kept,
                false => AreaRefusal::Taken { area: picture.label(&kept) },
            }
            .into());
        }
        let (id, today) = (tx.next_id("area_alias")?, OfficeDay::read(tx)?.day.to_string());
        tx.execute(
            "insert into area_alias (id, parent_code, name, name_key, area_code, since_on, \
             source, recorded_by, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                id.into(),
                under.as_str().into(),
                name.into(),
                (&key).into(),
                naming.means.as_str().into(),
                (&today).into(),
                source.into(),
                who.actor.as_str().into(),
                env::now().0.into(),
            ],
        )?;
        noted(tx, id, "area.alias", (&who.actor, source))?;
        Ok(one(tx, id)?)
    })
}

/// Ends another name: files that use it are asked about again.
///
/// # Errors
/// [`StoreError::NotFound`] where there is none that is kept; [`RegistryError::Area`] with why
/// where the person may not end it.
pub fn end(store: &Store, id: i64, (who, why): (&Keeper, &str)) -> Result<Alias, RegistryError> {
    let why = why.trim();
    said(why)?;
    store.write(|tx| {
        let alias = one(tx, id)?;
        let code =
            |code: &str| AreaCode::parse(code).map_err(|_| StoreError::Broken("a name of no area"));
        let (means, under) = (code(&alias.means)?, code(&alias.under)?);
        if !who.scope.covers(means) || alias.until_on.is_some() {
            return Err(StoreError::NotFound.into());
        }
        who.may(&permission::KEEP_AREA, [means, under])?;
        let today = OfficeDay::read(tx)?.day.to_string();
        let sql = "update area_alias set until_on = $1, ended_by = $2, ended_why = $3, \
                   superseded_at = $4 where id = $5";
        let now = env::now().0;
        let values = [(&today).into(), (&who.actor).into(), why.into(), now.into(), id.into()];
        tx.execute(sql, &values)?;
        noted(tx, id, "area.alias_end", (&who.actor, why))?;
        Ok(one(tx, id)?)
    })
}

fn one(conn: &Conn, id: i64) -> Result<Alias, StoreError> {
    conn.query_one(Sql::join(&[COLUMNS, "where id = $1"]), &[id.into()], read)
}

/// That something is a name that files could write.
fn named(name: &str) -> Result<(), AreaRefusal> {
    if qb_base::personal::find(name).is_some() {
        return Err(AreaRefusal::Personal);
    }
    let is_code = name.chars().all(|c| c.is_ascii_digit());
    match name.is_empty() || is_code || name.chars().count() > NAME_CHARS_MAX {
        true => Err(AreaRefusal::NoName),
        false => Ok(()),
    }
}

/// The level of the parts of an area of a level.
fn level_below(level: AreaLevel) -> Option<AreaLevel> {
    let at = AreaLevel::ALL.iter().position(|one| *one == level)?;
    AreaLevel::ALL.get(at + 1).copied()
}

/// The area that a name is the own name of, below another.
fn called(conn: &Conn, under: &AreaCode, key: &str) -> Result<Option<AreaCode>, StoreError> {
    let sql = "select code from area where parent_code = $1 and name_key = $2 order by code";
    let found = conn.query_opt(sql, &[under.as_str().into(), key.into()], |row| row.text(0))?;
    found.map(|code| parsed(&code)).transpose()
}

/// The area that a name is kept for, below another.
fn kept(conn: &Conn, under: &AreaCode, key: &str) -> Result<Option<AreaCode>, StoreError> {
    let sql = "select area_code from area_alias where parent_code = $1 and name_key = $2 \
               and superseded_at is null";
    let found = conn.query_opt(sql, &[under.as_str().into(), key.into()], |row| row.text(0))?;
    found.map(|code| parsed(&code)).transpose()
}

fn parsed(code: &str) -> Result<AreaCode, StoreError> {
    AreaCode::parse(code).map_err(|_| StoreError::Broken("a name of no area"))
}

fn noted(
    tx: &Tx<'_>,
    id: i64,
    action: &'static str,
    (actor, reason): (&str, &str),
) -> Result<(), StoreError> {
    let object = format!("area_alias:{id}");
    tx.audit(&AuditEntry { actor, action, object: &object, before: None, after: None, reason })
}
