//! Text of XML: entities and the escapes spreadsheets use for control characters.

use memchr::memchr;

/// Appends `raw` with its entities resolved; an unknown entity stays as it is written.
pub(crate) fn unescape(raw: &[u8], target: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest) {
        let (plain, entity) = rest.split_at(at);
        target.extend_from_slice(plain);
        // The longest entity is a character number of eight places.
        let end = memchr(b';', entity.get(..12.min(entity.len())).unwrap_or(b""));
        match end.and_then(|end| Some((resolve(entity.get(1..end)?)?, end))) {
            Some((c, end)) => {
                let mut buffer = [0; 4];
                target.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
                rest = entity.get(end + 1..).unwrap_or(b"");
            }
            None => {
                target.push(b'&');
                rest = entity.get(1..).unwrap_or(b"");
            }
        }
    }
    target.extend_from_slice(rest);
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

#[cfg(test)]
mod tests {
    use super::unescape;

    fn read(raw: &str) -> String {
        let mut text = Vec::new();
        unescape(raw.as_bytes(), &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn entities_are_resolved_and_unknown_ones_stay() {
        assert_eq!(read("a&amp;b&lt;&#24464;&#x5DDE;&quot;"), "a&b<徐州\"");
        assert_eq!(read("R&D; &nbsp;&"), "R&D; &nbsp;&");
    }
}
