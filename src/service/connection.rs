//! Connections as staff see and change them: every change is checked for the role, and written down with it.

pub mod setting;

use std::collections::{BTreeMap, HashMap};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::party::{
    Buyer, Certificate, Connection, ConnectionState, DeploymentMode, Identity, IdentityRole, Secret, SecretKind,
};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::staff::{AuditEntry, Deed, Staff};
use crate::profile;
use crate::service::party::{self, NewConnection};
use crate::service::{Error, Gateway, session, staff};
use crate::store::exchange::{Entry, View};
use crate::store::{self, StoreError, Tx};

/// Days that an old secret stays valid while the buyer changes to the new one.
pub const OVERLAP_DAYS: i64 = 14;

/// Days before its end from which a secret is shown as ending.
pub const ENDING_DAYS: i64 = 14;

/// Shortest secret that a buyer may bring, in characters.
pub const SECRET_CHARS_MIN: usize = 8;

/// Longest secret, in characters.
const SECRET_CHARS_MAX: usize = 200;

/// Credentials of one role, at most.
const CREDENTIALS_MAX: usize = 20;

/// The slots of one kind of secret.
const SLOTS: [i64; 2] = [1, 2];

/// The fields of a form, by name.
pub type Fields = BTreeMap<String, String>;

/// A connection in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The connection.
    pub connection: Connection,
    /// Its buyer.
    pub buyer: String,
    /// Whether its settings can be used.
    pub usable: bool,
    /// The last document over it.
    pub last: Option<Timestamp>,
    /// The end of its last valid secret; `None` where it has none, or one without an end.
    pub secret_ends: Option<Timestamp>,
}

/// Every connection of the supplier.
///
/// # Errors
/// The store would not.
pub async fn list(gateway: &Gateway, tenant_id: Uuid) -> Result<Vec<Row>, Error> {
    let directory = gateway.directory();
    let now = gateway.clock.now();
    Ok(gateway
        .store
        .read(async |tx| {
            let buyers: HashMap<Uuid, String> = store::party::buyers(tx, tenant_id)
                .await?
                .into_iter()
                .map(|buyer| (buyer.id, buyer.name))
                .collect();
            let mut rows = Vec::new();
            for connection in store::party::connections(tx, tenant_id).await? {
                let latest = store::exchange::list(tx, tenant_id, View::All, Some(connection.id), None, 1).await?;
                let known = directory.connection(connection.id);
                rows.push(Row {
                    buyer: buyers.get(&connection.buyer_id).cloned().unwrap_or_default(),
                    usable: known.is_some(),
                    last: latest.first().map(|entry| entry.received_at),
                    secret_ends: known.and_then(|known| last_end(&known.secrets, now)),
                    connection,
                });
            }
            Ok::<_, StoreError>(rows)
        })
        .await?)
}

/// When the last valid secret ends, if each of them has an end.
fn last_end(secrets: &[Secret], now: Timestamp) -> Option<Timestamp> {
    let ends = secrets
        .iter()
        .filter(|secret| secret.is_valid_at(now))
        .map(|secret| secret.not_after);
    ends.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Everything about one connection.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The connection.
    pub connection: Connection,
    /// Its buyer.
    pub buyer: String,
    /// Why its settings cannot be used.
    pub problem: Option<String>,
    /// By what it is recognised.
    pub identities: Vec<Identity>,
    /// What the buyer calls us.
    pub ours: Vec<Identity>,
    /// Its secrets.
    pub secrets: Vec<Secret>,
    /// Its client certificates.
    pub certificates: Vec<Certificate>,
    /// The latest documents over it.
    pub latest: Vec<Entry>,
    /// What was changed last, and by whom.
    pub audit: Vec<(AuditEntry, Option<String>)>,
    /// The account's name, where it is known.
    pub account: Option<String>,
    /// Where the buyer's system sends its documents.
    pub door: String,
}

