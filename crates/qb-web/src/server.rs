//! The server: one runtime, loopback only, ends cleanly on interrupt.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

use crate::jobs;
use crate::routes;
use crate::routing::RouteSpec;
use crate::state::AppState;

/// Threads on which pages are made; each holds at most one store connection at a time.
const PAGE_THREADS_MAX: usize = 16;

/// Why the server could not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken or not allowed.
    #[error("port {port} cannot be used: {message}")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        message: String,
    },
    /// The runtime or the listener failed.
    #[error("the server stopped: {0}")]
    Stopped(String),
}

/// The router, and the list of its routes with their permissions.
pub fn app(state: Arc<AppState>) -> (Router, Vec<RouteSpec>) {
    routes::all(state)
}

/// Serves pages on `127.0.0.1:port` until the process is interrupted; `ready` is told the address.
///
/// Only the machine itself is answered: an office that shares the system puts a TLS proxy before
/// it.
///
/// # Errors
/// When the port cannot be used or the listener fails.
pub fn serve(state: AppState, port: u16, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads())
        .max_blocking_threads(PAGE_THREADS_MAX)
        .enable_all()
        .build()
        .map_err(stopped)?;
    runtime.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| ServeError::Port { port, message: error.to_string() })?;
        ready(listener.local_addr().map_err(stopped)?);
        let state = Arc::new(state);
        let warmed = Arc::clone(&state);
        tokio::task::spawn_blocking(move || warmed.warm());
        jobs::start(&state).map_err(stopped)?;
        let (router, _) = app(state);
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(interrupted())
            .await
            .map_err(stopped)
    })
}

/// Threads that receive requests and make short pages: one for each core.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

async fn interrupted() {
    // Without the signal the server runs until it is killed, which loses nothing either.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn stopped(error: impl std::fmt::Display) -> ServeError {
    ServeError::Stopped(error.to_string())
}
