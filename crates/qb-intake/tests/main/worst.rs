//! Files that cannot be used: a clear error, the store unchanged by them, the other files imported.

use std::io::Write;

use qb_intake::FileState;
use qb_intake::read::limits::{ENTRIES_MAX, LEGACY_BYTES_MAX};

use crate::files::{Bench, HEAD, Row, compound_file, csv, households, number, xlsx};

/// Imports a good file beside the bad one; answers the bad one's code.
fn code_of(name: &str, bytes: &[u8]) -> String {
    let bench = Bench::new();
    bench.write("good.csv", csv(&households(2)));
    let report = bench.write(name, bytes).import();
    assert!(!report.is_complete());
    assert_eq!(
        (
            report.people,
            number(&bench.store.store, "select count(*) from source_file where state = 'imported'")
        ),
        (4, 1)
    );
    let file = report.files.iter().find(|file| file.state == FileState::Refused).unwrap();
    assert!(
        file.message.as_ref().is_some_and(|text| !text.zh.is_empty() && !text.en.is_empty())
            && file.remedy.is_some()
    );
    report.faults.iter().find(|fault| fault.file == name).map(|fault| fault.code.clone()).unwrap()
}

/// A workbook with the head and `extra` behind it.
fn book() -> Vec<u8> {
    let rows: Vec<Row> =
        std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(households(200)).collect();
    xlsx(&rows)
}

/// A zip package of the given entries.
fn package(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const WORKBOOK: &[u8] = br#"<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &[u8] = br#"<Relationships>
<Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn with_sheet(sheet: &[u8]) -> Vec<u8> {
    package(&[
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

#[test]
fn a_truncated_workbook_is_told_to_be_incomplete() {
    let whole = book();
    for share in [2, 3, 10] {
        let cut = whole.len() - whole.len() / share;
        assert_eq!(code_of("cut.xlsx", &whole[..cut]), "file_truncated");
    }
}

#[test]
fn a_damaged_byte_inside_a_workbook_is_noticed() {
    let mut bytes = book();
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 64] {
        *byte ^= 0x5a;
    }
    let code = code_of("hurt.xlsx", &bytes);
    assert!(
        ["file_truncated", "file_malformed", "layout_unknown"].contains(&code.as_str()),
        "{code}"
    );
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    assert_eq!(code_of("bomb.xlsx", &with_sheet(&vec![b' '; 64 << 20])), "file_bomb");
}

#[test]
fn names_that_point_outside_the_package_are_refused() {
    assert_eq!(code_of("out.xlsx", &package(&[("../../evil", b"x")])), "file_malformed");
}

#[test]
fn too_many_entries_are_refused() {
    let names: Vec<String> = (0..=ENTRIES_MAX).map(|n| format!("e{n}")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert_eq!(code_of("many.xlsx", &package(&entries)), "file_bomb");
}

#[test]
fn a_directory_that_would_fill_the_memory_is_refused() {
    let names: Vec<String> = (0..300).map(|n| format!("{n:060000}")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert_eq!(code_of("names.xlsx", &package(&entries)), "file_bomb");
}

#[test]
fn a_workbook_with_a_password_to_open_is_said_to_be_locked() {
    assert_eq!(code_of("locked.xlsx", &compound_file("EncryptedPackage")), "file_locked");
}

#[test]
fn an_old_workbook_with_a_password_to_open_is_said_to_be_locked() {
    // The beginning of a workbook, then how it is locked: by XOR, by RC4.
    for method in [[0, 0], [1, 0]] {
        let mut bytes = compound_file("Workbook");
        let mut records = vec![0x09, 0x08, 16, 0];
        records.extend([0; 16]);
        records.extend([0x2f, 0x00, 6, 0]);
        records.extend(method);
        bytes[512..512 + records.len()].copy_from_slice(&records);
        assert_eq!(code_of("locked.xls", &bytes), "file_locked", "{method:?}");
    }
}

#[test]
fn an_old_workbook_is_refused_by_its_size_before_it_is_read() {
    let bytes = compound_file("Workbook");
    let bench = Bench::new();
    for (name, size, code) in [
        ("at.xls", LEGACY_BYTES_MAX, "file_truncated"),
        ("above.xls", LEGACY_BYTES_MAX + 1, "file_too_large"),
    ] {
        bench.write(name, &bytes);
        // Beyond its beginning it is a hole, which takes no place on the disk.
        let file = std::fs::OpenOptions::new().append(true).open(bench.folder.join(name)).unwrap();
        file.set_len(size).unwrap();
        let report = bench.import();
        let fault = report.faults.iter().find(|fault| fault.file == name).unwrap();
        assert_eq!(fault.code, code, "{name}: {}", fault.message.en);
    }
}

#[test]
fn a_binary_workbook_is_named() {
    let relations = br#"<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>"#;
    let bytes = package(&[("_rels/.rels", relations), ("xl/workbook.bin", b"\x83\x01\x00")]);
    assert_eq!(code_of("a.xlsb", &bytes), "file_binary_workbook");
}

#[test]
fn a_document_type_is_refused() {
    let sheet = br#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet><sheetData/></worksheet>"#;
    assert_eq!(code_of("dtd.xlsx", &with_sheet(sheet)), "file_malformed");
}

#[test]
fn random_bytes_are_no_table() {
    let mut state = 7_u64;
    let bytes: Vec<u8> = (0..50_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        })
        .collect();
    assert_eq!(code_of("random.csv", &bytes), "file_not_a_table");
    let printable: Vec<u8> = bytes.iter().map(|byte| b' ' + byte % 90).collect();
    assert_eq!(code_of("noise.csv", &printable), "layout_unknown");
}

#[test]
fn an_empty_file_is_told_to_be_empty() {
    assert_eq!(code_of("empty.csv", b""), "file_empty");
    assert_eq!(code_of("blank.csv", b"\n\n"), "file_empty");
}

#[test]
fn missing_required_columns_are_named() {
    let text = "县,乡镇,行政村,户编号,姓名\n睢宁县,沙集镇,东风社区居委会,H1,张三\n";
    assert_eq!(code_of("few.csv", text.as_bytes()), "layout_columns");
}
