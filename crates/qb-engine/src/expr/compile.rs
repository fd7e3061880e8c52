//! Clauses and facts to a program: compiled in the order they need each other, grouped into stages.

use std::collections::{BTreeMap, HashMap};

use super::fault::{ExprFault, FaultKind, Span};
use super::lower::Lower;
use super::names::{Env, Purpose};
use super::tree::{Aggregate, Kind, Literal, Node, Type};
use super::{parse, typing};
use crate::rules::{ClauseKind, ClauseSource, FactSource, RuleFault, Rules};
use crate::views::Level;

/// A clause, or a column that a fact needs, ready to run.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The clause's id; columns of facts are named `fact:ID:…`.
    pub id: String,
    /// The level whose rows it is computed for.
    pub level: Level,
    /// The typed tree.
    pub root: Node,
    /// The author's text.
    pub source: String,
    /// Whether it is a clause of the pack (not a column of a fact).
    pub published: bool,
    pub(crate) stage: usize,
}

/// A fact ready to be computed: an expression over aggregates of columns.
#[derive(Clone, Debug)]
pub(crate) struct CompiledFact {
    pub(crate) id: String,
    pub(crate) level: Level,
    /// Slot of the filter column.
    pub(crate) filter: Option<usize>,
    pub(crate) parts: Vec<FactPart>,
    /// The value, in which `Clause { slot }` is the number of a part.
    pub(crate) value: Node,
}

#[derive(Clone, Debug)]
pub(crate) struct FactPart {
    pub(crate) op: super::tree::AggregateOp,
    pub(crate) argument: Option<usize>,
    pub(crate) filter: Option<usize>,
    pub(crate) ty: Type,
}

/// Everything a run computes, in an order in which each column needs only earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Clauses and fact columns; a `Clause` node's slot is the position here.
    pub columns: Vec<Compiled>,
    pub(crate) facts: Vec<CompiledFact>,
}

/// Columns of one level that are computed in one pass.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) level: Level,
    pub(crate) slots: Vec<usize>,
}

impl Program {
    /// Compiles all clauses and facts; faults name their clause, and everything without a fault is
    /// still in the program.
    pub fn compile(rules: &Rules) -> (Self, Vec<RuleFault>) {
        // The parser's tree is as deep as a chain of operators is long, and it is walked by
        // recursion.
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
            let thread = builder.spawn_scoped(scope, || Self::compile_here(rules));
            match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(compiled)) => compiled,
                Ok(Err(_)) | Err(_) => {
                    (Self::default(), rules.clauses.iter().map(RuleFault::not_compiled).collect())
                }
            }
        })
    }

    fn compile_here(rules: &Rules) -> (Self, Vec<RuleFault>) {
        let mut compiler = Compiler::new(rules);
        for at in 0..rules.clauses.len() {
            compiler.clause_at(at, Span::default()).ok();
        }
        for fact in &rules.facts {
            compiler.fact(fact);
        }
        (compiler.program, compiler.faults)
    }

    /// The passes, in order.
    pub(crate) fn stages(&self, only_published: bool) -> Vec<Stage> {
        let mut stages: BTreeMap<(usize, Level), Vec<usize>> = BTreeMap::new();
        for (slot, column) in self.columns.iter().enumerate() {
            if column.published || !only_published {
                stages.entry((column.stage, column.level)).or_default().push(slot);
            }
        }
        stages.into_iter().map(|((_, level), slots)| Stage { level, slots }).collect()
    }

    /// The slot of a clause.
    pub fn slot(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.published && column.id == id)
    }
}

/// Enough for the longest chain the parser lets in, also without optimisation.
const STACK_BYTES: usize = 64 << 20;

#[derive(Clone, Copy)]
enum State {
    Waiting,
    Running,
    Done(usize),
    Faulty,
}

struct Compiler<'r> {
    rules: &'r Rules,
    index: HashMap<&'r str, usize>,
    state: Vec<State>,
    program: Program,
    faults: Vec<RuleFault>,
}

