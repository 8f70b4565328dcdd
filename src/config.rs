//! The configuration: one file, overridden by `PUNCHGATE_<SECTION>_<KEY>` variables; unknown keys are refused.
//!
//! Every key has a default, so an empty file is a valid one. Secrets are never in this file: it names files that hold
//! them.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the gateway listens and how it is reached.
    pub server: Server,
    /// The listener for client certificates.
    pub certificates: Certificates,
    /// Where data is kept.
    pub database: Database,
    /// Keys that protect secrets in the database.
    pub keys: Keys,
    /// What is logged and how.
    pub log: Log,
    /// Limits of everything that grows.
    pub limits: Limits,
    /// Documents from unknown senders.
    pub quarantine: Quarantine,
    /// PunchOut visits.
    pub sessions: Sessions,
    /// Purchase orders.
    pub orders: Orders,
    /// Prices.
    pub terms: Terms,
    /// What buyers' users keep and send in the shop.
    pub shop: Shop,
    /// What documents are held against.
    pub grammar: Grammar,
    /// ERPs whose rows are brought.
    pub erp: Erp,
}

/// ERPs whose rows are brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Erp {
    /// Folder with a file for each source (`*.toml`); they are run in their time. Default empty: none. What is done when
    /// an ERP is away stands in the section `[away]` of its own file.
    pub dir: String,
}

/// What documents are held against.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grammar {
    /// Folder with a published set of cXML grammars (`cXML.dtd`, `Fulfill.dtd`, …), newer than the built-in one. Default
    /// empty: the built-in grammar, cXML 1.2.071.
    pub dir: String,
}

/// Where the gateway listens and how it is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on. Default `127.0.0.1:8080`.
    pub bind: String,
    /// Address under which buyers reach the gateway; start links are made from it. Default `http://localhost:8080`.
    pub public_url: String,
    /// PEM file with the certificate chain; empty: plain HTTP, for a proxy in front that speaks TLS.
    pub tls_certificate: String,
    /// PEM file with the private key of the chain.
    pub tls_key: String,
    /// Proxies (CIDR) whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<String>,
    /// HTTP worker threads; 0 means one for each processor. Default 0.
    pub workers: usize,
    /// Seconds that running requests get to finish on a stop. Default 20.
    pub stop_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            bind: "127.0.0.1:8080".into(),
            public_url: "http://localhost:8080".into(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            trusted_proxies: Vec::new(),
            workers: 0,
            stop_seconds: 20,
        }
    }
}

/// The listener that asks for client certificates; apart from the ordinary one, since some networks cannot present one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Certificates {
    /// Address and port; empty: no such listener.
    pub bind: String,
    /// PEM file with the server's certificate chain.
    pub tls_certificate: String,
    /// PEM file with the private key of the chain.
    pub tls_key: String,
    /// PEM file with the authorities under which partners' certificates are matched by Subject and Issuer.
    pub client_ca: String,
}

/// Where data is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://FILE` (one process) or `postgres://…` (many). Default `sqlite://punchgate.db`.
    pub url: String,
    /// Connections for reading (SQLite) or for everything (PostgreSQL). Default 8.
    pub connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Database {
            url: "sqlite://punchgate.db".into(),
            connections: 8,
        }
    }
}

/// Keys that protect secrets in the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// File of lines `<key id> <base64 of 32 bytes>`, newest first; made at the first start when it is missing and the
    /// database is SQLite. Default `punchgate.keys`.
    pub file: String,
}

