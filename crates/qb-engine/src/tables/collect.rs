//! The rows of a query, within a time and the engine's limit of memory.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool};
use datafusion::prelude::DataFrame;
use futures::StreamExt;
use qb_base::env::Stopwatch;

use crate::error::EngineError;

/// Runs a query to its end; its rows count towards the limit of memory as they come.
pub(super) async fn within(
    frame: DataFrame,
    pool: &Arc<dyn MemoryPool>,
    time: Duration,
) -> Result<Vec<RecordBatch>, EngineError> {
    let too_long = || EngineError::TooLong { seconds: time.as_secs() };
    let started = Stopwatch::start();
    let rows = async {
        let held = MemoryConsumer::new("rows of the answer").register(pool);
        let mut batches = Vec::new();
        let mut stream = frame.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            held.try_grow(bytes(&batch)?)?;
            batches.push(batch);
            // A query that is never idle gives the clock below no turn.
            if started.elapsed() > time {
                return Err(too_long());
            }
        }
        Ok(batches)
    };
    tokio::time::timeout(time, rows).await.unwrap_or_else(|_| Err(too_long()))
}

/// What the rows of a batch take, without the rest of the buffers they are cut from.
fn bytes(batch: &RecordBatch) -> Result<usize, DataFusionError> {
    batch.columns().iter().try_fold(0_usize, |sum, column| {
        Ok(sum.saturating_add(column.to_data().get_slice_memory_size()?))
    })
}
