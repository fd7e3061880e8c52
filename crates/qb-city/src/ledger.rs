//! Village ledgers of the year: one filled form for each village of the list.

use std::path::Path;

use crate::apportion::in_proportion;
use crate::dice::{Curve, Dice, Stream};
use crate::error::{CityError, Result};
use crate::model::{Format, Ledger, Model};
use crate::plan::City;
use crate::sheet::{Cell, Table, yuan};
use crate::truth::LedgerTruth;

/// A village that keeps a ledger.
pub(crate) struct Keeper<'a> {
    pub(crate) code: &'a str,
    pub(crate) county: &'a str,
    pub(crate) town: &'a str,
    pub(crate) name: &'a str,
    /// Households with project yield live here.
    pub(crate) projects: bool,
}

/// Rows of the form, in its order.
const OPERATING: usize = 0;
const CONTRACT_RENT: usize = 1;
const INVESTMENT: usize = 2;
const OPERATING_COST: usize = 3;
const OVERHEAD: usize = 4;
const OPERATING_PROFIT: usize = 5;
const SUBSIDY: usize = 6;
const OTHER: usize = 7;
const OTHER_COST: usize = 8;
const YEAR_PROFIT: usize = 9;
const TOTAL: usize = 10;
const ROWS: usize = 11;
const LABELS: [&str; ROWS] = [
    "一、经营收入",
    "二、发包及上交收入",
    "三、投资收益",
    "减:经营支出",
    "减:管理费用",
    "六、经营收益",
    "加:补助收入",
    "加:其他收入",
    "减:其他支出",
    "十、本年收益",
    "村集体经济收入合计",
];
const INCOMES: [usize; 5] = [OPERATING, CONTRACT_RENT, INVESTMENT, SUBSIDY, OTHER];

/// One year of one village, in fen by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Amounts([i64; ROWS]);

impl Amounts {
    /// Fills the rows that are computed from others.
    fn close(mut self) -> Self {
        let a = &mut self.0;
        a[OPERATING_PROFIT] =
            a[OPERATING] + a[CONTRACT_RENT] + a[INVESTMENT] - a[OPERATING_COST] - a[OVERHEAD];
        a[YEAR_PROFIT] = a[OPERATING_PROFIT] + a[SUBSIDY] + a[OTHER] - a[OTHER_COST];
        a[TOTAL] = INCOMES.iter().map(|row| a[*row]).sum();
        self
    }
}

/// A filled form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    now: Amounts,
    before: Amounts,
    one_off: i64,
    broken_sum: bool,
    text_amounts: bool,
}

const YUAN: i64 = 100;

/// Totals of all villages: so many reach each band, heaps at and under the amounts included.
///
/// `full` is the number of villages that the model speaks of; fewer villages reach each band in
/// proportion.
fn totals(ledger: &Ledger, (count, full): (usize, usize), seed: u64) -> Result<Vec<i64>> {
    let (Some([lowest, _]), Some(below)) = (ledger.bands.last(), ledger.totals.last()) else {
        return Err(CityError::Model("the ledgers have no bands of totals".to_owned()));
    };
    let mut dice = Dice::new(seed, Stream::Ledger, 0);
    let mut totals = Vec::with_capacity(count);
    let mut reached = 0;
    for (band, table) in ledger.bands.iter().zip(&ledger.totals) {
        let band_size = qb_base::size(band[1].unsigned_abs());
        let upto = in_proportion(band_size, count, full).min(count);
        for i in reached..upto {
            let exact = i - reached < in_proportion(ledger.exactly_on, count, full);
            totals.push(if exact { band[0] } else { thrown(table, &mut dice) });
        }
        reached = reached.max(upto);
    }
    for i in reached..count {
        let heaped = i - reached < in_proportion(ledger.just_below, count, full).max(1);
        totals.push(if heaped {
            lowest - dice.between(1, 30) * 10 * YUAN
        } else {
            thrown(below, &mut dice)
        });
    }
    dice.shuffle(&mut totals);
    Ok(totals)
}

