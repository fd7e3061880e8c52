use proptest::strategy::Strategy;

use super::*;

const ID: &str = "11010519491231002X";

#[test]
fn identity_numbers_are_found_however_they_are_written() {
    for text in [
        ID.to_owned(),
        format!("户主身份证号{ID}已核对"),
        "11010519491231002x".to_owned(),
        "１１０１０５１９４９１２３１００２Ｘ".to_owned(),
        "110105 19491231 002X".to_owned(),
        "110105-19491231-002X".to_owned(),
        "1101051949\u{200b}1231002X".to_owned(),
        "号码 320381200802290042。".to_owned(),
        "残疾证11010519491231002144".to_owned().replace("0021", "002X"),
        "旧身份证 110105491231002".to_owned(),
    ] {
        assert_eq!(find(&text), Some(PersonalNumber::Identity), "{text}");
    }
}

#[test]
fn mobile_numbers_are_found_however_they_are_written() {
    for text in [
        "13812345678",
        "电话：13812345678。",
        "138-1234-5678",
        "138 1234 5678",
        "+8613812345678",
        "86 138 1234 5678",
        "tel13812345678",
        "１３８１２３４５６７８",
        "13812345678户主",
    ] {
        assert_eq!(find(text), Some(PersonalNumber::Mobile), "{text}");
    }
}

