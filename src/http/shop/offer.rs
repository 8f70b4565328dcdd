//! A product at the visit's terms, in the words of the pages.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::money;
use crate::domain::product::{Goods, Product, ProductUnit};
use crate::domain::stock::{self, Band};
use crate::domain::terms::{Answer, Level, Outcome};
use crate::domain::unit::Factor;
use crate::http::page::format::{self, Content, Money, Price};
use crate::http::page::part::{Fact, Value};
use crate::http::page::shop::{Adding, Availability, ProductRow};
use crate::service::{Gateway, terms};

use super::Scene;

/// Multiples that are tried to make a unit meet the product's packing quantity.
const MULTIPLE_MAX: u32 = 1_000;

/// A product with its terms for the quantity the page offers.
pub struct Offer {
    /// The product.
    pub product: Arc<Product>,
    /// The unit it is offered in.
    pub unit: String,
    unit_name: String,
    base_name: String,
    factor: Factor,
    minimum: Decimal,
    multiple: Decimal,
    answer: Option<Answer>,
    in_cart: Option<Decimal>,
    warehouse: Option<String>,
}

impl Offer {
    /// The products of a list, each in the unit the shop offers first.
    pub fn all(gateway: &Gateway, scene: &Scene, products: Vec<Arc<Product>>) -> Vec<Offer> {
        products
            .into_iter()
            .map(|product| Offer::new(gateway, scene, product, None))
            .collect()
    }

    /// One product in one of its units.
    pub fn new(gateway: &Gateway, scene: &Scene, product: Arc<Product>, unit: Option<&str>) -> Offer {
        let goods = &scene.goods;
        let unit = unit
            .and_then(|code| product.unit(code))
            .or_else(|| product.default_unit())
            .map_or_else(|| product.base_unit.clone(), |unit| unit.unit.clone());
        let factor = product.unit(&unit).map_or(Factor::ONE, |unit| unit.factor);
        let (minimum, multiple) = steps(&product, factor);
        let answer = terms::answer(gateway, &scene.visit.session, &product.sku, minimum, Some(&unit)).ok();
        let held = scene
            .visit
            .lines
            .iter()
            .filter(|line| line.sku == product.sku && line.unit == unit);
        let in_cart = held.map(|line| line.quantity).reduce(|sum, quantity| sum + quantity);
        let warehouse = answer.as_ref().and_then(|answer| {
            let code = answer.availability.warehouse.as_deref()?;
            let at = answer.availability.warehouses.iter().find(|at| at.code == code)?;
            Some(at.name.clone())
        });
        Offer {
            unit_name: unit_name(goods, &product, &unit),
            base_name: goods.unit_name(&product.base_unit).to_lowercase(),
            factor,
            minimum,
            multiple,
            answer,
            in_cart,
            warehouse,
            unit,
            product,
        }
    }

    /// The row of a list.
    pub fn row<'a>(&'a self, scene: &Scene) -> ProductRow<'a> {
        let product = &self.product;
        let answer = self.answer.as_ref();
        let can_add = scene.frame("", None).can_change() && answer.is_some_and(Answer::is_orderable);
        ProductRow {
            sku: &product.sku,
            name: &product.name,
            manufacturer: product.manufacturer.as_deref(),
            manufacturer_part: product.manufacturer_part_id.as_deref(),
            buyer_part: None,
            attributes: Vec::new(),
            price: answer.and_then(|answer| Some(self.price_of(answer.unit_price.as_ref()?, answer.price_quantity))),
            availability: self.availability(),
            adding: can_add.then_some(Adding {
                unit: &self.unit,
                unit_name: &self.unit_name,
                quantity: self.minimum,
                minimum: self.minimum,
                multiple: self.multiple,
            }),
            in_cart: self.in_cart,
        }
    }

    /// A price of this unit as pages say it.
    pub fn price_of(&self, price: &money::Money, per: Decimal) -> Price<'_> {
        price_in(price, per, &self.unit_name, self.factor, &self.base_name)
    }

    /// What is in stock for the offered quantity.
    pub fn availability(&self) -> Availability<'_> {
        self.answer.as_ref().map_or(Availability::OnRequest, |answer| {
            availability(&answer.availability, self.warehouse.as_deref())
        })
    }

    /// What each warehouse has.
    pub fn warehouses(&self) -> impl Iterator<Item = (&str, Availability<'_>)> {
        let at = self
            .answer
            .as_ref()
            .map(|answer| answer.availability.warehouses.as_slice());
        at.unwrap_or_default().iter().map(|at| {
            let availability = if at.available > Decimal::ZERO {
                Availability::InStock {
                    from: None,
                    quantity: Some(at.available),
                    ships: None,
                }
            } else {
                Availability::Later { by: None }
            };
            (at.name.as_str(), availability)
        })
    }

    /// Facts that every product may have.
    pub fn attributes(&self) -> Vec<Fact<'_>> {
        let product = &self.product;
        let texts = [("GTIN", &product.gtin), ("UNSPSC", &product.unspsc)];
        texts
            .into_iter()
            .filter_map(|(name, value)| {
                Some(Fact {
                    name,
                    value: Value::Text(value.as_deref()?),
                })
            })
            .collect()
    }

    /// Why the price is what it is: two sentences, and every step.
    pub fn why(&self) -> Option<(String, Vec<(String, String)>)> {
        let answer = self.answer.as_ref()?;
        let trace = &answer.trace;
        let decided = trace.decided()?;
        let list = decided.list.as_deref().unwrap_or_default();
        let source = match decided.level {
            Level::Agreement => format!("The price comes from your agreement {list}."),
            Level::Account => format!("The price comes from your contract {list}."),
            Level::Inherited => format!("The price comes from the contract {list} of your company's head account."),
            Level::Group => format!("The price comes from the list {list} of your customer group."),
            Level::Promotion => format!("It is the price of the promotion {list}."),
            Level::Default => format!("The price comes from the general list {list}."),
            Level::ListPrice => "It is the list price; no contract has another one.".to_owned(),
        };
        let amount = match &decided.outcome {
            Outcome::NoPrice => "There is no price; it is given on request.".to_owned(),
            Outcome::Entry(entry) if entry.min_quantity > Decimal::ONE => format!(
                "It holds from {} {} on, as of {}.",
                format::quantity(entry.min_quantity),
                entry.unit,
                trace.date
            ),
            _ => format!("It is the price of {}.", trace.date),
        };
        let steps = trace.steps.iter().map(|step| {
            let name = step.list.as_deref().unwrap_or("List price").to_owned();
            (name, outcome_words(&step.outcome))
        });
        Some((format!("{source} {amount}"), steps.collect()))
    }
}

