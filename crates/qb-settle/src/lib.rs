//! The links put together, for the binary and the pages alike.
//!
//! Step: beside the chain, above all links but report and pages. Input: the store after an import,
//! the pack. Output: mechanisms brought level with the imported rows, runs over everything the
//! links publish, and the faults of every part of a pack. Invariants: bringing level twice changes
//! nothing; what a link publishes can be named by every query of the pack, checked or run.

mod error;
mod leads;

use qb_access::Role;
use qb_base::Date;
use qb_case::Machines;
use qb_engine::{CheckError, CheckReport, Engine, SourcePlace, Table, TableSchema};
use qb_policy::{Fault, Layout, Pack};
use qb_store::{Conn, Known, Store};
use qb_targeting::Progress;
use qb_targeting::model::RunSummary;
use serde::Serialize;

pub use error::SettleError;

/// What the mechanisms made of the rows that were imported since the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Cases replayed from decisions that came as rows.
    pub cases: qb_case::commands::Applied,
    /// Entries of the ledger.
    pub ledger: qb_fund::model::Applied,
    /// Needs and promises taken over from visits.
    pub visits: qb_pairing::commands::Applied,
}

/// Brings every mechanism level with the imported rows; doing it again changes nothing.
///
/// # Errors
/// When a part of the pack has faults or the store fails; each mechanism is level or as it was.
pub fn settle(store: &Store, pack: &Pack, actor: &str) -> Result<Settled, SettleError> {
    qb_registry::seal::seal(store, pack, actor)?;
    Ok(Settled {
        cases: qb_case::commands::apply(store, pack, actor)?,
        ledger: qb_fund::commands::apply(store, pack, actor)?,
        visits: qb_pairing::commands::apply(store, pack, actor)?,
    })
}

/// The tables that links publish beside the register, without rows.
pub fn schemas() -> Vec<TableSchema> {
    let mut schemas = vec![qb_registry::support::schema()];
    schemas.extend(qb_case::schemas());
    schemas.extend(qb_fund::schemas());
    schemas.extend(qb_pairing::schemas());
    schemas.push(qb_entitlement::rules_table::schema());
    schemas.extend(qb_assess::tables::schemas());
    schemas
}

/// The same tables with their rows, as a day sees them and as far as they are known.
///
/// # Errors
/// When a part of the pack has faults or the store fails.
pub fn tables(
    conn: &Conn,
    pack: &Pack,
    (as_of, known): (Date, Known),
) -> Result<Vec<Table>, SettleError> {
    let mut tables = vec![qb_registry::support::table(conn, pack, (as_of, known))?];
    tables.extend(qb_case::tables(conn, known)?);
    tables.extend(qb_fund::tables(conn, known)?);
    tables.extend(qb_pairing::tables(conn, as_of.year(), known)?);
    let benefits = qb_entitlement::benefits(pack).map_err(SettleError::Pack)?;
    tables.push(qb_entitlement::rules_table::table(pack, &benefits, as_of.year())?);
    tables.extend(qb_assess::tables::tables(conn, known)?);
    Ok(tables)
}

/// A run, and what it set going.
#[derive(Clone, Debug, Serialize)]
pub struct Ran {
    /// What it found.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// Cases that its leads became.
    pub leads: u64,
}

/// Runs every rule, figure and coverage over the register and everything the links publish, then
/// opens the cases that its leads become.
///
/// # Errors
/// When a query does not hold, the evaluators disagree, or the store fails; nothing is stored then.
/// A fault in a machine that leads go to leaves the run and opens none of them.
pub fn run(
    store: &Store,
    pack: &Pack,
    (actor, as_of, known): (&str, Date, Known),
    progress: &mut dyn FnMut(Progress),
) -> Result<Ran, SettleError> {
    let asked = qb_targeting::Asked { actor, pack, as_of, known };
    // A run reads due days, and a pack may have got a list of holidays since the last import. A
    // fault in a machine does not stop a run that opens no case.
    if let Ok(machines) = Machines::load(pack) {
        qb_case::commands::level(store, &machines, actor)?;
    }
    let summary =
        qb_targeting::run(store, &asked, |conn| tables(conn, pack, (as_of, known)), progress)?;
    // A question about an earlier day opens no case today.
    let shown = store.read(qb_targeting::queries::newest_run)?;
    let leads = match shown.is_some_and(|shown| shown.id == summary.run) {
        true => leads::open(store, pack, (actor, as_of), &summary)?,
        false => 0,
    };
    Ok(Ran { summary, leads })
}

/// Checks a pack whole: expressions, queries, cases, and the parts that single links read.
///
/// # Errors
/// Only when the engine itself fails; what is wrong with the pack is in the report.
pub fn check(engine: &Engine, pack: &Pack) -> Result<CheckReport, SettleError> {
    let schemas = schemas();
    let mut report = engine.check_pack(pack, &schemas)?;
    let queries = qb_assess::check_queries(engine, pack, &schemas)?;
    report.errors.extend(queries.iter().map(CheckError::from));
    let links = [
        qb_case::check(pack),
        qb_pairing::check(pack),
        qb_entitlement::check(pack),
        qb_fund::check(pack),
        qb_intake::check(pack),
        qb_assess::check(pack),
        unknown_roles(pack),
        qb_access::reading::check(pack),
    ];
    report.errors.extend(links.into_iter().flatten().map(|fault| CheckError {
        message: fault.message,
        at: SourcePlace { file: fault.at.file, line: fault.at.line, column: fault.at.column },
    }));
    report.notes.extend(qb_case::notes(pack));
    Ok(report)
}

/// Files whose sender, or one of those who confirm or type rows of them, is no role.
fn unknown_roles(pack: &Pack) -> Vec<Fault> {
    let of_layouts = |codes: fn(&Layout) -> &[String]| {
        pack.layouts
            .iter()
            .flat_map(move |one| codes(one).iter().map(|role| (one.at(), role.as_str())))
    };
    let senders = of_layouts(|layout| &layout.senders);
    let confirmers = of_layouts(|layout| &layout.confirmers);
    let entries = pack.datasets.iter().filter_map(|one| one.entry.as_ref());
    let typing = entries.flat_map(|entry| entry.roles.iter().map(|role| (&entry.at, &**role)));
    let named = senders.map(|(at, role)| (at, "sender", role));
    let named = named.chain(confirmers.map(|(at, role)| (at, "confirmed_by", role)));
    let named = named.chain(typing.map(|(at, role)| (at, "entry.roles", role)));
    let unknown = named.filter(|(_, _, role)| Role::parse(role).is_err());
    unknown
        .map(|(at, key, role)| {
            Fault::new(
                at.clone(),
                format!("没有角色“{role}”：“{key}”写角色代码，如DEPT_HEALTH"),
                format!("there is no role `{role}`: `{key}` takes role codes such as DEPT_HEALTH"),
            )
        })
        .collect()
}