#[test]
fn fifteen_digits_are_an_identity_number_when_county_and_birth_date_fit() {
    for text in ["110105491231002", "户主320381 491231 002号", "no word: 320322500229001."] {
        assert_eq!(find(text), Some(PersonalNumber::Identity), "{text}");
    }
    for text in ["110105491331002", "110105491200002", "990105491231002", "110105490431002"] {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn landline_numbers_are_found_however_they_are_written() {
    for text in [
        "051683812345",
        "0516-83812345",
        "（0516）83812345",
        "(0516) 8381 2345",
        "0516 8381 2345转8",
        "010-64812345",
        "02583812345",
        "0527-4381234",
        "+86-516-83812345",
        "+8651683812345",
        "联系电话83812345",
        "Tel: 8381-2345",
        "座机：4381234",
    ] {
        assert_eq!(find(text), Some(PersonalNumber::Landline), "{text}");
    }
    for text in ["83812345", "00000000123", "0516-03812345", "0126-83812345", "电话费1200000元"]
    {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn decimals_of_a_quotient_are_no_numbers_of_persons() {
    for text in ["9.051683812345", "0.02583812345", "12.110105491231002", "占比7.051683812345%"] {
        assert_eq!(find(text), None, "{text}");
    }
    assert_eq!(find("1.0516-83812345"), Some(PersonalNumber::Landline), "a list has numbers too");
}

#[test]
fn bank_cards_are_found_however_they_are_written() {
    for text in ["4111111111111111", "卡号 6222 0212 3456 7890 128", "6222021234567890128"] {
        assert_eq!(find(text), Some(PersonalNumber::BankCard), "{text}");
    }
}

#[test]
fn a_number_that_fails_its_check_digit_passes_the_scanner() {
    for text in ["110105194912310021", "4111111111111112", "320324198513010019"] {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn figures_of_a_report_pass() {
    for text in [
        "320381115206",
        "户编号 3203811152060012",
        "15100000000元",
        "15100000000.00",
        "151,000,000",
        "全市262,838户、682,202人",
        "2016-12-31 2016年度 18.0万",
        "摘要 1380013800138001ab34cd56ef7890123456789013912345678900000000abcd",
        "",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn fifty_numbers_planted_in_free_text_are_all_blocked() {
    for serial in 0..50_u32 {
        let planted = match serial % 3 {
            0 => with_check_digit(&format!(
                "320322197{}0{}1{}{:03}",
                serial % 10,
                serial % 9 + 1,
                serial % 9,
                serial
            )),
            1 => format!("139{:08}", serial * 1_234_567 % 100_000_000),
            _ => with_luhn_digit(&format!("622202{:012}", u64::from(serial) * 98_765_431)),
        };
        let text = format!("走访记录第{serial}条：该户（{planted}）反映饮水问题，已转办。");
        assert!(find(&text).is_some(), "planted number {serial} was not found");
    }
}

#[test]
fn numbers_are_covered_and_the_words_around_them_stay() {
    for (text, covered_text) in [
        (
            format!("户主{ID}，电话138-1234-5678。"),
            "户主******************，电话***-****-****。".to_owned(),
        ),
        (
            "卡号 6222 0212 3456 7890 128，3,000元".to_owned(),
            "卡号 **** **** **** **** ***，3,000元".to_owned(),
        ),
    ] {
        assert_eq!(covered(&text), Some(covered_text.clone()));
        assert_eq!(covered(&covered_text), None);
    }
    assert_eq!(covered("户编号 3203811152060012"), None);
    assert_eq!(covered("全市262,838户、682,202人"), None);
}

fn with_check_digit(first: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{first}{}", "10X98765432".chars().nth(sum as usize % 11).unwrap())
}

fn with_luhn_digit(first: &str) -> String {
    (0..10)
        .map(|d| format!("{first}{d}"))
        .find(|n| passes_as_card(&n.chars().collect::<Vec<_>>()))
        .unwrap()
}

proptest::proptest! {
    /// Town, village, household and member, as a register numbers people.
    #[test]
    fn a_number_of_a_register_is_no_number_of_a_person(
        town in (1_u32..187).prop_union(210..500),
        village in 1_u32..420,
        household in 1_u32..2_000,
        member in 1_u32..20,
    ) {
        let number = format!("320322{town:03}{village:03}{household:04}{member:02}");
        proptest::prop_assert_eq!(find(&number), None, "{}", number);
    }

    #[test]
    fn any_text_is_scanned_without_a_fault(text in "\\PC{0,80}") {
        let kind = find(&text);
        let without = covered(&text);
        proptest::prop_assert_eq!(kind.is_some(), without.is_some());
    }

    #[test]
    fn a_number_alone_is_what_it_is_in_a_text(digits in "(1[3-9]|0[0-9]|32|62)?[0-9]{0,22}") {
        proptest::prop_assert_eq!(find(&digits), find(&format!("号 {digits} ")));
    }

    #[test]
    fn nothing_is_left_to_find_in_a_covered_text(
        before in "[^0-9.]{0,12}",
        local in 0_u64..1_000_000_000,
    ) {
        let text = format!("{before}，1{}，", 3_000_000_000_u64 + local);
        proptest::prop_assert_eq!(covered(&text).as_deref().map(find), Some(None));
    }

    #[test]
    fn a_planted_mobile_number_is_found_in_any_words(
        before in "[^0-9.]{0,12}",
        after in "[^0-9.a-zA-Z元万亿]{0,12}",
        local in 0_u64..1_000_000_000,
    ) {
        let text = format!("{before}，1{}，{after}", 3_000_000_000_u64 + local);
        proptest::prop_assert!(find(&text).is_some(), "not found");
    }
}

#[test]
fn digits_alone_are_judged_like_digits_in_a_sentence() {
    let mut seed = 1_u64;
    let mut kinds = std::collections::BTreeMap::new();
    for round in 0..40_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let digits = format!("{:019}{:019}", seed >> 1, seed.rotate_left(29) >> 1);
        // Beginnings that numbers have, so that each kind is met.
        let begin = ["", "1", "0516", "62", "3203241975", "320324750", "86139"][round % 7];
        let number = format!("{begin}{digits}");
        let number = &number[..1 + round % 24];
        let alone = find(number);
        assert_eq!(alone, find(&format!("{number}。")), "{}", number.len());
        *kinds.entry(format!("{alone:?}")).or_insert(0) += 1;
    }
    assert!(kinds.len() >= 4, "{kinds:?}");
}
