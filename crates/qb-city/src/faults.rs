//! The mistakes planted in the files, each with the code of the catalogue and what a correct
//! importer makes of it.

use serde::{Deserialize, Serialize};

/// A mistake planted in the rows of one household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The head's number in the 15 digits of old.
    FifteenDigits,
    /// Full-width characters in the number.
    FullWidth,
    /// Blanks in the number.
    Blanks,
    /// An invisible character in the number.
    ZeroWidth,
    /// A leading apostrophe before the number.
    Apostrophe,
    /// O for 0 or I for 1 in the number.
    LookAlike,
    /// A small x at the end of the number.
    LowerCaseX,
    /// The number turned into a figure such as `1.1E+17`.
    NumberDamaged,
    /// The last three digits of the number lost to zeros.
    TrailingZeros,
    /// One digit mistyped.
    BadChecksum,
    /// A month 13 in the number.
    BadDate,
    /// A date written another way than in the rest of the file.
    DateVariant,
    /// Money written with unit, separators or words.
    MoneyText,
    /// The head's name in the income sheet with a variant character.
    NameVariant,
    /// A rare character of a name lost to a question mark.
    NameLost,
    /// A separator in a name that is not the standard one.
    DottedName,
    /// A village with another ending than in the list.
    VillageVariant,
    /// A village nobody knows.
    UnknownVillage,
    /// No name.
    MissingName,
    /// A declared number of members that differs from the rows.
    DeclaredCount,
    /// A label written another way than in the rest of the file.
    LabelVariant,
    /// A member who is registered in another household as well.
    DuplicatePerson,
    /// The same income sheet in both years.
    SameIncome,
    /// No head, or two.
    HeadUnclear,
    /// A daughter entered as son, or a son as daughter.
    RelationSex,
    /// A pupil in a grade far from the age.
    GradeAge,
    /// A pupil with finished education.
    SchoolingBoth,
    /// An adult without education.
    SchoolingBlank,
    /// A healthy child out of school for illness.
    TruantHealthy,
    /// Illness as the main cause although everybody is healthy.
    CauseUnfounded,
    /// An income per head in the register that is not the sheet's.
    ReportedIncome,
    /// Wages of a few yuan a year.
    SmallWage,
    /// Costs above income.
    NegativeIncome,
}

/// What a correct importer makes of a planted mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// The row is taken and the repair recorded.
    Repaired,
    /// The row is taken as it is read, nothing to record.
    Accepted,
    /// The row is taken with a warning.
    Warned,
    /// The row is taken; a later check over all rows finds it.
    Lead,
    /// The row is refused; the corrected row comes later.
    RefusedThenCorrected,
    /// The row is refused for good: the person is in the register once already.
    Refused,
}

impl Fault {
    /// The code of the fault catalogue or of the national checks; a word for mistakes that have
    /// none there.
    pub fn code(self) -> &'static str {
        match self {
            Self::FifteenDigits => "F1",
            Self::FullWidth | Self::Blanks | Self::ZeroWidth | Self::Apostrophe => "F2",
            Self::LookAlike | Self::LowerCaseX => "F3",
            Self::NumberDamaged | Self::TrailingZeros => "F4",
            Self::BadChecksum | Self::BadDate => "ID",
            Self::DateVariant => "F5",
            Self::MoneyText => "F6",
            Self::NameVariant | Self::NameLost => "F9",
            Self::DottedName => "F10",
            Self::VillageVariant => "F11",
            Self::UnknownVillage => "AREA",
            Self::MissingName => "REQUIRED",
            Self::DeclaredCount | Self::HeadUnclear => "F12",
            Self::LabelVariant => "F13",
            Self::DuplicatePerson => "F14",
            Self::SameIncome => "F17",
            Self::RelationSex => "2_01_004",
            Self::GradeAge => "pupil_age",
            Self::SchoolingBoth => "3_01_003",
            Self::SchoolingBlank => "3_01_002",
            Self::TruantHealthy => "2_01_012",
            Self::CauseUnfounded => "5_15_015",
            Self::ReportedIncome => "declared_gap",
            Self::SmallWage => "5_15_023",
            Self::NegativeIncome => "negative_income",
        }
    }

    /// Whether the mistake needs a child of the age of compulsory school.
    pub(crate) fn needs_pupil(self) -> bool {
        matches!(self, Self::GradeAge | Self::SchoolingBoth | Self::TruantHealthy)
    }

    /// What becomes of the row.
    pub fn expectation(self) -> Expectation {
        match self {
            Self::FifteenDigits
            | Self::FullWidth
            | Self::Blanks
            | Self::ZeroWidth
            | Self::Apostrophe
            | Self::LookAlike
            | Self::LowerCaseX
            | Self::MoneyText => Expectation::Repaired,
            Self::DateVariant
            | Self::NameVariant
            | Self::DottedName
            | Self::VillageVariant
            | Self::LabelVariant => Expectation::Accepted,
            Self::DeclaredCount | Self::HeadUnclear | Self::NameLost => Expectation::Warned,
            Self::SameIncome
            | Self::RelationSex
            | Self::GradeAge
            | Self::SchoolingBoth
            | Self::SchoolingBlank
            | Self::TruantHealthy
            | Self::CauseUnfounded
            | Self::ReportedIncome
            | Self::SmallWage
            | Self::NegativeIncome => Expectation::Lead,
            Self::NumberDamaged
            | Self::TrailingZeros
            | Self::BadChecksum
            | Self::BadDate
            | Self::UnknownVillage
            | Self::MissingName => Expectation::RefusedThenCorrected,
            Self::DuplicatePerson => Expectation::Refused,
        }
    }
}

/// A mistake as it was planted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// The kind of mistake.
    pub fault: Fault,
    /// Its code in the catalogue.
    pub code: String,
    /// What a correct importer makes of it.
    pub expect: Expectation,
    /// The file, relative to the raw folder.
    pub file: String,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sheet: Option<String>,
    /// The row, counted from 1 as the clerk sees it.
    pub row: u32,
    /// The label of the column.
    pub column: String,
    /// The household whose row it is.
    pub household_no: String,
}
