//! What the texts of a pack hold.

use qb_base::Text;

/// Names in braces of a text, in order, each once.
pub(crate) fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether either language is blank.
pub(crate) fn blank(text: &Text) -> bool {
    text.zh.trim().is_empty() || text.en.trim().is_empty()
}
