//! First loads into SQLite: rows and access paths are laid out as its pages here and handed to its
//! pager.
//!
//! A row that goes through a statement is bound value by value, carried through the statement's
//! program and encoded into a page; that was half of a first load, and sorting for the access
//! paths most of the rest. Here the page is written at once, in the documented file format, and
//! given to `sqlite_dbpage`, SQLite's own table of its pages. So journal, rollback, commit and
//! recovery are SQLite's as ever: a load is in the file whole, or not at all.
//!
//! It is done only where nobody else can see the database ([`crate::Store::alone`]), only in tables
//! without index, trigger or check, and only for rows that fit a page; everything else goes through
//! statements. Connections refuse writes to `sqlite_dbpage` at all other times.

use rusqlite::{Connection, OptionalExtension};

use crate::error::StoreError;

mod index;
mod record;
mod sort;
mod table;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use index::create_indices;
pub(crate) use table::TableLoad;

/// Pages taken from SQLite at a time.
const EXTENT: u32 = 64;
/// The byte of the file that locks use; its page holds nothing.
const LOCK_BYTE: usize = 0x4000_0000;

/// Where the file's header keeps what we need of it.
mod header {
    /// Bytes at each page's end that are kept for an extension.
    pub(super) const RESERVED: usize = 20;
    pub(super) const PAGE_COUNT: usize = 28;
    pub(super) const FREE_FIRST: usize = 32;
    pub(super) const FREE_COUNT: usize = 36;
    pub(super) const SCHEMA_FORMAT: usize = 44;
    pub(super) const AUTO_VACUUM: usize = 52;
    pub(super) const ENCODING: usize = 56;
}

/// The pages of a database within a write transaction.
pub(crate) struct Pages<'a> {
    conn: &'a Connection,
    size: usize,
    /// Pages that are ours to fill.
    next: u32,
    end: u32,
}

impl<'a> Pages<'a> {
    /// `None` where SQLite was built without its table of pages, or the file is of a form that we
    /// do not write.
    pub(crate) fn open(conn: &'a Connection) -> Result<Option<Self>, StoreError> {
        let sql = "select 1 from pragma_module_list where name = 'sqlite_dbpage'";
        if conn.prepare_cached(sql)?.query_row([], |_| Ok(())).optional()?.is_none() {
            return Ok(None);
        }
        let size: u16 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let size = usize::from(size);
        let pages = Self { conn, size, next: 0, end: 0 };
        let first = pages.read(1)?;
        let is_ours = (1024..=32768).contains(&size)
            && first[header::RESERVED] == 0
            && word(&first, header::SCHEMA_FORMAT)? == 4
            && word(&first, header::AUTO_VACUUM)? == 0
            && word(&first, header::ENCODING)? == 1;
        Ok(is_ours.then_some(pages))
    }

    fn read(&self, number: u32) -> Result<Vec<u8>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("select data from sqlite_dbpage where pgno = ?1")?;
        Ok(statement.query_row([number], |row| row.get(0))?)
    }

    fn write(&self, number: u32, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "insert into sqlite_dbpage (pgno, data) values (?1, ?2)";
        let mut statement = self.conn.prepare_cached(sql)?;
        statement.execute(rusqlite::params![number, bytes])?;
        Ok(())
    }

    /// Writes a page of its own; answers its number.
    fn add(&mut self, bytes: &[u8]) -> Result<u32, StoreError> {
        let number = self.take()?;
        self.write(number, bytes)?;
        Ok(number)
    }

    /// A free page at the end of the file.
    fn take(&mut self) -> Result<u32, StoreError> {
        if self.next == self.end {
            self.extend()?;
        }
        if self.next as usize == LOCK_BYTE / self.size + 1 {
            self.next += 1;
            return self.take();
        }
        self.next += 1;
        Ok(self.next - 1)
    }

    fn extend(&mut self) -> Result<(), StoreError> {
        let mut first = self.read(1)?;
        let count = word(&first, header::PAGE_COUNT)?;
        (self.next, self.end) = (count + 1, count + 1 + EXTENT);
        put_word(&mut first, header::PAGE_COUNT, count + EXTENT)?;
        self.set_first(&first)
    }

    /// Writes the page of the file's header. SQLite counts the file's pages by itself, and reads
    /// the header again at the end of a savepoint.
    fn set_first(&self, first: &[u8]) -> Result<(), StoreError> {
        self.write(1, first)?;
        self.conn.prepare_cached("savepoint pages")?.execute([])?;
        self.conn.prepare_cached("release pages")?.execute([])?;
        Ok(())
    }

    /// Hands the pages back that were taken and not filled.
    fn give_back(&mut self) -> Result<(), StoreError> {
        let lock_page = LOCK_BYTE / self.size + 1;
        let rest: Vec<u32> =
            (self.next..self.end).filter(|number| *number as usize != lock_page).collect();
        (self.next, self.end) = (0, 0);
        let Some((trunk, leaves)) = rest.split_first() else { return Ok(()) };
        let mut first = self.read(1)?;
        let mut page = vec![0; self.size];
        put_word(&mut page, 0, word(&first, header::FREE_FIRST)?)?;
        let taken = u32::try_from(rest.len());
        let taken = taken.map_err(|_| StoreError::Broken("more pages than numbers of pages"))?;
        // All but the trunk itself.
        put_word(&mut page, 4, taken - 1)?;
        for (at, number) in leaves.iter().enumerate() {
            put_word(&mut page, 8 + 4 * at, *number)?;
        }
        put_word(&mut first, header::FREE_FIRST, *trunk)?;
        let free = word(&first, header::FREE_COUNT)? + taken;
        put_word(&mut first, header::FREE_COUNT, free)?;
        // The file must reach as far as its header says.
        for number in leaves {
            self.write(*number, &vec![0; self.size])?;
        }
        self.write(*trunk, &page)?;
        self.set_first(&first)
    }

    /// Has SQLite forget what it knows of all pages: of those in its cache it also keeps how their
    /// cells lie, which a page written here would contradict.
    fn forget(&self) -> Result<(), StoreError> {
        self.conn.cache_flush()?;
        self.conn.pragma_query(None, "shrink_memory", |_| Ok(()))?;
        Ok(())
    }
}

fn short_page() -> StoreError {
    StoreError::Broken("a page is shorter than what stands in it")
}

fn word(bytes: &[u8], at: usize) -> Result<u32, StoreError> {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).ok_or_else(short_page)?;
    Ok(u32::from_be_bytes(*word))
}

fn put_word(bytes: &mut [u8], at: usize, value: u32) -> Result<(), StoreError> {
    let target =
        bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>).ok_or_else(short_page)?;
    *target = value.to_be_bytes();
    Ok(())
}