/// One connection.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway, tenant_id: Uuid, id: Uuid) -> Result<Option<Looked>, Error> {
    let directory = gateway.directory();
    let known = directory.connection(id).filter(|known| known.tenant.id == tenant_id);
    Ok(gateway
        .store
        .read(async |tx| {
            let Some(connection) = store::party::find_connection(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let buyers = store::party::buyers(tx, tenant_id).await?;
            let buyer = buyers.into_iter().find(|buyer| buyer.id == connection.buyer_id);
            let (ours, others): (Vec<_>, Vec<_>) = store::party::identities(tx, tenant_id)
                .await?
                .into_iter()
                .partition(|identity| identity.role == IdentityRole::To);
            let people = people(tx, tenant_id).await?;
            let audit = store::staff::audit(tx, tenant_id, Some(&id.to_string()), 10).await?;
            let accounts = store::account::account_rows(tx, tenant_id).await?;
            let account = accounts
                .into_iter()
                .find(|account| account.code == connection.account_code);
            Ok(Some(Looked {
                buyer: buyer.map(|buyer| buyer.name).unwrap_or_default(),
                problem: profile::settings(&connection).err().map(|error| error.to_string()),
                identities: others
                    .into_iter()
                    .filter(|identity| identity.connection_id == Some(id))
                    .collect(),
                ours,
                secrets: store::party::secrets(tx, tenant_id, id).await?,
                certificates: known.map(|known| known.certificates.clone()).unwrap_or_default(),
                latest: store::exchange::list(tx, tenant_id, View::All, Some(id), None, 5).await?,
                audit: audit
                    .into_iter()
                    .map(|entry| {
                        let who = entry.staff_id.and_then(|id| people.get(&id).cloned());
                        (entry, who)
                    })
                    .collect(),
                account: account.map(|account| account.name),
                door: session::door_url(gateway),
                connection,
            }))
        })
        .await?)
}

async fn people(tx: &mut Tx, tenant_id: Uuid) -> Result<HashMap<Uuid, String>, StoreError> {
    let people = store::staff::list(tx, tenant_id).await?;
    Ok(people.into_iter().map(|person| (person.id, person.name)).collect())
}

/// What a form for a new connection offers to choose from.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Buyers that are there.
    pub buyers: Vec<Buyer>,
    /// Accounts: code and name.
    pub accounts: Vec<(String, String)>,
    /// What the form sends back as `seen`.
    pub seen: String,
}

/// Accounts offered at most; whoever has more types the code.
const ACCOUNTS_OFFERED: usize = 500;

/// The procurement systems whose habits are known: short name and name.
pub fn systems() -> impl Iterator<Item = (&'static str, &'static str)> {
    profile::all()
        .iter()
        .map(|profile| (profile.code.as_str(), profile.name.as_str()))
}

/// What people call a procurement system.
pub fn system_name(code: &str) -> &str {
    profile::find(code).map_or(code, |profile| profile.name.as_str())
}

/// What a form offers to choose from.
///
/// # Errors
/// The store would not.
pub async fn choices(gateway: &Gateway, tenant_id: Uuid) -> Result<Choices, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            let accounts = store::account::account_rows(tx, tenant_id).await?;
            let held = store::party::connections(tx, tenant_id).await?;
            let held: Vec<Uuid> = held.iter().map(|connection| connection.id).collect();
            Ok::<_, StoreError>(Choices {
                seen: seen_list(&held),
                buyers: store::party::buyers(tx, tenant_id).await?,
                accounts: accounts
                    .into_iter()
                    .take(ACCOUNTS_OFFERED)
                    .map(|account| (account.code, account.name))
                    .collect(),
            })
        })
        .await?)
}

/// A secret that was just given; it is shown once and nowhere kept as it is.
#[derive(Clone)]
pub struct Issued {
    /// Slot 1 or 2.
    pub slot: i64,
    /// The secret.
    pub text: String,
}

