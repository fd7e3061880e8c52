//! The small parts of a workbook: its sheets, their files, the date base and the date formats.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::package::Package;
use crate::error::FileFault;
use crate::read::SheetInfo;

/// A sheet and the part that holds it.
#[derive(Clone, Debug)]
pub(crate) struct SheetPart {
    pub(crate) info: SheetInfo,
    pub(crate) part: String,
}

/// What the small parts tell.
#[derive(Debug, Default)]
pub(crate) struct Workbook {
    pub(crate) sheets: Vec<SheetPart>,
    pub(crate) date_1904: bool,
    /// Whether cell format N shows a date.
    pub(crate) date_formats: Vec<bool>,
    pub(crate) shared_strings: Option<String>,
}

impl Workbook {
    pub(crate) fn read(package: &Package) -> Result<Self, FileFault> {
        let main = main_part(package)?;
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", main.as_str()));
        let relations = relations(package, &join(folder, &format!("_rels/{file}.rels")))?;
        let mut book = Self::default();
        let mut ids: Vec<(SheetInfo, String)> = Vec::new();
        each_element(&main, &package.read_part(&main)?, &mut |element| match element
            .local_name()
            .as_ref()
        {
            "workbookPr" => {
                book.date_1904 =
                    matches!(attribute(element, "date1904").as_deref(), Some("1" | "true"))
            }
            "sheet" => {
                let hidden =
                    matches!(attribute(element, "state").as_deref(), Some("hidden" | "veryHidden"));
                let name = attribute(element, "name").unwrap_or_default();
                ids.push((
                    SheetInfo { name, hidden },
                    attribute(element, "id").unwrap_or_default(),
                ));
            }
            _ => {}
        })?;
        for (info, id) in ids {
            let target = relations.iter().find(|relation| relation.id == id);
            if let Some(relation) = target.filter(|relation| relation.kind.ends_with("/worksheet"))
            {
                book.sheets.push(SheetPart { info, part: join(folder, &relation.target) });
            }
        }
        let of_kind = |kind: &str| {
            relations
                .iter()
                .find(|relation| relation.kind.ends_with(kind))
                .map(|relation| join(folder, &relation.target))
        };
        book.shared_strings = of_kind("/sharedStrings").filter(|part| package.has(part));
        if let Some(styles) = of_kind("/styles").filter(|part| package.has(part)) {
            book.date_formats = date_formats(&styles, &package.read_part(&styles)?)?;
        }
        Ok(book)
    }
}

struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn main_part(package: &Package) -> Result<String, FileFault> {
    let relation = relations(package, "_rels/.rels")?
        .into_iter()
        .find(|relation| relation.kind.ends_with("/officeDocument"));
    let part = relation
        .map_or_else(|| "xl/workbook.xml".to_owned(), |relation| join("", &relation.target));
    if part.to_ascii_lowercase().ends_with(".bin") {
        return Err(FileFault::malformed(&part, "二进制工作簿（xlsb） / a binary workbook (xlsb)"));
    }
    Ok(part)
}

fn relations(package: &Package, part: &str) -> Result<Vec<Relation>, FileFault> {
    let mut found = Vec::new();
    if !package.has(part) {
        return Ok(found);
    }
    each_element(part, &package.read_part(part)?, &mut |element| {
        let external = attribute(element, "TargetMode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
        if element.local_name().as_ref() == "Relationship" && !external {
            found.push(Relation {
                id: attribute(element, "Id").unwrap_or_default(),
                kind: attribute(element, "Type").unwrap_or_default(),
                target: attribute(element, "Target").unwrap_or_default(),
            });
        }
    })?;
    Ok(found)
}

/// Joins a relation's target to the folder of the part that names it.
fn join(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// Which cell formats show a date: built-in numbers 14–22, 27–36, 45–47, 50–58, and codes with y,
/// m, d, 年, 月, 日.
fn date_formats(part: &str, bytes: &[u8]) -> Result<Vec<bool>, FileFault> {
    let mut custom: Vec<u32> = Vec::new();
    let mut formats = Vec::new();
    let mut in_cell_formats = false;
    each_event(part, bytes, &mut |event| match event {
        Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
            "numFmt" => {
                let code = attribute(element, "formatCode").unwrap_or_default();
                if shows_a_date(&code) {
                    custom.extend(
                        attribute(element, "numFmtId").and_then(|id| id.parse::<u32>().ok()),
                    );
                }
            }
            "cellXfs" => in_cell_formats = true,
            "xf" if in_cell_formats => {
                let id = attribute(element, "numFmtId")
                    .and_then(|id| id.parse::<u32>().ok())
                    .unwrap_or(0);
                formats.push(
                    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58) || custom.contains(&id),
                );
            }
            _ => {}
        },
        Event::End(element) if element.local_name().as_ref() == "cellXfs" => {
            in_cell_formats = false
        }
        _ => {}
    })?;
    Ok(formats)
}

/// Whether a format code shows a date, leaving out what stands in quotes, brackets or behind a
/// backslash.
fn shows_a_date(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for c in code.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracketed = true,
            ']' => bracketed = false,
            _ if bracketed => {}
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 'e'
                if !code.starts_with("General") && !code.contains("E+") =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

fn each_element(
    part: &str,
    bytes: &[u8],
    visit: &mut dyn FnMut(&BytesStart<'_>),
) -> Result<(), FileFault> {
    each_event(part, bytes, &mut |event| {
        if let Event::Start(element) | Event::Empty(element) = event {
            visit(element);
        }
    })
}

fn each_event(
    part: &str,
    bytes: &[u8],
    visit: &mut dyn FnMut(&Event<'_>),
) -> Result<(), FileFault> {
    let mut reader = Reader::from_reader(bytes);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => visit(&event),
            Err(error) => return Err(FileFault::malformed(part, &error.to_string())),
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let mut text = Vec::new();
    super::text::unescape(found.value.as_bytes(), &mut text);
    Some(String::from_utf8_lossy(&text).into_owned())
}
