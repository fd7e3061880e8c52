//! Register rows: one person a row; households are rebuilt from their number as rows pass by.

use std::borrow::Cow;
use std::sync::mpsc::Receiver;

use qb_base::keyring::Purpose;
use qb_base::resident::{DocumentKind, Sex};
use qb_base::{AreaCode, BlindIndex, Date, ResidentNumber, fold, personal};
use qb_registry::draft::{
    Arena, HOUSEHOLD_CODES, HouseholdDraft, HouseholdValues, IdentityDraft, PERSON_CODES,
    PersonDraft, RELATION_HEAD, RegisterBatch, Span, TextSpan, Unstated,
};
use qb_registry::hash::{self, Hash64};

use super::Shared;
use super::fault_log::FaultLog;
use super::field::{Field, RowReader};
use super::kept;
use super::notes::{RowKind, RowSorter};
use super::parsed::{RefusedDraft, Rows};
use super::place::PlaceReader;
use crate::fields::code::CodeReader;
use crate::fields::key::key;
use crate::fields::number::integer;
use crate::fields::person::{Identity, identity, name, phone};
use crate::fields::{Issue, Reading, bare, date};
use crate::layout::ColumnMap;
use crate::read::batch::{CellKind, RowView};

/// The codes of the list of sexes.
const SEXES: [&str; 2] = ["MALE", "FEMALE"];
/// People after which a batch ends at the next household.
const BATCH_PEOPLE: usize = 1024;
/// Members a household may declare.
const MEMBERS_MAX: i64 = 99;

/// Fields of the register that are not codes.
struct Fields {
    household_no: Field,
    person_no: Field,
    name: Field,
    id_no: Field,
    member_count: Field,
    group: Field,
    work_months: Field,
    medical_insured: Field,
    critical_ill_insured: Field,
    dangerous_house: Field,
    water_safe: Field,
    water_short: Field,
    exit_year: Field,
    income: Field,
    phone: Field,
    identified_on: Field,
    birth_on: Field,
}

impl Fields {
    fn new(columns: &ColumnMap) -> Self {
        let field = |id: &str| Field::of(columns, id);
        Self {
            household_no: field("household_no"),
            person_no: field("person_no"),
            name: field("name"),
            id_no: field("id_no"),
            // Household values may stand on the head's row only.
            member_count: field("member_count").optional(),
            group: field("group"),
            work_months: field("work_months"),
            medical_insured: field("medical_insured"),
            critical_ill_insured: field("critical_ill_insured"),
            dangerous_house: field("dangerous_house"),
            water_safe: field("water_safe"),
            water_short: field("water_short"),
            exit_year: field("exit_year"),
            income: field("income_per_head"),
            phone: field("phone"),
            identified_on: field("identified_on"),
            birth_on: field("birth_on"),
        }
    }

    /// What is read of the household beside its codes.
    fn of_household(&self) -> [&Field; 9] {
        [
            &self.group,
            &self.member_count,
            &self.dangerous_house,
            &self.water_safe,
            &self.water_short,
            &self.exit_year,
            &self.income,
            &self.phone,
            &self.identified_on,
        ]
    }
}

/// A code column and its list.
type Coded = (Field, CodeReader);

/// The household whose rows are passing by.
#[derive(Default)]
struct Open {
    number: String,
    /// Whether the number identifies a person: its rows are refused.
    is_personal: bool,
    area: Option<AreaCode>,
    row: u32,
    last_row: u32,
    first_person: usize,
    rows: u32,
    heads: u32,
    values: HouseholdValues,
    /// Columns of [`HouseholdValues`] of which the rows say nothing.
    unstated: Unstated,
    phone: String,
    /// The household's cells of the row before, where nothing had to be noted about them.
    clean: Vec<u8>,
}

/// Parses register rows.
pub(crate) struct RegisterParser {
    shared: Shared,
    columns: ColumnMap,
    fields: Fields,
    person_codes: Vec<Coded>,
    household_codes: Vec<Coded>,
    /// None where the pack has no list of it.
    sex: Option<Coded>,
    /// Columns of the sheet that speak of the household.
    household_columns: Vec<usize>,
    place: PlaceReader,
    sorter: RowSorter,
    head_code: Option<u16>,
    pub(crate) log: FaultLog,
    rows: Rows<RegisterBatch>,
    open: Option<Open>,
    scratch: Vec<u8>,
    /// Batches the writer is done with.
    used: Receiver<Rows<RegisterBatch>>,
    plain: PlainChars,
    pub(crate) notes: u64,
}

