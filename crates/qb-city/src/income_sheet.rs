//! The yearly income sheets, one row per household, one column per item.

use crate::dice::{Dice, Stream};
use crate::error::Result;
use crate::faults::Fault;
use crate::household::Household;
use crate::items::{self, ITEMS, Statement};
use crate::model::{County, Names};
use crate::places;
use crate::register::Place;
use crate::sheet::{Cell, Table, yuan};

/// Columns before the items.
const LEADING: usize = 7;
const HEAD_NAME: usize = 4;
/// Columns of the sheet: leading ones, items, net income.
pub(crate) const COLUMNS: usize = LEADING + items::COUNT + 1;
const LABELS: [[&str; LEADING + 1]; 2] = [
    ["县(市、区)", "乡(镇)", "行政村", "户编号", "户主姓名", "年度", "家庭人口", "家庭纯收入"],
    ["县(市、区)", "乡镇", "村(居)", "户编号", "户主姓名", "年份", "家庭人口数", "全年纯收入"],
];

/// Header labels in the wording of a county.
pub(crate) fn labels(wording: usize) -> Vec<&'static str> {
    let [leading, net] = [&LABELS[wording][..LEADING], &LABELS[wording][LEADING..]];
    let items = ITEMS.iter().map(|item| item.labels[wording]);
    leading.iter().copied().chain(items).chain(net.iter().copied()).collect()
}

/// The writer of one county's sheets.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) style: &'a County,
    pub(crate) names: &'a Names,
    pub(crate) seed: u64,
}

impl<'a> Writer<'a> {
    /// Writes a household's year; `spoil` plants the household's fault if it is one of this
    /// sheet.
    pub(crate) fn household(
        &self,
        table: &mut Table,
        place: Place<'a>,
        household: &'a Household,
        (year, statement): (i64, &Statement),
        spoil: Option<usize>,
    ) -> Result<Option<(Fault, u32, usize)>> {
        let head = household.head()?.name.as_str();
        let village = if self.style.short_villages {
            places::short(place.village)
        } else {
            place.village.to_owned()
        };
        let mut cells = Vec::with_capacity(COLUMNS);
        cells.extend([
            Cell::text(place.county),
            Cell::text(place.town),
            Cell::text(village),
            Cell::text(place.household_no),
            Cell::text(head),
            Cell::Int(year),
            Cell::Int(qb_base::count(household.members.len())),
        ]);
        let amount = |fen: &i64| if *fen == 0 { Cell::Blank } else { Cell::Fen(*fen) };
        cells.extend(statement.fen.iter().map(amount));
        if statement.fen.iter().all(|fen| *fen == 0) {
            // Nothing at all is written as zero: an empty row would say that nobody asked.
            cells[LEADING + items::WAGE] = Cell::Int(0);
        }
        cells.push(Cell::Fen(statement.net_fen()));
        let planted = spoil.and_then(|index| self.spoil(household, statement, &mut cells, index));
        let row = table.row(&cells)?;
        Ok(planted.map(|(fault, column)| (fault, row, column)))
    }

    fn spoil(
        &self,
        household: &Household,
        statement: &Statement,
        cells: &mut [Cell<'a>],
        index: usize,
    ) -> Option<(Fault, usize)> {
        let fault = household.slot.fault?;
        let mut dice = Dice::new(self.seed, Stream::Damage, index as u64);
        match fault {
            Fault::NameVariant => {
                let head = household.members.first()?.name.as_str();
                let variant = |[from, to]: &[String; 2]| {
                    head.contains(from.as_str()).then(|| head.replacen(from.as_str(), to, 1))
                };
                cells[HEAD_NAME] = Cell::text(self.names.variants.iter().find_map(variant)?);
                Some((fault, HEAD_NAME))
            }
            Fault::MoneyText => {
                let column = spoilt_item(statement);
                let fen = statement.fen[column];
                cells[LEADING + column] = Cell::text(money_text(fen, &mut dice));
                Some((fault, LEADING + column))
            }
            Fault::SameIncome | Fault::NegativeIncome => Some((fault, LEADING + items::COUNT)),
            Fault::SmallWage => Some((fault, LEADING + items::WAGE)),
            _ => None,
        }
    }
}

/// The largest item besides the project yield, which must stay exact to read.
fn spoilt_item(statement: &Statement) -> usize {
    let items = (0..items::COUNT).filter(|i| *i != items::PROJECT_YIELD);
    items.max_by_key(|i| (statement.fen[*i], std::cmp::Reverse(*i))).unwrap_or(items::WAGE)
}

/// An amount as a clerk might type it; its value stays the same.
fn money_text(fen: i64, dice: &mut Dice) -> String {
    if fen == 0 {
        return (*dice.pick(&["无", "/", "-"])).to_owned();
    }
    let plain = yuan(fen);
    match dice.index(6) {
        0 => grouped(&plain),
        1 => format!("{plain}元"),
        2 => format!("￥{}", grouped(&plain)),
        3 if fen % 10_000 == 0 => ten_thousands(fen),
        4 => {
            plain
                .chars()
                .map(|c| {
                    if c.is_ascii() {
                        char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)
                    } else {
                        c
                    }
                })
                .collect()
        }
        5 => format!("约{plain}"),
        _ => format!("{plain}元"),
    }
}

/// Separators between thousands.
fn grouped(plain: &str) -> String {
    let (whole, rest) =
        plain.split_once('.').map_or((plain, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(c);
    }
    rest.map_or(text.clone(), |rest| format!("{text}.{rest}"))
}

/// Whole hundreds of yuan in 万.
fn ten_thousands(fen: i64) -> String {
    let hundreds = fen / 10_000;
    let text = format!("{}.{:02}", hundreds / 100, hundreds % 100);
    format!("{}万", text.trim_end_matches('0').trim_end_matches('.'))
}
