//! Suppliers (tenants), buyers, and the connections between them: who may talk to us, and how.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::order::safeguard::Safeguards;

/// The supplier that runs the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Identifier.
    pub id: Uuid,
    /// Short name, unique, used in addresses.
    pub code: String,
    /// Name that people see.
    pub name: String,
    /// IANA time zone in which validity dates are judged.
    pub time_zone: String,
    /// Currency (ISO 4217) where nothing else says one.
    pub currency: String,
}

/// A buying organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// The supplier it buys from.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// Short name, unique within the tenant.
    pub code: String,
    /// Name that people see.
    pub name: String,
}

/// Whether documents have real effects (cXML `Request/@deploymentMode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeploymentMode {
    /// Orders are real.
    Production,
    /// Orders never reach the ERP.
    Test,
}

/// Whether a connection may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// Documents are accepted.
    Active,
    /// Documents are refused with 403 until somebody resumes it.
    Suspended,
}

/// One buyer's way into the gateway, for test or for production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The buying organisation.
    pub buyer_id: Uuid,
    /// Short name, unique within the tenant.
    pub code: String,
    /// Name that people see, for example "Globex (SAP Ariba)".
    pub name: String,
    /// Dialect profile, for example `ariba`, `coupa`, `generic`.
    pub profile: String,
    /// Test or production.
    pub mode: DeploymentMode,
    /// Whether it may be used.
    pub state: ConnectionState,
    /// Customer account in the ERP (account code) whose terms apply.
    pub account_code: String,
    /// What differs from the profile.
    pub settings: ConnectionSettings,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The part a credential plays in the header of documents from this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentityRole {
    /// `From`: the logical author; authorised, never authenticated.
    From,
    /// `Sender`: the party that opened the HTTP connection; authenticated.
    Sender,
    /// `To`: names of ours by which the partner calls us.
    To,
}

/// One `Credential` (domain and `Identity`) by which a connection is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection it belongs to; `None` for names of the supplier itself (role `To`).
    pub connection_id: Option<Uuid>,
    /// Its part in the header.
    pub role: IdentityRole,
    /// `Credential/@domain` as configured.
    pub domain: String,
    /// `Identity` as configured, trimmed.
    pub identity: String,
}

/// How two credentials compare: domain names without case, identity values by the rule of their domain.
///
/// Source: SAP Ariba Network cXML solutions guide (2020), credential domains: NetworkID and DUNS values compare without
/// case, AribaNetworkUserId, PrivateId, ProviderId, VendorID with case; every other domain exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialKey {
    /// Folded domain.
    pub domain: String,
    /// Folded or exact identity.
    pub identity: String,
}

impl CredentialKey {
    /// Makes the key of one credential.
    pub fn new(domain: &str, identity: &str) -> Self {
        let domain = domain.trim().to_ascii_lowercase();
        let identity = identity.trim();
        let folds = matches!(domain.trim_end_matches(";marketplace"), "networkid" | "duns");
        let identity = if folds {
            identity.to_ascii_lowercase()
        } else {
            identity.to_owned()
        };
        CredentialKey { domain, identity }
    }

    /// One line for unique keys and logs: `domain|identity`.
    pub fn line(&self) -> String {
        format!("{}|{}", self.domain, self.identity)
    }
}

/// How a secret authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// `SharedSecret`: only its keyed hash is kept.
    SharedSecret,
    /// Key of `CredentialMac`: kept sealed, because it must be used to compute.
    CredentialMac,
}

/// One valid secret of a connection; two may be valid at a time, so that partners can rotate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection it authenticates.
    pub connection_id: Uuid,
    /// Slot 1 or 2.
    pub slot: i64,
    /// What it is for.
    pub kind: SecretKind,
    /// HMAC-SHA-256 of the secret under the server's key; empty for `CredentialMac`.
    pub keyed_hash: Vec<u8>,
    /// The sealed secret (`v1.<key id>.<nonce>.<ciphertext>`), where it must be used.
    pub sealed: Option<String>,
    /// Last four characters, for people to recognise it; empty when it is shorter than 12.
    pub hint: String,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until; open when `None`.
    pub not_after: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Secret {
    /// Whether the secret is valid at `now`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && self.not_after.is_none_or(|end| now < end)
    }
}

