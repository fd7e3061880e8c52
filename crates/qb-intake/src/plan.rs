//! Which files an import reads, what each is, and in which order they go in.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use qb_base::{Digest, Digester, Text, personal};
use qb_policy::{LayoutForm, LayoutTarget};

use crate::delivery::Arrival;
use crate::error::{FileFault, IntakeError};
use crate::layout::{
    Detected, LAYOUT_AMBIGUOUS, LAYOUT_COLUMNS, LayoutIndex, detect_sheet, letters, peek,
};
use crate::parse::PlannedSheet;
use crate::read::Source;

/// A folder of this name holds rows that were sent again after a fault report; they go in after the
/// originals.
const CORRECTIONS_FOLDER: &str = "补正";
/// Registers go in first.
const REGISTER_RANK: u8 = 0;
/// Datasets go in last: their rows link to households and people.
const RECORD_RANK: u8 = 5;
/// Folders inside each other that are walked.
const DEPTH_MAX: usize = 12;
/// Files one import may read.
const FILES_MAX: usize = 100_000;

/// A file as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    /// Path below the folder that was given.
    pub(crate) name: String,
    /// The folder that was given, if the file was found in one.
    pub(crate) root: Option<String>,
}

/// Endings of files that offices call tables, readable here or not.
const TABLE_ENDINGS: &[&str] = &[
    "csv", "txt", "tsv", "tab", "prn", "xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "et",
    "ett", "ods", "ots", "fods", "htm", "html", "mht", "xml", "dbf", "slk", "dif", "numbers",
];

impl Listed {
    /// Whether the file was found in a folder and its name is none of a table.
    pub(crate) fn is_other(&self) -> bool {
        let ending = self.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        self.root.is_some() && ending.is_some_and(|e| !TABLE_ENDINGS.contains(&e.as_str()))
    }
}

/// Lists the files of all paths in a fixed order.
pub(crate) fn list(paths: &[PathBuf]) -> Result<Vec<Listed>, IntakeError> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, path, 0, &mut files)?;
        } else {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = covered(&name.to_string_lossy());
            files.push(Listed { path: path.clone(), name, root: None });
        }
    }
    files.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

fn walk(
    root: &Path,
    folder: &Path,
    depth: usize,
    files: &mut Vec<Listed>,
) -> Result<(), IntakeError> {
    let failed =
        |error: std::io::Error| IntakeError::Listing { path: folder.display().to_string(), error };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // Hidden files and the lock files of spreadsheet programs are nobody's data.
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && depth < DEPTH_MAX {
            walk(root, &path, depth + 1, files)?;
        } else if kind.is_file() && files.len() < FILES_MAX {
            let name = covered(&path.strip_prefix(root).unwrap_or(&path).to_string_lossy());
            files.push(Listed { path, name, root: Some(root.to_string_lossy().into_owned()) });
        }
    }
    Ok(())
}

/// The name as it is kept and told: a number of a person in it is covered.
fn covered(name: &str) -> String {
    personal::covered(name).unwrap_or_else(|| name.to_owned())
}

/// The name of a sheet as it is kept and told; two that differ in a covered number alone are told
/// apart by their place.
fn sheet_name(name: &str, position: usize) -> String {
    let covered = personal::covered(name);
    covered.map_or_else(|| name.to_owned(), |covered| format!("{covered} {}", position + 1))
}

/// A file that can be used.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) listed: Listed,
    /// The file of the store that this one repeats, whose open rows are tried again.
    pub(crate) arrival: Option<Arrival>,
    /// None where the file cannot be in the store: it is then taken while the file goes in.
    pub(crate) digest: Option<Digest>,
    pub(crate) bytes: u64,
    pub(crate) encoding: String,
    pub(crate) is_text: bool,
    pub(crate) sheets: Vec<PlannedSheet>,
    /// Sheets that are not read.
    pub(crate) left_out: Vec<LeftOut>,
}

