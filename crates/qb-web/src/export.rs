//! Lists as files: CSV and workbooks that a spreadsheet opens as they are; who took which list out
//! and why is recorded before it leaves.
//!
//! A list is written row by row into a file that has no name any more, so that its length and
//! digest are known before its first byte leaves, and nothing stays behind.

mod book;
mod cells;
pub(crate) mod request;

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use qb_base::{AreaCode, Digest, Digester, Text};

use crate::fault::Fault;
use crate::reply::Reply;
use crate::seen::{What, Who};
use crate::sheet::{self, Table};
use crate::state::audit_entry;
use crate::upload;
use crate::visit::Visit;
use book::Book;

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What the record says of a list that names nobody.
const NAMELESS: &str = "list without persons";
/// What the record calls a list that left.
const LEFT: &str = "record.export";
/// A list made whole in memory has fewer rows than this, or it does not leave as a file: a part of
/// it would pass for the whole.
pub(crate) const ROWS_MAX: usize = 100_000;
/// Bytes of the texts of a list.
const BYTES_MAX: usize = 512 << 20;
/// Bytes read at once for the digest.
const CHUNK: usize = 1 << 16;
/// Rows read at once for a file.
pub(crate) const ROWS_AT_ONCE: i64 = 500;
/// Folder of the data directory in which lists are made.
const FOLDER: &str = "leaving";

/// Whom the rows of a list are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Each row is about a person or a household, named or by number: whoever takes it says why.
    Persons,
    /// Areas, projects, sums.
    Nobody,
}

enum To {
    Csv(BufWriter<File>),
    Book(Box<Book>),
}

/// A list on its way out.
pub(crate) struct List {
    to: To,
    about: About,
    bytes: usize,
    pub(crate) rows: usize,
}

impl List {
    /// Begins with the heads of the columns and whether they hold quantities; a list about persons
    /// needs a reason first.
    pub(crate) fn new<T: AsRef<str>>(
        visit: &Visit<'_>,
        about: About,
        heads: &[(T, bool)],
    ) -> Result<Self, Fault> {
        if about == About::Persons && !visit.app.reading()?.is_reason(visit.form("reason")) {
            return Err(reason_wanted(visit)?);
        }
        let folder = visit.app.store.place().dir.path().join(FOLDER);
        let to = if is_book(visit) {
            let quantities = heads.iter().map(|(_, is_number)| *is_number).collect();
            To::Book(Box::new(Book::new(&private(&folder)?, quantities).map_err(failed)?))
        } else {
            let mut file = BufWriter::new(unnamed(&folder)?);
            file.write_all("\u{feff}".as_bytes()).map_err(failed)?;
            To::Csv(file)
        };
        let mut list = Self { to, about, bytes: 0, rows: 0 };
        let heads: Vec<&str> = heads.iter().map(|(head, _)| head.as_ref()).collect();
        list.put(&heads)?;
        Ok(list)
    }

    /// The same with heads that hold words only.
    pub(crate) fn of_words(visit: &Visit<'_>, about: About, heads: &[&str]) -> Result<Self, Fault> {
        let heads: Vec<(&str, bool)> = heads.iter().map(|head| (*head, false)).collect();
        Self::new(visit, about, &heads)
    }

    /// Begins with the heads of a table of a page.
    pub(crate) fn of(visit: &Visit<'_>, about: About, table: &Table) -> Result<Self, Fault> {
        Self::new(visit, about, &table.heads)
    }

    /// Adds a row.
    pub(crate) fn line<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), Fault> {
        self.put(cells)?;
        self.rows += 1;
        Ok(())
    }

    /// Adds the rows of a table of a page.
    pub(crate) fn lines(&mut self, table: &Table) -> Result<(), Fault> {
        for line in &table.lines {
            let cells: Vec<&str> = line.iter().map(|cell| cell.text.as_str()).collect();
            self.line(&cells)?;
        }
        Ok(())
    }

    fn put<T: AsRef<str>>(&mut self, row: &[T]) -> Result<(), Fault> {
        self.bytes += row.iter().map(|cell| cell.as_ref().len() + 1).sum::<usize>();
        match &mut self.to {
            To::Csv(file) => cells::write(file, row).map_err(failed),
            To::Book(book) => book.line(row).map_err(failed),
        }
    }

    /// Whether no more fits; the list then does not leave.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= BYTES_MAX
    }

    /// Records who takes the list, why, how many rows and which bytes, then hands it out; refuses
    /// one that is too long, and one about many persons until a second person has agreed.
    pub(crate) fn reply(
        self,
        visit: &Visit<'_>,
        name: &str,
        (object, area): (&str, AreaCode),
    ) -> Result<Reply, Fault> {
        if self.is_full() {
            return Err(too_long(self.rows));
        }
        let (about, rows) = (self.about, self.rows);
        let (mime, ending) = match self.to {
            To::Csv(_) => (CSV, "csv"),
            To::Book(_) => (XLSX, "xlsx"),
        };
        let persons = match about {
            About::Persons => i64::try_from(rows).map_err(failed)?,
            About::Nobody => 0,
        };
        let who = visit.who()?;
        let object = format!("{object}: {rows} rows, {persons} persons, {ending}");
        let asked = request::Asked { object: &object, area, persons, ending };
        let agreed = request::needed(visit, who, &asked)?;
        let mut file = self.finish(visit)?;
        let (digest, length) = digest(&mut file).map_err(failed)?;
        record(visit, who, (&object, area, persons), digest, agreed)?;
        Ok(Reply::file(format!("{name}.{ending}"), mime, file, length))
    }

    fn finish(self, visit: &Visit<'_>) -> Result<File, Fault> {
        match self.to {
            To::Csv(file) => file.into_inner().map_err(failed),
            To::Book(book) => {
                let file = unnamed(&visit.app.store.place().dir.path().join(FOLDER))?;
                book.save(file).map_err(failed)
            }
        }
    }
}

