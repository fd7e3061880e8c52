//! Writes a whole city: counties side by side, then what the city office sends, then the truth.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use qb_base::WorkingCalendar;

use crate::areas::Area;
use crate::bureau;
use crate::calendar::Calendar;
use crate::city_lists;
use crate::county::{self, CountyTruth, Shared};
use crate::error::{CityError, Result};
use crate::ground;
use crate::household;
use crate::identity::Registrar;
use crate::ledger::{self, Keeper};
use crate::model::{Format, Model, Names};
use crate::people::{self, AidDone, outsiders};
use crate::plan::City;
use crate::truth::{FileTruth, Summary, Truth};
use crate::works::benefit::YieldProjects;

/// The scale of a full-size city in millionths.
pub const FULL_SCALE_PPM: u64 = 1_000_000;
/// The largest city: seven million people; beyond it, days run out of identity numbers.
const SCALE_PPM_MAX: u64 = 10 * FULL_SCALE_PPM;
/// Counties written at a time; each holds at most a town's workbook in memory.
const WORKERS: usize = 2;

/// What to write and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of raw files; made if missing.
    pub out: PathBuf,
    /// The truth file, outside of `out`.
    pub truth: PathBuf,
    /// Size in millionths of the full city ([`FULL_SCALE_PPM`]).
    pub scale_ppm: u64,
    /// Seed; another seed gives other people.
    pub seed: u64,
    /// The official areas (see [`crate::parse_areas`]).
    pub areas: Vec<Area>,
    /// The days on which offices work (see [`crate::parse_calendar`]).
    pub calendar: WorkingCalendar,
    /// The year of the register; the city knows 2016.
    pub year: i16,
}

/// Writes the raw files and the truth.
///
/// `progress` hears what is being written, how many households are done, and how many there are.
///
/// A folder that holds an earlier city (its truth file says so) is cleared of it first.
///
/// # Errors
/// When the folder holds other files, the areas lack a place the city needs, the scale is too
/// small or too large, or a file cannot be written.
pub fn generate(options: &Options, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Summary> {
    let (model, names) = (Model::load()?, Names::load()?);
    check(options, &model)?;
    let mut city = City::plan(&model, &options.areas, options.seed, options.scale_ppm)?;
    // Only the lists of its own time: the files of a seed stay as they are when a pack gets more.
    let working = options.calendar.of_years(model.year, model.year.saturating_add(1));
    let calendar = Calendar { year: model.year, working: &working };
    city.newcomers = people::newcomers(&city, calendar)?;
    ground::clear(options)?;
    write_truth(&options.truth, &Truth { unfinished: true, ..Truth::default() })?;
    let nobody = BTreeMap::new();
    let projects = YieldProjects::lay(&city, city.yield_projects(&model));
    let mut shared = Shared {
        raw: &options.out,
        model: &model,
        names: &names,
        city: &city,
        twice_listed: &nobody,
        projects: &projects,
        calendar,
    };
    let twice_listed = twice_listed(&shared)?;
    shared.twice_listed = &twice_listed;
    let counties = write_counties(shared, progress)?;
    let truth = finish(shared, counties, options)?;
    Ok(Summary {
        files: truth.files.len() as u64,
        households: truth.totals.households,
        people: truth.totals.people,
        weak_villages: truth.totals.weak_villages,
        planted: (truth.planted.len() + truth.lists.mistakes.len()) as u64,
    })
}

fn check(options: &Options, model: &Model) -> Result<()> {
    if options.year != model.year {
        return Err(CityError::Options(format!(
            "the city is described for {}, not {}",
            model.year, options.year
        )));
    }
    if options.scale_ppm > SCALE_PPM_MAX {
        return Err(CityError::Options("the scale must not exceed 10".into()));
    }
    if options.truth.starts_with(&options.out) {
        return Err(CityError::Options("the truth file must lie outside the raw folder".into()));
    }
    Ok(())
}

/// Numbers of heads who are listed in a second household, which another county may have to write.
fn twice_listed(shared: &Shared<'_>) -> Result<BTreeMap<usize, String>> {
    let mut registrar = Registrar::default();
    let mut numbers = BTreeMap::new();
    for victim in shared.city.slots.iter().filter_map(|slot| slot.hosts) {
        let Some(context) = shared.context_of(victim) else { continue };
        let household = household::make(&context, victim);
        let Some(head) = household.members.first() else { continue };
        let number = household::twice_listed_number(&context, victim, head, &mut registrar)?;
        numbers.insert(victim, number);
    }
    Ok(numbers)
}

/// Writes counties on a few threads; the largest begin first, results keep the order of the
/// codes.
fn write_counties(
    shared: Shared<'_>,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<Vec<CountyTruth>> {
    let plans = &shared.city.counties;
    let mut order: Vec<usize> = (0..plans.len()).collect();
    let workbook = |i: &usize| shared.model.county[plans[*i].style].register == Format::Xlsx;
    order.sort_by_key(|i| {
        std::cmp::Reverse(plans[*i].slots().len() * if workbook(i) { 8 } else { 1 })
    });
    let total = shared.city.slots.len() as u64;
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<Result<CountyTruth>>> = plans.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..WORKERS {
            let (sender, next, order) = (sender.clone(), &next, &order);
            scope.spawn(move || {
                while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut tell =
                        |households| drop(sender.send((*index, Message::Done(households))));
                    let result = county::write(shared, &plans[*index], &mut tell);
                    drop(sender.send((*index, Message::Finished(Box::new(result)))));
                }
            });
        }
        drop(sender);
        let mut done = 0;
        for (index, message) in receiver {
            match message {
                Message::Done(households) => {
                    done += households;
                    progress(&plans[index].area.name, done, total);
                }
                Message::Finished(result) => results[index] = Some(*result),
            }
        }
    });
    results
        .into_iter()
        .map(|result| {
            result.unwrap_or_else(|| Err(CityError::Options("a county was not written".into())))
        })
        .collect()
}

