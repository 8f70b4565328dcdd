//! What the name of a file says: what it brings, whether that is all there is, and how it is written.

use super::fact::Fact;
use super::table::Format;
use super::{account, order, price, prices, product, stock};
use crate::config::nearest;
use crate::store::agreement::{AgreementLineRow, AgreementRow, AgreementShipToRow};
use crate::store::attribute::{AttributeRow, AttributeTextRow, FacetRow, ProductAttributeRow};
use crate::store::belonging::{AddressRow, AssortmentRow, CreditRow, OwnPartRow};
use crate::store::content::{CategoryTextRow, ProductTextRow};
use crate::store::media::ProductMediaRow;
use crate::store::policy::PolicyRow;
use crate::store::relation::{KitComponentRow, RelationRow};
use crate::store::rule::RuleRow;
use crate::store::supply::{SourcingRow, SupplyRow};
use crate::store::synonym::SynonymRow;
use crate::store::trade::{PromotionRow, RateRow, TaxRuleRow};

/// What a file brings, in the order in which files depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// Units of measure.
    Units,
    /// Categories.
    Categories,
    /// Products with their units and categories.
    Products,
    /// What products are called in other languages.
    ProductTexts,
    /// What categories are called in other languages.
    CategoryTexts,
    /// Attributes that products may have.
    Attributes,
    /// What attributes and their values are called in other languages.
    AttributeTexts,
    /// By which attributes categories are narrowed down.
    Facets,
    /// Values of attributes.
    ProductAttributes,
    /// Pictures and documents of products.
    Media,
    /// Words that mean the same in a search.
    Synonyms,
    /// Relations of products: substitutes and the like.
    Relations,
    /// What kits are put together from.
    Kits,
    /// Warehouses.
    Warehouses,
    /// Policies by which prices are decided.
    PricePolicies,
    /// Customer accounts with their groups.
    Accounts,
    /// Addresses of accounts.
    Addresses,
    /// Part numbers of the accounts' own.
    OwnParts,
    /// What accounts may and may not buy.
    Assortments,
    /// How much accounts may owe.
    Credit,
    /// Exchange rates.
    Rates,
    /// Rules of tax.
    TaxRules,
    /// Price lists without their entries.
    PriceLists,
    /// Rules of price lists.
    PriceRules,
    /// Whom price lists are given to.
    PriceAssignments,
    /// Entries of price lists.
    Prices,
    /// Agreements.
    Agreements,
    /// The addresses agreements are for.
    AgreementShipTos,
    /// Lines of agreements.
    AgreementLines,
    /// Promotions.
    Promotions,
    /// Stock by product and warehouse.
    Stock,
    /// What comes to warehouses.
    Supply,
    /// Which warehouse serves whom.
    Sourcing,
    /// Where orders stand in the ERP.
    OrderStatus,
}

impl Entity {
    /// All of them, in order.
    pub const ALL: [Entity; 34] = [
        Entity::Units,
        Entity::Categories,
        Entity::Products,
        Entity::ProductTexts,
        Entity::CategoryTexts,
        Entity::Attributes,
        Entity::AttributeTexts,
        Entity::Facets,
        Entity::ProductAttributes,
        Entity::Media,
        Entity::Synonyms,
        Entity::Relations,
        Entity::Kits,
        Entity::Warehouses,
        Entity::PricePolicies,
        Entity::Accounts,
        Entity::Addresses,
        Entity::OwnParts,
        Entity::Assortments,
        Entity::Credit,
        Entity::Rates,
        Entity::TaxRules,
        Entity::PriceLists,
        Entity::PriceRules,
        Entity::PriceAssignments,
        Entity::Prices,
        Entity::Agreements,
        Entity::AgreementShipTos,
        Entity::AgreementLines,
        Entity::Promotions,
        Entity::Stock,
        Entity::Supply,
        Entity::Sourcing,
        Entity::OrderStatus,
    ];

