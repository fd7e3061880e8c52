//! Columns into tables of the query engine, and its results back into columns.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Int64Array, RecordBatch,
};
use datafusion::arrow::datatypes::DataType;

use crate::error::EngineError;
use crate::expr::Type;
use crate::output::ClauseColumn;
use crate::plan;

/// Rows per batch of an in-memory table.
pub(crate) const BATCH_ROWS: usize = 8_192;

/// The rows in batches.
pub(crate) fn slices(whole: &RecordBatch) -> Vec<RecordBatch> {
    let rows = whole.num_rows();
    if rows == 0 {
        return vec![whole.clone()];
    }
    (0..rows).step_by(BATCH_ROWS).map(|at| whole.slice(at, BATCH_ROWS.min(rows - at))).collect()
}

/// Results of an earlier stage as a column of a table.
pub(crate) fn clause_array(
    column: &ClauseColumn,
    ty: Type,
    rows: Range<usize>,
) -> Result<ArrayRef, EngineError> {
    Ok(match (column, ty) {
        (ClauseColumn::Number { unscaled, known, .. }, Type::Number(number)) => {
            let found = unscaled.get(rows.clone()).zip(known.get(rows));
            let (unscaled, known) = found
                .ok_or_else(|| EngineError::internal("a clause has no result for some rows"))?;
            let values = unscaled.iter().zip(known).map(|(value, known)| known.then_some(*value));
            match plan::physical(number) {
                DataType::Int64 => Arc::new(
                    values.map(|v| v.and_then(|v| i64::try_from(v).ok())).collect::<Int64Array>(),
                ),
                other => Arc::new(values.collect::<Decimal128Array>().with_data_type(other)),
            }
        }
        _ => Arc::new(rows.map(|row| column.verdict(row)).collect::<BooleanArray>()),
    })
}

/// One result of all batches, each row put where it belongs.
pub(crate) fn gather_column(
    ty: Type,
    rows: usize,
    batches: &[RecordBatch],
    order: &[Vec<usize>],
    at: usize,
) -> Result<ClauseColumn, EngineError> {
    let wrong = || EngineError::internal("a result has an unexpected type");
    let parts = || batches.iter().map(|batch| batch.column(at)).zip(order);
    let Type::Number(number) = ty else {
        let mut verdicts = vec![-1_i8; rows];
        for (array, targets) in parts() {
            let array = array.as_any().downcast_ref::<BooleanArray>().ok_or_else(wrong)?;
            targets
                .iter()
                .zip(array.iter())
                .for_each(|(row, truth)| verdicts[*row] = truth.map_or(-1, i8::from));
        }
        return Ok(ClauseColumn::Verdict(verdicts));
    };
    let (mut unscaled, mut known) = (vec![0_i128; rows], vec![false; rows]);
    let mut put = |row: usize, value: Option<i128>| {
        if let Some(value) = value {
            (unscaled[row], known[row]) = (value, true);
        }
    };
    for (array, targets) in parts() {
        match array.data_type() {
            DataType::Int64 => {
                let array = array.as_any().downcast_ref::<Int64Array>().ok_or_else(wrong)?;
                targets
                    .iter()
                    .zip(array.iter())
                    .for_each(|(row, value)| put(*row, value.map(i128::from)));
            }
            DataType::Decimal128(_, scale) if *scale == plan::digits(number.scale) => {
                let array = array.as_any().downcast_ref::<Decimal128Array>().ok_or_else(wrong)?;
                targets.iter().zip(array.iter()).for_each(|(row, value)| put(*row, value));
            }
            _ => return Err(wrong()),
        }
    }
    Ok(ClauseColumn::Number { scale: number.scale, unscaled, known })
}
