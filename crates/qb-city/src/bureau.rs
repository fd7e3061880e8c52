//! The departments of city and counties: what they know in common when they write their lists.

use serde::Deserialize;

use crate::areas::Area;
use crate::calendar::Calendar;
use crate::county::Shared;
use crate::desk::{Desk, ListTruth, Map, Mistakes, Parcel, Spot, Value, day_of};
use crate::dice::Dice;
use crate::error::{CityError, Result};
use crate::model::{Format, Model, Names};
use crate::naming::{self, Bearer};
use crate::plan::City;
use crate::truth::{FileTruth, LedgerTruth};
use crate::works::benefit::YieldProjects;
use crate::{money, offices, reviews, services, villages, works};

const MODEL: &str = include_str!("../model/departments.toml");

/// The description of what departments write; data lies in `model/departments.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Departments {
    mistakes: Mistakes,
    pub(crate) offices: offices::Model,
    pub(crate) works: works::Model,
    pub(crate) villages: villages::Model,
    pub(crate) money: money::Model,
    pub(crate) services: services::Model,
    pub(crate) reviews: reviews::Model,
}

/// What every list may look at.
pub(crate) struct Bureau<'a> {
    pub(crate) map: &'a Map,
    pub(crate) names: &'a Names,
    pub(crate) city: &'a City,
    pub(crate) year: i16,
    pub(crate) calendar: Calendar<'a>,
    /// The description of the register, which knows the full city.
    pub(crate) register: &'a Model,
    pub(crate) model: &'a Departments,
    /// Ledgers of the weak villages in the order of their codes.
    pub(crate) ledgers: &'a [LedgerTruth],
    pub(crate) yields: &'a YieldProjects,
    formats: Vec<Format>,
}

impl Bureau<'_> {
    /// The format of a county's lists; a county without a register writes workbooks.
    pub(crate) fn format(&self, county: usize) -> Format {
        self.formats.get(county).copied().unwrap_or(Format::Xlsx)
    }

    /// A number of the full city in proportion to the weak villages that this one has.
    pub(crate) fn of_weak(&self, full: usize, least: usize) -> usize {
        self.city.of_weak(self.register, full, least)
    }

    /// An amount for all weak villages of the full city, for those that this one has.
    pub(crate) fn fen_of_weak(&self, full: i64) -> i64 {
        let (part, whole) = (self.city.weak_villages(), self.register.totals.weak_villages.max(1));
        full * part as i64 / whole as i64
    }

    /// Counties with registered households, each as a place; the others have nobody to help.
    pub(crate) fn helping_counties(&self) -> Vec<Spot> {
        let registered = |spot: &Spot| {
            let villages = self.map.village_spots(spot.county);
            villages.filter_map(|v| self.map.village(v)).any(|village| village.households > 0)
        };
        self.map.county_spots().filter(registered).collect()
    }

    /// The first working day from so many days after New Year's Eve on.
    pub(crate) fn office_day(&self, day: i64) -> Value {
        self.calendar.office_value(day_of(self.year, day))
    }

    /// A parcel of a county.
    pub(crate) fn parcel<'p>(&'p self, folder: &'p str, county: usize, what: &str) -> Parcel<'p> {
        let area = &self.map.counties[county];
        Parcel {
            folder,
            name: format!("{}_{}{what}", area.code, area.name),
            from: &area.name,
            format: self.format(county),
        }
    }

    /// A name as a person in office bears it.
    pub(crate) fn name(&self, dice: &mut Dice) -> String {
        use qb_base::resident::Sex;
        let bearer = Bearer {
            surname: naming::surname(self.names, dice),
            sex: if dice.mille(810) { Sex::Male } else { Sex::Female },
            birth_year: dice.between(1958, 1990),
            shared: None,
            husband: None,
        };
        naming::full(self.names, &bearer, dice)
    }

    /// A place's name as it stands in titles and names of projects.
    pub(crate) fn title(&self, spot: Spot) -> String {
        let [county, town, village] = self.map.cells(spot);
        match (town.as_text(), village.as_text()) {
            ("", _) => county.as_text().to_owned(),
            (town, "") => town.to_owned(),
            (town, village) => format!("{town}{}", crate::places::short(village)),
        }
    }
}

/// A parcel of the city's own offices.
pub(crate) fn of_city<'p>(folder: &'p str, name: &str, format: Format) -> Parcel<'p> {
    Parcel { folder, name: name.to_owned(), from: "徐州市", format }
}

/// Writes the lists of all departments.
pub(crate) fn write(
    shared: Shared<'_>,
    areas: &[Area],
    ledgers: &[LedgerTruth],
) -> Result<(Vec<FileTruth>, ListTruth)> {
    let model: Departments =
        toml::from_str(MODEL).map_err(|error| CityError::Model(error.to_string()))?;
    let size = |shape: u8| u64::from(shared.model.shape[usize::from(shape)].size());
    let map = Map::draw(areas, shared.city, size);
    let format_of = |code: &str| {
        let style = shared.model.county.iter().find(|county| county.code == code);
        style.map_or(Format::Xlsx, |style| style.register)
    };
    let bureau = Bureau {
        formats: map.counties.iter().map(|county| format_of(&county.code)).collect(),
        map: &map,
        names: shared.names,
        city: shared.city,
        year: shared.model.year,
        calendar: shared.calendar,
        register: shared.model,
        model: &model,
        ledgers,
        yields: shared.projects,
    };
    let mut desk = Desk {
        raw: shared.raw,
        seed: shared.city.seed,
        mistakes: model.mistakes,
        files: Vec::new(),
        truth: ListTruth::default(),
    };
    let projects = works::write(&mut desk, &bureau)?;
    offices::write(&mut desk, &bureau, &projects)?;
    villages::write(&mut desk, &bureau)?;
    money::write(&mut desk, &bureau, &projects)?;
    services::write(&mut desk, &bureau)?;
    reviews::write(&mut desk, &bureau)?;
    Ok((desk.files, desk.truth))
}
