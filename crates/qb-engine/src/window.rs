//! Rows that belong together: how the set-wise evaluator cuts a frame, and runs the parts beside
//! each other.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::EngineError;
use crate::frame::Frame;
use crate::setwise::Resources;
use crate::views::Level;

/// Runs work for each item on some threads; results come in the order of the items.
pub(crate) fn parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R, EngineError> + Sync,
) -> Vec<Result<R, EngineError>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<R, EngineError>)>> =
        Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                while let Some((at, item)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|at| Some((at, items.get(at)?)))
                {
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Rows of each level that belong together: whole households, or whole villages.
pub(crate) type Window = [Range<usize>; 3];

/// Cuts a level at the borders of households or villages.
pub(crate) fn windows(frame: &Frame, level: Level, resources: Resources) -> Vec<Window> {
    let owner = if level == Level::Village { Level::Village } else { Level::Household };
    let below = if level == Level::Village { Level::Household } else { Level::Person };
    let aim =
        frame.rows(below).div_ceil(resources.threads.max(1)).clamp(1, resources.window_rows.max(1));
    let mut windows = Vec::new();
    let mut start = 0;
    let mut covered = 0..0;
    for row in 0..frame.rows(owner) {
        let owned = frame.owned(owner, row);
        if covered.is_empty() {
            covered = owned.clone();
        }
        covered.end = covered.end.max(owned.end);
        let full = covered.len() >= aim || row + 1 - start >= resources.window_rows;
        if full || row + 1 == frame.rows(owner) {
            windows.push(match level {
                Level::Village => [0..0, covered.clone(), start..row + 1],
                Level::Person | Level::Household => [covered.clone(), start..row + 1, 0..0],
            });
            start = row + 1;
            covered = 0..0;
        }
    }
    windows
}
