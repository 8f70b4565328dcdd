//! Every source of the configured folder, each in its time, for as long as the gateway runs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::folder::{files, folder, tenant_of};
use super::{Source, Wanted};
use crate::service::{Error, Gateway};

/// Pause between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);
/// Seconds until a source whose file is wrong is looked at again.
const WRONG_SECONDS: u64 = 60;

/// Runs what is due, without end; a source that fails is logged and comes again in its time.
pub async fn rounds(gateway: Arc<Gateway>) {
    let Some(folder) = folder(&gateway) else { return };
    let mut due: HashMap<PathBuf, Timestamp> = HashMap::new();
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
            look(&gateway, &file).await;
            if due.get(&file).is_some_and(|at| *at > gateway.clock.now()) {
                continue;
            }
            let seconds = round(&gateway, &file).await;
            let pause = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
            let next = gateway.clock.now().saturating_add(pause).unwrap_or(Timestamp::MAX);
            due.insert(file, next);
        }
    }
}

/// Hands on what is due and follows what was hinted at; a source that cannot be read is told of when it is run.
async fn look(gateway: &Gateway, file: &Path) {
    let Ok(source) = Source::load(file) else { return };
    let Some(tenant_id) = tenant_of(gateway, &source) else {
        return;
    };
    if let Err(error) = super::orders::send(gateway, tenant_id, &source).await {
        tracing::error!(source = %source.setting.code, %error, "sync.orders_failed");
    }
    if let Err(error) = super::hints::follow(gateway, tenant_id, &source).await {
        tracing::error!(source = %source.setting.code, %error, "sync.hints_failed");
    }
}

/// Runs a source once; tells after how many seconds it comes again.
async fn round(gateway: &Gateway, file: &Path) -> u64 {
    let source = match Source::load(file) {
        Ok(source) => source,
        Err(error) => {
            tracing::error!(%error, "sync.source");
            return WRONG_SECONDS;
        }
    };
    let Some(tenant_id) = tenant_of(gateway, &source) else {
        tracing::error!(file = %file.display(), "sync.tenant: it must name one supplier that there is");
        return WRONG_SECONDS;
    };
    if let Err(error) = of_source(gateway, tenant_id, &source).await {
        tracing::error!(source = %source.setting.code, %error, "sync.failed");
    }
    source.setting.every_seconds.max(1)
}

/// One round of a source: what changed, what lags behind, and once a day what differs.
///
/// # Errors
/// The store would not.
pub async fn of_source(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<(), Error> {
    super::run(gateway, tenant_id, source, &Wanted::default()).await?;
    super::lag::watch(gateway, tenant_id, source).await?;
    super::reconcile::nightly(gateway, tenant_id, source).await?;
    Ok(())
}
