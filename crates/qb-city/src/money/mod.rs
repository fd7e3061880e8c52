//! Public money from budget to payment: children never exceed their parent.

mod book;
mod lines;

use serde::Deserialize;

use crate::bureau::{Bureau, of_city};
use crate::desk::{Desk, Kind};
use crate::error::Result;
use crate::model::Format;
use crate::works::Project;

/// What levels of government appropriate; see `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    /// Special funds of the city in the year, in fen; what no other line takes is aid to
    /// households.
    city_special_fen: i64,
    /// Special funds of the city in the years before `[year, fen]`.
    city_special_before: Vec<(i16, i64)>,
    /// Further lines of the year and the next.
    line: Vec<lines::Line>,
    /// Allocations of earlier years that were paid out by half.
    idle: usize,
    /// Payments made by mistake, taken back and made again.
    reversed: usize,
}

const BUDGET: Kind = Kind {
    dataset: "fund_budget",
    title: "扶贫资金预算安排表",
    heads: &[
        "预算编号**",
        "预算年度*",
        "安排层级*",
        "县(市、区)",
        "资金来源*",
        "资金用途*",
        "预算金额(元)*",
        "预算文号",
        "预算下达日期*",
        "是否常年安排",
        "预算收到日期",
        "全部下达日期",
    ],
    merged: 0,
};
const ALLOCATION: Kind = Kind {
    dataset: "fund_allocation",
    title: "扶贫资金下达表",
    heads: &[
        "下达编号**",
        "预算编号*",
        "县(市、区)*",
        "下达用途*",
        "下达金额(元)*",
        "下达日期*",
        "收到日期",
        "下达文号",
    ],
    merged: 0,
};
const PAYMENT: Kind = Kind {
    dataset: "fund_payment",
    title: "扶贫资金支付明细",
    heads: &[
        "支付编号**",
        "下达编号*",
        "项目编号",
        "户编号",
        "收款方",
        "支付金额(元)*",
        "支付日期*",
        "冲销支付编号",
    ],
    merged: 0,
};

/// Writes budgets, allocations and, by county, payments.
pub(crate) fn write(desk: &mut Desk<'_>, bureau: &Bureau<'_>, projects: &[Project]) -> Result<()> {
    let mut dice = desk.dice("money");
    let mut book = book::Book::open(bureau);
    lines::before(&mut book, bureau, &mut dice);
    lines::of_projects(&mut book, bureau, projects, &mut dice);
    lines::others(&mut book, bureau, &mut dice);
    for (name, fen) in book.sums(bureau) {
        desk.sum(name, fen);
    }
    let book::Rows { budgets, allocations, payments } = book.rows(bureau);
    desk.send(&BUDGET, &of_city("资金", "扶贫资金预算安排表", Format::Xlsx), budgets)?;
    desk.send(&ALLOCATION, &of_city("资金", "扶贫资金下达表", Format::CsvUtf8Bom), allocations)?;
    for (county, rows) in payments.into_iter().enumerate() {
        desk.send(&PAYMENT, &bureau.parcel("资金/支付", county, "资金支付明细"), rows)?;
    }
    Ok(())
}
