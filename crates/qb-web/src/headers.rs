//! Headers every answer carries, and the two answers that need no page.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

/// Nothing but our own scripts, styles and pictures; no frames, no inline code.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

const FIXED: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];

/// Tells a browser that came through TLS to come no other way for a year.
const TRANSPORT: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Adds the security headers; `is_tls` says whether the reader came through TLS.
pub(crate) fn secure(mut response: Response<Body>, is_tls: bool) -> Response<Body> {
    for (name, value) in FIXED.iter().chain(is_tls.then_some(&TRANSPORT)) {
        response.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    response
}

/// Every worker is taken: come back in a second.
pub(crate) fn busy() -> Response<Body> {
    let mut response = short(
        StatusCode::SERVICE_UNAVAILABLE,
        "系统正忙,请稍候几秒再试。 The system is busy; try again in a few seconds.",
    );
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// A handler broke an invariant; the reader learns nothing of it but its number, the log the rest.
pub(crate) fn broken(action: &str) -> Response<Body> {
    let occurrence = crate::fault::occurrence();
    tracing::error!(action, occurrence, "page {action} ended without an answer ({occurrence})");
    short(
        StatusCode::INTERNAL_SERVER_ERROR,
        &format!(
            "系统内部出错,没有保存任何内容。请把编号 {occurrence} 告诉系统管理员。 An internal \
             error; nothing was saved. Give the number {occurrence} to the system administrator."
        ),
    )
}

fn short(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
