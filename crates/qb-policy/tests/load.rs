//! The pack that comes with the program loads whole.

use qb_policy::{Pack, PackSource};

#[test]
fn the_embedded_pack_loads() {
    let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(pack.areas.len(), 3011);
    assert_eq!(pack.code_list("cause").unwrap().lookup("缺劳动力").unwrap().id, "NO_LABOUR");
    assert_eq!(pack.layout("register_l1").unwrap().columns.len(), 31);
    assert!(pack.layout("income_sheet").unwrap().column("asset_yield").unwrap().income_item);
}
