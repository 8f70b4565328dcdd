//! The store: durable, grouped, isolated, and the same on both databases.

use std::collections::{BTreeMap, BTreeSet};

use punchgate::clock::Clock;
use punchgate::domain::party::{Identity, IdentityRole, Tenant};
use punchgate::store::{self, StoreError, Tx};
use sqlx::{Connection, PgConnection, Row, SqliteConnection};

use crate::support_store::{TestStore, postgres, sqlite, stores};

#[tokio::test]
async fn writes_are_durable() {
    for store in stores(&Clock::system()).await {
        let settings = store.write_settings().await.unwrap();
        let is = |name: &str| settings.get(name).map(String::as_str);
        match store.kind() {
            "sqlite" => {
                assert_eq!(is("synchronous"), Some("2"), "FULL");
                assert_eq!(is("foreign_keys"), Some("1"));
                assert_eq!(is("busy_timeout"), Some("5000"));
                assert_eq!(is("wal_autocheckpoint"), Some("0"));
            }
            _ => {
                assert_eq!(is("synchronous_commit"), Some("on"));
                assert_eq!(is("transaction_isolation"), Some("read committed"));
            }
        }
    }
}

/// Handlers and workers are spawned, borrow what they captured, and keep their own errors.
#[tokio::test]
async fn work_may_be_spawned_and_borrow_what_it_captured() {
    async fn touch(tx: &mut Tx, key: &str) -> Result<usize, StoreError> {
        tx.lock("test", key).await?;
        Ok(key.len())
    }
    for test in stores(&Clock::system()).await {
        let store = test.store.clone();
        let key = String::from("a key");
        let task = tokio::spawn(async move {
            let captured = key.clone();
            let written = store.write(async move |tx| touch(tx, &captured).await).await?;
            let read = store.read(async move |tx| touch(tx, &key).await).await?;
            Ok::<_, StoreError>(written + read)
        });
        assert_eq!(task.await.unwrap().unwrap(), 10);
    }
}

/// Table → its columns, and its primary and unique keys as lists of columns.
type Catalogue = BTreeMap<String, (BTreeSet<String>, BTreeSet<Vec<String>>)>;

async fn sqlite_catalogue(store: &TestStore) -> Catalogue {
    let mut connection = SqliteConnection::connect(&store.url).await.unwrap();
    let columns = "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c \
                   WHERE t.schema = 'main' AND t.type = 'table'";
    let keys = "SELECT t.name, (SELECT group_concat(c.name) FROM \
                    (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) c) \
                FROM pragma_table_list t, pragma_index_list(t.name) i \
                WHERE t.schema = 'main' AND t.type = 'table' AND i.\"unique\" = 1";
    let mut catalogue = Catalogue::new();
    for row in sqlx::query(columns).fetch_all(&mut connection).await.unwrap() {
        catalogue.entry(row.get(0)).or_default().0.insert(row.get(1));
    }
    for row in sqlx::query(keys).fetch_all(&mut connection).await.unwrap() {
        let key = row.get::<&str, _>(1).split(',').map(String::from).collect();
        catalogue.entry(row.get(0)).or_default().1.insert(key);
    }
    let strict = "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict \
                  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations'";
    let loose: i64 = sqlx::query_scalar(strict).fetch_one(&mut connection).await.unwrap();
    assert_eq!(loose, 0, "every table is STRICT");
    catalogue.retain(|table, _| is_ours(table));
    catalogue
}

async fn postgres_catalogue(store: &TestStore) -> Catalogue {
    let mut connection = PgConnection::connect(&store.url).await.unwrap();
    let columns = "SELECT table_name::text, column_name::text FROM information_schema.columns \
                   WHERE table_schema = 'public'";
    let keys = "SELECT i.indrelid::regclass::text, \
                    (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY k (at, place) \
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.at) \
                FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
                WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace";
    let mut catalogue = Catalogue::new();
    for row in sqlx::query(columns).fetch_all(&mut connection).await.unwrap() {
        catalogue.entry(row.get(0)).or_default().0.insert(row.get(1));
    }
    for row in sqlx::query(keys).fetch_all(&mut connection).await.unwrap() {
        let key = row.get::<&str, _>(1).split(',').map(String::from).collect();
        catalogue.entry(row.get(0)).or_default().1.insert(key);
    }
    catalogue.retain(|table, _| is_ours(table));
    catalogue
}

