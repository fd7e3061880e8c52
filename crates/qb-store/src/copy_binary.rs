//! The binary form of PostgreSQL's COPY: the server has no digits, escapes or hexadecimals to read.
//!
//! It takes values for what the columns are: integers are `bigint`, as everywhere in the schema.

use crate::error::StoreError;
use crate::value::Value;

/// What every load begins with: signature, flags, and the length of an extension that is not there.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The field count that ends a load.
const TRAILER: i16 = -1;
/// The length that stands for NULL.
const NULL: i32 = -1;

/// Begins a load.
pub(crate) fn begin(out: &mut Vec<u8>) {
    out.extend_from_slice(HEADER);
}

/// Ends a load.
pub(crate) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(&TRAILER.to_be_bytes());
}

/// Fields that every row of a load ends with.
pub(crate) struct Rest {
    fields: usize,
    bytes: Vec<u8>,
}

impl Rest {
    pub(crate) fn of<'v>(
        values: impl ExactSizeIterator<Item = &'v Value<'v>>,
    ) -> Result<Self, StoreError> {
        let mut rest = Self { fields: values.len(), bytes: Vec::new() };
        put(&mut rest.bytes, values)?;
        Ok(rest)
    }
}

/// Appends one row.
///
/// # Errors
/// When a value is longer, or has more columns beside it, than the form can say.
pub(crate) fn append(
    out: &mut Vec<u8>,
    values: &[Value<'_>],
    rest: &Rest,
) -> Result<(), StoreError> {
    let fields = i16::try_from(values.len() + rest.fields);
    let fields = fields.map_err(|_| StoreError::Broken("a row has too many columns"))?;
    out.extend_from_slice(&fields.to_be_bytes());
    put(out, values.iter())?;
    out.extend_from_slice(&rest.bytes);
    Ok(())
}

fn put<'v>(
    out: &mut Vec<u8>,
    values: impl Iterator<Item = &'v Value<'v>>,
) -> Result<(), StoreError> {
    for value in values {
        match *value {
            Value::Null => out.extend_from_slice(&NULL.to_be_bytes()),
            Value::Int(number) => field(out, &number.to_be_bytes())?,
            Value::Bool(truth) => field(out, &[u8::from(truth)])?,
            Value::Text(text) => put_text(out, text)?,
            Value::Blob(bytes) => field(out, bytes)?,
        }
    }
    Ok(())
}

fn put_text(out: &mut Vec<u8>, text: &str) -> Result<(), StoreError> {
    // PostgreSQL's text cannot hold NUL; no value of ours may either.
    if text.as_bytes().contains(&0) {
        field(out, text.replace('\0', "").as_bytes())
    } else {
        field(out, text.as_bytes())
    }
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
    let length = i32::try_from(bytes.len());
    let length = length.map_err(|_| StoreError::Broken("a value has 2 GiB or more"))?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_count_and_each_value_behind_its_length() {
        let mut out = Vec::new();
        let blob: &[u8] = &[0x0a, 0xff];
        let rest = Rest::of([true.into(), blob.into()].iter()).unwrap();
        append(&mut out, &["a\0b".into(), Value::Null, 7.into()], &rest).unwrap();
        let expected: &[u8] = b"\0\x05\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\x08\0\0\0\0\0\0\0\x07\
            \0\0\0\x01\x01\0\0\0\x02\n\xff";
        assert_eq!(out, expected);
    }

    #[test]
    fn a_row_with_more_columns_than_the_form_can_say_is_refused_not_cut() {
        let values = vec![Value::Null; 40_000];
        let rest = Rest { fields: 0, bytes: Vec::new() };
        let refused = append(&mut Vec::new(), &values, &rest);
        assert!(matches!(refused, Err(StoreError::Broken(_))), "{refused:?}");
    }
}
