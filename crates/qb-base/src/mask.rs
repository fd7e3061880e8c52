//! How personal data looks when it may not be read in full.

/// Keeps the family name: `张**`; the number of stars does not tell the length of the name.
pub fn name(full: &str) -> String {
    full.chars().next().map_or_else(String::new, |first| format!("{first}**"))
}

/// Keeps four digits at each end: `3203**********1234`.
pub fn id_number(full: &str) -> String {
    ends(full, 4, 4)
}

/// Keeps three digits in front and two behind: `138******21`.
pub fn phone(full: &str) -> String {
    ends(full, 3, 2)
}

fn ends(full: &str, head: usize, tail: usize) -> String {
    let chars: Vec<char> = full.chars().collect();
    if chars.len() <= head + tail {
        return "*".repeat(chars.len());
    }
    let hidden = chars.len() - head - tail;
    let front: String = chars[..head].iter().collect();
    let back: String = chars[chars.len() - tail..].iter().collect();
    format!("{front}{}{back}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_only_what_tells_people_apart() {
        assert_eq!(name("张长乐"), "张**");
        assert_eq!(id_number("11010519491231002X"), "1101**********002X");
        assert_eq!(phone("13800000021"), "138******21");
    }

    #[test]
    fn short_values_are_hidden_whole() {
        assert_eq!(
            (id_number("1234567"), phone("12345"), name("")),
            ("*******".into(), "*****".into(), String::new())
        );
    }
}
