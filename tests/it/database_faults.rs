//! A PostgreSQL in trouble on result day: look-ups are answered, the rest is told when to come again.

use std::time::{Duration, Instant};

use entity::period_move;
use fairplate::{http::Options, service::publication, store};
use fairplate_tests::{
    Asks as _, TestCity, on_both_databases,
    proxy::{Fault, Proxy},
    server::Server,
    stages::{PERIOD, places},
    writing::{is_done, move_a_day},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
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

/// Somebody else holds what the change waits for, longer than whoever asked is kept waiting.
#[test]
fn a_change_that_takes_too_long_is_said_to_be_unknown_and_is_done_once_when_asked_for_again() {
    on_both_databases(async |city| {
        city.finished(2, places(1, 1)).await;
        let token = city.officer().await.token().expect("a session").to_owned();
        let options = Options {
            limits: None,
            mutation_time: Duration::from_millis(200),
            ..Options::default()
        };
        let server = Server::start_with(&city.another_node(None).await, options).await;
        let count = async || period_move::Entity::find().count(&city.app.db).await;
        let held = store::begin(&city.app.db).await.expect("a transaction");
        store::cities::lock(&held, city.app.city)
            .await
            .expect("held");

        for _ in 0..2 {
            let unknown = move_a_day(&server, &token, 0).await;

            assert_eq!(
                (unknown.status, unknown.code().as_str()),
                (503, "OUTCOME_UNKNOWN")
            );
            assert_eq!(unknown.header("retry-after"), "5");
            let text = unknown.json()["errors"][0]["message"].to_string();
            assert!(text.contains("the same idempotencyKey"), "{text}");
        }
        held.rollback().await.expect("let go");
        let began = Instant::now();
        while !is_done(&move_a_day(&server, &token, 0).await) {
            assert!(began.elapsed() < PATIENCE, "nothing holds it any more");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        assert_eq!(count().await.expect("a count"), 1);
        assert!(
            is_done(&move_a_day(&server, &token, 1).await),
            "the next one"
        );
        assert!(
            is_done(&move_a_day(&server, &token, 0).await),
            "the first answer"
        );
        assert_eq!(count().await.expect("a count"), 2);
    });
}
