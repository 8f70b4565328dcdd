//! Bodies, taken piece by piece, so that size, speed and memory are judged while they arrive.

use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;

use crate::service::Gateway;
use crate::service::limits::InFlight;

/// Slowest sender that is waited for beyond the first seconds, in bytes a second.
const BYTES_PER_SECOND_MIN: u64 = 64 * 1024;

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// It came more slowly than any sender needs.
    TooSlow,
    /// The connection ended inside it, or its form was wrong.
    BrokenOff,
    /// It is larger than allowed.
    TooLarge,
    /// Too much is being received and worked on at once.
    TooMuch,
}

/// Takes a body of at most `bytes_max`; its bytes are counted for as long as `in_flight` lives.
///
/// # Errors
/// The body was not taken to its end.
pub async fn take(
    gateway: &Gateway,
    payload: &mut Payload,
    in_flight: &mut InFlight<'_>,
    bytes_max: usize,
) -> Result<Bytes, NotTaken> {
    let started = tokio::time::Instant::now();
    let mut body = BytesMut::new();
    loop {
        let earned = body.len() as u64 / BYTES_PER_SECOND_MIN;
        let deadline = started + Duration::from_secs(gateway.config.limits.receive_seconds + earned);
        let chunk = match tokio::time::timeout_at(deadline, payload.next()).await {
            Err(_) => return Err(NotTaken::TooSlow),
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "body.broken_off");
                return Err(NotTaken::BrokenOff);
            }
            Ok(Some(Ok(chunk))) => chunk,
        };
        if body.len() + chunk.len() > bytes_max {
            return Err(NotTaken::TooLarge);
        }
        in_flight.add(chunk.len()).map_err(|_| NotTaken::TooMuch)?;
        body.extend_from_slice(&chunk);
    }
}

/// How long a refused body is held, in seconds: as long as it takes to send the refusal.
const HOLD_SECONDS: u64 = 1;

/// Holds a body that is not read any more: one that nobody holds is read to its end, which may never come; one that is
/// held unread when the answer leaves is cut off after it.
pub fn hold(payload: Payload) {
    actix_web::rt::spawn(async move {
        tokio::time::sleep(Duration::from_secs(HOLD_SECONDS)).await;
        drop(payload);
    });
}