impl<'r> Compiler<'r> {
    fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            index: rules
                .clauses
                .iter()
                .enumerate()
                .map(|(at, clause)| (clause.id.as_str(), at))
                .collect(),
            state: vec![State::Waiting; rules.clauses.len()],
            program: Program::default(),
            faults: Vec::new(),
        }
    }

    fn set(&mut self, at: usize, state: State) {
        if let Some(slot) = self.state.get_mut(at) {
            *slot = state;
        }
    }

    /// Compiles a clause unless that is done; `span` is the place of the reference that asks for
    /// it.
    fn clause_at(&mut self, at: usize, span: Span) -> Result<usize, ExprFault> {
        let (Some(state), Some(source)) = (self.state.get(at).copied(), self.rules.clauses.get(at))
        else {
            return Err(ExprFault::new(
                FaultKind::UnknownName,
                span,
                "没有该条款",
                "there is no such clause",
            ));
        };
        let id = &source.id;
        match state {
            State::Done(slot) => return Ok(slot),
            State::Running => {
                return Err(ExprFault::new(
                    FaultKind::Cycle,
                    span,
                    format!("条款 {id} 绕回到自己"),
                    format!("clause {id} comes back to itself"),
                ));
            }
            State::Faulty => return Err(needs_faulty(id, span)),
            State::Waiting => {}
        }
        self.set(at, State::Running);
        match self.compile(source) {
            Ok(root) => {
                let slot = self.push(&source.id, source.level, root, &source.expression, true);
                self.set(at, State::Done(slot));
                Ok(slot)
            }
            Err(fault) => {
                self.set(at, State::Faulty);
                self.faults.push(RuleFault::in_clause(source, fault));
                Err(needs_faulty(id, span))
            }
        }
    }

    fn compile(&mut self, source: &ClauseSource) -> Result<Node, ExprFault> {
        let (purpose, wanted) = match source.kind {
            ClauseKind::Verdict => (Purpose::Verdict, true),
            ClauseKind::Value => (Purpose::Value, false),
        };
        let root = self.lower(&source.expression, source.level, purpose)?;
        if wanted { typing::expect_bool(root) } else { typing::expect_number(root) }
    }

    fn lower(&mut self, text: &str, level: Level, purpose: Purpose) -> Result<Node, ExprFault> {
        let parsed = parse::parse(text)?;
        Lower::new(self, level, purpose, parsed.words).lower(&parsed.expr)
    }

    fn push(&mut self, id: &str, level: Level, root: Node, source: &str, published: bool) -> usize {
        let mut stage = 0;
        root.walk(&mut |node| {
            if let Kind::Clause { level: other, slot } = node.kind {
                // A slot is a place this function gave, so it has its column.
                let needed = self.program.columns.get(slot).map_or(0, |column| column.stage);
                stage = stage.max(needed + usize::from(other != level));
            }
        });
        self.program.columns.push(Compiled {
            id: id.to_owned(),
            level,
            root,
            source: source.to_owned(),
            published,
            stage,
        });
        self.program.columns.len() - 1
    }

    fn fact(&mut self, source: &FactSource) {
        if let Err(fault) = self.fact_parts(source) {
            self.faults.push(*fault);
        }
    }

    fn fact_parts(&mut self, source: &FactSource) -> Result<(), Box<RuleFault>> {
        let level = source.level;
        let refused = |in_filter, fault| Box::new(RuleFault::in_fact(source, in_filter, fault));
        let filter = match &source.filter {
            None => None,
            Some((text, _)) => {
                let lowered =
                    self.lower(text, level, Purpose::Filter).and_then(typing::expect_bool);
                let root = lowered.map_err(|fault| refused(true, fault))?;
                Some(self.push(&format!("fact:{}:filter", source.id), level, root, text, false))
            }
        };
        let value =
            self.lower(&source.value, level, Purpose::Figure).and_then(typing::expect_number);
        let mut value = value.map_err(|fault| refused(false, fault))?;
        let mut parts = Vec::new();
        self.cut_aggregates(&mut value, source, &mut parts);
        self.program.facts.push(CompiledFact {
            id: source.id.clone(),
            level,
            filter,
            parts,
            value,
        });
        Ok(())
    }

    /// Replaces each aggregate by the number of a part whose argument and filter are columns of
    /// their own.
    fn cut_aggregates(&mut self, node: &mut Node, source: &FactSource, parts: &mut Vec<FactPart>) {
        if let Kind::Aggregate(aggregate) = &mut node.kind {
            let Aggregate { op, argument, filter, .. } = aggregate.as_mut();
            let (op, argument, filter) = (*op, argument.take().map(countable), filter.take());
            let mut column = |root: Node, what: &str| {
                let id = format!("fact:{}:{what}{}", source.id, parts.len());
                self.push(&id, source.level, root, &source.value, false)
            };
            let argument = argument.map(|root| column(root, "argument"));
            let filter = filter.map(|root| column(root, "only"));
            node.kind = Kind::Clause { level: source.level, slot: parts.len() };
            parts.push(FactPart { op, argument, filter, ty: node.ty });
            return;
        }
        node.children_mut(&mut |child| self.cut_aggregates(child, source, parts));
    }
}

/// A column holds truth or a number; of text and dates only "is known" can be counted.
fn countable(node: Node) -> Node {
    match node.ty {
        Type::Bool | Type::Number(_) => node,
        Type::Text | Type::Date => {
            let span = node.span;
            let known =
                Node { kind: Kind::IsNull(Box::new(node.clone()), true), ty: Type::Bool, span };
            let unknown = Node { kind: Kind::Null, ty: Type::Bool, span };
            Node {
                kind: Kind::Case(vec![(known.clone(), known)], Box::new(unknown)),
                ty: Type::Bool,
                span,
            }
        }
    }
}

fn needs_faulty(id: &str, span: Span) -> ExprFault {
    ExprFault::new(
        FaultKind::UnknownName,
        span,
        format!("所引用的条款 {id} 有错误"),
        format!("clause {id}, which this needs, has a fault"),
    )
}

impl Env for Compiler<'_> {
    fn clause(&mut self, id: &str, span: Span) -> Result<(Level, usize, Type), ExprFault> {
        let Some(at) = self.index.get(id).copied() else {
            let fault = ExprFault::new(
                FaultKind::UnknownName,
                span,
                format!("策略包在该日没有条款“{id}”"),
                format!("the pack has no clause `{id}` on that day"),
            );
            return Err(fault.suggest(id, self.index.keys().copied()));
        };
        let slot = self.clause_at(at, span)?;
        let column = self.program.columns.get(slot).ok_or_else(|| needs_faulty(id, span))?;
        Ok((column.level, slot, column.root.ty))
    }

    fn param(&self, name: &str) -> Option<Literal> {
        self.rules.params.get(name).cloned()
    }

    fn param_names(&self) -> Vec<&str> {
        self.rules.params.keys().map(String::as_str).collect()
    }

    fn codes(&self, list: &str) -> Option<Vec<&str>> {
        self.rules.codes.get(list).map(|codes| codes.iter().map(String::as_str).collect())
    }
}