fn is_ours(table: &str) -> bool {
    table != "_sqlx_migrations" && !table.starts_with("sqlite_")
}

#[tokio::test]
async fn both_schemas_are_the_same_and_the_tenant_leads_every_key() {
    let clock = Clock::system();
    let sqlite = sqlite_catalogue(&sqlite(&clock).await).await;
    assert!(sqlite.len() > 30, "{:?}", sqlite.keys());
    for (table, (_, keys)) in &sqlite {
        assert!(!keys.is_empty(), "{table} has a key");
        if !["tenant", "currency"].contains(&table.as_str()) {
            let led = keys.iter().all(|key| key[0] == "tenant_id");
            assert!(led, "the tenant leads every key of {table}: {keys:?}");
        }
    }
    if let Some(postgres) = postgres(&clock).await {
        assert_eq!(postgres_catalogue(&postgres).await, sqlite);
    }
}

#[test]
fn migrations_have_the_same_names_for_both_databases() {
    let names = |kind| -> BTreeSet<_> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/").to_owned() + kind;
        std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[tokio::test]
async fn identities_are_added_once() {
    for store in stores(&Clock::system()).await {
        let tenant = Tenant {
            id: store.clock().new_id(),
            code: "acme".into(),
            name: "Acme".into(),
            time_zone: "Europe/Berlin".into(),
            currency: "EUR".into(),
        };
        let identity = |identity: &str| Identity {
            tenant_id: tenant.id,
            id: store.clock().new_id(),
            connection_id: None,
            role: IdentityRole::To,
            domain: "DUNS".into(),
            identity: identity.into(),
        };
        let first = vec![identity("1")];
        let second = vec![first[0].clone(), identity("2")];
        let known = store
            .write(async move |tx| {
                store::party::insert(tx, &tenant).await?;
                store::party::add_identities(tx, &first).await?;
                store::party::add_identities(tx, &second).await?;
                Ok::<_, StoreError>(store::party::everyone(tx).await?.identities)
            })
            .await
            .unwrap();
        let mut known: Vec<&str> = known.iter().map(|identity| identity.identity.as_str()).collect();
        known.sort_unstable();
        assert_eq!(known, ["1", "2"], "{}", store.kind());
    }
}

/// Tables that grow with every document.
const GROWING: &[&str] = &[
    "exchange",
    "attachment",
    "session",
    "cart_line",
    "quote",
    "quote_line",
    "purchase_order",
    "order_version",
    "order_line",
    "delivery",
    "attempt",
];

/// The statements in the source of the store that can be explained: whole texts, not parts that are put together.
fn statements() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() || path.ends_with("tests.rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap().replace("\\\"", "\u{1}");
        for literal in source.split('"').skip(1).step_by(2) {
            let lines: Vec<&str> = literal.split("\\\n").map(str::trim_start).collect();
            let text = lines.concat().replace('\u{1}', "\"");
            let verb = text.split(' ').next().unwrap_or_default();
            if matches!(verb, "SELECT" | "UPDATE" | "DELETE" | "WITH") && !text.contains('{') {
                found.push(text);
            }
        }
    }
    found
}

/// SQLite once read every row of a supplier in the order that was asked for, instead of the few that were meant.
#[tokio::test]
async fn no_statement_reads_all_that_a_supplier_has_of_what_grows() {
    let store = sqlite(&Clock::system()).await;
    let mut connection = SqliteConnection::connect(&store.url).await.unwrap();
    let mut explained = 0;
    let mut bad = Vec::new();
    for statement in statements() {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        // What PostgreSQL alone understands, and parts of statements, cannot be explained.
        let Ok(plan) = sqlx::query(explain).fetch_all(&mut connection).await else {
            continue;
        };
        explained += 1;
        // The newest first, a page at a time, and counts of all are meant to go along an index.
        let is_page = statement.contains("ORDER BY id DESC LIMIT") || statement.contains("GROUP BY state");
        for row in plan {
            let step: String = row.get("detail");
            let of = |table: &&&str| step.split(' ').nth(1) == Some(**table);
            let reads_all = step.starts_with("SCAN") || step.ends_with("(tenant_id=?)");
            if reads_all && !is_page && GROWING.iter().find(of).is_some() {
                bad.push(format!("{statement}\n    {step}"));
            }
        }
    }
    assert!(explained > 100, "{explained} statements explained");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
