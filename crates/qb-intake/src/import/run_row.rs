//! An import in the store: opened or taken up again, and closed with its counts and leads.

use qb_base::{Date, env};
use qb_registry::FaultDraft;
use qb_registry::queries::{self, RegisterSize};
use qb_store::{AuditEntry, Store, StoreError};

use super::options::ImportOptions;
use crate::words::LeadRules;
use crate::{delivery, leads};

/// Takes up a run that was interrupted, or opens a new one.
pub(super) fn open_run(store: &Store, options: &ImportOptions) -> Result<i64, StoreError> {
    store.write(|tx| {
        let open = "select id from import_run where state = 'running' and actor = $1 \
            and is_typed = $2 order by id desc limit 1";
        let own = [options.actor.as_str().into(), options.typed.is_some().into()];
        let interrupted = tx.query_opt(open, &own, |row| row.int(0))?;
        let id = match interrupted {
            Some(id) => id,
            None => {
                let id = tx.next_id("import_run")?;
                tx.execute(
                    "insert into import_run (id, actor, state, started_at, rows_read, \
                    rows_accepted, rows_rejected, rows_repaired, is_typed) \
                     values ($1, $2, 'running', $3, 0, 0, 0, 0, $4)",
                    &[
                        id.into(),
                        options.actor.as_str().into(),
                        env::now().0.into(),
                        options.typed.is_some().into(),
                    ],
                )?;
                id
            }
        };
        let reason = match (interrupted, options.typed) {
            (Some(_), _) => "taken up after an interruption".to_owned(),
            (None, Some(_)) => String::new(),
            (None, None) => options.deciding.reason(),
        };
        tx.audit(&AuditEntry {
            actor: &options.actor,
            action: "import.open",
            object: &id.to_string(),
            before: None,
            after: None,
            reason: &reason,
        })?;
        Ok(id)
    })
}

/// What closing a run finds: leads, and how full the register is.
pub(super) type Closed = (Vec<(String, FaultDraft)>, RegisterSize);

/// Looks for leads and closes the run with the counts of all its files, those of an interrupted
/// part included.
pub(super) fn close_run(
    store: &Store,
    id: i64,
    (heaping_from, lead): (Option<i64>, LeadRules),
    (complete, options, today): (bool, &ImportOptions, Date),
) -> Result<Closed, StoreError> {
    let actor = options.actor.as_str();
    let state = if complete { "done" } else { "failed" };
    store.write(|tx| {
        let leads = if options.typed.is_some() {
            Vec::new()
        } else {
            leads::find(tx, id, heaping_from, lead)?
        };
        tx.execute(
            "update import_run set state = $1, finished_at = $2, \
             rows_read = (select cast(coalesce(sum(rows_read), 0) as bigint) from source_file \
             where import_run_id = $3), \
             rows_accepted = (select cast(coalesce(sum(rows_accepted), 0) as bigint) from \
             source_file where import_run_id = $3), \
             rows_rejected = (select cast(coalesce(sum(rows_rejected), 0) as bigint) from \
             source_file where import_run_id = $3), \
             rows_repaired = (select cast(coalesce(sum(rows_repaired), 0) as bigint) from \
             source_file where import_run_id = $3) \
             where id = $3",
            &[state.into(), env::now().0.into(), id.into()],
        )?;
        if options.typed.is_none() {
            let mark = delivery::register_mark(tx)?;
            let sql = "update import_run set register_mark = $1, worked_on = $2 where id = $3";
            tx.execute(sql, &[mark.as_str().into(), (&today.to_string()).into(), id.into()])?;
        }
        let size = queries::register_size(tx)?;
        tx.audit(&AuditEntry {
            actor,
            action: "import.close",
            object: &id.to_string(),
            before: None,
            after: None,
            reason: state,
        })?;
        Ok((leads, size))
    })
}
