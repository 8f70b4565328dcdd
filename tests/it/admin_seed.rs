//! Rows for the admin pages: a supplier with two buyers, an order that differs from its cart, and one of everything.

use jiff::SignedDuration;
use punchgate::domain::exchange::{Finding, Severity};
use punchgate::domain::order::{
    LineChange, Order, OrderAction, OrderException, OrderHeader, OrderKind, OrderLine, OrderState, OrderVersion,
};
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::domain::quote::{Quote, QuoteLine};
use punchgate::domain::session::{CartLine, Operation, Session, SessionHeader, SessionState, SessionUser, ShipTo};
use punchgate::domain::staff::Role;
use punchgate::service::party::{NewConnection, NewTenant, create_connection, create_tenant};
use punchgate::service::{Gateway, staff};
use punchgate::store::{self, StoreError};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Every seeded person's password.
pub const PASSWORD: &str = "correct horse battery";

/// What no page may hand to a browser as it is.
pub const HOSTILE: &str = "<script>alert('x')</script>";

/// What was seeded.
pub struct Seeded {
    pub tenant: Uuid,
    pub production: Uuid,
    pub test: Uuid,
    /// On hold, differs from its cart, changed once.
    pub held: Uuid,
    pub exception: Uuid,
    pub exchange: Uuid,
    pub attachment: Uuid,
    pub session: Uuid,
    pub quarantined: Uuid,
    pub parked: Uuid,
}

/// A supplier with people and connections, and nothing that happened yet; logins begin with `prefix`.
pub async fn party(gateway: &Gateway, prefix: &str) -> (Uuid, Uuid, Uuid) {
    let new = NewTenant {
        code: prefix,
        name: "Northwind Industrial Supply",
        time_zone: "Europe/Berlin",
        currency: "EUR",
        identities: &[("NetworkID", "AN01000000001"), ("DUNS", "123456789")],
    };
    let tenant = create_tenant(gateway, &new).await.unwrap();
    for (name, role) in [
        ("viewer", Role::Viewer),
        ("operator", Role::Operator),
        ("admin", Role::Admin),
    ] {
        let login = format!("{prefix}-{name}");
        staff::create(gateway, tenant, &login, "Ada Lovelace", PASSWORD, role)
            .await
            .unwrap();
    }
    let connection = async |code: &str, name: &str, profile: &str, mode: DeploymentMode| {
        let new = NewConnection {
            tenant_id: tenant,
            buyer: ("globex", "Globex Corporation"),
            code,
            name,
            profile,
            mode,
            account_code: "C-1001",
            from: &[("NetworkID", "AN09000000009")],
            sender: &[("NetworkID", "AN09000000009")],
            shared_secret: Some("seeded-secret-of-globex"),
            settings: ConnectionSettings {
                return_hosts: vec!["*.ariba.com".into()],
                frame_ancestors: vec!["https://s1.ariba.com".into()],
                address_allow: vec!["10.0.0.0/8".into(), "2001:db8::/32".into()],
                ..ConnectionSettings::default()
            },
        };
        create_connection(gateway, &new).await.unwrap()
    };
    let production = connection("globex", "Globex (SAP Ariba)", "ariba", DeploymentMode::Production).await;
    let test = connection("globex-test", "Globex (SAP Ariba)", "ariba", DeploymentMode::Test).await;
    (tenant, production, test)
}

/// Everything.
pub async fn seed(gateway: &Gateway, prefix: &str) -> Seeded {
    let (tenant, production, test) = party(gateway, prefix).await;
    let rows = Rows::new(gateway, tenant, production);
    let (session, quote) = rows.session().await;
    let (held, exchange, exception) = rows.held_order(quote).await;
    let attachment = rows.attachment(exchange).await;
    rows.plain_orders(test).await;
    let parked = rows.delivery(held).await;
    let quarantined = rows.strangers().await;
    Seeded {
        tenant,
        production,
        test,
        held,
        exception,
        exchange,
        attachment,
        session,
        quarantined,
        parked,
    }
}

/// Stores a row as it is.
macro_rules! put {
    ($gateway:expr, $row:expr) => {{
        let row = $row;
        let write = async move |tx: &mut store::Tx| store::order::insert(tx, &row).await;
        $gateway.store.write::<(), StoreError, _>(write).await.unwrap();
    }};
}
pub(crate) use put;