fn thrown(table: &Curve, dice: &mut Dice) -> i64 {
    let fen = dice.quantile(table) / YUAN * YUAN;
    // Books that are kept by the yuan, the hundred yuan, or to the fen.
    match dice.index(4) {
        0 => fen / (100 * YUAN) * (100 * YUAN),
        1 => fen + dice.between(1, 99),
        _ => fen,
    }
    .max(table.begin())
}

/// Splits a total over the five incomes and adds costs in proportion.
fn fill(total: i64, projects: bool, dice: &mut Dice) -> Amounts {
    let mut amounts = Amounts::default();
    let shares: [u64; 5] = match dice.index(4) {
        0 => [10, 560, 40, 340, 50],
        1 => [320, 260, 120, 250, 50],
        2 => [60, 330, if projects { 330 } else { 60 }, 300, 80],
        _ => [30, 420, 90, 420, 40],
    };
    let noisy = shares.map(|share| share * (600 + dice.below(800)));
    let parts = crate::apportion::split_steps(total, 10 * YUAN, &noisy);
    for (row, part) in INCOMES.iter().zip(&parts) {
        amounts.0[*row] = *part;
    }
    amounts.0[CONTRACT_RENT] += total % (10 * YUAN);
    amounts.0[OPERATING_COST] = amounts.0[OPERATING] * dice.between(20, 75) / 100 / YUAN * YUAN;
    amounts.0[OVERHEAD] = dice.between(80, 620) * 100 * YUAN.min(total);
    amounts.0[OTHER_COST] = if dice.mille(380) { dice.between(2, 160) * 100 * YUAN } else { 0 };
    amounts.close()
}

