//! The address of a PostgreSQL database: where it is, how the link is protected, and from where
//! its password comes.
//!
//! Over a network the link is encrypted and the server's certificate and name are checked, always:
//! an address that asks for less is refused. A password never stands in the address, which every
//! user of the machine can read in the list of processes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use qb_base::Text;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::StoreError;

/// Where Linux distributions keep the certificates that the machine trusts.
const SYSTEM_ROOTS: &[&str] =
    &["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// A PostgreSQL database that can be connected to.
#[derive(Clone)]
pub struct PgAddress {
    url: String,
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl fmt::Debug for PgAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PgAddress({})", self.url)
    }
}

impl PartialEq for PgAddress {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for PgAddress {}

/// What the words behind `?` in an address say about the protection of the link.
#[derive(Default)]
struct Protection {
    mode: Option<String>,
    roots: Option<String>,
}

impl PgAddress {
    /// Reads an address such as `postgres://user@db.example/qibang?sslrootcert=/etc/qibang/ca.pem`.
    ///
    /// The password comes from `password_file`, `PGPASSWORD`, or the file that `PGPASSFILE` names
    /// (`~/.pgpass` without it), in this order.
    ///
    /// # Errors
    /// [`StoreError::Address`] for an address that cannot be read or used as it is.
    pub fn parse(url: &str, password_file: Option<&Path>) -> Result<Self, StoreError> {
        let (plain, asked) = split(url);
        // The fault of the library may quote the address, password included.
        let mut config: Config = plain.parse().map_err(|_| unreadable())?;
        if config.get_password().is_some() {
            return Err(StoreError::Address(Text::fixed(
                "数据库地址里写了密码，本机所有用户都能在进程列表里看到；请改用 \
                 --database-password-file 文件、PGPASSFILE 或 PGPASSWORD",
                "the database address holds a password, which every user of this machine can read \
                 in the list of processes; use --database-password-file FILE, PGPASSFILE or \
                 PGPASSWORD",
            )));
        }
        if config.get_hosts().is_empty() {
            return Err(unreadable());
        }
        if let Some(password) = password(&config, password_file)? {
            config.password(password);
        }
        let tls = protect(&config, &asked)?;
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        Ok(Self { url: url.to_owned(), config, tls })
    }

    /// The same server, another database.
    pub(crate) fn database(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.config.dbname(name);
        let (base, words) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (server, _) = base.rsplit_once('/').unwrap_or((base, ""));
        let join = if words.is_empty() { "" } else { "?" };
        other.url = format!("{server}/{name}{join}{words}");
        other
    }

    pub(crate) fn connect(&self) -> Result<Client, StoreError> {
        let connected = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        connected.map_err(|error| match error.as_db_error() {
            Some(_) => error.into(),
            None => StoreError::Unreachable(chain_of(&error)),
        })
    }
}

/// An error with what caused it: "error performing TLS handshake" alone helps nobody.
fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}

fn unreadable() -> StoreError {
    StoreError::Address(Text::fixed(
        "数据库地址读不懂；应形如 postgres://用户@主机/库名",
        "the database address cannot be read; it looks like postgres://USER@HOST/DATABASE",
    ))
}

/// Takes the words about protection out of an address: the library knows only some of them.
fn split(url: &str) -> (String, Protection) {
    let mut asked = Protection::default();
    let Some((base, words)) = url.split_once('?') else { return (url.to_owned(), asked) };
    let mut kept = Vec::new();
    for word in words.split('&') {
        match word.split_once('=') {
            Some(("sslmode", mode)) => asked.mode = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => asked.roots = Some(file.replace("%2F", "/")),
            _ => kept.push(word),
        }
    }
    let join = if kept.is_empty() { "" } else { "?" };
    (format!("{base}{join}{}", kept.join("&")), asked)
}

/// Whether everything the address names is this machine.
fn is_local(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            let address = name.trim_start_matches('[').trim_end_matches(']');
            name == "localhost"
                || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    });
    named && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

/// The protection of the link; none only where it does not leave the machine.
fn protect(config: &Config, asked: &Protection) -> Result<Option<MakeRustlsConnect>, StoreError> {
    match asked.mode.as_deref() {
        Some("disable") | None if is_local(config) => Ok(None),
        Some("verify-full") | None => Ok(Some(verifying(asked.roots.as_deref())?)),
        Some(mode) => Err(StoreError::Address(Text::new(
            format!(
                "数据库地址写着 sslmode={mode}，不检查服务器证书，连接会被冒充或窃听；\
                 请写 sslmode=verify-full（本机可写 disable）"
            ),
            format!(
                "the database address says sslmode={mode}, which leaves the server's certificate \
                 unchecked, so that others can read along; write sslmode=verify-full (on this \
                 machine also disable)"
            ),
        ))),
    }
}