/// As many more orders, and as many more lines of the held one that differ from its cart.
pub async fn many(gateway: &Gateway, seeded: &Seeded, orders: usize, lines: i64) {
    let (tenant, held) = (seeded.tenant, seeded.held);
    let (order, sample) = gateway
        .store
        .read(async |tx| {
            let order = store::order::find(tx, tenant, held).await?.unwrap();
            let version = store::order::versions(tx, tenant, held).await?.pop().unwrap();
            let sample = store::order::lines(tx, tenant, version.id).await?.remove(0);
            Ok::<_, StoreError>((order, sample))
        })
        .await
        .unwrap();
    let more: Vec<OrderLine> = (0..lines)
        .map(|at| OrderLine {
            position: 100 + at,
            line_number: 100 + at,
            ..sample.clone()
        })
        .collect();
    let copies: Vec<Order> = (0..orders)
        .map(|at| Order {
            id: gateway.clock.new_id(),
            order_id: format!("PO-MANY-{at}"),
            ..order.clone()
        })
        .collect();
    // One document is one version, so that the copies have none: they are for lists.
    gateway
        .store
        .write(async move |tx| {
            store::order::insert_all(tx, &more).await?;
            store::order::insert_all(tx, &copies).await
        })
        .await
        .unwrap();
}

/// Stores the rows of one supplier.
pub struct Rows<'a> {
    pub gateway: &'a Gateway,
    pub tenant: Uuid,
    pub connection: Uuid,
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

impl<'a> Rows<'a> {
    fn new(gateway: &'a Gateway, tenant: Uuid, connection: Uuid) -> Self {
        Rows {
            gateway,
            tenant,
            connection,
        }
    }

    pub fn ago(&self, minutes: i64) -> jiff::Timestamp {
        self.gateway.clock.now() - SignedDuration::from_mins(minutes)
    }

    /// A visit that went well, with its offer of three lines; and one of each other state.
    async fn session(&self) -> (Uuid, Quote) {
        let exchange_id = self.exchange("PunchOutSetupRequest", 200, 90, Vec::new(), 0).await;
        let states = [
            SessionState::Issued,
            SessionState::Open,
            SessionState::Cancelled,
            SessionState::Superseded,
            SessionState::Expired,
            SessionState::Returned,
        ];
        let mut last = Uuid::nil();
        for state in states {
            let returned = state == SessionState::Returned;
            let row = Session {
                tenant_id: self.tenant,
                id: self.gateway.clock.new_id(),
                connection_id: self.connection,
                exchange_id: returned.then_some(exchange_id),
                account_code: "C-1001".into(),
                operation: Operation::Create,
                state,
                buyer_cookie: "34234234ADFSDF234234".into(),
                return_url: Some("https://s1.ariba.com/return?session=1".into()),
                language: Some("de-DE".into()),
                user: SessionUser {
                    unique_name: Some("hmiller".into()),
                    email: Some("h.miller@globex.example".into()),
                    name: Some(format!("Hans Müller {HOSTILE}")),
                },
                ship_to: Some(ship_to()),
                selected_item: None,
                header: SessionHeader::default(),
                start_hash: None,
                start_until: self.ago(85),
                handle_hash: None,
                shop_until: Some(self.ago(-270)),
                return_payload_id: None,
                chosen_language: None,
                return_document: None,
                created_at: self.ago(90),
                opened_at: (state != SessionState::Issued).then(|| self.ago(89)),
                closed_at: returned.then(|| self.ago(60)),
            };
            last = row.id;
            put!(self.gateway, row);
        }
        (last, self.offer(last).await)
    }

    async fn offer(&self, session_id: Uuid) -> Quote {
        let quote = Quote {
            tenant_id: self.tenant,
            id: self.gateway.clock.new_id(),
            session_id,
            connection_id: self.connection,
            account_code: "C-1001".into(),
            currency: "EUR".into(),
            total: dec("262.30"),
            valid_until: self.ago(-10_000),
            created_at: self.ago(60),
        };
        put!(self.gateway, quote.clone());
        for (number, (sku, description, quantity, price, amount)) in OFFERED.iter().enumerate() {
            let number = i64::try_from(number).unwrap() + 1;
            let line = CartLine {
                tenant_id: self.tenant,
                id: self.gateway.clock.new_id(),
                session_id,
                line_number: number,
                sku: (*sku).into(),
                quantity: dec(quantity),
                unit: "BOX".into(),
                unit_price: Some(dec(price)),
                price_quantity: Decimal::ONE,
                currency: "EUR".into(),
                band: None,
                ships_on: None,
                trace: None,
                item_out: None,
                added_at: self.ago(70),
            };
            let offered = QuoteLine {
                tenant_id: self.tenant,
                quote_id: quote.id,
                line_id: line.id,
                line_number: number,
                sku: (*sku).into(),
                description: (*description).into(),
                quantity: dec(quantity),
                unit: "BOX".into(),
                unit_sent: "BX".into(),
                unit_price: dec(price),
                price_quantity: Decimal::ONE,
                amount: dec(amount),
                classification: Some(("UNSPSC".into(), "31161501".into())),
                trace: None,
            };
            put!(self.gateway, line);
            put!(self.gateway, offered);
        }
        quote
    }

