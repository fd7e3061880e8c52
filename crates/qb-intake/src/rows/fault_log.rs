//! Collects faults: single ones by row, and those a whole column shares once with their count.

use std::collections::{BTreeMap, HashMap};

use qb_base::AreaCode;
use qb_registry::FaultDraft;

use super::field::Field;
use crate::fields::{Issue, Severity};

/// Repairs and warnings of one kind and column kept row by row in a file; further ones are counted
/// together.
const SINGLE_MAX: u64 = 10_000;
/// Distinct values of shared faults kept in a file; further ones are counted under the first of
/// their kind.
const SHARED_MAX: usize = 5_000;

/// Where a fault was found.
pub(crate) struct Found<'a> {
    pub(crate) row: u32,
    pub(crate) field: &'a Field,
    pub(crate) issue: Issue,
}

/// What makes two faults of a column the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SharedKey {
    issue: Issue,
    column: usize,
    /// The text; none where one example stands for the whole column.
    value: Option<String>,
}

/// A text that has been met before in its column.
#[derive(Debug)]
struct Quick {
    raw: Vec<u8>,
    key: SharedKey,
    rows: u64,
}

/// Texts of a column that are compared one by one; columns with more go the long way.
const QUICK_MAX: usize = 16;

#[derive(Debug)]
struct SharedFault {
    draft: FaultDraft,
}

/// The faults of a file.
#[derive(Debug, Default)]
pub(crate) struct FaultLog {
    single: Vec<FaultDraft>,
    shared: BTreeMap<SharedKey, SharedFault>,
    counts: BTreeMap<(Issue, usize), (u64, Option<FaultDraft>)>,
    /// Occurrences by column and text as the file writes it, with the fault they are added to at
    /// the end.
    quick: HashMap<(Issue, usize), Vec<Quick>>,
    /// Times of day by column of dates.
    times: BTreeMap<usize, Times>,
    /// The area of the row being read.
    pub(crate) area: Option<AreaCode>,
    /// Columns between the half of the table being read and the first.
    pub(crate) shift: usize,
    /// The unit that a line inside the table states for the rows below it; none inside where it
    /// names none that can be used.
    pub(crate) unit_below: Option<Option<i32>>,
    noted: u64,
}

/// Times of day met in a column of dates.
#[derive(Debug)]
struct Times {
    field: Field,
    first_row: u32,
    dates: u64,
    /// How many are midnight in China, written in UTC.
    utc_midnights: u64,
}

/// Minutes from the start of a day in UTC to midnight in China.
const UTC_MIDNIGHT: u32 = 16 * 60;

impl FaultLog {
    /// How many times something was noted about a cell.
    pub(crate) fn noted(&self) -> u64 {
        self.noted
    }

    /// Notes a fault of a cell.
    pub(crate) fn cell(&mut self, found: Found<'_>, fills: &[(&str, &str)]) {
        self.noted += 1;
        let shared = matches!(
            found.issue,
            Issue::LabelAlias
                | Issue::FilledDown
                | Issue::AreaAlias
                | Issue::NullWord
                | Issue::Unwrapped
        );
        if shared {
            // Of wrappings one example stands for the whole column.
            let same = |name: &str| name == "value" && found.issue != Issue::Unwrapped;
            let value = fills.iter().find(|(name, _)| same(name));
            let key = SharedKey {
                issue: found.issue,
                column: found.field.column,
                value: value.map(|(_, value)| (*value).to_owned()),
            };
            if let Some(known) = self.shared.get_mut(&key) {
                known.draft.rows += 1;
                return;
            }
            if self.shared.len() < SHARED_MAX {
                let draft = self.draft(&found, fills);
                self.shared.insert(key, SharedFault { draft });
                return;
            }
        }
        let severity = found.issue.severity();
        let (count, rest) = self.counts.entry((found.issue, found.field.column)).or_default();
        *count += 1;
        if *count <= SINGLE_MAX || severity == Severity::Refused {
            let draft = self.draft(&found, fills);
            self.single.push(draft);
        } else if let Some(rest) = rest {
            rest.rows += 1;
        } else {
            let draft = self.draft(&found, fills);
            if let Some((_, rest)) = self.counts.get_mut(&(found.issue, found.field.column)) {
                *rest = Some(draft);
            }
        }
    }