/// In few words; what a price was computed from is the supplier's own business.
fn outcome_words(outcome: &Outcome) -> String {
    let listed = |price: Option<Decimal>| price.map_or_else(|| "on request".to_owned(), format::quantity);
    match outcome {
        Outcome::NotPriced => "no entry, and no price then".to_owned(),
        Outcome::NotForThis => "passed over: for other addresses, or to be named by the order".to_owned(),
        Outcome::Exceeded { left } => format!("passed over: only {} left", format::quantity(*left)),
        Outcome::Rule(entry) => format!(
            "rule {}: {} from {}",
            entry.position,
            listed(entry.price),
            format::quantity(entry.min_quantity)
        ),
        Outcome::Agreement(entry) => format!(
            "line {}: {} for {} {}",
            entry.line,
            listed(entry.price),
            format::quantity(entry.price_quantity),
            entry.unit
        ),
        Outcome::Promotion { price, .. } => format!("{} instead", format::quantity(*price)),
        Outcome::BelowThreshold { min_quantity, quantity } => format!(
            "from {} on; in the cart are {}",
            format::quantity(*min_quantity),
            format::quantity(*quantity)
        ),
        Outcome::NotLower { price } => format!("{} would not be lower", format::quantity(*price)),
        Outcome::OtherCurrency => "passed over: another currency".to_owned(),
        Outcome::NotValid => "passed over: not valid on this day".to_owned(),
        Outcome::NoEntry => "no entry for this product and quantity".to_owned(),
        Outcome::NoPrice => "no price".to_owned(),
        Outcome::ListPrice { price, price_quantity } => {
            format!("{} for {}", format::quantity(*price), format::quantity(*price_quantity))
        }
        Outcome::Entry(entry) => {
            let price = entry.price.map_or_else(|| "on request".to_owned(), format::quantity);
            format!(
                "entry {}: {price} for {} {} from {}",
                entry.ordinal,
                format::quantity(entry.price_quantity),
                entry.unit,
                format::quantity(entry.min_quantity)
            )
        }
    }
}

/// "each", "box of 100": a unit with what it holds.
pub fn unit_name(goods: &Goods, product: &Product, unit: &str) -> String {
    let name = goods.unit_name(unit).to_lowercase();
    match product.unit(unit).and_then(whole_content) {
        Some(pieces) if unit != product.base_unit => format!("{name} of {}", format::quantity(pieces)),
        _ => name,
    }
}

/// How many base units one of the unit is, where that is a whole number more than one.
fn whole_content(unit: &ProductUnit) -> Option<Decimal> {
    let pieces = unit.factor.to_base(Decimal::ONE)?;
    (pieces > Decimal::ONE && pieces.fract().is_zero()).then_some(pieces)
}

/// A price with what one unit holds.
pub fn price_in<'a>(
    price: &money::Money,
    per: Decimal,
    unit_name: &'a str,
    factor: Factor,
    base_name: &'a str,
) -> Price<'a> {
    let pieces = factor.to_base(Decimal::ONE).filter(|pieces| *pieces > Decimal::ONE);
    Price {
        money: Money {
            amount: price.amount,
            currency: price.currency.code(),
        },
        per,
        unit: unit_name,
        content: pieces.map(|pieces| Content {
            pieces,
            piece: base_name,
        }),
    }
}

/// Stock as pages say it.
pub fn availability<'a>(availability: &stock::Availability, warehouse: Option<&'a str>) -> Availability<'a> {
    match availability.band {
        Band::InStock => Availability::InStock {
            from: warehouse,
            quantity: Some(availability.available),
            ships: availability.ships_on,
        },
        Band::Partial => Availability::Partly {
            quantity: availability.available,
            rest_by: availability.ships_on,
        },
        Band::LeadTime => Availability::Later {
            by: availability.ships_on,
        },
        Band::OnRequest => Availability::OnRequest,
    }
}

/// The least quantity and the step, in this unit, that meet the product's minimum and packing quantity.
pub fn steps(product: &Product, factor: Factor) -> (Decimal, Decimal) {
    let multiple = match product.order_multiple.filter(|multiple| *multiple > Decimal::ZERO) {
        None => Decimal::ONE,
        Some(packing) => (1..=MULTIPLE_MAX)
            .map(Decimal::from)
            .find(|times| {
                let base = factor.to_base(*times);
                base.is_some_and(|base| (base % packing).is_zero())
            })
            .unwrap_or(Decimal::ONE),
    };
    let least = product
        .min_order_quantity
        .and_then(|minimum| factor.from_base(minimum))
        .map_or(multiple, |minimum| (minimum / multiple).ceil() * multiple);
    (least.max(multiple), multiple)
}
