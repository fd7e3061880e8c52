//! The pack's words about tables: units, totals, notes, heads that nobody reads; thresholds of
//! leads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use qb_base::fold;
use qb_policy::{Fault, Pack, PartFile};
use serde::Deserialize;

use crate::error::IntakeError;
use crate::layout::unit::{Unit, UnitWords};

/// The file of the pack.
const FILE: &str = "intake.toml";
/// Powers of ten that a unit of money may have; a fen is the smallest amount there is.
const POWERS: std::ops::RangeInclusive<i32> = -2..=12;
/// Fen in one yuan.
const FEN: i64 = 100;
/// Stands for a number in the beginning of a note.
const ANY_NUMBER: char = '#';

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    unit: RawUnits,
    row: RawRows,
    head: RawHeads,
    person: RawPersons,
    #[serde(default)]
    joined: Vec<RawJoined>,
    lead: RawLead,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUnits {
    source: String,
    labels: Vec<String>,
    columns: Vec<String>,
    others: Vec<String>,
    money: Vec<RawMoney>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMoney {
    power: Option<i32>,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRows {
    source: String,
    totals: Vec<String>,
    notes: Vec<String>,
    ordinals: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeads {
    source: String,
    free: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPersons {
    source: String,
    no_document: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJoined {
    source: String,
    columns: Vec<String>,
    heads: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLead {
    source: String,
    equal_listed: i64,
    band_yuan: i64,
    neighbours: i64,
    households: i64,
    times: i64,
}

/// Words about tables, folded.
#[derive(Debug)]
pub(crate) struct Words {
    /// Words of units.
    pub(crate) units: UnitWords,
    totals: Vec<String>,
    notes: Vec<Vec<char>>,
    ordinals: HashSet<String>,
    free: HashSet<String>,
    joined: HashMap<String, Vec<String>>,
    /// What stands in the number column of people without a document, as it is written.
    pub(crate) no_document: Arc<Vec<String>>,
    /// From where on the figures of a file are a lead.
    pub(crate) lead: LeadRules,
}

/// From where on the figures of a whole file are worth a question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeadRules {
    /// Copied statements of one file that are listed row by row.
    pub(crate) equal_listed: i64,
    /// Width of a band of incomes above a line, in fen.
    pub(crate) band_fen: i64,
    /// Neighbouring bands it is compared with.
    pub(crate) neighbours: i64,
    /// Households in a band from which a comparison says something.
    pub(crate) households: i64,
    /// How many times its neighbours' mean a band must hold.
    pub(crate) times: i64,
}

impl Words {
    /// The words of a pack.
    ///
    /// # Errors
    /// When the pack has no `intake.toml`, or one with faults: without the words an amount in 万元
    /// would be read as one in yuan.
    pub(crate) fn of(pack: &Pack) -> Result<Arc<Self>, IntakeError> {
        let file = pack.part_files.get(FILE);
        let file = file.ok_or_else(|| IntakeError::Pack(FILE.to_owned()))?;
        read(file).map(Arc::new).map_err(|faults| {
            IntakeError::Pack(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })
    }

    /// Whether a folded head is one that nobody reads.
    pub(crate) fn is_free_head(&self, key: &str) -> bool {
        self.free.contains(key)
    }

    /// The columns whose names stand together under a folded head.
    pub(crate) fn joined(&self, key: &str) -> Option<&[String]> {
        self.joined.get(key).map(Vec::as_slice)
    }

    /// Whether a cell, folded, stands for a column's number or for nothing.
    pub(crate) fn is_ordinal(&self, key: &str) -> bool {
        self.ordinals.contains(key)
    }

    /// Whether a cell says that its row holds totals: 合计, 小 计:, 小计(元), 沙集镇小计.
    pub(crate) fn is_total(&self, text: &str) -> bool {
        // Most cells are longer, or begin with a digit.
        if text.len() > TOTAL_BYTES_MAX || text.bytes().next().is_none_or(|b| b.is_ascii_digit()) {
            return false;
        }
        let key = fold::key(text);
        let plain = key.split(['(', ':', '[']).next().unwrap_or(&key);
        let plain = plain.trim_matches([':', '*', '、', ',', '。', '-']);
        self.totals.iter().any(|word| plain.strip_suffix(word.as_str()).is_some_and(is_place))
    }

    /// Whether the first filled cell of a row begins a note or a line of signatures.
    pub(crate) fn begins_note(&self, text: &str) -> bool {
        let key: Vec<char> = fold::key(text).chars().take(NOTE_CHARS_MAX).collect();
        self.notes.iter().any(|note| begins(&key, note))
    }
}

/// Bytes of a cell that can be the label of a total: a place of ten characters and the word.
const TOTAL_BYTES_MAX: usize = 60;
/// Characters of a cell in which the beginning of a note is looked for.
const NOTE_CHARS_MAX: usize = 16;

/// What stands before the word of a total: nothing, or the name of a place (`沙集镇`, `全县`,
/// `二、`), never a sentence.
fn is_place(before: &str) -> bool {
    before.is_empty()
        || before.ends_with(['镇', '乡', '村', '县', '区', '市', '街', '道', '组', '处', '会'])
        || before.ends_with(['、', ')', ':'])
}

fn begins(key: &[char], note: &[char]) -> bool {
    let mut rest = key;
    for c in note {
        if *c == ANY_NUMBER {
            let digits = rest.iter().take_while(|c| c.is_numeric() || is_numeral(**c)).count();
            if digits == 0 {
                return false;
            }
            rest = &rest[digits..];
        } else {
            let Some((first, others)) = rest.split_first() else { return false };
            if first != c {
                return false;
            }
            rest = others;
        }
    }
    true
}

fn is_numeral(c: char) -> bool {
    "一二三四五六七八九十百".contains(c)
}

/// The faults of a pack's `intake.toml`; a pack without one reads no files and has none.
pub(crate) fn check(pack: &Pack) -> Vec<Fault> {
    let Some(file) = pack.part_files.get(FILE) else { return Vec::new() };
    read(file).map_or_else(|faults| faults, |_| Vec::new())
}

fn read(file: &PartFile) -> Result<Words, Vec<Fault>> {
    let raw: RawWords = file.parse().map_err(|fault| vec![fault])?;
    let faults = faults(file, &raw);
    if !faults.is_empty() {
        return Err(faults);
    }
    let keys = |words: &[String]| words.iter().map(|word| fold::key(word)).collect::<Vec<_>>();
    let note = |word: &String| fold::key(word).chars().collect();
    let joined = raw.joined.iter().flat_map(|one| {
        one.heads.iter().map(|head| (fold::key(head), one.columns.clone())).collect::<Vec<_>>()
    });
    Ok(Words {
        units: UnitWords::new(&raw.unit.labels, &raw.unit.columns, units(&raw.unit)),
        totals: keys(&raw.row.totals),
        notes: raw.row.notes.iter().map(note).collect(),
        ordinals: keys(&raw.row.ordinals).into_iter().collect(),
        free: keys(&raw.head.free).into_iter().collect(),
        joined: joined.collect(),
        no_document: Arc::new(raw.person.no_document),
        lead: LeadRules {
            equal_listed: raw.lead.equal_listed,
            band_fen: raw.lead.band_yuan * FEN,
            neighbours: raw.lead.neighbours,
            households: raw.lead.households,
            times: raw.lead.times,
        },
    })
}

fn units(raw: &RawUnits) -> HashMap<String, Unit> {
    let money = raw.money.iter().flat_map(|one| {
        let unit = one.power.map_or(Unit::Foreign, Unit::Money);
        one.words.iter().map(move |word| (fold::key(word), unit))
    });
    raw.others.iter().map(|word| (fold::key(word), Unit::Other)).chain(money).collect()
}

fn faults(file: &PartFile, raw: &RawWords) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |word: &str, zh: &str, en: &str| {
        let at = file.text.find(word).unwrap_or(file.text.len());
        faults.push(file.fault(&(at..at), zh, en));
    };
    let sources =
        [&raw.unit.source, &raw.row.source, &raw.head.source, &raw.person.source, &raw.lead.source];
    if sources.into_iter().chain(raw.joined.iter().map(|one| &one.source)).any(|s| blank(s)) {
        fault("source", "出处是空的", "a source is blank");
    }
    if raw.unit.money.iter().any(|one| one.power.is_some_and(|power| !POWERS.contains(&power))) {
        fault(
            "power",
            "货币单位的十的幂应在-2到12之间",
            "the power of a unit of money is -2 to 12",
        );
    }
    let mut words: HashMap<String, Option<i32>> = HashMap::new();
    for (word, power) in raw
        .unit
        .money
        .iter()
        .flat_map(|one| one.words.iter().map(|word| (fold::key(word), one.power)))
    {
        if words.insert(word, power).is_some_and(|other| other != power) {
            fault("[[unit.money]]", "一个货币单位写了两次", "a unit of money stands twice");
        }
    }
    let lead = &raw.lead;
    let counts = [lead.equal_listed, lead.band_yuan, lead.neighbours, lead.households, lead.times];
    if counts.into_iter().any(|number| number < 1) {
        fault("[lead]", "[lead]中的数应为正数", "the numbers of [lead] are positive");
    }
    faults
}

fn blank(text: &str) -> bool {
    text.trim().is_empty()
}
