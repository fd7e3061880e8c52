//! Rows of one list are changed: the figures that rest on it change, by the right amount, and no
//! other.
//!
//! The file that a person sends again takes the place of the one before. Alterations of different
//! files that move no figure in common come in one import, so that the whole list takes half a
//! dozen imports over the small city; what moved has to be the union of what each of them moves.
//! Words choose the rows, and amounts follow from the rows: no total of the generator is known
//! here.

use super::program::{Folder, files_below, imported, qibang, raw, text};
use super::sheets::{Change, alter, count, number, spelled, sum};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

mod lists;
mod money;
mod people;
mod villages;

/// A change of rows and the figures that it moves.
struct Alteration {
    /// What a person did.
    says: &'static str,
    /// Files below the raw files, or folders whose files are all changed.
    files: &'static [&'static str],
    /// Words that the rows hold, and what is done to these rows in each file that has any.
    edits: &'static [(&'static [&'static str], Change)],
    /// The figures that move, and how.
    moves: &'static [(&'static str, Move)],
}

/// How a figure moves.
#[derive(Clone, Copy)]
enum Move {
    /// By an amount.
    By(Amount),
    /// A percentage: what is counted moves by an amount, of a whole that may move, too.
    Share(Amount, Whole),
    /// To an amount.
    To(&'static str),
    /// It is the one figure over the other, times a factor.
    Ratio(&'static str, &'static str, i128),
}

/// An amount that follows from the rows.
#[derive(Clone, Copy)]
enum Amount {
    /// As much as was written into the rows.
    Is(&'static str),
    /// So much for every row that the first words find.
    Rows(i128),
    /// So many times the sum of the cells below the head in these rows.
    Cells(i128, &'static str),
}

/// What a percentage is a part of.
#[derive(Clone, Copy)]
enum Whole {
    /// What another figure counts.
    Figure(&'static str),
    /// The places of the area table with such a code.
    Areas(fn(&str) -> bool),
}

/// Moves by an amount.
const fn by(amount: &'static str) -> Move {
    Move::By(Amount::Is(amount))
}

/// A percentage of what another figure counts, of which so many more or fewer are counted.
const fn share(amount: &'static str, whole: &'static str) -> Move {
    Move::Share(Amount::Is(amount), Whole::Figure(whole))
}

/// The area table of the pack.
const AREAS: &str = include_str!("../../policy/xuzhou-2016/areas.csv");

/// Figures that no raw file moves, and why.
const STILL: &[(&str, &str)] = &[];

/// What every figure came to, exactly, by its id.
type Figures = BTreeMap<String, Option<String>>;

fn all() -> impl Iterator<Item = &'static Alteration> {
    [lists::ALTERATIONS, money::ALTERATIONS, people::ALTERATIONS, villages::ALTERATIONS]
        .into_iter()
        .flatten()
}

/// The figures of a data directory, after a run; with the verdict of each.
fn judged(dir: &str) -> Vec<(String, Option<String>, String)> {
    let on = ["--as-of", "2016-12-31", "--dir", dir, "--json"];
    qibang(&[&["target", "run"], &on[..]].concat()).good();
    let figures = qibang(&[&["report", "figures"], &on[..]].concat()).good().json();
    let words = |figure: &serde_json::Value, of: &str| figure[of].as_str().map(str::to_owned);
    let row = |figure: &serde_json::Value| {
        let [id, verdict] = ["id", "verdict"].map(|of| words(figure, of).expect("a word"));
        (id, words(figure, "exact"), verdict)
    };
    figures.as_array().expect("a list of figures").iter().map(row).collect()
}

fn figures(dir: &str) -> Figures {
    judged(dir).into_iter().map(|(id, exact, _)| (id, exact)).collect()
}

/// The figures of the raw files as they are, with their verdicts.
fn unaltered() -> &'static Vec<(String, Option<String>, String)> {
    static BEFORE: OnceLock<Vec<(String, Option<String>, String)>> = OnceLock::new();
    BEFORE.get_or_init(|| judged(&imported(&Folder::new("unaltered"))))
}

fn before() -> &'static Figures {
    static BEFORE: OnceLock<Figures> = OnceLock::new();
    BEFORE.get_or_init(|| {
        unaltered().iter().map(|(id, exact, _)| (id.clone(), exact.clone())).collect()
    })
}

/// The files at a place that hold these words, as paths below the raw files.
fn files(place: &str, words: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(raw());
    let whole = root.join(place);
    let inside = if whole.is_file() { vec![whole] } else { files_below(&whole) };
    let inside = inside.into_iter();
    let holding = inside.filter(|file| !is_correction(file) && count(file, words) > 0);
    let below = |file: PathBuf| file.strip_prefix(root).expect("a raw file").to_path_buf();
    holding.map(below).collect()
}

fn is_correction(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("_补正"))
}

