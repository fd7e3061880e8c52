//! The number under which an office issues a report: given when it is made, never made up.

use qb_base::Text;

/// Most characters of a number.
const CHARS_MAX: usize = 60;

/// The number of an official document, such as 徐扶办〔2017〕3号.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentNo(String);

/// Why a text is no number of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a document number is 1 to 60 characters on one line")]
pub struct NoDocumentNo;

impl DocumentNo {
    /// Reads a number as the office writes it.
    ///
    /// # Errors
    /// When it is blank, too long, or not on one line.
    pub fn parse(text: &str) -> Result<Self, NoDocumentNo> {
        let text = text.trim();
        let fits = (1..=CHARS_MAX).contains(&text.chars().count());
        let is_line = !text.chars().any(char::is_control);
        if fits && is_line { Ok(Self(text.to_owned())) } else { Err(NoDocumentNo) }
    }

    /// The number as it is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the front of a report says of its number.
pub(crate) fn shown(number: Option<&str>) -> Text {
    let none = Text::fixed("待编号", "to be numbered");
    number.map_or(none, |number| Text::new(number, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_line_of_some_characters() {
        assert_eq!(DocumentNo::parse(" 徐扶办〔2017〕3号 ").unwrap().as_str(), "徐扶办〔2017〕3号");
        for wrong in ["", "  ", "徐扶办\n3号", &"号".repeat(CHARS_MAX + 1)] {
            assert_eq!(DocumentNo::parse(wrong), Err(NoDocumentNo), "{wrong:?}");
        }
    }

    #[test]
    fn without_a_number_the_front_says_that_one_is_to_come() {
        assert_eq!(shown(None), Text::fixed("待编号", "to be numbered"));
    }
}
