//! Each parser: clean, repaired, refused, absurd, and any text without panic.

use proptest::prelude::*;
use qb_base::Fen;

use super::number::{integer, micro, money, percent};
use super::person::{Identity, identity, name, phone, truth};
use super::{Issue, Reading, date};
use crate::read::batch::{CellKind, Value};

fn text(text: &str) -> Value<'_> {
    Value::text(text)
}

fn cell(kind: CellKind, text: &str) -> Value<'_> {
    Value { kind, text: text.as_bytes() }
}

fn fen(amount: i64) -> Fen {
    Fen::new(amount).unwrap()
}

#[test]
fn money_is_read_to_the_fen() {
    for (written, expected) in
        [("4321.5", 432_150), ("0", 0), ("-12.05", -1205), ("1.2E+4", 1_200_000), ("6000", 600_000)]
    {
        assert_eq!(money(text(written), 0), Reading::Value(fen(expected)), "{written}");
    }
    assert_eq!(money(text("18"), 4), Reading::Value(fen(18_000_000)));
    assert_eq!(money(text(""), 0), Reading::Blank);
    assert_eq!(money(text("NULL"), 0), Reading::Null);
}

#[test]
fn f6_units_separators_and_words_are_repaired_and_recorded() {
    let cases = [
        ("1.2万", 1_200_000),
        ("约3000", 300_000),
        ("12,345.60", 1_234_560),
        ("３０００元", 300_000),
        ("/", 0),
        ("无", 0),
        ("￥ 88", 8800),
        ("1.2万元", 1_200_000),
    ];
    for (written, expected) in cases {
        assert_eq!(
            money(text(written), 0),
            Reading::Repaired(fen(expected), Issue::NumberWritten),
            "{written}"
        );
    }
    // A unit in the cell wins over the unit of the column.
    assert_eq!(money(text("1.2万"), 4), Reading::Repaired(fen(1_200_000), Issue::NumberWritten));
    assert_eq!(money(text("5000元"), 4), Reading::Repaired(fen(500_000), Issue::NumberWritten));
    assert_eq!(money(text("约18"), 4), Reading::Repaired(fen(18_000_000), Issue::NumberWritten));
    assert_eq!(money(text("3.456"), 0), Reading::Repaired(fen(346), Issue::NumberRounded));
    assert_eq!(
        money(cell(CellKind::Number, "4321.3000000000002"), 0),
        Reading::Value(fen(432_130))
    );
    for wrong in ["三千", "1,23", "12.3.4", "1e99", "--5x", "99999999999999999999"] {
        assert!(matches!(money(text(wrong), 0), Reading::Fault(_)), "{wrong}");
    }
}

#[test]
fn whole_numbers_have_no_fraction() {
    assert_eq!(integer(text("4")), Reading::Value(4));
    assert_eq!(integer(cell(CellKind::Number, "4.0")), Reading::Value(4));
    assert_eq!(integer(text("4人")), Reading::Fault(Issue::NumberText));
    assert_eq!(integer(text("2.5")), Reading::Fault(Issue::NumberFraction));
    assert_eq!(micro(text("12.345678")), Reading::Value(12_345_678));
}

#[test]
fn a_number_shown_as_a_date_is_no_number() {
    for kind in [CellKind::Date1900, CellKind::Date1904] {
        for number in ["42371", "3", "42371.5"] {
            let fault = Issue::NumberIsDate;
            assert_eq!(money(cell(kind, number), 0), Reading::Fault(fault));
            assert_eq!(integer(cell(kind, number)), Reading::Fault(fault));
            assert_eq!(micro(cell(kind, number)), Reading::Fault(fault));
            assert_eq!(percent(cell(kind, number), 6), Reading::Fault(fault));
        }
    }
    assert_eq!(money(cell(CellKind::Number1904, "42371"), 0), Reading::Value(fen(4_237_100)));
    assert_eq!(integer(cell(CellKind::Number1904, "3")), Reading::Value(3));
}

