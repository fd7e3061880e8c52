//! Workbooks as their many writers make them: whatever the form, the same cells are read.

use std::fmt::Write as _;
use std::io::Write as _;

use proptest::prelude::*;
use qb_intake::read::batch::{CellKind, Notes};
use qb_intake::read::limits::{CELL_BYTES_MAX, ROW_BYTES_MAX};
use qb_intake::read::{Flow, Source};
use qb_intake::{FileFault, ImportReport};
use qb_registry::Severity;
use qb_store::testing::scratch_dir;

use crate::files::{
    Bench, CAUSE, HEAD, HOUSEHOLD_NO, ID_NO, IDENTIFIED, INCOME, MEMBER_COUNT, NAME, RELATION, Row,
    VILLAGE, ledger, number, person, text,
};

/// Kind and text of each cell, by row with its number.
type Cells = Vec<(u32, Vec<(CellKind, String)>)>;

/// The parts of a workbook with one sheet.
struct Book<'a> {
    /// What stands in `<workbook>` before the sheets.
    head: &'a str,
    /// What stands in it behind them.
    tail: &'a str,
    sheet: &'a [u8],
    strings: &'a str,
    styles: &'a str,
    /// Parts that nobody asks for.
    others: usize,
}

impl Default for Book<'_> {
    fn default() -> Self {
        Self { head: "", tail: "", sheet: b"", strings: "", styles: STYLES, others: 0 }
    }
}

/// Formats 0 General, 1 a date, 2 a percentage.
const STYLES: &str = r#"<styleSheet><numFmts count="1"><numFmt numFmtId="170" formatCode="0.0%"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="a" Type="t/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="b" Type="t/styles" Target="styles.xml"/><Relationship Id="c" Type="t/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

