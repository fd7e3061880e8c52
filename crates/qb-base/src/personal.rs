//! Numbers that identify a person wherever they stand in a text: identity numbers of 18 and 15
//! digits, mobile and landline numbers, bank cards. The one gate of every text that enters.
//!
//! Digits are looked at after folding full-width forms, alone or in the groups people write them
//! in. Digests (hexadecimal words), area codes and amounts followed by a unit pass.

mod digits;

use crate::{ResidentNumber, Text};

/// A kind of number that identifies a person and may not stand in open text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalNumber {
    /// An identity number or disability card.
    Identity,
    /// A mobile phone number.
    Mobile,
    /// A telephone number with the code of its place, or after a word for telephones.
    Landline,
    /// A bank card.
    BankCard,
}

impl PersonalNumber {
    /// The kind in words.
    pub const fn text(self) -> Text {
        match self {
            Self::Identity => Text::fixed("身份证件号码", "an identity number"),
            Self::Mobile => Text::fixed("手机号码", "a mobile number"),
            Self::Landline => Text::fixed("电话号码", "a telephone number"),
            Self::BankCard => Text::fixed("银行卡号", "a bank card number"),
        }
    }
}

/// Digits of the shortest personal number that needs no word before it.
const DIGITS_MIN: usize = 11;
/// Digits of the longest.
const DIGITS_MAX: usize = 22;
/// Digits of the shortest one that does.
const LOCAL_DIGITS_MIN: usize = 7;
/// Bytes of the shortest text that a number and the word before it need.
const BYTES_MIN: usize = 10;
/// What stands where a digit stood.
const COVER: char = '*';
/// Shortest hexadecimal word that is taken for a digest.
const DIGEST_CHARS_MIN: usize = 16;

/// The ways people group each number; a plain run has one group.
const ID_GROUPS: &[&[usize]] =
    &[&[18], &[20], &[22], &[6, 8, 4], &[6, 4, 4, 4], &[6, 12], &[14, 4]];
const ID_OLD_GROUPS: &[&[usize]] = &[&[15], &[6, 6, 3]];
const MOBILE_GROUPS: &[&[usize]] =
    &[&[11], &[3, 4, 4], &[3, 8], &[13], &[2, 11], &[2, 3, 4, 4], &[2, 3, 8]];
const CARD_GROUPS: &[&[usize]] = &[
    &[16],
    &[17],
    &[18],
    &[19],
    &[4, 4, 4, 4],
    &[4, 4, 4, 4, 1],
    &[4, 4, 4, 4, 2],
    &[4, 4, 4, 4, 3],
    &[6, 13],
];

const LANDLINE_GROUPS: &[&[usize]] = &[
    &[11],
    &[12],
    &[13],
    &[3, 8],
    &[4, 7],
    &[4, 8],
    &[3, 4, 4],
    &[4, 3, 4],
    &[4, 4, 4],
    &[2, 2, 8],
    &[2, 3, 7],
    &[2, 3, 8],
    &[2, 2, 4, 4],
    &[2, 3, 4, 4],
    &[2, 11],
];
/// Numbers without the code of their place; they need a word before them.
const LOCAL_GROUPS: &[&[usize]] = &[&[7], &[8], &[3, 4], &[4, 4]];

/// Words that make seven or eight digits after them a telephone number.
const PHONE_WORDS: &[&str] = &["电话", "座机", "手机", "联系方式", "tel", "phone"];

/// Units of money: a number before one is an amount.
const MONEY_UNITS: &[&str] = &["元", "万元", "亿元", "yuan", "fen"];

/// Finds the first kind of personal number in a text.
pub fn find(text: &str) -> Option<PersonalNumber> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits::kind(text);
    }
    let folded = folded(text)?;
    let runs = digit_runs(&folded);
    (0..runs.len()).find_map(|start| Some(kind_at(&folded, &runs, start)?.0))
}

/// The text with the digits of every personal number covered; `None` where it holds none.
///
/// What is covered is the folded text: full-width digits and letters come out half-width.
pub fn covered(text: &str) -> Option<String> {
    let mut folded = folded(text)?;
    let runs = digit_runs(&folded);
    let mut found = Vec::new();
    let mut start = 0;
    while start < runs.len() {
        let Some((_, groups)) = kind_at(&folded, &runs, start) else {
            start += 1;
            continue;
        };
        found.extend(runs.iter().skip(start).take(groups).map(|run| run.start..run.end));
        start += groups;
    }
    let is_any = !found.is_empty();
    for digit in found.into_iter().flatten() {
        folded[digit] = COVER;
    }
    is_any.then(|| folded.into_iter().collect())
}

