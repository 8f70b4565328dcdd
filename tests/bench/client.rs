//! A client that costs little: one connection a task, requests one after the other, answers read by their length.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Requests a second that `connections` get answered within `time`; `make` writes the body of each.
///
/// On one machine whoever answers a sleeping client pays for waking it, which a network would do for him. Where the
/// server needs one core alone, the client stays `awake` on another.
pub async fn rate<F>(address: SocketAddr, connections: usize, time: Duration, awake: bool, make: F) -> f64
where
    F: Fn(usize) -> String + Clone + Send + 'static,
{
    let measured = tokio::task::spawn_blocking(move || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().event_interval(5).build().unwrap();
        runtime.block_on(async move {
            let started = Instant::now();
            let tasks: Vec<_> = (0..connections)
                .map(|connection| tokio::spawn(ask(address, connection, started + time, make.clone())))
                .collect();
            if awake {
                tokio::spawn(async move {
                    while started.elapsed() < time {
                        tokio::task::yield_now().await;
                    }
                });
            }
            let mut answered = 0;
            for task in tasks {
                answered += task.await.unwrap();
            }
            f64::from(answered) / started.elapsed().as_secs_f64()
        })
    });
    measured.await.unwrap()
}

/// Asks on one connection until the end, and tells how often it was answered.
async fn ask(address: SocketAddr, connection: usize, end: Instant, make: impl Fn(usize) -> String) -> u32 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answered = 0;
    while Instant::now() < end {
        let body = make(connection);
        let head = format!(
            "POST /cxml HTTP/1.1\r\nHost: gate.example\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all([head.as_bytes(), body.as_bytes()].concat().as_slice())
            .await
            .unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.contains("code=\"200\"") || answer == "hello", "{answer}");
        answered += 1;
    }
    answered
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::with_capacity(2048);
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next())
            .unwrap();
        let length: usize = length.trim().parse().unwrap();
        while bytes.len() < end + 4 + length {
            stream.read_buf(&mut bytes).await.unwrap();
        }
        return String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    }
}
