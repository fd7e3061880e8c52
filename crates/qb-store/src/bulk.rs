//! Many rows of one table: statements of several rows on SQLite, COPY on PostgreSQL.

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::conn::{Conn, Kind};
use crate::copy_binary;
use crate::error::StoreError;
use crate::postgres::PgConn;
use crate::value::Value;

/// Bytes of COPY gathered before they are sent.
const COPY_BUFFER_BYTES: usize = 1 << 20;
/// Values of one SQLite statement: enough to share its cost among rows, few enough to stay in the
/// processor's caches.
const GROUP_VALUES: usize = 512;

/// A bulk load into one table, inside the transaction that opened it.
///
/// [`Bulk::finish`] sends what is still buffered; dropping a load without it leaves rows out, so
/// the type must be finished.
#[must_use = "a bulk load ends with finish()"]
pub struct Bulk<'a>(Kindred<'a>);

enum Kindred<'a> {
    Lite(Box<Lite<'a>>),
    Pg { conn: &'a PgConn, sql: String, buffer: Vec<u8>, rest: copy_binary::Rest },
}

/// A column with what it holds in every row of a load.
pub type Constant<'v> = (&'static str, Value<'v>);

impl<'a> Bulk<'a> {
    pub(crate) fn open(
        conn: &'a Conn,
        table: &'static str,
        columns: &[&'static str],
        constants: &[Constant<'_>],
    ) -> Result<Self, StoreError> {
        let constant = constants.iter().map(|(name, _)| *name);
        let names = columns.iter().copied().chain(constant).collect::<Vec<_>>().join(", ");
        let values = constants.iter().map(|(_, value)| value);
        Ok(Self(match &conn.0 {
            Kind::Lite(lite) => {
                let head = format!("insert or fail into {table} ({names}) values ");
                Kindred::Lite(Box::new(Lite::open(&lite.conn, head, columns.len(), values)?))
            }
            Kind::Pg(pg) => {
                let sql = format!("copy {table} ({names}) from stdin (format binary)");
                let rest = copy_binary::Rest::of(values)?;
                Kindred::Pg { conn: pg, sql, buffer: Vec::new(), rest }
            }
        }))
    }

    /// Adds a row, values in the order of the columns.
    ///
    /// # Errors
    /// Whatever the database says, perhaps only at a later row.
    pub fn push(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        match &mut self.0 {
            Kindred::Lite(rows) => rows.push(values)?,
            Kindred::Pg { buffer, rest, .. } => {
                if buffer.is_empty() {
                    buffer.reserve(COPY_BUFFER_BYTES + 4096);
                    copy_binary::begin(buffer);
                }
                copy_binary::append(buffer, values, rest)?;
                if buffer.len() >= COPY_BUFFER_BYTES {
                    self.flush()?;
                }
            }
        }
        Ok(())
    }

    /// Sends what is buffered; needed before a query must see the rows.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        match &mut self.0 {
            Kindred::Lite(rows) => rows.flush(),
            Kindred::Pg { conn, sql, buffer, .. } if !buffer.is_empty() => {
                copy_binary::end(buffer);
                conn.copy(sql, std::mem::take(buffer))
            }
            Kindred::Pg { .. } => Ok(()),
        }
    }

    /// Ends the load.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.flush()
    }
}

/// Rows that go to SQLite a group at a time; what is left at a flush goes row by row.
struct Lite<'a> {
    conn: &'a Connection,
    head: String,
    columns: usize,
    /// What every row ends with.
    constants: Vec<Held>,
    /// Rows of a group.
    rows: usize,
    one: rusqlite::Statement<'a>,
    /// The statement of a whole group, made when the first group is full.
    group: Option<rusqlite::Statement<'a>>,
    /// Values of the group that is being gathered, row after row.
    held: Vec<Held>,
    /// How many of them are of rows not yet written.
    waiting: usize,
}

