//! Names as people of a generation, sex and family bear them.

use qb_base::resident::Sex;

use crate::dice::Dice;
use crate::model::{Given, Names};

/// A surname by frequency.
pub(crate) fn surname<'n>(names: &'n Names, dice: &mut Dice) -> &'n str {
    let index = dice.weighted(names.surnames.iter().map(|(_, weight)| *weight));
    &names.surnames[index].0
}

/// A surname that is also written with another character.
pub(crate) fn variant_surname<'n>(names: &'n Names, dice: &mut Dice) -> &'n str {
    let known = |c: &str| names.surnames.iter().any(|(s, _)| s == c);
    let all: Vec<&str> =
        names.variants.iter().map(|[from, _]| from.as_str()).filter(|c| known(c)).collect();
    dice.pick::<&str>(&all)
}

/// How given names are put together besides the two usual characters, per mille.
const SINGLE_CHARACTER: u64 = 260;
const RARE_CHARACTER: u64 = 3;
const OLD_WOMAN_BY_MARRIAGE: u64 = 70;

/// What a name depends on.
pub(crate) struct Bearer<'a> {
    pub(crate) surname: &'a str,
    pub(crate) sex: Sex,
    pub(crate) birth_year: i64,
    /// The character siblings share.
    pub(crate) shared: Option<char>,
    /// A married woman's husband's surname.
    pub(crate) husband: Option<&'a str>,
}

/// A full name.
pub(crate) fn full(names: &Names, bearer: &Bearer<'_>, dice: &mut Dice) -> String {
    if let Some(husband) = bearer.husband.filter(|_| bearer.birth_year < 1936)
        && husband != bearer.surname
        && dice.mille(OLD_WOMAN_BY_MARRIAGE)
    {
        return format!("{husband}{}氏", bearer.surname);
    }
    let given = table(names, bearer);
    let mut name = bearer.surname.to_owned();
    if dice.mille(RARE_CHARACTER) && bearer.birth_year > 1960 {
        name.push(*dice.pick(&names.rare));
        return name;
    }
    if !given.single.is_empty() && bearer.shared.is_none() && dice.mille(SINGLE_CHARACTER) {
        name.push(*dice.pick_early(&given.single));
        return name;
    }
    let first = bearer.shared.unwrap_or_else(|| *dice.pick_early(&given.first));
    let second = *dice.pick_early(&given.second);
    name.push(first);
    name.push(second);
    name
}

/// The first character of a given name, as siblings share it.
pub(crate) fn shared_character(names: &Names, sex: Sex, birth_year: i64, dice: &mut Dice) -> char {
    let bearer = Bearer { surname: "", sex, birth_year, shared: None, husband: None };
    *dice.pick_early(&table(names, &bearer).first)
}

fn table<'n>(names: &'n Names, bearer: &Bearer<'_>) -> &'n Given {
    let generation = match bearer.birth_year {
        ..1956 => 0,
        1956..1997 => 1,
        _ => 2,
    };
    &names.given[generation][usize::from(bearer.sex == Sex::Female)]
}

/// The name and ethnic group of somebody whose name carries a separator.
pub(crate) fn dotted<'n>(names: &'n Names, dice: &mut Dice) -> (String, &'n str) {
    let group = dice.pick(&names.dotted);
    let name =
        format!("{}·{}", dice.pick::<String>(&group.first), dice.pick::<String>(&group.second));
    (name, &group.ethnicity)
}

/// An ethnic group without separators in its names, or the majority.
pub(crate) fn ethnicity<'n>(names: &'n Names, dice: &mut Dice) -> &'n str {
    let mut throw = dice.below(1_000_000);
    for (group, ppm) in &names.minorities {
        if throw < *ppm {
            return group;
        }
        throw -= ppm;
    }
    "汉族"
}
