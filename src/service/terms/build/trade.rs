//! What holds for all accounts.

use rust_decimal::Decimal;

use super::super::Snapshot;
use super::super::parts::TradeRows;
use super::contracts::Codes;
use super::{broken, left_out, priority};
use crate::domain::money::Currency;
use crate::domain::terms::{Promotion, Rates, Scope, SourcingRule, TaxRule, Trade};
use crate::store::StoreError;
use crate::store::trade::{PromotionRow, PromotionScope};

/// # Errors
/// A rate is zero or less: without it a dearer list could be passed over.
pub(super) fn build(
    rows: &TradeRows,
    snapshot: &Snapshot,
    codes: &Codes,
    currency: Currency,
) -> Result<Trade, StoreError> {
    if let Some(row) = rows.rates.iter().find(|row| row.rate <= Decimal::ZERO) {
        return Err(broken("exchange rate", row.id, "is not more than zero"));
    }
    let rates = rows.rates.iter().map(|row| (row.currency, row.valid_from, row.rate));
    let word = |word: &Option<String>| word.as_deref().map(Into::into);
    let taxes = rows.taxes.iter().map(|row| TaxRule {
        code: row.code.as_str().into(),
        account_class: word(&row.account_class),
        product_class: word(&row.product_class),
        country: word(&row.country),
        region: word(&row.region),
        postal_from: word(&row.postal_from),
        postal_to: word(&row.postal_to),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        rate: row.rate,
        priority: priority(row.priority),
    });
    let sourcing = rows.sourcing.iter().filter_map(|row| {
        Some(SourcingRule {
            account: match row.account_id {
                Some(id) => Some(codes.get(&id)?.clone()),
                None => None,
            },
            region: word(&row.region),
            product: match row.product_id {
                Some(id) => Some(snapshot.book.catalogue.product_by_id(id)?),
                None => None,
            },
            warehouse: snapshot.names.warehouse(row.warehouse_id)?,
            priority: priority(row.priority),
        })
    });
    let promotions = rows.promotions.iter().filter_map(|row| promotion(row, snapshot));
    Ok(Trade::new(
        promotions.collect(),
        taxes.collect(),
        Rates::new(currency, rates),
        sourcing.collect(),
    ))
}

/// A promotion whose unit is there; without what it is about it is for nothing.
fn promotion(row: &PromotionRow, snapshot: &Snapshot) -> Option<Promotion> {
    let scopes = row.scope.iter().filter_map(|scope| match scope {
        PromotionScope::Product(id) => snapshot.book.catalogue.product_by_id(*id).map(Scope::Product),
        PromotionScope::Category(id) => snapshot.names.categories.get(id).cloned().map(Scope::Category),
        PromotionScope::PriceGroup(code) => Some(Scope::Group(code.as_str().into())),
        PromotionScope::All => Some(Scope::All),
    });
    let unit = row.threshold_uom_id.map(|id| snapshot.names.units.get(&id).copied());
    if unit == Some(None) {
        left_out("promotion", row.id, "the unit of its threshold is gone");
        return None;
    }
    Some(Promotion {
        code: row.code.as_str().into(),
        scopes: scopes.collect(),
        groups: row.account_groups.iter().map(|code| code.as_str().into()).collect(),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        min_quantity: row.threshold_qty,
        unit: unit.flatten(),
        calculation: row.calc,
        value: row.value,
        stacking: row.stacking,
        priority: priority(row.priority),
    })
}
