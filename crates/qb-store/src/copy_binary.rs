//! The binary form of PostgreSQL's COPY: the server has no digits, escapes or hexadecimals to read.
//!
//! It takes values for what the columns are: integers are `bigint`, as everywhere in the schema.

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
    pub(crate) fn of<'v>(values: impl ExactSizeIterator<Item = &'v Value<'v>>) -> Self {
        let mut rest = Self { fields: values.len(), bytes: Vec::new() };
        put(&mut rest.bytes, values);
        rest
    }
}

/// Appends one row.
pub(crate) fn append(out: &mut Vec<u8>, values: &[Value<'_>], rest: &Rest) {
    let fields = values.len() + rest.fields;
    // A row has some dozen columns; a number that did not fit would be refused by the server.
    out.extend_from_slice(&i16::try_from(fields).unwrap_or(i16::MAX).to_be_bytes());
    put(out, values.iter());
    out.extend_from_slice(&rest.bytes);
}

fn put<'v>(out: &mut Vec<u8>, values: impl Iterator<Item = &'v Value<'v>>) {
    for value in values {
        match *value {
            Value::Null => out.extend_from_slice(&NULL.to_be_bytes()),
            Value::Int(number) => field(out, &number.to_be_bytes()),
            Value::Bool(truth) => field(out, &[u8::from(truth)]),
            Value::Text(text) => put_text(out, text),
            Value::Blob(bytes) => field(out, bytes),
        }
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    // PostgreSQL's text cannot hold NUL; no value of ours may either.
    if text.as_bytes().contains(&0) {
        field(out, text.replace('\0', "").as_bytes());
    } else {
        field(out, text.as_bytes());
    }
}

fn field(out: &mut Vec<u8>, bytes: &[u8]) {
    // A value of 2 GiB is refused by the server, as its length then does not fit what follows.
    out.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_count_and_each_value_behind_its_length() {
        let mut out = Vec::new();
        let blob: &[u8] = &[0x0a, 0xff];
        let rest = Rest::of([true.into(), blob.into()].iter());
        append(&mut out, &["a\0b".into(), Value::Null, 7.into()], &rest);
        let expected: &[u8] = b"\0\x05\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\x08\0\0\0\0\0\0\0\x07\
            \0\0\0\x01\x01\0\0\0\x02\n\xff";
        assert_eq!(out, expected);
    }
}
