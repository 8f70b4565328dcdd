//! A product at the visit's terms, in the words of the pages.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::money::{self, Currency};
use crate::domain::product::{Product, ProductUnit};
use crate::domain::stock::{self, Band};
use crate::domain::terms::{Answer, Level, Outcome, Request};
use crate::domain::unit::{self, Factor};
use crate::http::page::format::{Content, Money, Price};
use crate::http::page::shop::{Adding, Availability, ProductRow};
use crate::http::page::text::{Text, Word};
use crate::service::session::cart::Wanted;
use crate::service::{Error, terms};

use super::Scene;

/// A product with its terms for the quantity the page offers.
pub struct Offer {
    /// The product.
    pub product: Arc<Product>,
    /// The unit it is offered in.
    pub unit: String,
    unit_name: String,
    base_name: String,
    factor: Factor,
    quantity: Decimal,
    minimum: Decimal,
    multiple: Decimal,
    answer: Option<Answer>,
    in_cart: Option<Decimal>,
    warehouse: Option<String>,
}

impl Offer {
    /// The products of a list, each in the unit the shop offers first.
    ///
    /// # Errors
    /// As for [`terms::ask`].
    pub async fn all(scene: &Scene, products: &[Arc<Product>]) -> Result<Vec<Offer>, Error> {
        let mut offers = Vec::with_capacity(products.len());
        for product in products {
            offers.push(Offer::new(scene, product, None, None).await?);
        }
        Ok(offers)
    }

    /// The product of a part number, where it is shown and sold in this unit.
    ///
    /// # Errors
    /// As for [`terms::ask`].
    pub async fn find(
        scene: &Scene,
        sku: &str,
        unit: Option<&str>,
        quantity: Option<Decimal>,
    ) -> Result<Option<Offer>, Error> {
        let Some(product) = scene.shown(sku) else {
            return Ok(None);
        };
        let is_sold = |unit: &str| product.sellable_units().any(|sold| sold.unit == unit);
        match unit.is_none_or(is_sold) {
            true => Ok(Some(Offer::new(scene, product, unit, quantity).await?)),
            false => Ok(None),
        }
    }

    /// One product in one of its units, for a quantity or the least one.
    ///
    /// # Errors
    /// As for [`terms::ask`].
    pub async fn new(
        scene: &Scene,
        product: &Arc<Product>,
        unit: Option<&str>,
        quantity: Option<Decimal>,
    ) -> Result<Offer, Error> {
        let mut offer = Offer::blank(scene, product, (unit, quantity));
        let (sku, unit) = (&product.sku, Some(&*offer.unit));
        let answer = terms::visit::answer(scene.gateway(), &scene.visit, sku, offer.quantity, unit).await?;
        offer.take(answer.ok());
        Ok(offer)
    }

    /// What is wanted at the terms it was answered with, where the product is shown and sold in this unit.
    pub fn answered(scene: &Scene, wanted: &Wanted, answer: Option<&Answer>) -> Option<Offer> {
        let product = scene.shown(&wanted.sku)?;
        product.sellable_units().find(|sold| sold.unit == wanted.unit)?;
        let asked = (Some(&*wanted.unit), Some(wanted.quantity));
        let mut offer = Offer::blank(scene, product, asked);
        offer.take(answer.cloned());
        Some(offer)
    }

    /// Before it is priced.
    fn blank(scene: &Scene, product: &Arc<Product>, (unit, quantity): (Option<&str>, Option<Decimal>)) -> Offer {
        let unit = unit
            .and_then(|code| product.unit(code))
            .or_else(|| product.default_unit())
            .map_or_else(|| product.base_unit.clone(), |unit| unit.unit.clone());
        let factor = product.unit(&unit).map_or(Factor::ONE, |unit| unit.factor);
        let (minimum, multiple) = product.steps(factor);
        let quantity = quantity.unwrap_or(minimum);
        let held = scene
            .visit
            .lines
            .iter()
            .filter(|line| line.sku == product.sku && line.unit == unit);
        let in_cart = held.map(|line| line.quantity).reduce(|sum, quantity| sum + quantity);
        Offer {
            unit_name: unit_name(scene, product, &unit),
            base_name: word_of_unit(scene, &product.base_unit),
            factor,
            quantity,
            minimum,
            multiple,
            answer: None,
            in_cart,
            warehouse: None,
            unit,
            product: Arc::clone(product),
        }
    }

