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
    optional: &["connection", "buyer", "id"],
};

/// Orders to be written, with their new states.
pub(super) struct OrderStates {
    put: Vec<(Order, OrderState)>,
}

impl Plan for OrderStates {
    type Known = Vec<Order>;
    const FEED: &'static str = "order";

    async fn known(tx: &mut Tx, batch: &Batch, table: &Table) -> Result<Vec<Order>, StoreError> {
        let mut named = BTreeSet::new();
        table.each(&mut Faults::default(), |line| {
            named.extend(line.text("order").map(str::to_owned));
        });
        let named: Vec<String> = named.into_iter().collect();
        store::order::find_all_by_order_id(tx, batch.tenant.id, &named).await
    }

    fn make(known: Vec<Order>, batch: &Batch, table: &Table, report: &mut Report) -> Self {
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
            let found = match line.text("id") {
                // The ERP has orders of others, too.
                Some(id) => match ours(id, line.text("order"), &by_number) {
                    Some(order) => Some(order),
                    None => {
                        counts.unchanged += 1;
                        return;
                    }
                },
                None => order(line, &by_number, batch),
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

/// The order of our identifier, as the ERP was given it with its number.
fn ours(id: &str, number: Option<&str>, by_number: &HashMap<String, Vec<Order>>) -> Option<Order> {
    let id: Uuid = id.parse().ok()?;
    let orders = by_number.get(number?)?;
    orders.iter().find(|order| order.id == id).cloned()
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
