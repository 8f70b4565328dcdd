//! Messages of an ERP: believed when they are signed, kept as hints, answered at once.

use crate::domain::refusal::{Code, Refusal};
use crate::erp::webhook::Unheard;
use crate::service::hint::{self, Changed, is_key};
use crate::service::sync::folder;
use crate::service::{Error, Gateway};

/// Characters of a source's code.
const SOURCE_CHARS_MAX: usize = 100;

/// Takes a message to a source; tells how many hints are kept. Nothing is fetched before it is answered.
///
/// # Errors
/// No source of this code takes such a message, or the store would not. Who signs wrongly is told the same as who names no
/// source.
pub async fn take<'h>(
    gateway: &Gateway,
    code: &str,
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
) -> Result<usize, Error> {
    let mut reason = Unheard::Signature;
    let sources = match is_key(code, SOURCE_CHARS_MAX) {
        true => folder::coded(gateway, code),
        false => Vec::new(),
    };
    // Several suppliers may have a source of one code: whose secret fits is meant.
    for (tenant_id, source) in sources {
        let (Some(webhook), Some(secret)) = (&source.mapping.webhook, &source.hook_secret) else {
            continue;
        };
        let events = match webhook.events(&header, body, secret, gateway.clock.now()) {
            Ok(events) => events,
            Err(Unheard::Signature) => continue,
            Err(other) => {
                reason = other;
                continue;
            }
        };
        let changed: Vec<Changed> = events
            .into_iter()
            .filter_map(|(entity, key)| {
                let mut entities = source.mapping.entity.iter();
                let known = entities.find(|known| *known.name.get_ref() == entity)?;
                let key = format!("{entity}/{key}");
                is_key(&key, hint::KEY_CHARS_MAX).then(|| Changed {
                    entity: known.rows.get_ref().clone(),
                    key,
                })
            })
            .collect();
        if changed.is_empty() {
            return Ok(0);
        }
        return hint::keep(gateway, tenant_id, None, code, &changed).await;
    }
    metrics::counter!("punchgate_denied_total", "kind" => "hook").increment(1);
    tracing::warn!(source = ?code, ?reason, "sync.hook_denied");
    Err(match reason {
        Unheard::Signature => Refusal::new(
            Code::Unauthorized,
            "No source takes this message: the code of the address, the signature or the secret is another one.",
        ),
        Unheard::Time => Refusal::new(
            Code::Unauthorized,
            "The moment at which the message was sent is missing or too far from ours; look at both clocks.",
        ),
        Unheard::Body(why) => Refusal::new(
            Code::BadRequest,
            format!("The message is not as the mapping says: {why}."),
        ),
    }
    .into())
}
