//! The moment at which a result becomes public, under load: nobody sees it before, nobody sees anything
//! else, and nobody sees it gone again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use fairplate::{
    app::{Effect, Observer, Stage},
    http::Options,
    service::ceremony,
};
use fairplate_tests::{
    TestCity, on_both_databases,
    server::Server,
    stages::{PERIOD, officer, places},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// Connections that ask as fast as they are answered, to each of two nodes.
const POLLERS: u32 = 8;

/// Answers that each of them has seen before the result is drawn, and after everybody has seen it.
const AROUND: usize = 50;

/// Knows whether the last effect before the opening has happened.
struct Watching(Arc<AtomicBool>);

impl Observer for Watching {
    fn reached(&self, effect: Effect) {
        if effect.stage == Stage::LogPublished {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

/// What all pollers have in common.
struct Watched {
    /// Whether a result may be seen.
    is_public: Arc<AtomicBool>,
    /// How many have seen it.
    seen: AtomicU32,
    /// How many have asked often enough to begin.
    begun: AtomicU32,
}

/// Asks for one code on one connection, and gives every answer that was another one than before.
async fn poll(address: std::net::SocketAddr, path: String, watched: Arc<Watched>) -> Vec<Value> {
    let mut stream = BufReader::new(TcpStream::connect(address).await.expect("connected"));
    let request = format!("GET {path} HTTP/1.1\r\nhost: city\r\n\r\n");
    let mut answers: Vec<Value> = Vec::new();
    let (mut asked, mut after) = (0, 0);
    while after < AROUND {
        stream.write_all(request.as_bytes()).await.expect("sent");
        let answer = read(&mut stream).await;
        asked += 1;
        if asked == AROUND {
            watched.begun.fetch_add(1, Ordering::SeqCst);
        }
        if answer["outcome"] != "NOT_PUBLISHED" {
            assert!(
                watched.is_public.load(Ordering::SeqCst),
                "too early: {answer}"
            );
        }
        if answers.last() != Some(&answer) {
            if answer["outcome"] != "NOT_PUBLISHED" {
                watched.seen.fetch_add(1, Ordering::SeqCst);
            }
            answers.push(answer);
        }
        if watched.seen.load(Ordering::SeqCst) == 2 * POLLERS {
            after += 1;
        }
    }
    answers
}

async fn read(stream: &mut BufReader<TcpStream>) -> Value {
    let mut line = String::new();
    stream.read_line(&mut line).await.expect("a status");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).await.expect("a header");
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

async fn serve(city: &TestCity) -> Server {
    let options = Options {
        limits: None,
        ..Options::default()
    };
    Server::start_with(&city.another_node(None).await, options).await
}

#[test]
fn a_result_is_seen_by_everybody_and_by_nobody_before_it_is_public() {
    on_both_databases(async |city| {
        let citizens = city.closed(POLLERS, places(2, 1)).await;
        let (one, other) = (serve(city).await, serve(city).await);
        let watched = Arc::new(Watched {
            is_public: Arc::default(),
            seen: AtomicU32::new(0),
            begun: AtomicU32::new(0),
        });
        let polling: Vec<_> = [&one, &other]
            .into_iter()
            .flat_map(|server| citizens.iter().map(|citizen| (server.address(), citizen)))
            .map(|(address, citizen)| {
                let path = format!("/result/{PERIOD}/{}", citizen.code());
                tokio::spawn(poll(address, path, Arc::clone(&watched)))
            })
            .collect();
        while watched.begun.load(Ordering::SeqCst) < 2 * POLLERS {
            tokio::task::yield_now().await;
        }
        let mut app = city.app.clone();
        app.observer = Arc::new(Watching(Arc::clone(&watched.is_public)));

        let finished = ceremony::finish(&app, &officer(), PERIOD).await;

        finished.expect("finished");
        let mut told = Vec::new();
        for poller in polling {
            let answers = poller.await.expect("a poller");
            let [before, after] = &answers[..] else {
                panic!("expected one change, found {answers:?}")
            };
            assert_eq!(before["outcome"], "NOT_PUBLISHED");
            told.push(after.clone());
        }
        let (of_one, of_other) = told.split_at(told.len() / 2);
        assert_eq!(of_one, of_other, "both nodes say the same");
        let won = of_one.iter().filter(|answer| answer["outcome"] == "WON");
        assert_eq!(won.count(), 2);
    });
}
