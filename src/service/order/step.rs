//! What a document about an order writes once it is decided: the version with its lines, exceptions and effects, and what
//! follows from it.

use std::collections::{HashMap, HashSet};

use super::hold;
use super::receive::Arrival;
use crate::clock::Clock;
use crate::domain::delivery::{Delivery, DeliveryState, Target};
use crate::domain::exchange::Severity;
use crate::domain::order::check::Draft;
use crate::domain::order::decide::Decision;
use crate::domain::order::safeguard::Effect;
use crate::domain::order::{LineChange, Order, OrderAction, OrderException, OrderLine, OrderState, OrderVersion};
use crate::domain::party::DeploymentMode;
use crate::store::{self, StoreError, Tx};

/// One document about an order, as it is written.
pub(super) struct Step<'a> {
    pub tx: &'a mut Tx,
    pub clock: &'a Clock,
    pub arrival: &'a Arrival,
}

impl Step<'_> {
    /// Writes a new order; gives the number of the change feed where stock was taken.
    pub(super) async fn create(
        mut self,
        hold: Option<&'static str>,
        awaits_new: bool,
    ) -> Result<Option<i64>, StoreError> {
        let Arrival { exchange, draft, .. } = self.arrival;
        let now = self.clock.now();
        let held = hold.is_some() || self.is_held();
        let order = Order {
            tenant_id: exchange.tenant_id,
            id: self.clock.new_id(),
            connection_id: exchange.connection_id,
            from_key: self.arrival.order_from_key.clone(),
            order_id: draft.order_id.clone(),
            account_code: self.arrival.account_code.clone(),
            mode: self.arrival.mode,
            state: if held { OrderState::Held } else { OrderState::Received },
            current_version: 1,
            awaits_new,
            total: draft.header.total.as_ref().map(|(total, _)| *total),
            currency: draft.currency.clone(),
            line_count: line_count(draft),
            created_at: now,
            updated_at: now,
        };
        store::order::insert(self.tx, &order).await?;
        let version = self.version(&order, 1, true);
        let lines = self.lines(&version, &[]);
        store::order::insert(self.tx, &version).await?;
        store::order::insert_all(self.tx, &lines).await?;
        self.except(&order, &version, hold).await?;
        self.guard(&version).await?;
        hand_on(self.tx, self.clock, &order, &version, &self.arrival.plan).await
    }

    /// Writes what a document does to an order that is there; gives the number of the change feed where stock was taken or
    /// given back.
    pub(super) async fn change(
        mut self,
        decision: Decision,
        order: Order,
        versions: &[OrderVersion],
    ) -> Result<Option<i64>, StoreError> {
        let seq = match decision {
            // The order that its own update overtook stands below it.
            Decision::FillIn => 0,
            _ => versions.iter().map(|version| version.seq).max().unwrap_or(0) + 1,
        };
        let applied = matches!(decision, Decision::Replace | Decision::Cancel | Decision::FillIn);
        let version = self.version(&order, seq, applied);
        let before = match versions.iter().rev().find(|version| version.applied) {
            // What came after it in time says nothing about what it asked for.
            _ if matches!(decision, Decision::FillIn) => Vec::new(),
            Some(current) => store::order::lines(self.tx, current.tenant_id, current.id).await?,
            None => Vec::new(),
        };
        let lines = self.lines(&version, &before);
        store::order::insert(self.tx, &version).await?;
        store::order::insert_all(self.tx, &lines).await?;
        let mut next = Order {
            updated_at: self.clock.now(),
            ..order
        };
        let mut hold = None;
        match decision {
            Decision::Replace => {
                let draft = &self.arrival.draft;
                next.current_version = seq;
                next.total = draft.header.total.as_ref().map(|(total, _)| *total);
                next.currency.clone_from(&draft.currency);
                next.line_count = line_count(draft);
                next.state = if self.is_held() {
                    OrderState::Held
                } else {
                    OrderState::Received
                };
            }
            Decision::Cancel => {
                next.current_version = seq;
                next.state = OrderState::Cancelled;
            }
            Decision::FillIn => next.awaits_new = false,
            Decision::Hold(text) => {
                hold = Some(text);
                if !next.state.is_fulfilled() && next.state != OrderState::Cancelled {
                    next.state = OrderState::Held;
                }
            }
            _ => {}
        }
        store::order::update(self.tx, &next).await?;
        if matches!(decision, Decision::Replace | Decision::Cancel) {
            // What was doubtful about earlier versions does not matter any more.
            store::order::supersede_exceptions(self.tx, next.tenant_id, next.id, next.updated_at).await?;
        }
        if matches!(decision, Decision::Replace | Decision::Hold(_)) {
            self.except(&next, &version, hold).await?;
            self.guard(&version).await?;
        }
        if !matches!(decision, Decision::Replace | Decision::Cancel) {
            return Ok(None);
        }
        hand_on(self.tx, self.clock, &next, &version, &self.arrival.plan).await
    }

    fn is_held(&self) -> bool {
        !self.arrival.held.is_empty()
    }

    fn version(&self, order: &Order, seq: i64, applied: bool) -> OrderVersion {
        let Arrival { exchange, draft, .. } = self.arrival;
        OrderVersion {
            tenant_id: exchange.tenant_id,
            id: self.clock.new_id(),
            order_key: order.id,
            seq,
            exchange_id: exchange.id,
            payload_id: exchange.payload_id.clone(),
            action: draft.action,
            kind: draft.kind,
            order_version: draft.order_version,
            fingerprint: exchange.fingerprint.clone(),
            applied,
            header: draft.header.clone(),
            received_at: exchange.received_at,
        }
    }

    /// The lines with what this version did to each, and the lines that it took out.
    fn lines(&self, version: &OrderVersion, before: &[OrderLine]) -> Vec<OrderLine> {
        let place = |line: &OrderLine, change| OrderLine {
            tenant_id: version.tenant_id,
            version_id: version.id,
            change,
            ..line.clone()
        };
        let draft = &self.arrival.draft;
        let earlier: HashMap<i64, &OrderLine> = before.iter().map(|line| (line.line_number, line)).collect();
        let cancelled: HashSet<i64> = draft.cancelled.iter().copied().collect();
        let mut lines: Vec<OrderLine> = draft
            .lines
            .iter()
            .map(|line| {
                let change = match earlier.get(&line.line_number) {
                    _ if version.action == OrderAction::Delete || cancelled.contains(&line.position) => {
                        LineChange::Cancelled
                    }
                    None => LineChange::Added,
                    Some(earlier) if earlier.change == LineChange::Cancelled => LineChange::Added,
                    Some(earlier) if is_same_line(earlier, line) => LineChange::Same,
                    Some(_) => LineChange::Changed,
                };
                place(line, change)
            })
            .collect();
        let here: HashSet<i64> = draft.lines.iter().map(|line| line.line_number).collect();
        let gone = before
            .iter()
            .filter(|earlier| earlier.change != LineChange::Cancelled && !here.contains(&earlier.line_number));
        let last = draft.lines.iter().map(|line| line.position).max().unwrap_or(0);
        for (position, line) in (last + 1..).zip(gone) {
            lines.push(OrderLine {
                position,
                ..place(line, LineChange::Cancelled)
            });
        }
        lines
    }

    async fn except(
        &mut self,
        order: &Order,
        version: &OrderVersion,
        hold: Option<&'static str>,
    ) -> Result<(), StoreError> {
        let exception = |line_number: Option<i64>, rule: &str, text: &str| OrderException {
            tenant_id: order.tenant_id,
            id: self.clock.new_id(),
            order_key: order.id,
            version_id: version.id,
            line_number,
            rule: rule.to_owned(),
            text: text.to_owned(),
            created_at: self.clock.now(),
            resolved_at: None,
            resolved_by: None,
            resolution: None,
        };
        let mut exceptions: Vec<OrderException> = hold
            .iter()
            .map(|text| exception(None, "order.conflict", text))
            .collect();
        exceptions.extend(self.arrival.held.iter().map(|held| {
            let noticed = exception(held.line_number, &held.finding.rule, &held.finding.text);
            match held.finding.severity {
                // A safeguard said no: nobody is asked, and the order waits until the buyer changes or cancels it.
                Severity::Error => OrderException {
                    resolved_at: Some(noticed.created_at),
                    resolution: Some(OrderException::REJECTED_BY_SAFEGUARD.to_owned()),
                    ..noticed
                },
                _ => noticed,
            }
        }));
        store::order::insert_all(self.tx, &exceptions).await
    }

    /// Keeps what the safeguards did with the version they did it to.
    async fn guard(&mut self, version: &OrderVersion) -> Result<(), StoreError> {
        let effects = self.arrival.effects.iter().map(|effect| Effect {
            tenant_id: version.tenant_id,
            version_id: version.id,
            ..effect.clone()
        });
        let effects: Vec<Effect> = effects.collect();
        store::order::insert_all(self.tx, &effects).await
    }
}

