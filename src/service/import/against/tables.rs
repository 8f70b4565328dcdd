//! Which tables a kind of rows is in, and rows taken away that only the store has.

use uuid::Uuid;

use crate::service::import::name::Entity;
use crate::service::import::{Plan, with_plan};
use crate::service::{Error, Gateway};
use crate::store::import::{Present, Steps};
use crate::store::{self, StoreError, Tx};

/// The table of a kind of rows, and those of rows that belong to them.
pub(super) struct Tables {
    pub main: &'static str,
    /// Each with the column that says to which row.
    pub children: &'static [(&'static str, &'static str)],
}

pub(super) fn tables(kind: Entity) -> Option<Tables> {
    let (main, children): (_, &[_]) = match kind {
        Entity::Prices | Entity::OrderStatus => return None,
        Entity::Products => (
            "product",
            &[("product_uom", "product_id"), ("product_category", "product_id")],
        ),
        Entity::Accounts => ("account", &[("account_group_member", "account_id")]),
        Entity::Units => ("uom", &[]),
        Entity::Categories => ("category", &[]),
        Entity::ProductTexts => ("product_text", &[]),
        Entity::CategoryTexts => ("category_text", &[]),
        Entity::Attributes => ("attribute", &[]),
        Entity::AttributeTexts => ("attribute_text", &[]),
        Entity::Facets => ("category_facet", &[]),
        Entity::ProductAttributes => ("product_attribute", &[]),
        Entity::Media => ("product_media", &[]),
        Entity::Synonyms => ("synonym", &[]),
        Entity::Relations => ("product_relation", &[]),
        Entity::Kits => ("kit_component", &[]),
        Entity::Warehouses => ("warehouse", &[]),
        Entity::PricePolicies => ("price_policy", &[]),
        Entity::Addresses => ("account_address", &[]),
        Entity::OwnParts => ("account_sku", &[]),
        Entity::Assortments => ("account_assortment", &[]),
        Entity::Credit => ("account_credit", &[]),
        Entity::Rates => ("fx_rate", &[]),
        Entity::TaxRules => ("tax_rule", &[]),
        Entity::PriceLists => ("price_list", &[]),
        Entity::PriceRules => ("price_rule", &[]),
        Entity::PriceAssignments => ("price_list_assignment", &[]),
        Entity::Agreements => ("agreement", &[]),
        Entity::AgreementShipTos => ("agreement_ship_to", &[]),
        Entity::AgreementLines => ("agreement_line", &[]),
        Entity::Promotions => ("promotion", &[]),
        Entity::Stock => ("stock_level", &[]),
        Entity::Supply => ("supply_event", &[]),
        Entity::Sourcing => ("sourcing_rule", &[]),
    };
    Some(Tables { main, children })
}

/// Whether rows of a kind can be held against the store. Entries of price lists are one block a list, and where orders
/// stand is no row of ours.
pub fn is_comparable(kind: Entity) -> bool {
    tables(kind).is_some()
}

/// Takes rows away that only the store has; `false` where there is no such source, or others brought rows meanwhile.
///
/// # Errors
/// The store would not.
pub async fn take_away(
    gateway: &Gateway,
    tenant_id: Uuid,
    code: &str,
    kind: Entity,
    rows: &[Present],
) -> Result<bool, Error> {
    let Some(tables) = tables(kind) else { return Ok(false) };
    let word = with_plan!(kind, feed_word());
    let (code, rows, clock) = (code.to_owned(), rows.to_vec(), gateway.clock.clone());
    let write = async move |tx: &mut Tx| {
        let Some(source) = store::source::find(tx, tenant_id, &code).await? else {
            return Ok::<_, StoreError>(false);
        };
        if source.status == store::source::APPLYING || !store::source::claim(tx, &source).await? {
            return Ok(false);
        }
        let mut steps = Steps::new(&source, clock.new_id(), clock.now());
        steps.take_away(tables.main, &rows);
        steps.feed(&[store::feed::Change {
            tenant_id,
            seq: 0,
            entity: word.to_owned(),
            // Many may hang on it.
            entity_id: Uuid::nil(),
            op: "put".to_owned(),
            cause: "import".to_owned(),
            at: clock.now(),
        }]);
        for step in steps.as_slice() {
            store::import::apply(tx, step).await?;
        }
        Ok(true)
    };
    Ok(gateway.store.write(write).await?)
}

async fn feed_word<P: Plan>() -> &'static str {
    P::FEED
}
