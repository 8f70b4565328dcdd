//! What the pages about connections show of the domain's values.

use jiff::{SignedDuration, Timestamp};

use crate::domain::party::{Certificate, Connection, DeploymentMode, Identity, IdentityRole, Secret, SecretKind};
use crate::domain::staff::AuditEntry;
use crate::http::page::admin::{
    AuditRow, CertificateRow, ConnectionRow, Handed, SecretRow, SettingField, SettingRow, word,
};
use crate::http::page::part::{Pick, Status};
use crate::service::connection::setting::{Form, GROUPS, Setting};
use crate::service::connection::{self, ENDING_DAYS, Fields, Looked, OVERLAP_DAYS, Row};

/// A connection as a row of the list.
pub(super) fn listed(row: &Row, now: Timestamp) -> ConnectionRow<'_> {
    let connection = &row.connection;
    ConnectionRow {
        href: format!("/admin/connections/{}", connection.id),
        name: &connection.name,
        buyer: &row.buyer,
        profile: connection::system_name(&connection.profile),
        test: connection.mode == DeploymentMode::Test,
        account: &connection.account_code,
        state: match row.usable {
            true => word::connection_state(connection.state),
            false => Status::bad("Cannot be used"),
        },
        secret: row
            .secret_ends
            .filter(|end| is_soon(*end, now))
            .map(|_| Status::warn("Its secret ends soon")),
        last: row.last,
    }
}

fn is_soon(end: Timestamp, now: Timestamp) -> bool {
    end.duration_since(now) <= SignedDuration::from_hours(24 * ENDING_DAYS)
}

/// The row of a connection on its own page.
pub(super) fn looked(looked: &Looked) -> ConnectionRow<'_> {
    let connection = &looked.connection;
    ConnectionRow {
        href: format!("/admin/connections/{}", connection.id),
        name: &connection.name,
        buyer: &looked.buyer,
        profile: connection::system_name(&connection.profile),
        test: connection.mode == DeploymentMode::Test,
        account: &connection.account_code,
        state: match looked.problem {
            None => word::connection_state(connection.state),
            Some(_) => Status::bad("Cannot be used"),
        },
        secret: None,
        last: looked.latest.first().map(|entry| entry.received_at),
    }
}

/// What the buyer enters, in the standard's words.
pub(super) fn handed(looked: &Looked) -> Vec<Handed<'_>> {
    let of = |role: IdentityRole| looked.identities.iter().filter(move |identity| identity.role == role);
    let line = |role: &str, identity: &'_ Identity| format!("{role}, {}", identity.domain);
    let mut all = vec![Handed {
        name: "Address for set-up and orders".to_owned(),
        value: looked.door.as_str(),
    }];
    let mut add = |role: &str, identity| {
        all.push(Handed {
            name: line(role, identity),
            value: &identity.identity,
        });
    };
    for identity in of(IdentityRole::From) {
        add("From", identity);
    }
    for identity in &looked.ours {
        add("To", identity);
    }
    for identity in of(IdentityRole::Sender) {
        add("Sender", identity);
    }
    all.push(Handed {
        name: "deploymentMode".to_owned(),
        value: match looked.connection.mode {
            DeploymentMode::Production => "production",
            DeploymentMode::Test => "test",
        },
    });
    all
}

/// The secrets as people may know them; `may_end` where this person may end them.
pub(super) fn secrets(secrets: &[Secret], now: Timestamp, may_end: bool) -> Vec<SecretRow<'_>> {
    let valid = secrets.iter().filter(|secret| secret.is_valid_at(now)).count();
    secrets
        .iter()
        .map(|secret| {
            let is_valid = secret.is_valid_at(now);
            let overlap = SignedDuration::from_hours(24 * OVERLAP_DAYS);
            let is_long = secret.not_after.is_none_or(|end| end.duration_since(now) > overlap);
            SecretRow {
                id: secret.id,
                kind: kind(secret.kind),
                slot: secret.slot,
                hint: &secret.hint,
                state: match (is_valid, secret.not_after) {
                    (false, _) => Status::idle("Over"),
                    (true, Some(end)) if is_soon(end, now) => Status::warn("Ends soon"),
                    (true, _) => Status::good("Valid"),
                },
                since: secret.not_before,
                until: secret.not_after,
                can_end_later: may_end && is_valid && is_long,
                can_end: may_end && is_valid,
                last: is_valid && valid == 1,
            }
        })
        .collect()
}

fn kind(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::SharedSecret => "SharedSecret",
        SecretKind::CredentialMac => "CredentialMac",
    }
}

/// The kinds of secret that have a free slot.
pub(super) fn free(secrets: &[Secret], now: Timestamp) -> Vec<Pick<'static>> {
    let kinds = [
        (SecretKind::SharedSecret, "shared_secret", "SharedSecret"),
        (SecretKind::CredentialMac, "credential_mac", "Key of CredentialMac"),
    ];
    kinds
        .into_iter()
        .filter(|(kind, ..)| connection::free_slot(secrets, *kind, now).is_some())
        .map(|(kind, value, label)| Pick {
            value,
            label,
            chosen: kind == SecretKind::SharedSecret,
        })
        .collect()
}

