//! From a scheme's file to a [`Scheme`], with every fault at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use qb_policy::{Decimal, Expression, Fault, Pack, PartFile, Position, Ratio, WrittenNumber};
use toml::Spanned;

use crate::model::{
    Band, Base, Case, Expected, Extra, Feed, Group, Item, Kernel, Object, Scheme, Veto,
};
use crate::raw::{
    RawBase, RawCase, RawExpected, RawExtra, RawItem, RawKernel, RawObject, RawScheme, RawVeto,
};

/// Every scheme of a pack, in the order of its files.
///
/// # Errors
/// With every fault of the files.
pub fn schemes(pack: &Pack) -> Result<Vec<Scheme>, Vec<Fault>> {
    pack.read_part_files("schemes/", scheme)
}

fn scheme(file: &PartFile) -> Result<Scheme, Vec<Fault>> {
    let raw: RawScheme = file.parse().map_err(|fault| vec![fault])?;
    let mut reader = Reader { file, span: raw.id.span(), faults: Vec::new() };
    let scheme = reader.scheme(raw);
    match scheme {
        Some(scheme) if reader.faults.is_empty() => Ok(scheme),
        _ => Err(reader.faults),
    }
}

struct Reader<'a> {
    file: &'a PartFile,
    /// The part that is being read; faults point there.
    span: Range<usize>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn at(&self) -> Position {
        self.file.position(&self.span)
    }

    fn fault(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        let at = self.at();
        self.faults.push(Fault::new(at, zh, en));
    }

    fn scheme(&mut self, raw: RawScheme) -> Option<Scheme> {
        let at = self.at();
        let step = self.decimal(&raw.step).filter(|step| *step > Decimal::whole(0));
        let (deduct_max, bonus_max) = (self.ratio(&raw.deduct_max), self.ratio(&raw.bonus_max));
        let bands = raw.band.iter().filter_map(|band| {
            let from = self.ratio(&band.from)?;
            Some(Band { id: band.id.clone(), label: band.label.clone(), from })
        });
        let bands: Vec<Band> = bands.collect();
        let feeds = raw.feeds.iter().filter_map(|feed| {
            Some(Feed {
                appraisal: feed.appraisal.clone(),
                says: feed.says.clone(),
                weight: self.ratio(&feed.weight)?,
                source: feed.source.clone(),
            })
        });
        let scheme = Scheme {
            feeds: feeds.collect(),
            items: raw.item.into_iter().filter_map(|item| self.item(item)).collect(),
            deductions: raw.deduct.into_iter().filter_map(|one| self.extra(one)).collect(),
            bonuses: raw.bonus.into_iter().filter_map(|one| self.extra(one)).collect(),
            vetoes: raw.veto.into_iter().map(|veto| self.veto(veto, &bands)).collect(),
            objects: raw.object.iter().map(|object| self.object(object)).collect(),
            cases: raw.case.into_iter().map(|case| self.case(case)).collect(),
            groups: raw
                .group
                .into_iter()
                .map(|group| Group {
                    id: group.id,
                    says: group.says,
                    objects: group.objects.into_iter().collect(),
                })
                .collect(),
            id: raw.id.into_inner(),
            title: raw.title,
            source: raw.source,
            year: raw.year,
            object_level: raw.object_level,
            illustrative: raw.illustrative,
            rounding: raw.rounding,
            step: step.unwrap_or(Decimal::whole(1)),
            deduct_max: deduct_max?,
            bonus_max: bonus_max?,
            base: raw.base.map(|base| self.base(base)),
            bands,
            at,
        };
        self.whole(&scheme, step.is_some());
        Some(scheme)
    }

    /// What concerns the scheme as a whole.
    fn whole(&mut self, scheme: &Scheme, step_is_right: bool) {
        self.span = 0..0;
        if !step_is_right {
            self.fault("“step”要写大于0的数", "`step` is a number above 0");
        }
        let falling = scheme.bands.windows(2).all(|pair| pair[0].from > pair[1].from);
        let lowest = scheme.bands.last().is_some_and(|band| band.from == Ratio::ZERO);
        if !falling || !lowest {
            self.fault(
                "等次要从高到低写，最后一档从0分起",
                "write the bands from best to worst; the last begins at 0",
            );
        }
        if scheme.items.is_empty() {
            self.fault("没有指标，请写[[item]]", "there is no indicator, write an [[item]]");
        }
        let mut seen = BTreeSet::new();
        let items = scheme.items.iter().map(|one| (&one.id, &one.at));
        let extras = scheme.deductions.iter().chain(&scheme.bonuses);
        let extras = extras.map(|one| (&one.id, &one.at));
        let vetoes = scheme.vetoes.iter().map(|one| (&one.id, &one.at));
        for (id, at) in items.chain(extras).chain(vetoes) {
            if !seen.insert(id.as_str()) {
                self.faults.push(Fault::new(
                    at.clone(),
                    format!("编号“{id}”重复"),
                    format!("id `{id}` stands twice"),
                ));
            }
        }
        self.names(scheme, &seen);
    }

    /// Objects and cases name only what the scheme has.
    fn names(&mut self, scheme: &Scheme, known: &BTreeSet<&str>) {
        let in_cases = scheme.cases.iter().flat_map(|case| {
            let expected = case.expect.iter().flat_map(|expect| expect.points.keys());
            let objects = case.objects.iter().flat_map(names_of);
            objects.chain(expected).map(|name| (name, &case.at))
        });
        let own = scheme.objects.iter().flat_map(names_of).map(|name| (name, &scheme.at));
        for (name, at) in in_cases.chain(own) {
            if !known.contains(name.as_str()) {
                self.faults.push(Fault::new(
                    at.clone(),
                    format!("方案里没有“{name}”，请改正或补上"),
                    format!("the scheme has no `{name}`; correct it or add it"),
                ));
            }
        }
    }

    fn base(&mut self, raw: RawBase) -> Base {
        self.span = raw.source.span();
        self.source(raw.source.as_ref());
        Base {
            at: self.at(),
            says: raw.says,
            source: raw.source.into_inner(),
            query: self.file.expression(raw.query.as_ref(), &raw.query.span()),
        }
    }

    fn item(&mut self, raw: RawItem) -> Option<Item> {
        self.span = raw.id.span();
        self.source(&raw.source);
        let weight = self.ratio(&raw.weight);
        let kernel = self.kernel(&raw.kernel);
        if weight.is_some_and(|weight| weight <= Ratio::ZERO) {
            self.fault("分值要大于0", "the weight is above 0");
        }
        Some(Item {
            at: self.at(),
            id: raw.id.into_inner(),
            weight: weight?,
            says: raw.says,
            source: raw.source,
            department: raw.department,
            unit: raw.unit,
            query: self.query(raw.query),
            direction: raw.direction,
            kernel: kernel?,
            missing: raw.missing,
        })
    }

    fn kernel(&mut self, raw: &RawKernel) -> Option<Kernel> {
        let kernel = match raw {
            RawKernel::FullOrZero { at } => Kernel::FullOrZero { at: self.ratio(at)? },
            RawKernel::StepDeduct { at, unit, points, whole_units } => Kernel::StepDeduct {
                at: self.ratio(at)?,
                unit: self.positive(unit)?,
                points: self.positive(points)?,
                whole_units: *whole_units,
            },
            RawKernel::Linear { lo, hi } => {
                let (lo, hi) = (self.ratio(lo)?, self.ratio(hi)?);
                if lo == hi {
                    self.fault("lo和hi不能相等", "lo and hi differ");
                }
                Kernel::Linear { lo, hi }
            }
            RawKernel::Piecewise { table } => Kernel::Piecewise { table: self.table(table)? },
            RawKernel::Bands { table, beyond } => {
                Kernel::Bands { table: self.table(table)?, beyond: self.ratio(beyond)? }
            }
            RawKernel::Rank { step } => Kernel::Rank { step: self.positive(step)? },
            RawKernel::PerUnit { at, start, plus, minus } => Kernel::PerUnit {
                at: self.ratio(at)?,
                start: self.ratio(start)?,
                plus: self.ratio(plus)?,
                minus: self.ratio(minus)?,
            },
        };
        Some(kernel)
    }

    fn table(&mut self, raw: &[[WrittenNumber; 2]]) -> Option<Vec<(Ratio, Ratio)>> {
        let rows = raw.iter().map(|[at, gives]| Some((self.ratio(at)?, self.ratio(gives)?)));
        let rows: Vec<(Ratio, Ratio)> = rows.collect::<Option<_>>()?;
        let rising = rows.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !rising || rows.is_empty() {
            self.fault("表要按数值从小到大写", "write the table in rising order of its values");
        }
        Some(rows)
    }

    fn extra(&mut self, raw: RawExtra) -> Option<Extra> {
        self.span = raw.id.span();
        self.source(&raw.source);
        let points = self.positive(&raw.points);
        let max = raw.max.as_ref().map(|max| self.ratio(max));
        Some(Extra {
            at: self.at(),
            id: raw.id.into_inner(),
            says: raw.says,
            source: raw.source,
            points: points?,
            max: max.flatten(),
            query: self.query(raw.query),
        })
    }

    fn veto(&mut self, raw: RawVeto, bands: &[Band]) -> Veto {
        self.span = raw.id.span();
        self.source(&raw.source);
        if !bands.iter().any(|band| band.id == raw.cap) {
            self.fault(format!("没有等次“{}”", raw.cap), format!("there is no band `{}`", raw.cap));
        }
        Veto {
            at: self.at(),
            id: raw.id.into_inner(),
            says: raw.says,
            source: raw.source,
            cap: raw.cap,
            query: self.query(raw.query),
        }
    }

    fn query(&self, raw: Option<Spanned<String>>) -> Option<Expression> {
        raw.map(|query| self.file.expression(query.as_ref(), &query.span()))
    }

    fn object(&mut self, raw: &RawObject) -> Object {
        Object {
            id: raw.id.clone(),
            values: self.ratios(&raw.values),
            counts: self.ratios(&raw.counts),
            vetoes: raw.vetoes.iter().cloned().collect(),
        }
    }

    fn case(&mut self, raw: RawCase) -> Case {
        self.span = raw.name.span();
        Case {
            at: self.at(),
            objects: raw.object.iter().map(|object| self.object(object)).collect(),
            expect: raw.expect.iter().map(|expect| self.expected(expect)).collect(),
            name: raw.name.into_inner(),
        }
    }

    fn expected(&mut self, raw: &RawExpected) -> Expected {
        let points = raw.points.iter();
        let points = points.filter_map(|(id, value)| Some((id.clone(), self.decimal(value)?)));
        Expected {
            points: points.collect(),
            object: raw.object.clone(),
            base: raw.base.as_ref().and_then(|value| self.decimal(value)),
            deduct: raw.deduct.as_ref().and_then(|value| self.decimal(value)),
            bonus: raw.bonus.as_ref().and_then(|value| self.decimal(value)),
            total: raw.total.as_ref().and_then(|value| self.decimal(value)),
            incomplete: raw.incomplete,
            grade: raw.grade.clone(),
            rank: raw.rank,
        }
    }

    fn ratios(&mut self, raw: &BTreeMap<String, WrittenNumber>) -> BTreeMap<String, Ratio> {
        let values = raw.iter();
        values.filter_map(|(id, value)| Some((id.clone(), self.ratio(value)?))).collect()
    }

    fn source(&mut self, source: &str) {
        if source.trim().is_empty() {
            self.fault("缺少出处（source）", "the source is missing");
        }
    }

    fn positive(&mut self, raw: &WrittenNumber) -> Option<Ratio> {
        let value = self.ratio(raw)?;
        if value <= Ratio::ZERO {
            self.fault("这里的数要大于0", "this number is above 0");
        }
        Some(value)
    }

    fn ratio(&mut self, raw: &WrittenNumber) -> Option<Ratio> {
        let value = match raw {
            WrittenNumber::Whole(whole) => Ratio::new(i128::from(*whole), 1),
            WrittenNumber::Text(text) => match text.split_once('/') {
                None => Decimal::parse(text).and_then(Ratio::of),
                Some((over, under)) => {
                    let over = Decimal::parse(over.trim()).and_then(Ratio::of);
                    let under = Decimal::parse(under.trim()).and_then(Ratio::of);
                    over.zip(under).and_then(|(over, under)| over.divide(under))
                }
            },
        };
        if value.is_none() {
            self.fault(
                "数值要写成整数，或带引号的小数“0.5”、分数“14/15”",
                "write a whole number, or in quotes a decimal `0.5` or a fraction `14/15`",
            );
        }
        value
    }

    fn decimal(&mut self, raw: &WrittenNumber) -> Option<Decimal> {
        let value = raw.decimal();
        if value.is_none() {
            self.fault("这里要写整数或带引号的小数", "write a whole number or a quoted decimal");
        }
        value
    }
}

fn names_of(object: &Object) -> impl Iterator<Item = &String> {
    object.values.keys().chain(object.counts.keys()).chain(&object.vetoes)
}
