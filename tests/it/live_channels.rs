//! A running Tryton's prices in every channel through HTTP: page, cart, returned cart, the door for programs and the check
//! of an order say one number, and it is Tryton's own answer.
//!
//! `PUNCHGATE_TEST_TRYTON` as in `live_tryton`. Databases take turns: that they agree is shown there.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::service::keys::Keys;
use punchgate::service::party::{self, NewConnection, NewTenant, create_tenant};
use punchgate::service::sync::{self, Wanted};
use punchgate::service::{Gateway, product};
use rust_decimal::Decimal;
use serde_json::json;

use crate::live_tryton::{ACCOUNTS, Asked, ONE, QUANTITIES, Tryton, prices, source};
use crate::price_channels::{Buyer, Line, check};
use crate::support::{SECRET, Stand};
use crate::support_api::{self, Program};
use crate::support_store::{stores, tell};

/// The identity of an account's procurement system.
fn duns(account: &str) -> String {
    format!("111-{account}")
}

/// Gateways with Tryton's terms and a buyer of each account.
async fn stands(url: &str) -> Vec<Stand> {
    let now = Clock::system().now();
    let mut stands = Vec::new();
    for test in stores(&Clock::fixed(now)).await {
        let clock = Clock::fixed(now);
        let mut config = Config::default();
        config.server.bind = "127.0.0.1:0".into();
        config.server.public_url = "https://gate.example".into();
        config.server.workers = 1;
        config.limits.address_requests_per_minute = 1_000_000;
        config.limits.program_requests_per_minute = 1_000_000;
        let keys = Keys::ephemeral(&clock).unwrap();
        let gateway = Gateway::new(config, clock.clone(), test.store.clone(), keys);
        let gateway = gateway.await.unwrap();
        let tenant = NewTenant {
            code: "nw",
            name: "Northwind",
            time_zone: "UTC",
            currency: "USD",
            identities: &[("DUNS", "999")],
        };
        let tenant_id = create_tenant(&gateway, &tenant).await.unwrap();
        let went = sync::run(&gateway, tenant_id, &source(url), &Wanted::default()).await;
        for went in went.unwrap() {
            assert!(went.fault.is_none(), "{went}");
        }
        for account in ACCOUNTS {
            let (code, duns) = (account.to_lowercase(), duns(account));
            let identities = [("DUNS", &*duns)];
            let connection = NewConnection {
                tenant_id,
                buyer: (&code, account),
                code: &code,
                name: account,
                profile: "generic",
                mode: DeploymentMode::Production,
                account_code: account,
                from: &identities,
                sender: &identities,
                shared_secret: Some(SECRET),
                settings: ConnectionSettings {
                    return_hosts: vec!["buyer.example".into()],
                    // Units of the house's own, in words that a buyer knows.
                    units: [("BX", "bx10"), ("CS", "bx100"), ("CT", "cs7")]
                        .map(|(theirs, ours)| (ours.to_owned(), theirs.to_owned()))
                        .into(),
                    ..ConnectionSettings::default()
                },
            };
            party::create_connection(&gateway, &connection).await.unwrap();
        }
        stands.push(Stand::of(gateway, clock, tenant_id, test));
    }
    stands
}

/// Which lines can be ordered as they are.
async fn orderable(program: &Program<'_>, account: &str, lines: &[Line]) -> Vec<bool> {
    let asked = lines
        .iter()
        .map(|line| json!({"sku": line.sku, "unit": line.unit, "quantity": line.quantity}));
    let body = json!({"account": account, "lines": asked.collect::<Vec<_>>()}).to_string();
    let told = program
        .post("/api/v1/prices", "application/json", body.as_bytes())
        .await;
    let told = support_api::json(&told);
    let rows = told["lines"].as_array().unwrap().iter();
    rows.map(|row| {
        if row["can_order"] != true {
            tell(&format!(
                "not orderable: {} {} {}",
                row["sku"], row["unit"], row["checks"]
            ));
        }
        row["can_order"] == true
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tryton_prices_are_its_own_in_every_channel() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let stands = stands(&tryton.url).await;
    let mut programs = Vec::new();
    for stand in &stands {
        programs.push(Program::with_all(stand).await);
    }
    let today = stands[0].clock.now().to_zoned(TimeZone::UTC).date();
    let goods = product::goods(&stands[0].gateway, stands[0].tenant_id).unwrap();
    let theirs = prices(&tryton, &goods, today).await;
    let mut carts: BTreeMap<(&str, i64), Vec<(Asked, Decimal)>> = BTreeMap::new();
    for (asked, price) in theirs {
        // What has no price is on request everywhere, and in no cart.
        if let Some(price) = price {
            let cart = carts.entry((asked.account, asked.quantity)).or_default();
            cart.push((asked, price));
        }
    }
    assert_eq!(carts.len(), ACCOUNTS.len() * QUANTITIES.len());
    let (mut compared, mut promoted, mut not_sold, mut wrong) = (0, 0, 0, Vec::new());
    for (at, ((account, _), cart)) in carts.iter().enumerate() {
        let lines = cart.iter().map(|(asked, _)| Line {
            sku: asked.sku.clone(),
            unit: asked.unit.clone(),
            quantity: usize::try_from(asked.quantity).unwrap(),
        });
        let lines: Vec<Line> = lines.collect();
        let program = &programs[at % programs.len()];
        let told = orderable(program, account, &lines).await;
        let mut kept = told.iter();
        let lines: Vec<Line> = lines.into_iter().filter(|_| kept.next() == Some(&true)).collect();
        let mut kept = told.iter();
        let cart: Vec<&(Asked, Decimal)> = cart.iter().filter(|_| kept.next() == Some(&true)).collect();
        not_sold += told.len() - cart.len();
        let duns = duns(account);
        let buyer = Buyer {
            account,
            duns: &duns,
            currency: "USD",
        };
        let said = check(program, &buyer, at, &lines, None).await;
        for (said, (asked, theirs)) in said.iter().zip(cart) {
            // A promotion comes with a whole quotation of Tryton's: `live_tryton` compares those.
            if said.level == "promotion" {
                promoted += 1;
                continue;
            }
            compared += 1;
            if (said.price.0 / said.price.1).normalize() != *theirs {
                wrong.push(format!("{asked:?}: {:?}, Tryton says {theirs}", said.price));
            }
        }
    }
    tell(&format!(
        "Tryton: {compared} lines on page, cart, returned cart, interface and order check compared, {} differ; {promoted} \
         promoted ones are one number in all, {not_sold} cannot be ordered",
        wrong.len()
    ));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared > 1_000, "{compared}");
}
