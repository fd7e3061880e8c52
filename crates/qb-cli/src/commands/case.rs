//! `qibang case`.

use std::process::ExitCode;

use qb_access::Scope;
use qb_base::AreaCode;
use qb_case::model::{CaseDetail, CaseLine};
use qb_case::queries::{self, After, Filter};
use qb_case::{CaseError, Machines};

use crate::args::{CaseFilter, Global};
use crate::fail::Fail;
use crate::output;

/// Lists cases, the nearest deadline first.
pub(crate) fn list(global: &Global, words: &CaseFilter) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let machines = Machines::load(&pack).map_err(CaseError::Pack)?;
    let scope = scope(words.area.as_deref())?;
    let filter = Filter {
        machine: words.machine.clone(),
        state: words.state.clone(),
        subject: words.subject.clone(),
        overdue: words.overdue,
        irregular: words.irregular,
        running: words.running,
        ..Filter::default()
    };
    let (today, after) = (store.office_day()?.day, After::default());
    let limit = words.limit;
    let lines =
        store.read(|conn| queries::list(conn, &machines, &scope, today, &filter, &after, limit))?;
    if global.json {
        output::json(&lines)?;
    } else {
        lines.iter().for_each(|line| print_line(global, line));
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows one case with its steps and what comes next.
pub(crate) fn show(global: &Global, case: i64) -> Result<ExitCode, Fail> {
    let pack = super::pack(global)?;
    let store = super::store(global, &pack)?;
    let machines = Machines::load(&pack).map_err(CaseError::Pack)?;
    let (scope, today) = (Scope::system(), store.office_day()?.day);
    let detail = store.read(|conn| queries::case(conn, &machines, &scope, today, case))?;
    if global.json {
        output::json(&detail)?;
    } else {
        print(global, &detail);
    }
    Ok(ExitCode::SUCCESS)
}

fn scope(area: Option<&str>) -> Result<Scope, Fail> {
    let Some(code) = area else { return Ok(Scope::system()) };
    let found = AreaCode::parse(code).ok().and_then(|area| Scope::system().within(area));
    found.ok_or_else(|| {
        Fail::new(
            format!("“{code}”不是区划代码:应为2、4、6、9或12位数字"),
            format!("`{code}` is no area code: it has 2, 4, 6, 9 or 12 digits"),
        )
    })
}

fn print_line(global: &Global, line: &CaseLine) {
    let due = line.due.as_deref().unwrap_or("-");
    let marks = [(line.overdue, " ⏰"), (line.irregular > 0, " ⚠")];
    let mut marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
    if let Some(note) = &line.due_note {
        marks.push_str(&format!(" ({})", output::said(global, note)));
    }
    output::line(format!(
        "{:>8} {} {} {} {} {due}{marks}",
        line.case, line.machine, line.area, line.subject, line.state
    ));
}

fn print(global: &Global, detail: &CaseDetail) {
    print_line(global, &detail.line);
    for event in &detail.events {
        let label = output::said(global, &event.label);
        let marks = event.irregular.join(" ");
        output::line(format!("  {} {} → {} {marks}", event.on, label, event.to));
    }
    for next in &detail.next {
        let who: Vec<String> = next.who.iter().map(|who| output::said(global, who)).collect();
        output::line(format!("  ? {}: {}", output::said(global, &next.label), who.join(", ")));
    }
}
