//! The signed cart reference in `SupplierPartAuxiliaryID`.
//!
//! It names a cart line and nothing else: no price, no quantity. It is the same on every later visit, because buyers'
//! systems take a changed one for another item; 37 characters of `[A-Za-z0-9_.-]` stay below every platform's limit.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::service::keys::{KeyError, Keys};

const PREFIX: &str = "1.";
const PURPOSE: &str = "cart line";
const SIGNATURE_BYTES: usize = 10;

/// What a `SupplierPartAuxiliaryID` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A cart line of ours.
    Line(Uuid),
    /// Looks like one of ours, but the signature is not.
    Tampered,
    /// Something else.
    Foreign,
}

/// The reference of a cart line.
///
/// # Errors
/// The cryptographic library failed.
pub fn write(keys: &Keys, tenant_id: Uuid, line_id: Uuid) -> Result<String, KeyError> {
    let mut bytes = line_id.as_bytes().to_vec();
    bytes.extend(keys.sign(PURPOSE, &message(tenant_id, line_id), SIGNATURE_BYTES));
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// Reads a reference that came back.
///
/// # Errors
/// The cryptographic library failed.
pub fn read(keys: &Keys, tenant_id: Uuid, text: &str) -> Result<Reference, KeyError> {
    let Some(encoded) = text.trim().strip_prefix(PREFIX).filter(|encoded| encoded.len() == 35) else {
        return Ok(Reference::Foreign);
    };
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(encoded) else {
        return Ok(Reference::Tampered);
    };
    let (id, signature) = bytes.split_at(16.min(bytes.len()));
    let Ok(line_id) = Uuid::from_slice(id) else {
        return Ok(Reference::Tampered);
    };
    let ours = signature.len() == SIGNATURE_BYTES && keys.verify(PURPOSE, &message(tenant_id, line_id), signature);
    Ok(if ours {
        Reference::Line(line_id)
    } else {
        Reference::Tampered
    })
}

fn message(tenant_id: Uuid, line_id: Uuid) -> Vec<u8> {
    [tenant_id.as_bytes().as_slice(), line_id.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn references_come_back_and_tampered_ones_do_not() {
        let clock = Clock::system();
        let keys = Keys::ephemeral(&clock).unwrap();
        let (tenant, other, line) = (clock.new_id(), clock.new_id(), clock.new_id());
        let text = write(&keys, tenant, line).unwrap();
        assert_eq!(text.len(), 37);
        assert_eq!(text, write(&keys, tenant, line).unwrap());
        assert_eq!(read(&keys, tenant, &text).unwrap(), Reference::Line(line));
        assert_eq!(read(&keys, other, &text).unwrap(), Reference::Tampered);
        let mut altered = text.clone();
        altered.replace_range(5..6, if &text[5..6] == "A" { "B" } else { "A" });
        assert_eq!(read(&keys, tenant, &altered).unwrap(), Reference::Tampered);
        for foreign in ["", "price=0.01", "1.", "ContractId=1751\nItemId=417714", "1.short"] {
            assert_eq!(read(&keys, tenant, foreign).unwrap(), Reference::Foreign, "{foreign}");
        }
    }
}
