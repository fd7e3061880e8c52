//! Whether a row may be written, asked in one place for every kind of row; and how often whoever
//! sends was told by it that something exists where they may not look.

use qb_access::{Sender, Writing};
use qb_base::{AreaCode, AreaLevel, Timestamp};
use qb_store::{StoreError, Tx};

use crate::fields::Issue;

/// The time over which answers are counted: a day, in ms.
const COUNTED_OVER_MS: i64 = 24 * 60 * 60 * 1000;

/// Who sends a file, and what they may still be told.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    sender: Sender,
    /// Answers “used elsewhere” that the sender's area may still get today; none where the pack
    /// sets no limit.
    left: Option<u64>,
    given: u64,
}

const ANSWERS: &str = "select cast(coalesce(sum(answers), 0) as bigint) from elsewhere_answer \
    where area_code = $1 and answered_at > $2";
const NOTE: &str = "insert into elsewhere_answer (source_file_id, area_code, answers, answered_at) \
    values ($1, $2, $3, $4)";

impl Authority {
    /// Opens a file of a sender; `limit` is what the pack allows a day.
    pub(crate) fn open(
        tx: &Tx<'_>,
        sender: Sender,
        limit: Option<u64>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let left = match (sender.area, limit) {
            (Some(area), Some(limit)) => {
                let since = now.0 - COUNTED_OVER_MS;
                let values = [area.as_str().into(), since.into()];
                let given = tx.query_one(ANSWERS, &values, |row| row.int(0))?;
                Some(limit.saturating_sub(given.unsigned_abs()))
            }
            _ => None,
        };
        Ok(Self { sender, left, given: 0 })
    }

    /// Whether the sender may write everywhere, so that nothing needs to be looked up to decide.
    pub(crate) fn is_everywhere(&self) -> bool {
        self.sender.area.is_none()
    }

    /// Whether an area is the sender's; the digits are those of a village, or of a higher area
    /// filled up with zeros.
    pub(crate) fn covers(&self, digits: u64) -> bool {
        self.is_everywhere() || area_of(digits).is_some_and(|area| self.sender.covers(area))
    }

    /// Why a row must not be written, if it must not: `row` is where it says it stands, `touched`
    /// where each row stands that it would replace or withdraw, `attached` where each stands that
    /// it attaches to.
    pub(crate) fn refusal(
        &mut self,
        row: Option<AreaCode>,
        (touched, attached): (&[Option<AreaCode>], &[AreaCode]),
    ) -> Option<Issue> {
        match self.sender.decide(row, touched, attached) {
            Writing::Allow => None,
            Writing::Outside => Some(Issue::AreaOutside),
            Writing::Elsewhere if self.is_spent() => Some(Issue::AskTheCity),
            Writing::Elsewhere => {
                self.given += 1;
                Some(Issue::UsedElsewhere)
            }
        }
    }

    /// Why a key that stands nowhere must not be written: once the answers of a day are spent, a
    /// new key is answered like one that is used elsewhere, so that trying tells nothing more.
    pub(crate) fn new_key_refusal(&self) -> Option<Issue> {
        self.is_spent().then_some(Issue::AskTheCity)
    }

    /// The first of the areas that is the sender's own: a row that names no place stands with what
    /// it attaches to.
    pub(crate) fn own_of(&self, areas: &[AreaCode]) -> Option<AreaCode> {
        areas.iter().copied().find(|area| self.sender.covers(*area))
    }

    fn is_spent(&self) -> bool {
        self.left.is_some_and(|left| self.given >= left)
    }

    /// Counts what was told while a file was written.
    pub(crate) fn note(&self, tx: &Tx<'_>, file_id: i64, now: Timestamp) -> Result<(), StoreError> {
        let Some(area) = self.sender.area.filter(|_| self.given > 0) else { return Ok(()) };
        let given = qb_base::tally(self.given);
        tx.execute(NOTE, &[file_id.into(), area.as_str().into(), given.into(), now.0.into()])?;
        Ok(())
    }
}

/// The area with these twelve digits; a higher one reads as if it were a village with number zero,
/// which lies below the same areas.
pub(crate) fn area_of(digits: u64) -> Option<AreaCode> {
    AreaCode::parse(&format!("{digits:012}")).ok()
}

/// The area with these digits on its own level, told by the zeros it is filled up with: no village,
/// town or county has the number zero.
pub(crate) fn standing(digits: u64) -> Option<AreaCode> {
    let text = format!("{digits:012}");
    let level = AreaLevel::ALL.into_iter().find(|level| {
        text.get(level.digits()..).is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'))
    })?;
    AreaCode::parse(text.get(..level.digits())?).ok()
}

/// The digits of an area, filled up with zeros to those of a village.
pub(crate) fn digits_of(code: &str) -> u64 {
    let given = code.bytes().map(|byte| u64::from(byte.wrapping_sub(b'0') % 10));
    let filled = given.chain(std::iter::repeat(0)).take(AreaLevel::Village.digits());
    filled.fold(0, |number, digit| number * 10 + digit)
}

#[cfg(test)]
mod tests {
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
            let mut authority = Authority::open(tx, sender, Some(3), now)?;
            let ask = |_| {
                let foreign = [area("320321100201")];
                authority.refusal(area("320324100201"), (&foreign, &[]))
            };
            let answers = (0..times).filter_map(ask).collect();
            authority.note(tx, file, now)?;
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

    #[test]
    fn once_the_answers_are_spent_a_new_key_is_answered_like_a_used_one() {
        let sender = Sender { role: None, area: area("320324") };
        let mut authority = Authority { sender, left: Some(1), given: 0 };
        assert_eq!(authority.new_key_refusal(), None);
        let foreign = (&[area("320321")][..], &[][..]);
        assert_eq!(authority.refusal(area("320324"), foreign), Some(Issue::UsedElsewhere));
        assert_eq!(authority.new_key_refusal(), authority.refusal(area("320324"), foreign));
        assert_eq!(authority.refusal(area("320324"), (&[area("320324")], &[])), None);
    }

    #[test]
    fn digits_filled_up_lie_where_the_area_lies() {
        for code in ["32", "3203", "320321", "320321100", "320321100201"] {
            let digits = digits_of(code);
            assert!(AreaCode::parse(code).unwrap().contains(&area_of(digits).unwrap()), "{code}");
            assert_eq!(standing(digits), area(code));
        }
        let county = Sender { role: None, area: area("320321") };
        let authority = Authority { sender: county, left: None, given: 0 };
        assert!(authority.covers(digits_of("320321")) && !authority.covers(digits_of("3203")));
    }
}
