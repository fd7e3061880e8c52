use super::*;

fn proxies(trusted: &[&str], forwarding: Forwarding) -> Proxies {
    let trusted = trusted.iter().map(|text| text.parse().unwrap()).collect();
    Proxies { trusted, forwarding, is_behind_tls: false }
}

fn caller(proxies: &Proxies, peer: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    let caller = proxies.caller(Some(peer.parse().unwrap()), &map);
    (caller.to_string(), caller.is_secure)
}

#[test]
fn nobody_but_a_trusted_proxy_says_who_is_calling() {
    let header = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "https")];
    let none = proxies(&[], Forwarding::XForwarded);
    assert_eq!(caller(&none, "127.0.0.1", &header), ("127.0.0.1".into(), false));
    let one = proxies(&["127.0.0.1"], Forwarding::XForwarded);
    assert_eq!(caller(&one, "127.0.0.1", &header), ("198.51.100.7".into(), true));
    assert_eq!(caller(&one, "127.0.0.2", &header), ("127.0.0.2".into(), false));
}

#[test]
fn of_several_addresses_the_last_that_no_trusted_proxy_wrote_counts() {
    let proxies = proxies(&["127.0.0.1", "10.0.0.0/8"], Forwarding::XForwarded);
    for (header, expected) in [
        ("203.0.113.9, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "10.1.2.3"),
        ("203.0.113.9, unknown", "127.0.0.1"),
        ("203.0.113.9, unknown, 10.1.2.3", "10.1.2.3"),
        ("", "127.0.0.1"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ] {
        let (address, _) = caller(&proxies, "127.0.0.1", &[("x-forwarded-for", header)]);
        assert_eq!(address, expected, "{header:?}");
    }
    let lines = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.7")];
    assert_eq!(caller(&proxies, "127.0.0.1", &lines).0, "198.51.100.7");
}

#[test]
fn the_header_that_was_not_chosen_is_not_read() {
    let both = [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=\"[2001:db8:1::2]:80\";proto=http"),
    ];
    let chosen = proxies(&["127.0.0.1"], Forwarding::Forwarded);
    assert_eq!(caller(&chosen, "127.0.0.1", &both), ("2001:db8:1::2".into(), false));
    let https = [("forwarded", "for=203.0.113.9, for=198.51.100.7;PROTO=https")];
    assert_eq!(caller(&chosen, "127.0.0.1", &https), ("198.51.100.7".into(), true));
}

#[test]
fn addresses_of_one_connection_count_as_one_place() {
    let of = |text: &str| Caller { address: Some(text.parse().unwrap()), is_secure: false };
    assert_eq!(of("2001:db8:1:2::3").group(), of("2001:db8:1:2:ffff::9").group());
    assert_ne!(of("2001:db8:1:2::3").group(), of("2001:db8:1:3::3").group());
    assert_eq!(of("192.0.2.1").group(), "192.0.2.1");
}

#[test]
fn a_network_is_read_with_its_bounds() {
    for text in ["", "a", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1"] {
        assert!(text.parse::<Network>().is_err(), "{text:?}");
    }
    let all: Network = "0.0.0.0/0".parse().unwrap();
    assert!(all.contains("203.0.113.9".parse().unwrap()));
    assert!(!all.contains("2001:db8::1".parse().unwrap()));
    let one: Network = "192.0.2.1".parse().unwrap();
    assert!(one.contains("::ffff:192.0.2.1".parse().unwrap()));
    assert!(!one.contains("192.0.2.2".parse().unwrap()));
}
