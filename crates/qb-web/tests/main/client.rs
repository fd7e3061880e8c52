//! Requests to the router without a port.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use tower::ServiceExt;

use crate::world::Session;

/// The address of a list that shows what a search word finds, as posting the word gives it.
pub(crate) fn sought(router: &Router, list: &str, session: &Session, word: &str) -> String {
    let posted = post(router, &format!("{list}/search"), Some(session), &[("q", word)]);
    assert_eq!(posted.status, 303, "{}", posted.body);
    posted.location
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
    /// The body as it came, for files.
    pub(crate) bytes: Vec<u8>,
}

/// Fetches a page.
pub(crate) fn get(router: &Router, address: &str, session: Option<&Session>) -> Answer {
    get_with(router, address, session, &[])
}

/// Fetches a page with further headers.
pub(crate) fn get_with(
    router: &Router,
    address: &str,
    session: Option<&Session>,
    headers: &[(&'static str, &str)],
) -> Answer {
    let mut request = Request::get(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router, cookie(request, session).body(Body::empty()).unwrap())
}

/// Sends a form, with the session's token unless the fields bring one.
pub(crate) fn post(
    router: &Router,
    address: &str,
    session: Option<&Session>,
    fields: &[(&str, &str)],
) -> Answer {
    let mut all: Vec<(&str, &str)> = fields.to_vec();
    if let Some(session) = session
        && !fields.iter().any(|(name, _)| *name == "csrf")
    {
        all.push(("csrf", &session.csrf));
    }
    let body: Vec<String> = all.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect();
    let request =
        Request::post(address).header("content-type", "application/x-www-form-urlencoded");
    send(router, cookie(request, session).body(Body::from(body.join("&"))).unwrap())
}

/// Sends one file as a browser's upload form does.
pub(crate) fn upload(
    router: &Router,
    address: &str,
    session: Option<&Session>,
    file_name: &str,
    bytes: &[u8],
) -> Answer {
    let boundary = "qibang-test-boundary";
    let mut body = Vec::new();
    if let Some(session) = session {
        let head = "Content-Disposition: form-data; name=\"csrf\"";
        body.extend(format!("--{boundary}\r\n{head}\r\n\r\n{}\r\n", session.csrf).bytes());
    }
    let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{file_name}\"");
    body.extend(format!("--{boundary}\r\n{head}\r\n\r\n").bytes());
    body.extend(bytes);
    body.extend(format!("\r\n--{boundary}--\r\n").bytes());
    let kind = format!("multipart/form-data; boundary={boundary}");
    let request = Request::post(address).header("content-type", kind);
    send(router, cookie(request, session).body(Body::from(body)).unwrap())
}

fn cookie(
    request: axum::http::request::Builder,
    session: Option<&Session>,
) -> axum::http::request::Builder {
    match session {
        Some(session) => request.header("cookie", &session.cookie),
        None => request,
    }
}

fn send(router: &Router, request: Request<Body>) -> Answer {
    runtime().block_on(async {
        let response = router.clone().oneshot(request).await.unwrap();
        read(response).await
    })
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: std::sync::OnceLock<tokio::runtime::Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap())
}

async fn read(response: Response<Body>) -> Answer {
    let headers = response.headers().clone();
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 64 << 20).await.unwrap();
    Answer {
        status,
        location: headers.get("location").map(text).unwrap_or_default(),
        cookies: headers.get_all("set-cookie").iter().map(text).collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes: bytes.to_vec(),
        headers,
    }
}

fn encode(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
