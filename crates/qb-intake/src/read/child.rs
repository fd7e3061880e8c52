//! Old workbooks in a process of their own: the library that knows them holds a workbook whole and
//! trusts its sizes, so it works where it can take a bounded share of the machine and end alone.
//!
//! The parent hands the file over as standard input; the child answers with frames on standard
//! output: the sheets, then the rows of the one that was asked for, then an end. A child that ends
//! before that has met its bounds.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use super::batch::{Batch, COLUMNS_MAX, CellKind, RowView};
use super::common::{hand_on, hand_on_rest};
use super::legacy::Library;
use super::limits::{
    CELL_BYTES_MAX, CHILD_MEMORY_BYTES, CHILD_SECONDS, LEGACY_BYTES_MAX, SHEETS_MAX,
};
use super::{Flow, SheetInfo, Sink};
use crate::error::{FileFault, IntakeError};

/// The program that reads old workbooks, and its words before the number of a sheet.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The program.
    pub program: PathBuf,
    /// Its words.
    pub words: Vec<String>,
}

static READER: OnceLock<Reader> = OnceLock::new();

/// Names the program that reads old workbooks; without one they are read in this process.
pub fn read_old_workbooks_with(reader: Reader) {
    READER.get_or_init(|| reader);
}

/// The program, if one is named.
pub(super) fn reader() -> Option<&'static Reader> {
    READER.get()
}

/// Kinds of cells by their number in a frame.
const KINDS: [CellKind; 11] = [
    CellKind::Blank,
    CellKind::Text,
    CellKind::Number,
    CellKind::Number1904,
    CellKind::Percent,
    CellKind::Date1900,
    CellKind::Date1904,
    CellKind::Bool,
    CellKind::Error,
    CellKind::NoValue,
    CellKind::TooLong,
];

const SHEETS: u8 = b'S';
const ROW: u8 = b'R';
const LOCKED: u8 = b'L';
const DAMAGED: u8 = b'D';
const END: u8 = b'E';
/// Bytes of a sheet's name, or of the words about damage, that are taken.
const NAME_BYTES_MAX: usize = 1 << 10;

/// The sheets of an old workbook.
pub(super) fn sheets(reader: &Reader, path: &Path) -> Result<Vec<SheetInfo>, FileFault> {
    let mut child = Running::start(reader, path, None)?;
    let sheets = child.sheets()?;
    child.end()?;
    Ok(sheets)
}

/// Streams one sheet of an old workbook.
pub(super) fn stream(
    reader: &Reader,
    path: &Path,
    sheet: usize,
    sink: &mut Sink<'_>,
) -> Result<(), IntakeError> {
    let mut child = Running::start(reader, path, Some(sheet))?;
    child.sheets()?;
    let mut batch = Batch::default();
    while child.row(&mut batch)? {
        if hand_on(&mut batch, sink)? == Flow::Stop {
            return Ok(());
        }
    }
    hand_on_rest(&batch, sink)
}

/// A child at work; dropped, it ends.
struct Running {
    process: Child,
    frames: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; either way nothing is left of it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Running {
    fn start(reader: &Reader, path: &Path, sheet: Option<usize>) -> Result<Self, FileFault> {
        let file = File::open(path).map_err(|error| FileFault::unreadable(&error))?;
        let mut command = Command::new(&reader.program);
        command.args(&reader.words).args(sheet.map(|sheet| sheet.to_string())).env_clear();
        command.stdin(file).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| FileFault::unreadable(&error))?;
        let Some(frames) = process.stdout.take() else { return Err(ended_early()) };
        Ok(Self { process, frames: BufReader::new(frames) })
    }

    fn sheets(&mut self) -> Result<Vec<SheetInfo>, FileFault> {
        match self.tag()? {
            SHEETS => {}
            other => return Err(self.fault(other)),
        }
        let count = self.number()? as usize;
        if count > SHEETS_MAX {
            return Err(ended_early());
        }
        let sheet = |_| {
            let hidden = self.tag()? == 1;
            let name = self.text()?;
            Ok(SheetInfo { name, hidden })
        };
        (0..count).map(sheet).collect()
    }

