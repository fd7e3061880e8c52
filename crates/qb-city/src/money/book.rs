//! Budgets, allocations and payments as they are entered, and their rows.

use std::collections::BTreeMap;

use qb_base::Date;

use crate::bureau::Bureau;
use crate::desk::{Row, Value, later};

/// Days until a line that was appropriated is known to whoever passes it on.
const RECEIVED_AFTER: i64 = 2;

/// Money a level appropriates.
pub(super) struct Budget {
    pub(super) year: i16,
    pub(super) level: &'static str,
    pub(super) county: Option<usize>,
    pub(super) source: String,
    pub(super) purpose: String,
    pub(super) fen: i64,
    pub(super) dated: Date,
    pub(super) recurring: bool,
}

/// What of a budget a county gets.
pub(super) struct Allocation {
    budget: usize,
    pub(super) county: usize,
    pub(super) fen: i64,
    allocated: Date,
    received: Date,
    left: i64,
}

/// A payment out of an allocation.
pub(super) struct Payment {
    pub(super) allocation: usize,
    pub(super) project: String,
    pub(super) payee: String,
    pub(super) fen: i64,
    pub(super) paid: Date,
    /// The payment it takes back, by its place in the book.
    pub(super) reverses: Option<usize>,
}

/// Everything entered so far.
pub(super) struct Book {
    budgets: Vec<Budget>,
    allocations: Vec<Allocation>,
    payments: Vec<Payment>,
    /// Numbers of payments: county, running number in it.
    numbers: Vec<String>,
    counts: Vec<usize>,
    codes: Vec<String>,
}

/// The rows of the three lists; payments by county.
pub(super) struct Rows {
    pub(super) budgets: Vec<Row>,
    pub(super) allocations: Vec<Row>,
    pub(super) payments: Vec<Vec<Row>>,
}

impl Book {
    pub(super) fn open(bureau: &Bureau<'_>) -> Self {
        Self {
            budgets: Vec::new(),
            allocations: Vec::new(),
            payments: Vec::new(),
            numbers: Vec::new(),
            counts: vec![0; bureau.map.counties.len()],
            codes: bureau.map.counties.iter().map(|county| county.code.clone()).collect(),
        }
    }

    pub(super) fn budget(&mut self, budget: Budget) -> usize {
        self.budgets.push(budget);
        self.budgets.len() - 1
    }

    pub(super) fn allocate(
        &mut self,
        budget: usize,
        (county, fen): (usize, i64),
        [allocated, received]: [Date; 2],
    ) -> usize {
        self.allocations.push(Allocation { budget, county, fen, allocated, received, left: fen });
        self.allocations.len() - 1
    }

    /// Enters a payment; money that an allocation does not hold is not paid.
    pub(super) fn pay(&mut self, payment: Payment) -> Option<usize> {
        let allocation = self.allocations.get_mut(payment.allocation)?;
        let change = if payment.reverses.is_some() { payment.fen } else { -payment.fen };
        if payment.fen <= 0 || allocation.left + change < 0 {
            return None;
        }
        allocation.left += change;
        let county = allocation.county;
        self.counts[county] += 1;
        self.numbers.push(format!("ZF{}-{:05}", self.codes[county], self.counts[county]));
        self.payments.push(payment);
        Some(self.payments.len() - 1)
    }

    /// An allocation by its place.
    pub(super) fn allocation(&self, at: usize) -> &Allocation {
        &self.allocations[at]
    }

    /// What a level appropriated in the year for all lines so far.
    pub(super) fn appropriated(&self, year: i16, level: &str, source: &str) -> i64 {
        let fits = |b: &&Budget| b.year == year && b.level == level && b.source == source;
        self.budgets.iter().filter(fits).map(|budget| budget.fen).sum()
    }