impl RegisterParser {
    /// Prepares for a sheet; `used` brings back batches whose memory can be taken again.
    pub(crate) fn new(
        shared: Shared,
        columns: ColumnMap,
        used: Receiver<Rows<RegisterBatch>>,
    ) -> Self {
        let coded = |id: &&str| {
            let list = match columns.layout.column(id).map(|column| &column.kind) {
                Some(qb_policy::ColumnKind::Code(list)) => shared.list(list),
                _ => None,
            };
            list.map(|list| (Field::of(&columns, id), CodeReader::new(list)))
        };
        let person_codes: Vec<Coded> = PERSON_CODES.iter().filter_map(coded).collect();
        let household_codes: Vec<Coded> = HOUSEHOLD_CODES.iter().filter_map(coded).collect();
        let sex = coded(&"sex");
        let head_code = shared.list("relation").and_then(|list| {
            list.codes
                .iter()
                .position(|code| code.id == RELATION_HEAD)
                .and_then(|at| u16::try_from(at).ok())
        });
        let fields = Fields::new(&columns);
        let coded = household_codes.iter().map(|(field, _)| field);
        let household_columns =
            fields.of_household().into_iter().chain(coded).map(|field| field.column).collect();
        Self {
            place: PlaceReader::new(&columns),
            sorter: RowSorter::new(
                &[fields.person_no.column, fields.name.column, fields.id_no.column],
                &[fields.household_no.column, fields.person_no.column, fields.id_no.column],
            ),
            fields,
            household_columns,
            person_codes,
            household_codes,
            sex,
            head_code,
            shared,
            columns,
            log: FaultLog::default(),
            rows: Rows::default(),
            open: None,
            scratch: Vec::new(),
            used,
            plain: PlainChars::default(),
            notes: 0,
        }
    }

    /// Reads one row; answers a batch when one is full.
    pub(crate) fn row(&mut self, row: RowView<'_>) -> Option<Rows<RegisterBatch>> {
        let kind = self.sorter.sort(&row, &self.columns);
        self.log.unit_below = self.sorter.unit_below;
        if kind != RowKind::Record {
            self.notes += u64::from(kind == RowKind::Note);
            return None;
        }
        let reading = key(bare::unwrapped(row.value(self.fields.household_no.column)));
        let number = match &reading {
            Reading::Value(number) | Reading::Repaired(number, _) => &**number,
            _ => "",
        };
        let is_blank = matches!(reading, Reading::Blank | Reading::Null);
        let merged = is_blank && self.is_merged(&row);
        let continues =
            self.open.as_ref().is_some_and(|open| open.number == *number && !number.is_empty());
        let full = if continues || merged { None } else { self.next_household(row.number, number) };
        self.person(row, reading, merged);
        full
    }

    /// Whether a row without household number belongs to the household above it, whose cells are
    /// merged over its members: a member, never the head, right below, where the household has
    /// fewer rows than it declares members and no cell of the household says otherwise.
    fn is_merged(&mut self, row: &RowView<'_>) -> bool {
        let Some(open) = self.open.as_ref().filter(|open| !open.number.is_empty()) else {
            return false;
        };
        // Where the number of members is unknown nothing tells which rows are theirs.
        let Some(declared) = open.values.member_count else { return false };
        let member_count = row.value(self.fields.member_count.column).trimmed();
        let is_open = row.number == open.last_row + 1 && i64::from(open.rows) < declared;
        let agrees = member_count.is_empty() || member_count == declared.to_string();
        let relation = self
            .person_codes
            .first_mut()
            .and_then(|(field, codes)| codes.read(row.value(field.column)).value());
        is_open && agrees && relation.is_some_and(|code| Some(code) != self.head_code)
    }