    /// Appends one row; false at the end.
    fn row(&mut self, batch: &mut Batch) -> Result<bool, FileFault> {
        match self.tag()? {
            ROW => {}
            END => return Ok(false),
            other => return Err(self.fault(other)),
        }
        let (number, columns) = (self.number()?, self.number()? as usize);
        if columns > COLUMNS_MAX {
            return Err(ended_early());
        }
        let mut text = Vec::new();
        for _ in 0..columns {
            let kind = *KINDS.get(usize::from(self.tag()?)).ok_or_else(ended_early)?;
            self.bytes(&mut text, CELL_BYTES_MAX)?;
            batch.push_cell(kind, &text);
        }
        if self.tag()? == 1 {
            batch.note_beyond(number);
        }
        batch.end_row(number, false);
        Ok(true)
    }

    fn end(&mut self) -> Result<(), FileFault> {
        match self.tag()? {
            END => Ok(()),
            other => Err(self.fault(other)),
        }
    }

    /// What the child says is wrong with the workbook.
    fn fault(&mut self, tag: u8) -> FileFault {
        match tag {
            LOCKED => FileFault::locked(),
            DAMAGED => self.text().map_or_else(|fault| fault, |what| FileFault::truncated(&what)),
            _ => ended_early(),
        }
    }

    fn tag(&mut self) -> Result<u8, FileFault> {
        let mut byte = [0];
        self.frames.read_exact(&mut byte).map_err(|_| ended_early())?;
        Ok(byte[0])
    }

