//! Typing one row of a list: a form made of the list's columns, checked as a file would be.

use askama::Template;
use qb_access::permission::{CONFIRM_IMPORT, ENTER_RECORD, VIEW_MINE};
use qb_access::{Reveal, Role, Scope};
use qb_base::text::shown;
use qb_base::{AreaCode, Date, Fen, Text};
use qb_intake::entry::{Typed, TypedRow, enter};
use qb_intake::{Deciding, ImportOptions};
use qb_policy::dataset::HOUSEHOLD_LINK;
use qb_policy::{Column, ColumnKind, Dataset, Entry, Pack};
use qb_registry::TypedFault;
use qb_registry::model::{Record, RecordValue};
use qb_registry::queries::{self, Reader};

use crate::fault::Fault;
use crate::page::{Page, render, render_status};
use crate::reply::Reply;
use crate::routes::household::mine;
use crate::routes::record::list as records;
use crate::routes::rooms;
use crate::texts::{Texts, put};
use crate::upload;
use crate::url::with_query;
use crate::visit::Visit;

/// What the names of a form's fields begin with, so that no column can be taken for another field.
pub(crate) const FIELD: &str = "f_";
/// Digits of a number that the program makes up, after the day.
const NUMBER_DIGITS: usize = 6;
/// The truth values as files write them.
const TRUTHS: [(&str, bool); 2] = [("是", true), ("否", false)];

/// One field of the form.
pub(crate) struct FormField {
    pub(crate) name: String,
    pub(crate) label: String,
    /// What the browser checks and which keyboard a phone shows.
    pub(crate) input: &'static str,
    pub(crate) value: String,
    pub(crate) is_required: bool,
    pub(crate) is_fixed: bool,
    /// What may be chosen: what is sent, and what is read.
    pub(crate) options: Vec<(String, String)>,
    pub(crate) fault: Option<String>,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryTemplate<'a> {
    page: &'a Page,
    title: &'a str,
    number: Option<&'a str>,
    dataset: &'a str,
    place: String,
    area: String,
    household: &'a str,
    record: String,
    back: String,
    fields: Vec<FormField>,
    /// Finer places to choose from; without fields one has to be chosen first.
    places: Vec<(String, String)>,
    is_refused: bool,
    /// What is wrong with the row as a whole.
    faults: Vec<String>,
    taken: Option<String>,
}

/// What a form is about.
struct Matter<'a> {
    dataset: &'a Dataset,
    entry: &'a Entry,
    area: AreaCode,
    household: String,
    record: Option<Record>,
}

/// The form for a new row, or for the one the address names.
pub(crate) fn form(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let household = household_asked(visit)?;
    let matter = matter(visit, visit.query("record"), &household)?;
    let values = given(visit, &matter)?;
    page(visit, &matter, &values, (&[], None))
}

/// Keeps the row, or shows the form again with what is wrong.
pub(crate) fn save(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let app = visit.app;
    let matter = matter(visit, visit.form("record"), visit.form("household"))?;
    let token = upload::random_name()?;
    let given = given(visit, &matter)?;
    let typed: Vec<(String, String)> = given
        .iter()
        .map(|(id, value)| {
            let sent = visit.form(&format!("{FIELD}{id}"));
            let fixed =
                is_fixed(visit, &matter, id) || is_place(&matter, id) || is_hidden(&matter, id);
            (id.clone(), if fixed { value.clone() } else { sent.trim().to_owned() })
        })
        .collect();
    let personal = personal(&matter, &typed);
    if !personal.is_empty() {
        return page(visit, &matter, &typed, (&personal, None));
    }
    let row = TypedRow {
        dataset: matter.dataset,
        values: &in_words((&visit.app.pack, visit.app.today()?), &matter, &typed, &token),
        replaces: matter.record.as_ref().map(|record| record.id),
        token: &token,
    };
    let viewer = visit.viewer()?;
    let options = ImportOptions {
        actor: viewer.actor(),
        role: Some(viewer.role),
        within: visit.scope()?.area(),
        deciding: Deciding::Wait,
        ..ImportOptions::default()
    };
    let folder = app.uploads().join(&token);
    let outcome = enter(&app.store, &app.pack, &row, &folder, &options);
    // What stays behind is removed with the next cleaning of the uploads.
    let _ = std::fs::remove_dir_all(&folder);
    match outcome? {
        Typed::Refused(faults) => page(visit, &matter, &typed, (&faults, None)),
        Typed::Taken(id) => page(visit, &matter, &typed, (&[], Some(id))),
        Typed::Waiting(batch) => Ok(Reply::redirect(match visit.may(&CONFIRM_IMPORT) {
            true => format!("/imports/waiting/{batch}"),
            false => back(visit, &matter, None)?,
        })),
        Typed::Kept(id) => {
            qb_settle::settle(&app.store, &app.pack, &viewer.actor())?;
            Ok(Reply::redirect(back(visit, &matter, Some(id))?))
        }
    }
}

