//! Connections: what each is doing, since when, and which has to go.
//!
//! Every request notes here with a few atomic stores what its line is doing; no clock is read and
//! no lock taken for it. Once in a while all lines are looked over: who is silent for too long is
//! cut off. When there are as many as there may be, the one that has waited longest makes room, so
//! that idle lines never keep out a reader who asks for something.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::cache::held;

/// How much time passes between two looks at the lines; all times are counted in it.
const TICK: Duration = Duration::from_millis(250);

/// How long a line may do what, and how many lines there are.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// Without a request, or without a byte of its answer being taken.
    pub idle: Duration,
    /// For a form; for a file, between two of its pieces.
    pub body: Duration,
    /// Connections at once.
    pub lines: usize,
}

/// Connections at once where the system allows more files.
const LINES_MAX: usize = 2_048;
/// Files a process may open where the system does not say: the least that is usual.
const FILES_UNKNOWN: usize = 1_024;

impl Default for Limits {
    fn default() -> Self {
        let files = files_allowed().unwrap_or(FILES_UNKNOWN);
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            body: Duration::from_secs(30),
            // A quarter of the files is for the store, its snapshots, uploads and jobs.
            lines: (files - files / 4).min(LINES_MAX),
        }
    }
}

/// How many files this process may open, as Linux tells it.
fn files_allowed() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

/// What a line is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// Nothing, or taking the answer.
    Waiting,
    /// Sending the head of a request.
    Head,
    /// Sending a form.
    Form,
    /// Sending files, or having its request worked on: it is not cut off from outside.
    Work,
    /// Being cut off.
    Gone,
}

impl Doing {
    const ALL: [Self; 5] = [Self::Waiting, Self::Head, Self::Form, Self::Work, Self::Gone];
    /// Bits of a line's state that hold it; the others hold the tick since when.
    const BITS: u32 = 3;

    fn at(self, tick: u64) -> u64 {
        (tick << Self::BITS) | self as u64
    }

    fn of(state: u64) -> (Self, u64) {
        let index = qb_base::size(state & ((1 << Self::BITS) - 1));
        // Nothing else is ever stored; a line in an unknown state would be one to cut off.
        (Self::ALL.get(index).copied().unwrap_or(Self::Gone), state >> Self::BITS)
    }
}

/// One connection.
pub(crate) struct Line {
    id: u64,
    state: AtomicU64,
    board: Arc<Board>,
    cut: Notify,
}

impl Line {
    fn doing(&self) -> (Doing, u64) {
        Doing::of(self.state.load(Ordering::Relaxed))
    }

    fn does(&self, doing: Doing) {
        self.state.store(doing.at(self.board.now()), Ordering::Relaxed);
    }

    /// The head of a request is there, and nothing follows that is waited for.
    pub(crate) fn work(&self) {
        self.does(Doing::Work);
    }

    /// A form follows.
    pub(crate) fn receive_form(&self) {
        self.does(Doing::Form);
    }

    /// The answer is ready to be taken.
    pub(crate) fn answered(&self) {
        self.does(Doing::Waiting);
    }

    /// Ends when the line has to be given up.
    pub(crate) async fn cut(&self) {
        self.cut.notified().await;
    }

    fn give_up(&self) {
        self.does(Doing::Gone);
        self.cut.notify_one();
    }

    fn read_some(&self) {
        if self.doing().0 == Doing::Waiting {
            self.does(Doing::Head);
        }
    }

    fn wrote_some(&self) {
        if self.doing().0 == Doing::Waiting {
            self.does(Doing::Waiting);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        held(&self.board.lines).remove(&self.id);
        self.board.freed.notify_waiters();
    }
}

/// All connections.
pub(crate) struct Board {
    limits: Limits,
    lines: Mutex<HashMap<u64, std::sync::Weak<Line>>>,
    tick: AtomicU64,
    next: AtomicU64,
    freed: Notify,
}

impl Board {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            lines: Mutex::default(),
            tick: AtomicU64::new(0),
            next: AtomicU64::new(0),
            freed: Notify::new(),
        })
    }

    fn now(&self) -> u64 {
        self.tick.load(Ordering::Relaxed)
    }

    /// Takes in a connection.
    pub(crate) fn open(self: &Arc<Self>) -> Arc<Line> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let state = AtomicU64::new(Doing::Waiting.at(self.now()));
        let line = Arc::new(Line { id, state, board: Arc::clone(self), cut: Notify::new() });
        held(&self.lines).insert(id, Arc::downgrade(&line));
        line
    }

    /// Connections at present.
    pub(crate) fn count(&self) -> usize {
        held(&self.lines).len()
    }

    /// Ends when there is room for another connection, and sees to it that there soon is.
    pub(crate) async fn room(&self) {
        while self.count() >= self.limits.lines {
            let freed = self.freed.notified();
            self.make_room();
            if self.count() < self.limits.lines {
                return;
            }
            // Whoever is worked on now may be idle at the next look.
            let _ = tokio::time::timeout(TICK, freed).await;
        }
    }

    /// Ends when no connection is left.
    pub(crate) async fn empty(&self) {
        while self.count() > 0 {
            let _ = tokio::time::timeout(TICK, self.freed.notified()).await;
        }
    }

    /// Cuts off the line that can best be spared: of those that wait the one that has waited
    /// longest, else one that is slow to send.
    fn make_room(&self) {
        let lines: Vec<Arc<Line>> =
            held(&self.lines).values().filter_map(std::sync::Weak::upgrade).collect();
        let spare = |line: &&Arc<Line>| match line.doing() {
            (doing @ (Doing::Waiting | Doing::Head | Doing::Form), since) => {
                Some((doing as u64, since, line.id))
            }
            (Doing::Work | Doing::Gone, _) => None,
        };
        let candidates = lines.iter().filter_map(|line| Some((spare(&line)?, line)));
        if let Some((_, line)) = candidates.min_by_key(|(rank, _)| *rank) {
            line.give_up();
        }
    }

    /// Cuts off those that have been silent for too long, for as long as the server runs.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut looks = tokio::time::interval(TICK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            self.look();
        }
    }

    fn look(&self) {
        let now = self.tick.fetch_add(1, Ordering::Relaxed) + 1;
        let lines: Vec<Arc<Line>> =
            held(&self.lines).values().filter_map(std::sync::Weak::upgrade).collect();
        for line in lines {
            let (doing, since) = line.doing();
            let allowed = match doing {
                Doing::Waiting => self.limits.idle,
                Doing::Head => self.limits.head,
                // Forms end by the clock of whoever reads them, who can still answer.
                Doing::Form | Doing::Work | Doing::Gone => continue,
            };
            if u128::from(now.saturating_sub(since)) * TICK.as_millis() >= allowed.as_millis() {
                line.give_up();
            }
        }
    }

    /// Time for a form, and for each piece of a file.
    pub(crate) fn body(&self) -> Duration {
        self.limits.body
    }
}

/// A connection that tells its line what it does.
pub(crate) struct Wire {
    /// The connection.
    pub(crate) stream: TcpStream,
    /// Its line.
    pub(crate) line: Arc<Line>,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.line.read_some();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.line.wrote_some();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, bytes))?;
        self.line.wrote_some();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
