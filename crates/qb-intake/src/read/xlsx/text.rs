//! Text of XML: entities, and the escapes spreadsheets use for control characters.

use memchr::memchr;

/// Appends `raw` with its entities resolved; an unknown entity stays as it is written.
pub(crate) fn resolve_entities(raw: &[u8], target: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest) {
        let (plain, entity) = rest.split_at(at);
        target.extend_from_slice(plain);
        // The longest entity is a character number of eight places.
        let end = memchr(b';', &entity[..12.min(entity.len())]);
        match end.and_then(|end| Some((resolve(entity.get(1..end)?)?, end))) {
            Some((c, end)) => {
                push(c, target);
                rest = &entity[end + 1..];
            }
            None => {
                target.push(b'&');
                rest = &entity[1..];
            }
        }
    }
    target.extend_from_slice(rest);
}

/// Appends the character of an entity by its name; an unknown one stays as it is written.
pub(crate) fn push_entity(name: &str, target: &mut Vec<u8>) {
    match resolve(name.as_bytes()) {
        Some(c) => push(c, target),
        None => {
            target.push(b'&');
            target.extend_from_slice(name.as_bytes());
            target.push(b';');
        }
    }
}

fn push(c: char, target: &mut Vec<u8>) {
    target.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn resolve(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x' | b'X', hex @ ..] => number(hex, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok().and_then(char::from_u32)
}

/// Resolves `_xHHHH_` in place: so spreadsheets write a character that XML cannot hold, and
/// `_x005F_` for an underscore that would begin such an escape. Each stands for one unit of UTF-16.
pub(crate) fn resolve_escapes(text: &mut Vec<u8>) {
    // Nearly no text holds one.
    let Some(first) = escape_at(text, 0) else { return };
    let mut resolved = Vec::with_capacity(text.len());
    let (mut from, mut next) = (0, Some(first));
    while let Some((at, unit)) = next {
        resolved.extend_from_slice(&text[from..at]);
        from = at + ESCAPE_BYTES;
        next = escape_at(text, from);
        // Two units may be one character.
        let pair = next.filter(|(at, _)| *at == from).and_then(|(_, low)| joined(unit, low));
        match pair {
            Some(c) => {
                push(c, &mut resolved);
                from += ESCAPE_BYTES;
                next = escape_at(text, from);
            }
            None => {
                push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), &mut resolved);
            }
        }
    }
    resolved.extend_from_slice(&text[from..]);
    *text = resolved;
}

/// Bytes of `_xHHHH_`.
const ESCAPE_BYTES: usize = 7;

/// Place and unit of the first escape from `from` on.
fn escape_at(text: &[u8], mut from: usize) -> Option<(usize, u32)> {
    loop {
        let at = from + memchr(b'_', text.get(from..)?)?;
        if let Some([b'x' | b'X', digits @ .., b'_']) = text.get(at + 1..at + ESCAPE_BYTES)
            && digits.iter().all(u8::is_ascii_hexdigit)
            && let Some(unit) =
                std::str::from_utf8(digits).ok().and_then(|hex| u32::from_str_radix(hex, 16).ok())
        {
            return Some((at, unit));
        }
        from = at + 1;
    }
}

/// The character of two units of UTF-16.
fn joined(high: u32, low: u32) -> Option<char> {
    let units = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
    if !(0xd800..0xdc00).contains(&high) {
        return None;
    }
    char::decode_utf16(units).next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::{resolve_entities, resolve_escapes};

    #[test]
    fn entities_are_resolved_and_unknown_ones_stay() {
        for (raw, expected) in
            [("a&amp;b&lt;&#24464;&#x5DDE;&quot;", "a&b<徐州\""), ("R&D; &nbsp;&", "R&D; &nbsp;&")]
        {
            let mut text = Vec::new();
            resolve_entities(raw.as_bytes(), &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn escapes_of_control_characters_are_resolved_once_in_either_case() {
        for (raw, expected) in [
            ("张三_x000D_", "张三\r"),
            ("a_x000d_\nb_x000A_", "a\r\nb\n"),
            ("_X000D_", "\r"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x005f_x005F_", "_x005F_"),
            ("a_x_x000D_", "a_x\r"),
            ("__x000D__", "_\r_"),
            ("_xD842__xDFB7_", "𠮷"),
            ("_xD842_x", "\u{fffd}x"),
            ("_x00G0_ _x0D_ _x000D _x", "_x00G0_ _x0D_ _x000D _x"),
        ] {
            let mut text = raw.as_bytes().to_vec();
            resolve_escapes(&mut text);
            assert_eq!(String::from_utf8(text).unwrap(), expected, "{raw}");
        }
    }
}
