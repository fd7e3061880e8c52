//! All routes. Their order is the order of the chain; tests enumerate the list.

mod account;
mod area;
mod assets;
mod case;
mod event;
mod figure;
mod fund;
pub(crate) mod household;
pub(crate) mod import;
mod log;
mod policy;
pub(crate) mod record;
mod rooms;
mod score;
mod target;
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
        .get("/", may::VIEW_OVERVIEW, figure::overview::show)
        .get("/mine", may::VIEW_MINE, household::mine::show)
        .get("/mine/objection", may::OBJECT_MINE, case::objection::form)
        .post("/mine/objection", may::OBJECT_MINE, case::objection::object)
        .get("/mine/step", may::STEP_MINE, case::objection::steps)
        .post("/mine/step", may::STEP_MINE, case::objection::step)
        .get("/areas/{code}", may::VIEW_AREA, area::page::show)
        .get("/areas/{code}/verdicts", may::VIEW_AREA, area::page::verdicts)
        .get("/areas/{code}/life", may::VIEW_AREA, area::life::show)
        .post("/areas/{code}/names", may::KEEP_AREA, area::life::name)
        .post("/areas/{code}/names/end", may::KEEP_AREA, area::life::end_name)
        .post("/areas/{code}/mergers", may::KEEP_AREA, area::life::state)
        .post("/areas/{code}/mergers/{id}/{step}", may::DECIDE_AREA, area::life::decide)
        .short("/households", may::LIST_HOUSEHOLDS, household::list::list)
        .short("/households/{id}", may::VIEW_HOUSEHOLD, household::page::show)
        .get("/households/{id}/reasons", may::VIEW_HOUSEHOLD, household::page::reasons)
        .get("/households/{id}/help", may::VIEW_HOUSEHOLD, household::help::show)
        .get(
            "/households/{id}/persons/{person}/identity",
            may::REVEAL_IDENTITY,
            household::page::reveal_page,
        )
        .post(
            "/households/{id}/persons/{person}/identity",
            may::REVEAL_IDENTITY,
            household::page::reveal,
        )
        .post("/households/export", may::LIST_HOUSEHOLDS, household::list::export)
        .get("/households/{id}/readers", may::VIEW_READERS, log::readers)
        .post("/households/search", may::LIST_HOUSEHOLDS, household::list::search)
        .get("/persons", may::LIST_HOUSEHOLDS, figure::page::persons)
        .post("/persons/export", may::LIST_HOUSEHOLDS, figure::page::export_persons)
        .get("/villages", may::VIEW_AREA, area::village::list)
        .post("/villages/export", may::VIEW_AREA, area::village::export)
        .get("/imports", may::LIST_IMPORTS, import::runs::list)
        .get("/imports/new", may::UPLOAD_IMPORT, import::upload::form)
        .upload("/imports/new", may::UPLOAD_IMPORT, import::upload::receive)
        .get("/imports/pending/{batch}", may::UPLOAD_IMPORT, import::upload::preview)
        .post("/imports/pending/{batch}/confirm", may::UPLOAD_IMPORT, import::upload::confirm)
        .post("/imports/pending/{batch}/discard", may::UPLOAD_IMPORT, import::upload::discard)
        .get("/imports/progress/{job}", may::UPLOAD_IMPORT, import::upload::progress)
        .get("/imports/waiting/{run}", may::CONFIRM_IMPORT, import::confirm::show)
        .post("/imports/waiting/{run}/confirm", may::CONFIRM_IMPORT, import::confirm::confirm)
        .post("/imports/waiting/{run}/discard", may::CONFIRM_IMPORT, import::confirm::discard)
        .post("/imports/{run}/faults.xlsx", may::DOWNLOAD_FAULTS, import::upload::fault_workbook)
        .get("/imports/{run}", may::VIEW_IMPORT, import::runs::show)
        .get("/sent/{dataset}", may::VIEW_SENT, import::sent::show)
        .post("/sent/{dataset}/export", may::VIEW_SENT, import::sent::export)
        .get("/report", may::VIEW_REPORT, figure::report::show)
        .get("/report/annual.pdf", may::DOWNLOAD_REPORT, figure::report::pdf)
        .get("/report/annual.xlsx", may::DOWNLOAD_REPORT, figure::report::xlsx)
        .get("/report/annual.docx", may::DOWNLOAD_REPORT, figure::report::docx)
        .get("/policy", may::VIEW_REPORT, policy::rules)
        .get("/policy/documents", may::VIEW_REPORT, policy::documents)
        .get("/policy/lists", may::VIEW_REPORT, policy::lists)
        .get("/figures/{id}", may::VIEW_FIGURE, figure::page::show)
        .post("/figures/{id}/export", may::VIEW_FIGURE, figure::page::export)
        .get("/areas", may::FIND_AREA, area::page::find)
        .get("/rooms/{room}", may::VIEW_ROOM, rooms::show)
        .get("/records/{dataset}", may::LIST_RECORDS, record::list::list)
        .get("/records/{dataset}/{id}", may::VIEW_RECORD, record::list::show)
        .post("/records/{dataset}/search", may::LIST_RECORDS, record::list::search)
        .post("/records/{dataset}/export", may::EXPORT_RECORDS, record::list::export)
        .get("/enter/{dataset}", may::ENTER_RECORD, record::entry::form)
        .post("/enter/{dataset}", may::ENTER_RECORD, record::entry::save)
        .get("/events", may::LIST_EVENTS, event::list::list)
        .post("/events/accept", may::DECIDE_EVENT, event::list::accept)
        .get("/events/{id}", may::LIST_EVENTS, event::list::show)
        .post("/events/{id}/{step}", may::DECIDE_EVENT, event::list::decide)
        .get("/households/{id}/events/{kind}", may::STATE_EVENT, event::form::form)
        .post("/households/{id}/events/{kind}", may::STATE_EVENT, event::form::save)
        .get("/coverage", may::VIEW_COVERAGE, figure::coverage::list)
        .get("/coverage/{id}", may::VIEW_COVERAGE, figure::coverage::show)
        .post("/coverage/{id}/export", may::VIEW_COVERAGE, figure::coverage::export)
        .get("/cases", may::LIST_CASES, case::page::list)
        .post("/cases/export", may::LIST_CASES, case::page::export)
        .get("/cases/new", may::OPEN_CASE, case::step::form)
        .post("/cases/new", may::OPEN_CASE, case::step::open)
        .get("/cases/{id}", may::VIEW_CASE, case::page::show)
        .post("/cases/{id}/objections", may::OBJECT_CASE, case::step::object)
        .post("/cases/{id}/objections/{objection}", may::OBJECT_CASE, case::step::answer)
        .get("/cases/{id}/notice", may::NOTICE_CASE, case::step::notice)
        .post("/cases/{id}/notice", may::NOTICE_CASE, case::step::publish)
        .post("/cases/{id}/step", may::STEP_CASE, case::page::step)
        .get("/targets", may::VIEW_TARGETS, target::show)
        .get("/tasks", may::LIST_TASKS, target::tasks)
        .post("/tasks/export", may::LIST_TASKS, target::export_tasks)
        .get("/proposal", may::VIEW_TARGETS, target::proposal)
        .get("/funds", may::VIEW_FUNDS, fund::show)
        .get("/funds/thread", may::FOLLOW_MONEY, fund::thread_page)
        .post("/funds/thread/export", may::FOLLOW_MONEY, fund::thread_page)
        .get("/assessment", may::VIEW_ASSESSMENT, score::sheet::show)
        .get("/assessment/{object}", may::VIEW_ASSESSMENT, score::sheet::object)
        .post("/assessment/freeze", may::DECIDE_ASSESSMENT, score::appraisal::freeze)
        .post("/assessment/confirm", may::CONFIRM_ASSESSMENT, score::appraisal::confirm)
        .post("/assessment/publish", may::DECIDE_ASSESSMENT, score::appraisal::publish)
        .post("/assessment/{object}/appeals", may::APPEAL_ASSESSMENT, score::appraisal::appeal)
        .post("/assessment/appeals/{appeal}", may::DECIDE_ASSESSMENT, score::appraisal::decide)
        .post("/reading/reason", may::EXPLAIN_READING, log::explain)
        .get("/exports", may::AGREE_EXPORT, log::exports)
        .post("/exports/{id}", may::AGREE_EXPORT, log::agree)
        .get("/log", may::VIEW_LOG, log::show)
        .get("/log/reads", may::VIEW_LOG, log::reads)
        .finish()
}