/// What tells one state of the list from the next: a form that is sent twice makes one connection.
pub fn seen_list(connections: &[Uuid]) -> String {
    connections.iter().max().map(Uuid::to_string).unwrap_or_default()
}

/// Makes a connection as a form says, with a secret of ours unless the buyer brought one.
///
/// # Errors
/// The role is too low, fields are not right, the form was sent before, or the store would not.
pub async fn create(gateway: &Gateway, by: &Staff, fields: &Fields) -> Result<(Uuid, Issued), Error> {
    staff::allow(by, Deed::CreateConnection)?;
    let taken = gateway
        .store
        .read(async |tx| {
            let buyers = store::party::buyers(tx, by.tenant_id).await?;
            let connections = store::party::connections(tx, by.tenant_id).await?;
            Ok::<_, StoreError>((buyers, connections))
        })
        .await?;
    let draft = Draft::read(fields, &taken.0)?;
    let codes: Vec<&str> = taken.1.iter().map(|connection| connection.code.as_str()).collect();
    let buyer_codes: Vec<&str> = taken.0.iter().map(|buyer| buyer.code.as_str()).collect();
    let buyer = match draft.buyer {
        Some(buyer) => (buyer.code.clone(), buyer.name.clone()),
        None => (short_name(draft.buyer_name, &buyer_codes), draft.buyer_name.to_owned()),
    };
    let text = draft.secret.map_or_else(|| new_secret(gateway), str::to_owned);
    let prepared = party::prepare(
        gateway,
        &NewConnection {
            tenant_id: by.tenant_id,
            buyer: (&buyer.0, &buyer.1),
            code: &short_name(draft.name, &codes),
            name: draft.name,
            profile: draft.profile,
            mode: draft.mode,
            account_code: draft.account,
            from: &draft.from,
            sender: &draft.sender,
            shared_secret: Some(&text),
            settings: draft.settings,
        },
    )?;
    let id = prepared.connection.id;
    let detail = serde_json::json!({ "name": draft.name, "account": draft.account });
    let audit = staff::entry(gateway, by, Deed::CreateConnection, id, detail);
    let (tenant_id, form_seen) = (by.tenant_id, field(fields, "seen").to_owned());
    let is_new = gateway
        .store
        .write(async move |tx| {
            let held = store::party::connections(tx, tenant_id).await?;
            let held: Vec<Uuid> = held.iter().map(|connection| connection.id).collect();
            if seen_list(&held) != form_seen {
                return Ok::<_, StoreError>(false);
            }
            prepared.insert(tx).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !is_new {
        let text =
            "A connection was made since you opened the form, perhaps by sending it twice. Look at the list first.";
        return Err(Refusal::new(Code::Conflict, text).into());
    }
    party::reload(gateway).await?;
    Ok((id, Issued { slot: SLOTS[0], text }))
}

/// A new connection as its form says it.
struct Draft<'a> {
    buyer: Option<&'a Buyer>,
    buyer_name: &'a str,
    name: &'a str,
    profile: &'a str,
    mode: DeploymentMode,
    account: &'a str,
    from: Vec<(&'a str, &'a str)>,
    sender: Vec<(&'a str, &'a str)>,
    secret: Option<&'a str>,
    settings: crate::domain::party::ConnectionSettings,
}

impl<'a> Draft<'a> {
    fn read(fields: &'a Fields, buyers: &'a [Buyer]) -> Result<Self, Error> {
        let mut faults = Faults::default();
        let buyer = buyers
            .iter()
            .find(|buyer| buyer.id.to_string() == field(fields, "buyer"));
        let buyer_name = match buyer {
            Some(_) => "",
            None => faults.name(fields, "buyer_name", "the buyer's name, such as Globex Corporation"),
        };
        let profile = field(fields, "profile");
        faults.unless(
            profile::find(profile).is_some(),
            "profile",
            "Choose the buyer's procurement system.",
        );
        let mode = match field(fields, "mode") {
            "production" => DeploymentMode::Production,
            "test" => DeploymentMode::Test,
            _ => {
                faults.unless(false, "mode", "Choose test or production.");
                DeploymentMode::Test
            }
        };
        let own_secret = field(fields, "secret");
        let secret = (!own_secret.is_empty()).then_some(own_secret);
        faults.secret(secret);
        let draft = Draft {
            buyer,
            buyer_name,
            name: faults.name(fields, "name", "a name for the connection, such as Globex (SAP Ariba)"),
            profile,
            mode,
            account: faults.name(fields, "account", "the code of the buyer's customer account"),
            from: faults.credentials(fields, "from", "From"),
            sender: faults.credentials(fields, "sender", "Sender"),
            secret,
            settings: faults.settings(&Default::default(), fields),
        };
        faults.none()?;
        Ok(draft)
    }
}

/// One field, blanks around it dropped; empty where it was not sent.
fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(|text| text.trim()).unwrap_or_default()
}

