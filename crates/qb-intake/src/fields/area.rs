//! Area names become codes: counties, towns and villages with their endings, former names and codes
//! (fault F11).

use std::collections::HashMap;

use qb_base::{AreaCode, AreaLevel, Date, fold};
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

/// Areas that took over one after another, at most.
const SUCCESSORS_MAX: usize = 32;

/// An area that took over from another.
#[derive(Clone, Debug)]
struct Successor {
    code: AreaCode,
    /// The first day on which it did.
    since: String,
}

/// All areas of the pack, by parent and name, plus aliases and successors known to the store.
#[derive(Clone, Debug)]
pub struct AreaIndex {
    exact: HashMap<AreaCode, Names>,
    loose: HashMap<AreaCode, Names>,
    aliases: HashMap<(AreaCode, String), AreaCode>,
    successors: HashMap<String, Successor>,
    /// Names of areas that ended, below the area in which their successors lie.
    former: HashMap<AreaCode, Names>,
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
            former: HashMap::new(),
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

    /// Adds codes of areas that ended, each with the one that took over and the first day on which
    /// it did.
    pub fn add_successors(&mut self, ended: impl IntoIterator<Item = (String, AreaCode, String)>) {
        for (code, successor, since) in ended {
            self.successors.insert(code, Successor { code: successor, since });
        }
        let ended = self.successors.keys().filter_map(|code| AreaCode::parse(code).ok());
        let named = ended.filter_map(|code| Some((code, self.names.get(&code)?)));
        let mut former: HashMap<AreaCode, Names> = HashMap::new();
        for (code, name) in named {
            let goes_on = self.goes_on(code);
            let Some(parent) = goes_on.parent() else { continue };
            add(former.entry(parent).or_default(), loose_key(code.level(), name), goes_on);
        }
        self.former = former;
    }

    /// The area that goes on from one; itself where it did not end.
    pub fn goes_on(&self, code: AreaCode) -> AreaCode {
        self.follow(code, |_| true)
    }

    /// The area that was there on a day in the place of one that may have ended.
    pub fn stood_on(&self, code: AreaCode, day: Date) -> AreaCode {
        let day = day.to_string();
        self.follow(code, |since| since <= day.as_str())
    }

    fn follow(&self, code: AreaCode, counts: impl Fn(&str) -> bool) -> AreaCode {
        let next = |code: &AreaCode| {
            let next = self.successors.get(code.as_str()).filter(|next| counts(&next.since));
            next.map(|next| next.code)
        };
        std::iter::successors(Some(code), next).take(SUCCESSORS_MAX).last().unwrap_or(code)
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

    /// Finds the area of a level below `parent` by name or code, also one that ended: who asks says
    /// with [`Self::goes_on`] or [`Self::stood_on`] which one is meant.
    pub fn find(&self, parent: AreaCode, level: AreaLevel, name: &str) -> Reading<AreaCode> {
        if name.is_empty() {
            return Reading::Blank;
        }
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.by_code(parent, level, name);
        }
        let here = self.by_name(parent, level, name);
        if !matches!(here, Reading::Fault(Issue::AreaUnknown)) {
            return here;
        }
        // Its parts lie in the area that took over, or its name is that of one that ended there.
        let goes_on = self.goes_on(parent);
        let there = match goes_on == parent {
            true => Reading::Fault(Issue::AreaUnknown),
            false => self.by_name(goes_on, level, name),
        };
        match there {
            Reading::Value(code) | Reading::Repaired(code, _) => {
                Reading::Repaired(code, Issue::AreaAlias)
            }
            _ => {
                match self.former.get(&goes_on).and_then(|names| names.get(&loose_key(level, name)))
                {
                    Some(Found::One(code)) => Reading::Repaired(*code, Issue::AreaAlias),
                    Some(Found::Several) => Reading::Fault(Issue::AreaAmbiguous),
                    None => there,
                }
            }
        }
    }

    fn by_name(&self, parent: AreaCode, level: AreaLevel, name: &str) -> Reading<AreaCode> {
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
        let (now, goes_on) = (parent, self.goes_on(parent));
        let fits = |code: &AreaCode| {
            code.level() == level && (now.contains(code) || goes_on.contains(code))
        };
        let code = AreaCode::parse(plain).ok();
        if let Some(code) = code.filter(|code| self.knows(code) && fits(code)) {
            return if plain.len() == digits.len() {
                Reading::Value(code)
            } else {
                Reading::Repaired(code, Issue::AreaAlias)
            };
        }
        // A code that the pack no longer has.
        let successor = self.successors.get(plain).map(|next| self.goes_on(next.code));
        match successor.filter(fits) {
            Some(code) => Reading::Repaired(code, Issue::AreaAlias),
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

impl AreaFound {
    /// The same row where the village may have ended: another is meant then, under another name.
    pub fn meaning(mut self, code: AreaCode) -> Self {
        if code != self.code {
            self.code = code;
            self.repaired.retain(|level| *level != AreaLevel::Village);
            self.repaired.push(AreaLevel::Village);
        }
        self
    }
}

impl AreaIndex {
    /// Finds the village named by county, town and village, also one that ended; blank cells are
    /// faults.
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
