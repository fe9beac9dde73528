//! How much one client may ask for, and for how long.

use std::time::Duration;

use fairplate::{
    Error,
    config::{Limits, Rate},
    http::{Options, Patience, Proxies},
    store,
};
use fairplate_tests::{
    TestCity, on_both_databases,
    people::person,
    server::{Sent, Server},
    stages::PERIOD,
};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const CITY: &str = "{ city { key origin } rateLimit { limit cost remaining resetAt } }";

fn rate(burst: u32, per_second: u32) -> Rate {
    Rate { burst, per_second }
}

/// Wide limits, for one of them to be made narrow.
fn wide() -> Limits {
    let wide = rate(1_000_000, 1_000_000);
    Limits {
        address: wide,
        account: wide,
        look_ups: wide,
        entrances: wide,
    }
}

async fn limited(city: &TestCity, limits: Limits) -> Server {
    let options = Options {
        limits: Some(limits),
        ..Options::default()
    };
    Server::start_with(&city.app, options).await
}

async fn ask(server: &Server, headers: &[(&str, &str)], document: &str) -> Sent {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let body = json!({ "query": document }).to_string();
    server.send("POST", "/graphql", &all, body).await
}

/// The remaining units that an answer tells.
fn remaining(sent: &Sent) -> u64 {
    let cost = &sent.json()["extensions"]["cost"];
    cost["remaining"]
        .as_u64()
        .unwrap_or_else(|| panic!("{sent:?}"))
}

#[test]
fn an_answer_says_what_it_cost_and_what_is_left() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(100, 10),
            ..wide()
        };
        let server = limited(city, limits).await;

        let sent = ask(&server, &[], CITY).await;

        // One for the request, eight for the fields; ten come back each second.
        let json = sent.json();
        let shown = json!({
            "limit": 100, "requested": 8, "remaining": 91, "resetAt": "2026-06-01T01:00:00Z",
        });
        assert_eq!(json["extensions"]["cost"], shown, "{json}");
        let field = &json["data"]["rateLimit"];
        assert_eq!(
            (&field["limit"], &field["cost"]),
            (&shown["limit"], &shown["requested"])
        );
        assert_eq!(field["remaining"], shown["remaining"]);

        let path = "/graphql?query=%7B%20rateLimit%20%7B%20remaining%20%7D%20%7D";
        let fetched = server.send("GET", path, &[], "").await;
        assert_eq!(fetched.json(), json!({ "data": { "rateLimit": null } }));
        assert_eq!(remaining(&ask(&server, &[], CITY).await), 91 - 3 - 9);
    });
}

#[test]
fn whoever_has_used_up_everything_waits_and_then_goes_on() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(20, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        assert_eq!(ask(&server, &[], CITY).await.status, 200);
        assert_eq!(ask(&server, &[], CITY).await.status, 200);

        let refused = ask(&server, &[], CITY).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (429, "RATE_LIMITED")
        );
        assert_eq!(refused.json().get("data"), None);
        let wait: i64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=9).contains(&wait), "{wait}");
        city.clock.advance(wait);
        assert_eq!(ask(&server, &[], CITY).await.status, 200);
    });
}

#[test]
fn nothing_is_executed_for_whoever_has_used_up_everything() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(4, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let document = format!(
            "mutation {{ requestCode(input: {{ phone: \"{}\", purpose: REGISTER }}) {{ __typename }} }}",
            person(1).phone
        );
        assert_eq!(ask(&server, &[], "{ city { key } }").await.status, 200);

        let refused = ask(&server, &[], &document).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (429, "RATE_LIMITED")
        );
        city.deliver().await;
        assert_eq!(city.code_of(&person(1).phone), None);
    });
}

