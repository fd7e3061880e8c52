//! The machines of the pack.

use crate::common::{day, machines, pack};

#[test]
fn every_machine_reads_and_every_example_gives_its_answer() {
    let faults: Vec<String> = qb_case::check(pack()).iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_pack_has_a_machine_for_every_process() {
    let ids: Vec<&str> = machines().iter().map(|machine| machine.id.as_str()).collect();
    let expected = [
        "assessment",
        "centre",
        "exit",
        "finding",
        "fund",
        "grievance",
        "identification",
        "monitoring",
        "pledge",
        "posting",
        "project",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn the_calendar_knows_days_off_and_weekends_worked() {
    let calendar = machines().calendar();
    let holidays = ["2016-02-08", "2016-06-09", "2016-09-16", "2016-10-07", "2016-01-01"];
    assert!(holidays.iter().all(|on| !calendar.is_working(day(on))), "a holiday is worked");
    let worked = ["2016-02-06", "2016-02-14", "2016-06-12", "2016-09-18", "2016-10-08"];
    assert!(worked.iter().all(|on| calendar.is_working(day(on))), "a worked weekend is off");
}

#[test]
fn digests_differ_between_machines() {
    let mut digests: Vec<String> =
        machines().iter().map(|machine| machine.digest.to_string()).collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), machines().iter().count());
}
