//! Rules tried against the orders of the last days, before they are switched on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::running::Progress;
use super::{Looked, addresses, in_force};
use crate::cxml::date;
use crate::domain::order::check::Draft;
use crate::domain::order::safeguard::{
    self, Action, Basis, Effect, Facts, Judge, LineFacts, Offer, RULES, Rule, Safeguards,
};
use crate::domain::order::{LineChange, Order, OrderAction, OrderLine, OrderVersion};
use crate::domain::party::Connection;
use crate::domain::quote::{Quote, QuoteLine};
use crate::domain::session::ShipTo;
use crate::domain::staff::{Deed, Staff};
use crate::domain::terms::Request;
use crate::service::{Error, Gateway, quote, staff, terms};
use crate::store::{self, StoreError};

/// How far back orders are tried.
pub const DAYS: i64 = 90;

/// Orders tried at most, the latest: enough to see what a rule does, and seconds at most.
pub const ORDERS_MAX: usize = 1_000;

/// Lines tried at most.
pub const LINES_MAX: usize = 20_000;

/// Orders read at a time.
const CHUNK: i64 = 100;

/// Orders named for each rule.
const NAMED: usize = 5;

/// What rules would have done.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Orders from this time on.
    pub since: Timestamp,
    /// Orders that came since.
    pub came: u64,
    /// Whether more came than are tried at a time.
    pub limited: bool,
    /// Orders that were tried.
    pub orders: u64,
    /// Their lines.
    pub lines: u64,
    /// What the rules in force would do with them today.
    pub now: Totals,
    /// What the proposed rules would do.
    pub proposed: Totals,
    /// What each proposed rule would find, in the order of the rules.
    pub rules: BTreeMap<Rule, Found>,
}

/// Orders by the strictest thing that is done to each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Nothing, or only noted.
    pub accepted: u64,
    /// Values corrected.
    pub corrected: u64,
    /// Waiting for a person.
    pub held: u64,
    /// Rejected, as a whole or a line of it.
    pub rejected: u64,
}

impl Totals {
    fn add(&mut self, action: Option<Action>) {
        let count = match action {
            None | Some(Action::Accept) => &mut self.accepted,
            Some(Action::Correct) => &mut self.corrected,
            Some(Action::Hold) => &mut self.held,
            Some(Action::RejectLine | Action::RejectOrder) => &mut self.rejected,
        };
        *count += 1;
    }
}

/// Orders and lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders.
    pub orders: u64,
    /// Lines, or orders where the rule is about the whole order.
    pub lines: u64,
}

/// What one rule would find.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// By what is done.
    pub actions: BTreeMap<Action, Counts>,
    /// Findings by what was stored with the order at the time.
    pub then: u64,
    /// Findings by what is known today.
    pub today: u64,
    /// Some of the orders: identifier and the buyer's number.
    pub named: Vec<(Uuid, String)>,
}

/// Tries rules against the latest orders of a connection; nothing is changed.
///
/// Prices are held against what was stored with the order, where anything was; stock, units, minimum and multiple
/// against what is known today, with days counted from the day of the order.
///
/// # Errors
/// The role is too low, the connection's settings cannot be used, or the store would not.
pub async fn try_out(gateway: &Gateway, by: &Staff, looked: &Looked, proposed: &Safeguards) -> Result<Trial, Error> {
    try_with(gateway, by, looked, proposed, &Progress::default()).await
}

