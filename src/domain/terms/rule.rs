//! Rules beside the lean breaks of a list: for a product, a group, a category or everything; fixed or computed.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::catalogue::{ProductIndex, ProductTerms, UnitIndex};
use crate::domain::money::round_half_up;

/// What something applies to; the nearer wins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One product.
    Product(ProductIndex),
    /// Products of a price group, by its code.
    Group(Arc<str>),
    /// Products in a category or below it, by its code.
    Category(Arc<str>),
    /// Every product.
    All,
}

impl Scope {
    /// How far the product is, 0 for the product itself; `None` where it is not meant.
    pub(super) fn distance(&self, index: ProductIndex, product: &ProductTerms) -> Option<usize> {
        match self {
            Scope::Product(of) => (*of == index).then_some(0),
            Scope::Group(code) => (product.price_group.as_ref() == Some(code)).then_some(1),
            Scope::Category(code) => product.categories.iter().position(|own| own == code).map(|at| at + 2),
            Scope::All => Some(usize::MAX),
        }
    }

    /// The place of its kind, the nearest first.
    pub(super) fn kind(&self) -> usize {
        match self {
            Scope::Product(_) => 0,
            Scope::Group(_) => 1,
            Scope::Category(_) => 2,
            Scope::All => 3,
        }
    }
}

/// The kinds of [`Scope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// One product.
    Product,
    /// Products of a price group.
    PriceGroup,
    /// Products in a category or below it.
    Category,
    /// Every product.
    All,
}

known_by_words!(ScopeKind {
    Product = "product",
    PriceGroup = "price_group",
    Category = "category",
    All = "all",
});

/// How a price is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calculation {
    /// The value is the price.
    #[default]
    Fixed,
    /// The base times the value.
    Multiply,
    /// The base less the value.
    Subtract,
    /// The base and so many percent of it.
    Markup,
    /// The base is what remains of the price after so many percent of margin.
    Margin,
    /// No price: so many percent off the price that is found elsewhere, chosen apart from it.
    Discount,
    /// By a formula that only the ERP can compute: the price is on request.
    Formula,
}

known_by_words!(Calculation {
    Fixed = "fixed",
    Multiply = "multiply",
    Subtract = "subtract",
    Markup = "markup",
    Margin = "margin",
    Discount = "discount",
    Formula = "formula",
});

impl Calculation {
    /// The price from a base; `None` beyond the range of decimals, or where there is none (100 percent of margin).
    pub(super) fn apply(self, base: Decimal, value: Decimal) -> Option<Decimal> {
        let percent = || value.checked_div(Decimal::ONE_HUNDRED);
        match self {
            Calculation::Fixed => Some(value),
            Calculation::Multiply => base.checked_mul(value),
            Calculation::Subtract => base.checked_sub(value),
            Calculation::Markup => base.checked_mul(Decimal::ONE.checked_add(percent()?)?),
            Calculation::Margin => base.checked_div(Decimal::ONE.checked_sub(percent()?)?),
            Calculation::Discount => base.checked_mul(Decimal::ONE.checked_sub(percent()?)?),
            Calculation::Formula => None,
        }
    }
}

/// What a price is computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The product's list price.
    #[default]
    ListPrice,
    /// The product's standard cost.
    Cost,
    /// What the list's parent says to the same question.
    Parent,
}

known_by_words!(Base {
    ListPrice = "list_price",
    Cost = "cost",
    Parent = "parent",
});

