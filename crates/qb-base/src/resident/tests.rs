use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const STANDARD: &str = "11010519491231002X";

fn read(text: &str) -> Result<Normalised, ResidentNumberFault> {
    ResidentNumber::parse(text)
}

#[test]
fn the_examples_of_the_standard_are_valid() {
    let first = read(STANDARD).unwrap().number;
    assert_eq!((first.sex(), first.birth_date()), (Sex::Female, date(1949, 12, 31)));
    assert_eq!(read("34052419800101001X").unwrap().number.sex(), Sex::Male);
    assert_eq!(read("320381200802290042").unwrap().number.birth_date(), date(2008, 2, 29));
    assert!(read("320321195001011234").is_ok());
}

#[test]
fn a_birth_in_1880_has_a_valid_checksum_and_an_implausible_age() {
    let number = read("440524188001010014").unwrap().number;
    assert!(!number.is_plausible_on(date(2016, 12, 31)));
    assert!(read(STANDARD).unwrap().number.is_plausible_on(date(2016, 12, 31)));
}

#[test]
fn what_cannot_be_repaired_is_refused_with_its_reason() {
    use ResidentNumberFault as F;
    let cases = [
        ("320321195001011239", F::Checksum),
        ("320324198513010019", F::Date),
        ("1.10105E+17", F::Damaged),
        ("110105194912310000", F::Damaged),
        ("110105194912310020.00", F::Damaged),
        ("111111111111111111", F::Placeholder),
        ("", F::Empty),
        ("   ", F::Empty),
        ("1101051949123100", F::Length(16)),
        ("一一0105194912310020", F::Length(22)),
        ("11010519491231002X94", F::Card),
    ];
    for (text, fault) in cases {
        let got = read(text).unwrap_err();
        let lengths = matches!((got, fault), (F::Length(_) | F::Characters, F::Length(_)));
        assert!(got == fault || lengths, "{got:?} instead of {fault:?}");
    }
}

#[test]
fn each_safe_repair_is_recorded() {
    use Repair as R;
    let cases: [(&str, &[Repair]); 7] = [
        ("11010519491231002x", &[R::LowerCaseX]),
        ("１１０１０５１９４９１２３１００２Ｘ", &[R::FullWidth]),
        ("1101051949123100 2X", &[R::Blanks]),
        ("\u{feff}11010519491231002X\u{200b}", &[R::Blanks]),
        ("11010519491231OO2X", &[R::LookAlike]),
        ("'11010519491231002X", &[R::Apostrophe]),
        ("110105491231002", &[R::FifteenDigits]),
    ];
    for (text, repairs) in cases {
        let got = read(text).unwrap();
        assert_eq!((got.number.reveal(), got.repairs.as_slice()), (STANDARD, repairs));
    }
}

#[test]
fn a_number_prints_masked() {
    let number = read(STANDARD).unwrap().number;
    assert_eq!(number.to_string(), "****************2X");
    assert!(!format!("{number:?}").contains("19491231"));
}

#[test]
fn a_disability_card_carries_kind_and_grade() {
    let card = read("11010519491231002X42").unwrap().number;
    assert_eq!(card.kind(), DocumentKind::DisabilityCard);
}

proptest! {
    #[test]
    fn any_text_is_answered_without_panic(text in "\\PC{0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn a_changed_digit_never_passes_unnoticed(position in 0_usize..17, digit in 0_u8..10) {
        let mut bytes = STANDARD.as_bytes().to_vec();
        prop_assume!(bytes[position] != b'0' + digit);
        bytes[position] = b'0' + digit;
        prop_assert!(read(std::str::from_utf8(&bytes).unwrap()).is_err());
    }
}
