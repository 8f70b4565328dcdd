//! Dialect profiles as data: what a platform is known to want, each rule with its source.

pub mod policy;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::party::{Connection, ConnectionSettings, SettingError, Settings};

/// What is known of one procurement platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Short name, as in [`Connection::profile`].
    pub code: String,
    /// Name that people see.
    pub name: String,
    /// The rules; what is missing comes from the generic profile.
    pub rules: ConnectionSettings,
    /// Where each rule comes from.
    pub sources: BTreeMap<String, String>,
}

const FILES: [&str; 6] = [
    include_str!("generic.toml"),
    include_str!("ariba.toml"),
    include_str!("coupa.toml"),
    include_str!("jaggaer.toml"),
    include_str!("oracle.toml"),
    include_str!("workday.toml"),
];

/// The profiles that read; a test proves that all of [`FILES`] do.
static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// Every profile, the generic one first.
pub fn all() -> &'static [Profile] {
    &PROFILES
}

/// The profile with this short name.
pub fn find(code: &str) -> Option<&'static Profile> {
    all().iter().find(|profile| profile.code == code)
}

/// What is in force for a connection: its own settings over its platform's over the generic profile's.
///
/// # Errors
/// Names a setting that is not of its form.
pub fn settings(connection: &Connection) -> Result<Settings, SettingError> {
    let mut settings = connection.settings.clone();
    for code in [connection.profile.as_str(), "generic"] {
        if let Some(profile) = find(code) {
            settings = settings.over(&profile.rules);
        }
    }
    settings.resolve()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_reads_and_every_rule_has_a_source() {
        assert_eq!(all().len(), FILES.len());
        for text in FILES {
            let table: toml::Table = toml::from_str(text).unwrap();
            let keys = |name: &str| -> Vec<String> { table[name].as_table().unwrap().keys().cloned().collect() };
            assert_eq!(keys("rules"), keys("sources"), "{}", table["code"]);
        }
    }

    #[test]
    fn the_generic_profile_says_everything() {
        for profile in all() {
            let generic = &all()[0].rules;
            profile.rules.clone().over(generic).resolve().unwrap();
        }
    }
}
