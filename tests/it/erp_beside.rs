//! Beside the rows: messages of the ERP, its own prices, orders three ways, and who owns which fields.

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use punchgate::service::sync::hints::follow;
use punchgate::service::sync::orders::{self, Sent};
use punchgate::service::sync::reconcile::{self, Cause, Compared, Progress, told};
use punchgate::service::sync::{Source, fields};
use serde_json::{Value, json};

use crate::erp_desk::{HOOK_SECRET, House, houses, houses_of};
use crate::erp_stand::{Erp, Fault, MAP, source};
use crate::support::{Letter, Stand, item, order, stands};

const HOOK: &str = r#"
[webhook]
signature = "X-Signature"
prefix = "sha256="
timestamp = "X-Timestamp"
signed = "{timestamp}.{body}"
events = "changes"
entity = "what"
key = "id"
[webhook.entities]
article = "product"
"#;

/// The code of a text, by a second hand.
fn code(text: &str, secret: &str) -> String {
    let key = PKey::hmac(secret.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.update(text.as_bytes()).unwrap();
    let code = signer.sign_to_vec().unwrap();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Status and body of the answer to a message.
async fn say(house: &House, source: &str, at: i64, body: &str, secret: &str) -> (u16, String) {
    let signature = format!("sha256={}", code(&format!("{at}.{body}"), secret));
    let url = format!("{}/api/v1/hook/{source}", house.desk.base);
    let request = house.desk.client.post(url).header("x-signature", signature);
    let answer = request
        .header("x-timestamp", at.to_string())
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_signed_message_is_kept_as_a_hint_and_no_other_is() {
    for house in houses_of(&format!("{MAP}{HOOK}"), "hook_secret_file = \"hook\"\n").await {
        house.run(&[]).await;
        house.erp.change("product", 2, json!({"price": "2.75"}));
        house.erp.asked();
        let now = house.desk.gateway.clock.now().as_second();
        let body = r#"{"changes":[{"what":"article","id":2},{"what":"article","id":"2"},{"what":"moon","id":1}]}"#;
        for (source, at, body, secret, status, words) in [
            ("erp", now, body, "another", 401, "No source takes this message"),
            ("other", now, body, HOOK_SECRET, 401, "No source takes this message"),
            ("erp", now - 301, body, HOOK_SECRET, 401, "look at both clocks"),
            ("erp", now + 301, body, HOOK_SECRET, 401, "look at both clocks"),
            ("erp", now, "{}", HOOK_SECRET, 400, "is not where the mapping says"),
            ("erp", now, "no", HOOK_SECRET, 400, "it is no JSON"),
        ] {
            let (told, text) = say(&house, source, at, body, secret).await;
            assert_eq!(told, status, "{text}");
            assert!(text.contains(words) && !text.contains(HOOK_SECRET), "{text}");
        }
        let follow = async || {
            let source = house.source();
            follow(&house.desk.gateway, house.tenant_id, &source)
                .await
                .unwrap()
                .done
        };
        assert_eq!(follow().await, 0, "nothing of these is kept");
        // One that is a little old is heard; nothing is asked before it is answered.
        let (status, text) = say(&house, "erp", now - 299, body, HOOK_SECRET).await;
        assert_eq!((status, text.as_str()), (202, "{\"kept\":1}"));
        assert!(house.erp.asked().is_empty());
        assert_eq!((follow().await, house.erp.asked()), (1, vec!["product = 2".to_owned()]));
        // The same message again is a hint again, and changes nothing.
        assert_eq!(say(&house, "erp", now, body, HOOK_SECRET).await.0, 202);
        assert_eq!(follow().await, 1);
        let moon = r#"{"changes":{"what":"moon","id":1}}"#;
        assert_eq!(
            say(&house, "erp", now, moon, HOOK_SECRET).await,
            (202, "{\"kept\":0}".to_owned())
        );
    }
}

#[tokio::test]
async fn without_a_secret_no_message_is_believed() {
    for house in houses_of(&format!("{MAP}{HOOK}"), "").await {
        let now = house.desk.gateway.clock.now().as_second();
        let body = r#"{"changes":[{"what":"article","id":2}]}"#;
        assert_eq!(say(&house, "erp", now, body, HOOK_SECRET).await.0, 401);
    }
}

const PRICE: &str = r#"
[price]
[[price.ask]]
name = "price"
call = "search.quote"
with = [[["account", "=", "{asked.account}"], ["sku", "=", "{asked.sku}"]], 0, 1, [["id", "ASC"]], ["price"]]
keep = { price = "0.price" }
"#;

async fn compare(gateway: &punchgate::service::Gateway, tenant_id: uuid::Uuid, source: &Source) -> Compared {
    let progress = Progress::default();
    reconcile::reconcile(gateway, tenant_id, source, Cause::Command, &progress)
        .await
        .unwrap()
}

fn open(compared: &Compared) -> Vec<String> {
    compared.open().map(told).collect()
}

#[tokio::test]
async fn a_sample_of_prices_is_asked_for_and_what_differed_is_asked_again() {
    for house in houses_of(&format!("{MAP}{PRICE}"), "sample_prices = 60\n").await {
        house.run(&[]).await;
        let quote = |id: i64, sku: &str, price: &str| json!({"id": id, "account": "100", "sku": sku, "price": price});
        let quotes = |a: &str| {
            json!([
                quote(1, "A", a),
                quote(2, "B", "9.0"),
                quote(3, "D", "9"),
                quote(4, "E", "9"),
                quote(5, "F", "9")
            ])
        };
        house.erp.table("quote", quotes("1.2"));
        let (gateway, tenant_id) = (&house.desk.gateway, house.tenant_id);
        let compared = compare(gateway, tenant_id, &house.source()).await;
        assert_eq!(open(&compared), Vec::<String>::new());
        // Sixty throws hit each of five products, but for one in some hundred thousand runs.
        assert_eq!(compared.prices.len(), 5, "{:?}", compared.prices);
        // The ERP answers otherwise than its rows say.
        house.erp.table("quote", quotes("1.25"));
        let differs = "price 100 · A · 1 EA: differs\n  price of one: 1.2 here, 1.25 in the ERP";
        assert_eq!(open(&compare(gateway, tenant_id, &house.source()).await), [differs]);
        let person = house.desk.sign_in("nw-operator").await;
        let page = person.page("/admin/erp/drift").await;
        assert!(
            page.contains("Another price") && page.contains("100 · A · EA: 1.2 here, 1.25 in the ERP"),
            "{page}"
        );
        assert!(!page.contains("Take the ERP's<span"), "no row settles it");
        // What differed is asked again, whatever chance brings.
        let one = house.source_with("sample_prices = 1\n");
        assert_eq!(open(&compare(gateway, tenant_id, &one).await), [differs]);
        house.erp.table("quote", quotes("1.20"));
        assert_eq!(open(&compare(gateway, tenant_id, &one).await), Vec::<String>::new());
    }
}

const ORDERS: &str = r#"kind = "test"
version = "1"
transport = "json-rpc"
[json-rpc]
login = "login"
context = "context"
search = "search.{from}"
[limits]
tries = 1
timeout_seconds = 1
[[entity]]
name = "category"
rows = "categories"
from = "category"
[entity.columns]
code = "code"
name = "name"
[order]
number = "number"
[[order.create]]
name = "find"
call = "search.order"
with = [[["reference", "=", "{order.number}"]], 0, 1, [["id", "ASC"]], ["number"]]
keep = { number = "0.number" }
[order_check]
found = "order"
lines = "order.lines"
sku = "sku"
unit = "unit"
quantity = "quantity"
price = "price"
[[order_check.ask]]
name = "find"
call = "search.order"
with = [[["reference", "=", "{order.number}"]], 0, 2, [["id", "ASC"]], ["id", "lines"]]
one = true
keep = { order = "0" }
"#;

/// An order of wipers.
async fn send(stand: &Stand, number: &str, kind: &str, quantity: u32) {
    let total = rust_decimal::Decimal::new(320, 2) * rust_decimal::Decimal::from(quantity);
    let line = item("1", "W-1", &quantity.to_string(), "3.20", "");
    let before = match kind {
        "new" => String::new(),
        _ => format!("<DocumentReference payloadID=\"{number}.new@x\"/>"),
    };
    let request = order(number, &format!("type=\"{kind}\""), &before, &total.to_string(), &line);
    let payload_id = format!("{number}.{kind}@x");
    let answer = stand.post(&Letter::of("plain", &payload_id, &request).text()).await;
    assert_eq!(answer.code(), 200, "{number}: {}", answer.text());
}

#[tokio::test]
async fn orders_are_compared_three_ways() {
    for stand in stands().await {
        let erp = Erp::new().await;
        let source = source(&erp, ORDERS);
        let there = |quantity: &str| {
            json!([{"id": 1, "reference": "PO-1", "number": "S1",
                "lines": [{"sku": "W-1", "unit": "EA", "quantity": quantity, "price": "3.2"}, {"text": "thank you"}]}])
        };
        erp.table("order", there("20.0"));
        send(&stand, "PO-1", "new", 20).await;
        send(&stand, "PO-2", "new", 5).await;
        let sent = orders::send(&stand.gateway, stand.tenant_id, &source).await.unwrap();
        let expect = Sent {
            done: 1,
            waiting: 0,
            parked: 1,
        };
        assert_eq!(sent, expect);
        let compare = async || open(&compare(&stand.gateway, stand.tenant_id, &source).await);
        assert_eq!(
            compare().await,
            Vec::<String>::new(),
            "what is on its way is no difference"
        );
        stand.advance(16 * 60);
        let lost = "order PO-2 · 100: differs\n  number in the ERP: the steps kept no number, the ERP's number of the order here, \
                    nothing in the ERP";
        assert_eq!(compare().await, [lost]);
        // Somebody changes the order in the ERP.
        erp.table("order", there("19"));
        let changed = "order PO-1 · 100: differs\n  line W-1 EA: 20 at 3.2 here, 19 at 3.2 in the ERP";
        assert_eq!(compare().await, [changed, lost]);
        erp.table("order", json!([]));
        let gone = "order PO-1 · 100: differs\n  order: confirmed as S1 here, nothing in the ERP";
        assert_eq!(compare().await, [gone, lost]);
        // An order that the buyer takes back while the ERP keeps it, and one that was answered with an error.
        erp.table("order", there("20"));
        send(&stand, "PO-1", "delete", 20).await;
        let cancelled = "order PO-1 · 100: differs\n  order: cancelled here, there in the ERP";
        assert_eq!(compare().await, [cancelled, lost]);
        stand.test.tamper("UPDATE exchange SET status = 500").await;
        let found = compare().await;
        assert!(found[0].contains("answer to the buyer: 500 here"), "{found:#?}");
        // An ERP that is away is no reason to forget what was found.
        erp.fail_always(Some(Fault::Cut));
        assert_eq!(compare().await.len(), 2);
    }
}

#[tokio::test]
async fn who_owns_which_fields_is_shown_and_taken_away() {
    let map = format!("{MAP}\n[[field]]\ngroup = \"stock\"\ntarget_seconds = 300\n");
    let more = "[[field]]\ngroup = \"prices\"\nowner = \"the <price> office\"\n";
    for house in houses_of(&map, more).await {
        house.run(&[]).await;
        house.pass(600);
        let person = house.desk.sign_in("nw-viewer").await;
        let page = person.page("/admin/erp/fields").await;
        for expect in [
            "the &#60;price&#62; office",
            "near real time",
            "test 1",
            "10 min",
            "never a copy",
        ] {
            assert!(page.contains(expect), "{expect} is not in {page}");
        }
        let csv = person.get("/admin/erp/fields.csv").await;
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        let stock = csv
            .body
            .lines()
            .find(|line| line.starts_with("erp,test 1,stock,"))
            .unwrap();
        assert!(
            stock.contains("near real time,300,,"),
            "the source brings none: {stock}"
        );
        let prices = csv
            .body
            .lines()
            .find(|line| line.starts_with("erp,test 1,prices,"))
            .unwrap();
        assert!(
            prices.contains("the <price> office") && prices.contains("near real time,300,600,"),
            "{prices}"
        );
        let json = person.get("/admin/erp/fields.json").await;
        let document: Value = serde_json::from_str(&json.body).unwrap();
        assert_eq!(document[0]["source"], "erp");
        let names: Vec<&str> = document[0]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["group"].as_str().unwrap())
            .collect();
        let usual = fields::usual().unwrap().fields;
        assert_eq!(names.len(), usual.len());
        assert_eq!(document[0]["fields"][0]["age_seconds"], 600);
        assert_eq!(house.desk.get("/admin/erp/fields.csv", None).await.status, 303);
    }
    for house in houses("").await {
        let wrong = house.source_with("[[field]]\ngroup = \"own\"\n");
        let error = fields::groups(&wrong).unwrap_err().to_string();
        assert!(error.contains("field own: fields is missing"), "{error}");
    }
}
