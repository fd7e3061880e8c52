//! Names of places in Traditional writing, and names of people as sheets lay them out.

use qb_base::{AreaLevel, fold};
use qb_intake::fields::Reading;
use qb_intake::fields::area::AreaIndex;

use crate::files::{self, Bench, COUNTY, NAME, VILLAGE, csv, households, text};

/// The Traditional forms of characters, by character.
fn forms() -> Vec<(char, Vec<&'static str>)> {
    let lines = include_str!("../area-forms.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (simple, forms) = line.split_once('\t').unwrap();
            (simple.chars().next().unwrap(), forms.split(' ').collect())
        })
        .collect()
}

#[test]
fn every_area_is_found_by_its_traditional_name() {
    let pack = files::pack();
    let index = AreaIndex::new(&pack);
    let forms = forms();
    let mut tried = 0;
    for area in &pack.areas {
        let Some(parent) = area.parent.or_else(|| area.code.parent()) else { continue };
        if area.code.level() == AreaLevel::Province || !index.knows(&parent) {
            continue;
        }
        for turn in 0..3 {
            let written: String = area
                .name
                .chars()
                .map(|c| {
                    let known = forms.iter().find(|(simple, _)| *simple == c);
                    let form = known.and_then(|(_, forms)| forms.get(turn.min(forms.len() - 1)));
                    form.map_or_else(|| c.to_string(), |form| (*form).to_owned())
                })
                .collect();
            if written == area.name {
                continue;
            }
            let found = index.find(parent, area.code.level(), &written);
            assert_eq!(found, Reading::Value(area.code), "{} {written}", area.name);
            tried += 1;
        }
    }
    assert!(tried > 2_500, "{tried}");
}

#[test]
fn no_two_areas_below_one_parent_have_one_key() {
    let pack = files::pack();
    let mut keys = std::collections::BTreeSet::new();
    for area in &pack.areas {
        let parent = area.parent.or_else(|| area.code.parent());
        assert!(keys.insert((parent, fold::key(&area.name))), "{}", area.name);
    }
}

#[test]
fn a_traditional_register_goes_in_and_stored_names_are_those_of_the_file() {
    let mut rows = households(1);
    for row in &mut rows {
        row[COUNTY] = "睢寧縣".into();
        row[VILLAGE] = "東風社區居委會".into();
        row[NAME] = "錢國強".into();
    }
    let bench = Bench::new();
    let report = bench.write("a.csv", csv(&rows)).import();
    assert_eq!((report.people, report.rows_rejected), (2, 0), "{:?}", report.faults);
    let store = &bench.store.store;
    assert_eq!(text(store, "select name from person where id = 1"), "錢國強");
    assert_eq!(text(store, "select name_key from person where id = 1"), "钱国强");
}

#[test]
fn blanks_and_line_ends_inside_a_name_are_taken_out() {
    for (written, stored) in
        [("周 超", "周超"), ("周　超", "周超"), ("Anna  Maria", "Anna Maria"), ("'周超", "周超")]
    {
        let mut rows = households(1);
        rows[0][NAME] = written.into();
        let bench = Bench::new();
        let report = bench.write("a.csv", csv(&rows)).import();
        assert_eq!((report.people, report.rows_rejected), (2, 0), "{:?}", report.faults);
        let repaired = report.fault_counts.iter().find(|count| count.code == "F2");
        assert_eq!(repaired.map(|count| count.count), Some(1), "{written}");
        assert_eq!(text(&bench.store.store, "select name from person where id = 1"), stored);
    }
    let mut rows = households(1);
    rows[0][NAME] = "\"周\n超\"".into();
    let bench = Bench::new();
    bench.write("a.csv", csv(&rows)).import();
    assert_eq!(text(&bench.store.store, "select name from person where id = 1"), "周超");
}
