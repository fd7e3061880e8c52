//! What programs wrap around a value so that a spreadsheet leaves it alone, and what they leave in
//! it: `="0012"`, `'0012`, `_x000D_` (fault F2).

use std::borrow::Cow;

use crate::read::batch::{CellKind, Value};

/// Quotes that stand for a plain apostrophe.
pub(crate) const APOSTROPHES: [char; 6] = ['\'', '`', '‘', '’', '′', '＇'];

/// Characters that nobody sees.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether one of the values among these bytes may stand in wrappings.
pub(crate) fn may_wrap(bytes: &[u8]) -> bool {
    memchr::memchr2(b'=', b'\'', bytes).is_some()
}

/// The value inside `="…"`, and a number without the apostrophe in front of it; anything else as it
/// is. Looks at the first byte of nearly every cell and at no more.
#[inline]
pub(crate) fn unwrapped(value: Value<'_>) -> Value<'_> {
    match value.text.first() {
        Some(b'=' | b'\'') if value.kind == CellKind::Text => {
            Value { kind: CellKind::Text, text: without_wrapping(value.text) }
        }
        _ => value,
    }
}

fn without_wrapping(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b"=\"").and_then(|rest| rest.strip_suffix(b"\""));
    if let Some(inner) = inner.filter(|inner| !inner.contains(&b'"')) {
        return inner;
    }
    let inner = text.strip_prefix(b"'").map(|rest| rest.strip_suffix(b"'").unwrap_or(rest));
    let is_number = |inner: &&[u8]| {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" .,:/+-".contains(byte);
        inner.iter().all(plain) && inner.iter().any(u8::is_ascii_digit)
    };
    inner.filter(is_number).unwrap_or(text)
}

/// A text without wrappings, outer blanks and the escapes of control characters.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    let decoded = without_escapes(text);
    let bare = match &decoded {
        Cow::Borrowed(text) => return Cow::Borrowed(inside(text)),
        Cow::Owned(text) => inside(text).to_owned(),
    };
    Cow::Owned(bare)
}

/// What stands inside the wrappings.
fn inside(text: &str) -> &str {
    let edge = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let text = text.trim_matches(edge);
    let quoted = text.strip_prefix(['=', '＝']).map(str::trim_start);
    let inner = quoted.and_then(|rest| {
        rest.strip_prefix(['"', '“', '”', '＂'])?.strip_suffix(['"', '”', '“', '＂'])
    });
    inner.unwrap_or(text).trim_matches(|c| edge(c) || APOSTROPHES.contains(&c))
}

/// Drops `_x000D_` and its kin, by which workbooks write control characters; other characters
/// written so are decoded.
pub(crate) fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        match decoded(escape) {
            Some((c, after)) => {
                out.extend(Some(c).filter(|c| !c.is_control()));
                rest = after;
            }
            None => {
                out.push('_');
                rest = &escape[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of an escape at the start, and what follows it.
fn decoded(text: &str) -> Option<(char, &str)> {
    let digits = text.get(2..6).filter(|_| text.get(6..7) == Some("_"))?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(number)?, text.get(7..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappings_of_numbers_come_off_and_words_stay() {
        let unwrap = |text: &'static str| unwrapped(Value::text(text)).trimmed().into_owned();
        for (written, expected) in [
            ("=\"0012\"", "0012"),
            ("=\"张三\"", "张三"),
            ("'0012", "0012"),
            ("'2016-03-01'", "2016-03-01"),
            ("'甲'和乙", "'甲'和乙"),
            ("='", "='"),
            ("=A1", "=A1"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
        ] {
            assert_eq!(unwrap(written), expected, "{written}");
        }
    }

    #[test]
    fn escapes_of_control_characters_are_dropped_and_others_decoded() {
        for (written, expected) in
            [("张三_x000D_", "张三"), ("a_x005F_b", "a_b"), ("a_x_b", "a_x_b"), ("_x00", "_x00")]
        {
            assert_eq!(without_escapes(written), expected, "{written}");
        }
    }
}
