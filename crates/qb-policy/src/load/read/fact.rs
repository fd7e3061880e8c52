//! From raw shapes to published figures and contradictions.

use toml::Spanned;

use crate::load::raw::{RawContradiction, RawFact, RawFigure, RawMethod};
use crate::load::read::Reader;
use crate::number::decimal::Decimal;
use crate::pack::fact::{
    Compare, Contradiction, CoverageFigure, CoverageValue, Fact, Figure, Method, RowQuery,
    SqlFigure,
};

impl Reader<'_> {
    pub(crate) fn fact(&mut self, raw: RawFact) -> Option<Fact> {
        let span = raw.id.span();
        let at = self.at(&span);
        self.unused_keys(&raw);
        if !matches!(raw.method, RawMethod::Text) {
            self.need(&raw, raw.unit.is_some(), "unit");
            self.need(&raw, raw.definition.is_some(), "definition");
            // A number is shown as the document writes it; what publishes none is a statement.
            let worded = raw.published.is_none() || raw.published_text.is_some();
            self.need(&raw, worded, "published_text");
        }
        let published = raw.published.as_ref().and_then(|number| self.number(number));
        self.bound(&raw, published);
        let rounding = raw.rounding.as_ref().and_then(|number| self.number(number));
        let method = self.method(&raw)?;
        Some(Fact {
            at,
            id: raw.id.into_inner(),
            says: raw.says,
            definition: raw.definition,
            denominator: raw.denominator,
            unit: raw.unit.map(Spanned::into_inner),
            is_key: raw.key,
            published,
            published_text: raw.published_text,
            rounding,
            compare: raw.compare,
            source: raw.source,
            method,
        })
    }

    fn method(&mut self, raw: &RawFact) -> Option<Method> {
        Some(match raw.method {
            RawMethod::Rows => {
                let by_level = raw.coverage.is_none() && raw.query.is_none();
                self.need(raw, !by_level || raw.level.is_some(), "level");
                self.need(raw, raw.value.is_some(), "value");
                self.computed(raw, raw.value.as_ref()?)?
            }
            RawMethod::Pack => {
                self.need(raw, raw.query.is_some(), "query");
                self.need(raw, raw.value.is_some(), "value");
                match self.computed(raw, raw.value.as_ref()?)? {
                    Method::Sql(figure) => Method::Pack(figure),
                    _ => return None,
                }
            }
            RawMethod::Arithmetic => {
                self.need(raw, raw.value.is_some(), "value");
                Method::Arithmetic { expression: self.expression(raw.value.as_ref()?) }
            }
            RawMethod::Reference => Method::Reference {
                reference: raw.reference.clone().unwrap_or_else(|| raw.id.as_ref().clone()),
            },
            RawMethod::Pending => {
                self.need(raw, raw.missing.is_some(), "missing");
                Method::Pending { missing: raw.missing.clone()? }
            }
            RawMethod::Text => {
                self.need(raw, raw.mechanism.is_some(), "mechanism");
                Method::Text { mechanism: raw.mechanism.clone()? }
            }
        })
    }

    /// How the rows are given: by a coverage, by a query, or as those of a level.
    fn computed(&mut self, raw: &RawFact, value: &Spanned<String>) -> Option<Method> {
        let factor = raw.factor.as_ref().and_then(|factor| self.number(factor));
        if let Some(coverage) = &raw.coverage {
            let Some(wanted) = CoverageValue::parse(value.as_ref()) else {
                self.fault(
                    &value.span(),
                    "覆盖指标的“value”只能写covered_percent、missing或total",
                    "the `value` of a coverage is covered_percent, missing or total",
                );
                return None;
            };
            let coverage = coverage.as_ref().clone();
            return Some(Method::Coverage(CoverageFigure { coverage, value: wanted }));
        }
        if let Some(query) = &raw.query {
            return Some(Method::Sql(SqlFigure {
                query: self.expression(query),
                value: self.expression(value),
                factor,
                source_table: raw.source_table.clone(),
                labels: raw.labels.clone(),
            }));
        }
        Some(Method::Rows(RowQuery {
            level: raw.level?,
            filter: raw.filter.as_ref().map(|filter| self.expression(filter)),
            value: self.expression(value),
            factor,
        }))
    }

    fn need(&mut self, raw: &RawFact, present: bool, key: &str) {
        if !present {
            let id = raw.id.as_ref();
            self.fault(
                &raw.id.span(),
                format!("指标“{id}”缺少“{key}”，请补上"),
                format!("fact `{id}` needs `{key}`, add it"),
            );
        }
    }

    /// A comparison has something to compare with, and can fail.
    fn bound(&mut self, raw: &RawFact, published: Option<Decimal>) {
        let id = raw.id.as_ref();
        if raw.published.is_none() && raw.compare != Compare::Equal {
            self.fault(
                &raw.id.span(),
                format!("指标“{id}”没有“published”，无从比较；请删去“compare”"),
                format!("fact `{id}` publishes no number to compare with; remove `compare`"),
            );
        }
        if raw.compare == Compare::Over && raw.rounding.is_none() {
            self.need(raw, false, "rounding");
        }
        let floor = matches!(raw.compare, Compare::Above | Compare::AtLeast);
        if floor && published.is_some_and(|least| least <= Decimal::whole(0)) {
            self.fault(
                &raw.id.span(),
                format!("指标“{id}”只要求大于或等于零：任何数据都能满足，不算核对；没有公布数的请删去“published”"),
                format!("fact `{id}` only asks for zero or more, which anything satisfies: without a published number leave `published` out"),
            );
        }
    }

    /// A key that the fact's method never reads would mislead its reader.
    fn unused_keys(&mut self, raw: &RawFact) {
        let rows = matches!(raw.method, RawMethod::Rows | RawMethod::Pack);
        let valued = rows || matches!(raw.method, RawMethod::Arithmetic);
        let reference = matches!(raw.method, RawMethod::Reference);
        let pending = matches!(raw.method, RawMethod::Pending);
        let text = matches!(raw.method, RawMethod::Text);
        let covered = raw.coverage.is_some();
        let sql = raw.query.is_some();
        let present = [
            ("level", raw.level.is_some(), rows && !covered && !sql),
            ("filter", raw.filter.is_some(), rows && !covered && !sql),
            ("value", raw.value.is_some(), valued),
            ("factor", raw.factor.is_some(), rows && !covered),
            ("query", sql, rows && !covered),
            ("labels", !raw.labels.is_empty(), sql),
            ("source_table", raw.source_table.is_some(), rows && sql),
            ("coverage", covered, matches!(raw.method, RawMethod::Rows)),
            ("reference", raw.reference.is_some(), reference),
            ("missing", raw.missing.is_some(), pending),
            ("mechanism", raw.mechanism.is_some(), text),
            ("published", raw.published.is_some(), !text),
            ("unit", raw.unit.is_some(), !text),
            ("rounding", raw.rounding.is_some(), raw.published.is_some()),
        ];
        for (key, written, read) in present {
            if written && !read {
                let id = raw.id.as_ref();
                self.fault(
                    &raw.id.span(),
                    format!("指标“{id}”的取数方式用不到“{key}”，请删去或改写“method”"),
                    format!("fact `{id}` has `{key}`, which its method never reads; remove it or change `method`"),
                );
            }
        }
    }

    pub(crate) fn contradiction(&mut self, raw: RawContradiction) -> Contradiction {
        Contradiction {
            at: self.at(&raw.id.span()),
            id: raw.id.into_inner(),
            says: raw.says,
            finding: raw.finding,
            facts: raw.facts.into_iter().map(Spanned::into_inner).collect(),
            figures: raw.figure.into_iter().map(|figure| self.figure(figure)).collect(),
            outcome: raw.outcome,
            verdict: raw.verdict,
            source: raw.source,
        }
    }

    fn figure(&mut self, raw: RawFigure) -> Figure {
        Figure {
            expression: self.expression(&raw.expression),
            rounding: raw.rounding.as_ref().and_then(|step| self.number(step)),
            id: raw.id.into_inner(),
            label: raw.label,
            unit: raw.unit.into_inner(),
        }
    }
}