/// The characters that are looked at; `None` where there are too few digits for any number.
fn folded(text: &str) -> Option<Vec<char>> {
    let digits = || text.bytes().filter(u8::is_ascii_digit).count();
    let needs_word = |digits| digits >= LOCAL_DIGITS_MIN && ends_in_word(text, PHONE_WORDS);
    let plain = || text.is_ascii() && digits() < DIGITS_MIN && !needs_word(digits());
    let is_short = text.len() < BYTES_MIN || plain();
    (!is_short).then(|| text.chars().map(fold).filter(|c| !is_invisible(*c)).collect())
}

/// A run of digits in the folded text; an `X` that may close an identity number counts as its last
/// digit.
struct Run {
    start: usize,
    end: usize,
}

/// The kind of number that begins with a run, and how many runs it takes.
fn kind_at(text: &[char], runs: &[Run], first: usize) -> Option<(PersonalNumber, usize)> {
    let Run { start, end } = *runs.get(first)?;
    let length = end - start;
    let is = |groupings: &[&[usize]], passes: &dyn Fn(&[char]) -> bool| {
        let fits = |groups: &&&[usize]| {
            groups.first() == Some(&length)
                && joined(text, runs, first, groups).is_some_and(|digits| passes(&digits))
        };
        groupings.iter().find(fits).map(|groups| groups.len())
    };
    let follows = |words| ends_in_word(&before(text, start), words);
    let local = || is(LOCAL_GROUPS, &passes_as_local).filter(|_| follows(PHONE_WORDS));
    // What has no check digit is not looked for behind a point: those are decimals of a quotient.
    let is_decimal = is_fraction(text, start);
    let unchecked = |found: Option<usize>| found.filter(|groups| *groups > 1 || !is_decimal);
    let kind = |kind: PersonalNumber| move |groups: usize| (kind, groups);
    is(ID_GROUPS, &passes_as_id)
        .or_else(|| unchecked(is(ID_OLD_GROUPS, &passes_as_old_id)))
        .map(kind(PersonalNumber::Identity))
        .or_else(|| is(CARD_GROUPS, &passes_as_card).map(kind(PersonalNumber::BankCard)))
        .or_else(|| is(MOBILE_GROUPS, &passes_as_mobile).map(kind(PersonalNumber::Mobile)))
        .or_else(|| {
            let found = unchecked(is(LANDLINE_GROUPS, &passes_as_landline)).or_else(local);
            found.map(kind(PersonalNumber::Landline))
        })
}

/// The digits of consecutive runs when their lengths are the groups and single separators stand
/// between.
fn joined(text: &[char], runs: &[Run], first: usize, groups: &[usize]) -> Option<Vec<char>> {
    let runs = runs.get(first..first + groups.len())?;
    // Lengths first: they rule out nearly every grouping, and nothing is copied for them.
    if runs.iter().zip(groups).any(|(run, length)| run.end - run.start != *length) {
        return None;
    }
    for pair in runs.windows(2) {
        if !separates(text.get(pair[0].end..pair[1].start)?) {
            return None;
        }
    }
    let (start, end) = (runs.first()?.start, runs.last()?.end);
    if is_amount(text, start, end) {
        return None;
    }
    Some(runs.iter().filter_map(|run| text.get(run.start..run.end)).flatten().copied().collect())
}

/// Whether the number has one or two decimals or stands before a unit of money.
///
/// Only numbers below 15 digits are amounts: what is longer is looked at whatever follows it.
fn is_amount(text: &[char], start: usize, end: usize) -> bool {
    let rest: String = text.iter().skip(end).take(8).collect();
    let decimals = rest.strip_prefix('.').is_some_and(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        (1..=2).contains(&digits)
    });
    let unit = MONEY_UNITS.iter().any(|unit| rest.trim_start().starts_with(unit));
    (decimals || unit) && end - start < 15
}

/// Whether a run of digits stands behind the point of a decimal.
fn is_fraction(text: &[char], start: usize) -> bool {
    let before = text.get(start.saturating_sub(2)..start);
    matches!(before, Some([digit, '.']) if digit.is_ascii_digit())
}

/// Whether what stands between two runs of digits joins them to one number.
fn separates(between: &[char]) -> bool {
    match between {
        [one] => matches!(one, ' ' | '-' | '.' | '·' | '_' | '/' | ')' | '(' | '）' | '（'),
        [one, two] => [one, two].iter().all(|c| matches!(c, ' ' | '-' | ')' | '(' | '）' | '（')),
        _ => false,
    }
}

/// What stands shortly before a number.
fn before(text: &[char], start: usize) -> String {
    text.get(start.saturating_sub(12)..start).into_iter().flatten().collect()
}

