//! The store: durable, grouped, isolated, and the same on both databases.

use punchgate::clock::Clock;
use punchgate::store::{StoreError, Tx};

use crate::support_store::stores;

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
