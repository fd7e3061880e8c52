//! The frame of every page: head, navigation, area path, and the error page.

use askama::Template;
use qb_access::Role;
use qb_access::permission::{Audience, FIND_AREA, VIEW_MINE};
use qb_base::text::shown;
use qb_base::{AreaCode, Lang};

use crate::fault::Fault;
use crate::incoming::Incoming;
use crate::reply::Reply;
use crate::session::Viewer;
use crate::state::AppState;
use crate::texts::{Texts, put};
use crate::url;
use crate::visit::Visit;

/// The part of the chain a page belongs to, which the navigation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    None,
    Mine,
    Overview,
    Todo,
    Register,
    Responsibility,
    Targeting,
    Measures,
    Funds,
    Villages,
    Services,
    Assessment,
    Reports,
    Data,
    Log,
}

/// One link of the navigation or the area path.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) is_here: bool,
}

/// Who is signed in, as the frame shows it.
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) csrf: String,
}

/// What the frame of a page needs.
pub(crate) struct Page {
    pub(crate) t: &'static Texts,
    pub(crate) lang: Lang,
    pub(crate) title: String,
    pub(crate) home: &'static str,
    pub(crate) who: Option<Who>,
    pub(crate) nav: Vec<Link>,
    pub(crate) crumbs: Vec<Link>,
    pub(crate) other_language: String,
    /// The office's day; blank where even that cannot be read.
    pub(crate) today: String,
    /// Whether a demonstration stands at that day.
    pub(crate) is_fixed_day: bool,
    /// The day that the figures stand on; blank before the first run.
    pub(crate) as_of: String,
    /// The day and the knowledge that the address asks for; blank where it asks for what stands.
    pub(crate) asked: [String; 2],
    pub(crate) css: [String; 2],
    pub(crate) js: [String; 2],
    pub(crate) icon: String,
    pub(crate) echarts: String,
    pub(crate) finds_areas: bool,
    pub(crate) area_query: String,
}

impl Page {
    /// The frame of a page with a title.
    pub(crate) fn new(visit: &Visit<'_>, section: Section, title: impl Into<String>) -> Self {
        frame(visit.app, visit.incoming, visit.reader(), section, title.into())
    }

    /// The same frame with the path of an area, from the reader's own area down.
    pub(crate) fn for_area(mut self, visit: &Visit<'_>, area: AreaCode) -> Result<Self, Fault> {
        let index = visit.app.areas()?;
        let scope = visit.scope()?;
        self.crumbs = area
            .path()
            .into_iter()
            .filter(|step| scope.covers(*step) && index.contains(*step))
            .map(|step| Link {
                href: format!("/areas/{step}"),
                label: index.name(step),
                is_here: step == area,
            })
            .collect();
        Ok(self)
    }

    /// `zh-CN` or `en`, for the root element.
    pub(crate) fn lang_tag(&self) -> &'static str {
        match self.lang {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }
}

fn frame(
    app: &AppState,
    incoming: &Incoming,
    viewer: Option<&Viewer>,
    section: Section,
    title: String,
) -> Page {
    let t = Texts::of(incoming.lang);
    let asset = |name| app.assets.address(name).to_owned();
    // A page about a store that cannot be read has to appear all the same.
    let (day, as_of) = (app.office_day().ok(), app.data_as_of().ok().flatten());
    Page {
        t,
        lang: incoming.lang,
        title,
        home: viewer.map_or("/", |viewer| home(viewer.role)),
        who: viewer.map(|viewer| Who {
            name: viewer.display_name.clone(),
            role: viewer.role.label().get(incoming.lang).to_owned(),
            csrf: viewer.csrf.clone(),
        }),
        nav: viewer.into_iter().flat_map(|viewer| navigation(t, viewer, section)).collect(),
        crumbs: Vec::new(),
        other_language: other_language(incoming),
        today: shown(day, |day| put(t.today, &[("date", &day.day.to_string())])),
        is_fixed_day: day.is_some_and(|day| day.is_fixed),
        asked: [String::new(), String::new()],
        as_of: shown(as_of, |day| put(t.data_as_of, &[("date", &day.to_string())])),
        css: [asset("tabler.css"), asset("qibang.css")],
        js: [asset("htmx.js"), asset("qibang.js")],
        icon: asset("icon.svg"),
        echarts: asset("echarts.js"),
        finds_areas: viewer.is_some_and(may_find),
        area_query: String::new(),
    }
}

fn may_find(viewer: &Viewer) -> bool {
    let decision = qb_access::decide(&FIND_AREA, Some(&viewer.scope), Some(viewer.area));
    decision == qb_access::Decision::Allow
}

