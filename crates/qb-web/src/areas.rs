//! The areas in memory: names, paths, and search by name, pinyin and initials.

use std::collections::{BTreeMap, HashMap};

use qb_access::Scope;
use qb_base::{AreaCode, AreaLevel, fold};
use qb_registry::areas::alias;
use qb_registry::areas::known::{self, AreaRow, End};
use qb_store::Conn;

use crate::fault::Fault;
use crate::readings::{Fit, Readings, typed};

/// One area.
#[derive(Clone, Debug)]
pub(crate) struct AreaInfo {
    /// Its code.
    pub(crate) code: AreaCode,
    /// Its name.
    pub(crate) name: String,
    /// The name as it is compared: forms of one character folded.
    key: String,
    /// Other names, and those of areas that went into it.
    other_keys: Vec<String>,
    readings: Readings,
    /// How it ended; none of one that goes on.
    pub(crate) end: Option<End>,
}

/// All areas, with what finds those that go on.
#[derive(Default)]
pub(crate) struct AreaIndex {
    by_code: HashMap<AreaCode, AreaInfo>,
    ordered: Vec<AreaCode>,
    /// Those that ended, each with the one that took over.
    successors: BTreeMap<AreaCode, AreaCode>,
}

impl AreaIndex {
    /// Reads the areas, also those that ended: what was written down for one names it still.
    pub(crate) fn read(conn: &Conn) -> Result<Self, Fault> {
        let mut index = Self::default();
        for AreaRow { code, name, end, .. } in known::all(conn)? {
            let Ok(code) = AreaCode::parse(&code) else { continue };
            index.add(code, name, end);
        }
        let names = alias::list(conn, &Scope::system(), None)?;
        let kept = names.into_iter().filter(|alias| alias.until_on.is_none());
        let mut others: Vec<(AreaCode, String)> = kept
            .filter_map(|alias| Some((AreaCode::parse(&alias.means).ok()?, fold::key(&alias.name))))
            .collect();
        let ended = index.by_code.values().filter(|area| area.end.is_some());
        others.extend(ended.map(|area| (area.code, area.key.clone())));
        for (code, key) in others {
            let goes_on = index.goes_on(code);
            if let Some(area) = index.by_code.get_mut(&goes_on) {
                area.other_keys.push(key);
            }
        }
        Ok(index)
    }

    fn add(&mut self, code: AreaCode, name: String, end: Option<End>) {
        let (key, readings) = (fold::key(&name), Readings::of(&name));
        self.ordered.push(code);
        let successor = end.as_ref().and_then(|end| AreaCode::parse(&end.successor).ok());
        self.successors.extend(successor.map(|successor| (code, successor)));
        let other_keys = Vec::new();
        self.by_code.insert(code, AreaInfo { code, name, key, other_keys, readings, end });
    }

    /// The area that goes on from one; itself where it did not end.
    pub(crate) fn goes_on(&self, code: AreaCode) -> AreaCode {
        known::follow(&self.successors, code)
    }

    /// How an area ended; none of one that goes on or is unknown.
    pub(crate) fn end(&self, code: AreaCode) -> Option<&End> {
        self.by_code.get(&code)?.end.as_ref()
    }

    /// The name of an area; its code when it is not known.
    pub(crate) fn name(&self, code: AreaCode) -> String {
        self.by_code.get(&code).map_or_else(|| code.to_string(), |area| area.name.clone())
    }

    /// Whether the area exists.
    pub(crate) fn contains(&self, code: AreaCode) -> bool {
        self.by_code.contains_key(&code)
    }

    /// The areas directly below that go on.
    pub(crate) fn children(&self, code: AreaCode) -> Vec<&AreaInfo> {
        self.below(code)
            .filter(|child| child.parent() == Some(code))
            .filter_map(|child| self.by_code.get(child))
            .filter(|child| child.end.is_none())
            .collect()
    }

    fn below(&self, code: AreaCode) -> impl Iterator<Item = &AreaCode> {
        let start = self.ordered.partition_point(|other| *other.as_str() < *code.as_str());
        self.ordered[start..].iter().take_while(move |other| code.contains(other))
    }

