//! The public notice holds nothing that a notice may not.

use proptest::prelude::*;
use qb_access::Role;
use qb_base::{Lang, Text};
use qb_case::CaseError;
use qb_case::commands::publish_notice;
use qb_case::notice::{NoticeFacts, PublicNotice};
use qb_store::testing::{TestStore, on_each_store};

use crate::common::{VILLAGE, actor, area, codes, day, desk, facts, posted, right_actor, walk};

fn a_notice<'a>() -> NoticeFacts<'a> {
    NoticeFacts {
        area_name: "练马村",
        group: Some("3组"),
        head: "张长乐",
        household_size: 4,
        object_at: "阿湖镇扶贫站",
    }
}

/// The longest run of digits, of any script, with separators people put between them.
fn longest_number(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        if c.is_numeric() {
            run += 1;
            longest = longest.max(run);
        } else if !matches!(c, ' ' | '-' | '·') {
            run = 0;
        }
    }
    longest
}

#[test]
fn a_notice_prints_in_both_languages_with_a_masked_name() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let clerk = right_actor("notice");
        let notice = publish_notice(&desk(store, &clerk), at.case, &a_notice()).unwrap();
        let zh = notice.print(Lang::Zh);
        assert!(zh.contains("张**") && !zh.contains("长乐"), "{zh}");
        assert!(zh.contains("2016-10-10至2016-10-17") && zh.contains("阿湖镇扶贫站"), "{zh}");
        assert!(notice.print(Lang::En).contains("Household of 4"));
    });
}

#[test]
fn a_notice_is_printed_once_and_only_after_its_step() {
    on_each_store(|store| {
        let at = posted(store, "a");
        let clerk = right_actor("notice");
        publish_notice(&desk(store, &clerk), at.case, &a_notice()).unwrap();
        let again = publish_notice(&desk(store, &clerk), at.case, &a_notice());
        assert!(matches!(again, Err(CaseError::NoNotice(_))));
        let next = walk(store, posted(store, "b"), &[("town_check", facts("2016-10-18"))]);
        let late = publish_notice(&desk(store, &clerk), next.case, &a_notice());
        assert!(matches!(late, Err(CaseError::NoNotice(_))));
    });
}

#[test]
fn a_notice_is_published_by_those_who_post_it_only() {
    let test = TestStore::sqlite();
    let at = posted(&test.store, "a");
    for (role, code) in [
        (Role::Auditor, "320381"),
        (Role::CountyOfficer, "320381"),
        (Role::TownClerk, "320381101"),
        (Role::ResidentTeam, VILLAGE),
    ] {
        let person = actor("other", role, code);
        let refused = publish_notice(&desk(&test.store, &person), at.case, &a_notice());
        assert_eq!(codes(refused), ["actor"], "{role}");
    }
    let clerk = actor("clerk2", Role::VillageClerk, VILLAGE);
    publish_notice(&desk(&test.store, &clerk), at.case, &a_notice()).unwrap();
}

#[test]
fn a_notice_is_taken_down_when_its_days_are_over() {
    let test = TestStore::sqlite();
    let at = posted(&test.store, "a");
    let clerk = right_actor("notice");
    let notice = publish_notice(&desk(&test.store, &clerk), at.case, &a_notice()).unwrap();
    let stands = |on: &str| notice.stands_on(day(on));
    assert_eq!(
        (stands("2016-10-09"), stands("2016-10-10"), stands("2016-10-17"), stands("2016-10-18")),
        (false, true, true, false)
    );
}

#[test]
fn numbers_in_a_place_are_refused() {
    let test = TestStore::sqlite();
    let at = posted(&test.store, "a");
    let clerk = right_actor("notice");
    let numbers =
        ["镇扶贫站 13800000021", "站 138 0000 0021", "１３８０００００", "11010519491231002X"];
    for number in numbers {
        let facts = NoticeFacts { object_at: number, ..a_notice() };
        let answer = publish_notice(&desk(&test.store, &clerk), at.case, &facts);
        assert!(matches!(answer, Err(CaseError::NotPublic(_))), "a number went through");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_written_into_its_fields_no_number_comes_out(
        head in "[张王李a-z0-9]{1,18}",
        group in "[0-9组 -]{0,24}",
        office in "[镇站0-9 -]{0,24}",
        size in 0_u16..60,
    ) {
        let facts = NoticeFacts {
            head: &head,
            group: Some(&group),
            object_at: &office,
            household_size: size,
            ..a_notice()
        };
        let days = (day("2016-10-10"), day("2016-10-17"));
        let purpose = Text::fixed("贫困户退出", "exit");
        if let Ok(notice) = PublicNotice::new(area(VILLAGE), purpose, days, &facts) {
            for line in notice.print(Lang::Zh).lines().filter(|line| !line.starts_with("公示时间")) {
                prop_assert!(longest_number(line) < 7, "{line}");
            }
        }
    }
}
