//! From a benefit's file to a [`Benefit`], with every fault at its place.

use std::ops::Range;

use qb_base::{Fen, PolicyYear};
use qb_policy::{Decimal, Fault, Pack, PartFile, Position, WrittenNumber};

use crate::model::{
    Benefit, Case, Entitled, Formula, Interest, Line, OpenTo, Pool, Segment, Share, Step, Subsidy,
    Terms, Uplift, Years,
};
use crate::raw::{
    RawBenefit, RawCase, RawEntitled, RawInterest, RawLine, RawPool, RawSegment, RawStep, RawTerms,
    RawUplift, RawYears,
};

/// Every benefit of a pack, in the order of its files.
///
/// # Errors
/// With every fault of the files.
pub fn benefits(pack: &Pack) -> Result<Vec<Benefit>, Vec<Fault>> {
    pack.read_part_files("benefits/", |file| benefit(pack, file))
}

fn benefit(pack: &Pack, file: &PartFile) -> Result<Benefit, Vec<Fault>> {
    let raw: RawBenefit = file.parse().map_err(|fault| vec![fault])?;
    let mut reader = Reader { pack, file, span: raw.id.span(), faults: Vec::new() };
    let benefit = reader.benefit(raw);
    match benefit {
        Some(benefit) if reader.faults.is_empty() => Ok(benefit),
        _ => Err(reader.faults),
    }
}

