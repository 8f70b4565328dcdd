//! How prices are decided, as data: the switches in which ERPs differ, each with the way of ours as its default.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::list::{OnNoMatch, QuantityBasis, Select};
use super::switch::{
    AgreementUse, Discount, Inherit, OverRelease, Pool, PromotionBase, PromotionUse, Reach, Returns, RoundAt,
    RoundMode, Validity,
};
use super::{Level, PriceBook};
use crate::domain::money::Money;
use crate::domain::word::Word;

/// Every switch of the decision about a price. The engine has no other knowledge of an ERP than this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Where prices are looked for, in this order; a level that is not named is not asked. The product's list price can
    /// only be last.
    pub levels: Vec<Level>,
    /// Which of several prices decides: of a list that does not say so itself, and of the lists that are compared.
    pub select: Select,
    /// Which lists are compared before one decides.
    pub pool: Pool,
    /// What follows when a list that does not say so itself has no price.
    pub on_no_match: OnNoMatch,
    /// Which of the discounts that are kept apart from prices comes off the price.
    pub discount: Discount,
    /// What quantity breaks count, of a list that does not say so itself.
    pub quantity_basis: QuantityBasis,
    /// Which break a negative quantity (a return) reaches.
    pub returns: Returns,
    /// Whether a break begins at its quantity or above it.
    pub breaks: Reach,
    /// What the days of entries and rules mean.
    pub validity: Validity,
    /// Whether a price is rounded before it is converted to another unit too, or only afterwards.
    pub round_at: RoundAt,
    /// How prices, amounts and taxes are rounded.
    pub round_mode: RoundMode,
    /// Digits after the point of every unit price; `None` is four, or those of the currency or the listed price where
    /// they are more.
    pub round_digits: Option<u32>,
    /// When the prices of agreements are used.
    pub agreements: AgreementUse,
    /// What happens when more is ordered than was agreed.
    pub over_release: OverRelease,
    /// Which prices promotions replace.
    pub promotions: PromotionUse,
    /// What promotions compute their price from.
    pub promotion_base: PromotionBase,
    /// Whose lists apply after an account's own.
    pub inherit: Inherit,
    /// The smallest amount of a whole order, without tax, in the supplier's currency.
    #[serde(with = "rust_decimal::serde::str_option")]
    pub order_minimum: Option<Decimal>,
}

impl Default for Policy {
    fn default() -> Self {
        use Level::{Account, Agreement, Default, Group, Inherited, ListPrice};
        Policy {
            levels: vec![Agreement, Account, Inherited, Group, Default, ListPrice],
            select: Select::Best,
            pool: Pool::List,
            on_no_match: OnNoMatch::NextLevel,
            discount: Discount::Highest,
            quantity_basis: QuantityBasis::Base,
            returns: Returns::BySize,
            breaks: Reach::At,
            validity: Validity::Days,
            round_at: RoundAt::AfterUnit,
            round_mode: RoundMode::HalfUp,
            round_digits: None,
            agreements: AgreementUse::AsAgreed,
            over_release: OverRelease::AsAgreed,
            promotions: PromotionUse::AsSaid,
            promotion_base: PromotionBase::WithoutBreaks,
            inherit: Inherit::AsAccount,
            order_minimum: None,
        }
    }
}

/// Most digits after the point that a unit price may be rounded to: what ERPs keep at most.
const ROUND_DIGITS_MAX: u32 = 12;

impl Policy {
    /// A policy that asks nowhere, so that every price is on request: for an account whose policy is not known.
    pub fn closed() -> Self {
        Policy {
            levels: Vec::new(),
            ..Policy::default()
        }
    }

    /// The same policy with some switches set otherwise, by their names.
    ///
    /// # Errors
    /// Says which switch or word is not known, or what does not go together.
    pub fn with(&self, switches: &Map<String, Value>) -> Result<Self, String> {
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else {
            return Err("the policy has no switches".to_owned());
        };
        all.extend(switches.clone());
        let policy: Policy = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        policy.checked()
    }

    /// The policy itself, unless something does not go together.
    ///
    /// # Errors
    /// Says what.
    pub fn checked(self) -> Result<Self, String> {
        let levels = &self.levels;
        let is_twice = |(at, level): (usize, &Level)| levels[..at].contains(level);
        if levels.iter().enumerate().any(is_twice) {
            return Err("levels: one is named twice".to_owned());
        }
        if levels.contains(&Level::Promotion) {
            return Err("levels: promotions come after all levels; see promotions".to_owned());
        }
        let list_price = levels.iter().position(|level| *level == Level::ListPrice);
        if list_price.is_some_and(|at| at + 1 != levels.len()) {
            return Err("levels: list_price can only be last".to_owned());
        }
        if self.round_digits.is_some_and(|digits| digits > ROUND_DIGITS_MAX) {
            return Err(format!("round_digits: must be {ROUND_DIGITS_MAX} or less"));
        }
        if self.round_at == RoundAt::BeforeUnit && self.round_digits.is_none() {
            return Err("round_digits: must be said where prices are rounded before the unit".to_owned());
        }
        if self.order_minimum.is_some_and(|minimum| minimum < Decimal::ZERO) {
            return Err("order_minimum: must not be less than zero".to_owned());
        }
        Ok(self)
    }

