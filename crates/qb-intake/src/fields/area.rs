//! Area names become codes: counties, towns and villages with their endings, former names and codes
//! (fault F11).

use std::collections::HashMap;

use qb_base::{AreaCode, AreaLevel, fold};
use qb_policy::Pack;

use super::{Issue, Reading};

/// Digits of the code of a village.
const VILLAGE_DIGITS: usize = 12;
/// Digits of an identity number of the form issued before 1999.
const OLD_ID_DIGITS: usize = 15;

/// One level's names below one parent.
type Names = HashMap<String, Found>;

/// What a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    One(AreaCode),
    Several,
}

/// All areas of the pack, by parent and name, plus aliases and successors known to the store.
#[derive(Clone, Debug)]
pub struct AreaIndex {
    exact: HashMap<AreaCode, Names>,
    loose: HashMap<AreaCode, Names>,
    aliases: HashMap<(AreaCode, String), AreaCode>,
    successors: HashMap<String, AreaCode>,
    names: HashMap<AreaCode, String>,
    root: AreaCode,
}

/// An alias confirmed by a clerk, or a former code.
#[derive(Clone, Debug)]
pub struct KnownAs {
    /// The area above.
    pub parent: AreaCode,
    /// Folded name.
    pub name_key: String,
    /// The area meant.
    pub code: AreaCode,
}

impl AreaIndex {
    /// Indexes the areas of a pack.
    pub fn new(pack: &Pack) -> Self {
        let mut index = Self {
            exact: HashMap::new(),
            loose: HashMap::new(),
            aliases: HashMap::new(),
            successors: HashMap::new(),
            names: HashMap::new(),
            root: pack.area,
        };
        for area in &pack.areas {
            let Some(parent) = area.parent.or_else(|| area.code.parent()) else { continue };
            add(index.exact.entry(parent).or_default(), fold::key(&area.name), area.code);
            add(
                index.loose.entry(parent).or_default(),
                loose_key(area.level, &area.name),
                area.code,
            );
            index.names.insert(area.code, area.name.clone());
        }
        index
    }

    /// Adds an alias.
    pub fn add_alias(&mut self, alias: KnownAs) {
        self.aliases.insert((alias.parent, alias.name_key), alias.code);
    }

    /// Adds a former code and the area that took over.
    pub fn add_successor(&mut self, code: &str, successor: AreaCode) {
        self.successors.insert(code.to_owned(), successor);
    }

    /// The area the pack is for.
    pub fn root(&self) -> AreaCode {
        self.root
    }

    /// The full name of an area, or its code.
    pub fn name(&self, code: &AreaCode) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_string())
    }

    /// Whether the code is an area of the pack.
    pub fn knows(&self, code: &AreaCode) -> bool {
        self.names.contains_key(code)
    }

    /// Whether fifteen digits are the code of a village and a number within it, and no identity
    /// number of the form issued before 1999, which has no check digit to tell.
    pub(crate) fn is_number_within(&self, number: &str) -> bool {
        let village = number.get(..VILLAGE_DIGITS).filter(|_| number.len() == OLD_ID_DIGITS);
        let village = village.and_then(|digits| AreaCode::parse(digits).ok());
        village.is_some_and(|village| self.knows(&village))
    }

    /// Finds the area of a level below `parent` by name or code.
    pub fn find(&self, parent: AreaCode, level: AreaLevel, name: &str) -> Reading<AreaCode> {
        if name.is_empty() {
            return Reading::Blank;
        }
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.by_code(parent, level, name);
        }
        let key = fold::key(name);
        if let Some(Found::One(code)) = self.exact.get(&parent).and_then(|names| names.get(&key)) {
            return Reading::Value(*code);
        }
        if let Some(code) = self.aliases.get(&(parent, key)) {
            return Reading::Repaired(*code, Issue::AreaAlias);
        }
        match self.loose.get(&parent).and_then(|names| names.get(&loose_key(level, name))) {
            Some(Found::One(code)) => Reading::Repaired(*code, Issue::AreaAlias),
            Some(Found::Several) => Reading::Fault(Issue::AreaAmbiguous),
            None => Reading::Fault(Issue::AreaUnknown),
        }
    }

    fn by_code(&self, parent: AreaCode, level: AreaLevel, digits: &str) -> Reading<AreaCode> {
        // Extensions of three or five digits tell urban from rural; the first twelve name the
        // village.
        let plain = match digits.len() {
            15 | 17 => digits.get(..12).unwrap_or(digits),
            _ => digits,
        };
        let fits = |code: &AreaCode| code.level() == level && parent.contains(code);
        let code = AreaCode::parse(plain).ok();
        if let Some(code) = code.filter(|code| self.knows(code) && fits(code)) {
            return if plain.len() == digits.len() {
                Reading::Value(code)
            } else {
                Reading::Repaired(code, Issue::AreaAlias)
            };
        }
        match self.successors.get(plain).filter(|code| fits(code)) {
            Some(code) => Reading::Repaired(*code, Issue::AreaAlias),
            None => Reading::Fault(Issue::AreaUnknown),
        }
    }
}

fn add(names: &mut Names, key: String, code: AreaCode) {
    names.entry(key).and_modify(|found| *found = Found::Several).or_insert(Found::One(code));
}

fn loose_key(level: AreaLevel, name: &str) -> String {
    if level == AreaLevel::Village { fold::village_key(name) } else { fold::unit_key(name) }
}

/// The three area cells of a row.
#[derive(Clone, Copy, Debug)]
pub struct AreaCells<'a> {
    /// County.
    pub county: &'a str,
    /// Town.
    pub town: &'a str,
    /// Village.
    pub village: &'a str,
}

/// Which of the three cells is at fault, with the area above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AreaFault {
    /// The level that could not be found.
    pub level: AreaLevel,
    /// The area above it.
    pub parent: AreaCode,
    /// What is wrong.
    pub issue: Issue,
}

/// A village and the levels that were recognised under another form of their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaFound {
    /// The village.
    pub code: AreaCode,
    /// Repaired levels.
    pub repaired: Vec<AreaLevel>,
}

impl AreaIndex {
    /// Finds the village named by county, town and village; blank cells are faults.
    ///
    /// # Errors
    /// The first level that cannot be found.
    pub fn village(&self, cells: AreaCells<'_>) -> Result<AreaFound, AreaFault> {
        let steps = [
            (AreaLevel::County, cells.county),
            (AreaLevel::Town, cells.town),
            (AreaLevel::Village, cells.village),
        ];
        let mut code = self.root;
        let mut repaired = Vec::new();
        for (level, name) in steps {
            let fault = |issue| AreaFault { level, parent: code, issue };
            code = match self.find(code, level, name) {
                Reading::Value(found) => found,
                Reading::Repaired(found, _) => {
                    repaired.push(level);
                    found
                }
                Reading::Fault(issue) => return Err(fault(issue)),
                Reading::Blank | Reading::Null => return Err(fault(Issue::Required)),
            };
        }
        Ok(AreaFound { code, repaired })
    }
}