struct Reader<'a> {
    pack: &'a Pack,
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
        let fault = self.file.fault(&self.span, zh, en);
        self.faults.push(fault);
    }

    fn benefit(&mut self, raw: RawBenefit) -> Option<Benefit> {
        let at = self.at();
        self.source(&raw.source);
        let parts = [
            !raw.step.is_empty(),
            !raw.line.is_empty(),
            raw.pool.is_some(),
            raw.interest.is_some(),
        ];
        if parts.iter().filter(|part| **part).count() != 1 {
            self.fault(
                "一个文件写一种待遇：[[step]]、[[line]]、[pool]、[interest]四者之一",
                "one file holds one kind of benefit: [[step]], [[line]], [pool] or [interest]",
            );
        }
        let entitled = raw.entitled.and_then(|entitled| self.entitled(entitled));
        let formula = if let Some(pool) = raw.pool {
            Formula::Pool(self.pool(pool)?)
        } else if let Some(interest) = raw.interest {
            Formula::Interest(self.interest(interest)?)
        } else if raw.line.is_empty() {
            Formula::Claim(raw.step.into_iter().map(|step| self.step(step)).collect())
        } else {
            Formula::Aid(raw.line.into_iter().filter_map(|line| self.line(line)).collect())
        };
        Some(Benefit {
            cases: raw.case.into_iter().map(|case| self.case(case)).collect(),
            id: raw.id.into_inner(),
            title: raw.title,
            source: raw.source,
            entitled,
            formula,
            at,
        })
    }

    fn entitled(&mut self, raw: RawEntitled) -> Option<Entitled> {
        self.source(&raw.source);
        let years_after_exit = match &raw.years_after_exit {
            RawYears::Years(years) => *years,
            RawYears::Param(id) => self.years_of(id)?,
        };
        if years_after_exit < 0 {
            self.fault("退出后的年数不能为负", "the years after an exit are not negative");
        }
        Some(Entitled {
            says: raw.says,
            source: raw.source,
            illustrative: raw.illustrative,
            view: raw.view,
            years_after_exit,
        })
    }

    fn step(&mut self, raw: RawStep) -> Step {
        self.span = raw.id.span();
        self.source(&raw.source);
        if raw.terms.is_empty() {
            self.fault("没有标准，请写[[step.terms]]", "there are no rates, write [[step.terms]]");
        }
        if raw.entitled_from.is_none() && !raw.classes.is_empty() {
            self.fault("写classes时也要写entitled_from", "`classes` needs `entitled_from`");
        }
        Step {
            terms: raw.terms.into_iter().filter_map(|terms| self.terms(terms)).collect(),
            uplifts: raw.uplift.into_iter().filter_map(|uplift| self.uplift(uplift)).collect(),
            id: raw.id.into_inner(),
            payer: raw.payer,
            says: raw.says,
            source: raw.source,
            base: raw.base,
            open_to: match raw.entitled_from {
                Some(entitled_from) => OpenTo::Some { entitled_from, classes: raw.classes },
                None => OpenTo::Everybody,
            },
            per: raw.per,
        }
    }

    fn terms(&mut self, raw: RawTerms) -> Option<Terms> {
        self.source(&raw.source);
        let segments = match (&raw.rate, raw.segment.is_empty()) {
            (Some(rate), true) => vec![Segment { upto: None, rate: self.share(rate)? }],
            (None, false) => self.segments(&raw.segment)?,
            _ => {
                self.fault("rate和segment写其中一种", "write either `rate` or `segment`s");
                return None;
            }
        };
        Some(Terms {
            kind: raw.kind,
            level: raw.level,
            years: self.years(raw.from_year, raw.until_year),
            // Terms that name no deductible deduct nothing.
            deductible: self.yuan_opt(raw.deductible.as_ref()).unwrap_or(Fen::ZERO),
            base_max: self.yuan_opt(raw.base_max.as_ref()),
            paid_max_year: self.yuan_opt(raw.paid_max_year.as_ref()),
            segments,
            source: raw.source,
            illustrative: raw.illustrative,
        })
    }

    fn segments(&mut self, raw: &[RawSegment]) -> Option<Vec<Segment>> {
        let mut segments = Vec::new();
        for segment in raw {
            let upto = self.yuan_opt(segment.upto.as_ref());
            segments.push(Segment { upto, rate: self.share(&segment.rate)? });
        }
        let (last, others) = segments.split_last()?;
        let ends: Vec<Fen> = others.iter().filter_map(|segment| segment.upto).collect();
        let rising = ends.windows(2).all(|pair| pair[0] < pair[1]);
        if last.upto.is_some() || ends.len() < others.len() || !rising {
            self.fault(
                "分段的上限要从小到大写，最后一段不写上限",
                "write the segments' ends in rising order and the last without an end",
            );
        }
        Some(segments)
    }

    fn uplift(&mut self, raw: RawUplift) -> Option<Uplift> {
        self.source(&raw.source);
        Some(Uplift {
            kinds: raw.kinds,
            years: self.years(raw.from_year, raw.until_year),
            points: self.share(&raw.points)?,
            source: raw.source,
        })
    }

    fn line(&mut self, raw: RawLine) -> Option<Line> {
        self.span = raw.id.span();
        self.source(&raw.source);
        let amount = match (&raw.amount, &raw.param) {
            (Some(amount), None) => self.yuan(amount)?,
            (None, Some(param)) => self.param(param, raw.from_year)?,
            _ => {
                self.fault("amount和param写其中一种", "write either `amount` or `param`");
                return None;
            }
        };
        Some(Line {
            at: self.at(),
            id: raw.id.into_inner(),
            item: raw.item,
            stage: raw.stage,
            classes: raw.classes,
            boarding: raw.boarding,
            years: self.years(raw.from_year, raw.until_year),
            amount,
            says: raw.says,
            source: raw.source,
            illustrative: raw.illustrative,
        })
    }

    /// A number of years that stands among the parameters of the pack.
    fn years_of(&mut self, id: &str) -> Option<i16> {
        let value = self.pack.param(id, &self.pack.area, self.pack.cases_on);
        let years = value.and_then(|value| value.number.to_i64());
        let years = years.and_then(|years| i16::try_from(years).ok());
        if years.is_none() {
            self.fault(
                format!("参数“{id}”没有年数"),
                format!("parameter `{id}` has no number of years"),
            );
        }
        years
    }

    /// An amount that stands among the parameters of the pack.
    fn param(&mut self, id: &str, year: i16) -> Option<Fen> {
        let on = PolicyYear(year).last_day();
        let value = self.pack.param(id, &self.pack.area, on).map(|value| value.number);
        let fen = value.and_then(Decimal::to_i64).and_then(Fen::new);
        if fen.is_none() {
            self.fault(
                format!("参数“{id}”在{year}年没有金额"),
                format!("parameter `{id}` has no amount in {year}"),
            );
        }
        fen
    }

    fn pool(&mut self, raw: RawPool) -> Option<Pool> {
        self.span = raw.id.span();
        self.source(&raw.source);
        let post_wage = self.yuan(&raw.post_wage)?;
        if post_wage == Fen::ZERO {
            self.fault("岗位工资要大于0", "the wage of a post is above 0");
        }
        Some(Pool {
            id: raw.id.into_inner(),
            says: raw.says,
            source: raw.source,
            illustrative: raw.illustrative,
            people_share: self.share(&raw.people_share)?,
            post_wage,
        })
    }

    fn interest(&mut self, raw: RawInterest) -> Option<Interest> {
        self.span = raw.id.span();
        self.source(&raw.source);
        let mut subsidies = Vec::new();
        for subsidy in raw.subsidy {
            self.source(&subsidy.source);
            subsidies.push(Subsidy {
                years: self.years(subsidy.from_year, subsidy.until_year),
                share: self.share(&subsidy.share)?,
                source: subsidy.source,
            });
        }
        Some(Interest {
            id: raw.id.into_inner(),
            says: raw.says,
            source: raw.source,
            illustrative: raw.illustrative,
            amount_max: self.yuan(&raw.amount_max)?,
            years_max: raw.years_max,
            purposes: raw.purposes,
            age_min: raw.age_min,
            age_max: raw.age_max,
            loans_max: raw.loans_max,
            registered_only: raw.registered_only,
            subsidies,
        })
    }

    fn case(&mut self, raw: RawCase) -> Case {
        self.span = raw.name.span();
        Case {
            at: self.at(),
            name: raw.name.into_inner(),
            given: raw.given,
            before: raw.before,
            expect: raw.expect,
        }
    }

    fn years(&mut self, from: i16, until: Option<i16>) -> Years {
        if until.is_some_and(|until| until < from) {
            self.fault("截止年早于起始年", "the last year lies before the first");
        }
        Years { from, until }
    }

    fn source(&mut self, source: &str) {
        if source.trim().is_empty() {
            self.fault("缺少出处（source）", "the source is missing");
        }
    }

    /// A share written in percent, between 0 and 100.
    fn share(&mut self, raw: &WrittenNumber) -> Option<Share> {
        let share = raw.decimal().and_then(|percent| percent.shift(4)).and_then(Decimal::to_i64);
        let share = share.map(Share).filter(|share| (Share(0)..=Share::WHOLE).contains(share));
        if share.is_none() {
            self.fault(
                "比例写百分数，0到100，最多四位小数",
                "a share is written in percent, 0 to 100 with at most four decimals",
            );
        }
        share
    }

    fn yuan_opt(&mut self, raw: Option<&WrittenNumber>) -> Option<Fen> {
        raw.and_then(|raw| self.yuan(raw))
    }

    fn yuan(&mut self, raw: &WrittenNumber) -> Option<Fen> {
        let fen = raw.decimal().and_then(|yuan| yuan.shift(2)).and_then(Decimal::to_i64);
        let fen = fen.and_then(Fen::new).filter(|fen| *fen >= Fen::ZERO);
        if fen.is_none() {
            self.fault("金额写元，不为负，最多两位小数", "an amount is in yuan, not negative");
        }
        fen
    }
}