/// What is wrong with a form, collected, so that a person sees all of it at once.
#[derive(Default)]
struct Faults(Vec<Refusal>);

impl Faults {
    fn unless(&mut self, right: bool, field: &str, text: impl Into<String>) {
        if !right {
            self.0.push(Refusal::new(Code::BadRequest, text).at(field));
        }
    }

    /// A name of one line, which must be there.
    fn name<'a>(&mut self, fields: &'a Fields, name: &str, what: &str) -> &'a str {
        let text = field(fields, name);
        let right = !text.is_empty() && text.chars().count() <= 100 && !text.chars().any(char::is_control);
        self.unless(right, name, format!("Write {what}, in at most 100 characters."));
        text
    }

    /// Credentials, one a line: the domain, a blank, the identity.
    fn credentials<'a>(&mut self, fields: &'a Fields, name: &str, role: &str) -> Vec<(&'a str, &'a str)> {
        let mut all = Vec::new();
        let lines = field(fields, name).lines().map(str::trim);
        for (at, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let parts = line.split_once(char::is_whitespace);
            let parts = parts.map(|(domain, identity)| (domain, identity.trim()));
            let right = parts.is_some_and(|(domain, identity)| domain.len() <= 200 && identity.len() <= 200);
            let text = format!(
                "{role}, line {}: write the domain, a blank, and the identity, such as NetworkID AN01000000001.",
                at + 1
            );
            self.unless(right, name, text);
            all.extend(parts.filter(|_| right));
        }
        let none = all.is_empty() && !self.has(name);
        self.unless(
            !none,
            name,
            format!("{role}: write at least one credential, its domain, a blank, its identity."),
        );
        let text = format!("{role}: write at most {CREDENTIALS_MAX} credentials.");
        self.unless(all.len() <= CREDENTIALS_MAX, name, text);
        all
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|fault| fault.field.as_deref() == Some(name))
    }

    fn secret(&mut self, secret: Option<&str>) {
        let Some(text) = secret else { return };
        let characters = text.chars().count();
        let right = (SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&characters) && !text.chars().any(char::is_control);
        let text = format!(
            "A secret has {SECRET_CHARS_MIN} to {SECRET_CHARS_MAX} characters; leave it empty for one of ours."
        );
        self.unless(right, "secret", text);
    }

    fn settings(
        &mut self,
        base: &crate::domain::party::ConnectionSettings,
        fields: &Fields,
    ) -> crate::domain::party::ConnectionSettings {
        match setting::read(base, fields) {
            Ok(settings) => settings,
            Err(faults) => {
                self.0.extend(faults);
                base.clone()
            }
        }
    }

    fn none(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Faulty(self.0))
        }
    }
}

/// A short name for addresses and logs: the name's letters and digits, and a number where it is taken.
fn short_name(name: &str, taken: &[&str]) -> String {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut base = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    base.truncate(40);
    if base.is_empty() {
        base.push_str("unnamed");
    }
    let mut candidate = base.clone();
    let mut number = 2;
    while taken.contains(&candidate.as_str()) {
        candidate = format!("{base}-{number}");
        number += 1;
    }
    candidate
}

