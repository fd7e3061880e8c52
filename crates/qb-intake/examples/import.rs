//! Imports the given paths into a data directory and prints the report: for measuring the step by
//! itself.

use std::path::PathBuf;

use qb_intake::{ImportOptions, import};
use qb_policy::{Pack, PackSource};
use qb_store::{PgAddress, Place, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments
        .next()
        .ok_or("usage: import DIR PATH… (QIBANG_DATABASE names a PostgreSQL database)")?;
    let paths: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let url = std::env::var("QIBANG_DATABASE").ok();
    let postgres = url.map(|url| PgAddress::parse(&url, None)).transpose()?;
    let place = Place { postgres, ..Place::sqlite(&dir) };
    let store = Store::open(place)?;
    let pack = Pack::load(PackSource::from_argument("xuzhou-2016"))?;
    let watch = qb_base::env::Stopwatch::start();
    let options = ImportOptions { actor: "system".into(), alone: true, ..ImportOptions::default() };
    let report = import(&store, &pack, &paths, &options, &mut |_| {})?;
    let seconds = watch.seconds();
    let mut summary = serde_json::to_value(&report)?;
    if let Some(object) = summary.as_object_mut() {
        object.insert("seconds".into(), serde_json::json!(seconds));
        if std::env::var_os("QIBANG_ALL").is_none() {
            object.insert("faults".into(), serde_json::json!(report.faults.len()));
            object.insert(
                "files".into(),
                serde_json::json!(
                    report.files.iter().filter(|file| file.message.is_some()).collect::<Vec<_>>()
                ),
            );
        }
    }
    serde_json::to_writer_pretty(std::io::stdout().lock(), &summary)?;
    Ok(())
}
