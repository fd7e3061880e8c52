//! An exact fraction.

use crate::number::decimal::Decimal;

/// An exact fraction; the denominator is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// The whole.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// A fraction in lowest terms; `None` when it is divided by zero or leaves 128 bits.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        let (mut a, mut b) = (numerator.unsigned_abs(), denominator.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::try_from(a.max(1)).ok()?.checked_mul(denominator.signum())?;
        Some(Self {
            numerator: numerator.checked_div(divisor)?,
            denominator: denominator.checked_div(divisor)?,
        })
    }

    /// A decimal as a fraction.
    pub fn of(decimal: Decimal) -> Option<Self> {
        Self::new(decimal.mantissa(), 10_i128.checked_pow(decimal.scale())?)
    }

    /// What stands above the line.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// What stands below the line; never zero or less.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// The sum; `None` beyond 128 bits.
    pub fn plus(self, other: Self) -> Option<Self> {
        self.add(other, 1)
    }

    /// The difference; `None` beyond 128 bits.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.add(other, -1)
    }

    pub(super) fn add(self, other: Self, sign: i128) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?.checked_mul(sign)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// The product; `None` beyond 128 bits.
    pub fn multiply(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    /// The quotient; `None` when the divisor is zero, or beyond 128 bits.
    pub fn divide(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.denominator)?,
            self.denominator.checked_mul(other.numerator)?,
        )
    }

    /// The greatest whole number that is not above the value.
    pub fn floor(self) -> i128 {
        self.numerator.div_euclid(self.denominator)
    }

    /// The smallest whole number that is not below the value.
    pub fn ceil(self) -> i128 {
        let floor = self.floor();
        floor + i128::from(floor.checked_mul(self.denominator) != Some(self.numerator))
    }

    /// The value rounded half away from zero to a multiple of `step`.
    pub fn round_to(self, step: Decimal) -> Option<Decimal> {
        let steps = self.divide(Self::of(step)?)?;
        if step <= Decimal::whole(0) {
            return None;
        }
        let doubled =
            steps.numerator.checked_abs()?.checked_mul(2)?.checked_add(steps.denominator)?;
        let count = doubled / steps.denominator.checked_mul(2)? * steps.numerator.signum();
        Decimal::new(count.checked_mul(step.mantissa())?, step.scale())
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Compares as continued fractions, so that no product can leave 128 bits.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut turned = false;
        loop {
            let (left, right) = (a.floor(), b.floor());
            let rest = |r: Self| r.numerator.rem_euclid(r.denominator);
            let (rest_a, rest_b) = (rest(a), rest(b));
            let order = left.cmp(&right).then_with(|| match (rest_a, rest_b) {
                (0, 0) => std::cmp::Ordering::Equal,
                (0, _) => std::cmp::Ordering::Less,
                (_, 0) => std::cmp::Ordering::Greater,
                _ => std::cmp::Ordering::Equal,
            });
            if order.is_ne() || rest_a == 0 {
                return if turned { order.reverse() } else { order };
            }
            // Both have a fraction: the one whose reciprocal is greater is the smaller.
            a = Self { numerator: a.denominator, denominator: rest_a };
            b = Self { numerator: b.denominator, denominator: rest_b };
            turned = !turned;
        }
    }
}
