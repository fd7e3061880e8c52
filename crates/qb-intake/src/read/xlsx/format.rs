//! What a cell's number format makes of its number: a plain number, a date, or a percentage.

/// How a format shows a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Number,
    Date,
    Percent,
}

impl Shown {
    /// What the format of a number shows that every spreadsheet program knows.
    pub(crate) fn built_in(id: u32) -> Self {
        match id {
            9 | 10 => Self::Percent,
            14..=22 | 27..=36 | 45..=47 | 50..=58 => Self::Date,
            _ => Self::Number,
        }
    }
}

/// What a format code shows.
///
/// Only its first section counts (`;` begins the one of negative numbers), without what stands in
/// quotes, behind `\`, `_` or `*`, and in brackets, but for elapsed time such as `[h]`.
pub(crate) fn shown(code: &str) -> Shown {
    let (plain, elapsed) = without_literals(code);
    // The general format, as it is called here and in Chinese files; exponents.
    let plain = ["general", "g/通用格式", "e+", "e-"]
        .iter()
        .fold(plain, |plain, word| plain.replace(word, ""));
    if elapsed || plain.contains(['y', 'm', 'd', 'h', 's', 'e']) {
        Shown::Date
    } else if plain.contains('%') {
        Shown::Percent
    } else {
        Shown::Number
    }
}

/// The letters of the first section that mean something, in lower case, and whether it shows
/// elapsed time.
fn without_literals(code: &str) -> (String, bool) {
    let (mut plain, mut elapsed) = (String::new(), false);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '\\' | '_' | '*' => {
                chars.next();
            }
            '"' => {
                chars.by_ref().find(|c| *c == '"');
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let mut letters = inside.chars().map(|c| c.to_ascii_lowercase());
                elapsed |= letters
                    .next()
                    .is_some_and(|first| "hms".contains(first) && letters.all(|c| c == first));
            }
            other => plain.push(other.to_ascii_lowercase()),
        }
    }
    (plain, elapsed)
}

#[cfg(test)]
mod tests {
    use super::{Shown, shown};

    #[test]
    fn formats_are_told_apart_by_what_they_show() {
        for code in [
            "yyyy年m月",
            "yyyy-mm-dd;@",
            "[$-804]yyyy\"年\"m\"月\";@",
            "m/d/yy h:mm",
            "[h]:mm:ss",
            "[mm]",
            "mmm-yy",
            "上午/下午h\"时\"mm\"分\"",
            "[$-F800]dddd, mmmm dd, yyyy",
            "ggge\"年\"",
            "[DBNum1][$-804]yyyy年",
            "e-m-d",
            "[Red]yyyy/m/d",
            "ss.0",
        ] {
            assert_eq!(shown(code), Shown::Date, "{code}");
        }
        for code in ["0%", "0.00%", "[Red]0.0%;-0.0%", "0.00\\ %", "#,##0.00%_)"] {
            assert_eq!(shown(code), Shown::Percent, "{code}");
        }
        for code in [
            "General",
            "[DBNum1][$-804]General",
            "[Red]General",
            "0.00E+00",
            "##0.0E-0",
            "@",
            "0",
            "#,##0.00\"元\"",
            "\"year \"0",
            "\\d0",
            "_d0",
            "*y0",
            "0;\"%\"",
            "[$¥-804]#,##0.00",
            "[>=10000]0.0\"万\"",
            "General;[Red]yyyy",
            "0\\%",
            "_(* #,##0.00_);_(* (#,##0.00)",
            "",
            "[Magenta]0",
            "[$USD] 0",
            "[$-404]0",
            "G/通用格式",
        ] {
            assert_eq!(shown(code), Shown::Number, "{code}");
        }
    }
}
