//! All files of one county: register, corrections, income sheets of two years.

use std::collections::BTreeMap;
use std::path::Path;

use crate::areas;
use crate::calendar::Calendar;
use crate::error::Result;
use crate::faults::{Expectation, Fault, Planted};
use crate::household::{self, Context, Household};
use crate::identity::Registrar;
use crate::income_sheet;
use crate::items::Category;
use crate::model::{Format, Model, Names, Per};
use crate::people::{self, AidDone};
use crate::person::Person;
use crate::plan::{City, CountyPlan, Status, VillagePlan};
use crate::register::{self, Place};
use crate::sheet::{Cell, Table};
use crate::truth::{FileTruth, Totals, VillageTruth};
use crate::works::benefit::YieldProjects;

/// What a county's files hold.
#[derive(Debug, Default)]
pub(crate) struct CountyTruth {
    pub(crate) totals: Totals,
    pub(crate) villages: Vec<VillageTruth>,
    pub(crate) files: Vec<FileTruth>,
    pub(crate) planted: Vec<Planted>,
    pub(crate) aid: AidDone,
}

/// What all counties share.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub(crate) raw: &'a Path,
    pub(crate) model: &'a Model,
    pub(crate) names: &'a Names,
    pub(crate) city: &'a City,
    /// Numbers of heads who are listed twice, by slot.
    pub(crate) twice_listed: &'a BTreeMap<usize, String>,
    pub(crate) projects: &'a YieldProjects,
    pub(crate) calendar: Calendar<'a>,
}

impl<'a> Shared<'a> {
    /// The context in which the household of a slot is made.
    pub(crate) fn context_of(&self, index: usize) -> Option<Context<'a>> {
        let county = self.city.counties.iter().find(|c| c.slots().contains(&index))?;
        let village = county.villages.iter().find(|v| v.slots.contains(&index))?;
        Some(self.context(county, village))
    }

    fn context(&self, county: &CountyPlan, village: &VillagePlan) -> Context<'a> {
        Context {
            model: self.model,
            names: self.names,
            city: self.city,
            county: county.style,
            weak_village: village.weak,
        }
    }

    /// The head of a slot's household with number, for a second listing.
    fn guest(&self, index: usize) -> Option<Person> {
        let context = self.context_of(index)?;
        let mut head = household::make(&context, index).members.into_iter().next()?;
        self.twice_listed.get(&index)?.clone_into(&mut head.id_no);
        Some(head)
    }
}

/// The three tables that are open at a time.
struct Open {
    register: Table,
    /// The year, the year before.
    incomes: [Table; 2],
    /// Rows in the register and in each income sheet.
    rows: (u64, u64),
    /// Rows of the town being written.
    town_rows: u64,
}

struct CountyWriter<'a> {
    shared: Shared<'a>,
    plan: &'a CountyPlan,
    registrar: Registrar,
    corrections: Vec<Vec<Cell<'static>>>,
    truth: CountyTruth,
    lists: people::Lists<'a>,
}

/// Writes a county; `progress` hears of every village and its households.
pub(crate) fn write(
    shared: Shared<'_>,
    plan: &CountyPlan,
    progress: &mut dyn FnMut(u64),
) -> Result<CountyTruth> {
    let mut writer = CountyWriter {
        shared,
        plan,
        registrar: Registrar::default(),
        corrections: Vec::new(),
        truth: CountyTruth::default(),
        lists: people::Lists::open(shared, plan)?,
    };
    let per_town = shared.model.county[plan.style].per == Per::Town;
    let mut open: Option<Open> = None;
    for (town_index, town) in plan.area.towns.iter().enumerate() {
        let villages = || plan.villages.iter().filter(|v| v.town == town_index);
        if villages().all(|v| v.slots.is_empty()) {
            villages().for_each(|v| writer.note_village(v, &[]));
            continue;
        }
        if per_town && let Some(tables) = open.take() {
            writer.close(tables)?;
        }
        let mut tables = match open.take() {
            Some(tables) => writer.next_town(tables, town)?,
            None => writer.open(town)?,
        };
        for village in villages() {
            writer.village(&mut tables, town, village)?;
            progress(village.slots.len() as u64);
        }
        if shared.model.county[plan.style].subtotals {
            tables.register.row(&register::total_row("小计", tables.town_rows))?;
        }
        open = Some(tables);
    }
    if let Some(tables) = open {
        writer.close(tables)?;
    }
    writer.correct()?;
    let CountyWriter { lists, mut truth, .. } = writer;
    let (files, aid) = lists.finish(plan)?;
    truth.files.extend(files);
    truth.aid = aid;
    Ok(truth)
}