    /// Counts one more occurrence of a text whose fault is known; false when it has to be noted in
    /// full.
    #[inline]
    pub(crate) fn again(&mut self, issue: Issue, column: usize, raw: &[u8]) -> bool {
        let known = self
            .quick
            .get_mut(&(issue, column))
            .and_then(|known| known.iter_mut().find(|quick| quick.raw == raw));
        let again = known.map(|quick| quick.rows += 1).is_some();
        self.noted += u64::from(again);
        again
    }

    /// Remembers a text so that [`FaultLog::again`] knows it.
    pub(crate) fn remember(&mut self, issue: Issue, column: usize, raw: &[u8], value: &str) {
        let key = SharedKey { issue, column, value: Some(value.to_owned()) };
        let known = self.quick.entry((issue, column)).or_default();
        if known.len() < QUICK_MAX && self.shared.contains_key(&key) {
            known.push(Quick { raw: raw.to_vec(), key, rows: 0 });
        }
    }

    /// Counts a date that states a time of day.
    pub(crate) fn time_of_day(&mut self, field: &Field, row: u32, minute: u32) {
        let times = self.times.entry(field.column).or_insert_with(|| Times {
            field: field.clone(),
            first_row: row,
            dates: 0,
            utc_midnights: 0,
        });
        times.dates += 1;
        times.utc_midnights += u64::from(minute == UTC_MIDNIGHT);
    }

    /// One lead for each column of dates in which times of day stood.
    fn note_times(&mut self) {
        self.area = None;
        for (_, times) in std::mem::take(&mut self.times) {
            let all = times.utc_midnights == times.dates;
            let issue = if all { Issue::TimesUtc } else { Issue::TimesLeftOut };
            let found = Found { row: times.first_row, field: &times.field, issue };
            let mut draft = self.draft(&found, &[("count", &times.dates.to_string())]);
            draft.rows = times.dates;
            self.single.push(draft);
        }
    }

    /// Notes a fault of a row or a sheet.
    pub(crate) fn row(&mut self, row: u32, issue: Issue, fills: &[(&str, &str)]) {
        self.push(row, issue, 1, fills);
    }

    /// Notes one fault that stands for several rows.
    pub(crate) fn push(&mut self, row: u32, issue: Issue, rows: u64, fills: &[(&str, &str)]) {
        self.single.push(FaultDraft {
            issue,
            severity: issue.severity(),
            row,
            column: None,
            label: None,
            area: self.area,
            message: issue.message().fill(fills),
            remedy: issue.remedy(),
            rows,
        });
    }

    fn draft(&self, found: &Found<'_>, fills: &[(&str, &str)]) -> FaultDraft {
        let label = found.field.label.as_str();
        let fills: Vec<(&str, &str)> = fills.iter().copied().chain([("label", label)]).collect();
        FaultDraft {
            issue: found.issue,
            severity: found.issue.severity(),
            row: found.row,
            column: found.field.number(self.shift),
            label: (!label.is_empty()).then(|| label.to_owned()),
            area: self.area,
            message: found.issue.message().fill(&fills),
            remedy: found.issue.remedy(),
            rows: 1,
        }
    }

    /// Takes the single faults found so far.
    pub(crate) fn drain(&mut self) -> Vec<FaultDraft> {
        std::mem::take(&mut self.single)
    }

    /// Takes everything left at the end of a sheet, shared faults with their counts.
    pub(crate) fn finish(&mut self) -> Vec<FaultDraft> {
        for quick in std::mem::take(&mut self.quick).into_values().flatten() {
            if let Some(shared) = self.shared.get_mut(&quick.key) {
                shared.draft.rows += quick.rows;
            }
        }
        self.note_times();
        let mut all = self.drain();
        all.extend(
            std::mem::take(&mut self.shared).into_values().map(|shared| with_count(shared.draft)),
        );
        all.extend(
            std::mem::take(&mut self.counts)
                .into_values()
                .filter_map(|(_, rest)| rest.map(with_count)),
        );
        all
    }
}

/// Adds to how many rows the sentence applies.
fn with_count(mut draft: FaultDraft) -> FaultDraft {
    if draft.rows > 1 {
        let text = draft.message;
        draft.message = qb_base::Text::new(
            format!("{}共{}行。", text.zh, draft.rows),
            format!("{} ({} rows)", text.en, draft.rows),
        );
    }
    draft
}