fn verifying(roots: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    let named = roots.map(PathBuf::from).or_else(|| env::var_os("PGSSLROOTCERT").map(Into::into));
    let system = || SYSTEM_ROOTS.iter().map(PathBuf::from).find(|path| path.is_file());
    let path = named.or_else(system).ok_or_else(|| {
        StoreError::Address(Text::fixed(
            "没有可信的根证书，无法检查数据库服务器；请在地址后写 ?sslrootcert=文件",
            "there is no root certificate to check the database server with; add \
             ?sslrootcert=FILE to its address",
        ))
    })?;
    let fault = |error: &dyn fmt::Display| {
        let path = path.display();
        StoreError::Address(Text::new(
            format!("根证书文件“{path}”无法使用：{error}"),
            format!("the root certificates in {path} cannot be used: {error}"),
        ))
    };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&path).map_err(|error| fault(&error))? {
        let certificate = certificate.map_err(|error| fault(&error))?;
        store.add(certificate).map_err(|error| fault(&error))?;
    }
    if store.is_empty() {
        return Err(fault(&"it holds no certificate"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&error))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The password, or none where the server asks for none.
fn password(config: &Config, file: Option<&Path>) -> Result<Option<String>, StoreError> {
    if let Some(file) = file {
        let text = private_text(file)?;
        // An empty file holds no password; one with a blank line holds a blank one.
        return Ok(text.lines().next().map(str::to_owned));
    }
    if let Ok(password) = env::var("PGPASSWORD") {
        return Ok(Some(password));
    }
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".pgpass"));
    let named = env::var_os("PGPASSFILE").map(PathBuf::from);
    let Some(file) = named.or_else(|| home().filter(|file| file.is_file())) else {
        return Ok(None);
    };
    Ok(private_text(&file)?.lines().find_map(|line| passed(line, config)))
}

/// Reads a file that holds a secret; one that others can read is refused.
fn private_text(file: &Path) -> Result<String, StoreError> {
    crate::keys::refuse_readable_by_others(file)?;
    fs::read_to_string(file).map_err(|error| crate::place::failed(file, &error))
}

/// The password of a line `host:port:database:user:password` that speaks of this database.
fn passed(line: &str, config: &Config) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let field = fields.last_mut()?;
        match character {
            '\\' => field.extend(characters.next()),
            ':' => fields.push(String::new()),
            other => field.push(other),
        }
    }
    let [host, port, database, user, password] = <[String; 5]>::try_from(fields).ok()?;
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(_) => "localhost".to_owned(),
        })
        .collect();
    let ports: Vec<String> = match config.get_ports() {
        [] => vec!["5432".to_owned()],
        ports => ports.iter().map(ToString::to_string).collect(),
    };
    let fits = |field: &str, values: &[String]| field == "*" || values.iter().any(|v| v == field);
    let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect::<Vec<_>>();
    let user_fits = fits(&user, &one(config.get_user()));
    let database_fits = fits(&database, &one(config.get_dbname().or(config.get_user())));
    (fits(&host, &hosts) && fits(&port, &ports) && database_fits && user_fits).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        match PgAddress::parse(url, None) {
            Err(StoreError::Address(text)) => text.en.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let said = refused("postgres://qibang:secret@127.0.0.1/register");
        assert!(said.contains("--database-password-file") && !said.contains("secret"), "{said}");
        let said = refused("postgres://qibang:sec ret@[::1/register");
        assert!(!said.contains("ret@"), "{said}");
    }

    #[test]
    fn a_link_over_a_network_is_checked_whatever_the_address_asks() {
        for mode in ["disable", "allow", "prefer", "require", "verify-ca", "none"] {
            let said = refused(&format!("postgres://q@db.example/register?sslmode={mode}"));
            assert!(said.contains("verify-full"), "{mode}: {said}");
        }
        for local in ["127.0.0.1", "localhost", "[::1]", "%2Frun%2Fpostgresql"] {
            let address = PgAddress::parse(&format!("postgres://q@{local}/register"), None);
            assert!(address.unwrap().tls.is_none(), "{local}");
        }
        let elsewhere = "postgres://q@localhost/register?hostaddr=10.0.0.1&sslmode=disable";
        assert!(refused(elsewhere).contains("verify-full"));
    }

    #[test]
    fn root_certificates_that_cannot_be_used_are_named() {
        let url = "postgres://q@db.example/register?sslrootcert=/nowhere/ca.pem";
        assert!(refused(url).contains("/nowhere/ca.pem"));
    }

    #[test]
    fn a_line_of_a_password_file_speaks_of_one_database_of_one_user() {
        let config: Config = "postgres://q@localhost:5433/register".parse().unwrap();
        for line in ["localhost:5433:register:q:a\\:b", "*:*:*:*:a\\:b"] {
            assert_eq!(passed(line, &config).as_deref(), Some("a:b"));
        }
        let others =
            ["localhost:5432:register:q:x", "localhost:5433:other:q:x", "# *:*:*:*:x", "x"];
        assert!(others.iter().all(|line| passed(line, &config).is_none()));
    }

    #[test]
    fn another_database_of_a_server_keeps_how_the_link_is_protected() {
        let address = PgAddress::parse("postgres://q@localhost/a?sslmode=disable", None).unwrap();
        assert_eq!(address.database("b").url, "postgres://q@localhost/b?sslmode=disable");
    }
}
