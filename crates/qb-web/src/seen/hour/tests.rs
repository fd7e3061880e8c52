use super::*;

const LIMIT: i64 = 3;

fn read(hour: &mut Hour, now: i64, household: i64, persons: i64) -> Result<bool, Over> {
    let key = Key::Household(household);
    hour.admit(now, LIMIT, std::iter::once((key, persons)))?;
    Ok(hour.note(now, key, persons))
}

#[test]
fn the_same_household_counts_once_an_hour_and_is_written_once_in_ten_minutes() {
    let mut hour = Hour::default();
    assert_eq!(read(&mut hour, 0, 1, 1), Ok(true));
    assert_eq!(read(&mut hour, AGAIN_MS - 1, 1, 1), Ok(false));
    assert_eq!(read(&mut hour, AGAIN_MS, 1, 1), Ok(true));
    assert_eq!(hour.persons, 1);
    // Its page names two persons more than the line of the list.
    assert_eq!(read(&mut hour, AGAIN_MS, 1, 3), Ok(true));
    assert_eq!(hour.persons, 3);
}

#[test]
fn the_limit_holds_exactly_opens_with_a_reason_and_anew_after_an_hour() {
    let mut hour = Hour::default();
    for household in 1..=LIMIT {
        assert_eq!(read(&mut hour, 0, household, 1), Ok(true));
    }
    let over = Over { read: LIMIT, limit: LIMIT };
    assert_eq!(read(&mut hour, 1, 9, 1), Err(over));
    assert_eq!(read(&mut hour, 1, 2, 1), Ok(false), "what was read already stays readable");
    hour.reasons.push(1);
    assert_eq!(read(&mut hour, 2, 9, 1), Ok(true));
    assert_eq!(read(&mut hour, HOUR_MS + 3, 10, LIMIT), Ok(true));
    assert_eq!(
        hour.persons - LIMIT,
        LIMIT - hour.more(HOUR_MS + 3, [(Key::Household(2), LIMIT)].into_iter())
    );
}

#[test]
fn what_another_server_wrote_counts_beside_what_is_known_and_once() {
    let mut hour = Hour::default();
    assert_eq!(read(&mut hour, 0, 1, 1), Ok(true));
    let stored = [(Key::Household(1), 0, 1), (Key::Household(2), 1, 1), (Key::Row(-4), 1, 1)];
    for _ in 0..2 {
        hour.join(Hour::new(stored, (Vec::new(), 9)));
        assert_eq!((hour.persons, hour.last()), (3, 9));
    }
    assert_eq!(read(&mut hour, 2, 3, 1), Err(Over { read: 3, limit: LIMIT }));
    hour.join(Hour::new([], (vec![2], 0)));
    assert_eq!((read(&mut hour, 3, 3, 1), hour.last()), (Ok(true), 9));
}

#[test]
fn an_hour_that_was_stored_goes_on_counting() {
    let mut hour = Hour::new([(Key::Household(1), 5, 2), (Key::Left(7), 6, 1)], (Vec::new(), 7));
    assert!(read(&mut hour, 7, 2, 1).is_err());
    assert_eq!(read(&mut hour, 7, 1, 2), Ok(false));
}
