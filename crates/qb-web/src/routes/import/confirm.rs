//! Lists that decide and wait: what waits for the reader, and the page on which a second person
//! confirms a batch or lets it go.

use qb_access::permission::CONFIRM_IMPORT;
use qb_base::Timestamp;
use qb_intake::waiting::{self, Second, WaitingFile};

use crate::actor;
use crate::fault::Fault;
use crate::jobs::ConfirmOrder;
use crate::page::{Page, Section};
use crate::reply::Reply;
use crate::sheet::{self, Cell, Field, Form, Sheet, Table};
use crate::texts::put;
use crate::visit::Visit;

/// Characters of a digest that are shown.
const DIGEST_SHOWN: usize = 12;
/// Characters a reason must have.
const REASON_CHARS_MIN: usize = 4;

/// The reader as somebody who may decide about waiting files.
fn second(visit: &Visit<'_>) -> Result<Second, Fault> {
    let viewer = visit.viewer()?;
    Ok(Second { actor: viewer.actor(), role: viewer.role, area: viewer.area })
}

/// Whether the reader handed a file in or may confirm it.
fn concerns(visit: &Visit<'_>, file: &WaitingFile, reader: &Second) -> bool {
    file.actor == reader.actor || file.refusal(&visit.app.pack, reader).is_none()
}

/// The files that wait for the reader, or that the reader handed in.
pub(crate) fn table(visit: &Visit<'_>) -> Result<Table, Fault> {
    if !visit.may(&CONFIRM_IMPORT) {
        return Ok(Table::default());
    }
    let reader = second(visit)?;
    let mut files = visit.app.store.read(waiting::all)?;
    files.retain(|file| concerns(visit, file, &reader));
    files_table(visit, &files)
}

fn files_table(visit: &Visit<'_>, files: &[WaitingFile]) -> Result<Table, Fault> {
    let t = visit.texts();
    let actors = files.iter().map(|file| file.actor.as_str());
    let names = visit.app.store.read(|conn| actor::names(conn, visit.lang(), actors))?;
    let heads = [
        t.import_file,
        t.import_layout,
        t.import_who,
        t.import_when,
        &format!("#{}", t.confirm_size),
        t.confirm_digest,
    ];
    let mut table = Table::new("unconfirmed", t.confirm_title, &heads, t.confirm_none);
    let title = |id: &String| {
        let layout = visit.app.pack.layout(id);
        layout.map_or(id.as_str(), |layout| layout.title.get(visit.lang())).to_owned()
    };
    let line = |file: &WaitingFile| {
        let titles: Vec<String> = file.layouts.iter().map(title).collect();
        let digest: String = file.digest.chars().take(DIGEST_SHOWN).collect();
        vec![
            Cell::link(&file.name, format!("/imports/waiting/{}", file.run)),
            Cell::text(titles.join(t.list_comma)),
            Cell::text(names.get(&file.actor).unwrap_or(&file.actor)),
            Cell::text(Timestamp(file.recorded_at).to_minute_in_china()),
            Cell::number(crate::format::bytes(file.byte_count)),
            Cell::text(digest),
        ]
    };
    table.lines = files.iter().map(line).collect();
    Ok(table)
}

/// What somebody typed, for the person who decides about it.
fn row_table(visit: &Visit<'_>, file: &WaitingFile) -> Result<Table, Fault> {
    let (app, t) = (visit.app, visit.texts());
    let row = waiting::typed_row(&app.store, &app.pack, file)?;
    let mut table =
        Table::new("typed", t.confirm_typed, &[t.import_column, t.confirm_value], t.confirm_none);
    let filled = row.into_iter().filter(|(_, value)| !value.is_empty());
    table.lines = filled.map(|(head, value)| vec![Cell::text(head), Cell::text(value)]).collect();
    Ok(table)
}

/// The page of a batch that waits.
pub(crate) fn show(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (run, reader, t) = (visit.param_id("run")?, second(visit)?, visit.texts());
    let mut files = visit.app.store.read(|conn| waiting::of_run(conn, run))?;
    files.retain(|file| concerns(visit, file, &reader));
    if files.is_empty() {
        return Err(Fault::NotFound);
    }
    let title = put(t.confirm_batch, &[("id", &run.to_string())]);
    let page = Page::new(visit, Section::Data, title.clone());
    let form = |label: &'static str, lead: &str, step: &str, fields| Form {
        title: label.to_owned(),
        lead: lead.to_owned(),
        action: format!("/imports/waiting/{run}/{step}"),
        fields,
        submit: label,
    };
    let may = files.iter().any(|file| file.refusal(&visit.app.pack, &reader).is_none());
    let confirm = form(t.confirm_do, t.confirm_do_lead, "confirm", Vec::new());
    let reason = vec![Field::words("reason", t.confirm_reason)];
    let discard = form(t.preview_discard, t.confirm_discard_lead, "discard", reason);
    let mut tables = vec![files_table(visit, &files)?];
    for file in files.iter().filter(|file| file.typed.is_some()) {
        tables.push(row_table(visit, file)?);
    }
    let sheet = Sheet {
        title,
        lead: t.confirm_lead.to_owned(),
        links: vec![(t.imports_title.to_owned(), "/imports".to_owned())],
        tables,
        forms: may.then_some(confirm).into_iter().chain([discard]).collect(),
        ..Sheet::default()
    };
    sheet::show(visit, &page, sheet)
}

/// Confirms what the reader may confirm of a batch; it is taken in as a job.
pub(crate) fn confirm(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (run, second) = (visit.param_id("run")?, second(visit)?);
    hidden_from_others(visit, run, &second)?;
    waiting::confirmable(&visit.app.store, &visit.app.pack, run, &second)?;
    let job = ConfirmOrder { run, second }.give(visit.app)?;
    Ok(Reply::redirect(format!("/imports/progress/{job}")))
}

/// Lets go of a batch.
pub(crate) fn discard(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (run, reader) = (visit.param_id("run")?, second(visit)?);
    hidden_from_others(visit, run, &reader)?;
    let reason = visit.form("reason").trim();
    if reason.chars().count() < REASON_CHARS_MIN {
        return Err(Fault::Unusable(
            qb_base::Text::fixed(
                "请写明放弃的理由(至少 {n} 个字)",
                "Give a reason of at least {n} characters for discarding it",
            )
            .fill(&[("n", &REASON_CHARS_MIN.to_string())]),
        ));
    }
    if qb_base::personal::find(reason).is_some() {
        return Err(Fault::Unusable(qb_base::Text::fixed(
            "理由不能写证件号码、电话或银行卡号,请删去后重新提交",
            "a reason holds no identity number, phone or bank card; take it out and send it again",
        )));
    }
    waiting::discard(&visit.app.store, &visit.app.pack, run, &reader, reason)?;
    Ok(Reply::redirect("/imports"))
}

/// A batch that does not concern the reader answers as one that does not exist; whoever sent it
/// hears why it is not theirs to confirm.
fn hidden_from_others(visit: &Visit<'_>, run: i64, reader: &Second) -> Result<(), Fault> {
    let files = visit.app.store.read(|conn| waiting::of_run(conn, run))?;
    let is_known = files.iter().any(|file| concerns(visit, file, reader));
    if is_known { Ok(()) } else { Err(Fault::NotFound) }
}
