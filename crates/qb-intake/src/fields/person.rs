//! What belongs to a person: identity number, name, phone, yes and no.

use qb_base::resident::{Repair, ResidentNumberFault};
use qb_base::{ResidentNumber, Text};

use super::{Issue, Reading, bare, is_null_word, key};
use crate::read::batch::{CellKind, Value, trim};

/// Characters a name may have.
const NAME_CHARS_MAX: usize = 50;

/// What the number column says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A valid number.
    Number(ResidentNumber),
    /// There is no document, and the file says so.
    None,
}

/// Reads an identity number; in a spreadsheet's number cell the last digits are gone. `no_document`
/// are the pack's words for people who have none.
pub fn identity(value: Value<'_>, no_document: &[String]) -> Reading<Identity> {
    let text = value.trimmed();
    if text.is_empty() {
        return Reading::Blank;
    }
    if is_null_word(&text) {
        return Reading::Null;
    }
    if no_document.iter().any(|word| *word == text) {
        return Reading::Repaired(Identity::None, Issue::IdMissing);
    }
    let text = match value.kind {
        // Fifteen digits survive in a number cell, eighteen do not.
        CellKind::Number | CellKind::Number1904 => {
            match key::whole_number(&text).filter(|digits| digits.len() == 15) {
                Some(digits) => digits.into(),
                None => return Reading::Fault(Issue::IdDamaged),
            }
        }
        CellKind::Percent | CellKind::Date1900 | CellKind::Date1904 | CellKind::Bool => {
            return Reading::Fault(Issue::IdDamaged);
        }
        CellKind::Error => return Reading::Fault(Issue::FormulaError),
        _ => text,
    };
    let bare = bare::text(&text);
    match ResidentNumber::parse(&bare) {
        Ok(read) => {
            let clean = bare.len() == value.text.len() || value.kind.is_number();
            let wrapped = (!clean).then_some(Issue::IdFolded);
            let asked = may_be_cut(&bare).then_some(Issue::IdAsked);
            match asked.or(repair_issue(&read.repairs)).or(wrapped) {
                None => Reading::Value(Identity::Number(read.number)),
                Some(issue) => Reading::Repaired(Identity::Number(read.number), issue),
            }
        }
        Err(fault) => fault_issue(fault).map_or(Reading::Blank, Reading::Fault),
    }
}

/// Whether a spreadsheet may have cut the number although its check digit fits: it keeps fifteen
/// digits and writes zeros for the rest. One in a thousand people has such a number in truth, so
/// it is asked about, not refused. The sequence 000 is given to nobody.
fn may_be_cut(number: &str) -> bool {
    number.len() == 18 && (number.ends_with("000") || number.get(14..17) == Some("000"))
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

/// Reads a name: kept as written, without outer blanks, invisible characters, and blanks or line
/// ends between its characters.
pub fn name(text: &str) -> Reading<std::borrow::Cow<'_, str>> {
    use std::borrow::Cow;
    if text.is_empty() {
        return Reading::Blank;
    }
    let (mut damaged, mut digits, mut untidy, mut chars) = (false, false, false, 0);
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
            '\'' | '`' | '‘' | '’' | '=' | '_' => untidy = true,
            c if bare::is_invisible(c) || c.is_whitespace() || c.is_control() => untidy = true,
            _ => digits |= c.is_numeric() && c != '〇' && c != '○',
        }
    }
    if untidy {
        let tidied = tidied(text);
        if tidied != text {
            return again(&tidied);
        }
    }
    if chars > NAME_CHARS_MAX || digits {
        Reading::Fault(Issue::NameText)
    } else if damaged {
        Reading::Repaired(Cow::Borrowed(text), Issue::NameDamaged)
    } else {
        Reading::Value(Cow::Borrowed(text))
    }
}

/// Reads a tidied name; that it was tidied is a repair.
fn again(tidied: &str) -> Reading<std::borrow::Cow<'static, str>> {
    match name(tidied) {
        Reading::Value(name) => Reading::Repaired(name.into_owned().into(), Issue::TextFolded),
        Reading::Repaired(name, issue) => Reading::Repaired(name.into_owned().into(), issue),
        Reading::Blank => Reading::Blank,
        Reading::Null => Reading::Null,
        Reading::Fault(issue) => Reading::Fault(issue),
    }
}

/// A name without wrappings and line ends; blanks stay between Latin words only, one each.
fn tidied(name: &str) -> String {
    let bare = bare::text(name);
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let mut out = String::with_capacity(bare.len());
    let mut waiting = false;
    for c in bare.chars().filter(|c| !bare::is_invisible(*c)) {
        if blank(c) {
            waiting = true;
            continue;
        }
        let latin = |c: char| c.is_alphabetic() && u32::from(c) < 0x2e80;
        if std::mem::take(&mut waiting) && latin(c) && out.ends_with(latin) {
            out.push(' ');
        }
        out.push(c);
    }
    out
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
    match value.kind {
        CellKind::Number | CellKind::Number1904 => {
            let digits = key::whole_number(&text).filter(|digits| (7..=12).contains(&digits.len()));
            return digits.map_or(Reading::Fault(Issue::PhoneText), Reading::Value);
        }
        CellKind::Error => return Reading::Fault(Issue::FormulaError),
        _ => {}
    }
    if is_null_word(&text) || matches!(&*text, "无" | "/" | "-" | "没有" | "无电话") {
        return Reading::Null;
    }
    let half: String = bare::text(&text)
        .chars()
        .map(|c| {
            if matches!(c, '\u{ff01}'..='\u{ff5e}') {
                char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
            } else {
                c
            }
        })
        .collect();
    let several = half.split_once(['/', '、', ',', ';', '，', '；']);
    let first = several.map_or(half.as_str(), |(first, _)| first);
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
