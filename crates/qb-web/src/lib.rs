//! The pages: what people see of the chain, in Chinese and English.
//!
//! Step: beside the whole chain. Input: the store, the pack and the public queries of the links.
//! Output: pages, downloads, and jobs in the queue. Invariants: a route without a permission does
//! not compile; a thing outside the reader's area is not found; every form carries its session's
//! token; pages with personal data are stored nowhere; no page loads anything from another machine;
//! every text exists in both languages.

pub mod account_seal;
pub mod accounts;
mod actions;
mod actor;
mod areas;
mod assets;
mod basis;
mod cache;
mod caller;
mod colleagues;
mod day;
mod export;
mod fault;
mod find;
mod format;
mod gate;
mod headers;
mod incoming;
mod jobs;
mod judging;
mod line;
mod newest;
mod page;
mod panel;
mod question;
pub mod readers;
mod readings;
mod reply;
mod routes;
mod routing;
mod seen;
mod server;
mod session;
mod sheet;
mod sign_in;
mod slip;
mod state;
mod texts;
mod upload;
mod url;
mod visit;

pub use caller::{Forwarding, Network, Proxies};
pub use fault::Fault;
pub use line::Limits;
pub use routing::RouteSpec;
pub use server::{ServeError, app, serve, serve_on};
pub use state::{AppState, Settings};
pub use upload::Quota;
