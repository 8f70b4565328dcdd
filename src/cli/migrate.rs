//! `migrate`: the schema alone, before several nodes start.

use std::process::ExitCode;

use super::{Failure, open};
use crate::clock::Clock;
use crate::config::Config;

/// Brings the schema up to date and says what it has.
pub async fn run(config: Config) -> Result<ExitCode, Failure> {
    let store = open::store(&config, &Clock::system()).await?;
    for step in store.migrate().await? {
        println!("{:04} {}", step.version, step.name);
    }
    println!("The schema is up to date.");
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
