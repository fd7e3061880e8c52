//! A request, read into plain values before any handler runs.

use axum::http::{HeaderMap, Method, Uri, header, request::Parts};
use qb_base::Lang;

use crate::caller::Caller;
use crate::{session, sign_in};

/// Name of the cookie that remembers the language.
pub(crate) const LANGUAGE_COOKIE: &str = "qb_lang";

/// One request as handlers see it.
pub(crate) struct Incoming {
    /// The method.
    pub(crate) method: Method,
    /// The path.
    pub(crate) path: String,
    /// The parameters after `?`, decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    /// The values of the path's placeholders.
    pub(crate) params: Vec<(String, String)>,
    /// The fields of a form.
    pub(crate) form: Vec<(String, String)>,
    /// Files of an upload, already on disk.
    pub(crate) upload: Option<crate::upload::Batch>,
    /// The session token of the cookie.
    pub(crate) token: Option<String>,
    /// The token by which the browser is known again when somebody signs in.
    pub(crate) device: Option<String>,
    /// The language of the answer.
    pub(crate) lang: Lang,
    /// Whether this request chose the language, so that the answer must remember it.
    pub(crate) lang_chosen: bool,
    /// Whether only a part of the page is wanted.
    pub(crate) is_fragment: bool,
    /// Whether the browser takes gzip.
    pub(crate) takes_gzip: bool,
    /// The tag of the copy the browser holds.
    pub(crate) known_tag: Option<String>,
    /// Whether the browser says the request comes from another site.
    pub(crate) is_foreign: bool,
    /// Who the request comes from.
    pub(crate) caller: Caller,
    /// Whether address and parameters could be read.
    pub(crate) is_readable: bool,
}

impl Incoming {
    /// Reads the head of a request.
    ///
    /// What cannot be read is left out and noted; no handler runs for it.
    pub(crate) fn read(parts: &Parts, params: Vec<(String, String)>, caller: Caller) -> Self {
        let (query, is_readable) = match pairs(&parts.uri) {
            Some(query) => (query, params.iter().all(is_text)),
            None => (Vec::new(), false),
        };
        let cookie = |name| cookie(&parts.headers, name);
        let chosen =
            query.iter().find(|(name, _)| name == "lang").and_then(|(_, code)| Lang::parse(code));
        let remembered = cookie(LANGUAGE_COOKIE).and_then(Lang::parse);
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            params,
            form: Vec::new(),
            upload: None,
            token: cookie(session::cookie_name(caller.is_secure)).map(str::to_owned),
            device: cookie(sign_in::DEVICE_COOKIE).map(str::to_owned),
            lang: chosen.or(remembered).unwrap_or(Lang::Zh),
            lang_chosen: chosen.is_some() && chosen != remembered,
            is_fragment: parts.headers.contains_key("hx-request")
                && !parts.headers.contains_key("hx-boosted"),
            takes_gzip: text(&parts.headers, header::ACCEPT_ENCODING)
                .is_some_and(|value| value.contains("gzip")),
            known_tag: text(&parts.headers, header::IF_NONE_MATCH)
                .map(|value| value.trim_matches('"').to_owned()),
            is_foreign: is_foreign(&parts.headers),
            caller,
            is_readable,
            query,
        }
    }
}

fn pairs(uri: &Uri) -> Option<Vec<(String, String)>> {
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?.0;
    query.iter().all(is_text).then_some(query)
}

/// Whether a value is text: no store takes the character zero.
pub(crate) fn is_text((name, value): &(String, String)) -> bool {
    !name.contains('\0') && !value.contains('\0')
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// One cookie's value.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(header::COOKIE).iter().find_map(|line| {
        line.to_str().ok()?.split(';').find_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name).then_some(value)
        })
    })
}

/// Whether a browser declares that another site caused the request.
fn is_foreign(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        return !matches!(site, "same-origin" | "none");
    }
    match (text(headers, header::ORIGIN), text(headers, header::HOST)) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_none_or(|(_, origin_host)| origin_host != host)
        }
        (Some(_), None) => true,
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn read(uri: &str, headers: &[(&'static str, &str)]) -> Incoming {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let caller = crate::caller::Proxies::default().caller(None, &parts.headers);
        Incoming::read(&parts, Vec::new(), caller)
    }

    #[test]
    fn the_address_chooses_the_language_before_the_cookie_does() {
        let cookie = ("cookie", "a=b; qb_lang=en");
        assert_eq!(read("/", &[]).lang, Lang::Zh);
        assert_eq!(read("/", &[cookie]).lang, Lang::En);
        let chosen = read("/?lang=zh", &[cookie]);
        assert!(chosen.lang == Lang::Zh && chosen.lang_chosen);
    }

    #[test]
    fn a_request_from_another_site_is_told_apart() {
        assert!(!read("/", &[("host", "a:1"), ("origin", "http://a:1")]).is_foreign);
        assert!(read("/", &[("host", "a:1"), ("origin", "http://b:1")]).is_foreign);
        assert!(read("/", &[("host", "a:1"), ("origin", "null")]).is_foreign);
        assert!(read("/", &[("sec-fetch-site", "cross-site")]).is_foreign);
        assert!(!read("/", &[("sec-fetch-site", "same-origin")]).is_foreign);
    }

    #[test]
    fn query_values_are_decoded() {
        let incoming = read("/households?q=%E7%BB%83%E9%A9%AC&area=3203", &[]);
        assert_eq!(incoming.query[0], ("q".to_owned(), "练马".to_owned()));
    }

    #[test]
    fn an_address_with_a_zero_in_it_is_noted_and_nothing_of_it_is_used() {
        for uri in ["/?q=a%00b", "/?%00=a"] {
            let incoming = read(uri, &[]);
            assert!(!incoming.is_readable && incoming.query.is_empty(), "{uri}");
        }
        assert!(read("/?q=%25&a", &[]).is_readable);
    }
}
