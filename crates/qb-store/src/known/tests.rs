use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn a_real_day_is_known_to_its_last_instant_and_today_everything_is() {
    // Half past seven in the evening of the second in China.
    let now = Timestamp(1_488_454_200_000);
    assert_eq!(now.date_in_china(), day("2017-03-02"));
    assert_eq!(on_real_days(day("2017-03-03"), now), None);
    assert_eq!(on_real_days(day("2017-03-02"), now), Some(Known::Everything));
    let Some(Known::By(end)) = on_real_days(day("2017-03-01"), now) else { panic!() };
    assert_eq!(end.date_in_china(), day("2017-03-01"));
    assert_eq!(Timestamp(end.0 + 1).date_in_china(), day("2017-03-02"));
}

#[test]
fn days_and_instants_are_read_as_they_are_written() {
    for text in ["2017-03-31", "2017-03-31T08:30", "2017-03-31T08:30:05.120"] {
        assert_eq!(text.parse::<KnownOn>().unwrap().to_string(), text);
    }
    assert_eq!("2017-03-31T00:00".parse(), Ok(KnownOn::Instant(Timestamp(1_490_889_600_000))));
    for text in ["", "2017", "2017-02-29", "2017-03-31T25:00", "2017-03-31T08:30Z", "昨天"] {
        assert_eq!(text.parse::<KnownOn>(), Err(NoKnownOn), "{text}");
    }
}

#[test]
fn a_day_of_a_demonstration_is_known_until_it_was_moved_on() {
    let stood = [(day("2016-12-31"), 1_000), (day("2017-02-10"), 2_000)];
    let known = |text| on_fixed_days(day(text), &stood);
    assert_eq!(known("2017-02-11"), None);
    assert_eq!(known("2017-02-10"), Some(Known::Everything));
    assert_eq!(known("2017-02-09"), Some(Known::By(Timestamp(1_999))));
    assert_eq!(known("2016-12-31"), Some(Known::By(Timestamp(1_999))));
    assert_eq!(known("2016-12-30"), Some(Known::By(Timestamp(999))), "before its first day");
}