    /// What the rows add up to.
    pub(super) fn sums(&self, bureau: &Bureau<'_>) -> BTreeMap<&'static str, i64> {
        let city = |fits: &dyn Fn(&Budget) -> bool| {
            let budgets = self.budgets.iter().filter(|budget| fits(budget));
            budgets.map(|budget| budget.fen).sum::<i64>()
        };
        let year = bureau.year;
        let special = |b: &Budget| b.level == "市级" && b.source == "市级专项扶贫资金";
        let paid = self.payments.iter().map(|payment| match payment.reverses {
            Some(_) => -payment.fen,
            None => payment.fen,
        });
        BTreeMap::from([
            ("G06", city(&|b| special(b) && b.year == year)),
            ("G06.prior", city(&|b| special(b) && b.year < year)),
            ("H02", city(&|b| b.recurring && b.year == year + 1)),
            ("E02.budget", city(&|b| b.purpose == "教育资助" && b.year == year)),
            ("T01.budget", city(&|b| b.purpose == "农村公路" && b.year == year)),
            ("money.allocated", self.allocations.iter().map(|a| a.fen).sum()),
            ("money.paid", paid.sum()),
        ])
    }

    /// The days on which a line was received and its last part passed on; blank where nothing was.
    fn passed(&self, at: usize, bureau: &Bureau<'_>) -> [Value; 2] {
        let parts = self.allocations.iter().filter(|part| part.budget == at);
        let days: Vec<Date> = parts.map(|part| part.allocated).collect();
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
            return [Value::Blank, Value::Blank];
        };
        let known = bureau.calendar.office(later(self.budgets[at].dated, RECEIVED_AFTER));
        [Value::Day(known.min(*first)), Value::Day(*last)]
    }

    /// All rows.
    pub(super) fn rows(&self, bureau: &Bureau<'_>) -> Rows {
        let budget_no = |at: usize| format!("YS{}-{:03}", self.budgets[at].year, at + 1);
        let allocation_no = |at: usize| {
            let allocation = &self.allocations[at];
            format!("XD{}-{}", at + 1, self.codes[allocation.county])
        };
        let name = |county: usize| Value::text(bureau.map.counties[county].name.as_str());
        let budgets = self.budgets.iter().enumerate().map(|(at, budget)| {
            let [received, passed] = self.passed(at, bureau);
            vec![
                Value::text(budget_no(at)),
                Value::Int(i64::from(budget.year)),
                Value::text(budget.level),
                budget.county.map_or(Value::Blank, name),
                Value::text(budget.source.as_str()),
                Value::text(budget.purpose.as_str()),
                Value::Fen(budget.fen),
                Value::text(format!("示财预〔{}〕{}号", budget.year, at + 1)),
                Value::Day(budget.dated),
                Value::Flag(budget.recurring),
                received,
                passed,
            ]
        });
        let allocations = self.allocations.iter().enumerate().map(|(at, allocation)| {
            vec![
                Value::text(allocation_no(at)),
                Value::text(budget_no(allocation.budget)),
                name(allocation.county),
                Value::text(self.budgets[allocation.budget].purpose.as_str()),
                Value::Fen(allocation.fen),
                Value::Day(allocation.allocated),
                Value::Day(allocation.received),
                Value::text(format!("示财指〔{}〕{}号", allocation.allocated.year(), at + 1)),
            ]
        });
        let mut payments = vec![Vec::new(); self.codes.len()];
        for (payment, number) in self.payments.iter().zip(&self.numbers) {
            let reverses = payment.reverses.map(|at| self.numbers[at].as_str());
            payments[self.allocations[payment.allocation].county].push(vec![
                Value::text(number.as_str()),
                Value::text(allocation_no(payment.allocation)),
                Value::text(payment.project.as_str()),
                Value::Blank,
                Value::text(payment.payee.as_str()),
                Value::Fen(payment.fen),
                Value::Day(payment.paid),
                reverses.map_or(Value::Blank, Value::text),
            ]);
        }
        Rows { budgets: budgets.collect(), allocations: allocations.collect(), payments }
    }
}
