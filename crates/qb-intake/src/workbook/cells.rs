//! Cells of the fault workbook: what was a number, a date or a text is one again.

use rust_xlsxwriter::{Color, Format, FormatBorder, Worksheet, XlsxError};

use crate::fields::date;
use crate::read::batch::{CellKind, Value};
use crate::rows::kept::KeptCell;

/// Days from the end of 1899 to the start of 1904, between which two systems count.
const DAYS_TO_1904: f64 = 1462.0; // floats: days of a spreadsheet, no money
/// From here on a spreadsheet loses digits of a whole number; floats: a bound, no money.
const EXACT_MAX: f64 = 1e15;

/// How a share is shown.
const PERCENT: &str = "0.00##%";

/// Formats of the workbook.
pub(super) struct Formats {
    pub(super) head: Format,
    pub(super) text: Format,
    /// A faulty cell.
    pub(super) marked: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        let text = Format::new().set_num_format("@");
        Self {
            head: text
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0x00DD_E7E6))
                .set_border(FormatBorder::Thin),
            marked: text.clone().set_background_color(Color::RGB(0x00FB_D9D3)),
            text,
        }
    }

    /// Writes a cell as it was sent, looking like `format`; `is_date` says that its column holds
    /// dates.
    pub(super) fn write(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        (cell, is_date): (&KeptCell, bool),
        format: &Format,
    ) -> Result<(), XlsxError> {
        let text = cell.text.as_str();
        // floats: what a spreadsheet itself holds in a cell
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let (number, shown) = match (cell.kind, number) {
            (CellKind::Blank, _) => {
                sheet.write_blank(row, column, format)?;
                return Ok(());
            }
            (CellKind::Bool, _) => {
                sheet.write_boolean_with_format(row, column, text == "1", format)?;
                return Ok(());
            }
            (CellKind::Date1900, Some(days)) => (days, Some(date_format(days))),
            (CellKind::Date1904, Some(days)) => since_1900(days),
            (CellKind::Percent, Some(share)) => (share, Some(PERCENT)),
            (CellKind::Number1904, Some(days)) if is_date && counts_from_1904(text) => {
                since_1900(days)
            }
            (CellKind::Number | CellKind::Number1904, Some(number)) if number.abs() < EXACT_MAX => {
                (number, None)
            }
            _ => {
                sheet.write_string_with_format(row, column, text, format)?;
                return Ok(());
            }
        };
        let shown = shown.map(|shown| format.clone().set_num_format(shown));
        sheet.write_number_with_format(row, column, number, shown.as_ref().unwrap_or(format))?;
        Ok(())
    }
}

/// Whether a bare number is another day where days count from 1904.
fn counts_from_1904(text: &str) -> bool {
    let day = |kind| date::date(Value { kind, text: text.as_bytes() });
    day(CellKind::Number1904) != day(CellKind::Number)
}

/// A day counted from 1904 as one counted from 1900, and how it is shown.
#[expect(clippy::float_arithmetic, reason = "days as a spreadsheet's cell holds them")]
fn since_1900(days: f64) -> (f64, Option<&'static str>) {
    // floats: what a spreadsheet itself holds in a cell
    (days + DAYS_TO_1904, Some(date_format(days)))
}

/// How a date is shown: with its time where it has one.
fn date_format(days: f64) -> &'static str {
    if days.fract() == 0.0 { "yyyy-mm-dd" } else { "yyyy-mm-dd hh:mm:ss" }
}
