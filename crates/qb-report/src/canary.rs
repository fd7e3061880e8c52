//! Numbers of persons, planted in every text of a report, leave in no document.

use qb_base::Lang;
use serde_json::Value;

use crate::docx::render_docx;
use crate::fonts::Fonts;
use crate::model::AnnualReport;
use crate::render::{Look, typeset_report};
use crate::tests::report;

const TEMPLATE_TEXT: &str = include_str!("../../../policy/xuzhou-2016/report/annual.typ");

/// A number of each kind.
const PLANTED: [&str; 4] =
    ["32032219870315001X", "320322651123407", "15952299871", "6228480402564890018"];

/// Texts between which the typeset document is made: it takes its time.
const TYPESET_EVERY: usize = 60;

/// The places of all texts, as JSON pointers.
fn texts(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::String(_) => all.push(at.to_owned()),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| texts(item, &format!("{at}/{index}"), all));
        }
        Value::Object(entries) => {
            entries.iter().for_each(|(key, item)| texts(item, &format!("{at}/{key}"), all));
        }
        _ => {}
    }
}

#[test]
fn a_number_planted_in_any_text_of_a_report_leaves_in_neither_docx_nor_pdf() {
    let whole = serde_json::to_value(report()).unwrap();
    let mut places = Vec::new();
    texts(&whole, "", &mut places);
    let fonts = Fonts::embedded();
    let look = Look { template: TEMPLATE_TEXT, shapes: None, fonts: &fonts };
    let mut planted = 0;
    for (at, place) in places.iter().enumerate() {
        let number = PLANTED[at % PLANTED.len()];
        let mut value = whole.clone();
        *value.pointer_mut(place).unwrap() = format!("见{number}处").into();
        // What is a code, a day or a digest holds no such text.
        let Ok(report) = serde_json::from_value::<AnnualReport>(value) else { continue };
        planted += 1;
        for lang in [Lang::Zh, Lang::En] {
            let told = render_docx(&report, &look, lang).unwrap_err().to_string();
            assert!(!told.contains(number), "{place}: {told}");
        }
        if planted % TYPESET_EVERY == 0 {
            match typeset_report(&report, &look, Lang::Zh) {
                Ok(typeset) => assert!(!typeset.text().contains(number), "{place}"),
                Err(told) => assert!(!told.to_string().contains(number), "{place}: {told}"),
            }
        }
    }
    assert!(planted > 100, "{planted} of {}", places.len());
}
