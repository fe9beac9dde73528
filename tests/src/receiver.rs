//! A receiver of messages on the loopback interface: it speaks HTTP, answers as it is told, and keeps
//! what it was sent.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

/// What a receiver does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Answers with a status and a body.
    Status(u16, &'static str),
    /// Takes the request and never answers.
    Silence,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The first line's path and query.
    pub path: String,
    /// Headers by their name in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body; what is no text in it is replaced.
    pub body: String,
}

impl Received {
    /// The message's own name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.headers["idempotency-key"]
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    received: Vec<Received>,
}

/// A receiver on a free port. Its thread ends with the process.
pub struct Receiver {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    /// Begins to listen; it gives these answers in turn, and 200 after the last.
    #[must_use]
    pub fn answering(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            answers: answers.iter().cloned().collect(),
            received: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.expect("a connection"), Arc::clone(&shared));
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, state }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it was sent, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().expect("no panic").received.clone()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(received) = read(&stream) else {
        return;
    };
    let answer = {
        let mut state = state.lock().expect("no panic");
        state.received.push(received);
        let answer = state.answers.pop_front();
        answer.unwrap_or(Answer::Status(200, "{\"Code\":\"OK\"}"))
    };
    match answer {
        Answer::Status(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Answer\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            // Whoever hangs up has what it wanted.
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
        Answer::Silence => {
            stream
                .set_read_timeout(Some(Duration::from_mins(1)))
                .expect("a limit");
            // Until the other side gives up.
            let _ = stream.read(&mut [0; 1]);
        }
    }
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Received {
        path,
        headers,
        body,
    })
}
