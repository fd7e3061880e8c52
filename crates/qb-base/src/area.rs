//! Statistical area codes: province 2, city 4, county 6, town 9, village 12 digits.

use std::fmt;

/// A level of the administrative hierarchy.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum AreaLevel {
    /// 省.
    Province,
    /// 市 (prefecture).
    City,
    /// 县, 区, 县级市, functional zone.
    County,
    /// 镇, 乡, 街道.
    Town,
    /// 村委会, 居委会.
    Village,
}

impl AreaLevel {
    /// Number of digits of a code on this level.
    pub const fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::City => 4,
            Self::County => 6,
            Self::Town => 9,
            Self::Village => 12,
        }
    }

    /// All levels, highest first.
    pub const ALL: [Self; 5] =
        [Self::Province, Self::City, Self::County, Self::Town, Self::Village];

    /// The name stored in the area table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Town => "town",
            Self::Village => "village",
        }
    }
}

/// An area code of 2, 4, 6, 9 or 12 digits; everything below it starts with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode {
    digits: [u8; 12],
    len: u8,
}

/// A text that is no area code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an area code has 2, 4, 6, 9 or 12 digits")]
pub struct AreaCodeFault;

impl AreaCode {
    /// Reads a code; only ASCII digits and the five lengths are accepted.
    pub fn parse(text: &str) -> Result<Self, AreaCodeFault> {
        let bytes = text.as_bytes();
        let known = AreaLevel::ALL.iter().any(|level| level.digits() == bytes.len());
        if !known || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(AreaCodeFault);
        }
        let mut digits = [0; 12];
        digits[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { digits, len: u8::try_from(bytes.len()).map_err(|_| AreaCodeFault)? })
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        crate::text::ascii(&self.digits[..usize::from(self.len)])
    }

    /// The level, told by the length.
    pub fn level(&self) -> AreaLevel {
        match self.len {
            2 => AreaLevel::Province,
            4 => AreaLevel::City,
            6 => AreaLevel::County,
            9 => AreaLevel::Town,
            _ => AreaLevel::Village,
        }
    }

    /// The code cut to a higher (or the same) level, or `None` if this code is above that level.
    pub fn at(&self, level: AreaLevel) -> Option<Self> {
        let len = level.digits();
        if len > usize::from(self.len) {
            return None;
        }
        let mut digits = [0; 12];
        digits[..len].copy_from_slice(&self.digits[..len]);
        Some(Self { digits, len: u8::try_from(len).ok()? })
    }

    /// The area directly above, or `None` for a province.
    pub fn parent(&self) -> Option<Self> {
        let above = match self.level() {
            AreaLevel::Province => return None,
            AreaLevel::City => AreaLevel::Province,
            AreaLevel::County => AreaLevel::City,
            AreaLevel::Town => AreaLevel::County,
            AreaLevel::Village => AreaLevel::Town,
        };
        self.at(above)
    }

    /// Whether the other area is this one or lies below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.as_str().starts_with(self.as_str())
    }

    /// The path from the province down to this area.
    pub fn path(&self) -> Vec<Self> {
        AreaLevel::ALL.iter().filter_map(|level| self.at(*level)).collect()
    }

    /// Bounds `low <= code < high` that select this area and all below in byte order.
    ///
    /// The upper bound ends in `:` (the byte after `9`), so no code lies beyond it.
    pub fn range(&self) -> (String, String) {
        (self.as_str().to_owned(), format!("{}:", self.as_str()))
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AreaCode({})", self.as_str())
    }
}

impl serde::Serialize for AreaCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for AreaCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
