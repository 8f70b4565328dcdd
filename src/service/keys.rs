//! The server's keys: what seals, hashes and signs. They live outside the database.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use openssl::symm::Cipher;
use sha2::Sha256;

use crate::clock::Clock;

/// A ring of master keys, newest first: the first seals and signs, every one opens and verifies.
pub struct Keys(Vec<Master>);

struct Master {
    id: String,
    seal: [u8; 32],
    hash: Keyed,
    sign: Keyed,
}

/// HMAC-SHA256 with its key taken in: that is half the work for the short texts hashed here.
struct Keyed(Hmac<Sha256>);

impl Keyed {
    fn new(key: &[u8]) -> Result<Keyed, KeyError> {
        Hmac::new_from_slice(key).map(Keyed).map_err(|_| KeyError::Length)
    }

    fn of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Why keys cannot be had or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file cannot be read or written.
    #[error("key file {file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The key file is missing and is not made by itself here.
    #[error(
        "key file {0} is missing: make it with one line \"1 <base64 of 32 random bytes>\" and give it to every node"
    )]
    Missing(String),
    /// A line is not `<key id> <base64 of 32 bytes>`.
    #[error("key file {file}, line {line}: expected a key id, a blank and 32 bytes in base64")]
    Line {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
    },
    /// The sealed value was made with a key that is not in the ring, or was altered.
    #[error("a sealed value cannot be opened: its key is not in the key file, or it was altered")]
    Unopened,
    /// A key is too long or too short for its use.
    #[error("a key of this length cannot be used")]
    Length,
    /// The cryptographic library failed.
    #[error("cryptography: {0}")]
    Crypto(#[from] openssl::error::ErrorStack),
}

impl Keys {
    /// Reads the key file; with `make`, a missing one is made, readable by its owner only.
    ///
    /// # Errors
    /// The file cannot be read, made, or understood.
    pub fn load(file: &Path, make: bool, clock: &Clock) -> Result<Keys, KeyError> {
        let name = file.display().to_string();
        let failed = |source| KeyError::File {
            file: name.clone(),
            source,
        };
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && make => {
                let text = format!("1 {}\n", STANDARD.encode(clock.new_token()));
                write_private(file, &text).map_err(failed)?;
                text
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(KeyError::Missing(name)),
            Err(error) => return Err(failed(error)),
        };
        let mut ring = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let malformed = || KeyError::Line {
                file: name.clone(),
                line: at + 1,
            };
            let (id, key) = line.trim().split_once(' ').ok_or_else(malformed)?;
            let key = STANDARD.decode(key.trim()).map_err(|_| malformed())?;
            let key: [u8; 32] = key.try_into().map_err(|_| malformed())?;
            ring.push(Master::new(id, &key)?);
        }
        if ring.is_empty() {
            return Err(KeyError::Line { file: name, line: 1 });
        }
        Ok(Keys(ring))
    }

    /// A ring of one random key that no file holds, for tests and throw-away databases.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn ephemeral(clock: &Clock) -> Result<Keys, KeyError> {
        Ok(Keys(vec![Master::new("e", &clock.new_token())?]))
    }

    /// Seals a secret that must be used later: `v1.<key id>.<nonce>.<ciphertext and tag>`.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn seal(&self, clock: &Clock, plain: &[u8]) -> Result<String, KeyError> {
        let master = &self.0[0];
        let nonce = &clock.new_token()[..12];
        let mut tag = [0u8; 16];
        let mut sealed = openssl::symm::encrypt_aead(
            Cipher::aes_256_gcm(),
            &master.seal,
            Some(nonce),
            master.id.as_bytes(),
            plain,
            &mut tag,
        )?;
        sealed.extend_from_slice(&tag);
        Ok(format!(
            "v1.{}.{}.{}",
            master.id,
            URL_SAFE_NO_PAD.encode(nonce),
            URL_SAFE_NO_PAD.encode(sealed)
        ))
    }

    /// Opens what [`Keys::seal`] made.
    ///
    /// # Errors
    /// The key is not in the ring, or the value was altered.
    pub fn open(&self, sealed: &str) -> Result<Vec<u8>, KeyError> {
        let mut parts = sealed.split('.');
        let (Some("v1"), Some(id), Some(nonce), Some(body), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyError::Unopened);
        };
        let master = self.0.iter().find(|master| master.id == id).ok_or(KeyError::Unopened)?;
        let nonce = URL_SAFE_NO_PAD.decode(nonce).map_err(|_| KeyError::Unopened)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| KeyError::Unopened)?;
        if nonce.len() != 12 || body.len() < 16 {
            return Err(KeyError::Unopened);
        }
        let (body, tag) = body.split_at(body.len() - 16);
        openssl::symm::decrypt_aead(
            Cipher::aes_256_gcm(),
            &master.seal,
            Some(&nonce),
            id.as_bytes(),
            body,
            tag,
        )
        .map_err(|_| KeyError::Unopened)
    }

    /// The keyed hash under which an inbound secret is kept.
    pub fn hash(&self, secret: &[u8]) -> [u8; 32] {
        self.0[0].hash.of(&[secret])
    }

    /// Whether `secret` is the one behind `hash`, under any key of the ring, in constant time for each.
    pub fn matches(&self, secret: &[u8], hash: &[u8]) -> bool {
        self.0.iter().fold(false, |found, master| {
            let computed = master.hash.of(&[secret]);
            found | (computed.len() == hash.len() && openssl::memcmp::eq(&computed, hash))
        })
    }

    /// A short signature of ours over `message` for one `purpose`, `length` bytes long (at most 32).
    pub fn sign(&self, purpose: &str, message: &[u8], length: usize) -> Vec<u8> {
        sign_with(&self.0[0], purpose, message, length)
    }

    /// Whether `signature` is ours, under any key of the ring.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &[u8]) -> bool {
        self.0.iter().fold(false, |found, master| {
            let computed = sign_with(master, purpose, message, signature.len());
            let is_alike = !signature.is_empty() && computed.len() == signature.len();
            found | (is_alike && openssl::memcmp::eq(&computed, signature))
        })
    }
}

