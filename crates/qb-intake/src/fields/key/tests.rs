use super::*;

fn text(text: &str) -> Reading<String> {
    key(Value::text(text)).map(Cow::into_owned)
}

fn number(text: &str) -> Reading<String> {
    key(Value { kind: CellKind::Number, text: text.as_bytes() }).map(Cow::into_owned)
}

#[test]
fn a_plain_key_is_taken_as_it_is() {
    for plain in ["3203241130030001", "H000001", "XM-2016_7", "苏发〔2016〕12号", "12E3"] {
        assert_eq!(text(plain), Reading::Value(plain.to_owned()), "{plain}");
    }
    assert_eq!(text("  "), Reading::Blank);
    assert_eq!(text("NULL"), Reading::Null);
}

#[test]
fn f2_damage_that_can_be_undone_is_undone() {
    for damaged in [
        "'3203241130030001",
        "‘3203241130030001’",
        "`3203241130030001",
        "３２０３２４１１３００３０００１",
        "3203 2411 3003 0001",
        "3203\u{3000}241130030001",
        "3203241130030001.0",
        "=\"3203241130030001\"",
        "=“3203241130030001”",
        "3203241130030001_x000D_",
        "3203\u{200b}241130030001",
        "3203241130030001\u{a0}",
        "3,203,241,130,030,001",
    ] {
        let expected = Reading::Repaired("3203241130030001".to_owned(), Issue::KeyFolded);
        let read = text(damaged);
        assert!(
            read == expected || read == Reading::Value("3203241130030001".to_owned()),
            "{damaged:?} {read:?}"
        );
    }
    let document = Reading::Repaired("苏发〔2016〕12号".to_owned(), Issue::KeyFolded);
    assert_eq!(text("苏发〔２０１６〕 12号"), document);
}

#[test]
fn f4_damage_that_cannot_be_undone_is_refused() {
    let lost = Reading::Fault(Issue::KeyDamaged);
    for damaged in ["3.20312E+15", "3.203241130030001E15", "3E+15", "3.2e15", "'3.2E+15"] {
        assert_eq!(text(damaged), lost, "{damaged}");
    }
    for damaged in ["3203241130030000", "3.203241130030001E15", "1E300", "16.5", "-5"] {
        assert_eq!(number(damaged), lost, "{damaged}");
    }
    for kind in [CellKind::Date1900, CellKind::Date1904, CellKind::Bool] {
        assert_eq!(key(Value { kind, text: b"42371" }), Reading::Fault(Issue::KeyDamaged));
    }
}

#[test]
fn a_number_cell_is_read_as_a_whole_number() {
    for (cell, expected) in
        [("18", "18"), ("18.0", "18"), ("1.8956790046E10", "18956790046"), ("0", "0")]
    {
        assert_eq!(number(cell), Reading::Value(expected.to_owned()), "{cell}");
    }
    assert_eq!(number("999999999999999"), Reading::Value("999999999999999".to_owned()));
}
