//! Opens many connections by `WebSocket` to a server, each with a subscription that waits, and prints what the
//! server's process needs for them: `fairplate-subscribers <address> <pid> <count> <token>`.

use std::{net::SocketAddr, time::Duration};

use fairplate_tests::live::Socket;
use futures_util::future::join_all;
use tokio::{net::TcpStream, time::sleep};

/// Connections that are opened together.
const TOGETHER: usize = 50;

/// How often it is looked whether the server has begun.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// An inbox waits for ever.
const DOCUMENT: &str = "subscription { myEvents { __typename cursor } }";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, pid, count, token] = &arguments[..] else {
        panic!("expected <address> <pid> <count> <token>")
    };
    let address: SocketAddr = address.parse().expect("an address");
    let count: usize = count.parse().expect("a count");
    while TcpStream::connect(address).await.is_err() {
        sleep(LOOK_EVERY).await;
    }
    let mut sockets = Vec::with_capacity(count);
    follow(&mut sockets, address, token, 10).await;
    let before = resident_kib(pid);
    println!("{:6} subscribers: {before:8} KiB", sockets.len());
    follow(&mut sockets, address, token, count).await;
    let after = resident_kib(pid);
    println!("{:6} subscribers: {after:8} KiB", sockets.len());
    let each = after.saturating_sub(before) / (count as u64 - 10).max(1);
    println!("{each} KiB each");
}

/// Opens connections until there are so many, each with its first event.
async fn follow(sockets: &mut Vec<Socket>, address: SocketAddr, token: &str, count: usize) {
    while sockets.len() < count {
        let more = TOGETHER.min(count - sockets.len());
        let opened = join_all((0..more).map(|_| async {
            let mut socket = Socket::let_in_at(address, Some(token)).await;
            socket.subscribe("1", DOCUMENT).await;
            assert_eq!(socket.event().await["__typename"], "InboxOpened");
            socket
        }));
        sockets.extend(opened.await);
    }
}

/// What a process has in memory.
fn resident_kib(pid: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.expect("a size").parse().expect("a number")
}
