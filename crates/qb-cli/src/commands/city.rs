//! `qibang city generate`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use qb_base::{Date, Text};
use qb_case::Machines;
use qb_city::{Area, FULL_SCALE_PPM, Options, Summary, Truth};
use qb_policy::Pack;

use super::today::CityDay;
use crate::args::{FixedDay, Global, Size};
use crate::fail::Fail;
use crate::output;
use crate::progress::Progress;

pub(crate) fn generate(
    global: &Global,
    out: &Path,
    size: &Size,
    fixed: FixedDay,
) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let summary = write(global, &pack, out, size, fixed)?;
    if global.json {
        output::json(&serde_json::json!({
            "files": summary.files,
            "households": summary.households,
            "people": summary.people,
            "weak_villages": summary.weak_villages,
            "faults_planted": summary.planted,
        }))?;
    } else {
        output::line(output::said(global, &done(&summary, out)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the raw files; the truth, which only tests read, lies beside the folder.
pub(crate) fn write(
    global: &Global,
    pack: &Pack,
    out: &Path,
    size: &Size,
    fixed: FixedDay,
) -> Result<Summary, Fail> {
    let areas =
        pack.areas.iter().map(|area| Area { code: area.code, name: area.name.clone() }).collect();
    let machines = Machines::load(pack).map_err(|faults| Fail(qb_policy::faults_text(&faults)))?;
    let options = Options {
        out: out.to_owned(),
        truth: truth_beside(out)?,
        scale_ppm: parse_scale(&size.scale)?,
        seed: size.seed,
        areas,
        calendar: machines.calendar().clone(),
        year: pack.year.0,
    };
    let mut progress = Progress::new(global);
    let summary =
        qb_city::generate(&options, &mut |what, done, total| progress.at(what, done, total))?;
    CityDay::write(out, day_of(pack, fixed))?;
    Ok(summary)
}

/// The day at which a city stands: the end of the year that its files are of.
pub(crate) fn day_of(pack: &Pack, fixed: FixedDay) -> Date {
    fixed.today.unwrap_or_else(|| pack.year.last_day())
}

pub(crate) fn done(summary: &Summary, out: &Path) -> Text {
    let values = [
        ("files", summary.files.to_string()),
        ("households", summary.households.to_string()),
        ("people", summary.people.to_string()),
        ("out", out.display().to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Text::fixed(
        "已生成 {files} 个原始文件({households} 户 {people} 人):{out}",
        "{files} raw files written ({households} households, {people} people): {out}",
    )
    .fill(&values)
}

/// Whether a folder holds the files of this seed and scale, as far as they were written.
pub(crate) fn is_of(out: &Path, size: &Size) -> Result<bool, Fail> {
    let Ok(text) = std::fs::read_to_string(truth_beside(out)?) else { return Ok(false) };
    let truth: Truth = serde_json::from_str(&text)?;
    Ok((truth.seed, truth.scale_ppm) == (size.seed, parse_scale(&size.scale)?))
}

fn truth_beside(out: &Path) -> Result<PathBuf, Fail> {
    let name = out.file_name().ok_or_else(|| {
        let out = out.display();
        Fail::new(
            format!("“{out}”没有自己的名称,答案文件无处可放:请写成 数据目录/raw 这样的路径"),
            format!("{out} has no name of its own to put the truth beside: name a folder, such as data/raw"),
        )
    })?;
    Ok(out.with_file_name(format!("{}-truth.json", name.to_string_lossy())))
}

/// Reads a share such as `0.1` or `1` exactly, in millionths.
fn parse_scale(text: &str) -> Result<u64, Fail> {
    let wrong = || {
        Fail::new(
            format!("规模“{text}”无法识别:请写成 0.1、1 这样的数,最多六位小数"),
            format!("the scale {text} is not a number like 0.1 or 1 with at most six decimals"),
        )
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if text.is_empty() || part.len() > 6 || !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| wrong())? };
    let millionths: u64 = format!("{part:0<6}").parse().map_err(|_| wrong())?;
    let ppm = whole.checked_mul(FULL_SCALE_PPM).and_then(|w| w.checked_add(millionths));
    ppm.filter(|ppm| *ppm > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_exactly() {
        let read = |text| parse_scale(text).ok();
        assert_eq!(read("1"), Some(1_000_000));
        assert_eq!(read("0.1"), Some(100_000));
        assert_eq!(read(".004"), Some(4_000));
        assert_eq!(read("2.5"), Some(2_500_000));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "0", "-1", "1e3", "0.1234567", "一半", "99999999999999999999"] {
            assert!(parse_scale(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_truth_lies_beside_the_raw_files() {
        assert_eq!(truth_beside(Path::new("a/raw")).unwrap(), Path::new("a/raw-truth.json"));
        assert!(truth_beside(Path::new("a/..")).is_err());
    }
}