/// A certificate by what it is recognised.
pub(super) fn certificate(certificate: &Certificate) -> CertificateRow {
    let name = match (&certificate.spki_sha256, &certificate.subject) {
        (Some(hash), _) => {
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("Key {hash}")
        }
        (None, Some(subject)) => {
            let issuer = certificate.issuer.as_deref().unwrap_or("an unnamed authority");
            format!("{subject}, issued by {issuer}")
        }
        (None, None) => "A certificate without a name".to_owned(),
    };
    CertificateRow {
        name,
        since: certificate.created_at,
    }
}

/// The settings in force, each with whether the profile says so.
pub(super) fn settings(connection: &Connection) -> Vec<(&'static str, Vec<SettingRow>)> {
    let own = connection::setting::own(&connection.settings);
    let inherited = connection::setting::inherited(&connection.profile);
    let row = |setting: &'static Setting| {
        let own = own.get(setting.name).map(String::as_str).unwrap_or_default();
        let from_profile = inherited.get(setting.name).map(String::as_str).unwrap_or_default();
        let value = if own.is_empty() { from_profile } else { own };
        SettingRow {
            label: setting.label,
            value: in_words(setting, value),
            inherited: own.is_empty() && !value.is_empty(),
        }
    };
    GROUPS
        .iter()
        .map(|group| (group.title, group.settings.iter().map(row).collect()))
        .collect()
}

/// A value as people read it.
fn in_words(setting: &Setting, value: &str) -> String {
    match (setting.form, value) {
        (_, "") => "—".to_owned(),
        (Form::Switch, "true") => "Yes".to_owned(),
        (Form::Switch, _) => "No".to_owned(),
        (Form::Choice(words), value) => words
            .iter()
            .find(|(word, _)| *word == value)
            .map_or(value, |(_, label)| label)
            .to_owned(),
        (_, value) => value.to_owned(),
    }
}

/// The settings as fields of a form.
pub(super) fn fields<'a>(fields: &'a Fields, inherited: &'a Fields) -> Vec<(&'static str, Vec<SettingField<'a>>)> {
    GROUPS
        .iter()
        .map(|group| {
            let fields = group.settings.iter().map(|setting| field(setting, fields, inherited));
            (group.title, fields.collect())
        })
        .collect()
}

/// The settings that a new connection is asked for: where carts go back to, without which no visit ends.
pub(super) fn fields_of_new<'a>(
    entered: &'a Fields,
    inherited: &'a Fields,
) -> Vec<(&'static str, Vec<SettingField<'a>>)> {
    let mut groups = fields(entered, inherited);
    groups.truncate(1);
    for (_, fields) in &mut groups {
        fields.retain(|field| field.lines);
    }
    groups
}

fn field<'a>(setting: &'static Setting, fields: &'a Fields, inherited: &'a Fields) -> SettingField<'a> {
    let value = fields.get(setting.name).map(String::as_str).unwrap_or_default();
    let from_profile = inherited.get(setting.name).map(String::as_str).unwrap_or_default();
    SettingField {
        name: setting.name,
        label: setting.label,
        help: setting.help,
        example: setting.example,
        value,
        lines: matches!(setting.form, Form::Lines),
        number: matches!(setting.form, Form::Number(..)),
        options: options(setting, value, from_profile),
        inherited: from_profile,
    }
}

/// What can be chosen: value, label, whether it is; the first leaves it to the profile.
fn options(setting: &Setting, value: &str, inherited: &str) -> Vec<(String, String, bool)> {
    let words: &[(&str, &str)] = match setting.form {
        Form::Choice(words) => words,
        Form::Switch => &[("true", "Yes"), ("false", "No")],
        _ => return Vec::new(),
    };
    let option = |word: &str, label: String| (word.to_owned(), label, word == value);
    let profile = format!("As the profile says: {}", in_words(setting, inherited));
    let mut all = vec![option("", profile)];
    if setting.is_own() {
        all.clear();
    }
    all.extend(words.iter().map(|(word, label)| option(word, (*label).to_owned())));
    all
}

/// Something that was changed.
pub(super) fn audit((entry, who): &(AuditEntry, Option<String>)) -> AuditRow<'_> {
    AuditRow {
        what: word::deed(&entry.action),
        detail: detail(&entry.detail),
        who: who.as_deref().unwrap_or("The command line"),
        at: entry.at,
    }
}

/// The further values in one line: "account: C-1 → C-2".
fn detail(detail: &serde_json::Value) -> String {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) if text.is_empty() => "nothing".to_owned(),
        serde_json::Value::String(text) => text.replace('\n', " "),
        other => other.to_string(),
    };
    let line = |(name, value): (&String, &serde_json::Value)| match value.as_array().map(Vec::as_slice) {
        Some([before, after]) => format!("{}: {} → {}", word::setting(name), text(before), text(after)),
        _ => match value.as_object() {
            Some(counts) => {
                let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
                format!("{}: {}", word::setting(name), counts.join(", "))
            }
            None => format!("{}: {}", word::setting(name), text(value)),
        },
    };
    let lines: Vec<String> = detail.as_object().into_iter().flatten().map(line).collect();
    lines.join("; ")
}
