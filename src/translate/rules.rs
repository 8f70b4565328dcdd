//! Rules of the envelope beyond the grammar: what is valid, but refused or misread by networks. The rules are data with
//! a source; each is looked at in one small function.

use crate::cxml::{Body, Credential, Document, Header, Party, Status};
use crate::domain::exchange::Severity;

/// A rule beyond the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which never changes.
    pub id: &'static str,
    /// How serious it is in a document that comes in.
    pub severity_in: Severity,
    /// How serious it is in a document that goes out.
    pub severity_out: Severity,
    /// Where it comes from.
    pub source: &'static str,
    /// What is right, in one sentence.
    pub text: &'static str,
    /// What to do.
    pub hint: &'static str,
}

/// A rule that a document does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: &'static Rule,
    /// Where, as a path of names from the root (`cXML/@timestamp`).
    pub place: &'static str,
}

/// Longest `payloadID` in characters that every network takes.
const PAYLOAD_ID_CHARS_MAX: usize = 128;

/// Looks at a document; the answer is the place where the rule is broken.
type Look = fn(&Document) -> Option<&'static str>;

/// The rules with what they look at.
const RULES: &[(Rule, Look)] = &[
    (
        Rule {
            id: "ENV-01",
            severity_in: Severity::Error,
            severity_out: Severity::Error,
            source: "cXML Reference Guide 1.2.051, payloadID; letters, digits and .-_@ are what every network keeps",
            text: "The payloadID is a unique name of at most 128 printable characters without blanks.",
            hint: "Make it of time, process and host, such as 20261124T090000.4711@buyer.example.",
        },
        payload_id,
    ),
    (
        Rule {
            id: "ENV-03",
            severity_in: Severity::Warn,
            severity_out: Severity::Error,
            source: "cXML Reference Guide 1.2.051, timestamp: ISO 8601 with the offset from UTC",
            text: "The timestamp is ISO 8601 with a numeric offset, not `Z`.",
            hint: "Write it as 2026-11-24T09:00:00+00:00.",
        },
        timestamp,
    ),
    (
        Rule {
            id: "ENV-05",
            severity_in: Severity::Warn,
            severity_out: Severity::Warn,
            source: "cXML 1.2 DTD, cXML/@xml:lang: the language of every text that states none",
            text: "The root states the language of the texts.",
            hint: "Add xml:lang=\"en-US\" to the root.",
        },
        language,
    ),
    (
        Rule {
            id: "ENV-08",
            severity_in: Severity::Error,
            severity_out: Severity::Error,
            source: "cXML 1.2 DTD, Credential: an identity that names nobody cannot be trusted",
            text: "From, To and Sender name somebody.",
            hint: "Give each at least one Credential with a domain and an Identity that is not empty.",
        },
        nameless_party,
    ),
    (
        Rule {
            id: "ENV-10",
            severity_in: Severity::Warn,
            severity_out: Severity::Error,
            source: "cXML 1.2 DTD, SharedSecret: never in a document that travels through a browser",
            text: "A message that a browser carries has no secret.",
            hint: "Leave SharedSecret, CredentialMac and DigitalSignature out of the message's Sender.",
        },
        secret_in_message,
    ),
    (
        Rule {
            id: "ENV-11",
            severity_in: Severity::Warn,
            severity_out: Severity::Error,
            source: "cXML 1.2 DTD, cXML/@signatureVersion: given exactly where the document is signed",
            text: "The root states a signatureVersion exactly when the document is signed.",
            hint: "Add signatureVersion=\"1.0\" to a signed document; leave it out of another.",
        },
        signature_version,
    ),
    (
        Rule {
            id: "ENV-12",
            severity_in: Severity::Error,
            severity_out: Severity::Error,
            source: "cXML Reference Guide 1.2.051, Response: only a success carries a response element",
            text: "A response that is no success carries its Status alone.",
            hint: "Leave the response element out, or answer with a status of 200 to 299.",
        },
        payload_of_failure,
    ),
];

/// Every rule that the document does not keep.
pub fn check(document: &Document) -> Vec<Broken> {
    let broken = |(rule, look): &'static (Rule, Look)| {
        Some(Broken {
            rule,
            place: look(document)?,
        })
    };
    RULES.iter().filter_map(broken).collect()
}

/// Every rule, for people who want to read them.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().map(|(rule, _)| rule)
}

fn payload_id(document: &Document) -> Option<&'static str> {
    let id = document.payload_id.as_deref().unwrap_or_default();
    let is_usual = id.chars().all(|c| c.is_ascii_graphic());
    let is_right = !id.is_empty() && is_usual && id.len() <= PAYLOAD_ID_CHARS_MAX;
    (!is_right).then_some("cXML/@payloadID")
}

fn timestamp(document: &Document) -> Option<&'static str> {
    let text = document
        .timestamp
        .as_ref()
        .map(|date| date.as_str())
        .unwrap_or_default();
    let has_offset = text
        .get(19..)
        .and_then(|rest| rest.find(['+', '-']).map(|at| rest.len() - at == "+00:00".len()))
        .unwrap_or(false);
    (!has_offset).then_some("cXML/@timestamp")
}

