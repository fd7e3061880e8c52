//! The money: budgets by source and purpose, this round against the last, how it flows, what lies
//! idle, and the thread of one yuan both ways.

use qb_access::Scope;
use qb_base::text::shown;
use qb_base::{AreaCode, Fen};
use qb_fund::queries::{
    self, BudgetLine, Direction, Filter, FlowLink, IdleMoney, RoundComparison, Thread,
};
use qb_fund::rules::LedgerRules;
use qb_registry::queries::household_ids;

use crate::areas::AreaIndex;
use crate::export;
use crate::fault::Fault;
use crate::find::{self, FIND};
use crate::format::{MoneyUnit, count};
use crate::newest::{label, label_or_dash};
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::seen::Shown;
use crate::sheet::{self, Cell, Exports, Sheet, Table};
use crate::url::with_query;
use crate::visit::Visit;

/// Rows of one table.
const ROWS_MAX: usize = 200;

fn rules(visit: &Visit<'_>) -> Result<LedgerRules, Fault> {
    LedgerRules::of(&visit.app.pack).map_err(|error| Fault::Link(error.to_string()))
}

/// The page of funds of an area.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let scope = visit.chosen_area()?;
    let area = scope.area().unwrap_or(app.pack.area);
    let (rules, year) = (rules(visit)?, i64::from(app.data_year()?));
    let today = app.today()?;
    let filter = Filter { year: Some(year), ..Filter::default() };
    let limit = qb_base::count(export::lines_of(visit, ROWS_MAX));
    let found = app.store.read(|conn| {
        let budgets = queries::by_purpose(conn, &scope, area, &filter)?;
        let rounds = queries::rounds(conn, &scope, &rules, area, year)?;
        let flows = queries::flows(conn, &scope, area, year)?;
        let idle = queries::idle(conn, &scope, &rules, area, today)?;
        let refusals = queries::refusals(conn, &scope, area, 0, limit)?;
        Ok::<_, Fault>((budgets, rounds, flows, idle, refusals))
    })?;
    let (budgets, rounds, flows, idle, refusals) = found;
    let index = app.areas()?;
    let page = Page::new(visit, Section::Funds, t.funds_title).for_area(visit, area)?;
    let sheet = Sheet {
        title: t.funds_title.to_owned(),
        lead: t.funds_lead.to_owned(),
        links: vec![(
            t.room_lists.to_owned(),
            with_query("/rooms/funds", &[("area", area.as_str())]),
        )],
        flow: flow_json(visit, &index, &rules, &flows)?,
        tables: vec![
            budget_table(visit, &budgets),
            round_table(visit, &rounds),
            idle_table(visit, &index, &idle),
            refusal_table(visit, &refusals),
        ],
        exports: Exports::Nobody,
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

fn budget_table(visit: &Visit<'_>, lines: &[BudgetLine]) -> Table {
    let (t, lang, pack) = (visit.texts(), visit.lang(), &visit.app.pack);
    let unit = MoneyUnit::for_largest(lines.iter().map(|line| line.budget_fen));
    let name = unit.label(lang);
    let heads = [
        t.funds_level,
        t.funds_source,
        t.funds_purpose,
        &format!("#{}（{name}）", t.funds_budget),
        &format!("#{}（{name}）", t.funds_allocated),
        &format!("#{}（{name}）", t.funds_paid),
    ];
    let mut table = Table::new("budgets", t.funds_budgets, &heads, t.funds_none);
    let money = |fen: Fen| Cell::number(unit.print(fen, lang));
    let coded =
        |list, code: &Option<String>| Cell::text(label_or_dash(pack, list, code.as_deref(), lang));
    table.lines = lines
        .iter()
        .map(|line| {
            vec![
                coded("area_level", &line.level),
                coded("fund_source", &line.source),
                coded("fund_purpose", &line.purpose),
                money(line.budget_fen),
                money(line.allocated_fen),
                money(line.paid_fen),
            ]
        })
        .collect();
    table
}

fn round_table(visit: &Visit<'_>, rounds: &[RoundComparison]) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let unit = MoneyUnit::for_largest(rounds.iter().map(|one| one.year_fen));
    let name = unit.label(lang);
    let heads = [
        t.funds_comparison,
        &format!("#{}（{name}）", t.funds_year),
        &format!("#{}（{name}）", t.funds_last_round),
        t.funds_round,
    ];
    let mut table = Table::new("rounds", t.funds_rounds, &heads, t.funds_none);
    table.lines = rounds
        .iter()
        .map(|one| {
            let last = one.last_round.as_ref();
            vec![
                Cell::text(one.says.get(lang)),
                Cell::number(unit.print(one.year_fen, lang)),
                Cell::number(
                    last.map_or_else(|| "—".to_owned(), |sum| unit.print(sum.sum_fen, lang)),
                ),
                Cell::text(shown(last, |sum| {
                    let years = format!("{}–{}", sum.starts_year, sum.ends_year);
                    // A round without a name is shown by its years.
                    sum.label
                        .as_ref()
                        .map_or_else(|| years.clone(), |name| format!("{name} {years}"))
                })),
            ]
        })
        .collect();
    table
}

fn idle_table(visit: &Visit<'_>, index: &AreaIndex, idle: &[IdleMoney]) -> Table {
    let (t, lang, pack) = (visit.texts(), visit.lang(), &visit.app.pack);
    let unit = MoneyUnit::for_largest(idle.iter().map(|one| one.left_fen));
    let heads = [
        t.funds_account,
        t.area_name,
        t.funds_purpose,
        t.funds_since,
        &format!("#{}", t.funds_days),
        &format!("#{}（{}）", t.funds_left, unit.label(lang)),
    ];
    let mut table = Table::new("idle", t.funds_idle, &heads, t.funds_idle_none);
    table.lines = idle
        .iter()
        .take(export::lines_of(visit, ROWS_MAX))
        .map(|one| {
            vec![
                Cell::link(&one.account, thread_of(visit, &one.account)),
                place(index, &one.area_code),
                Cell::text(label_or_dash(pack, "fund_purpose", one.purpose.as_deref(), lang)),
                Cell::text(&one.since_on),
                Cell::number(count(one.days)),
                Cell::number(unit.print(one.left_fen, lang)),
            ]
        })
        .collect();
    table
}

fn refusal_table(visit: &Visit<'_>, refusals: &[qb_fund::model::RefusedRow]) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads = [t.room_list, t.records_key, t.funds_why];
    let mut table = Table::new("refusals", t.funds_refused, &heads, t.funds_refused_none);
    table.lines = refusals
        .iter()
        .map(|row| {
            let title = visit.app.pack.dataset(&row.dataset).map(|one| one.title.get(lang));
            vec![
                Cell::text(title.unwrap_or(&row.dataset)),
                Cell::link(&row.key, format!("/records/{}/{}", row.dataset, row.record)),
                Cell::text(row.message.get(lang)),
            ]
        })
        .collect();
    table
}

/// A place as a link to its page.
pub(crate) fn place(index: &AreaIndex, code: &str) -> Cell {
    match AreaCode::parse(code) {
        Ok(area) => Cell::link(index.name(area), format!("/areas/{area}")),
        Err(_) => Cell::text(code),
    }
}

/// Links with names for the drawing; nodes of different stages never share a name.
fn flow_json(
    visit: &Visit<'_>,
    index: &AreaIndex,
    rules: &LedgerRules,
    links: &[FlowLink],
) -> Result<String, Fault> {
    if links.is_empty() {
        return Ok(String::new());
    }
    let name = |stage: u8, code: &str| node(visit, (index, rules), (stage, code));
    let rows: Vec<(String, String, i64)> = links
        .iter()
        .map(|link| {
            let (from, to) = (name(link.stage, &link.from), name(link.stage + 1, &link.to));
            (from, to, link.amount_fen.fen() / 100)
        })
        .collect();
    serde_json::to_string(&rows).map_err(|error| Fault::Link(error.to_string()))
}

fn node(
    visit: &Visit<'_>,
    (index, rules): (&AreaIndex, &LedgerRules),
    (stage, code): (u8, &str),
) -> String {
    let (pack, t, lang) = (&visit.app.pack, visit.texts(), visit.lang());
    match stage {
        1 => label(pack, "fund_source", code, lang).to_owned(),
        2 => label(pack, "area_level", code, lang).to_owned(),
        3 => label(pack, "fund_purpose", code, lang).to_owned(),
        4 => AreaCode::parse(code).map_or_else(|_| code.to_owned(), |area| index.name(area)),
        _ if code == "unpaid" => t.funds_unpaid.to_owned(),
        _ => rules.account(code).map_or(code, |kind| kind.says.get(lang)).to_owned(),
    }
}

/// Notes the households whose numbers a thread shows, before it is shown; a list that leaves is
/// counted where it leaves.
fn note(visit: &Visit<'_>, thread: &Thread) -> Result<(), Fault> {
    if !visit.query(sheet::CSV).is_empty() {
        return Ok(());
    }
    let numbers = thread.households.iter().map(|one| one.number.as_str());
    let ids = visit.app.store.read(|conn| household_ids(conn, numbers))?;
    let shown = thread.households.iter().map(|one| Shown {
        household: ids.get(&one.number).copied(),
        row: one.account,
        area: &one.area_code,
        persons: 1,
    });
    visit.shows("thread", &shown.collect::<Vec<_>>())
}

/// The thread of one yuan: where money came from and where it went.
pub(crate) fn thread_page(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let scope: Scope = visit.chosen_area()?;
    let reference = find::word(visit)?;
    let rules = rules(visit)?;
    let page = Page::new(visit, Section::Funds, t.funds_thread);
    let mut sheet = Sheet {
        title: format!("{} {reference}", t.funds_thread),
        lead: t.funds_thread_lead.to_owned(),
        links: vec![(t.funds_title.to_owned(), "/funds".to_owned())],
        exports: Exports::Persons("/funds/thread/export"),
        ..Sheet::default()
    };
    let found = app.store.read(|conn| queries::thread(conn, &scope, &rules, &reference))?;
    note(visit, &found)?;
    let index = app.areas()?;
    let unit = MoneyUnit::for_largest(found.steps.iter().filter_map(|step| step.amount_fen));
    for (direction, id, title) in
        [(Direction::Up, "up", t.funds_up), (Direction::Down, "down", t.funds_down)]
    {
        let heads = [
            &format!("#{}", t.funds_depth),
            t.funds_from,
            t.funds_to,
            &format!("#{}（{}）", t.ledger_amount, unit.label(lang)),
            t.funds_day,
            t.area_name,
        ];
        let mut table = Table::new(id, title, &heads, t.funds_thread_end);
        let steps = found.steps.iter().filter(|step| step.direction == direction);
        table.lines = steps
            .map(|step| {
                let amount = shown(step.amount_fen, |fen| unit.print(fen, lang));
                vec![
                    Cell::number(step.depth.to_string()),
                    Cell::text(&step.from),
                    Cell::link(&step.to, thread_of(visit, &step.to)),
                    Cell::number(amount),
                    Cell::text(step.on_day.as_deref().unwrap_or("—")),
                    place(&index, &step.area_code),
                ]
            })
            .collect();
        sheet.tables.push(table);
    }
    sheet::show(visit, &page, sheet)
}

/// Where the thread of an account, project or household is: its number may be a household's.
fn thread_of(visit: &Visit<'_>, reference: &str) -> String {
    with_query("/funds/thread", &[(FIND, &find::key(visit, reference))])
}
