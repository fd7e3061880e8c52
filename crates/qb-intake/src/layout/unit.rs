//! Units of money: in a head, above a table, in a column of their own.

use std::collections::{HashMap, HashSet};

use qb_base::fold;

/// What a word says about the amounts beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Money of this country: the power of ten of one unit in yuan.
    Money(i32),
    /// Money that cannot be counted in yuan.
    Foreign,
    /// No money.
    Other,
}

/// What several words together say about an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// No word names a unit.
    Nothing,
    /// All words name units of other things than money.
    Other,
    /// All that do name this power of ten.
    Power(i32),
    /// They name several units, or one of another country.
    Unclear,
}

impl Said {
    /// What the units say together.
    pub(crate) fn by(units: impl IntoIterator<Item = Unit>) -> Self {
        units.into_iter().fold(Self::Nothing, |said, unit| {
            said.and(match unit {
                Unit::Money(power) => Self::Power(power),
                Unit::Foreign => Self::Unclear,
                Unit::Other => Self::Other,
            })
        })
    }

    /// What two places say together.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, said) | (said, Self::Nothing) => said,
            (Self::Other, said) | (said, Self::Other) => said,
            (Self::Power(one), Self::Power(two)) if one == two => self,
            _ => Self::Unclear,
        }
    }
}

/// Words of units, folded.
#[derive(Debug)]
pub(crate) struct UnitWords {
    /// Words that introduce a unit, longest first.
    labels: Vec<String>,
    /// Heads of a column that names the unit of its row.
    columns: HashSet<String>,
    words: HashMap<String, Unit>,
    /// The same words, longest first.
    longest: Vec<(String, Unit)>,
    /// Those of money that a head may end with: others, such as 户, end words of their own.
    endings: Vec<(String, Unit)>,
}

impl UnitWords {
    /// Folds the labels and heads; the words are folded already.
    pub(crate) fn new(labels: &[String], columns: &[String], words: HashMap<String, Unit>) -> Self {
        let mut labels: Vec<String> = labels.iter().map(|word| fold::key(word)).collect();
        labels.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let mut longest: Vec<(String, Unit)> =
            words.iter().map(|(word, unit)| (word.clone(), *unit)).collect();
        longest.sort_by(|a, b| (b.0.len(), &b.0).cmp(&(a.0.len(), &a.0)));
        let endings: Vec<(String, Unit)> = longest
            .iter()
            .filter(|(word, unit)| *unit != Unit::Other && word.ends_with(MONEY))
            .cloned()
            .collect();
        let columns = columns.iter().map(|head| fold::key(head)).collect();
        Self { labels, columns, words, longest, endings }
    }

    /// Whether a folded head is that of a column of units.
    pub(crate) fn is_column(&self, key: &str) -> bool {
        self.columns.contains(key.trim_matches(MARKS))
    }

    /// The unit that a folded cell names, whole: `万元`, `(元/人)`.
    pub(crate) fn unit(&self, key: &str) -> Option<Unit> {
        let plain = key.trim_matches(BRACKETS);
        let first = plain.split(['/', '每']).next().unwrap_or(plain);
        self.words.get(plain).or_else(|| self.words.get(first)).copied()
    }

    /// The units of a folded list such as `万元、个`, where it holds nothing else.
    pub(crate) fn list(&self, key: &str) -> Option<Vec<Unit>> {
        let plain = key.trim_matches(BRACKETS);
        let plain = self.labels.iter().find_map(|label| after(plain, label)).unwrap_or(plain);
        plain.split(SEPARATORS).map(|word| self.unit(word)).collect()
    }

    /// The ways to read a folded head: whole, without a unit in brackets, without one at its end.
    pub(crate) fn stems(&self, key: &str) -> Vec<(String, Said)> {
        let plain = key.trim_matches(MARKS);
        if plain.is_empty() {
            return Vec::new();
        }
        let (stem, said) = self.without_brackets(plain);
        let whole = (plain.to_owned(), said);
        let mut stems = vec![whole];
        if stem != plain && !stem.is_empty() {
            stems.push((stem.clone(), said));
        }
        let ending = self.endings.iter().find_map(|(word, unit)| {
            let rest = stem.strip_suffix(word.as_str())?.trim_end_matches(BEFORE_UNIT);
            (!rest.is_empty()).then(|| (rest.to_owned(), Said::by([*unit])))
        });
        stems.extend(ending);
        stems
    }

    /// What the brackets of a folded head say.
    pub(crate) fn in_head(&self, key: &str) -> Said {
        self.without_brackets(key).1
    }