#[test]
fn an_account_that_has_used_up_everything_takes_nothing_from_its_neighbours() {
    on_both_databases(async |city| {
        let limits = Limits {
            account: rate(20, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let bearer = async |number| {
            let signed_in = city.register(&person(number)).await;
            format!("Bearer {}", signed_in["token"].as_str().expect("a token"))
        };
        let (greedy, neighbour) = (bearer(1).await, bearer(2).await);
        let greedy = [("authorization", greedy.as_str())];
        while ask(&server, &greedy, CITY).await.status == 200 {}
        let anybody = remaining(&ask(&server, &[], CITY).await);

        for _ in 0..3 {
            let refused = ask(&server, &greedy, CITY).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (429, "RATE_LIMITED")
            );
        }

        let neighbour = [("authorization", neighbour.as_str())];
        assert_eq!(remaining(&ask(&server, &neighbour, CITY).await), 12);
        // Three refused requests cost their address one each, and an answered one what it cost.
        let left = remaining(&ask(&server, &[], CITY).await);
        assert_eq!(anybody - left, 3 + 9 + 9);
    });
}

#[test]
fn only_a_trusted_proxy_is_believed_for_whom_it_asks() {
    on_both_databases(async |city| {
        let limits = Limits {
            address: rate(10, 1),
            ..wide()
        };
        let untrusted = limited(city, limits).await;
        let forwarded = |address| [("x-forwarded-for", address)];
        assert_eq!(
            ask(&untrusted, &forwarded("203.0.113.1"), CITY)
                .await
                .status,
            200
        );
        assert_eq!(
            ask(&untrusted, &forwarded("203.0.113.2"), CITY)
                .await
                .status,
            429
        );

        let config = fairplate::config::HttpConfig {
            trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
            ..Default::default()
        };
        let options = Options {
            limits: Some(limits),
            proxies: Proxies::from(&config),
            ..Options::default()
        };
        let trusted = Server::start_with(&city.app, options).await;
        assert_eq!(
            ask(&trusted, &forwarded("203.0.113.1"), CITY).await.status,
            200
        );
        assert_eq!(
            ask(&trusted, &forwarded("203.0.113.2"), CITY).await.status,
            200
        );
        let spoofed = forwarded("203.0.113.9, 203.0.113.1");
        assert_eq!(ask(&trusted, &spoofed, CITY).await.status, 429);
    });
}

#[test]
fn look_ups_by_code_are_counted_in_whatever_way_they_are_asked() {
    on_both_databases(async |city| {
        let limits = Limits {
            look_ups: rate(3, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let code = "0486106556963";
        let path = format!("/result/{PERIOD}/{code}");
        let field = format!("result(period: \"{PERIOD}\", code: \"{code}\") {{ __typename }}");
        let certificate = "certificate(number: \"0000000000000000\")";
        assert_eq!(server.get(&path).await.0, 404);
        let both = format!("{{ a: {field} {certificate} }}");
        assert_eq!(ask(&server, &[], &both).await.status, 200);

        assert_eq!(server.get(&path).await.0, 429);
        for document in [format!("{{ {field} }}"), format!("{{ {certificate} }}")] {
            let refused = ask(&server, &[], &document).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (429, "RATE_LIMITED")
            );
        }
        assert_eq!(
            ask(&server, &[], CITY).await.status,
            200,
            "a bystander's question"
        );
        city.clock.advance(1);
        assert_eq!(server.get(&path).await.0, 404);
    });
}

#[test]
fn operations_that_take_a_password_are_counted_by_address() {
    on_both_databases(async |city| {
        let limits = Limits {
            entrances: rate(2, 1),
            ..wide()
        };
        let server = limited(city, limits).await;
        let document = format!(
            "mutation {{ signIn(input: {{ phone: \"{}\", password: \"a wrong one\" }}) {{ __typename }} }}",
            person(1).phone
        );
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(ask(&server, &[], &document).await.status);
        }
        assert_eq!(statuses, [200, 200, 429]);
        assert_eq!(ask(&server, &[], CITY).await.status, 200);
    });
}

/// Writes bytes, and reads until the server ends the connection.
async fn until_closed(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("connected");
    stream.write_all(bytes).await.expect("written");
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let ended = tokio::time::timeout(Duration::from_secs(30), reading).await;
    // A reset is an end, too.
    drop(ended.expect("the server ends the connection"));
    answer
}

#[test]
fn a_connection_that_does_not_finish_its_request_is_dropped() {
    on_both_databases(async |city| {
        let patience = Patience {
            head: Duration::from_millis(300),
            body: Duration::from_millis(300),
            idle: Duration::from_millis(900),
            stall: Duration::from_secs(60),
        };
        let options = Options {
            patience,
            ..Options::default()
        };
        let server = Server::start_with(&city.app, options).await;
        let half_preface = "PRI * HTTP/2.0\r\n";
        for half in [
            "",
            "G",
            "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ",
            half_preface,
        ] {
            assert_eq!(until_closed(&server, half.as_bytes()).await, b"", "{half}");
        }
        let post = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
            content-length: 100\r\n\r\n{";
        let refused = until_closed(&server, post.as_bytes()).await;
        let refused = String::from_utf8_lossy(&refused).into_owned();
        assert!(refused.starts_with("HTTP/1.1 408"), "{refused}");
        let whole = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        let answer = until_closed(&server, whole.as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.ends_with("live\n"), "{answer}");
    });
}

#[test]
fn a_query_that_takes_too_long_is_given_up() {
    on_both_databases(async |city| {
        let options = Options {
            query_time: Duration::ZERO,
            ..Options::default()
        };
        let server = Server::start_with(&city.app, options).await;
        let document = "{ periods { nodes { number } } }";

        let refused = ask(&server, &[], document).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (503, "TIMED_OUT")
        );
        assert_eq!(refused.header("retry-after"), "5");
        // A mutation goes on to its end.
        let signed_out = "mutation { signOut(input: { sessions: OTHERS }) { count } }";
        assert_eq!(
            ask(&server, &[], signed_out).await.code(),
            "UNAUTHENTICATED"
        );
    });
}

#[test]
fn a_change_that_waits_for_another_is_given_up_and_can_be_asked_for_again() {
    on_both_databases(async |city| {
        let mut options = sea_orm::ConnectOptions::new(city.database().url());
        options
            .map_sqlx_postgres_opts(|postgres| postgres.options([("lock_timeout", "50ms")]))
            .map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(Duration::from_millis(50)));
        let impatient = sea_orm::Database::connect(options)
            .await
            .expect("a database");
        let change = "UPDATE city SET key = key";
        let other = store::begin(&city.app.db).await.expect("begun");
        other.execute_unprepared(change).await.expect("changed");

        let waited = impatient.execute_unprepared(change).await;

        let error = Error::from(waited.expect_err("given up"));
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        other.rollback().await.expect("rolled back");
        impatient.execute_unprepared(change).await.expect("changed");
    });
}