impl Master {
    fn new(id: &str, key: &[u8; 32]) -> Result<Master, KeyError> {
        let key = Keyed::new(key)?;
        let derive = |label: &str| key.of(&[label.as_bytes()]);
        Ok(Master {
            id: id.to_owned(),
            seal: derive("punchgate seal"),
            hash: Keyed::new(&derive("punchgate hash"))?,
            sign: Keyed::new(&derive("punchgate sign"))?,
        })
    }
}

fn sign_with(master: &Master, purpose: &str, message: &[u8], length: usize) -> Vec<u8> {
    let signature = master.sign.of(&[purpose.as_bytes(), &[0], message]);
    signature[..length.min(signature.len())].to_vec()
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_values_open_and_altered_ones_do_not() {
        let clock = Clock::system();
        let keys = Keys::ephemeral(&clock).unwrap();
        let sealed = keys.seal(&clock, b"abracadabra").unwrap();
        assert_eq!(keys.open(&sealed).unwrap(), b"abracadabra");
        assert_ne!(sealed, keys.seal(&clock, b"abracadabra").unwrap());
        let altered = format!("{}A", &sealed[..sealed.len() - 1]);
        assert!(keys.open(&altered).is_err() || altered == sealed);
        assert!(Keys::ephemeral(&clock).unwrap().open(&sealed).is_err());
    }

    #[test]
    fn secrets_match_under_every_key_of_the_ring() {
        let folder = std::env::temp_dir().join(format!("punchgate-keys-{}", std::process::id()));
        let clock = Clock::system();
        let old = Keys::load(&folder, true, &clock).unwrap();
        let hash = old.hash(b"abracadabra");
        let line = std::fs::read_to_string(&folder).unwrap();
        std::fs::write(&folder, format!("2 {}\n{line}", STANDARD.encode(clock.new_token()))).unwrap();
        let rotated = Keys::load(&folder, false, &clock).unwrap();
        std::fs::remove_file(&folder).unwrap();
        assert!(rotated.matches(b"abracadabra", &hash));
        assert!(!rotated.matches(b"abracadabrA", &hash));
        assert_ne!(rotated.hash(b"abracadabra"), hash);
        let signature = old.sign("cart", b"line", 10);
        assert!(rotated.verify("cart", b"line", &signature));
        assert!(!rotated.verify("form", b"line", &signature));
        assert!(!rotated.verify("cart", b"line", b""));
    }
}
