//! Assessment: frozen scores with ranks, one score sheet with what each item cost, and what other
//! appraisals take over.

use qb_assess::model::{ObjectScore, Scheme};
use qb_assess::queries::{self, ScoreRun};
use qb_base::{AreaCode, Lang};
use qb_policy::Decimal;

use crate::fault::Fault;
use crate::newest::{Trial, label};
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::routes::fund::place;
use crate::routes::score::appraisal as appraise;
use crate::sheet::{self, Cell, Exports, Sheet, Table};
use crate::texts::put;
use crate::url::with_query;
use crate::visit::Visit;

pub(crate) fn scheme(visit: &Visit<'_>) -> Result<Scheme, Fault> {
    qb_assess::scheme_of_year(&visit.app.pack, visit.app.data_year()?)
        .map_err(|error| Fault::NotYet(error.text()))
}

/// The scores within the reader's area.
struct Scores {
    /// What they are, in words.
    lead: String,
    sheets: Vec<ObjectScore>,
    /// The frozen score they belong to; none for a trial.
    frozen: Option<ScoreRun>,
}

/// The frozen scores within the reader's area, or a trial over the newest run before they are
/// frozen; and in words which of the two.
fn scores(visit: &Visit<'_>, scheme: &Scheme) -> Result<Scores, Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.scope()?);
    let frozen = app.store.read(|conn| {
        let run = queries::newest(conn, &scheme.id, scheme.year)?;
        run.map(|run| Ok::<_, Fault>((queries::sheets(conn, scope, &run)?, run))).transpose()
    })?;
    if let Some((sheets, run)) = frozen {
        let state = match run.state.as_str() {
            "confirmed" => t.assess_confirmed,
            "published" => t.assess_published,
            _ => t.assess_frozen,
        };
        let values = [("state", state), ("digest", run.digest.get(..16).unwrap_or(&run.digest))];
        let lead = put(t.assess_lead, &values);
        return Ok(Scores { lead, sheets, frozen: Some(run) });
    }
    let trial = app.newest.trial_scores(&app.store, &app.pack, scheme)?;
    let Some(Trial { run, scores }) = trial.as_ref() else { return Err(no_run()) };
    let covered =
        |score: &&ObjectScore| AreaCode::parse(&score.object).is_ok_and(|area| scope.covers(area));
    let mut sheets: Vec<ObjectScore> = scores.iter().filter(covered).cloned().collect();
    sheets.sort_by_key(|score| (score.rank.is_none(), score.rank));
    let lead = put(t.assess_preliminary, &[("run", &run.to_string())]);
    Ok(Scores { lead, sheets, frozen: None })
}

fn no_run() -> Fault {
    Fault::NotYet(qb_base::Text::fixed(
        "规则还没有运行,没有可以计分的数据(命令:qibang target run)",
        "The rules have not been run, so there is nothing to score (command: qibang target run)",
    ))
}

fn number(value: Decimal) -> Cell {
    Cell::number(qb_report::number::grouped(value))
}

fn number_or_dash(value: Option<Decimal>) -> Cell {
    Cell::number(value.map_or_else(|| "—".to_owned(), qb_report::number::grouped))
}

/// Ranks of the year with the parts of each score.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let scheme = scheme(visit)?;
    let Scores { lead, sheets, frozen } = scores(visit, &scheme)?;
    let index = app.areas()?;
    let heads = [
        &format!("#{}", t.assess_rank),
        t.area_name,
        &format!("#{}", t.assess_base),
        &format!("#{}", t.assess_deduct),
        &format!("#{}", t.assess_bonus),
        &format!("#{}", t.assess_total),
        t.assess_grade,
        t.assess_veto,
    ];
    let mut ranks = Table::new("ranks", t.assess_ranks, &heads, t.records_none);
    ranks.lines = sheets
        .iter()
        .map(|one| {
            let area = AreaCode::parse(&one.object);
            let name = area.map_or_else(|_| one.object.clone(), |area| index.name(area));
            vec![
                Cell::number(one.rank.map_or_else(|| "—".to_owned(), |rank| rank.to_string())),
                Cell::link(name, format!("/assessment/{}", one.object)),
                number(one.base),
                number(one.deduct),
                number(one.bonus),
                number_or_dash(one.total),
                Cell::text(grade(&scheme, one, lang)),
                Cell::tag(
                    vetoes(&scheme, one, lang).join(t.list_comma),
                    if one.veto.is_empty() { "" } else { "is-bad" },
                ),
            ]
        })
        .collect();
    ranks.lines.extend(not_assessed(visit, &scheme, &sheets)?);
    let page = Page::new(visit, Section::Assessment, t.assess_title);
    let mut tables = vec![ranks, feeds(visit, &scheme, &sheets)];
    let mut forms = appraise::steps(visit, frozen.as_ref());
    if let Some(run) = &frozen {
        let (appeals, answers) = appraise::appeals(visit, &scheme, run)?;
        tables.push(appeals);
        forms.splice(0..0, answers);
    }
    let sheet = Sheet {
        title: scheme.title.get(lang).to_owned(),
        lead,
        links: vec![
            (t.coverage_title.to_owned(), "/coverage".to_owned()),
            (t.room_lists.to_owned(), "/rooms/assessment".to_owned()),
        ],
        tables,
        exports: Exports::Nobody,
        forms,
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// A line for each area within the reader's area that has no score, with the reason.
fn not_assessed(
    visit: &Visit<'_>,
    scheme: &Scheme,
    sheets: &[ObjectScore],
) -> Result<Vec<Vec<Cell>>, Fault> {
    let (app, t, scope) = (visit.app, visit.texts(), visit.scope()?);
    let Some(base) = &scheme.base else { return Ok(Vec::new()) };
    let words = put(t.assess_not_assessed, &[("base", base.says.get(visit.lang()))]);
    let index = app.areas()?;
    let areas = qb_assess::not_assessed(&app.pack, scheme, sheets).into_iter();
    let dash = || Cell::number("—");
    let line = |area: &qb_policy::Area| {
        let mut line = vec![dash(), Cell::text(index.name(area.code))];
        line.extend([dash(), dash(), dash(), dash(), Cell::text(&words), Cell::text("")]);
        line
    };
    Ok(areas.filter(|area| scope.covers(area.code)).map(line).collect())
}

fn grade(scheme: &Scheme, score: &ObjectScore, lang: Lang) -> String {
    let Some(id) = &score.grade else { return "—".to_owned() };
    let band = scheme.bands.iter().find(|band| band.id == *id);
    band.map_or_else(|| id.clone(), |band| band.label.get(lang).to_owned())
}

/// What a score is capped for, in words.
fn vetoes<'s>(scheme: &'s Scheme, score: &'s ObjectScore, lang: Lang) -> Vec<&'s str> {
    let says = |id: &'s String| {
        let veto = scheme.vetoes.iter().find(|veto| veto.id == *id);
        veto.map_or(id.as_str(), |veto| veto.says.get(lang))
    };
    score.veto.iter().map(says).collect()
}