/// The number of the household that the address names by its id; blank where it names none.
fn household_asked(visit: &Visit<'_>) -> Result<String, Fault> {
    let id = match visit.query("household") {
        "" => return Ok(String::new()),
        id => id.parse().map_err(|_| Fault::NotFound)?,
    };
    let scope = reading_scope(visit)?;
    let numbers = visit.app.store.read(|conn| queries::household_numbers(conn, &scope, [id]))?;
    numbers.get(&id).cloned().ok_or(Fault::NotFound)
}

/// Texts that hold somebody's number, open or sensitive: they go into lists and files, where it has
/// no place. Numbers of households come from the register and stay as they are.
fn personal(matter: &Matter<'_>, typed: &[(String, String)]) -> Vec<TypedFault> {
    let is_text = |column: &Column| column.kind == ColumnKind::Text && column.id != HOUSEHOLD_LINK;
    let holds = |(id, value): &&(String, String)| {
        matter.dataset.column(id).is_some_and(is_text) && qb_base::personal::find(value).is_some()
    };
    typed
        .iter()
        .filter(holds)
        .map(|(id, _)| TypedFault {
            column: Some(id.clone()),
            message: Text::fixed(
                "这里写了证件号码、电话或银行卡号。",
                "this holds an identity number, a phone or a bank card",
            ),
            remedy: Text::fixed("请删去号码后再保存。", "take the number out and save again"),
        })
        .collect()
}

/// The list, the row and the place a request is about; what the reader may not type does not exist.
fn matter<'a>(visit: &Visit<'a>, record: &str, household: &str) -> Result<Matter<'a>, Fault> {
    let app = visit.app;
    let dataset = app.pack.dataset(visit.param("dataset")).ok_or(Fault::NotFound)?;
    let entry = dataset.entry.as_ref().filter(|entry| may_type(visit, entry));
    let entry = entry.ok_or(Fault::Refused)?;
    let scope = reading_scope(visit)?;
    let record = match record {
        "" => None,
        id => Some(own_record(visit, &scope, dataset, id)?),
    };
    let household = match (&record, household) {
        (Some(record), _) => number_of(dataset, record),
        (None, number) => number.trim().to_owned(),
    };
    if visit.viewer()?.role == Role::Helper && !mine::helps(visit, &household)? {
        return Err(Fault::NotFound);
    }
    let area = match &record {
        Some(record) => AreaCode::parse(&record.area_code).map_err(|_| Fault::NotFound)?,
        None => area(visit, &household)?,
    };
    Ok(Matter { dataset, entry, area, household, record })
}

/// Where a new row stands: with its household, or in the area the request names.
fn area(visit: &Visit<'_>, household: &str) -> Result<AreaCode, Fault> {
    let app = visit.app;
    if !household.is_empty() {
        let scope = reading_scope(visit)?;
        let area = app.store.read(|conn| {
            let id = queries::household_numbered(conn, &scope, household)?;
            queries::household_area(conn, id)
        })?;
        return area.ok_or(Fault::NotFound);
    }
    let named = match visit.form("area") {
        "" => visit.query("area"),
        area => area,
    };
    if named.is_empty() {
        return Ok(visit.viewer()?.area);
    }
    let area = AreaCode::parse(named).map_err(|_| Fault::NotFound)?;
    visit.reach(area)?;
    Ok(area)
}

/// A helper reads the households it helps, anybody else what its area holds.
fn reading_scope(visit: &Visit<'_>) -> Result<Scope, Fault> {
    let scope = visit.scope()?;
    if visit.may(&VIEW_MINE) {
        return scope.of_ones_own().ok_or(Fault::Refused);
    }
    Ok(scope.clone())
}

