//! One price: product page, cart, returned cart, order check and the door for programs say the same number, whatever
//! decides it.
//!
//! Carts are filled at random from a world in which agreements for addresses, contracts, general lists, breaks in several
//! units and promotions over whole carts decide; every line is asked for in all five places through HTTP.

use std::fmt::Write as _;
use std::str::FromStr;

use punchgate::service::{import, terms};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::story::{money, open, press, returned};
use crate::support::{Answer, Letter, RETURN_URL, Stand, item, order, setup, stands_with};
use crate::support_api::{self, Program};

const CARTS: usize = 25;
const LINES: usize = 40;
const PRODUCTS: usize = 60;

/// Numbers from a seed: the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as usize
    }
}

/// A line of a cart.
pub struct Line {
    pub sku: String,
    pub unit: String,
    pub quantity: usize,
}

/// Who buys: an account, and the identity (`DUNS`) of its procurement system.
pub struct Buyer<'b> {
    pub account: &'b str,
    pub duns: &'b str,
    pub currency: &'b str,
}

impl Buyer<'_> {
    /// A document of the buyer's system.
    fn letter(&self, payload_id: &str, request: &str) -> String {
        let text = Letter::of("plain", payload_id, request).text();
        text.replace("<Identity>111<", &format!("<Identity>{}<", self.duns))
            .replace("currency=\"EUR\"", &format!("currency=\"{}\"", self.currency))
    }
}

const GLOBEX: Buyer<'_> = Buyer {
    account: "100",
    duns: "111",
    currency: "EUR",
};

/// What every channel said of a line.
pub struct Said {
    /// The price and how many units it is for.
    pub price: (Decimal, Decimal),
    /// What decided: `promotion`, `account`, ….
    pub level: String,
}

fn world(dice: &mut Dice) -> Vec<(&'static str, String)> {
    let mut products = "sku,name,base_unit,units,list_price,price_quantity,categories\n".to_owned();
    let mut stock = "sku,warehouse,on_hand\n".to_owned();
    let mut prices = "list,sku,unit,min_quantity,price,price_quantity\n".to_owned();
    for at in 0..PRODUCTS {
        let (list, per, box_of) = (
            500 + dice.below(9_000),
            [1, 10, 100][dice.below(3)],
            [7, 10, 12][dice.below(3)],
        );
        writeln!(
            products,
            "P-{at},Part {at},EA,BX={box_of},{}.{:02},{per},F",
            list / 100,
            list % 100
        )
        .unwrap();
        writeln!(stock, "P-{at},ULM,{}", dice.below(5_000)).unwrap();
        for (name, share) in [("OWN", 3), ("GENERAL", 2)] {
            for from in [0, 5, 50] {
                if dice.below(share) > 0 {
                    continue;
                }
                let (unit, price) = (["EA", "BX"][dice.below(2)], 100 + dice.below(40_000));
                writeln!(
                    prices,
                    "{name},P-{at},{unit},{from},{}.{:03},{per}",
                    price / 1_000,
                    price % 1_000
                )
                .unwrap();
            }
        }
    }
    let mut promotions = "code,skus,min_quantity,calculation,value,stacking\n".to_owned();
    for at in 0..6 {
        let skus: Vec<String> = (0..10).map(|_| format!("P-{}", dice.below(PRODUCTS))).collect();
        let stacking = ["replace_if_lower", "never_on_contract"][at % 2];
        let (from, value) = (50 * (at + 1), 95 - 5 * at);
        writeln!(
            promotions,
            "PROMO-{at},{},{from},multiply,0.{value},{stacking}",
            skus.join("|")
        )
        .unwrap();
    }
    let mut agreed = "agreement,line,sku,unit,price\n".to_owned();
    for number in ["A-HQ", "A-ALL"] {
        for line in 1..8 {
            let sku = line * 7 + number.len();
            writeln!(agreed, "{number},{line},P-{sku},EA,{}.25", 1 + dice.below(9)).unwrap();
        }
    }
    vec![
        ("products.csv", products),
        ("stock.csv", stock),
        ("price_lists.csv", "code,kind\nOWN,contract\nGENERAL,list\n".into()),
        ("price_assignments.csv", "list,account\nOWN,100\n".into()),
        ("prices.csv", prices),
        (
            "price_rules.csv",
            "list,position,category,min_quantity,calculation,value\nGENERAL,1,F,20,multiply,0.93\n".into(),
        ),
        ("addresses.csv", "account,code\n100,HQ\n100,SITE\n".into()),
        (
            "agreements.csv",
            "number,account,all_ship_tos\nA-HQ,100,no\nA-ALL,100,yes\n".into(),
        ),
        ("agreement_ship_tos.csv", "agreement,address\nA-HQ,HQ\n".into()),
        ("agreement_lines.csv", agreed),
        ("promotions.csv", promotions),
    ]
}

