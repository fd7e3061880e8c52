//! A village's ledger: fields above the table, then one row per item; sums are checked, never
//! stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use qb_base::date::PolicyYear;
use qb_base::{AreaCode, AreaLevel, Fen, fold, personal};
use qb_policy::Code;
use qb_registry::draft::{LedgerDraft, LedgerLine};
use qb_registry::hash::Hash64;

use super::Shared;
use super::fault_log::FaultLog;
use super::field::{Field, RowReader};
use super::locate;
use super::notes::unit_below;
use super::parsed::Common;
use crate::fields::area::AreaCells;
use crate::fields::code::CodeReader;
use crate::fields::{Issue, Reading, date};
use crate::layout::Detected;
use crate::read::batch::{RowView, Value};
use crate::words::Words;

/// The group of rows that are sums of others.
const GROUP_COMPUTED: &str = "computed";
/// The group of rows that add.
const GROUP_INCOME: &str = "income";

/// A sum row as the form states it.
struct StatedSum {
    item: String,
    amount_fen: i64,
    row: u32,
}

/// Parses one form.
pub(crate) struct LedgerParser {
    shared: Shared,
    item: Field,
    /// Heads of the items, folded.
    heads: Vec<String>,
    amount: Field,
    /// The amounts of sums, which are compared and never stored.
    stated: Field,
    prior: Field,
    one_off: Field,
    evidence: Field,
    codes: Option<CodeReader>,
    words: Arc<Words>,
    /// Whether an amount could not be read: a form without one of its amounts says too little.
    is_broken: bool,
    head: Vec<(String, String, u32)>,
    title_year: Option<i16>,
    log: FaultLog,
    lines: Vec<LedgerLine>,
    sums: Vec<StatedSum>,
    common: Common,
    pub(crate) notes: u64,
}

impl LedgerParser {
    pub(crate) fn new(shared: Shared, detected: &Detected) -> Self {
        let columns = &detected.columns;
        let field = |id: &str| Field::of(columns, id);
        let head = detected
            .head_fields
            .iter()
            .filter_map(|(at, value, row)| {
                // What it says is told where it fits no place; a number of a person is not.
                let value = personal::covered(value).unwrap_or_else(|| value.clone());
                Some((columns.layout.columns.get(*at)?.id.clone(), value, *row))
            })
            .collect();
        Self {
            item: field("item"),
            heads: columns
                .layout
                .column("item")
                .into_iter()
                .flat_map(|column| column.heads())
                .map(fold::key)
                .collect(),
            amount: field("amount").optional().strict(),
            stated: field("amount").optional(),
            prior: field("amount_prior"),
            one_off: field("one_off").strict(),
            evidence: field("evidence"),
            codes: shared.list("ledger_item").map(CodeReader::new),
            words: columns.words.clone(),
            is_broken: false,
            head,
            title_year: detected.title_year,
            shared,
            log: FaultLog::default(),
            lines: Vec::new(),
            sums: Vec::new(),
            common: Common::default(),
            notes: 0,
        }
    }

    /// Reads one row of the table.
    pub(crate) fn row(&mut self, view: RowView<'_>) {
        let label = view.value(self.item.column).trimmed();
        let amounts = [&self.amount, &self.prior, &self.one_off];
        let blank_amounts = amounts.iter().all(|field| view.value(field.column).is_blank());
        let code = self.code(&label);
        let is_note = blank_amounts || self.words.is_total(&label) || self.repeats_head(&label);
        if label.is_empty() || (code.is_none() && is_note) {
            self.note(&view);
            return;
        }
        let mut row = RowReader::new(view, &mut self.log);
        self.common.counts.read += 1;
        let Some(code) = code else {
            row.note_value(&self.item, Issue::LedgerItemUnknown, "");
            self.common.counts.rejected += 1;
            return;
        };
        let mut read = |field: &Field| {
            let reading = row.money(field);
            let amount = row.take(field, reading).map(Fen::fen);
            (amount, row.says_nothing(field))
        };
        let number = view.number;
        if code.group.as_deref() == Some(GROUP_COMPUTED) {
            let (stated, _) = read(&self.stated);
            self.common.counts.repaired += u64::from(row.repaired);
            self.is_broken |= row.refused;
            self.sums.extend(stated.map(|amount_fen| StatedSum {
                item: code.id,
                amount_fen,
                row: number,
            }));
            return;
        }
        let (amount, _) = read(&self.amount);
        let (prior_fen, prior_unstated) = read(&self.prior);
        let (one_off_fen, one_off_unstated) = read(&self.one_off);
        self.common.counts.repaired += u64::from(row.repaired);
        if row.refused {
            self.is_broken = true;
            return;
        }
        // An item left blank is an item of nothing in a form that is otherwise filled in.
        let amount_fen = amount.unwrap_or(0);
        let evidence = row.value(&self.evidence).trimmed();
        let evidence = match evidence.is_empty() {
            true => None,
            false => row.take_words(&self.evidence, Reading::Value(evidence)).map(|one| one.0),
        };
        if self.lines.iter().any(|line| line.item == code.id) {
            self.log.row(number, Issue::DuplicateRow, &[("place", &code.label.zh)]);
            self.common.counts.rejected += 1;
            return;
        }
        self.lines.push(LedgerLine {
            item: code.id,
            amount_fen,
            prior_fen,
            one_off_fen,
            evidence,
            unstated: [prior_unstated, one_off_unstated, !self.evidence.is_there()],
            row: number,
        });
    }

