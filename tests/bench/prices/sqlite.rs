//! The same entries in a table of SQLite's, and one query for a cart.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sqlx::{Connection, Row, SqliteConnection};

use super::world::{Cart, Size};
use crate::Folder;

/// The same entries in SQLite, inserted sorted by nothing but SQLite itself; how long that took.
pub async fn sqlite(size: Size, folder: &Folder) -> (SqliteConnection, Duration) {
    let url = format!("sqlite://{}?mode=rwc", folder.0.join("bare.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for pragma in [
        "journal_mode = WAL",
        "synchronous = FULL",
        "cache_size = -1000000",
        "mmap_size = 4000000000",
    ] {
        let pragma = sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"));
        sqlx::query(pragma).execute(&mut connection).await.unwrap();
    }
    sqlx::query(
        "CREATE TABLE entry (list INTEGER, product INTEGER, min_qty INTEGER, valid_from INTEGER, valid_to INTEGER, \
         price INTEGER, PRIMARY KEY (list, product, min_qty, valid_from)) WITHOUT ROWID",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    let began = Instant::now();
    // The formulas are those of product_of and price_of; the counter runs inside SQLite, so that nothing but the
    // insert is measured.
    let general = format!(
        "INSERT INTO entry WITH RECURSIVE n(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM n WHERE p + 1 < {}) \
         SELECT 0, p, 0, 0, 65535, 10000 + (p * 7919) % 900000 FROM n",
        size.products
    );
    let step = (size.products / size.priced.min(size.products)).max(1);
    let contracts = format!(
        "INSERT INTO entry WITH RECURSIVE \
         l(list) AS (SELECT 1 UNION ALL SELECT list + 1 FROM l WHERE list < {contracts}), \
         n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < {priced}) \
         SELECT l.list, (at * {step} + l.list % {step}) % {products}, m.qty, 0, 65535, \
         10000 + (((at * {step} + l.list % {step}) % {products}) * 7919 + l.list * 104729) % 900000 - m.tier * 1000 \
         FROM l CROSS JOIN n CROSS JOIN (SELECT 0 AS tier, 1 AS qty UNION ALL SELECT 1, 10 UNION ALL SELECT 2, 100) m \
         WHERE true ON CONFLICT DO NOTHING",
        contracts = size.contracts,
        priced = size.priced,
        products = size.products,
    );
    for sql in [general, contracts] {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    (connection, began.elapsed())
}

/// One query for all probes of a cart; the sums of the lowest prices and of those of the first list that has one.
pub async fn set_query(connection: &mut SqliteConnection, cart: &Cart) -> (i64, i64) {
    let mut probes = String::from("[");
    for (line, (product, _, quantity)) in cart.lines.iter().enumerate() {
        for (rank, list) in cart.lists.iter().enumerate() {
            let comma = if probes.len() > 1 { "," } else { "" };
            write!(probes, "{comma}[{line},{rank},{list},{product},{quantity}]").unwrap();
        }
    }
    probes.push(']');
    let rows = sqlx::query(
        "SELECT value ->> 0, (SELECT price FROM entry WHERE list = value ->> 2 AND product = value ->> 3 \
         AND min_qty <= value ->> 4 AND valid_from <= 9824 AND valid_to >= 9824 ORDER BY min_qty DESC LIMIT 1) \
         FROM json_each($1)",
    )
    .bind(probes)
    .fetch_all(connection)
    .await
    .unwrap();
    let mut prices: Vec<Vec<i64>> = vec![Vec::new(); cart.lines.len()];
    for row in rows {
        if let Some(price) = row.get::<Option<i64>, _>(1) {
            prices[usize::try_from(row.get::<i64, _>(0)).unwrap()].push(price);
        }
    }
    let lowest = prices.iter().filter_map(|prices| prices.iter().min()).sum();
    (lowest, prices.iter().filter_map(|prices| prices.first()).sum())
}
