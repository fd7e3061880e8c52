use super::*;

#[test]
fn a_village_knows_everything_above_it() {
    let village = AreaCode::parse("320381115206").unwrap();
    let path: Vec<String> = village.path().iter().map(ToString::to_string).collect();
    assert_eq!(path, ["32", "3203", "320381", "320381115", "320381115206"]);
    assert_eq!(village.parent().unwrap().level(), AreaLevel::Town);
}

#[test]
fn a_county_contains_its_villages_and_no_others() {
    let county = AreaCode::parse("320381").unwrap();
    assert!(county.contains(&AreaCode::parse("320381115206").unwrap()));
    assert!(!county.contains(&AreaCode::parse("320382115206").unwrap()));
    assert!(!county.contains(&AreaCode::parse("3203").unwrap()));
}

#[test]
fn the_range_holds_every_code_below() {
    let (low, high) = AreaCode::parse("320381").unwrap().range();
    assert!(low.as_str() <= "320381" && "320381999999" < high.as_str());
    assert!("320382" > high.as_str());
}

#[test]
fn other_lengths_and_letters_are_refused() {
    for text in ["", "3", "32038", "3203811152061", "32O381", "３２"] {
        assert_eq!(AreaCode::parse(text), Err(AreaCodeFault), "{text}");
    }
}
