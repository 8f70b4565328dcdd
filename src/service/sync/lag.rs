//! What lags behind and what is refused too often: limits for each entity, and an alert while one is crossed.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Source, stored};
use crate::erp::mapping::Entity;
use crate::service::{Error, Gateway};
use crate::store;
use crate::store::source::Count;
use crate::store::sync::{Alert, Cursor};

/// Minutes without a run that came to its end, where neither source nor mapping says another number: an hour of old
/// prices is noticed before buyers notice it.
const AGE_MINUTES: i64 = 60;
/// Refused rows in a hundred, where neither says another number.
const REJECTS_PERCENT: i64 = 5;
/// What is said for all entities that are not named.
const OTHERS: &str = "*";

/// The word of an alert about age; its values are seconds.
pub const AGE: &str = "age";
/// The word of an alert about refused rows; its values are percent.
pub const REJECTS: &str = "rejects";

/// How much an entity may lag behind, and how much of it may be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Since the last run that came to its end.
    pub age_seconds: i64,
    /// Of all its rows, in percent.
    pub rejects_percent: i64,
}

/// The limits of an entity: the source's, else the mapping's, else the usual ones.
pub fn limits(source: &Source, entity: &Entity) -> Limits {
    let alerts = &source.setting.alerts;
    let said = || alerts.get(entity.name.get_ref()).into_iter().chain(alerts.get(OTHERS));
    let minutes = said().find_map(|said| said.age_minutes).or(entity.age_minutes);
    let percent = said().find_map(|said| said.rejects_percent).or(entity.rejects_percent);
    Limits {
        age_seconds: minutes.unwrap_or(AGE_MINUTES).saturating_mul(60),
        rejects_percent: percent.unwrap_or(REJECTS_PERCENT),
    }
}

/// Refused rows in a hundred, rounded up: a few of very many are not none.
pub fn percent(rejected: i64, rows: i64) -> i64 {
    let all = rejected.saturating_add(rows);
    match all {
        0 => 0,
        all => (rejected.saturating_mul(100).saturating_add(all - 1)) / all,
    }
}

/// Looks at every entity of a source, keeps what is over its limit, and logs what crossed it since the last look.
///
/// # Errors
/// The store would not.
pub async fn watch(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<Vec<Alert>, Error> {
    let stored = stored(gateway, tenant_id, source).await?;
    let (id, now) = (stored.id, gateway.clock.now());
    let read = gateway.store.read(async |tx| {
        let cursors = store::sync::cursors(tx, tenant_id, id).await?;
        let rows = store::source::counts(tx, tenant_id).await?;
        let rejects = store::source::reject_counts(tx, tenant_id).await?;
        let before = store::sync::alerts(tx, tenant_id).await?;
        Ok::<_, store::StoreError>((cursors, rows, rejects, before))
    });
    let (cursors, rows, rejects, mut before) = read.await?;
    before.retain(|alert| alert.source_id == id);
    let code = source.setting.code.as_str();
    let mut alerts = Vec::new();
    for entity in &source.mapping.entity {
        let name = entity.name.get_ref();
        let cursor = cursors.iter().find(|cursor| cursor.entity == *name);
        let limits = limits(source, entity);
        let count = |counts: &[Count]| {
            let of = counts
                .iter()
                .filter(|count| count.source_id == id && count.prefix == *name);
            of.map(|count| count.count).sum::<i64>()
        };
        let age = age(cursor, stored.created_at, now);
        let percent = percent(count(&rejects), count(&rows));
        measure(code, name, age, percent);
        let mut look = |kind: &str, value: i64, limit_value: i64| {
            let since = before.iter().find(|alert| alert.entity == *name && alert.kind == kind);
            alerts.extend((value > limit_value).then(|| Alert {
                tenant_id,
                source_id: id,
                entity: name.clone(),
                kind: kind.to_owned(),
                value,
                limit_value,
                since: since.map_or(now, |alert| alert.since),
            }));
        };
        look(AGE, age, limits.age_seconds);
        look(REJECTS, percent, limits.rejects_percent);
    }
    tell(code, &before, &alerts);
    let kept = alerts.clone();
    let write = async move |tx: &mut store::Tx| store::sync::replace_alerts(tx, tenant_id, id, &kept).await;
    gateway.store.write(write).await?;
    Ok(alerts)
}

/// Seconds since the last run that came to its end; before the first since the source was made.
pub fn age(cursor: Option<&Cursor>, made_at: Timestamp, now: Timestamp) -> i64 {
    let from = cursor.and_then(|cursor| cursor.ok_at).unwrap_or(made_at);
    now.duration_since(from).max(SignedDuration::ZERO).as_secs()
}

#[expect(clippy::cast_precision_loss, reason = "seconds and percent are small")]
fn measure(source: &str, entity: &str, age: i64, percent: i64) {
    let labels = [("source", source.to_owned()), ("entity", entity.to_owned())];
    metrics::gauge!("punchgate_sync_age_seconds", &labels).set(age as f64);
    metrics::gauge!("punchgate_sync_rejects_percent", &labels).set(percent as f64);
}

/// Logs every crossing once, in both directions.
fn tell(source: &str, before: &[Alert], now: &[Alert]) {
    let is_in = |alerts: &[Alert], alert: &Alert| {
        let mut alerts = alerts.iter();
        alerts.any(|other| other.entity == alert.entity && other.kind == alert.kind)
    };
    for alert in now.iter().filter(|alert| !is_in(before, alert)) {
        let Alert {
            entity,
            kind,
            value,
            limit_value,
            ..
        } = alert;
        tracing::warn!(source, %entity, %kind, value, limit = limit_value, "sync.alert");
    }
    for alert in before.iter().filter(|alert| !is_in(now, alert)) {
        tracing::info!(source, entity = %alert.entity, kind = %alert.kind, "sync.alert_over");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_of_many_are_not_none() {
        for (rejected, rows, expect) in [(0, 0, 0), (0, 10, 0), (1, 0, 100), (1, 999, 1), (5, 95, 5), (6, 94, 6)] {
            assert_eq!(percent(rejected, rows), expect, "{rejected} of {rows}");
        }
    }
}
