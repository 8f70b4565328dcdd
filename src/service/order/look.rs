//! Orders as staff see them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use crate::domain::order::beside::{self, Comparison, LineDifference};
use crate::domain::order::safeguard::Effect;
use crate::domain::order::{Order, OrderException, OrderLine, OrderState, OrderVersion};
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::stock::{HeldStock, ReservationState};
use crate::service::{Error, Gateway, Page, delivery};
use crate::store::order::StateCount;
use crate::store::{self, StoreError, Tx};

/// A page of the list, and how many there are of each state.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The orders.
    pub page: Page<Order>,
    /// Orders by state.
    pub counts: Vec<StateCount>,
}

/// A page of the orders in one state or all.
///
/// # Errors
/// The store would not.
pub async fn list(
    gateway: &Gateway,
    tenant_id: Uuid,
    state: Option<OrderState>,
    before: Option<Uuid>,
) -> Result<Listed, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            let rows = store::order::list(tx, tenant_id, state, before, Page::<()>::LIMIT).await?;
            Ok::<_, StoreError>(Listed {
                page: Page::new(rows, |order| order.id),
                counts: store::order::counts(tx, tenant_id).await?,
            })
        })
        .await?)
}

/// Everything about one order, with one of its versions laid open.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The order.
    pub order: Order,
    /// Every document about it, by sequence number.
    pub versions: Vec<OrderVersion>,
    /// The version laid open.
    pub shown: OrderVersion,
    /// Its lines beside the carts they came from.
    pub comparison: Comparison,
    /// The quotes of those carts.
    pub quotes: Vec<Quote>,
    /// What it changed, where there was a version before.
    pub changes: Vec<LineDifference>,
    /// What the connection's safeguards found in it, and did.
    pub effects: Vec<Effect>,
    /// What was noticed, the open things first.
    pub exceptions: Vec<OrderException>,
    /// The stock it holds or held, what is held now first.
    pub stock: Vec<HeldStock>,
    /// The ERP's own number, once it has the order.
    pub erp_number: Option<String>,
    /// What was sent on.
    pub deliveries: Vec<delivery::Row>,
    /// Names of the people who decided.
    pub people: HashMap<Uuid, String>,
}

/// Rows of held stock shown of an order: enough for any order that people read.
const STOCK_MAX: i64 = 200;

/// One order; `seq` chooses a version, otherwise it is the one in force.
///
/// # Errors
/// The store would not.
pub async fn look(gateway: &Gateway, tenant_id: Uuid, id: Uuid, seq: Option<i64>) -> Result<Option<Looked>, Error> {
    Ok(gateway
        .store
        .read(async |tx| {
            let Some(order) = store::order::find(tx, tenant_id, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let versions = store::order::versions(tx, tenant_id, id).await?;
            let wanted = seq.unwrap_or(order.current_version);
            let Some(shown) = versions.iter().find(|version| version.seq == wanted).cloned() else {
                return Ok(None);
            };
            let lines = store::order::lines(tx, tenant_id, shown.id).await?;
            let changes = match before(&order, &versions, &shown) {
                None => Vec::new(),
                Some(earlier) => beside::changes(&store::order::lines(tx, tenant_id, earlier.id).await?, &lines),
            };
            let (quotes, offers) = offers(tx, &shown, &lines).await?;
            let mut exceptions = store::order::exceptions(tx, tenant_id, id).await?;
            exceptions.sort_by_key(|exception| exception.resolved_at.is_some());
            let people = store::staff::list(tx, tenant_id).await?;
            let deliveries = store::delivery::list_of(tx, tenant_id, id).await?;
            let mut stock = store::supply::shown_of_order(tx, tenant_id, id, STOCK_MAX).await?;
            stock.sort_by_key(|held| held.state != ReservationState::Held);
            let erp = store::erp_order::find(tx, tenant_id, id).await?;
            let effects = store::order::effects(tx, tenant_id, shown.id).await?;
            Ok(Some(Looked {
                comparison: beside::compare(lines, offers),
                deliveries: delivery::rows(tx, deliveries).await?,
                people: people.into_iter().map(|person| (person.id, person.name)).collect(),
                order,
                versions,
                shown,
                quotes,
                changes,
                effects,
                exceptions,
                stock,
                erp_number: erp.map(|erp| erp.number),
            }))
        })
        .await?)
}

/// The version that `shown` is compared to: the one it replaced, or for one that did not take force, the one in force.
fn before<'a>(order: &Order, versions: &'a [OrderVersion], shown: &OrderVersion) -> Option<&'a OrderVersion> {
    let found = if shown.applied {
        versions
            .iter()
            .rev()
            .find(|version| version.applied && version.seq < shown.seq)
    } else {
        versions.iter().find(|version| version.seq == order.current_version)
    };
    found.filter(|version| version.id != shown.id)
}

/// The quotes that the lines came from, and every line of them; what was offered after the order came does not count.
async fn offers(
    tx: &mut Tx,
    shown: &OrderVersion,
    lines: &[OrderLine],
) -> Result<(Vec<Quote>, Vec<QuoteLine>), StoreError> {
    let tenant_id = shown.tenant_id;
    let ids: Vec<Uuid> = lines.iter().filter_map(|line| line.quote_line_id).collect();
    if ids.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut candidates: HashMap<Uuid, Option<Quote>> = HashMap::new();
    let mut latest: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    // The latest quote comes first, and the first of each line counts.
    for line in store::quote::lines_by_id(tx, tenant_id, &ids).await? {
        let candidate = match candidates.entry(line.quote_id) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(place) => {
                let quote = store::quote::find(tx, tenant_id, line.quote_id).await?;
                place.insert(quote.filter(|quote| quote.created_at <= shown.received_at))
            }
        };
        if candidate.is_some() {
            latest.entry(line.line_id).or_insert(line.quote_id);
        }
    }
    let named: BTreeSet<Uuid> = latest.into_values().collect();
    let (mut quotes, mut offers) = (Vec::new(), Vec::new());
    for id in named {
        quotes.extend(candidates.remove(&id).flatten());
        offers.extend(store::quote::lines(tx, tenant_id, id).await?);
    }
    Ok((quotes, offers))
}
