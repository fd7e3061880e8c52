use qb_policy::Outcome;

use super::*;
use crate::tests::{evidence, evidence_with, pack, provenance, report};

fn verdict_of(id: &str, value: &str) -> Verdict {
    let report = annual(&pack(), &evidence_with(id, value), provenance()).unwrap();
    report.figure(id).unwrap().verdict
}

#[test]
fn a_computed_value_is_rounded_as_the_published_one_before_they_are_compared() {
    for (value, expected) in [
        ("202349", Verdict::Contradiction),
        ("202350", Verdict::Reproduced),
        ("202400", Verdict::Reproduced),
        ("202449", Verdict::Reproduced),
        ("202450", Verdict::Contradiction),
    ] {
        assert_eq!(verdict_of("G08", value), expected, "{value}");
    }
}

#[test]
fn a_floor_is_reached_on_the_line_and_missed_one_fen_below() {
    assert_eq!(verdict_of("V15", "180000"), Verdict::Reproduced);
    assert_eq!(verdict_of("V15", "179999.99"), Verdict::Contradiction);
}

#[test]
fn more_than_a_value_is_not_reached_on_the_line() {
    assert_eq!(verdict_of("P08", "3000.01"), Verdict::Reference);
    assert_eq!(verdict_of("P08", "3000"), Verdict::Contradiction);
}

#[test]
fn what_has_no_data_is_not_yet_computed_and_says_what_is_missing() {
    let report = annual(&pack(), &Evidence::default(), provenance()).unwrap();
    let (stated, counted): (Vec<_>, Vec<_>) =
        report.figures.iter().partition(|figure| figure.id == "G12");
    assert!(stated.iter().all(|figure| figure.verdict == Verdict::Statement));
    assert!(counted.iter().all(|figure| figure.verdict == Verdict::NotYetComputed));
    assert!(
        report.figures.iter().all(|figure| figure.remark.is_some() && figure.computed.is_none())
    );
    assert_eq!(report.figure("G10").unwrap().remark.as_ref().unwrap().zh, "工程台账");
    assert!(report.note("A1").unwrap().finding.en.contains("(not yet computed)"));
}

#[test]
fn the_exact_value_is_kept_beside_the_rounded_one() {
    let figure = report().figure("G08").unwrap().clone();
    assert_eq!(figure.computed_exact, Some(Decimal::whole(202_367)));
    assert_eq!(figure.computed, Some(Decimal::whole(202_400)));
    assert_eq!(figure.shown(Lang::Zh).unwrap(), "202,367人");
    assert_eq!(&*figure.published_as_written().unwrap().zh, "20.24万");
}

#[test]
fn each_verdict_is_counted() {
    let report = report();
    let total: usize = report.counts.iter().map(|of| of.count).sum();
    assert_eq!(total, report.figures.len());
    for of in &report.counts {
        assert_eq!(of.count, report.count(of.verdict), "{}", of.verdict.word());
    }
}

#[test]
fn an_outside_value_keeps_its_source_and_links_to_no_rows() {
    let report = report();
    let figure = report.figure("P14").unwrap();
    assert_eq!((figure.verdict, figure.source.as_str()), (Verdict::Reference, "bureau 2017"));
    assert_eq!(figure.rows, None);
    assert_eq!(report.figure("G08").unwrap().rows.as_deref(), Some("/figures/G08"));
}

#[test]
fn a_note_computes_its_figures_and_is_named_by_the_facts_it_is_about() {
    let report = report();
    let note = report.note("A1").unwrap();
    assert_eq!(note.outcome, Outcome::Contradiction);
    assert_eq!(note.finding.zh, "相当于28,703户，192,730.5%。");
    assert_eq!(report.figure("P14").unwrap().notes, ["A1"]);
    assert!(report.figure("G10").unwrap().notes.is_empty());
}

#[test]
fn figures_no_longer_agree_when_the_rows_contradict_one_of_them() {
    let mut pack = pack();
    pack.contradictions.iter_mut().for_each(|one| one.outcome = Outcome::Consistent);
    let outcome = |value: &str| {
        let report = annual(&pack, &evidence_with("G08", value), provenance()).unwrap();
        report.note("A1").unwrap().outcome
    };
    assert_eq!(outcome("202400"), Outcome::Consistent);
    assert_eq!(outcome("202500"), Outcome::Contradiction);
}

#[test]
fn the_digest_follows_what_is_said_and_not_when() {
    let mut later = provenance();
    later.made_at = qb_base::Timestamp(99);
    later.audit_head = Some("other".to_owned());
    let again = annual(&pack(), &evidence(), later).unwrap();
    assert_eq!(again.digest, report().digest);
    let other = annual(&pack(), &evidence_with("G08", "202401"), provenance()).unwrap();
    assert_ne!(other.digest, again.digest);
}

#[test]
fn counties_carry_their_names_and_values() {
    let report = report();
    let county = &report.counties[0];
    assert_eq!((&*county.name.zh, county.values[0].value.to_string().as_str()), ("丰县", "102401"));
}

#[test]
fn a_note_that_lacks_a_figure_concludes_nothing() {
    let report = annual(&pack(), &Evidence::default(), provenance()).unwrap();
    let note = report.note("A1").unwrap();
    assert_eq!(note.outcome, Outcome::NotYetComputed);
    assert_eq!(note.verdict, NO_VERDICT);
}

#[test]
fn a_note_about_published_numbers_concludes_nothing_on_another_day() {
    let mut evidence = evidence();
    evidence.as_of = Some("2016-06-30".parse().unwrap());
    let report = annual(&pack(), &evidence, provenance()).unwrap();
    assert!(report.notes.iter().all(|note| note.outcome == Outcome::NotYetComputed));
}

#[test]
fn a_note_may_name_a_figure_without_its_unit() {
    let mut pack = pack();
    pack.contradictions[0].finding = Text::fixed("{households:bare}与{share}", "{households:bare}");
    let report = annual(&pack, &evidence(), provenance()).unwrap();
    assert_eq!(report.note("A1").unwrap().finding.zh, "28,703与192,730.5%");
}

#[test]
fn figures_of_rows_without_a_day_say_of_which_day_they_are() {
    let day = |text: &str| text.parse::<Date>().ok();
    let asked = Evidence { as_of: day("2016-06-30"), known_on: day("2016-12-31"), ..evidence() };
    let report = annual(&pack(), &asked, provenance()).unwrap();
    let figure = report.figure("V15").unwrap();
    assert_eq!((figure.as_of.as_str(), report.as_of.as_str()), ("2016-12-31", "2016-06-30"));
    let said = figure.definition.as_ref().unwrap();
    assert!(said.zh.contains("2016年12月31日") && said.en.contains("31 December 2016"));
    assert_eq!(report.figure("P08").unwrap().as_of, "2016-06-30", "no rows, no day of them");
    let front = report.standing().unwrap();
    assert!(front.zh.contains("2项") && front.en.starts_with("2 of the figures"), "{front}");
    let now = Evidence { as_of: day("2016-12-31"), ..asked };
    assert_eq!(annual(&pack(), &now, provenance()).unwrap().standing(), None);
}
