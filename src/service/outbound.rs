//! What we write is valid, always: each document is held against its grammar before it leaves.

use crate::cxml::Families;
use crate::xml::Limits;

/// Holds a document of ours against its grammar, and tells whether it may leave.
///
/// What a buyer sent and must get back as it was (the content of `BuyerCookie`) is the buyer's own affair. An answer that
/// somebody waits for leaves all the same; that it was wrong is logged and counted.
pub fn is_valid(families: &Families, document: &str) -> bool {
    let mirrored = |path: &str| path.split('/').any(|name| name == "BuyerCookie");
    let fault = match families.validate(document, &Limits::default()) {
        Ok(violations) => {
            let ours = violations.list.iter().find(|violation| !mirrored(&violation.path));
            ours.map(|violation| format!("{}: {violation}", violation.path))
        }
        Err(error) => Some(error.to_string()),
    };
    let verdict = if fault.is_none() { "valid" } else { "not_valid" };
    metrics::counter!("punchgate_emitted_total", "verdict" => verdict).increment(1);
    if let Some(fault) = &fault {
        tracing::error!(%fault, "document.not_valid");
    }
    fault.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mirrored_is_not_ours() {
        let families = Families::built_in().unwrap();
        let response = |status: &str| {
            format!(
                "<cXML payloadID=\"1\" timestamp=\"2026-01-02T03:04:05+00:00\"><Response>{status}</Response></cXML>"
            )
        };
        assert!(is_valid(families, &response("<Status code=\"200\" text=\"OK\"/>")));
        assert!(!is_valid(families, &response("<Status code=\"200\"/>")));
        assert!(!is_valid(families, &response("<Status")));
        let cart = |cookie: &str| {
            let party = "<Credential domain=\"DUNS\"><Identity>1</Identity></Credential>";
            format!(
                "<cXML payloadID=\"1\" timestamp=\"2026-01-02T03:04:05+00:00\"><Header><From>{party}</From><To>{party}</To>\
                 <Sender>{party}<UserAgent/></Sender></Header><Message><PunchOutOrderMessage>{cookie}\
                 <PunchOutOrderMessageHeader operationAllowed=\"edit\"><Total><Money currency=\"EUR\">1</Money></Total>\
                 </PunchOutOrderMessageHeader></PunchOutOrderMessage></Message></cXML>"
            )
        };
        assert!(is_valid(families, &cart("<BuyerCookie><x y=\"1\"/></BuyerCookie>")));
        assert!(!is_valid(families, &cart("")));
    }
}