/// 192 random bits as 32 letters that no form, XML document or mail changes.
fn new_secret(gateway: &Gateway) -> String {
    URL_SAFE_NO_PAD.encode(&gateway.clock.new_token()[..24])
}

/// What a connection is, as the fields of the form that changes it.
pub fn fields(looked: &Looked) -> Fields {
    let credentials = |role: IdentityRole| {
        let lines = looked.identities.iter().filter(|identity| identity.role == role);
        let lines: Vec<String> = lines
            .map(|identity| format!("{} {}", identity.domain, identity.identity))
            .collect();
        lines.join("\n")
    };
    let mut fields = setting::own(&looked.connection.settings);
    fields.insert("name".to_owned(), looked.connection.name.clone());
    fields.insert("account".to_owned(), looked.connection.account_code.clone());
    fields.insert("from".to_owned(), credentials(IdentityRole::From));
    fields.insert("sender".to_owned(), credentials(IdentityRole::Sender));
    fields
}

/// Changes name, account, credentials and settings as a form says.
///
/// # Errors
/// The role is too low, fields are not right, the connection is gone, or the store would not.
pub async fn change(gateway: &Gateway, by: &Staff, id: Uuid, fields: &Fields) -> Result<(), Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let looked = look(gateway, by.tenant_id, id).await?.ok_or_else(gone)?;
    let mut faults = Faults::default();
    let name = faults.name(fields, "name", "a name for the connection, such as Globex (SAP Ariba)");
    let account = faults.name(fields, "account", "the code of the buyer's customer account");
    let wanted = [
        (IdentityRole::From, faults.credentials(fields, "from", "From")),
        (IdentityRole::Sender, faults.credentials(fields, "sender", "Sender")),
    ];
    let changed = Connection {
        name: name.to_owned(),
        account_code: account.to_owned(),
        settings: faults.settings(&looked.connection.settings, fields),
        ..looked.connection.clone()
    };
    if let Err(error) = profile::settings(&changed) {
        faults.unless(faults.has(error.name), error.name, format!("Write {}.", error.expected));
    }
    faults.none()?;
    let mut added = Vec::new();
    let mut removed = Vec::new();
    for (role, list) in &wanted {
        let held = looked.identities.iter().filter(|held| held.role == *role);
        let is_new = |(domain, identity): &(&str, &str)| {
            let mut held = held.clone();
            held.all(|held| held.domain != *domain || held.identity != *identity)
        };
        let new: Vec<_> = list.iter().copied().filter(is_new).collect();
        added.extend(party::identities(gateway, by.tenant_id, Some(id), *role, &new));
        removed.extend(
            held.filter(|held| !list.contains(&(&held.domain, &held.identity)))
                .map(|held| held.id),
        );
    }
    let detail = difference(&looked.connection, &changed, added.len(), removed.len());
    let audit = staff::entry(gateway, by, Deed::ChangeConnection, id, detail);
    gateway
        .store
        .write(async move |tx| {
            store::party::update_connection(tx, &changed).await?;
            store::party::add_identities(tx, &added).await?;
            for identity in &removed {
                store::party::delete_identity(tx, changed.tenant_id, *identity).await?;
            }
            store::staff::insert(tx, &audit).await
        })
        .await?;
    party::reload(gateway).await
}

fn gone() -> Refusal {
    Refusal::new(Code::ExpectationFailed, "The connection is not there any more.")
}

