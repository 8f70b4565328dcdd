//! What every command needs first: the configuration, the database, the keys.

use std::path::Path;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::Failure;
use crate::clock::Clock;
use crate::config::Config;
use crate::service::Gateway;
use crate::service::keys::Keys;
use crate::store::{Store, StoreOptions};
use crate::telemetry;

/// The configuration of the file and the variables; starts logging as it says.
pub fn config(file: Option<&Path>) -> Result<Config, Failure> {
    let config = Config::load(file, std::env::vars())?;
    telemetry::start_logging(&config.log).map_err(Failure::msg)?;
    Ok(config)
}

/// The database with its schema up to date.
pub async fn store(config: &Config, clock: &Clock) -> Result<Store, Failure> {
    let options = StoreOptions {
        connections: config.database.connections,
        ..StoreOptions::default()
    };
    let store = Store::open(&config.database.url, &options, clock.clone())
        .await
        .context("database.url")?;
    store.migrate().await.context("the database's schema")?;
    Ok(store)
}

/// A gateway as configured, everything loaded.
pub async fn gateway(config: Config) -> Result<Gateway, Failure> {
    let clock = Clock::system();
    // A second node with keys of its own could not open what the first one sealed: it must be given the file.
    let is_alone = config.database.url.starts_with("sqlite:");
    let keys = Keys::load(Path::new(&config.keys.file), is_alone, &clock).context("keys.file")?;
    let store = store(&config, &clock).await?;
    Ok(Gateway::new(config, clock, store, keys).await?)
}

/// The supplier of a short name, or the only one.
pub fn tenant(gateway: &Gateway, code: Option<&str>) -> Result<Uuid, Failure> {
    let directory = gateway.directory();
    let mut tenants = directory
        .tenants()
        .filter(|known| code.is_none_or(|code| known.code == code));
    match (tenants.next(), tenants.next()) {
        (Some(tenant), None) => Ok(tenant.id),
        (None, _) => bail!("there is no such supplier; see --tenant"),
        (Some(_), Some(_)) => bail!("there are several suppliers; say which with --tenant"),
    }
}
