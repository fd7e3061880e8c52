//! Writes rows of datasets: one current row per dataset and key, and history behind it.

use qb_base::{AreaCode, mask};
use qb_store::{Bulk, StoreError, Tx, Value};

mod attach;
mod merge;
mod set;

use self::attach::{Attached, Named};
use self::merge::{Content, Stated, complete};
use self::set::Current;
pub(super) use self::set::RecordSet;
use super::authority::{area_of, digits_of};
use super::delivery::Counties;
use super::known::Known;
use super::withdraw::WithdrawnRow;
use super::writer::{FileSource, FileWriter};
use crate::draft::{RecordBatch, RecordDraft, Sent};
use crate::error::RegistryError;
use crate::fault::FaultDraft;
use crate::hash::{Hash64, HashIndex};
use crate::issue::Issue;

const COLUMNS: &[&str] = &[
    "id",
    "dataset",
    "record_key",
    "area_code",
    "household_id",
    "person_id",
    "fields",
    "sealed",
    "source_file_id",
    "source_row",
    "row_digest",
    "recorded_at",
];
/// Unknown links of one kind noted row by row in a file; further ones are counted together.
const LINKS_SINGLE_MAX: u64 = 10_000;

const GONE: &str = "select source_file_id, source_row, area_code from record where id = $1";
const SUPERSEDE: &str = "update record set superseded_at = $1 where id = $2";

/// Writes the rows of one dataset in one file.
pub struct RecordWriter<'t> {
    tx: &'t Tx<'t>,
    /// Whether all known rows of the dataset are in memory.
    whole: bool,
    dataset: String,
    rows: Bulk<'t>,
    next_id: i64,
    /// Rows of this file by key.
    seen: HashIndex,
    /// Counties of the rows it wrote or found as they are.
    counties: Counties,
    links: [Unlinked; 2],
    attached: Attached,
}

/// Rows whose household or person is not in the register.
struct Unlinked {
    issue: Issue,
    rows: u64,
    first: u32,
    first_shown: String,
}

/// The row that a typed one takes the place of, as the person saw it; none for a new one.
///
/// What stands is compared with it in the transaction that writes, so that of two people who save
/// the same row one is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaces(pub Option<i64>);

/// Where the file's rows stand, and where the file stands among those of the same name.
pub struct Versions {
    /// Earlier files of the same name and office; empty where this one replaces none.
    pub earlier: Vec<i64>,
    /// The area of rows that name none and are about no household.
    pub root: AreaCode,
    /// What a typed row takes the place of.
    pub replaces: Option<Replaces>,
    /// Whether so many rows come that all known ones are read first.
    pub many: bool,
}