/// The page a role begins its day with.
pub(crate) fn home(role: Role) -> &'static str {
    match VIEW_MINE.audience {
        Audience::Roles(roles) if roles.contains(&role) => "/mine",
        _ => "/",
    }
}

/// The links of the chain that the reader's role may open.
fn navigation(t: &'static Texts, viewer: &Viewer, here: Section) -> Vec<Link> {
    use qb_access::permission as may;
    let own = viewer.area;
    let room = |name: &str| format!("/rooms/{name}");
    let all = [
        (Section::Mine, "/mine".to_owned(), t.mine_title, VIEW_MINE),
        (Section::Overview, "/".to_owned(), t.nav_overview, may::VIEW_OVERVIEW),
        (Section::Todo, "/cases".to_owned(), t.nav_todo, may::LIST_CASES),
        (Section::Register, "/households".to_owned(), t.nav_households, may::LIST_HOUSEHOLDS),
        (Section::Targeting, format!("/areas/{own}"), t.nav_area, may::VIEW_AREA),
        (Section::Responsibility, "/targets".to_owned(), t.room_responsibility, may::VIEW_TARGETS),
        (Section::Measures, room("measures"), t.room_measures, may::VIEW_ROOM),
        (Section::Funds, "/funds".to_owned(), t.room_funds, may::VIEW_FUNDS),
        (Section::Villages, room("villages"), t.nav_villages, may::VIEW_ROOM),
        (Section::Services, room("services"), t.room_services, may::VIEW_ROOM),
        (Section::Assessment, room("assessment"), t.room_assessment, may::VIEW_ROOM),
        (Section::Reports, "/report".to_owned(), t.nav_report, may::VIEW_REPORT),
        (Section::Data, "/imports".to_owned(), t.nav_data, may::LIST_IMPORTS),
        (Section::Log, "/exports".to_owned(), t.exports_title, may::AGREE_EXPORT),
        (Section::Log, "/log".to_owned(), t.log_title, may::VIEW_LOG),
    ];
    all.into_iter()
        .filter(|(_, _, _, permission)| {
            let decision = qb_access::decide(permission, Some(&viewer.scope), Some(own));
            decision == qb_access::Decision::Allow
        })
        .map(|(section, href, label, _)| Link {
            href,
            label: label.to_owned(),
            is_here: section == here,
        })
        .collect()
}

/// The same page in the other language.
fn other_language(incoming: &Incoming) -> String {
    let other = match incoming.lang {
        Lang::Zh => "en",
        Lang::En => "zh",
    };
    let mut parameters: Vec<(&str, &str)> = incoming
        .query
        .iter()
        .filter(|(name, _)| name != "lang")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    parameters.push(("lang", other));
    url::with_query(&incoming.path, &parameters)
}

/// The address of the page itself.
fn here(incoming: &Incoming) -> String {
    let query = incoming.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    url::with_query(&incoming.path, &query.collect::<Vec<_>>())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorTemplate<'a> {
    page: &'a Page,
    number: &'a str,
    what: &'a str,
    next: &'a str,
    /// Where to go on once the reader has said why it reads more; blank where nothing is asked.
    back: String,
}

/// The page for something that went wrong: what, and what next. Of a fault of ours it shows the
/// number under which the log tells of it.
pub(crate) fn error_page(
    app: &AppState,
    incoming: &Incoming,
    viewer: Option<&Viewer>,
    fault: &Fault,
    occurrence: Option<&str>,
) -> Reply {
    let status = fault.status().to_string();
    let (what, next) = (fault.what(), fault.next());
    let page = frame(app, incoming, viewer, Section::None, what.get(incoming.lang).to_owned());
    let template = ErrorTemplate {
        page: &page,
        number: occurrence.unwrap_or(&status),
        what: what.get(incoming.lang),
        next: next.get(incoming.lang),
        back: match fault {
            Fault::Over { .. } if incoming.method == axum::http::Method::GET => here(incoming),
            Fault::Over { .. } => "/".to_owned(),
            _ => String::new(),
        },
    };
    let html = template.render().unwrap_or_else(|_| what.get(incoming.lang).to_owned());
    Reply::status(fault.status(), html)
}

/// Renders a template; a template that fails is a fault of ours.
pub(crate) fn render(template: &impl Template) -> Result<Reply, Fault> {
    render_status(200, template)
}

/// Renders a page with another status.
pub(crate) fn render_status(status: u16, template: &impl Template) -> Result<Reply, Fault> {
    let html = template.render().map_err(|error| Fault::Link(error.to_string()))?;
    Ok(Reply::status(status, html))
}