/// A folder comes as a whole: a file that is gone from it would be taken back.
fn with_neighbours(file: &Path, target: &Path) {
    let folder = |of: &Path| of.parent().expect("a folder").to_path_buf();
    std::fs::create_dir_all(folder(target)).expect("a folder");
    let beside = std::fs::read_dir(folder(&Path::new(raw()).join(file))).expect("a folder");
    for path in beside.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let copy = folder(target).join(path.file_name().expect("a name"));
        if !copy.exists() {
            std::fs::copy(path, copy).expect("a copy");
        }
    }
}

/// Alterations that can come together: none changes another's file or moves another's figure.
fn rounds() -> Vec<Vec<&'static Alteration>> {
    let mut rounds: Vec<Vec<&Alteration>> = Vec::new();
    for of in all() {
        let is_apart = |other: &&Alteration| {
            let shares = |id: &str| other.moves.iter().any(|(figure, _)| *figure == id);
            let meets = |file: &str| {
                other.files.iter().any(|one| file.starts_with(one) || one.starts_with(file))
            };
            !of.files.iter().any(|file| meets(file)) && !of.moves.iter().any(|(id, _)| shares(id))
        };
        match rounds.iter_mut().find(|round| round.iter().all(is_apart)) {
            Some(round) => round.push(of),
            None => rounds.push(vec![of]),
        }
    }
    rounds
}

/// The figures after the files of these alterations were sent again.
fn after(round: &[&Alteration]) -> Figures {
    let folder = Folder::new("altered");
    let again = folder.path().join("RAW");
    for of in round {
        for (words, change) in of.edits {
            let altered = of.files.iter().flat_map(|place| files(place, words));
            let altered: Vec<PathBuf> = altered.collect();
            assert!(!altered.is_empty(), "{}: no row with {words:?}", of.says);
            for file in altered {
                let target = again.join(&file);
                with_neighbours(&file, &target);
                alter(&target, words, *change);
            }
        }
    }
    let dir = imported(&folder);
    // A correction may tell of what came after the day that the figures are of.
    qibang(&["today", "2017-12-31", "--dir", &dir]).good();
    qibang(&["import", &text(&again), "--dir", &dir, "--json"]).good();
    figures(&dir)
}

/// The figures after each round; made once, by as many threads as the machine has to spare.
fn observed() -> &'static Vec<(Vec<&'static Alteration>, Figures)> {
    static OBSERVED: OnceLock<Vec<(Vec<&'static Alteration>, Figures)>> = OnceLock::new();
    OBSERVED.get_or_init(|| {
        before();
        let waiting = Mutex::new(rounds().into_iter());
        let found = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let next = waiting.lock().expect("the list").next();
                        let Some(round) = next else { break };
                        let told: Vec<&str> = round.iter().map(|of| of.says).collect();
                        let made = std::panic::catch_unwind(|| after(&round));
                        let after = made.unwrap_or_else(|_| panic!("not made: {told:?}"));
                        found.lock().expect("the finds").push((round, after));
                    }
                });
            }
        });
        found.into_inner().expect("the finds")
    })
}

/// One, in units of the last digit that is kept.
fn one() -> i128 {
    number("1")
}

/// What an amount comes to.
fn amount(of: &Alteration, amount: Amount) -> i128 {
    let words = of.edits[0].0;
    let found = of.files.iter().flat_map(|place| files(place, words));
    let places = || found.clone().map(|file| Path::new(raw()).join(file));
    match amount {
        Amount::Is(amount) => number(amount),
        Amount::Rows(times) => {
            let rows: usize = places().map(|file| count(&file, words)).sum();
            times * i128::try_from(rows).expect("few rows") * one()
        }
        Amount::Cells(times, head) => {
            let unit = if head.contains("万元") { 10_000 } else { 1 };
            let cells: i128 = places().map(|file| sum(&file, words, head)).sum();
            times * unit * cells
        }
    }
}