/// What the other appraisals take over.
fn feeds(visit: &Visit<'_>, scheme: &Scheme, sheets: &[ObjectScore]) -> Table {
    let (t, lang) = (visit.texts(), visit.lang());
    let heads = [
        t.assess_appraisal,
        t.area_name,
        &format!("#{}", t.assess_total),
        &format!("#{}", t.assess_weight),
        &format!("#{}", t.assess_points),
    ];
    let mut table = Table::new("feeds", t.assess_feeds, &heads, t.records_none);
    let index = visit.app.areas();
    table.lines = queries::feeds(scheme, sheets)
        .iter()
        .map(|row| {
            let says = scheme.feeds.iter().find(|feed| feed.appraisal == row.appraisal);
            let object = match &index {
                Ok(index) => place(index, &row.object),
                Err(_) => Cell::text(&row.object),
            };
            vec![
                Cell::text(says.map_or(row.appraisal.as_str(), |feed| feed.says.get(lang))),
                object,
                number_or_dash(row.total),
                number_or_dash(row.weight),
                number_or_dash(row.points),
            ]
        })
        .collect();
    table
}

/// The score sheet of one object: each item with its value, its points, and what it cost.
pub(crate) fn object(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let area = AreaCode::parse(visit.param("object")).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    let scheme = scheme(visit)?;
    let Scores { lead, sheets, frozen } = scores(visit, &scheme)?;
    let found = sheets.iter().find(|one| one.object == area.as_str()).ok_or(Fault::NotFound)?;
    let heads = [
        t.assess_item,
        t.assess_department,
        &format!("#{}", t.assess_raw),
        t.report_unit,
        &format!("#{}", t.assess_points),
        &format!("#{}", t.assess_lost),
    ];
    let mut items = Table::new("items", t.assess_items, &heads, t.records_none);
    t.assess_items_lead.clone_into(&mut items.lead);
    items.lines = found
        .by_cost()
        .into_iter()
        .map(|score| {
            let item = scheme.item(&score.id);
            let text = |words: Option<&qb_base::Text>| {
                Cell::text(words.map_or(score.id.as_str(), |words| words.get(lang)))
            };
            let mut lost = number(score.lost);
            lost.class = if score.lost.to_i64() == Some(0) { "" } else { "is-open" };
            vec![
                text(item.map(|item| &item.says)),
                text(item.map(|item| &item.department)),
                number_or_dash(score.raw),
                Cell::text(item.map_or("—", |item| label(&app.pack, "unit", &item.unit, lang))),
                number(score.points),
                lost,
            ]
        })
        .collect();
    let page = Page::new(visit, Section::Assessment, t.assess_title).for_area(visit, area)?;
    let whole = found.total.map_or_else(|| "—".to_owned(), qb_report::number::grouped);
    let back = with_query("/assessment", &[]);
    let strip = vec![
        [t.assess_total.to_owned(), whole, String::new(), back.clone()],
        [t.assess_grade.to_owned(), grade(&scheme, found, lang), String::new(), back.clone()],
    ];
    let sheet = Sheet {
        title: format!("{} · {}", scheme.title.get(lang), app.areas()?.name(area)),
        lead,
        links: vec![(t.assess_ranks.to_owned(), back)],
        strip,
        tables: vec![items],
        exports: Exports::Nobody,
        forms: appraise::appeal_form(visit, &scheme, frozen.as_ref(), found),
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}
