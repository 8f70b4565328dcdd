//! Policies by which prices are decided.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::report::{Faults, shown};
use super::table::{Columns, Line};
use crate::domain::terms::{Policy, SWITCHES, words_of};
use crate::profile;
use crate::store::policy::PolicyRow;

/// Highest number of a switch that takes a whole number.
const WHOLE_MAX: i64 = 1_000;

impl Fact for PolicyRow {
    const COLUMNS: Columns = Columns {
        required: &["code"],
        optional: &[
            "like",
            "source",
            "levels",
            "select",
            "pool",
            "on_no_match",
            "discount",
            "quantity_basis",
            "returns",
            "breaks",
            "validity",
            "round_at",
            "round_mode",
            "round_digits",
            "agreements",
            "over_release",
            "promotions",
            "promotion_base",
            "inherit",
            "order_minimum",
            "deleted",
        ],
    };
    const ENTITY: &'static str = "price_policy";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = Needs {
        policies: true,
        ..Needs::NOTHING
    };
    type Key = String;

    fn key(&self) -> Self::Key {
        self.code.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let code = line.needed("code", Line::code);
        let based_on = line.code("like");
        let base = match &based_on {
            None => Some(Policy::default()),
            Some(code) => profile::policy::find(code).map(|named| named.policy.clone()),
        };
        if let (Some(code), None) = (&based_on, &base) {
            let known: Vec<&str> = profile::policy::all().iter().map(|named| &*named.code).collect();
            let reason = format!("there is no policy {}; there are {}", shown(code), known.join(", "));
            line.fault("like", reason);
        }
        let source_id = names.source(line, "source");
        let switches = switches(line, &base?);
        Some(PolicyRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            code: code?,
            source_id,
            based_on,
            switches: Value::Object(switches),
        })
    }

    /// A source has one policy.
    fn together(rows: &[(Option<u64>, Self)], names: &Names, faults: &mut Faults) {
        let mut seen: HashMap<Uuid, &str> = HashMap::new();
        for (line, row) in rows {
            let Some(source_id) = row.source_id else { continue };
            if let Some(other) = seen.insert(source_id, &row.code) {
                let at = line.unwrap_or(0);
                faults.add(
                    at,
                    "source",
                    format!("the source has the policy {} already", shown(other)),
                );
            }
        }
        // A policy that accounts name must stay.
        for code in &names.policies_in_use {
            let is_there = rows.iter().any(|(_, row)| row.code == *code) || profile::policy::find(code).is_some();
            if !is_there {
                faults.add(
                    0,
                    "code",
                    format!("accounts name the policy {}; change them first", shown(code)),
                );
            }
        }
    }
}

/// The switches that a line sets, each by itself and all together in order.
fn switches(line: &mut Line<'_>, base: &Policy) -> Map<String, Value> {
    let mut switches = Map::new();
    for switch in SWITCHES {
        let Some(value) = value(line, switch) else { continue };
        // What needs another beside it is judged with all of them.
        let alone = Map::from_iter([(switch.to_owned(), value.clone())]);
        let is_known = serde_json::from_value::<Policy>(Value::Object(alone)).is_ok();
        match (is_known, words_of(switch)) {
            (true, _) => {}
            (false, Some(words)) => line.fault(switch, format!("must be one of {words}")),
            (false, None) => line.fault(
                switch,
                "must be a list of agreement, account, inherited, group, default, list_price",
            ),
        }
        if is_known {
            switches.insert(switch.to_owned(), value);
        }
    }
    if let Err(reason) = base.with(&switches) {
        line.fault("code", reason);
    }
    switches
}

/// What a line says for a switch.
fn value(line: &mut Line<'_>, switch: &str) -> Option<Value> {
    match switch {
        "levels" => Some(Value::from(line.parts(switch))).filter(|_| line.text("levels").is_some()),
        "round_digits" => line.whole(switch, WHOLE_MAX).map(Value::from),
        "order_minimum" => line.amount(switch).map(|amount| Value::from(amount.to_string())),
        _ => line.text(switch).map(Value::from),
    }
}