fn own_record(
    visit: &Visit<'_>,
    scope: &Scope,
    dataset: &Dataset,
    id: &str,
) -> Result<Record, Fault> {
    let app = visit.app;
    let id = id.parse().map_err(|_| Fault::NotFound)?;
    let reader = Reader { scope, keyring: app.store.keyring(), reading: app.reading()? };
    let record = app.store.read(|conn| queries::record(conn, &reader, &app.pack, id))?;
    let reading = app.reading()?;
    let is_whole = (scope.reveal() == Reveal::Full
        || !dataset.columns.iter().any(Column::is_sealed))
        && dataset.columns.iter().all(|column| reading.reads_column(scope, &dataset.id, column));
    let is_own = AreaCode::parse(&record.area_code).is_ok_and(|area| scope.covers(area));
    // What the reader cannot see in full cannot be written again.
    match record.dataset == dataset.id && is_whole && is_own {
        true => Ok(record),
        false => Err(Fault::NotFound),
    }
}

fn number_of(dataset: &Dataset, record: &Record) -> String {
    let at = dataset.columns.iter().position(|column| column.id == HOUSEHOLD_LINK);
    match at.and_then(|at| record.values.get(at)) {
        Some(RecordValue::Text(number)) => number.clone(),
        _ => String::new(),
    }
}

/// Whether the pack lets the reader type rows of a list.
pub(crate) fn may_type(visit: &Visit<'_>, entry: &Entry) -> bool {
    let role = visit.reader().map(|viewer| viewer.role.code());
    visit.may(&ENTER_RECORD) && role.is_some_and(|role| entry.roles.iter().any(|one| one == role))
}

/// The lists of which the reader may type a row about a household, with where.
pub(crate) fn about_household(visit: &Visit<'_>, household: i64) -> Vec<(String, String)> {
    let household = household.to_string();
    let lists = visit.app.pack.datasets.iter();
    let typed = lists.filter(|list| {
        let is_about = list.column(HOUSEHOLD_LINK).is_some();
        is_about && list.entry.as_ref().is_some_and(|entry| may_type(visit, entry))
    });
    typed
        .map(|list| {
            let address = with_query(&address(list), &[("household", household.as_str())]);
            (list.title.get(visit.lang()).to_owned(), address)
        })
        .collect()
}

/// Where the reader types a row of a list about a household, if it may.
pub(crate) fn typing(visit: &Visit<'_>, dataset: &str, household: i64) -> Option<String> {
    let dataset = visit.app.pack.dataset(dataset)?;
    dataset.entry.as_ref().filter(|entry| may_type(visit, entry))?;
    Some(with_query(&address(dataset), &[("household", &household.to_string())]))
}

/// Where the reader corrects a row of a list, if it may.
pub(crate) fn correcting(visit: &Visit<'_>, dataset: &str, record: i64) -> Option<String> {
    let dataset = visit.app.pack.dataset(dataset)?;
    dataset.entry.as_ref().filter(|entry| may_type(visit, entry))?;
    Some(with_query(&address(dataset), &[("record", &record.to_string())]))
}

/// The form of a list.
pub(crate) fn address(dataset: &Dataset) -> String {
    format!("/enter/{}", dataset.id)
}

/// Where one goes from a form.
fn back(visit: &Visit<'_>, matter: &Matter<'_>, record: Option<i64>) -> Result<String, Fault> {
    if visit.may(&VIEW_MINE) {
        let (scope, number) = (reading_scope(visit)?, matter.household.as_str());
        let find = |conn: &_| queries::household_numbered(conn, &scope, number);
        let id = visit.app.store.read(find)?.to_string();
        return Ok(with_query("/mine", &[("household", id.as_str())]));
    }
    let list = format!("/records/{}", matter.dataset.id);
    Ok(match record {
        Some(id) => format!("{list}/{id}"),
        None => with_query(&list, &[("area", matter.area.as_str())]),
    })
}

