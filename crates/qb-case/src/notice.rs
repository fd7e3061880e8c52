//! The public notice: what everyone may read, by type nothing else.
//!
//! There is no field for an identity number, a phone, an account or an illness. The name of the
//! head can only be made masked; places are names without digit runs; what the notice is for is
//! the machine's name, never a cause. Two households of one mask are told apart by their group.

use qb_base::{AreaCode, Date, Lang, Text, mask};

/// More people than any household has.
const HOUSEHOLD_SIZE_MAX: u16 = 30;
/// Characters of a place's name.
const PLACE_CHARS_MAX: usize = 40;
/// Digits a place's name may hold: a house number, not a telephone.
const PLACE_DIGITS_MAX: usize = 4;

/// A name of which only the family name is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MaskedName(String);

impl MaskedName {
    fn new(full: &str) -> Result<Self, Text> {
        let full = full.trim();
        let is_letter = |c: char| c.is_alphabetic() || c == '*';
        if !full.chars().next().is_some_and(is_letter) {
            return Err(Text::fixed(
                "公示上的户主姓名要以姓氏开头",
                "the head's name on a public notice begins with the family name",
            ));
        }
        Ok(Self(mask::name(full)))
    }
}

/// The name of a place: a village, a group, an office.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PlaceName(String);

impl PlaceName {
    fn new(name: &str) -> Result<Self, Text> {
        let name = name.trim();
        let digits = name.chars().filter(|c| c.is_numeric()).count();
        let is_bad = name.is_empty()
            || name.chars().count() > PLACE_CHARS_MAX
            || digits > PLACE_DIGITS_MAX
            || name.chars().any(char::is_control);
        if is_bad {
            return Err(Text::fixed(
                "公示上的地点只写名称,不写电话等号码,不超过40字",
                "a place on a public notice is a name of 40 characters at most, without a number",
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

/// What the office that posts a notice tells of it.
#[derive(Clone, Copy, Debug)]
pub struct NoticeFacts<'a> {
    /// Name of the village or other area.
    pub area_name: &'a str,
    /// The villagers' group.
    pub group: Option<&'a str>,
    /// The head's name; only its mask is kept.
    pub head: &'a str,
    /// Members of the household.
    pub household_size: u16,
    /// The office where one objects.
    pub object_at: &'a str,
}

/// A public notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicNotice {
    area: AreaCode,
    area_name: PlaceName,
    group: Option<PlaceName>,
    head: MaskedName,
    household_size: u16,
    purpose: Text,
    posted_on: Date,
    until_on: Date,
    object_at: PlaceName,
}

impl PublicNotice {
    /// Makes a notice; `purpose` is the name of the machine whose step posted it.
    ///
    /// # Errors
    /// What a field holds that a notice may not.
    pub fn new(
        area: AreaCode,
        purpose: Text,
        (posted_on, until_on): (Date, Date),
        facts: &NoticeFacts<'_>,
    ) -> Result<Self, Text> {
        if !(1..=HOUSEHOLD_SIZE_MAX).contains(&facts.household_size) {
            return Err(Text::fixed(
                "公示上的家庭人口应在1到30之间",
                "the size of a household on a public notice lies between 1 and 30",
            ));
        }
        Ok(Self {
            area,
            area_name: PlaceName::new(facts.area_name)?,
            group: facts.group.map(PlaceName::new).transpose()?,
            head: MaskedName::new(facts.head)?,
            household_size: facts.household_size,
            purpose,
            posted_on,
            until_on,
            object_at: PlaceName::new(facts.object_at)?,
        })
    }

    /// Where it is posted.
    pub fn area(&self) -> AreaCode {
        self.area
    }

    /// The villagers' group.
    pub fn group(&self) -> Option<&str> {
        self.group.as_ref().map(|group| group.0.as_str())
    }

    /// The head's masked name.
    pub fn head(&self) -> &str {
        &self.head.0
    }

    /// Members of the household.
    pub fn household_size(&self) -> u16 {
        self.household_size
    }

    /// The office where one objects.
    pub fn object_at(&self) -> &str {
        &self.object_at.0
    }

    /// Whether it may be shown on a day; a notice that has run out is taken down.
    pub fn stands_on(&self, day: Date) -> bool {
        self.posted_on <= day && day <= self.until_on
    }

    /// The notice as it is printed.
    pub fn print(&self, lang: Lang) -> String {
        let (purpose, size) = (self.purpose.get(lang), self.household_size);
        let (from, until) = (self.posted_on, self.until_on);
        let (place, office) = (&self.area_name.0, &self.object_at.0);
        let head = &self.head.0;
        match lang {
            Lang::Zh => {
                let group: String = self.group().into_iter().flat_map(|name| [" ", name]).collect();
                format!(
                    "公示\n\n事项:{purpose}\n地点:{place}{group}\n户主:{head}\n家庭人口:{size}人\n\
                     公示时间:{from}至{until}\n\n如有异议,请在公示期内向{office}反映。\n"
                )
            }
            Lang::En => {
                let group: String =
                    self.group().into_iter().flat_map(|name| [", ", name]).collect();
                format!(
                    "Public notice\n\nAbout: {purpose}\nPlace: {place}{group}\nHead: {head}\n\
                     Household of {size}\nPosted from {from} until {until}\n\n\
                     Objections are taken by {office} as long as this notice stands.\n"
                )
            }
        }
    }
}
