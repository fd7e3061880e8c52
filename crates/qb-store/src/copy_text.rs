//! The text form of PostgreSQL's COPY.

use crate::value::Value;

/// Appends one row.
pub(crate) fn append(out: &mut Vec<u8>, values: &[Value<'_>]) {
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            out.push(b'\t');
        }
        match *value {
            Value::Null => out.extend_from_slice(b"\\N"),
            Value::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Value::Bool(truth) => out.push(if truth { b't' } else { b'f' }),
            Value::Text(text) => escape(out, text.as_bytes()),
            Value::Blob(bytes) => hex(out, bytes),
        }
    }
    out.push(b'\n');
}

fn escape(out: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            // PostgreSQL's text cannot hold NUL; no value of ours may either.
            0 => {}
            other => out.push(*other),
        }
    }
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(b"\\\\x");
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_inside_values_are_escaped() {
        let mut out = Vec::new();
        let blob: &[u8] = &[0x0a, 0xff];
        append(&mut out, &["a\tb\\\n".into(), Value::Null, 7.into(), true.into(), blob.into()]);
        assert_eq!(String::from_utf8(out).unwrap(), "a\\tb\\\\\\n\t\\N\t7\tt\t\\\\x0aff\n");
    }
}
