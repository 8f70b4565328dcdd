//! Connections as staff see and change them: every change is checked for the role, and written down with it.

mod form;
mod look;
mod secret;
pub mod setting;

use uuid::Uuid;

use crate::domain::party::{Connection, ConnectionState, IdentityRole};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::profile;
use crate::service::party::{self, NewConnection};
use crate::service::{Error, Gateway, staff};
use crate::store::{self, StoreError};

use form::{Draft, Faults, field, short_name};
use look::seen_list;

pub use form::{Fields, SECRET_CHARS_MIN, fields};
pub use look::{Choices, Looked, Row, choices, list, look, system_name, systems};
pub use secret::{ENDING_DAYS, Issued, OVERLAP_DAYS, end_secret, free_slot, issue_secret, seen};

/// Makes a connection as a form says, with a secret of ours unless the buyer brought one.
///
/// # Errors
/// The role is too low, fields are not right, the form was sent before, or the store would not.
pub async fn create(gateway: &Gateway, by: &Staff, fields: &Fields) -> Result<(Uuid, Issued), Error> {
    staff::allow(by, Deed::CreateConnection)?;
    let taken = gateway
        .store
        .read(async |tx| {
            let buyers = store::party::buyers(tx, by.tenant_id).await?;
            let connections = store::party::connections(tx, by.tenant_id).await?;
            Ok::<_, StoreError>((buyers, connections))
        })
        .await?;
    let draft = Draft::read(fields, &taken.0)?;
    let codes: Vec<&str> = taken.1.iter().map(|connection| connection.code.as_str()).collect();
    let buyer_codes: Vec<&str> = taken.0.iter().map(|buyer| buyer.code.as_str()).collect();
    let buyer = match draft.buyer {
        Some(buyer) => (buyer.code.clone(), buyer.name.clone()),
        None => (short_name(draft.buyer_name, &buyer_codes), draft.buyer_name.to_owned()),
    };
    let text = draft.secret.map_or_else(|| secret::new_secret(gateway), str::to_owned);
    let prepared = party::prepare(
        gateway,
        &NewConnection {
            tenant_id: by.tenant_id,
            buyer: (&buyer.0, &buyer.1),
            code: &short_name(draft.name, &codes),
            name: draft.name,
            profile: draft.profile,
            mode: draft.mode,
            account_code: draft.account,
            from: &draft.from,
            sender: &draft.sender,
            shared_secret: Some(&text),
            settings: draft.settings,
        },
    )?;
    let id = prepared.connection.id;
    let detail = serde_json::json!({ "name": draft.name, "account": draft.account });
    let audit = staff::entry(gateway, by, Deed::CreateConnection, id, detail);
    let (tenant_id, form_seen) = (by.tenant_id, field(fields, "seen").to_owned());
    let is_new = gateway
        .store
        .write(async move |tx| {
            let held = store::party::connections(tx, tenant_id).await?;
            let held: Vec<Uuid> = held.iter().map(|connection| connection.id).collect();
            if seen_list(&held) != form_seen {
                return Ok::<_, StoreError>(false);
            }
            prepared.insert(tx).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !is_new {
        let text =
            "A connection was made since you opened the form, perhaps by sending it twice. Look at the list first.";
        return Err(Refusal::new(Code::Conflict, text).into());
    }
    party::reload(gateway).await?;
    Ok((
        id,
        Issued {
            slot: secret::SLOTS[0],
            text,
        },
    ))
}

/// Changes name, account, credentials and settings as a form says.
///
/// # Errors
/// The role is too low, fields are not right, the connection is gone, or the store would not.
pub async fn change(gateway: &Gateway, by: &Staff, id: Uuid, fields: &Fields) -> Result<(), Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let looked = look(gateway, by.tenant_id, id).await?.ok_or_else(gone)?;
    let mut faults = Faults::default();
    let name = faults.name(fields, "name", "a name for the connection, such as Globex (SAP Ariba)");
    let account = faults.name(fields, "account", "the code of the buyer's customer account");
    let wanted = [
        (IdentityRole::From, faults.credentials(fields, "from", "From")),
        (IdentityRole::Sender, faults.credentials(fields, "sender", "Sender")),
    ];
    let changed = Connection {
        name: name.to_owned(),
        account_code: account.to_owned(),
        settings: faults.settings(&looked.connection.settings, fields),
        ..looked.connection.clone()
    };
    if let Err(error) = profile::settings(&changed) {
        faults.unless(faults.has(error.name), error.name, format!("Write {}.", error.expected));
    }
    faults.none()?;
    let mut added = Vec::new();
    let mut removed = Vec::new();
    for (role, list) in &wanted {
        let held = looked.identities.iter().filter(|held| held.role == *role);
        let is_new = |(domain, identity): &(&str, &str)| {
            let mut held = held.clone();
            held.all(|held| held.domain != *domain || held.identity != *identity)
        };
        let new: Vec<_> = list.iter().copied().filter(is_new).collect();
        added.extend(party::identities(gateway, by.tenant_id, Some(id), *role, &new));
        removed.extend(
            held.filter(|held| !list.contains(&(&held.domain, &held.identity)))
                .map(|held| held.id),
        );
    }
    let detail = difference(&looked.connection, &changed, added.len(), removed.len());
    let audit = staff::entry(gateway, by, Deed::ChangeConnection, id, detail);
    let found = gateway
        .store
        .write(async move |tx| {
            let Some(held) = store::party::connection_to_change(tx, changed.tenant_id, id).await? else {
                return Ok::<_, StoreError>(false);
            };
            // What the form does not say is as it is now: somebody may have switched on a safeguard meanwhile, or
            // suspended the connection.
            let mut settings = changed.settings.clone();
            settings.safeguards = held.settings.safeguards.clone();
            let saved = Connection {
                name: changed.name.clone(),
                account_code: changed.account_code.clone(),
                settings,
                ..held
            };
            store::party::update_connection(tx, &saved).await?;
            store::party::add_identities(tx, &added).await?;
            for identity in &removed {
                store::party::delete_identity(tx, changed.tenant_id, *identity).await?;
            }
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !found {
        return Err(gone().into());
    }
    party::reload(gateway).await
}

fn gone() -> Refusal {
    Refusal::new(Code::ExpectationFailed, "The connection is not there any more.")
}

/// What a change changed, before and after.
fn difference(before: &Connection, after: &Connection, added: usize, removed: usize) -> serde_json::Value {
    let mut changes = serde_json::Map::new();
    let mut note = |name: &str, before: &str, after: &str| {
        if before != after {
            changes.insert(name.to_owned(), serde_json::json!([before, after]));
        }
    };
    note("name", &before.name, &after.name);
    note("account", &before.account_code, &after.account_code);
    let (old, new) = (setting::own(&before.settings), setting::own(&after.settings));
    for (name, value) in &old {
        note(name, value, new.get(name).map(String::as_str).unwrap_or_default());
    }
    if added + removed > 0 {
        changes.insert(
            "credentials".to_owned(),
            serde_json::json!({ "added": added, "removed": removed }),
        );
    }
    changes.into()
}

/// Suspends a connection, or lets it be used again.
///
/// # Errors
/// The role is too low, the connection is gone, or the store would not.
pub async fn set_state(gateway: &Gateway, by: &Staff, id: Uuid, state: ConnectionState) -> Result<(), Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let tenant_id = by.tenant_id;
    let detail = serde_json::json!({ "state": state });
    let audit = staff::entry(gateway, by, Deed::ChangeConnection, id, detail);
    let found = gateway
        .store
        .write(async move |tx| {
            let Some(connection) = store::party::connection_to_change(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(false);
            };
            store::party::update_connection(tx, &Connection { state, ..connection }).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !found {
        return Err(gone().into());
    }
    party::reload(gateway).await
}
