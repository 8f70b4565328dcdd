//! Accepted orders hold their stock until the ERP shows them, through real HTTP and on both databases.

use punchgate::domain::order::safeguard::{Action, Guard, Rule, Safeguards};
use punchgate::domain::staff::Role;
use punchgate::domain::stock::ReservationState;
use punchgate::domain::terms::Request;
use punchgate::service::order::look::{self, Looked};
use punchgate::service::order::resolve::{self, Verdict};
use punchgate::service::{Gateway, import, safeguard, staff, terms, upkeep};
use punchgate::store;
use rust_decimal::Decimal;

use crate::support::{Letter, Stand, connection, item, order, stands};
use crate::support_store::at_once;

/// What anybody is promised of a product, in pieces, at a gateway.
fn promised(gateway: &Gateway, stand: &Stand, sku: &str) -> Decimal {
    let asked = |now, today| Request {
        unit: Some("EA"),
        ..Request::new("100", sku, Decimal::ONE, today, now)
    };
    let answer = at_once(terms::ask(gateway, stand.tenant_id, asked)).unwrap();
    answer.availability.available
}

fn left(stand: &Stand) -> Decimal {
    promised(&stand.gateway, stand, "W-1")
}

/// An order of wipers, or a change of one; its payload id is told by number and version.
async fn send(stand: &Stand, code: &str, number: &str, kind: &str, version: u32, quantity: u32, price: &str) {
    let amount: Decimal = price.parse::<Decimal>().unwrap() * Decimal::from(quantity);
    let header = format!("type=\"{kind}\" orderVersion=\"{version}\"");
    let before = match version {
        1 => String::new(),
        _ => format!("<DocumentReference payloadID=\"{number}.{}@x\"/>", version - 1),
    };
    let line = item("1", "W-1", &quantity.to_string(), price, "");
    let request = order(number, &header, &before, &amount.to_string(), &line);
    let payload_id = format!("{number}.{version}@x");
    let answer = stand.post(&Letter::of(code, &payload_id, &request).text()).await;
    assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
}

/// What one order holds or held: how much and in which state, in the order in which it was made.
async fn rows(stand: &Stand, number: &str) -> Vec<(Decimal, ReservationState, bool)> {
    let (tenant_id, number) = (stand.tenant_id, number.to_owned());
    let read = stand.gateway.store.read(async |tx| {
        let orders = store::order::find_all_by_order_id(tx, tenant_id, std::slice::from_ref(&number)).await?;
        store::supply::of_order(tx, tenant_id, orders[0].id).await
    });
    let rows = read.await.unwrap().into_iter();
    rows.map(|row| (row.qty, row.state, row.superseded_by_erp_at.is_some()))
        .collect()
}

/// One order as its page shows it.
async fn looked(stand: &Stand, number: &str) -> Looked {
    let (tenant_id, number) = (stand.tenant_id, number.to_owned());
    let read = stand
        .gateway
        .store
        .read(async |tx| store::order::find_all_by_order_id(tx, tenant_id, std::slice::from_ref(&number)).await);
    let orders = read.await.unwrap();
    let looked = look::look(&stand.gateway, tenant_id, orders[0].id, None).await;
    looked.unwrap().unwrap()
}

async fn shown_by_the_erp(stand: &Stand, number: &str, on_hand: u32, allocated: u32) {
    let files = vec![
        (
            "order_status.csv",
            format!("order,connection,state\n{number},plain,processing\n").into_bytes(),
        ),
        (
            "stock.csv",
            format!("sku,warehouse,on_hand,allocated\nW-1,ULM,{on_hand},{allocated}\n").into_bytes(),
        ),
    ];
    for report in import::all(&stand.gateway, stand.tenant_id, files).await.unwrap() {
        assert!(report.is_taken(), "{report}");
    }
}

fn count(number: u32) -> Decimal {
    Decimal::from(number)
}

#[tokio::test]
async fn an_accepted_order_holds_its_stock_until_the_erp_shows_it() {
    for stand in stands().await {
        assert_eq!(left(&stand), count(50));
        send(&stand, "plain", "PO-1", "new", 1, 20, "3.20").await;
        // The next who asks is promised the rest, and so is who asks the database, or a process that starts now.
        assert_eq!(left(&stand), count(30));
        let reading = terms::query(&stand.gateway, stand.tenant_id, &["W-1"]).await.unwrap();
        let asked = |now, today| Request::new("100", "W-1", Decimal::ONE, today, now);
        let availability = reading.ask(&stand.gateway, asked).unwrap().availability;
        assert_eq!(availability.available, count(30));
        // Another process on the same database follows the change feed.
        terms::reload(&stand.gateway).await.unwrap();
        assert_eq!(left(&stand), count(30));
        // People see what is held, and why the price is what it is.
        let looked = looked(&stand, "PO-1").await;
        let held = &looked.stock[0];
        let shown = (held.sku.as_str(), held.unit.as_str(), held.warehouse.as_str(), held.qty);
        assert_eq!(shown, ("W-1", "EA", "Ulm", count(20)));
        let trace = looked.comparison.lines[0].line.trace.as_ref().unwrap();
        let reasons = trace.reasons("EUR").join(" ");
        assert!(
            reasons.contains("The product has the list price 3.20 for 1 EA"),
            "{reasons}"
        );
        // A copy takes nothing more.
        send(&stand, "plain", "PO-1", "new", 1, 20, "3.20").await;
        assert_eq!(left(&stand), count(30));
        // The ERP allocates them: its figures count, and they count once.
        shown_by_the_erp(&stand, "PO-1", 50, 20).await;
        assert_eq!(left(&stand), count(30));
        assert_eq!(rows(&stand, "PO-1").await, [(count(20), ReservationState::Held, true)]);
    }
}

