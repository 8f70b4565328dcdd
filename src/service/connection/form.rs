//! What a form says about a connection, read with every fault at once.

use std::collections::BTreeMap;

use super::look::Looked;
use super::setting;
use crate::domain::party::{Buyer, ConnectionSettings, DeploymentMode, IdentityRole};
use crate::domain::refusal::{Code, Refusal};
use crate::profile;
use crate::service::Error;

/// Shortest secret that a buyer may bring, in characters.
pub const SECRET_CHARS_MIN: usize = 8;

/// Longest secret, in characters.
const SECRET_CHARS_MAX: usize = 200;

/// Credentials of one role, at most.
const CREDENTIALS_MAX: usize = 20;

/// The fields of a form, by name.
pub type Fields = BTreeMap<String, String>;

/// A new connection as its form says it.
pub(super) struct Draft<'a> {
    pub(super) buyer: Option<&'a Buyer>,
    pub(super) buyer_name: &'a str,
    pub(super) name: &'a str,
    pub(super) profile: &'a str,
    pub(super) mode: DeploymentMode,
    pub(super) account: &'a str,
    pub(super) from: Vec<(&'a str, &'a str)>,
    pub(super) sender: Vec<(&'a str, &'a str)>,
    pub(super) secret: Option<&'a str>,
    pub(super) settings: ConnectionSettings,
}

impl<'a> Draft<'a> {
    pub(super) fn read(fields: &'a Fields, buyers: &'a [Buyer]) -> Result<Self, Error> {
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
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(|text| text.trim()).unwrap_or_default()
}

/// What is wrong with a form, collected, so that a person sees all of it at once.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Refusal>);

impl Faults {
    pub(super) fn unless(&mut self, right: bool, field: &str, text: impl Into<String>) {
        if !right {
            self.0.push(Refusal::new(Code::BadRequest, text).at(field));
        }
    }

    /// A name of one line, which must be there.
    pub(super) fn name<'a>(&mut self, fields: &'a Fields, name: &str, what: &str) -> &'a str {
        let text = field(fields, name);
        let right = !text.is_empty() && text.chars().count() <= 100 && !text.chars().any(char::is_control);
        self.unless(right, name, format!("Write {what}, in at most 100 characters."));
        text
    }

    /// Credentials, one a line: the domain, a blank, the identity.
    pub(super) fn credentials<'a>(&mut self, fields: &'a Fields, name: &str, role: &str) -> Vec<(&'a str, &'a str)> {
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

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|fault| fault.field.as_deref() == Some(name))
    }

    pub(super) fn secret(&mut self, secret: Option<&str>) {
        let Some(text) = secret else { return };
        let characters = text.chars().count();
        let right = (SECRET_CHARS_MIN..=SECRET_CHARS_MAX).contains(&characters) && !text.chars().any(char::is_control);
        let text = format!(
            "A secret has {SECRET_CHARS_MIN} to {SECRET_CHARS_MAX} characters; leave it empty for one of ours."
        );
        self.unless(right, "secret", text);
    }

    pub(super) fn settings(&mut self, base: &ConnectionSettings, fields: &Fields) -> ConnectionSettings {
        match setting::read(base, fields) {
            Ok(settings) => settings,
            Err(faults) => {
                self.0.extend(faults);
                base.clone()
            }
        }
    }

    pub(super) fn none(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Faulty(self.0))
        }
    }
}

/// A short name for addresses and logs: the name's letters and digits, and a number where it is taken.
pub(super) fn short_name(name: &str, taken: &[&str]) -> String {
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
}
