//! Accounts: passwords, and the accounts of the demonstration.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, env};
use qb_store::{Store, StoreError, Value};

use crate::state::audit_entry;

/// Longest password that is looked at, so that hashing cannot be used to tire the server.
const PASSWORD_BYTES_MAX: usize = 256;
/// Characters that cannot be taken for one another; 32 of them, five bits each.
const PASSWORD_ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789+";
const PASSWORD_CHARACTERS: usize = 16;

/// An account made for the demonstration; the password is shown once and stored nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// The login name.
    pub login: String,
    /// The generated password.
    pub password: String,
    /// The role.
    pub role: Role,
    /// The area the role is held for.
    pub area: AreaCode,
    /// The name of that area.
    pub area_name: String,
}

/// Whether a password belongs to a stored hash.
pub(crate) fn verify(password: &str, hash: &str) -> bool {
    password.len() <= PASSWORD_BYTES_MAX
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that takes as much work as any, for names that nobody has.
pub(crate) fn stand_in_hash() -> Result<&'static str, StoreError> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let made = hash("no account has this password")?;
    Ok(HASH.get_or_init(|| made))
}

fn hash(password: &str) -> Result<String, StoreError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| StoreError::Database(format!("the password could not be hashed: {error}")))
}

fn random_password() -> Result<String, StoreError> {
    let mut bytes = [0; PASSWORD_CHARACTERS];
    env::fill_random(&mut bytes).map_err(|error| StoreError::Database(error.to_string()))?;
    let mut password = String::with_capacity(PASSWORD_CHARACTERS + 3);
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            password.push('-');
        }
        let index = usize::from(byte % 32);
        password.push(char::from(PASSWORD_ALPHABET[index]));
    }
    Ok(password)
}

/// A new account.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    /// The login name.
    pub login: &'a str,
    /// The name pages greet with.
    pub display_name: &'a str,
    /// The role.
    pub role: Role,
    /// The area the role is held for.
    pub area: AreaCode,
    /// The number of the household or helper it stands for.
    pub subject: Option<&'a str>,
}

/// Creates an account, or gives an existing one a new password, role and area and ends its
/// sessions.
///
/// Returns the generated password, which is stored nowhere.
///
/// # Errors
/// Whatever the store says.
pub fn create(store: &Store, actor: &str, account: &NewAccount<'_>) -> Result<String, StoreError> {
    let password = random_password()?;
    let password_hash = hash(&password)?;
    let now = env::now().0;
    let area = account.area.to_string();
    store.write(|tx| {
        let known = tx.query_opt(
            "select id from app_user where login = $1",
            &[Value::Text(account.login)],
            |row| row.int(0),
        )?;
        let (id, action) = match known {
            Some(id) => {
                tx.execute(
                    "update app_user set display_name = $1, role = $2, area_code = $3, \
                     password_hash = $4, failed_count = 0, locked_until_at = null, \
                     disabled_at = null, subject = $5 where id = $6",
                    &[
                        Value::Text(account.display_name),
                        Value::Text(account.role.code()),
                        Value::from(&area),
                        Value::from(&password_hash),
                        Value::from(account.subject),
                        Value::Int(id),
                    ],
                )?;
                tx.execute("delete from session where user_id = $1", &[Value::Int(id)])?;
                (id, "account.renew")
            }
            None => {
                let id = tx.next_id("app_user")?;
                tx.execute(
                    "insert into app_user (id, login, display_name, role, area_code, \
                     password_hash, failed_count, created_at, subject) \
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    &[
                        Value::Int(id),
                        Value::Text(account.login),
                        Value::Text(account.display_name),
                        Value::Text(account.role.code()),
                        Value::from(&area),
                        Value::from(&password_hash),
                        Value::Int(0),
                        Value::Int(now),
                        Value::from(account.subject),
                    ],
                )?;
                (id, "account.create")
            }
        };
        let reason = format!("role {} for area {area}", account.role);
        tx.audit(&audit_entry(actor, action, &format!("user:{id}"), &reason))
    })?;
    Ok(password)
}

/// The list of who answers for which household.
pub(crate) const HOUSEHOLD_PAIRING: &str = "household_pairing";