#[test]
fn a_percentage_is_read_as_what_the_sheet_shows_where_the_column_counts_in_per_cent() {
    let read = |number| Reading::Repaired(number, Issue::PercentRead);
    for (value, expected) in [
        (cell(CellKind::Percent, "0.0435"), read(4_350_000)),
        (cell(CellKind::Percent, "4.3499999999999997E-2"), read(4_350_000)),
        (cell(CellKind::Percent, "1"), read(100_000_000)),
        (text("4.35%"), read(4_350_000)),
        (text("４.３５％"), read(4_350_000)),
        (text(" 4.35 % "), read(4_350_000)),
        (text("4.35"), Reading::Value(4_350_000)),
        (cell(CellKind::Number, "4.35"), Reading::Value(4_350_000)),
        (text("%"), Reading::Fault(Issue::NumberText)),
        (text("4万%"), Reading::Fault(Issue::NumberText)),
        (text(""), Reading::Blank),
    ] {
        assert_eq!(percent(value, 6), expected, "{value:?}");
    }
    assert_eq!(percent(cell(CellKind::Percent, "0.3"), 0), read(30));
    assert_eq!(percent(cell(CellKind::Percent, "0.305"), 0), Reading::Fault(Issue::NumberFraction));
    assert_eq!(percent(text("30%"), 0), read(30));
    assert_eq!(percent(text("30.5"), 0), Reading::Fault(Issue::NumberFraction));
    for fault in [micro(cell(CellKind::Percent, "0.3")), integer(cell(CellKind::Percent, "1"))] {
        assert_eq!(fault, Reading::Fault(Issue::NumberIsPercent));
    }
}

#[test]
fn a_bare_number_of_a_1904_workbook_counts_from_1904() {
    let read = |kind| date::date(cell(kind, "40968")).map(|date| date.to_iso());
    let repaired = |day: &str| Reading::Repaired(day.to_owned(), Issue::DateWritten);
    assert_eq!(read(CellKind::Number1904), repaired("2016-03-01"));
    assert_eq!(read(CellKind::Number), repaired("2012-02-29"));
}

#[test]
fn a_time_of_day_is_told_from_a_date_without_one() {
    for (value, expected) in [
        (cell(CellKind::Date1900, "42451.66666667"), Some(960)),
        (cell(CellKind::Date1904, "42451.666666666664"), Some(960)),
        (cell(CellKind::Date1900, "42451.5"), Some(720)),
        (cell(CellKind::Date1900, "42451"), None),
        (cell(CellKind::Date1900, "42451.0"), None),
        (cell(CellKind::Date1900, "42451.000001"), None),
        (cell(CellKind::Date1900, "42450.9999999"), None),
        (text("2016-03-22T16:00:00.000Z"), Some(960)),
        (text("2016/3/22 8:05"), Some(485)),
        (text("2016-03-22 00:00:00"), None),
        (text("2016-03-22"), None),
        (text("a:b"), None),
        (text(":"), None),
    ] {
        assert_eq!(date::minute_of_day(value), expected, "{value:?}");
    }
}

#[test]
fn f5_dates_keep_the_precision_they_have() {
    for clean in ["2016", "2016-05", "2016-05-01"] {
        assert_eq!(
            date::date(text(clean)).map(|date| date.to_iso()),
            Reading::Value(clean.to_owned())
        );
    }
    let repaired = [
        ("2016.5", "2016-05"),
        ("201605", "2016-05"),
        ("20160501", "2016-05-01"),
        ("2016年5月", "2016-05"),
        ("2016年5月1日", "2016-05-01"),
        ("16/5/1", "2016-05-01"),
        ("85年3月", "1985-03"),
        ("2016/5/1 0:00", "2016-05-01"),
        ("43101", "2018-01-01"),
        ("２０１６年５月", "2016-05"),
    ];
    for (written, expected) in repaired {
        assert_eq!(
            date::date(text(written)).map(|date| date.to_iso()),
            Reading::Repaired(expected.to_owned(), Issue::DateWritten),
            "{written}"
        );
    }
    assert_eq!(
        date::date(cell(CellKind::Date1900, "43101")).map(|date| date.to_iso()),
        Reading::Value("2018-01-01".to_owned())
    );
    assert_eq!(
        date::date(cell(CellKind::Date1904, "41639")).map(|date| date.to_iso()),
        Reading::Value("2018-01-01".to_owned())
    );
    for wrong in ["2016-02-30", "民国一百零五年", "丙申年五月", "去年", "201613", "99999999"]
    {
        assert_eq!(date::date(text(wrong)), Reading::Fault(Issue::DateText), "{wrong}");
    }
}

