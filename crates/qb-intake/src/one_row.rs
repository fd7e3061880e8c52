//! A file of one row, as forms make it: what a person types takes the road of every file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::sync_channel;
use std::thread;

use qb_base::text::shown;
use qb_policy::Pack;

use crate::error::IntakeError;
use crate::folder::listing;
use crate::layout::LayoutIndex;
use crate::parse::{Event, Outlet, parse};
use crate::plan::{self, Listed};
use crate::rows::Shared;
use crate::rows::parsed::Parsed;

/// Batches of a file of one row.
const BATCHES: usize = 8;

/// Writes a row below its heads, and above them what tells the file from others: `title` and a
/// token.
pub(crate) fn write<'c>(
    folder: &Path,
    (layout, title, token): (&str, &str, &str),
    cells: impl Iterator<Item = (&'c str, Option<&'c str>)>,
) -> Result<PathBuf, IntakeError> {
    let (heads, values): (Vec<String>, Vec<String>) =
        cells.map(|(head, value)| (quoted(head), shown(value, quoted))).unzip();
    let title = quoted(&format!("{title} {token}"));
    let text = format!("{title}\r\n{}\r\n{}\r\n", heads.join(","), values.join(","));
    let path = folder.join(format!("{layout}-{token}.csv"));
    fs::write(&path, text).map_err(|error| listing(&path, error))?;
    Ok(path)
}

/// A cell of a CSV file; what is no character of a line becomes a blank.
fn quoted(text: &str) -> String {
    let clean: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\"{}\"", clean.replace('"', "\"\""))
}

/// Reads such a file as any other of its layout; nothing is written.
pub(crate) fn read(
    pack: &Pack,
    layout: &str,
    path: &Path,
    shared: &Shared,
    on_batch: &mut dyn FnMut(Parsed),
) -> Result<(), IntakeError> {
    let listed = Listed { path: path.to_owned(), name: layout.to_owned(), root: None };
    let bytes = plan::length(path).map_err(IntakeError::File)?;
    let layouts = LayoutIndex::one(pack, layout)?;
    let planned = plan::plan(&listed, (None, bytes), &layouts).map_err(IntakeError::File)?;
    let waiting = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (events_in, events) = sync_channel(BATCHES);
        let outlet = Outlet { events: events_in, waiting: &waiting };
        let sheets = &planned.sheets;
        let parser = scope.spawn(move || parse(path, sheets, shared, &[], &outlet));
        for event in events {
            if let Event::Batch(parsed) = event {
                on_batch(*parsed);
            }
        }
        parser.join().map_err(|_| IntakeError::Worker)?
    })
}