impl Book<'_> {
    fn of(sheet: &str) -> Vec<u8> {
        Book { sheet: sheet.as_bytes(), ..Book::default() }.bytes()
    }

    fn bytes(&self) -> Vec<u8> {
        let workbook = format!(
            "<workbook xmlns:r=\"r\">{}<sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"a\"/></sheets>{}</workbook>",
            self.head, self.tail
        );
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (name, bytes) in [
            ("xl/workbook.xml", workbook.as_bytes()),
            ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
            ("xl/styles.xml", self.styles.as_bytes()),
            ("xl/sharedStrings.xml", self.strings.as_bytes()),
            ("xl/worksheets/sheet1.xml", self.sheet),
        ] {
            if !bytes.is_empty() {
                zip.start_file(name, options).unwrap();
                zip.write_all(bytes).unwrap();
            }
        }
        for other in 0..self.others {
            zip.start_file(format!("xl/media/image{other}.bmp"), options).unwrap();
            zip.write_all(b"x").unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

/// A sheet around its rows.
fn rows(rows: &str) -> Vec<u8> {
    Book::of(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))
}

fn read(bytes: &[u8]) -> Result<(Cells, Notes), FileFault> {
    let path = scratch_dir("workbook");
    std::fs::write(&path, bytes).unwrap();
    let read = read_path(&path);
    std::fs::remove_file(&path).unwrap();
    read
}

fn read_path(path: &std::path::Path) -> Result<(Cells, Notes), FileFault> {
    let (mut cells, mut notes) = (Cells::new(), Notes::default());
    let mut source = Source::open(path)?;
    let read = source.stream(0, &mut |batch| {
        notes += batch.notes();
        cells.extend(batch.rows().map(|row| {
            let values = row.values();
            (
                row.number,
                values
                    .map(|value| (value.kind, String::from_utf8(value.text.to_vec()).unwrap()))
                    .collect(),
            )
        }));
        Ok(Flow::Continue)
    });
    match read {
        Ok(()) => Ok((cells, notes)),
        Err(qb_intake::IntakeError::File(fault)) => Err(fault),
        Err(other) => panic!("{other}"),
    }
}

/// The texts of the first row.
fn first_row(bytes: &[u8]) -> Vec<String> {
    let (cells, _) = read(bytes).unwrap();
    cells[0].1.iter().map(|(_, text)| text.clone()).collect()
}

fn kinds(bytes: &[u8]) -> Vec<CellKind> {
    let (cells, _) = read(bytes).unwrap();
    cells[0].1.iter().map(|(kind, _)| *kind).collect()
}

#[test]
fn a_cell_without_reference_takes_its_place_also_when_it_is_empty() {
    for row in [
        "<row><c><v>1</v></c><c/><c><v>3</v></c></row>",
        "<row><c><v>1</v></c><c></c><c><v>3</v></c></row>",
        "<row><c><v>1</v></c><c s=\"1\"/><c t=\"n\"><v>3</v></c></row>",
        "<row><c r=\"A1\"><v>1</v></c><c r=\"C1\"><v>3</v></c></row>",
        "<row><c/><c r=\"A1\"><v>1</v></c><c r=\"C1\"><v>3</v></c></row>",
    ] {
        assert_eq!(first_row(&rows(row)), ["1", "", "3"], "{row}");
    }
    let anew = "<row><c r=\"B1\"/><c><v>3</v></c><c r=\"F1\"><v>6</v></c><c><v>7</v></c></row>";
    assert_eq!(first_row(&rows(anew)), ["", "", "3", "", "", "6", "7"]);
}

#[test]
fn prefixes_cdata_line_ends_in_tags_and_comments_change_nothing() {
    let plain = rows(
        "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>户&amp;号</v></c><c r=\"B1\"><v>2</v></c></row>",
    );
    let expected = read(&plain).unwrap();
    for sheet in [
        "<x:worksheet xmlns:x='m'><x:sheetData><x:row r='1'><x:c r='A1' t='str'><x:v>户&amp;号</x:v></x:c><x:c r='B1'><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>",
        "<worksheet><sheetData\n><row\n r=\"1\"\t><c\nr=\"A1\"\n  t='str'><v><![CDATA[户&号]]></v></c ><c r='B1' ><v>2</v ></c></row ></sheetData ></worksheet>",
        "<!-- <row> --><worksheet><sheetData><!-- > --><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>户</t><rPh sb=\"0\"><t>hu</t></rPh><r><t>&#38;号</t></r></is></c>\
            <c r=\"B1\"><v>2</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row r=\"1\" x:r=\"9\"><c r=\"A1\" t=\"str\" x:t=\"n\"><v><!-- a -->户&amp;<![CDATA[号]]></v></c><c r=\"B1\"><v>2</v><extLst><ext/></extLst></c></row></sheetData></worksheet>",
        "\u{feff}<?xml version=\"1.0\"?><worksheet><sheetPr/><sheetData>\n <row r=\"1\">\n  <c r=\"A1\" t=\"str\">\n   <v>户&amp;号</v>\n  </c>\n  <c r=\"b1\"><v>2</v></c></row></sheetData></worksheet>",
    ] {
        assert_eq!(read(&Book::of(sheet)).unwrap(), expected, "{sheet}");
    }
}

#[test]
fn a_sheet_in_utf_16_is_read() {
    let sheet = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><worksheet><sheetData><row><c t=\"str\"><v>徐州</v></c></row></sheetData></worksheet>";
    let units = std::iter::once(0xfeff).chain(sheet.encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    assert_eq!(first_row(&Book { sheet: &bytes, ..Book::default() }.bytes()), ["徐州"]);
}

#[test]
fn escapes_are_resolved_in_shared_inline_and_formula_texts() {
    let sheet = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is><t>b_x000a_</t></is></c>\
        <c t=\"str\"><f>A1</f><v>c_x005F_x000D_</v></c><c t=\"s\"><v>1</v></c></row></sheetData></worksheet>";
    let strings = "<sst><si><t>张三_x000D_</t></si><si><t><![CDATA[户编号]]></t></si></sst>";
    let book = Book { sheet: sheet.as_bytes(), strings, ..Book::default() };
    assert_eq!(first_row(&book.bytes()), ["张三\r", "b\n", "c_x000D_", "户编号"]);
}

#[test]
fn an_empty_number_of_a_shared_string_is_a_blank() {
    assert_eq!(
        kinds(&rows("<row><c t=\"s\"><v></v></c><c t=\"s\"/><c><v>1</v></c></row>"))[..2],
        [CellKind::Blank; 2]
    );
}

#[test]
fn cells_in_any_order_are_put_into_their_columns() {
    let row = "<row><c r=\"C1\"><v>3</v></c><c r=\"A1\" t=\"str\"><v>a</v></c><c r=\"B1\"/></row>";
    assert_eq!(first_row(&rows(row)), ["a", "", "3"]);
    let twice = "<row><c r=\"B1\"><v>3</v></c><c r=\"B1\"><v>4</v></c></row>";
    assert_eq!(read(&rows(twice)).unwrap_err().code, "file_malformed");
}

#[test]
fn cells_beyond_the_last_column_are_counted_and_said() {
    let row = "<row r=\"7\"><c r=\"SR7\"><v>1</v></c><c r=\"SS7\"><v>2</v></c><c r=\"XFD7\" s=\"1\"/></row>";
    let (cells, notes) = read(&rows(row)).unwrap();
    assert_eq!((cells[0].1.len(), notes.beyond.cells, notes.beyond.first_row), (512, 1, 7));
}

#[test]
fn rows_without_a_number_or_with_zero_follow_the_one_before() {
    let text = "<row r=\"0\"><c><v>1</v></c></row><row/><row r=\"5\"/><row><c><v>2</v></c></row><row r=\"3\"><c><v>3</v></c></row>";
    let numbers: Vec<u32> =
        read(&rows(text)).unwrap().0.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 2, 5, 6, 7]);
}