    /// Two versions: the second changed a quantity and takes another price than offered; one line was not ordered.
    async fn held_order(&self, quote: Quote) -> (Uuid, Uuid, Uuid) {
        let findings = vec![
            finding(
                Severity::Warn,
                "document.form",
                "cXML/@x, line 3",
                "An attribute that the grammar does not know; kept.",
            ),
            finding(
                Severity::Hold,
                "order.price",
                "ItemOut 2/UnitPrice",
                "The ordered price is below our quoted price.",
            ),
        ];
        let first = self.exchange("OrderRequest", 200, 40, Vec::new(), 0).await;
        let second = self.exchange("OrderRequest", 200, 12, findings, 2).await;
        let order = Order {
            tenant_id: self.tenant,
            id: self.gateway.clock.new_id(),
            connection_id: self.connection,
            from_key: "networkid|an09000000009".into(),
            order_id: "PO-4500012345-EMEA-2026-a-rather-long-order-number".into(),
            account_code: "C-1001".into(),
            mode: DeploymentMode::Production,
            state: OrderState::Held,
            current_version: 2,
            awaits_new: false,
            total: Some(dec("238.80")),
            currency: "EUR".into(),
            line_count: 3,
            created_at: self.ago(40),
            updated_at: self.ago(12),
        };
        let offered: Vec<QuoteLine> = {
            let (tenant, id) = (self.tenant, quote.id);
            let read = async |tx: &mut store::Tx| store::quote::lines(tx, tenant, id).await;
            self.gateway.store.read(read).await.unwrap()
        };
        put!(self.gateway, order.clone());
        let version = |seq: i64, exchange_id: Uuid, action: OrderAction| OrderVersion {
            tenant_id: self.tenant,
            id: self.gateway.clock.new_id(),
            order_key: order.id,
            seq,
            exchange_id,
            payload_id: format!("{exchange_id}@globex.procurement.example"),
            action,
            kind: OrderKind::Regular,
            order_version: Some(seq),
            fingerprint: exchange_id.as_bytes().to_vec(),
            applied: true,
            header: header(),
            received_at: self.ago(if seq == 1 { 40 } else { 12 }),
        };
        let (one, two) = (
            version(1, first, OrderAction::New),
            version(2, second, OrderAction::Update),
        );
        put!(self.gateway, one.clone());
        put!(self.gateway, two.clone());
        for (of, quantity, price, change) in [
            (&one, "10", "12.40", LineChange::Added),
            (&two, "12", "11.90", LineChange::Changed),
        ] {
            let mut ordered = line(of, 1, &offered[0], quantity, price, change);
            put!(self.gateway, ordered.clone());
            ordered = line(
                of,
                2,
                &offered[1],
                "1",
                "96.00",
                if of.seq == 1 { change } else { LineChange::Same },
            );
            ordered.description = format!("Cable drum {HOSTILE}");
            put!(self.gateway, ordered);
        }
        let mut foreign = line(&two, 3, &offered[0], "2", "4.00", LineChange::Added);
        foreign.quote_line_id = None;
        foreign.sku = None;
        foreign.supplier_part_id = "XX-UNKNOWN-PART-NUMBER-WITHOUT-ANY-BREAK-0001".into();
        put!(self.gateway, foreign);
        let exception = OrderException {
            tenant_id: self.tenant,
            id: self.gateway.clock.new_id(),
            order_key: order.id,
            version_id: two.id,
            line_number: Some(1),
            rule: "order.price".into(),
            text: "The ordered price is below our quoted price of 12.4 per 1; accept it, or confirm ours.".into(),
            created_at: self.ago(12),
            resolved_at: None,
            resolved_by: None,
            resolution: None,
        };
        put!(self.gateway, exception.clone());
        put!(
            self.gateway,
            OrderException {
                id: self.gateway.clock.new_id(),
                line_number: Some(3),
                rule: "order.part".into(),
                text: "The part number is not known; find the product or reject the line.".into(),
                ..exception.clone()
            }
        );
        put!(
            self.gateway,
            OrderException {
                id: self.gateway.clock.new_id(),
                version_id: one.id,
                line_number: None,
                rule: "order.date-past".into(),
                text: "The requested delivery date has passed; agree on a new one.".into(),
                resolved_at: Some(self.ago(20)),
                resolution: Some(format!("accepted: agreed by phone {HOSTILE}")),
                ..exception.clone()
            }
        );
        (order.id, second, exception.id)
    }

