//! What belongs to a person: identity number, name, phone, yes and no.

use qb_base::resident::{Repair, ResidentNumberFault};
use qb_base::{ResidentNumber, Text};

use super::{Issue, Reading, is_null_word};
use crate::read::batch::{CellKind, Value, trim};

/// Characters a name may have.
const NAME_CHARS_MAX: usize = 50;
/// Words that stand in the number column of people without a document.
const NO_DOCUMENT_WORDS: &[&str] = &[
    "无",
    "无证",
    "无证件",
    "未办",
    "未办理",
    "未办证",
    "新生儿",
    "未上户",
    "未落户",
    "黑户",
    "暂无",
];

/// What the number column says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A valid number.
    Number(ResidentNumber),
    /// There is no document, and the file says so.
    None,
}

/// Reads an identity number; in a spreadsheet's number cell the last digits are gone.
pub fn identity(value: Value<'_>) -> Reading<Identity> {
    let text = value.trimmed();
    if text.is_empty() {
        return Reading::Blank;
    }
    if is_null_word(&text) {
        return Reading::Null;
    }
    if NO_DOCUMENT_WORDS.contains(&&*text) {
        return Reading::Repaired(Identity::None, Issue::IdMissing);
    }
    // Fifteen digits survive in a number cell, eighteen do not.
    if value.kind.is_number() && text.len() != 15 {
        return Reading::Fault(Issue::IdDamaged);
    }
    match ResidentNumber::parse(&text) {
        Ok(read) => match repair_issue(&read.repairs) {
            None if text.len() == value.text.len() => Reading::Value(Identity::Number(read.number)),
            issue => {
                Reading::Repaired(Identity::Number(read.number), issue.unwrap_or(Issue::IdFolded))
            }
        },
        Err(fault) => fault_issue(fault).map_or(Reading::Blank, Reading::Fault),
    }
}

/// The weightiest of the repairs names the fault.
fn repair_issue(repairs: &[Repair]) -> Option<Issue> {
    let rank = |repair: &Repair| match repair {
        Repair::FifteenDigits => (2, Issue::IdFifteen),
        Repair::LookAlike | Repair::LowerCaseX => (1, Issue::IdLookAlike),
        Repair::FullWidth | Repair::Blanks | Repair::Apostrophe => (0, Issue::IdFolded),
    };
    repairs.iter().map(rank).max().map(|(_, issue)| issue)
}

fn fault_issue(fault: ResidentNumberFault) -> Option<Issue> {
    use ResidentNumberFault as F;
    match fault {
        F::Empty => None,
        F::Damaged => Some(Issue::IdDamaged),
        F::Length(_) => Some(Issue::IdLength),
        F::Characters => Some(Issue::IdCharacters),
        F::Checksum => Some(Issue::IdChecksum),
        F::Date => Some(Issue::IdDate),
        F::Placeholder => Some(Issue::IdPlaceholder),
        F::Card => Some(Issue::IdCard),
    }
}

/// Reads a name: kept as written, without outer blanks and invisible characters.
pub fn name(text: &str) -> Reading<std::borrow::Cow<'_, str>> {
    use std::borrow::Cow;
    if text.is_empty() {
        return Reading::Blank;
    }
    let (mut chars, mut damaged, mut digits, mut invisible) = (0, false, false, false);
    for c in text.chars() {
        chars += 1;
        match c {
            // Nearly every character of a name.
            '\u{4e00}'..='\u{9fff}' => {}
            '?'
            | '？'
            | '\u{fffd}'
            | '\u{e000}'..='\u{f8ff}'
            | '□'
            | '\u{f0000}'..='\u{10ffff}' => damaged = true,
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => invisible = true,
            _ => digits |= c.is_numeric() && c != '〇' && c != '○',
        }
    }
    if chars > NAME_CHARS_MAX || digits {
        return Reading::Fault(Issue::NameText);
    }
    let stored = if invisible {
        Cow::Owned(
            text.chars()
                .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    };
    match (damaged, invisible) {
        (true, _) => Reading::Repaired(stored, Issue::NameDamaged),
        (false, true) => Reading::Repaired(stored, Issue::TextFolded),
        (false, false) => Reading::Value(stored),
    }
}

/// Reads a phone number: 7 to 12 digits after separators, country prefix and a second number are
/// gone.
pub fn phone(value: Value<'_>) -> Reading<String> {
    let text = value.trimmed();
    if text.is_empty() {
        return Reading::Blank;
    }
    if (7..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Reading::Value(text.into_owned());
    }
    if is_null_word(&text) || matches!(&*text, "无" | "/" | "-" | "没有" | "无电话") {
        return Reading::Null;
    }
    let half: String = text
        .chars()
        .map(|c| {
            if matches!(c, '\u{ff01}'..='\u{ff5e}') {
                char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
            } else {
                c
            }
        })
        .collect();
    let first = half.split(['/', '、', ',', ';', '，', '；']).next().unwrap_or("");
    let first = first.strip_suffix(".0").unwrap_or(first);
    let digits: String =
        first.strip_prefix("+86").unwrap_or(first).chars().filter(char::is_ascii_digit).collect();
    let rest_is_separators = first.chars().all(|c| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || matches!(c, '-' | '(' | ')' | '+' | '\'' | '\u{200b}'..='\u{200f}')
    });
    if rest_is_separators && (7..=12).contains(&digits.len()) {
        Reading::Repaired(digits, Issue::PhoneFolded)
    } else {
        Reading::Fault(Issue::PhoneText)
    }
}

/// Reads yes or no.
pub fn truth(value: Value<'_>) -> Reading<bool> {
    match value.text {
        b"" => return Reading::Blank,
        text if text == "是".as_bytes() => return Reading::Value(true),
        text if text == "否".as_bytes() => return Reading::Value(false),
        _ => {}
    }
    let text = value.trimmed();
    if value.kind == CellKind::Bool {
        return Reading::Value(&*text == "1");
    }
    match trim(&text) {
        "" => Reading::Blank,
        "是" => Reading::Value(true),
        "否" => Reading::Value(false),
        "1" | "Y" | "y" | "YES" | "yes" | "Yes" | "T" | "TRUE" | "true" | "True" | "√" | "✓"
        | "✔" | "有" | "对" | "参加" | "已参加" | "１" | "1.0" => {
            Reading::Repaired(true, Issue::LabelAlias)
        }
        "0" | "N" | "n" | "NO" | "no" | "No" | "F" | "FALSE" | "false" | "False" | "×" | "✗"
        | "✘" | "无" | "错" | "未参加" | "没有" | "０" | "0.0" | "x" | "X" => {
            Reading::Repaired(false, Issue::LabelAlias)
        }
        word if is_null_word(word) => Reading::Null,
        _ => Reading::Fault(Issue::LabelUnknown),
    }
}

/// The words for yes and no, for messages.
pub const TRUTH_LABELS: Text = Text::fixed("是、否", "yes, no");
