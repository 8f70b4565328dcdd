//! How far the figures of stock are trusted: an ERP that is away leaves them as they were.

use rust_decimal::Decimal;

/// How much of what is on record is promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// All of it.
    #[default]
    Whole,
    /// So many percent less.
    Less(Decimal),
    /// None of it: it can be asked for.
    Nothing,
}

impl Trust {
    /// What is promised of so many.
    pub fn of(self, quantity: Decimal) -> Decimal {
        match self {
            Trust::Whole => quantity,
            Trust::Less(percent) => {
                let kept = Decimal::ONE_HUNDRED.saturating_sub(percent).max(Decimal::ZERO);
                let kept = quantity.checked_mul(kept).unwrap_or_default();
                kept.checked_div(Decimal::ONE_HUNDRED).unwrap_or_default().normalize()
            }
            Trust::Nothing => Decimal::ZERO,
        }
    }
}
