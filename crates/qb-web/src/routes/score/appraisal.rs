//! What people do with a year's scores: freeze them, appeal, answer appeals, confirm, publish.

use qb_access::permission::{APPEAL_ASSESSMENT, CONFIRM_ASSESSMENT, DECIDE_ASSESSMENT};
use qb_access::{Decision, decide as decision};
use qb_assess::commands::{self, Appeal, Asked, Decision as Answer};
use qb_assess::model::{ObjectScore, Scheme};
use qb_assess::queries::{self, AppealRow, ScoreRun};
use qb_assess::{AssessError, model::Item};
use qb_base::{AreaCode, Text, Timestamp};
use qb_policy::{Decimal, Ratio};

use crate::fault::Fault;
use crate::reply::Reply;
use crate::routes::case::step as casework;
use crate::routes::fund::place;
use crate::routes::score::sheet::scheme;
use crate::sheet::{Cell, Field, Form, Table};
use crate::texts::put;
use crate::visit::Visit;

/// The page of the scores.
const SCORES: &str = "/assessment";

/// What the reader may do with the scores as a whole: freeze them, or take them one step on.
pub(crate) fn steps(visit: &Visit<'_>, frozen: Option<&ScoreRun>) -> Vec<Form> {
    let t = visit.texts();
    let form = |title: &str, lead: &str, step: &str, submit| Form {
        title: title.to_owned(),
        lead: lead.to_owned(),
        action: format!("{SCORES}/{step}"),
        submit,
        ..Form::default()
    };
    let freeze = form(t.assess_freeze, t.assess_freeze_lead, "freeze", t.assess_freeze);
    let confirm = form(t.assess_confirm, t.assess_confirm_lead, "confirm", t.assess_confirm);
    let publish = form(t.assess_publish, t.assess_publish_lead, "publish", t.assess_publish);
    let possible = match frozen.map(|run| run.state.as_str()) {
        None => vec![(&DECIDE_ASSESSMENT, freeze)],
        Some("frozen") => vec![(&CONFIRM_ASSESSMENT, confirm), (&DECIDE_ASSESSMENT, freeze)],
        Some("confirmed") => vec![(&DECIDE_ASSESSMENT, publish)],
        Some(_) => Vec::new(),
    };
    let mine = possible.into_iter().filter(|(permission, _)| visit.may(permission));
    mine.map(|(_, form)| form).collect()
}

/// The form by which a county appeals against a value of its own score, before it is confirmed.
pub(crate) fn appeal_form(
    visit: &Visit<'_>,
    scheme: &Scheme,
    run: Option<&ScoreRun>,
    score: &ObjectScore,
) -> Vec<Form> {
    let (t, lang) = (visit.texts(), visit.lang());
    let own = AreaCode::parse(&score.object).ok();
    let scope = visit.reader().map(|reader| &reader.scope);
    let may = decision(&APPEAL_ASSESSMENT, scope, own) == Decision::Allow;
    if !may || run.is_none_or(|run| run.state != "frozen") {
        return Vec::new();
    }
    let item = |id: &str, item: Option<&Item>| {
        (id.to_owned(), item.map_or(id, |item| item.says.get(lang)).to_owned())
    };
    let items = score.by_cost();
    vec![Form {
        title: t.assess_appeal.to_owned(),
        lead: t.assess_appeal_lead.to_owned(),
        action: format!("{SCORES}/{}/appeals", score.object),
        fields: vec![
            Field {
                name: "item",
                label: t.assess_item.to_owned(),
                options: items.iter().map(|one| item(&one.id, scheme.item(&one.id))).collect(),
                ..Field::default()
            },
            Field::words("reason", t.assess_appeal_reason),
        ],
        submit: t.assess_appeal_do,
    }]
}

/// The appeals within the reader's area.
pub(crate) fn appeals(
    visit: &Visit<'_>,
    scheme: &Scheme,
    run: &ScoreRun,
) -> Result<(Table, Vec<Form>), Fault> {
    let (app, t, lang) = (visit.app, visit.texts(), visit.lang());
    let scope = visit.scope()?;
    let found = app.store.read(|conn| queries::appeals(conn, scope, run.id))?;
    let index = app.areas()?;
    let heads = [
        t.area_name,
        t.assess_item,
        t.assess_appeal_reason,
        t.assess_appeal_on,
        t.assess_appeal_state,
        t.assess_appeal_answer,
    ];
    let mut table = Table::new("appeals", t.assess_appeals, &heads, t.assess_appeals_none);
    let says = |one: &AppealRow| {
        let item = scheme.item(&one.item);
        item.map_or(one.item.as_str(), |item| item.says.get(lang)).to_owned()
    };
    table.lines = found
        .iter()
        .map(|one| {
            let (state, class) = match one.state.as_str() {
                "accepted" => (t.assess_appeal_accepted, "is-good"),
                "rejected" => (t.assess_appeal_rejected, ""),
                _ => (t.assess_appeal_open, "is-open"),
            };
            let corrected = one.raw_corrected.as_ref().map(ToString::to_string);
            let answered = corrected.into_iter().chain(one.answer.clone()).collect::<Vec<_>>();
            vec![
                place(&index, &one.object),
                Cell::text(says(one)),
                Cell::text(&one.reason),
                Cell::text(Timestamp(one.opened_at).to_minute_in_china()),
                Cell::tag(state, class),
                Cell::text(answered.join(" · ")),
            ]
        })
        .collect();
    let may = visit.may(&DECIDE_ASSESSMENT) && run.state == "frozen";
    let open = found.iter().filter(|one| may && one.state == "open");
    let answers = open.map(|one| {
        let area = AreaCode::parse(&one.object);
        let name = area.map_or_else(|_| one.object.clone(), |area| index.name(area));
        let words = [("area", name.as_str()), ("item", &says(one))];
        Form {
            title: put(t.assess_answer, &words),
            lead: one.reason.clone(),
            action: format!("{SCORES}/appeals/{}", one.id),
            fields: vec![
                Field {
                    name: "value",
                    label: t.assess_answer_value.to_owned(),
                    is_number: true,
                    ..Field::default()
                },
                Field::words("answer", t.assess_appeal_answer),
            ],
            submit: t.assess_answer_do,
        }
    });
    Ok((table, answers.collect()))
}

