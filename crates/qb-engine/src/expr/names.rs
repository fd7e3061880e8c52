//! Names in expressions: columns, clauses, parameters, functions, codes.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr as Ast, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Value,
};

use super::fault::{ExprFault, FaultKind, Span};
use super::lower::{Lower, Lowered, refused};
use super::tree::{Kind, Literal, Node, NumberType, Type};
use super::typing;
use crate::views::{ColumnType, Level};

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A verdict: unknown must stay unknown.
    Verdict,
    /// A number per row.
    Value,
    /// A filter of a figure.
    Filter,
    /// A figure: a number over all rows of the level.
    Figure,
}

/// What an expression may refer to beyond its columns.
pub(crate) trait Env {
    /// Level, slot and type of a clause, or the fault to report at the place of the reference.
    fn clause(&mut self, id: &str, span: Span) -> Result<(Level, usize, Type), ExprFault>;
    /// The value of a parameter on the day of the assessment.
    fn param(&self, name: &str) -> Option<Literal>;
    /// All parameter names, for suggestions.
    fn param_names(&self) -> Vec<&str>;
    /// The codes of a list, if the pack has the list.
    fn codes(&self, list: &str) -> Option<Vec<&str>>;
}

const SCALAR: [&str; 9] =
    ["abs", "greatest", "least", "nullif", "coalesce", "length", "starts_with", "clause", "param"];
const AGGREGATE: [&str; 8] = ["count", "sum", "min", "max", "any", "every", "bool_and", "bool_or"];