#[test]
fn a_formula_without_a_stored_value_is_no_blank() {
    let row = "<row><c><f>B2*2</f><v></v></c><c><f>B2</f></c><c><f t=\"shared\" si=\"0\"/></c><c t=\"str\"><f>B</f></c>\
        <c t=\"str\"><f>B</f><v></v></c><c><f>B</f><v>0</v></c><c/></row>";
    use CellKind as K;
    let expected = [K::NoValue, K::NoValue, K::NoValue, K::NoValue, K::Text, K::Number, K::Blank];
    assert_eq!(kinds(&rows(row)), expected);
}

#[test]
fn values_of_formulas_that_nobody_calculated_are_counted() {
    let sheet = "<worksheet><sheetData><row r=\"4\"><c><f>1+1</f><v>0</v></c><c><v>2</v></c><c><f>B</f></c></row></sheetData></worksheet>";
    for (tail, cells) in [("<calcPr fullCalcOnLoad=\"1\"/>", 1), ("<calcPr calcId=\"1\"/>", 0)] {
        let book = Book { sheet: sheet.as_bytes(), tail, ..Book::default() };
        assert_eq!(read(&book.bytes()).unwrap().1.uncalculated.cells, cells);
    }
}

#[test]
fn numbers_shown_as_dates_or_percentages_are_told_apart_in_both_date_systems() {
    let sheet = "<worksheet><sheetData><row><c s=\"0\"><v>1</v></c><c s=\"1\"><v>1</v></c><c s=\"2\"><v>1</v></c><c s=\"9\"><v>1</v></c></row></sheetData></worksheet>";
    use CellKind as K;
    let x15 =
        "<extLst><ext xmlns:x15='x'><x15:workbookPr chartTrackingRefBase=\"1\"/></ext></extLst>";
    for (head, expected) in [
        ("", [K::Number, K::Date1900, K::Percent, K::Number]),
        ("<workbookPr date1904=\"1\"/>", [K::Number1904, K::Date1904, K::Percent, K::Number1904]),
        (
            "<workbookPr date1904=\"true\"/>",
            [K::Number1904, K::Date1904, K::Percent, K::Number1904],
        ),
    ] {
        let book = Book { sheet: sheet.as_bytes(), head, tail: x15, ..Book::default() };
        assert_eq!(kinds(&book.bytes()), expected, "{head}");
    }
}

