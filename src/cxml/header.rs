//! Who sends, to whom, and on whose behalf.

use super::content::{Fragment, Other, Raw, Secret, Text};
use super::date::Date;
use super::element::{Element, Slot, choice, element};
use super::read::{FindingKind, ReadError};
use super::reading::Reading;
use super::write::Out;
use crate::xml;

element! {
    /// Routing and authentication of a request or message (cXML 1.2 `Header`).
    pub struct Header {
        children {
            /// Logical author.
            from: Party = "From",
            /// Logical receiver.
            to: Party = "To",
            /// The party that opened this connection; the only one that is authenticated.
            sender: Party = "Sender",
            /// Nodes of a chained PunchOut; kept and echoed.
            path: Option<Raw> = "Path",
            /// The document that a router received.
            original_document: Option<DocumentReference> = "OriginalDocument",
        }
    }
}

impl Header {
    /// Name of the sending software.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.sender.user_agent.as_deref()
    }
}

element! {
    /// A party by its credentials (cXML 1.2 `From`, `To`, `Sender`); repeated elements are read as one.
    pub struct Party {
        children {
            /// The same party in one or more domains.
            credentials: Vec<Credential> = "Credential",
            /// How to reach the party.
            correspondent: Option<Raw> = "Correspondent",
            /// Name of the sending software, in `Sender` alone.
            user_agent: Option<Text> = "UserAgent",
        }
    }
}

impl Party {
    /// A party known by one credential.
    pub fn new(domain: impl Into<String>, identity: impl Into<String>) -> Party {
        Party {
            credentials: vec![Credential::new(domain, identity)],
            ..Party::default()
        }
    }
}

impl Slot for Party {
    /// Some senders repeat the whole element: all credentials are read.
    fn put<'x>(
        &mut self,
        reading: &mut Reading<'x>,
        child: &xml::Element<'x>,
        _other: &mut Other,
    ) -> Result<(), ReadError> {
        if *self != Party::default() {
            reading.note(FindingKind::Repeated, child.name().to_owned(), child.offset());
        }
        let more = Party::read(reading, child)?;
        self.credentials.extend(more.credentials);
        self.correspondent = self.correspondent.take().or(more.correspondent);
        self.user_agent = self.user_agent.take().or(more.user_agent);
        self.other.extend(more.other);
        Ok(())
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        if *self != Party::default() {
            Element::write(self, name, out);
        }
    }
}

element! {
    /// An identity in a domain, and perhaps its proof (cXML 1.2 `Credential`).
    pub struct Credential {
        attributes {
            /// Domain of the identity; compared without case.
            domain: Option<String> = "domain",
            /// `marketplace` when the credential names a marketplace and not a member.
            kind: Option<CredentialKind> = "type",
        }
        children {
            /// The identity.
            identity: Option<Identity> = "Identity",
            /// Proof by a shared secret.
            shared_secret: Option<Secret> = "SharedSecret",
            /// Proof by a deprecated signature.
            digital_signature: Option<Raw> = "DigitalSignature",
            /// Proof by a code that a hub computed.
            credential_mac: Option<CredentialMac> = "CredentialMac",
        }
    }
}

impl Credential {
    /// A credential without proof.
    pub fn new(domain: impl Into<String>, identity: impl Into<String>) -> Credential {
        let identity = Identity {
            content: Fragment::from_text(identity),
            ..Identity::default()
        };
        Credential {
            domain: Some(domain.into()),
            identity: Some(identity),
            ..Credential::default()
        }
    }

    /// The domain, without white space at its ends, empty when there is none.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.domain.as_deref().unwrap_or_default().trim()
    }

    /// The text of the identity, without white space at its ends, empty when there is none.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.identity.as_ref().map_or("", |identity| identity.content.trimmed())
    }
}

choice! {
    /// What a credential names (cXML 1.2 `Credential/@type`).
    pub enum CredentialKind {
        /// A marketplace; another credential names the member company.
        Marketplace = "marketplace",
    }
}

element! {
    /// The identity itself (cXML 1.2 `Identity`).
    pub struct Identity {
        attributes {
            /// When it last changed.
            last_changed_timestamp: Option<Date> = "lastChangedTimestamp",
        }
        any {
            /// The identity: text, or elements as `VendorSiteID` has them.
            content,
        }
    }
}

element! {
    /// A message authentication code over the credentials (cXML 1.2 `CredentialMac`, Reference Guide 21.1.4).
    pub struct CredentialMac {
        attributes {
            /// `FromSenderCredentials`.
            kind: Option<String> = "type",
            /// `HMAC-SHA1-96`.
            algorithm: Option<String> = "algorithm",
            /// Start of validity.
            creation_date: Option<Date> = "creationDate",
            /// End of validity.
            expiration_date: Option<Date> = "expirationDate",
        }
        text {
            /// The code in base64.
            value: Secret,
        }
    }
}

element! {
    /// A document named by its payload identifier (cXML 1.2 `DocumentReference`, `OriginalDocument`).
    pub struct DocumentReference {
        attributes {
            /// The `payloadID` of that document.
            payload_id: Option<String> = "payloadID",
        }
    }
}
