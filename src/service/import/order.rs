//! Where orders stand in the ERP.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::report::{Faults, Report, shown};
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::domain::order::{Order, OrderState};
use crate::store::feed::Change;
use crate::store::{self, StoreError, Tx};

pub(super) const COLUMNS: Columns = Columns {
    required: &["order", "state"],
    optional: &["connection", "buyer", "id", "erp_number"],
};

/// Orders to be written, with their new states.
pub(super) struct OrderStates {
    put: Vec<(Order, OrderState)>,
}

impl Plan for OrderStates {
    /// The orders, and the ERP's numbers of them.
    type Known = (Vec<Order>, HashMap<Uuid, String>);
    const FEED: &'static str = "order";

    async fn known(tx: &mut Tx, batch: &Batch, table: &Table) -> Result<Self::Known, StoreError> {
        let (mut named, mut by_erp) = (BTreeSet::new(), BTreeSet::new());
        table.each(&mut Faults::default(), |line| {
            named.extend(line.text("order").map(str::to_owned));
            if line.text("erp_number").is_some() {
                by_erp.extend(line.text("order").map(str::to_owned));
            }
        });
        let named: Vec<String> = named.into_iter().collect();
        let orders = store::order::find_all_by_order_id(tx, batch.tenant.id, &named).await?;
        let mut numbers = HashMap::new();
        for order in orders.iter().filter(|order| by_erp.contains(&order.order_id)) {
            let confirmed = store::erp_order::find(tx, batch.tenant.id, order.id).await?;
            numbers.extend(confirmed.map(|confirmed| (order.id, confirmed.number)));
        }
        Ok((orders, numbers))
    }

    fn make((known, numbers): Self::Known, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut by_number: HashMap<String, Vec<Order>> = HashMap::new();
        for order in known {
            by_number.entry(order.order_id.clone()).or_default().push(order);
        }
        let mut seen: HashMap<Uuid, u64> = HashMap::new();
        let mut put = Vec::new();
        let (rows, counts) = (&mut report.rows, &mut report.counts);
        table.each(&mut report.faults, |line| {
            *rows += 1;
            let state = state(line);
            let of_number = line.text("order").and_then(|number| by_number.get(number));
            let of_number = of_number.map_or(&[][..], Vec::as_slice);
            let found = match (line.text("id"), line.text("erp_number")) {
                // The ERP has orders of others, too.
                (None, None) => order(line, &by_number, batch),
                (id, number) => {
                    let id: Option<Uuid> = id.and_then(|id| id.parse().ok());
                    let is_ours = |order: &&Order| match number {
                        Some(number) => numbers.get(&order.id).is_some_and(|known| known == number),
                        None => Some(order.id) == id,
                    };
                    let Some(order) = of_number.iter().find(is_ours) else {
                        counts.unchanged += 1;
                        return;
                    };
                    Some(order.clone())
                }
            };
            let (Some(order), Some(state)) = (found, state) else {
                return;
            };
            if let Some(first) = seen.insert(order.id, line.number) {
                return line.fault("order", format!("is on line {first} already"));
            }
            if order.state == state {
                counts.unchanged += 1;
            } else if order.state == OrderState::Cancelled {
                line.fault("state", "the buyer cancelled this order");
            } else {
                counts.changed += 1;
                put.push((order, state));
            }
        });
        OrderStates { put }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        let ids: Vec<Uuid> = self.put.iter().map(|(order, _)| order.id).collect();
        let mut changes = batch.changes("order", &ids, &[]);
        // What they held counts no more: the ERP shows them.
        changes.extend(batch.changes("reservation", &ids, &[]));
        changes
    }

    async fn write(&self, tx: &mut Tx, batch: &Batch) -> Result<(), StoreError> {
        for (order, state) in &self.put {
            store::order::lock(
                tx,
                order.tenant_id,
                order.connection_id,
                &order.from_key,
                &order.order_id,
            )
            .await?;
            let Some(present) = store::order::find(tx, order.tenant_id, order.id).await? else {
                continue;
            };
            // A cancellation that came in between stands; the next file is told so.
            if present.state == OrderState::Cancelled {
                continue;
            }
            let order = Order {
                state: *state,
                updated_at: batch.now,
                ..present
            };
            store::order::update(tx, &order).await?;
            store::supply::supersede(tx, order.tenant_id, order.id, batch.now).await?;
        }
        Ok(())
    }
}

fn state(line: &mut Line<'_>) -> Option<OrderState> {
    let read = |word: &str| match word {
        "processing" => Some(Some(OrderState::Processing)),
        "shipped" => Some(Some(OrderState::Shipped)),
        "invoiced" => Some(Some(OrderState::Invoiced)),
        _ => None,
    };
    let state = line.word_by("state", None, read, "processing, shipped, invoiced");
    if line.text("state").is_none() {
        line.fault("state", "is missing");
    }
    state
}

/// The order of the line's number, from the connection or buyer that it names where several have one of this number.
fn order(line: &mut Line<'_>, by_number: &HashMap<String, Vec<Order>>, batch: &Batch) -> Option<Order> {
    let (number, connection, buyer) = (line.code("order"), line.code("connection"), line.code("buyer"));
    let number = line.required("order", number);
    let is_of = |order: &&Order| {
        let known = batch.connections.iter().find(|(id, ..)| *id == order.connection_id);
        let of = |named: &Option<String>, code: Option<&String>| named.is_none() || named.as_ref() == code;
        of(&connection, known.map(|(_, code, _)| code)) && of(&buyer, known.map(|(.., code)| code))
    };
    let mut found = by_number.get(&number).into_iter().flatten().filter(is_of);
    match (found.next(), found.next()) {
        (Some(order), None) => return Some(order.clone()),
        (Some(_), Some(_)) => line.fault("order", "is the number of several orders; name the connection"),
        _ if number.is_empty() => {}
        _ => line.fault("order", format!("there is no order {} of this sender", shown(&number))),
    }
    None
}
