//! A person states an event from the household's page or at the command line: checked at once as a
//! file would be, then it waits for whom the pack names, or applies where the pack lets it.

use qb_base::{Text, personal};
use qb_policy::Pack;
use qb_registry::events::{
    self, Decider, EventRules, Numbered, Said, Stated, Stating, Step, may_take,
};
use qb_store::Store;

use super::{take, typed};
use crate::error::IntakeError;
use crate::fields::Reading;
use crate::fields::key::key;
use crate::read::batch::Value;

/// The column that names another household.
const HOUSEHOLD_NO: &str = "household_no";

/// States an event.
///
/// # Errors
/// [`qb_store::StoreError::NotFound`] where the household is not within the person's scope;
/// [`IntakeError::Refused`] where the person may not state it; what is wrong with what was filled
/// in is in the answer.
pub fn state(
    store: &Store,
    pack: &Pack,
    stating: &Stating<'_>,
    who: &Decider,
) -> Result<Stated, IntakeError> {
    let rules = EventRules::of(pack)?;
    let mut found = events::examine(store, pack, &rules, (stating, &number(stating)), who)?;
    if found.faults.is_empty() && found.is_row() {
        found.faults = typed::check(store, pack, (found.rule, &found.subject), stating.values)?;
    }
    if !found.faults.is_empty() {
        return Ok(Stated::Refused(found.faults));
    }
    let event = events::keep(store, (stating, &found), who)?;
    let may_apply = found.rule.at_once && may_take(&rules, &event, Step::Accept, who).is_none();
    let event = match may_apply {
        true => take(store, pack, (event.id, Step::Accept), (who, stating.reason))?,
        false => event,
    };
    Ok(Stated::Kept(Box::new(event)))
}

/// The number of another household that is stated, as a file's would be read.
fn number(stating: &Stating<'_>) -> Numbered {
    let stated = stating.values.iter().find(|(id, _)| id == HOUSEHOLD_NO);
    let Some((_, text)) = stated else { return Ok(None) };
    match key(Value::text(text)) {
        Reading::Value(number) | Reading::Repaired(number, _) => match personal::find(&number) {
            None => Ok(Some(number.into_owned())),
            Some(_) => Err(NUMBER_PERSONAL),
        },
        Reading::Blank if text.trim().is_empty() => Ok(None),
        Reading::Fault(_) | Reading::Blank | Reading::Null => Err(NUMBER_DAMAGED),
    }
}

const NUMBER_PERSONAL: Said = (
    Text::fixed(
        "户编号填的是身份证件号、电话号码或银行卡号。",
        "the household number is an identity number, a telephone number or a bank card",
    ),
    NUMBER_ITSELF,
);
const NUMBER_ITSELF: Text = Text::fixed("请填写户编号本身。", "give the household's own number");
const NUMBER_DAMAGED: Said =
    (Text::fixed("户编号无法识别。", "the household number cannot be read"), NUMBER_ITSELF);