impl Default for Keys {
    fn default() -> Self {
        Keys {
            file: "punchgate.keys".into(),
        }
    }
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` for people, `json` for machines. Default `text`.
    pub format: LogFormat,
    /// Filter in the usual directive form. Default `info`.
    pub filter: String,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Log {
            format: LogFormat::Text,
            filter: "info".into(),
        }
    }
}

/// Limits of everything that grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one XML document. Default 40 MiB, what SAP Business Network itself accepts.
    pub document_bytes_max: usize,
    /// Bytes of one message with its attachments. Default 140 MiB.
    pub message_bytes_max: usize,
    /// Bytes of all messages being received or worked on at a time; above it senders get 560. Default 512 MiB.
    pub in_flight_bytes_max: usize,
    /// Lines of one order. Default 10,000, what SAP Business Network itself accepts.
    pub order_lines_max: usize,
    /// Seconds that a sender may take for a request. Default 30.
    pub receive_seconds: u64,
    /// Seconds that an answer may take before the sender gets 560. Default 20.
    pub answer_seconds: u64,
    /// Requests a minute from one address. Default 6,000.
    pub address_requests_per_minute: u32,
    /// Failed authentications a minute from one address; above it the answer is 429. Default 60.
    pub address_failures_per_minute: u32,
    /// Attempts of staff to sign in, a minute from one address; more are guesses. Default 10.
    pub address_sign_ins_per_minute: u32,
    /// Requests a minute of one program. Default 600; a request may bring 10,000 rows.
    pub program_requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            document_bytes_max: 40 << 20,
            message_bytes_max: 140 << 20,
            in_flight_bytes_max: 512 << 20,
            order_lines_max: 10_000,
            receive_seconds: 30,
            answer_seconds: 20,
            address_requests_per_minute: 6_000,
            address_failures_per_minute: 60,
            address_sign_ins_per_minute: 10,
            program_requests_per_minute: 600,
        }
    }
}

/// Documents from unknown senders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quarantine {
    /// Days that a document is kept. Default 7.
    pub days: i64,
    /// Documents kept at most. Default 1,000.
    pub documents_max: i64,
    /// Bytes kept at most. Default 100 MB.
    pub bytes_max: i64,
}

impl Default for Quarantine {
    fn default() -> Self {
        Quarantine {
            days: 7,
            documents_max: 1_000,
            bytes_max: 100_000_000,
        }
    }
}

/// Purchase orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Orders {
    /// Days that an accepted order holds its stock at most while the ERP does not show it; after them the ERP's own
    /// figures count alone. Default 7: longer than an ERP is away over holidays.
    pub hold_days: i64,
}

impl Default for Orders {
    fn default() -> Self {
        Orders { hold_days: 7 }
    }
}

/// Prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Entries of price lists, about, that are read into memory before the first request is answered; the lists that are
    /// left are asked in the database until they are read too. Default 1,000,000: a second or two.
    pub entries_before_serving: usize,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            entries_before_serving: 1_000_000,
        }
    }
}

/// PunchOut visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Seconds in which the return page may be rendered again after the cart went back. Default 600.
    pub render_again_seconds: i64,
    /// Days that a closed visit and its cart are kept. Default 30.
    pub keep_days: i64,
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions {
            render_again_seconds: 600,
            keep_days: 30,
        }
    }
}

/// What buyers' users keep and send in the shop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shop {
    /// Lists that one user keeps, favourites among them. Default 50: more are not found again.
    pub lists_max: usize,
    /// Products on one list. Default 200, what a page shows at once.
    pub list_lines_max: usize,
    /// Products that are remembered as returned by one user. Default 200.
    pub bought_max: i64,
    /// Lines of one quick order. Default 500.
    pub quick_lines_max: usize,
    /// Bytes of one quick order, pasted or as a file. Default 256 KiB.
    pub quick_bytes_max: usize,
}

impl Default for Shop {
    fn default() -> Self {
        Shop {
            lists_max: 50,
            list_lines_max: 200,
            bought_max: 200,
            quick_lines_max: 500,
            quick_bytes_max: 256 << 10,
        }
    }
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("configuration file {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or a value has the wrong type.
    #[error("configuration: {0}")]
    Malformed(String),
    /// A key that does not exist.
    #[error("configuration: {place} is not known{}", nearest.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
    Unknown {
        /// The key, with its section, or the variable.
        place: String,
        /// The nearest right name.
        nearest: Option<String>,
    },
}

/// Variables that begin with `PUNCHGATE_` and are no configuration keys.
const OTHER_VARIABLES: [&str; 4] = [
    "PUNCHGATE_CONFIG",
    "PUNCHGATE_REFERENCE",
    "PUNCHGATE_TEST_",
    "PUNCHGATE_PAGES_OUT",
];

impl Config {
    /// Reads the file, if one is named, and the variables over it.
    ///
    /// # Errors
    /// Says which key or value is wrong, and the nearest right name of an unknown one.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Config, ConfigError> {
        let text = match file {
            None => String::new(),
            Some(file) => std::fs::read_to_string(file).map_err(|source| ConfigError::Unreadable {
                file: file.display().to_string(),
                source,
            })?,
        };
        let mut table: toml::Table =
            toml::from_str(&text).map_err(|error| ConfigError::Malformed(error.to_string()))?;
        let known = known_keys();
        for (section, values) in &table {
            let Some(keys) = known.get(section).and_then(toml::Value::as_table) else {
                return Err(unknown(section, known.keys()));
            };
            let values = values
                .as_table()
                .ok_or_else(|| ConfigError::Malformed(format!("{section} must be a section")))?;
            if let Some(key) = values.keys().find(|key| !keys.contains_key(*key)) {
                return Err(unknown(key, keys.keys()).within(section));
            }
        }
        for (name, value) in variables {
            if name.starts_with("PUNCHGATE_") && !OTHER_VARIABLES.iter().any(|other| name.starts_with(other)) {
                set_variable(&mut table, &known, &name, &value)?;
            }
        }
        table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Malformed(error.to_string()))
    }
}

impl ConfigError {
    fn within(self, section: &str) -> Self {
        match self {
            ConfigError::Unknown { place, nearest } => ConfigError::Unknown {
                place: format!("{section}.{place}"),
                nearest: nearest.map(|name| format!("{section}.{name}")),
            },
            other => other,
        }
    }
}

/// The default configuration as a table: its keys are the keys that exist.
fn known_keys() -> toml::Table {
    toml::Table::try_from(Config::default()).unwrap_or_default()
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> ConfigError {
    ConfigError::Unknown {
        place: name.to_owned(),
        nearest: nearest(name, known.map(String::as_str)).map(str::to_owned),
    }
}

fn set_variable(table: &mut toml::Table, known: &toml::Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let variable = |section: &str, key: &str| format!("PUNCHGATE_{}_{}", section, key).to_ascii_uppercase();
    let mut names = Vec::new();
    for (section, keys) in known {
        for (key, default) in keys.as_table().into_iter().flatten() {
            if variable(section, key) == name {
                let malformed = |what: &str| ConfigError::Malformed(format!("{name} must be {what}"));
                let value = match default {
                    toml::Value::Integer(_) => {
                        toml::Value::Integer(value.parse().map_err(|_| malformed("a whole number"))?)
                    }
                    toml::Value::Boolean(_) => {
                        toml::Value::Boolean(value.parse().map_err(|_| malformed("true or false"))?)
                    }
                    toml::Value::Array(_) => toml::Value::Array(
                        value
                            .split(',')
                            .map(str::trim)
                            .filter(|item| !item.is_empty())
                            .map(toml::Value::from)
                            .collect(),
                    ),
                    _ => toml::Value::from(value),
                };
                let section = table
                    .entry(section)
                    .or_insert_with(|| toml::Value::Table(toml::Table::new()));
                if let Some(section) = section.as_table_mut() {
                    section.insert(key.clone(), value);
                }
                return Ok(());
            }
            names.push(variable(section, key));
        }
    }
    Err(unknown(name, names.iter()))
}

/// The known name with the fewest edits, when it is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (edits(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()) / 2)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in bytes.
fn edits(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.bytes().enumerate() {
            let substitution = diagonal + usize::from(l != r);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let file = std::env::temp_dir().join(format!("punchgate-config-{}-{}", std::process::id(), text.len()));
        std::fs::write(&file, text).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let result = Config::load(Some(&file), variables).map_err(|error| error.to_string());
        std::fs::remove_file(&file).unwrap();
        result
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(load("", &[]).unwrap(), Config::default());
    }

    #[test]
    fn variables_win_over_the_file() {
        let config = load(
            "[server]\nbind = \"0.0.0.0:1\"\n[quarantine]\ndays = 3\n",
            &[
                ("PUNCHGATE_SERVER_BIND", "127.0.0.1:2"),
                ("PUNCHGATE_LIMITS_ORDER_LINES_MAX", "5"),
                ("OTHER", "x"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.bind, "127.0.0.1:2");
        assert_eq!((config.quarantine.days, config.limits.order_lines_max), (3, 5));
    }

    #[test]
    fn unknown_keys_are_refused_with_the_nearest_right_name() {
        for (text, variables, expected) in [
            (
                "[server]\nbnid = \"x\"\n",
                &[][..],
                "configuration: server.bnid is not known; did you mean server.bind?",
            ),
            (
                "[sever]\nbind = \"x\"\n",
                &[],
                "configuration: sever is not known; did you mean server?",
            ),
            (
                "[server]\nqqqqqqqqqqqqqqqqqqqq = 1\n",
                &[],
                "configuration: server.qqqqqqqqqqqqqqqqqqqq is not known",
            ),
            (
                "#",
                &[("PUNCHGATE_SERVER_BIN", "x")],
                "configuration: PUNCHGATE_SERVER_BIN is not known; did you mean PUNCHGATE_SERVER_BIND?",
            ),
            (
                "##",
                &[("PUNCHGATE_QUARANTINE_DAYS", "x")],
                "configuration: PUNCHGATE_QUARANTINE_DAYS must be a whole number",
            ),
        ] {
            assert_eq!(load(text, variables).unwrap_err(), expected);
        }
    }
}
