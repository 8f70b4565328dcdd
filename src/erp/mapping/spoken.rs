//! How an ERP is spoken to, as mapping files say it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::erp::path::Path;

/// How JSON-RPC is spoken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonRpc {
    /// The method that begins a session with user and password.
    pub login: String,
    /// The method that gives the user's context, which goes with every question.
    pub context: String,
    /// The method that searches and reads; `{from}` is the entity's model.
    pub search: String,
}

/// How REST or OData is spoken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// The address of a page after the source's address, without the first slash, with placeholders:
    /// `{from}`, `{fields}`, `{select}`, `{expand}`, `{keys}`, `{filter}`, `{changed}`, `{since}`, `{limit}`, `{offset}`,
    /// `{after}`, `{today}`, `{each.…}`, `{settings.…}`. What stands in brackets is left out where something in it is empty.
    pub page: String,
    /// The same where only what changed is asked for.
    pub changed: Option<String>,
    /// The same for one record, by `{key}`; its answer is the record, or a list with it.
    pub record: Option<String>,
    /// What is posted for a page, with the same placeholders and `{domain}`; without it a page is only got.
    pub body: Option<toml::Value>,
    /// How `{since}` is written, by strftime: `%Y-%m-%d %H:%M:%S`; without it as `2026-11-24T09:00:00Z`.
    pub since: Option<String>,
    /// Where the rows of an answer are; empty where the answer is the list.
    #[serde(default)]
    pub rows: String,
    /// Where the address of the next page is.
    pub next: Option<Path>,
    /// The member in which lists of a record are wrapped: `results` in OData 2.
    pub lists: Option<String>,
    /// Whether `false` stands for nothing.
    #[serde(default)]
    pub false_is_nothing: bool,
    /// Where the ERP says why it refuses something.
    pub refusal: Option<Path>,
    /// Words in a refusal that mean: later.
    #[serde(default)]
    pub busy: Vec<String>,
    /// The token that goes with everything that changes something.
    pub csrf: Option<Csrf>,
    /// Headers that go with every question.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Who we are.
    #[serde(default)]
    pub login: Login,
}

/// The token that goes with everything that changes something: it is asked for by a header, and comes back in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Csrf {
    /// What is got for it, after the source's address.
    pub path: String,
    /// The header.
    #[serde(default = "csrf_header")]
    pub header: String,
}

fn csrf_header() -> String {
    "x-csrf-token".to_owned()
}

/// Who we are, in REST and OData.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Login {
    /// User and password with every question.
    #[default]
    Basic,
    /// The password is a token.
    Bearer,
    /// User and password are exchanged for a token that is valid for some time (OAuth 2.0, client credentials).
    ClientCredentials {
        /// Where, after the source's address; or an address of its own, which begins with `https://` or `{settings.…}`.
        token: String,
        /// For what, where the ERP wants to be told.
        scope: Option<String>,
    },
    /// User and password are exchanged for a token, in words of the ERP's own.
    Token {
        /// Where, after the source's address.
        path: String,
        /// What is posted; `{user}`, `{password}` and `{settings.…}` stand for what they say.
        body: BTreeMap<String, String>,
        /// Where the token is in the answer.
        token: Path,
    },
    /// User and password begin a session that is kept by cookies.
    Session {
        /// Where, after the source's address.
        path: String,
        /// What is posted; `{user}`, `{password}` and `{settings.…}` stand for what they say.
        body: BTreeMap<String, String>,
    },
}

/// Limits of what is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Rows of a page.
    pub page_rows: usize,
    /// Questions a second.
    pub questions_per_second: u32,
    /// How often a question is asked when no answer comes.
    pub tries: u32,
    /// The pause before the second time, in milliseconds; each further one is twice as long.
    pub pause_ms: u64,
    /// Seconds until a question counts as unanswered.
    pub timeout_seconds: u64,
    /// Pages of one entity: more is an ERP that does not come to an end.
    pub pages_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            page_rows: 500,
            questions_per_second: 10,
            tries: 4,
            pause_ms: 1_000,
            timeout_seconds: 120,
            pages_max: 20_000,
        }
    }
}
