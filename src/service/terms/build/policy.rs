//! Policies by which the prices of accounts are decided.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::left_out;
use crate::domain::account::Account;
use crate::domain::terms::{Policy, Ruling, Validity};
use crate::profile;
use crate::store::policy::PolicyRow;

/// A policy, and what traces say of it; nothing of ours.
pub(super) type Ruled = (Arc<Policy>, Option<Arc<Ruling>>);

/// The policies of a supplier, and those that come with the program.
pub(super) struct Policies {
    by_code: HashMap<String, Ruled>,
    by_source: HashMap<Uuid, Ruled>,
    ours: Ruled,
}

impl Policies {
    pub(super) fn new(rows: &[PolicyRow]) -> Self {
        let named = profile::policy::all().iter();
        let named = named.map(|named| (named.code.clone(), ruled(&named.code, named.policy.clone())));
        let mut policies = Policies {
            by_code: named.collect(),
            by_source: HashMap::new(),
            ours: (Arc::default(), None),
        };
        for row in rows {
            let ruled = ruled(&row.code, policy(row));
            if let Some(source_id) = row.source_id {
                policies.by_source.insert(source_id, ruled.clone());
            }
            policies.by_code.insert(row.code.clone(), ruled);
        }
        policies
    }

    /// How the prices of an account are decided: as it says, else as its source, else as ours.
    pub(super) fn of(&self, account: &Account) -> Ruled {
        let Some(code) = &account.price_policy else {
            return self.by_source.get(&account.source_id).unwrap_or(&self.ours).clone();
        };
        self.by_code.get(code).cloned().unwrap_or_else(|| {
            left_out(
                "account",
                account.id,
                "its price policy is gone; every price of it is on request",
            );
            ruled(code, Policy::closed())
        })
    }

    /// What the days of a source's entries mean.
    pub(super) fn validity(&self, source_id: Uuid) -> Validity {
        self.by_source
            .get(&source_id)
            .map_or(Validity::Days, |(policy, _)| policy.validity)
    }
}

fn ruled(code: &str, policy: Policy) -> Ruled {
    let ruling = Ruling {
        code: code.into(),
        says: policy.sentences(),
    };
    (Arc::new(policy), Some(Arc::new(ruling)))
}

/// The policy of a row; of one that is not understood every price is on request.
pub(super) fn policy(row: &PolicyRow) -> Policy {
    let based_on = match &row.based_on {
        None => Some(Policy::default()),
        Some(code) => profile::policy::find(code).map(|named| named.policy.clone()),
    };
    let switches = match &row.switches {
        Value::Object(switches) => Some(switches),
        _ => None,
    };
    let policy = based_on.zip(switches).map(|(policy, switches)| policy.with(switches));
    match policy {
        Some(Ok(policy)) => policy,
        Some(Err(reason)) => {
            left_out("price policy", row.id, &reason);
            Policy::closed()
        }
        None => {
            left_out("price policy", row.id, "what it is based on is not known");
            Policy::closed()
        }
    }
}
