//! The small parts of a workbook: its sheets, their files, the date base and the cell formats.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::format::{Shown, shown};
use super::package::Package;
use super::text::resolve_escapes;
use super::xml::{attribute, each_element, each_event};
use crate::error::FileFault;
use crate::read::SheetInfo;
use crate::read::limits::{FORMATS_MAX, SHEETS_MAX};

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
    /// Whether the program that wrote it left calculating to whoever opens it.
    pub(crate) uncalculated: bool,
    /// How cell format N shows a number.
    pub(crate) formats: Vec<Shown>,
    pub(crate) shared_strings: Option<String>,
}

impl Workbook {
    pub(crate) fn read(package: &Package) -> Result<Self, FileFault> {
        let main = main_part(package)?;
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", main.as_str()));
        let relations = relations(package, &join(folder, &format!("_rels/{file}.rels")))?;
        let mut book = Self::default();
        let ids = book.read_main(package, &main)?;
        let by_id: HashMap<&str, &Relation> =
            relations.iter().map(|relation| (relation.id.as_str(), relation)).collect();
        for (info, id) in ids {
            let target = by_id.get(id.as_str());
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
                .filter(|part| package.has(part))
        };
        book.shared_strings = of_kind("/sharedStrings");
        if let Some(styles) = of_kind("/styles") {
            book.formats = formats(package, &styles)?;
        }
        Ok(book)
    }

    /// Reads the main part; answers each sheet with the id of its relation.
    ///
    /// Its elements are children of the root: extensions further down reuse their names for other
    /// things.
    fn read_main(
        &mut self,
        package: &Package,
        main: &str,
    ) -> Result<Vec<(SheetInfo, String)>, FileFault> {
        let mut ids: Vec<(SheetInfo, String)> = Vec::new();
        each_element(package, main, &mut |depth, element| {
            match (depth, element.local_name().as_ref()) {
                (2, "workbookPr") => self.date_1904 = is_true(attribute(element, "date1904")),
                (2, "calcPr") => self.uncalculated = is_true(attribute(element, "fullCalcOnLoad")),
                (3, "sheet") => {
                    let state = attribute(element, "state");
                    let hidden = matches!(state.as_deref(), Some("hidden" | "veryHidden"));
                    let (Some(name), Some(id)) =
                        (attribute(element, "name"), attribute(element, "id"))
                    else {
                        return Err(FileFault::malformed(
                            main,
                            "工作表没有名称或编号 / a sheet has no name or id",
                        ));
                    };
                    let mut name = name.into_bytes();
                    resolve_escapes(&mut name);
                    let name = String::from_utf8_lossy(&name).into_owned();
                    ids.push((SheetInfo { name, hidden }, id));
                    check_count(ids.len(), SHEETS_MAX, ("工作表", "sheets"))?;
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(ids)
    }
}

fn is_true(value: Option<String>) -> bool {
    matches!(value.as_deref(), Some("1" | "true"))
}

fn check_count(count: usize, most: usize, what: (&str, &str)) -> Result<(), FileFault> {
    if count <= most {
        return Ok(());
    }
    Err(FileFault::too_large(
        format!("工作簿的{}超过 {most} 个。", what.0),
        format!("the workbook has more than {most} {}", what.1),
    ))
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
        return Err(FileFault::binary_workbook());
    }
    Ok(part)
}

fn relations(package: &Package, part: &str) -> Result<Vec<Relation>, FileFault> {
    let mut found = Vec::new();
    if !package.has(part) {
        return Ok(found);
    }
    each_element(package, part, &mut |_, element| {
        let external = attribute(element, "TargetMode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
        if element.local_name().as_ref() != "Relationship" || external {
            return Ok(());
        }
        // A relation that lacks one of them leads nowhere, and nobody can ask for it.
        if let (Some(id), Some(kind), Some(target)) =
            (attribute(element, "Id"), attribute(element, "Type"), attribute(element, "Target"))
        {
            found.push(Relation { id, kind, target });
            check_count(found.len(), 2 * SHEETS_MAX, ("关系", "relations"))?;
        }
        Ok(())
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

/// How each cell format shows a number.
fn formats(package: &Package, part: &str) -> Result<Vec<Shown>, FileFault> {
    let mut custom: HashMap<u32, Shown> = HashMap::new();
    let mut ids: Vec<u32> = Vec::new();
    let mut in_cell_formats = false;
    each_event(package, part, &mut |event| {
        let element = match event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => {
                in_cell_formats = false;
                return Ok(());
            }
            _ => return Ok(()),
        };
        // A format without a number is 0, General: the standard's own default.
        let id = || attribute(element, "numFmtId").and_then(|id| id.parse::<u32>().ok());
        match element.local_name().as_ref() {
            "numFmt" => {
                if let (Some(id), Some(code)) = (id(), attribute(element, "formatCode")) {
                    custom.insert(id, shown(&code));
                    check_count(custom.len(), FORMATS_MAX, ("格式", "formats"))?;
                }
            }
            "cellXfs" => in_cell_formats = matches!(event, Event::Start(_)),
            "xf" if in_cell_formats => {
                // The standard has General, which is 0, where a format names no number.
                ids.push(id().unwrap_or(0));
                check_count(ids.len(), FORMATS_MAX, ("格式", "formats"))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(ids
        .iter()
        .map(|id| custom.get(id).copied().unwrap_or_else(|| Shown::built_in(*id)))
        .collect())
}
