//! The server's keys: what seals, hashes and signs. They live outside the database.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::Cipher;

use crate::clock::Clock;

/// A ring of master keys, newest first: the first seals and signs, every one opens and verifies.
pub struct Keys(Vec<Master>);

struct Master {
    id: String,
    seal: [u8; 32],
    hash: [u8; 32],
    sign: [u8; 32],
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
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn hash(&self, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        hmac(&self.0[0].hash, secret)
    }

    /// Whether `secret` is the one behind `hash`, under any key of the ring, in constant time for each.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn matches(&self, secret: &[u8], hash: &[u8]) -> Result<bool, KeyError> {
        let mut found = false;
        for master in &self.0 {
            let computed = hmac(&master.hash, secret)?;
            found |= computed.len() == hash.len() && openssl::memcmp::eq(&computed, hash);
        }
        Ok(found)
    }

    /// A short signature of ours over `message` for one `purpose`, `length` bytes long (at most 32).
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn sign(&self, purpose: &str, message: &[u8], length: usize) -> Result<Vec<u8>, KeyError> {
        sign_with(&self.0[0], purpose, message, length)
    }

    /// Whether `signature` is ours, under any key of the ring.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn verify(&self, purpose: &str, message: &[u8], signature: &[u8]) -> Result<bool, KeyError> {
        let mut found = false;
        for master in &self.0 {
            let computed = sign_with(master, purpose, message, signature.len())?;
            found |=
                !signature.is_empty() && computed.len() == signature.len() && openssl::memcmp::eq(&computed, signature);
        }
        Ok(found)
    }
}

impl Master {
    fn new(id: &str, key: &[u8; 32]) -> Result<Master, KeyError> {
        let derive = |label: &str| -> Result<[u8; 32], KeyError> {
            let mut derived = [0u8; 32];
            derived.copy_from_slice(&hmac(key, label.as_bytes())?);
            Ok(derived)
        };
        Ok(Master {
            id: id.to_owned(),
            seal: derive("punchgate seal")?,
            hash: derive("punchgate hash")?,
            sign: derive("punchgate sign")?,
        })
    }
}

fn sign_with(master: &Master, purpose: &str, message: &[u8], length: usize) -> Result<Vec<u8>, KeyError> {
    let mut framed = Vec::with_capacity(purpose.len() + 1 + message.len());
    framed.extend_from_slice(purpose.as_bytes());
    framed.push(0);
    framed.extend_from_slice(message);
    let mut signature = hmac(&master.sign, &framed)?;
    signature.truncate(length);
    Ok(signature)
}

fn hmac(key: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyError> {
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    Ok(signer.sign_oneshot_to_vec(message)?)
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
        let hash = old.hash(b"abracadabra").unwrap();
        let line = std::fs::read_to_string(&folder).unwrap();
        std::fs::write(&folder, format!("2 {}\n{line}", STANDARD.encode(clock.new_token()))).unwrap();
        let rotated = Keys::load(&folder, false, &clock).unwrap();
        std::fs::remove_file(&folder).unwrap();
        assert!(rotated.matches(b"abracadabra", &hash).unwrap());
        assert!(!rotated.matches(b"abracadabrA", &hash).unwrap());
        assert_ne!(rotated.hash(b"abracadabra").unwrap(), hash);
        let signature = old.sign("cart", b"line", 10).unwrap();
        assert!(rotated.verify("cart", b"line", &signature).unwrap());
        assert!(!rotated.verify("form", b"line", &signature).unwrap());
        assert!(!rotated.verify("cart", b"line", b"").unwrap());
    }
}
