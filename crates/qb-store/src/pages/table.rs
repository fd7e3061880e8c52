//! Rows of one table, laid out as they come.

use rusqlite::{Connection, OptionalExtension};

use super::Pages;
use super::record::{Record, put_varint};
use super::tree::{Page, Tree, TreeKind, table_separator};
use crate::bulk::Constant;
use crate::error::StoreError;
use crate::value::Value;

/// Where a column of the table gets its value from.
#[derive(Debug)]
enum Source {
    /// The row id itself, which the record does not repeat.
    RowId,
    /// A value of each row, by its place.
    Row { at: usize, kind: Kind, required: bool },
    /// Neighbouring columns that hold the same in all rows.
    Same(Record),
}

/// What a column's declared type lets through unchanged; for other values SQLite has conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Blob,
}

impl Kind {
    fn of(declared: &str) -> Option<Self> {
        match declared.to_ascii_lowercase().as_str() {
            "integer" | "bigint" | "boolean" => Some(Self::Number),
            "text" => Some(Self::Text),
            "blob" => Some(Self::Blob),
            _ => None,
        }
    }

    #[inline]
    fn takes(self, value: &Value<'_>) -> bool {
        match value {
            Value::Null => true,
            Value::Int(_) | Value::Bool(_) => self == Self::Number,
            Value::Text(_) => self == Self::Text,
            Value::Blob(_) => self == Self::Blob,
        }
    }
}

/// A load into one table that goes past SQLite's statements.
pub(crate) struct TableLoad<'a> {
    pages: Pages<'a>,
    tree: Tree,
    leaf: Page,
    /// What stands between the leaf and the one before.
    separator: Vec<u8>,
    last: i64,
    row_id: usize,
    sources: Vec<Source>,
    record: Record,
    head: Vec<u8>,
}

impl<'a> TableLoad<'a> {
    /// `None` for tables and databases that we do not lay out ourselves.
    pub(crate) fn open(
        conn: &'a Connection,
        table: &str,
        columns: &[&str],
        constants: &[Constant<'_>],
    ) -> Result<Option<Self>, StoreError> {
        let Some(root) = plain_root(conn, table)? else { return Ok(None) };
        let Some((row_id, sources)) = sources(conn, table, columns, constants)? else {
            return Ok(None);
        };
        let Some(pages) = Pages::open(conn)? else { return Ok(None) };
        let Some((tree, last)) = Tree::open(&pages, root)? else { return Ok(None) };
        Ok(Some(Self {
            leaf: Page::leaf(TreeKind::Table, pages.size),
            pages,
            tree,
            separator: table_separator(last),
            last,
            row_id,
            sources,
            record: Record::default(),
            head: Vec::new(),
        }))
    }

    /// Adds a row, if it is one that can be laid out here: its id above all before, its values of
    /// the declared types and present where they must be, all of it on one page.
    pub(crate) fn push(&mut self, values: &[Value<'_>]) -> Result<bool, StoreError> {
        let Some(Value::Int(row_id)) = values.get(self.row_id).copied() else { return Ok(false) };
        if row_id <= self.last {
            return Ok(false);
        }
        self.record.clear();
        for source in &self.sources {
            match source {
                Source::RowId => self.record.push(&Value::Null),
                Source::Same(columns) => self.record.extend(columns),
                Source::Row { at, kind, required } => {
                    let value = values.get(*at).copied().unwrap_or(Value::Null);
                    if !kind.takes(&value) || (*required && value == Value::Null) {
                        return Ok(false);
                    }
                    self.record.push(&value);
                }
            }
        }
        let length = self.record.len();
        if length > TreeKind::Table.payload_max(self.pages.size) {
            return Ok(false);
        }
        self.head.clear();
        put_varint(&mut self.head, length as u64);
        put_varint(&mut self.head, row_id.cast_unsigned());
        if !self.leaf.fits(self.head.len() + length) {
            self.end_leaf()?;
        }
        let [header, body] = self.record.parts(&mut self.head);
        self.leaf.push([&self.head, header, body]);
        self.last = row_id;
        Ok(true)
    }

    fn end_leaf(&mut self) -> Result<(), StoreError> {
        let leaf = self.leaf.take();
        self.tree.append(&mut self.pages, leaf, &self.separator)?;
        self.separator = table_separator(self.last);
        Ok(())
    }

    /// Joins the rows to the table, where statements then see them.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        if !self.leaf.is_empty() {
            self.end_leaf()?;
        }
        self.pages.forget()?;
        self.tree.finish(&self.pages)?;
        self.pages.give_back()
    }
}

/// The first page of a table that has nothing but rows: no index to keep, no trigger to run, no
/// condition to check beside "not null".
pub(super) fn plain_root(conn: &Connection, table: &str) -> Result<Option<u32>, StoreError> {
    let others = "select 1 from sqlite_schema where tbl_name = ?1 and type <> 'table' limit 1";
    if conn.prepare_cached(others)?.query_row([table], |_| Ok(())).optional()?.is_some() {
        return Ok(None);
    }
    let own = "select rootpage, lower(sql) from sqlite_schema where name = ?1 and type = 'table'";
    let found = conn
        .prepare_cached(own)?
        .query_row([table], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let special = ["check", "references", "generated", "collate", "default", "virtual", "rowid"];
    Ok(found
        .filter(|(_, sql)| !special.iter().any(|word| sql.contains(word)))
        .map(|(root, _)| root))
}

/// Where the table's columns get their values from, and which of a row's values is its id.
fn sources(
    conn: &Connection,
    table: &str,
    columns: &[&str],
    constants: &[Constant<'_>],
) -> Result<Option<(usize, Vec<Source>)>, StoreError> {
    let mut statement = conn.prepare_cached(
        "select name, type, \"notnull\", pk from pragma_table_info(?1) order by cid",
    )?;
    let declared = statement
        .query_map([table], |row| {
            let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((name, kind, row.get::<_, bool>(2)?, row.get::<_, i64>(3)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut sources: Vec<Source> = Vec::new();
    let (mut row_id, mut taken) = (None, 0);
    for (name, declared, required, key) in declared {
        let given = columns.iter().position(|column| *column == name);
        if key > 0 {
            if row_id.is_some() || !declared.eq_ignore_ascii_case("integer") {
                return Ok(None);
            }
            row_id = given;
            taken += usize::from(given.is_some());
            sources.push(Source::RowId);
            continue;
        }
        let Some(kind) = Kind::of(&declared) else { return Ok(None) };
        if let Some(at) = given {
            taken += 1;
            sources.push(Source::Row { at, kind, required });
            continue;
        }
        let constant = constants.iter().find(|(column, _)| *column == name);
        taken += usize::from(constant.is_some());
        let value = constant.map_or(Value::Null, |(_, value)| *value);
        if !kind.takes(&value) || (required && value == Value::Null) {
            return Ok(None);
        }
        if !matches!(sources.last(), Some(Source::Same(_))) {
            sources.push(Source::Same(Record::default()));
        }
        if let Some(Source::Same(same)) = sources.last_mut() {
            same.push(&value);
        }
    }
    // A name that the table does not have is for SQLite to refuse.
    let all = taken == columns.len() + constants.len();
    Ok(row_id.filter(|_| all).map(|at| (at, sources)))
}
