//! Reads every cell of a file's first sheet and prints how long it took: for measuring the readers
//! by themselves.

use qb_intake::read::{Flow, Source};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: read_rows FILE")?;
    let watch = qb_base::env::Stopwatch::start();
    let (mut rows, mut cells, mut bytes) = (0_u64, 0_u64, 0_u64);
    let mut source = Source::open(std::path::Path::new(&path))?;
    source.stream(0, &mut |batch| {
        for row in batch.rows() {
            rows += 1;
            for value in row.values() {
                cells += 1;
                bytes += value.text.len() as u64;
            }
        }
        Ok(Flow::Continue)
    })?;
    let seconds = watch.seconds();
    let summary = serde_json::json!({
        "rows": rows, "cells": cells, "bytes": bytes, "seconds": seconds
    });
    serde_json::to_writer(std::io::stdout().lock(), &summary)?;
    Ok(())
}
