//! `demo`: the gateway with sample data in a throw-away database, and five buyers beside it.

mod journey;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{Failure, open, serve};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::party::{ConnectionSettings, DeploymentMode};
use crate::domain::staff::Role;
use crate::http::buyer::{self, Market};
use crate::service::party::{self, NewConnection};
use crate::service::{Gateway, sample, staff};
use crate::simulate::{Browser, Buyer, SCRIPTS};
use crate::telemetry;
use crate::transport::HttpClient;

/// Sign-in to the demonstration's admin pages; the address is this machine's own.
const STAFF: (&str, &str) = ("demo", "demonstration");

/// What is shown.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Run five journeys without a person, say how each step went, and stop.
    #[arg(long)]
    once: bool,
    /// Port of the gateway on this machine.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the simulated buyers.
    #[arg(long, default_value_t = 8090)]
    buyers_port: u16,
}

/// Starts everything; with `--once`, exits with 1 when any step failed.
pub async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let folder = Folder::new()?;
    let (port, buyers_port) = if arguments.once {
        free_ports()?
    } else {
        (arguments.port, arguments.buyers_port)
    };
    let config = config(&folder.0, port, arguments.once);
    telemetry::start_logging(&config.log).map_err(Failure::msg)?;
    let gateway = Arc::new(open::gateway(config).await?);
    let market = Arc::new(furnish(&gateway, buyers_port).await?);
    let buyers = SocketAddr::from((Ipv4Addr::LOCALHOST, buyers_port));
    let (buyers, server) = buyer::listen(&market, buyers)?;
    let server = tokio::spawn(server);
    let outcome = if arguments.once {
        once(&gateway, &market).await
    } else {
        serve::until_stopped(&gateway, async {
            greet(&gateway, &market);
            Ok(())
        })
        .await
        .map(|()| ExitCode::SUCCESS)
    };
    buyers.stop().await;
    server.await??;
    outcome
}

/// A folder that is gone when the demonstration is.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Folder, Failure> {
        let name = format!("punchgate-demo-{}", Clock::system().new_id().simple());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).context("the demonstration's folder")?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "demo.folder_stays");
        }
    }
}

fn config(folder: &Path, port: u16, once: bool) -> Config {
    let mut config = Config::default();
    config.server.bind = format!("127.0.0.1:{port}");
    config.server.public_url = format!("http://localhost:{port}");
    config.database.url = format!("sqlite://{}", folder.join("demo.db").display());
    config.keys.file = folder.join("demo.keys").display().to_string();
    config.log.filter = if once { "warn" } else { "info,actix_server=warn" }.to_owned();
    config
}

/// Two ports that nobody holds at this moment.
fn free_ports() -> Result<(u16, u16), Failure> {
    let held = [
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
    ];
    Ok((held[0].local_addr()?.port(), held[1].local_addr()?.port()))
}

/// Sample data, a connection for each simulated buyer, and a member of staff.
async fn furnish(gateway: &Arc<Gateway>, buyers_port: u16) -> Result<Market, Failure> {
    let tenant_id = sample::load(gateway).await.context("sample data")?;
    let address = format!("http://localhost:{buyers_port}");
    let client = HttpClient::new(Duration::from_secs(20), 16 << 20)?;
    let mut buyers = Vec::with_capacity(SCRIPTS.len());
    for script in &SCRIPTS {
        let secret = URL_SAFE_NO_PAD.encode(&gateway.clock.new_token()[..18]);
        connect(gateway, tenant_id, script, &secret, &address).await?;
        buyers.push(Buyer::new(
            script,
            &format!("{}cxml", gateway.public_url),
            &format!("{address}/return/{}", script.code),
            &secret,
            gateway.clock.clone(),
            client.clone(),
        ));
    }
    staff::create(gateway, tenant_id, STAFF.0, "Demo Admin", STAFF.1, Role::Admin).await?;
    Ok(Market {
        buyers,
        gateway: Arc::clone(gateway),
        address,
    })
}

async fn connect(
    gateway: &Gateway,
    tenant_id: Uuid,
    script: &crate::simulate::Script,
    secret: &str,
    address: &str,
) -> Result<Uuid, Failure> {
    let connection = NewConnection {
        tenant_id,
        buyer: (script.code, script.company),
        code: script.code,
        name: script.system,
        profile: script.profile,
        mode: DeploymentMode::Test,
        account_code: script.account,
        from: &[script.from],
        sender: &[script.sender],
        shared_secret: Some(secret),
        settings: ConnectionSettings {
            return_hosts: vec!["localhost".to_owned()],
            // The simulated buyers have no certificate.
            return_insecure: true,
            // They may show the catalogue inside their own pages, as procurement systems do.
            frame_ancestors: vec![address.to_owned()],
            ..ConnectionSettings::default()
        },
    };
    Ok(party::create_connection(gateway, &connection).await?)
}

fn greet(gateway: &Gateway, market: &Market) {
    println!("punchgate demonstration");
    println!();
    println!("  Buyers       {}/", market.address);
    println!(
        "  Admin pages  {}admin   ({} / {})",
        gateway.public_url, STAFF.0, STAFF.1
    );
    println!();
    println!("Everything is in a throw-away database. Stop with Ctrl-C.");
}

async fn once(gateway: &Arc<Gateway>, market: &Market) -> Result<ExitCode, Failure> {
    let (running, server) = crate::http::listen(gateway)?;
    let server = tokio::spawn(server);
    let client = HttpClient::new(Duration::from_secs(20), 16 << 20)?;
    let failed = journey::all(gateway, market, &Browser::new(client)).await;
    running.stop().await;
    server.await??;
    gateway.store.close().await;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