/// Whether one of the words stands there, however its letters are written.
fn ends_in_word(text: &str, words: &[&str]) -> bool {
    let is_word = |word: &&str| {
        text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    words.iter().any(is_word)
}

fn digit_runs(text: &[char]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let word_end = word_end(text, at);
        if is_digest(&text[at..word_end]) {
            at = word_end;
        } else if text[at].is_ascii_digit() {
            let mut end = at;
            while text.get(end).is_some_and(char::is_ascii_digit) {
                end += 1;
            }
            let word_goes_on = || text.get(end + 1).is_some_and(|c| c.is_ascii_alphanumeric());
            let closes = text.get(end) == Some(&'X')
                && (end - at == 17 || (end - at == 3 && !word_goes_on()));
            end += usize::from(closes);
            runs.push(Run { start: at, end });
            at = end;
        } else {
            at += 1;
        }
    }
    runs
}

fn word_end(text: &[char], start: usize) -> usize {
    let starts_word = start == 0 || !text[start - 1].is_ascii_alphanumeric();
    let length = text.iter().skip(start).take_while(|c| c.is_ascii_alphanumeric()).count();
    if starts_word { start + length } else { start }
}

fn is_digest(word: &[char]) -> bool {
    word.len() >= DIGEST_CHARS_MIN
        && word.iter().all(char::is_ascii_hexdigit)
        && word.iter().filter(|c| c.is_ascii_alphabetic()).count() >= 2
}

fn fold(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            let half = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
            half.to_ascii_uppercase_if_x()
        }
        '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}' => ' ',
        '‐' | '‑' | '‒' | '–' | '—' | '−' | '－' => '-',
        _ => c.to_ascii_uppercase_if_x(),
    }
}

/// Folds only the closing letter of an identity number.
trait FoldX {
    fn to_ascii_uppercase_if_x(self) -> Self;
}

impl FoldX for char {
    fn to_ascii_uppercase_if_x(self) -> Self {
        if self == 'x' { 'X' } else { self }
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

fn value(c: char) -> u32 {
    // A run holds digits and at most a closing X, which stands for ten.
    c.to_digit(10).unwrap_or(10)
}

fn passes_as_id(digits: &[char]) -> bool {
    let number: String = digits.iter().collect();
    ResidentNumber::parse(&number).is_ok()
}

/// Highest code of a province, and of a city within one.
const PROVINCE_LAST: u32 = 65;
const CITY_LAST: u32 = 90;

/// Fifteen digits with a county and a birth date of the twentieth century; they have no checksum.
fn passes_as_old_id(digits: &[char]) -> bool {
    let two = |at: usize| value(digits[at]) * 10 + value(digits[at + 1]);
    let days = match two(8) {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    let is_county =
        (11..=PROVINCE_LAST).contains(&two(0)) && (1..=CITY_LAST).contains(&two(2)) && two(4) > 0;
    is_county && (1..=days).contains(&two(10))
}

/// A code of a place and seven or eight digits, after a nought or the code of the country.
fn passes_as_landline(digits: &[char]) -> bool {
    let national = match digits {
        ['0', rest @ ..] if rest.len() <= 11 => rest,
        ['8', '6', rest @ ..] => rest,
        _ => return false,
    };
    let (place, own) = match national {
        ['1', '0', own @ ..] => (2, own),
        ['2', '0'..='5' | '7'..='9', own @ ..] => (2, own),
        ['3'..='9', _, _, own @ ..] => (3, own),
        _ => return false,
    };
    let lengths = if place == 2 { 8..=8 } else { 7..=8 };
    lengths.contains(&own.len()) && passes_as_local(own)
}

/// The digits of a telephone within its place.
fn passes_as_local(digits: &[char]) -> bool {
    matches!(digits, ['2'..='9', ..])
}

fn passes_as_mobile(digits: &[char]) -> bool {
    let local = match digits.len() {
        13 if digits.starts_with(&['8', '6']) => &digits[2..],
        11 => digits,
        _ => return false,
    };
    local[0] == '1' && ('3'..='9').contains(&local[1])
}

/// Issuer prefixes of payment cards; numbers that start with a province code are not among them.
fn passes_as_card(digits: &[char]) -> bool {
    if digits.contains(&'X') {
        return false;
    }
    let prefix = digits.iter().take(4).fold(0, |sum, c| sum * 10 + value(*c));
    let issued = matches!(
        prefix,
        2221..=2720 | 3000..=3099 | 3400..=3999 | 4000..=6999 | 8100..=8199 | 9000..=9999
    );
    if !issued {
        return false;
    }
    let luhn: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, c)| match (place % 2, value(*c)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    luhn.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
