//! `sync`: an ERP's rows, once; or a mapping on trial.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;

use super::{Failure, open};
use crate::clock::Clock;
use crate::erp::fault::Class;
use crate::service::sync::reconcile::{self, Cause, Progress};
use crate::service::sync::{self, Source, Wanted, fields};

/// Differences that are told.
const SHOWN_MAX: usize = 100;

/// What is to be done.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Bring what changed in the ERP.
    ///
    /// Exit code 0: every entity came to its end and no row was rejected; 1: rows were rejected, or somebody must look;
    /// 2: the ERP did not answer.
    Run {
        /// The file of the source: where the ERP is, who we are there, which mapping it has.
        source: PathBuf,
        /// Supplier (its short name); needed where there are several and the source's file names none.
        #[arg(long)]
        tenant: Option<String>,
        /// Only these entities of the mapping.
        #[arg(long)]
        entity: Vec<String>,
        /// Read everything and hold the store against it.
        #[arg(long)]
        full: bool,
        /// Delete what is gone from the ERP, also where it is much.
        #[arg(long)]
        accept_deletions: bool,
    },
    /// Compare the store with the ERP, row by row; nothing is changed.
    ///
    /// What differs is told, and kept for the page Drift. Exit code 0: nothing differs that nobody accepted; 1: something
    /// does, or a part could not be compared; 2: the ERP did not answer.
    Reconcile {
        /// The file of the source.
        source: PathBuf,
        /// Supplier (its short name); needed where there are several and the source's file names none.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Print who owns which fields: owner, writer, mode, target age, and who wins.
    Fields {
        /// The file of the source; without it the usual rules.
        source: Option<PathBuf>,
        /// How it is written.
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
    },
    /// Try a mapping without bringing anything.
    ///
    /// Of a source's file, every entity is asked for its first page; with --records, records that were kept are taken
    /// instead. Of a mapping file alone, its words are checked. Exit code 0: all is good; 1: something is wrong.
    Check {
        /// The file of a source, or a mapping file.
        file: PathBuf,
        /// Folder with kept records, a list in ENTITY.json for each entity and lookup.
        #[arg(long)]
        records: Option<PathBuf>,
    },
    /// Print the JSON Schema of mapping files.
    Schema,
    /// Print a mapping that comes with the program, to be changed.
    Map {
        /// Its name.
        name: String,
    },
}

/// How a document is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// A line for each group of fields.
    Csv,
    /// An object for each source.
    Json,
}

/// Does it.
///
/// # Errors
/// The source is not as it should be, or the database would not.
pub async fn run(config: Option<&Path>, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.deed {
        Deed::Run {
            source,
            tenant,
            entity,
            full,
            accept_deletions,
        } => {
            let source = Source::load(source).map_err(Failure::msg)?;
            let wanted = Wanted {
                full: *full,
                entities: entity.clone(),
                accept_deletions: *accept_deletions,
            };
            let gateway = open::gateway(open::config(config)?).await?;
            let tenant = tenant.as_deref().or(source.setting.tenant.as_deref());
            let tenant_id = open::tenant(&gateway, tenant)?;
            let went = sync::run(&gateway, tenant_id, &source, &wanted).await;
            gateway.store.close().await;
            let mut code = 0;
            for went in went? {
                println!("{went}");
                code = code.max(match &went.fault {
                    Some(fault) if fault.class == Class::Retry => 2,
                    Some(_) => 1,
                    None => u8::from(went.rejected > 0),
                });
            }
            Ok(ExitCode::from(code))
        }
        Deed::Reconcile { source, tenant } => reconcile(config, source, tenant.as_deref()).await,
        Deed::Fields { source, format } => {
            let mut document = fields::usual()?;
            if let Some(source) = source {
                let source = Source::load(source).map_err(Failure::msg)?;
                document.source.clone_from(&source.setting.code);
                document.erp = format!("{} {}", source.mapping.kind, source.mapping.version);
                let groups = fields::groups(&source)?.into_iter();
                document.fields = groups
                    .map(|group| fields::Kept {
                        group,
                        age_seconds: None,
                    })
                    .collect();
            }
            let documents = [document];
            print!(
                "{}",
                match format {
                    Format::Csv => fields::csv(&documents)?,
                    Format::Json => fields::json(&documents)?,
                }
            );
            Ok(ExitCode::SUCCESS)
        }
        Deed::Schema => {
            print!("{}", crate::erp::SCHEMA);
            Ok(ExitCode::SUCCESS)
        }
        Deed::Map { name } => {
            let known: Vec<&str> = crate::erp::MAPS.iter().map(|(name, _)| *name).collect();
            let map = crate::erp::MAPS.iter().find(|(known, _)| known == name);
            let (_, text) = map.ok_or_else(|| anyhow!("there is no mapping {name}; there are {}", known.join(", ")))?;
            print!("{text}");
            Ok(ExitCode::SUCCESS)
        }
        Deed::Check { file, records } => check(file, records.as_deref()).await,
    }
}

async fn reconcile(config: Option<&Path>, source: &Path, tenant: Option<&str>) -> Result<ExitCode, Failure> {
    let source = Source::load(source).map_err(Failure::msg)?;
    let gateway = open::gateway(open::config(config)?).await?;
    let tenant_id = open::tenant(&gateway, tenant.or(source.setting.tenant.as_deref()))?;
    let compared = reconcile::reconcile(&gateway, tenant_id, &source, Cause::Command, &Progress::default()).await;
    gateway.store.close().await;
    let compared = compared?;
    for kind in &compared.kinds {
        println!("{kind}");
    }
    for drift in compared.open().take(SHOWN_MAX) {
        println!("{}", reconcile::told(drift));
    }
    let open = compared.open().count();
    if open > SHOWN_MAX {
        println!("and {} more", open - SHOWN_MAX);
    }
    println!("{open} differences, {} accepted", compared.drifts.len() - open);
    Ok(ExitCode::from(match compared.faults().is_empty() && open == 0 {
        _ if compared.is_unanswered => 2,
        is_good => u8::from(!is_good),
    }))
}

async fn check(file: &Path, records: Option<&Path>) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| anyhow!("{}: {error}", file.display()))?;
    let is_mapping = toml::from_str::<toml::Table>(&text).is_ok_and(|table| table.contains_key("entity"));
    if is_mapping {
        return Ok(match sync::mapping(&text) {
            Ok(mapping) => {
                println!("{}: {} entities, good", file.display(), mapping.entity.len());
                ExitCode::SUCCESS
            }
            Err(wrong) => {
                wrong.iter().for_each(|wrong| println!("{}: {wrong}", file.display()));
                ExitCode::from(1)
            }
        });
    }
    let source = Source::load(file).map_err(Failure::msg)?;
    let today = Clock::system().now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let checked = sync::check(&source, records, today).await?;
    checked.iter().for_each(|checked| println!("{checked}"));
    let is_good = checked.iter().all(sync::Checked::is_good);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