#[test]
fn dates_in_chinese_numerals_and_full_width_are_read_with_their_precision() {
    for (written, expected) in [
        ("2016年3月份", "2016-03"),
        ("二〇一六年三月", "2016-03"),
        ("二零一六年十二月", "2016-12"),
        ("二○一六年十月二十一日", "2016-10-21"),
        ("二〇一六年三月卅一日", "2016-03-31"),
        ("二O一六年", "2016"),
        ("２０１６－０３－２３", "2016-03-23"),
        ("２０１６／３／２３", "2016-03-23"),
        ("'2016-03-23", "2016-03-23"),
    ] {
        let read = date::date(text(written)).value().map(|date| date.to_iso());
        assert_eq!(read.as_deref(), Some(expected), "{written}");
    }
    // A numeral between digits is a dash that somebody drew, and lunar days are no days.
    for wrong in ["2016一1一2", "二〇一六年三月初五", "二〇一六年十十月", "三月"]
    {
        assert_eq!(date::date(text(wrong)), Reading::Fault(Issue::DateText), "{wrong}");
    }
}

#[test]
fn a_date_that_may_be_read_in_two_ways_is_a_fault() {
    let two = Reading::Fault(Issue::DateAmbiguous);
    for written in ["11/1/16", "10-11-12", "05.06.07"] {
        assert_eq!(date::date(text(written)), two, "{written}");
    }
    assert_eq!(date::date(cell(CellKind::Number, "2016.1")), two);
    assert_eq!(date::readings(cell(CellKind::Number, "2016.1")), "2016-01、2016-10");
    // Only one reading is a date, or the way it is written tells.
    for (written, expected) in [("16/5/1", "2016-05-01"), ("09/5/1", "2009-05-01")] {
        let read = date::date(text(written)).value().map(|date| date.to_iso());
        assert_eq!(read.as_deref(), Some(expected), "{written}");
    }
    for (number, expected) in
        [("2016.11", "2016-11"), ("2016.5", "2016-05"), ("201605.0", "2016-05")]
    {
        let read = date::date(cell(CellKind::Number, number)).value().map(|date| date.to_iso());
        assert_eq!(read.as_deref(), Some(expected), "{number}");
    }
    assert_eq!(
        date::date(text("2016.1")).value().map(|date| date.to_iso()),
        Some("2016-01".into())
    );
}

#[test]
fn a_code_adds_its_id_to_a_digest_wherever_it_stands_in_its_list() {
    let pack = qb_policy::Pack::load(qb_policy::PackSource::from_argument("xuzhou-2016")).unwrap();
    let list = pack.code_lists.iter().find(|list| list.id == "education").unwrap();
    let mut turned = list.clone();
    turned.codes.rotate_left(1);
    let last = u16::try_from(list.codes.len() - 1).unwrap();
    let (before, after) =
        (super::code::CodeReader::new(list), super::code::CodeReader::new(&turned));
    assert_eq!(before.digest(Some(0)), after.digest(Some(last)));
    assert_ne!(before.digest(Some(0)), after.digest(Some(0)));
}

#[test]
fn phones_of_number_cells_are_read_as_whole_numbers() {
    let value = |text| phone(cell(CellKind::Number, text));
    assert_eq!(value("1.8956790046E10"), Reading::Value("18956790046".into()));
    assert_eq!(value("18956790046"), Reading::Value("18956790046".into()));
    assert_eq!(value("1.5"), Reading::Fault(Issue::PhoneText));
}

#[test]
fn a_year_is_read_from_what_years_are_written_as() {
    assert_eq!(date::year(text("2016")), Reading::Value(2016));
    assert_eq!(date::year(cell(CellKind::Number, "2016.0")), Reading::Value(2016));
    assert_eq!(date::year(text("2016年")), Reading::Repaired(2016, Issue::DateWritten));
    assert_eq!(date::year(text("0")), Reading::Fault(Issue::DateText));
}

fn no_document() -> Vec<String> {
    vec!["未上户".to_owned()]
}

#[test]
fn f1_to_f4_identity_numbers_are_repaired_only_where_that_is_safe() {
    let issue = |value: Value<'_>| match identity(value, &no_document()) {
        Reading::Repaired(_, issue) | Reading::Fault(issue) => Some(issue),
        _ => None,
    };
    assert!(matches!(
        identity(text("11010519491231002X"), &[]),
        Reading::Value(Identity::Number(_))
    ));
    assert_eq!(issue(text("110105491231002")), Some(Issue::IdFifteen));
    assert_eq!(issue(text("'11010519491231002X")), Some(Issue::IdFolded));
    assert_eq!(issue(text(" 11010519491231002X")), Some(Issue::IdFolded));
    assert_eq!(issue(text("11010519491231OO2X")), Some(Issue::IdLookAlike));
    assert_eq!(issue(text("1.10105E+17")), Some(Issue::IdDamaged));
    assert_eq!(issue(cell(CellKind::Number, "110105194912310000")), Some(Issue::IdDamaged));
    assert_eq!(issue(cell(CellKind::Number, "1.1010519491231E+17")), Some(Issue::IdDamaged));
    assert_eq!(issue(cell(CellKind::Number1904, "110105194912310000")), Some(Issue::IdDamaged));
    assert_eq!(issue(text("320321195001011239")), Some(Issue::IdChecksum));
    assert_eq!(
        identity(text("未上户"), &no_document()),
        Reading::Repaired(Identity::None, Issue::IdMissing)
    );
}

