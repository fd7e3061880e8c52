//! The yearly income of a station, distributed to posts, relief and small works.

use qb_base::Fen;
use qb_policy::{Decimal, Ratio};

use crate::error::Refusal;
use crate::model::{self, Benefit, Formula};
use crate::slip::PoolSlip;

/// The energy of a year and its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Energy {
    /// Kilowatt hours.
    pub kwh: Decimal,
    /// Yuan per kilowatt hour.
    pub price: Decimal,
}

impl Energy {
    /// The energy of a station of some capacity that ran so many full hours.
    pub fn of_station(capacity_kw: Decimal, hours: Decimal, price: Decimal) -> Option<Self> {
        let kwh = Ratio::of(capacity_kw)?.multiply(Ratio::of(hours)?)?;
        Some(Self { kwh: kwh.round_to(Decimal::new(1, KWH_SCALE)?)?, price })
    }

    /// What it earns, rounded half up to the fen.
    pub fn income(self) -> Option<Fen> {
        let yuan = Ratio::of(self.kwh)?.multiply(Ratio::of(self.price)?)?;
        let fen = yuan.multiply(Ratio::new(100, 1)?)?.round_to(Decimal::whole(1))?;
        fen.to_i64().and_then(Fen::new)
    }
}

/// Digits to which energy is metered.
const KWH_SCALE: u32 = 3;

/// Distributes an income: whole posts from the people's part, what is left of it as relief, the
/// rest for works.
///
/// # Errors
/// When the benefit distributes nothing, or the income is negative.
pub fn pool(benefit: &Benefit, income: Fen) -> Result<PoolSlip, Refusal> {
    let Formula::Pool(rule) = &benefit.formula else {
        return Err(Refusal::new(
            "not_a_pool",
            format!("待遇“{}”不是收益分配", benefit.id),
            format!("benefit {} distributes no income", benefit.id),
        ));
    };
    if income < Fen::ZERO {
        return Err(Refusal::new(
            "negative",
            "收益不能为负，请核对",
            "an income to distribute is never negative; check it",
        ));
    }
    let people = rule.people_share.part(income);
    let posts = people.fen() / rule.post_wage.fen();
    let posts_paid = part(posts.saturating_mul(rule.post_wage.fen()));
    Ok(PoolSlip {
        clause: rule.id.clone(),
        income,
        people,
        posts,
        posts_paid,
        relief: part(people.fen() - posts_paid.fen()),
        works: part(income.fen() - people.fen()),
    })
}

/// Parts of an amount stay within the limit of money.
fn part(fen: i64) -> Fen {
    model::part(fen.into())
}