    fn next_household(&mut self, row: u32, number: &str) -> Option<Rows<RegisterBatch>> {
        self.close_household();
        let full = (self.rows.batch.people.len() >= BATCH_PEOPLE
            || self.rows.common.refused.len() >= BATCH_PEOPLE)
            .then(|| self.take_batch());
        self.open = Some(Open {
            number: number.to_owned(),
            is_personal: self.shared.is_personal(number),
            row,
            first_person: self.rows.batch.people.len(),
            ..Open::default()
        });
        full
    }

    fn take_batch(&mut self) -> Rows<RegisterBatch> {
        // The first batches have none before them to take over.
        let empty = self.used.try_recv().unwrap_or_default();
        let mut rows = std::mem::replace(&mut self.rows, empty);
        rows.common.faults = self.log.drain();
        rows
    }

    /// Ends the sheet: everything that is left.
    pub(crate) fn finish(&mut self) -> Rows<RegisterBatch> {
        self.close_household();
        let mut rows = std::mem::take(&mut self.rows);
        rows.common.faults = self.log.finish();
        rows
    }

    /// A row; `merged` where it belongs to the household above it without naming it.
    fn person(&mut self, view: RowView<'_>, number: Reading<Cow<'_, str>>, merged: bool) {
        let mut row = RowReader::new(view, &mut self.log);
        row.log.area = None;
        let area = self.place.read(&mut row, &self.shared);
        row.log.area = area;
        let open = self.open.get_or_insert_default();
        open.last_row = view.number;
        match number {
            Reading::Blank | Reading::Null if merged => {
                row.note(&self.fields.household_no, Issue::FilledDown, &[("value", &open.number)]);
            }
            Reading::Blank | Reading::Null => {
                row.note_blank(&self.fields.household_no, Issue::Orphan);
            }
            number => {
                row.take(&self.fields.household_no, number);
            }
        }
        if open.is_personal {
            row.note(&self.fields.household_no, Issue::PersonalKey, &[]);
        }
        if let (Some(first), Some(area)) = (open.area, area)
            && first != area
        {
            row.note_value(&self.fields.household_no, Issue::HouseholdSplit, "");
        }
        open.area = open.area.or(area);
        let arena = &mut self.rows.batch.arena;
        let draft = read_person(
            &mut row,
            &self.fields,
            (&mut self.person_codes, &mut self.sex, &mut self.plain),
            &self.shared,
            arena,
        );
        let is_head =
            draft.codes.first().copied().flatten().is_some_and(|code| Some(code) == self.head_code);
        open.rows += 1;
        open.heads += u32::from(is_head);
        // A member whose row repeats the household's cells says nothing new about it; the head's
        // row wins over others and is always read.
        put_cells(&view, &self.household_columns, &mut self.scratch);
        if is_head || open.clean.is_empty() || open.clean != self.scratch {
            let noted = row.log.noted();
            let codes = &mut self.household_codes;
            let today = self.shared.today;
            read_household(&mut row, &self.fields, (codes, today), arena, (&mut *open, is_head));
            open.clean.clear();
            if row.log.noted() == noted {
                open.clean.extend_from_slice(&self.scratch);
            }
        }
        let (refused, repaired) = (row.refused, row.repaired);
        let counts = &mut self.rows.common.counts;
        counts.read += 1;
        counts.repaired += u64::from(repaired && !refused);
        let [county, town, village] = self.place.in_force();
        let number = (self.fields.household_no.column, open.number.as_str());
        let filled = [county, town, village, number];
        let cells = kept::copy_row(&view, &filled, &mut self.rows.copies);
        if refused {
            counts.rejected += 1;
            let refused =
                RefusedDraft { row: view.number, cells: kept::written(&self.rows.copies, cells) };
            self.rows.common.refused.push(refused);
        } else {
            self.rows.batch.people.push(PersonDraft { cells, ..draft });
        }
    }

