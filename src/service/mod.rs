//! One function per use case; owns transactions; one file per noun.
//!
//! HTTP, worker and command line are doors to the same functions; all of them take the [`Gateway`] first.

pub mod answer;
pub mod api_client;
pub mod away;
pub mod check;
pub mod connection;
pub mod content;
pub mod delivery;
pub mod exchange;
pub mod feed;
pub mod hint;
pub mod import;
pub mod keys;
pub mod limits;
pub mod media;
pub mod order;
pub mod outbound;
pub mod overview;
pub mod party;
pub mod product;
pub mod quarantine;
pub mod quote;
pub mod reference;
pub mod safeguard;
pub mod sample;
pub mod search;
pub mod session;
pub mod shopping;
pub mod staff;
pub mod sync;
pub mod terms;
pub mod trust;
pub mod upkeep;

use std::sync::{Arc, RwLock};

use url::Url;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Config;
use crate::cxml::Families;
use crate::domain::away::Mode;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::trust::Directory;
use crate::domain::word::Word;
use crate::search::SearchError;
use crate::store::{self, Store, StoreError};

use keys::{KeyError, Keys};
use limits::Limits;

/// Everything that a use case needs; one for the process.
pub struct Gateway {
    /// The configuration.
    pub config: Config,
    /// Time and identifiers.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// The server's keys.
    pub keys: Keys,
    /// Rate and memory limits.
    pub limits: Limits,
    /// Address under which buyers reach the gateway.
    pub public_url: Url,
    /// Prices and stock.
    pub terms: terms::Terms,
    /// Indexes of products.
    pub search: search::Search,
    /// ERPs that are away.
    pub away: away::Away,
    /// Trials of safeguards.
    pub trials: safeguard::running::Trials,
    /// Comparisons of the store with ERPs.
    pub comparisons: sync::reconcile::Comparisons,
    /// What documents are held against.
    pub grammar: &'static Families,
    directory: RwLock<Arc<Directory>>,
}

impl Gateway {
    /// A gateway over an open, migrated store; loads what it keeps in memory. A supplier whose rows contradict
    /// themselves has no prices until they are mended, and the others are served.
    ///
    /// # Errors
    /// The public address is none, or the store cannot be read.
    pub async fn new(config: Config, clock: Clock, store: Store, keys: Keys) -> Result<Gateway, Error> {
        let public_url = Url::parse(&config.server.public_url)
            .ok()
            .filter(|url| url.has_host())
            .ok_or_else(|| Error::Setting("server.public_url must be a complete http or https address".into()))?;
        let limits = Limits::new(&config.limits);
        let terms = terms::Terms::default();
        let grammar = match config.grammar.dir.as_str() {
            "" => Families::built_in(),
            folder => Families::load(std::path::Path::new(folder)),
        };
        let grammar = grammar.map_err(|error| Error::Setting(format!("grammar.dir: {error}")))?;
        let directory = RwLock::default();
        let gateway = Gateway {
            config,
            clock,
            store,
            keys,
            limits,
            public_url,
            terms,
            search: search::Search::default(),
            away: away::Away::default(),
            trials: safeguard::running::Trials::default(),
            comparisons: sync::reconcile::Comparisons::default(),
            grammar,
            directory,
        };
        party::reload(&gateway).await?;
        away::refresh(&gateway).await?;
        match terms::reload(&gateway).await {
            // Logged where it was met; it is read again in every round of upkeep.
            Err(Error::Store(StoreError::Inconsistent { .. })) => {}
            read => read?,
        }
        Ok(gateway)
    }

    /// The present snapshot of suppliers, connections and credentials.
    pub fn directory(&self) -> Arc<Directory> {
        match self.directory.read() {
            Ok(directory) => Arc::clone(&directory),
            Err(poisoned) => Arc::clone(&poisoned.into_inner()),
        }
    }

    fn replace_directory(&self, directory: Directory) {
        let mut held = match self.directory.write() {
            Ok(held) => held,
            Err(poisoned) => poisoned.into_inner(),
        };
        *held = Arc::new(directory);
    }
}

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A business "no".
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A form with faults, each at its field; there is at least one.
    #[error("the form has {} faults", .0.len())]
    Faulty(Vec<Refusal>),
    /// The database would not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The product index would not.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Keys could not be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A setting makes the use case impossible.
    #[error("{0}")]
    Setting(String),
}

impl Error {
    /// What a partner is told: a refusal as it is, everything else as a passing fault.
    pub fn refusal(&self) -> Refusal {
        match self {
            Error::Refused(refusal) => refusal.clone(),
            Error::Faulty(faults) => faults
                .first()
                .cloned()
                .unwrap_or_else(|| Refusal::new(Code::BadRequest, "The form cannot be used as it is.")),
            Error::Store(StoreError::Busy { .. } | StoreError::Unavailable { .. } | StoreError::Full { .. }) => {
                Refusal::new(
                    Code::Temporary,
                    "Nothing was stored; send the same document again later.",
                )
            }
            Error::Store(_) | Error::Search(_) | Error::Keys(_) | Error::Setting(_) => {
                Refusal::new(Code::Internal, "An unexpected fault; nothing was stored.")
            }
        }
    }
}

/// One page of a list that goes on: the latest first, each page begins below the last row of the one above.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The last row's identifier, where there are more below it.
    pub next: Option<Uuid>,
}

impl<T> Page<T> {
    /// Rows on a page: what a person reads before they filter instead.
    pub const ROWS: usize = 50;

    /// Rows to ask the store for: one more than shown tells that there are more.
    pub const LIMIT: i64 = Self::ROWS as i64 + 1;

    /// A page of what the store gave.
    pub fn new(mut rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let more = rows.len() > Self::ROWS;
        rows.truncate(Self::ROWS);
        let next = rows.last().filter(|_| more).map(id);
        Page { rows, next }
    }
}

/// What the process needs before it can work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the database answers.
    pub database: bool,
    /// How far prices are loaded; none before anything of them is.
    pub terms: Option<terms::Loaded>,
    /// The modes of the ERPs, each with how many have it: the shop is served in all of them.
    pub erp: Vec<(Mode, usize)>,
}

impl Readiness {
    /// Whether requests can be served.
    pub fn is_ready(&self) -> bool {
        self.database && self.terms.is_some()
    }
}

impl std::fmt::Display for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = |ready: bool| if ready { "ready" } else { "not ready" };
        write!(
            f,
            "database: {}\nterms: {}",
            word(self.database),
            word(self.terms.is_some())
        )?;
        match self.terms {
            Some(terms::Loaded { lists, pending }) if pending > 0 => writeln!(
                f,
                "; {} of {lists} price lists are in memory, the others are asked in the database",
                lists - pending
            )?,
            _ => writeln!(f)?,
        }
        self.erp
            .iter()
            .try_for_each(|(mode, count)| writeln!(f, "erp: {count} {}", mode.word()))
    }
}

/// Asks the database and looks at what is loaded.
pub async fn readiness(gateway: &Gateway) -> Readiness {
    let database = gateway
        .store
        .read(async |tx| store::party::tenants(tx).await)
        .await
        .is_ok();
    Readiness {
        database,
        terms: terms::loaded(gateway),
        erp: away::modes(gateway),
    }
}