#[test]
fn misplaced_or_unreadable_cells_are_refused_with_their_row() {
    for row in [
        "<c r=\"A1\"><v>1</v></c>",
        "<row r=\"2\"><c r=\"A2\"><v>1</v></row>",
        "<row r=\"2\"><c r=\"A2\"><v>1</v></c>",
        "<row r=\"2\"><row r=\"3\"/></row>",
        "<row r=\"2\"><c r=\"2A\"><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"R2C1\"><v>1</v></c></row>",
        "<row r=\"2\"><c r><v>1</v></c></row>",
        "<row r=\"2\"><c t=\"s\"><v>5</v></c></row>",
        "<row r=\"2\"><c t=\"s\"><v>x</v></c></row>",
        "<row r=\"2\"><c s=\"x\"><v>5</v></c></row>",
    ] {
        let fault = read(&rows(row)).unwrap_err();
        assert_eq!(fault.code, "file_malformed", "{row}");
        assert!(
            !row.contains("r=\"2\"") || fault.message.en.contains("row 2"),
            "{}",
            fault.message.en
        );
    }
    assert_eq!(read(&Book::of("<worksheet><sheetData><row/>")).unwrap_err().code, "file_truncated");
}

#[test]
fn a_cell_just_inside_the_bound_is_read_and_one_outside_is_said_to_be_too_long() {
    for (bytes, kind) in [(CELL_BYTES_MAX, CellKind::Text), (CELL_BYTES_MAX + 1, CellKind::TooLong)]
    {
        let text = "a".repeat(bytes);
        let sheet = "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row></sheetData></worksheet>";
        let strings = format!("<sst><si><t>{text}</t></si><si><t>b</t></si></sst>");
        let shared = Book { sheet: sheet.as_bytes(), strings: &strings, ..Book::default() };
        assert_eq!(kinds(&shared.bytes()), [kind, CellKind::Text]);
        for cell in [
            "<c t=\"str\"><v>{}</v></c>",
            "<c t=\"inlineStr\"><is><t>{}</t></is></c>",
            "<c t=\"str\"><v>&#97;{}</v></c>",
        ] {
            let text = if cell.contains("&#") { &text[1..] } else { &text };
            let row = format!("<row>{}<c t=\"str\"><v>b</v></c></row>", cell.replace("{}", text));
            assert_eq!(kinds(&rows(&row)), [kind, CellKind::Text], "{cell}");
        }
    }
}

#[test]
fn a_string_repeated_over_a_row_is_bounded_before_it_is_copied() {
    let text = "a".repeat(CELL_BYTES_MAX);
    let fit = ROW_BYTES_MAX / CELL_BYTES_MAX;
    let cells = "<c t=\"s\"><v>0</v></c>".repeat(512);
    let sheet = format!(
        "<worksheet><sheetData><row>{cells}</row><row><c><v>1</v></c></row></sheetData></worksheet>"
    );
    let strings = format!("<sst><si><t>{text}</t></si></sst>");
    let book = Book { sheet: sheet.as_bytes(), strings: &strings, ..Book::default() };
    let (cells, _) = read(&book.bytes()).unwrap();
    let bytes: usize = cells[0].1.iter().map(|(_, text)| text.len()).sum();
    let read = cells[0].1.iter().filter(|(kind, _)| *kind == CellKind::Text).count();
    assert_eq!((read, bytes, cells[0].1.len()), (fit, ROW_BYTES_MAX, 512));
    assert_eq!(cells[1].1, [(CellKind::Number, "1".to_owned())]);
}

