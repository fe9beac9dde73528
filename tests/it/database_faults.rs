//! A PostgreSQL in trouble on result day: look-ups are answered, the rest is told when to come again.

use std::time::{Duration, Instant};

use fairplate::{http::Options, service::publication, store};
use fairplate_tests::{
    TestCity, on_both_databases,
    proxy::{Fault, Proxy},
    server::Server,
    stages::{PERIOD, places},
};
use serde_json::json;

/// How long it may take until a database that is back is asked again.
const PATIENCE: Duration = Duration::from_secs(30);

const QUERY: &str = "{ periods(first: 1) { nodes { number } } }";
const MUTATION: &str =
    "mutation { requestCode(input: { phone: \"13800000000\", purpose: SIGN_IN }) { __typename } }";

/// A node whose way to the database goes through a proxy.
async fn node_behind(city: &TestCity) -> (Proxy, Server) {
    let (proxy, url) = Proxy::before(city.database_url()).await;
    let mut node = city.another_node(None).await;
    node.db = store::connect(&url).await.expect("a database");
    publication::catch_up(&node).await.expect("followed");
    let options = Options {
        limits: None,
        kept_for: Duration::ZERO,
        query_time: Duration::from_millis(500),
        ..Options::default()
    };
    (proxy, Server::start_with(&node, options).await)
}

async fn ask(server: &Server, document: &str) -> (u16, String, bool) {
    let headers = [("content-type", "application/json")];
    let body = json!({ "query": document }).to_string();
    let sent = server.send("POST", "/graphql", &headers, body).await;
    (
        sent.status,
        sent.code(),
        !sent.header("retry-after").is_empty(),
    )
}

#[test]
fn look_ups_are_answered_whatever_becomes_of_the_database() {
    on_both_databases(async |city| {
        if !city.is_on_postgres() {
            return;
        }
        let citizens = city.finished(6, places(2, 1)).await;
        let (proxy, server) = node_behind(city).await;
        let paths: Vec<_> = citizens
            .iter()
            .map(|citizen| format!("/result/{PERIOD}/{}", citizen.code()))
            .collect();
        let mut truth = Vec::new();
        for path in &paths {
            truth.push(server.get(path).await);
        }
        assert!(truth.iter().all(|(status, _)| *status == 200));
        for fault in [
            Fault::Lost,
            Fault::Reset,
            Fault::Late(Duration::from_secs(2)),
        ] {
            assert_eq!(ask(&server, QUERY).await.0, 200, "before {fault:?}");
            proxy.set(fault);
            for (path, answer) in paths.iter().zip(&truth) {
                assert_eq!(server.get(path).await, *answer, "{fault:?}");
                let (status, code, says_when) = ask(&server, QUERY).await;
                let retryable = ["TIMED_OUT", "UNAVAILABLE", "OVERLOADED"];
                assert!(
                    retryable.contains(&code.as_str()),
                    "{fault:?}: {status} {code}"
                );
                assert!(says_when || code == "UNAVAILABLE", "{fault:?}: {code}");
            }
            // By now nobody waits for it any longer, and nothing is begun that might be lost.
            let refused = ask(&server, MUTATION).await;
            assert_eq!(refused, (503, "OVERLOADED".to_owned(), true), "{fault:?}");

            proxy.set(Fault::None);

            let began = Instant::now();
            while ask(&server, QUERY).await.0 != 200 || !ask(&server, QUERY).await.1.is_empty() {
                assert!(began.elapsed() < PATIENCE, "it is back and not asked");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
}
