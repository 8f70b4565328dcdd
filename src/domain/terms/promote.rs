//! Promotions on top of a price that was found.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::book::PriceBook;
use super::resolve::Asked;
use super::rule::{Calculation, Scope};
use super::switch::PromotionBase;
use super::trade::{Promotion, Stacking};
use super::walk::{Count, Notes};
use super::{Level, Outcome};

impl PriceBook {
    /// The best promotion on top of a price already found, per requested unit.
    pub(super) fn promoted<'b>(
        &'b self,
        asked: &Asked<'b>,
        count: Count,
        (level, current): (Level, (Decimal, Decimal)),
        notes: &mut Notes<'_>,
    ) -> Option<(&'b Promotion, Decimal)> {
        let policy = asked.policy();
        let mut best: Option<(&Promotion, Decimal)> = None;
        for (place, promotion) in self.trade.promotions().iter().enumerate() {
            let is_meant = |scope: &Scope| scope.distance(asked.index, asked.product).is_some();
            let group = |code: &Arc<str>| asked.route.account.groups.contains(code);
            let stacking = policy.promotions.stacking(promotion.stacking);
            let is_free = stacking != Stacking::NeverOnContract || !level.is_contract();
            let is_for = promotion.groups.is_empty() || promotion.groups.iter().any(group);
            let is_over = promotion.valid_to.is_some_and(|to| to < asked.date);
            if is_over || !is_free || !is_for || !promotion.scopes.iter().any(is_meant) {
                continue;
            }
            if let Some(from) = promotion.valid_from.filter(|from| *from > asked.date) {
                notes.begins(Some(from));
                continue;
            }
            let quantity = self.together(place, promotion, asked);
            if quantity < promotion.min_quantity {
                let min_quantity = promotion.min_quantity;
                notes.say(
                    Level::Promotion,
                    Some(&promotion.code),
                    Outcome::BelowThreshold { min_quantity, quantity },
                );
                continue;
            }
            let (before, per) = best.map_or(current, |(_, price)| (price, Decimal::ONE));
            let base = match stacking {
                Stacking::Stack => before.checked_div(per),
                _ => self.promotion_base(asked, count),
            };
            let Some((base, exact)) = base.and_then(|base| Some((base, promotional(promotion, base, asked)?))) else {
                continue;
            };
            let price = self.rounded(asked, exact, 0);
            if exact.checked_mul(per).is_none_or(|exact| exact > before) {
                notes.say(Level::Promotion, Some(&promotion.code), Outcome::NotLower { price });
                continue;
            }
            notes.ends(promotion.valid_to);
            let (calculation, value) = (promotion.calculation, promotion.value);
            let outcome = Outcome::Promotion {
                base,
                calculation,
                value,
                price,
            };
            notes.say(Level::Promotion, Some(&promotion.code), outcome);
            best = Some((promotion, price));
            if stacking == Stacking::Exclusive {
                break;
            }
        }
        best
    }

    /// What promotions compute from: the price of the lists for one requested unit.
    fn promotion_base(&self, asked: &Asked<'_>, count: Count) -> Option<Decimal> {
        let mut silent = Notes {
            said: &mut |_| (),
            until: None,
            check: None,
        };
        let count = match asked.policy().promotion_base {
            PromotionBase::WithoutBreaks => Count::NONE,
            PromotionBase::Reached => count,
        };
        let listed = self.listed(asked, count, &mut silent);
        let base = self.convert(asked, &listed);
        base.price?.checked_div(base.price_quantity)
    }
}

/// A promotion's price for one requested unit, from a base, not rounded.
fn promotional(promotion: &Promotion, base: Decimal, asked: &Asked<'_>) -> Option<Decimal> {
    let value = match promotion.calculation {
        Calculation::Fixed | Calculation::Subtract => {
            let unit = promotion.unit.unwrap_or(asked.product.base_unit);
            let own = asked.product.factor(unit)?;
            let value = promotion
                .value
                .checked_mul(asked.factor.numerator())?
                .checked_mul(own.denominator())?;
            value.checked_div(own.numerator().checked_mul(asked.factor.denominator())?)?
        }
        _ => promotion.value,
    };
    Some(promotion.calculation.apply(base, value)?.max(Decimal::ZERO))
}