    fn close_household(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        let people = open.first_person..self.rows.batch.people.len();
        // One without accepted rows goes on too, so that its refused rows are counted with others
        // that may follow; nothing else of it is kept.
        let Some(area) = open.area.filter(|_| !open.number.is_empty()) else {
            return;
        };
        let arena = &mut self.rows.batch.arena;
        if !open.phone.is_empty() {
            let row = [open.number.as_str()];
            let sealed = self.shared.keyring.seal(Purpose::Phone, &row, open.phone.as_bytes());
            open.values.phone_sealed = Some(arena.put(&sealed.0));
        }
        let digest = household_digest(&open, area, &self.household_codes, arena);
        let household_no = arena.put_text(&open.number);
        self.rows.batch.households.push(HouseholdDraft {
            row: open.row,
            household_no,
            area,
            people,
            rows: open.rows,
            has_head: open.heads > 0,
            values: open.values,
            unstated: open.unstated,
            digest,
        });
    }
}

/// Reads what belongs to the person.
fn read_person(
    row: &mut RowReader<'_, '_>,
    fields: &Fields,
    known: (&mut [Coded], &mut Option<Coded>, &mut PlainChars),
    shared: &Shared,
    arena: &mut Arena,
) -> PersonDraft {
    let (codes, sex, plain) = known;
    let mut hash = Hash64::new();
    let person_no = key(row.value(&fields.person_no));
    let person_no = row.take(&fields.person_no, person_no).unwrap_or(Cow::Borrowed(""));
    if shared.is_personal(&person_no) {
        row.note(&fields.person_no, Issue::PersonalKey, &[]);
    }
    hash.bytes(person_no.as_bytes());
    let text = row.value(&fields.name).trimmed();
    let full_name = row.take(&fields.name, name(&text)).unwrap_or(Cow::Borrowed(""));
    hash.bytes(full_name.as_bytes());
    let name_span = arena.put_text(&full_name);
    let name_key =
        if plain.is_key(&full_name) { name_span } else { arena.put_text(&fold::key(&full_name)) };
    let reading = identity(row.value(&fields.id_no), &shared.no_document);
    let identity = match row.take(&fields.id_no, reading) {
        Some(Identity::Number(number)) => {
            read_identity(row, fields, number, shared, arena, &mut hash)
        }
        _ => None,
    };
    let mut values = [None; 8];
    let mut unstated = Unstated::default();
    for (at, ((field, reader), value)) in codes.iter_mut().zip(&mut values).enumerate() {
        *value = row.take_code(field, reader);
        unstated.note(at, row.says_nothing(field));
        hash.int(reader.digest(*value));
    }
    let months = integer(row.value(&fields.work_months));
    let months = if months.value().is_some_and(|months| !(0..=12).contains(&months)) {
        Reading::Fault(Issue::NumberRange)
    } else {
        months
    };
    let work_months = row.take(&fields.work_months, months);
    unstated.note(PersonDraft::WORK_MONTHS, row.says_nothing(&fields.work_months));
    let medical_insured = row.take_truth(&fields.medical_insured);
    unstated.note(PersonDraft::MEDICAL_INSURED, row.says_nothing(&fields.medical_insured));
    let critical_ill_insured = row.take_truth(&fields.critical_ill_insured);
    unstated.note(PersonDraft::CRITICAL_ILL, row.says_nothing(&fields.critical_ill_insured));
    let told = (identity.is_some(), shared.today);
    let (sex, birth_on) = read_stated(row, fields, sex, told, (arena, &mut hash));
    hash.int(unstated.digest());
    hash.int_opt(work_months).int(truth_bits([medical_insured, critical_ill_insured]));
    PersonDraft {
        row: row.row.number,
        person_no: arena.put_text(&person_no),
        person_hash: hash::of(person_no.as_bytes()),
        name: name_span,
        name_key,
        identity,
        sex,
        birth_on,
        codes: values,
        work_months,
        medical_insured,
        critical_ill_insured,
        unstated,
        digest: hash.finish().cast_signed(),
        cells: 0,
    }
}

