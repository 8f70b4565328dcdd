//! Small tables of an ERP that expressions look into.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::id;
use crate::erp::expression::{Beside, Expression, Refused, Scope};
use crate::erp::path::Path;
use crate::erp::value::Value;

/// What of the ERP is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The name by which expressions look into it.
    pub name: String,
    /// The ERP's model, path or file.
    pub from: String,
    /// Which of its records, in the ERP's own words.
    pub filter: Option<toml::Value>,
    /// The fields.
    #[serde(default)]
    pub fields: Vec<String>,
    /// What they are found by.
    #[serde(default = "id")]
    pub key: Path,
    /// Whether several may be found by one key.
    #[serde(default)]
    pub many: bool,
    /// What pages are ordered by, where several records have one key.
    pub page_key: Option<Path>,
    /// A text that each record has beside its fields, under the name `text`.
    pub text: Option<Expression>,
}

/// Records of a lookup, by their key.
pub type Found = BTreeMap<String, Value>;

impl Lookup {
    /// Puts a record where it is found.
    ///
    /// # Errors
    /// [`Refused`] where it has no key, or no text can be made of it.
    pub fn add(&self, found: &mut Found, record: Value) -> Result<(), Refused> {
        let key = self.key.of(&record)?;
        let key = key.as_text().filter(|key| !key.is_empty()).map(str::to_owned);
        let key = key.ok_or_else(|| {
            let reason = format!("a record of {} has no {}", self.name, self.key.dotted());
            Refused::because(reason)
        })?;
        let text = match &self.text {
            Some(text) => {
                let scope = Scope {
                    record: &record,
                    parent: None,
                    place: 1,
                    beside: &Beside::default(),
                };
                Some(("text".to_owned(), text.value(&scope)?))
            }
            None => None,
        };
        let record = match record {
            Value::Record(mut members) => {
                // Rows of different records are told apart by it where a question is asked for each.
                if members.iter().all(|(name, _)| name != "id") {
                    members.push(("id".to_owned(), Value::text(&key)));
                }
                members.extend(text);
                Value::Record(members)
            }
            other => other,
        };
        match (self.many, found.get_mut(&key)) {
            (true, Some(Value::List(records))) => records.push(record),
            (true, _) => {
                found.insert(key, Value::List(vec![record]));
            }
            (false, _) => {
                found.insert(key, record);
            }
        }
        Ok(())
    }
}
