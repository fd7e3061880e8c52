//! Files that are no table, or tables in formats that are not read: each is named for what it is.

use std::fs::File;
use std::path::Path;

use super::ole;
use super::sniff::{Dialect, Format, Recognised};
use super::xlsx::package::Package;
use crate::error::FileFault;

/// What a zip file is, by the parts it has.
pub(super) fn package(path: &Path) -> Result<Format, FileFault> {
    let package = Package::open(path)?;
    if package.has("content.xml") {
        return open_document(&package);
    }
    let documents = [
        ("word/document.xml", "Word 文档（.docx）", "a Word document (.docx)"),
        ("ppt/presentation.xml", "演示文稿（.pptx）", "a presentation (.pptx)"),
    ];
    for (part, zh, en) in documents {
        if package.has(part) {
            return Err(FileFault::other_document(zh, en));
        }
    }
    if package.has("xl/workbook.bin") {
        return Err(FileFault::binary_workbook());
    }
    if package.has("index/document.iwa") || package.has("index.zip") {
        return Err(FileFault::other_table("Numbers 表格", "a Numbers workbook"));
    }
    let tables = [".xlsx", ".xls", ".et", ".ods", ".csv"];
    if !package.has("[content_types].xml")
        && package.names().any(|name| tables.iter().any(|ending| name.ends_with(ending)))
    {
        return Err(FileFault::archive());
    }
    Ok(Format::Xlsx)
}

/// An OpenDocument file; one that does not say what it is may be a workbook.
fn open_document(package: &Package) -> Result<Format, FileFault> {
    let mut kind = Vec::new();
    if package.has("mimetype") {
        package.text("mimetype", &mut |block, _| {
            kind.extend_from_slice(block);
            Ok(kind.len() < KIND_BYTES)
        })?;
    }
    let kind = String::from_utf8_lossy(&kind);
    if kind.trim().is_empty() || kind.contains("spreadsheet") {
        return Ok(Format::Ods);
    }
    Err(FileFault::other_document("OpenDocument 文档", "an OpenDocument document"))
}

/// Bytes in which a package says what it is.
const KIND_BYTES: usize = 256;

/// What a compound file is, by the streams it has.
pub(super) fn compound(file: &mut File) -> Result<Format, FileFault> {
    let names = [
        "EncryptedPackage",
        "Workbook",
        "Book",
        "WordDocument",
        "PowerPoint Document",
        "__properties_version1.0",
    ];
    let found = ole::has_streams(file, &names)?;
    match found {
        [true, ..] => Err(FileFault::locked()),
        [_, true, ..] | [_, _, true, ..] => Ok(Format::Xls),
        [.., true, _, _] => Err(FileFault::other_document(
            "Word 文档（.doc、.wps）",
            "a Word document (.doc, .wps)",
        )),
        [.., true, _] => {
            Err(FileFault::other_document("演示文稿（.ppt）", "a presentation (.ppt)"))
        }
        [.., true] => Err(FileFault::other_document("邮件（.msg）", "a mail message (.msg)")),
        // The library says what it misses.
        _ => Ok(Format::Xls),
    }
}

/// A file whose first bytes name a format that is not read.
pub(super) fn binary(start: &[u8]) -> Option<FileFault> {
    let starts = |magic: &[u8]| start.starts_with(magic);
    if starts(b"%PDF-") {
        return Some(FileFault::other_document("PDF 文件", "a PDF file"));
    }
    if starts(b"{\\rtf") {
        return Some(FileFault::other_document("RTF 文档", "an RTF document"));
    }
    if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") {
        return Some(FileFault::other_document("图片", "a picture"));
    }
    if starts(b"ID;P") {
        return Some(FileFault::other_table("SYLK 表格（.slk）", "a SYLK table (.slk)"));
    }
    if starts(b"TABLE\r\n0,1") || starts(b"TABLE\n0,1") {
        return Some(FileFault::other_table("DIF 表格", "a DIF table"));
    }
    if starts(b"Rar!") || starts(b"7z\xbc\xaf") {
        return Some(FileFault::archive());
    }
    None
}

/// What a text is: a table of separators, a web page, or an XML spreadsheet.
pub(super) fn text(text: &str, dialect: Dialect) -> Result<Recognised, FileFault> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !start.starts_with('<') {
        return Ok(Recognised::Text(dialect));
    }
    let lower = start.to_ascii_lowercase();
    if lower.contains("urn:schemas-microsoft-com:office:spreadsheet")
        && lower.contains("<workbook") | lower.contains(":workbook")
    {
        return Ok(Recognised::Book(Format::SpreadsheetMl));
    }
    if lower.contains("office:document") {
        return Err(FileFault::other_table(
            "单文件 OpenDocument 表格（.fods）",
            "a flat OpenDocument table (.fods)",
        ));
    }
    let page = ["<html", "<table", "<!doctype html", "<meta", "<head", "<body", "<tr"];
    if page.iter().any(|tag| lower.contains(tag)) {
        return Ok(Recognised::Page(dialect));
    }
    Ok(Recognised::Text(dialect))
}
