//! The areas of a pack.

use qb_base::{AreaCode, AreaLevel, Text};

/// One area of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its statistical code.
    pub code: AreaCode,
    /// Its full name, such as 练马村委会.
    pub name: String,
    /// What it is called in English, such as Lianma village: its name as places are read aloud.
    pub english: String,
    /// Its level.
    pub level: AreaLevel,
    /// The area above it.
    pub parent: Option<AreaCode>,
}

impl Area {
    /// Its name in both languages.
    pub fn named(&self) -> Text {
        Text::new(self.name.clone(), self.english.clone())
    }

    /// Its name where a reader goes on to rows that hold the Chinese one: English has both.
    pub fn named_both(&self) -> Text {
        Text::new(self.name.clone(), format!("{} {}", self.english, self.name))
    }
}
