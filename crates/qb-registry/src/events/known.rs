//! What the register knows of a household's members and a row about them has to repeat.

use qb_base::Keyring;
use qb_base::keyring::Purpose;
use qb_store::{Conn, StoreError};

use crate::error::RegistryError;

/// A member as the register knows them; that they may be read the caller has to know.
#[derive(Clone, Debug)]
pub struct KnownMember {
    /// The person's number.
    pub person_no: String,
    /// The name.
    pub name: String,
    /// The identity number; none of somebody without one.
    pub identity: Option<String>,
    /// What the person is to the head.
    pub relation: Option<String>,
}

impl KnownMember {
    /// Reads what is known of a person.
    ///
    /// # Errors
    /// Whatever the store says, or a broken invariant.
    pub fn read(conn: &Conn, keyring: &Keyring, id: i64) -> Result<Self, RegistryError> {
        let sql = "select person_no, name, id_sealed, relation from person where id = $1";
        let (person_no, name, sealed, relation) = conn.query_one(sql, &[id.into()], |row| {
            Ok((row.text(0)?, row.text(1)?, row.blob_opt(2)?, row.text_opt(3)?))
        })?;
        let open = |sealed: Vec<u8>| {
            let text = keyring.open(Purpose::ResidentNumber, &[&person_no], &sealed);
            let text = text.map_err(|_| RegistryError::Invariant("the seal of a number"))?;
            String::from_utf8(text).map_err(|_| RegistryError::Invariant("the text of a number"))
        };
        let identity = sealed.map(open).transpose()?;
        Ok(Self { person_no, name, identity, relation })
    }
}

/// The head of a household, or its first member where it has none; none where nobody is left.
///
/// # Errors
/// Whatever the store says.
pub fn head_or_first(conn: &Conn, household: i64) -> Result<Option<i64>, StoreError> {
    let sql = "select id from person where household_id = $1 \
               order by case when relation = 'HEAD' then 0 else 1 end, id limit 1";
    conn.query_opt(sql, &[household.into()], |row| row.int(0))
}

/// How many members a household says it has; none where it never said.
///
/// # Errors
/// Whatever the store says.
pub fn member_count(conn: &Conn, household: i64) -> Result<Option<i64>, StoreError> {
    let sql = "select member_count from household where id = $1";
    conn.query_one(sql, &[household.into()], |row| row.int_opt(0))
}

/// Whether somebody has this number.
///
/// # Errors
/// Whatever the store says.
pub fn is_taken(conn: &Conn, person_no: &str) -> Result<bool, StoreError> {
    let sql = "select count(*) from person where person_no = $1";
    Ok(conn.query_one(sql, &[person_no.into()], |row| row.int(0))? > 0)
}
