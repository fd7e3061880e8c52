//! Exact decimals in JSON and on paper.

use qb_base::Lang;
use qb_base::money::group_thousands;
use qb_policy::Decimal;

/// A decimal with commas between groups of three digits: `68,164,300.5`.
pub fn grouped(number: Decimal) -> String {
    let plain = number.to_string();
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    match rest.split_once('.') {
        Some((whole, decimals)) => format!("{sign}{}.{decimals}", group_thousands(whole)),
        None => format!("{sign}{}", group_thousands(rest)),
    }
}

/// A number with its unit as running text writes it: `202,400人`, `202,400 people`, `9.2%`.
pub fn with_unit(number: &str, unit: &str, lang: Lang) -> String {
    let tight = lang == Lang::Zh || unit.is_empty() || unit.starts_with('%');
    format!("{number}{}{unit}", if tight { "" } else { " " })
}

/// A decimal as a JSON number, for scripts: whole numbers stay whole.
pub(crate) fn to_json(number: Decimal) -> serde_json::Value {
    match number.to_i64() {
        Some(whole) => whole.into(),
        None => to_cell(number).into(),
    }
}

/// A decimal as a spreadsheet cell needs it.
// floats: a spreadsheet knows no other number; the value is shown, never computed with.
pub(crate) fn to_cell(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

/// `Decimal` as a JSON text, exact.
pub(crate) mod required {
    use qb_policy::Decimal;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(number: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(from)?;
        Decimal::parse(&text).ok_or_else(|| serde::de::Error::custom("not a plain decimal"))
    }
}

/// `Option<Decimal>` as a JSON text or null, exact.
pub(crate) mod optional {
    use qb_policy::Decimal;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        number: &Option<Decimal>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => to.collect_str(number),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let read = |text: String| {
            Decimal::parse(&text).ok_or_else(|| serde::de::Error::custom("not a plain decimal"))
        };
        text.map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_with_separators_and_units() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(grouped(number("-68164300.5")), "-68,164,300.5");
        assert_eq!(with_unit(&grouped(number("202400")), "人", Lang::Zh), "202,400人");
        assert_eq!(with_unit("202,400", "people", Lang::En), "202,400 people");
        assert_eq!(with_unit("9.2", "%", Lang::En), "9.2%");
    }

    #[test]
    fn scripts_get_numbers_not_texts() {
        assert_eq!(to_json(Decimal::whole(202_400)).to_string(), "202400");
        assert_eq!(to_json(Decimal::parse("2374.8").unwrap()).to_string(), "2374.8");
    }
}
