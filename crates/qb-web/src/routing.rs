//! Routes: each is added with a permission, or it does not compile.
//!
//! A request takes one hop to a blocking thread, where the session is read, the table of
//! permissions is asked, and the handler runs. A short page is made on the thread that received the
//! request instead, because the hop would cost as much as the page. Handlers are plain functions;
//! what they return becomes HTTP at the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{Method, Response};
use axum::routing::{MethodFilter, on};
use qb_access::{Decision, Permission, decide};
use tokio::sync::OwnedSemaphorePermit;

use crate::fault::{self, Fault};
use crate::find::FIND;
use crate::incoming::{self, Incoming};
use crate::page::error_page;
use crate::reply::Reply;
use crate::server::Peer;
use crate::session::{self, Viewer};
use crate::state::AppState;
use crate::upload::{self, Batch, Sender};
use crate::visit::{Visit, value};
use crate::{gate, headers, url};

/// Bytes of the largest form that is not an upload, and of one that comes without a session.
const FORM_BYTES_MAX: usize = 64 * 1024;
const STRANGERS_FORM_BYTES_MAX: usize = 8 * 1024;
/// Time for a form where no connection says it: requests that tests make come over none.
const FORM_TIME: Duration = Duration::from_secs(30);
/// How long a sign-in waits for its turn.
const TURN_TIME: Duration = Duration::from_secs(5);
/// Seconds the language is remembered: a year.
const LANGUAGE_SECONDS: i64 = 365 * 24 * 60 * 60;
/// Parameters that make a list look through many rows for those it shows.
const SEARCHING: &[&str] = &[FIND, "clause", "verdict"];
/// Name of the form field that carries the session's token.
pub(crate) const CSRF_FIELD: &str = "csrf";

/// What answers a route.
pub(crate) type Handler = fn(&Visit<'_>) -> Result<Reply, Fault>;

/// One route as the authorisation test enumerates it.
#[derive(Clone, Debug)]
pub struct RouteSpec {
    /// The method.
    pub method: Method,
    /// The path with its placeholders.
    pub path: &'static str,
    /// Who may, how far, and how much they read.
    pub permission: Permission,
}

#[derive(Clone, Copy, PartialEq)]
enum Takes {
    None,
    Form,
    /// A form with a password: such have a small share of their own, so that however many come,
    /// pages are answered.
    Password,
    Upload,
}

#[derive(Clone, Copy)]
struct Route {
    permission: Permission,
    handler: Handler,
    takes: Takes,
    is_short: bool,
}

impl Route {
    const fn new(permission: Permission, handler: Handler, takes: Takes) -> Self {
        Self { permission, handler, takes, is_short: false }
    }

    /// Whether the work of a request is bounded by the rows it shows, and nothing makes it wait.
    fn is_short_for(&self, app: &AppState, incoming: &Incoming) -> bool {
        let searches = |(name, value): &(String, String)| {
            !value.is_empty() && SEARCHING.contains(&name.as_str())
        };
        self.is_short && !incoming.query.iter().any(searches) && app.is_ready()
    }
}

/// Collects routes; there is no way to add one without a permission.
pub(crate) struct Routes {
    app: Arc<AppState>,
    router: Router,
    specs: Vec<RouteSpec>,
}

impl Routes {
    pub(crate) fn new(app: Arc<AppState>) -> Self {
        Self { app, router: Router::new(), specs: Vec::new() }
    }

    /// Adds a page.
    pub(crate) fn get(self, path: &'static str, permission: Permission, handler: Handler) -> Self {
        self.add(Method::GET, path, Route::new(permission, handler, Takes::None))
    }

    /// Adds a page that reads no more rows than it shows.
    pub(crate) fn short(
        self,
        path: &'static str,
        permission: Permission,
        handler: Handler,
    ) -> Self {
        let route = Route { is_short: true, ..Route::new(permission, handler, Takes::None) };
        self.add(Method::GET, path, route)
    }

    /// Adds a form's target.
    pub(crate) fn post(self, path: &'static str, permission: Permission, handler: Handler) -> Self {
        self.add(Method::POST, path, Route::new(permission, handler, Takes::Form))
    }

    /// Adds the target of a form with a password.
    pub(crate) fn sign_in(
        self,
        path: &'static str,
        permission: Permission,
        handler: Handler,
    ) -> Self {
        self.add(Method::POST, path, Route::new(permission, handler, Takes::Password))
    }

    /// Adds an upload's target; its files are on disk when the handler runs.
    pub(crate) fn upload(
        self,
        path: &'static str,
        permission: Permission,
        handler: Handler,
    ) -> Self {
        self.add(Method::POST, path, Route::new(permission, handler, Takes::Upload))
    }

    fn add(mut self, method: Method, path: &'static str, route: Route) -> Self {
        let filter = if method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
        let app = Arc::clone(&self.app);
        let answer = move |request: Request| respond(Arc::clone(&app), route, request);
        self.router = self.router.route(path, on(filter, answer));
        self.specs.push(RouteSpec { method, path, permission: route.permission });
        self
    }

    /// The router and the list of what it holds.
    pub(crate) fn finish(self) -> (Router, Vec<RouteSpec>) {
        let app = self.app;
        let lost = move |request: Request| not_found(Arc::clone(&app), request);
        (self.router.fallback(lost), self.specs)
    }
}

async fn not_found(app: Arc<AppState>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let incoming = read_head(&app, &parts, Vec::new());
    let reply = error_page(&app, &incoming, None, &Fault::NotFound, None);
    headers::secure(reply.into_response(), incoming.caller.is_secure)
}

fn read_head(app: &AppState, parts: &Parts, params: Vec<(String, String)>) -> Incoming {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.address.ip());
    Incoming::read(parts, params, app.settings.proxies.caller(peer, &parts.headers))
}

