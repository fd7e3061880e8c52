use super::*;

fn filled(query: &str) -> Result<Filled, ExprFault> {
    let values = [("year", "2016"), ("line.exit", "1234"), ("as_of", "date '2016-12-31'")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Placeholders { values: BTreeMap::from(values) }.fill(query)
}

#[test]
fn placeholders_are_filled_in_order() {
    let text = filled("where year = {year} and fen >= {line.exit}").unwrap().text;
    assert_eq!(text, "where year = 2016 and fen >= 1234");
}

#[test]
fn an_unknown_placeholder_is_named_with_its_place_and_a_near_one() {
    let fault = filled("a\n= {yeer}").unwrap_err();
    assert_eq!((fault.span.start.line, fault.span.start.column), (2, 3));
    assert_eq!(fault.did_you_mean.as_deref(), Some("year"));
}

#[test]
fn a_place_behind_a_placeholder_is_the_authors() {
    let query = "x = {as_of} and\ny = {year} and 错 = {line.exit} or here";
    let filled = filled(query).unwrap();
    for word in ["and", "错", "here"] {
        let chars = |text: &str| text.find(word).map(|at| text[..at].chars().count()).unwrap();
        let place = place_of(&filled.text, chars(&filled.text));
        assert_eq!(filled.back(place), place_of(query, chars(query)), "{word}");
    }
}
