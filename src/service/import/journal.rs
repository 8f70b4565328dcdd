//! Large files: taken by one small write, applied by many.

use uuid::Uuid;

use super::Batch;
use crate::service::{Error, Gateway};
use crate::store::import::Steps;
use crate::store::{self, StoreError};

/// Rows from which a file is applied in pieces: fewer are some 40 ms of the writer in one transaction.
pub(super) const ROWS_AT_ONCE_MAX: usize = 1_000;

/// Puts the pieces by, takes the file and applies them; `false` when another file came in between.
///
/// After a crash the file is either not taken and nothing of it is seen, or it is taken and applied by the next that
/// looks.
pub(super) async fn bring(gateway: &Gateway, batch: &Batch, steps: &Steps) -> Result<bool, StoreError> {
    for step in steps.as_slice() {
        let (source, step) = (batch.source.clone(), step.clone());
        let put_by = gateway
            .store
            .write(async move |tx| store::import::stage(tx, &source, &step).await);
        if !put_by.await? {
            return Ok(false);
        }
    }
    let (source, ordinals) = (batch.source.clone(), steps.ordinals());
    let taken = gateway
        .store
        .write(async move |tx| store::import::decide(tx, &source, ordinals).await);
    if !taken.await? {
        return Ok(false);
    }
    apply(gateway, batch.tenant.id, batch.source.id).await?;
    Ok(true)
}

/// Applies what is left of a file that is taken.
async fn apply(gateway: &Gateway, tenant_id: Uuid, source_id: Uuid) -> Result<(), StoreError> {
    let next = async move |tx: &mut store::Tx| store::import::apply_next(tx, tenant_id, source_id).await;
    while gateway.store.write(next).await? {}
    Ok(())
}

/// Applies what is left of every file of a supplier that is taken, for whoever reads all its rows.
pub(in crate::service) async fn finish(gateway: &Gateway, tenant_id: Uuid) -> Result<(), Error> {
    let applying = gateway
        .store
        .read(async |tx| store::source::applying(tx, tenant_id).await);
    for source in applying.await? {
        tracing::info!(source = %source.code, "import.finishing");
        apply(gateway, tenant_id, source.id).await?;
    }
    Ok(())
}
