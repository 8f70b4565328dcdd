//! The sources of the configured folder: one file each.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::Source;
use crate::service::Gateway;

/// Sources of one folder.
const SOURCES_MAX: usize = 100;

/// The folder with the files of sources, where one is configured.
pub(super) fn folder(gateway: &Gateway) -> Option<PathBuf> {
    let folder = PathBuf::from(&gateway.config.erp.dir);
    (!folder.as_os_str().is_empty()).then_some(folder)
}

/// The files of sources in a folder: mapping files beside them have no `code`.
pub(super) fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        // What cannot be read is told when it is loaded.
        let is_source = || code(&path).is_none_or(|code| code.is_some());
        if is_toml && is_source() {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(SOURCES_MAX);
    Ok(files)
}

/// The code that a file says; the outer nothing where it cannot be read, the inner where it is no source's.
fn code(file: &Path) -> Option<Option<String>> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let table = toml::from_str::<toml::Table>(&text).ok()?;
    Some(table.get("code").and_then(toml::Value::as_str).map(str::to_owned))
}

/// The supplier of a source; nothing where it names none, or there are several.
pub(super) fn tenant_of(gateway: &Gateway, source: &Source) -> Option<Uuid> {
    let directory = gateway.directory();
    let code = source.setting.tenant.as_deref();
    let mut tenants = directory
        .tenants()
        .filter(|known| code.is_none_or(|code| known.code == code));
    let first = tenants.next().map(|tenant| tenant.id);
    first.filter(|_| tenants.next().is_none())
}

/// The sources of a supplier whose files can be read, in the order of the files.
pub fn sources(gateway: &Gateway, tenant_id: Uuid) -> Vec<Source> {
    let files = folder(gateway)
        .and_then(|folder| files(&folder).ok())
        .unwrap_or_default();
    let sources = files.iter().filter_map(|file| Source::load(file).ok());
    sources
        .filter(|source| tenant_of(gateway, source) == Some(tenant_id))
        .collect()
}

/// The source of a supplier with this code.
pub fn find(gateway: &Gateway, tenant_id: Uuid, code: &str) -> Option<Source> {
    coded(gateway, code)
        .into_iter()
        .find_map(|(of, source)| (of == tenant_id).then_some(source))
}

/// The sources with a code, each with its supplier: several suppliers may have one of the same.
pub(super) fn coded(gateway: &Gateway, wanted: &str) -> Vec<(Uuid, Source)> {
    let files = folder(gateway)
        .and_then(|folder| files(&folder).ok())
        .unwrap_or_default();
    let named = files
        .iter()
        .filter(|file| code(file).flatten().as_deref() == Some(wanted));
    let sources = named.filter_map(|file| Source::load(file).ok());
    sources
        .filter_map(|source| Some((tenant_of(gateway, &source)?, source)))
        .collect()
}
