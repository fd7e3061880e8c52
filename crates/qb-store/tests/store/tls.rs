//! The link to a PostgreSQL server over TLS, with certificates made for the test.

use postgres::{Client, NoTls};
use qb_store::testing::{TestStore, scratch_dir};
use qb_store::{PgAddress, Place, Store, StoreError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// A certificate authority of its own, in PEM, and what it signs for `localhost`.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn for_localhost(&self) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

/// Turns TLS on at the server of the tests; connections that do without are served as before.
fn turn_on(server: &str, authority: &Authority) {
    let mut admin = Client::connect(server, NoTls).unwrap();
    let (certificate, key) = authority.for_localhost();
    for (name, text) in [("test-server.crt", certificate), ("test-server.key", key)] {
        let lines = text.lines().map(|line| format!("('{line}')")).collect::<Vec<_>>().join(",");
        // The server writes its own files: only it may read its key.
        let program = format!("umask 077 && cat > {name}");
        let sql = format!("copy (values {lines}) to program '{program}'");
        admin.batch_execute(&sql).unwrap();
    }
    for (name, value) in
        [("ssl_cert_file", "test-server.crt"), ("ssl_key_file", "test-server.key"), ("ssl", "on")]
    {
        admin.batch_execute(&format!("alter system set {name} = '{value}'")).unwrap();
    }
    admin.batch_execute("select pg_reload_conf()").unwrap();
    while admin.query_one("show ssl", &[]).unwrap().get::<_, String>(0) != "on" {}
}

#[test]
fn a_server_is_reached_over_tls_only_with_a_certificate_of_its_name_by_a_trusted_authority() {
    let Ok(server) = std::env::var("QIBANG_TEST_POSTGRES") else { return };
    let test = TestStore::postgres(&server);
    let folder = scratch_dir("tls");
    std::fs::create_dir_all(&folder).unwrap();
    let (ours, other) = (Authority::new(), Authority::new());
    let (trusted, foreign) = (folder.join("ca.pem"), folder.join("other.pem"));
    std::fs::write(&trusted, ours.0.pem()).unwrap();
    std::fs::write(&foreign, other.0.pem()).unwrap();
    turn_on(&server, &ours);
    let url = format!("{:?}", test.store.place().postgres.as_ref().unwrap());
    let url = url.trim_start_matches("PgAddress(").trim_end_matches(')').to_owned();
    let open = |host: &str, roots: &std::path::Path| {
        let url = url.replace("127.0.0.1", host);
        let url = format!("{url}?sslmode=verify-full&sslrootcert={}", roots.display());
        let address = PgAddress::parse(&url, None).unwrap();
        Store::open(Place { postgres: Some(address), ..test.store.place().clone() })
    };
    let store = open("localhost", &trusted).unwrap();
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    assert!(store.read(|conn| conn.query_one(sql, &[], |row| row.bool(0))).unwrap());
    for (host, roots) in [("localhost", &foreign), ("127.0.0.1", &trusted)] {
        let refused = open(host, roots);
        let Err(StoreError::Unreachable(why)) = refused else { panic!("{host}: {refused:?}") };
        assert!(why.contains("certificate"), "{host}: {why}");
    }
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
}