/// What stands in each column before anybody types: what the row holds, or what is known already.
fn given(visit: &Visit<'_>, matter: &Matter<'_>) -> Result<Vec<(String, String)>, Fault> {
    let index = visit.app.areas()?;
    let columns = matter.dataset.columns.iter().enumerate();
    let values = columns
        .map(|(at, column)| {
            let held = matter.record.as_ref().and_then(|record| record.values.get(at));
            let value = if let Some(level) = column.area_level() {
                matter.area.at(level).map(|area| index.name(area))
            } else if held.is_some() {
                held.and_then(|value| written(column, value))
            } else if column.id == HOUSEHOLD_LINK {
                Some(matter.household.clone())
            } else if matter.entry.own.as_ref() == Some(&column.id) {
                visit.reader().and_then(|viewer| viewer.subject.clone())
            } else {
                None
            };
            // What nobody knows yet stands blank in the form.
            (column.id.clone(), value.unwrap_or_default())
        })
        .collect();
    Ok(values)
}

/// A value as a form holds it; the code of a label, the yuan of an amount.
fn written(column: &Column, value: &RecordValue) -> Option<String> {
    match (value, &column.kind) {
        (RecordValue::Unknown | RecordValue::Hidden, _) => None,
        (RecordValue::Int(fen), ColumnKind::MoneyYuan) => Fen::new(*fen).map(Fen::to_plain),
        (RecordValue::Int(fen), ColumnKind::MoneyWanYuan) => Fen::new(*fen).map(Fen::to_plain_wan),
        (RecordValue::Int(number), _) => Some(number.to_string()),
        (RecordValue::Bool(truth), _) => {
            TRUTHS.iter().find(|(_, known)| known == truth).map(|(word, _)| (*word).to_owned())
        }
        (RecordValue::Text(text), _) => Some(text.clone()),
    }
}

/// What was typed as a file would hold it: labels for codes, and the number nobody has to invent.
fn in_words(
    (pack, today): (&Pack, Date),
    matter: &Matter<'_>,
    typed: &[(String, String)],
    token: &str,
) -> Vec<(String, String)> {
    let day: String = today.to_string().chars().filter(char::is_ascii_digit).collect();
    let digits: String = token.chars().take(NUMBER_DIGITS).collect();
    typed
        .iter()
        .map(|(id, value)| {
            let column = matter.dataset.column(id);
            let is_numbered = matter.entry.numbered.as_ref() == Some(id);
            let text = match column.map(|column| &column.kind) {
                _ if is_numbered && value.is_empty() => format!("{day}-{digits}"),
                Some(ColumnKind::Code(list)) => {
                    let code = pack.code_list(list).and_then(|list| list.code(value));
                    code.map_or_else(|| value.clone(), |code| code.label.zh.to_string())
                }
                _ => value.clone(),
            };
            (id.clone(), text)
        })
        .collect()
}

/// Whether the reader cannot change a column: part of the key of a row that exists, the household
/// the form is about, the reader's own number.
fn is_fixed(visit: &Visit<'_>, matter: &Matter<'_>, id: &str) -> bool {
    let is_key = matter.record.is_some() && matter.dataset.key.iter().any(|key| key == id);
    let is_household = id == HOUSEHOLD_LINK && !matter.household.is_empty();
    let has_number = visit.reader().is_some_and(|viewer| viewer.subject.is_some());
    let is_own = has_number && matter.entry.own.as_deref() == Some(id);
    is_key || is_household || is_own
}

/// Whether a column holds the place, which the form's area gives.
fn is_place(matter: &Matter<'_>, id: &str) -> bool {
    matter.dataset.column(id).is_some_and(Column::is_area)
}

fn page(
    visit: &Visit<'_>,
    matter: &Matter<'_>,
    values: &[(String, String)],
    (faults, taken): (&[TypedFault], Option<i64>),
) -> Result<Reply, Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let title = matter.dataset.title.get(lang);
    let mut page = Page::new(visit, rooms::section(matter.dataset.room), title);
    if visit.scope()?.covers(matter.area) && !visit.may(&VIEW_MINE) {
        page = page.for_area(visit, matter.area)?;
    }
    let of_row = faults.iter().filter(|fault| {
        // A column that the form does not show has its fault above the form.
        let shown = fault.column.as_deref().filter(|id| !is_place(matter, id));
        shown.is_none_or(|id| is_hidden(matter, id))
    });
    let number = matter.record.as_ref().map(|record| record.key.replace('|', " · "));
    let fields = match needs_place(matter, |column| column.required) {
        true => Vec::new(),
        false => fields(visit, matter, values, faults),
    };
    let is_refused = !faults.is_empty() || taken.is_some();
    let template = EntryTemplate {
        page: &page,
        title,
        number: number.as_deref(),
        dataset: &matter.dataset.id,
        place: app.areas()?.path_text(matter.area),
        area: matter.area.to_string(),
        household: &matter.household,
        record: shown(matter.record.as_ref(), |record| record.id.to_string()),
        back: back(visit, matter, matter.record.as_ref().map(|record| record.id))?,
        fields,
        places: places(visit, matter)?,
        is_refused,
        faults: of_row.map(|fault| says(t, fault, lang)).collect(),
        taken: taken
            .map(|id| match visit.may(&VIEW_MINE) {
                true => back(visit, matter, None),
                false => back(visit, matter, Some(id)),
            })
            .transpose()?,
    };
    if is_refused { render_status(UNUSABLE, &template) } else { render(&template) }
}

