//! Sends written pages to the disk while a load goes on, so that its commit need not wait for all
//! of them at once: that was a tenth of a first load.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(300);

/// A thread that flushes one file again and again until this is dropped.
///
/// The system forgets a process's locks on a file when the process closes any handle of it, so a
/// database's writeback begins and ends while this process holds no lock on it: between
/// transactions.
#[derive(Debug)]
pub(crate) struct Writeback {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Writeback {
    /// Begins; without effect on a file that cannot be opened, as the commit flushes it anyway.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("writeback".to_owned()).spawn(move || {
            while matches!(stopped.recv_timeout(EVERY), Err(RecvTimeoutError::Timeout)) {
                if let Err(error) = file.sync_data() {
                    tracing::warn!(%error, "pages are left to the commit to flush");
                    break;
                }
            }
        });
        Some(Self { stop: Some(stop), thread: Some(thread.ok()?) })
    }
}

impl Drop for Writeback {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // Nothing in the thread panics; if it did, it flushed less, and the commit does.
            drop(thread.join());
        }
    }
}
