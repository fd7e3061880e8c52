//! The readers by themselves: what is written is read back, whatever is read is answered.

use proptest::prelude::*;
use qb_intake::read::batch::CellKind;
use qb_intake::read::{Flow, Source};
use qb_store::testing::scratch_dir;

use crate::files::{Row, xlsx};

/// Texts of the rows of a file's first sheet, trailing blanks cut.
fn read(bytes: &[u8]) -> Option<Vec<Row>> {
    let path = scratch_dir("reader");
    std::fs::write(&path, bytes).unwrap();
    let rows = read_path(&path);
    std::fs::remove_file(&path).unwrap();
    rows
}

fn read_path(path: &std::path::Path) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    let mut source = Source::open(path).ok()?;
    source
        .stream(0, &mut |batch| {
            for row in batch.rows() {
                let mut cells: Row = row
                    .values()
                    .map(|value| String::from_utf8_lossy(value.text).into_owned())
                    .collect();
                while cells.last().is_some_and(String::is_empty) {
                    cells.pop();
                }
                rows.push(cells);
            }
            Ok(Flow::Continue)
        })
        .ok()?;
    Some(rows)
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

#[test]
fn quotes_separators_and_line_ends_inside_fields_are_kept() {
    let text = "a,\"b,\"\"c\"\"\r\nd\",e\r\n\"\",x,\r\nlast,\"tail\"more,end";
    let rows = read(text.as_bytes()).unwrap();
    assert_eq!(
        rows,
        [vec!["a", "b,\"c\"\r\nd", "e"], vec!["", "x"], vec!["last", "tailmore", "end"]]
    );
}

#[test]
fn a_lost_quote_does_not_swallow_the_file() {
    let rows = read("a,\"b,c\nd,e,f\ng,h,i\n".as_bytes()).unwrap();
    assert_eq!(rows, [vec!["a", "\"b", "c"], vec!["d", "e", "f"], vec!["g", "h", "i"]]);
}

#[test]
fn the_separator_is_recognised() {
    for separator in ['\t', ';', '|'] {
        let text = format!("a{separator}b,c{separator}d\n1{separator}2{separator}3\n");
        assert_eq!(read(text.as_bytes()).unwrap()[1], ["1", "2", "3"]);
    }
}

#[test]
fn numbers_dates_and_texts_of_a_sheet_are_told_apart() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy年m月");
    sheet.write_number(0, 0, 43_101.0).unwrap();
    sheet.write_number_with_format(0, 1, 43_101.0, &date).unwrap();
    sheet.write_string(0, 3, "a & <b>").unwrap();
    sheet.write_boolean(0, 4, true).unwrap();
    let path = scratch_dir("kinds");
    std::fs::write(&path, book.save_to_buffer().unwrap()).unwrap();
    let mut kinds = Vec::new();
    let mut source = Source::open(&path).unwrap();
    let read = source.stream(0, &mut |batch| {
        kinds.extend(
            batch
                .rows()
                .flat_map(|row| row.values())
                .map(|value| (value.kind, String::from_utf8_lossy(value.text).into_owned())),
        );
        Ok(Flow::Continue)
    });
    read.unwrap();
    std::fs::remove_file(&path).unwrap();
    let expected = [
        (CellKind::Number, "43101"),
        (CellKind::Date1900, "43101"),
        (CellKind::Blank, ""),
        (CellKind::Text, "a & <b>"),
        (CellKind::Bool, "1"),
    ];
    assert_eq!(kinds, expected.map(|(kind, text)| (kind, text.to_owned())));
}

/// Cells that hold no line end of their own, so that rows can be counted.
fn table() -> impl Strategy<Value = Vec<Row>> {
    let cell = "[a-z\u{4e00}-\u{4e20}0-9 ,;\"<&>'𠮷.-]{0,12}";
    prop::collection::vec(prop::collection::vec(cell, 1..6), 1..20)
}

/// The first cell is plain text, so that a row is never empty and the first bytes tell a text.
fn cut(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        row[0] = format!("甲{}", row[0]);
        while row.last().is_some_and(String::is_empty) {
            row.pop();
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_csv_table_is_read_back(rows in table()) {
        let rows = cut(rows);
        let fields = |row: &Row| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>();
        let line = |row: &Row| fields(row).join(",") + "\n";
        let text: String = rows.iter().map(line).collect();
        // One column gives no separator to count; a head with commas tells it.
        let text = format!("甲,乙,丙,丁,戊,己,庚,辛,壬,癸,子,丑,寅,卯,辰,巳,午,未,申,酉,戌,亥\n{text}");
        prop_assert_eq!(&read(text.as_bytes()).unwrap()[1..], &rows[..]);
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        prop_assert_eq!(&read(&bytes).unwrap()[1..], &rows[..]);
    }

    #[test]
    fn a_workbook_is_read_back(rows in table()) {
        let rows = cut(rows);
        prop_assert_eq!(read(&xlsx(&rows)).unwrap(), rows);
    }

    #[test]
    fn any_bytes_are_answered(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        head in 0_usize..4,
    ) {
        let magic: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"];
        let _ = read(&[magic[head], &bytes].concat());
    }

    #[test]
    fn a_workbook_with_changed_bytes_is_answered(at in 0_usize..5000, change in 1_u8..255) {
        let mut bytes = xlsx(&[vec!["甲".into(), "乙".into()], vec!["1".into(), "2".into()]]);
        let at = at % bytes.len();
        bytes[at] ^= change;
        let _ = read(&bytes);
    }
}
