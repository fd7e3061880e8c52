//! Resident identity numbers (GB 11643) and disability cards, with every repair recorded.
//!
//! 18 digits `AAAAAA YYYYMMDD SSS C`, weights and check digits of the standard; 15-digit numbers
//! issued before 1999 are completed; 20 and 22 digits are disability cards (the number, kind,
//! grade, reissue).

use std::fmt;

use crate::date::{self, Date};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_DIGITS: &[u8; 11] = b"10X98765432";
/// Nobody older is on a register; a greater age tells a mistyped year.
pub const AGE_MAX: i16 = 120;
const LENGTH_MAX: usize = 22;

/// Sex as the register records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

impl Sex {
    /// The name stored in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

/// What kind of document carries the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An 18-digit identity number.
    Identity,
    /// A disability card of 20 digits, or 22 when reissued.
    DisabilityCard,
}

/// A valid number. `Debug` and `Display` print it masked; [`ResidentNumber::reveal`] is the only
/// way to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResidentNumber {
    digits: [u8; LENGTH_MAX],
    len: u8,
}

/// A safe change made to a number while reading it; the original is kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repair {
    /// 15 digits completed to 18 (fault F1).
    FifteenDigits,
    /// Full-width characters (fault F2).
    FullWidth,
    /// Spaces and invisible characters (fault F2).
    Blanks,
    /// A leading or trailing apostrophe (fault F2).
    Apostrophe,
    /// O for 0, I or l for 1, × or * for X; accepted because the checksum then holds (fault F3).
    LookAlike,
    /// A lower-case x (fault F3).
    LowerCaseX,
}

/// Why a text is no valid number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ResidentNumberFault {
    /// Nothing was entered.
    #[error("the number is empty")]
    Empty,
    /// A spreadsheet turned it into a number; the last digits are lost (fault F4).
    #[error("a spreadsheet turned the number into a figure and its last digits are lost")]
    Damaged,
    /// Not 15, 18, 20 or 22 characters.
    #[error("the number has {0} characters instead of 18")]
    Length(usize),
    /// Something other than digits and a final X.
    #[error("the number holds something other than digits")]
    Characters,
    /// The check digit does not fit the others.
    #[error("the check digit does not fit")]
    Checksum,
    /// Digits 7 to 14 are no date.
    #[error("digits 7 to 14 are not a date")]
    Date,
    /// A stand-in such as 111111….
    #[error("the number is a placeholder")]
    Placeholder,
    /// Digits 19 and 20 of a disability card lie outside 1–7 and 1–4.
    #[error("kind or grade of the disability card is unknown")]
    Card,
}

/// A number together with what had to be repaired to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalised {
    /// The valid number.
    pub number: ResidentNumber,
    /// Repairs in the order they were made; empty when the text was clean.
    pub repairs: Vec<Repair>,
}

impl ResidentNumber {
    /// Reads a number as clerks and spreadsheets write it.
    ///
    /// # Errors
    /// A [`ResidentNumberFault`] that says what is wrong; the checksum decides whether a look-alike
    /// may be repaired.
    pub fn parse(text: &str) -> Result<Normalised, ResidentNumberFault> {
        if let Some(number) = Self::parse_clean(text.as_bytes()) {
            return Ok(Normalised { number, repairs: Vec::new() });
        }
        let (folded, mut repairs) = fold(text);
        if folded.is_empty() {
            return Err(ResidentNumberFault::Empty);
        }
        if looks_damaged(&folded) {
            return Err(ResidentNumberFault::Damaged);
        }
        let plain = replace_look_alikes(&folded, &mut repairs);
        let full = match plain.len() {
            15 => complete_fifteen(&plain, &mut repairs)?,
            18 | 20 | 22 => plain,
            other => return Err(ResidentNumberFault::Length(other)),
        };
        validate(full.as_bytes())?;
        Ok(Normalised { number: Self::from_bytes(full.as_bytes()), repairs })
    }

    /// The fast path: 18 clean characters with a valid date and checksum.
    fn parse_clean(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != 18 || validate(bytes).is_err() {
            return None;
        }
        Some(Self::from_bytes(bytes))
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let mut digits = [0; LENGTH_MAX];
        digits[..bytes.len()].copy_from_slice(bytes);
        let len = match bytes.len() {
            18 => 18,
            20 => 20,
            _ => 22,
        };
        Self { digits, len }
    }

    /// The number in full. Callers show it only after writing why, by whom and for whom.
    pub fn reveal(&self) -> &str {
        crate::text::ascii(&self.digits[..usize::from(self.len)])
    }

    /// Identity number or disability card.
    pub fn kind(&self) -> DocumentKind {
        if self.len == 18 { DocumentKind::Identity } else { DocumentKind::DisabilityCard }
    }

    /// The day of birth in digits 7 to 14.
    pub fn birth_date(&self) -> Date {
        // No number is made without a day of birth that the calendar has.
        birth_of(&self.digits).unwrap_or(Date::ZERO)
    }