impl Lower<'_> {
    /// Whether the current row of a level can be read here.
    fn visible(&self, level: Level) -> bool {
        let own = self.purpose != Purpose::Figure || self.over.is_some();
        self.over == Some(level)
            || own && (level == self.level || self.level.above() == Some(level))
    }

    fn check_visible(&self, level: Level, span: Span) -> Result<(), ExprFault> {
        if self.visible(level) {
            return Ok(());
        }
        let (zh, en) = if self.purpose == Purpose::Figure {
            (
                "指标由汇总得出，请写 count(*)、sum(列) 等",
                "a figure is made of aggregates; write count(*), sum(column) and the like"
                    .to_owned(),
            )
        } else if self.level.below() == Some(level) {
            (
                "下级的列要放在汇总里，例如 sum(member.age)、count(*) filter (where …)",
                format!(
                    "columns of a {} belong inside an aggregate, such as sum(…) or count(*) filter (where …)",
                    level.name()
                ),
            )
        } else {
            ("此处看不到这一级的数据", format!("a {} cannot be seen from here", level.name()))
        };
        Err(ExprFault::new(FaultKind::Level, span, zh, en))
    }

    pub(crate) fn column(&self, prefix: Option<&str>, name: &str, span: Span) -> Lowered {
        let level = match prefix.map(str::to_ascii_lowercase).as_deref() {
            None => self.level,
            Some("member" | "person") => Level::Person,
            Some("household") => Level::Household,
            Some("village") => Level::Village,
            Some(other) => {
                let fault = ExprFault::new(
                    FaultKind::UnknownName,
                    span,
                    format!("没有“{other}”这一级"),
                    format!("there is no level `{other}`"),
                );
                return Err(fault.suggest(other, ["member", "household", "village"]));
            }
        };
        if prefix.is_some() || level.view().position(name).is_some() {
            self.check_visible(level, span)?;
        }
        let view = level.view();
        let Some((index, column)) =
            view.columns.iter().enumerate().find(|(_, column)| column.name == name)
        else {
            return Err(self.unknown_column(level, name, span));
        };
        let ty = match column.kind {
            ColumnType::Id => {
                Type::Number(NumberType { scale: 0, bound: i64::MAX.unsigned_abs().into() })
            }
            ColumnType::Int { min, max } => Type::Number(NumberType {
                scale: 0,
                bound: min.unsigned_abs().max(max.unsigned_abs()).into(),
            }),
            ColumnType::Bool => Type::Bool,
            ColumnType::Text | ColumnType::Code(_) => Type::Text,
            ColumnType::Date => Type::Date,
        };
        Ok(Node { kind: Kind::Column { level, index }, ty, span })
    }

    fn unknown_column(&self, level: Level, name: &str, span: Span) -> ExprFault {
        let fault = ExprFault::new(
            FaultKind::UnknownName,
            span,
            format!("{}视图没有“{name}”列", level.name()),
            format!("the {} view has no column `{name}`", level.name()),
        );
        let mut known: Vec<String> =
            level.view().columns.iter().map(|column| column.name.to_owned()).collect();
        for (other, prefix) in [(Level::Person, "member"), (Level::Household, "household")] {
            if other != level && other.view().position(name).is_some() {
                return ExprFault { did_you_mean: Some(format!("{prefix}.{name}")), ..fault };
            }
        }
        known.sort();
        fault.suggest(name, known.iter().map(String::as_str))
    }

    /// A text compared with a coded column must be a code of its list.
    pub(crate) fn check_code(&self, column: &Node, constant: &Node) -> Result<(), ExprFault> {
        let (Kind::Column { level, index }, Kind::Literal(Literal::Text(text))) =
            (&column.kind, &constant.kind)
        else {
            return Ok(());
        };
        let Some(ColumnType::Code(list)) =
            level.view().columns.get(*index).map(|column| column.kind)
        else {
            return Ok(());
        };
        let Some(codes) = self.env.codes(list) else { return Ok(()) };
        if codes.contains(&text.as_str()) {
            return Ok(());
        }
        let fault = ExprFault::new(
            FaultKind::UnknownName,
            constant.span,
            format!("代码表 {list} 没有“{text}”"),
            format!("the code list {list} has no code `{text}`"),
        );
        Err(fault.suggest(text, codes))
    }

    pub(crate) fn function(&mut self, function: &Function, span: Span) -> Lowered {
        let name = function.name.to_string().to_ascii_lowercase();
        if function.over.is_some() {
            return Err(refused(span, "不支持窗口函数", "window functions are not allowed"));
        }
        if !function.within_group.is_empty()
            || function.null_treatment.is_some()
            || function.parameters != FunctionArguments::None
        {
            return Err(refused(
                span,
                format!("{name} 不能这样写"),
                format!("{name} cannot be written this way"),
            ));
        }
        let known = SCALAR.into_iter().chain(AGGREGATE);
        if !known.clone().any(|known| known == name) {
            let fault = ExprFault::new(
                FaultKind::UnknownName,
                span,
                format!("没有函数“{name}”"),
                format!("there is no function `{name}`"),
            );
            return Err(fault.suggest(&name, known));
        }
        let arguments = arguments(function, &name, span)?;
        if AGGREGATE.contains(&name.as_str()) {
            return self.aggregate(&name, &arguments, function.filter.as_deref(), span);
        }
        if function.filter.is_some() {
            return Err(refused(
                span,
                format!("{name} 不是汇总，不能带 filter"),
                format!("{name} is no aggregate and takes no filter"),
            ));
        }
        let Some(arguments) = arguments.into_iter().collect::<Option<Vec<&Ast>>>() else {
            return Err(refused(span, "* 只能用于 count(*)", "* may stand only in count(*)"));
        };
        self.scalar(&name, &arguments, span)
    }

    fn scalar(&mut self, name: &str, arguments: &[&Ast], span: Span) -> Lowered {
        match (name, arguments) {
            ("clause", [id]) => {
                let id = text(id, span)?;
                let (level, slot, ty) = self.env.clause(&id, span)?;
                self.check_visible(level, span)?;
                Ok(Node { kind: Kind::Clause { level, slot }, ty, span })
            }
            ("param", [id]) => self.param(&text(id, span)?, span),
            ("abs", [x]) => typing::abs(self.lower(x)?, span),
            ("length", [x]) => self.length(x, span),
            ("starts_with", [x, prefix]) => self.starts_with(x, prefix, span),
            ("nullif", [a, b]) => typing::null_if(self.lower(a)?, self.lower(b)?, span),
            ("coalesce", [_, ..]) if self.purpose == Purpose::Verdict => Err(refused(
                span,
                "判定中不能用 coalesce：未知必须保持未知；确有默认值时请写成数值条款",
                "coalesce is not allowed in a verdict: unknown must stay unknown; put a true default into a value clause",
            )),
            ("coalesce", [_, ..]) => {
                typing::same_type(self.lower_all(arguments)?, Kind::Coalesce, span)
            }
            ("greatest" | "least", [_, ..]) => {
                let nodes = self
                    .lower_all(arguments)?
                    .into_iter()
                    .map(typing::expect_number)
                    .collect::<Result<_, _>>()?;
                typing::same_type(
                    nodes,
                    if name == "least" { Kind::Least } else { Kind::Greatest },
                    span,
                )
            }
            _ => Err(refused(
                span,
                format!("{name} 的参数个数不对"),
                format!("wrong number of arguments for {name}"),
            )),
        }
    }

    fn lower_all(&mut self, arguments: &[&Ast]) -> Result<Vec<Node>, ExprFault> {
        arguments.iter().map(|ast| self.lower(ast)).collect()
    }

    fn param(&self, name: &str, span: Span) -> Lowered {
        let Some(literal) = self.env.param(name) else {
            let fault = ExprFault::new(
                FaultKind::UnknownName,
                span,
                format!("策略包在该日没有参数“{name}”"),
                format!("the pack has no parameter `{name}` on that day"),
            );
            return Err(fault.suggest(name, self.env.param_names()));
        };
        let ty = typing::literal_type(&literal);
        Ok(Node { kind: Kind::Literal(literal), ty, span })
    }

    fn length(&mut self, operand: &Ast, span: Span) -> Lowered {
        let node = expect_text(self.lower(operand)?)?;
        let ty = Type::Number(NumberType { scale: 0, bound: i32::MAX.unsigned_abs().into() });
        Ok(Node { kind: Kind::Length(Box::new(node)), ty, span })
    }

    fn starts_with(&mut self, operand: &Ast, prefix: &Ast, span: Span) -> Lowered {
        let node = expect_text(self.lower(operand)?)?;
        let prefix = text(prefix, span)?;
        Ok(Node { kind: Kind::StartsWith(Box::new(node), prefix), ty: Type::Bool, span })
    }
}