    /// Areas that go on within the scope whose name, pinyin or initials hold the text, or that are
    /// called so besides; highest and shortest first.
    pub(crate) fn find(&self, scope: &Scope, text: &str, limit: usize) -> Vec<&AreaInfo> {
        let wanted = Wanted { key: fold::key(text), letters: typed(text) };
        if wanted.key.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(usize, &AreaInfo)> = self
            .by_code
            .values()
            .filter(|area| area.end.is_none() && scope.covers(area.code))
            .filter_map(|area| Some((area.rank(&wanted)?, area)))
            .collect();
        found.sort_by_key(|(rank, area)| {
            (*rank, area.code.level(), area.name.chars().count(), area.code)
        });
        found.into_iter().take(limit).map(|(_, area)| area).collect()
    }

    /// `徐州市 / 新沂市 / 阿湖镇`: the names above and including an area, from the city down.
    pub(crate) fn path_text(&self, code: AreaCode) -> String {
        let names: Vec<String> = code
            .path()
            .into_iter()
            .filter(|area| area.level() != AreaLevel::Province)
            .map(|area| self.name(area))
            .collect();
        names.join(" / ")
    }
}

/// A text that is looked for.
struct Wanted {
    key: String,
    letters: String,
}

impl AreaInfo {
    /// How well a text fits: 0 is best, `None` not at all.
    fn rank(&self, wanted: &Wanted) -> Option<usize> {
        let key = wanted.key.as_str();
        if self.key == key || self.code.as_str() == key {
            return Some(0);
        }
        if self.key.starts_with(key) {
            return Some(1);
        }
        if self.other_keys.iter().any(|other| other.starts_with(key)) {
            return Some(2);
        }
        match self.readings.fit(&wanted.letters) {
            Some(Fit::Initials) => Some(2),
            Some(Fit::First) => Some(3),
            Some(Fit::Other) => Some(4),
            None if self.code.as_str().starts_with(key) => Some(3),
            None => self.key.contains(key).then_some(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qb_access::Role;

    fn index(names: &[(&str, &str)]) -> AreaIndex {
        let mut index = AreaIndex::default();
        for (code, name) in names {
            index.add(AreaCode::parse(code).unwrap(), (*name).to_owned(), None);
        }
        index
    }

    fn sample() -> AreaIndex {
        index(&[
            ("3203", "徐州市"),
            ("320381", "新沂市"),
            ("320381115", "阿湖镇"),
            ("320381115206", "练马村村委会"),
            ("320382", "邳州市"),
        ])
    }

    #[test]
    fn an_area_is_found_by_name_pinyin_and_initials() {
        let index = sample();
        for text in ["练马", "練馬", "lianma", "lmc", "LMC", "320381115206"] {
            let found = index.find(&Scope::system(), text, 5);
            assert_eq!(found[0].code.as_str(), "320381115206", "{text}");
        }
    }

    #[test]
    fn a_search_finds_nothing_outside_the_scope() {
        let scope = Scope::new(Role::CountyOfficer, AreaCode::parse("320382").unwrap());
        assert!(sample().find(&scope, "练马", 5).is_empty());
        assert_eq!(sample().find(&scope, "邳州", 5).len(), 1);
    }

    #[test]
    fn an_area_that_ended_keeps_its_name_and_is_in_no_list() {
        let (mut index, new) = (index(&[("320381115", "阿湖镇")]), "320381115207");
        let end = End { on: "2016-06-01".to_owned(), successor: new.to_owned(), merger: None };
        let old = AreaCode::parse("320381115206").unwrap();
        index.add(old, "练马村村委会".to_owned(), Some(end));
        index.add(AreaCode::parse(new).unwrap(), "新河村村委会".to_owned(), None);
        assert!(index.find(&Scope::system(), "练马", 5).is_empty());
        assert_eq!(index.name(old), "练马村村委会");
        assert_eq!(index.goes_on(old).as_str(), new);
        let below = index.children(AreaCode::parse("320381115").unwrap());
        assert_eq!(below.iter().map(|area| area.code.as_str()).collect::<Vec<_>>(), [new]);
    }

    #[test]
    fn the_children_of_an_area_are_directly_below_it() {
        let index = sample();
        let city = AreaCode::parse("3203").unwrap();
        let names: Vec<&str> = index.children(city).iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["新沂市", "邳州市"]);
        assert_eq!(
            index.path_text(AreaCode::parse("320381115").unwrap()),
            "徐州市 / 新沂市 / 阿湖镇"
        );
    }
}
