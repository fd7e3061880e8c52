//! The server: one runtime, loopback only, bounded in connections and times, ends gently.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming as Received;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use qb_store::StoreError;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service;

use crate::jobs;
use crate::line::{Board, Limits, Line, Wire};
use crate::routes;
use crate::routing::RouteSpec;
use crate::seen;
use crate::state::{AppState, audit_entry};

/// Threads on which pages are made; each holds at most one store connection at a time.
const PAGE_THREADS_MAX: usize = 16;
/// Bytes of the head of a request, and of what is read ahead of a body.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long requests are finished after the server was told to end.
const GRACE: Duration = Duration::from_secs(20);
/// How long the job at work is waited for; it hands back at its next thousand rows.
const JOB_GRACE: Duration = Duration::from_secs(30);
/// Pause after the system could not hand over a connection, as when it is out of files.
const PAUSE: Duration = Duration::from_millis(100);

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

/// The other end of a request's connection.
#[derive(Clone)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: SocketAddr,
    /// The connection.
    pub(crate) line: Arc<Line>,
    /// Time for a form, and for each piece of a file.
    pub(crate) body: Duration,
}

/// The router, and the list of its routes with their permissions.
pub fn app(state: Arc<AppState>) -> (Router, Vec<RouteSpec>) {
    routes::all(state)
}

/// Serves pages on `127.0.0.1:port` until the process is interrupted or told to end (SIGTERM);
/// `ready` is told the address.
///
/// Only the machine itself is answered: an office that shares the system puts a TLS proxy before
/// it. Requests under way are answered before this returns, and the job at work is handed back.
/// The audit chain keeps when it began and ended, and that `actor` began it.
///
/// # Errors
/// When the port cannot be used or the listener fails.
pub fn serve(
    state: AppState,
    port: u16,
    actor: &str,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads())
        .max_blocking_threads(PAGE_THREADS_MAX)
        .enable_all()
        .build()
        .map_err(stopped)?;
    let state = Arc::new(state);
    let (listener, ends) = runtime.block_on(listen(port))?;
    let address = listener.local_addr().map_err(stopped)?;
    // The store is written outside the runtime: a connection to PostgreSQL has one of its own, and
    // none runs inside another.
    note(&state, (actor, "server.start"), address, "the server answers");
    ready(address);
    let served = runtime.block_on(until_told(&state, listener, ends));
    runtime.shutdown_timeout(GRACE);
    // What the last pages noted is not lost with the process.
    let seen = state.write_seen().map_err(stopped);
    note(&state, (jobs::WORKER, "server.stop"), address, "the server was told to end");
    served.and(seen)
}

/// Takes the port, and hears from then on when to end: a signal before it is ready is not lost.
async fn listen(port: u16) -> Result<(TcpListener, Ends), ServeError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Port { port, message: error.to_string() })?;
    Ok((listener, Ends::listen().map_err(stopped)?))
}

/// Answers until it is told to end, then hands back the job at work.
async fn until_told(
    state: &Arc<AppState>,
    listener: TcpListener,
    mut ends: Ends,
) -> Result<(), ServeError> {
    let warmed = Arc::clone(state);
    tokio::task::spawn_blocking(move || warmed.warm());
    let worker = jobs::start(state).map_err(stopped)?;
    seen::start(state).map_err(stopped)?;
    let (router, _) = app(Arc::clone(state));
    serve_on(listener, router, Limits::default(), ends.next()).await;
    state.end();
    let handed_back = tokio::task::spawn_blocking(move || worker.wait_at_most(JOB_GRACE));
    tokio::select! {
        is_idle = handed_back => if !is_idle.unwrap_or(false) {
            tracing::warn!("the job at work did not hand back in time; its lease ends it");
        },
        () = ends.next() => tracing::warn!("told to end twice; the job at work is left"),
    }
    Ok(())
}

/// Writes that the server began or ended. A store that takes no rows for the moment, as with a
/// damaged anchor, is still there to be read: that ends no server.
fn note(
    state: &AppState,
    (actor, action): (&str, &'static str),
    address: SocketAddr,
    reason: &str,
) {
    let object = address.to_string();
    let entry = audit_entry(actor, action, &object, reason);
    if let Err(error) = state.store.write::<_, StoreError>(|tx| tx.audit(&entry)) {
        tracing::error!(%error, "{action} is not in the audit chain: {error}");
    }
}

/// Answers on a listener until `end` comes; then finishes what is under way, for a while.
pub async fn serve_on(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    end: impl Future<Output = ()>,
) {
    let board = Board::new(limits);
    let watcher = tokio::spawn(Arc::clone(&board).watch());
    let (ending, ended) = watch::channel(false);
    let mut end = pin!(end);
    loop {
        let (stream, address) = tokio::select! {
            accepted = next(&listener, &board) => accepted,
            () = end.as_mut() => break,
        };
        let line = board.open();
        let peer = Peer { address, line, body: board.body() };
        tokio::spawn(converse(stream, peer, router.clone(), ended.clone()));
    }
    drop(listener);
    // Lines hold the other end: without one there is nobody to tell.
    let _ = ending.send(true);
    if tokio::time::timeout(GRACE, board.empty()).await.is_err() {
        tracing::warn!("{} connections were cut off at the end", board.count());
    }
    watcher.abort();
}

/// The next connection, once there is room for it.
async fn next(listener: &TcpListener, board: &Board) -> (TcpStream, SocketAddr) {
    loop {
        board.room().await;
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Answers the requests of one connection, one after another.
async fn converse(stream: TcpStream, peer: Peer, router: Router, mut ended: watch::Receiver<bool>) {
    // An answer leaves at once; where the system refuses, it leaves a moment later.
    let _ = stream.set_nodelay(true);
    let line = Arc::clone(&peer.line);
    let wire = TokioIo::new(Wire { stream, line: Arc::clone(&line) });
    let service = hyper::service::service_fn(move |request: hyper::Request<Received>| {
        peer.line.work();
        let (line, mut router) = (Arc::clone(&peer.line), router.clone());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer.clone());
        async move {
            let answer: Result<_, Infallible> = router.call(request).await;
            line.answered();
            answer
        }
    });
    let mut conversation = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(wire, service)
    );
    let mut is_ending = *ended.borrow();
    if is_ending {
        conversation.as_mut().graceful_shutdown();
    }
    loop {
        tokio::select! {
            // A line that breaks is no fault of ours, and nothing is left to say on it.
            _ = conversation.as_mut() => return,
            () = line.cut() => return,
            _ = ended.changed(), if !is_ending => {
                is_ending = true;
                conversation.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Threads that receive requests and make short pages: one for each core.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

/// What tells the server to end: Ctrl-C, and what a service manager sends.
struct Ends {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Ends {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        let interrupted = async {
            // Without the signal the server runs until it is killed, which loses nothing either.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        #[cfg(unix)]
        tokio::select! {
            () = interrupted => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        interrupted.await;
    }
}

fn stopped(error: impl std::fmt::Display) -> ServeError {
    ServeError::Stopped(error.to_string())
}