    /// The sex told by digit 17: odd is male.
    pub fn sex(&self) -> Sex {
        if self.digits[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// Whether the age on a day lies between 0 and [`AGE_MAX`].
    pub fn is_plausible_on(&self, day: Date) -> bool {
        let birth = self.birth_date();
        birth <= day && date::years_between(birth, day) <= AGE_MAX
    }
}

impl fmt::Display for ResidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::mask::id_number(self.reveal()))
    }
}

impl fmt::Debug for ResidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResidentNumber({self})")
    }
}

/// The check digit of 17 digits, or `None` when they are not all digits.
pub fn check_digit(first: &[u8]) -> Option<u8> {
    if first.len() < 17 || !first[..17].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    Some(CHECK_DIGITS[crate::index(sum % 11)])
}

fn validate(bytes: &[u8]) -> Result<(), ResidentNumberFault> {
    let expected = check_digit(bytes).ok_or(ResidentNumberFault::Characters)?;
    let tail_is_digits = bytes[18..].iter().all(u8::is_ascii_digit);
    if !(bytes[17].is_ascii_digit() || bytes[17] == b'X') || !tail_is_digits {
        return Err(ResidentNumberFault::Characters);
    }
    if bytes[..17].iter().all(|b| *b == bytes[0]) || &bytes[..17] == b"12345678901234567" {
        return Err(ResidentNumberFault::Placeholder);
    }
    if bytes[17] != expected {
        let lost = bytes.len() == 18 && bytes.ends_with(b"000");
        return Err(if lost {
            ResidentNumberFault::Damaged
        } else {
            ResidentNumberFault::Checksum
        });
    }
    birth_of(bytes).ok_or(ResidentNumberFault::Date)?;
    let card_fits = |b: &[u8]| (b'1'..=b'7').contains(&b[18]) && (b'1'..=b'4').contains(&b[19]);
    if bytes.len() > 18 && !card_fits(bytes) {
        return Err(ResidentNumberFault::Card);
    }
    Ok(())
}

/// Years in which a holder of an identity number can be born: the numbers were first given out in
/// 1984. Outside them the digits are those of something else, such as a village's code and the
/// number of a household and a person in it, of which one in eleven has a fitting check digit.
const BIRTH_YEARS: std::ops::Range<i16> = 1870..2100;

fn birth_of(bytes: &[u8]) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| {
        bytes
            .get(range)?
            .iter()
            .try_fold(0_i16, |n, b| b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0')))
    };
    let (year, month, day) = (number(6..10)?, number(10..12)?, number(12..14)?);
    if !BIRTH_YEARS.contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Folds full-width forms and drops blanks and apostrophes.
fn fold(text: &str) -> (String, Vec<Repair>) {
    let mut repairs = Vec::new();
    let mut note = |repair| {
        if !repairs.contains(&repair) {
            repairs.push(repair);
        }
    };
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{ff01}'..='\u{ff5e}' => {
                note(Repair::FullWidth);
                folded.push(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c));
            }
            '\'' | '\u{2018}' | '\u{2019}' | '`' => note(Repair::Apostrophe),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => note(Repair::Blanks),
            c if c.is_whitespace() || c.is_control() => note(Repair::Blanks),
            c => folded.push(c),
        }
    }
    (folded, repairs)
}

/// Tells the traces of a number column: an exponent or a decimal point.
fn looks_damaged(text: &str) -> bool {
    let mantissa_and_exponent = text.split_once(['E', 'e']);
    let is_number = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit() || c == '.');
    match mantissa_and_exponent {
        Some((mantissa, exponent)) => {
            is_number(mantissa) && is_number(exponent.trim_start_matches('+'))
        }
        None => text.contains('.') && is_number(text),
    }
}

/// Replaces letters that look like digits; the checksum is tested afterwards.
fn replace_look_alikes(text: &str, repairs: &mut Vec<Repair>) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut looked_alike = false;
    let mut lower_x = false;
    let plain = text
        .chars()
        .enumerate()
        .map(|(i, c)| match c {
            'O' | 'o' => {
                looked_alike = true;
                '0'
            }
            'I' | 'l' | 'i' | '|' => {
                looked_alike = true;
                '1'
            }
            '×' | '*' | 'Ⅹ' | 'Χ' | 'Х' if i == last => {
                looked_alike = true;
                'X'
            }
            'x' if i == last || i == 17 => {
                lower_x = true;
                'X'
            }
            other => other,
        })
        .collect();
    if looked_alike {
        repairs.push(Repair::LookAlike);
    }
    if lower_x {
        repairs.push(Repair::LowerCaseX);
    }
    plain
}

fn complete_fifteen(text: &str, repairs: &mut Vec<Repair>) -> Result<String, ResidentNumberFault> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ResidentNumberFault::Characters);
    }
    if repairs.contains(&Repair::LookAlike) {
        // Fifteen digits carry no check digit that could confirm the guess.
        return Err(ResidentNumberFault::Characters);
    }
    let mut full = format!("{}19{}", &text[..6], &text[6..]);
    let check = check_digit(full.as_bytes()).ok_or(ResidentNumberFault::Characters)?;
    full.push(char::from(check));
    repairs.push(Repair::FifteenDigits);
    Ok(full)
}

#[cfg(test)]
mod tests;
