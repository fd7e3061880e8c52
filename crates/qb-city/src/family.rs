//! Who lives together: members of a household with sex, year of birth and relation to the head.

use qb_base::resident::Sex;

use crate::dice::{Curve, Dice};
use crate::model::Shape;

/// From which family a member's surname comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The family's own surname.
    Family,
    /// Married in: a surname of their own.
    Own,
    /// Children of a son-in-law: his surname.
    SonInLaw,
}

/// Generation inside the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    Great,
    Elder,
    Adult,
    Kid,
}

/// A member before name and number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kin {
    pub(crate) generation: Generation,
    pub(crate) sex: Sex,
    /// Age on the last day of the year.
    pub(crate) age: i64,
    pub(crate) relation: &'static str,
    pub(crate) line: Line,
    /// Married into the county, so perhaps born elsewhere.
    pub(crate) married_in: bool,
}

static ELDER_AGES: Curve =
    Curve::fixed([0, 60], &[[330, 66], [620, 72], [850, 79], [970, 87], [1000, 96]]);
static SINGLE_ELDER_AGES: Curve =
    Curve::fixed([0, 60], &[[220, 66], [480, 73], [780, 81], [960, 89], [1000, 99]]);
static ADULT_AGES: Curve = Curve::fixed([0, 24], &[[200, 35], [600, 46], [900, 55], [1000, 59]]);
static SINGLE_ADULT_AGES: Curve = Curve::fixed([0, 33], &[[250, 45], [650, 53], [1000, 59]]);

/// The couple in the middle and how it hangs on the elders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// Elders are the parents of the man.
    Son,
    /// Elders are the parents of the woman.
    Daughter,
}

/// Makes the members of a household, head first.
///
/// With `pupil`, at least one child is of the age of compulsory school.
pub(crate) fn make(shape: &Shape, pupil: bool, dice: &mut Dice) -> Vec<Kin> {
    let tie = if shape.great == 0 && dice.mille(90) { Tie::Daughter } else { Tie::Son };
    let elder_leads = shape.elders > 0 && (shape.adults == 0 || dice.mille(430));
    let ages = Ages::throw(shape, pupil, dice);
    let elders = elders(shape, &ages, dice);
    let adults = adults(shape, &ages, tie, dice);
    let head_sex = match (elder_leads, elders.first(), adults.first()) {
        (true, Some(elder), _) => elder.sex,
        (_, _, Some(adult)) => adult.sex,
        _ => Sex::Male,
    };
    let place = Place {
        elder_leads,
        has_adults: shape.adults > 0,
        head_sex,
        tie,
        adult_sex: adults.first().map(|a| a.sex),
    };
    let mut members = Vec::with_capacity(usize::from(shape.size()));
    if elder_leads {
        members.extend(relate(&elders, |i, kin| place.elder(i, kin)));
        members.extend(relate(&adults, |i, kin| place.adult(i, kin)));
    } else {
        members.extend(relate(&adults, |i, kin| place.adult(i, kin)));
        members.extend(relate(&elders, |i, kin| place.elder(i, kin)));
    }
    let kids = kids(shape, &ages, &place, dice);
    members.extend(relate(&kids, |i, kin| place.kid(i, kin)));
    if shape.great > 0 {
        members.push(great(&ages, &place, dice));
    }
    members
}

fn relate(kin: &[Kin], relation: impl Fn(usize, &Kin) -> &'static str) -> Vec<Kin> {
    kin.iter().enumerate().map(|(i, k)| Kin { relation: relation(i, k), ..*k }).collect()
}

/// Ages of the generations, each a plausible distance apart.
struct Ages {
    elder: i64,
    adult: i64,
    first_kid: i64,
}

impl Ages {
    fn throw(shape: &Shape, pupil: bool, dice: &mut Dice) -> Self {
        let single = shape.size() == 1;
        let elder = dice.quantile(if single { &SINGLE_ELDER_AGES } else { &ELDER_AGES });
        let elder = if shape.great > 0 { elder.min(72) } else { elder };
        let free = dice.quantile(if single { &SINGLE_ADULT_AGES } else { &ADULT_AGES });
        let adult =
            if shape.elders > 0 { (elder - dice.between(21, 33)).clamp(22, 59) } else { free };
        let kid_from_adult = adult - dice.between(21, 31);
        let kid = if shape.adults > 0 { kid_from_adult } else { dice.between(4, 17) };
        let lowest = i64::from(shape.kids.saturating_sub(1)) * 2;
        let highest = if shape.adults == 0 && shape.elders == 0 { 19 } else { 24 };
        // Grown children have left; those at home are the younger ones.
        let kid = if kid > highest { dice.between(7, highest) } else { kid };
        let mut first_kid = kid.max(lowest.min(12));
        if shape.adults == 0 && shape.elders == 0 {
            first_kid = dice.between(17, 19);
        }
        if pupil && !(7..=15).contains(&first_kid) {
            first_kid = dice.between(8, 15);
        }
        let adult = if shape.adults > 0 {
            adult.max(first_kid * i64::from(shape.kids > 0) + 20)
        } else {
            adult
        };
        let adult = adult.min(59);
        let elder =
            if shape.elders > 0 && shape.adults > 0 { elder.max(adult + 19) } else { elder };
        Self { elder, adult, first_kid }
    }
}

