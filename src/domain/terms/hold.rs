//! What accepted orders hold of the stock until the ERP shows them.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use uuid::Uuid;

use super::book::PriceBook;
use super::catalogue::ProductIndex;
use super::{OrderRequest, Request};
use crate::domain::stock;

/// So much of a product at a warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The product, of a kit each component.
    pub product: Uuid,
    /// The warehouse.
    pub warehouse: Uuid,
    /// How much, in base units.
    pub quantity: Decimal,
}

/// What all orders of ours hold together.
#[derive(Clone, Debug, Default)]
pub struct Held(HashMap<(ProductIndex, u16), Decimal>);

impl Held {
    fn add(&mut self, product: ProductIndex, warehouse: u16, quantity: Decimal) {
        let sum = self.0.entry((product, warehouse)).or_default();
        *sum = sum.saturating_add(quantity);
    }

    /// How much of a product at a warehouse, in base units.
    pub(super) fn of(&self, product: ProductIndex, warehouse: u16) -> Decimal {
        self.0.get(&(product, warehouse)).copied().unwrap_or_default()
    }
}

impl PriceBook {
    /// The sum of holds; what is about products or warehouses that are gone holds nothing.
    #[must_use]
    pub fn sum_held(&self, holds: impl IntoIterator<Item = Hold>) -> Held {
        let mut held = Held::default();
        for hold in holds {
            let product = self.catalogue.product_by_id(hold.product);
            if let Some((product, warehouse)) = product.zip(self.stock.place_of(hold.warehouse)) {
                held.add(product, warehouse, hold.quantity);
            }
        }
        held
    }

    /// What all orders hold but for some of it.
    pub(super) fn held_without(&self, own: &[Hold]) -> Held {
        let mut held = Held::clone(&self.held);
        for ((product, warehouse), quantity) in self.sum_held(own.iter().copied()).0 {
            held.add(product, warehouse, -quantity);
        }
        held
    }

    /// What an order takes from which warehouse once it is accepted, all lines of a product together; `own` is what it
    /// held before. Lines of what is not known take nothing.
    pub fn hold(&self, order: &OrderRequest<'_>, own: &[Hold]) -> Vec<Hold> {
        let mut wanted: BTreeMap<ProductIndex, Decimal> = BTreeMap::new();
        for line in order.lines {
            let request = Request {
                unit: Some(line.unit),
                ..Request::new(order.account, line.product, line.quantity, order.date, order.now)
            };
            let Ok(asked) = self.ask(&request) else { continue };
            if let Some(base) = asked.factor.to_base(line.quantity).filter(|base| *base > Decimal::ZERO) {
                let sum = wanted.entry(asked.index).or_default();
                *sum = sum.saturating_add(base);
            }
        }
        let holds = wanted.into_iter().flat_map(|(product, quantity)| {
            let terms = self.catalogue.product_at(product);
            let base_unit = self.unit_code(terms.base_unit);
            let request = Request {
                unit: Some(&base_unit),
                ship_to: order.ship_to,
                warehouse: order.warehouse,
                ..Request::new(order.account, &terms.sku, quantity, order.date, order.now)
            };
            let shares = self.ask(&request).map(|asked| {
                let need = self.need(&asked, &request, quantity);
                stock::share(need, &self.places(&asked, own))
            });
            let goods = [(product, Decimal::ONE)];
            let parts = self.catalogue.kit(product).unwrap_or(&goods).to_vec();
            let shares = shares.unwrap_or_default().into_iter();
            shares.flat_map(move |(warehouse, quantity)| {
                let parts = parts.clone().into_iter();
                parts.map(move |(part, per)| (part, warehouse, quantity.saturating_mul(per)))
            })
        });
        let hold = |(part, warehouse, quantity)| Hold {
            product: self.catalogue.product_at(part).id,
            warehouse,
            quantity,
        };
        holds.map(hold).collect()
    }
}
