//! What of the files that are handed in is read: what is new or was left open goes on, what decides
//! waits for a second person, what cannot be used is refused, what is gone is taken back.

use qb_base::Digest;
use qb_policy::Pack;
use qb_store::{Store, StoreError, Value};

use super::Run;
use super::options::{Deciding, OnProgress, Progress};
use crate::delivery::Arrival;
use crate::error::{FileFault, IntakeError};
use crate::plan::{self, Listed, Planned};
use crate::report::{FileReport, FileState};
use crate::{sender, waiting, withdraw, write};

/// A file that cannot be used.
pub(super) type Unusable = (Listed, Option<(Digest, u64)>, FileFault);

impl Run<'_> {
    /// Leaves out files that are in the store, recognises the others.
    pub(super) fn plan(
        &mut self,
        listed: &[Listed],
        progress: &mut OnProgress<'_>,
    ) -> Result<(Vec<Planned>, Vec<Unusable>), IntakeError> {
        let (mut planned, mut refused): (Vec<Planned>, Vec<Unusable>) = (Vec::new(), Vec::new());
        for (done, file) in listed.iter().enumerate() {
            progress(Progress {
                file: &file.name,
                files_done: done,
                files_all: listed.len(),
                rows: 0,
            });
            let new = match listed {
                [only] => length_if_new(self.store, only)?,
                _ => None,
            };
            let read = || plan::digest(&file.path).map(|(digest, bytes)| (Some(digest), bytes));
            let taken = match new.map_or_else(read, |bytes| Ok((None, bytes))) {
                Ok(taken) => taken,
                Err(fault) => {
                    refused.push((file.clone(), None, fault));
                    continue;
                }
            };
            let arrival = match taken.0 {
                Some(digest) if planned.iter().any(|known| known.digest == Some(digest)) => {
                    self.report.files.push(FileReport::new(&file.name, FileState::Unchanged));
                    continue;
                }
                Some(digest) => self.origin.arrival(self.store, (digest, self.today))?,
                None => None,
            };
            if let Some(arrival) = &arrival
                && self.is_done(file, arrival)
            {
                continue;
            }
            let plan = plan::plan(file, taken, &self.layouts);
            let plan = plan.map_err(|fault| self.not_in_force(file, taken).unwrap_or(fault));
            // Who types rows of a list is said apart from who sends it, and asked before.
            let role = self.options.role.filter(|_| self.options.typed.is_none());
            match plan.and_then(|plan| sender::admit(plan, role)) {
                Ok(plan) if plan.decides() && self.options.deciding == Deciding::Wait => {
                    self.hold(&plan)?;
                }
                Ok(plan) => planned.push(Planned { arrival, ..plan }),
                Err(fault) => refused.push((file.clone(), digest_of(file, taken), fault)),
            }
        }
        Ok((planned, refused))
    }

    /// Why a file is not taken that follows a layout of other days; nothing where it follows none.
    fn not_in_force(&self, file: &Listed, taken: (Option<Digest>, u64)) -> Option<FileFault> {
        if self.other_layouts.is_empty() {
            return None;
        }
        let plan = plan::plan(file, taken, &self.other_layouts).ok()?;
        let layout = &plan.sheets.first()?.detected.columns.layout;
        Some(FileFault::not_in_force(&layout.title, &layout.effective.text()))
    }

    /// Whether nothing of a file that came before is left to try; that is noted for the report.
    fn is_done(&mut self, file: &Listed, arrival: &Arrival) -> bool {
        self.present.insert(arrival.file_id);
        let is_of_this = arrival.run == self.id;
        if arrival.is_open && !is_of_this {
            return false;
        }
        let came = arrival.came();
        if !is_of_this {
            self.known_files.push((write::stored_name(file), arrival.file_id));
        }
        self.report.files.push(FileReport {
            message: Some(came.unchanged()),
            came: Some(came),
            ..FileReport::new(&file.name, FileState::Unchanged)
        });
        true
    }

    /// Takes back what files said that are gone from their folder.
    pub(super) fn withdraw(&mut self, listed: &[Listed], pack: &Pack) -> Result<(), StoreError> {
        let sender = self.origin.sender.as_str();
        let waits = self.options.deciding == Deciding::Wait;
        let by = withdraw::By { run: self.id, sender, actor: &self.options.actor, waits };
        let gone = withdraw::missing_files(self.store, (listed, &self.present), pack, &by)?;
        self.report.files.extend(gone);
        Ok(())
    }

    /// Keeps a file until a second person confirms it.
    fn hold(&mut self, file: &Planned) -> Result<(), IntakeError> {
        let batch = waiting::hold(self.store, (self.id, self.options), file)?;
        let (message, remedy) = waiting::said(file, batch);
        self.report.files.push(FileReport {
            layout: file.detected().map(|detected| detected.columns.layout.id.clone()),
            encoding: Some(file.encoding.clone()),
            batch: Some(batch),
            message: Some(message),
            remedy: Some(remedy),
            ..FileReport::new(&file.listed.name, FileState::Waiting)
        });
        Ok(())
    }
}

/// Digest and length of a file that cannot be used, as far as it can be read.
pub(super) fn digest_of(file: &Listed, taken: (Option<Digest>, u64)) -> Option<(Digest, u64)> {
    match taken {
        (Some(digest), bytes) => Some((digest, bytes)),
        (None, _) => plan::digest(&file.path).ok(),
    }
}

/// The length of a file if none of that length is in the store: its digest then need not be waited
/// for.
fn length_if_new(store: &Store, file: &Listed) -> Result<Option<u64>, StoreError> {
    let Ok(bytes) = plan::length(&file.path) else { return Ok(None) };
    let sql = "select id from source_file where byte_count = $1 and state = 'imported' limit 1";
    let length = Value::Int(qb_base::tally(bytes));
    let known = store.read::<_, StoreError>(|conn| conn.query_opt(sql, &[length], |r| r.int(0)))?;
    Ok(known.is_none().then_some(bytes))
}