/// The size of a whole among these figures.
fn size(whole: Whole, figures: &Figures) -> i128 {
    match whole {
        Whole::Figure(id) => value(figures, id),
        Whole::Areas(is_meant) => {
            let codes = AREAS.lines().skip(1).filter_map(|line| line.split(',').next());
            let places = codes.filter(|code| is_meant(code)).count();
            i128::try_from(places).expect("few places") * one()
        }
    }
}

fn value(figures: &Figures, id: &str) -> i128 {
    let known = figures.get(id).unwrap_or_else(|| panic!("no figure {id}"));
    known.as_deref().map_or(0, number)
}

/// What is counted by a percentage of a whole.
fn part(figures: &Figures, id: &str, whole: Whole) -> i128 {
    value(figures, id) * size(whole, figures) / one() / 100
}

/// Says how the move of a figure differs from what it should be; nothing where it does not.
fn fault(of: &Alteration, (id, how): (&str, Move), after: &Figures) -> Option<String> {
    let (was, is) = (value(before(), id), value(after, id));
    let (found, expected) = match how {
        Move::By(by) => (is - was, amount(of, by)),
        Move::To(end) => (is, number(end)),
        Move::Share(by, whole) => {
            (part(after, id, whole) - part(before(), id, whole), amount(of, by))
        }
        Move::Ratio(over, under, factor) => {
            (is, value(after, over) * factor * one() / value(after, under))
        }
    };
    let most = if matches!(how, Move::Ratio(..)) { one() / 10_000_000 } else { one() / 1000 };
    let is_right = (found - expected).abs() <= most;
    let told = || format!("{id} found {}, expected {}", spelled(found), spelled(expected));
    (!is_right).then(told)
}

#[test]
fn each_alteration_moves_exactly_what_rests_on_it_and_by_the_right_amount() {
    let mut wrong = Vec::new();
    for (round, after) in observed() {
        assert_eq!(after.len(), before().len());
        let moved = before().iter().filter(|(id, value)| after[*id] != **value);
        let moved: BTreeSet<&str> = moved.map(|(id, _)| id.as_str()).collect();
        let expected: BTreeSet<&str> =
            round.iter().flat_map(|of| of.moves.iter().map(|(id, _)| *id)).collect();
        let told: Vec<&str> = round.iter().map(|of| of.says).collect();
        for id in moved.difference(&expected) {
            let [was, is] = [&before()[*id], &after[*id]];
            wrong.push(format!("{id} moved, too: {was:?} → {is:?}, by one of {told:?}"));
        }
        for of in round {
            for (id, how) in of.moves {
                if !moved.contains(id) {
                    wrong.push(format!("{}: {id} did not move", of.says));
                } else if let Some(fault) = fault(of, (id, *how), after) {
                    wrong.push(format!("{}: {fault}", of.says));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A figure that no file moves is a constant, whatever it is called.
#[test]
fn every_computed_figure_is_moved_by_an_alteration() {
    let moved: BTreeSet<&str> = all().flat_map(|of| of.moves.iter().map(|(id, _)| *id)).collect();
    let is_proof = |verdict: &str| !["from the pack", "not yet computed"].contains(&verdict);
    let still = unaltered()
        .iter()
        .filter(|(id, _, verdict)| is_proof(verdict) && !moved.contains(id.as_str()));
    let still: BTreeSet<&str> = still.map(|(id, ..)| id.as_str()).collect();
    let named: BTreeSet<&str> = STILL.iter().map(|(id, _)| *id).collect();
    assert_eq!(still, named, "figures that no alteration moves, and those with a reason for it");
}

/// The list of people taken off also names dead of exited households, whom the roster never held.
#[test]
fn what_lies_between_the_register_and_the_roster_was_taken_off_with_a_reason() {
    let of = |id: &str| value(before(), id);
    let gap = of("B02") - of("G08") - of("H03.roster");
    assert_eq!(spelled(gap), spelled(of("H03.removed")));
    assert!(of("H03.removed.exited") > 0, "nobody of an exited household died");
}
