//! Every source of the configured folder, each in its time, for as long as the gateway runs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Source;
use crate::service::{Error, Gateway, away};

/// Pause between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);
/// Seconds until a source whose file is wrong is looked at again.
const WRONG_SECONDS: u64 = 60;
/// Sources of one folder.
const SOURCES_MAX: usize = 100;

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
    let folder = PathBuf::from(&gateway.config.erp.dir);
    if folder.as_os_str().is_empty() {
        return;
    }
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
            let waits = hand_on(&gateway, &file).await;
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

/// Hands on what is due, and tells whether orders wait for the ERP; a source that cannot be read is told of when it is run.
async fn hand_on(gateway: &Gateway, file: &Path) -> bool {
    let Ok(source) = Source::load(file) else { return false };
    let Some(tenant_id) = tenant_of(gateway, &source) else {
        return false;
    };
    let code = source.setting.code.as_str();
    if let Err(error) = super::orders::send(gateway, tenant_id, &source).await {
        tracing::error!(source = code, %error, "sync.orders_failed");
    }
    let standing = away::find(gateway, tenant_id, code).await;
    standing.is_ok_and(|standing| standing.is_some_and(|standing| !standing.sends()))
}

/// The supplier of a source; nothing where it names none, or there are several.
fn tenant_of(gateway: &Gateway, source: &Source) -> Option<uuid::Uuid> {
    let directory = gateway.directory();
    let code = source.setting.tenant.as_deref();
    let mut tenants = directory
        .tenants()
        .filter(|known| code.is_none_or(|code| known.code == code));
    let first = tenants.next().map(|tenant| tenant.id);
    first.filter(|_| tenants.next().is_none())
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
    let outcome: Result<_, Error> = super::round(gateway, tenant_id, &source).await;
    if let Err(error) = outcome {
        tracing::error!(source = %source.setting.code, %error, "sync.failed");
    }
    let usual = source.setting.every_seconds.max(1);
    (usual, usual.min(source.setting.away.pause_seconds.max(1).into()))
}

/// The files of sources in a folder: mapping files beside them have no `code`.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let is_source = || {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let table = toml::from_str::<toml::Table>(&text);
            // What cannot be read is told when it is loaded.
            table.map_or(true, |table| table.contains_key("code"))
        };
        if is_toml && is_source() {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(SOURCES_MAX);
    Ok(files)
}