impl<'t> RecordWriter<'t> {
    /// Prepares for a dataset; `known` afterwards holds its current rows as far as they are needed.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn new(
        tx: &'t Tx<'t>,
        known: &mut Known,
        dataset: &str,
        versions: &Versions,
    ) -> Result<Self, StoreError> {
        let whole = versions.many || !versions.earlier.is_empty();
        known.records.open(tx, dataset, whole)?;
        let unlinked = |issue| Unlinked { issue, rows: 0, first: 0, first_shown: String::new() };
        Ok(Self {
            tx,
            whole,
            dataset: dataset.to_owned(),
            rows: tx.bulk("record", COLUMNS)?,
            next_id: tx.next_id("record")?,
            seen: HashIndex::default(),
            counties: Counties::default(),
            links: [Issue::LinkHousehold, Issue::LinkPerson].map(unlinked),
            attached: Attached::new(whole),
        })
    }

    /// The dataset it writes.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// Whatever the store says, or a broken invariant.
    pub fn batch(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        batch: &RecordBatch,
        versions: &Versions,
    ) -> Result<(), RegistryError> {
        known.records.open(self.tx, &self.dataset, self.whole)?;
        for key in &batch.refused_keys {
            if self.seen.get(*key).is_none() {
                self.seen.insert(*key, 0);
            }
        }
        for draft in &batch.records {
            self.one(known, file, (batch, draft), versions)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        (batch, draft): (&RecordBatch, &RecordDraft),
        versions: &Versions,
    ) -> Result<(), RegistryError> {
        let kept = (draft.area, Sent::Written(batch.arena.bytes(draft.cells)));
        let key = batch.arena.text(draft.key);
        let seen = self.seen.get(draft.key_hash).filter(|row| *row > 0);
        // The hash alone is a guess: a row seen before is current now.
        if let Some(row) = seen
            && known.records.current(self.tx, (key, draft.key_hash))?.is_some()
        {
            let place = format!("{} #{row}", file.source.name);
            return Ok(file.refuse(draft.row, Issue::DuplicateRow, &[("place", &place)], kept)?);
        }
        self.seen.insert(draft.key_hash, draft.row);
        let (household, person) = self.link(known, file, batch, draft)?;
        let named = match file.source.authority.is_everywhere() {
            true => Named::default(),
            false => {
                self.attached.named((self.tx, known), &file.source.authority, (batch, draft))?
            }
        };
        let area = self.place(known, draft, (household, person))?;
        let area = area.or_else(|| file.source.authority.own_of(&named.attached));
        let area = area.unwrap_or(versions.root);
        let kept = (Some(area), kept.1);
        let household = household.map(|at| known.house(at).id);
        let digest = digest(draft, &area, (household, person));
        let mut content = None;
        let current = known.records.current(self.tx, (key, draft.key_hash))?;
        if !permits(file, draft.row, (&named, current), kept)? {
            return Ok(());
        }
        if versions.replaces.is_some_and(|seen| seen.0 != current.map(|current| current.id)) {
            return Ok(file.refuse(draft.row, Issue::RowChanged, &[], kept)?);
        }
        let stands = digits_of(area.as_str());
        self.counties.add(stands);
        match current {
            Some(current) if current.digest == digest => return Ok(()),
            Some(current) if file.leaves(draft.row, current.file_id, Some(area))? => return Ok(()),
            Some(current) => {
                if batch.lacks_columns() {
                    let stated = (area, household, person);
                    let row = (batch, draft);
                    content = complete(
                        self.tx,
                        (file.source.keyring, &self.dataset),
                        row,
                        stated,
                        current.id,
                    )?;
                    if content.is_none() {
                        return Ok(());
                    }
                }
                self.tx.execute(SUPERSEDE, &[file.source.now.0.into(), current.id.into()])?;
            }
            None if !file.permits_new(draft.row, kept)? => return Ok(()),
            None => {}
        }
        let stated = (area, household, person);
        self.insert(known, file.source, (batch, draft), (stated, content.as_ref()), digest)
    }

    /// Where a row stands: one that names no place stands where its household or its person lives.
    fn place(
        &self,
        known: &mut Known,
        draft: &RecordDraft,
        (household, person): (Option<usize>, Option<i64>),
    ) -> Result<Option<AreaCode>, StoreError> {
        Ok(match (draft.area, household, person) {
            (Some(area), ..) => Some(area),
            (None, Some(at), _) => area_of(known.house(at).area),
            (None, None, Some(id)) => known.home(self.tx, id)?.and_then(area_of),
            (None, None, None) => None,
        })
    }

    /// Writes a row: what it states, or its content where it was completed.
    fn insert(
        &mut self,
        known: &mut Known,
        file: &FileSource<'t>,
        (batch, draft): (&RecordBatch, &RecordDraft),
        (stated, content): (Stated, Option<&Content>),
        digest: i64,
    ) -> Result<(), RegistryError> {
        let (area, household, person) = stated;
        let id = self.next_id;
        self.next_id += 1;
        let area = content.map_or(&area, |content| &content.area);
        let stands = digits_of(area.as_str());
        let now = Current { id, digest, file_id: file.file_id, area: stands };
        let key = batch.arena.text(draft.key);
        known.records.put((key, draft.key_hash), now);
        let sealed = draft.sealed.map(|sealed| batch.arena.bytes(sealed));
        let fields = batch.arena.text(draft.fields);
        self.rows.push(&[
            Value::Int(id),
            self.dataset.as_str().into(),
            key.into(),
            area.as_str().into(),
            content.map_or(household, |content| content.household).into(),
            content.map_or(person, |content| content.person).into(),
            content.map_or(fields, |content| &content.fields).into(),
            content.map_or(sealed, |content| content.sealed.as_deref()).into(),
            Value::Int(file.file_id),
            Value::Int(i64::from(draft.row)),
            Value::Int(digest),
            Value::Int(file.now.0),
        ])?;
        Ok(())
    }

    /// The household, by its place in memory, and the person the row is about; an unknown one is
    /// noted and left open. A person outside the sender's area is as unknown as one that does not
    /// exist; a row that names a household there is refused with what else it names.
    fn link(
        &mut self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        batch: &RecordBatch,
        draft: &RecordDraft,
    ) -> Result<(Option<usize>, Option<i64>), StoreError> {
        let mut household = None;
        if let Some(number) = draft.household_no {
            let found = known.household(self.tx, batch.arena.text(number))?;
            household = found.filter(|at| file.source.authority.covers(known.house(*at).area));
            if found.is_none() {
                self.unlinked(0, file, draft, batch.arena.text(number))?;
            }
        }
        let mut person = None;
        if let Some(blind) = &draft.blind {
            person = known.blind(self.tx, blind)?;
            if let Some(id) = person.filter(|_| !file.source.authority.is_everywhere()) {
                let home = known.home(self.tx, id)?;
                person = home.filter(|area| file.source.authority.covers(*area)).map(|_| id);
            }
            if person.is_none() {
                let shown = draft.id_no.map(|number| mask::id_number(batch.arena.text(number)));
                self.unlinked(1, file, draft, &shown.unwrap_or_else(|| "…".to_owned()))?;
            }
        }
        Ok((household, person))
    }

    fn unlinked(
        &mut self,
        at: usize,
        file: &mut FileWriter<'_, 't>,
        draft: &RecordDraft,
        shown: &str,
    ) -> Result<(), StoreError> {
        let Some(link) = self.links.get_mut(at) else { return Ok(()) };
        link.rows += 1;
        if link.rows <= LINKS_SINGLE_MAX {
            file.note(draft.row, link.issue, &[("value", shown)], draft.area)?;
        } else if link.rows == LINKS_SINGLE_MAX + 1 {
            link.first = draft.row;
            shown.clone_into(&mut link.first_shown);
        }
        Ok(())
    }

    /// Ends the dataset in this file: rows go to the store, and what an earlier file of the same
    /// name held and this one no longer holds is withdrawn, in the counties this one speaks for.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn finish(
        self,
        known: &mut Known,
        file: &mut FileWriter<'_, 't>,
        versions: &Versions,
    ) -> Result<(), StoreError> {
        self.rows.finish()?;
        for link in &self.links {
            let rest = link.rows.saturating_sub(LINKS_SINGLE_MAX);
            if rest > 0 {
                file.book.fault(&counted(link, rest))?;
            }
        }
        file.source.counties.extend(&self.counties);
        if versions.earlier.is_empty() {
            return Ok(());
        }
        known.records.open(self.tx, &self.dataset, true)?;
        let gone = known.records.remove_where(|key, current| {
            versions.earlier.contains(&current.file_id)
                && self.seen.get(key).is_none()
                && self.counties.has(current.area)
                && file.source.authority.covers(current.area)
        });
        for id in gone {
            let (file_id, row, area) = self.tx.query_one(GONE, &[id.into()], |row| {
                Ok((row.int(0)?, row.int(1)?, row.text(2)?))
            })?;
            let dataset = Some(self.dataset.clone());
            file.book.withdrawn(&WithdrawnRow { dataset, id, file_id, row, area })?;
            self.tx.execute(SUPERSEDE, &[file.source.now.0.into(), id.into()])?;
        }
        Ok(())
    }
}

