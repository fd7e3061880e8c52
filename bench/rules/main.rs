//! Qibang on the benchmark's rules: `qb-bench-rules FOLDER RULES`; prints one JSON document.
//!
//! Rows lie in memory before the clock starts. The clock covers compiling the rules and the
//! set-wise evaluator until every result column stands in memory; the row-wise evaluator and one
//! explained household are timed beside it.

use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use qb_base::env::Stopwatch;
use qb_engine::expr::Literal;
use qb_engine::views::Level;
use qb_engine::{
    ClauseColumn, ClauseKind, ClauseSource, Engine, EngineOptions, Frame, Rules, SourcePlace,
    compiled, explain,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;

const ROUNDS: usize = 5;
/// Households explained one after the other, for the mean.
const EXPLAINED: i64 = 1_000;
/// Numbers are compared in hundredths, cut towards zero.
const DIGEST_SCALE: u32 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(folder), Some(rules)) = (words.next(), words.next()) else {
        return Err("usage: qb-bench-rules FOLDER RULES".into());
    };
    let rules = read_rules(Path::new(&rules))?;
    let folder = Path::new(&folder);
    let person = read(&folder.join("person.parquet"))?;
    let household = read(&folder.join("household.parquet"))?;
    let frame = Frame::from_batches(&person, &household, &[])?;
    drop((person, household));
    let engine = Engine::new(EngineOptions::default())?;
    let mut seconds = Vec::new();
    let mut columns = Vec::new();
    for _ in 0..ROUNDS {
        drop(std::mem::take(&mut columns));
        let watch = Stopwatch::start();
        columns = engine.setwise(&compiled(&rules)?, &frame)?;
        seconds.push(watch.seconds());
    }
    let program = compiled(&rules)?;
    let watch = Stopwatch::start();
    let rowwise = engine.rowwise(&program, &frame)?;
    let seconds_rowwise = watch.seconds();
    let watch = Stopwatch::start();
    for subject in 1..=EXPLAINED {
        explain(&program, &frame, Level::Household, subject)?;
    }
    let explain_micros = watch.elapsed().as_micros() / EXPLAINED.unsigned_abs() as u128;
    let mut digests = BTreeMap::new();
    for (of, (set, row)) in program.columns.iter().zip(columns.iter().zip(&rowwise)) {
        let digest = digest(set);
        if digest != self::digest(row) {
            return Err(format!("the two evaluators differ on {}", of.id).into());
        }
        digests.insert(of.id.clone(), digest);
    }
    let answer = serde_json::json!({
        "name": "Qibang", "seconds": seconds, "digests": digests,
        "seconds_rowwise": seconds_rowwise, "explain_micros": explain_micros,
    });
    writeln!(std::io::stdout(), "{answer}")?;
    Ok(())
}

/// The rules file as the engine's rules, with the parameters the peers have written out.
fn read_rules(path: &Path) -> Result<Rules, Box<dyn Error>> {
    let table: toml::Table = std::fs::read_to_string(path)?.parse()?;
    let text = |rule: &toml::Value, key: &str| {
        let value = rule.get(key).and_then(toml::Value::as_str);
        value.map(str::to_owned)
    };
    let mut clauses = Vec::new();
    for rule in table.get("rule").and_then(toml::Value::as_array).into_iter().flatten() {
        let level = text(rule, "level").and_then(|level| Level::parse(&level));
        let kind = text(rule, "kind").unwrap_or_default();
        clauses.push(ClauseSource {
            id: text(rule, "id").ok_or("a rule without id")?,
            level: level.ok_or("a rule without level")?,
            kind: if kind == "value" { ClauseKind::Value } else { ClauseKind::Verdict },
            expression: text(rule, "expression").ok_or("a rule without expression")?,
            at: SourcePlace::default(),
        });
    }
    let mut params = BTreeMap::new();
    for (name, value) in table.get("param").and_then(toml::Value::as_table).into_iter().flatten() {
        let unscaled = value.as_integer().ok_or("a parameter is a whole number")?.into();
        params.insert(name.clone(), Literal::Number { unscaled, scale: 0 });
    }
    let mut codes = BTreeMap::new();
    for (list, names) in table.get("codes").and_then(toml::Value::as_table).into_iter().flatten() {
        let names = names.as_array().into_iter().flatten();
        let names = names.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        codes.insert(list.clone(), names);
    }
    Ok(Rules { clauses, facts: Vec::new(), params, codes, digest: None })
}

fn read(path: &Path) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.build()?;
    Ok(reader.collect::<Result<Vec<_>, _>>()?)
}

/// The digest that all contenders share, see `digest.py`.
fn digest(column: &ClauseColumn) -> String {
    let mut sha = Sha256::new();
    match column {
        ClauseColumn::Verdict(verdicts) => {
            let bytes: Vec<u8> =
                verdicts.iter().flat_map(|verdict| verdict.to_le_bytes()).collect();
            sha.update(&bytes);
        }
        ClauseColumn::Number { scale, unscaled, known } => {
            let mut bytes = Vec::with_capacity(unscaled.len() * 8);
            for (number, known) in unscaled.iter().zip(known) {
                let cut = known.then(|| hundredths(*number, u32::from(*scale)));
                bytes.extend(cut.flatten().unwrap_or(i64::MIN).to_le_bytes());
            }
            sha.update(&bytes);
        }
    }
    let hex: String = sha.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    hex
}

fn hundredths(number: i128, scale: u32) -> Option<i64> {
    let wide = if scale > DIGEST_SCALE {
        number / 10_i128.checked_pow(scale - DIGEST_SCALE)?
    } else {
        number.checked_mul(10_i128.checked_pow(DIGEST_SCALE - scale)?)?
    };
    i64::try_from(wide).ok()
}