/// A client certificate that authenticates a connection on the separate certificate listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The connection it authenticates.
    pub connection_id: Uuid,
    /// SHA-256 of the certificate's SubjectPublicKeyInfo; or `None` when matched by names.
    pub spki_sha256: Option<Vec<u8>>,
    /// Subject (RFC 2253 text) when matched by names under the pinned CA.
    pub subject: Option<String>,
    /// Issuer (RFC 2253 text) when matched by names under the pinned CA.
    pub issuer: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// How a connection's secrets are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretMatch {
    /// Byte for byte.
    #[default]
    Exact,
    /// XML white space at both ends is ignored.
    Trimmed,
}

/// The field of the return form (Reference Guide 5.2.3); names are case-insensitive, some receivers are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnEncoding {
    /// Base64 of the UTF-8 bytes.
    CxmlBase64,
    /// The XML itself in pure ASCII; the browser encodes it.
    CxmlUrlencoded,
}

/// What happens to documents that come in and are not valid by the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundGrammar {
    /// They are read as far as they can be, and what is wrong is noted for the supplier's staff.
    Lenient,
    /// They are refused with 406.
    Strict,
}

/// What happens to conflicts of an order that networks would count as failure (cXML notes 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictAnswer {
    /// Answer 200 and hold for a person.
    Hold,
    /// Answer 409.
    Refuse,
}

/// Everything about a connection that is data and not identity; a missing field takes the profile's value.
///
/// The profile supplies defaults; the connection stores only its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionSettings {
    /// Origins that may show the shop in a frame (`frame-ancestors`); empty means none.
    pub frame_ancestors: Vec<String>,
    /// Hosts that may receive the cart (`BrowserFormPost`): exact, or `*.example.com` for every label below.
    pub return_hosts: Vec<String>,
    /// Whether `http://` and hosts given as addresses are allowed to receive the cart; for test partners only.
    pub return_insecure: bool,
    /// Encoding of the returned cart.
    pub return_encoding: Option<ReturnEncoding>,
    /// Exact spelling of the return field.
    pub return_field: Option<String>,
    /// Version in the SYSTEM identifier of what we send.
    pub cxml_version: Option<String>,
    /// Seconds from the set-up answer to the first use of the start link.
    pub start_seconds: Option<i64>,
    /// Seconds that a visit lasts after it was opened.
    pub shopping_seconds: Option<i64>,
    /// Seconds that an offered price holds after the cart was returned.
    pub quote_seconds: Option<i64>,
    /// Highest later operation on a returned cart: create, inspect or edit.
    pub operation_allowed: Option<String>,
    /// What conflicting orders are answered.
    pub conflict_answer: Option<ConflictAnswer>,
    /// Whether an update of an order we never saw becomes an order of its own.
    pub update_unknown_creates: Option<bool>,
    /// Suffix pattern `-V1`, `-V2` … of the order number that stands for the version (Ariba Buyer up to 8.0).
    pub order_version_suffix: Option<bool>,
    /// Price tolerance in percent: the limit of the price rules of the safeguards that name none.
    pub price_tolerance_percent: Option<String>,
    /// What is wanted of each rule about orders.
    pub safeguards: Safeguards,
    /// Whether a `PCard` must be present.
    pub payment_required: Option<bool>,
    /// Whether documents must be signed.
    pub signature_required: Option<bool>,
    /// Whether documents marked as test are accepted on a production connection and marked so.
    pub accept_test_documents: Option<bool>,
    /// Whether `CredentialMac` may authenticate.
    pub credential_mac: Option<bool>,
    /// Longest life of a `CredentialMac`, in seconds.
    pub credential_mac_seconds_max: Option<i64>,
    /// How secrets compare.
    pub secret_match: Option<SecretMatch>,
    /// Client addresses (CIDR) that documents may come from; empty means any.
    pub address_allow: Vec<String>,
    /// Whether the root may be spelled `cxml`.
    pub root_any_case: Option<bool>,
    /// What documents that are not valid are answered.
    pub inbound_grammar: Option<InboundGrammar>,
    /// Time zone for times without one.
    pub time_zone: Option<String>,
    /// Units of measure: ours to theirs.
    pub units: std::collections::BTreeMap<String, String>,
    /// Classification domain and value for products without one.
    pub classification_default: Option<String>,
    /// Most requests a minute on this connection.
    pub requests_per_minute: Option<u32>,
    /// Most lines of a cart.
    pub cart_lines_max: Option<u32>,
}

