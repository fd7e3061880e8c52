//! The heads of every layout, folded once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use qb_base::fold;
use qb_policy::{Column, ColumnKind, Layout, LayoutForm, Pack, Place};

use super::unit::Said;
use crate::error::IntakeError;
use crate::words::Words;

/// A layout whose heads can be looked up.
#[derive(Clone, Debug)]
pub struct LayoutIndex {
    /// The layout.
    pub layout: Arc<Layout>,
    /// The pack's words about tables.
    pub(crate) words: Arc<Words>,
    rows: HashMap<String, usize>,
    heads: HashMap<String, usize>,
}

/// A head that was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Position of the column in the layout.
    pub(crate) column: usize,
    /// What the head says about the unit of its amounts.
    pub(crate) said: Said,
}

impl LayoutIndex {
    /// Indexes all layouts of a pack.
    ///
    /// # Errors
    /// When the pack's words about tables cannot be used.
    pub fn all(pack: &Pack) -> Result<Vec<Self>, IntakeError> {
        let words = Words::of(pack)?;
        Ok(pack.layouts.iter().map(|layout| Self::new(layout, &words)).collect())
    }

    /// Indexes one layout of a pack.
    ///
    /// # Errors
    /// When the pack's words about tables cannot be used.
    pub fn one(pack: &Pack, id: &str) -> Result<Vec<Self>, IntakeError> {
        let words = Words::of(pack)?;
        Ok(pack.layout(id).map(|layout| Self::new(layout, &words)).into_iter().collect())
    }

    fn new(layout: &Layout, words: &Arc<Words>) -> Self {
        let (mut rows, mut heads) = (HashMap::new(), HashMap::new());
        let known = || layout.columns.iter().enumerate();
        let in_head =
            |column: &Column| layout.form == LayoutForm::Form && column.place == Place::Head;
        for (position, column) in known() {
            let target = if in_head(column) { &mut heads } else { &mut rows };
            for head in column.heads() {
                target.entry(fold::key(head)).or_insert(position);
            }
        }
        // A head of money is known without the unit it carries, where that is no other head.
        let mut stems: HashMap<String, Option<usize>> = HashMap::new();
        for (position, column) in known().filter(|(_, c)| is_money(c) && !in_head(c)) {
            for (stem, _) in column.heads().flat_map(|head| words.units.stems(&fold::key(head))) {
                let one = stems.entry(stem).or_insert(Some(position));
                *one = one.filter(|known| *known == position);
            }
        }
        for (stem, position) in stems {
            if let Some(position) = position {
                rows.entry(stem).or_insert(position);
            }
        }
        Self { layout: Arc::new(layout.clone()), words: words.clone(), rows, heads }
    }

    /// Recognises the head of a column.
    pub(crate) fn row_match(&self, key: &str) -> Option<Match> {
        self.find(&self.rows, key)
    }

    /// Whether a folded cell of the table's head says something to this layout.
    pub(crate) fn knows(&self, key: &str) -> bool {
        let has = |id: &String| self.layout.column(id).is_some();
        self.row_match(key).is_some()
            || self.words.joined(key).is_some_and(|columns| columns.iter().all(has))
    }

    /// Recognises the label of a field above a form's table.
    pub(crate) fn head_match(&self, key: &str) -> Option<Match> {
        self.find(&self.heads, key)
    }

    /// Whether a head is the one that the layout writes itself.
    pub(crate) fn is_label(&self, column: usize, key: &str) -> bool {
        let label = self.layout.columns.get(column).map(|column| fold::key(&column.label.zh));
        label.is_some_and(|label| self.words.units.stems(key).iter().any(|(s, _)| *s == label))
    }

    /// Labels of required columns of the table, except those given.
    pub(crate) fn required(&self, place: Place) -> impl Iterator<Item = (usize, &str)> {
        let form = self.layout.form == LayoutForm::Form;
        self.layout
            .columns
            .iter()
            .enumerate()
            .filter(move |(_, column)| column.required && (!form || column.place == place))
            .map(|(position, column)| (position, &*column.label.zh))
    }

    fn find(&self, known: &HashMap<String, usize>, key: &str) -> Option<Match> {
        self.words.units.stems(key).into_iter().find_map(|(stem, said)| {
            let column = *known.get(&stem)?;
            // A column of money that counts people or households is another column.
            let fits =
                said != Said::Other || !self.layout.columns.get(column).is_some_and(is_money);
            fits.then_some(Match { column, said })
        })
    }
}

/// Whether a column holds amounts of money.
pub(crate) fn is_money(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::MoneyYuan | ColumnKind::MoneyWanYuan)
}

/// The heads of the tables of all layouts together.
pub(crate) struct KnownHeads<'a> {
    heads: HashSet<&'a str>,
    words: Option<&'a Words>,
}

impl<'a> KnownHeads<'a> {
    pub(crate) fn of(layouts: &'a [LayoutIndex]) -> Self {
        Self {
            heads: layouts.iter().flat_map(|index| index.rows.keys().map(String::as_str)).collect(),
            words: layouts.first().map(|index| &*index.words),
        }
    }

    /// Whether some layout knows the head, or it stands for several columns together.
    pub(crate) fn contains(&self, key: &str) -> bool {
        let Some(words) = self.words.filter(|_| !key.is_empty()) else { return false };
        words.joined(key).is_some()
            || words.units.stems(key).iter().any(|(stem, _)| self.heads.contains(stem.as_str()))
    }
}
