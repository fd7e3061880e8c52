//! All routes. Their order is the order of the chain; tests enumerate the list.

mod account;
mod appraise;
mod area_life;
mod areas;
mod assess;
mod assets;
mod cases;
mod casework;
mod confirm;
mod coverage;
pub(crate) mod entry;
mod event_form;
mod event_sides;
mod events;
mod figures;
mod funds;
mod help;
mod household;
pub(crate) mod households;
mod imports;
mod log;
mod mine;
mod objection;
mod overview;
mod policy;
mod records;
mod report;
mod rooms;
mod sent;
mod targets;
pub(crate) mod uploads;
mod villages;
mod waiting;

use std::sync::Arc;

use axum::Router;
use qb_access::permission as may;

use crate::routing::{RouteSpec, Routes};
use crate::state::AppState;

#[expect(clippy::too_many_lines, reason = "one list of all routes, a line each")]
pub(crate) fn all(app: Arc<AppState>) -> (Router, Vec<RouteSpec>) {
    Routes::new(app)
        .get("/healthz", may::PUBLIC_PAGE, assets::health)
        .get("/assets/{name}", may::PUBLIC_PAGE, assets::file)
        .get("/map.geojson", may::VIEW_OVERVIEW, assets::map)
        .get("/login", may::PUBLIC_PAGE, account::sign_in_page)
        .sign_in("/login", may::SIGN_IN, account::sign_in)
        .post("/logout", may::SIGN_OUT, account::sign_out)
        .get("/me", may::VIEW_SELF, account::me)
        .get("/", may::VIEW_OVERVIEW, overview::show)
        .get("/mine", may::VIEW_MINE, mine::show)
        .get("/mine/objection", may::OBJECT_MINE, objection::form)
        .post("/mine/objection", may::OBJECT_MINE, objection::object)
        .get("/mine/step", may::STEP_MINE, objection::steps)
        .post("/mine/step", may::STEP_MINE, objection::step)
        .get("/areas/{code}", may::VIEW_AREA, areas::show)
        .get("/areas/{code}/verdicts", may::VIEW_AREA, areas::verdicts)
        .get("/areas/{code}/life", may::VIEW_AREA, area_life::show)
        .post("/areas/{code}/names", may::KEEP_AREA, area_life::name)
        .post("/areas/{code}/names/end", may::KEEP_AREA, area_life::end_name)
        .post("/areas/{code}/mergers", may::KEEP_AREA, area_life::state)
        .post("/areas/{code}/mergers/{id}/{step}", may::DECIDE_AREA, area_life::decide)
        .short("/households", may::LIST_HOUSEHOLDS, households::list)
        .short("/households/{id}", may::VIEW_HOUSEHOLD, household::show)
        .get("/households/{id}/reasons", may::VIEW_HOUSEHOLD, household::reasons)
        .get("/households/{id}/help", may::VIEW_HOUSEHOLD, help::show)
        .get(
            "/households/{id}/persons/{person}/identity",
            may::REVEAL_IDENTITY,
            household::reveal_page,
        )
        .post("/households/{id}/persons/{person}/identity", may::REVEAL_IDENTITY, household::reveal)
        .post("/households/export", may::LIST_HOUSEHOLDS, households::export)
        .get("/households/{id}/readers", may::VIEW_READERS, log::readers)
        .post("/households/search", may::LIST_HOUSEHOLDS, households::search)
        .get("/persons", may::LIST_HOUSEHOLDS, figures::persons)
        .post("/persons/export", may::LIST_HOUSEHOLDS, figures::export_persons)
        .get("/villages", may::VIEW_AREA, villages::list)
        .post("/villages/export", may::VIEW_AREA, villages::export)
        .get("/imports", may::LIST_IMPORTS, imports::list)
        .get("/imports/new", may::UPLOAD_IMPORT, uploads::form)
        .upload("/imports/new", may::UPLOAD_IMPORT, uploads::receive)
        .get("/imports/pending/{batch}", may::UPLOAD_IMPORT, uploads::preview)
        .post("/imports/pending/{batch}/confirm", may::UPLOAD_IMPORT, uploads::confirm)
        .post("/imports/pending/{batch}/discard", may::UPLOAD_IMPORT, uploads::discard)
        .get("/imports/progress/{job}", may::UPLOAD_IMPORT, uploads::progress)
        .get("/imports/waiting/{run}", may::CONFIRM_IMPORT, confirm::show)
        .post("/imports/waiting/{run}/confirm", may::CONFIRM_IMPORT, confirm::confirm)
        .post("/imports/waiting/{run}/discard", may::CONFIRM_IMPORT, confirm::discard)
        .post("/imports/{run}/faults.xlsx", may::DOWNLOAD_FAULTS, uploads::fault_workbook)
        .get("/imports/{run}", may::VIEW_IMPORT, imports::show)
        .get("/sent/{dataset}", may::VIEW_SENT, sent::show)
        .post("/sent/{dataset}/export", may::VIEW_SENT, sent::export)
        .get("/report", may::VIEW_REPORT, report::show)
        .get("/report/annual.pdf", may::DOWNLOAD_REPORT, report::pdf)
        .get("/report/annual.xlsx", may::DOWNLOAD_REPORT, report::xlsx)
        .get("/report/annual.docx", may::DOWNLOAD_REPORT, report::docx)
        .get("/policy", may::VIEW_REPORT, policy::rules)
        .get("/policy/documents", may::VIEW_REPORT, policy::documents)
        .get("/policy/lists", may::VIEW_REPORT, policy::lists)
        .get("/figures/{id}", may::VIEW_FIGURE, figures::show)
        .post("/figures/{id}/export", may::VIEW_FIGURE, figures::export)
        .get("/areas", may::FIND_AREA, areas::find)
        .get("/rooms/{room}", may::VIEW_ROOM, rooms::show)
        .get("/records/{dataset}", may::LIST_RECORDS, records::list)
        .get("/records/{dataset}/{id}", may::VIEW_RECORD, records::show)
        .post("/records/{dataset}/search", may::LIST_RECORDS, records::search)
        .post("/records/{dataset}/export", may::EXPORT_RECORDS, records::export)
        .get("/enter/{dataset}", may::ENTER_RECORD, entry::form)
        .post("/enter/{dataset}", may::ENTER_RECORD, entry::save)
        .get("/events", may::LIST_EVENTS, events::list)
        .post("/events/accept", may::DECIDE_EVENT, events::accept)
        .get("/events/{id}", may::LIST_EVENTS, events::show)
        .post("/events/{id}/{step}", may::DECIDE_EVENT, events::decide)
        .get("/households/{id}/events/{kind}", may::STATE_EVENT, event_form::form)
        .post("/households/{id}/events/{kind}", may::STATE_EVENT, event_form::save)
        .get("/coverage", may::VIEW_COVERAGE, coverage::list)
        .get("/coverage/{id}", may::VIEW_COVERAGE, coverage::show)
        .post("/coverage/{id}/export", may::VIEW_COVERAGE, coverage::export)
        .get("/cases", may::LIST_CASES, cases::list)
        .post("/cases/export", may::LIST_CASES, cases::export)
        .get("/cases/new", may::OPEN_CASE, casework::form)
        .post("/cases/new", may::OPEN_CASE, casework::open)
        .get("/cases/{id}", may::VIEW_CASE, cases::show)
        .post("/cases/{id}/objections", may::OBJECT_CASE, casework::object)
        .post("/cases/{id}/objections/{objection}", may::OBJECT_CASE, casework::answer)
        .get("/cases/{id}/notice", may::NOTICE_CASE, casework::notice)
        .post("/cases/{id}/notice", may::NOTICE_CASE, casework::publish)
        .post("/cases/{id}/step", may::STEP_CASE, cases::step)
        .get("/targets", may::VIEW_TARGETS, targets::show)
        .get("/tasks", may::LIST_TASKS, targets::tasks)
        .post("/tasks/export", may::LIST_TASKS, targets::export_tasks)
        .get("/proposal", may::VIEW_TARGETS, targets::proposal)
        .get("/funds", may::VIEW_FUNDS, funds::show)
        .get("/funds/thread", may::FOLLOW_MONEY, funds::thread_page)
        .post("/funds/thread/export", may::FOLLOW_MONEY, funds::thread_page)
        .get("/assessment", may::VIEW_ASSESSMENT, assess::show)
        .get("/assessment/{object}", may::VIEW_ASSESSMENT, assess::object)
        .post("/assessment/freeze", may::DECIDE_ASSESSMENT, appraise::freeze)
        .post("/assessment/confirm", may::CONFIRM_ASSESSMENT, appraise::confirm)
        .post("/assessment/publish", may::DECIDE_ASSESSMENT, appraise::publish)
        .post("/assessment/{object}/appeals", may::APPEAL_ASSESSMENT, appraise::appeal)
        .post("/assessment/appeals/{appeal}", may::DECIDE_ASSESSMENT, appraise::decide)
        .post("/reading/reason", may::EXPLAIN_READING, log::explain)
        .get("/exports", may::AGREE_EXPORT, log::exports)
        .post("/exports/{id}", may::AGREE_EXPORT, log::agree)
        .get("/log", may::VIEW_LOG, log::show)
        .get("/log/reads", may::VIEW_LOG, log::reads)
        .finish()
}
