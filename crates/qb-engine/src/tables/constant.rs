//! Figures that no row can change: they prove nothing, so a pack does not load with them.
//!
//! What is found is what authors write by mistake: a query over the pack's own lists only, a `case`
//! that asks again what the query has filtered, a coverage whose covered part has no condition that
//! its set does not have.

use std::collections::BTreeSet;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::error::EngineError;
use crate::expr::{ExprFault, FaultKind, Span};

/// What a plan reads, and under which conditions.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Tables whose rows are imported or decided.
    rows: BTreeSet<String>,
    /// Conditions on columns, without the names of tables.
    conditions: BTreeSet<String>,
    /// Conditions that a `case` asks.
    cases: BTreeSet<String>,
}

impl Reads {
    /// Reads a plan; `of_pack` are the tables that the pack itself fills.
    pub(super) fn of(plan: &LogicalPlan, of_pack: &[String]) -> Result<Self, EngineError> {
        let mut reads = Self::default();
        reads.walk(plan, of_pack)?;
        Ok(reads)
    }

    fn walk(&mut self, plan: &LogicalPlan, of_pack: &[String]) -> Result<(), EngineError> {
        match plan {
            LogicalPlan::TableScan(scan) => match scan.source.get_logical_plan() {
                Some(view) => self.walk(&view, of_pack)?,
                None => {
                    let name = scan.table_name.table();
                    if !of_pack.iter().any(|known| known == name) {
                        self.rows.insert(name.to_owned());
                    }
                }
            },
            LogicalPlan::Filter(filter) => self.asked(&filter.predicate, of_pack)?,
            LogicalPlan::Join(join) => {
                if let Some(part) = &join.filter {
                    self.asked(part, of_pack)?;
                }
                // A join leaves out whoever has no partner.
                for (left, right) in &join.on {
                    self.conditions.insert(format!("{left} = {right}"));
                }
            }
            _ => {}
        }
        for part in plan.expressions() {
            part.apply(|part| {
                if let Expr::Case(case) = part {
                    let asked = case.when_then_expr.iter().map(|(when, _)| bare(when));
                    self.cases.extend(asked.collect::<Result<Vec<_>, _>>()?);
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        for input in plan.inputs() {
            self.walk(input, of_pack)?;
        }
        Ok(())
    }

    /// Takes in a condition; one over lists of the pack only does not count.
    fn asked(&mut self, predicate: &Expr, of_pack: &[String]) -> Result<(), EngineError> {
        for part in split_conjunction(predicate) {
            let mut inner = Self::default();
            part.apply(|part| {
                let query = match part {
                    Expr::Exists(exists) => Some(&exists.subquery),
                    Expr::InSubquery(within) => Some(&within.subquery),
                    Expr::ScalarSubquery(query) => Some(query),
                    _ => None,
                };
                if let Some(query) = query {
                    inner.walk(&query.subquery, of_pack).map_err(Box::new).map_err(external)?;
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            if !inner.rows.is_empty() || !part.column_refs().is_empty() {
                self.conditions.insert(bare(part)?);
            }
            self.rows.append(&mut inner.rows);
        }
        Ok(())
    }

    /// Why no row can change a figure over these rows.
    pub(super) fn fault(&self) -> Option<ExprFault> {
        if self.rows.is_empty() {
            return Some(fault(
                "查询只读策略包自己的清单和规则，任何导入的数据都改变不了它；请改用 method = \"pack\"",
                "the query reads only lists and rules of the pack itself, so no imported row changes it; write method = \"pack\"",
            ));
        }
        let again = self.cases.intersection(&self.conditions).next()?;
        Some(fault(
            &format!("case 再问了筛选里已有的条件“{again}”，结果恒定，不随数据变化"),
            &format!(
                "a case asks `{again}` again, which the filter demands already: the result is constant"
            ),
        ))
    }

    /// Why a figure said to count the pack's own lists is none.
    pub(super) fn not_of_pack(&self) -> Option<ExprFault> {
        let table = self.rows.first()?;
        Some(fault(
            &format!("查询读取了数据表“{table}”，不只是策略包的清单；请改用 method = \"rows\""),
            &format!(
                "the query reads the rows of `{table}`, not only lists of the pack; write method = \"rows\""
            ),
        ))
    }

    /// Why a set is always covered: the covered part asks nothing that the set does not ask.
    pub(super) fn always_within(&self, set: &Self) -> Option<ExprFault> {
        let open = self.rows.is_subset(&set.rows) && self.conditions.is_subset(&set.conditions);
        open.then(|| {
            fault(
                "covered_query 没有比 set_query 更严的条件，任何数据下都是全部覆盖",
                "covered_query asks nothing that set_query does not ask, so everything is always covered",
            )
        })
    }
}

fn external(error: Box<EngineError>) -> datafusion::error::DataFusionError {
    datafusion::error::DataFusionError::External(error)
}

/// A condition without the names of tables, so that two queries can be compared.
fn bare(condition: &Expr) -> Result<String, datafusion::error::DataFusionError> {
    let plain = condition.clone().transform(|part| {
        Ok(match part {
            Expr::Column(column) => {
                Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
            }
            other => Transformed::no(other),
        })
    })?;
    Ok(plain.data.to_string())
}

fn fault(zh: &str, en: &str) -> ExprFault {
    ExprFault::new(FaultKind::Refused, Span::default(), zh, en)
}
