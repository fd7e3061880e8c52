//! The output scanner: no report text may hold a string that passes as an identity number, a mobile
//! number or a bank card.

use qb_base::personal::find;

use crate::error::ReportError;

/// Checks one text of a report.
///
/// # Errors
/// [`ReportError::PersonalData`] naming the place and the kind, never the number.
pub fn check(place: &str, text: &str) -> Result<(), ReportError> {
    match find(text) {
        Some(kind) => Err(ReportError::PersonalData { place: place.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Entries that hold a quantity as text, digit by digit: one of eleven digits is no telephone.
const QUANTITIES: &[&str] = &["computed_exact"];

/// Checks every text of a JSON value, keys included; quantities are computed, nobody wrote them.
///
/// # Errors
/// As [`check`]; the place is the path of keys.
pub fn check_json(place: &str, value: &serde_json::Value) -> Result<(), ReportError> {
    match value {
        serde_json::Value::String(text) => check(place, text),
        serde_json::Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_json(&format!("{place}[{index}]"), item)),
        serde_json::Value::Object(entries) => entries.iter().try_for_each(|(key, item)| {
            check(place, key)?;
            if QUANTITIES.contains(&key.as_str()) {
                return Ok(());
            }
            check_json(&format!("{place}.{key}"), item)
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_json;

    #[test]
    fn a_computed_quantity_is_no_telephone_number() {
        let figures = serde_json::json!([{ "computed_exact": "13800138000" }]);
        assert!(check_json("report", &figures).is_ok());
        let words = serde_json::json!([{ "says": "13800138000" }]);
        assert!(check_json("report", &words).is_err());
    }

    #[test]
    fn the_error_names_the_place_and_never_the_number() {
        let value = serde_json::json!({ "notes": [{ "finding": "见11010519491231002X" }] });
        let message = check_json("report", &value).unwrap_err().to_string();
        assert!(message.contains("report.notes[0].finding"), "{message}");
        assert!(!message.contains("1949"), "{message}");
    }
}
