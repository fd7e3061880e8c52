//! One command: gather the evidence, make the report, record it in the audit chain, write its
//! documents.

use qb_base::Digest;
use qb_policy::Pack;
use qb_store::{AuditEntry, Store, StoreError};
use qb_targeting::model::Run;
use qb_targeting::pack_of;

use crate::annual::annual;
use crate::behind::RunRows;
use crate::document_no::DocumentNo;
use crate::error::ReportError;
use crate::files;
use crate::fonts::Fonts;
use crate::gather::gather;
use crate::model::AnnualReport;
use crate::render::Look;

/// Folder of the data directory with further fonts.
const FONT_FOLDER: &str = "fonts";

/// A report that was made and written.
#[derive(Debug)]
pub struct Published {
    /// The report.
    pub report: AnnualReport,
    /// Names of the files in the folder of reports.
    pub files: Vec<String>,
}

/// Makes the annual report of a run, under a number if the office gave one, and writes it into the
/// folder of reports.
///
/// # Errors
/// When the evidence cannot be read, a text may not leave, or the folder cannot be written.
pub fn publish(
    store: &Store,
    pack: &Pack,
    run: Run,
    (actor, number): (&str, Option<&DocumentNo>),
) -> Result<Published, ReportError> {
    let pack = &*pack_of(store, &run, pack)?;
    let mut report = draft(store, pack, Some(run.clone()))?;
    numbered(&mut report, number)?;
    record(store, &mut report, actor)?;
    let dir = &store.place().dir;
    let fonts = Fonts::with_folder(&dir.path().join(FONT_FOLDER))?;
    let own_map = own_map(store)?;
    let mut look = Look::of_pack(pack, &fonts)?;
    look.shapes = own_map.as_deref().or(look.shapes);
    let rows = RunRows::open(store, pack, &run)?;
    let files = files::write(&report, &look, &rows, &dir.reports())?;
    Ok(Published { report, files })
}

/// The annual report of a run as it stands, or of nothing: nothing is recorded, no document made.
///
/// # Errors
/// As [`gather`] and [`annual`].
pub fn draft(store: &Store, pack: &Pack, run: Option<Run>) -> Result<AnnualReport, ReportError> {
    let kept = run.as_ref().map(|run| pack_of(store, run, pack)).transpose()?;
    let pack = kept.as_deref().unwrap_or(pack);
    let gathered = gather(store, pack, run.as_ref())?;
    annual(pack, &gathered.evidence, gathered.provenance)
}

/// Gives the report its number; one made from example data gets none.
fn numbered(report: &mut AnnualReport, number: Option<&DocumentNo>) -> Result<(), ReportError> {
    if number.is_some() && report.provenance.is_synthetic {
        return Err(ReportError::NumberOfExample);
    }
    report.document_no = number.map(|number| number.as_str().to_owned());
    Ok(())
}

/// Writes the report's digest into the audit chain, and the chain's new end into the report.
fn record(store: &Store, report: &mut AnnualReport, actor: &str) -> Result<(), ReportError> {
    let before = files::read(&store.place().dir.reports()).ok().flatten().map(|old| old.digest);
    let object = format!("annual {}", report.year);
    let reason = report.document_no.as_ref();
    let reason =
        reason.map_or_else(|| "report annual".to_owned(), |no| format!("report annual {no}"));
    store.write(|tx| {
        tx.audit(&AuditEntry {
            actor,
            action: "report.annual",
            object: &object,
            before,
            after: Some(report.digest),
            reason: &reason,
        })?;
        Ok::<(), StoreError>(())
    })?;
    report.provenance.audit_head = store.audit_head()?.map(|head: Digest| head.to_string());
    let newest = store.audit_newest(1)?;
    let newest =
        newest.first().ok_or(StoreError::Broken("what was written is not in the chain"))?;
    let entries = u64::try_from(newest.seq);
    let entries =
        entries.map_err(|_| StoreError::Broken("a row of the chain is numbered below 0"))?;
    report.provenance.audit_entries = entries;
    Ok(())
}

/// The map the installation shows instead of the pack's, if there is one.
fn own_map(store: &Store) -> Result<Option<String>, ReportError> {
    match std::fs::read_to_string(store.place().dir.map()) {
        Ok(map) => Ok(Some(map)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReportError::File { file: "map.geojson".to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_gets_the_number_that_the_office_gave_and_example_data_get_none() {
        let number = DocumentNo::parse("徐扶办〔2017〕3号").unwrap();
        let mut report = crate::tests::report();
        numbered(&mut report, Some(&number)).unwrap();
        assert_eq!(report.document_no.as_deref(), Some("徐扶办〔2017〕3号"));
        numbered(&mut report, None).unwrap();
        assert_eq!(report.document_no, None);
        report.provenance.is_synthetic = true;
        assert!(matches!(numbered(&mut report, Some(&number)), Err(ReportError::NumberOfExample)));
    }
}
