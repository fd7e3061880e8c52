//! Exact decimals in JSON and on paper.

use qb_base::money::group_thousands;
use qb_base::{Date, Lang, Text};
use qb_policy::Decimal;

/// Digits after the point up to which a number is printed whole.
const DIGITS_EXACT: u32 = 4;
/// Digits after the point of a quotient, which may have no end.
const DIGITS_OF_QUOTIENT: u32 = 2;

/// A decimal with commas between groups of three digits: `68,164,300.5`.
pub fn grouped(number: Decimal) -> String {
    let plain = number.to_string();
    let (sign, rest) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
    match rest.split_once('.') {
        Some((whole, decimals)) => format!("{sign}{}.{decimals}", group_thousands(whole)),
        None => format!("{sign}{}", group_thousands(rest)),
    }
}

/// A decimal as people read it: exact where it has an end, else with two digits after the point.
///
/// A share that only nearly reaches a whole number keeps as many digits as it takes to see that.
pub fn readable(number: Decimal) -> String {
    grouped(short(number))
}

fn short(number: Decimal) -> Decimal {
    if number.scale() <= DIGITS_EXACT {
        return number;
    }
    let whole = Decimal::whole(1);
    let rounded = |digits| number.round_to(Decimal::new(1, digits)?);
    let is_whole = |value: &Decimal| value.round_to(whole) == Some(*value);
    (DIGITS_OF_QUOTIENT..number.scale())
        .filter_map(rounded)
        .find(|short| !is_whole(short))
        .unwrap_or(number)
}

/// A unit as it stands behind a number: English has another word for one.
pub fn unit_of(number: Decimal, unit: &str, lang: Lang) -> String {
    if lang == Lang::Zh || number != Decimal::whole(1) {
        return unit.to_owned();
    }
    if unit == "people" {
        return "person".to_owned();
    }
    let (word, rest) = unit.split_once(" of ").map_or((unit, None), |(word, of)| (word, Some(of)));
    let one = match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) => stem.to_owned(),
        (None, None) => word.to_owned(),
    };
    rest.map_or_else(|| one.clone(), |of| format!("{one} of {of}"))
}

/// The unit of a figure that is a day: its number is the day, year first, such as 20160218.
pub(crate) const DAY: &str = "date";

/// The day that a number in a unit is; none for a quantity.
pub fn as_day(number: Decimal, unit: Option<&str>) -> Option<Date> {
    unit.filter(|unit| *unit == DAY)?;
    let digits = number.to_i64()?;
    let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100);
    format!("{year:04}-{month:02}-{day:02}").parse().ok()
}

/// A day as people write it.
pub fn day(date: Date) -> Text {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let (year, month, day) = (date.year(), date.month(), date.day());
    let place = usize::try_from(month - 1).ok();
    let name = place.and_then(|place| MONTHS.get(place)).copied().map_or_else(
        // A calendar has no other month.
        || month.to_string(),
        str::to_owned,
    );
    Text::new(format!("{year}年{month}月{day}日"), format!("{day} {name} {year}"))
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
mod tests;