/// A sheet that is not read.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub(crate) name: String,
    pub(crate) why: Unread,
}

/// Why a sheet is not read.
#[derive(Clone, Debug)]
pub(crate) enum Unread {
    /// The workbook hides it.
    Hidden,
    /// Its head is none that the pack knows.
    Unknown,
    /// It follows a layout, but its head has a fault.
    Faulty(FileFault),
    /// Somebody else sends it.
    NotSent(FileFault),
}

/// Opens a file and finds the layout of each sheet.
pub(crate) fn plan(
    listed: &Listed,
    (digest, bytes): (Option<Digest>, u64),
    layouts: &[LayoutIndex],
) -> Result<Planned, FileFault> {
    // Two names that differ in such a number alone would be one name once it is covered.
    let name = listed.path.file_name().map(|name| name.to_string_lossy());
    if name.is_some_and(|name| personal::find(&name).is_some()) {
        return Err(FileFault::personal_name());
    }
    let mut source = Source::open(&listed.path)?;
    let infos = source.sheets().to_vec();
    let (mut sheets, mut left_out, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (position, info) in infos.iter().enumerate() {
        let name = sheet_name(&info.name, position);
        if info.hidden {
            left_out.push(LeftOut { name, why: Unread::Hidden });
            continue;
        }
        let head = peek(&mut source, position).map_err(as_file_fault)?;
        if head.is_blank() {
            continue;
        }
        match detect_sheet(&head, layouts) {
            Ok(detected) => sheets.extend(planned(position, &name, detected)),
            Err(fault) => {
                let follows = [LAYOUT_COLUMNS, LAYOUT_AMBIGUOUS].contains(&fault.code);
                let why = if follows { Unread::Faulty(fault.clone()) } else { Unread::Unknown };
                left_out.push(LeftOut { name: name.clone(), why });
                faults.push((name, fault));
            }
        }
    }
    if sheets.is_empty() {
        return Err(of_sheets(faults));
    }
    Ok(Planned {
        listed: listed.clone(),
        arrival: None,
        digest,
        bytes,
        encoding: source.encoding(),
        is_text: source.delimiter().is_some(),
        sheets,
        left_out,
    })
}

/// A sheet, or each half of its table; the halves of a form belong to one form.
fn planned(position: usize, name: &str, detected: Detected) -> Vec<PlannedSheet> {
    let halves = detected.halves.clone();
    if halves.len() == 1 || detected.columns.layout.form == LayoutForm::Form {
        return vec![PlannedSheet { position, name: name.to_owned(), detected, halves }];
    }
    let of = |half: std::ops::Range<usize>| PlannedSheet {
        position,
        // Two rows of one number are two rows.
        name: format!("{name} {}:{}", letters(half.start), letters(half.end.saturating_sub(1))),
        detected: detected.clone(),
        halves: vec![half],
    };
    halves.into_iter().map(of).collect()
}

/// What is wrong with a file none of whose sheets can be used: the fault of each by its name.
fn of_sheets(mut faults: Vec<(String, FileFault)>) -> FileFault {
    // A sheet that follows a layout says more than a cover or notes.
    let follows = |fault: &FileFault| [LAYOUT_COLUMNS, LAYOUT_AMBIGUOUS].contains(&fault.code);
    if faults.iter().any(|(_, fault)| follows(fault)) {
        faults.retain(|(_, fault)| follows(fault));
    }
    let several = faults.len() > 1;
    let mut faults = faults.into_iter();
    let Some((name, mut first)) = faults.next() else { return FileFault::empty() };
    if several && follows(&first) {
        first.message = in_sheet(&name, &first.message);
        for (name, fault) in faults {
            let message = in_sheet(&name, &fault.message);
            first.message = Text::new(
                format!("{}{}", first.message.zh, message.zh),
                format!("{}; {}", first.message.en, message.en),
            );
        }
    }
    first
}

/// What is wrong, with the sheet it stands in.
pub(crate) fn in_sheet(name: &str, message: &Text) -> Text {
    Text::new(format!("工作表“{name}”：{}", message.zh), format!("sheet “{name}”: {}", message.en))
}

fn as_file_fault(error: IntakeError) -> FileFault {
    match error {
        IntakeError::File(fault) => fault,
        other => FileFault::truncated(&other.to_string()),
    }
}

/// A file's length in bytes.
pub(crate) fn length(path: &Path) -> Result<u64, FileFault> {
    Ok(fs::metadata(path).map_err(|error| FileFault::unreadable(&error))?.len())
}

/// Digests a file's bytes.
pub(crate) fn digest(path: &Path) -> Result<(Digest, u64), FileFault> {
    let unreadable = |error: std::io::Error| FileFault::unreadable(&error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut block = vec![0; 1 << 18];
    let mut digester = Digester::new();
    let mut bytes = 0u64;
    loop {
        let read = file.read(&mut block).map_err(unreadable)?;
        if read == 0 {
            return Ok((digester.finish(), bytes));
        }
        digester.raw(&block[..read]);
        bytes += read as u64;
    }
}

impl Planned {
    /// What the file brings, told by its first sheet.
    pub(crate) fn detected(&self) -> Option<&Detected> {
        self.sheets.first().map(|sheet| &sheet.detected)
    }

    /// The order in which files go in: households before what speaks of them, originals before
    /// corrections.
    ///
    /// Files of one dataset follow one another: the known rows of one dataset at a time are held in
    /// memory.
    pub(crate) fn rank(&self) -> (u8, Option<&str>, bool, &str) {
        let layout = self.detected().map(|detected| &detected.columns.layout);
        let rank = match layout.map(|layout| layout.target) {
            Some(LayoutTarget::Register) => REGISTER_RANK,
            Some(LayoutTarget::Designation) => 1,
            Some(LayoutTarget::Income) => 2,
            Some(LayoutTarget::VillageLedger) => 3,
            Some(LayoutTarget::Reference) => 4,
            Some(LayoutTarget::Record) => RECORD_RANK,
            None => RECORD_RANK + 1,
        };
        let dataset = layout.filter(|_| rank == RECORD_RANK).map(|layout| layout.id.as_str());
        (rank, dataset, self.is_correction(), &self.listed.name)
    }

    /// Sheets that follow a layout but are not taken, with the reason.
    pub(crate) fn faulty_sheets(&self) -> impl Iterator<Item = (&str, &FileFault)> {
        self.left_out.iter().filter_map(|sheet| match &sheet.why {
            Unread::Faulty(fault) | Unread::NotSent(fault) => Some((sheet.name.as_str(), fault)),
            Unread::Hidden | Unread::Unknown => None,
        })
    }

    /// Whether the file only adds rows to a register that is being loaded for the first time.
    pub(crate) fn is_first_load(&self) -> bool {
        self.rank().0 == REGISTER_RANK && !self.is_correction()
    }

    /// The ids of the layouts of its sheets.
    pub(crate) fn layouts(&self) -> Vec<String> {
        self.sheets.iter().map(|sheet| sheet.detected.columns.layout.id.clone()).collect()
    }

    /// Whether a sheet of the file decides something, so that a second person confirms it.
    pub(crate) fn decides(&self) -> bool {
        self.sheets.iter().any(|sheet| sheet.detected.columns.layout.decides())
    }

    /// Whether a sheet of the file holds rows of a dataset.
    pub(crate) fn has_records(&self) -> bool {
        let target = |sheet: &PlannedSheet| sheet.detected.columns.layout.target;
        self.sheets.iter().any(|sheet| target(sheet) == LayoutTarget::Record)
    }

    pub(crate) fn is_correction(&self) -> bool {
        self.listed.name.split('/').any(|part| part == CORRECTIONS_FOLDER)
    }
}