impl<'a> CountyWriter<'a> {
    fn style(&self) -> &'a crate::model::County {
        &self.shared.model.county[self.plan.style]
    }

    fn year(&self) -> i64 {
        i64::from(self.shared.model.year)
    }

    fn open(&self, town: &areas::Town) -> Result<Open> {
        let (style, county, raw) = (self.style(), &self.plan.area, self.shared.raw);
        let (code, place) = match style.per {
            Per::County => (county.code, county.name.clone()),
            Per::Town => (town.code, format!("{}{}", county.name, town.name)),
        };
        let sheet = if style.sheet_per_town { town.name.as_str() } else { "Sheet1" };
        let year = self.year();
        let file = format!("登记/{code}_{place}建档立卡低收入人口信息.{}", ending(style.register));
        let mut register = Table::create(raw, &file, style.register, sheet)?;
        self.register_head(&mut register, &place)?;
        let income = |year: i64| -> Result<Table> {
            let file =
                format!("收入/{year}/{code}_{place}农户收入测算表{year}.{}", ending(style.income));
            let mut table = Table::create(raw, &file, style.income, "收入测算")?;
            table.banner(
                &format!("{place}{year}年度低收入农户收入测算表(单位:元)"),
                income_sheet::COLUMNS,
            )?;
            let labels: Vec<Cell<'_>> =
                income_sheet::labels(style.headers).into_iter().map(Cell::text).collect();
            table.row(&labels)?;
            Ok(table)
        };
        Ok(Open {
            register,
            incomes: [income(year)?, income(year - 1)?],
            rows: (0, 0),
            town_rows: 0,
        })
    }

    fn register_head(&self, table: &mut Table, place: &str) -> Result<()> {
        let style = self.style();
        table.banner(
            &format!("{place}建档立卡低收入人口信息表({}年12月)", self.year()),
            register::COLUMNS,
        )?;
        if style.headers == 1 || style.register == Format::Xlsx {
            table.groups(&register::GROUPS)?;
        }
        table.row(&register::LABELS[style.headers].map(Cell::text))?;
        Ok(())
    }

    /// Goes on in the same files with another town.
    fn next_town(&self, mut open: Open, town: &areas::Town) -> Result<Open> {
        open.town_rows = 0;
        if self.style().sheet_per_town {
            open.register.next_sheet(&town.name)?;
            self.register_head(
                &mut open.register,
                &format!("{}{}", self.plan.area.name, town.name),
            )?;
        }
        Ok(open)
    }

    fn close(&mut self, mut open: Open) -> Result<()> {
        let style = self.style();
        let columns = register::COLUMNS;
        if !style.sheet_per_town {
            open.register.row(&register::total_row("合计", open.rows.0))?;
        }
        open.register.row(&vec![Cell::Blank; columns])?;
        open.register
            .banner("填表人:            审核人:            填报日期:2017年1月10日", columns)?;
        let mut traits = vec!["F7".to_owned()];
        if style.register == Format::CsvGb18030 {
            traits.push("F15".to_owned());
        }
        if style.register == Format::Xlsx {
            open.register.hidden_sheet("字典", &DICTIONARY)?;
            traits.push("F16".to_owned());
        }
        if style.merged_areas {
            traits.push("F8".to_owned());
        }
        self.note_file(open.register.file(), "register_l1", open.rows.0, traits);
        for table in &mut open.incomes {
            table.row(&vec![Cell::Blank; income_sheet::COLUMNS])?;
            table.banner(
                "填表人:            村负责人:            农户签字留存于扶贫手册",
                income_sheet::COLUMNS,
            )?;
            let traits = if style.income == Format::CsvGb18030 {
                vec!["F7".into(), "F15".into()]
            } else {
                vec!["F7".into()]
            };
            self.note_file(table.file(), "income_sheet", open.rows.1, traits);
        }
        self.truth.totals.income_rows += open.rows.1 * 2;
        let [current, prior] = open.incomes;
        open.register.finish()?;
        current.finish()?;
        prior.finish()
    }

    fn note_file(&mut self, file: &str, layout: &str, rows: u64, traits: Vec<String>) {
        self.truth.files.push(FileTruth {
            file: file.to_owned(),
            layout: layout.to_owned(),
            rows,
            traits,
            untraced: 0,
        });
    }

    fn village(
        &mut self,
        open: &mut Open,
        town: &'a areas::Town,
        plan: &VillagePlan,
    ) -> Result<()> {
        let area = &town.villages[plan.village];
        let context = self.shared.context(self.plan, plan);
        let mut first_row = None;
        let mut last_row = 0;
        let mut households = Vec::with_capacity(plan.slots.len());
        for (i, index) in plan.slots.clone().enumerate() {
            let mut household = household::make(&context, index);
            let number = self.shared.twice_listed.get(&index).map(String::as_str);
            household::number(&context, index, &mut household, &mut self.registrar, number)?;
            let no = format!("{}{:04}", area.code, i + 1);
            let place = Place {
                county: &self.plan.area.name,
                town: &town.name,
                village: &area.name,
                household_no: &no,
            };
            let rows = self.household(open, place, &household, index)?;
            let projects = self.shared.projects;
            self.lists.household(place, area, &household, (index, projects))?;
            first_row.get_or_insert(rows.0);
            last_row = rows.1;
            households.push(summed(&household));
            self.count(&household);
        }
        if let (Some(first), true) = (first_row, self.style().merged_areas) {
            let texts = [&self.plan.area.name, &town.name, &area.name];
            for (column, text) in (0_u16..).zip(texts) {
                open.register.merge_down(column, (first, last_row), text)?;
            }
        }
        if let (Some(_), true) = (first_row, self.style().hidden_rows && plan.village % 9 == 4) {
            open.register.hide_row(last_row)?;
        }
        self.note_village(plan, &households);
        Ok(())
    }

    /// Writes one household to all three tables; returns its first and last row in the register.
    fn household(
        &mut self,
        open: &mut Open,
        place: Place<'_>,
        household: &Household,
        index: usize,
    ) -> Result<(u32, u32)> {
        let (style, names, seed) = (self.style(), self.shared.names, self.shared.city.seed);
        let guest = household.slot.hosts.and_then(|victim| self.shared.guest(victim));
        let register = register::Writer { style, names, seed, year: self.year() };
        let written =
            register.household(&mut open.register, place, household, guest.as_ref(), index)?;
        let count = u64::from(written.rows.1 - written.rows.0) + 1;
        open.rows.0 += count;
        open.town_rows += count;
        self.truth.totals.register_rows += count;
        for (fault, row, column) in written.planted {
            let label = register::LABELS[style.headers][column];
            self.plant(&open.register, place, fault, (row, label));
        }
        self.corrections.extend(written.corrections.into_iter().map(owned));
        let income = income_sheet::Writer { style, names, seed };
        let years = [
            (self.year(), &household.current, Some(index)),
            (self.year() - 1, &household.prior, None),
        ];
        for (table, (year, statement, spoil)) in open.incomes.iter_mut().zip(years) {
            let planted = income.household(table, place, household, (year, statement), spoil)?;
            if let Some((fault, row, column)) = planted {
                let label = income_sheet::labels(style.headers)[column];
                self.plant(table, place, fault, (row, label));
            }
        }
        open.rows.1 += 1;
        Ok(written.rows)
    }

    fn plant(&mut self, table: &Table, place: Place<'_>, fault: Fault, (row, column): (u32, &str)) {
        let expect = fault.expectation();
        if matches!(expect, Expectation::Refused | Expectation::RefusedThenCorrected) {
            self.truth.totals.register_rows_refused += 1;
        }
        self.truth.planted.push(Planted {
            fault,
            code: fault.code().to_owned(),
            expect,
            file: table.file().to_owned(),
            sheet: table.sheet().map(str::to_owned),
            row,
            column: column.to_owned(),
            household_no: place.household_no.to_owned(),
        });
    }

    /// The rows the county sends again after its report of faults.
    fn correct(&mut self) -> Result<()> {
        if self.corrections.is_empty() {
            return Ok(());
        }
        let (style, county) = (self.style(), &self.plan.area);
        let file =
            format!("登记/补正/{}_{}补正.{}", county.code, county.name, ending(style.register));
        let mut table = Table::create(self.shared.raw, &file, style.register, "补正")?;
        self.register_head(&mut table, &format!("{}(补正)", county.name))?;
        let rows = std::mem::take(&mut self.corrections);
        for cells in &rows {
            table.row(cells)?;
        }
        self.note_file(&file, "register_l1", rows.len() as u64, vec!["F7".to_owned()]);
        self.truth.totals.register_rows += rows.len() as u64;
        self.truth.totals.correction_rows += rows.len() as u64;
        table.finish()
    }

    fn count(&mut self, household: &Household) {
        let totals = &mut self.truth.totals;
        if let Some(lapse) = household.slot.lapse {
            *totals.lapses.entry(lapse.id().to_owned()).or_default() += 1;
        }
        totals.heaped_households += u64::from(household.slot.heap);
        totals.yield_exit_households +=
            u64::from(household.slot.yield_fen > 0 && household.slot.status == Status::Exited);
        for (i, statement) in [&household.current, &household.prior].into_iter().enumerate() {
            totals.net_fen[i] += statement.net_fen();
            for (name, category) in CATEGORIES {
                totals.categories_fen.entry(name.to_owned()).or_default()[i] +=
                    statement.category_fen(category);
            }
        }
    }

    fn note_village(&mut self, plan: &VillagePlan, households: &[VillageTruth]) {
        let area = &self.plan.area.towns[plan.town].villages[plan.village];
        let mut village = VillageTruth {
            code: area.code.to_string(),
            weak: plan.weak,
            ..VillageTruth::default()
        };
        for one in households {
            village.households += one.households;
            village.people += one.people;
            village.exit_households += one.exit_households;
            village.exit_people += one.exit_people;
            village.yield_households += one.yield_households;
            village.yield_fen += one.yield_fen;
            village.net_fen += one.net_fen;
        }
        let totals = &mut self.truth.totals;
        totals.households += village.households;
        totals.people += village.people;
        totals.weak_villages += u64::from(village.weak);
        totals.exit_households += village.exit_households;
        totals.exit_people += village.exit_people;
        totals.yield_households += village.yield_households;
        totals.yield_fen += village.yield_fen;
        if !village.is_empty() {
            self.truth.villages.push(village);
        }
    }
}