    /// Cuts brackets that hold units and nothing else.
    fn without_brackets(&self, plain: &str) -> (String, Said) {
        let (mut stem, mut units) = (plain.to_owned(), Vec::new());
        let mut from = 0;
        while let Some((open, close)) = bracket(&stem, from) {
            let inside = stem.get(open + 1..close).and_then(|inside| self.list(inside));
            match inside {
                Some(found) => {
                    units.extend(found);
                    stem.replace_range(open..=close, "");
                    from = open;
                }
                None => from = close + 1,
            }
        }
        (stem, Said::by(units))
    }

    /// The units that a row above a table states for all of it.
    pub(crate) fn above(&self, cells: &[&str]) -> Vec<Unit> {
        let mut units = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            let key = fold::key(cell);
            if key.is_empty() {
                continue;
            }
            let next = || cells.iter().skip(at + 1).map(|c| fold::key(c)).find(|c| !c.is_empty());
            let found = self.stated(&key, next).or_else(|| self.list(&key).filter(|u| money(u)));
            units.extend(found.unwrap_or_else(|| self.in_brackets(&key)));
        }
        units
    }

    /// The unit that a line in the middle of a sheet states: `单位：元`.
    pub(crate) fn stated_in(&self, cells: &[&str]) -> Said {
        let keys: Vec<String> = cells.iter().map(|cell| fold::key(cell)).collect();
        Said::by(keys.iter().enumerate().flat_map(|(at, key)| {
            let next = || keys.iter().skip(at + 1).find(|key| !key.is_empty()).cloned();
            self.stated(key, next).into_iter().flatten()
        }))
    }

    /// What stands behind a label: in the cell, or in the next one where the cell ends with it.
    fn stated(&self, key: &str, next: impl FnOnce() -> Option<String>) -> Option<Vec<Unit>> {
        let (label, at) =
            self.labels.iter().find_map(|label| key.find(label.as_str()).map(|at| (label, at)))?;
        let rest = key.get(at + label.len()..)?.trim_start_matches(AFTER_LABEL);
        if rest.is_empty() {
            return self.list(&next()?);
        }
        let units = self.leading(rest);
        (!units.is_empty()).then_some(units)
    }

    /// The units at the beginning of a text, up to the first other word.
    fn leading(&self, text: &str) -> Vec<Unit> {
        let (mut units, mut rest) = (Vec::new(), text);
        while let Some((word, unit)) = self.longest.iter().find(|(word, _)| ends(rest, word)) {
            units.push(*unit);
            let behind = &rest[word.len()..];
            // 元/人 is one unit.
            let behind = behind.strip_prefix('/').map_or(behind, |per| {
                per.trim_start_matches(|c: char| !SEPARATORS.contains(&c) && !BRACKETS.contains(&c))
            });
            let Some(more) = behind.strip_prefix(SEPARATORS) else { break };
            rest = more;
        }
        units
    }

    fn in_brackets(&self, key: &str) -> Vec<Unit> {
        let (mut units, mut from) = (Vec::new(), 0);
        while let Some((open, close)) = bracket(key, from) {
            let inside = self.list(&key[open + 1..close]);
            units.extend(inside.filter(|found| money(found)).into_iter().flatten());
            from = close + 1;
        }
        units
    }
}

/// Marks around a head that say how to fill it in.
const MARKS: &[char] = &['*', ':', '﹡', '★', '△', '▲'];
/// With what a unit of money at the end of a head ends.
const MONEY: char = '元';
/// What may stand around a unit.
const BRACKETS: &[char] = &['(', ')', '[', ']', '【', '】', '〔', '〕'];
/// What stands between units.
const SEPARATORS: &[char] = &['、', ',', ';', '和', '及', '或'];
/// What stands between a label and its unit.
const AFTER_LABEL: &[char] = &[':', '为', '是', '(', '='];
/// What may stand between a head and the unit at its end.
const BEFORE_UNIT: &[char] = &[',', '、', ':', '/', ';'];

fn money(units: &[Unit]) -> bool {
    units.iter().any(|unit| *unit != Unit::Other)
}

/// What stands behind a label at the beginning of a text.
fn after<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    Some(text.strip_prefix(label)?.trim_start_matches(AFTER_LABEL)).filter(|rest| !rest.is_empty())
}

/// Whether the text begins with the word and the word ends there: 元宝村 begins with no unit.
fn ends(text: &str, word: &str) -> bool {
    let behind = text.strip_prefix(word).map(|rest| rest.chars().next());
    behind.is_some_and(|next| {
        next.is_none_or(|c| SEPARATORS.contains(&c) || !c.is_alphabetic() || c == '每')
    })
}

/// The first closed pair of brackets from a place on: the places of both.
fn bracket(text: &str, from: usize) -> Option<(usize, usize)> {
    let open = from + text.get(from..)?.find(['(', '['])?;
    let close = open + text.get(open..)?.find([')', ']'])?;
    Some((open, close))
}

#[cfg(test)]
mod tests;
