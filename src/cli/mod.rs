//! The command line: one file per command.

mod check;
mod demo;
mod import;
mod migrate;
mod open;
mod serve;
mod staff;
mod sync;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A supplier-side procurement gateway: PunchOut, contract terms, carts and purchase orders.
#[derive(Debug, Parser)]
#[command(name = "punchgate", version, about)]
struct Arguments {
    /// Configuration file (TOML); PUNCHGATE_SECTION_KEY variables win over it.
    #[arg(long, env = "PUNCHGATE_CONFIG", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve,
    /// Show the gateway with sample data and simulated buyers.
    Demo(demo::Arguments),
    /// Bring products, contracts, stock and order states from files.
    Import {
        /// A file, or a folder of files, named by what they hold: products.csv, prices.jsonl, …
        path: PathBuf,
        /// Supplier (its short name); needed where there are several.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Read cXML documents and say what they are and what is wrong with them.
    Check(check::Arguments),
    /// Bring products, contracts and stock from an ERP, or try a mapping.
    Sync(sync::Arguments),
    /// Bring the database's schema up to date.
    Migrate,
    /// Add a member of staff, who signs in to the admin pages.
    Staff(staff::Arguments),
}

/// What went wrong, for the person at the terminal.
type Failure = anyhow::Error;

/// Reads the command line, runs the command and returns its exit code.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(dispatch(arguments)),
        Err(error) => Err(error.into()),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("punchgate: {error:#}");
        ExitCode::from(2)
    })
}

async fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = arguments.config.as_deref();
    match arguments.command {
        Command::Serve => serve::run(open::config(config)?).await,
        Command::Demo(shown) => demo::run(&shown).await,
        Command::Import { path, tenant } => {
            let gateway = open::gateway(open::config(config)?).await?;
            let code = import::run(&gateway, &path, tenant.as_deref()).await;
            gateway.store.close().await;
            code
        }
        Command::Check(files) => check::run(&files),
        Command::Sync(wanted) => sync::run(config, &wanted).await,
        Command::Migrate => migrate::run(open::config(config)?).await,
        Command::Staff(person) => staff::run(open::config(config)?, person).await,
    }
}
