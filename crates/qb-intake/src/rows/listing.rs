//! Short tables: designated villages and outside figures.

use std::borrow::Cow;

use qb_registry::draft::{DesignationDraft, ReferenceDraft};

use super::Shared;
use super::fault_log::FaultLog;
use super::field::{Field, RowReader};
use super::kept;
use super::notes::{RowKind, RowSorter};
use super::parsed::{Common, RefusedDraft};
use super::place::PlaceReader;
use crate::fields::code::CodeReader;
use crate::fields::number::micro;
use crate::fields::{Issue, Reading, date};
use crate::layout::ColumnMap;
use crate::read::batch::RowView;

/// What the two tables share: counting, refusing, leaving out notes.
struct Table {
    shared: Shared,
    columns: ColumnMap,
    sorter: RowSorter,
    log: FaultLog,
    common: Common,
    scratch: Vec<u8>,
    notes: u64,
}

impl Table {
    fn new(shared: Shared, columns: ColumnMap, full: &[&str], key: &str) -> Self {
        let full: Vec<usize> = full.iter().map(|id| columns.of(id)).collect();
        let sorter = RowSorter::new(&full, &[columns.of(key)]);
        Self {
            shared,
            columns,
            sorter,
            log: FaultLog::default(),
            common: Common::default(),
            scratch: Vec::new(),
            notes: 0,
        }
    }

    /// Whether the row is no record.
    fn skips(&mut self, view: &RowView<'_>) -> bool {
        let kind = self.sorter.sort(view, &self.columns);
        self.log.unit_below = self.sorter.unit_below;
        self.notes += u64::from(kind == RowKind::Note);
        kind != RowKind::Record
    }

    /// Counts the row; true when it was refused, and then its cells are kept.
    fn count(
        &mut self,
        view: &RowView<'_>,
        filled: &[(usize, &str)],
        (refused, repaired): (bool, bool),
    ) -> bool {
        self.common.counts.read += 1;
        self.common.counts.repaired += u64::from(repaired && !refused);
        self.scratch.clear();
        kept::put_row(view, filled, &mut self.scratch);
        if refused {
            self.common.counts.rejected += 1;
            let refused = RefusedDraft { row: view.number, cells: self.scratch.clone() };
            self.common.refused.push(refused);
        }
        refused
    }

    fn finish(&mut self) -> Common {
        let mut common = std::mem::take(&mut self.common);
        common.faults = self.log.finish();
        common
    }
}

/// Parses the list of designated villages.
pub(crate) struct DesignationParser {
    table: Table,
    place: PlaceReader,
    kind: Option<(Field, CodeReader)>,
    year: Field,
    rows: Vec<DesignationDraft>,
}

