//! Makes room for a city without ever removing a file that no city wrote.

use std::path::{Component, Path};

use crate::error::{CityError, Result};
use crate::generate::Options;
use crate::truth::Truth;

/// The folders a city consists of.
const FOLDERS: [&str; 24] = [
    "登记",
    "收入",
    "村账",
    "名单",
    "外部数据",
    "组织",
    "责任",
    "结对",
    "走访",
    "项目",
    "帮扶",
    "金融",
    "片区",
    "经验",
    "中心",
    "医保",
    "教育",
    "交通",
    "民生",
    "资金",
    "考核",
    "信访",
    "退出",
    "识别",
];

/// Clears what an earlier city left; the truth file tells what that was.
///
/// A folder with other files is refused: these may be real registers.
pub(crate) fn clear(options: &Options) -> Result<()> {
    let out = &options.out;
    if first_file(out)?.is_none() {
        return Ok(());
    }
    match earlier(&options.truth) {
        // Begun in an empty folder and never ended: everything in the city's folders is its own.
        Some(truth) if truth.unfinished => {
            for folder in FOLDERS.map(|name| out.join(name)) {
                if folder.exists() {
                    std::fs::remove_dir_all(&folder).map_err(CityError::io(&folder))?;
                }
            }
        }
        Some(truth) => remove_listed(out, &truth)?,
        None => {}
    }
    match first_file(out)? {
        None => Ok(()),
        Some(file) => Err(CityError::Occupied { path: out.clone(), file }),
    }
}

fn earlier(path: &Path) -> Option<Truth> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn remove_listed(out: &Path, truth: &Truth) -> Result<()> {
    for listed in &truth.files {
        let relative = Path::new(&listed.file);
        let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
        let path = out.join(relative);
        if inside && path.exists() {
            std::fs::remove_file(&path).map_err(CityError::io(&path))?;
        }
    }
    Ok(())
}

/// Some file below a folder, relative to it.
fn first_file(folder: &Path) -> Result<Option<std::path::PathBuf>> {
    if !folder.exists() {
        return Ok(None);
    }
    for entry in std::fs::read_dir(folder).map_err(CityError::io(folder))? {
        let entry = entry.map_err(CityError::io(folder))?;
        let name = std::path::PathBuf::from(entry.file_name());
        let found = if entry.path().is_dir() {
            first_file(&entry.path())?.map(|f| name.join(f))
        } else {
            Some(name)
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
