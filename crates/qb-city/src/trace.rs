//! Who handled a row that tells of steps, and in which dossier its papers lie.
//!
//! Lists of steps end with both columns. A few rows lack one of them: the mistake an office makes,
//! planted and counted.

/// The heads of both columns.
pub(crate) const HEADS: [&str; 2] = ["经办人工号", "案卷号"];

/// Lists whose rows tell of steps of a case.
const TRACED: [&str; 10] = [
    "application",
    "centre",
    "centre_milestone",
    "exit_decision",
    "finding",
    "fund_budget",
    "grievance",
    "pledge",
    "posting",
    "project",
];

/// Lists in which rows lack one of the columns; each of their rows tells of a step.
const PLANTED: [&str; 5] = ["application", "exit_decision", "finding", "grievance", "project"];

/// Of so many rows, those that name nobody, and those without a dossier.
const ROWS: u64 = 1_000;
const NAMELESS: u64 = 8;
const PAPERLESS: u64 = 9;

/// Whether rows of a list tell of steps.
pub(crate) fn is_traced(dataset: &str) -> bool {
    TRACED.contains(&dataset)
}

/// The person and the dossier of a row, by its first cell; one of them is missing in a few rows.
pub(crate) fn of(dataset: &str, key: &str) -> [Option<String>; 2] {
    let number = number_of(dataset, key);
    let throw = if PLANTED.contains(&dataset) { number % ROWS } else { ROWS };
    let by = format!("GZ{}", letters(number / ROWS % 10_000));
    let dossier = format!("AJ{}", letters(number / ROWS));
    [
        (throw >= NAMELESS).then_some(by),
        (throw < NAMELESS || throw >= NAMELESS + PAPERLESS).then_some(dossier),
    ]
}

/// Whether a row lacks one of them.
pub(crate) fn is_planted(dataset: &str, key: &str) -> bool {
    is_traced(dataset) && of(dataset, key).iter().any(Option::is_none)
}

/// A number in letters, so that nobody takes it for a telephone.
const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn letters(mut number: u64) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from(LETTERS[qb_base::size(number % 26)]));
        number /= 26;
        if number == 0 {
            return text;
        }
    }
}

/// A number for a row, the same on every machine (FNV-1a).
fn number_of(dataset: &str, key: &str) -> u64 {
    dataset.bytes().chain([0]).chain(key.bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