/// Writes who took what and why, in one transaction with the reading and the agreement it used.
fn record(
    visit: &Visit<'_>,
    who: Who,
    (object, area, persons): (&str, AreaCode, i64),
    digest: Digest,
    agreed: Option<i64>,
) -> Result<(), Fault> {
    let app = visit.app;
    let (actor, reason) = (visit.viewer()?.actor(), visit.form("reason").trim());
    let why = if reason.is_empty() { NAMELESS } else { reason };
    app.store.write::<_, Fault>(|tx| {
        if persons > 0 {
            let what = What { action: visit.permission.action, object };
            crate::seen::list_left(tx, who, what, (area.as_str(), persons))?;
        }
        if let Some(request) = agreed {
            request::hand_out(tx, request)?;
        }
        let mut entry = audit_entry(&actor, LEFT, object, why);
        entry.after = Some(digest);
        Ok(tx.audit(&entry)?)
    })?;
    app.seen.forget_hour(who.user);
    Ok(())
}

/// Whether the reader wants a workbook.
fn is_book(visit: &Visit<'_>) -> bool {
    [visit.form("format"), visit.query("format")].contains(&"xlsx")
}

/// A folder of the data directory that nobody else reads.
fn private(folder: &Path) -> Result<std::path::PathBuf, Fault> {
    fs::create_dir_all(folder).map_err(failed)?;
    Ok(folder.to_owned())
}

/// A file without a name: it is gone when it is closed, also after a crash.
fn unnamed(folder: &Path) -> Result<File, Fault> {
    let path = private(folder)?.join(upload::random_name()?);
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
    let file = file.map_err(failed)?;
    fs::remove_file(&path).map_err(failed)?;
    Ok(file)
}

/// Digest and length of a file, which stands at its beginning then.
fn digest(file: &mut File) -> std::io::Result<(Digest, u64)> {
    file.seek(SeekFrom::Start(0))?;
    let (mut digest, mut length, mut chunk) = (Digester::new(), 0_u64, vec![0; CHUNK]);
    loop {
        let read = file.read(&mut chunk)?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        digest.raw(bytes);
        length += bytes.len() as u64;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok((digest.finish(), length))
}

/// Refuses a list that was cut off at [`ROWS_MAX`].
pub(crate) fn whole(rows: usize) -> Result<(), Fault> {
    if rows < ROWS_MAX { Ok(()) } else { Err(too_long(rows)) }
}

fn too_long(rows: usize) -> Fault {
    let n = rows.to_string();
    let says = Text::fixed(
        "这张清单有{n}行以上，不能一次导出；请选择下级地区或加上筛选条件再导出",
        "this list has {n} rows or more and does not leave at once: choose a smaller area or a filter",
    );
    Fault::Unusable(says.fill(&[("n", &n)]))
}

/// Lines a table holds: those of a page, or all where it is handed out.
pub(crate) fn lines_of(visit: &Visit<'_>, page: usize) -> usize {
    if visit.query(sheet::CSV).is_empty() { page } else { ROWS_MAX }
}

/// The answer to somebody who takes a list of persons out and does not say why.
fn reason_wanted(visit: &Visit<'_>) -> Result<Fault, Fault> {
    let n = visit.app.reading()?.reason_chars_min().to_string();
    let says = Text::fixed(
        "这张清单涉及个人，导出前请写明理由（至少{n}个字，说明用途）",
        "this list is about persons: say why you take it out, in {n} characters or more",
    );
    Ok(Fault::Unusable(says.fill(&[("n", &n)])))
}

fn failed(error: impl std::fmt::Display) -> Fault {
    Fault::Link(format!("the list could not be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{ROWS_MAX, whole};

    #[test]
    fn a_list_that_was_cut_off_is_refused() {
        assert!(whole(ROWS_MAX - 1).is_ok());
        assert!(whole(ROWS_MAX).is_err());
    }
}