    /// The name of its files, without their ending.
    pub fn word(self) -> &'static str {
        match self {
            Entity::Units => "units",
            Entity::Categories => "categories",
            Entity::Products => "products",
            Entity::Warehouses => "warehouses",
            Entity::Accounts => "accounts",
            Entity::PricePolicies => "price_policies",
            Entity::PriceLists => "price_lists",
            Entity::PriceAssignments => "price_assignments",
            Entity::Prices => "prices",
            Entity::Stock => "stock",
            Entity::ProductTexts => "product_texts",
            Entity::CategoryTexts => "category_texts",
            Entity::Attributes => "attributes",
            Entity::AttributeTexts => "attribute_texts",
            Entity::Facets => "facets",
            Entity::ProductAttributes => "product_attributes",
            Entity::Media => "media",
            Entity::Synonyms => "synonyms",
            Entity::Relations => "relations",
            Entity::Kits => "kits",
            Entity::Addresses => "addresses",
            Entity::OwnParts => "own_parts",
            Entity::Assortments => "assortments",
            Entity::Credit => "credit",
            Entity::Rates => "rates",
            Entity::TaxRules => "tax_rules",
            Entity::PriceRules => "price_rules",
            Entity::Agreements => "agreements",
            Entity::AgreementShipTos => "agreement_ship_tos",
            Entity::AgreementLines => "agreement_lines",
            Entity::Promotions => "promotions",
            Entity::Supply => "supply",
            Entity::Sourcing => "sourcing",
            Entity::OrderStatus => "order_status",
        }
    }

    /// The kind with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Entity::ALL.into_iter().find(|entity| entity.word() == word)
    }

    /// The columns that make one row another one.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Entity::Units
            | Entity::Categories
            | Entity::Attributes
            | Entity::Synonyms
            | Entity::Warehouses
            | Entity::PricePolicies
            | Entity::Accounts
            | Entity::TaxRules
            | Entity::PriceLists
            | Entity::Promotions
            | Entity::Sourcing => &["code"],
            Entity::Products => &["sku"],
            Entity::ProductTexts => &["sku", "language"],
            Entity::CategoryTexts => &["category", "language"],
            Entity::AttributeTexts => &["attribute", "value", "language"],
            Entity::Facets => &["category", "attribute"],
            Entity::ProductAttributes => &["sku", "attribute"],
            Entity::Media => &["sku", "file"],
            Entity::Relations => &["sku", "related", "kind"],
            Entity::Kits => &["kit", "component"],
            Entity::Addresses => &["account", "code"],
            Entity::OwnParts => &["account", "number"],
            Entity::Assortments => &["account", "sku", "category"],
            Entity::Credit => &["account"],
            Entity::Rates => &["currency", "valid_from"],
            Entity::PriceRules => &["list", "position"],
            Entity::PriceAssignments => &["list", "account", "group"],
            Entity::Prices => &["list", "sku", "unit", "min_quantity", "valid_from"],
            Entity::Agreements => &["number"],
            Entity::AgreementShipTos => &["agreement", "address"],
            Entity::AgreementLines => &["agreement", "line"],
            Entity::Stock => &["sku", "warehouse"],
            Entity::Supply => &["sku", "warehouse", "reference"],
            Entity::OrderStatus => &["order", "connection", "buyer", "id", "erp_number"],
        }
    }

    /// Whether rows of it can be taken away one by one.
    pub fn is_deletable(self) -> bool {
        let (required, optional) = self.columns();
        required.iter().chain(optional).any(|column| *column == "deleted")
    }

    /// The columns of its files: those that must be there, and the others.
    pub fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        let columns = match self {
            Entity::Units => product::UNIT_COLUMNS,
            Entity::Categories => product::CATEGORY_COLUMNS,
            Entity::Products => product::PRODUCT_COLUMNS,
            Entity::Warehouses => stock::WAREHOUSE_COLUMNS,
            Entity::Accounts => account::COLUMNS,
            Entity::PricePolicies => PolicyRow::COLUMNS,
            Entity::PriceLists => price::LIST_COLUMNS,
            Entity::PriceAssignments => price::ASSIGNMENT_COLUMNS,
            Entity::Prices => prices::COLUMNS,
            Entity::Stock => stock::STOCK_COLUMNS,
            Entity::ProductTexts => ProductTextRow::COLUMNS,
            Entity::CategoryTexts => CategoryTextRow::COLUMNS,
            Entity::Attributes => AttributeRow::COLUMNS,
            Entity::AttributeTexts => AttributeTextRow::COLUMNS,
            Entity::Facets => FacetRow::COLUMNS,
            Entity::ProductAttributes => ProductAttributeRow::COLUMNS,
            Entity::Media => ProductMediaRow::COLUMNS,
            Entity::Synonyms => SynonymRow::COLUMNS,
            Entity::Relations => RelationRow::COLUMNS,
            Entity::Kits => KitComponentRow::COLUMNS,
            Entity::Addresses => AddressRow::COLUMNS,
            Entity::OwnParts => OwnPartRow::COLUMNS,
            Entity::Assortments => AssortmentRow::COLUMNS,
            Entity::Credit => CreditRow::COLUMNS,
            Entity::Rates => RateRow::COLUMNS,
            Entity::TaxRules => TaxRuleRow::COLUMNS,
            Entity::PriceRules => RuleRow::COLUMNS,
            Entity::Agreements => AgreementRow::COLUMNS,
            Entity::AgreementShipTos => AgreementShipToRow::COLUMNS,
            Entity::AgreementLines => AgreementLineRow::COLUMNS,
            Entity::Promotions => PromotionRow::COLUMNS,
            Entity::Supply => SupplyRow::COLUMNS,
            Entity::Sourcing => SourcingRow::COLUMNS,
            Entity::OrderStatus => order::COLUMNS,
        };
        (columns.required, columns.optional)
    }
}

/// What a file's name says: `products.csv`, `products.full.csv`, `products.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileName {
    pub entity: Entity,
    /// Whether rows that are not in the file are to be deleted.
    pub is_full: bool,
    pub format: Format,
}

impl FileName {
    /// Reads a name; `None` where the ending is not one of ours, an error says what is wrong with the rest.
    pub fn parse(name: &str) -> Option<Result<Self, String>> {
        let (stem, ending) = name.rsplit_once('.')?;
        let format = match ending.to_ascii_lowercase().as_str() {
            "csv" => Format::Csv,
            "jsonl" | "ndjson" => Format::JsonLines,
            _ => return None,
        };
        let (word, is_full) = match stem.strip_suffix(".full") {
            Some(word) => (word, true),
            None => (stem, false),
        };
        let Some(entity) = Entity::ALL.into_iter().find(|entity| entity.word() == word) else {
            let near = nearest(word, Entity::ALL.iter().map(|entity| entity.word()));
            let near = near.map(|near| format!("; did you mean {near}?"));
            return Some(Err(format!(
                "the name must say what the file brings, such as products.csv{}",
                near.unwrap_or_default()
            )));
        };
        if is_full && matches!(entity, Entity::Units | Entity::Prices | Entity::OrderStatus) {
            return Some(Err(format!("{word} has no .full form")));
        }
        Some(Ok(FileName {
            entity,
            is_full,
            format,
        }))
    }
}
