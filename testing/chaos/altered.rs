//! Rows of one list are changed: the figures that rest on it change, by the right amount, and no
//! other.
//!
//! The file that a person sends again takes the place of the one before, so that each alteration is
//! one import more over the small city. Words choose the rows; no total of the generator is known
//! here.

use super::program::{Folder, files_below, imported, qibang, raw, text};
use super::sheets::{Change, alter, has};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

mod alterations;

use alterations::ALTERATIONS;

/// A change of rows and the figures that it moves.
struct Alteration {
    /// What a person did.
    says: &'static str,
    /// The file below the raw files, or the folder whose files are all changed.
    file: &'static str,
    /// Words that the rows hold.
    row: &'static [&'static str],
    changes: &'static [Change],
    /// The figures that move, by how much where that follows from the rows alone.
    moves: &'static [(&'static str, Move)],
}

#[derive(Clone, Copy)]
enum Move {
    /// By this much.
    By(&'static str),
    /// By an amount that hangs on what else is there.
    Some,
}

/// Figures without an alteration yet.
const STILL_MAX: usize = 101;

/// Digits after the point to which differences are kept.
const DIGITS: usize = 12;

/// What every figure came to, exactly, by its id.
fn figures(dir: &str) -> BTreeMap<String, Option<String>> {
    qibang(&["target", "run", "--dir", dir, "--json"]).good();
    let figures = qibang(&["report", "figures", "--dir", dir, "--json"]).good().json();
    let row = |figure: &Value| {
        let id = figure["id"].as_str().expect("an id").to_owned();
        (id, figure["exact"].as_str().map(str::to_owned))
    };
    figures.as_array().expect("a list of figures").iter().map(row).collect()
}

/// The figures of the raw files as they are.
fn before() -> &'static BTreeMap<String, Option<String>> {
    static BEFORE: OnceLock<BTreeMap<String, Option<String>>> = OnceLock::new();
    BEFORE.get_or_init(|| figures(&imported(&Folder::new("unaltered"))))
}

/// The files that an alteration changes, as paths below the raw files.
fn files(of: &Alteration) -> Vec<PathBuf> {
    let root = Path::new(raw());
    let place = root.join(of.file);
    if place.is_file() {
        return vec![PathBuf::from(of.file)];
    }
    let inside = files_below(&place).into_iter().filter(|file| has(file, of.row));
    let below = |file: PathBuf| file.strip_prefix(root).expect("a raw file").to_path_buf();
    inside.map(below).collect()
}

/// A list and the corrections of it come together: without them, those of it that stand would be
/// taken back.
fn with_corrections(file: &Path, target: &Path) {
    let corrections = |of: &Path| {
        let (stem, kind) = (of.file_stem().expect("a name"), of.extension().expect("a kind"));
        of.with_file_name(format!("{}_补正.{}", stem.display(), kind.display()))
    };
    let from = Path::new(raw()).join(corrections(file));
    if from.is_file() {
        std::fs::copy(from, corrections(target)).expect("a copy");
    }
}

/// The figures that an alteration moves, and by how much.
fn moved(of: &Alteration) -> BTreeMap<String, String> {
    let folder = Folder::new("altered");
    let again = folder.path().join("RAW");
    for file in files(of) {
        let target = again.join(&file);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::copy(Path::new(raw()).join(&file), &target).expect("a copy");
        with_corrections(&file, &target);
        of.changes.iter().for_each(|change| alter(&target, of.row, *change));
    }
    let dir = imported(&folder);
    qibang(&["import", &text(&again), "--dir", &dir, "--json"]).good();
    let after = figures(&dir);
    assert_eq!(after.len(), before().len());
    let changed = before().iter().filter(|(id, value)| after[*id] != **value);
    let by = |(id, value): (&String, &Option<String>)| {
        (id.clone(), difference(value.as_deref(), after[id].as_deref()))
    };
    changed.map(by).collect()
}

/// The second number less the first; words where one of them is not known.
fn difference(before: Option<&str>, after: Option<&str>) -> String {
    let (Some(before), Some(after)) = (before, after) else { return "unknown".to_owned() };
    let by = scaled(after) - scaled(before);
    let unit = 10_i128.pow(u32::try_from(DIGITS).expect("few digits"));
    let sign = if by < 0 { "-" } else { "" };
    let (whole, rest) =
        (by.unsigned_abs() / unit.unsigned_abs(), by.unsigned_abs() % unit.unsigned_abs());
    let rest = format!("{rest:0DIGITS$}");
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

fn scaled(number: &str) -> i128 {
    let (sign, number) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    sign * format!("{whole}{rest:0<DIGITS$}").parse::<i128>().expect("a decimal")
}

/// What every alteration moved; made once, by as many threads as the machine has to spare.
fn observed() -> &'static BTreeMap<&'static str, BTreeMap<String, String>> {
    static OBSERVED: OnceLock<BTreeMap<&'static str, BTreeMap<String, String>>> = OnceLock::new();
    OBSERVED.get_or_init(|| {
        before();
        let waiting = Mutex::new(ALTERATIONS.iter());
        let found = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().expect("the list").next();
                        let Some(of) = next else { break };
                        let moved = std::panic::catch_unwind(|| moved(of));
                        // What cannot be made is told beside all others that differ.
                        let moved = moved.unwrap_or_else(|_| {
                            BTreeMap::from([("not made".to_owned(), of.says.to_owned())])
                        });
                        found.lock().expect("the finds").insert(of.says, moved);
                    }
                });
            }
        });
        found.into_inner().expect("the finds")
    })
}

#[test]
fn each_alteration_moves_exactly_what_rests_on_it_and_by_the_right_amount() {
    let mut wrong = Vec::new();
    for of in ALTERATIONS {
        let moved = &observed()[of.says];
        let expected: BTreeSet<&str> = of.moves.iter().map(|(id, _)| *id).collect();
        let found: BTreeSet<&str> = moved.keys().map(String::as_str).collect();
        let amounts = of.moves.iter().all(|(id, by)| match by {
            Move::By(amount) => moved.get(*id).is_some_and(|found| found == amount),
            Move::Some => true,
        });
        if expected != found || !amounts {
            wrong.push(format!("{}: moved {moved:?}, expected {expected:?}", of.says));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A figure that no file moves is a constant, whatever it is called; those whose alteration is not
/// written yet only become fewer.
#[test]
fn figures_that_no_alteration_moves_only_become_fewer() {
    let figures = qibang(&["report", "figures", "--dir", &imported_and_run(), "--json"]);
    let figures = figures.good().json();
    let moved: BTreeSet<&str> =
        ALTERATIONS.iter().flat_map(|of| of.moves.iter().map(|(id, _)| *id)).collect();
    let still = figures.as_array().expect("a list of figures").iter().filter_map(|figure| {
        let id = figure["id"].as_str().expect("an id");
        let verdict = figure["verdict"].as_str().expect("a verdict");
        let is_proof = !["from the pack", "not yet computed"].contains(&verdict);
        (is_proof && !moved.contains(id)).then(|| id.to_owned())
    });
    let still: Vec<String> = still.collect();
    assert!(
        still.len() <= STILL_MAX,
        "{} figures are moved by no alteration, at most {STILL_MAX} may be: {still:?}",
        still.len()
    );
}

fn imported_and_run() -> String {
    static READY: OnceLock<(Folder, String)> = OnceLock::new();
    let (_, dir) = READY.get_or_init(|| {
        let folder = Folder::new("computed");
        let dir = imported(&folder);
        qibang(&["target", "run", "--dir", &dir, "--json"]).good();
        (folder, dir)
    });
    dir.clone()
}