    /// The place of a level; `None` where it is not asked.
    pub(super) fn place(&self, level: Level) -> Option<usize> {
        self.levels.iter().position(|asked| *asked == level)
    }

    /// How much a quantity is for its breaks.
    pub(super) fn size(&self, quantity: Decimal) -> Decimal {
        match self.returns {
            Returns::BySize => quantity.abs(),
            Returns::WithoutBreak => quantity.max(Decimal::ZERO),
        }
    }

    /// The highest break that so many reach.
    pub(super) fn reached(&self, size: Decimal) -> Decimal {
        match self.breaks {
            Reach::At => size,
            Reach::Above => just_below(size),
        }
    }
}

/// The largest quantity below one that its breaks can tell from it; nothing below zero.
fn just_below(quantity: Decimal) -> Decimal {
    if quantity <= Decimal::ZERO {
        return Decimal::ZERO;
    }
    let lower = |digits: u32| {
        let lower = quantity.checked_sub(Decimal::new(1, digits))?;
        (lower < quantity).then_some(lower)
    };
    let lower = (0..=Decimal::MAX_SCALE).rev().find_map(lower);
    lower.unwrap_or(quantity).max(Decimal::ZERO)
}

impl PriceBook {
    /// The smallest amount of a whole order of an account, without tax, in its currency, on a day: its own, else that
    /// of its policy, by the day's exchange rate; `None` where there is none, or no rate.
    pub fn order_minimum(&self, account: &str, date: Date) -> Option<Money> {
        let account = &self.contracts.route(account)?.account;
        let own = account
            .order_minimum
            .map(|minimum| Money::new(minimum, account.currency));
        own.or_else(|| {
            let minimum = account.policy.order_minimum?;
            let (times, through) = self.trade.rates.of_own(account.currency, date)?;
            let amount = minimum.checked_mul(times)?.checked_div(through)?;
            Some(Money::new(amount, account.currency).rounded())
        })
        .filter(|minimum| minimum.amount > Decimal::ZERO)
    }
}

/// The columns of a file of policies, beside its code and what it is like.
pub const SWITCHES: [&str; 18] = [
    "levels",
    "select",
    "pool",
    "on_no_match",
    "discount",
    "quantity_basis",
    "returns",
    "breaks",
    "validity",
    "round_at",
    "round_mode",
    "round_digits",
    "agreements",
    "over_release",
    "promotions",
    "promotion_base",
    "inherit",
    "order_minimum",
];

/// The words that a switch takes; `None` where it takes a number or a list.
pub fn words_of(switch: &str) -> Option<String> {
    Some(match switch {
        "select" => Select::words(),
        "pool" => Pool::words(),
        "on_no_match" => OnNoMatch::words(),
        "discount" => Discount::words(),
        "quantity_basis" => QuantityBasis::words(),
        "returns" => Returns::words(),
        "breaks" => Reach::words(),
        "validity" => Validity::words(),
        "round_at" => RoundAt::words(),
        "round_mode" => RoundMode::words(),
        "agreements" => AgreementUse::words(),
        "over_release" => OverRelease::words(),
        "promotions" => PromotionUse::words(),
        "promotion_base" => PromotionBase::words(),
        "inherit" => Inherit::words(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switches(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn every_switch_has_a_column() {
        let all = serde_json::to_value(Policy::default()).unwrap();
        let mut names: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
        let mut columns = SWITCHES.to_vec();
        names.sort_unstable();
        columns.sort_unstable();
        assert_eq!(names, columns);
    }

    #[test]
    fn switches_are_laid_over_a_policy_or_refused() {
        let with = |value| Policy::default().with(&switches(value));
        let policy = with(serde_json::json!({"select": "lowest", "pool": "all"})).unwrap();
        assert_eq!((policy.select, policy.pool), (Select::Lowest, Pool::All));
        assert_eq!(policy.levels, Policy::default().levels);
        let refused = |value, part: &str| {
            let error = with(value).unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        refused(serde_json::json!({"selekt": "lowest"}), "selekt");
        refused(serde_json::json!({"select": "cheapest"}), "cheapest");
        refused(serde_json::json!({"levels": ["account", "account"]}), "twice");
        refused(serde_json::json!({"levels": ["promotion"]}), "promotions");
        refused(serde_json::json!({"levels": ["list_price", "account"]}), "last");
        refused(serde_json::json!({"round_digits": 13}), "12");
        refused(serde_json::json!({"round_at": "before_unit"}), "round_digits");
    }

    #[test]
    fn a_quantity_just_below_is_told_from_its_break() {
        for text in [
            "0.001",
            "1",
            "10",
            "99.5",
            "1000000000",
            "79228162514264337593543950335",
        ] {
            let quantity: Decimal = text.parse().unwrap();
            let below = just_below(quantity);
            assert!(below < quantity, "{text} {below}");
            assert!(below >= (quantity - Decimal::new(1, 9)).max(Decimal::ZERO) || quantity > Decimal::from(u64::MAX));
        }
        assert_eq!(just_below(Decimal::ZERO), Decimal::ZERO);
    }
}
