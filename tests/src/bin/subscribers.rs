//! Opens many connections to a server, each with a subscription that waits, and prints what the
//! server's process needs for them:
//! `fairplate-subscribers <websocket|events> <address> <pid> <count> <token>`.

use std::{net::SocketAddr, time::Duration};

use fairplate_tests::live::Socket;
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Connections that are opened together.
const TOGETHER: usize = 50;

/// Connections that are open when it is measured what one more needs.
const FIRST: usize = 50;

/// How often it is looked whether the server has begun.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long an event may take that has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// An inbox waits for ever.
const DOCUMENT: &str = "subscription { myEvents { __typename cursor } }";

/// What is told of an inbox first.
const OPENED: &str = "InboxOpened";

/// Somebody who follows.
enum Follower {
    Socket(Box<Socket>),
    Events(TcpStream),
}

impl Follower {
    async fn open(way: &str, address: SocketAddr, token: &str) -> Self {
        match way {
            "websocket" => {
                let mut socket = Socket::let_in_at(address, Some(token)).await;
                socket.subscribe("1", DOCUMENT).await;
                assert_eq!(socket.event().await["__typename"], OPENED);
                Self::Socket(Box::new(socket))
            }
            "events" => Self::Events(events(address, token).await),
            other => panic!("expected websocket or events, found {other}"),
        }
    }

    /// Reads on, and answers whether it is there, until the server is gone.
    async fn stay(self) {
        match self {
            Self::Socket(mut socket) => socket.stay().await,
            Self::Events(mut stream) => {
                let mut bytes = [0; 64];
                while !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {}
            }
        }
    }
}

async fn events(address: SocketAddr, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let body = json!({ "query": DOCUMENT }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         accept: text/event-stream\r\nauthorization: Bearer {token}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains(OPENED) {
        let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await;
        let read = read.expect("an event within half a minute").expect("bytes");
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
    }
    stream
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [way, address, pid, count, token] = &arguments[..] else {
        panic!("expected <websocket|events> <address> <pid> <count> <token>")
    };
    let address: SocketAddr = address.parse().expect("an address");
    let count: usize = count.parse().expect("a count");
    while TcpStream::connect(address).await.is_err() {
        sleep(LOOK_EVERY).await;
    }
    let mut followers = JoinSet::new();
    let mut before = 0;
    for wanted in [FIRST.min(count), count] {
        while followers.len() < wanted {
            let more = TOGETHER.min(wanted - followers.len());
            let opening = (0..more).map(|_| Follower::open(way, address, token));
            for follower in join_all(opening).await {
                followers.spawn(follower.stay());
            }
        }
        let now = kib(pid, "VmRSS:");
        println!(
            "{way:9} {wanted:6} subscribers: {:6.1} MB, {:5.1} MB of them the program itself",
            megabytes(now),
            megabytes(kib(pid, "RssFile:"))
        );
        if wanted == count {
            let more = (count.saturating_sub(FIRST) as u64).max(1);
            println!("{way:9} {} KiB each", now.saturating_sub(before) / more);
        }
        before = now;
    }
    let left = followers.try_join_next();
    assert!(left.is_none(), "the server has let somebody go");
}

/// A line of what Linux says about a process's memory.
fn kib(pid: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.expect("a size").parse().expect("a number")
}

/// Millions of bytes.
#[expect(
    clippy::cast_precision_loss,
    reason = "a size that is printed with one digit behind the point"
)]
fn megabytes(kib: u64) -> f64 {
    (kib * 1024) as f64 / 1e6
}
