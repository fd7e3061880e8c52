//! The delivery that a file belongs to, and the counties that its rows speak for.

use std::collections::BTreeSet;

/// The files of one delivery: the one in which it first came, and those in which it was tried
/// again; none for a delivery that is new.
#[derive(Clone, Debug, Default)]
pub struct Delivery {
    first: i64,
    files: Vec<i64>,
}

impl Delivery {
    /// A delivery that comes again: the file in which it first came, and all its files.
    pub fn again(first: i64, files: Vec<i64>) -> Self {
        Self { first, files }
    }

    /// Whether the row of a file came after this delivery, which is tried again: the row stays.
    pub(crate) fn is_older_than(&self, file_id: i64) -> bool {
        self.is_again() && file_id > self.first && !self.files.contains(&file_id)
    }

    /// Whether a file is of this delivery, which is tried again.
    pub fn holds(&self, file_id: i64) -> bool {
        self.files.contains(&file_id)
    }

    /// Whether the delivery is tried again.
    pub(crate) fn is_again(&self) -> bool {
        !self.files.is_empty()
    }
}

/// The counties that rows speak for, each as six digits; the digits of a row are those of its
/// village, or of a higher area filled up with zeros.
#[derive(Clone, Debug, Default)]
pub struct Counties {
    all: BTreeSet<u64>,
    last: u64,
}

/// What the digits of a village hold below those of its county.
const BELOW_COUNTY: u64 = 1_000_000;

impl Counties {
    /// Adds the county of a row.
    pub(crate) fn add(&mut self, digits: u64) {
        let county = digits / BELOW_COUNTY;
        if county != self.last {
            self.last = county;
            self.all.insert(county);
        }
    }

    /// Adds those of another list.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.all.extend(&other.all);
    }

    /// Whether the county of a row is among them.
    pub(crate) fn has(&self, digits: u64) -> bool {
        self.all.contains(&(digits / BELOW_COUNTY))
    }

    /// Every county.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.all.iter().copied()
    }

    /// Whether a county is among them.
    pub fn holds(&self, county: u64) -> bool {
        self.all.contains(&county)
    }
}
