//! What an ERP says by itself: a signed message that names what changed. It is a hint, never a value.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde::Deserialize;

use super::expression::Path;
use super::value::Value;

/// Events of one message.
pub const EVENTS_MAX: usize = 1_000;

/// How an ERP's messages are read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The header with the code: HMAC-SHA256 with the source's secret.
    pub signature: String,
    /// What stands before the code in it.
    #[serde(default)]
    pub prefix: String,
    /// How the code is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What the code covers: `{body}`, or with the moment that the message says `{timestamp}.{body}`.
    #[serde(default = "signed")]
    pub signed: String,
    /// The header with the moment at which it was sent: seconds or a moment such as `2026-11-24T09:00:00Z`.
    pub timestamp: Option<String>,
    /// How far the moment may be from ours, in seconds.
    #[serde(default = "age_seconds")]
    pub age_seconds: i64,
    /// Where the list of what changed is; without it the message is about one thing, or is the list.
    pub events: Option<Path>,
    /// Where the kind of what changed is.
    pub entity: Path,
    /// Where the key of what changed is.
    pub key: Path,
    /// The entities of the mapping by the ERP's words; what is not named here is the same word.
    #[serde(default)]
    pub entities: BTreeMap<String, String>,
}

/// How a code is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// In hexadecimal digits.
    #[default]
    Hex,
    /// In base64.
    Base64,
}

fn signed() -> String {
    "{body}".to_owned()
}

fn age_seconds() -> i64 {
    300
}

/// Why a message is not listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// The code is missing or another one.
    Signature,
    /// The moment is missing, or too far from ours.
    Time,
    /// The body is not as the mapping says.
    Body(&'static str),
}

/// Something that changed: the entity of the mapping and the record's key.
pub type Event = (String, String);