/// The roles of the demonstration and the level of the area each is held for.
const DEMO: &[(&str, Role, AreaLevel)] = &[
    ("city", Role::CityOfficer, AreaLevel::City),
    ("leader", Role::Leader, AreaLevel::City),
    ("auditor", Role::Auditor, AreaLevel::City),
    ("health", Role::DeptHealth, AreaLevel::City),
    ("assessor", Role::Assessor, AreaLevel::County),
    ("county", Role::CountyOfficer, AreaLevel::County),
    ("town", Role::TownClerk, AreaLevel::Town),
    ("village", Role::VillageClerk, AreaLevel::Village),
    ("helper", Role::Helper, AreaLevel::Village),
    ("household", Role::Household, AreaLevel::Village),
    ("admin", Role::SystemAdmin, AreaLevel::City),
];

/// Creates one account for each role people try first, with generated passwords.
///
/// The areas form one path from the city down to a village with registered households, so that what
/// one role sees can be compared with what the next one sees.
///
/// # Errors
/// Whatever the store says; nothing is made when no household is registered yet.
pub fn create_demo_users(store: &Store, actor: &str) -> Result<Vec<DemoAccount>, StoreError> {
    let Some(village) = store.read(demo_village)? else { return Ok(Vec::new()) };
    let Ok(village) = AreaCode::parse(&village) else { return Ok(Vec::new()) };
    let pair = store.read(|conn| demo_pair(conn, village))?;
    let mut accounts = Vec::with_capacity(DEMO.len());
    for (login, role, level) in DEMO {
        let Some(area) = village.at(*level) else { continue };
        let area_name = store.read(|conn| area_name(conn, area))?;
        let display_name = format!("{area_name}·{}", role.label().zh);
        let subject = match (role, &pair) {
            (Role::Household, Some((household, _))) => Some(household.as_str()),
            (Role::Helper, Some((_, helper))) => Some(helper.as_str()),
            (Role::Household | Role::Helper, None) => continue,
            _ => None,
        };
        let account = NewAccount { login, display_name: &display_name, role: *role, area, subject };
        let password = create(store, actor, &account)?;
        accounts.push(DemoAccount {
            login: (*login).to_owned(),
            password,
            role: *role,
            area,
            area_name,
        });
    }
    Ok(accounts)
}

/// A household of a village and the helper it is paired with, by their numbers.
fn demo_pair(
    conn: &qb_store::Conn,
    village: AreaCode,
) -> Result<Option<(String, String)>, StoreError> {
    let (low, high) = village.range();
    let fields = conn.query_opt(
        "select fields from record where dataset = $1 and superseded_at is null \
         and area_code >= $2 and area_code < $3 and household_id is not null \
         order by area_code, record_key limit 1",
        &[Value::Text(HOUSEHOLD_PAIRING), Value::from(&low), Value::from(&high)],
        |row| row.text(0),
    )?;
    let fields = fields.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let text = |column: &str| Some(fields.as_ref()?.get(column)?.as_str()?.to_owned());
    Ok(text("household_no").zip(text("helper_no")))
}

/// A designated village with households, or any village with households.
fn demo_village(conn: &qb_store::Conn) -> Result<Option<String>, StoreError> {
    let designated = conn.query_opt(
        "select d.area_code from designation d \
         where d.valid_to is null and d.superseded_at is null \
           and exists (select 1 from household h where h.area_code = d.area_code) \
         order by d.area_code desc limit 1",
        &[],
        |row| row.text(0),
    )?;
    if designated.is_some() {
        return Ok(designated);
    }
    conn.query_opt("select area_code from household order by area_code, id limit 1", &[], |row| {
        row.text(0)
    })
}

fn area_name(conn: &qb_store::Conn, area: AreaCode) -> Result<String, StoreError> {
    let name = conn.query_opt(
        "select name from area where code = $1 order by valid_from desc limit 1",
        &[Value::from(&area.to_string())],
        |row| row.text(0),
    )?;
    Ok(name.unwrap_or_else(|| area.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_password_has_eighty_bits_and_is_never_the_same() {
        let (one, two) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!((one.len(), one.matches('-').count()), (19, 3));
        assert_ne!(one, two);
    }

    #[test]
    fn only_the_right_password_verifies() {
        let hash = hash("right").unwrap();
        assert!(verify("right", &hash));
        assert!(!verify("wrong", &hash));
        assert!(!verify(&"right".repeat(1_000), &hash));
        assert!(!verify("right", "no hash at all"));
    }
}
