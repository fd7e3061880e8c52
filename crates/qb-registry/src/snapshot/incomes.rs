//! Income items of a household, added up by what the pack says of each.

use std::collections::HashMap;

use qb_policy::{IncomeCategory, Pack};

/// Money columns of one year, in the order of the household view.
pub(super) const SUMS: usize = 8;

/// Position of each sum among the money columns of a year.
const WAGE: usize = 0;
const BUSINESS: usize = 1;
const PROPERTY: usize = 2;
const TRANSFER: usize = 3;
const TRANSFER_UNCOUNTED: usize = 4;
const COST: usize = 5;
const SELF_PAID: usize = 6;
const PROJECT_YIELD: usize = 7;

/// Which sums an item adds to.
pub(super) struct ItemSums {
    by_item: HashMap<String, (Option<usize>, bool)>,
}

impl ItemSums {
    pub(super) fn of(pack: &Pack) -> Self {
        let by_item = pack
            .income_items
            .iter()
            .map(|item| {
                let sum = match (item.category, item.counted) {
                    (IncomeCategory::Wage, true) => Some(WAGE),
                    (IncomeCategory::Business, true) => Some(BUSINESS),
                    (IncomeCategory::Property, true) => Some(PROPERTY),
                    (IncomeCategory::Transfer, true) => Some(TRANSFER),
                    (IncomeCategory::Transfer, false) => Some(TRANSFER_UNCOUNTED),
                    (IncomeCategory::Cost, true) => Some(COST),
                    (IncomeCategory::SelfPaid, _) => Some(SELF_PAID),
                    (_, false) => None,
                };
                (item.id.clone(), (sum, item.project_yield))
            })
            .collect();
        Self { by_item }
    }
}

/// What one statement adds up to; a statement without items is present with zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) present: bool,
    pub(super) sums: [i64; SUMS],
}

impl Statement {
    /// Adds an item. Items and their number are bounded by the schema, so sums stay far below
    /// overflow.
    pub(super) fn add(&mut self, items: &ItemSums, item: &str, fen: i64) {
        if let Some((sum, is_yield)) = items.by_item.get(item) {
            if let Some(sum) = sum {
                self.sums[*sum] = self.sums[*sum].saturating_add(fen);
            }
            if *is_yield {
                self.sums[PROJECT_YIELD] = self.sums[PROJECT_YIELD].saturating_add(fen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> ItemSums {
        let pack = Pack::load(qb_policy::PackSource::Embedded("xuzhou-2016")).unwrap();
        ItemSums::of(&pack)
    }

    #[test]
    fn wages_add_up_and_unknown_items_are_left_out() {
        let items = items();
        let mut statement = Statement { present: true, ..Statement::default() };
        statement.add(&items, "wage_labour", 800_000);
        statement.add(&items, "wage_public_post", 100_000);
        statement.add(&items, "no_such_item", 7);
        assert_eq!(statement.sums, [900_000, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn project_yield_is_property_and_shown_beside_it() {
        let pack = Pack::load(qb_policy::PackSource::Embedded("xuzhou-2016")).unwrap();
        let item = pack.income_items.iter().find(|item| item.project_yield).unwrap().id.clone();
        let mut statement = Statement::default();
        statement.add(&items(), &item, 237_480);
        assert_eq!((statement.sums[PROPERTY], statement.sums[PROJECT_YIELD]), (237_480, 237_480));
    }
}
