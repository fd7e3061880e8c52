//! Cells of a file that a spreadsheet opens: what it would compute stays what it says.

use std::io::{self, Write};

/// Writes a line of CSV.
pub(super) fn write<T: AsRef<str>>(out: &mut impl Write, cells: &[T]) -> io::Result<()> {
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        let guard = if is_computed(cell) { "'" } else { "" };
        if cell.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{guard}{}\"", cell.replace('"', "\"\""))?;
        } else {
            write!(out, "{guard}{cell}")?;
        }
    }
    out.write_all(b"\r\n")
}

/// Whether a spreadsheet would compute the cell: it begins with a sign of a formula, of either
/// width, or with what a spreadsheet skips before looking for one.
pub(super) fn is_computed(cell: &str) -> bool {
    let skipped = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let begins = cell.trim_start_matches(skipped);
    let is_sign = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '−');
    let is_skipped = cell.starts_with(['\t', '\r', '\n']);
    (begins.starts_with(is_sign) || is_skipped) && !is_number(cell)
}

fn is_invisible(c: char) -> bool {
    let is_direction = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    is_direction || matches!(c, '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Whether a cell is a number with a sign, which a spreadsheet only reads.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(cells: &[&str]) -> String {
        let mut out = Vec::new();
        write(&mut out, cells).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cell_never_becomes_a_formula_or_another_cell() {
        assert_eq!(
            line(&["=1+1", "a,b", "say \"so\"", "-1+1", "-12.50", "-"]),
            "'=1+1,\"a,b\",\"say \"\"so\"\"\",'-1+1,-12.50,'-\r\n"
        );
    }

    #[test]
    fn starts_of_formulas_are_guarded_in_every_width_and_behind_what_is_skipped() {
        for start in [
            "=",
            "+",
            "-",
            "@",
            "＝",
            "＋",
            "－",
            "＠",
            "−",
            "\t",
            "\r",
            "\n",
            " =",
            "\u{feff}=",
            "\u{3000}＝",
            "\n＋",
            "\u{200b}@",
        ] {
            let cell = format!("{start}cmd");
            assert!(is_computed(&cell), "{cell:?}");
            assert!(line(&[&cell]).trim_start_matches('"').starts_with('\''), "{cell:?}");
        }
        for plain in ["", "—", "3,000", "-3,000", "+86", "张三", "a=b", " 张三"] {
            assert!(!is_computed(plain), "{plain}");
        }
    }
}
