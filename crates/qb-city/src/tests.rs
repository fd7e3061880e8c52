//! The plan adds up, people are plausible, files are whole.


use crate::model::Model;
use crate::plan::City;

pub(crate) fn areas() -> Vec<crate::Area> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy/xuzhou-2016/areas.csv");
    crate::parse_areas(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_plan_of_the_full_city_adds_up_exactly() {
    let model = Model::load().unwrap();
    let city = City::plan(&model, &areas(), 1, crate::FULL_SCALE_PPM).unwrap();
    assert_eq!(city.slots.len(), 262_838);
}
