//! What a person states of an event takes the road of every file: it goes into a small file with
//! the heads of the register, so that nothing typed is allowed, recorded or found again in another
//! way than what is sent.

use std::path::PathBuf;

use qb_base::text::shown;
use qb_base::{AreaCode, Text};
use qb_policy::{Column, ColumnKind, Layout, Pack};
use qb_registry::commands::Replaces;
use qb_registry::events::{
    self, About, Applying, Effect, Event, KindRule, KnownMember, Subject, register_layout,
};
use qb_registry::{Issue, Severity, TypedFault};
use qb_store::{Conn, Store};

use crate::error::IntakeError;
use crate::folder::Folder;
use crate::import::{ImportOptions, import};
use crate::installation;
use crate::one_row;
use crate::report::Fault;
use crate::rows::parsed::Parsed;
use crate::words::Words;

/// Folder of the data directory into which what is stated is written while it is read.
const FOLDER: &str = "stated";
/// Numbers that are tried for somebody new.
const NUMBERS_MAX: usize = 999;

/// A row of the register's file, by column.
struct Row<'a> {
    layout: &'a Layout,
    cells: Vec<(&'a Column, String)>,
}

/// The row of an event: what it states, and beside it who it is about as the register knows them.
fn row<'a>(
    (store, conn): (&Store, &Conn),
    pack: &'a Pack,
    (rule, subject): (&KindRule, &Subject),
    stated: &[(String, String)],
) -> Result<Row<'a>, IntakeError> {
    let layout = register_layout(pack).ok_or(IntakeError::Invariant("the register's layout"))?;
    let member = match (rule.effect, rule.about) {
        (Effect::Join, _) => None,
        (_, About::Household) => events::head_or_first(conn, subject.household)?,
        (_, About::Member) => subject.person,
    };
    let known = member.map(|id| KnownMember::read(conn, store.keyring(), id)).transpose()?;
    // How many the household says it has once the event applied.
    let members = events::member_count(conn, subject.household)?;
    let members = members.map(|said| said + i64::from(rule.effect == Effect::Join));
    let number = match &known {
        Some(known) => known.person_no.clone(),
        None => new_number(conn, subject)?,
    };
    let mut cells = Vec::new();
    for column in &layout.columns {
        let told = stated.iter().find(|(id, _)| *id == column.id);
        let text = match (told, column.id.as_str()) {
            (Some((_, value)), _) => in_words(pack, column, value),
            (None, "household_no") => subject.household_no.clone(),
            (None, "person_no") => number.clone(),
            // A household that never said how many it has still does not.
            (None, "member_count") => shown(members, |count| count.to_string()),
            (None, id) => match (column.area_level(), &known) {
                (Some(level), _) => {
                    let area = subject.area.at(level).and_then(|area| pack.area(&area));
                    area.ok_or(IntakeError::Invariant("the place of a household"))?.name.clone()
                }
                (None, Some(known)) => match repeated(pack, known, column) {
                    Some(value) => value,
                    None => continue,
                },
                // Somebody new without an identity number says so.
                (None, None) if id == "id_no" => without_document(pack)?,
                (None, None) => continue,
            },
        };
        cells.push((column, text));
    }
    Ok(Row { layout, cells })
}

/// The cell of a column in which a row repeats what is known of a member; none where the file does
/// without it.
fn repeated(pack: &Pack, known: &KnownMember, column: &Column) -> Option<String> {
    match column.id.as_str() {
        "name" => Some(known.name.clone()),
        "id_no" => Some(match &known.identity {
            Some(number) => number.clone(),
            None => without_document(pack).ok()?,
        }),
        // Where nobody knows it the row is refused for it, in words.
        "relation" => Some(shown(known.relation.as_ref(), |code| in_words(pack, column, code))),
        _ => None,
    }
}

/// A value as a file holds it: the label of a code.
fn in_words(pack: &Pack, column: &Column, value: &str) -> String {
    let ColumnKind::Code(list) = &column.kind else { return value.to_owned() };
    let code = pack.code_list(list).and_then(|list| list.code(value));
    code.map_or_else(|| value.to_owned(), |code| code.label.zh.to_string())
}

/// What a file says of somebody without an identity number.
fn without_document(pack: &Pack) -> Result<String, IntakeError> {
    let words = Words::of(pack)?;
    let word = words.no_document.first().cloned();
    word.ok_or_else(|| IntakeError::Pack("intake.toml: person.no_document".to_owned()))
}

