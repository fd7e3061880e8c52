//! What a rule has read, as people read it: names, amounts in yuan, labels of codes.
//!
//! The command line and the pages say the same.

use qb_base::Text;
use qb_engine::views::{ColumnType, Level, Unit};
use qb_engine::{Exact, Input, Value};
use qb_policy::{Decimal, Pack};

use crate::number::{grouped, with_unit};

/// Fen of one yuan as a power of ten.
const FEN_DIGITS: u8 = 2;
/// Digits after the point of a shown share or average.
const SHOWN_DIGITS: u8 = 2;
/// A unit of the pack whose amounts are shown in yuan.
const FEN: &str = "fen";

/// What an input is called: a column by its label, a clause by its sentence, also inside an
/// aggregate.
pub fn input_name(pack: &Pack, input: &Input) -> Text {
    let asked = quoted(&input.name, "clause('").unwrap_or(&input.name);
    match (&input.label, pack.clause(asked)) {
        (Some(label), _) => label.clone(),
        (None, Some(clause)) => clause.says.clone(),
        (None, None) => Text::new(&input.name, &input.name),
    }
}

/// What was read: an amount in yuan, a code by its label.
pub fn input_value(pack: &Pack, input: &Input) -> Text {
    let unit = pack.clause(&input.name).and_then(|clause| clause.unit.as_deref());
    match unit.filter(|_| input.label.is_none()) {
        Some(unit) => clause_value(pack, Some(unit), &input.value),
        None => column_value(pack, &input.name, input.unit, &input.value),
    }
}

/// A clause's number in the unit the pack gives it.
pub fn clause_value(pack: &Pack, unit: Option<&str>, value: &Value) -> Text {
    match (value, unit) {
        (Value::Number(number), Some(FEN)) => yuan(*number),
        (Value::Number(number), Some(unit)) => {
            let label = label(pack, "unit", unit);
            in_unit(&exact(*number), &label)
        }
        (value, _) => column_value(pack, "", Unit::None, value),
    }
}

/// A column's value; a code is looked up in the column's list.
pub fn column_value(pack: &Pack, name: &str, unit: Unit, value: &Value) -> Text {
    match value {
        Value::Unknown => Text::fixed("不详", "unknown"),
        Value::Bool(true) => Text::fixed("是", "yes"),
        Value::Bool(false) => Text::fixed("否", "no"),
        Value::Date(date) => Text::new(date.to_string(), date.to_string()),
        Value::Text(code) => match list_of(name) {
            Some(list) => label(pack, list, code),
            None => Text::new(code, code),
        },
        Value::Number(number) => match unit {
            Unit::Fen => yuan(*number),
            Unit::People => in_unit(&exact(*number), &Text::fixed("人", "people")),
            _ => Text::new(number.to_string(), number.to_string()),
        },
    }
}

/// The text between an opening and the next quote: the id that `clause('id')` or `param('id')`
/// names.
pub fn quoted<'a>(text: &'a str, opening: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(opening)?;
    rest.split_once('\'').map(|(id, _)| id)
}

fn yuan(fen: Exact) -> Text {
    let yuan = Exact { unscaled: fen.unscaled, scale: fen.scale.saturating_add(FEN_DIGITS) };
    in_unit(&exact(yuan), &Text::fixed("元", "yuan"))
}

fn in_unit(number: &str, unit: &Text) -> Text {
    let [zh, en] =
        [qb_base::Lang::Zh, qb_base::Lang::En].map(|lang| with_unit(number, unit.get(lang), lang));
    Text::new(zh, en)
}

/// A number with separators, rounded for the eye.
fn exact(number: Exact) -> String {
    let rounded = number.round(SHOWN_DIGITS).normalised();
    Decimal::new(rounded.unscaled, u32::from(rounded.scale))
        .map_or_else(|| rounded.to_string(), grouped)
}

/// The name of a code; the code itself where its list has none.
fn label(pack: &Pack, list: &str, code: &str) -> Text {
    let known = pack.code_list(list).and_then(|list| list.code(code));
    known.map_or_else(|| Text::new(code, code), |code| code.label.clone())
}

/// The code list of a column, whichever view it belongs to.
fn list_of(name: &str) -> Option<&'static str> {
    Level::ALL.into_iter().find_map(|level| {
        let column = level.view().columns.iter().find(|column| column.name == name)?;
        match column.kind {
            ColumnType::Code(list) => Some(list),
            _ => None,
        }
    })
}