impl<'a> Lite<'a> {
    /// `head` says "or fail": the transaction is rolled back whole after any error, so SQLite need
    /// not be ready to undo a single statement of several rows.
    fn open<'v>(
        conn: &'a Connection,
        head: String,
        columns: usize,
        constants: impl Iterator<Item = &'v Value<'v>>,
    ) -> Result<Self, StoreError> {
        let rows = (GROUP_VALUES / columns.max(1)).max(1);
        let constants: Vec<Held> = constants.map(Held::of).collect();
        let one = statement(conn, &head, [columns, 1], &constants)?;
        let (group, held) = (None, Vec::new());
        Ok(Self { conn, head, columns, constants, rows, one, group, held, waiting: 0 })
    }

    fn push(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        if self.held.len() < self.waiting + self.columns {
            self.held.resize_with(self.waiting + self.columns, Held::default);
        }
        let row = self.held.iter_mut().skip(self.waiting);
        row.zip(values).for_each(|(held, value)| held.set(value));
        self.waiting += self.columns;
        if self.waiting == self.rows * self.columns { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), StoreError> {
        let group = match &mut self.group {
            Some(group) => group,
            none => {
                let size = [self.columns, self.rows];
                none.insert(statement(self.conn, &self.head, size, &self.constants)?)
            }
        };
        for (i, held) in self.held.iter_mut().enumerate() {
            if !std::mem::replace(&mut held.bound, true) {
                group.raw_bind_parameter(i + 1, &*held)?;
            }
        }
        group.raw_execute()?;
        self.waiting = 0;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let waiting = &self.held[..self.waiting];
        for row in waiting.chunks(self.columns.max(1)) {
            for (i, held) in row.iter().enumerate() {
                self.one.raw_bind_parameter(i + 1, held)?;
            }
            self.one.raw_execute()?;
        }
        self.waiting = 0;
        Ok(())
    }
}

/// The statement of some rows, with the constants behind the values of all rows and bound for good.
fn statement<'a>(
    conn: &'a Connection,
    head: &str,
    [columns, rows]: [usize; 2],
    constants: &[Held],
) -> Result<rusqlite::Statement<'a>, StoreError> {
    let values = columns * rows;
    let mut sql = head.to_owned();
    for row in 0..rows {
        let own = row * columns..(row + 1) * columns;
        let all: Vec<String> =
            own.chain(values..values + constants.len()).map(|at| format!("?{}", at + 1)).collect();
        sql.push_str(if row > 0 { ", (" } else { "(" });
        sql.push_str(&all.join(", "));
        sql.push(')');
    }
    let mut statement = conn.prepare(&sql)?;
    for (at, constant) in constants.iter().enumerate() {
        statement.raw_bind_parameter(values + at + 1, constant)?;
    }
    Ok(statement)
}

/// A value of a waiting row, and whether the group's statement holds it from the group before:
/// most columns repeat themselves, and comparing costs less than binding.
#[derive(Default)]
struct Held {
    kind: HeldKind,
    bytes: Vec<u8>,
    bound: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum HeldKind {
    #[default]
    Null,
    Int(i64),
    Text,
    Blob,
}

impl Held {
    fn of(value: &Value<'_>) -> Self {
        let mut held = Self::default();
        held.set(value);
        held
    }

    #[inline]
    fn set(&mut self, value: &Value<'_>) {
        let (kind, bytes): (HeldKind, &[u8]) = match *value {
            Value::Null => (HeldKind::Null, &[]),
            Value::Int(number) => (HeldKind::Int(number), &[]),
            Value::Bool(truth) => (HeldKind::Int(i64::from(truth)), &[]),
            Value::Text(text) => (HeldKind::Text, text.as_bytes()),
            Value::Blob(bytes) => (HeldKind::Blob, bytes),
        };
        if self.kind != kind || self.bytes != bytes {
            self.kind = kind;
            self.bytes.clear();
            self.bytes.extend_from_slice(bytes);
            self.bound = false;
        }
    }
}

impl rusqlite::ToSql for Held {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.kind {
            HeldKind::Null => ValueRef::Null,
            HeldKind::Int(number) => ValueRef::Integer(number),
            HeldKind::Text => ValueRef::Text(&self.bytes),
            HeldKind::Blob => ValueRef::Blob(&self.bytes),
        }))
    }
}
