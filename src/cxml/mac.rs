//! The code by which a hub vouches for a buyer (cXML 1.2 `CredentialMac`, Reference Guide 21.1.4).
//!
//! A trusted hub shares a key with the supplier and computes the code for a buyer, who cannot derive it. The
//! algorithm is HMAC-SHA1 cut to 96 bits because the standard allows nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// The only type of code.
pub const TYPE: &str = "FromSenderCredentials";
/// The only algorithm.
pub const ALGORITHM: &str = "HMAC-SHA1-96";
/// Bytes of a code.
const CODE_BYTES: usize = 12;
/// The one domain whose case is kept.
const CASE_KEPT: &str = "AribaNetworkUserId";

/// What a code covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered<'a> {
    /// Domain of the credential in `From`.
    pub from_domain: &'a str,
    /// Identity of the credential in `From`.
    pub from_identity: &'a str,
    /// Domain of the credential in `Sender`.
    pub sender_domain: &'a str,
    /// Identity of the credential in `Sender`.
    pub sender_identity: &'a str,
    /// `creationDate` exactly as in the attribute.
    pub creation_date: &'a str,
    /// `expirationDate` exactly as in the attribute.
    pub expiration_date: &'a str,
}

/// How a domain is normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainCase {
    /// As the guide has it: lower case, except `AribaNetworkUserId`.
    Guide,
    /// Always lower case, as some senders compute it.
    Lower,
}

/// Computes a code in base64: 16 characters.
///
/// # Errors
///
/// When the cryptographic library fails.
pub fn compute(covered: &Covered<'_>, case: DomainCase, key: &[u8]) -> Result<String, ErrorStack> {
    code(covered, case, key).map(|code| STANDARD.encode(code))
}

/// Whether a code in base64 is the right one; both ways of normalising the domains are right, and both are always
/// computed. The time that the comparison takes says nothing about the code.
///
/// # Errors
///
/// When the cryptographic library fails.
pub fn verify(covered: &Covered<'_>, given: &str, key: &[u8]) -> Result<bool, ErrorStack> {
    let given = STANDARD
        .decode(given.trim())
        .ok()
        .filter(|code| code.len() == CODE_BYTES);
    let presented = given.is_some();
    let given = given.unwrap_or_else(|| vec![0; CODE_BYTES]);
    let by_guide = memcmp::eq(&code(covered, DomainCase::Guide, key)?, &given);
    let by_lower = memcmp::eq(&code(covered, DomainCase::Lower, key)?, &given);
    Ok(presented & (by_guide | by_lower))
}

fn code(covered: &Covered<'_>, case: DomainCase, key: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let domain = |domain: &str| match case {
        DomainCase::Guide if domain == CASE_KEPT => domain.to_owned(),
        _ => domain.to_lowercase(),
    };
    let identity = |identity: &str| identity.trim().to_lowercase();
    let fields = [
        domain(covered.from_domain),
        identity(covered.from_identity),
        domain(covered.sender_domain),
        identity(covered.sender_identity),
        covered.creation_date.to_owned(),
        covered.expiration_date.to_owned(),
    ];
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha1(), &key)?;
    for field in &fields {
        signer.update(field.as_bytes())?;
        signer.update(&[0])?;
    }
    let mut code = signer.sign_to_vec()?;
    code.truncate(CODE_BYTES);
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered<'a>(domain: &'a str, identity: &'a str) -> Covered<'a> {
        Covered {
            from_domain: domain,
            from_identity: identity,
            sender_domain: domain,
            sender_identity: identity,
            creation_date: "2003-01-15T08:42:46-08:00",
            expiration_date: "2003-01-15T11:42:46-08:00",
        }
    }

    fn check(domain: &str, identity: &str, case: DomainCase, key: &str, expect: &str) {
        let covered = covered(domain, identity);
        assert_eq!(compute(&covered, case, key.as_bytes()).unwrap(), expect);
        assert!(verify(&covered, &format!("\n {expect} "), key.as_bytes()).unwrap());
        assert!(!verify(&covered, expect, b"another key").unwrap());
    }

    #[test]
    fn codes_of_the_guide_and_of_senders() {
        check(
            "NetworkID",
            "AN9900000100",
            DomainCase::Guide,
            "abracadabra",
            "cR6Jpz58nriXERDN",
        );
        check(
            "networkid",
            " an9900000100\n",
            DomainCase::Lower,
            "abracadabra",
            "cR6Jpz58nriXERDN",
        );
        check(
            "NetworkID",
            "AN9900000100",
            DomainCase::Guide,
            "password",
            "5KMM/p4KtK5oAf/B",
        );
        check(
            CASE_KEPT,
            "sysadmin@buyer.com",
            DomainCase::Guide,
            "abracadabra",
            "E0+j5po/BzWgEpC0",
        );
        check(
            CASE_KEPT,
            "sysadmin@buyer.com",
            DomainCase::Lower,
            "abracadabra",
            "y20m4nOFZilvt4bg",
        );
    }

    #[test]
    fn wrong_codes_are_refused() {
        let covered = covered("NetworkID", "AN9900000100");
        for code in [
            "",
            "cR6Jpz58nriXERDM",
            "cR6Jpz58nriXERD",
            "cR6Jpz58nriXERDNAAAA",
            "====",
            "AAAAAAAAAAAAAAAA",
        ] {
            assert!(!verify(&covered, code, b"abracadabra").unwrap(), "{code}");
        }
        let later = Covered {
            expiration_date: "2003-01-15T11:42:47-08:00",
            ..covered
        };
        assert!(!verify(&later, "cR6Jpz58nriXERDN", b"abracadabra").unwrap());
    }
}