#[test]
fn long_answers_to_queries_are_packed_for_whoever_takes_that() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let gzip = [("accept-encoding", "gzip")];
        let long = "{ city { policy { text } } }";

        let packed = ask(server, &gzip, long).await;
        let plain = ask(server, &[("accept-encoding", "identity")], long).await;
        let short = ask(server, &gzip, "{ city { key } }").await;

        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_eq!(packed.header("vary"), "accept, accept-encoding");
        assert!(packed.body.len() < plain.body.len() / 2);
        assert_eq!(plain.header("content-encoding"), "");
        assert_ne!(plain.json()["data"], Value::Null);
        assert_eq!(short.header("content-encoding"), "");
    });
}

/// A request of HTTP/2 without any preparation: the preface, empty settings, and `GET /healthz` with
/// the indexed headers of RFC 7541.
const H2_GET: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\
    \x00\x00\x00\x04\x00\x00\x00\x00\x00\
    \x00\x00\x0f\x01\x05\x00\x00\x00\x01\x82\x86\x04\x08/healthz\x01\x01x";

#[test]
fn a_client_that_begins_with_http_2_is_answered_in_it_on_the_same_port() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let mut stream = TcpStream::connect(server.address())
            .await
            .expect("connected");
        stream.write_all(H2_GET).await.expect("written");
        let mut bytes = Vec::new();
        let reading = async {
            while !bytes.windows(5).any(|window| window == b"live\n") {
                let read = stream.read_buf(&mut bytes).await.expect("bytes");
                assert!(read > 0, "closed after {bytes:?}");
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reading)
            .await
            .expect("an answer");
        // Settings come first; the status 200 is the indexed header 0x88.
        assert_eq!(bytes[3], 4, "{bytes:?}");
        assert!(bytes.contains(&0x88), "{bytes:?}");
        assert_eq!(server.get("/healthz").await, (200, b"live\n".to_vec()));
    });
}
