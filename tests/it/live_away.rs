//! A running Tryton whose line is cut in the middle: carts and orders go on, nothing is lost or doubled, and what waited
//! is reported. `PUNCHGATE_TEST_TRYTON` as in `live_tryton`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use punchgate::domain::away::{Drained, Mode};
use punchgate::service::away::look;
use punchgate::service::sync::orders::Sent;
use punchgate::service::sync::{self, Round};
use tokio::net::{TcpListener, TcpStream};

use crate::live_orders::{DONE, House, houses, sales};
use crate::live_tryton::{ONE, Tryton, source};

/// Passes connections on to Tryton, while the line is not cut.
async fn line(url: &str, is_cut: Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    let (there, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let there = there.to_owned();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            if is_cut.load(Ordering::SeqCst) {
                continue;
            }
            let there = there.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(&there).await.unwrap();
                tokio::io::copy_bidirectional(&mut near, &mut far).await.ok();
            });
        }
    });
    format!("http://{here}/{path}")
}

async fn mode(house: &House) -> (Mode, String) {
    let all = look::all(&house.gateway, house.tenant_id).await.unwrap();
    let standing = all.sources[0].standing.clone();
    (standing.mode, standing.reason)
}

#[tokio::test]
async fn live_tryton_goes_away_in_the_middle_and_comes_back() {
    let Some(tryton) = Tryton::open().await else { return };
    let _one = ONE.lock().await;
    let is_cut = Arc::new(AtomicBool::new(false));
    let through = line(&tryton.url, Arc::clone(&is_cut)).await;
    for house in houses(&tryton.url).await {
        let source = source(&through);
        let round = async || sync::round(&house.gateway, house.tenant_id, &source).await.unwrap();
        assert!(matches!(round().await, Round::Ran(_)));
        assert_eq!(mode(&house).await.0, Mode::Normal);
        let first = house.number("PO-A");
        house.order(&first, "new", 1, "HELMET", 1).await;
        assert_eq!(house.send(&source).await, DONE);
        is_cut.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            round().await;
        }
        let (now, why) = mode(&house).await;
        println!("{now:?}: {why}");
        assert_eq!(now, Mode::Degraded);
        let waiting = [house.number("PO-B"), house.number("PO-C")];
        for number in &waiting {
            house.order(number, "new", 1, "HELMET", 1).await;
        }
        assert_eq!(house.send(&source).await, Sent::default(), "it is left alone");
        assert!(matches!(round().await, Round::LeftAlone(Some(_))));
        is_cut.store(false, Ordering::SeqCst);
        house.clock.advance(SignedDuration::from_secs(61));
        let Round::Ran(went) = round().await else {
            panic!("it was left alone")
        };
        assert!(went.iter().all(|went| went.fault.is_none()), "{went:?}");
        assert_eq!(mode(&house).await.0, Mode::Normal);
        let sent = house.send(&source).await;
        assert_eq!((sent.done, sent.waiting, sent.parked), (2, 0, 0));
        for number in std::iter::once(&first).chain(&waiting) {
            assert_eq!(sales(&tryton, number).await.len(), 1, "{number} once");
        }
        let all = look::all(&house.gateway, house.tenant_id).await.unwrap();
        let report = &all.sources[0].drains[0];
        println!("{report:?}");
        let counts: Vec<_> = report
            .outcomes
            .iter()
            .map(|count| (count.outcome, count.orders))
            .collect();
        assert_eq!(counts, [(Drained::Sent, 2)]);
        assert_eq!((all.queue, report.differing()), (0, 0));
    }
}
