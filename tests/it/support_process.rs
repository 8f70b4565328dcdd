//! `punchgate serve` as a process of its own: started, asked, killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Answer;

/// Longest time in which a start must succeed, for machines under load.
const START_MAX: Duration = Duration::from_secs(30);

/// A running process; it is killed when this is dropped.
pub struct Process {
    child: Child,
    listening: Receiver<SocketAddr>,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Starts the program on this database with these keys; it may not listen yet.
    pub fn start(database: &str, keys: &Path, more: &[(&str, &str)]) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_punchgate"))
            .arg("serve")
            .env_remove("PUNCHGATE_CONFIG")
            .env("PUNCHGATE_DATABASE_URL", database)
            .env("PUNCHGATE_KEYS_FILE", keys)
            .env("PUNCHGATE_SERVER_BIND", "127.0.0.1:0")
            .env("PUNCHGATE_SERVER_PUBLIC_URL", "https://gate.example")
            .env("PUNCHGATE_SERVER_WORKERS", "2")
            .env("PUNCHGATE_LIMITS_ADDRESS_REQUESTS_PER_MINUTE", "1000000")
            .env("PUNCHGATE_LOG_FORMAT", "json")
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let (tell, listening) = mpsc::channel();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let told = serde_json::from_str::<serde_json::Value>(&line).ok();
                let address = told
                    .filter(|told| told["message"] == "gateway.listening")
                    .and_then(|told| told["address"].as_str()?.parse().ok());
                if let Some(address) = address {
                    tell.send(address).ok();
                }
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Process { child, listening, log }
    }

    /// Waits until it listens, and tells where.
    pub fn address(&self) -> SocketAddr {
        self.listening
            .recv_timeout(START_MAX)
            .unwrap_or_else(|error| panic!("{error}: the gateway did not start\n{}", self.log()))
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// `kill -9`, now.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Posts a document; `None` when no whole answer came back.
pub async fn post(address: SocketAddr, text: &str) -> Option<Answer> {
    let head = format!(
        "POST /cxml HTTP/1.1\r\nHost: gate.example\r\nContent-Type: text/xml; charset=UTF-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        text.len()
    );
    exchange(address, &[head.as_bytes(), text.as_bytes()].concat()).await
}

/// Gets a page; `None` when no whole answer came back.
pub async fn get(address: SocketAddr, path: &str) -> Option<Answer> {
    let head = format!("GET {path} HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n\r\n");
    exchange(address, head.as_bytes()).await
}

async fn exchange(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let answer = Answer::read(&bytes);
    let length: usize = answer.header("content-length")?.parse().unwrap();
    (answer.body.len() == length).then_some(answer)
}