#[test]
fn thousands_of_parts_and_a_bloated_style_sheet_are_no_bomb() {
    let styles = format!(
        "<styleSheet><cellXfs>{}<xf numFmtId=\"14\"/></cellXfs></styleSheet>",
        "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>".repeat(150_000)
    );
    let sheet =
        b"<worksheet><sheetData><row><c s=\"150000\"><v>1</v></c></row></sheetData></worksheet>";
    let book = Book { sheet, styles: &styles, others: 5_000, ..Book::default() };
    assert_eq!(kinds(&book.bytes()), [CellKind::Date1900]);
}

/// A sheet of texts, the cell at (row, column) being `xml`.
fn sheet_with(rows: &[Row], at: (usize, usize), xml: &str) -> String {
    let mut sheet = String::from("<worksheet><sheetData>");
    for (number, row) in rows.iter().enumerate() {
        sheet.push_str("<row>");
        for (column, text) in row.iter().enumerate() {
            if (number, column) == at {
                sheet.push_str(xml);
            } else if text.is_empty() {
                sheet.push_str("<c/>");
            } else {
                write!(sheet, "<c t=\"inlineStr\"><is><t>{text}</t></is></c>").unwrap();
            }
        }
        sheet.push_str("</row>");
    }
    sheet + "</sheetData></worksheet>"
}

/// Imports one household of two, the first person's cell of a column being `xml`.
fn import_with(column: usize, xml: &str) -> (Bench, ImportReport) {
    let rows = [HEAD.map(str::to_owned).to_vec(), person(1, 0, 2), person(1, 1, 2)];
    let sheet = sheet_with(&rows, (1, column), xml);
    let head = if xml.contains("1904") { "<workbookPr date1904=\"1\"/>" } else { "" };
    let bench = Bench::new();
    let book = Book { sheet: sheet.as_bytes(), head, ..Book::default() };
    let report = bench.write("a.xlsx", book.bytes()).import();
    (bench, report)
}

fn codes(report: &ImportReport) -> Vec<(&str, Severity)> {
    report.faults.iter().map(|fault| (fault.code.as_str(), fault.severity)).collect()
}

#[test]
fn a_number_shown_as_a_date_never_becomes_an_amount_or_a_count() {
    let (bench, report) = import_with(INCOME, "<c s=\"1\"><v>42371</v></c>");
    assert_eq!(codes(&report), [("number_is_date", Severity::Warning)]);
    assert!(report.faults[0].message.zh.contains("2016-01-02"), "{:?}", report.faults[0].message);
    // What the other member's row states holds for the household.
    let sum = "select coalesce(max(income_reported_fen), 0) from household";
    assert_eq!(number(&bench.store.store, sum), 560_050);
    let (_, report) = import_with(MEMBER_COUNT, "<c s=\"1\"><v>2</v></c>");
    assert!(
        codes(&report).iter().any(|(code, _)| *code == "number_is_date"),
        "{:?}",
        codes(&report)
    );
}

#[test]
fn a_formula_without_a_stored_value_is_said_in_every_kind_of_column() {
    let formula = "<c><f>B2*2</f><v></v></c>";
    for column in [INCOME, CAUSE, IDENTIFIED] {
        let (_, report) = import_with(column, formula);
        assert_eq!(codes(&report), [("formula_no_value", Severity::Warning)], "column {column}");
        assert_eq!(report.rows_rejected, 0);
    }
    for column in [HOUSEHOLD_NO, NAME, ID_NO, VILLAGE, RELATION] {
        let (_, report) = import_with(column, formula);
        let refused = codes(&report).contains(&("formula_no_value", Severity::Refused));
        assert!(refused && report.rows_rejected >= 1, "column {column}: {:?}", codes(&report));
    }
}

