//! What people do about differences: the ERP's row is taken, or the difference is accepted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{Deed, Staff};
use crate::service::import::{self, against};
use crate::service::sync::keys::{Asked, fetch};
use crate::service::sync::{Source, folder};
use crate::service::{Error, Gateway, Page, staff};
use crate::store::drift::{Drift, HERE, ORDER, PRICE, Reconciliation};
use crate::store::{self, StoreError};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 500;
/// Differences that are fixed at once.
const FIXED_MAX: i64 = 1_000;

/// What differs, and how the comparisons went.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The sources, each with its last comparisons, the latest first.
    pub sources: Vec<(store::source::Source, Vec<Reconciliation>)>,
    /// A page of what differs.
    pub page: Page<Drift>,
    /// How much differs that nobody accepted.
    pub open: u64,
}

/// Comparisons of a source that are shown.
const SHOWN: i64 = 5;

/// What differs between the store and its sources: what nobody accepted, or what somebody did.
///
/// # Errors
/// The store would not.
pub async fn list(
    gateway: &Gateway,
    tenant_id: Uuid,
    is_accepted: bool,
    before: Option<Uuid>,
) -> Result<Listed, Error> {
    let read = gateway.store.read(async |tx| {
        let all: Vec<store::source::Source> = store::rows::all_of(tx, tenant_id).await?;
        let mut sources = Vec::new();
        for source in all {
            let past = store::drift::last(tx, tenant_id, source.id, SHOWN).await?;
            sources.push((source, past));
        }
        let drifts = store::drift::page(tx, tenant_id, is_accepted, before, Page::<()>::LIMIT).await?;
        let open = store::drift::count_open(tx, tenant_id).await?;
        Ok::<_, StoreError>((sources, drifts, open))
    });
    let (mut sources, drifts, open) = read.await?;
    sources.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
    Ok(Listed {
        sources,
        page: Page::new(drifts, |drift| drift.id),
        open: u64::try_from(open).unwrap_or(0),
    })
}

/// Accepts a difference until either side changes.
///
/// # Errors
/// The role is too low, there is no reason, the difference is gone, or the store would not.
pub async fn accept(gateway: &Gateway, by: &Staff, id: Uuid, reason: &str) -> Result<(), Error> {
    staff::allow(by, Deed::AcceptDrift)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let text = format!("Say why the two may differ, in 1 to {REASON_CHARS_MAX} characters.");
        return Err(Refusal::new(Code::BadRequest, text).at("reason").into());
    }
    let audit = staff::entry(gateway, by, Deed::AcceptDrift, id, json!({ "reason": reason }));
    let (tenant_id, staff_id, now, reason) = (by.tenant_id, by.id, gateway.clock.now(), reason.to_owned());
    let write = async move |tx: &mut store::Tx| {
        let Some(drift) = store::drift::find(tx, tenant_id, id).await? else {
            return Ok::<_, StoreError>(false);
        };
        let accepted = Drift {
            accepted_at: Some(now),
            accepted_by: Some(staff_id),
            reason: Some(reason.clone()),
            ..drift
        };
        store::drift::put(tx, &[accepted]).await?;
        store::staff::insert(tx, &audit).await?;
        Ok(true)
    };
    match gateway.store.write(write).await? {
        true => Ok(()),
        false => Err(gone().into()),
    }
}

fn gone() -> Refusal {
    let text = "The two do not differ in this any more; compare them again.";
    Refusal::new(Code::Conflict, text)
}

/// Takes the ERP's row in place of the store's.
///
/// # Errors
/// The role is too low, the difference is gone or nothing that a row settles, the ERP does not answer, or the store would
/// not.
pub async fn fix(gateway: &Gateway, by: &Staff, id: Uuid) -> Result<(), Error> {
    staff::allow(by, Deed::Reconcile)?;
    let tenant_id = by.tenant_id;
    let read = gateway
        .store
        .read(async |tx| store::drift::find(tx, tenant_id, id).await);
    let drift = read.await?.ok_or_else(gone)?;
    settle(gateway, by, vec![drift]).await.map(|_| ())
}

/// Takes the ERP's rows in place of all of the store's that differ and that nobody accepted; tells how many.
///
/// # Errors
/// As for [`fix`].
pub async fn fix_all(gateway: &Gateway, by: &Staff) -> Result<u64, Error> {
    staff::allow(by, Deed::Reconcile)?;
    let tenant_id = by.tenant_id;
    let read = gateway
        .store
        .read(async |tx| store::drift::page(tx, tenant_id, false, None, FIXED_MAX).await);
    let mut drifts = read.await?;
    drifts.retain(|drift| is_fixable(&drift.kind));
    settle(gateway, by, drifts).await
}

/// Whether a difference is one that a row of the ERP settles.
pub fn is_fixable(kind: &str) -> bool {
    kind != PRICE && kind != ORDER
}

