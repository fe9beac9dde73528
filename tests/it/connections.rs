//! Connections and requests that take their time, and how answers travel.

use std::time::Duration;

use fairplate::{
    Error,
    domain::actor::Operator,
    http::{Options, Patience},
    service::sessions,
    store,
};
use fairplate_tests::{
    TestCity, on_both_databases,
    server::{Sent, Server},
};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

async fn ask(server: &Server, headers: &[(&str, &str)], document: &str) -> Sent {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let body = json!({ "query": document }).to_string();
    server.send("POST", "/graphql", &all, body).await
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
            stall: Duration::from_mins(1),
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

/// Writes bytes, then one more now and then, and reads until the server ends the connection.
async fn until_closed_dripping(server: &Server, beginning: &str) -> String {
    let stream = TcpStream::connect(server.address()).await;
    let (mut reading, mut writing) = stream.expect("connected").into_split();
    let written = writing.write_all(beginning.as_bytes()).await;
    written.expect("written");
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(30), reading.read_to_end(&mut answer));
    let dripping = async {
        let mut drops = tokio::time::interval(Duration::from_millis(20));
        loop {
            drops.tick().await;
            // What comes too late is refused; the end is noticed by whoever reads.
            drop(writing.write_all(b"x").await);
        }
    };
    tokio::select! {
        ended = ended => drop(ended.expect("the server ends the connection")),
        () = dripping => {}
    }
    String::from_utf8(answer).expect("text")
}

#[test]
fn a_client_that_drips_is_given_no_more_time_than_one_that_is_silent() {
    on_both_databases(async |city| {
        let patience = Patience {
            head: Duration::from_millis(300),
            body: Duration::from_millis(300),
            ..Patience::default()
        };
        let options = Options {
            patience,
            ..Options::default()
        };
        let server = Server::start_with(&city.app, options).await;
        for beginning in ["G", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "] {
            assert_eq!(until_closed_dripping(&server, beginning).await, "");
        }
        for framing in [
            "content-length: 60000\r\n\r\n",
            "transfer-encoding: chunked\r\n\r\nea60\r\n",
        ] {
            let post = format!(
                "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{framing}"
            );
            let refused = until_closed_dripping(&server, &post).await;
            assert!(refused.starts_with("HTTP/1.1 408"), "{refused}");
        }
        assert_eq!(server.get("/healthz").await.0, 200);
    });
}

/// All connections that the city's server may have to its database.
async fn every_connection(city: &TestCity) -> Vec<DatabaseTransaction> {
    let db = &city.app.db;
    let most = if city.database().is_postgres() {
        let pool = db.get_postgres_connection_pool();
        pool.options().get_max_connections()
    } else {
        let pool = db.get_sqlite_connection_pool();
        pool.options().get_max_connections()
    };
    let mut held = Vec::new();
    for _ in 0..most {
        held.push(db.begin().await.expect("a connection"));
    }
    held
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
        // Somebody holds every connection, so that the query has to wait whatever the machine does.
        let held = every_connection(city).await;

        let refused = ask(&server, &[], document).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (503, "TIMED_OUT")
        );
        assert_eq!(refused.header("retry-after"), "5");
        drop(held);
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

/// However far a transaction has begun when it is given up, nobody after it writes into it.
#[test]
fn what_is_written_after_a_transaction_was_given_up_is_there_for_everybody() {
    on_both_databases(async |city| {
        let other = city.another_node(None).await;
        let connections = every_connection(city).await.len();
        for polls in 0..12 {
            let is_writing = polls % 2 == 0;
            let mut beginning = Box::pin(async {
                if is_writing {
                    store::begin(&city.app.db).await
                } else {
                    store::begin_reading(&city.app.db).await
                }
            });
            for _ in 0..=polls / 2 {
                if futures_util::poll!(&mut beginning).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(beginning);
            let opening = (0..connections).map(|_| {
                let opened = sessions::open_for_officer(&city.app, &Operator, "zhou");
                async { opened.await.expect("a session") }
            });
            for token in join_all(opening).await {
                let known = sessions::identify(&other, &token).await;
                assert!(known.is_ok(), "given up at the poll of number {polls}");
            }
        }
    });
}
