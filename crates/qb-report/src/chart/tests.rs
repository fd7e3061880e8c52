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
