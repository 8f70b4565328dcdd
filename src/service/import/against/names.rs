//! Columns and identifiers of the store's rows in words: as files call them.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::text_of;
use crate::service::import::name::Entity;
use crate::store::import::Present;
use crate::store::source::Source;
use crate::store::{self, StoreError, Tx};

/// Tables whose rows others name, each with the column by which people know them.
const NAMED: [(&str, &str); 9] = [
    ("product", "sku"),
    ("category", "code"),
    ("account", "code"),
    ("warehouse", "code"),
    ("price_list", "code"),
    ("uom", "code"),
    ("agreement", "number"),
    ("account_address", "code"),
    ("attribute", "code"),
];

/// Columns that files call otherwise.
const WORDS: [(&str, &str); 21] = [
    ("product_id", "sku"),
    ("price_list_id", "list"),
    ("uom_id", "unit"),
    ("base_uom_id", "base_unit"),
    ("price_uom_id", "price_unit"),
    ("threshold_uom_id", "unit"),
    ("min_qty", "min_quantity"),
    ("threshold_qty", "min_quantity"),
    ("qty", "quantity"),
    ("qty_max", "maximum"),
    ("qty_released", "released"),
    ("price_qty", "price_quantity"),
    ("calc", "calculation"),
    ("floor_value", "floor"),
    ("cap_value", "cap"),
    ("list_currency", "currency"),
    ("standard_cost", "cost"),
    ("min_order_qty", "min_order_quantity"),
    ("credit_limit", "limit"),
    ("line_number", "line"),
    ("ext_ref", "reference"),
];

/// What identifiers stand for, and whose the rows are.
#[derive(Debug, Default)]
pub struct Names {
    words: HashMap<String, String>,
    /// Whether a row that others belong to is the source's.
    owners: HashMap<String, bool>,
}

impl Names {
    /// Reads what rows are called.
    ///
    /// # Errors
    /// As every statement.
    pub async fn read(tx: &mut Tx, source: &Source) -> Result<Names, StoreError> {
        let mut names = Names::default();
        let source_id = source.id.to_string();
        for (table, column) in NAMED {
            for row in store::import::present(tx, source.tenant_id, table).await? {
                let id = text_of(&row, "id").to_owned();
                if row.contains_key("source_id") {
                    names.owners.insert(id.clone(), text_of(&row, "source_id") == source_id);
                } else if let Some(account) = row.get("account_id").and_then(Value::as_str) {
                    // Agreements and addresses are whose their account is, which was read before.
                    let is_ours = names.owners.get(account).copied().unwrap_or_default();
                    names.owners.insert(id.clone(), is_ours);
                }
                names.words.insert(id, text_of(&row, column).to_owned());
            }
        }
        for group in store::account::groups(tx, source.tenant_id).await? {
            names.words.insert(group.id.to_string(), group.code);
        }
        Ok(names)
    }

    /// A column as files call it.
    pub fn word(&self, column: &str) -> String {
        let other = WORDS.iter().find(|(name, _)| *name == column);
        let word = other.map_or(column, |(_, word)| *word);
        word.strip_suffix("_id").unwrap_or(word).to_owned()
    }

    /// A value as people read it: an identifier as what it stands for.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::String(text) => self.words.get(text).unwrap_or(text).clone(),
            other => other.to_string(),
        }
    }

    /// A row that belongs to another, as one field of that one: `unit BX` and what it says.
    pub fn child(&self, child: &Present, owner: &str) -> (String, String) {
        let rest = child
            .iter()
            .filter(|(column, _)| *column != "tenant_id" && *column != owner);
        let (keys, content): (Vec<_>, Vec<_>) = rest.partition(|(column, _)| column.ends_with("_id"));
        let join = |parts: Vec<(&String, &Value)>| {
            let parts = parts.into_iter();
            let parts: Vec<String> = parts
                .map(|(column, value)| format!("{} {}", self.word(column), self.value(value)))
                .collect();
            parts.join(", ")
        };
        let said = join(content);
        (join(keys), if said.is_empty() { "yes".to_owned() } else { said })
    }

    /// What makes a row of the store another one, in the words of its files.
    pub fn natural(&self, kind: Entity, row: &Present) -> Vec<String> {
        let value = |column: &&str| {
            let named = row.get(*column).or_else(|| row.get(&format!("{column}_id")));
            let other = || {
                let mut others = WORDS.iter().filter(|(_, word)| word == column);
                others.find_map(|(name, _)| row.get(*name))
            };
            let target = || {
                let kind = text_of(row, "target_kind");
                let is_it = kind == *column || (kind == "product" && *column == "sku");
                row.get("target_id").filter(|_| is_it)
            };
            let own = || match *column {
                "number" => row.get("customer_sku"),
                _ => None,
            };
            let value = named.or_else(other).or_else(target).or_else(own);
            value.map(|value| self.value(value)).unwrap_or_default()
        };
        kind.key().iter().map(value).collect()
    }

    /// Whether the rows that a row belongs to are the source's; nothing where it belongs to none.
    pub fn owner(&self, row: &Present) -> Option<bool> {
        let ids = row.iter().filter(|(column, _)| column.ends_with("_id"));
        let ids = ids.filter_map(|(_, value)| value.as_str().filter(|text| Uuid::parse_str(text).is_ok()));
        let owners: Vec<bool> = ids.filter_map(|id| self.owners.get(id).copied()).collect();
        (!owners.is_empty()).then(|| owners.iter().all(|is_ours| *is_ours))
    }
}