/// The status of a form that comes back.
const UNUSABLE: u16 = 422;

pub(crate) fn says(t: &Texts, fault: &TypedFault, lang: qb_base::Lang) -> String {
    let words = [("what", fault.message.get(lang)), ("do", fault.remedy.get(lang))];
    put(t.entry_fault, &words)
}

/// Columns the form does not show: the number that is made up, and what the pack leaves to others.
fn is_hidden(matter: &Matter<'_>, id: &str) -> bool {
    let typed = matter.entry.columns.as_ref();
    let is_left = typed.is_some_and(|columns| columns.iter().all(|column| column != id));
    is_left || matter.entry.numbered.as_deref() == Some(id)
}

/// Whether some of the columns of places name a finer one than the form's.
fn needs_place(matter: &Matter<'_>, which: impl Fn(&Column) -> bool) -> bool {
    let columns = matter.dataset.columns.iter().filter(|column| which(column));
    let mut levels = columns.filter_map(Column::area_level);
    levels.any(|level| matter.area.at(level).is_none())
}

/// The areas below the form's that a new row may stand in.
fn places(visit: &Visit<'_>, matter: &Matter<'_>) -> Result<Vec<(String, String)>, Fault> {
    if matter.record.is_some() || !needs_place(matter, |_| true) {
        return Ok(Vec::new());
    }
    let index = visit.app.areas()?;
    let below = index.children(matter.area);
    let link = |area: AreaCode| {
        (index.name(area), with_query(&address(matter.dataset), &[("area", area.as_str())]))
    };
    Ok(below.into_iter().map(|area| link(area.code)).collect())
}

fn fields(
    visit: &Visit<'_>,
    matter: &Matter<'_>,
    values: &[(String, String)],
    faults: &[TypedFault],
) -> Vec<FormField> {
    let (t, lang) = (visit.texts(), visit.lang());
    let columns = matter.dataset.columns.iter();
    columns
        .filter(|column| !column.is_area() && !is_hidden(matter, &column.id))
        .map(|column| {
            let value = values.iter().find(|(id, _)| *id == column.id);
            let fault = faults.iter().find(|fault| fault.column.as_ref() == Some(&column.id));
            FormField {
                name: format!("{FIELD}{}", column.id),
                label: records::head(visit, column).0,
                input: input(&column.kind),
                value: shown(value, |(_, value)| value.clone()),
                is_required: column.required,
                is_fixed: is_fixed(visit, matter, &column.id),
                options: options(visit, column),
                fault: fault.map(|fault| says(t, fault, lang)),
            }
        })
        .collect()
}

/// The kind of input of a column; what has options is chosen.
pub(crate) const fn input(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Date => "date",
        ColumnKind::Month => "month",
        ColumnKind::Integer | ColumnKind::Year => "number",
        ColumnKind::Decimal | ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan => "decimal",
        ColumnKind::Phone => "tel",
        _ => "text",
    }
}

pub(crate) fn options(visit: &Visit<'_>, column: &Column) -> Vec<(String, String)> {
    let t = visit.texts();
    match &column.kind {
        ColumnKind::Code(list) => {
            let each = visit.app.pack.code_list(list).into_iter().flat_map(|list| &list.codes);
            each.map(|code| (code.id.clone(), code.label.get(visit.lang()).to_owned())).collect()
        }
        ColumnKind::Bool => TRUTHS
            .iter()
            .map(|(word, truth)| {
                ((*word).to_owned(), (if *truth { t.yes } else { t.no }).to_owned())
            })
            .collect(),
        _ => Vec::new(),
    }
}
