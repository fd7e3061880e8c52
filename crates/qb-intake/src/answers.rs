//! How often an area was told today that a key is used elsewhere: kept over files, since each
//! answer says that something exists where its sender may not look.

use qb_access::Sender;
use qb_base::Timestamp;
use qb_registry::commands::Authority;
use qb_store::{StoreError, Tx};

/// The time over which answers are counted: a day, in ms.
const COUNTED_OVER_MS: i64 = 24 * 60 * 60 * 1000;

const ANSWERS: &str = "select cast(coalesce(sum(answers), 0) as bigint) from elsewhere_answer \
    where area_code = $1 and answered_at > $2";
const NOTE: &str = "insert into elsewhere_answer (source_file_id, area_code, answers, answered_at) \
    values ($1, $2, $3, $4)";

/// Opens a file of a sender; `limit` is what the pack allows a day.
pub(crate) fn authority(
    tx: &Tx<'_>,
    (sender, limit): (Sender, Option<u64>),
    now: Timestamp,
) -> Result<Authority, StoreError> {
    let left = match (sender.area, limit) {
        (Some(area), Some(limit)) => {
            let since = now.0 - COUNTED_OVER_MS;
            let values = [area.as_str().into(), since.into()];
            let given = tx.query_one(ANSWERS, &values, |row| row.int(0))?;
            Some(limit.saturating_sub(given.unsigned_abs()))
        }
        _ => None,
    };
    Ok(Authority::new(sender, left))
}

/// Counts what was told while a file was written.
pub(crate) fn note(
    tx: &Tx<'_>,
    (authority, file_id): (&Authority, i64),
    now: Timestamp,
) -> Result<(), StoreError> {
    let told = authority.told().filter(|(_, given)| *given > 0);
    let Some((area, given)) = told else { return Ok(()) };
    let given = qb_base::tally(given);
    tx.execute(NOTE, &[file_id.into(), area.as_str().into(), given.into(), now.0.into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use qb_base::AreaCode;
    use qb_registry::Issue;
    use qb_store::testing::on_each_store;
    use qb_store::{AuditEntry, Store};

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn area(code: &str) -> Option<AreaCode> {
        AreaCode::parse(code).ok()
    }

    const RUN: &str = "insert into import_run (id, actor, state, started_at, rows_read, \
        rows_accepted, rows_rejected, rows_repaired) values (1, 'tester', 'done', 1, 0, 0, 0, 0)";
    const FILE: &str = "insert into source_file (id, import_run_id, name, digest, byte_count, \
        state, rows_read, rows_accepted, rows_rejected, rows_repaired, recorded_at) \
        values ($1, 1, 'a.csv', $2, 1, 'imported', 0, 0, 0, 0, 1)";

    /// Opens a file of 睢宁县, asks so often about a row of 丰县, and notes the answers.
    fn ask(store: &Store, file: i64, times: usize, now: Timestamp) -> Vec<Issue> {
        let sender = Sender { role: None, area: area("320324") };
        audited(store, |tx| {
            tx.execute(FILE, &[file.into(), file.to_string().as_str().into()])?;
            let mut asked = authority(tx, (sender, Some(3)), now)?;
            let ask = |_| {
                let foreign = [area("320321100201")];
                asked.refusal(area("320324100201"), (&foreign, &[]))
            };
            let answers = (0..times).filter_map(ask).collect();
            note(tx, (&asked, file), now)?;
            Ok(answers)
        })
    }

    fn audited<T>(store: &Store, work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>) -> T {
        let entry = AuditEntry {
            actor: "tester",
            action: "test.write",
            object: "file",
            before: None,
            after: None,
            reason: "a test",
        };
        let outcome = store.write::<_, StoreError>(|tx| {
            let value = work(tx)?;
            tx.audit(&entry)?;
            Ok(value)
        });
        outcome.unwrap()
    }

    #[test]
    fn answers_about_others_rows_are_counted_over_files_and_end_for_the_day() {
        use Issue::{AskTheCity, UsedElsewhere};
        on_each_store(|store| {
            audited(store, |tx| tx.execute(RUN, &[]).map(|_| ()));
            assert_eq!(ask(store, 1, 2, NOW), [UsedElsewhere; 2]);
            assert_eq!(ask(store, 2, 3, NOW), [UsedElsewhere, AskTheCity, AskTheCity]);
            assert_eq!(ask(store, 3, 1, NOW), [AskTheCity]);
            let next_day = Timestamp(NOW.0 + COUNTED_OVER_MS);
            assert_eq!(ask(store, 4, 1, next_day), [UsedElsewhere]);
        });
    }
}