fn elders(shape: &Shape, ages: &Ages, dice: &mut Dice) -> Vec<Kin> {
    let kin = |sex, age: i64| Kin {
        generation: Generation::Elder,
        sex,
        age: age.clamp(60, 103),
        relation: "",
        line: if sex == Sex::Male { Line::Family } else { Line::Own },
        married_in: sex == Sex::Female,
    };
    match shape.elders {
        0 => Vec::new(),
        1 => {
            let women = if shape.size() == 1 { 470 } else { 640 };
            let sex = if dice.mille(women) { Sex::Female } else { Sex::Male };
            vec![kin(sex, ages.elder)]
        }
        _ => vec![kin(Sex::Male, ages.elder), kin(Sex::Female, ages.elder - dice.between(-3, 5))],
    }
}

fn adults(shape: &Shape, ages: &Ages, tie: Tie, dice: &mut Dice) -> Vec<Kin> {
    let kin = |sex, age: i64, line, married_in| Kin {
        generation: Generation::Adult,
        sex,
        age: age.clamp(20, 59),
        relation: "",
        line,
        married_in,
    };
    let leads_woman = shape.elders == 0 && dice.mille(110);
    match (shape.adults, tie) {
        (0, _) => Vec::new(),
        (1, _) => {
            let men = if shape.kids > 0 && shape.elders == 0 { 430 } else { 740 };
            let sex = if dice.mille(men) { Sex::Male } else { Sex::Female };
            let widow = sex == Sex::Female && shape.kids > 0;
            vec![kin(sex, ages.adult, Line::Family, widow)]
        }
        (_, Tie::Son) => {
            let man = kin(Sex::Male, ages.adult, Line::Family, false);
            let woman = kin(Sex::Female, ages.adult - dice.between(-3, 4), Line::Own, true);
            if leads_woman { vec![woman, man] } else { vec![man, woman] }
        }
        (_, Tie::Daughter) => {
            let woman = kin(Sex::Female, ages.adult, Line::Family, false);
            let man = kin(Sex::Male, ages.adult + dice.between(-2, 4), Line::SonInLaw, true);
            vec![woman, man]
        }
    }
}

fn kids(shape: &Shape, ages: &Ages, place: &Place, dice: &mut Dice) -> Vec<Kin> {
    let line = match (place.has_adults, place.tie, shape.adults) {
        (true, Tie::Daughter, 2) => Line::SonInLaw,
        _ => Line::Family,
    };
    let mut age = ages.first_kid;
    (0..shape.kids)
        .map(|i| {
            if i > 0 {
                let left = i64::from(shape.kids - i);
                age = (age - dice.between(1, 5)).max(left - 1).max(0);
            }
            let sex = if dice.mille(545) { Sex::Male } else { Sex::Female };
            Kin { generation: Generation::Kid, sex, age, relation: "", line, married_in: false }
        })
        .collect()
}

fn great(ages: &Ages, place: &Place, dice: &mut Dice) -> Kin {
    let sex = if dice.mille(700) { Sex::Female } else { Sex::Male };
    Kin {
        generation: Generation::Great,
        sex,
        age: (ages.elder + dice.between(19, 26)).clamp(79, 103),
        relation: place.great(sex),
        line: if sex == Sex::Male { Line::Family } else { Line::Own },
        married_in: sex == Sex::Female,
    }
}

/// Where the head stands, which decides every label of the register.
struct Place {
    elder_leads: bool,
    has_adults: bool,
    head_sex: Sex,
    tie: Tie,
    adult_sex: Option<Sex>,
}

impl Place {
    fn elder(&self, index: usize, kin: &Kin) -> &'static str {
        if self.elder_leads {
            return if index == 0 { "户主" } else { "配偶" };
        }
        // The head is the first adult: own parents, or the parents of husband or wife.
        let own = match self.tie {
            Tie::Son => self.head_sex == Sex::Male || self.adult_sex.is_none(),
            Tie::Daughter => true,
        };
        match (own, kin.sex) {
            (true, Sex::Male) => "之父",
            (true, Sex::Female) => "之母",
            (false, Sex::Male) => "之公公",
            (false, Sex::Female) => "之婆婆",
        }
    }

    fn adult(&self, index: usize, kin: &Kin) -> &'static str {
        if !self.elder_leads {
            return if index == 0 { "户主" } else { "配偶" };
        }
        match (kin.line, kin.sex) {
            (Line::Family, Sex::Male) => "之子",
            (Line::Family, Sex::Female) => "之女",
            (_, Sex::Female) => "之儿媳",
            (_, Sex::Male) => "之女婿",
        }
    }

    fn kid(&self, index: usize, kin: &Kin) -> &'static str {
        if !self.elder_leads && !self.has_adults {
            return if index == 0 { "户主" } else { "之兄弟姐妹" };
        }
        let through_daughter = self.tie == Tie::Daughter || self.adult_sex == Some(Sex::Female);
        match (self.elder_leads, through_daughter, kin.sex) {
            (false, _, Sex::Male) => "之子",
            (false, _, Sex::Female) => "之女",
            (true, false, Sex::Male) => "之孙子",
            (true, false, Sex::Female) => "之孙女",
            (true, true, Sex::Male) => "之外孙子",
            (true, true, Sex::Female) => "之外孙女",
        }
    }

    fn great(&self, sex: Sex) -> &'static str {
        match (self.elder_leads, sex) {
            (true, Sex::Male) => "之父",
            (true, Sex::Female) => "之母",
            (false, Sex::Male) => "之祖父",
            (false, Sex::Female) => "之祖母",
        }
    }
}