/// What is in force for a connection: its own settings over its profile's over the generic profile's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Origins that may show the shop in a frame.
    pub frame_ancestors: Vec<String>,
    /// Hosts that may receive the cart.
    pub return_hosts: Vec<String>,
    /// Whether plain HTTP and addresses may receive the cart.
    pub return_insecure: bool,
    /// Encoding of the returned cart.
    pub return_encoding: ReturnEncoding,
    /// Exact spelling of the return field.
    pub return_field: String,
    /// Version in the SYSTEM identifier of what we send.
    pub cxml_version: String,
    /// Seconds from the set-up answer to the first use of the start link.
    pub start_seconds: i64,
    /// Seconds that a visit lasts.
    pub shopping_seconds: i64,
    /// Seconds that an offered price holds.
    pub quote_seconds: i64,
    /// Highest later operation on a returned cart.
    pub operation_allowed: String,
    /// What conflicting orders are answered.
    pub conflict_answer: ConflictAnswer,
    /// Whether an update of an unknown order becomes an order.
    pub update_unknown_creates: bool,
    /// Whether `-Vn` at the end of an order number is its version.
    pub order_version_suffix: bool,
    /// Price tolerance in percent.
    pub price_tolerance_percent: rust_decimal::Decimal,
    /// Every rule about orders that is asked, with its limit.
    pub safeguards: Safeguards,
    /// Whether a payment card must be present.
    pub payment_required: bool,
    /// Whether documents must be signed.
    pub signature_required: bool,
    /// Whether test documents are accepted on production.
    pub accept_test_documents: bool,
    /// Whether `CredentialMac` may authenticate.
    pub credential_mac: bool,
    /// Longest life of a `CredentialMac`, in seconds.
    pub credential_mac_seconds_max: i64,
    /// How secrets compare.
    pub secret_match: SecretMatch,
    /// Client addresses (CIDR) that documents may come from.
    pub address_allow: Vec<String>,
    /// Whether the root may be spelled `cxml`.
    pub root_any_case: bool,
    /// What documents that are not valid are answered.
    pub inbound_grammar: InboundGrammar,
    /// Time zone for times without one.
    pub time_zone: String,
    /// Units of measure: ours to theirs.
    pub units: std::collections::BTreeMap<String, String>,
    /// Classification value (UNSPSC) for products without one.
    pub classification_default: Option<String>,
    /// Most requests a minute.
    pub requests_per_minute: u32,
    /// Most lines of a cart.
    pub cart_lines_max: u32,
}

impl ConnectionSettings {
    /// Takes from `other` whatever is not set here.
    #[must_use]
    pub fn over(self, other: &ConnectionSettings) -> ConnectionSettings {
        fn list(own: Vec<String>, other: &[String]) -> Vec<String> {
            if own.is_empty() { other.to_vec() } else { own }
        }
        let mut units = other.units.clone();
        units.extend(self.units);
        ConnectionSettings {
            frame_ancestors: list(self.frame_ancestors, &other.frame_ancestors),
            return_hosts: list(self.return_hosts, &other.return_hosts),
            return_insecure: self.return_insecure || other.return_insecure,
            return_encoding: self.return_encoding.or(other.return_encoding),
            return_field: self.return_field.or_else(|| other.return_field.clone()),
            cxml_version: self.cxml_version.or_else(|| other.cxml_version.clone()),
            start_seconds: self.start_seconds.or(other.start_seconds),
            shopping_seconds: self.shopping_seconds.or(other.shopping_seconds),
            quote_seconds: self.quote_seconds.or(other.quote_seconds),
            operation_allowed: self.operation_allowed.or_else(|| other.operation_allowed.clone()),
            conflict_answer: self.conflict_answer.or(other.conflict_answer),
            update_unknown_creates: self.update_unknown_creates.or(other.update_unknown_creates),
            order_version_suffix: self.order_version_suffix.or(other.order_version_suffix),
            price_tolerance_percent: self
                .price_tolerance_percent
                .or_else(|| other.price_tolerance_percent.clone()),
            safeguards: self.safeguards.over(&other.safeguards),
            payment_required: self.payment_required.or(other.payment_required),
            signature_required: self.signature_required.or(other.signature_required),
            accept_test_documents: self.accept_test_documents.or(other.accept_test_documents),
            credential_mac: self.credential_mac.or(other.credential_mac),
            credential_mac_seconds_max: self.credential_mac_seconds_max.or(other.credential_mac_seconds_max),
            secret_match: self.secret_match.or(other.secret_match),
            address_allow: list(self.address_allow, &other.address_allow),
            root_any_case: self.root_any_case.or(other.root_any_case),
            inbound_grammar: self.inbound_grammar.or(other.inbound_grammar),
            time_zone: self.time_zone.or_else(|| other.time_zone.clone()),
            units,
            classification_default: self
                .classification_default
                .or_else(|| other.classification_default.clone()),
            requests_per_minute: self.requests_per_minute.or(other.requests_per_minute),
            cart_lines_max: self.cart_lines_max.or(other.cart_lines_max),
        }
    }

