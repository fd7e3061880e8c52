//! How personal data looks when it may not be read in full.

use crate::text::shown;

/// Characters of a number that may stay to be read, at its end.
const SHOWN: usize = 2;
/// A number is shown in part only when at least this many of its characters stay hidden.
const HIDDEN_MIN: usize = 4;
/// What stands where a whole value is hidden; it does not tell how long the value is.
pub const HIDDEN: &str = "****";

/// Keeps the family name: `张**`; the number of stars does not tell the length of the name. A blank
/// name stays blank.
pub fn name(full: &str) -> String {
    shown(full.chars().next(), |first| format!("{first}**"))
}

/// Keeps the last two characters: `****************2X`.
///
/// More would not hide the number: with the birth date, the sex and the county, which stand on the
/// same page, the last four digits leave two candidates.
pub fn id_number(full: &str) -> String {
    end(full)
}

/// Keeps the last two digits: `*********21`.
pub fn phone(full: &str) -> String {
    end(full)
}

/// Keeps the year of an ISO date: `1949`.
pub fn birth(day: &str) -> &str {
    day.split('-').next().unwrap_or(day)
}

fn end(full: &str) -> String {
    let length = full.chars().count();
    let hidden = if length >= SHOWN + HIDDEN_MIN { length - SHOWN } else { length };
    std::iter::repeat_n('*', hidden).chain(full.chars().skip(hidden)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_the_family_name_two_last_characters_and_the_year() {
        assert_eq!(name("张长乐"), "张**");
        assert_eq!(id_number("11010519491231002X"), "****************2X");
        assert_eq!(phone("13800000021"), "*********21");
        assert_eq!((birth("1949-12-31"), birth("1949"), birth("")), ("1949", "1949", ""));
    }

    #[test]
    fn short_values_are_hidden_whole() {
        assert_eq!((id_number("123456"), phone("12345")), ("****56".into(), "*****".into()));
        assert_eq!((id_number(""), name("")), (String::new(), String::new()));
    }
}
