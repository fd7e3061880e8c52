//! Formats beside CSV and XLSX: what each reader gives, and what is named instead of read.

use std::io::Write;

use qb_intake::FileFault;
use qb_intake::read::batch::CellKind;
use qb_intake::read::{Flow, Source};
use qb_store::testing::scratch_dir;
use zip::write::SimpleFileOptions;

use crate::files::compound_file;

/// Kind and text of each cell, row by row; blank cells at the end are left out.
type Cells = Vec<Vec<(CellKind, String)>>;

fn read(bytes: &[u8]) -> Result<Cells, FileFault> {
    let path = scratch_dir("formats");
    std::fs::write(&path, bytes).unwrap();
    let rows = Source::open(&path).map(|mut source| rows_of(&mut source, 0));
    std::fs::remove_file(&path).unwrap();
    rows
}

fn rows_of(source: &mut Source, sheet: usize) -> Cells {
    let mut rows = Cells::new();
    let mut take = |batch: &qb_intake::read::batch::Batch| {
        for row in batch.rows() {
            let text = |value: qb_intake::read::batch::Value<'_>| {
                (value.kind, String::from_utf8_lossy(value.text).into_owned())
            };
            let mut cells: Vec<_> = row.values().map(text).collect();
            while cells.last().is_some_and(|(kind, _)| *kind == CellKind::Blank) {
                cells.pop();
            }
            rows.resize(row.number as usize, Vec::new());
            rows[row.number as usize - 1] = cells;
        }
        Ok(Flow::Continue)
    };
    source.stream(sheet, &mut take).unwrap();
    rows
}

fn texts(bytes: &[u8]) -> Vec<Vec<String>> {
    let rows = read(bytes).unwrap_or_else(|fault| panic!("{fault}"));
    rows.into_iter().map(|row| row.into_iter().map(|(_, text)| text).collect()).collect()
}

fn fault(bytes: &[u8]) -> FileFault {
    read(bytes).map(drop).unwrap_err()
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const ODS_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s" xmlns:calcext="c">
<office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet>"#;
const ODS_TAIL: &str = "</office:spreadsheet></office:body></office:document-content>";

fn ods(tables: &str) -> Vec<u8> {
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &[ODS_HEAD, tables, ODS_TAIL].concat()),
    ])
}

#[test]
fn a_stray_quote_in_csv_swallows_no_row() {
    let rows = texts("序号,姓名,性别\n1,\"张三,男\n2,李四,女\n3,\"王五,男\n".as_bytes());
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[2], ["2", "李四", "女"]);
    assert_eq!(rows[3], ["3", "\"王五", "男"]);
    // The second stray quote happens to stand before a separator.
    let rows = texts("序号,姓名,性别\n1,\"张三,男\n2,李四\",女\n3,王五,男\n".as_bytes());
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3], ["3", "王五", "男"]);
}

#[test]
fn a_field_of_several_lines_in_csv_is_one_field() {
    let rows =
        texts("序号,姓名,备注\r\n1,张三,\"一\r\n二\"\r\n2,\"李\n四\",\"三,\n四\"\r\n".as_bytes());
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1], ["1", "张三", "一\r\n二"]);
    assert_eq!(rows[2], ["2", "李\n四", "三,\n四"]);
}