    fn number(&mut self) -> Result<u32, FileFault> {
        let mut bytes = [0; 4];
        self.frames.read_exact(&mut bytes).map_err(|_| ended_early())?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn text(&mut self) -> Result<String, FileFault> {
        let mut bytes = Vec::new();
        self.bytes(&mut bytes, NAME_BYTES_MAX)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn bytes(&mut self, target: &mut Vec<u8>, most: usize) -> Result<(), FileFault> {
        let length = self.number()? as usize;
        if length > most {
            return Err(ended_early());
        }
        target.resize(length, 0);
        self.frames.read_exact(target).map_err(|_| ended_early())
    }
}

/// The child met its bounds, or the library gave up on the file.
fn ended_early() -> FileFault {
    FileFault::old_workbook_too_much()
}

/// The child's work: reads the workbook from standard input, writes frames to standard output.
///
/// # Errors
/// When standard input or output fails; faults of the workbook are frames.
pub fn serve(sheet: Option<usize>) -> io::Result<()> {
    bound()?;
    let mut bytes = Vec::new();
    io::stdin().lock().take(LEGACY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    answer(bytes, sheet, &mut BufWriter::new(io::stdout().lock()))
}

/// Takes away what the library could take too much of.
#[cfg(unix)]
fn bound() -> io::Result<()> {
    use rlimit::Resource;
    Resource::CPU.set(CHILD_SECONDS, CHILD_SECONDS)?;
    Resource::DATA.set(CHILD_MEMORY_BYTES, CHILD_MEMORY_BYTES)?;
    Resource::CORE.set(0, 0)
}

#[cfg(not(unix))]
fn bound() -> io::Result<()> {
    Ok(())
}

fn answer(bytes: Vec<u8>, sheet: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let mut library = match Library::open(bytes) {
        Ok(library) => library,
        Err(fault) => return write_fault(&fault, out),
    };
    let sheets = library.sheets();
    out.write_all(&[SHEETS])?;
    write_number(sheets.len(), out)?;
    for info in sheets {
        out.write_all(&[u8::from(info.hidden)])?;
        let name = info.name.as_bytes();
        write_bytes(&name[..NAME_BYTES_MAX.min(name.len())], out)?;
    }
    if let Some(sheet) = sheet {
        let mut failed = None;
        let streamed = library.stream(sheet, &mut |batch| {
            failed = batch.rows().try_for_each(|row| write_row(row, out)).err();
            Ok(if failed.is_some() { Flow::Stop } else { Flow::Continue })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        match streamed {
            Ok(()) => {}
            Err(IntakeError::File(fault)) => return write_fault(&fault, out),
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    out.write_all(&[END])?;
    out.flush()
}

fn write_fault(fault: &FileFault, out: &mut impl Write) -> io::Result<()> {
    if *fault == FileFault::locked() {
        out.write_all(&[LOCKED])?;
        return out.flush();
    }
    write_damage(&fault.message.en, out)
}

fn write_damage(what: &str, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[DAMAGED])?;
    let what = what.as_bytes();
    write_bytes(&what[..NAME_BYTES_MAX.min(what.len())], out)?;
    out.flush()
}

fn write_row(row: RowView<'_>, out: &mut impl Write) -> io::Result<()> {
    let columns = row.len().min(COLUMNS_MAX);
    out.write_all(&[ROW])?;
    out.write_all(&row.number.to_le_bytes())?;
    write_number(columns, out)?;
    for value in row.values().take(columns) {
        let too_long = value.text.len() > CELL_BYTES_MAX;
        let (kind, text) =
            if too_long { (CellKind::TooLong, b"".as_slice()) } else { (value.kind, value.text) };
        let number = KINDS.iter().position(|known| *known == kind);
        let number = number.and_then(|at| u8::try_from(at).ok()).ok_or_else(no_kind)?;
        out.write_all(&[number])?;
        write_bytes(text, out)?;
    }
    out.write_all(&[u8::from(row.len() > COLUMNS_MAX)])
}

fn no_kind() -> io::Error {
    io::Error::other("a kind of cell has no number")
}

fn write_bytes(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    write_number(bytes.len(), out)?;
    out.write_all(bytes)
}

fn write_number(number: usize, out: &mut impl Write) -> io::Result<()> {
    let number = u32::try_from(number).map_err(io::Error::other)?;
    out.write_all(&number.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_of(path: &Path, sheet: Option<usize>) -> Vec<u8> {
        let mut frames = Vec::new();
        answer(std::fs::read(path).unwrap(), sheet, &mut frames).unwrap();
        frames
    }

    /// A program that answers with these frames, whatever it is asked.
    fn program(name: &str, frames: &[u8]) -> (Reader, PathBuf) {
        let path = qb_store::testing::scratch_dir(name);
        std::fs::write(&path, frames).unwrap();
        let words = vec!["-c".to_owned(), format!("cat '{}'", path.display())];
        (Reader { program: "/bin/sh".into(), words }, path)
    }

    fn book() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/days-since-1904.xls")
    }

    type Rows = Vec<(u32, Vec<(CellKind, Vec<u8>)>)>;

    /// The rows that a stream hands on.
    fn rows(stream: impl FnOnce(&mut Sink<'_>) -> Result<(), IntakeError>) -> Rows {
        let mut rows = Rows::new();
        let mut take = |batch: &Batch| {
            let row = |row: RowView<'_>| {
                let cells = row.values().map(|value| (value.kind, value.text.to_vec()));
                (row.number, cells.collect())
            };
            rows.extend(batch.rows().map(row));
            Ok(Flow::Continue)
        };
        stream(&mut take).unwrap();
        rows
    }

    #[test]
    fn what_the_child_answers_is_what_the_library_reads() {
        let book = book();
        let (reader, answer) = program("frames", &answer_of(&book, Some(0)));
        let through = rows(|sink| stream(&reader, &book, 0, sink));
        let mut library = Library::open(std::fs::read(&book).unwrap()).unwrap();
        let here = rows(|sink| library.stream(0, sink));
        assert_eq!(through, here);
        assert!(!here.is_empty());
        std::fs::remove_file(answer).unwrap();
    }

    #[test]
    fn a_child_that_ends_anywhere_before_its_end_is_told() {
        let book = book();
        let whole = answer_of(&book, Some(0));
        for length in (0..whole.len()).step_by(7) {
            let (reader, answer) = program("cut", &whole[..length]);
            let told = stream(&reader, &book, 0, &mut |_| Ok(Flow::Continue)).unwrap_err();
            let IntakeError::File(fault) = told else { panic!("{told}") };
            assert_eq!(fault, FileFault::old_workbook_too_much(), "{length} of {}", whole.len());
            std::fs::remove_file(answer).unwrap();
        }
        let (reader, answer) = program("sheets", &answer_of(&book, None));
        assert_eq!(sheets(&reader, &book).unwrap().len(), 1);
        std::fs::remove_file(answer).unwrap();
    }
}
