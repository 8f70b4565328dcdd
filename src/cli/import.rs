//! `import`: files of products, contracts and stock.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use super::{Failure, open};
use crate::service::{Gateway, import};

/// Takes a file, or the files of a folder, and prints what became of each; exit code 1 when one was refused.
///
/// # Errors
/// The supplier is not clear, or the database would not.
pub async fn run(gateway: &Gateway, path: &Path, tenant: Option<&str>) -> Result<ExitCode, Failure> {
    let tenant_id = open::tenant(gateway, tenant)?;
    let reports = import::path(gateway, tenant_id, path).await?;
    if reports.is_empty() {
        bail!("{} has no file to import, such as products.csv", path.display());
    }
    for report in &reports {
        println!("{report}");
    }
    let is_taken = reports.iter().all(import::Report::is_taken);
    Ok(if is_taken { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
