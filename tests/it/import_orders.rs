//! The ERP's file of where orders stand.

use punchgate::domain::order::{Order, OrderState};
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::service::party::{NewConnection, create_connection};
use punchgate::store::{self, Tx};

use crate::import::shops;

#[tokio::test]
async fn the_erp_says_where_orders_stand() {
    for shop in shops().await {
        let connect = async |code: &'static str| {
            let connection = NewConnection {
                tenant_id: shop.tenant_id,
                buyer: (code, code),
                code,
                name: code,
                profile: "generic",
                mode: DeploymentMode::Production,
                account_code: "100",
                from: &[("DUNS", code)],
                sender: &[("DUNS", code)],
                shared_secret: None,
                settings: ConnectionSettings::default(),
            };
            create_connection(&shop.gateway, &connection).await.unwrap()
        };
        let (globex, initech) = (connect("globex").await, connect("initech").await);
        let order = |connection_id, order_id: &str, state| Order {
            tenant_id: shop.tenant_id,
            id: shop.gateway.clock.new_id(),
            connection_id,
            from_key: "duns|1".into(),
            order_id: order_id.into(),
            account_code: "100".into(),
            mode: DeploymentMode::Production,
            state,
            current_version: 1,
            awaits_new: false,
            total: None,
            currency: "EUR".into(),
            line_count: 1,
            created_at: shop.gateway.clock.now(),
            updated_at: shop.gateway.clock.now(),
        };
        let orders = vec![
            order(globex, "PO-1", OrderState::Received),
            order(globex, "PO-2", OrderState::Received),
            order(initech, "PO-2", OrderState::Held),
            order(initech, "PO-3", OrderState::Cancelled),
        ];
        let write = async move |tx: &mut Tx| store::order::insert_all(tx, &orders).await;
        shop.gateway.store.write(write).await.unwrap();
        let states = async || {
            let tenant_id = shop.tenant_id;
            let list = async |tx: &mut Tx| store::order::list(tx, tenant_id, None, None, 10).await;
            let mut orders = shop.gateway.store.read(list).await.unwrap();
            orders.sort_by(|a, b| (&a.order_id, a.connection_id).cmp(&(&b.order_id, b.connection_id)));
            let states = orders
                .iter()
                .map(|order| format!("{} {:?}", order.order_id, order.state));
            states.collect::<Vec<_>>().join(", ")
        };
        let said = shop
            .said(
                "order_status.csv",
                "order,state\nPO-1,shipped\nPO-2,shipped\nPO-3,shipped\nPO-4,shipped\nPO-1,lost\n",
            )
            .await;
        assert_eq!(
            said,
            "order_status.csv: nothing was taken, 4 faults\n  \
             line 3, order: is the number of several orders; name the connection\n  \
             line 4, state: the buyer cancelled this order\n  \
             line 5, order: there is no order \"PO-4\" of this sender\n  \
             line 6, state: \"lost\" must be one of processing, shipped, invoiced"
        );
        assert_eq!(
            states().await,
            "PO-1 Received, PO-2 Received, PO-2 Held, PO-3 Cancelled"
        );
        let text = "order,connection,buyer,state\nPO-1,,,shipped\nPO-2,globex,,processing\nPO-2,,initech,invoiced\n";
        let said = shop.said("order_status.csv", text).await;
        assert_eq!(
            said,
            "order_status.csv: 3 rows; 0 added, 3 changed, 0 as before, 0 deleted"
        );
        assert_eq!(
            states().await,
            "PO-1 Shipped, PO-2 Processing, PO-2 Invoiced, PO-3 Cancelled"
        );
        let said = shop.said("order_status.csv", text).await;
        assert_eq!(
            said,
            "order_status.csv: 3 rows; 0 added, 0 changed, 3 as before, 0 deleted"
        );
    }
}
