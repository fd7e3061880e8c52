//! Accounts: passwords, and the accounts of the demonstration.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use qb_access::Role;
use qb_base::{AreaCode, AreaLevel, Text, env};
use qb_registry::queries;
use qb_store::{Conn, Store, StoreError, Value};

use crate::caller::Caller;
use crate::fault::Fault;
use crate::sign_in::{self, Outcome, Source};
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

/// What becomes of a password that was made up for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstPassword {
    /// The person replaces it.
    #[default]
    Changes,
    /// The account goes on with it, as whoever made it wished; the audit says so.
    Stays,
}

impl FirstPassword {
    /// What the audit adds.
    const fn remark(self) -> &'static str {
        match self {
            Self::Changes => "",
            Self::Stays => "; the first password stays",
        }
    }
}

/// A person who gave a login and its password at the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// How the audit chain names the person, as on pages.
    pub actor: String,
    /// The role.
    pub role: Role,
    /// The area the role is held for.
    pub area: AreaCode,
}

/// Checks a login and a password for one command; failures count as on the page of signing in.
///
/// # Errors
/// [`AccountError::Wrong`] where they do not belong together, [`AccountError::Wait`] after too many
/// failures.
pub fn identify(store: &Store, login: &str, password: &str) -> Result<Person, AccountError> {
    let source = Source { caller: Caller::default(), device: None };
    // Whoever sits at the machine waits for nothing but the count of failures.
    let (outcome, _) = sign_in::check(store, login, password, &source).map_err(|fault| {
        AccountError::Store(match fault {
            Fault::Store(error) => error,
            other => StoreError::Database(other.what().en.into_owned()),
        })
    })?;
    let welcome = match outcome {
        Outcome::Welcome(welcome) => welcome,
        Outcome::Wrong => return Err(AccountError::Wrong),
        Outcome::Wait { seconds } => return Err(AccountError::Wait { seconds }),
    };
    let unknown = || AccountError::Unknown(login.to_owned());
    let id = welcome.user_id;
    let area = store.write(|tx| {
        sign_in::forget(tx, &welcome)?;
        let user = format!("user:{id}");
        tx.audit(&audit_entry(&user, "session.command", &user, "at the command line"))?;
        let sql = "select area_code from app_user where id = $1";
        tx.query_one(sql, &[Value::Int(id)], |row| row.text(0))
    })?;
    let role = welcome.role.ok_or_else(unknown)?;
    let area = AreaCode::parse(&area).map_err(|_| unknown())?;
    Ok(Person { actor: format!("user:{id}"), role, area })
}

/// Why an account cannot be made, renewed or used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The login is taken, by an account of this role and area.
    #[error("the login {login} is taken by an account with the role {role} for {area}")]
    Taken {
        /// The login.
        login: String,
        /// The role code it holds.
        role: String,
        /// The area it is held for.
        area: String,
    },
    /// There is no such account, or it is disabled.
    #[error("there is no account {0}")]
    Unknown(String),
    /// Login and password do not belong together; which of them is wrong is not said.
    #[error("login and password do not belong together")]
    Wrong,
    /// Too many failures.
    #[error("too many failures; try again in {seconds} seconds")]
    Wait {
        /// Seconds to wait.
        seconds: i64,
    },
    /// Whatever the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    /// What is wrong and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Taken { login, role, area } => Text::fixed(
                "登录名“{login}”已有账号(角色{role},区划{area}),没有改动。请换一个登录名;只是要重发密码,\
                 请照原角色、原区划加上 --renew-password",
                "the login {login} is taken by an account with the role {role} for {area}; nothing was \
                 changed. choose another login; to give that account a new password, name its own \
                 role and area and add --renew-password",
            )
            .fill(&[("login", login), ("role", role), ("area", area)]),
            Self::Unknown(login) => Text::fixed(
                "没有可用的账号“{login}”;请核对登录名,或先用 qibang user add 建立",
                "there is no account {login} in use; check the login, or make it with qibang user add",
            )
            .fill(&[("login", login)]),
            Self::Wrong => Text::fixed(
                "登录名与密码不符,没有改动;请核对后重试",
                "login and password do not belong together; nothing was changed, check them and try again",
            ),
            Self::Wait { seconds } => Text::fixed(
                "失败次数过多,请在{seconds}秒后再试",
                "too many failures; try again in {seconds} seconds",
            )
            .fill(&[("seconds", &seconds.to_string())]),
            Self::Store(error) => error.text(),
        }
    }
}

