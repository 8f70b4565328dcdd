//! Carts priced from memory: by the structure alone, by the whole policy, and while contracts are replaced.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use punchgate::clock::Clock;
use punchgate::domain::terms::{PriceBook, PriceList, ProductIndex, Request};
use rust_decimal::Decimal;
use sqlx::SqliteConnection;

use super::sqlite::set_query;
use super::world::{CARTS, Cart, DAY, World, breaks, carts, head};
use crate::median;

/// The middle and the 99th of a hundred, in microseconds.
fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    (at(0.5), at(0.99))
}

/// Two hundred probes: each line in each list of its account, the lowest price counts.
fn probe(world: &World, cart: &Cart, date: Date) -> i64 {
    let mut sum = 0;
    let products: Vec<ProductIndex> = cart.lines.iter().map(|(product, ..)| world.indices[*product]).collect();
    for list in &cart.lists {
        world.book.lists[*list].breaks.touch(&products);
    }
    for (product, _, quantity) in &cart.lines {
        let (product, quantity) = (world.indices[*product], Decimal::from(*quantity));
        let prices = cart.lists.iter().filter_map(|list| {
            let (price, _) = world.book.lists[*list]
                .breaks
                .price(product, world.unit, quantity, date)?;
            price
        });
        sum += prices.min().map_or(0, ten_thousandths);
    }
    sum
}

fn ten_thousandths(price: Decimal) -> i64 {
    let mut price = price;
    price.rescale(4);
    i64::try_from(price.mantissa()).unwrap()
}

/// The whole policy with availability and trace, line by line.
fn resolve(book: &PriceBook, cart: &Cart, date: Date, now: Timestamp) -> i64 {
    let mut sum = 0;
    book.touch(&cart.account, cart.lines.iter().map(|(_, sku, _)| sku.as_str()));
    for (_, sku, quantity) in &cart.lines {
        let request = Request::new(&cart.account, sku, Decimal::from(*quantity), date, now);
        let answer = book.resolve(&request).unwrap();
        sum += ten_thousandths(answer.unit_price.unwrap().amount);
        std::hint::black_box(answer);
    }
    sum
}

pub async fn speed(world: &World, connection: &mut SqliteConnection, clock: &Clock) {
    let carts = carts(world.size, CARTS);
    let (date, now): (Date, Timestamp) = (DAY.parse().unwrap(), clock.now());
    let (mut alone, mut whole, mut query) = (Vec::new(), Vec::new(), Vec::new());
    for (number, cart) in carts.iter().enumerate() {
        let began = Instant::now();
        let lowest = std::hint::black_box(probe(world, cart, date));
        alone.push(began.elapsed());
        // Some of them, since it takes so much longer; warmed up by the first.
        if number % 4 == 0 {
            let began = Instant::now();
            let sums = set_query(connection, cart).await;
            query.push(began.elapsed());
            assert_eq!(sums, (lowest, resolve(&world.book, cart, date, now)), "the sums differ");
        }
    }
    for cart in &carts {
        let began = Instant::now();
        std::hint::black_box(resolve(&world.book, cart, date, now));
        whole.push(began.elapsed());
    }
    let (alone, whole, query) = (spread(alone), spread(whole), spread(query));
    println!(
        "  50-line cart, structure alone: p50 {:.1} µs (goal 25), p99 {:.1} µs (goal 60)",
        alone.0, alone.1
    );
    println!(
        "  50-line cart, whole policy with trace: p50 {:.1} µs (goal 40), p99 {:.1} µs (goal 100)",
        whole.0, whole.1
    );
    println!(
        "  50-line cart, one set query on SQLite: p50 {:.1} µs, p99 {:.1} µs: {:.1} times the policy's (goal 10)",
        query.0,
        query.1,
        query.0 / whole.0
    );
}

/// Contracts replaced one after the other while others read.
pub fn replacement(world: &World, clock: &Clock) {
    let (date, now): (Date, Timestamp) = (DAY.parse().unwrap(), clock.now());
    let carts = carts(world.size, CARTS);
    let read = |world: &World| {
        let times = carts.iter().map(|cart| {
            let began = Instant::now();
            std::hint::black_box(resolve(&world.book, cart, date, now));
            began.elapsed()
        });
        spread(times.collect())
    };
    let quiet = read(world);
    let is_over = AtomicBool::new(false);
    let held: std::sync::RwLock<Arc<PriceBook>> = std::sync::RwLock::new(Arc::new(world.book.clone()));
    let mut times = Vec::new();
    let busy = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let times = carts.iter().map(|cart| {
                let began = Instant::now();
                let book = Arc::clone(&held.read().unwrap());
                std::hint::black_box(resolve(&book, cart, date, now));
                began.elapsed()
            });
            let spread = spread(times.collect());
            is_over.store(true, Ordering::Release);
            spread
        });
        let mut list = 0;
        while !is_over.load(Ordering::Acquire) || times.len() < 20 {
            list = list % world.size.contracts + 1;
            let entries = breaks(world.size, list, &world.indices, world.unit);
            let began = Instant::now();
            let mut book = PriceBook::clone(&held.read().unwrap());
            assert!(book.replace(PriceList::new(head(list), entries)));
            *held.write().unwrap() = Arc::new(book);
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        reader.join().unwrap()
    });
    let each = median(times);
    println!("  one contract of 19,000 entries replaced in {each:.2} ms (goal 5)");
    println!(
        "  readers meanwhile: p99 {:.1} µs after {:.1} µs in quiet: {:.1} times (goal 2)",
        busy.1,
        quiet.1,
        busy.1 / quiet.1
    );
}
