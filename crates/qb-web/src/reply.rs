//! What a handler answers, before it becomes bytes on the wire.

use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::stream::Stream;

/// An answer to one request.
pub(crate) struct Reply {
    kind: Kind,
    cookies: Vec<String>,
    later: Duration,
}

enum Kind {
    Html { status: u16, html: String },
    Redirect(String),
    Download { name: String, mime: &'static str, bytes: Vec<u8> },
    File { name: String, mime: &'static str, file: File, length: u64 },
    Json(String),
    Bytes { mime: &'static str, bytes: Vec<u8>, gzip: bool, tag: String },
    Unchanged { tag: String },
}

/// How long a browser may keep what is named by its content: one year.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Bytes of a file that are sent at once.
const CHUNK: usize = 256 * 1024;
/// Pages may hold personal data: nothing keeps them.
const NO_STORE: &str = "no-store";

impl Reply {
    /// A page or a part of one.
    pub(crate) fn html(html: String) -> Self {
        Self::status(200, html)
    }

    /// A page with another status than 200.
    pub(crate) fn status(status: u16, html: String) -> Self {
        Kind::Html { status, html }.into()
    }

    /// Sends the browser to another page with GET.
    pub(crate) fn redirect(address: impl Into<String>) -> Self {
        Kind::Redirect(address.into()).into()
    }

    /// A file to keep.
    pub(crate) fn download(name: impl Into<String>, mime: &'static str, bytes: Vec<u8>) -> Self {
        Kind::Download { name: name.into(), mime, bytes }.into()
    }

    /// A file to keep that is read while it is sent; it stands at its beginning.
    pub(crate) fn file(
        name: impl Into<String>,
        mime: &'static str,
        file: File,
        length: u64,
    ) -> Self {
        Kind::File { name: name.into(), mime, file, length }.into()
    }

    /// A document for machines.
    pub(crate) fn json(text: String) -> Self {
        Kind::Json(text).into()
    }

    /// An asset that never changes under its address.
    pub(crate) fn asset(mime: &'static str, bytes: Vec<u8>, gzip: bool, tag: &str) -> Self {
        Kind::Bytes { mime, bytes, gzip, tag: tag.to_owned() }.into()
    }

    /// The browser's copy is still the right one.
    pub(crate) fn unchanged(tag: &str) -> Self {
        Kind::Unchanged { tag: tag.to_owned() }.into()
    }

    /// The same answer that also sets a cookie.
    #[must_use]
    pub(crate) fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// The same answer, given so much later; nothing is held meanwhile but the connection.
    #[must_use]
    pub(crate) fn later(mut self, later: Duration) -> Self {
        self.later = later;
        self
    }

    /// How much later the answer is given.
    pub(crate) fn delay(&self) -> Duration {
        self.later
    }

    /// The answer as HTTP.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = self.kind.into_response();
        for cookie in &self.cookies {
            if let Ok(value) = HeaderValue::from_str(cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }
}

impl From<Kind> for Reply {
    fn from(kind: Kind) -> Self {
        Self { kind, cookies: Vec::new(), later: Duration::ZERO }
    }
}

impl Kind {
    fn into_response(self) -> Response<Body> {
        match self {
            Self::Html { status, html } => {
                let mut response = plain(status, "text/html; charset=utf-8", html.into());
                set(&mut response, header::CACHE_CONTROL, NO_STORE);
                response
            }
            Self::Redirect(address) => {
                let mut response = plain(303, "text/plain; charset=utf-8", Body::empty());
                set(&mut response, header::LOCATION, &address);
                set(&mut response, header::CACHE_CONTROL, NO_STORE);
                response
            }
            Self::Download { name, mime, bytes } => {
                let mut response = plain(200, mime, bytes.into());
                set(&mut response, header::CONTENT_DISPOSITION, &disposition(&name));
                set(&mut response, header::CACHE_CONTROL, NO_STORE);
                response
            }
            Self::File { name, mime, file, length } => {
                let mut response = plain(200, mime, Body::from_stream(chunks(file)));
                set(&mut response, header::CONTENT_LENGTH, &length.to_string());
                set(&mut response, header::CONTENT_DISPOSITION, &disposition(&name));
                set(&mut response, header::CACHE_CONTROL, NO_STORE);
                response
            }
            Self::Json(text) => {
                let mut response = plain(200, "application/json; charset=utf-8", text.into());
                set(&mut response, header::CACHE_CONTROL, NO_STORE);
                response
            }
            Self::Bytes { mime, bytes, gzip, tag } => {
                let mut response = plain(200, mime, bytes.into());
                set(&mut response, header::CACHE_CONTROL, IMMUTABLE);
                set(&mut response, header::ETAG, &format!("\"{tag}\""));
                set(&mut response, header::VARY, "accept-encoding");
                if gzip {
                    set(&mut response, header::CONTENT_ENCODING, "gzip");
                }
                response
            }
            Self::Unchanged { tag } => {
                let mut response = plain(304, "text/plain; charset=utf-8", Body::empty());
                set(&mut response, header::CACHE_CONTROL, IMMUTABLE);
                set(&mut response, header::ETAG, &format!("\"{tag}\""));
                response
            }
        }
    }
}

/// The bytes of a file, read on a thread that may wait, as fast as they are taken.
fn chunks(file: File) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    futures::stream::try_unfold(file, |mut file| async move {
        let read = move || {
            let mut chunk = vec![0; CHUNK];
            let length = file.read(&mut chunk)?;
            chunk.truncate(length);
            Ok((length > 0).then_some((chunk, file)))
        };
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    })
}

fn plain(status: u16, mime: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    response
}

fn set(response: &mut Response<Body>, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A download's name: plain ASCII for old browsers, the full name encoded beside it.
fn disposition(name: &str) -> String {
    let ascii: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", crate::url::encode(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_name_cannot_leave_its_header() {
        let text = disposition("徐州\"\r\nset-cookie: a=b.xlsx");
        assert!(text.is_ascii() && !text.contains('\r') && !text.contains('\n'));
        assert_eq!(text.matches('"').count(), 2);
    }
}