/// Sex and day of birth of somebody whose identity number does not say them.
fn read_stated(
    row: &mut RowReader<'_, '_>,
    fields: &Fields,
    sex: &mut Option<Coded>,
    (has_number, today): (bool, Date),
    (arena, hash): (&mut Arena, &mut Hash64),
) -> (Option<&'static str>, Option<TextSpan>) {
    if has_number || row.refused {
        return (None, None);
    }
    let sex = sex.as_mut().and_then(|(field, reader)| {
        let code = row.take_code(field, reader);
        // What cannot be read is as good as not stated; the next column starts anew.
        row.says_nothing(field);
        let id = &reader.list().codes.get(usize::from(code?))?.id;
        SEXES.into_iter().find(|sex| sex == id)
    });
    if let Some(sex) = sex {
        hash.bytes(sex.as_bytes());
    }
    if row.value(&fields.birth_on).kind == CellKind::Blank {
        return (sex, None);
    }
    let reading = date::date(row.value(&fields.birth_on));
    let born = row.take_date(&fields.birth_on, reading, today);
    row.says_nothing(&fields.birth_on);
    let born = born.map(|born| born.to_iso());
    let born = born.map(|born| {
        hash.bytes(born.as_bytes());
        arena.put_text(&born)
    });
    (sex, born)
}

fn read_identity(
    row: &mut RowReader<'_, '_>,
    fields: &Fields,
    number: ResidentNumber,
    shared: &Shared,
    arena: &mut Arena,
    hash: &mut Hash64,
) -> Option<IdentityDraft> {
    if !number.is_plausible_on(shared.today) {
        row.note_value(&fields.id_no, Issue::IdAge, "");
    }
    if row.refused {
        // A refused row is kept sealed as a whole; its number needs no seal of its own.
        return None;
    }
    let digits = number.reveal().as_bytes();
    hash.bytes(digits);
    Some(IdentityDraft {
        kind: match number.kind() {
            DocumentKind::Identity => "identity",
            DocumentKind::DisabilityCard => "disability_card",
        },
        number: arena.put_text(number.reveal()),
        sealed: Span::default(),
        blind: BlindIndex([0; 16]),
        sex: match number.sex() {
            Sex::Male => SEXES[0],
            Sex::Female => SEXES[1],
        },
        birth_on: arena.put_text(birth_iso(digits, &mut [0; 10])),
    })
}

/// Remembers for each character whether folding leaves it as it is; most names are their own key.
struct PlainChars(Vec<Option<bool>>);

impl Default for PlainChars {
    fn default() -> Self {
        Self(vec![None; 1 << 16])
    }
}

impl PlainChars {
    fn is_key(&mut self, name: &str) -> bool {
        name.chars().all(|c| {
            let Some(known) = self.0.get_mut(c as usize) else { return false };
            *known.get_or_insert_with(|| {
                let mut buffer = [0; 4];
                let text: &str = c.encode_utf8(&mut buffer);
                fold::key(text) == text
            })
        })
    }
}

/// The day of birth as ISO text, taken from digits 7 to 14 that were checked to be a date.
fn birth_iso<'i>(digits: &[u8], iso: &'i mut [u8; 10]) -> &'i str {
    *iso = *b"0000-00-00";
    for (target, source) in [0, 1, 2, 3, 5, 6, 8, 9].into_iter().zip(6..14) {
        if let (Some(slot), Some(digit)) = (iso.get_mut(target), digits.get(source)) {
            *slot = *digit;
        }
    }
    qb_base::text::ascii(iso)
}

