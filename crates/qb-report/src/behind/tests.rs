use super::*;
use crate::tests::pack;

fn outcome(fact: &str, level: &str, position: usize) -> FigureOutcome {
    let (fact, level) = (fact.to_owned(), level.to_owned());
    FigureOutcome { fact, level, position, value: Some((1, 0)), rows: 3, rows_unknown: 0 }
}

#[test]
fn facts_that_filter_the_same_rows_share_a_sheet_and_those_that_count_all_have_none() {
    let mut pack = pack();
    let same = pack.fact("G08").unwrap().method.clone();
    pack.facts
        .iter_mut()
        .filter(|fact| fact.id == "G10")
        .for_each(|fact| fact.method = same.clone());
    let outcomes = [
        outcome("G08", "household", 4),
        outcome("G10", "household", 5),
        outcome("V15", "village", 1),
    ];
    let sheets = sheets(&pack, &outcomes).unwrap();
    assert_eq!(sheets.len(), 1);
    assert_eq!(sheets[0].head.facts, ["G08", "G10"]);
    let Rows::Level(rows) = &sheets[0].rows else { panic!("rows of a level") };
    assert_eq!((rows.position, sheets[0].head.total), (4, 3));
    let names: Vec<&str> = rows.columns.iter().map(|column| column.name).collect();
    assert_eq!(names, ["member_count", "exit_year"]);
    assert_eq!(sheets[0].head.columns.len(), 6);
}

#[test]
fn an_area_is_named_down_to_where_it_is_known() {
    assert_eq!(
        area_names(&pack(), "320321100200"),
        [Text::fixed("丰县", "Feng county 丰县"), Text::fixed("", ""), Text::fixed("", "")]
    );
}
