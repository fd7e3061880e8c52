//! How a name is read aloud: all readings of its characters, those of places and families first.

use qb_base::readings;

/// The readings of a name, character by character; a character without one stands for itself.
#[derive(Clone, Debug)]
pub(crate) struct Readings(Vec<Vec<String>>);

/// How well typed letters fit the readings of a name; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// The first letters of its characters.
    Initials,
    /// Its characters in their first reading.
    First,
    /// Its characters, some in another reading.
    Other,
}

impl Readings {
    /// The readings of a name.
    pub(crate) fn of(name: &str) -> Self {
        Self(name.chars().map(typed_readings).collect())
    }

    /// How the name begins with what was typed (see [`typed`]), if it does.
    pub(crate) fn fit(&self, typed: &str) -> Option<Fit> {
        if typed.is_empty() {
            return None;
        }
        let first = |readings: &[String]| readings.iter().take(1).cloned().collect();
        if self.begins(typed, |readings| readings.iter().map(initial).collect()) {
            Some(Fit::Initials)
        } else if self.begins(typed, first) {
            Some(Fit::First)
        } else {
            self.begins(typed, <[String]>::to_vec).then_some(Fit::Other)
        }
    }

    /// Whether the text is used up somewhere along the characters, each of which takes one of its
    /// pieces away from the front.
    fn begins(&self, typed: &str, pieces: impl Fn(&[String]) -> Vec<String>) -> bool {
        let mut rests = vec![typed];
        for readings in &self.0 {
            let pieces = pieces(readings);
            let ends = |rest: &&str| pieces.iter().any(|piece| piece.starts_with(*rest));
            if rests.iter().any(ends) {
                return true;
            }
            let mut next: Vec<&str> = rests
                .iter()
                .flat_map(|rest| pieces.iter().filter_map(|piece| rest.strip_prefix(&**piece)))
                .collect();
            next.sort_unstable();
            next.dedup();
            if next.is_empty() {
                return false;
            }
            rests = next;
        }
        false
    }
}

fn initial(reading: &String) -> String {
    reading.chars().take(1).collect()
}

/// Readings of one character as they are typed: of places first.
fn typed_readings(character: char) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for reading in readings::of(character) {
        let reading = typed(&reading);
        if !known.contains(&reading) {
            known.push(reading);
        }
    }
    if known.is_empty() {
        known.push(typed(&character.to_string()));
    }
    known
}

/// Letters as they are compared: lower case, without blanks and apostrophes, and `ü`, `v` and `u`
/// the same, since a keyboard has no `ü`.
pub(crate) fn typed(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’'));
    kept.flat_map(char::to_lowercase)
        .map(|c| if matches!(c, 'ü' | 'v') { 'u' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(name: &str, text: &str) -> Option<Fit> {
        Readings::of(name).fit(&typed(text))
    }

    #[test]
    fn a_place_is_found_by_the_reading_of_places() {
        for (name, text) in [
            ("翟山街道", "zhaishan"),
            ("阚口村", "kankou"),
            ("郇楼村", "xunlou"),
            ("仇楼村", "qiulou"),
            ("单集镇", "shanji"),
            ("邳州市", "pizhou"),
            ("睢宁县", "suining"),
        ] {
            assert_eq!(fit(name, text), Some(Fit::First), "{name}");
        }
    }

    #[test]
    fn every_other_reading_finds_it_too() {
        for (name, text) in [("翟山街道", "dishan"), ("郇楼村", "huanlou"), ("张圩村", "zhangxu")]
        {
            assert_eq!(fit(name, text), Some(Fit::Other), "{name}");
        }
        assert_eq!(fit("翟山街道", "tishan"), None);
        assert_eq!(fit("翟山街道", "zsjd"), Some(Fit::Initials));
        assert_eq!(fit("翟山街道", "dsjd"), Some(Fit::Initials));
        assert_eq!(fit("翟山街道", "zhaishanjiedaox"), None);
    }

    #[test]
    fn u_with_dots_is_typed_in_three_ways() {
        for text in ["lvliang", "luliang", "lüliang", "LV liang"] {
            assert_eq!(fit("吕梁村", text), Some(Fit::First), "{text}");
        }
        assert_eq!(fit("徐州市", "xvzhou"), Some(Fit::First));
    }
}
