//! Rate and memory limits: per address before anybody is known, per connection afterwards, never per claimed identity.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

use crate::config;

/// The process's limits.
pub struct Limits {
    requests: DefaultKeyedRateLimiter<IpAddr>,
    failures: DefaultKeyedRateLimiter<IpAddr>,
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    connections: DefaultKeyedRateLimiter<(Uuid, u32)>,
    quota_default: NonZeroU32,
    in_flight_bytes: AtomicUsize,
    in_flight_bytes_max: usize,
    waiting: Semaphore,
    pushes: Semaphore,
}

/// Over a limit: come back after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// Whole seconds until a request is allowed again, at least one.
    pub retry_after_seconds: u64,
}

/// Bytes counted as in flight until this is dropped.
pub struct InFlight<'a> {
    limits: &'a Limits,
    bytes: usize,
}

impl Limits {
    /// Limits as configured.
    pub fn new(limits: &config::Limits) -> Self {
        let per_minute = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Limits {
            requests: RateLimiter::keyed(Quota::per_minute(per_minute(limits.address_requests_per_minute))),
            failures: RateLimiter::keyed(Quota::per_minute(per_minute(limits.address_failures_per_minute))),
            sign_ins: RateLimiter::keyed(Quota::per_minute(per_minute(limits.address_sign_ins_per_minute))),
            // One limiter serves every connection; a connection's own quota is charged in shares of this one.
            connections: RateLimiter::keyed(Quota::per_minute(QUOTA)),
            quota_default: QUOTA,
            in_flight_bytes: AtomicUsize::new(0),
            in_flight_bytes_max: limits.in_flight_bytes_max,
            waiting: Semaphore::new(WAITING_MAX),
            pushes: Semaphore::new(1),
        }
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// The address sent more than its share.
    pub fn request(&self, remote: IpAddr) -> Result<(), TooMany> {
        self.requests.check_key(&remote).map_err(too_many)
    }

    /// Counts a failed authentication of an address; it slows this address alone, never the real partner.
    ///
    /// # Errors
    /// The address failed more often than allowed.
    pub fn failure(&self, remote: IpAddr) -> Result<(), TooMany> {
        self.failures.check_key(&remote).map_err(too_many)
    }

    /// Counts an attempt of an address to sign in, right or wrong: each costs a slow hash.
    ///
    /// # Errors
    /// The address tried more often than allowed.
    pub fn sign_in(&self, remote: IpAddr) -> Result<(), TooMany> {
        self.sign_ins.check_key(&remote).map_err(too_many)
    }

    /// Counts an authenticated request of a connection.
    ///
    /// # Errors
    /// The connection sent more than its share.
    pub fn connection(&self, id: Uuid, per_minute: u32) -> Result<(), TooMany> {
        let share = self.quota_default.get() / per_minute.clamp(1, self.quota_default.get());
        let cells = NonZeroU32::new(share).unwrap_or(NonZeroU32::MIN);
        match self.connections.check_key_n(&(id, per_minute), cells) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(negative)) => Err(too_many(negative)),
            Err(_) => Ok(()),
        }
    }

    /// Counts a document that a person checks; checking the largest takes about a second.
    ///
    /// # Errors
    /// The person checks more than [`CHECKS_PER_MINUTE`].
    pub fn check(&self, staff_id: Uuid) -> Result<(), TooMany> {
        self.connection(staff_id, CHECKS_PER_MINUTE)
    }

    /// A place among the requests that wait for something to happen; nothing when too many wait already.
    pub fn waiting(&self) -> Option<SemaphorePermit<'_>> {
        self.waiting.try_acquire().ok()
    }

    /// Waits until no other set of pushed rows is planned in this process: of two at once, one would be planned in vain.
    pub async fn push(&self) -> Option<SemaphorePermit<'_>> {
        self.pushes.acquire().await.ok()
    }

    /// Reserves memory for a message that is being received.
    pub fn in_flight(&self) -> InFlight<'_> {
        InFlight { limits: self, bytes: 0 }
    }

    /// Forgets addresses and connections that were quiet, so that the tables do not grow for ever.
    pub fn shrink(&self) {
        self.requests.retain_recent();
        self.failures.retain_recent();
        self.sign_ins.retain_recent();
        self.connections.retain_recent();
    }
}

/// Documents that one person may check a minute.
pub const CHECKS_PER_MINUTE: u32 = 60;

/// Requests that wait for something to happen at a time: each asks the database twice a second.
const WAITING_MAX: usize = 64;

/// Cells of a connection's bucket a minute; a power that divides well into every sensible quota.
const QUOTA: NonZeroU32 = match NonZeroU32::new(3_600_000) {
    Some(quota) => quota,
    None => NonZeroU32::MIN,
};

fn too_many(negative: governor::NotUntil<governor::clock::QuantaInstant>) -> TooMany {
    let wait = negative.wait_time_from(DefaultClock::default().now());
    TooMany {
        retry_after_seconds: wait.as_secs() + 1,
    }
}

impl InFlight<'_> {
    /// Counts more bytes of this message.
    ///
    /// # Errors
    /// All messages together would need more memory than allowed; nothing was counted.
    pub fn add(&mut self, bytes: usize) -> Result<(), TooMany> {
        let before = self.limits.in_flight_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limits.in_flight_bytes_max {
            self.limits.in_flight_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(TooMany { retry_after_seconds: 5 });
        }
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.limits.in_flight_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(&config::Limits {
            address_requests_per_minute: 3,
            address_failures_per_minute: 1,
            in_flight_bytes_max: 100,
            ..config::Limits::default()
        })
    }

    #[test]
    fn addresses_and_connections_have_their_own_share() {
        let limits = limits();
        let (one, other): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        assert_eq!((0..5).filter(|_| limits.request(one).is_ok()).count(), 3);
        assert!(limits.request(other).is_ok());
        assert!(limits.failure(one).is_ok());
        assert!(limits.failure(one).is_err_and(|over| over.retry_after_seconds >= 1));
        let (busy, calm) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!((0..9).filter(|_| limits.connection(busy, 5).is_ok()).count(), 5);
        assert!(limits.connection(calm, 5).is_ok());
    }

    #[test]
    fn memory_is_given_back() {
        let limits = limits();
        let mut first = limits.in_flight();
        first.add(80).unwrap();
        let mut second = limits.in_flight();
        assert!(second.add(30).is_err());
        drop(first);
        second.add(30).unwrap();
    }
}