/// Lines that are to be delivered.
fn line_count(draft: &Draft) -> i64 {
    i64::try_from(draft.lines.len() - draft.cancelled.len()).unwrap_or(i64::MAX)
}

/// What follows from an order that was accepted or cancelled: the ERP is told, and its stock is held as planned or given
/// back; gives the number of the change feed where that was so.
///
/// # Errors
/// The store would not.
pub(super) async fn hand_on(
    tx: &mut Tx,
    clock: &Clock,
    order: &Order,
    version: &OrderVersion,
    plan: &hold::Plan,
) -> Result<Option<i64>, StoreError> {
    tell_erp(tx, clock, order, version).await?;
    hold::settle(tx, clock, order, plan).await
}

/// Queues the job that tells the ERP of a version, where there is something to tell.
///
/// Nothing for held orders, and never a test order. What the ERP has not heard of is new to it, whatever the buyer calls
/// it, and there is nothing to cancel.
async fn tell_erp(tx: &mut Tx, clock: &Clock, order: &Order, version: &OrderVersion) -> Result<(), StoreError> {
    if order.mode == DeploymentMode::Test {
        return Ok(());
    }
    let earlier = store::delivery::list_of(tx, order.tenant_id, order.id).await?;
    let idempotency_key = format!("{} {}", order.id, version.seq);
    if earlier
        .iter()
        .any(|delivery| delivery.target == Target::Erp && delivery.idempotency_key == idempotency_key)
    {
        // The ERP was told of this version before it was held for something that came later.
        return Ok(());
    }
    let is_known = earlier.iter().any(|delivery| delivery.target == Target::Erp);
    let kind = match (order.state, version.action, is_known) {
        (OrderState::Cancelled, _, true) => "order.cancel",
        (OrderState::Received, OrderAction::New | OrderAction::Update, false) => "order.create",
        (OrderState::Received, OrderAction::New | OrderAction::Update, true) => "order.change",
        _ => return Ok(()),
    };
    let now = clock.now();
    let delivery = Delivery {
        tenant_id: order.tenant_id,
        id: clock.new_id(),
        target: Target::Erp,
        kind: kind.to_owned(),
        subject_id: order.id,
        idempotency_key,
        body: serde_json::json!({ "order": order.id, "version": version.id }).to_string(),
        state: DeliveryState::Pending,
        attempts: 0,
        due_at: now,
        created_at: now,
    };
    store::delivery::enqueue(tx, &delivery).await?;
    Ok(())
}

fn is_same_line(earlier: &OrderLine, line: &OrderLine) -> bool {
    let key = |line: &OrderLine| {
        (
            line.supplier_part_id.clone(),
            line.quantity.normalize(),
            line.unit.clone(),
            line.unit_price.map(|price| price.normalize()),
            line.price_quantity.normalize(),
            line.requested_delivery_date.clone(),
        )
    };
    key(earlier) == key(line)
}
