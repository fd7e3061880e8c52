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

/// Checks every text of a JSON value, keys included.
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
            check_json(&format!("{place}.{key}"), item)
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_json;

    #[test]
    fn the_error_names_the_place_and_never_the_number() {
        let value = serde_json::json!({ "notes": [{ "finding": "见11010519491231002X" }] });
        let message = check_json("report", &value).unwrap_err().to_string();
        assert!(message.contains("report.notes[0].finding"), "{message}");
        assert!(!message.contains("1949"), "{message}");
    }
}