/// The same, which says how far it is.
pub(super) async fn try_with(
    gateway: &Gateway,
    by: &Staff,
    looked: &Looked,
    proposed: &Safeguards,
    progress: &Progress,
) -> Result<Trial, Error> {
    staff::allow(by, Deed::ChangeConnection)?;
    let (connection, id) = (&looked.connection, looked.connection.id);
    let time_zone = gateway
        .directory()
        .tenant(by.tenant_id)
        .map(|tenant| tenant.time_zone.clone());
    let zone = time_zone.and_then(|zone| TimeZone::get(&zone).ok());
    let since = gateway.clock.now() - SignedDuration::from_hours(24 * DAYS);
    let count = gateway
        .store
        .read(async |tx| store::order::count_of_connection(tx, by.tenant_id, id, since).await);
    let count: i64 = count.await?;
    let came = u64::try_from(count).unwrap_or(0);
    progress.begin(came.min(ORDERS_MAX as u64));
    let mut bench = Bench {
        gateway,
        progress,
        zone: zone.unwrap_or(TimeZone::UTC),
        now: in_force(connection, &connection.settings.safeguards)?,
        proposed: in_force(connection, proposed)?,
        trial: Trial {
            since,
            came,
            limited: false,
            orders: 0,
            lines: 0,
            now: Totals::default(),
            proposed: Totals::default(),
            rules: BTreeMap::new(),
        },
    };
    bench.run(connection).await?;
    Ok(bench.trial)
}

/// An order as it was stored.
struct Kept {
    order: Order,
    version: OrderVersion,
    lines: Vec<OrderLine>,
}

struct Bench<'a> {
    gateway: &'a Gateway,
    progress: &'a Progress,
    zone: TimeZone,
    now: Safeguards,
    proposed: Safeguards,
    trial: Trial,
}

