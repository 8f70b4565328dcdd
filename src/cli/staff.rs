//! `staff`: the first people who sign in.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::{Failure, open};
use crate::config::Config;
use crate::domain::staff::Role;
use crate::service::staff;

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
    let directory = gateway.directory();
    let mut tenants = directory
        .tenants()
        .filter(|tenant| person.tenant.as_ref().is_none_or(|code| *code == tenant.code));
    let Some(tenant) = tenants.next() else {
        bail!("there is no such supplier; see --tenant");
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
