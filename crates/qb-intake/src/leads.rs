//! Patterns over whole files that no single row shows: years copied (F17), values heaped above a
//! line (F18).

use qb_store::{StoreError, Tx, Value};

use crate::fields::Issue;
use crate::rows::draft::FaultDraft;
use crate::words::LeadRules;

/// Statements equal to the year before, of files of this run.
const EQUAL_YEARS: &str = "select a.source_file_id, f.name, a.source_row, h.area_code \
    from income_statement a \
    join income_statement b on b.household_id = a.household_id and b.policy_year = a.policy_year \
    - 1 \
      and b.row_digest = a.row_digest and b.superseded_at is null \
    join source_file f on f.id = a.source_file_id join household h on h.id = a.household_id \
    where a.superseded_at is null and f.import_run_id = $1 \
      and exists (select 1 from income_item i where i.statement_id = a.id) \
      and not exists (select 1 from row_fault r where r.source_file_id = f.id and r.code = 'F17') \
    order by a.source_file_id, a.source_row";

/// Households of files of this run in the band above a line and in the bands beside it. They are
/// counted first: to ask for each household whether its file has such a lead took a second.
const BANDS: &str = "select f.id, f.name, b.inside, b.beside \
    from (select h.source_file_id as file_id, \
        cast(sum(case when h.income_reported_fen < $1 then 1 else 0 end) as bigint) as inside, \
        cast(sum(case when h.income_reported_fen >= $2 then 1 else 0 end) as bigint) as beside \
      from household h where h.income_reported_fen >= $3 and h.income_reported_fen < $4 \
      group by h.source_file_id) b \
    join source_file f on f.id = b.file_id \
    where f.import_run_id = $5 \
      and not exists (select 1 from row_fault r where r.source_file_id = f.id and r.code = 'F18') \
    order by f.id";

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
    let rows = tx.query(EQUAL_YEARS, &[run_id.into()], |row| {
        Ok((row.int(0)?, row.text(1)?, row.int(2)?, row.text(3)?))
    })?;
    let mut leads: Vec<Lead> = Vec::new();
    let mut in_file = (0, 0_i64);
    for (file_id, name, row, area) in rows {
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
    let bounds = [end.into(), end.into(), line.into(), far.into(), run_id.into()];
    let counts =
        tx.query(BANDS, &bounds, |row| Ok((row.int(0)?, row.text(1)?, row.int(2)?, row.int(3)?)))?;
    let yuan = crate::fields::number::plain_yuan;
    let suspicious = counts.into_iter().filter(|(_, _, inside, beside)| {
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
    let (message, remedy) = (issue.message().fill(fills), issue.remedy());
    FaultDraft {
        issue,
        severity: issue.severity(),
        row,
        column: None,
        label: None,
        area: None,
        message,
        remedy,
        rows,
    }
}