#[test]
fn f9_a_damaged_name_is_kept_as_it_is() {
    let read = |text| match name(text) {
        Reading::Value(name) => Ok((name.into_owned(), None)),
        Reading::Repaired(name, issue) => Ok((name.into_owned(), Some(issue))),
        other => Err(matches!(other, Reading::Fault(Issue::NameText))),
    };
    assert_eq!(read("阿不都·热合曼"), Ok(("阿不都·热合曼".into(), None)));
    assert_eq!(read("王?"), Ok(("王?".into(), Some(Issue::NameDamaged))));
    assert_eq!(read("张\u{200b}三"), Ok(("张三".into(), Some(Issue::TextFolded))));
    assert_eq!(read("张三1"), Err(true));
    assert_eq!(read(&"长".repeat(51)), Err(true));
}

#[test]
fn f13_yes_and_no_have_many_spellings() {
    assert_eq!(truth(text("是")), Reading::Value(true));
    assert_eq!(truth(text("√")), Reading::Repaired(true, Issue::LabelAlias));
    assert_eq!(truth(text(" 0 ")), Reading::Repaired(false, Issue::LabelAlias));
    assert_eq!(truth(text("也许")), Reading::Fault(Issue::LabelUnknown));
    assert_eq!(truth(text("NULL")), Reading::Null);
    assert_eq!(truth(text("")), Reading::Blank);
}

#[test]
fn phones_lose_their_separators() {
    assert_eq!(phone(text("13800000021")), Reading::Value("13800000021".into()));
    assert_eq!(
        phone(text("0516-8370 0000")),
        Reading::Repaired("051683700000".into(), Issue::PhoneFolded)
    );
    assert_eq!(
        phone(text("138 0000 0021/13900000000")),
        Reading::Repaired("13800000021".into(), Issue::PhoneFolded)
    );
    assert_eq!(phone(text("1.38E+10")), Reading::Fault(Issue::PhoneText));
    assert_eq!(phone(text("无")), Reading::Null);
}

proptest! {
    #[test]
    fn any_text_is_answered_by_every_parser(written in "\\PC{0,40}", kind in 0_usize..6) {
        use CellKind as K;
        let kinds = [K::Text, K::Number, K::Date1900, K::Date1904, K::Bool, K::Error];
        let value = cell(kinds[kind], &written);
        let _ = (money(value, 0), money(value, 4), integer(value), micro(value));
        let _ = (date::date(value), date::year(value));
        let _ = (identity(value, &no_document()), name(&written), phone(value), truth(value));
    }

    #[test]
    fn any_bytes_are_answered_by_every_parser(
        written in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let value = Value { kind: CellKind::Text, text: &written };
        let _ = (money(value, 0), integer(value), date::date(value));
        let _ = (identity(value, &no_document()), phone(value), truth(value));
    }

    #[test]
    fn money_written_plainly_is_read_back(amount in -1_000_000_000_000_i64..1_000_000_000_000) {
        let plain = fen(amount).to_plain();
        prop_assert_eq!(money(text(&plain), 0), Reading::Value(fen(amount)));
        let grouped = fen(amount).to_string();
        prop_assert_eq!(money(text(&grouped), 0).value(), Some(fen(amount)));
    }

    #[test]
    fn every_day_is_read_back_from_its_usual_spellings(
        year in 1950_i16..2050,
        month in 1_i8..=12,
        day in 1_i8..=28,
    ) {
        let iso = format!("{year:04}-{month:02}-{day:02}");
        let slashes = format!("{year}/{month}/{day}");
        let words = format!("{year}年{month}月{day}日");
        let points = format!("{year}.{month:02}.{day:02}");
        for written in [iso.clone(), slashes, words, points] {
            let read = date::date(text(&written)).value().map(|date| date.to_iso());
            prop_assert_eq!(read, Some(iso.clone()));
        }
    }
}