/// A number for somebody new: the household's, and the first that nobody has.
fn new_number(conn: &Conn, subject: &Subject) -> Result<String, IntakeError> {
    for at in 1..=NUMBERS_MAX {
        let number = format!("{}-{at}", subject.household_no);
        if !events::is_taken(conn, &number)? {
            return Ok(number);
        }
    }
    Err(IntakeError::Invariant("a number for somebody new"))
}

/// Writes the file of a row; the token tells it from every other.
fn write(folder: &Folder, row: &Row<'_>) -> Result<PathBuf, IntakeError> {
    let token = folder.path().file_name().and_then(|name| name.to_str());
    let token = token.ok_or(IntakeError::Invariant("the name of a folder"))?;
    let of = (row.layout.id.as_str(), &*row.layout.title.zh, token);
    one_row::write(
        folder.path(),
        of,
        row.cells.iter().map(|(column, text)| (&*column.label.zh, Some(text.as_str()))),
    )
}

/// What is wrong with what a person states, by column; nothing where a file would take it.
pub(super) fn check(
    store: &Store,
    pack: &Pack,
    (rule, subject): (&KindRule, &Subject),
    stated: &[(String, String)],
) -> Result<Vec<TypedFault>, IntakeError> {
    let row = store.read(|conn| row((store, conn), pack, (rule, subject), stated))?;
    let folder = Folder::make(store, FOLDER)?;
    let path = write(&folder, &row)?;
    let shared = installation::shared(store, pack, &ImportOptions::default())?;
    let mut faults = Vec::new();
    one_row::read(pack, &row.layout.id, &path, &shared, &mut |parsed| {
        let Parsed::Register(rows) = parsed else { return };
        faults.extend(rows.common.faults.iter().filter_map(|fault| {
            let at = fault.column.and_then(|at| usize::try_from(at).ok()?.checked_sub(1));
            let column = at.and_then(|at| row.cells.get(at)).map(|(column, _)| &column.id);
            // What is known already was taken as it is when it came.
            let is_stated = column.is_some_and(|id| stated.iter().any(|(one, _)| one == id));
            let is_wrong = match fault.severity {
                Severity::Refused => true,
                Severity::Warning => is_stated && fault.issue != Issue::IdMissing,
                Severity::Repaired | Severity::Lead => false,
            };
            is_wrong.then(|| TypedFault {
                column: column.cloned(),
                message: fault.message.clone(),
                remedy: fault.remedy.clone(),
            })
        }));
    })?;
    Ok(faults)
}

/// Lets the register follow what was stated; the event is decided in the same transaction.
pub(super) fn apply(
    store: &Store,
    pack: &Pack,
    (rule, event): (&KindRule, &Event),
    (actor, reason): (&str, &str),
) -> Result<(), IntakeError> {
    let area = AreaCode::parse(&event.area).map_err(|_| IntakeError::Invariant("an area"))?;
    let day = qb_base::PartialDate::from_iso(&event.happened_on);
    let day = day.ok_or(IntakeError::Invariant("the day of an event"))?.date;
    let subject = Subject {
        household: event.household,
        household_no: event.household_no.clone(),
        area,
        person: event.person,
    };
    let row = store.read(|conn| {
        let stated = events::stated(conn, store.keyring(), event.id)?;
        row((store, conn), pack, (rule, &subject), &stated)
    })?;
    let folder = Folder::make(store, FOLDER)?;
    let paths = [write(&folder, &row)?];
    let options = ImportOptions {
        actor: actor.to_owned(),
        within: Some(area),
        typed: Some(Replaces(None)),
        event: Some(Applying {
            event: event.id,
            kind: event.kind.clone(),
            day,
            actor: actor.to_owned(),
            reason: reason.to_owned(),
        }),
        ..ImportOptions::default()
    };
    let report = import(store, pack, &paths, &options, &mut |_| {})?;
    refused(&report.faults)
}

/// An error that says why a row was refused; nothing where none was.
pub(super) fn refused(faults: &[Fault]) -> Result<(), IntakeError> {
    let refused = faults.iter().find(|fault| fault.severity == Severity::Refused);
    refused.map_or(Ok(()), |fault| {
        Err(IntakeError::Refused(Text::new(
            format!("{}{}", fault.message.zh, fault.remedy.zh),
            format!("{}; {}", fault.message.en, fault.remedy.en),
        )))
    })
}
