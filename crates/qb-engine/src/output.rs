//! Results in columns, and the digest that both evaluators must share.

use qb_base::{Digest, Digester};

use crate::expr::Type;
use crate::expr::compile::Compiled;
use crate::value::{Exact, Value};

/// One result per row of a level, in snapshot order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClauseColumn {
    /// 1 true, 0 false, −1 unknown.
    Verdict(Vec<i8>),
    /// Exact numbers.
    Number {
        /// Digits after the point.
        scale: u8,
        /// The digits; 0 where unknown.
        unscaled: Vec<i128>,
        /// Whether the number is known.
        known: Vec<bool>,
    },
}

impl ClauseColumn {
    pub(crate) fn with_capacity(ty: Type, rows: usize) -> Self {
        match ty {
            Type::Number(number) => Self::Number {
                scale: number.scale,
                unscaled: Vec::with_capacity(rows),
                known: Vec::with_capacity(rows),
            },
            _ => Self::Verdict(Vec::with_capacity(rows)),
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Verdict(verdicts) => verdicts.len(),
            Self::Number { known, .. } => known.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The verdict of a row; `None` is unknown.
    pub fn verdict(&self, row: usize) -> Option<bool> {
        match self {
            Self::Verdict(verdicts) => verdicts.get(row).filter(|v| **v >= 0).map(|v| *v == 1),
            Self::Number { .. } => None,
        }
    }

    /// The number of a row; `None` is unknown.
    pub fn number(&self, row: usize) -> Option<Exact> {
        match self {
            Self::Number { scale, unscaled, known } if known.get(row) == Some(&true) => {
                unscaled.get(row).map(|unscaled| Exact { unscaled: *unscaled, scale: *scale })
            }
            _ => None,
        }
    }

    /// The result of a row, for pages.
    pub fn value(&self, row: usize) -> Value {
        match self {
            Self::Verdict(_) => self.verdict(row).map_or(Value::Unknown, Value::Bool),
            Self::Number { .. } => self.number(row).map_or(Value::Unknown, Value::Number),
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Verdict(all), Self::Verdict(more)) => all.extend(more),
            (
                Self::Number { unscaled, known, .. },
                Self::Number { unscaled: more, known: more_known, .. },
            ) => {
                unscaled.extend(more);
                known.extend(more_known);
            }
            _ => {}
        }
    }

    /// SHA-256 over the clause's id, level and kind, then every row in snapshot order: the row's id
    /// (i64, little-endian) and its verdict (one byte: 0 false, 1 true, 2 unknown) or its number
    /// (one byte 1 and i128 little-endian, or one byte 2). Both evaluators use it; equal digests
    /// mean equal results on every row.
    pub fn digest(&self, of: &Compiled, subjects: &[i64]) -> Digest {
        let mut digester = Digester::new();
        digester.field(of.id.as_bytes()).field(of.level.name().as_bytes());
        let mut bytes = Vec::with_capacity(DIGEST_CHUNK * 25);
        match self {
            Self::Verdict(verdicts) => {
                digester.field(b"verdict");
                for (ids, verdicts) in
                    subjects.chunks(DIGEST_CHUNK).zip(verdicts.chunks(DIGEST_CHUNK))
                {
                    bytes.clear();
                    for (id, verdict) in ids.iter().zip(verdicts) {
                        bytes.extend_from_slice(&id.to_le_bytes());
                        bytes.push(verdict.to_le_bytes()[0].min(2));
                    }
                    digester.raw(&bytes);
                }
            }
            Self::Number { scale, unscaled, known } => {
                digester.field(b"number").field(&[*scale]);
                let rows = unscaled.chunks(DIGEST_CHUNK).zip(known.chunks(DIGEST_CHUNK));
                for (ids, (numbers, known)) in subjects.chunks(DIGEST_CHUNK).zip(rows) {
                    bytes.clear();
                    for ((id, number), known) in ids.iter().zip(numbers).zip(known) {
                        bytes.extend_from_slice(&id.to_le_bytes());
                        bytes.push(if *known { 1 } else { 2 });
                        if *known {
                            bytes.extend_from_slice(&number.to_le_bytes());
                        }
                    }
                    digester.raw(&bytes);
                }
            }
        }
        digester.finish()
    }
}

const DIGEST_CHUNK: usize = 4096;
