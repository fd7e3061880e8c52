use super::*;

const ROW: &[&str] = &["H1"];

fn keyring() -> Keyring {
    Keyring::new(&[7; MASTER_KEY_BYTES])
}

#[test]
fn a_sealed_text_opens_only_for_its_purpose() {
    let sealed = keyring().seal(Purpose::Phone, ROW, b"13800000000");
    assert_eq!(keyring().open(Purpose::Phone, ROW, &sealed.0).unwrap(), b"13800000000");
    assert_eq!(keyring().open(Purpose::ResidentNumber, ROW, &sealed.0), Err(SealBroken));
}

#[test]
fn a_sealed_text_opens_only_in_its_row() {
    let sealed = keyring().seal(Purpose::Record, &["visit", "7|1"], b"{}");
    assert!(keyring().open(Purpose::Record, &["visit", "7|1"], &sealed.0).is_ok());
    for other in [&["visit", "7|2"][..], &["visit"], &["visit7|1"], &["visi", "t7|1"], &[]] {
        assert_eq!(keyring().open(Purpose::Record, other, &sealed.0), Err(SealBroken));
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let sealed = keyring().seal(Purpose::Phone, ROW, b"13800000000");
    for i in 0..sealed.0.len() {
        let mut bytes = sealed.0.clone();
        bytes[i] ^= 1;
        assert_eq!(keyring().open(Purpose::Phone, ROW, &bytes), Err(SealBroken), "byte {i}");
    }
    assert_eq!(keyring().open(Purpose::Phone, ROW, &[]), Err(SealBroken));
}

#[test]
fn another_key_gives_another_index_and_opens_nothing() {
    let other = Keyring::new(&[8; MASTER_KEY_BYTES]);
    let sealed = keyring().seal(Purpose::Phone, ROW, b"1");
    assert_eq!(other.open(Purpose::Phone, ROW, &sealed.0), Err(SealBroken));
    assert_ne!(other.blind(Purpose::Phone, b"1"), keyring().blind(Purpose::Phone, b"1"));
}

#[test]
fn sealing_twice_gives_the_same_bytes() {
    let twice =
        [(); 2].map(|()| keyring().seal(Purpose::ResidentNumber, ROW, b"11010519491231002X"));
    assert_eq!(twice[0], twice[1]);
    assert!(!twice[0].0.windows(8).any(|w| w == b"19491231"));
}

#[test]
fn sealing_behind_other_bytes_gives_the_same_and_the_index() {
    let (keyring, number) = (keyring(), b"11010519491231002X");
    let mut out = b"before".to_vec();
    let index = keyring.seal_into(Purpose::ResidentNumber, ROW, number, &mut out);
    assert_eq!(index, keyring.blind(Purpose::ResidentNumber, number));
    assert_eq!(out[6..], keyring.seal(Purpose::ResidentNumber, ROW, number).0);
    assert_eq!(out.len(), 6 + 1 + NONCE_BYTES + number.len() + TAG_BYTES);
}
