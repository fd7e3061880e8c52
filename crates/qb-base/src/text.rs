//! Text in both languages of the product.

use std::borrow::Cow;
use std::fmt;

/// A language of the interface.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese, the first language of the product.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Reads a language code such as `zh`, `zh-CN`, `en`; anything else is `None`.
    pub fn parse(code: &str) -> Option<Self> {
        match code.get(..2) {
            Some("zh") => Some(Self::Zh),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// One message in Chinese and English; neither may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A message known when the program is compiled.
    pub const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// A message made at run time.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: Cow::Owned(zh.into()), en: Cow::Owned(en.into()) }
    }

    /// The message in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// Replaces `{name}` in both languages; unknown names stay visible, so a test can find them.
    pub fn fill(&self, values: &[(&str, &str)]) -> Self {
        let put = |template: &str| {
            values.iter().fold(template.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        Self::new(put(&self.zh), put(&self.en))
    }
}

impl fmt::Display for Text {
    /// Both languages, as the command line prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

/// Shows a value that may be missing: what is not there is an empty cell, or no link.
///
/// For what a reader sees, and only where being missing is an ordinary state of the thing. What
/// cannot be missing is an error where it is.
pub fn shown<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    // The one place that says how nothing looks.
    value.map_or_else(String::new, show)
}

/// Digits and other ASCII as text, for bytes into which nothing else is ever put.
pub fn ascii(bytes: &[u8]) -> &str {
    debug_assert!(bytes.is_ascii(), "only ASCII is put there");
    // ASCII is text; callers checked each byte when they took it in.
    std::str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_both_languages() {
        let text = Text::fixed("第{row}行", "row {row}").fill(&[("row", "214")]);
        assert_eq!((text.get(Lang::Zh), text.get(Lang::En)), ("第214行", "row 214"));
    }

    #[test]
    fn what_is_not_there_is_shown_as_an_empty_cell() {
        assert_eq!(shown(Some(7), |number| number.to_string()), "7");
        assert_eq!(shown(None::<i64>, |number| number.to_string()), "");
    }

    #[test]
    fn a_language_is_read_from_a_locale() {
        assert_eq!(Lang::parse("zh-CN"), Some(Lang::Zh));
        assert_eq!(Lang::parse("fr"), None);
        assert_eq!(Lang::parse("中"), None);
    }
}