#[test]
fn days_of_old_workbooks_count_from_the_workbooks_base() {
    for (name, kind, serial) in [
        ("days-since-1900.xls", CellKind::Date1900, "42430"),
        ("days-since-1904.xls", CellKind::Date1904, "40968"),
    ] {
        let path = format!("{}/tests/books/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut source = Source::open(path.as_ref()).unwrap();
        let rows = rows_of(&mut source, 0);
        assert_eq!(rows[1][0], (kind, serial.to_owned()), "{name}");
        assert_eq!(rows[1][1].1, "5200.5");
        assert_eq!(rows[1][2], (CellKind::Text, "徐州".to_owned()));
        assert_eq!(rows[3][2].1, "末行");
    }
}

#[test]
fn open_document_cells_keep_kind_place_and_text() {
    let book = ods(r#"<table:table table:name="一" table:style-name="ta1">
          <table:table-row>
            <table:table-cell office:value-type="string">
              <text:p>户编号</text:p>
            </table:table-cell>
            <table:table-cell table:number-columns-repeated="2"/>
            <table:table-cell office:value-type="float" office:value="5200.5"><text:p>5,200.50</text:p></table:table-cell>
            <table:table-cell office:value-type="percentage" office:value="0.0435"><text:p>4.35%</text:p></table:table-cell>
          </table:table-row>
          <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
          <table:table-row table:number-rows-repeated="2">
            <table:table-cell office:value-type="date" office:date-value="2016-03-01"><text:p>1.3.16</text:p></table:table-cell>
            <table:covered-table-cell/>
            <table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b &amp; c</text:p><text:p>d</text:p><office:annotation><text:p>note</text:p></office:annotation></table:table-cell>
            <table:table-cell table:formula="of:=1+1"/>
            <table:table-cell office:value-type="float" office:value="0" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>
          </table:table-row>
          <table:table-row table:number-rows-repeated="1048571"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        </table:table><table:table table:name="二" table:style-name="ta2"><table:table-row/></table:table>"#);
    let cell = |kind, text: &str| (kind, text.to_owned());
    let blank = || cell(CellKind::Blank, "");
    let rows = read(&book).unwrap();
    assert_eq!(
        rows[0],
        [
            cell(CellKind::Text, "户编号"),
            blank(),
            blank(),
            cell(CellKind::Number, "5200.5"),
            cell(CellKind::Percent, "0.0435"),
        ]
    );
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[3], rows[4]);
    assert_eq!(
        rows[4],
        [
            cell(CellKind::Text, "2016-03-01"),
            blank(),
            cell(CellKind::Text, "a  b & c\nd"),
            cell(CellKind::NoValue, ""),
            cell(CellKind::Error, "#REF!"),
        ]
    );
    let path = scratch_dir("ods");
    std::fs::write(&path, &book).unwrap();
    let sheets = Source::open(&path).unwrap().sheets().to_vec();
    assert_eq!(
        sheets.iter().map(|s| (&*s.name, s.hidden)).collect::<Vec<_>>(),
        [("一", false), ("二", true)]
    );
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn what_an_open_document_repeats_is_bounded_before_it_is_unfolded() {
    let row = |rows: u32, columns: u32| {
        ods(&format!(
            r#"<table:table table:name="S"><table:table-row table:number-rows-repeated="{rows}"><table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/></table:table-row></table:table>"#
        ))
    };
    assert_eq!(texts(&row(3, 512)), vec![vec!["1".to_owned(); 512]; 3]);
    assert_eq!(texts(&row(1, 16_384))[0].len(), 512);
    let path = scratch_dir("ods-rows");
    std::fs::write(&path, row(100_001, 1)).unwrap();
    let told = Source::open(&path).unwrap().stream(0, &mut |_| Ok(Flow::Continue));
    std::fs::remove_file(&path).unwrap();
    assert!(told.is_err_and(|error| error.to_string().contains("too many")));
}

#[test]
fn an_open_document_without_its_kind_is_a_workbook_and_a_locked_one_is_locked() {
    let content = [ODS_HEAD, r#"<table:table table:name="S"><table:table-row><table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell></table:table-row></table:table>"#, ODS_TAIL].concat();
    assert_eq!(texts(&zipped(&[("content.xml", &content)])), [["a"]]);
    let manifest = r#"<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let locked = zipped(&[("content.xml", "x"), ("META-INF/manifest.xml", manifest)]);
    assert_eq!(fault(&locked).code, "file_locked");
}

#[test]
fn a_web_page_called_a_workbook_is_read() {
    let page = "\u{feff}<html><head><style>td{a:b}</style></head><body><TABLE border=1><tr><td colspan=3>名单</td></tr>\
        <tr><th>姓名<th>年龄<th>备注\n<tr><td rowspan=2>张&nbsp;三</td><td x:num>20</td><td>一<br>二</td></tr>\
        <tr><td>21</td><td></td></tr></table></body></html>";
    let expected = vec![
        vec!["名单"],
        vec!["姓名", "年龄", "备注"],
        vec!["张 三", "20", "一\n二"],
        vec!["", "21"],
    ];
    assert_eq!(texts(page.as_bytes()), expected);
    let (national, _, _) = encoding_rs::GB18030.encode(page.trim_start_matches('\u{feff}'));
    assert_eq!(texts(&national), expected);
}

#[test]
fn an_xml_spreadsheet_called_a_workbook_is_read() {
    let book = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="甲"><Table>
<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">姓名 &amp; 号</Data></Cell><Cell><Data ss:Type="Number">5200.5</Data></Cell></Row>
<Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="DateTime">2016-03-01T00:00:00.000</Data></Cell><Cell ss:Formula="=1"/></Row>
</Table></Worksheet></Workbook>"#;
    let rows = read(book.as_bytes()).unwrap();
    let text = |row: usize| rows[row].iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>();
    assert_eq!(text(0), ["姓名 & 号", "", "5200.5"]);
    assert_eq!(rows[0][2].0, CellKind::Number);
    assert_eq!(text(3), ["", "2016-03-01T00:00:00.000", ""]);
    assert_eq!(rows[3][2].0, CellKind::NoValue);
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let types = ("[Content_Types].xml", "<Types/>");
    for (bytes, code, word) in [
        (b"%PDF-1.7 x".to_vec(), "file_not_a_table", "PDF"),
        (b"{\\rtf1 x}".to_vec(), "file_not_a_table", "RTF"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "file_not_a_table", "picture"),
        (b"ID;PWXL;N;E\r\n".to_vec(), "file_other_format", "SYLK"),
        (b"TABLE\r\n0,1\r\n\"X\"\r\n".to_vec(), "file_other_format", "DIF"),
        (compound_file("WordDocument"), "file_not_a_table", "Word document (.doc"),
        (compound_file("PowerPoint Document"), "file_not_a_table", "presentation (.ppt)"),
        (compound_file("__properties_version1.0"), "file_not_a_table", "mail"),
        (zipped(&[types, ("word/document.xml", "<a/>")]), "file_not_a_table", "Word"),
        (zipped(&[types, ("ppt/presentation.xml", "<a/>")]), "file_not_a_table", "presentation"),
        (zipped(&[types, ("xl/workbook.bin", "x")]), "file_binary_workbook", "xlsb"),
        (zipped(&[("Index/Document.iwa", "x")]), "file_other_format", "Numbers"),
        (zipped(&[("丰县.xlsx", "x")]), "file_archive", "archive"),
        (
            zipped(&[
                ("mimetype", "application/vnd.oasis.opendocument.text"),
                ("content.xml", "<a/>"),
            ]),
            "file_not_a_table",
            "OpenDocument",
        ),
        (b"<office:document xmlns:office='o'/>".to_vec(), "file_other_format", "fods"),
    ] {
        let told = fault(&bytes);
        assert_eq!(told.code, code, "{word}: {told}");
        assert!(told.message.en.contains(word), "{word}: {told}");
    }
}
