//! How characters of names are read aloud, and what a place is called in English.
//!
//! Readings of places and families come before the usual ones: 翟 is Zhai in a name, 圩 Wei.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::{ToPinyin, ToPinyinMulti};

/// Readings of places and families; the file says where they come from.
const OF_PLACES: &str = include_str!("../data/place-readings.tsv");
/// English words for kinds of places.
const WORDS: &str = include_str!("../data/place-words.tsv");

/// What stands for a word that English leaves out.
const LEFT_OUT: &str = "-";
/// Characters that a stem needs to be a name by itself: 高村村委会 is Gaocun, not Gao.
const STEM_CHARS_LEAST: usize = 2;

/// Readings by the characters that have them, one character or a word.
static PLACES: LazyLock<HashMap<&str, Vec<String>>> = LazyLock::new(|| {
    let entry = |(key, readings): (&'static str, &str)| {
        (key, readings.split(' ').map(|reading| reading.replace('v', "ü")).collect())
    };
    pairs(OF_PLACES).map(entry).collect()
});

/// Words of several characters that have readings of their own, the longest first.
static PHRASES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut phrases: Vec<&str> =
        PLACES.keys().copied().filter(|key| key.chars().count() > 1).collect();
    phrases.sort_unstable_by_key(|phrase| (std::cmp::Reverse(phrase.len()), *phrase));
    phrases
});

/// Kinds of places with their English words, the longest first.
static KINDS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut kinds: Vec<(&str, &str)> = pairs(WORDS).collect();
    kinds.sort_unstable_by_key(|(zh, _)| (std::cmp::Reverse(zh.len()), *zh));
    kinds
});

fn pairs(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// All readings of a character, those of places and families first; none for what is not read.
pub fn of(character: char) -> Vec<String> {
    let key = character.to_string();
    let mut known: Vec<String> = PLACES.get(key.as_str()).into_iter().flatten().cloned().collect();
    for reading in character.to_pinyin_multi().into_iter().flatten() {
        let reading = reading.plain().to_owned();
        if !known.contains(&reading) {
            known.push(reading);
        }
    }
    known
}

/// What a place is called in English: its name read aloud and the word for its kind.
///
/// `above` are the Chinese names of the places that it lies in: where its name begins with one of
/// them, English has two words.
pub fn english(name: &str, above: &[&str]) -> String {
    capital(&words(name, above).join(" "))
}

fn words(name: &str, above: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = name;
    while let Some(end) = above.iter().filter_map(|place| begins(rest, place)).min() {
        let (stem, after) = rest.split_at(end);
        words.push(read_aloud(stem));
        rest = after;
    }
    let (stem, word) = parted(rest);
    if ends_in_kind(stem) {
        // A quarter of a farm is named after the farm.
        words.extend(self::words(stem, &[]));
    } else if !stem.is_empty() {
        words.push(read_aloud(stem));
    }
    words.extend((word != LEFT_OUT).then(|| word.to_owned()));
    words
}

/// How much of a name is that of the place above without its kind, if it goes on with a name or a
/// kind of its own.
fn begins(name: &str, above: &str) -> Option<usize> {
    let stem = parted(above).0;
    let rest = name.strip_prefix(stem)?;
    let (own, word) = parted(rest);
    let is_name = |text: &str| text.chars().count() >= STEM_CHARS_LEAST;
    let goes_on = is_name(own) || (own.is_empty() && word != LEFT_OUT);
    (is_name(stem) && goes_on).then_some(stem.len())
}

/// A name without its kind, and the English word for that.
fn parted(name: &str) -> (&str, &'static str) {
    let ends = || KINDS.iter().filter_map(|(kind, word)| Some((name.strip_suffix(kind)?, *word)));
    let Some(longest) = ends().next() else { return (name, LEFT_OUT) };
    if longest.0.chars().count() != 1 {
        return longest;
    }
    // A single character is hardly a name: its neighbour belongs to it if that makes no kind.
    let is_name = |stem: &str| stem.chars().count() >= STEM_CHARS_LEAST && !ends_in_kind(stem);
    ends().find(|(stem, _)| is_name(stem)).map_or(longest, |found| found)
}

/// Whether a name ends in a kind of several characters.
fn ends_in_kind(name: &str) -> bool {
    KINDS.iter().any(|(kind, _)| kind.chars().count() > 1 && name.ends_with(kind))
}

/// A name in letters: `Xin'an`, `Lüliang`; what has no reading stays as it is.
fn read_aloud(name: &str) -> String {
    let mut read = String::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let phrase = PHRASES.iter().find(|phrase| rest.starts_with(**phrase));
        let taken = phrase.map_or(first.len_utf8(), |phrase| phrase.len());
        let syllables: Vec<String> = match phrase.and_then(|phrase| PLACES.get(phrase)) {
            Some(syllables) => syllables.clone(),
            None => vec![syllable(first)],
        };
        for syllable in syllables {
            if !read.is_empty() && syllable.starts_with(['a', 'e', 'o']) {
                read.push('\'');
            }
            read.push_str(&syllable);
        }
        rest = &rest[taken..];
    }
    capital(&read)
}

/// The reading of a character in a name.
fn syllable(character: char) -> String {
    let own = PLACES.get(character.to_string().as_str()).and_then(|readings| readings.first());
    match (own, character.to_pinyin()) {
        (Some(own), _) => own.clone(),
        (None, Some(usual)) => usual.plain().to_owned(),
        (None, None) => character.to_string(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests;
