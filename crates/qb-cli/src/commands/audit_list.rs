//! `qibang audit list`, `qibang audit readers`.

use std::process::ExitCode;

use qb_base::{Date, Timestamp};
use qb_store::{AuditFilter, AuditRow};
use qb_web::readers::{Reading, of_household};

use crate::args::{AuditList, Global};
use crate::fail::Fail;
use crate::output;

/// Rows of the audit chain that pass the filters, newest first.
pub(crate) fn list(global: &Global, asked: &AuditList) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    // Blank stands for all.
    let text = |asked: &Option<String>| asked.clone().unwrap_or_default();
    let filter = AuditFilter {
        before: asked.before,
        actor: text(&asked.actor),
        action: text(&asked.action),
        object: text(&asked.object),
        from: asked.since.as_deref().map(day).transpose()?,
        until: asked.until.as_deref().map(day).transpose()?,
    };
    let rows = store.audit_list(&filter, asked.limit)?;
    if global.json {
        output::json(&rows)?;
    } else {
        rows.iter().for_each(|row| output::line(line(row)));
    }
    Ok(ExitCode::SUCCESS)
}

fn line(row: &AuditRow) -> String {
    let AuditRow { seq, at, actor, action, object, reason, .. } = row;
    format!("{seq}\t{}\t{actor}\t{action}\t{object}\t{reason}", at.to_minute_in_china())
}

/// The first instant of a day in China.
fn day(text: &str) -> Result<Timestamp, Fail> {
    let day: Date = text.parse().map_err(|_| {
        Fail::new(
            format!("“{text}”不是日期：请写成2016-12-31"),
            format!("`{text}` is no date: write it as 2016-12-31"),
        )
    })?;
    Ok(qb_base::date::start_in_china(day))
}

/// Who looked at a household and its members, newest first.
pub(crate) fn readers(global: &Global, household: &str) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let found = of_household(&store, household)?;
    let Some(found) = found else {
        return Err(Fail::new(
            format!("没有户编号“{household}”"),
            format!("there is no household {household}"),
        ));
    };
    if global.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    for Reading { at, login, role, action, object, persons } in &found {
        let at = at.to_minute_in_china();
        output::line(format!("{at}\t{login}\t{role}\t{action}\t{object}\t{persons}"));
    }
    Ok(ExitCode::SUCCESS)
}