enum Message {
    Done(u64),
    Finished(Box<Result<CountyTruth>>),
}

/// Writes the files of villages and city office, then the truth.
fn finish(shared: Shared<'_>, counties: Vec<CountyTruth>, options: &Options) -> Result<Truth> {
    let mut truth = Truth {
        seed: options.seed,
        scale_ppm: options.scale_ppm,
        year: shared.model.year,
        ..Truth::default()
    };
    let mut aid = AidDone::default();
    for county in counties {
        aid.payments += county.aid.payments;
        aid.fen += county.aid.fen;
        truth.totals.add(&county.totals);
        truth.villages.extend(county.villages);
        truth.files.extend(county.files);
        truth.planted.extend(county.planted);
    }
    let keepers = keepers(shared.city);
    truth.ledgers = ledger::write(shared.raw, shared.model, shared.city, &keepers)?;
    truth.files.extend(truth.ledgers.iter().map(|ledger| FileTruth {
        file: ledger.file.clone(),
        layout: "village_ledger".to_owned(),
        rows: 1,
        traits: Vec::new(),
        untraced: 0,
    }));
    truth.files.push(city_lists::weak_villages(shared.raw, shared.model, &keepers)?);
    truth.files.push(city_lists::reference(shared.raw)?);
    let (files, lists) = bureau::write(shared, &options.areas, &truth.ledgers)?;
    truth.files.extend(files);
    truth.lists = lists;
    truth.files.push(outsiders::write(shared.raw, shared.city, shared.calendar, aid)?);
    for planted in &truth.planted {
        *truth.planted_by_code.entry(planted.code.clone()).or_default() += 1;
        *truth.planted_by_expectation.entry(planted.expect).or_default() += 1;
    }
    write_truth(&options.truth, &truth)?;
    Ok(truth)
}

/// Weak villages in the order of their codes.
pub(crate) fn keepers(city: &City) -> Vec<Keeper<'_>> {
    let mut keepers = Vec::new();
    for county in &city.counties {
        for plan in county.villages.iter().filter(|v| v.weak) {
            let town = &county.area.towns[plan.town];
            let village = &town.villages[plan.village];
            keepers.push(Keeper {
                code: village.code.as_str(),
                county: &county.area.name,
                town: &town.name,
                name: &village.name,
                projects: city.slots[plan.slots.clone()].iter().any(|slot| slot.yield_fen > 0),
            });
        }
    }
    keepers
}

fn write_truth(path: &Path, truth: &Truth) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(CityError::io(folder))?;
    }
    let file = std::fs::File::create(path).map_err(CityError::io(path))?;
    serde_json::to_writer(std::io::BufWriter::new(file), truth)
        .map_err(|error| CityError::io(path)(std::io::Error::other(error)))
}