/// Whether a row may be written, by where everything stands that it names or takes the place of.
fn permits(
    file: &mut FileWriter<'_, '_>,
    row: u32,
    (named, current): (&Named, Option<Current>),
    kept: (Option<AreaCode>, Sent<'_>),
) -> Result<bool, RegistryError> {
    let judged = current.filter(|_| !file.source.authority.is_everywhere());
    let stands = judged.map(|current| area_of(current.area));
    let touched: Vec<_> = named.touched.iter().copied().chain(stands).collect();
    if !file.permits_attached(row, (&touched, &named.attached), kept)? {
        return Ok(false);
    }
    // What stands nowhere yet is answered like what stands elsewhere once answers are spent.
    Ok(!named.is_unknown || file.permits_new(row, kept)?)
}

/// One fault for the rows beyond those noted singly.
fn counted(link: &Unlinked, rows: u64) -> FaultDraft {
    let one = FaultDraft::new(link.first, link.issue, &[("value", &link.first_shown)]);
    let message = qb_base::Text::new(
        format!("{}共{rows}行。", one.message.zh),
        format!("{} ({rows} rows)", one.message.en),
    );
    FaultDraft { message, rows, ..one }
}

/// What tells a row from its earlier version: its values, its place and what it is about.
fn digest(draft: &RecordDraft, area: &AreaCode, links: (Option<i64>, Option<i64>)) -> i64 {
    let mut hash = Hash64::new();
    hash.int(draft.digest).bytes(area.as_str().as_bytes());
    for link in [links.0, links.1] {
        // Ids begin at 1; a row about nobody has none.
        hash.int(link.unwrap_or(0).cast_unsigned());
    }
    hash.finish().cast_signed()
}
