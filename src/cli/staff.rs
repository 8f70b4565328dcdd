//! `staff`: the first people who sign in.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::{Failure, open};
use crate::config::Config;
use crate::domain::money::Currency;
use crate::domain::staff::Role;
use crate::service::party::{self, NewTenant};
use crate::service::{Gateway, staff};

/// Who is added.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Sign-in name.
    login: String,
    /// Name that people see; the sign-in name where it is left out.
    #[arg(long)]
    name: Option<String>,
    /// What the person may do.
    #[arg(long, value_enum, default_value = "operator")]
    role: RoleWord,
    /// Supplier (its short name); needed where there are several.
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    supplier: Supplier,
}

/// The supplier, where it is not there yet.
#[derive(Debug, clap::Args)]
struct Supplier {
    /// Name of a new supplier; makes it, under the short name of --tenant.
    #[arg(long, requires = "tenant")]
    supplier_name: Option<String>,
    /// Its currency (ISO 4217).
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// Its time zone (IANA).
    #[arg(long, default_value = "UTC")]
    time_zone: String,
    /// How buyers name it in To, such as DUNS=123456789; may be given several times.
    #[arg(long = "identity", value_parser = identity)]
    identities: Vec<(String, String)>,
}

fn identity(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((domain, identity)) if !domain.is_empty() && !identity.is_empty() => {
            Ok((domain.to_owned(), identity.to_owned()))
        }
        _ => Err("expected DOMAIN=IDENTITY, such as DUNS=123456789".to_owned()),
    }
}

/// The roles as words.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleWord {
    /// Reads.
    Viewer,
    /// Reads, resolves exceptions, binds and replays documents.
    Operator,
    /// Everything, connections and secrets included.
    Admin,
}

/// Adds the person; the password is the first line of standard input, so that no list of processes shows it.
pub async fn run(config: Config, person: Arguments) -> Result<ExitCode, Failure> {
    let gateway = open::gateway(config).await?;
    let tenant = person.tenant.as_deref();
    if let (Some(code), Some(name)) = (tenant, person.supplier.supplier_name.as_deref()) {
        make(&gateway, code, name, &person.supplier).await?;
    }
    let directory = gateway.directory();
    let mut tenants = directory
        .tenants()
        .filter(|tenant| person.tenant.as_ref().is_none_or(|code| *code == tenant.code));
    let Some(tenant) = tenants.next() else {
        bail!("there is no such supplier; see --tenant, or make one with --supplier-name");
    };
    if tenants.next().is_some() {
        bail!("there are several suppliers; say which with --tenant");
    }
    if std::io::stdin().is_terminal() {
        eprintln!("Password (at least {} characters):", staff::PASSWORD_CHARS_MIN);
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).context("password")?;
    let role = match person.role {
        RoleWord::Viewer => Role::Viewer,
        RoleWord::Operator => Role::Operator,
        RoleWord::Admin => Role::Admin,
    };
    let name = person.name.as_deref().unwrap_or(&person.login);
    let password = password.trim_end_matches(['\r', '\n']);
    let made = staff::create(&gateway, tenant.id, &person.login, name, password, role).await?;
    println!("{} can sign in to {} now.", made.login, tenant.name);
    gateway.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn make(gateway: &Gateway, code: &str, name: &str, supplier: &Supplier) -> Result<(), Failure> {
    if jiff::tz::TimeZone::get(&supplier.time_zone).is_err() {
        bail!("--time-zone: expected an IANA name such as Europe/Berlin");
    }
    let currency = Currency::parse(&supplier.currency).context("--currency")?;
    let identities = supplier
        .identities
        .iter()
        .map(|(domain, identity)| (domain.as_str(), identity.as_str()));
    let identities: Vec<(&str, &str)> = identities.collect();
    let new = NewTenant {
        code,
        name,
        time_zone: &supplier.time_zone,
        currency: currency.code(),
        identities: &identities,
    };
    party::create_tenant(gateway, &new).await?;
    Ok(())
}