const CATEGORIES: [(&str, Category); 6] = [
    ("wage", Category::Wage),
    ("business", Category::Business),
    ("property", Category::Property),
    ("transfer", Category::Transfer),
    ("cost", Category::Cost),
    ("self_paid", Category::SelfPaid),
];

/// Lists behind the drop-down cells of a workbook.
const DICTIONARY: [[&str; 2]; 8] = [
    ["与户主关系", "户主"],
    ["与户主关系", "配偶"],
    ["健康状况", "健康"],
    ["健康状况", "长期慢性病"],
    ["健康状况", "患有大病"],
    ["健康状况", "残疾"],
    ["脱贫属性", "未脱贫"],
    ["脱贫属性", "已脱贫"],
];

fn summed(household: &Household) -> VillageTruth {
    let exited = household.slot.status == Status::Exited;
    let people = household.members.len() as u64;
    VillageTruth {
        households: 1,
        people,
        exit_households: u64::from(exited),
        exit_people: if exited { people } else { 0 },
        yield_households: u64::from(household.slot.yield_fen > 0),
        yield_fen: household.slot.yield_fen,
        net_fen: household.current.net_fen(),
        ..VillageTruth::default()
    }
}

fn owned(row: Vec<Cell<'_>>) -> Vec<Cell<'static>> {
    row.into_iter()
        .map(|cell| match cell {
            Cell::Text(text) => Cell::Text(text.into_owned().into()),
            Cell::Blank => Cell::Blank,
            Cell::Int(n) => Cell::Int(n),
            Cell::Fen(fen) => Cell::Fen(fen),
            Cell::Day(day) => Cell::Day(day),
            Cell::Figure(figure) => Cell::Figure(figure),
        })
        .collect()
}

fn ending(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "xlsx",
        _ => "csv",
    }
}