impl Bench<'_> {
    async fn run(&mut self, connection: &Connection) -> Result<(), Error> {
        let mut before = None;
        loop {
            let kept = self.chunk(connection, before).await?;
            let Some(last) = kept.last else { return Ok(()) };
            before = Some(last);
            let ids: Vec<Uuid> = kept
                .orders
                .iter()
                .flat_map(|kept| kept.lines.iter().filter_map(|line| line.quote_line_id))
                .collect();
            let quotes = quote::find_lines(self.gateway, connection.tenant_id, &ids).await?;
            let asks = |guards: &Safeguards| guards.guard(Rule::AddressChange).is_some();
            let visits = match asks(&self.now) || asks(&self.proposed) {
                true => {
                    let of_quotes = quotes.values().map(|(quote, _)| quote);
                    Some(addresses::of_visits(self.gateway, connection.tenant_id, of_quotes).await?)
                }
                false => None,
            };
            for kept in kept.orders {
                let is_full = self.trial.orders as usize >= ORDERS_MAX
                    || self.trial.lines as usize + kept.lines.len() > LINES_MAX;
                if is_full {
                    self.trial.limited = true;
                    return Ok(());
                }
                self.order(kept, &quotes, visits.as_ref()).await?;
                self.progress.tried(self.trial.orders);
                // Thousands of lines are priced anew; others are to be served between them.
                tokio::task::yield_now().await;
            }
        }
    }

    /// The next orders, the latest first, each with the version in force; cancelled ones are left out.
    async fn chunk(&self, connection: &Connection, before: Option<Uuid>) -> Result<Chunk, Error> {
        let (tenant_id, since) = (connection.tenant_id, self.trial.since);
        let read = self.gateway.store.read(async |tx| {
            let orders = store::order::list_of_connection(tx, tenant_id, connection.id, since, before, CHUNK).await?;
            let last = orders.last().map(|order| order.id);
            let ids: Vec<Uuid> = orders.iter().map(|order| order.id).collect();
            let versions = store::order::versions_in_force(tx, tenant_id, &ids).await?;
            let versions = versions
                .into_iter()
                .filter(|version| version.action != OrderAction::Delete);
            let mut versions: HashMap<Uuid, OrderVersion> =
                versions.map(|version| (version.order_key, version)).collect();
            let ids: Vec<Uuid> = versions.values().map(|version| version.id).collect();
            let limit = i64::try_from(LINES_MAX + 1).unwrap_or(i64::MAX);
            let mut lines: HashMap<Uuid, Vec<OrderLine>> = HashMap::new();
            for line in store::order::lines_of_versions(tx, tenant_id, &ids, limit).await? {
                lines.entry(line.version_id).or_default().push(line);
            }
            let kept = orders.into_iter().filter_map(|order| {
                let version = versions.remove(&order.id)?;
                let lines = lines.remove(&version.id)?;
                Some(Kept { order, version, lines })
            });
            Ok::<_, StoreError>(Chunk {
                orders: kept.collect(),
                last,
            })
        });
        Ok(read.await?)
    }

    async fn order(
        &mut self,
        kept: Kept,
        quotes: &HashMap<Uuid, (Quote, QuoteLine)>,
        visits: Option<&HashMap<Uuid, ShipTo>>,
    ) -> Result<(), Error> {
        let gateway = self.gateway;
        let day = kept.version.received_at.to_zoned(self.zone.clone()).date();
        let (order, version) = (kept.order, kept.version);
        let mut draft = draft(&order, &version, kept.lines, &self.zone);
        let past = Past {
            gateway,
            order: &order,
            day,
            today: gateway.clock.now().to_zoned(self.zone.clone()).date(),
        };
        let mut facts = Facts::default();
        let mut priced_then = Vec::with_capacity(draft.lines.len());
        for line in &draft.lines {
            let quoted = line.quote_line_id.and_then(|id| quotes.get(&id));
            // What was offered again after the order came says nothing about it.
            let quoted = quoted.filter(|(quote, _)| quote.created_at <= version.received_at);
            let (known, then) = past.line(&draft, line, quoted).await?;
            facts.lines.push(known);
            priced_then.push(then);
        }
        if let Some(visits) = visits {
            let named = draft.lines.iter().filter_map(|line| quotes.get(&line.quote_line_id?));
            let named = named.filter(|(quote, _)| quote.created_at <= version.received_at);
            let named: BTreeSet<Uuid> = named.map(|(quote, _)| quote.session_id).collect();
            facts.visits = named.iter().filter_map(|id| visits.get(id)).cloned().collect();
            facts.address_known = addresses::is_known(gateway, order.tenant_id, &order.account_code, &draft);
        }
        let judged = |draft: &mut Draft, guards: &Safeguards| {
            for (line, known) in draft.lines.iter_mut().zip(&facts.lines) {
                safeguard::line::expect(line, known, guards, version.received_at);
            }
            let mut judge = Judge::new(draft, &facts, guards, version.received_at, day);
            let places = (0..draft.lines.len()).filter(|at| !draft.cancelled.contains(&draft.lines[*at].position));
            let mut effects: Vec<Effect> = places.flat_map(|at| judge.line(at)).collect();
            effects.extend(judge.whole());
            effects
        };
        let now = judged(&mut draft, &self.now);
        let proposed = judged(&mut draft, &self.proposed);
        let strictest = |effects: &[Effect]| effects.iter().map(|effect| effect.action).max();
        self.trial.orders += 1;
        self.trial.lines += draft.lines.len() as u64;
        self.trial.now.add(strictest(&now));
        self.trial.proposed.add(strictest(&proposed));
        let numbers = draft.lines.iter().map(|line| line.line_number);
        let then: HashMap<i64, bool> = numbers.zip(priced_then).collect();
        self.note(&order, &proposed, &then);
        Ok(())
    }

    /// Counts what was found about one order.
    fn note(&mut self, order: &Order, effects: &[Effect], priced_then: &HashMap<i64, bool>) {
        for about in &RULES {
            let mut of_rule = effects.iter().filter(|effect| effect.rule == about.rule).peekable();
            if of_rule.peek().is_none() {
                continue;
            }
            let found = self.trial.rules.entry(about.rule).or_default();
            if found.named.len() < NAMED {
                found.named.push((order.id, order.order_id.clone()));
            }
            let mut seen = Vec::new();
            for effect in of_rule {
                let counts = found.actions.entry(effect.action).or_default();
                counts.lines += 1;
                if !seen.contains(&effect.action) {
                    seen.push(effect.action);
                    counts.orders += 1;
                }
                let was_stored = match about.basis {
                    Basis::Record => true,
                    Basis::Product => false,
                    Basis::Price => effect
                        .line_number
                        .is_some_and(|number| priced_then.get(&number) == Some(&true)),
                };
                match was_stored {
                    true => found.then += 1,
                    false => found.today += 1,
                }
            }
        }
    }
}