fn cart(dice: &mut Dice) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    while lines.len() < LINES {
        let (sku, unit) = (format!("P-{}", dice.below(PRODUCTS)), ["EA", "BX"][dice.below(2)]);
        if lines.iter().all(|line| (&line.sku, &*line.unit) != (&sku, unit)) {
            let most = [4, 30, 90][dice.below(3)];
            let quantity = 1 + dice.below(most);
            let unit = unit.to_owned();
            lines.push(Line { sku, unit, quantity });
        }
    }
    lines
}

/// The text of an element that begins with these characters, without tags.
fn texts(page: &str, begin: &str, end: &str) -> Vec<String> {
    let parts = page.split(begin).skip(1).map(|part| part.split(end).next().unwrap());
    parts
        .map(|part| {
            let pieces = part.split('<').map(|piece| piece.rsplit('>').next().unwrap().trim());
            pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn number(text: &str) -> Decimal {
    let amount = text.split('/').next().unwrap();
    let amount: String = amount.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    amount.parse().unwrap_or_else(|_| panic!("{text:?} is no price"))
}

fn address(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| {
        format!("<ShipTo><Address addressID=\"{code}\"><Name xml:lang=\"en\">{code}</Name></Address></ShipTo>")
    })
}

/// Fills a cart and asks for every line in five places, which must agree.
pub async fn check(
    program: &Program<'_>,
    buyer: &Buyer<'_>,
    at: usize,
    lines: &[Line],
    ship_to: Option<&str>,
) -> Vec<Said> {
    let stand = program.stand;
    let request = setup("create", "c", RETURN_URL, &address(ship_to));
    let answer = stand.post(&buyer.letter(&format!("visit-{at}"), &request)).await;
    assert_eq!(answer.code(), 200, "{}", answer.text());
    let base = open(stand, &answer.start()).await;
    let csrf = stand.get(&format!("{base}/")).await.input("csrf").unwrap();
    for line in lines {
        let quantity = line.quantity.to_string();
        let fields = [
            ("csrf", &*csrf),
            ("sku", &line.sku),
            ("unit", &line.unit),
            ("quantity", &quantity),
        ];
        let answer = stand.submit(&format!("{base}/cart/add"), &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let page = stand.get(&format!("{base}/cart")).await.text();
    let table = page
        .split("cart-lines")
        .nth(1)
        .unwrap()
        .split("</table>")
        .next()
        .unwrap();
    let in_cart = texts(table, "<span class=\"price\">", "</td>");
    assert_eq!(in_cart.len(), lines.len(), "{table}");
    for (line, in_cart) in lines.iter().zip(&in_cart) {
        let question = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("sku", &line.sku)
            .append_pair("unit", &line.unit)
            .append_pair("quantity", &line.quantity.to_string())
            .finish();
        let page = stand.get(&format!("{base}/product?{question}")).await.text();
        let shown = texts(&page, "<p class=\"price big\">", "</p>");
        let shown = shown.first().unwrap_or_else(|| panic!("{question}: {page}"));
        assert_eq!(shown, in_cart, "{} {} {}", line.sku, line.unit, line.quantity);
    }
    let asked: Vec<Value> = lines
        .iter()
        .map(|line| json!({"sku": line.sku, "unit": line.unit, "quantity": line.quantity}))
        .collect();
    let mut asked = json!({"account": buyer.account, "lines": asked});
    if let Some(code) = ship_to {
        asked["ship_to"] = code.into();
    }
    let asked = asked.to_string();
    let told = program.post("/api/v1/prices", "application/json", asked.as_bytes());
    let told = support_api::json(&told.await);
    let document = document(stand, &base).await;
    let back = document.at("Message/PunchOutOrderMessage").unwrap().all("ItemIn");
    let mut items = String::new();
    let (mut offered, mut said) = (Vec::new(), Vec::new());
    for (at, (line, sent)) in (1..).zip(lines.iter().zip(&back)) {
        let price = Decimal::from_str(&money(sent, "ItemDetail/UnitPrice/Money").0).unwrap();
        let basis = sent
            .at("ItemDetail/PriceBasisQuantity")
            .and_then(|basis| basis.attribute("quantity"));
        let basis = Decimal::from_str(basis.unwrap_or("1")).unwrap();
        assert_eq!(number(&in_cart[at - 1]), price, "{} {}", line.sku, line.quantity);
        let by_program = &told["lines"][at - 1];
        let level = by_program["level"].as_str().unwrap().to_owned();
        let by_program = [&by_program["unit_price"], &by_program["price_quantity"]];
        let by_program = by_program.map(|number| number.as_str().unwrap().parse::<Decimal>().unwrap());
        assert_eq!(by_program, [price, basis], "{} {}: {told}", line.sku, line.quantity);
        offered.push((price, basis));
        said.push(Said {
            price: (price, basis),
            level,
        });
        let code = sent.at("ItemDetail/UnitOfMeasure").unwrap().text.clone();
        let unit = format!("<UnitOfMeasure>{code}<");
        let sent = item(&at.to_string(), &line.sku, &line.quantity.to_string(), "1.00", "");
        items.push_str(&sent.replace("<UnitOfMeasure>EA<", &unit));
    }
    let order_id = format!("PO-{at}");
    let request = order(&order_id, "type=\"new\"", &address(ship_to), "1.00", &items);
    let answer = stand.post(&buyer.letter(&format!("order-{at}"), &request)).await;
    assert_eq!(answer.code(), 200, "{}", answer.text());
    assert_eq!(expected(stand, &order_id).await, offered, "{order_id}");
    said
}

/// The returned cart; promotions that later lines reached are looked at first.
async fn document(stand: &Stand, base: &str) -> crate::support::Element {
    let is_form = |page: &Answer| page.status == 200 && page.text().contains("cxml-");
    let first = press(stand, base, "return").await;
    if is_form(&first) {
        return returned(&first).1;
    }
    returned(&press(stand, base, "return").await).1
}

/// What we expected each line of an order to cost, and for how many.
async fn expected(stand: &Stand, order_id: &str) -> Vec<(Decimal, Decimal)> {
    let lines = format!(
        "SELECT line.line_number AS number, CAST(line.expected_price AS TEXT) AS price, \
         CAST(line.expected_price_quantity AS TEXT) AS per \
         FROM order_line line JOIN order_version version \
         ON version.tenant_id = line.tenant_id AND version.id = line.version_id \
         JOIN purchase_order placed ON placed.tenant_id = version.tenant_id AND placed.id = version.order_key \
         WHERE placed.order_id = '{order_id}'"
    );
    let all = format!("SELECT string_agg(CAST(number AS TEXT) || ':' || price || '/' || per, ' ') FROM ({lines}) AS l");
    let Some(text) = stand.value(&all).await else {
        let lines = "SELECT string_agg(COALESCE(sku, '-') || ' ' || COALESCE(unit_own, '-') || ' ' || unit, ', ') FROM order_line";
        panic!("no line of {order_id} is priced: {:?}", stand.value(lines).await);
    };
    let mut found: Vec<(i64, Decimal, Decimal)> = text
        .split(' ')
        .map(|line| {
            let (number, rest) = line.split_once(':').unwrap();
            let (price, per) = rest.split_once('/').unwrap();
            (number.parse().unwrap(), price.parse().unwrap(), per.parse().unwrap())
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, price, per)| (price, per)).collect()
}

#[tokio::test]
async fn lines_have_the_same_price_while_price_lists_are_still_to_be_read() {
    let stands = stands_with(|config| {
        config.limits.address_requests_per_minute = 1_000_000;
        config.terms.entries_before_serving = 0;
    });
    for stand in stands.await {
        let program = Program::with_all(&stand).await;
        let mut dice = Dice(20_261_125);
        let files = world(&mut dice);
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (*name, text.clone().into_bytes()))
            .collect();
        for report in import::all(&stand.gateway, stand.tenant_id, files).await.unwrap() {
            assert!(report.is_taken(), "{report}");
        }
        terms::reload(&stand.gateway).await.unwrap();
        let ready = async || {
            let answer = stand.get("/ready").await;
            assert_eq!(answer.status, 200);
            answer.text()
        };
        let pending = "terms: ready; 0 of 3 price lists are in memory, the others are asked in the database\n";
        assert!(ready().await.contains(pending), "{}", ready().await);
        check(&program, &GLOBEX, 0, &cart(&mut dice), None).await;
        // The order that is accepted is followed, a list that changes is read, the other is pending still.
        let changed = b"list,sku,unit,min_quantity,price,price_quantity\nOWN,P-1,EA,0,77.25,1\n".to_vec();
        let files = vec![("prices.csv", changed)];
        for report in import::all(&stand.gateway, stand.tenant_id, files).await.unwrap() {
            assert!(report.is_taken(), "{report}");
        }
        assert!(ready().await.contains("terms: ready; 1 of 3"), "{}", ready().await);
        check(&program, &GLOBEX, 1, &cart(&mut dice), Some("HQ")).await;
        terms::load(&stand.gateway).await;
        assert!(ready().await.contains("terms: ready\n"), "{}", ready().await);
        check(&program, &GLOBEX, 2, &cart(&mut dice), Some("SITE")).await;
    }
}

#[tokio::test]
async fn a_thousand_lines_have_one_price_in_every_channel() {
    let stands = stands_with(|config| config.limits.address_requests_per_minute = 1_000_000).await;
    for stand in stands {
        let program = Program::with_all(&stand).await;
        let mut dice = Dice(20_261_124);
        let files = world(&mut dice);
        let files = files
            .iter()
            .map(|(name, text)| (*name, text.clone().into_bytes()))
            .collect();
        for report in import::all(&stand.gateway, stand.tenant_id, files).await.unwrap() {
            assert!(report.is_taken(), "{report}");
        }
        for at in 0..CARTS {
            let lines = cart(&mut dice);
            check(&program, &GLOBEX, at, &lines, [None, Some("HQ"), Some("SITE")][at % 3]).await;
        }
        // Why is kept with every line, and everything that can decide did.
        for table in ["cart_line", "quote_line", "order_line"] {
            let unknown = format!("SELECT count(*) FROM {table} WHERE trace IS NULL");
            assert_eq!(stand.number(&unknown).await, 0, "{table}");
            for said in [
                "\"agreement\"",
                "\"account\"",
                "\"default\"",
                "\"list_price\"",
                "\"promotion\"",
            ] {
                let of = format!("SELECT count(*) FROM {table} WHERE CAST(trace AS TEXT) LIKE '%{said}%'");
                assert!(stand.number(&of).await > 0, "{table} {said}");
            }
        }
    }
}
