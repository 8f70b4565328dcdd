//! Every source of the configured folder, each in its time, for as long as the gateway runs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::folder::{files, folder, tenant_of};
use super::{Round, Source};
use crate::service::{Error, Gateway, away};

/// Pause between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);
/// Seconds until a source whose file is wrong is looked at again.
const WRONG_SECONDS: u64 = 60;

/// When a source is run again.
#[derive(Clone, Copy, Debug)]
struct Due {
    /// In its time.
    usual: Timestamp,
    /// Where orders wait for its ERP: as soon as an open breaker's pause is over.
    waiting: Timestamp,
}

/// Runs what is due, without end; a source that fails is logged and comes again in its time.
pub async fn rounds(gateway: Arc<Gateway>) {
    let Some(folder) = folder(&gateway) else { return };
    let mut due: HashMap<PathBuf, Due> = HashMap::new();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let files = match files(&folder) {
            Ok(files) => files,
            Err(error) => {
                tracing::error!(folder = %folder.display(), %error, "sync.folder");
                Vec::new()
            }
        };
        for file in files {
            let waits = look(&gateway, &file).await;
            let at = due.get(&file).map(|due| if waits { due.waiting } else { due.usual });
            if at.is_some_and(|at| at > gateway.clock.now()) {
                continue;
            }
            let (usual, waiting) = round(&gateway, &file).await;
            let after = |seconds: u64| {
                let pause = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
                gateway.clock.now().saturating_add(pause).unwrap_or(Timestamp::MAX)
            };
            let next = Due {
                usual: after(usual),
                waiting: after(waiting),
            };
            due.insert(file, next);
        }
    }
}

/// Hands on what is due, follows what was hinted at, and tells whether orders wait for the ERP; a source that cannot be
/// read is told of when it is run.
async fn look(gateway: &Gateway, file: &Path) -> bool {
    let Ok(source) = Source::load(file) else { return false };
    let Some(tenant_id) = tenant_of(gateway, &source) else {
        return false;
    };
    let code = source.setting.code.as_str();
    if let Err(error) = super::orders::send(gateway, tenant_id, &source).await {
        tracing::error!(source = code, %error, "sync.orders_failed");
    }
    let standing = away::find(gateway, tenant_id, code).await;
    if standing.is_ok_and(|standing| standing.is_some_and(|standing| !standing.sends())) {
        return true;
    }
    if let Err(error) = super::hints::follow(gateway, tenant_id, &source).await {
        tracing::error!(source = code, %error, "sync.hints_failed");
    }
    false
}

/// Runs a source once; tells after how many seconds it comes again, and after how many where orders wait for it.
async fn round(gateway: &Gateway, file: &Path) -> (u64, u64) {
    let source = match Source::load(file) {
        Ok(source) => source,
        Err(error) => {
            tracing::error!(%error, "sync.source");
            return (WRONG_SECONDS, WRONG_SECONDS);
        }
    };
    let Some(tenant_id) = tenant_of(gateway, &source) else {
        tracing::error!(file = %file.display(), "sync.tenant: it must name one supplier that there is");
        return (WRONG_SECONDS, WRONG_SECONDS);
    };
    if let Err(error) = of_source(gateway, tenant_id, &source).await {
        tracing::error!(source = %source.setting.code, %error, "sync.failed");
    }
    let usual = source.setting.every_seconds.max(1);
    (usual, usual.min(source.setting.away.pause_seconds.max(1).into()))
}

/// One round of a source: what changed, what lags behind, and once a day what differs.
///
/// # Errors
/// The store would not.
pub async fn of_source(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<(), Error> {
    let round = super::round(gateway, tenant_id, source).await?;
    super::lag::watch(gateway, tenant_id, source).await?;
    match round {
        Round::Ran(_) => super::reconcile::nightly(gateway, tenant_id, source).await.map(|_| ()),
        Round::LeftAlone(_) => Ok(()),
    }
}