#[test]
fn an_amount_of_a_ledger_that_cannot_be_read_is_not_an_amount_of_nothing() {
    let rows = ledger("东风社区居委会", "160000");
    let at = rows
        .iter()
        .enumerate()
        .find_map(|(row, cells)| Some((row, cells.iter().position(|cell| cell == "160000")?)))
        .unwrap();
    for (cell, code) in [
        ("<c><f>80000+80000</f><v></v></c>", "formula_no_value"),
        ("<c s=\"1\"><v>42371</v></c>", "number_is_date"),
        ("<c t=\"str\"><v>见附件</v></c>", "F6"),
    ] {
        let bench = Bench::new();
        bench.write("a.xlsx", Book::of(&sheet_with(&rows, at, cell)));
        let report = bench.import();
        assert!(codes(&report).contains(&(code, Severity::Refused)), "{:?}", codes(&report));
        let nothing = "select count(*) from village_ledger_item where item = 'operating'";
        assert_eq!(number(&bench.store.store, nothing), 0, "{cell}");
    }
}

#[test]
fn a_cell_too_long_to_read_is_said_and_its_row_kept() {
    let long = format!("<c t=\"str\"><v>{}</v></c>", "a".repeat(CELL_BYTES_MAX + 1));
    let (_, report) = import_with(CAUSE, &long);
    assert_eq!((codes(&report), report.people), (vec![("cell_too_long", Severity::Warning)], 2));
}

#[test]
fn dates_that_were_written_in_utc_are_a_lead() {
    for (serial, code) in [("42451.66666667", "times_utc"), ("42451.4", "times_left_out")] {
        let (_, report) = import_with(IDENTIFIED, &format!("<c s=\"1\"><v>{serial}</v></c>"));
        assert_eq!(codes(&report), [(code, Severity::Lead)]);
    }
    let (_, report) = import_with(IDENTIFIED, "<c s=\"1\"><v>42451</v></c>");
    assert!(report.faults.is_empty(), "{:?}", codes(&report));
}

#[test]
fn a_bare_number_in_a_date_column_of_a_1904_workbook_is_the_right_day() {
    let (bench, report) = import_with(IDENTIFIED, "<c x=\"1904\"><v>40968</v></c>");
    assert_eq!(codes(&report), [("F5", Severity::Repaired)]);
    let days = text(&bench.store.store, "select identified_on from household");
    assert_eq!(days, "2016-03-01");
}

