//! Prices in memory against the same prices in SQLite, and the way from a file into the book.
//!
//! Sizes are those of a large distributor: twenty million entries in a thousand contracts and one general list, a
//! million products, ten thousand accounts with three contracts each. `PUNCHGATE_BENCH_ENTRIES` makes them smaller.

mod loading;
mod speed;
mod sqlite;
mod world;

use std::time::Instant;

use punchgate::clock::Clock;
use sqlx::Connection;

use crate::Folder;
use loading::load;
use speed::{replacement, speed};
use sqlite::sqlite;
use world::{Size, world};

pub async fn run(clock: &Clock) {
    let size = Size::from_environment();
    let folder = Folder::new(clock);
    println!(
        "prices: {} entries, {} products, {} contracts, {} accounts",
        size.entries(),
        size.products,
        size.contracts,
        size.accounts
    );
    let began = Instant::now();
    let world = world(size);
    let bytes: usize = world.book.lists.iter().map(|list| list.breaks.bytes()).sum();
    let entries: usize = world.book.lists.iter().map(|list| list.breaks.len()).sum();
    println!(
        "  built in {:.1} s; {:.1} bytes an entry (goal 24)",
        began.elapsed().as_secs_f64(),
        bytes as f64 / entries as f64
    );
    let (mut connection, insert) = sqlite(size, &folder).await;
    speed(&world, &mut connection, clock).await;
    connection.close().await.unwrap();
    replacement(&world, clock);
    drop(world);
    load(size, &folder, insert, clock).await;
}
