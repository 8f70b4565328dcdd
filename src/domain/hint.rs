//! What changed elsewhere, as somebody said: where to look sooner than usual.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// How often a hint is followed in vain before it is let go: the usual rounds find what it was about.
pub const TRIES_MAX: i64 = 6;
/// Seconds until a hint that was followed in vain is followed again; each further time is twice as long.
const PAUSE_SECONDS: i64 = 15;

/// Something that somebody says has changed elsewhere: a hint to fetch it, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier; a hint that comes again has a new one, so that whoever works on the earlier one does not end it.
    pub id: Uuid,
    /// The code of the source in which it changed.
    pub source: String,
    /// The kind of row, by the name of its files.
    pub entity: String,
    /// The source's own key.
    pub ext_id: String,
    /// The program that said so; none where the ERP itself did, or a person here.
    pub client_id: Option<Uuid>,
    /// When it was said last.
    pub received_at: Timestamp,
    /// How often it was followed in vain.
    pub tries: i64,
    /// When it is to be followed.
    pub due_at: Timestamp,
    /// Why it could not be followed the last time.
    pub error: Option<String>,
}

impl Hint {
    /// When it is followed again after one more time in vain; nothing where that was the last.
    pub fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        let doublings = u32::try_from(self.tries.clamp(0, TRIES_MAX)).unwrap_or(0);
        let pause = SignedDuration::from_secs(PAUSE_SECONDS << doublings);
        (self.tries + 1 < TRIES_MAX).then(|| now.saturating_add(pause).unwrap_or(Timestamp::MAX))
    }
}
