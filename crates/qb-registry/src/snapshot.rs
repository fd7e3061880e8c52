//! Snapshots: the register at one instant as Parquet views, one county after another.
//!
//! Rows are read in the order of the views (area, household, person), so members lie side by side
//! and nothing is sorted; rows of datasets in the order of area and key. Counties are read side by
//! side, all of them, the datasets and the tables of other links as they were at one instant.

mod datasets;
pub(crate) mod fields;
mod incomes;
mod rows;
mod tables;
mod told;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use qb_base::{AreaCode, Date};
use qb_engine::{EngineError, Snapshot, SnapshotWriter, Table, views};
use qb_policy::Pack;
use qb_store::{AuditEntry, Conn, Known, OfficeDay, Store, StoreError, Value};

use crate::error::RegistryError;
use crate::snapshot::tables::CountyRows;

/// Counties that are read side by side.
const READERS: usize = 2;

/// What a snapshot is taken of.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who takes it.
    pub actor: &'a str,
    /// The pack whose area, year, income items and sets the views follow.
    pub pack: &'a Pack,
    /// The day on which memberships and ages stand.
    pub as_of: Date,
    /// What of the register is known.
    pub known: Known,
}

/// How the rows of a register are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Those that stand now: nothing of the past is asked for.
    Current,
    /// The versions that were known to hold.
    Versions,
}

impl Reading {
    /// Nothing that stands now begins after the office's day.
    pub(crate) fn of(conn: &Conn, as_of: Date, known: Known) -> Result<Self, StoreError> {
        let is_current = known == Known::Everything && as_of >= OfficeDay::read(conn)?.day;
        Ok(if is_current { Self::Current } else { Self::Versions })
    }
}

/// Takes a snapshot of the register at one instant, with the tables that other links publish of the
/// same instant, writes it below the data directory, and notes it in the store.
///
/// The same register gives the same digest, whenever it is taken.
///
/// # Errors
/// Whatever the store, the other links or the file system say; an unfinished snapshot has no name
/// and is never read.
pub fn take<E: From<StoreError> + From<RegistryError>>(
    store: &Store,
    asked: &Asked<'_>,
    tables: impl FnOnce(&Conn) -> Result<Vec<Table>, E>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Snapshot, E> {
    let snapshots = store.place().dir.snapshots();
    let snapshot = store.read_together(READERS, |readers| {
        let Some(first) = readers.first() else { return Err(no_reader().into()) };
        let tables = tables(first)?;
        let writer = SnapshotWriter::create(&snapshots, asked.as_of);
        let writer = writer.map_err(RegistryError::from)?;
        Ok::<_, E>(write(readers, asked, writer, tables, progress)?)
    })?;
    note(store, asked, &snapshot)?;
    Ok(snapshot)
}

fn no_reader() -> RegistryError {
    EngineError::Internal("a snapshot is read without a connection").into()
}

fn write(
    readers: &mut [Conn],
    asked: &Asked<'_>,
    mut writer: SnapshotWriter,
    tables: Vec<Table>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Snapshot, RegistryError> {
    let Some(first) = readers.first() else { return Err(no_reader()) };
    let counties = counties(first, asked.pack)?;
    let whole = asked.pack.area.as_str();
    for table in datasets::of_pack(first, asked)? {
        writer.write_table(whole, &table)?;
    }
    // Their memory is free before the counties are read.
    tables.into_iter().try_for_each(|table| writer.write_table(whole, &table))?;
    // Rows about the whole area belong to no county; where it is a county itself they come with it.
    let within = match counties.iter().any(|county| county.as_str() == whole) {
        true => (String::new(), String::new()),
        false => (whole.to_owned(), format!("{whole}/")),
    };
    let reading = Reading::of(first, asked.as_of, asked.known)?;
    let above = datasets::records(first, asked, &within)?;
    above.iter().try_for_each(|table| writer.write_table(whole, table))?;
    let references = tables::reference(first, asked.known)?;
    read_in_order(readers, (asked, reading), &counties, |at, county, rows| {
        let county = county.as_str();
        writer.write(&views::PERSON, county, &rows.person)?;
        writer.write(&views::HOUSEHOLD, county, &rows.household)?;
        writer.write(&views::VILLAGE, county, &rows.village)?;
        rows.records.iter().try_for_each(|table| writer.write_table(county, table))?;
        progress(at as u64 + 1, counties.len() as u64);
        Ok(())
    })?;
    writer.write(&views::REFERENCE, whole, &references)?;
    Ok(writer.finish()?)
}

/// Reads counties on several threads and hands them over in their order.
fn read_in_order(
    readers: &mut [Conn],
    asked: (&Asked<'_>, Reading),
    counties: &[AreaCode],
    mut write: impl FnMut(usize, &AreaCode, CountyRows) -> Result<(), RegistryError>,
) -> Result<(), RegistryError> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel(0);
    std::thread::scope(|scope| {
        for reader in readers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let at = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(county) = counties.get(at)
                {
                    // The receiver is gone only when writing failed; then nobody waits for the
                    // rest.
                    if sender.send((at, county, tables::read(reader, asked, county))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (at, county, rows) in receiver {
            waiting.insert(at, (county, rows?));
            while let Some((county, rows)) = waiting.remove(&due) {
                write(due, county, rows)?;
                due += 1;
            }
        }
        Ok(())
    })
}

/// The counties of the pack's area, in order.
fn counties(conn: &Conn, pack: &Pack) -> Result<Vec<AreaCode>, RegistryError> {
    let (low, high) = pack.area.range();
    let sql = "select code from area where level = 'county' and code >= $1 and code < $2 \
               and valid_to is null order by code";
    let values = [(&low).into(), (&high).into()];
    Ok(conn.query(sql, &values, |row| {
        let expected = StoreError::Type { column: 0, expected: "an area code" };
        AreaCode::parse(&row.text(0)?).map_err(|_| expected)
    })?)
}

/// Notes a snapshot that is new; one with the same content is already known.
fn note(store: &Store, asked: &Asked<'_>, snapshot: &Snapshot) -> Result<(), RegistryError> {
    let digest = snapshot.digest().to_string();
    let sql = "insert into snapshot (digest, as_of_on, taken_at, households, people, villages) \
               values ($1, $2, $3, $4, $5, $6) on conflict (digest) do nothing";
    let as_of = asked.as_of.to_string();
    store.write::<_, StoreError>(|tx| {
        let values: [Value<'_>; 6] = [
            (&digest).into(),
            (&as_of).into(),
            qb_base::env::now().0.into(),
            count(snapshot, "household")?,
            count(snapshot, "person")?,
            count(snapshot, "village")?,
        ];
        tx.execute(sql, &values)?;
        tx.audit(&AuditEntry {
            actor: asked.actor,
            action: "snapshot.take",
            object: &digest,
            before: None,
            after: Some(snapshot.digest()),
            reason: "input of set-wise work",
        })
    })?;
    Ok(())
}

fn count(snapshot: &Snapshot, view: &str) -> Result<Value<'static>, StoreError> {
    let found = snapshot.manifest().views.get(view);
    let view = found.ok_or(StoreError::Broken("a snapshot lacks one of its views"))?;
    Ok(Value::Int(qb_base::count(view.rows)))
}
