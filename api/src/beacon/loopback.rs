//! A small HTTP server on the loopback interface, for tests: it answers, lies, stalls and dies.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What the server received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) body: String,
}

/// What the server does with a request.
pub(crate) enum Reply {
    Answer {
        status: u16,
        body: Vec<u8>,
    },
    /// Keeps the connection open and says nothing.
    Stall,
    /// Promises this many bytes more than it sends, and closes the connection.
    Die {
        body: Vec<u8>,
        missing: usize,
    },
}

/// A running server; it lives as long as the test's process.
pub(crate) struct Loopback {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Loopback {
    pub(crate) fn serve(reply: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            let mut stalled = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = receive(&stream);
                seen.lock().unwrap().push(request.clone());
                match reply(&request) {
                    Reply::Answer { status, body } => send(&mut stream, status, &body, 0),
                    Reply::Die { body, missing } => send(&mut stream, 200, &body, missing),
                    Reply::Stall => stalled.push(stream),
                }
            }
        });
        Self { url, requests }
    }

    /// A server that gives everybody this answer.
    pub(crate) fn answering(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::serve(move |_| Reply::Answer {
            status,
            body: body.clone(),
        })
    }

    /// An address where nobody listens.
    pub(crate) fn nobody() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn receive(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request {
        line: line.trim_end().to_owned(),
        body: String::from_utf8(body).unwrap(),
    }
}

fn send(stream: &mut TcpStream, status: u16, body: &[u8], missing: usize) {
    let length = body.len() + missing;
    let head = format!("HTTP/1.1 {status} Any\r\nContent-Length: {length}\r\n\r\n");
    // The client may hang up on what it finds too long.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}
