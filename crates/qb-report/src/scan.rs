//! The output scanner: no report text may hold a string that passes as an identity number, a mobile
//! number or a bank card.

use qb_base::personal::find;
use qb_policy::Decimal;

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

/// Entries of the model that are quantities and stand there as text, digit by digit: one of eleven
/// digits is no telephone number. Whatever else stands under such a name is looked at.
const QUANTITIES: &[&str] = &["computed", "computed_exact", "published", "rounding", "value"];

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
            let is_quantity = QUANTITIES.contains(&key.as_str())
                && item.as_str().is_some_and(|text| Decimal::parse(text).is_some());
            if is_quantity {
                return Ok(());
            }
            check_json(&format!("{place}.{key}"), item)
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use qb_policy::Decimal;

    use super::check_json;

    /// Every quantity of the model: a new one that is not exempt fails here.
    #[test]
    fn a_quantity_of_eleven_digits_is_no_telephone_number() {
        let amount = Some(Decimal::whole(13_800_138_000));
        let mut report = crate::tests::report();
        for figure in &mut report.figures {
            figure.published = amount;
            figure.computed = amount;
            figure.computed_exact = amount;
            figure.rounding = amount;
        }
        let of_notes = report.notes.iter_mut().flat_map(|note| &mut note.figures);
        of_notes.for_each(|figure| figure.value = amount);
        let of_counties = report.counties.iter_mut().flat_map(|county| &mut county.values);
        of_counties.for_each(|one| one.value = Decimal::whole(13_800_138_000));
        let value = serde_json::to_value(&report).unwrap();
        assert!(value.to_string().matches("\"13800138000\"").count() > 3, "{value}");
        check_json("report", &value).unwrap();
    }

    #[test]
    fn words_under_the_name_of_a_quantity_are_looked_at() {
        for text in ["13800138000 张", "电话13800138000", "138 0013 8000"] {
            let value = serde_json::json!({ "value": text });
            assert!(check_json("report", &value).is_err(), "{text}");
        }
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
