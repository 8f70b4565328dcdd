//! Safeguards of a connection: looked at, tried against past orders, switched on.

pub mod addresses;
pub mod running;
pub(super) mod trial;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::order::safeguard::{Action, Guard, Measure, RULES, Rule, Safeguards};
use crate::domain::party::Connection;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::profile;
use crate::service::{Error, Gateway, party, staff};
use crate::store::{self, StoreError};

pub use trial::{Counts, DAYS, Found, LINES_MAX, ORDERS_MAX, Totals, Trial, try_out};

/// The fields of a form, by name.
pub type Fields = BTreeMap<String, String>;

/// What a connection wants of each rule.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The connection.
    pub connection: Connection,
    /// What holds where the connection says nothing.
    pub standard: Safeguards,
    /// What tells this state of the rules from the next.
    pub seen: String,
}

/// The safeguards of one connection.
///
/// # Errors
/// The connection's settings cannot be used, or the store would not.
pub async fn look(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<Looked>, Error> {
    let read = gateway
        .store
        .read(async |tx| store::party::find_connection(tx, tenant_id, id).await);
    let found: Option<Connection> = read.await?;
    let Some(connection) = found else { return Ok(None) };
    Ok(Some(Looked {
        standard: in_force(&connection, &Safeguards::default())?,
        seen: state(&connection.settings.safeguards),
        connection,
    }))
}

/// The rules that would be asked if the connection said this.
fn in_force(connection: &Connection, own: &Safeguards) -> Result<Safeguards, Error> {
    let mut changed = connection.clone();
    changed.settings.safeguards = own.clone();
    let settings = profile::settings(&changed);
    let settings = settings.map_err(|error| {
        let text = format!("The connection cannot be used: {error}. Edit its settings first.");
        Refusal::new(Code::Conflict, text)
    })?;
    Ok(settings.safeguards)
}

/// The rules as one line, the same for the same rules.
pub fn state(own: &Safeguards) -> String {
    let rules = own.0.iter().map(|(rule, guard)| {
        // No blank at the end: a form's fields come back trimmed.
        let limit = guard.limit.map(|limit| format!(" {}", limit.normalize()));
        format!(
            "{} {}{}",
            field(*rule, ""),
            word(guard.action),
            limit.unwrap_or_default()
        )
    });
    rules.collect::<Vec<_>>().join("; ")
}

/// The name of a rule's field in the form: of its limit, its action.
pub fn field(rule: Rule, part: &str) -> String {
    format!("{}{part}", store::types::word(&rule))
}

/// An action as the form sends it.
pub fn word(action: Action) -> String {
    store::types::word(&action)
}

/// What a connection says, as the fields of the form.
pub fn fields(own: &Safeguards) -> Fields {
    let mut fields = Fields::new();
    for (rule, guard) in &own.0 {
        fields.insert(field(*rule, "-action"), word(guard.action));
        let limit = guard.limit.map(|limit| limit.normalize().to_string());
        fields.insert(field(*rule, "-limit"), limit.unwrap_or_default());
    }
    fields
}

/// The rules that a form says; what is left empty is as usual.
///
/// # Errors
/// A fault for each limit or action that cannot be.
pub fn read(fields: &Fields, standard: &Safeguards) -> Result<Safeguards, Vec<Refusal>> {
    let value = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let (mut own, mut faults) = (BTreeMap::new(), Vec::new());
    for about in &RULES {
        let (action_field, limit_field) = (field(about.rule, "-action"), field(about.rule, "-limit"));
        let written = value(&action_field);
        let chosen = about.actions.iter().find(|action| word(**action) == written);
        if chosen.is_none() && !written.is_empty() {
            let text = format!("{}: choose what is done from the list.", about.name);
            faults.push(Refusal::new(Code::BadRequest, text).at(&action_field));
            continue;
        }
        let limit = value(&limit_field);
        let usual = standard.guard(about.rule);
        let limit = match limit.is_empty() || about.measure == Measure::Nothing {
            true => None,
            false => Some(limit.parse::<Decimal>()),
        };
        // A limit alone belongs to what is done usually; where nothing is done, it says nothing.
        let action = chosen
            .copied()
            .or(usual.map(|usual| usual.action).filter(|_| limit.is_some()));
        let Some(action) = action else { continue };
        match limit.transpose() {
            Ok(limit) if is_possible(about.rule, Guard { limit, action }, usual) => {
                own.insert(about.rule, Guard { limit, action });
            }
            _ => faults.push(Refusal::new(Code::BadRequest, limit_wanted(about.name, about.measure)).at(&limit_field)),
        }
    }
    match faults.is_empty() {
        true => Ok(Safeguards(own)),
        false => Err(faults),
    }
}

fn is_possible(rule: Rule, guard: Guard, usual: Option<Guard>) -> bool {
    let tolerance = usual.and_then(|usual| usual.limit).unwrap_or_default();
    Safeguards(BTreeMap::from([(rule, guard)])).in_force(tolerance).is_ok()
}

fn limit_wanted(name: &str, measure: Measure) -> String {
    let most = measure.most();
    match measure {
        Measure::Nothing => format!("{name}: there is no limit to this."),
        Measure::Percent => format!("{name}: write a percentage from 0 to {most}, such as 2.5."),
        Measure::Amount => format!("{name}: write an amount from 0 to {most}, such as 5.00."),
        Measure::Days => format!("{name}: write a whole number of days from 0 to {most}."),
    }
}

/// Makes the rules hold for the next order; `seen` is the state that the person looked at.
///
/// # Errors
/// The role is too low, somebody changed the rules since, the connection is gone, or the store would not.
pub async fn switch_on(
    gateway: &Gateway,
    by: &Staff,
    id: Uuid,
    own: &Safeguards,
    seen_then: &str,
) -> Result<(), Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let looked = look(gateway, by.tenant_id, id).await?.ok_or_else(gone)?;
    in_force(&looked.connection, own)?;
    let detail = difference(&looked.connection.settings.safeguards, own);
    let audit = staff::entry(gateway, by, Deed::ChangeConnection, id, detail);
    let (tenant_id, own, seen_then) = (by.tenant_id, own.clone(), seen_then.to_owned());
    let is_done = gateway
        .store
        .write(async move |tx| {
            let Some(mut connection) = store::party::connection_to_change(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(false);
            };
            if state(&connection.settings.safeguards) != seen_then {
                return Ok(false);
            }
            connection.settings.safeguards = own.clone();
            store::party::update_connection(tx, &connection).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !is_done {
        let text = "Somebody changed these rules since you opened the page. Look at them again first.";
        return Err(Refusal::new(Code::Conflict, text).into());
    }
    party::reload(gateway).await
}

fn gone() -> Refusal {
    Refusal::new(Code::ExpectationFailed, "The connection is not there any more.")
}

/// What a change changed, rule by rule, before and after.
fn difference(before: &Safeguards, after: &Safeguards) -> serde_json::Value {
    let words = |guard: Option<Guard>| match guard {
        None => "as usual".to_owned(),
        Some(Guard { limit: None, action }) => action.name().to_owned(),
        Some(Guard {
            limit: Some(limit),
            action,
        }) => format!("{} beyond {}", action.name(), limit.normalize()),
    };
    let mut changes = serde_json::Map::new();
    for about in &RULES {
        let (old, new) = (before.guard(about.rule), after.guard(about.rule));
        if old != new {
            changes.insert(about.name.to_owned(), serde_json::json!([words(old), words(new)]));
        }
    }
    changes.into()
}
