//! What a household receives, who helps it, what was promised, and its cases.

use qb_access::{Scope, permission};
use qb_policy::dataset::{HOUSEHOLD_LINK, PERSON_LINK};
use qb_policy::{Column, Dataset};
use qb_registry::model::{Household, Record, RecordValue};
use qb_registry::queries::{self, Reader};

use crate::areas::AreaIndex;
use crate::fault::Fault;
use crate::page::{Page, Section, render};
use crate::reply::Reply;
use crate::routes::case::page as cases;
use crate::routes::case::step as casework;
use crate::routes::household::page as household;
use crate::routes::record::list as records;
use crate::routes::rooms;
use crate::sheet::{self, Cell, Sheet, Table, TablesTemplate};
use crate::texts::put;
use crate::visit::Visit;

/// The number of a person in the register.
const PERSON_NUMBER: &str = "person_no";
/// Help, benefits and cases of a household as a page; its tables alone as a fragment.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, scope, id) = (visit.app, visit.scope()?, visit.param_id("id")?);
    let household = app.store.read(|conn| queries::household(conn, scope, id))?;
    let area = qb_base::AreaCode::parse(&household.area_code).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    household::note(visit, &household)?;
    let tables = tables(visit, scope, &household)?;
    let t = visit.texts();
    let page = Page::new(visit, Section::Register, t.help_title).for_area(visit, area)?;
    if visit.incoming.is_fragment {
        return render(&TablesTemplate { page: &page, tables: &tables });
    }
    let sheet = Sheet {
        title: put(t.household_title, &[("no", &household.household_no)]),
        lead: t.help_lead.to_owned(),
        links: vec![(t.help_back.to_owned(), format!("/households/{id}"))],
        tables,
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// One table for each room whose lists name the household or a member, then its cases.
pub(crate) fn tables(
    visit: &Visit<'_>,
    scope: &Scope,
    household: &Household,
) -> Result<Vec<Table>, Fault> {
    let app = visit.app;
    let machines = cases::machines(visit)?;
    let reader = Reader { scope, keyring: app.store.keyring(), reading: app.reading()? };
    let today = app.today()?;
    let (found, own_cases) = app.store.read(|conn| {
        let found = queries::household_records(conn, &reader, &app.pack, household.id)?;
        let cases = qb_case::queries::of_household(conn, machines, scope, today, household.id)?;
        Ok::<_, Fault>((found, cases))
    })?;
    let index = app.areas()?;
    let t = visit.texts();
    let mut tables: Vec<Table> = Vec::new();
    for (_, room) in rooms::ROOMS {
        let mut lines = Vec::new();
        for dataset in app.pack.datasets.iter().filter(|dataset| dataset.room == room) {
            let rows = found.iter().filter(|record| record.dataset == dataset.id);
            lines.extend(rows.map(|record| line(visit, &index, household, dataset, record)));
        }
        if !lines.is_empty() {
            let heads = [t.room_list, t.help_whom, t.help_what];
            let table = Table::new("", rooms::title(t, room), &heads, "");
            tables.push(Table { lines, ..table });
        }
    }
    if tables.is_empty() {
        tables.push(Table::new("help", t.help_title, &[], t.help_none));
    }
    let mut own = cases::line_table(visit, &index, machines, own_cases.iter(), t.cases_title);
    let opening = casework::opening_of(visit, machines, household)?;
    own.actions.extend(opening.map(|to| (t.case_open, to)));
    tables.push(own);
    Ok(tables)
}

fn line(
    visit: &Visit<'_>,
    index: &AreaIndex,
    household: &Household,
    dataset: &Dataset,
    record: &Record,
) -> Vec<Cell> {
    let title = dataset.title.get(visit.lang());
    let list = if visit.may(&permission::VIEW_RECORD) {
        Cell::link(title, format!("/records/{}/{}", dataset.id, record.id))
    } else {
        Cell::text(title)
    };
    let known = dataset.columns.iter().zip(&record.values).filter(|(column, value)| {
        says_more(dataset, column) && !matches!(value, RecordValue::Unknown | RecordValue::Hidden)
    });
    let words = known.map(|(column, value)| {
        let (head, _) = records::head(visit, column);
        format!("{head} {}", records::text(visit, index, column, Some(value)))
    });
    let about = household.members.iter().find(|one| Some(one.person_id) == record.person_id);
    let name = about.map_or(visit.texts().help_household, |member| member.name.as_str());
    vec![list, Cell::text(name), Cell::text(words.collect::<Vec<_>>().join(" · "))]
}

/// Whether a column says more than which row it is, whom it is about and where they live.
fn says_more(dataset: &Dataset, column: &Column) -> bool {
    let names = [HOUSEHOLD_LINK, PERSON_LINK, PERSON_NUMBER].contains(&column.id.as_str());
    !names && !column.is_area() && !dataset.key.contains(&column.id)
}
