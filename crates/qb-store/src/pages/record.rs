//! Values as SQLite's record format holds them: a header of types, then the values' bytes.
//!
//! <https://www.sqlite.org/fileformat2.html#record_format>

use crate::value::Value;

/// Serial types: NULL, the numbers that need no bytes, and where blobs and texts begin.
const NULL: u64 = 0;
const ZERO: u64 = 8;
const ONE: u64 = 9;
const BLOB: u64 = 12;
const TEXT: u64 = 13;

/// Appends a number of at most nine bytes, seven bits a byte, the greatest first.
#[inline]
pub(super) fn put_varint(target: &mut Vec<u8>, value: u64) {
    if let Ok(byte) = u8::try_from(value)
        && byte < 0x80
    {
        target.push(byte);
        return;
    }
    if value >> 56 != 0 {
        // Nine bytes, of which the last holds eight bits.
        target.extend((0..8).map(|at| low(value >> (57 - 7 * at)) | 0x80));
        target.push(low(value));
        return;
    }
    let groups = (64 - value.leading_zeros()).div_ceil(7).max(1);
    target.extend((0..groups).rev().map(|group| {
        let more = if group > 0 { 0x80 } else { 0 };
        (low(value >> (7 * group)) & 0x7f) | more
    }));
}

/// The eight lowest bits.
fn low(value: u64) -> u8 {
    value.to_le_bytes()[0]
}

/// Reads such a number; answers how many bytes it took.
#[inline]
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((value << 8 | u64::from(*byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// A record under construction; its memory is used again for the next.
#[derive(Debug, Default)]
pub(super) struct Record {
    header: Vec<u8>,
    body: Vec<u8>,
}

impl Record {
    pub(super) fn clear(&mut self) {
        self.header.clear();
        self.body.clear();
    }

    /// Appends a column.
    #[inline]
    pub(super) fn push(&mut self, value: &Value<'_>) {
        match *value {
            Value::Null => self.header.push(0),
            Value::Int(number) => self.push_int(number),
            Value::Bool(truth) => self.push_int(i64::from(truth)),
            Value::Text(text) => self.push_bytes(TEXT, text.as_bytes()),
            Value::Blob(bytes) => self.push_bytes(BLOB, bytes),
        }
    }

    #[inline]
    fn push_int(&mut self, number: i64) {
        let (kind, length) = match number {
            0 => (ZERO, 0),
            1 => (ONE, 0),
            -0x80..=0x7f => (1, 1),
            -0x8000..=0x7fff => (2, 2),
            -0x80_0000..=0x7f_ffff => (3, 3),
            -0x8000_0000..=0x7fff_ffff => (4, 4),
            -0x8000_0000_0000..=0x7fff_ffff_ffff => (5, 6),
            _ => (6, 8),
        };
        put_varint(&mut self.header, kind);
        self.body.extend_from_slice(&number.to_be_bytes()[8 - length..]);
    }

    #[inline]
    fn push_bytes(&mut self, kind: u64, bytes: &[u8]) {
        put_varint(&mut self.header, kind + 2 * bytes.len() as u64);
        self.body.extend_from_slice(bytes);
    }

    /// Appends columns that were made before.
    #[inline]
    pub(super) fn extend(&mut self, columns: &Self) {
        self.header.extend_from_slice(&columns.header);
        self.body.extend_from_slice(&columns.body);
    }

    /// Bytes of the header's own length: one, or two where the header is long.
    fn length_bytes(&self) -> usize {
        if self.header.len() < 0x7f { 1 } else { 2 }
    }

    /// Bytes of the finished record.
    pub(super) fn len(&self) -> usize {
        self.length_bytes() + self.header.len() + self.body.len()
    }

    /// Header and body of the finished record, the header with its own length before it in `head`.
    #[inline]
    pub(super) fn parts(&self, head: &mut Vec<u8>) -> [&[u8]; 2] {
        put_varint(head, (self.length_bytes() + self.header.len()) as u64);
        [&self.header, &self.body]
    }

    /// Appends the finished record.
    #[inline]
    pub(super) fn put(&self, target: &mut Vec<u8>) {
        put_varint(target, (self.length_bytes() + self.header.len()) as u64);
        target.extend_from_slice(&self.header);
        target.extend_from_slice(&self.body);
    }
}

/// A column of a record that is read. No table of ours holds a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column<'a> {
    Null,
    Int(i64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

/// Reads some columns, given by their places in rising order. A record has fewer columns where a
/// column was added to the table after its row. `None` where the bytes are no record.
pub(super) fn read<'a>(
    payload: &'a [u8],
    places: &[usize],
    columns: &mut Vec<Column<'a>>,
) -> Option<()> {
    columns.clear();
    let (length, mut at) = varint(payload)?;
    let mut body = usize::try_from(length).ok()?;
    let header = payload.get(..body)?;
    let mut place = 0;
    for wanted in places {
        loop {
            let Some(rest) = header.get(at..).filter(|rest| !rest.is_empty()) else {
                columns.push(Column::Null);
                break;
            };
            let (kind, length) = varint(rest)?;
            at += length;
            let bytes = match kind {
                NULL | ZERO | ONE => 0,
                1..=4 => usize::try_from(kind).ok()?,
                5 => 6,
                6 => 8,
                7 | 10 | 11 => return None,
                _ => usize::try_from((kind - BLOB) / 2).ok()?,
            };
            let end = body.checked_add(bytes)?;
            place += 1;
            if place > *wanted {
                columns.push(column(kind, payload.get(body..end)?));
                body = end;
                break;
            }
            body = end;
        }
    }
    Some(())
}

fn column(kind: u64, value: &[u8]) -> Column<'_> {
    match kind {
        NULL => Column::Null,
        ZERO => Column::Int(0),
        ONE => Column::Int(1),
        1..=6 => Column::Int(int(value)),
        _ if kind.is_multiple_of(2) => Column::Blob(value),
        _ => Column::Text(value),
    }
}

fn int(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn varints_are_read_as_they_were_put(value: u64, shift in 0_u32..64) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            prop_assert_eq!(varint(&bytes), Some((value, bytes.len())));
            prop_assert_eq!(varint(&bytes[..bytes.len() - 1]), None);
        }

        #[test]
        fn records_are_read_as_they_were_put(
            number: i64, shift in 0_u32..64, text in ".{0,200}", blob: Vec<u8>,
        ) {
            let number = number >> shift;
            let mut record = Record::default();
            let values = [
                Value::Int(number), Value::Null, Value::Text(&text), Value::Blob(&blob),
                Value::Bool(true), Value::Int(0),
            ];
            values.iter().for_each(|value| record.push(value));
            let mut bytes = Vec::new();
            record.put(&mut bytes);
            prop_assert_eq!(bytes.len(), record.len());
            let mut columns = Vec::new();
            prop_assert_eq!(read(&bytes, &[0, 1, 2, 3, 4, 5], &mut columns), Some(()));
            let expected = [
                Column::Int(number), Column::Null, Column::Text(text.as_bytes()),
                Column::Blob(&blob), Column::Int(1), Column::Int(0),
            ];
            prop_assert_eq!(&columns[..], &expected[..]);
            prop_assert_eq!(read(&bytes, &[2, 4, 9], &mut columns), Some(()));
            prop_assert_eq!(&columns[..], &[expected[2], expected[4], Column::Null]);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            read(&bytes, &[1, 9], &mut Vec::new());
        }
    }
}
