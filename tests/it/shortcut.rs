//! Look-ups that are answered as they come off the wire: the same answers, sooner.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use fairplate::{
    app::App,
    cache::Shared,
    config::{Limits, Rate, Tier},
    domain::code::ApplicationCode,
    http::{Options, Width},
    service::publication as publishing,
};
use fairplate_tests::{
    TestCity, on_both_databases,
    server::Server,
    settings,
    stages::{PERIOD, places},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use verifier::text::Digest;

const TRUSTED: &str = include_str!("../../api/documents/Result.graphql");

/// A header that only hyper's side understands.
const ELSEWHERE: &str = "te: trailers\r\n";

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    status: String,
    /// Without the time.
    headers: BTreeMap<String, String>,
    date: String,
    body: String,
}

/// A connection that stays open.
struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Wire {
    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connected");
        Self {
            stream,
            read: Vec::new(),
        }
    }

    async fn write(&mut self, text: &str) {
        self.stream
            .write_all(text.as_bytes())
            .await
            .expect("written");
    }

    /// The next answer.
    async fn answer(&mut self) -> Answer {
        let reading = async {
            loop {
                if let Some((answer, length)) = parse(&self.read) {
                    self.read.drain(..length);
                    return answer;
                }
                let read = self.stream.read_buf(&mut self.read).await.expect("read");
                assert_ne!(read, 0, "{}", String::from_utf8_lossy(&self.read));
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reading)
            .await
            .expect("an answer")
    }

    async fn ask(&mut self, request: &str) -> Answer {
        self.write(request).await;
        self.answer().await
    }
}

fn parse(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).expect("a head");
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().expect("a status").to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        let twice = headers.insert(name.to_owned(), value.to_owned());
        assert_eq!(twice, None, "{name} comes once");
    }
    let date = headers.remove("date").expect("a date");
    let length: usize = headers["content-length"].parse().expect("a length");
    let body = bytes.get(end..end + length)?;
    let answer = Answer {
        status,
        headers,
        date,
        body: String::from_utf8(body.to_vec()).expect("a text"),
    };
    Some((answer, end + length))
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}