/// Creates an account.
///
/// Returns the generated password, which is stored nowhere.
///
/// # Errors
/// [`AccountError::Taken`] where the login has an account: nothing of it is changed then.
pub fn create(
    store: &Store,
    actor: &str,
    account: &NewAccount<'_>,
) -> Result<String, AccountError> {
    create_with(store, actor, account, FirstPassword::default())
}

/// As [`create`], saying what becomes of the password.
///
/// # Errors
/// As [`create`].
pub fn create_with(
    store: &Store,
    actor: &str,
    account: &NewAccount<'_>,
    first: FirstPassword,
) -> Result<String, AccountError> {
    let password = random_password()?;
    let password_hash = hash(&password)?;
    let area = account.area.to_string();
    store.write(|tx| {
        if let Some((_, role, area)) = holder(tx, account.login)? {
            let login = account.login.to_owned();
            return Err(AccountError::Taken { login, role, area });
        }
        let id = tx.next_id("app_user")?;
        tx.execute(
            "insert into app_user (id, login, display_name, role, area_code, password_hash, \
             created_at, subject) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                Value::Int(id),
                Value::Text(account.login),
                Value::Text(account.display_name),
                Value::Text(account.role.code()),
                Value::from(&area),
                Value::from(&password_hash),
                Value::Int(env::now().0),
                Value::from(account.subject),
            ],
        )?;
        let reason = format!("role {} for area {area}{}", account.role, first.remark());
        Ok(tx.audit(&audit_entry(actor, "account.create", &format!("user:{id}"), &reason))?)
    })?;
    Ok(password)
}

/// Gives an account a new password and ends its sessions; role and area stay what they are.
///
/// Returns the generated password, which is stored nowhere.
///
/// # Errors
/// [`AccountError::Unknown`] where nobody has the login, [`AccountError::Taken`] where whoever has
/// it holds another role or area than the one named.
pub fn renew(
    store: &Store,
    actor: &str,
    account: &NewAccount<'_>,
    first: FirstPassword,
) -> Result<String, AccountError> {
    let password = random_password()?;
    let password_hash = hash(&password)?;
    store.write(|tx| {
        let login = account.login.to_owned();
        let Some((id, role, area)) = holder(tx, account.login)? else {
            return Err(AccountError::Unknown(login));
        };
        if (role.as_str(), area.as_str()) != (account.role.code(), account.area.as_str()) {
            return Err(AccountError::Taken { login, role, area });
        }
        tx.execute(
            "update app_user set password_hash = $1 where id = $2",
            &[Value::from(&password_hash), Value::Int(id)],
        )?;
        tx.execute("delete from session where user_id = $1", &[Value::Int(id)])?;
        let object = format!("user:{id}");
        let reason = format!("a new password{}", first.remark());
        Ok(tx.audit(&audit_entry(actor, "account.renew", &object, &reason))?)
    })?;
    Ok(password)
}

/// Whether anybody has an account: until then nobody could confirm anything.
///
/// # Errors
/// Whatever the store says.
pub fn exist(store: &Store) -> Result<bool, StoreError> {
    let sql = "select id from app_user limit 1";
    store.read(|conn| Ok(conn.query_opt(sql, &[], |row| row.int(0))?.is_some()))
}

/// The id, role and area of whoever has a login.
fn holder(conn: &Conn, login: &str) -> Result<Option<(i64, String, String)>, StoreError> {
    let sql = "select id, role, area_code from app_user where login = $1";
    conn.query_opt(sql, &[Value::Text(login)], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))
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
/// Whatever the store says, and [`AccountError::Taken`] where one of the logins has an account;
/// nothing is made when no household is registered yet.
pub fn create_demo_users(store: &Store, actor: &str) -> Result<Vec<DemoAccount>, AccountError> {
    let Some(village) = store.read(queries::demo_village)? else { return Ok(Vec::new()) };
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
fn demo_pair(conn: &Conn, village: AreaCode) -> Result<Option<(String, String)>, StoreError> {
    let fields = queries::demo_record(conn, HOUSEHOLD_PAIRING, village)?;
    let fields = fields.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let text = |column: &str| Some(fields.as_ref()?.get(column)?.as_str()?.to_owned());
    Ok(text("household_no").zip(text("helper_no")))
}

fn area_name(conn: &Conn, area: AreaCode) -> Result<String, StoreError> {
    let name = qb_registry::areas::name(conn, area)?;
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