/// Freezes the scores of the pack's year.
pub(crate) fn freeze(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, scheme, actor) = (visit.app, scheme(visit)?, casework::actor(visit)?);
    let asked = Asked { actor: &actor, pack: &app.pack };
    app.newest.freeze_scores(&app.store, &asked, &scheme.id)?;
    Ok(Reply::redirect(SCORES))
}

/// Confirms the frozen scores once every appeal is answered.
pub(crate) fn confirm(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (run, actor) = (frozen(visit)?, casework::actor(visit)?);
    let asked = Asked { actor: &actor, pack: &visit.app.pack };
    commands::confirm(&visit.app.store, &asked, run.id).map_err(failed)?;
    Ok(Reply::redirect(SCORES))
}

/// Publishes the confirmed scores.
pub(crate) fn publish(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (run, actor) = (frozen(visit)?, casework::actor(visit)?);
    let asked = Asked { actor: &actor, pack: &visit.app.pack };
    commands::publish(&visit.app.store, &asked, run.id).map_err(failed)?;
    Ok(Reply::redirect(SCORES))
}

/// Appeals against a value of the reader's own county.
pub(crate) fn appeal(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let object = AreaCode::parse(visit.param("object")).map_err(|_| Fault::NotFound)?;
    visit.reach(object)?;
    nameless(visit.form("reason"))?;
    let (run, actor) = (frozen(visit)?, visit.viewer()?.actor());
    let appeal = Appeal {
        run: run.id,
        object: object.as_str(),
        item: visit.form("item"),
        reason: visit.form("reason"),
    };
    commands::appeal(&visit.app.store, &actor, &appeal).map_err(failed)?;
    Ok(Reply::redirect(format!("{SCORES}/{object}")))
}

/// Answers an appeal: with another value it is accepted, without one the value stands.
pub(crate) fn decide(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (app, actor) = (visit.app, casework::actor(visit)?);
    let (appeal, answer) = (visit.param_id("appeal")?, visit.form("answer").trim());
    let scope = visit.scope()?;
    let known = app.store.read(|conn| queries::appeal(conn, appeal))?;
    if !AreaCode::parse(&known.object).is_ok_and(|area| scope.covers(area)) {
        return Err(Fault::NotFound);
    }
    if answer.is_empty() {
        return Err(Fault::Unusable(Text::fixed(
            "请写明答复",
            "say what the answer to the appeal is",
        )));
    }
    nameless(answer)?;
    let value = match visit.form("value").trim() {
        "" => Answer::Rejected,
        typed => Answer::Accepted(Decimal::parse(typed).and_then(Ratio::of).ok_or_else(|| {
            Fault::Unusable(Text::fixed(
                "更正值须是数字,如 87.5;维持原值时留空",
                "the corrected value is a number such as 87.5; leave it blank where the value stands",
            ))
        })?),
    };
    let asked = Asked { actor: &actor, pack: &app.pack };
    commands::decide(&app.store, &asked, appeal, value, answer).map_err(failed)?;
    Ok(Reply::redirect(SCORES))
}

/// Words that everybody who sees scores reads: refused where they hold somebody's number.
fn nameless(words: &str) -> Result<(), Fault> {
    match qb_base::personal::find(words) {
        None => Ok(()),
        Some(_) => Err(Fault::Unusable(Text::fixed(
            "理由和答复不能写证件号码、电话或银行卡号,请删去后重新提交",
            "reasons and answers hold no identity number, phone or bank card; take it out and send it again",
        ))),
    }
}

/// The newest score of the pack's year.
fn frozen(visit: &Visit<'_>) -> Result<ScoreRun, Fault> {
    let scheme = scheme(visit)?;
    let found = visit.app.store.read(|conn| queries::newest(conn, &scheme.id, scheme.year))?;
    found.ok_or(Fault::NotFound)
}

fn failed(error: AssessError) -> Fault {
    match error {
        AssessError::Store(error) => Fault::from(error),
        AssessError::Engine(error) => Fault::Link(error.to_string()),
        other => Fault::Unusable(other.text()),
    }
}
