//! A relay of beacon rounds: it gives everybody who asks the same answer.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Round 30,000,000 of drand's quicknet, as its relays give it; it came at 2026-06-30T07:09:24Z.
pub const RECORDED_ROUND: &str =
    include_str!("../../api/src/beacon/fixtures/quicknet-30000000.json");

/// A relay on a free port. Its thread ends with the process.
pub struct Relay {
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Relay {
    /// Begins to answer.
    #[must_use]
    pub fn answering(body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, body) = (Arc::clone(&asked), body.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let mut request = [0; 4_096];
                let read = stream.read(&mut request).unwrap_or_default();
                if read == 0 {
                    continue;
                }
                count.fetch_add(1, Ordering::SeqCst);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                // Whoever hangs up has what it wanted.
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { address, asked }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
