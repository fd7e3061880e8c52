//! `qibang show`: what is stored, with its history, so that nobody has to know the tables.

use std::process::ExitCode;

use qb_access::{Reading, Scope};
use qb_base::AreaCode;
use qb_policy::{Column, ColumnKind, Dataset, Pack};
use qb_registry::events::{self, Event, Wanted};
use qb_registry::model::{
    FormerMember, Household, Record, RecordFilter, RecordKeyset, RecordValue,
};
use qb_registry::queries::{self, Reader};
use qb_store::StoreError;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::place;
use super::target::household_id;
use crate::args::Global;
use crate::fail::Fail;
use crate::output;

/// Events of a household that are shown.
const EVENTS_MAX: i64 = 1_000;

/// A household as it is printed.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    household: Household,
    former_members: Vec<FormerMember>,
    events: Vec<Event>,
}

/// Prints a household.
pub(crate) fn household(global: &Global, number: &str) -> Result<ExitCode, Fail> {
    let store = super::store(global, &super::pack(global)?)?;
    let id = household_id(&store, number)?;
    let shown = store.read::<_, StoreError>(|conn| {
        let scope = Scope::system();
        let wanted = Wanted { household: Some(id), limit: EVENTS_MAX, ..Wanted::default() };
        Ok(Shown {
            household: queries::household(conn, &scope, id)?,
            former_members: queries::former_members(conn, &scope, id)?,
            events: events::list(conn, &scope, wanted)?,
        })
    })?;
    place::note_reading(&store, &format!("household {id}"), "qibang show household")?;
    print(global, &serde_json::to_value(&shown).map_err(unwritable)?)
}

/// Prints the versions of a row of a list, or the rows that stand.
pub(crate) fn record(
    global: &Global,
    dataset: &str,
    (key, limit): (Option<&str>, i64),
) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let Some(dataset) = pack.dataset(dataset) else {
        return Err(Fail::new(
            format!("策略包没有清单“{dataset}”；可用 qibang policy show 查看"),
            format!("the pack has no list `{dataset}`; see qibang policy show"),
        ));
    };
    let reading = Reading::of(&pack).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Fail::new(said.join("\n"), said.join("\n"))
    })?;
    let scope = Scope::system();
    let reader = Reader { scope: &scope, keyring: store.keyring(), reading: &reading };
    let found = store.read(|conn| match key {
        Some(key) => queries::record_versions(conn, &reader, dataset, key),
        None => {
            let (filter, after) = (RecordFilter::default(), RecordKeyset::default());
            queries::records(conn, &reader, dataset, pack.area, &filter, &after, limit)
        }
    })?;
    if found.is_empty()
        && let Some(key) = key
    {
        return Err(Fail::new(
            format!("清单“{}”没有主键为“{key}”的记录", dataset.id),
            format!("the list `{}` has no row with the key `{key}`", dataset.id),
        ));
    }
    place::note_reading(&store, &dataset.id, "qibang show record")?;
    let rows: Vec<Value> = found.iter().map(|record| of_record(&pack, dataset, record)).collect();
    print(global, &Value::Array(rows))
}

fn of_record(pack: &Pack, dataset: &Dataset, record: &Record) -> Value {
    let values: Map<String, Value> = dataset
        .columns
        .iter()
        .zip(&record.values)
        .map(|(column, value)| (column.id.clone(), of_value(pack, column, value)))
        .collect();
    json!({
        "id": record.id,
        "dataset": record.dataset,
        "key": record.key,
        "area_code": record.area_code,
        "household_id": record.household_id,
        "person_id": record.person_id,
        "values": values,
        "source_file_id": record.source_file_id,
        "source_row": record.source_row,
        "recorded_at": record.recorded_at,
        "superseded_at": record.superseded_at,
    })
}

/// A value by its kind: money in fen, a code as it is stored, what may not be read as stars.
fn of_value(pack: &Pack, column: &Column, value: &RecordValue) -> Value {
    match value {
        RecordValue::Unknown => Value::Null,
        RecordValue::Hidden => Value::from(qb_base::mask::HIDDEN),
        RecordValue::Int(number) => Value::from(*number),
        RecordValue::Bool(truth) => Value::from(*truth),
        RecordValue::Text(text) => match &column.kind {
            // A code that the pack no longer has is printed as it is stored.
            ColumnKind::Code(list) => pack
                .code_list(list)
                .and_then(|list| list.code(text))
                .map_or_else(|| Value::from(text.as_str()), |code| Value::from(code.id.as_str())),
            _ => Value::from(text.as_str()),
        },
    }
}

/// Prints every ledger of a village.
pub(crate) fn ledger(global: &Global, village: &str) -> Result<ExitCode, Fail> {
    let store = super::store(global, &super::pack(global)?)?;
    let area = AreaCode::parse(village).map_err(|_| {
        Fail::new(
            format!("“{village}”不是行政村代码"),
            format!("`{village}` is no code of a village"),
        )
    })?;
    let ledgers = store.read(|conn| queries::ledger_versions(conn, &Scope::system(), area))?;
    print(global, &serde_json::to_value(&ledgers).map_err(unwritable)?)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn unwritable(error: serde_json::Error) -> Fail {
    Fail::new(format!("无法写出 JSON:{error}"), format!("JSON: {error}"))
}

/// Prints a value whole as JSON, or as lines of `path: value` for reading.
fn print(global: &Global, value: &Value) -> Result<ExitCode, Fail> {
    if global.json {
        output::json(value)?;
    } else {
        lines(value, "");
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(value: &Value, path: &str) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| lines(value, &below(name)));
        }
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.for_each(|(at, value)| lines(value, &below(&at.to_string())));
        }
        Value::Null => {}
        Value::String(text) => output::line(format!("{path}: {text}")),
        other => output::line(format!("{path}: {other}")),
    }
}