/// Reads what belongs to the household; the head's row wins, otherwise the first row that states a
/// value.
fn read_household(
    row: &mut RowReader<'_, '_>,
    fields: &Fields,
    (codes, today): (&mut [Coded], Date),
    arena: &mut Arena,
    open: (&mut Open, bool),
) {
    let (open, is_head) = open;
    let (values, unstated) = (&mut open.values, &mut open.unstated);
    let mut says = |row: &mut RowReader<'_, '_>, column: usize, field: &Field| {
        unstated.note(column, row.says_nothing(field));
    };
    says(row, HouseholdValues::GROUP, &fields.group);
    let group = row.value(&fields.group).trimmed();
    if values.group.is_none() && !group.is_empty() {
        let covered = personal::covered(&group);
        if covered.is_some() {
            row.note(&fields.group, Issue::PersonalNumber, &[]);
        }
        values.group = Some(arena.put_text(covered.as_deref().unwrap_or(&group)));
    }
    let members = integer(row.value(&fields.member_count));
    let members = if members.value().is_some_and(|count| !(1..=MEMBERS_MAX).contains(&count)) {
        Reading::Fault(Issue::NumberRange)
    } else {
        members
    };
    merge(&mut values.member_count, row.take(&fields.member_count, members), is_head);
    says(row, HouseholdValues::MEMBER_COUNT, &fields.member_count);
    let mut read = [None; 4];
    for (at, ((field, reader), value)) in codes.iter_mut().zip(&mut read).enumerate() {
        *value = row.take_code(field, reader);
        says(row, HouseholdValues::CODES + at, field);
    }
    let [class, cause_main, cause_other, exit_status] = read;
    merge(&mut values.household_class, class, is_head);
    merge(&mut values.cause_main, cause_main, is_head);
    merge(&mut values.cause_other, cause_other, is_head);
    merge(&mut values.exit_status, exit_status, is_head);
    merge(&mut values.dangerous_house, row.take_truth(&fields.dangerous_house), is_head);
    says(row, HouseholdValues::DANGEROUS_HOUSE, &fields.dangerous_house);
    merge(&mut values.water_safe, row.take_truth(&fields.water_safe), is_head);
    says(row, HouseholdValues::WATER_SAFE, &fields.water_safe);
    merge(&mut values.water_short, row.take_truth(&fields.water_short), is_head);
    says(row, HouseholdValues::WATER_SHORT, &fields.water_short);
    let year = date::year(row.value(&fields.exit_year));
    let year = row.take_year(&fields.exit_year, year, today);
    merge(&mut values.exit_year, year.map(i64::from), is_head);
    says(row, HouseholdValues::EXIT_YEAR, &fields.exit_year);
    let income = row.money(&fields.income);
    merge(&mut values.income_fen, row.take(&fields.income, income).map(qb_base::Fen::fen), is_head);
    says(row, HouseholdValues::INCOME, &fields.income);
    if open.phone.is_empty() || is_head {
        let reading = phone(row.value(&fields.phone));
        if let Some(phone) = row.take(&fields.phone, reading) {
            open.phone = phone;
        }
    }
    says(row, HouseholdValues::PHONE, &fields.phone);
    if row.value(&fields.identified_on).kind != CellKind::Blank {
        let reading = date::date(row.value(&fields.identified_on));
        let stated = row.take_date(&fields.identified_on, reading, today);
        // Written once a household, not once a member.
        if let Some(date) = stated.filter(|_| is_head || values.identified_on.is_none()) {
            values.identified_on = Some(arena.put_text(&date.to_iso()));
        }
    }
    says(row, HouseholdValues::IDENTIFIED_ON, &fields.identified_on);
}

fn merge<T>(known: &mut Option<T>, stated: Option<T>, wins: bool) {
    if stated.is_some() && (wins || known.is_none()) {
        *known = stated;
    }
}

fn truth_bits<const N: usize>(truths: [Option<bool>; N]) -> u64 {
    let digit = |truth: Option<bool>| match truth {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    };
    truths.into_iter().fold(0, |bits, truth| bits * 3 + digit(truth))
}

fn household_digest(open: &Open, area: AreaCode, codes: &[Coded], arena: &Arena) -> i64 {
    let values = &open.values;
    let mut hash = Hash64::new();
    hash.bytes(open.number.as_bytes()).bytes(area.as_str().as_bytes());
    for span in [values.group, values.identified_on] {
        hash.text_opt(span.map(|span| arena.text(span)));
    }
    hash.bytes(open.phone.as_bytes());
    let of_codes =
        [values.household_class, values.cause_main, values.cause_other, values.exit_status];
    for ((_, reader), code) in codes.iter().zip(of_codes) {
        hash.int(reader.digest(code));
    }
    hash.int(open.unstated.digest());
    for number in [values.member_count, values.income_fen, values.exit_year] {
        hash.int_opt(number);
    }
    hash.int(truth_bits([values.dangerous_house, values.water_safe, values.water_short]));
    hash.finish().cast_signed()
}

/// Writes down the cells of some columns so that no two different rows look alike.
fn put_cells(row: &RowView<'_>, columns: &[usize], target: &mut Vec<u8>) {
    target.clear();
    for column in columns {
        let value = row.value(*column);
        target.push(value.kind as u8);
        target.extend_from_slice(&value.text.len().to_le_bytes());
        target.extend_from_slice(value.text);
    }
}