fn post(body: &Value, headers: &str) -> String {
    let body = body.to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// The same look-up in every way in which the short cut takes it.
fn ways(period: &str, code: &str, headers: &str) -> Vec<String> {
    let hash = Digest::of(TRUSTED.as_bytes()).to_string();
    let variables = json!({ "period": period, "code": code });
    let id = format!("sha256:{hash}");
    let query = format!(
        "/graphql?documentId={id}&variables=%7B%22period%22:%22{period}%22,%22code%22:%22{code}%22%7D"
    );
    let persisted = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    vec![
        get(&format!("/result/{period}/{code}"), headers),
        get(&format!("/draw/{period}/result/{code}"), headers),
        get(&query, headers),
        post(
            &json!({ "query": TRUSTED, "variables": variables }),
            headers,
        ),
        post(
            &json!({ "documentId": id, "variables": variables }),
            headers,
        ),
        post(
            &json!({ "extensions": persisted, "variables": variables }),
            headers,
        ),
    ]
}

fn unlimited() -> Options {
    Options {
        limits: None,
        ..Options::default()
    }
}

/// The codes of a city with winners, reserves and others, and one that was not in the pool.
async fn drawn(city: &TestCity) -> Vec<String> {
    let citizens = city.finished(6, places(2, 1)).await;
    let codes = citizens.iter().map(|citizen| citizen.code().to_owned());
    let mut codes: Vec<String> = codes.collect();
    codes.push(ApplicationCode::from_number(7).to_string());
    codes
}

/// A server whose trusted document was asked once.
async fn serve(node: &App, codes: &[String], options: Options) -> Server {
    let server = Server::start_with(node, options).await;
    let first = post(
        &json!({ "query": TRUSTED, "variables": { "period": PERIOD, "code": codes[0] } }),
        ELSEWHERE,
    );
    Wire::to(server.address()).await.ask(&first).await;
    server
}

/// Both of the city's own node.
async fn served(city: &TestCity, options: Options) -> (Server, Vec<String>) {
    let codes = drawn(city).await;
    (serve(&city.app, &codes, options).await, codes)
}

/// The short cut tells the city's time, which stands still here, and hyper the machine's.
fn is_by_the_short_cut(city: &TestCity, answer: &Answer) -> bool {
    let now = city.app.clock.now();
    answer.date == now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Asks for each code in every way, on the short cut and outside of it, and compares the answers.
async fn assert_the_same(city: &TestCity, server: &Server, codes: &[String]) {
    let mut here = Wire::to(server.address()).await;
    let mut there = Wire::to(server.address()).await;
    for accept in [
        "",
        "Accept: application/graphql-response+json, application/json;q=0.9\r\n",
    ] {
        for code in codes {
            let outside = ways(PERIOD, code, &format!("{accept}{ELSEWHERE}"));
            for (request, outside) in ways(PERIOD, code, accept).iter().zip(&outside) {
                let answer = here.ask(request).await;
                let other = there.ask(outside).await;
                assert!(is_by_the_short_cut(city, &answer), "{request}");
                assert!(!is_by_the_short_cut(city, &other), "{outside}");
                let other = Answer {
                    date: answer.date.clone(),
                    ..other
                };
                assert_eq!(answer, other, "{request}");
            }
        }
    }
}

#[test]
fn a_look_up_by_the_short_cut_is_answered_as_outside_of_it() {
    on_both_databases(async |city| {
        let (server, codes) = served(city, unlimited()).await;
        assert_the_same(city, &server, &codes).await;
    });
}

/// Also where the node has no index, and asks Redis or the database each time.
#[test]
fn what_is_not_in_memory_is_fetched_by_the_short_cut() {
    on_both_databases(async |city| {
        let codes = drawn(city).await;
        let mac_key = fairplate::ids::random();
        let shared = settings::find_redis()
            .map(|url| Shared::with_patience(&url, mac_key, settings::PATIENT).expect("Redis"));
        for (tier, shared) in [(Tier::Database, None), (Tier::Redis, shared)] {
            let mut node = city.another_node(shared).await;
            node.tier = tier;
            publishing::catch_up(&node).await.expect("followed");
            let server = serve(&node, &codes, unlimited()).await;
            assert_the_same(city, &server, &codes).await;
            assert_eq!(node.telemetry.metrics.in_flight.get(), 0);
        }
    });
}

/// What is wrong, or when to ask again, is said there in the same words.
#[test]
fn who_finds_no_place_at_the_database_is_told_so_by_the_short_cut() {
    on_both_databases(async |city| {
        let codes = drawn(city).await;
        let mut node = city.another_node(None).await;
        node.tier = Tier::Database;
        publishing::catch_up(&node).await.expect("followed");
        let closed = Options {
            width: Width {
                at_once: 0,
                waiting: 0,
                ..Width::default()
            },
            ..unlimited()
        };
        let server = Server::start_with(&node, closed).await;
        let mut wire = Wire::to(server.address()).await;
        for path in [
            format!("/result/{PERIOD}/{}", codes[0]),
            format!("/draw/{PERIOD}/result/{}", codes[0]),
        ] {
            let refused = wire.ask(&get(&path, "")).await;
            let outside = get(&path, ELSEWHERE);
            let other = Wire::to(server.address()).await.ask(&outside).await;
            assert_eq!(refused.status, "HTTP/1.1 503 Service Unavailable");
            assert_eq!(refused.headers["retry-after"], "1");
            assert!(refused.body.contains("OVERLOADED"), "{refused:?}");
            assert!(is_by_the_short_cut(city, &refused));
            let other = Answer {
                date: refused.date.clone(),
                ..other
            };
            assert_eq!(refused, other, "{path}");
        }
        let answer = wire.ask(&get("/livez", "")).await;
        assert_eq!(answer.body, "live\n", "the connection goes on");
    });
}

#[test]
fn requests_behind_each_other_are_answered_in_their_order_and_piece_by_piece() {
    on_both_databases(async |city| {
        let (server, codes) = served(city, unlimited()).await;
        let mut wire = Wire::to(server.address()).await;
        let requests: Vec<String> = codes
            .iter()
            .map(|code| get(&format!("/result/{PERIOD}/{code}"), ""))
            .collect();

        wire.write(&requests.concat()).await;
        for code in &codes {
            let answer = wire.answer().await;
            assert!(answer.body.contains(code.as_str()), "{code}: {answer:?}");
        }
        for piece in requests[0].as_bytes().chunks(7) {
            wire.write(std::str::from_utf8(piece).expect("a text"))
                .await;
            tokio::task::yield_now().await;
        }
        let answer = wire.answer().await;
        assert!(answer.body.contains(codes[0].as_str()));
        assert!(is_by_the_short_cut(city, &answer));

        // What is not for the short cut, and a look-up behind it, on the same connection.
        let leaving = [get("/livez", ""), requests[1].clone()].concat();
        wire.write(&leaving).await;
        assert_eq!(wire.answer().await.body, "live\n");
        let answer = wire.answer().await;
        assert!(answer.body.contains(codes[1].as_str()));
        assert!(!is_by_the_short_cut(city, &answer));
    });
}

/// What the short cut does not answer is answered as if there were none: also what is not known there.
#[test]
fn what_is_not_in_memory_leaves_the_short_cut_whole() {
    on_both_databases(async |city| {
        let (server, codes) = served(city, unlimited()).await;
        let slip: String = codes[0].chars().rev().collect();
        assert!(slip.parse::<ApplicationCode>().is_err());
        let absent = [
            get(&format!("/result/209901/{}", codes[0]), ""),
            get(&format!("/result/{PERIOD}/{slip}"), ""),
            get(&format!("/result/{PERIOD}/{}?x", codes[0]), ""),
            get("/graphql?query=%7B__typename%7D", ""),
            post(&json!({ "query": "{ __typename }" }), ""),
            post(&json!({ "query": "{ __typename }", "variables": {} }), ""),
            get("/livez", ""),
            "HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        ];
        for request in &absent[..7] {
            let answer = Wire::to(server.address()).await.ask(request).await;
            let mut with = request.split_inclusive("\r\n").collect::<Vec<_>>();
            with.insert(2, ELSEWHERE);
            let far = Wire::to(server.address()).await.ask(&with.concat()).await;
            assert!(!is_by_the_short_cut(city, &answer), "{request}");
            assert_eq!(
                (answer.status, answer.body),
                (far.status, far.body),
                "{request}"
            );
        }
        let head = async |request: &str| {
            let mut stream = TcpStream::connect(server.address())
                .await
                .expect("connected");
            let request = request.replace("Host: a", "Host: a\r\nConnection: close");
            stream.write_all(request.as_bytes()).await.expect("written");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("read");
            answer
        };
        assert!(head(&absent[7]).await.starts_with("HTTP/1.1 200 OK"));
    });
}

#[test]
fn who_has_used_up_the_allowance_is_refused_there_as_well() {
    on_both_databases(async |city| {
        let few = Rate {
            burst: 3,
            per_second: 1,
        };
        let options = Options {
            limits: Some(Limits {
                look_ups: few,
                ..Limits::default()
            }),
            ..Options::default()
        };
        let (server, codes) = served(city, options).await;
        let mut wire = Wire::to(server.address()).await;
        let request = get(&format!("/result/{PERIOD}/{}", codes[0]), "");
        for _ in 0..2 {
            let answer = wire.ask(&request).await;
            assert_eq!(answer.status, "HTTP/1.1 200 OK");
            assert!(is_by_the_short_cut(city, &answer));
        }

        let refused = wire.ask(&request).await;

        assert_eq!(refused.status, "HTTP/1.1 429 Too Many Requests");
        assert!(refused.headers.contains_key("retry-after"));
        assert!(is_by_the_short_cut(city, &refused));
        let other = Wire::to(server.address())
            .await
            .ask(&get("/livez", ""))
            .await;
        assert_eq!(other.body, "live\n", "nothing else was used up");
    });
}
