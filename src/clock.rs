//! The only source of time and of new identifiers and tokens, so that tests can own both.
// The one place where time and randomness come from.
#![expect(clippy::disallowed_methods)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use uuid::Uuid;

/// Tells the time and makes new identifiers; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Fixed(Arc<Fixed>),
}

#[derive(Debug)]
struct Fixed {
    now_us: AtomicI64,
}

/// Identifiers that fixed clocks have made: all of them count on, since two that stand at the same instant, as two
/// gateways on one database do in tests, must not make the same.
static FIXED_IDS: AtomicU64 = AtomicU64::new(0);

impl Clock {
    /// The machine's clock and its source of randomness.
    pub fn system() -> Self {
        Clock(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it; tokens stay random.
    pub fn fixed(now: Timestamp) -> Self {
        Clock(Source::Fixed(Arc::new(Fixed {
            now_us: AtomicI64::new(now.as_microsecond()),
        })))
    }

    /// The present instant, to the microsecond, which is what the databases keep.
    pub fn now(&self) -> Timestamp {
        let now_us = match &self.0 {
            Source::System => Timestamp::now().as_microsecond(),
            Source::Fixed(fixed) => fixed.now_us.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(now_us).unwrap_or(Timestamp::MAX)
    }

    /// Moves a fixed clock forward (or back); the system clock is not moved.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Fixed(fixed) = &self.0 {
            let by_us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            fixed.now_us.fetch_add(by_us, Ordering::SeqCst);
        }
    }

    /// A new identifier (UUIDv7), ordered by time.
    pub fn new_id(&self) -> Uuid {
        match &self.0 {
            Source::System => Uuid::now_v7(),
            Source::Fixed(_) => {
                let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
                let mut random = [0u8; 10];
                let ordinal = FIXED_IDS.fetch_add(1, Ordering::SeqCst);
                random[..8].copy_from_slice(&ordinal.to_be_bytes());
                random[8..].copy_from_slice(&Uuid::new_v4().as_bytes()[..2]);
                uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
            }
        }
    }

    /// 256 random bits for a secret that travels in a URL or cookie.
    pub fn new_token(&self) -> [u8; 32] {
        // Seeded by the system and again and again; asking the system each time costs as much as reading a document.
        let mut token = [0u8; 32];
        rand::rng().fill_bytes(&mut token);
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_stand_at_one_instant_make_different_identifiers_in_order() {
        let clocks = [Timestamp::UNIX_EPOCH; 2].map(Clock::fixed);
        let ids: Vec<Uuid> = (0..200).map(|at| clocks[at % 2].new_id()).collect();
        // All but the random end of two bytes: what tells them apart must not be luck.
        let told: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..14]).collect();
        assert!(told.is_sorted_by(|a, b| a < b), "{ids:?}");
    }
}