/// Writes all ledgers and says what they hold.
pub(crate) fn write(
    raw: &Path,
    model: &Model,
    city: &City,
    keepers: &[Keeper<'_>],
) -> Result<Vec<LedgerTruth>> {
    let (seed, counts) = (city.seed, (keepers.len(), model.totals.weak_villages));
    let totals = totals(&model.ledger, counts, seed)?;
    let broken_sums = in_proportion(model.ledger.broken_sums, counts.0, counts.1).max(1);
    let text_amounts = in_proportion(model.ledger.text_amounts, counts.0, counts.1).max(1);
    let mut truths = Vec::with_capacity(keepers.len());
    for (i, (keeper, total)) in keepers.iter().zip(totals).enumerate() {
        let mut dice = Dice::new(seed, Stream::Ledger, 1 + i as u64);
        let now = fill(total, keeper.projects, &mut dice);
        let before =
            fill(total * dice.between(420, 985) / 1000 / YUAN * YUAN, keeper.projects, &mut dice);
        let one_off_share =
            if dice.mille(220) { dice.between(310, 900) } else { dice.between(0, 260) };
        let gain = now.0[SUBSIDY] + now.0[OTHER];
        let form = Form {
            now,
            before,
            one_off: (gain * one_off_share / 1000 / YUAN * YUAN).min(gain),
            broken_sum: i < broken_sums,
            text_amounts: (broken_sums..broken_sums + text_amounts).contains(&i),
        };
        truths.push(write_form(raw, model, keeper, &form, &mut dice)?);
    }
    Ok(truths)
}

fn write_form(
    raw: &Path,
    model: &Model,
    keeper: &Keeper<'_>,
    form: &Form,
    dice: &mut Dice,
) -> Result<LedgerTruth> {
    // Most villages send the workbook they were given; a few save it as text.
    let (format, ending) =
        if dice.mille(90) { (Format::CsvGb18030, "csv") } else { (Format::Xlsx, "xlsx") };
    let file =
        format!("村账/{}/{}/{}{}.{ending}", model.year, keeper.county, keeper.town, keeper.name);
    let mut table = Table::create(raw, &file, format, "村账")?;
    table.banner(&format!("{}{}村集体经济收入台账", keeper.town, keeper.name), 6)?;
    table.row(&[
        Cell::text("县(市、区):"),
        Cell::text(keeper.county),
        Cell::text("乡(镇):"),
        Cell::text(keeper.town),
    ])?;
    table.row(&[
        Cell::text("行政村:"),
        Cell::text(keeper.name),
        Cell::text("年度:"),
        Cell::Int(i64::from(model.year)),
    ])?;
    table.row(
        &["行次", "项目", "本年数(元)", "上年数(元)", "其中一次性(元)", "凭证号"].map(Cell::text),
    )?;
    for row in 0..ROWS {
        write_item(&mut table, form, row, dice)?;
    }
    table.row(&[])?;
    table.row(&[
        Cell::text("村党组织书记:"),
        Cell::Blank,
        Cell::text("村会计:"),
        Cell::Blank,
        Cell::text("民主理财小组:"),
    ])?;
    table.row(&[Cell::text(format!("填报日期:{}年12月31日", model.year))])?;
    let truth = LedgerTruth {
        village: keeper.code.to_owned(),
        file,
        total_fen: form.now.0[TOTAL],
        total_prior_fen: form.before.0[TOTAL],
        operating_fen: form.now.0[OPERATING],
        contract_rent_fen: form.now.0[CONTRACT_RENT],
        investment_fen: form.now.0[INVESTMENT],
        operating_cost_fen: form.now.0[OPERATING_COST],
        overhead_fen: form.now.0[OVERHEAD],
        subsidy_fen: form.now.0[SUBSIDY],
        other_fen: form.now.0[OTHER],
        other_cost_fen: form.now.0[OTHER_COST],
        one_off_fen: form.one_off,
        broken_sum: form.broken_sum,
        text_amounts: form.text_amounts,
    };
    table.finish()?;
    Ok(truth)
}

/// Which part of the one-off income stands in which row: gifts under other income first.
fn one_off_in(form: &Form, row: usize) -> i64 {
    let other = form.one_off.min(form.now.0[OTHER]);
    match row {
        OTHER => other,
        SUBSIDY => form.one_off - other,
        _ => 0,
    }
}

fn write_item(table: &mut Table, form: &Form, row: usize, dice: &mut Dice) -> Result<()> {
    let mut amount = form.now.0[row];
    if form.broken_sum && row == YEAR_PROFIT {
        amount += 1_000 * YUAN;
    }
    let computed = matches!(row, OPERATING_PROFIT | YEAR_PROFIT | TOTAL);
    let now = if form.text_amounts && amount > 0 && amount % YUAN == 0 {
        Cell::text(format!("{}元", yuan(amount)))
    } else {
        Cell::Fen(amount)
    };
    let one_off = one_off_in(form, row);
    let vouched = !computed && form.now.0[row] > 0 && !dice.mille(45);
    table.row(&[
        Cell::Int(qb_base::count(row) + 1),
        Cell::text(LABELS[row]),
        now,
        Cell::Fen(form.before.0[row]),
        if one_off > 0 { Cell::Fen(one_off) } else { Cell::Blank },
        if vouched {
            Cell::text(format!("记-{:02}-{:03}", dice.between(1, 12), dice.between(1, 140)))
        } else {
            Cell::Blank
        },
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_adds_up() {
        let mut dice = Dice::new(1, Stream::Ledger, 7);
        for total in [0, 1, 999, 18_000_000, 20_000_000, 66_123_457] {
            let a = fill(total, true, &mut dice).0;
            assert_eq!(INCOMES.iter().map(|row| a[*row]).sum::<i64>(), total);
            assert_eq!(a[OPERATING_PROFIT], a[0] + a[1] + a[2] - a[3] - a[4]);
            assert_eq!(a[YEAR_PROFIT], a[OPERATING_PROFIT] + a[SUBSIDY] + a[OTHER] - a[OTHER_COST]);
        }
    }

    #[test]
    fn so_many_villages_reach_each_band_for_any_seed() {
        let model = Model::load().unwrap();
        for seed in 0..50 {
            let full = model.totals.weak_villages;
            let totals = totals(&model.ledger, (full, full), seed).unwrap();
            for [amount, count] in &model.ledger.bands {
                let reached = totals.iter().filter(|total| *total >= amount).count();
                assert_eq!(i64::try_from(reached).unwrap(), *count, "seed {seed}, amount {amount}");
            }
        }
    }
}