impl Webhook {
    /// What a message says changed.
    ///
    /// # Errors
    /// [`Unheard`]: it is not from the ERP, too old, or not readable.
    pub fn events<'h>(
        &self,
        header: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
        secret: &str,
        now: Timestamp,
    ) -> Result<Vec<Event>, Unheard> {
        let said = self
            .timestamp
            .as_deref()
            .map(|name| header(name).unwrap_or_default().trim());
        let given = header(&self.signature).unwrap_or_default();
        if !self.is_right(given, said.unwrap_or_default(), body, secret) {
            return Err(Unheard::Signature);
        }
        if let Some(said) = said {
            let at = said
                .parse::<i64>()
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok());
            let at = at.or_else(|| said.parse().ok()).ok_or(Unheard::Time)?;
            if now.duration_since(at).abs() > SignedDuration::from_secs(self.age_seconds) {
                return Err(Unheard::Time);
            }
        }
        self.read(body)
    }

    /// Whether a code is the right one; the time that this takes says nothing about the code.
    fn is_right(&self, given: &str, timestamp: &str, body: &[u8], secret: &str) -> bool {
        let Some(given) = given.trim().strip_prefix(&self.prefix) else {
            return false;
        };
        let given = match self.encoding {
            Encoding::Hex => unhex(given),
            Encoding::Base64 => STANDARD.decode(given).ok(),
        };
        let (Some(given), Some(right)) = (given, self.code(timestamp, body, secret)) else {
            return false;
        };
        !secret.is_empty() && given.len() == right.len() && memcmp::eq(&given, &right)
    }

    fn code(&self, timestamp: &str, body: &[u8], secret: &str) -> Option<Vec<u8>> {
        let key = PKey::hmac(secret.as_bytes()).ok()?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key).ok()?;
        let mut rest = self.signed.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            signer.update(before.as_bytes()).ok()?;
            match name {
                "body" => signer.update(body).ok()?,
                "timestamp" => signer.update(timestamp.as_bytes()).ok()?,
                _ => return None,
            }
            rest = after;
        }
        signer.update(rest.as_bytes()).ok()?;
        signer.sign_to_vec().ok()
    }

    fn read(&self, body: &[u8]) -> Result<Vec<Event>, Unheard> {
        let text = std::str::from_utf8(body).map_err(|_| Unheard::Body("it is not UTF-8"))?;
        let value = Value::parse(text).map_err(|_| Unheard::Body("it is no JSON"))?;
        let events = match &self.events {
            Some(path) => path
                .of(&value)
                .map_err(|_| Unheard::Body("the list of what changed is not where the mapping says"))?,
            None => value,
        };
        let events = match events {
            Value::List(events) => events,
            one => vec![one],
        };
        if events.len() > EVENTS_MAX {
            return Err(Unheard::Body("it says more than 1,000 changes"));
        }
        let text = |path: &Path, event: &Value| {
            let value = path.of(event).ok()?;
            value.as_text().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let event = |event: &Value| {
            let word = text(&self.entity, event)?;
            let entity = self.entities.get(&word).cloned().unwrap_or(word);
            Some((entity, text(&self.key, event)?))
        };
        let events: Option<Vec<Event>> = events.iter().map(event).collect();
        events.ok_or(Unheard::Body("a change has no entity or key where the mapping says"))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "key";
    const BODY: &str = "The quick brown fox jumps over the lazy dog";
    /// The code of RFC 2104 with SHA-256 for the two above, as it is published.
    const CODE: &str = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";

    fn webhook(text: &str) -> Webhook {
        toml::from_str(&format!(
            "signature = \"x-sign\"\nentity = \"type\"\nkey = \"id\"\n{text}"
        ))
        .unwrap()
    }

    #[test]
    fn the_code_is_that_of_the_standard() {
        let hook = webhook("prefix = \"sha256=\"");
        assert!(hook.is_right(&format!("sha256={CODE}"), "", BODY.as_bytes(), SECRET));
        let base64 = STANDARD.encode(unhex(CODE).unwrap());
        assert!(webhook("encoding = \"base64\"").is_right(&base64, "", BODY.as_bytes(), SECRET));
        for (given, body, secret) in [
            (CODE, BODY, SECRET),
            ("sha256=", BODY, SECRET),
            (&format!("sha256={}", &CODE[..62]), BODY, SECRET),
            (&format!("sha256={CODE}"), "The quick", SECRET),
            (&format!("sha256={CODE}"), BODY, "other"),
            (&format!("sha256={CODE}"), BODY, ""),
            ("sha256=zz", BODY, SECRET),
        ] {
            assert!(
                !hook.is_right(given, "", body.as_bytes(), secret),
                "{given} {body} {secret}"
            );
        }
        // The moment is covered where the mapping says so.
        let dated = webhook("signed = \"The quick {timestamp} {body}\"");
        assert!(dated.is_right(CODE, "brown fox", b"jumps over the lazy dog", SECRET));
    }

    #[test]
    fn what_changed_is_read_where_the_mapping_says() {
        let check = |more: &str, body: &str, expect: Result<&[(&str, &str)], Unheard>| {
            let expect = expect.map(|events| {
                let events = events.iter();
                events
                    .map(|(entity, key)| ((*entity).to_owned(), (*key).to_owned()))
                    .collect::<Vec<_>>()
            });
            assert_eq!(webhook(more).read(body.as_bytes()), expect, "{body}");
        };
        check("", r#"{"type":"product","id":7}"#, Ok(&[("product", "7")]));
        check(
            "",
            r#"[{"type":"product","id":7},{"type":"list","id":"L"}]"#,
            Ok(&[("product", "7"), ("list", "L")]),
        );
        check(
            "events = \"value\"\n[entities]\nitems = \"product\"",
            r#"{"value":[{"type":"items","id":"7"}]}"#,
            Ok(&[("product", "7")]),
        );
        let missing = Unheard::Body("a change has no entity or key where the mapping says");
        check("", r#"[{"type":"product"}]"#, Err(missing));
        check("", "{", Err(Unheard::Body("it is no JSON")));
    }
}
