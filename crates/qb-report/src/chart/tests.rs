use super::*;
use crate::tests::report;

const SHAPES: &str = r#"{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"code":"320321","name":"丰县"},"geometry":{"type":"Polygon","coordinates":[[[116.0,34.5],[117.0,34.5],[117.0,35.0],[116.0,35.0],[116.0,34.5]]]}},
 {"type":"Feature","properties":{"code":"320322","name":"沛县"},"geometry":{"type":"MultiPolygon","coordinates":[[[[117,34.5],[118.0,34.5],[118.0,35],[117.0,34.5]]]]}}]}"#;

fn chart(kind: ChartKind) -> Chart {
    let facts = vec!["G08".to_owned(), "P14".to_owned()];
    Chart { kind, title: qb_base::Text::fixed("图", "chart"), facts }
}

#[test]
fn counties_are_shaded_by_rank_and_listed_with_their_values() {
    let svg = svg(&report(), Some(SHAPES), &chart(ChartKind::CountyMap), Lang::Zh).unwrap();
    assert_eq!(svg.matches("<path").count(), 2);
    assert!(svg.contains("1 丰县") && svg.contains("102,401人"), "{svg}");
    assert!(svg.contains(SHADES[0]) && svg.contains(SHADES[2]));
}

#[test]
fn without_shapes_or_values_no_map_is_drawn() {
    let map = chart(ChartKind::CountyMap);
    assert_eq!(svg(&report(), None, &map, Lang::Zh), None);
    assert_eq!(svg(&report(), Some("{}"), &map, Lang::Zh), None);
    let mut empty = report();
    empty.counties.clear();
    assert_eq!(svg(&empty, Some(SHAPES), &map, Lang::Zh), None);
}

#[test]
fn bars_show_the_share_of_the_published_value() {
    let svg = svg(&report(), None, &chart(ChartKind::Progress), Lang::En).unwrap();
    assert!(svg.contains("99.98%") && svg.contains("202,367 people / 202.4 thousand"), "{svg}");
}

#[test]
fn markup_in_names_is_escaped() {
    let mut report = report();
    report.counties[0].name = qb_base::Text::fixed("<练马村>", "<Lianma>");
    let svg = svg(&report, Some(SHAPES), &chart(ChartKind::CountyMap), Lang::Zh).unwrap();
    assert!(svg.contains("&lt;练马村&gt;"));
}

/// The widths of the bars that are drawn, the published ones left out.
fn bars(svg: &str) -> Vec<i64> {
    let drawn = svg.split("<rect ").filter(|rect| rect.contains(ACCENT));
    let width = |rect: &str| rect.split("width=\"").nth(1)?.split('"').next()?.parse().ok();
    drawn.filter_map(width).collect()
}

#[test]
fn what_is_more_than_published_is_longer_than_the_line_by_as_much() {
    let mut report = report();
    report.figures[0].computed_exact = Some(Decimal::whole(244_904));
    let svg = svg(&report, None, &chart(ChartKind::Progress), Lang::Zh).unwrap();
    let line: i64 = svg.split("M").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let longest = bars(&svg)[0];
    assert!((longest - (line - 4) * 121 / 100).abs() <= 1, "{longest} {line}");
    assert!(longest + 4 <= WIDTH - PERCENT_WIDTH, "{longest}");
    assert!(svg.contains("121.00%"), "{svg}");
}

#[test]
fn a_bar_that_would_leave_the_drawing_is_cut_and_says_so() {
    let mut report = report();
    report.figures[0].computed_exact = Some(Decimal::whole(2_024_000));
    let svg = svg(&report, None, &chart(ChartKind::Progress), Lang::Zh).unwrap();
    assert!(bars(&svg)[0] + 4 <= WIDTH - PERCENT_WIDTH);
    assert!(svg.contains("› 1000.00%"), "{svg}");
}

#[test]
fn the_number_of_a_county_stands_inside_it_though_it_lies_around_another() {
    let square = |low: i64, high: i64| vec![(low, low), (high, low), (high, high), (low, high)];
    let around =
        County { code: String::new(), rings: vec![square(0, 9_000), square(1_000, 8_000)] };
    let frame = Frame::around(std::slice::from_ref(&around)).unwrap();
    let place = frame.middle(&around).unwrap();
    let hole: Vec<(i64, i64)> = around.rings[1].iter().map(|point| frame.place(*point)).collect();
    let hole: Vec<Edge> = edges(&hole).collect();
    assert!(!is_inside(&hole, place), "{place:?}");
}