    /// A row that is no item; it may state the unit of the rows below it.
    fn note(&mut self, view: &RowView<'_>) {
        self.notes += u64::from(!view.is_blank());
        let texts: Vec<_> = view.values().map(|value| value.trimmed()).collect();
        let cells: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        self.log.unit_below = unit_below(&self.words, &cells).or(self.log.unit_below);
    }

    /// The item of a label, also where the form numbers it: 一、经营收入, (2) 发包收入, 其中：….
    fn code(&mut self, label: &str) -> Option<Code> {
        let codes = self.codes.as_mut()?;
        let mut read = |label: &str| codes.read(Value::text(label)).value();
        let at = read(label).or_else(|| read(without_number(label)))?;
        codes.list().codes.get(usize::from(at)).cloned()
    }

    /// Whether the label is the head of the items again, as on a printed page.
    fn repeats_head(&self, label: &str) -> bool {
        self.heads.iter().any(|head| *head == fold::key(label))
    }

    /// Ends the form; no ledger when village or year cannot be told.
    pub(crate) fn finish(mut self) -> (Option<LedgerDraft>, Common) {
        let named = self.village();
        self.log.area = named;
        let year = self.year();
        let area = named.map(|named| self.standing(named, year));
        self.log.area = area;
        self.check_sums();
        let mut common = std::mem::take(&mut self.common);
        if self.is_broken {
            self.log.row(self.head_value("village").1, Issue::LedgerBroken, &[]);
        }
        let complete = area.zip(year).filter(|_| !self.lines.is_empty() && !self.is_broken);
        if complete.is_none() {
            common.counts.rejected = common.counts.read;
            common.counts.repaired = 0;
        }
        let draft = complete.map(|(area, year)| {
            let digest = digest(&self.lines);
            LedgerDraft { area, year, lines: std::mem::take(&mut self.lines), digest }
        });
        common.faults = self.log.finish();
        (draft, common)
    }

    fn head_value(&self, id: &str) -> (&str, u32) {
        self.head
            .iter()
            .find(|(known, ..)| known == id)
            .map_or(("", 1), |(_, value, row)| (value.as_str(), *row))
    }

    /// The village that kept the ledger: one that ended during the year or before is another now,
    /// one that ended later keeps its own.
    fn standing(&mut self, named: AreaCode, year: Option<i16>) -> AreaCode {
        let index = self.shared.areas.clone();
        let stood = match year {
            Some(year) => index.stood_on(named, PolicyYear(year).last_day()),
            None => index.goes_on(named),
        };
        if stood != named {
            let row = self.head_value("village").1;
            let (value, meaning) = (index.name(&named), index.name(&stood));
            let fills = [("value", &*value), ("meaning", &*meaning)];
            self.log.row(row, Issue::AreaAlias, &fills);
        }
        stood
    }