#[tokio::test]
async fn a_change_holds_anew_and_a_cancellation_gives_back() {
    for stand in stands().await {
        send(&stand, "plain", "PO-1", "new", 1, 20, "3.20").await;
        send(&stand, "plain", "PO-1", "update", 2, 35, "3.20").await;
        assert_eq!(left(&stand), count(15));
        let released = ReservationState::Released;
        let held = ReservationState::Held;
        assert_eq!(
            rows(&stand, "PO-1").await,
            [(count(20), released, false), (count(35), held, false)]
        );
        send(&stand, "plain", "PO-1", "delete", 3, 35, "3.20").await;
        assert_eq!(left(&stand), count(50));
    }
}

#[tokio::test]
async fn what_the_erp_counts_already_is_not_held_twice_by_a_change() {
    for stand in stands().await {
        send(&stand, "plain", "PO-1", "new", 1, 20, "3.20").await;
        shown_by_the_erp(&stand, "PO-1", 50, 20).await;
        send(&stand, "plain", "PO-1", "update", 2, 35, "3.20").await;
        // Twenty are allocated there, fifteen more are held here.
        assert_eq!(left(&stand), count(15));
        shown_by_the_erp(&stand, "PO-1", 50, 35).await;
        assert_eq!(left(&stand), count(15));
    }
}

#[tokio::test]
async fn an_order_is_not_short_of_what_it_holds_itself() {
    for stand in stands().await {
        let made = staff::create(
            &stand.gateway,
            stand.tenant_id,
            "eve",
            "Eve",
            "long enough to be one",
            Role::Admin,
        );
        let eve = made.await.unwrap();
        let id = connection(&stand, "plain");
        let looked = safeguard::look(&stand.gateway, stand.tenant_id, id)
            .await
            .unwrap()
            .unwrap();
        let guard = Guard {
            limit: None,
            action: Action::Hold,
        };
        let own = Safeguards([(Rule::QuantityShort, guard)].into_iter().collect());
        safeguard::switch_on(&stand.gateway, &eve, id, &own, &looked.seen)
            .await
            .unwrap();
        send(&stand, "plain", "PO-1", "new", 1, 45, "3.20").await;
        // Fifty are there, and forty-five of them are its own.
        send(&stand, "plain", "PO-1", "update", 2, 50, "3.20").await;
        assert_eq!(left(&stand), Decimal::ZERO);
        assert_eq!(stand.count("order_exception").await, 0);
        // For another order nothing is left.
        send(&stand, "plain", "PO-2", "new", 1, 1, "3.20").await;
        assert_eq!(stand.count("order_exception").await, 1);
        // It waits for a person and holds nothing.
        assert_eq!(rows(&stand, "PO-2").await, []);
    }
}

#[tokio::test]
async fn a_held_order_holds_stock_once_it_is_accepted_and_a_test_order_never() {
    for stand in stands().await {
        // The price is far too low: a person looks.
        send(&stand, "plain", "PO-1", "new", 1, 20, "1.00").await;
        send(&stand, "trial", "PO-2", "new", 1, 20, "3.20").await;
        assert_eq!(left(&stand), count(50));
        assert_eq!(rows(&stand, "PO-2").await, []);
        let tenant_id = stand.tenant_id;
        let open = stand
            .gateway
            .store
            .read(async |tx| store::order::open_exceptions(tx, tenant_id, 10).await);
        let by = crate::support::operator(&stand).await;
        for exception in open.await.unwrap() {
            resolve::resolve(&stand.gateway, &by, exception.id, Verdict::Accept, "")
                .await
                .unwrap();
        }
        assert_eq!(left(&stand), count(30));
        // A change that a person must look at leaves what is held.
        send(&stand, "plain", "PO-1", "update", 2, 10, "1.00").await;
        assert_eq!(left(&stand), count(30));
    }
}

#[tokio::test]
async fn more_than_there_is_is_owed_so_that_goods_on_their_way_are_not_promised_twice() {
    for stand in stands().await {
        let files = vec![(
            "supply.csv",
            b"sku,warehouse,reference,kind,quantity,due\nW-1,ULM,P-1,purchase,100,2026-12-01\n".to_vec(),
        )];
        for report in import::all(&stand.gateway, stand.tenant_id, files).await.unwrap() {
            assert!(report.is_taken(), "{report}");
        }
        send(&stand, "plain", "PO-1", "new", 1, 120, "3.20").await;
        assert_eq!(left(&stand), Decimal::ZERO);
        let asked = |quantity: u32| {
            let asked = move |now, today| Request::new("100", "W-1", Decimal::from(quantity), today, now);
            at_once(terms::ask(&stand.gateway, stand.tenant_id, asked))
                .unwrap()
                .availability
                .ships_on
        };
        assert_eq!(asked(30), Some("2026-12-01".parse().unwrap()));
        assert_eq!(asked(31), None);
    }
}

#[tokio::test]
async fn what_the_erp_never_shows_is_held_for_some_days() {
    for stand in stands().await {
        send(&stand, "plain", "PO-1", "new", 1, 20, "3.20").await;
        stand.advance(7 * 24 * 3600 - 60);
        upkeep::round(&stand.gateway).await.unwrap();
        assert_eq!(left(&stand), count(30));
        stand.advance(120);
        // One round ends it, and the next reads what that changed.
        upkeep::round(&stand.gateway).await.unwrap();
        upkeep::round(&stand.gateway).await.unwrap();
        assert_eq!(left(&stand), count(50));
    }
}
