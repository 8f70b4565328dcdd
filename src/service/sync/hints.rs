//! Hints followed: the record that somebody said has changed is fetched at once, not in the usual round.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::keys::{Asked, can_be_asked, fetch};
use super::{Source, Wanted, run};
use crate::domain::hint::Hint;
use crate::erp::fault::Fault;
use crate::service::{Error, Gateway};
use crate::store;

/// Hints of one round: more wait for the next, some seconds later.
const HINTS_PER_ROUND: i64 = 500;

/// What became of the hints of one round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// What they were about was fetched, or is nothing of this source's.
    pub done: u64,
    /// They are followed again later.
    pub waiting: u64,
    /// They were followed in vain too often.
    pub given_up: u64,
}

/// Follows the hints about a source that are due. Where its records cannot be asked for by their keys, what changed of the
/// whole entity is brought.
///
/// # Errors
/// The store would not; what the ERP does not answer is tried again.
pub async fn follow(gateway: &Gateway, tenant_id: Uuid, source: &Source) -> Result<Followed, Error> {
    let (code, now) = (source.setting.code.as_str(), gateway.clock.now());
    let read = gateway
        .store
        .read(async |tx| store::hint::due(tx, tenant_id, code, now, HINTS_PER_ROUND).await);
    let hints = read.await?;
    let mut followed = Followed::default();
    if hints.is_empty() {
        return Ok(followed);
    }
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (entity, key) in hints.iter().flat_map(|hint| records(source, hint)) {
        wanted.entry(entity).or_default().insert(key.to_owned());
    }
    let by_key = can_be_asked(source);
    let mut faults: BTreeMap<&str, Fault> = BTreeMap::new();
    for (entity, keys) in wanted {
        let fault = match by_key {
            true => {
                let asked = Asked {
                    entity: entity.to_owned(),
                    keys,
                    rewrites: false,
                };
                fetch(gateway, tenant_id, source, &asked).await?.fault
            }
            false => {
                let wanted = Wanted {
                    entities: vec![entity.to_owned()],
                    ..Wanted::default()
                };
                let went = run(gateway, tenant_id, source, &wanted).await?;
                went.into_iter().find_map(|went| went.fault)
            }
        };
        faults.extend(fault.map(|fault| (entity, fault)));
    }
    for hint in &hints {
        let fault = records(source, hint).find_map(|(entity, _)| faults.get(entity));
        let count = match settle(gateway, hint, fault).await? {
            Settled::Done => &mut followed.done,
            Settled::PutOff => &mut followed.waiting,
            Settled::GivenUp => &mut followed.given_up,
        };
        *count += 1;
    }
    Ok(followed)
}

/// The records that a hint is about: the entity of the mapping and the record's key. It names a kind of row, and the key
/// with or without the entity before it; several entities may give rows of one kind.
fn records<'h>(source: &'h Source, hint: &'h Hint) -> impl Iterator<Item = (&'h str, &'h str)> {
    let of_kind = source.mapping.entity.iter();
    let of_kind = of_kind.filter(|entity| *entity.rows.get_ref() == hint.entity);
    let named = hint.ext_id.split_once('/').filter(|(name, _)| {
        let mut entities = source.mapping.entity.iter();
        entities.any(|entity| entity.name.get_ref() == name && *entity.rows.get_ref() == hint.entity)
    });
    of_kind.filter_map(move |entity| {
        let name = entity.name.get_ref().as_str();
        let key = match named {
            Some((of, key)) => (of == name).then_some(key)?,
            None => hint.ext_id.as_str(),
        };
        // A line is fetched with its record.
        Some((name, key.split_once('#').map_or(key, |(record, _)| record)))
    })
}

enum Settled {
    Done,
    PutOff,
    GivenUp,
}

async fn settle(gateway: &Gateway, hint: &Hint, fault: Option<&Fault>) -> Result<Settled, Error> {
    let (tenant_id, id) = (hint.tenant_id, hint.id);
    let next = fault.and_then(|fault| Some((fault.text.clone(), hint.next_try(gateway.clock.now())?)));
    if let Some((reason, due_at)) = next {
        let of = hint.clone();
        let write = async move |tx: &mut store::Tx| store::hint::put_off(tx, &of, due_at, &reason).await;
        gateway.store.write(write).await?;
        return Ok(Settled::PutOff);
    }
    let write = async move |tx: &mut store::Tx| store::hint::end(tx, tenant_id, &[id]).await;
    gateway.store.write(write).await?;
    Ok(match fault {
        None => Settled::Done,
        Some(fault) => {
            tracing::warn!(source = %hint.source, entity = %hint.entity, key = ?hint.ext_id, %fault, "sync.hint_given_up");
            Settled::GivenUp
        }
    })
}
