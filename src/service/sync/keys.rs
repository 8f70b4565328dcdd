//! Some records of a source, by their keys: what a hint was about, and rows that are to be as the ERP has them.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::entity::{Stop, sharded};
use super::page::Bringing;
use super::{Run, Source, Wanted, Went, whole_entity};
use crate::erp::fault::Fault;
use crate::erp::fetch::Walk;
use crate::erp::link::{Link, Question, Window};
use crate::erp::mapping::Entity;
use crate::service::{Error, Gateway, import};
use crate::store;

/// Lines of a record that are looked for at a time.
const LINES_AT_A_TIME: usize = 100;

/// Which records.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The entity of the mapping.
    pub entity: String,
    /// The records' keys, as the source's own.
    pub keys: BTreeSet<String>,
    /// Whether rows are written also where they are as they were brought before: the store may have been changed by hand.
    pub rewrites: bool,
}

/// Whether single records of a source can be asked for by their keys, without going through all of an entity.
pub fn can_be_asked(source: &Source) -> bool {
    Link::new(&source.mapping, &source.access).is_ok_and(|link| link.knows_keys())
}

/// Brings some records, and takes away the rows of those that the ERP does not have. Where records cannot be asked for by
/// their keys, all of the entity are gone through for them.
///
/// # Errors
/// The mapping has no such entity, or the store would not; what the ERP does not answer is in what is given back.
pub async fn fetch(gateway: &Gateway, tenant_id: Uuid, source: &Source, asked: &Asked) -> Result<Went, Error> {
    let found = source.mapping.entity.iter();
    let found = found.clone().find(|entity| *entity.name.get_ref() == asked.entity);
    let Some(entity) = found else {
        return Err(Error::Setting(format!("The mapping has no entity {}.", asked.entity)));
    };
    let wanted = Wanted::default();
    let mut run = match Run::begin(gateway, tenant_id, source, &wanted).await? {
        Ok(run) => run,
        Err(fault) => return Ok(Went::stopped(&asked.entity, fault)),
    };
    if let Err(stopped) = run.look_up().await {
        return Ok(stopped);
    }
    let went = run.some(entity, asked).await?;
    if run.is_renamed {
        // What names the row is mapped anew with the next run.
        let source_id = run.stored.id;
        let write = async move |tx: &mut store::Tx| store::sync::want_full(tx, tenant_id, source_id).await;
        gateway.store.write(write).await?;
    }
    let record = run.record(&went, "keys");
    let write = async move |tx: &mut store::Tx| store::sync::insert_run(tx, &record).await;
    gateway.store.write(write).await?;
    import::follow(gateway, tenant_id).await?;
    match &went.fault {
        Some(fault) => tracing::warn!(source = %source.setting.code, entity = %went.entity, %fault, "sync.stopped"),
        None => tracing::debug!(source = %source.setting.code, %went, "sync.done"),
    }
    Ok(went)
}

impl Run<'_> {
    async fn some(&mut self, entity: &Entity, asked: &Asked) -> Result<Went, Error> {
        // The mapping was held against the kinds of rows when it was read.
        let kind = import::Entity::from_word(entity.rows.get_ref()).unwrap_or(import::Entity::Units);
        let known = self.known_of(entity.name.get_ref(), kind, &asked.keys).await?;
        let mut bringing = Bringing::new(entity, kind, known, true);
        bringing.rewrites = asked.rewrites;
        match self.walk_some(entity, &mut bringing, &asked.keys).await {
            Ok(()) => {}
            Err(Stop::Fault(fault)) => bringing.went.fault = Some(fault),
            Err(Stop::Error(error)) => return Err(error),
        }
        self.is_renamed |= bringing.is_renamed;
        let open = self.rejected(entity.name.get_ref(), kind).await?;
        bringing.went.rejected = open
            .iter()
            .filter(|reject| asked.keys.contains(bringing.record_of(&reject.ext_id)))
            .count() as u64;
        Ok(bringing.went)
    }

    async fn walk_some(
        &mut self,
        entity: &Entity,
        bringing: &mut Bringing,
        keys: &BTreeSet<String>,
    ) -> Result<(), Stop> {
        let fields = entity.fields();
        let by_key = self.fetch.knows_keys();
        for each in self.shards(entity)? {
            let whole = whole_entity(entity, &fields, Window::All, each.as_ref(), self.today);
            let questions: Vec<Question<'_>> = match by_key {
                false => vec![whole],
                true => keys
                    .iter()
                    .filter_map(|key| of_shard(key, each.as_ref()))
                    .map(|key| Question {
                        only: Some(key),
                        ..whole.clone()
                    })
                    .collect(),
            };
            for question in &questions {
                let mut walk = Walk::default();
                while let Some(records) = self.fetch.next(&mut walk, question).await? {
                    let mut wanted = Vec::new();
                    for record in records {
                        let key = entity.key_of(&record).map_err(|refused| Fault::ask(refused.reason))?;
                        if keys.contains(&sharded(&key, each.as_ref())) {
                            wanted.push(record);
                        }
                    }
                    bringing.page(self, entity, &wanted, each.as_ref()).await?;
                    // One record has no page after the one it is on.
                    if question.only.is_some() {
                        break;
                    }
                }
            }
        }
        let open = self.rejected(entity.name.get_ref(), bringing.kind).await?;
        let of_these = open
            .into_iter()
            .filter(|reject| keys.contains(bringing.record_of(&reject.ext_id)));
        let over = bringing.again(self, of_these.collect(), true).await?;
        import::rows::settle(self.gateway, self.tenant_id, over).await?;
        let gone = bringing.unseen();
        bringing.delete(self, gone).await
    }

    /// What some records have brought, by the keys of their rows.
    async fn known_of(
        &self,
        name: &str,
        kind: import::Entity,
        keys: &BTreeSet<String>,
    ) -> Result<HashMap<String, serde_json::Map<String, serde_json::Value>>, Error> {
        let mut known = HashMap::new();
        for key in keys {
            let mut ext_ids = vec![format!("{name}/{key}")];
            for from in (1..).step_by(LINES_AT_A_TIME) {
                ext_ids.extend((from..from + LINES_AT_A_TIME).map(|place| format!("{name}/{key}#{place}")));
                let read = self
                    .gateway
                    .store
                    .read(async |tx| store::source::brought(tx, &self.stored, kind.word(), &ext_ids).await);
                let rows = read.await?;
                let last = format!("{name}/{key}#{}", from + LINES_AT_A_TIME - 1);
                // A place that was given up keeps its key, so that whoever looks for the last one goes on.
                let goes_on = rows.iter().any(|row| row.ext_id == last);
                for row in rows.into_iter().filter(|row| !row.is_deleted) {
                    if let serde_json::Value::Object(content) = row.content {
                        known.insert(row.ext_id, content);
                    }
                }
                if !goes_on {
                    break;
                }
                ext_ids.clear();
            }
        }
        Ok(known)
    }
}

/// The key within a shard, where it is of that shard.
fn of_shard<'k>(key: &'k str, each: Option<&crate::erp::value::Value>) -> Option<&'k str> {
    let Some(each) = each else { return Some(key) };
    let (shard, rest) = key.split_once('/')?;
    let id = each.member("id").and_then(crate::erp::value::Value::as_text);
    (id == Some(shard)).then_some(rest)
}
