//! Book, database and a slow obvious resolver agree, whatever the order of rows.
//!
//! A world of rows is made at random and imported: in one order to the first database, in another to the next. Every
//! question is then asked three times: of the book, of what the database has of the product alone, and of a resolver
//! that looks at every row; some also of a process that has not read its price lists yet. `PUNCHGATE_TEST_PRICE_CASES` says how many questions.

use jiff::SignedDuration;
use jiff::civil::Time;
use punchgate::domain::terms::{Answer, Request};
use punchgate::service::terms;
use rust_decimal::Decimal;

use crate::import::{Shop, clock, gateway_with, shops};
use crate::support_store::{at_once, tell};
use crate::terms_files::files;
use crate::terms_slow::{Question, Said};
use crate::terms_world::{ADDRESSES, Dice, World, day, world};

/// Questions in the ordinary run.
const CASES: u64 = 4_000;
/// Questions between two readings of the database.
const BATCH: u64 = 200;
/// Of so many questions one is asked of a process that has read no price yet.
const ASKED_UNREAD: usize = 20;

fn said(answer: &Answer) -> Said {
    let decided = answer.trace.decided().unwrap();
    let list = decided.list.as_deref().unwrap_or_default().to_owned();
    let each = answer
        .unit_price
        .map(|price| (price.amount / answer.price_quantity).normalize());
    (each, decided.level, list)
}

fn questions(world: &World, dice: &mut Dice, count: u64) -> Vec<Question> {
    let question = |_| Question {
        account: dice.below(world.accounts.len()),
        product: dice.below(world.products.len()),
        in_boxes: dice.one_in(2),
        quantity: *dice.pick(&[-50, -1, 0, 1, 2, 4, 5, 9, 10, 49, 50, 51, 500]),
        date: day(dice),
        // Midnight would be taken for a question without a time.
        second: 1 + dice.below(86_399) as i64,
        ship_to: dice.one_in(2).then(|| dice.below(ADDRESSES)),
        agreement: dice.one_in(3).then(|| dice.below(world.agreed.len())),
    };
    (0..count).map(question).collect()
}

fn request<'w>(world: &'w World, question: &Question, now: jiff::Timestamp) -> Request<'w> {
    const ADDRESS_CODES: [&str; ADDRESSES] = ["S-0", "S-1"];
    Request {
        unit: Some(if question.in_boxes { "BX" } else { "EA" }),
        ship_to: question.ship_to.map(|at| ADDRESS_CODES[at]),
        agreement: question.agreement.map(|at| &*world.agreed[at].number),
        time: Time::midnight() + SignedDuration::from_secs(question.second),
        ..Request::new(
            &world.accounts[question.account].code,
            &world.products[question.product].sku,
            Decimal::from(question.quantity),
            question.date,
            now,
        )
    }
}

async fn agree(world: &World, shops: &[Shop], questions: &[Question]) {
    let skus: Vec<&str> = world.products.iter().map(|product| &*product.sku).collect();
    let mut readings = Vec::new();
    for shop in shops {
        readings.push(terms::query(&shop.gateway, shop.tenant_id, &skus).await.unwrap());
    }
    let mut unread = Vec::new();
    for shop in shops {
        let gateway = gateway_with(&shop.test, &clock(), |config| config.terms.entries_before_serving = 0).await;
        let loaded = terms::loaded(&gateway).unwrap();
        assert_eq!(loaded.pending, loaded.lists);
        unread.push(gateway);
    }
    for (at, question) in questions.iter().enumerate() {
        if at % ASKED_UNREAD != 0 {
            continue;
        }
        for (shop, gateway) in shops.iter().zip(&unread) {
            let asked = |now, _| request(world, question, now);
            let asked = async |gateway| {
                let answer = terms::ask(gateway, shop.tenant_id, asked).await.unwrap().unwrap();
                let tiers = terms::tiers(gateway, shop.tenant_id, asked).await.unwrap().unwrap();
                (said(&answer), answer.valid_until, tiers)
            };
            assert_eq!(
                asked(gateway).await,
                asked(&shop.gateway).await,
                "not read: {question:?}"
            );
        }
    }
    for gateway in &unread {
        while terms::load_some(gateway).await.unwrap() {}
        assert_eq!(terms::loaded(gateway).unwrap().pending, 0);
    }
    for question in questions {
        let (price, level, list) = world.slow(question);
        let slow = (price.map(|price| price.normalize()), level, list);
        let asked = |now, _| request(world, question, now);
        for ((shop, reading), read) in shops.iter().zip(&readings).zip(&unread) {
            let book = at_once(terms::ask(&shop.gateway, shop.tenant_id, asked)).unwrap();
            let policy = world.policy(question.account);
            assert_eq!(said(&book), slow, "{question:?}\n{policy:?}\n{:#?}", book.trace);
            assert_eq!(said(&at_once(terms::ask(read, shop.tenant_id, asked)).unwrap()), slow);
            let mut query = reading.ask(&shop.gateway, asked).unwrap();
            assert_eq!(said(&query), slow, "from the database: {question:?}");
            query.as_of = book.as_of;
            let places = |answer: &Answer| answer.trace.steps.len();
            assert_eq!(
                (query.valid_until, places(&query)),
                (book.valid_until, places(&book)),
                "{question:?}"
            );
        }
    }
}

#[tokio::test]
async fn book_database_and_a_slow_resolver_agree_whatever_the_order_of_rows() {
    let cases = std::env::var("PUNCHGATE_TEST_PRICE_CASES").ok();
    let cases: u64 = cases.and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let mut dice = Dice(2026);
    let mut done = 0;
    let mut stands = shops().await;
    stands.extend(shops().await);
    while done < cases {
        let world = world(&mut dice);
        for shop in &stands {
            for (name, text) in files(&world, &mut dice) {
                // The world before is gone where a file may say so.
                let has_full = !matches!(name, "prices.csv");
                let name = if has_full {
                    name.replace(".csv", ".full.csv")
                } else {
                    name.to_owned()
                };
                shop.good(&name, &text).await;
            }
        }
        let here = (cases - done).min(10 * BATCH);
        agree(&world, &stands, &questions(&world, &mut dice, here)).await;
        done += here;
    }
    tell(&format!(
        "prices: {done} questions, book, database and a slow resolver agree"
    ));
}