/// What a change changed, before and after.
fn difference(before: &Connection, after: &Connection, added: usize, removed: usize) -> serde_json::Value {
    let mut changes = serde_json::Map::new();
    let mut note = |name: &str, before: &str, after: &str| {
        if before != after {
            changes.insert(name.to_owned(), serde_json::json!([before, after]));
        }
    };
    note("name", &before.name, &after.name);
    note("account", &before.account_code, &after.account_code);
    let (old, new) = (setting::own(&before.settings), setting::own(&after.settings));
    for (name, value) in &old {
        note(name, value, new.get(name).map(String::as_str).unwrap_or_default());
    }
    if added + removed > 0 {
        changes.insert(
            "credentials".to_owned(),
            serde_json::json!({ "added": added, "removed": removed }),
        );
    }
    changes.into()
}

/// Suspends a connection, or lets it be used again.
///
/// # Errors
/// The role is too low, the connection is gone, or the store would not.
pub async fn set_state(gateway: &Gateway, by: &Staff, id: Uuid, state: ConnectionState) -> Result<(), Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let tenant_id = by.tenant_id;
    let detail = serde_json::json!({ "state": state });
    let audit = staff::entry(gateway, by, Deed::ChangeConnection, id, detail);
    let found = gateway
        .store
        .write(async move |tx| {
            let Some(connection) = store::party::find_connection(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(false);
            };
            store::party::update_connection(tx, &Connection { state, ..connection }).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !found {
        return Err(gone().into());
    }
    party::reload(gateway).await
}

/// What tells one state of a connection's secrets from the next: a form that was made before a change is refused.
pub fn seen(secrets: &[Secret]) -> String {
    let latest = secrets.iter().map(|secret| (secret.id, secret.not_after)).max();
    latest.map_or_else(
        || "none".to_owned(),
        |(id, end)| format!("{id}/{}", end.map(|end| end.to_string()).unwrap_or_default()),
    )
}

/// Gives a connection a new secret in its free slot: ours, or the one that the buyer brought.
///
/// # Errors
/// The role is too low, no slot is free, the form is older than the last change, or the store would not.
pub async fn issue_secret(
    gateway: &Gateway,
    by: &Staff,
    id: Uuid,
    kind: SecretKind,
    brought: Option<&str>,
    form_seen: &str,
) -> Result<Issued, Error> {
    staff::allow(by, Deed::IssueSecret)?;
    let mut faults = Faults::default();
    faults.secret(brought);
    faults.none()?;
    let tenant_id = by.tenant_id;
    let text = brought.map_or_else(|| new_secret(gateway), str::to_owned);
    let now = gateway.clock.now();
    let new = party::secret(gateway, tenant_id, id, 0, kind, &text, now)?;
    let detail = serde_json::json!({ "kind": kind });
    let audit = staff::entry(gateway, by, Deed::IssueSecret, id, detail);
    let form_seen = form_seen.to_owned();
    let outcome = gateway
        .store
        .write(async move |tx| {
            let held = store::party::secrets(tx, tenant_id, id).await?;
            if store::party::find_connection(tx, tenant_id, id).await?.is_none() {
                return Ok::<_, StoreError>(Err(gone()));
            }
            if seen(&held) != form_seen {
                return Ok(Err(changed_meanwhile()));
            }
            let Some(slot) = free_slot(&held, kind, now) else {
                let text = "Two secrets are valid already. End one of them, then give a new one.";
                return Ok(Err(Refusal::new(Code::Conflict, text)));
            };
            store::party::put_secret(tx, &Secret { slot, ..new.clone() }).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(Ok(slot))
        })
        .await?;
    party::reload(gateway).await?;
    Ok(Issued { slot: outcome?, text })
}

fn changed_meanwhile() -> Refusal {
    let text = "The secrets were changed since you opened the page. Look at them again.";
    Refusal::new(Code::Conflict, text)
}

/// The first slot of this kind that holds no valid secret.
pub fn free_slot(held: &[Secret], kind: SecretKind, now: Timestamp) -> Option<i64> {
    let is_taken = |slot: i64| {
        held.iter()
            .any(|secret| secret.kind == kind && secret.slot == slot && secret.not_after.is_none_or(|end| now < end))
    };
    SLOTS.into_iter().find(|slot| !is_taken(*slot))
}

/// Ends a secret after the overlap that lets the buyer change to another one; or at once, which asks for the
/// connection's name, because it cannot be taken back.
///
/// # Errors
/// The role is too low, the name is another, the secret is gone or over, or the store would not.
pub async fn end_secret(
    gateway: &Gateway,
    by: &Staff,
    id: Uuid,
    secret_id: Uuid,
    at_once: Option<&str>,
) -> Result<(), Error> {
    staff::allow(by, Deed::EndSecret)?;
    let tenant_id = by.tenant_id;
    let now = gateway.clock.now();
    let end = match at_once {
        None => now + SignedDuration::from_hours(24 * OVERLAP_DAYS),
        Some(name) => {
            let looked = look(gateway, tenant_id, id).await?.ok_or_else(gone)?;
            if looked.connection.name.trim() != name.trim() {
                let text = "The name that you typed is not the connection's; nothing was done.";
                return Err(Refusal::new(Code::BadRequest, text).at("confirm").into());
            }
            now
        }
    };
    let detail = serde_json::json!({ "secret": secret_id, "ends": end });
    let audit = staff::entry(gateway, by, Deed::EndSecret, id, detail);
    let ended = gateway
        .store
        .write(async move |tx| {
            let held = store::party::secrets(tx, tenant_id, id).await?;
            let secret = held.into_iter().find(|secret| secret.id == secret_id);
            // An end is only ever brought forward.
            let Some(secret) = secret.filter(|secret| secret.not_after.is_none_or(|held| end < held && now < held))
            else {
                return Ok::<_, StoreError>(false);
            };
            let secret = Secret {
                not_after: Some(end),
                ..secret
            };
            store::party::put_secret(tx, &secret).await?;
            store::staff::insert(tx, &audit).await?;
            Ok(true)
        })
        .await?;
    if !ended {
        return Err(changed_meanwhile().into());
    }
    party::reload(gateway).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_free_and_plain() {
        let check = |name: &str, taken: &[&str], expect: &str| assert_eq!(short_name(name, taken), expect);
        check("Globex (SAP Ariba)", &[], "globex-sap-ariba");
        check("Globex (SAP Ariba)", &["globex-sap-ariba"], "globex-sap-ariba-2");
        check("Müller & Söhne", &[], "m-ller-s-hne");
        check("株式会社", &["unnamed"], "unnamed-2");
        assert_eq!(short_name(&"x".repeat(100), &[]).len(), 40);
    }

    #[test]
    fn two_slots_and_no_third() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let secret = |slot: i64, end: Option<&str>| Secret {
            tenant_id: Uuid::nil(),
            id: Uuid::from_u128(u128::from(slot.unsigned_abs())),
            connection_id: Uuid::nil(),
            slot,
            kind: SecretKind::SharedSecret,
            keyed_hash: Vec::new(),
            sealed: None,
            hint: String::new(),
            not_before: now,
            not_after: end.map(|end| end.parse().unwrap()),
            created_at: now,
        };
        let check = |held: &[Secret], expect: Option<i64>| {
            assert_eq!(free_slot(held, SecretKind::SharedSecret, now), expect);
        };
        check(&[], Some(1));
        check(&[secret(1, None)], Some(2));
        check(&[secret(1, Some("2026-11-24T08:00:00Z")), secret(2, None)], Some(1));
        check(&[secret(1, Some("2026-11-24T08:00:01Z")), secret(2, None)], None);
        assert_eq!(free_slot(&[secret(1, None)], SecretKind::CredentialMac, now), Some(1));
        let ends = |held: &[Secret]| last_end(held, now).map(|end| end.to_string());
        assert_eq!(ends(&[secret(1, None), secret(2, Some("2026-12-01T00:00:00Z"))]), None);
        assert_eq!(
            ends(&[secret(2, Some("2026-12-01T00:00:00Z"))]).as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
    }
}
