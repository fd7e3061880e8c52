//! The fields of a record, read from JSON into the order of the table's columns.

use std::borrow::Cow;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};

/// One value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// The record doesn't state it.
    Unknown,
    /// A whole number: counts, years, fen.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text, a code, a day, a decimal.
    Text(Cow<'a, str>),
}

/// Reads an object into `fields`, one per id in their order; members with other names are left out.
///
/// Records are read by the hundred thousand, so no map is built: members come in the order of the
/// columns, and each is looked for from where the last one stood.
pub(crate) fn read_fields<'a>(
    json: &'a str,
    ids: &[String],
    fields: &mut Vec<Field<'a>>,
) -> Result<(), serde_json::Error> {
    fields.clear();
    fields.resize(ids.len(), Field::Unknown);
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_map(Fields { ids, fields })?;
    reader.end()
}

struct Fields<'i, 'f, 'a> {
    ids: &'i [String],
    fields: &'f mut Vec<Field<'a>>,
}

impl<'a> Visitor<'a> for Fields<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the fields of a record")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut members: M) -> Result<(), M::Error> {
        let mut next = 0;
        while let Some(Name(name)) = members.next_key_seed(NameSeed)? {
            let value = members.next_value_seed(ValueSeed)?;
            let after = self.ids.iter().skip(next).position(|id| *id == *name).map(|at| at + next);
            let at = after.or_else(|| self.ids.iter().position(|id| *id == *name));
            if let Some(at) = at
                && let Some(slot) = self.fields.get_mut(at)
            {
                *slot = value;
                next = at + 1;
            }
        }
        Ok(())
    }
}

struct Name<'a>(Cow<'a, str>);

struct NameSeed;

impl<'a> DeserializeSeed<'a> for NameSeed {
    type Value = Name<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Name<'a>, D::Error> {
        match deserializer.deserialize_str(ValueSeed)? {
            Field::Text(name) => Ok(Name(name)),
            _ => Err(D::Error::custom("a name")),
        }
    }
}

struct ValueSeed;

impl<'a> DeserializeSeed<'a> for ValueSeed {
    type Value = Field<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Field<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ValueSeed {
    type Value = Field<'a>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text, a whole number, true, false or null")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Field<'a>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field<'a>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Field<'a>, E> {
        Ok(Field::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Field<'a>, E> {
        i64::try_from(number).map(Field::Int).map_err(|_| E::custom("a number beyond 64 bits"))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Field<'a>, E> {
        Ok(Field::Bool(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<Field<'a>, E> {
        Ok(Field::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<Field<'_>> {
        let ids = ["a", "b", "c"].map(str::to_owned);
        let mut fields = Vec::new();
        read_fields(json, &ids, &mut fields).unwrap();
        fields
    }

    #[test]
    fn members_find_their_columns_in_any_order() {
        let fields = read(r#"{"c":true,"x":"left out","a":-7}"#);
        assert_eq!(fields, [Field::Int(-7), Field::Unknown, Field::Bool(true)]);
    }

    #[test]
    fn escaped_text_is_read_as_it_was_written() {
        let fields = read(r#"{"a":"甲\"乙\\","b":null}"#);
        assert_eq!(fields[0], Field::Text("甲\"乙\\".into()));
        assert_eq!(fields[1], Field::Unknown);
    }

    #[test]
    fn what_is_no_object_of_plain_values_is_a_fault() {
        for json in ["", "[]", r#"{"a":[1]}"#, r#"{"a":1.5}"#, r#"{"a":1} x"#] {
            assert!(read_fields(json, &["a".to_owned()], &mut Vec::new()).is_err(), "{json}");
        }
    }
}
