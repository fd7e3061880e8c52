//! The area list of a pack, and the digest over what a pack says.

use std::collections::HashMap;

use qb_base::{AreaCode, AreaLevel, Digest, Digester, readings};

use crate::error::{Fault, Position};
use crate::file::source::PackFile;
use crate::pack::area::Area;

/// Reads `areas.csv` (`code,name,level,parent_code`); a parent stands above its children.
pub(crate) fn areas(file: &PackFile, faults: &mut Vec<Fault>) -> Vec<Area> {
    let mut reader = csv::ReaderBuilder::new().from_reader(file.text.as_bytes());
    let heads_are_right = reader
        .headers()
        .is_ok_and(|heads| heads.iter().eq(["code", "name", "level", "parent_code"]));
    if !heads_are_right {
        faults.push(Fault::new(
            Position { file: file.shown.clone(), line: 1, column: 1 },
            "第一行应为code,name,level,parent_code",
            "the first line is code,name,level,parent_code",
        ));
        return Vec::new();
    }
    let mut known = HashMap::new();
    let mut areas: Vec<Area> = Vec::new();
    for record in reader.records() {
        let place = record.as_ref().map_or_else(csv::Error::position, csv::StringRecord::position);
        let line = place.map(csv::Position::line);
        let area = record.ok().and_then(|record| area(&record, &known));
        match area {
            Some(area) => {
                known.insert(area.code, area.name.clone());
                areas.push(area);
            }
            None => faults.push(area_fault(file, line)),
        }
    }
    areas
}

fn area(record: &csv::StringRecord, known: &HashMap<AreaCode, String>) -> Option<Area> {
    let field = |at: usize| record.get(at).map(str::trim);
    let code = AreaCode::parse(field(0)?).ok()?;
    let name = field(1).filter(|name| !name.is_empty())?;
    let parent = match field(3)? {
        "" => None,
        parent => Some(AreaCode::parse(parent).ok()?),
    };
    let parent_is_right = match parent {
        None => code.parent().is_none() || known.is_empty(),
        Some(parent) => code.parent() == Some(parent) && known.contains_key(&parent),
    };
    let right =
        level(field(2)?) == Some(code.level()) && parent_is_right && !known.contains_key(&code);
    let above = code.path().into_iter().filter_map(|area| known.get(&area).map(String::as_str));
    let above: Vec<&str> = above.collect();
    right.then(|| Area {
        code,
        name: name.to_owned(),
        english: readings::english(name, &above),
        level: code.level(),
        parent,
    })
}

fn area_fault(file: &PackFile, line: Option<u64>) -> Fault {
    let whole = Position::file(&file.shown);
    let line = line.map(qb_base::size);
    Fault::new(
        line.map_or(whole, |line| Position { file: file.shown.clone(), line, column: 1 }),
        "此行的代码、名称、级别或上级代码不对，或代码重复；上级要写在下级之前",
        "code, name, level or parent of this line is wrong, or the code stands twice; parents come before their children",
    )
}

/// The short names that `SOURCES.md` lists: what stands between the first backticks of a row of a
/// table, without the paragraph (`§ID`) and without what is still open (`, to be confirmed`).
pub(crate) fn source_names(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let name = line.strip_prefix("| `")?.split('`').next()?;
        let name = name.split(['§', '…', ',']).next()?.trim();
        (!name.is_empty()).then(|| name.to_owned())
    };
    text.lines().filter_map(name).collect()
}

/// Digest over the content of a pack's own files; comments, blanks and the order of keys don't
/// count.
pub(crate) fn digest(files: &[PackFile]) -> Digest {
    let mut digest = Digester::new();
    for file in files {
        if file.path.ends_with(".toml") {
            digest.field(file.path.as_bytes());
            match toml::from_str::<toml::Table>(&file.text) {
                Ok(table) => add(&toml::Value::Table(table), &mut digest),
                Err(_) => {
                    digest.field(file.text.as_bytes());
                }
            }
        } else if file.path == "areas.csv" || file.path.ends_with(".typ") {
            digest.field(file.path.as_bytes());
            file.text.lines().for_each(|line| {
                digest.field(line.trim().as_bytes());
            });
        }
    }
    digest.finish()
}

/// Adds a value with its kind, so that `1` and `"1"` differ.
fn add(value: &toml::Value, digest: &mut Digester) {
    match value {
        toml::Value::Table(table) => {
            let mut keys: Vec<&String> = table.keys().collect();
            keys.sort();
            digest.field(b"table").int(count(keys.len()));
            for key in keys {
                digest.field(key.as_bytes());
                if let Some(inner) = table.get(key) {
                    add(inner, digest);
                }
            }
        }
        toml::Value::Array(array) => {
            digest.field(b"array").int(count(array.len()));
            array.iter().for_each(|inner| add(inner, digest));
        }
        toml::Value::String(text) => {
            digest.field(b"text").field(text.as_bytes());
        }
        other => {
            digest.field(other.type_str().as_bytes()).field(other.to_string().as_bytes());
        }
    }
}

fn count(length: usize) -> i64 {
    qb_base::count(length)
}

/// The level of an area named in `areas.csv`.
pub(crate) fn level(name: &str) -> Option<AreaLevel> {
    AreaLevel::ALL.into_iter().find(|level| level.as_str() == name)
}