    /// The village that the form names, also one that ended.
    fn village(&mut self) -> Option<AreaCode> {
        let written = ["county", "town", "village"].map(|id| self.head_value(id).0.to_owned());
        let (_, row) = self.head_value("village");
        let [county, town, village] = &written;
        let index = self.shared.areas.clone();
        let cell = |level: AreaLevel| match level {
            AreaLevel::Town => town.as_str(),
            AreaLevel::Village => village.as_str(),
            _ => county.as_str(),
        };
        match locate::village_named(&index, AreaCells { county, town, village }) {
            Ok(found) if self.shared.within.is_some_and(|scope| !scope.contains(&found.code)) => {
                self.log.row(row, Issue::AreaOutside, &[]);
                None
            }
            Ok(found) => {
                for level in &found.repaired {
                    let meaning = index.name(&found.code.at(*level).unwrap_or(found.code));
                    let fills = [("value", cell(*level)), ("meaning", &*meaning)];
                    self.log.row(row, Issue::AreaAlias, &fills);
                }
                Some(found.code)
            }
            Err(fault) => {
                let value = cell(fault.level);
                let label = match fault.level {
                    AreaLevel::Town => "镇",
                    AreaLevel::Village => "村",
                    _ => "县",
                };
                let parent = index.name(&fault.parent);
                self.log.row(
                    row,
                    fault.issue,
                    &[("value", value), ("label", label), ("parent", &parent)],
                );
                None
            }
        }
    }

    fn year(&mut self) -> Option<i16> {
        let (written, row) = self.head_value("year");
        let stated = date::year(Value::text(written)).value().or(self.title_year);
        match stated {
            Some(year) if self.shared.covers(year) => Some(year),
            Some(year) => {
                self.log.row(
                    row,
                    Issue::YearOutside,
                    &[("value", &year.to_string()), ("range", &self.shared.years())],
                );
                None
            }
            None => {
                self.log.row(row, Issue::Required, &[("label", "年度")]);
                None
            }
        }
    }

    /// Compares the sums the form states with what its items give; forms number their rows by these
    /// identities.
    fn check_sums(&mut self) {
        let Some(codes) = &self.codes else { return };
        let amounts: BTreeMap<&str, i64> =
            self.lines.iter().map(|line| (line.item.as_str(), line.amount_fen)).collect();
        let list = codes.list().clone();
        for sum in std::mem::take(&mut self.sums) {
            let computed = computed_sum(&sum.item, &amounts, &list);
            if let Some(computed) = computed.filter(|computed| *computed != sum.amount_fen) {
                let yuan = crate::fields::number::plain_yuan;
                let label = list.code(&sum.item).map_or(&*sum.item, |code| &*code.label.zh);
                let fills = [
                    ("label", label),
                    ("value", &*yuan(sum.amount_fen)),
                    ("meaning", &*yuan(computed)),
                ];
                self.log.row(sum.row, Issue::LedgerSumDiffers, &fills);
            }
        }
    }
}

/// A label without what numbers it or makes it a part of the one above.
fn without_number(label: &str) -> &str {
    let numbered = |c: char| {
        c.is_numeric() || c.is_whitespace() || "一二三四五六七八九十、.．)）(（".contains(c)
    };
    let plain = label.trim_start_matches(numbered);
    ["其中：", "其中:", "其中", "减：", "减:", "加：", "加:"]
        .iter()
        .find_map(|word| plain.strip_prefix(word))
        .unwrap_or(plain)
        .trim_start_matches(numbered)
}

/// The identities printed on the form: profit of operation, profit of the year, total income.
fn computed_sum(
    item: &str,
    amounts: &BTreeMap<&str, i64>,
    list: &qb_policy::CodeList,
) -> Option<i64> {
    // An item that the form leaves out is an item of nothing.
    let of = |id: &str| amounts.get(id).copied().unwrap_or(0);
    let operating = of("operating") + of("contract_rent") + of("investment")
        - of("operating_cost")
        - of("overhead");
    match item {
        "operating_profit" => Some(operating),
        "year_profit" => Some(operating + of("subsidy") + of("other") - of("other_cost")),
        "income_total" => Some(
            list.codes
                .iter()
                .filter(|code| code.group.as_deref() == Some(GROUP_INCOME))
                .map(|code| of(&code.id))
                .sum(),
        ),
        _ => None,
    }
}

fn digest(lines: &[LedgerLine]) -> i64 {
    let mut hash = Hash64::new();
    for line in lines {
        hash.bytes(line.item.as_bytes()).int(line.amount_fen.cast_unsigned());
        hash.int_opt(line.prior_fen).int_opt(line.one_off_fen);
        hash.int(line.unstated.iter().fold(0, |bits, unstated| bits << 1 | u64::from(*unstated)));
        hash.text_opt(line.evidence.as_deref());
    }
    hash.finish().cast_signed()
}
