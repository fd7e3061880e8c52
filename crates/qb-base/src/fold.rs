//! Folding of names into keys for matching; a stored name is never changed by it (faults F9, F10).

use std::sync::LazyLock;

/// Forms of one character in other scripts and fonts; see `data/README.md`.
const VARIANTS: &str = include_str!("../data/variants.tsv");
/// Forms that registers write for one another.
const VARIANTS_OF_REGISTERS: &str = include_str!("../data/variants-of-registers.tsv");

/// What each form folds to, by form, to be found by halving.
static FORMS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let of_registers: Vec<(char, char)> = pairs(VARIANTS_OF_REGISTERS).collect();
    let last = |to: char| {
        let further = of_registers.iter().find(|(from, _)| *from == to);
        further.map_or(to, |(_, further)| *further)
    };
    let general = pairs(VARIANTS).map(|(from, to)| (from, last(to)));
    let mut forms: Vec<(char, char)> = general.chain(of_registers.iter().copied()).collect();
    forms.sort_unstable();
    forms
});

/// Pairs of a form and what it folds to: each line names the form that stays and those it stands
/// for.
fn pairs(table: &'static str) -> impl Iterator<Item = (char, char)> {
    table.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        let (kept, forms) = line.split_once('\t').unwrap_or((line, ""));
        kept.chars().take(1).flat_map(move |kept| forms.chars().map(move |form| (form, kept)))
    })
}

/// A key for matching: half-width, lower case, variants folded, separators and blanks dropped.
pub fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    key.extend(text.chars().filter_map(fold_char));
    key
}

/// Folds one character; `None` for what a key leaves out.
fn fold_char(c: char) -> Option<char> {
    let half = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    match half {
        '·' | '•' | '．' | '.' | '-' | '－' | '‧' | '・' | '∙' => None,
        c if c.is_whitespace() || c.is_control() => None,
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        c if c.is_ascii() => Some(c.to_ascii_lowercase()),
        c => {
            let found = FORMS.binary_search_by_key(&c, |(from, _)| *from).ok();
            Some(found.and_then(|at| FORMS.get(at)).map_or(c, |(_, to)| *to))
        }
    }
}

/// Endings that registers add to or leave off village names, longest first (fault F11).
const VILLAGE_ENDINGS: &[&str] =
    &["社区居民委员会", "村民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "社区", "村"];

/// A key for village names that is the same with and without 村, 村委会, 社区, 居委会.
///
/// A 村 of the name itself goes too, since files write 付村村委会 as 付村, 付村村 or 付村村委会.
pub fn village_key(name: &str) -> String {
    strip_ending(&strip_ending(&key(name), VILLAGE_ENDINGS), &["村"])
}

/// A key for towns and counties that is the same with and without 镇, 乡, 街道, 县, 区, 市.
pub fn unit_key(name: &str) -> String {
    strip_ending(&key(name), &["街道办事处", "办事处", "街道", "镇", "乡", "县", "区", "市"])
}

/// Cuts the first ending that leaves at least one character.
fn strip_ending(folded: &str, endings: &[&str]) -> String {
    endings
        .iter()
        .find_map(|ending| folded.strip_suffix(ending).filter(|rest| !rest.is_empty()))
        .unwrap_or(folded)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_variants_do_not_tell_names_apart() {
        assert_eq!(key("阿不都•热合曼"), key("阿不都·热合曼"));
        assert_eq!(key("蕭 國強"), key("肖国強"));
        assert_eq!(key("ＡＢ c"), "abc");
    }

    #[test]
    fn every_form_folds_to_one_character_that_stays() {
        assert!(FORMS.len() > 5_000, "{}", FORMS.len());
        for pair in FORMS.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "a form folds to one character");
        }
        for (from, to) in FORMS.iter() {
            assert_eq!(key(&from.to_string()), to.to_string());
            assert_eq!(key(&to.to_string()), to.to_string(), "{from}");
        }
    }

    #[test]
    fn characters_that_only_look_alike_are_not_forms_of_one() {
        for (one, other) in [("未", "末"), ("已", "己"), ("巳", "己"), ("貨", "贷"), ("货", "贷")]
        {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
        assert_eq!(key("貨"), key("货"));
    }

    #[test]
    fn surnames_meet_their_traditional_form() {
        let surnames = include_str!("../tests/surnames.tsv");
        let mut count = 0;
        for line in surnames.lines().filter(|line| !line.starts_with('#')) {
            let (simple, forms) = line.split_once('\t').unwrap();
            for form in forms.split(' ') {
                assert_eq!(key(form), key(simple), "{form}");
                count += 1;
            }
        }
        assert!(count > 150, "{count}");
    }

    #[test]
    fn a_village_is_the_same_with_and_without_its_ending() {
        for name in ["练马", "练马村", "练马村委会", "練马村村民委员会"] {
            assert_eq!(village_key(name), "练马", "{name}");
        }
        assert_eq!(village_key("东风社区居委会"), village_key("东风社区"));
        for name in ["付村", "付村村", "付村村委会", "付村村民委员会"] {
            assert_eq!(village_key(name), "付", "{name}");
        }
        assert_eq!(village_key("村"), "村");
    }
}
