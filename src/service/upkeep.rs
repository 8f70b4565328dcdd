//! What happens without anybody asking: what is over is closed, what is old is forgotten, what changed is read anew.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::service::{Error, Gateway, away, order, party, search, terms};
use crate::store::{self, StoreError};

/// Pause between two rounds; another node's change of a connection is known here after it.
const ROUND: Duration = Duration::from_secs(15);

/// Sealed answers are of use only as long as a start link lives; no profile lets one live longer than this.
const SEALED_HOURS: i64 = 1;

/// Security events kept, at most: enough for weeks of an ordinary door, bounded under attack.
const SECURITY_EVENTS_MAX: i64 = 100_000;

/// Days that a hint waits to be followed: whoever fetches looks everywhere more often than that.
const HINT_DAYS: i64 = 7;

/// Days that is kept how each run of a source went: what is asked about is asked within two weeks.
const RUN_DAYS: i64 = 14;

/// Days that is kept how a comparison with an ERP went: a quarter, for whoever audits.
const RECONCILIATION_DAYS: i64 = 92;

/// Rounds without end, beside prices that are still to be read; a round that fails is logged and the next one tries
/// again.
pub async fn run(gateway: Arc<Gateway>) {
    tokio::join!(terms::load(&gateway), rounds(&gateway));
}

async fn rounds(gateway: &Gateway) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = round(gateway).await {
            tracing::error!(%error, "upkeep.failed");
        }
    }
}

/// One round; what fails holds up nothing else.
///
/// # Errors
/// The store would not, or rows of a supplier contradict themselves: the first fault, after everything was tried.
pub async fn round(gateway: &Gateway) -> Result<(), Error> {
    gateway.limits.shrink();
    let directory = party::reload(gateway).await;
    let away = away::look(gateway).await;
    let terms = terms::refresh_if_moved(gateway).await.map(|_| ());
    let search = search::follow_all(gateway).await;
    let swept = sweep(gateway).await;
    directory.and(away).and(terms).and(search).and(swept)
}

async fn sweep(gateway: &Gateway) -> Result<(), Error> {
    let now = gateway.clock.now();
    let tenants: Vec<uuid::Uuid> = gateway.directory().tenants().map(|tenant| tenant.id).collect();
    let quarantine = gateway.config.quarantine.clone();
    let swept = gateway
        .store
        .write(async move |tx| {
            let mut swept = 0;
            for tenant_id in &tenants {
                swept += store::session::sweep(tx, *tenant_id, now).await?;
                let before = now - SignedDuration::from_hours(SEALED_HOURS);
                swept += store::exchange::sweep_sealed(tx, *tenant_id, before).await?;
                swept += order::hold::expire(tx, *tenant_id, now).await?;
            }
            swept += store::exchange::sweep_quarantine(tx, now, quarantine.documents_max, quarantine.bytes_max).await?;
            swept += store::exchange::sweep_security_events(tx, SECURITY_EVENTS_MAX).await?;
            swept += store::staff::sweep_sessions(tx, now).await?;
            swept += store::hint::sweep(tx, now - SignedDuration::from_hours(24 * HINT_DAYS)).await?;
            swept += store::sync::sweep_runs(tx, now - SignedDuration::from_hours(24 * RUN_DAYS)).await?;
            swept += store::drift::sweep(tx, now - SignedDuration::from_hours(24 * RECONCILIATION_DAYS)).await?;
            Ok::<_, StoreError>(swept)
        })
        .await?;
    if swept > 0 {
        tracing::debug!(swept, "upkeep.swept");
    }
    Ok(())
}