    fn take(&mut self, answer: Option<Answer>) {
        self.warehouse = answer.as_ref().and_then(|answer| {
            let code = answer.availability.warehouse.as_deref()?;
            let at = answer.availability.warehouses.iter().find(|at| at.code == code)?;
            Some(at.name.clone())
        });
        self.answer = answer;
    }

    /// The row of a list.
    pub fn row<'a>(&'a self, scene: &'a Scene) -> ProductRow<'a> {
        let product = &self.product;
        let answer = self.answer.as_ref();
        let can_add = scene.frame("", None).can_change() && answer.is_some_and(Answer::is_orderable);
        ProductRow {
            sku: &product.sku,
            name: scene.name(product),
            manufacturer: product.manufacturer.as_deref(),
            manufacturer_part: product.manufacturer_part_id.as_deref(),
            buyer_part: None,
            picture: None,
            attributes: Vec::new(),
            price: answer.and_then(|answer| Some(self.price_of(answer.unit_price.as_ref()?, answer.price_quantity))),
            availability: self.availability(),
            adding: can_add.then_some(Adding {
                unit: &self.unit,
                unit_name: &self.unit_name,
                quantity: self.quantity,
                minimum: self.minimum,
                multiple: self.multiple,
            }),
            in_cart: self.in_cart,
        }
    }

    /// Price, availability and the reasons, where there are any.
    pub fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// The unit as said in a sentence.
    pub fn unit_name(&self) -> &str {
        &self.unit_name
    }

    /// The least quantity and the step, in the offered unit.
    pub fn steps(&self) -> (Decimal, Decimal) {
        (self.minimum, self.multiple)
    }

