//! Policies of a supplier: taken from files, named by accounts, told in sentences.

use punchgate::domain::terms::{OrderCheck, OrderLine, OrderRequest, Outcome, Request};
use punchgate::service::terms;
use rust_decimal::Decimal;

use crate::import::{Shop, catalogue, shops};
use crate::story::{add, press, returned, visit};
use crate::support::{RETURN_URL, Stand, setup, stands};
use crate::support_store::at_once;

/// An account that is priced by its own policy, and one with a smallest order of its own.
async fn house(shop: &Shop) {
    catalogue(shop).await;
    for (name, text) in [
        (
            "price_policies.csv",
            "code,like,order_minimum\nHOUSE,business-central,50\n",
        ),
        (
            "accounts.csv",
            "code,name,groups,price_policy,order_minimum\n300,Hooli,big,HOUSE,\n400,Umbrella,,,80\n",
        ),
        ("price_lists.csv", "code,kind\nDEAR,\nCHEAP,list\n"),
        ("price_assignments.csv", "list,account\nDEAR,300\n"),
        ("prices.csv", "list,sku,price\nDEAR,W-1,3.00\nCHEAP,W-1,2.90\n"),
        (
            "price_rules.csv",
            "list,position,sku,calculation,value,formula\nDEAR,1,W-1,discount,10,\nDEAR,2,W-1,discount,4,\n\
             DEAR,3,B-8,formula,,cost_price * 1.1\n",
        ),
    ] {
        shop.good(name, text).await;
    }
}

#[tokio::test]
async fn an_account_is_priced_by_the_policy_it_names_and_is_told_why() {
    for shop in shops().await {
        house(&shop).await;
        // The lowest of 3.00, 2.80 and 2.90, less the higher discount.
        assert_eq!(shop.price("300", "W-1", 1, None), "2.52 EUR / 1 EA");
        assert_eq!(shop.price("400", "W-1", 1, None), "2.90 EUR / 1 EA");
        let told = shop.answer("300", "W-1", 1, None).explanation().join("\n");
        for part in [
            "Its prices are decided by the policy HOUSE.",
            "Of all lists the lowest price decides.",
            "The account's list DEAR comes to 3 for one EA; it was compared.",
            "The group's list BIG says 2.80 for 1 EA from 0 EA on (entry 1).",
            "The account's list DEAR takes 10 % off the price (rule 1).",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        // What only the ERP can compute is not guessed, even where the product has a list price.
        let answer = shop.answer("300", "B-8", 100, None);
        assert_eq!(answer.unit_price, None);
        let told = answer.explanation().join("\n");
        assert!(
            told.contains("a formula that only the ERP can compute: cost_price * 1.1."),
            "{told}"
        );
        // A policy of the source holds for all who name none.
        shop.good(
            "price_policies.csv",
            "code,source,levels\nHOUSE,,\nBARE,files,agreement|account\n",
        )
        .await;
        assert_eq!(shop.price("400", "W-1", 1, None), "on request / 1 EA");
        let trace = shop.answer("400", "W-1", 1, None).trace;
        assert_eq!(trace.decided().unwrap().outcome, Outcome::NoPrice);
    }
}

#[tokio::test]
async fn a_policy_that_is_wrong_is_refused_by_field() {
    for shop in shops().await {
        house(&shop).await;
        let refused = async |text: &str, part: &str| {
            let said = shop.said("price_policies.csv", text).await;
            assert!(said.contains(part), "{part}\n{said}");
        };
        refused("code,select\nX,cheapest\n", "must be one of best, first, sorted").await;
        refused("code,like\nX,sap\n", "there is no policy \"sap\"").await;
        refused("code,levels\nX,list_price|account\n", "list_price can only be last").await;
        refused("code,levels\nX,promotion\n", "levels: promotions come after all levels").await;
        refused("code,round_at\nX,before_unit\n", "round_digits").await;
        refused("code,source\nX,erp\n", "there is no source").await;
        refused("code,source\nX,files\nY,files\n", "the source has the policy").await;
        refused("code,deleted\nHOUSE,yes\n", "accounts name the policy").await;
        let said = shop
            .said("accounts.csv", "code,name,price_policy\n500,Wayne,NONE\n")
            .await;
        assert!(said.contains("there is no price policy \"NONE\""), "{said}");
        // Nothing of it was taken.
        assert_eq!(shop.price("300", "W-1", 1, None), "2.52 EUR / 1 EA");
    }
}

#[tokio::test]
async fn an_order_below_the_smallest_one_is_told() {
    for shop in shops().await {
        house(&shop).await;
        let minimum = |account: &str| {
            let minimum = terms::order_minimum(&shop.gateway, shop.tenant_id, account);
            minimum.map(|minimum| minimum.to_string())
        };
        assert_eq!(minimum("300").as_deref(), Some("50.00 EUR"));
        assert_eq!(minimum("400").as_deref(), Some("80.00 EUR"));
        assert_eq!(minimum("100"), None);
        let checks = |quantity: i64| {
            let lines = [OrderLine {
                product: "W-1",
                quantity: Decimal::from(quantity),
                unit: "EA",
                agreement: None,
            }];
            let order = at_once(terms::order(&shop.gateway, shop.tenant_id, |now, date| OrderRequest {
                account: "400",
                ship_to: None,
                warehouse: None,
                date,
                time: Request::new("", "", Decimal::ONE, date, now).time,
                now,
                lines: &lines,
            }));
            order.unwrap().checks
        };
        let is_below = |check: &OrderCheck| matches!(check, OrderCheck::BelowMinimum { .. });
        // 27 × 2.90 is 78.30, 28 × 2.90 is 81.20.
        assert!(checks(27).iter().any(is_below));
        assert!(!checks(28).iter().any(is_below));
    }
}

async fn import(stand: &Stand, name: &str, text: &str) {
    let files = vec![(name, text.as_bytes().to_vec())];
    let reports = punchgate::service::import::all(&stand.gateway, stand.tenant_id, files).await;
    let reports = reports.unwrap();
    assert!(reports[0].is_taken(), "{}", reports[0]);
}

#[tokio::test]
async fn a_cart_below_the_smallest_order_says_what_is_missing_and_stays() {
    for stand in stands().await {
        import(
            &stand,
            "price_policies.csv",
            "code,source,order_minimum\nHOUSE,files,50\n",
        )
        .await;
        import(
            &stand,
            "products.csv",
            "sku,name,base_unit,list_price,categories\nT-1,Tape,EA,20.00,F\n",
        )
        .await;
        import(&stand, "stock.csv", "sku,warehouse,on_hand\nT-1,ULM,9000\n").await;
        let base = visit(&stand, "p-1", &setup("create", "c", RETURN_URL, "")).await;
        assert_eq!(add(&stand, &base, "T-1", "EA", "2").await.status, 303);
        let page = stand.get(&format!("{base}/cart")).await.text();
        assert!(page.contains("The smallest order is"), "{page}");
        let page = press(&stand, &base, "return").await;
        assert_eq!(page.status, 409);
        assert!(page.text().contains("less than the smallest order"), "{}", page.text());
        assert_eq!(add(&stand, &base, "T-1", "EA", "1").await.status, 303);
        let page = stand.get(&format!("{base}/cart")).await.text();
        assert!(!page.contains("The smallest order is"), "{page}");
        returned(&press(&stand, &base, "return").await);
    }
}