#[test]
fn cells_beyond_the_last_column_and_uncalculated_formulas_are_said_in_the_report() {
    let mut sheet = String::from("<worksheet><sheetData>");
    let head: Row = HEAD.map(str::to_owned).to_vec();
    for row in [head, person(1, 0, 1)] {
        sheet.push_str("<row>");
        for cell in row {
            write!(sheet, "<c t=\"str\"><f>\"a\"</f><v>{cell}</v></c>").unwrap();
        }
        sheet.push_str("<c r=\"ZZ9\"><v>1</v></c></row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    let bench = Bench::new();
    let tail = "<calcPr fullCalcOnLoad=\"1\"/>";
    let book = Book { sheet: sheet.as_bytes(), tail, ..Book::default() };
    let report = bench.write("a.xlsx", book.bytes()).import();
    let mut found = codes(&report);
    found.sort_unstable();
    let expected =
        [("cells_beyond", Severity::Warning), ("formula_uncalculated", Severity::Warning)];
    assert_eq!((found.as_slice(), report.people), (expected.as_slice(), 1));
}

/// How a sheet may be written.
#[derive(Clone, Debug)]
struct Style {
    prefix: &'static str,
    references: bool,
    row_numbers: bool,
    backwards: bool,
    shared: bool,
    /// Between tags, and before attributes.
    space: &'static str,
    escaped: u8,
}

fn styles() -> impl Strategy<Value = Style> {
    (
        prop::sample::select(vec!["", "x:", "ss:"]),
        any::<[bool; 4]>(),
        prop::sample::select(vec!["", "\n", " \t", "<!-- > <c> -->"]),
        0..4_u8,
    )
        .prop_map(|(prefix, [references, row_numbers, backwards, shared], space, escaped)| {
            Style { prefix, references, row_numbers, backwards, shared, space, escaped }
        })
}

/// A cell as it is to be read.
fn cell() -> impl Strategy<Value = (CellKind, String)> {
    let text = "[a-z\u{4e00}-\u{4e20}0-9 <&>'\"\r\n_x\\]𠮷\u{feff}-]{1,9}";
    prop_oneof![
        2 => Just((CellKind::Blank, String::new())),
        4 => text.prop_map(|text| (CellKind::Text, text)),
        2 => (0..999_999_u32).prop_map(|number| (CellKind::Number, format!("{}.{}", number / 7, number % 7))),
        1 => (0..60_000_u32).prop_map(|day| (CellKind::Date1900, day.to_string())),
        1 => any::<bool>().prop_map(|truth| (CellKind::Bool, u8::from(truth).to_string())),
        1 => Just((CellKind::Error, "#REF!".to_owned())),
        1 => Just((CellKind::NoValue, String::new())),
    ]
}

/// A text as XML may write it.
fn written(text: &str, escaped: u8) -> String {
    let mut out = String::new();
    // An underscore that would begin an escape is escaped itself.
    let text = text.replace("_x", "_x005F_x").replace("_X", "_x005F_X");
    if escaped == 1 && !text.contains(['\r', '\u{feff}']) {
        return format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"));
    }
    for c in text.chars() {
        match c {
            '\r' if escaped == 3 => out.push_str("_x000d_"),
            '\r' | '\n' | '<' | '&' => write!(out, "&#{};", u32::from(c)).unwrap(),
            '>' if escaped == 2 => out.push_str("&gt;"),
            c if escaped == 3 && !c.is_ascii() && u32::from(c) < 0x10000 => {
                write!(out, "_x{:04X}_", u32::from(c)).unwrap()
            }
            c => out.push(c),
        }
    }
    out
}

fn column_name(column: usize) -> char {
    char::from(b'A' + u8::try_from(column).unwrap())
}

/// A sheet and its shared strings, as `style` writes them.
fn sheet(table: &[Vec<(CellKind, String)>], style: &Style) -> (String, String) {
    let Style { prefix: p, space: s, .. } = *style;
    let gap = if s.contains('<') || s.is_empty() { " " } else { s };
    let (mut out, mut strings) = (
        format!(
            "<{p}worksheet xmlns{}='m'>{s}<{p}sheetData>{s}",
            if p.is_empty() { String::new() } else { format!(":{}", p.trim_end_matches(':')) }
        ),
        Vec::new(),
    );
    for (at, row) in table.iter().enumerate() {
        let number =
            if style.row_numbers { format!("{gap}r=\"{}\"", at + 1) } else { String::new() };
        write!(out, "<{p}row{number}>{s}").unwrap();
        let mut cells: Vec<String> = Vec::new();
        for (column, (kind, text)) in row.iter().enumerate() {
            let reference = if style.references || style.backwards {
                format!("{gap}r='{}{}'", column_name(column), at + 1)
            } else {
                String::new()
            };
            let (attributes, body) = match kind {
                CellKind::Blank => (String::new(), String::new()),
                CellKind::Text if style.shared => {
                    strings.push(written(text, style.escaped));
                    (format!("{gap}t='s'"), format!("<{p}v>{}</{p}v>", strings.len() - 1))
                }
                CellKind::Text => (
                    format!("{gap}t=\"inlineStr\""),
                    format!(
                        "<{p}is>{s}<{p}t xml:space='preserve'>{}</{p}t>{s}</{p}is>",
                        written(text, style.escaped)
                    ),
                ),
                CellKind::Date1900 => (format!("{gap}s='1'"), format!("<{p}v>{text}</{p}v>")),
                CellKind::Bool => (format!("{gap}t='b'"), format!("<{p}v>{text}</{p}v>")),
                CellKind::Error => (format!("{gap}t='e'"), format!("<{p}v>{text}</{p}v>")),
                CellKind::NoValue => {
                    (String::new(), format!("<{p}f>A1&lt;2</{p}f>{s}<{p}v></{p}v>"))
                }
                _ => (String::new(), format!("<{p}v>{text}</{p}v>")),
            };
            if body.is_empty() {
                cells.push(format!("<{p}c{reference}{attributes}/>{s}"));
            } else {
                cells.push(format!("<{p}c{reference}{attributes}>{body}{s}</{p}c>{s}"));
            }
        }
        if style.backwards {
            cells.reverse();
        }
        write!(out, "{}</{p}row>{s}", cells.concat()).unwrap();
    }
    write!(out, "</{p}sheetData>{s}</{p}worksheet>").unwrap();
    let items: String = strings
        .iter()
        .map(|text| format!("<{p}si>{s}<{p}t xml:space=\"preserve\">{text}</{p}t></{p}si>{s}"))
        .collect();
    (out, format!("<{p}sst>{s}{items}</{p}sst>"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn a_sheet_gives_the_same_cells_however_it_is_written(
        table in prop::collection::vec(prop::collection::vec(cell(), 1..8), 1..6),
        style in styles(),
    ) {
        let (sheet, strings) = sheet(&table, &style);
        let book = Book { sheet: sheet.as_bytes(), strings: &strings, ..Book::default() };
        let (cells, _) = read(&book.bytes()).unwrap();
        for (at, (expected, (number, found))) in table.iter().zip(&cells).enumerate() {
            prop_assert_eq!(*number as usize, at + 1);
            prop_assert_eq!(found, expected, "{}\n{}", sheet, strings);
        }
        prop_assert_eq!(table.len(), cells.len());
    }

    #[test]
    fn a_sheet_with_changed_bytes_is_answered(at in 0_usize..4000, change in 1_u8..255) {
        let (sheet, _) = sheet(
            &[vec![(CellKind::Text, "甲".into()), (CellKind::Number, "1".into())], vec![(CellKind::NoValue, String::new())]],
            &Style { prefix: "", references: true, row_numbers: true, backwards: false, shared: false, space: "", escaped: 0 },
        );
        let mut bytes = sheet.into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= change;
        let _ = read(&Book { sheet: &bytes, ..Book::default() }.bytes());
    }
}

#[test]
fn a_rate_in_per_cent_is_the_same_however_its_cell_shows_it() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let percent = rust_xlsxwriter::Format::new().set_num_format("0.00%");
    let columns = [
        ("借据号", ""),
        ("户编号", "H000001"),
        ("贷款金额(元)", "50000"),
        ("年利率(%)", ""),
        ("放款日期", "2016-03-01"),
        ("到期日期", "2019-03-01"),
        ("贷款用途", "养殖"),
        ("贴息金额(元)", "0"),
    ];
    for (column, (head, text)) in (0_u16..).zip(columns) {
        sheet.write_string(0, column, head).unwrap();
        for row in 1..=3 {
            sheet.write_string(row, column, text).unwrap();
        }
    }
    for (row, loan) in [(1, "JJ1"), (2, "JJ2"), (3, "JJ3")] {
        sheet.write_string(row, 0, loan).unwrap();
    }
    sheet.write_number(1, 3, 4.35).unwrap();
    sheet.write_number_with_format(2, 3, 0.0435, &percent).unwrap();
    sheet.write_string(3, 3, "4.35%").unwrap();
    let bench = Bench::new();
    let report = bench.write("贷款.xlsx", book.save_to_buffer().unwrap()).import();
    assert_eq!((report.rows_accepted, report.rows_rejected), (3, 0), "{:?}", report.faults);
    let sql = "select count(*) from record where fields like '%\"rate\":\"4.35\"%'";
    assert_eq!(number(&bench.store.store, sql), 3);
    assert_eq!(report.rows_repaired, 2, "{:?}", report.faults);
}
