//! The program as a process: how soon it answers, and how much memory it holds when nobody asks anything.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::service::keys::Keys;
use punchgate::service::{Gateway, sample};
use punchgate::store::{Store, StoreOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Folder, median};

/// Starts of which the medians are told.
const STARTS: usize = 3;
/// Then nothing but the first round of upkeep has happened, and what only the start needed was given back.
const IDLE_AFTER: Duration = Duration::from_secs(20);

/// Starts the program on a database with the sample's 2,000 products and prints both figures.
pub async fn run(clock: &Clock) {
    let folder = Folder::new(clock);
    let database = format!("sqlite://{}", folder.0.join("bench.db").display());
    let keys = folder.0.join("bench.keys");
    let store = Store::open(&database, &StoreOptions::default(), clock.clone())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let ring = Keys::load(&keys, true, clock).unwrap();
    let gateway = Gateway::new(Config::default(), clock.clone(), store, ring)
        .await
        .unwrap();
    sample::load(&gateway).await.unwrap();
    gateway.store.close().await;
    let (mut starts, mut early, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_punchgate"))
            .arg("serve")
            .env("PUNCHGATE_DATABASE_URL", &database)
            .env("PUNCHGATE_KEYS_FILE", &keys)
            .env("PUNCHGATE_SERVER_BIND", format!("127.0.0.1:{port}"))
            .env("PUNCHGATE_LOG_FILTER", "warn")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !is_ready(port).await {
            assert!(started.elapsed() < Duration::from_secs(30), "it does not start");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        starts.push(started.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_secs(1)).await;
        early.push(resident(&child));
        tokio::time::sleep(IDLE_AFTER).await;
        idle.push(resident(&child));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    println!("start to first answer: {:.0} ms (goal 300 ms)", median(starts));
    println!(
        "idle memory with 2,000 products: {:.1} MB (goal 64 MB); {:.1} MB one second after the first answer",
        median(idle),
        median(early)
    );
}

async fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else {
        return false;
    };
    stream
        .write_all(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    answer.starts_with(b"HTTP/1.1 200")
}

/// Resident memory in megabytes.
fn resident(child: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or("VmRSS: 0");
    let kilobytes: f64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(0.0);
    kilobytes * 1024.0 / 1e6
}
