//! The pack that comes with the program loads whole.

use qb_policy::arithmetic::{Operand, evaluate};
use qb_policy::{Pack, PackSource};

#[test]
fn the_embedded_pack_loads() {
    let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(pack.areas.len(), 3011);
    assert_eq!(pack.code_list("cause").unwrap().lookup("缺劳动力").unwrap().id, "NO_LABOUR");
    assert_eq!(pack.layout("register_l1").unwrap().columns.len(), 31);
    assert!(pack.layout("income_sheet").unwrap().column("asset_yield").unwrap().income_item);
}

#[test]
fn the_contradictions_come_out_as_derived_by_hand() {
    let pack = Pack::load(PackSource::Embedded("xuzhou-2016")).unwrap();
    for one in &pack.contradictions {
        for figure in &one.figures {
            let mut value = |operand: Operand<'_>| match operand {
                Operand::Published(id) | Operand::Computed(id) => pack.fact(id)?.published,
                Operand::Param(id) => pack.param(id, &pack.area, pack.as_of).map(|v| v.published),
            };
            let exact = evaluate(&figure.expression.text, &mut value).unwrap();
            let shown = exact.and_then(|ratio| ratio.round_to(figure.rounding.unwrap()));
            println!("{} {} {}", one.id, figure.id, shown.unwrap());
        }
    }
}