fn language(document: &Document) -> Option<&'static str> {
    let is_stated = document.lang.as_ref().is_some_and(|lang| !lang.trim().is_empty());
    (!is_stated).then_some("cXML/@xml:lang")
}

fn secret_in_message(document: &Document) -> Option<&'static str> {
    let Body::Message(_) = &document.body else { return None };
    let has_secret = |header: &Header| {
        [&header.from, &header.to, &header.sender]
            .into_iter()
            .flat_map(|party| &party.credentials)
            .any(has_proof)
    };
    document
        .header()
        .is_some_and(has_secret)
        .then_some("cXML/Header/Sender")
}

fn has_proof(credential: &Credential) -> bool {
    credential.shared_secret.is_some() || credential.digital_signature.is_some() || credential.credential_mac.is_some()
}

fn signature_version(document: &Document) -> Option<&'static str> {
    let is_stated = document.signature_version.is_some();
    (is_stated == document.signatures.is_empty()).then_some("cXML/@signatureVersion")
}

fn payload_of_failure(document: &Document) -> Option<&'static str> {
    let Body::Response(response) = &document.body else {
        return None;
    };
    let code = response.status.as_ref().and_then(Status::code)?;
    (!(200..300).contains(&code) && response.payload.is_some()).then_some("cXML/Response")
}

fn nameless_party(document: &Document) -> Option<&'static str> {
    let header = document.header()?;
    let is_named = |party: &Party| {
        let named = |credential: &Credential| !credential.identity().trim().is_empty();
        party.credentials.iter().any(named)
    };
    let parties = [
        (&header.from, "cXML/Header/From"),
        (&header.to, "cXML/Header/To"),
        (&header.sender, "cXML/Header/Sender"),
    ];
    parties
        .into_iter()
        .find(|(party, _)| !is_named(party))
        .map(|(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cxml::ReadOptions;
    use crate::xml::Limits;

    fn broken(text: &str) -> Vec<String> {
        let document = Document::read(text, &Limits::default(), &ReadOptions::default()).unwrap();
        let line = |broken: &Broken| format!("{} {}", broken.rule.id, broken.place);
        check(&document).iter().map(line).collect()
    }

    const ROOT: &str = r#"payloadID="1@a" timestamp="2026-01-02T03:04:05+00:00" xml:lang="en""#;
    const PARTY: &str = r#"<Credential domain="DUNS"><Identity>1</Identity></Credential>"#;

    fn request(root: &str, sender: &str) -> String {
        format!(
            "<cXML {root}><Header><From>{PARTY}</From><To>{PARTY}</To><Sender>{sender}<UserAgent/></Sender></Header>\
             <Request><ProfileRequest/></Request></cXML>"
        )
    }

    #[test]
    fn each_rule_is_kept_and_broken() {
        assert_eq!(broken(&request(ROOT, PARTY)), [""; 0]);
        let long = ROOT.replace("1@a", &"a".repeat(129));
        for (root, expect) in [
            (long.as_str(), "ENV-01 cXML/@payloadID"),
            (&ROOT.replace("1@a", "1 a"), "ENV-01 cXML/@payloadID"),
            (&ROOT.replace("+00:00", "Z"), "ENV-03 cXML/@timestamp"),
            (&ROOT.replace("T03:04:05+00:00", ""), "ENV-03 cXML/@timestamp"),
            (&ROOT.replace("xml:lang=\"en\"", ""), "ENV-05 cXML/@xml:lang"),
            (
                &format!("{ROOT} signatureVersion=\"1.0\""),
                "ENV-11 cXML/@signatureVersion",
            ),
        ] {
            assert_eq!(broken(&request(root, PARTY)), [expect], "{root}");
        }
        assert_eq!(
            broken(&request(&ROOT.replace("+00:00", ".25-08:00"), PARTY)),
            [""; 0],
            "fractions of seconds"
        );
        assert_eq!(broken(&request(ROOT, "<Credential/>")), ["ENV-08 cXML/Header/Sender"]);
        let secret = PARTY.replace("</Identity>", "</Identity><SharedSecret>x</SharedSecret>");
        assert_eq!(broken(&request(ROOT, &secret)), [""; 0]);
        let message = request(ROOT, &secret).replace("Request>", "Message>");
        let message = message.replace("<ProfileRequest/>", "<PunchOutOrderMessage/>");
        assert_eq!(broken(&message), ["ENV-10 cXML/Header/Sender"]);
        let failed = |payload: &str| {
            format!("<cXML {ROOT}><Response><Status code=\"500\" text=\"no\"/>{payload}</Response></cXML>")
        };
        assert_eq!(broken(&failed("")), [""; 0]);
        assert_eq!(broken(&failed("<ProfileResponse/>")), ["ENV-12 cXML/Response"]);
    }

    #[test]
    fn every_rule_says_where_it_comes_from_and_what_to_do() {
        let mut ids: Vec<&str> = all().map(|rule| rule.id).collect();
        assert!(ids.is_sorted() && ids.len() == RULES.len());
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        for rule in all() {
            for text in [rule.source, rule.text, rule.hint] {
                assert!(text.len() > 20, "{}", rule.id);
            }
        }
    }
}