    /// Orders of every other state, one on the test connection.
    async fn plain_orders(&self, test: Uuid) {
        let states = [
            OrderState::Received,
            OrderState::Processing,
            OrderState::Shipped,
            OrderState::Invoiced,
            OrderState::Cancelled,
        ];
        for (at, state) in states.into_iter().enumerate() {
            let exchange_id = self.exchange("OrderRequest", 200, 30, Vec::new(), 0).await;
            let is_test = at == 0;
            let order = Order {
                tenant_id: self.tenant,
                id: self.gateway.clock.new_id(),
                connection_id: if is_test { test } else { self.connection },
                from_key: "networkid|an09000000009".into(),
                order_id: format!("PO-{at}"),
                account_code: "C-1001".into(),
                mode: if is_test {
                    DeploymentMode::Test
                } else {
                    DeploymentMode::Production
                },
                state,
                current_version: 1,
                awaits_new: false,
                total: (at != 1).then(|| dec("1234567.8")),
                currency: "EUR".into(),
                line_count: 0,
                created_at: self.ago(30),
                updated_at: self.ago(30),
            };
            let version = OrderVersion {
                tenant_id: self.tenant,
                id: self.gateway.clock.new_id(),
                order_key: order.id,
                seq: 1,
                exchange_id,
                payload_id: format!("{exchange_id}@globex.example"),
                action: OrderAction::New,
                kind: OrderKind::Blanket,
                order_version: None,
                fingerprint: exchange_id.as_bytes().to_vec(),
                applied: true,
                header: OrderHeader::default(),
                received_at: self.ago(30),
            };
            put!(self.gateway, order);
            put!(self.gateway, version);
        }
    }
}

/// Our number, text, quantity, price, amount.
const OFFERED: [(&str, &str, &str, &str, &str); 3] = [
    (
        "NW-10040",
        "Hex bolt M8 x 40, galvanised, box of 100",
        "10",
        "12.40",
        "124.00",
    ),
    ("NW-20500", "Cable drum H07RN-F 3G1.5, 50 m", "1", "96.00", "96.00"),
    ("NW-30001", "Safety glasses, clear, anti-fog", "5", "8.46", "42.30"),
];

fn finding(severity: Severity, rule: &str, place: &str, text: &str) -> Finding {
    Finding {
        severity,
        rule: rule.into(),
        place: place.into(),
        text: text.into(),
    }
}

fn ship_to() -> ShipTo {
    ShipTo {
        address_id: Some("DE-0042".into()),
        name: Some(format!("Globex Werk Süd {HOSTILE}")),
        lines: vec![
            "Donaudampfschifffahrtsgesellschaftsstraße 14".into(),
            "93047 Regensburg".into(),
        ],
        country: Some("DE".into()),
    }
}

fn header() -> OrderHeader {
    OrderHeader {
        order_date: "2026-11-24T08:00:00+01:00".into(),
        requisition_id: Some("PR-778".into()),
        requested_delivery_date: Some("2026-12-04".into()),
        ship_complete: true,
        total: Some((dec("238.80"), "EUR".into())),
        tax: Some(dec("45.37")),
        ship_to: Some(ship_to()),
        bill_to: Some(ship_to()),
        comments: vec![format!("Please deliver to gate 4. {HOSTILE}")],
        extrinsics: vec![("CostCenter".into(), HOSTILE.into()), ("Project".into(), "P-9".into())],
        ..OrderHeader::default()
    }
}

fn line(
    version: &OrderVersion,
    number: i64,
    offered: &QuoteLine,
    quantity: &str,
    price: &str,
    change: LineChange,
) -> OrderLine {
    OrderLine {
        tenant_id: version.tenant_id,
        version_id: version.id,
        position: number,
        line_number: number,
        parent_line_number: None,
        supplier_part_id: offered.sku.clone(),
        auxiliary_id: Some("1.reference".into()),
        buyer_part_id: Some("GX-8841".into()),
        sku: Some(offered.sku.clone()),
        description: offered.description.clone(),
        classification: offered.classification.clone(),
        quantity: dec(quantity),
        unit: "BX".into(),
        unit_own: Some("BOX".into()),
        unit_price: Some(dec(price)),
        price_quantity: Decimal::ONE,
        currency: "EUR".into(),
        amount: Some(dec(quantity) * dec(price)),
        requested_delivery_date: None,
        expected_price: Some(offered.unit_price),
        expected_price_quantity: Some(offered.price_quantity),
        expected_source: Some("quote".into()),
        trace: None,
        quote_line_id: Some(offered.line_id),
        change,
        is_return: false,
    }
}