/// One rule of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its place in the list, from 1; decides where the first rule that fits wins.
    pub position: u32,
    /// What it applies to.
    pub scope: Scope,
    /// The unit of quantity and fixed price; `None` is the product's base unit, or the unit the list counts in.
    pub unit: Option<UnitIndex>,
    /// Only for goods from this warehouse, by its code.
    pub warehouse: Option<Arc<str>>,
    /// The quantity it begins at, inclusive.
    pub min_quantity: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// How the price is found.
    pub calculation: Calculation,
    /// From what.
    pub base: Base,
    /// The price, factor, amount or percentage; `None` with a fixed price is "on request".
    pub value: Option<Decimal>,
    /// How many units a fixed price is for.
    pub price_quantity: Decimal,
    /// Never less than so many times that base.
    pub floor: Option<(Base, Decimal)>,
    /// Never more.
    pub cap: Option<Decimal>,
    /// Added to what was computed.
    pub surcharge: Option<Decimal>,
    /// Rounded half up to a multiple of it, before the unit is converted.
    pub round_to: Option<Decimal>,
    /// The time of its first day at which it begins; `None` is as the day begins.
    pub time_from: Option<Time>,
    /// The time of its last day until which it holds; `None` is all day.
    pub time_to: Option<Time>,
    /// Whether the search goes on after it, and the lowest price that is found holds.
    pub find_next: bool,
    /// The ERP's own words of a formula.
    pub formula: Option<Arc<str>>,
}

impl Rule {
    /// The price for its price quantity, from the bases per base unit; the outer `None` means that a base is missing.
    pub(super) fn price(&self, base: impl Fn(Base) -> Option<Decimal>) -> Option<Option<Decimal>> {
        if self.calculation == Calculation::Formula {
            return Some(None);
        }
        let Some(value) = self.value else {
            return (self.calculation == Calculation::Fixed).then_some(None);
        };
        let mut price = match self.calculation {
            Calculation::Fixed => value,
            other => other.apply(base(self.base)?, value)?,
        };
        if let Some((of, times)) = self.floor {
            price = price.max(base(of)?.checked_mul(times)?);
        }
        price = self.cap.map_or(price, |cap| price.min(cap));
        price = price.checked_add(self.surcharge.unwrap_or_default())?;
        if let Some(step) = self.round_to.filter(|step| !step.is_zero()) {
            price = round_half_up(price.checked_div(step)?, 0).checked_mul(step)?;
        }
        Some(Some(price.max(Decimal::ZERO)))
    }

    pub(super) fn has_begun(&self, date: Date, time: Time) -> bool {
        self.valid_from
            .is_none_or(|from| from < date || (from == date && self.time_from.is_none_or(|from| from <= time)))
    }

    pub(super) fn is_over(&self, date: Date, time: Time) -> bool {
        self.valid_to
            .is_some_and(|to| to < date || (to == date && self.time_to.is_some_and(|to| to < time)))
    }
}

/// The rules of one list, those for single products by product.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// In the order of their positions.
    rules: Vec<Rule>,
    of_product: HashMap<ProductIndex, Vec<u32>>,
    general: Vec<u32>,
    discounts: Vec<u32>,
}

impl Rules {
    /// Takes rules in any order.
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by_key(|rule| rule.position);
        let mut all = Rules::default();
        for (at, rule) in (0..).zip(&rules) {
            match rule.scope {
                _ if rule.calculation == Calculation::Discount => all.discounts.push(at),
                Scope::Product(product) => all.of_product.entry(product).or_default().push(at),
                _ => all.general.push(at),
            }
        }
        Rules { rules, ..all }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether some of them are discounts kept apart from prices.
    pub(super) fn has_discounts(&self) -> bool {
        !self.discounts.is_empty()
    }

    /// The discounts kept apart from prices that may apply to a product.
    pub(super) fn discounts<'r>(
        &'r self,
        index: ProductIndex,
        product: &'r ProductTerms,
    ) -> impl Iterator<Item = &'r Rule> {
        let rules = self.discounts.iter().map(|at| &self.rules[*at as usize]);
        rules.filter(move |rule| rule.scope.distance(index, product).is_some())
    }

    /// Those that may apply to a product and say a price, with how far it is from their scope.
    pub(super) fn about<'r>(
        &'r self,
        index: ProductIndex,
        product: &'r ProductTerms,
    ) -> impl Iterator<Item = (usize, &'r Rule)> {
        let own = self.of_product.get(&index).map_or(&[][..], Vec::as_slice);
        let rules = own.iter().chain(&self.general).map(|at| &self.rules[*at as usize]);
        rules.filter_map(move |rule| Some((rule.scope.distance(index, product)?, rule)))
    }
}
