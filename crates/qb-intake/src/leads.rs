//! Patterns over whole files that no single row shows: years copied (F17), values heaped above a
//! line (F18).

use std::collections::BTreeMap;

use qb_registry::queries::{self, EqualYears};
use qb_registry::{FaultDraft, Issue};
use qb_store::{StoreError, Tx, Value};

use crate::words::LeadRules;

/// Files of a run in which no such lead was found yet.
const FILES: &str = "select f.id, f.name from source_file f where f.import_run_id = $1 \
    and not exists (select 1 from row_fault r where r.source_file_id = f.id and r.code = $2)";

/// The names of these files, by their ids.
fn files(tx: &Tx<'_>, run: i64, issue: Issue) -> Result<BTreeMap<i64, String>, StoreError> {
    let values = [run.into(), issue.code().into()];
    let files = tx.query(FILES, &values, |row| Ok((row.int(0)?, row.text(1)?)))?;
    Ok(files.into_iter().collect())
}

/// A lead with the file it belongs to.
struct Lead {
    file_id: i64,
    name: String,
    area: Option<String>,
    draft: FaultDraft,
}

/// Finds leads in the files of a run and stores them beside their faults.
pub(crate) fn find(
    tx: &Tx<'_>,
    run_id: i64,
    line_fen: Option<i64>,
    rules: LeadRules,
) -> Result<Vec<(String, FaultDraft)>, StoreError> {
    let mut leads = equal_years(tx, run_id, rules)?;
    if let Some(line) = line_fen {
        leads.extend(heaping(tx, run_id, line, rules)?);
    }
    for (id, lead) in (tx.next_id("row_fault")?..).zip(&leads) {
        let draft = &lead.draft;
        tx.execute(
            "insert into row_fault (id, source_file_id, code, severity, sheet, row_no, \
            area_code, message_zh, message_en, \
             remedy_zh, remedy_en) values ($1, $2, $3, $4, '', $5, $6, $7, $8, $9, $10)",
            &[
                id.into(),
                lead.file_id.into(),
                draft.issue.code().into(),
                draft.severity.as_str().into(),
                Value::Int(i64::from(draft.row)),
                lead.area.as_deref().into(),
                (&*draft.message.zh).into(),
                (&*draft.message.en).into(),
                (&*draft.remedy.zh).into(),
                (&*draft.remedy.en).into(),
            ],
        )?;
    }
    Ok(leads.into_iter().map(|lead| (lead.name, lead.draft)).collect())
}

fn equal_years(tx: &Tx<'_>, run_id: i64, rules: LeadRules) -> Result<Vec<Lead>, StoreError> {
    let files = files(tx, run_id, Issue::YearsEqual)?;
    let (Some(first), Some(last)) = (files.keys().next(), files.keys().next_back()) else {
        return Ok(Vec::new());
    };
    let rows = queries::equal_years(tx, (*first, *last))?;
    let mut leads: Vec<Lead> = Vec::new();
    let mut in_file = (0, 0_i64);
    for EqualYears { file_id, row, area } in rows {
        // Files of another import may lie between.
        let Some(name) = files.get(&file_id).cloned() else { continue };
        in_file = if in_file.0 == file_id { (file_id, in_file.1 + 1) } else { (file_id, 1) };
        if in_file.1 > rules.equal_listed {
            // The rest of the file stands behind its last listed row.
            if let Some(lead) = leads.last_mut() {
                lead.draft.rows += 1;
            }
            continue;
        }
        let wrong = |_| StoreError::Type { column: 2, expected: "the number of a row" };
        let row = u32::try_from(row).map_err(wrong)?;
        leads.push(Lead {
            file_id,
            name,
            area: Some(area),
            draft: draft(Issue::YearsEqual, row, 1, &[]),
        });
    }
    Ok(leads)
}

fn heaping(tx: &Tx<'_>, run_id: i64, line: i64, rules: LeadRules) -> Result<Vec<Lead>, StoreError> {
    let LeadRules { band_fen, neighbours, households, times, .. } = rules;
    let (end, far) = (line + band_fen, line + band_fen * (neighbours + 1));
    let mut files = files(tx, run_id, Issue::Heaping)?;
    let bands = queries::income_bands(tx, (line, end, far))?;
    let counts = bands.into_iter().filter_map(|band| {
        let name = files.remove(&band.file_id)?;
        Some((band.file_id, name, band.inside, band.beside))
    });
    let yuan = crate::fields::number::plain_yuan;
    let suspicious = counts.filter(|(_, _, inside, beside)| {
        *inside >= households && inside * neighbours >= beside * times
    });
    Ok(suspicious
        .map(|(file_id, name, inside, beside)| {
            let times = (inside * neighbours / beside.max(1)).to_string();
            let range = format!("{}–{}", yuan(line), yuan(end));
            let fills = [("count", &*inside.to_string()), ("range", &*range), ("value", &*times)];
            let rows = inside.unsigned_abs();
            Lead { file_id, name, area: None, draft: draft(Issue::Heaping, 0, rows, &fills) }
        })
        .collect())
}

fn draft(issue: Issue, row: u32, rows: u64, fills: &[(&str, &str)]) -> FaultDraft {
    FaultDraft { rows, ..FaultDraft::new(row, issue, fills) }
}
