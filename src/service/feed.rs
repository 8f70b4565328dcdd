//! What changed, for programs that keep something derived.

use std::time::Duration;

use uuid::Uuid;

use crate::domain::refusal::{Code, Refusal};
use crate::service::{Error, Gateway};
use crate::store::{self, StoreError};

pub use crate::store::feed::Change;

/// Changes that are given at a time.
pub const CHANGES_MAX: i64 = 1_000;

/// Seconds that a request may wait for a change: shorter than proxies wait for an answer.
pub const WAIT_SECONDS_MAX: u64 = 25;

/// Pause between two looks while a request waits.
const LOOK: Duration = Duration::from_millis(500);

/// Changes in the order of their commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The changes.
    pub changes: Vec<Change>,
    /// The number after which to go on.
    pub next: i64,
    /// Whether there are more already.
    pub more: bool,
}

/// The changes after a number, at most `limit`; where there are none yet, waits for them up to `wait`. When too many
/// wait already, it answers at once.
///
/// # Errors
/// The number was never given, or the store would not.
pub async fn after(gateway: &Gateway, tenant_id: Uuid, seq: i64, limit: i64, wait: Duration) -> Result<Changes, Error> {
    let deadline = tokio::time::Instant::now() + wait;
    let place = if wait.is_zero() { None } else { gateway.limits.waiting() };
    loop {
        let found = read(gateway, tenant_id, seq, limit).await?;
        let is_over = place.is_none() || tokio::time::Instant::now() >= deadline;
        if !found.changes.is_empty() || is_over {
            return Ok(found);
        }
        tokio::time::sleep_until((tokio::time::Instant::now() + LOOK).min(deadline)).await;
    }
}

async fn read(gateway: &Gateway, tenant_id: Uuid, seq: i64, limit: i64) -> Result<Changes, Error> {
    let (head, changes) = gateway
        .store
        .read(async |tx| {
            let head = store::feed::head(tx, tenant_id).await?;
            let changes = store::feed::after(tx, tenant_id, seq, limit).await?;
            Ok::<_, StoreError>((head, changes))
        })
        .await?;
    if seq > head {
        let text = "No change has this number yet: the database is another one, or an earlier state of it was restored. \
                    Read everything anew, then go on after 0.";
        return Err(Refusal::new(Code::Conflict, text).at("after").into());
    }
    let next = changes.last().map_or(seq, |change| change.seq);
    Ok(Changes {
        more: next < head,
        next,
        changes,
    })
}
