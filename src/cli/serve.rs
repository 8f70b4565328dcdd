//! `serve`: the gateway until it is told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, open};
use crate::config::Config;
use crate::http;
use crate::service::{Gateway, sync, upkeep};
use crate::telemetry;

/// Serves until SIGTERM or SIGINT, then lets running requests finish.
pub async fn run(config: Config) -> Result<ExitCode, Failure> {
    let gateway = Arc::new(open::gateway(config).await?);
    until_stopped(&gateway, async { Ok(()) }).await?;
    Ok(ExitCode::SUCCESS)
}

/// Listens, does `first` beside it, and stops at a signal: HTTP first, then upkeep, then the database.
pub async fn until_stopped(
    gateway: &Arc<Gateway>,
    first: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    // What is counted before anybody asks for the figures counts, too.
    telemetry::metrics();
    // Before listening, so that a signal right after the first answer is not missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (running, server) = http::listen(gateway)?;
    let server = tokio::spawn(server);
    tracing::info!(address = %running.address, public_url = %gateway.public_url, "gateway.listening");
    let upkeep = tokio::spawn(upkeep::run(Arc::clone(gateway)));
    let sync = tokio::spawn(sync::rounds(Arc::clone(gateway)));
    first.await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("gateway.stopping");
    running.stop().await;
    server.await??;
    upkeep.abort();
    sync.abort();
    gateway.store.close().await;
    tracing::info!("gateway.stopped");
    Ok(())
}
