//! The reasons slip: a rule as a tree in words, each condition with its mark, its values and what
//! is missing.

use std::collections::HashMap;

use qb_base::{Date, Lang};
use qb_engine::{ClauseReason, Explanation, Input, Join, Missing, Reason, Value};
use qb_policy::{Clause, ClauseKind, Pack, ParamUnit};
use qb_report::number::{grouped, with_unit};
use qb_report::reasons::{self, quoted};

use crate::basis::Basis;
use crate::routes::household::list::Mark;
use crate::texts::{Texts, put};

/// One condition of a rule.
pub(crate) struct Condition {
    pub(crate) depth: usize,
    pub(crate) mark: Mark,
    pub(crate) words: String,
    pub(crate) code: String,
    pub(crate) values: Vec<(String, String)>,
}

/// One rule with its answer and its conditions.
pub(crate) struct Slip {
    pub(crate) id: String,
    pub(crate) says: String,
    pub(crate) source: String,
    /// The rule this one departs from: its id, and the words that say so.
    pub(crate) exception: Option<(String, String)>,
    pub(crate) is_value: bool,
    pub(crate) mark: Mark,
    pub(crate) value: String,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) missing: Vec<String>,
    pub(crate) change: Vec<String>,
    /// The documents it rests on.
    pub(crate) documents: Vec<Basis>,
}

/// What slips are written with.
pub(crate) struct Writer<'a> {
    pub(crate) pack: &'a Pack,
    /// The day the answers stand on.
    pub(crate) on: Date,
    pub(crate) t: &'static Texts,
    pub(crate) lang: Lang,
    /// The documents under each rule.
    pub(crate) bases: &'a HashMap<String, Vec<Basis>>,
}

impl Writer<'_> {
    /// The slips of the clauses asked for, or of all of the level.
    pub(crate) fn slips(&self, explanation: &Explanation, only: &str) -> Vec<Slip> {
        explanation
            .clauses
            .iter()
            .filter(|reason| only.is_empty() || reason.id == only)
            .filter_map(|reason| self.slip(reason))
            .collect()
    }

    fn slip(&self, reason: &ClauseReason) -> Option<Slip> {
        let clause = self.pack.clause(&reason.id)?;
        let is_value = clause.kind == ClauseKind::Value;
        let mut conditions = Vec::new();
        self.walk(&reason.reason, 0, &mut conditions);
        let mut change = Vec::new();
        if reason.result == Value::Bool(false) {
            self.change(&reason.reason, false, &mut change);
        }
        Some(Slip {
            id: reason.id.clone(),
            says: clause.says.get(self.lang).to_owned(),
            exception: self.exception(clause),
            source: put(self.t.reasons_source, &[("source", &clause.source)]),
            is_value,
            mark: self.mark(&reason.result),
            value: if is_value {
                self.clause_value(clause.unit.as_deref(), &reason.result)
            } else {
                String::new()
            },
            conditions,
            missing: reason.missing.iter().map(|missing| self.missing(missing)).collect(),
            change,
            documents: self.bases.get(&reason.id).into_iter().flatten().cloned().collect(),
        })
    }

    fn exception(&self, clause: &Clause) -> Option<(String, String)> {
        let general = self.pack.clause(clause.exception_of.as_deref()?)?;
        let rule = general.says.get(self.lang);
        Some((general.id.clone(), put(self.t.reasons_exception, &[("rule", rule)])))
    }

    fn walk(&self, reason: &Reason, depth: usize, into: &mut Vec<Condition>) {
        let words = match reason.join {
            Join::And => self.t.join_all.to_owned(),
            Join::Or => self.t.join_one.to_owned(),
            Join::Not => self.t.join_not.to_owned(),
            Join::Leaf => String::new(),
        };
        let is_leaf = reason.join == Join::Leaf;
        let param = if is_leaf { self.param(reason) } else { None };
        into.push(Condition {
            depth,
            mark: self.mark(&reason.result),
            words,
            code: if is_leaf { reason.text.clone() } else { String::new() },
            values: reason.inputs.iter().map(|input| self.input(input)).chain(param).collect(),
        });
        for child in &reason.children {
            self.walk(child, depth + 1, into);
        }
    }

    /// A leaf in words: the names of what it reads.
    fn leaf_words(&self, reason: &Reason) -> String {
        let names: Vec<String> = reason.inputs.iter().map(|input| self.input_name(input)).collect();
        names.join(self.t.list_comma)
    }

    fn input_name(&self, input: &Input) -> String {
        reasons::input_name(self.pack, input).get(self.lang).to_owned()
    }

    /// The dated value of the pack that a leaf compares with, such as a line.
    fn param(&self, reason: &Reason) -> Option<(String, String)> {
        let param = self.pack.param_series(quoted(&reason.text, "param('")?)?;
        let published = grouped(param.value(&self.pack.area, self.on)?.published);
        let value = match param.unit {
            ParamUnit::Yuan => with_unit(&published, self.t.unit_yuan, self.lang),
            ParamUnit::Percent => with_unit(&published, "%", self.lang),
            ParamUnit::Count | ParamUnit::Years | ParamUnit::Months => published,
        };
        Some((param.says.get(self.lang).to_owned(), value))
    }

    fn input(&self, input: &Input) -> (String, String) {
        let value = reasons::input_value(self.pack, input);
        (self.input_name(input), value.get(self.lang).to_owned())
    }

    fn mark(&self, value: &Value) -> Mark {
        Mark::of(
            self.t,
            match value {
                Value::Bool(true) => Some('1'),
                Value::Bool(false) => Some('0'),
                Value::Unknown => Some('?'),
                _ => None,
            },
        )
    }

    fn clause_value(&self, unit: Option<&str>, value: &Value) -> String {
        reasons::clause_value(self.pack, unit, value).get(self.lang).to_owned()
    }

    fn missing(&self, missing: &Missing) -> String {
        let column =
            missing.level.view().columns.iter().find(|column| column.name == missing.column);
        let what = column.map_or(missing.column, |column| column.label.get(self.lang));
        put(self.t.reasons_missing, &[("what", what)])
    }

    /// Conditions that would have to turn for a refused rule to hold.
    fn change(&self, reason: &Reason, want_false: bool, into: &mut Vec<String>) {
        let turned = reason.result == Value::Bool(want_false);
        match reason.join {
            _ if !turned => {}
            Join::Not => {
                reason.children.iter().for_each(|child| self.change(child, !want_false, into));
            }
            Join::And | Join::Or => {
                reason.children.iter().for_each(|child| self.change(child, want_false, into));
            }
            Join::Leaf => into.push(self.leaf_words(reason)),
        }
    }
}