async fn respond(app: Arc<AppState>, route: Route, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let params = RawPathParams::from_request_parts(&mut parts, &()).await.map(|params| {
        params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    });
    // A path that is no text names nothing.
    let mut incoming = read_head(&app, &parts, params.unwrap_or_else(|_| Vec::new()));
    let is_secure = incoming.caller.is_secure;
    let peer = parts.extensions.get::<Peer>().cloned();
    let request = Request::from_parts(parts, body);
    let received = match route.takes {
        _ if !incoming.is_readable => Err(Refusal::Fault(Fault::Unreadable)),
        Takes::None => Ok(()),
        Takes::Form | Takes::Password => read_form(&mut incoming, request, peer.as_ref()).await,
        Takes::Upload => read_upload(&app, route, &mut incoming, request, peer.as_ref()).await,
    };
    // Only now does the request count: one that arrives slowly keeps nobody else waiting.
    let Some(permit) = enter(&app, route.takes).await else {
        incoming.upload.iter().for_each(Batch::discard);
        return headers::secure(headers::busy(), is_secure);
    };
    let is_short = route.is_short_for(&app, &incoming);
    let work = move || {
        let reply = match received {
            Ok(()) => answer(&app, &route, &incoming),
            Err(Refusal::Answered(reply)) => reply,
            Err(Refusal::Fault(fault)) => refuse(&app, &route, &incoming, None, &fault),
        };
        drop(permit);
        (reply.delay(), reply.into_response())
    };
    let answered = if is_short {
        // A handler that breaks off costs its reader this one answer, as on a thread of its own.
        catch_unwind(AssertUnwindSafe(work)).ok()
    } else {
        tokio::task::spawn_blocking(work).await.ok()
    };
    let Some((delay, response)) = answered else {
        return headers::secure(headers::broken(route.permission.action), is_secure);
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    headers::secure(response, is_secure)
}

/// A place among the requests of its kind that are worked on, if there is one.
async fn enter(app: &AppState, takes: Takes) -> Option<OwnedSemaphorePermit> {
    let gates = &app.gates;
    match takes {
        Takes::None | Takes::Form => Arc::clone(&gates.pages).try_acquire_owned().ok(),
        Takes::Password => {
            let turn = Arc::clone(&gates.sign_ins).acquire_owned();
            tokio::time::timeout(TURN_TIME, turn).await.ok()?.ok()
        }
        // Its files are here already: their reader waits for them to be looked through.
        Takes::Upload => Arc::clone(&gates.readings).acquire_owned().await.ok(),
    }
}

enum Refusal {
    Fault(Fault),
    Answered(Reply),
}

/// Reads a form, bounded in bytes and time.
async fn read_form(
    incoming: &mut Incoming,
    request: Request,
    peer: Option<&Peer>,
) -> Result<(), Refusal> {
    let max = match incoming.token {
        Some(_) => FORM_BYTES_MAX,
        None => STRANGERS_FORM_BYTES_MAX,
    };
    let (parts, body) = request.into_parts();
    peer.iter().for_each(|peer| peer.line.receive_form());
    let time = peer.map_or(FORM_TIME, |peer| peer.body);
    let bytes = tokio::time::timeout(time, axum::body::to_bytes(body, max)).await;
    peer.iter().for_each(|peer| peer.line.work());
    let bytes = match bytes {
        Ok(bytes) => bytes.map_err(|_| Refusal::Fault(Fault::TooLarge))?,
        Err(_) => return Err(Refusal::Fault(Fault::TooSlow)),
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    let form = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    incoming.form = match form {
        Ok(axum::Form(form)) if form.iter().all(incoming::is_text) => form,
        _ => return Err(Refusal::Fault(Fault::Unreadable)),
    };
    Ok(())
}

/// Asks the permission table before a single byte of an upload is kept.
async fn read_upload(
    app: &Arc<AppState>,
    route: Route,
    incoming: &mut Incoming,
    request: Request,
    peer: Option<&Peer>,
) -> Result<(), Refusal> {
    let (state, token, is_foreign) = (Arc::clone(app), incoming.token.clone(), incoming.is_foreign);
    let known = tokio::task::spawn_blocking(move || session::find(&state, token.as_deref())).await;
    let viewer = known.map_err(|_| Refusal::Fault(Fault::Busy))?.map_err(Refusal::Fault)?;
    let scope = viewer.as_ref().map(|viewer| &viewer.scope);
    match decide(&route.permission, scope, None) {
        Decision::Allow if is_foreign => return Err(Refusal::Fault(Fault::ForeignForm)),
        Decision::Allow => {}
        Decision::SignIn => return Err(Refusal::Answered(sign_in(incoming))),
        Decision::Refuse | Decision::Hide => return Err(Refusal::Fault(Fault::Refused)),
    }
    let sender = viewer.as_ref().map(Sender::of).ok_or(Refusal::Fault(Fault::Refused))?;
    let Ok(_place) = app.gates.uploads.try_acquire() else {
        return Err(Refusal::Fault(Fault::Busy));
    };
    let piece = peer.map_or(FORM_TIME, |peer| peer.body);
    let Batch { fields, files, folder } =
        upload::receive(app, request, sender, piece).await.map_err(Refusal::Fault)?;
    let is_text = fields.iter().all(incoming::is_text);
    incoming.form = fields;
    incoming.upload = Some(Batch { fields: Vec::new(), files, folder });
    if is_text { Ok(()) } else { Err(Refusal::Fault(Fault::Unreadable)) }
}

fn answer(app: &Arc<AppState>, route: &Route, incoming: &Incoming) -> Reply {
    let viewer = match session::find(app, incoming.token.as_deref()) {
        Ok(viewer) => viewer,
        Err(fault) => return refuse(app, route, incoming, None, &fault),
    };
    let scope = viewer.as_ref().map(|viewer| &viewer.scope);
    let outcome = match decide(&route.permission, scope, None) {
        Decision::SignIn => return sign_in(incoming),
        Decision::Refuse | Decision::Hide => Err(Fault::Refused),
        Decision::Allow if !has_token(route, incoming, viewer.as_ref()) => Err(Fault::ForeignForm),
        Decision::Allow => gated(incoming).and_then(|()| {
            let visit = Visit::new(app, incoming, &route.permission, viewer.as_ref());
            (route.handler)(&visit)
        }),
    };
    let reply =
        outcome.unwrap_or_else(|fault| refuse(app, route, incoming, viewer.as_ref(), &fault));
    if incoming.lang_chosen { reply.with_cookie(language_cookie(incoming)) } else { reply }
}

/// Whether a form belongs to the session it is sent in.
///
/// Signing in has no session yet; there the browser's own statement of origin must do.
fn has_token(route: &Route, incoming: &Incoming, viewer: Option<&Viewer>) -> bool {
    if route.takes == Takes::None {
        return true;
    }
    if incoming.is_foreign {
        return false;
    }
    viewer.is_none_or(|viewer| {
        let sent = value(&incoming.form, CSRF_FIELD);
        session::same(sent.as_bytes(), viewer.csrf.as_bytes())
    })
}

/// Whether everything that was typed and sent may enter.
fn gated(incoming: &Incoming) -> Result<(), Fault> {
    gate::check(&incoming.form)?;
    incoming.upload.as_ref().map_or(Ok(()), |batch| gate::check_names(&batch.files))
}

/// Puts a page that was refused to somebody who is signed in into the audit log, behind the page.
///
/// What stands in the address beside numbers is left out: somebody may have typed it.
fn keep(app: &AppState, fault: &Fault, (route, at): (&Route, &Incoming), viewer: Option<&Viewer>) {
    let Some(viewer) = viewer else { return };
    let reason = match fault {
        Fault::Refused | Fault::ForeignForm => "403",
        Fault::NotFound => "404",
        _ => return,
    };
    let ids = at.params.iter().filter(|(_, id)| id.parse::<u32>().is_ok());
    let ids: Vec<String> = ids.map(|(name, id)| format!("{name} {id}")).collect();
    let object = format!("{} {}", route.permission.action, ids.join(" "));
    let kept = app.seen.refused(viewer.actor(), "page.refused", object.trim(), reason);
    if let Err(error) = kept {
        tracing::error!(%error, "a refused page could not be written to the audit log");
    }
}

/// Tells the log and the reader what went wrong, by the same number.
fn refuse(
    app: &AppState,
    route: &Route,
    incoming: &Incoming,
    viewer: Option<&Viewer>,
    fault: &Fault,
) -> Reply {
    // Files of a request that is refused are not kept.
    incoming.upload.iter().for_each(Batch::discard);
    keep(app, fault, (route, incoming), viewer);
    let action = route.permission.action;
    let user = viewer.map(|viewer| viewer.user_id);
    let occurrence = match fault {
        Fault::Store(_) | Fault::Link(_) | Fault::DiskFull => {
            let number = fault::occurrence();
            tracing::error!(
                action, user, error = %fault, occurrence = number,
                "page {action} failed ({number}): {fault}"
            );
            Some(number)
        }
        Fault::Refused | Fault::ForeignForm | Fault::TooMany { .. } => {
            let who = user.map_or_else(|| "nobody".to_owned(), |user| user.to_string());
            tracing::warn!(action, user, "page {action} refused user {who}: {fault}");
            None
        }
        _ => None,
    };
    error_page(app, incoming, viewer, fault, occurrence.as_deref())
}

fn sign_in(incoming: &Incoming) -> Reply {
    if incoming.method == Method::POST {
        return Reply::redirect("/login");
    }
    let query: Vec<(&str, &str)> = incoming
        .query
        .iter()
        .filter(|(name, _)| name != "lang")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let next = url::with_query(&incoming.path, &query);
    let target = if next == "/" { String::new() } else { next };
    let reply = Reply::redirect(url::with_query("/login", &[("next", &target)]));
    if incoming.lang_chosen { reply.with_cookie(language_cookie(incoming)) } else { reply }
}

fn language_cookie(incoming: &Incoming) -> String {
    let chosen = (incoming::LANGUAGE_COOKIE, incoming.lang.code());
    session::cookie(chosen, LANGUAGE_SECONDS, incoming.caller.is_secure)
}
