//! Signing in and out, and one's own account.

use askama::Template;
use qb_access::Reveal;
use qb_access::permission::{Audience, TABLE};

use crate::fault::Fault;
use crate::page::{Page, Section, home, render};
use crate::reply::Reply;
use crate::session;
use crate::sign_in::{self, Outcome, Source};
use crate::texts::put;
use crate::url;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginTemplate<'a> {
    page: &'a Page,
    message: &'a str,
    login: &'a str,
    next: &'a str,
}

/// The form that asks who it is.
pub(crate) fn sign_in_page(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let next = local_or_home(visit.query("next"));
    if visit.reader().is_some() {
        return Ok(Reply::redirect(next));
    }
    let page = Page::new(visit, Section::None, visit.texts().login_title);
    render(&LoginTemplate { page: &page, message: "", login: "", next })
}

/// Opens a session, or shows the form again with the name kept.
pub(crate) fn sign_in(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (login, password) = (visit.form("login").trim(), visit.form("password"));
    let next = local_or_home(visit.form("next"));
    let t = visit.texts();
    let (caller, device) = (visit.incoming.caller, visit.incoming.device.as_deref());
    let source = Source { caller, device };
    let (outcome, cost) = sign_in::check(&visit.app.store, login, password, &source)?;
    let message = match outcome {
        Outcome::Welcome(welcome) => {
            let home = welcome.role.map_or("/", home);
            let next = if next == "/" { home } else { next };
            let [session, known] = session::open(visit.app, &welcome, device, caller)?;
            let reply = Reply::redirect(next).with_cookie(session).with_cookie(known);
            return Ok(reply.later(cost));
        }
        Outcome::Wrong => t.login_wrong.to_owned(),
        Outcome::Wait { seconds } => put(t.login_wait, &[("seconds", &seconds.to_string())]),
    };
    let page = Page::new(visit, Section::None, t.login_title);
    let template = LoginTemplate { page: &page, message: &message, login, next };
    let html = template.render().map_err(|error| Fault::Link(error.to_string()))?;
    Ok(Reply::status(403, html).later(cost))
}

/// Ends the session.
pub(crate) fn sign_out(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let token = visit.incoming.token.as_deref().ok_or(Fault::Refused)?;
    let is_secure = visit.incoming.caller.is_secure;
    let cookie = session::close(visit.app, visit.viewer()?, token, is_secure)?;
    Ok(Reply::redirect("/login").with_cookie(cookie))
}

#[derive(Template)]
#[template(path = "me.html")]
struct MeTemplate<'a> {
    page: &'a Page,
    login: &'a str,
    role: &'a str,
    area: String,
    area_code: String,
    since: String,
    names: &'static str,
    actions: Vec<&'static str>,
}

/// Who I am here, and what my role may do.
pub(crate) fn me(visit: &Visit<'_>) -> Result<Reply, Fault> {
    let (viewer, t) = (visit.viewer()?, visit.texts());
    let page = Page::new(visit, Section::None, t.me_title);
    let may = |audience: Audience| match audience {
        Audience::Anyone => true,
        Audience::Roles(roles) => roles.contains(&viewer.role),
    };
    render(&MeTemplate {
        page: &page,
        login: &viewer.login,
        role: viewer.role.label().get(visit.lang()),
        area: visit.app.areas()?.path_text(viewer.area),
        area_code: viewer.area.to_string(),
        since: viewer.signed_in_at.to_minute_in_china(),
        names: match viewer.scope.reveal() {
            Reveal::Full => t.me_names_full,
            Reveal::Masked => t.me_names_masked,
            Reveal::None => t.me_names_none,
        },
        actions: TABLE.iter().filter(|row| may(row.audience)).map(|row| row.action).collect(),
    })
}

fn local_or_home(next: &str) -> &str {
    if url::is_local(next) { next } else { "/" }
}