fn expect_text(node: Node) -> Lowered {
    match node.ty {
        Type::Text => Ok(node),
        other => {
            let (zh, en) = typing::type_name(other);
            Err(ExprFault::new(
                FaultKind::Type,
                node.span,
                format!("此处应为文字，实为{zh}"),
                format!("this must be text, it is {en}"),
            ))
        }
    }
}

fn text(ast: &Ast, span: Span) -> Result<String, ExprFault> {
    match ast {
        Ast::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Ok(text.clone()),
            _ => {
                Err(refused(span, "此处应写单引号中的文字", "a text in single quotes belongs here"))
            }
        },
        _ => Err(refused(span, "此处应写单引号中的文字", "a text in single quotes belongs here")),
    }
}

/// The arguments; `None` stands for `*`.
fn arguments<'a>(
    function: &'a Function,
    name: &str,
    span: Span,
) -> Result<Vec<Option<&'a Ast>>, ExprFault> {
    let list = match &function.args {
        FunctionArguments::List(list) => list,
        FunctionArguments::None | FunctionArguments::Subquery(_) => {
            return Err(refused(
                span,
                format!("{name} 不能这样写"),
                format!("{name} cannot be written this way"),
            ));
        }
    };
    if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) || !list.clauses.is_empty() {
        return Err(refused(
            span,
            "不支持 distinct 或 order by",
            "distinct and order by are not allowed",
        ));
    }
    let read = |argument: &'a FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(ast)) => Ok(Some(ast)),
        FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok(None),
        _ => Err(refused(
            span,
            format!("{name} 的参数不能这样写"),
            format!("arguments of {name} cannot be written this way"),
        )),
    };
    list.args.iter().map(read).collect()
}