async fn settle(gateway: &Gateway, by: &Staff, drifts: Vec<Drift>) -> Result<u64, Error> {
    let tenant_id = by.tenant_id;
    let read = gateway
        .store
        .read(async |tx| store::rows::all_of::<store::source::Source>(tx, tenant_id).await);
    let sources = read.await?;
    let mut fixed = 0;
    for stored in sources {
        let of_source = drifts.iter().filter(|drift| drift.source_id == stored.id);
        let of_source: Vec<Drift> = of_source.cloned().collect();
        if of_source.is_empty() {
            continue;
        }
        let Some(source) = folder::find(gateway, tenant_id, &stored.code) else {
            let text = format!(
                "There is no file of the source {} in the configured folder, so that its ERP cannot be asked.",
                stored.code
            );
            return Err(Refusal::new(Code::Conflict, text).into());
        };
        take(gateway, by, &source, &of_source).await?;
        fixed += of_source.len() as u64;
    }
    Ok(fixed)
}

/// Takes what the ERP of a source has in place of what differs.
///
/// # Errors
/// As for [`fix`].
pub async fn take(gateway: &Gateway, by: &Staff, source: &Source, drifts: &[Drift]) -> Result<(), Error> {
    staff::allow(by, Deed::Reconcile)?;
    of_erp(gateway, by.tenant_id, source, drifts).await?;
    note(gateway, by, drifts).await?;
    import::follow(gateway, by.tenant_id).await
}

/// Fetches the records of differences, and takes away what only the store has.
async fn of_erp(gateway: &Gateway, tenant_id: Uuid, source: &Source, drifts: &[Drift]) -> Result<(), Error> {
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for drift in drifts {
        if !is_fixable(&drift.kind) {
            let text = "No row settles this: look at the order or at the price, then accept it or compare again.";
            return Err(Refusal::new(Code::Conflict, text).into());
        }
        let key = drift.ext_id.as_deref().and_then(|key| key.split_once('/'));
        let Some((_, key)) = key else { continue };
        let record = key.split_once('#').map_or(key, |(record, _)| record);
        wanted.entry(&drift.entity).or_default().insert(record.to_owned());
    }
    for (entity, keys) in wanted {
        let asked = Asked {
            entity: entity.to_owned(),
            keys,
            rewrites: true,
        };
        if let Some(fault) = fetch(gateway, tenant_id, source, &asked).await?.fault {
            let text = format!(
                "The ERP was asked for {entity}, but {}. Nothing was changed.",
                fault.text
            );
            return Err(Refusal::new(Code::Conflict, text).into());
        }
    }
    for drift in drifts.iter().filter(|drift| drift.kind == HERE) {
        let Value::Object(row) = &drift.refs else { continue };
        if is_back(gateway, drift, source).await? {
            continue;
        }
        let mut entities = source.mapping.entity.iter();
        let entity = entities.find(|entity| *entity.name.get_ref() == drift.entity);
        let kind = entity.and_then(|entity| import::Entity::from_word(entity.rows.get_ref()));
        let Some(kind) = kind else { continue };
        let rows = std::slice::from_ref(row);
        if !against::take_away(gateway, tenant_id, &source.setting.code, kind, rows).await? {
            return Err(StoreError::busy("other rows are being imported").into());
        }
    }
    Ok(())
}

/// Whether the ERP gives a row by now that it did not give when they were compared.
async fn is_back(gateway: &Gateway, drift: &Drift, source: &Source) -> Result<bool, Error> {
    let Some(key) = drift.ext_id.clone() else {
        return Ok(false);
    };
    let (tenant_id, code) = (drift.tenant_id, source.setting.code.as_str());
    let rows = source.mapping.entity.iter();
    let rows = rows.clone().find(|entity| *entity.name.get_ref() == drift.entity);
    let kind = rows.map(|entity| entity.rows.get_ref().clone()).unwrap_or_default();
    let read = gateway.store.read(async |tx| {
        let Some(source) = store::source::find(tx, tenant_id, code).await? else {
            return Ok::<_, StoreError>(Vec::new());
        };
        store::source::brought(tx, &source, &kind, std::slice::from_ref(&key)).await
    });
    Ok(read.await?.iter().any(|row| !row.is_deleted))
}

async fn note(gateway: &Gateway, by: &Staff, drifts: &[Drift]) -> Result<(), Error> {
    let tenant_id = by.tenant_id;
    let ids: Vec<Uuid> = drifts.iter().map(|drift| drift.id).collect();
    let audits: Vec<_> = drifts
        .iter()
        .map(|drift| {
            let detail = json!({ "entity": drift.entity, "key": drift.key, "was": drift.kind });
            staff::entry(gateway, by, Deed::Reconcile, drift.id, detail)
        })
        .collect();
    let write = async move |tx: &mut store::Tx| {
        store::drift::forget(tx, tenant_id, &ids).await?;
        for audit in &audits {
            store::staff::insert(tx, audit).await?;
        }
        Ok::<_, StoreError>(())
    };
    Ok(gateway.store.write(write).await?)
}
