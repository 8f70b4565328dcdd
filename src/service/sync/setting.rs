//! One source of ERP rows: where the ERP is, who we are there, and which mapping it has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::away::{Care, Rules};
use crate::erp::link::Access;
use crate::erp::mapping::{Mapping, Wrong};
use crate::erp::owner::FieldChange;
use crate::erp::value::Value;
use crate::service::import;

/// The file of a source. Secrets are never in it: it names a file or a variable that has them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Short name of the source, unique within the supplier.
    pub code: String,
    /// Short name of the supplier; needed where there are several.
    pub tenant: Option<String>,
    /// The mapping: the name of one that comes with the program, or a file beside this one.
    pub map: String,
    /// Address of the ERP, or a folder.
    #[serde(default)]
    pub url: String,
    /// User in the ERP.
    #[serde(default)]
    pub user: String,
    /// File with the password, token or secret.
    pub password_file: Option<PathBuf>,
    /// Environment variable with it.
    pub password_variable: Option<String>,
    /// File with the secret by which the ERP signs its messages.
    pub hook_secret_file: Option<PathBuf>,
    /// Environment variable with it.
    pub hook_secret_variable: Option<String>,
    /// Seconds between two runs of a running gateway. Default 60.
    #[serde(default = "every_seconds")]
    pub every_seconds: u64,
    /// Whether orders are handed on to it, where the mapping says how. Default true.
    #[serde(default = "orders")]
    pub orders: bool,
    /// The hour of the supplier's day from which on the store is compared with the ERP, once a day; -1 is never. Default 2.
    #[serde(default = "reconcile_hour")]
    pub reconcile_hour: i8,
    /// When an entity lags behind or is refused too often; `*` is every other. Defaults: those of the mapping.
    #[serde(default)]
    pub alerts: BTreeMap<String, Alerts>,
    /// Prices of a comparison that are asked for, where the mapping says how. Default 20.
    #[serde(default = "sample_prices")]
    pub sample_prices: usize,
    /// Who owns what, where it is not as usual.
    #[serde(default)]
    pub field: Vec<FieldChange>,
    /// What is done when the ERP is away.
    #[serde(default)]
    pub away: Care,
    /// What the mapping leaves open.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// When somebody should look at an entity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// Minutes without a run that came to its end. Default 60.
    pub age_minutes: Option<i64>,
    /// Refused rows in a hundred. Default 5.
    pub rejects_percent: Option<i64>,
}

fn orders() -> bool {
    true
}

fn sample_prices() -> usize {
    20
}

fn reconcile_hour() -> i8 {
    2
}

fn every_seconds() -> u64 {
    60
}

/// A source with its mapping.
pub struct Source {
    /// What its file says.
    pub setting: Setting,
    /// Its mapping.
    pub mapping: Mapping,
    /// Where the ERP is, and who we are there.
    pub access: Access,
    /// The secret by which the ERP signs its messages.
    pub hook_secret: Option<String>,
}

/// The columns of each kind of row.
pub fn columns(rows: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    import::Entity::from_word(rows).map(import::Entity::columns)
}

/// Reads a mapping file.
///
/// # Errors
/// Everything that is wrong, each with its line.
pub fn mapping(text: &str) -> Result<Mapping, Vec<Wrong>> {
    Mapping::parse(text, columns)
}

impl Source {
    /// Reads the file of a source and its mapping.
    ///
    /// # Errors
    /// Says which file is wrong, where and why.
    pub fn load(file: &Path) -> Result<Source, String> {
        let shown = file.display();
        let text = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
        let setting: Setting = toml::from_str(&text).map_err(|error| format!("{shown}: {error}"))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let built_in = crate::erp::MAPS.iter().find(|(name, _)| *name == setting.map);
        let (name, map) = match built_in {
            Some((name, text)) => ((*name).to_owned(), (*text).to_owned()),
            None => {
                let path = folder.join(&setting.map);
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    let known: Vec<&str> = crate::erp::MAPS.iter().map(|(name, _)| *name).collect();
                    format!(
                        "{}: {error} (maps of the program are {})",
                        path.display(),
                        known.join(", ")
                    )
                })?;
                (path.display().to_string(), text)
            }
        };
        let mapping = mapping(&map).map_err(|wrong| {
            let lines: Vec<String> = wrong.iter().map(|wrong| format!("{name}: {wrong}")).collect();
            lines.join("\n")
        })?;
        Source::new(setting, mapping, folder).map_err(|error| format!("{shown}: {error}"))
    }

    /// A source of settings and a mapping; files are looked for in a folder.
    ///
    /// # Errors
    /// Says what is missing.
    pub fn new(setting: Setting, mapping: Mapping, folder: &Path) -> Result<Source, String> {
        let known: Vec<&str> = mapping
            .entity
            .iter()
            .map(|entity| entity.name.get_ref().as_str())
            .collect();
        if let Some(unknown) = setting.away.hours.keys().find(|name| !known.contains(&name.as_str())) {
            let known = known.join(", ");
            return Err(format!(
                "away.hours.{unknown}: the mapping has no such entity; it has {known}"
            ));
        }
        for (name, meaning) in &mapping.settings {
            if !setting.settings.contains_key(name) {
                return Err(format!("settings.{name} is missing: {meaning}"));
            }
        }
        let Setting {
            password_file,
            password_variable,
            hook_secret_file,
            hook_secret_variable,
            ..
        } = &setting;
        let password = secret(
            folder,
            "password",
            password_file.as_deref(),
            password_variable.as_deref(),
        )?;
        let hook_secret = secret(
            folder,
            "hook_secret",
            hook_secret_file.as_deref(),
            hook_secret_variable.as_deref(),
        )?;
        let access = Access {
            url: setting.url.clone(),
            user: setting.user.clone(),
            password: password.unwrap_or_default(),
            settings: values(&setting),
        };
        Ok(Source {
            setting,
            mapping,
            access,
            hook_secret,
        })
    }

    /// What holds for it when the ERP is away.
    pub(super) fn rules(&self) -> Rules {
        let care = &self.setting.away;
        let entities = self.mapping.entity.iter();
        let limits = entities.filter_map(|entity| care.limit(entity.name.get_ref(), entity.rows.get_ref()));
        Rules {
            limits: limits.collect(),
            care: care.clone(),
        }
    }

    /// Whether orders are handed on to it.
    pub(super) fn takes_orders(&self) -> bool {
        self.mapping.order.is_some() && self.setting.orders
    }

    /// The settings as expressions see them.
    pub(super) fn values(&self) -> BTreeMap<String, Value> {
        values(&self.setting)
    }
}

fn values(setting: &Setting) -> BTreeMap<String, Value> {
    let values = setting.settings.iter();
    values.map(|(name, value)| (name.clone(), Value::text(value))).collect()
}

/// A secret that a file or a variable has, where either is named.
fn secret(folder: &Path, name: &str, file: Option<&Path>, variable: Option<&str>) -> Result<Option<String>, String> {
    match (file, variable) {
        (Some(file), _) => {
            let path = folder.join(file);
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| format!("{name}_file {}: {error}", path.display()))?;
            Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        (None, Some(variable)) => {
            let value = std::env::var(variable).map_err(|_| format!("{name}_variable {variable} is not set"))?;
            Ok(Some(value))
        }
        (None, None) => Ok(None),
    }
}