    /// The settings in force, where every value is set.
    ///
    /// # Errors
    /// Names the setting that is missing or not of its form.
    pub fn resolve(self) -> Result<Settings, SettingError> {
        fn need<T>(value: Option<T>, name: &'static str) -> Result<T, SettingError> {
            value.ok_or(SettingError {
                name,
                expected: "a value, here or in the profile",
            })
        }
        let return_encoding = need(self.return_encoding, "return_encoding")?;
        let tolerance = need(self.price_tolerance_percent, "price_tolerance_percent")?;
        let price_tolerance_percent = tolerance.parse().map_err(|_| SettingError {
            name: "price_tolerance_percent",
            expected: "a decimal number such as 0.5",
        })?;
        let safeguards = self.safeguards.in_force(price_tolerance_percent);
        let safeguards = safeguards.map_err(|_| SettingError {
            name: "safeguards",
            expected: "for each rule an action that it can take, and a limit where it needs one",
        })?;
        let default_field = match return_encoding {
            ReturnEncoding::CxmlBase64 => "cxml-base64",
            ReturnEncoding::CxmlUrlencoded => "cxml-urlencoded",
        };
        Ok(Settings {
            frame_ancestors: self.frame_ancestors,
            return_hosts: self.return_hosts,
            return_insecure: self.return_insecure,
            return_encoding,
            return_field: self.return_field.unwrap_or_else(|| default_field.to_owned()),
            cxml_version: need(self.cxml_version, "cxml_version")?,
            start_seconds: need(self.start_seconds, "start_seconds")?,
            shopping_seconds: need(self.shopping_seconds, "shopping_seconds")?,
            quote_seconds: need(self.quote_seconds, "quote_seconds")?,
            operation_allowed: need(self.operation_allowed, "operation_allowed")?,
            conflict_answer: need(self.conflict_answer, "conflict_answer")?,
            update_unknown_creates: need(self.update_unknown_creates, "update_unknown_creates")?,
            order_version_suffix: need(self.order_version_suffix, "order_version_suffix")?,
            price_tolerance_percent,
            safeguards,
            payment_required: need(self.payment_required, "payment_required")?,
            signature_required: need(self.signature_required, "signature_required")?,
            accept_test_documents: need(self.accept_test_documents, "accept_test_documents")?,
            credential_mac: need(self.credential_mac, "credential_mac")?,
            credential_mac_seconds_max: need(self.credential_mac_seconds_max, "credential_mac_seconds_max")?,
            secret_match: need(self.secret_match, "secret_match")?,
            address_allow: self.address_allow,
            root_any_case: need(self.root_any_case, "root_any_case")?,
            inbound_grammar: need(self.inbound_grammar, "inbound_grammar")?,
            time_zone: need(self.time_zone, "time_zone")?,
            units: self.units,
            classification_default: self.classification_default,
            requests_per_minute: need(self.requests_per_minute, "requests_per_minute")?,
            cart_lines_max: need(self.cart_lines_max, "cart_lines_max")?,
        })
    }
}

/// A setting that is missing or not of its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {name}: expected {expected}")]
pub struct SettingError {
    /// The setting.
    pub name: &'static str,
    /// What it should be.
    pub expected: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_compare_by_the_rule_of_their_domain() {
        for (left, right, equal) in [
            (("NetworkID", "AN01"), ("networkid", " an01 "), true),
            (("DUNS", "12a"), ("duns", "12A"), true),
            (("AribaNetworkUserId", "a@b.c"), ("aribanetworkuserid", "A@b.c"), false),
            (("PrivateId", "x"), ("privateid", "x"), true),
            (("other", "X"), ("Other", "x"), false),
        ] {
            let same = CredentialKey::new(left.0, left.1) == CredentialKey::new(right.0, right.1);
            assert_eq!(same, equal, "{left:?} {right:?}");
        }
    }
}