struct Chunk {
    orders: Vec<Kept>,
    last: Option<Uuid>,
}

/// The order as it would arrive again.
pub(in crate::service) fn draft(
    order: &Order,
    version: &OrderVersion,
    lines: Vec<OrderLine>,
    zone: &TimeZone,
) -> Draft {
    let day = |text: &Option<String>| {
        let parsed = date::parse(text.as_deref()?, zone).ok()?;
        Some(parsed.local.date())
    };
    let header = day(&version.header.requested_delivery_date).map(|day| (0, day));
    let of_lines = lines
        .iter()
        .filter_map(|line| Some((line.position, day(&line.requested_delivery_date)?)));
    let is_gone = |line: &&OrderLine| line.change == LineChange::Cancelled;
    Draft {
        order_id: order.order_id.clone(),
        action: version.action,
        kind: version.kind,
        order_version: version.order_version,
        is_internal: false,
        header: version.header.clone(),
        currency: order.currency.clone(),
        requested: header.into_iter().chain(of_lines).collect(),
        cancelled: lines.iter().filter(is_gone).map(|line| line.position).collect(),
        lines,
        ad_hoc: Vec::new(),
        blocked: Vec::new(),
    }
}

/// What is known today of an order of an earlier day.
struct Past<'a> {
    gateway: &'a Gateway,
    order: &'a Order,
    day: jiff::civil::Date,
    today: jiff::civil::Date,
}

impl Past<'_> {
    /// What is known about a line, and whether its price is the one that was stored with it.
    async fn line(
        &self,
        draft: &Draft,
        line: &OrderLine,
        quoted: Option<&(Quote, QuoteLine)>,
    ) -> Result<(LineFacts, bool), Error> {
        let tenant_id = self.order.tenant_id;
        let places = line.sku.as_deref().zip(line.unit_own.as_deref());
        let known = places.and_then(|(sku, unit)| Some((terms::product(self.gateway, tenant_id, sku)?, sku, unit)));
        let mut facts = LineFacts::default();
        if let Some((product, sku, unit)) = known {
            let wanted_on = draft.wanted(line).and_then(|day| self.as_of_today(day));
            let answer = terms::ask(self.gateway, tenant_id, |now, _| Request {
                unit: Some(unit),
                wanted_on,
                ..Request::new(&self.order.account_code, sku, line.quantity, self.day, now)
            });
            facts = LineFacts::of(&product, unit, quoted, answer.await?.ok().as_ref());
        }
        if let Some(stock) = &mut facts.stock {
            stock.ships_on = stock.ships_on.and_then(|day| self.as_of_then(day));
        }
        let stored = line.expected_price.zip(line.expected_price_quantity);
        let (Some((price, per)), Some(unit)) = (stored, &line.unit_own) else {
            return Ok((facts, false));
        };
        let offer = Offer {
            price,
            per,
            unit: unit.clone(),
            currency: line.currency.clone(),
            until: None,
        };
        match line.expected_source.as_deref() {
            Some("quote") => facts.quote = facts.quote.or(Some(offer)),
            _ => facts.contract = Some(offer),
        }
        Ok((facts, true))
    }

    /// A day as far from today as it was from the order's day.
    fn as_of_today(&self, day: jiff::civil::Date) -> Option<jiff::civil::Date> {
        self.today.checked_add(day.since(self.day).ok()?).ok()
    }

    /// A day as far from the order's day as it is from today.
    fn as_of_then(&self, day: jiff::civil::Date) -> Option<jiff::civil::Date> {
        self.day.checked_add(day.since(self.today).ok()?).ok()
    }
}