    /// What one base unit costs, and its currency, as near as it can be written.
    pub fn base_price(&self) -> Option<(Decimal, Currency)> {
        let answer = self.answer.as_ref()?;
        let price = answer.unit_price?;
        let pieces = self.factor.to_base(answer.price_quantity)?;
        Some((price.amount.checked_div(pieces)?, price.currency))
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

    /// What each warehouse has and when the quantity ships from there, by its name.
    ///
    /// # Errors
    /// As for [`terms::ask`].
    pub async fn warehouses(&self, scene: &Scene) -> Result<Vec<(String, Availability<'static>)>, Error> {
        let at = self.answer.as_ref().map(|answer| &*answer.availability.warehouses);
        let session = &scene.visit.session;
        let mut warehouses = Vec::new();
        for at in at.unwrap_or_default() {
            let asked = terms::ask(scene.gateway(), session.tenant_id, |now, today| Request {
                unit: Some(&self.unit),
                warehouse: Some(&at.code),
                ..Request::new(&session.account_code, &self.product.sku, self.quantity, today, now)
            });
            let from = asked.await?.map_or(Availability::OnRequest, |answer| {
                availability(&answer.availability, None)
            });
            warehouses.push((at.name.clone(), from));
        }
        Ok(warehouses)
    }

    /// Why the price is what it is: two sentences, and every step.
    pub fn why(&self, scene: &Scene) -> Option<(String, Vec<(String, String)>)> {
        let reader = scene.reader();
        let trace = &self.answer.as_ref()?.trace;
        let decided = trace.decided()?;
        let list = decided.list.as_deref().unwrap_or_default();
        let source = match decided.level {
            Level::Agreement => Text::new("why-agreement"),
            Level::Account => Text::new("why-account"),
            Level::Inherited => Text::new("why-inherited"),
            Level::Group => Text::new("why-group"),
            Level::Promotion => Text::new("why-promotion"),
            Level::Default => Text::new("why-default"),
            Level::ListPrice => Text::new("why-list-price"),
        };
        let amount = match &decided.outcome {
            Outcome::NoPrice => Text::new("why-none"),
            Outcome::Entry(entry) if entry.min_quantity > Decimal::ONE => Text::new("why-from")
                .with("quantity", entry.min_quantity)
                .with("unit", word_of_unit(scene, &entry.unit))
                .with("day", trace.date),
            _ => Text::new("why-day").with("day", trace.date),
        };
        let steps = trace.steps.iter().map(|step| {
            let list = step.list.as_deref().map(str::to_owned);
            let name = list.unwrap_or_else(|| reader.say("step-list-price"));
            (name, reader.say(outcome_text(scene, &step.outcome)))
        });
        let summary = [reader.say(source.with("list", list)), reader.say(amount)].join(" ");
        Some((summary, steps.collect()))
    }
}

/// In few words; what a price was computed from is the supplier's own business.
fn outcome_text(scene: &Scene, outcome: &Outcome) -> Text {
    let listed = |price: Option<Decimal>| {
        let on_request = || Word::Text(scene.reader().say("on-request"));
        price.map_or_else(on_request, Word::Quantity)
    };
    match outcome {
        Outcome::NotPriced => Text::new("step-not-priced"),
        Outcome::NotForThis => Text::new("step-not-for-this"),
        Outcome::Exceeded { left } => Text::new("step-exceeded").with("left", left),
        Outcome::Rule(entry) => Text::new("step-rule")
            .with("position", u64::from(entry.position))
            .with("price", listed(entry.price))
            .with("least", entry.min_quantity),
        Outcome::Agreement(entry) => Text::new("step-agreement")
            .with("line", u64::from(entry.line))
            .with("price", listed(entry.price))
            .with("per", entry.price_quantity)
            .with("unit", word_of_unit(scene, &entry.unit)),
        Outcome::Promotion { price, .. } => Text::new("step-promotion").with("price", price),
        Outcome::BelowThreshold { min_quantity, quantity } => Text::new("step-below")
            .with("least", min_quantity)
            .with("quantity", quantity),
        Outcome::NotLower { price } => Text::new("step-not-lower").with("price", price),
        Outcome::Compared { price, .. } => Text::new("step-compared").with("price", listed(*price)),
        Outcome::Discount { percent, .. } => Text::new("step-discount").with("percent", percent),
        Outcome::OtherCurrency => Text::new("step-currency"),
        Outcome::NotValid => Text::new("step-not-valid"),
        Outcome::NoEntry => Text::new("step-no-entry"),
        Outcome::NoPrice => Text::new("step-no-price"),
        Outcome::ListPrice { price, price_quantity } => Text::new("step-listed")
            .with("price", price)
            .with("per", price_quantity),
        Outcome::Entry(entry) => Text::new("step-entry")
            .with("ordinal", u64::from(entry.ordinal))
            .with("price", listed(entry.price))
            .with("per", entry.price_quantity)
            .with("unit", word_of_unit(scene, &entry.unit))
            .with("least", entry.min_quantity),
    }
}

/// "each", "box": a unit in the reader's language; a name that the supplier made up stays as it is.
pub fn word_of_unit(scene: &Scene, code: &str) -> String {
    let name = scene.goods.unit_name(code);
    let standard = unit::named(code).filter(|standard| name == code || name.eq_ignore_ascii_case(standard.name));
    let said = standard.and_then(|standard| scene.reader().say_of("unit-", standard.code));
    said.unwrap_or_else(|| name.to_lowercase())
}

/// "each", "box of 100": a unit with what it holds.
pub fn unit_name(scene: &Scene, product: &Product, code: &str) -> String {
    let name = word_of_unit(scene, code);
    match product.unit(code).and_then(whole_content) {
        Some(pieces) if code != product.base_unit => {
            let holds = Text::new("unit-holds").with("unit", name).with("quantity", pieces);
            scene.reader().say(holds)
        }
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
