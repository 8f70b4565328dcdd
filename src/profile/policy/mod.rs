//! Policies of ERPs as data: how each decides a price, every switch with its source.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::terms::Policy;

/// How the prices of one ERP are decided.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPolicy {
    /// Short name, by which accounts and files name it.
    pub code: String,
    /// Name that people see.
    pub name: String,
    /// The switches; what is missing is as ours.
    pub policy: Policy,
    /// Where each switch comes from.
    pub sources: BTreeMap<String, String>,
}

const FILES: [&str; 8] = [
    include_str!("business-central.toml"),
    include_str!("dynamics-finance-operations.toml"),
    include_str!("netsuite.toml"),
    include_str!("odoo.toml"),
    include_str!("prophet-21.toml"),
    include_str!("sap-business-one.toml"),
    include_str!("sap-s4hana.toml"),
    include_str!("tryton.toml"),
];

/// The policies that read; a test proves that all of [`FILES`] do.
static POLICIES: LazyLock<Vec<NamedPolicy>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// Every policy, by its code.
pub fn all() -> &'static [NamedPolicy] {
    &POLICIES
}

/// The policy with this short name.
pub fn find(code: &str) -> Option<&'static NamedPolicy> {
    all().iter().find(|named| named.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_reads_and_every_switch_has_a_source() {
        assert_eq!(all().len(), FILES.len());
        for text in FILES {
            let table: toml::Table = toml::from_str(text).unwrap();
            let keys = |name: &str| -> Vec<String> { table[name].as_table().unwrap().keys().cloned().collect() };
            assert_eq!(keys("policy"), keys("sources"), "{}", table["code"]);
        }
        for named in all() {
            named.policy.clone().checked().unwrap();
            assert_ne!(named.policy, Policy::default(), "{}", named.code);
            assert!(!named.policy.sentences().is_empty(), "{}", named.code);
        }
        assert!(all().is_sorted_by_key(|named| &named.code));
    }
}
