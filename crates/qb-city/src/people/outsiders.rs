//! Aided students who are not on the household register: they fill the city's total of payments
//! exactly.

use std::path::Path;

use super::list::List;
use super::model::PeopleModel;
use super::schooling::{AID, AidDone, Stage, stage};
use crate::apportion::scaled;
use crate::calendar::Calendar;
use crate::dice::{Dice, Stream};
use crate::error::{CityError, Result};
use crate::identity::{OWN, Registrar, Wanted};
use crate::model::Format;
use crate::plan::City;
use crate::sheet::Cell;
use crate::truth::FileTruth;
use qb_base::resident::Sex;

/// Payments are whole yuan as far as the total allows.
const YUAN: i64 = 100;
/// Labels of schools with the last age at each.
const SCHOOLS: [(&str, i64); 5] =
    [("小学", 11), ("七年级", 14), ("高中一年级", 16), ("中职一年级", 17), ("本科一年级", 99)];
/// The county part of numbers that no county of the register gives.
const PREFIX: &str = "320301";

/// Writes the payments that are still missing to the city's total.
pub(crate) fn write(
    raw: &Path,
    city: &City,
    calendar: Calendar<'_>,
    done: AidDone,
) -> Result<FileTruth> {
    let model = PeopleModel::load()?;
    let wanted = scaled(model.aid.payments, city.scale_ppm);
    let fen = city.fen(model.aid.fen) - done.fen;
    let payments = wanted.saturating_sub(done.payments);
    if payments == 0 || fen <= 0 {
        return Err(CityError::Options(format!(
            "registered students alone have {} payments, the city only {wanted}",
            done.payments
        )));
    }
    let mut list = List::create(raw, AID, ("320300", "徐州市其他"), Format::CsvUtf8)?;
    let mut registrar = Registrar::default();
    let mut amounts = amounts(payments, fen);
    for at in 0..payments.div_ceil(2) {
        let mut dice = Dice::new(city.seed, Stream::Outsider, at);
        let student = Student::throw(&model, (calendar.year, at), &mut registrar, &mut dice)?;
        for term in ["春季学期", "秋季学期"] {
            let Some(fen) = amounts.next() else { break };
            student.row(&mut list, (term, fen), calendar, &mut dice)?;
        }
    }
    list.finish()
}

struct Student {
    number: String,
    id_no: String,
    stage: Stage,
    year: i16,
}

impl Student {
    fn throw(
        model: &PeopleModel,
        (year, at): (i16, u64),
        registrar: &mut Registrar,
        dice: &mut Dice,
    ) -> Result<Self> {
        let [least, most] = model.aid.outsider_ages;
        let age = dice.between(least, most);
        let school = SCHOOLS.iter().find(|(_, last)| age <= *last);
        let stage = school
            .and_then(|(label, _)| stage(label))
            .ok_or_else(|| CityError::Options("an aided student has no stage".into()))?;
        let birth = (i64::from(year) - age, dice.between(1, 8), dice.between(1, 28));
        let sex = if dice.mille(530) { Sex::Male } else { Sex::Female };
        let wanted =
            Wanted { prefix: PREFIX, birth, sex, classes: (OWN, OWN + 5), ends_in_x: false };
        let id_no = registrar.number(wanted, dice)?;
        Ok(Self { number: format!("W{at:07}"), id_no, stage, year })
    }

    fn row(
        &self,
        list: &mut List,
        (term, fen): (&str, i64),
        calendar: Calendar<'_>,
        dice: &mut Dice,
    ) -> Result<()> {
        let spring = term.starts_with('春');
        let day = if spring { dice.between(100, 170) } else { dice.between(290, 350) };
        list.row(&[
            Cell::text(format!("{}-{}", self.number, if spring { 1 } else { 2 })),
            Cell::text(self.number.as_str()),
            Cell::text(self.id_no.as_str()),
            Cell::text(self.stage.label),
            Cell::text(self.stage.item),
            Cell::Fen(fen),
            calendar.office_day(day),
            Cell::text(format!("{}年{term}", self.year)),
        ])
    }
}

/// Amounts that add up to the fen: whole yuan, the first takes what is left over.
fn amounts(payments: u64, fen: i64) -> impl Iterator<Item = i64> {
    let count = qb_base::tally(payments);
    let each = fen / count / YUAN * YUAN;
    let over = fen - each * count;
    let extra = over / YUAN;
    (0..count).map(move |at| {
        each + if at < extra { YUAN } else { 0 } + if at == 0 { over % YUAN } else { 0 }
    })
}

#[cfg(test)]
mod tests {
    use super::amounts;

    #[test]
    fn amounts_add_up_to_the_fen() {
        for (payments, fen) in [(1, 7), (3, 100), (7, 123_457), (62_000, 9_000_000_001)] {
            assert_eq!(amounts(payments, fen).sum::<i64>(), fen);
            assert_eq!(amounts(payments, fen).count() as u64, payments);
        }
    }
}