impl DesignationParser {
    pub(crate) fn new(shared: Shared, columns: ColumnMap) -> Self {
        let kind = shared
            .list("designation_kind")
            .map(|list| (Field::of(&columns, "kind"), CodeReader::new(list)));
        Self {
            place: PlaceReader::new(&columns),
            kind,
            year: Field::of(&columns, "designated_year"),
            table: Table::new(shared, columns, &["village", "kind"], "village"),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, view: RowView<'_>) {
        if self.table.skips(&view) {
            return;
        }
        let mut row = RowReader::new(view, &mut self.table.log);
        let area = self.place.read(&mut row, &self.table.shared);
        let kind = self.kind.as_mut().and_then(|(field, codes)| {
            let at = row.take_code(field, codes)?;
            codes.list().codes.get(usize::from(at)).map(|code| code.id.clone())
        });
        let year = date::year(row.value(&self.year));
        let year = row.take_year(&self.year, year, self.table.shared.today);
        let (refused, repaired) = (row.refused, row.repaired);
        if self.table.count(&view, &self.place.in_force(), (refused, repaired)) {
            return;
        }
        if let (Some(area), Some(kind)) = (area, kind) {
            self.rows.push(DesignationDraft {
                row: view.number,
                kind,
                area,
                year,
                cells: self.table.scratch.clone(),
            });
        }
    }

    pub(crate) fn notes(&self) -> u64 {
        self.table.notes
    }

    pub(crate) fn finish(&mut self) -> (Vec<DesignationDraft>, Common) {
        (std::mem::take(&mut self.rows), self.table.finish())
    }
}

/// Parses outside figures.
pub(crate) struct ReferenceParser {
    table: Table,
    fact_id: Field,
    label: Field,
    value: Field,
    unit: Field,
    year: Field,
    area: Field,
    source: Field,
    document: Field,
    published_on: Field,
    rows: Vec<ReferenceDraft>,
}

impl ReferenceParser {
    pub(crate) fn new(shared: Shared, columns: ColumnMap) -> Self {
        let field = |id: &str| Field::of(&columns, id);
        Self {
            fact_id: field("fact_id"),
            label: field("label"),
            value: field("value"),
            unit: field("unit"),
            year: field("year"),
            area: field("area"),
            source: field("source"),
            document: field("document"),
            published_on: field("published_on"),
            table: Table::new(shared, columns, &["fact_id", "value", "unit"], "fact_id"),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, view: RowView<'_>) {
        if self.table.skips(&view) {
            return;
        }
        let mut row = RowReader::new(view, &mut self.table.log);
        let fact_id = number(&mut row, &self.fact_id, &self.table.shared);
        let label = words(&mut row, &self.label);
        let unit = words(&mut row, &self.unit);
        let source = words(&mut row, &self.source);
        let document = words(&mut row, &self.document);
        let area = number(&mut row, &self.area, &self.table.shared);
        let value = micro(row.value(&self.value));
        let value = row.take(&self.value, value);
        let today = self.table.shared.today;
        let year = date::year(row.value(&self.year));
        let year = row.take_year(&self.year, year, today);
        let published = date::date(row.value(&self.published_on));
        let published_on = row.take_date(&self.published_on, published, today);
        let published_on = published_on.map(|date| date.to_iso());
        let area = area.and_then(|area| known_area(&mut row, &self.area, &self.table.shared, area));
        let (refused, repaired) = (row.refused, row.repaired);
        if self.table.count(&view, &[], (refused, repaired)) {
            return;
        }
        if let (Some(fact_id), Some(value_micro), Some(unit), Some(source)) =
            (fact_id, value, unit, source)
        {
            // The list leaves the label out where the figure's own will do.
            let label = label.unwrap_or_default();
            self.rows.push(ReferenceDraft {
                row: view.number,
                fact_id,
                label,
                area,
                year,
                value_micro,
                unit,
                source,
                document,
                published_on,
                cells: self.table.scratch.clone(),
            });
        }
    }

    pub(crate) fn notes(&self) -> u64 {
        self.table.notes
    }

    pub(crate) fn finish(&mut self) -> (Vec<ReferenceDraft>, Common) {
        (std::mem::take(&mut self.rows), self.table.finish())
    }
}

fn reading(text: Cow<'_, str>) -> Reading<Cow<'_, str>> {
    if text.is_empty() { Reading::Blank } else { Reading::Value(text) }
}

/// What people wrote, without numbers of persons.
fn words(row: &mut RowReader<'_, '_>, field: &Field) -> Option<String> {
    let text = row.value(field).trimmed();
    row.take_words(field, reading(text)).map(|words| words.0)
}

/// The number of a thing; one of a person in its place refuses the row.
fn number(row: &mut RowReader<'_, '_>, field: &Field, shared: &Shared) -> Option<String> {
    let text = row.value(field).trimmed();
    let number = row.take(field, reading(text))?;
    if shared.is_personal(&number) {
        row.note(field, Issue::PersonalKey, &[]);
        return None;
    }
    Some(number.into_owned())
}

/// An outside figure may be about a larger area than the pack's, never about an unknown one below
/// it.
fn known_area(
    row: &mut RowReader<'_, '_>,
    field: &Field,
    shared: &Shared,
    area: String,
) -> Option<String> {
    let code = qb_base::AreaCode::parse(&area).ok();
    let root = shared.areas.root();
    if code.is_some_and(|code| {
        shared.areas.knows(&code) || code.contains(&root) || !root.contains(&code)
    }) {
        return Some(area);
    }
    let parent = shared.areas.name(&root);
    row.note(field, Issue::AreaUnknown, &[("value", &area), ("parent", &parent)]);
    None
}
