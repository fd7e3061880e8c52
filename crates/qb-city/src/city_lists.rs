//! Files the city office sends: the list of weak villages and the statistics from outside.

use std::path::Path;

use crate::error::Result;
use crate::ledger::Keeper;
use crate::model::{Format, Model};
use crate::sheet::{Cell, Table};
use crate::truth::FileTruth;

/// Statistics from outside the register, as the offices published them.
const REFERENCE: &str = include_str!("../model/reference.csv");
/// Columns of the reference file.
const REFERENCE_COLUMNS: usize = 9;

/// Writes the list of weak villages.
pub(crate) fn weak_villages(
    raw: &Path,
    model: &Model,
    keepers: &[Keeper<'_>],
) -> Result<FileTruth> {
    let mut table = Table::create(raw, "名单/经济薄弱村名单.xlsx", Format::Xlsx, "名单")?;
    table.banner("徐州市省定经济薄弱村名单", 6)?;
    table.row(&["序号", "县(市、区)", "乡镇", "行政村", "类别", "认定年度"].map(Cell::text))?;
    for (number, keeper) in (1..).zip(keepers) {
        table.row(&[
            Cell::Int(number),
            Cell::text(keeper.county),
            Cell::text(keeper.town),
            Cell::text(keeper.name),
            Cell::text("省定经济薄弱村"),
            Cell::Int(i64::from(model.year)),
        ])?;
    }
    table.row(&[Cell::text(format!("共{}个村", keepers.len()))])?;
    table.finish()?;
    Ok(FileTruth {
        file: "名单/经济薄弱村名单.xlsx".to_owned(),
        layout: "weak_villages".to_owned(),
        rows: keepers.len() as u64,
        traits: vec!["F7".to_owned()],
        untraced: 0,
    })
}

/// The rows of the reference file, header first.
pub(crate) fn reference_rows() -> impl Iterator<Item = Vec<&'static str>> {
    REFERENCE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect())
}

/// Writes the statistics from outside.
pub(crate) fn reference(raw: &Path) -> Result<FileTruth> {
    let file = "外部数据/外部数据.csv";
    let mut table = Table::create(raw, file, Format::CsvUtf8Bom, "")?;
    let mut rows = 0;
    for fields in reference_rows() {
        debug_assert_eq!(fields.len(), REFERENCE_COLUMNS, "{fields:?}");
        table.row(&fields.into_iter().map(Cell::text).collect::<Vec<_>>())?;
        rows += 1;
    }
    table.finish()?;
    Ok(FileTruth {
        file: file.to_owned(),
        layout: "reference_values".to_owned(),
        rows: rows - 1,
        traits: Vec::new(),
        untraced: 0,
    })
}
