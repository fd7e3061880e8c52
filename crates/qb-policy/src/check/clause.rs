//! Checks of clauses and their cases.

use std::collections::HashSet;

use crate::check::texts;
use crate::error::Fault;
use crate::pack::Pack;
use crate::pack::clause::{Clause, ClauseKind, Expect};

pub(super) fn check_clause(clause: &Clause, pack: &Pack, faults: &mut Vec<Fault>) {
    texts(&clause.at, &[&clause.says], &clause.source, faults);
    if let Some(general) = &clause.exception_of
        && (pack.clause(general).is_none() || *general == clause.id)
    {
        faults.push(Fault::new(
            clause.at.clone(),
            format!("规则“{}”是“{general}”的例外，但没有这条规则", clause.id),
            format!("clause `{}` is an exception of `{general}`, which doesn't exist", clause.id),
        ));
    }
    if (clause.kind == ClauseKind::Value) != clause.unit.is_some() {
        faults.push(Fault::new(
            clause.at.clone(),
            format!("规则“{}”：kind = \"value\"时要写unit，否则不写", clause.id),
            format!("clause `{}`: a value has a `unit`, a verdict has none", clause.id),
        ));
    }
    let mut names = HashSet::new();
    for case in &clause.cases {
        if !names.insert(&case.name) {
            faults.push(Fault::new(
                case.at.clone(),
                format!("用例“{}”重名", case.name),
                format!("two cases are named “{}”", case.name),
            ));
        }
        let fits = match case.expect {
            Expect::Unknown => true,
            Expect::True | Expect::False => clause.kind == ClauseKind::Verdict,
            Expect::Number(_) => clause.kind == ClauseKind::Value,
        };
        if !fits {
            faults.push(Fault::new(
                case.at.clone(),
                format!("用例“{}”的expect与规则的kind不符：判断写true、false或\"unknown\"，数值写数", case.name),
                format!("case “{}” expects what its clause never gives: a verdict is true, false or \"unknown\", a value is a number", case.name),
            ));
        }
    }
}
