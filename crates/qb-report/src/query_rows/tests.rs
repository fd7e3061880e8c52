use qb_engine::Exact;

use super::*;
use crate::tests::{decimal, pack};

fn column(name: &str) -> TableColumn {
    let label = Text::fixed("金额", "amount");
    TableColumn { name: name.to_owned(), kind: TableType::Integer, label, codes: None }
}

fn number(unscaled: i128) -> Value {
    Value::Number(Exact { unscaled, scale: 0 })
}

#[test]
fn money_is_shown_in_yuan() {
    assert_eq!(&*head(&column("amount_fen")).zh, "金额（元）");
    let shown = cell(&pack(), &column("amount_fen"), &number(123_456));
    assert_eq!(shown, Cell::Number(decimal("1234.56")));
}

#[test]
fn the_unit_of_the_file_does_not_stand_beside_that_of_the_page() {
    for label in ["金额(元)", "金额（元）", "金额(万元)", "金额（万元）", "金额"]
    {
        let mut column = column("amount_fen");
        column.label = Text::new(label, "amount (yuan)");
        assert_eq!(&*head(&column).zh, "金额（元）", "{label}");
        assert_eq!(&*head(&column).en, "amount (yuan)");
    }
}

#[test]
fn years_and_ids_are_names_not_quantities() {
    for name in ["year", "exit_year", "household_id"] {
        let shown = cell(&pack(), &column(name), &number(2016));
        assert_eq!(shown, Cell::Text("2016".to_owned()), "{name}");
    }
}

#[test]
fn an_area_is_shown_by_its_name_and_an_unknown_one_by_its_code() {
    let place = |code: &str| cell(&pack(), &column("area_code"), &Value::Text(code.to_owned()));
    assert_eq!(place("320321"), Cell::Label(Text::fixed("丰县", "Feng county 丰县")));
    assert_eq!(place("999999"), Cell::Label(Text::fixed("999999", "999999")));
}
