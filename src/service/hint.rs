//! Hints: a program says what changed elsewhere, so that it is fetched before the usual round.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::config::nearest;
use crate::domain::api_client::ApiClient;
use crate::domain::hint::Hint;
use crate::domain::refusal::{Code, Refusal};
use crate::service::import::Entity;
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError};

/// Hints of one request.
pub const HINTS_MAX: usize = 1_000;

/// Hints of a supplier that wait: with more, looking everywhere is quicker than following them.
const WAITING_MAX: i64 = 100_000;

/// Characters of a source's code.
const SOURCE_CHARS_MAX: usize = 100;

/// Characters of a key.
pub(super) const KEY_CHARS_MAX: usize = 200;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The kind of row, by the name of its files.
    pub entity: String,
    /// The source's own key.
    pub key: String,
}

/// Keeps hints of a program about one source until they are followed; the same hint twice is one.
///
/// # Errors
/// One is not right, too many wait, or the store would not.
pub async fn take(gateway: &Gateway, client: &ApiClient, source: &str, changed: &[Changed]) -> Result<usize, Error> {
    let faults = faults(source, changed);
    if !faults.is_empty() {
        return Err(Error::Faulty(faults));
    }
    keep(gateway, client.tenant_id, Some(client.id), source, changed).await
}

/// Keeps hints about one source; the program that says so is nobody where the ERP itself does, or a person here.
///
/// # Errors
/// Too many wait, or the store would not.
pub async fn keep(
    gateway: &Gateway,
    tenant_id: Uuid,
    client_id: Option<Uuid>,
    source: &str,
    changed: &[Changed],
) -> Result<usize, Error> {
    let now = gateway.clock.now();
    // In the order of their keys, so that two programs that say the same wait for each other instead of locking up.
    let hints: BTreeMap<(&str, &str), Hint> = changed
        .iter()
        .map(|changed| {
            let hint = Hint {
                tenant_id,
                id: gateway.clock.new_id(),
                source: source.to_owned(),
                entity: changed.entity.clone(),
                ext_id: changed.key.clone(),
                client_id,
                received_at: now,
                tries: 0,
                due_at: now,
                error: None,
            };
            ((changed.entity.as_str(), changed.key.as_str()), hint)
        })
        .collect();
    let hints: Vec<Hint> = hints.into_values().collect();
    let count = hints.len();
    let is_kept = gateway
        .store
        .write(async move |tx| {
            if store::hint::count(tx, tenant_id).await? >= WAITING_MAX {
                return Ok::<_, StoreError>(false);
            }
            store::hint::put(tx, &hints).await?;
            Ok(true)
        })
        .await?;
    if !is_kept {
        let text = "Too many hints wait to be followed. They are not needed: everything is fetched in its usual round.";
        return Err(Refusal::new(Code::Temporary, text).into());
    }
    Ok(count)
}

fn faults(source: &str, changed: &[Changed]) -> Vec<Refusal> {
    let mut faults = Vec::new();
    let mut wrong = |place: String, text: String| faults.push(Refusal::new(Code::BadRequest, text).at(place));
    let long = |chars_max: usize| format!("must have from 1 to {chars_max} characters and no line breaks");
    if !is_key(source, SOURCE_CHARS_MAX) {
        wrong("/source".to_owned(), long(SOURCE_CHARS_MAX));
    }
    if changed.is_empty() || changed.len() > HINTS_MAX {
        wrong("/events".to_owned(), format!("must have from 1 to {HINTS_MAX} entries"));
        return faults;
    }
    for (at, changed) in changed.iter().enumerate() {
        if !Entity::ALL.iter().any(|entity| entity.word() == changed.entity) {
            let near = nearest(&changed.entity, Entity::ALL.iter().map(|entity| entity.word()));
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            wrong(
                format!("/events/{at}/entity"),
                format!("must be a kind of row such as products{near}"),
            );
        }
        if !is_key(&changed.key, KEY_CHARS_MAX) {
            wrong(format!("/events/{at}/key"), long(KEY_CHARS_MAX));
        }
    }
    faults
}

pub(super) fn is_key(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}
