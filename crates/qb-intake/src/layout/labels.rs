//! The heads of every layout, folded once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use qb_base::fold;
use qb_policy::{Layout, LayoutForm, Pack, Place};

/// Endings of heads that name a unit.
const UNITS: &[(&str, i32)] =
    &[("(万元)", 4), ("(元)", 0), ("(元/人)", 0), ("(元/年)", 0), ("(人)", 0), ("万元", 4)];

/// A layout whose heads can be looked up.
#[derive(Clone, Debug)]
pub struct LayoutIndex {
    /// The layout.
    pub layout: Arc<Layout>,
    rows: HashMap<String, usize>,
    heads: HashMap<String, usize>,
}

/// A head that was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Position of the column in the layout.
    pub(crate) column: usize,
    /// 4 where the head says 万元 and the layout's own head doesn't.
    pub(crate) unit: i32,
}

impl LayoutIndex {
    /// Indexes all layouts of a pack.
    pub fn all(pack: &Pack) -> Vec<Self> {
        pack.layouts.iter().map(Self::new).collect()
    }

    /// Indexes one layout.
    pub fn new(layout: &Layout) -> Self {
        let (mut rows, mut heads) = (HashMap::new(), HashMap::new());
        for (position, column) in layout.columns.iter().enumerate() {
            let in_head = layout.form == LayoutForm::Form && column.place == Place::Head;
            let target = if in_head { &mut heads } else { &mut rows };
            for head in column.heads() {
                target.entry(fold::key(head)).or_insert(position);
            }
        }
        Self { layout: Arc::new(layout.clone()), rows, heads }
    }

    /// Recognises the head of a column.
    pub(crate) fn row_match(&self, key: &str) -> Option<Match> {
        find(&self.rows, key)
    }

    /// Recognises the label of a field above a form's table.
    pub(crate) fn head_match(&self, key: &str) -> Option<Match> {
        find(&self.heads, key)
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
}

fn find(known: &HashMap<String, usize>, key: &str) -> Option<Match> {
    stems(key)
        .find_map(|(stem, unit)| known.get(stem).map(|column| Match { column: *column, unit }))
}

/// A head as it stands, then without the endings that name a unit.
fn stems(key: &str) -> impl Iterator<Item = (&str, i32)> {
    let plain = key.trim_matches(['*', ':', '：', '﹡']);
    let whole = (!plain.is_empty()).then_some((plain, 0));
    let without =
        UNITS.iter().filter_map(move |(ending, unit)| Some((plain.strip_suffix(ending)?, *unit)));
    whole.into_iter().chain(without.filter(move |_| whole.is_some()))
}

/// The heads of the tables of all layouts together.
pub(crate) struct KnownHeads<'a>(HashSet<&'a str>);

impl<'a> KnownHeads<'a> {
    pub(crate) fn of(layouts: &'a [LayoutIndex]) -> Self {
        Self(layouts.iter().flat_map(|index| index.rows.keys().map(String::as_str)).collect())
    }

    /// Whether some layout knows the head.
    pub(crate) fn contains(&self, key: &str) -> bool {
        stems(key).any(|(stem, _)| self.0.contains(stem))
    }
}
