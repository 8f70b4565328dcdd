//! What whoever brings rows keeps aside by itself: records of which no row could be made.

use serde_json::Value;
use uuid::Uuid;

use super::super::report::Fault;
use super::{Set, is_key, rejected};
use crate::service::{Error, Gateway};
use crate::store::source::RejectedRow;
use crate::store::{self, StoreError, Tx};

/// The field of the faults of what is no row: a record of which none could be made, or one that another record gives too.
pub const RECORD: &str = "record";

/// Whether it was put aside by whoever brings, so that it is not tried again by itself.
pub fn is_aside(reject: &RejectedRow) -> bool {
    reject
        .faults
        .get(0)
        .and_then(|fault| fault.get("field"))
        .and_then(Value::as_str)
        == Some(RECORD)
}

/// Keeps aside what is no row, each with what is wrong, until a row of its key is taken or it is settled.
///
/// # Errors
/// There is no such supplier, or the store would not.
pub async fn put_aside(gateway: &Gateway, tenant_id: Uuid, set: &Set, faults: &[Fault]) -> Result<(), Error> {
    let keys: Vec<String> = set.rows.iter().map(|row| row.key.clone()).collect();
    let (whole, faults, clock) = (set.clone(), faults.to_vec(), gateway.clock.clone());
    let write = async move |tx: &mut Tx| {
        let Some(source) = store::source::find(tx, tenant_id, &whole.source).await? else {
            return Err(StoreError::inconsistent(format!("there is no source {}", whole.source)));
        };
        let earlier = store::source::rejected_of(tx, &source, whole.entity.word(), &keys).await?;
        let rejects = whole.rows.iter().zip(&faults).filter(|(row, _)| is_key(&row.key));
        let rejects = rejects.map(|(row, fault)| {
            let earlier = earlier.iter().find(|earlier| earlier.ext_id == row.key);
            rejected(&whole, row, std::slice::from_ref(fault), earlier, (&source, &clock))
        });
        let rejects: Vec<RejectedRow> = rejects.collect();
        store::rows::upsert_all(tx, &rejects, "tenant_id, id").await
    };
    Ok(gateway.store.write(write).await?)
}

/// Forgets what was kept aside and is not in question any more.
///
/// # Errors
/// The store would not.
pub async fn settle(gateway: &Gateway, tenant_id: Uuid, ids: Vec<Uuid>) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let write = async move |tx: &mut Tx| store::rows::delete_all::<RejectedRow>(tx, tenant_id, "id", &ids).await;
    gateway.store.write(write).await?;
    Ok(())
}
