//! Spans: that they come, what they say, and that they name nobody.

use std::sync::Arc;

use fairplate::{
    App,
    config::Tier,
    graphql::trusted,
    store,
    telemetry::{Telemetry, Traces},
};
use fairplate_tests::{
    TestCity, on_both_databases,
    people::person,
    receiver::Receiver,
    server::Server,
    stages::{PERIOD, places},
};
use serde_json::json;

/// A node of the city whose every span goes to a collector.
async fn traced(city: &TestCity, collector: &Receiver) -> App {
    let mut node = city.another_node(None).await;
    let traces = Traces::to(collector.address(), 1.0).expect("an address");
    node.telemetry = Arc::new(Telemetry::tracing_to(traces));
    store::watch(&mut node.db, &node.telemetry);
    // What is answered from memory takes no time worth a span.
    node.tier = Tier::Database;
    node
}

/// Everything that a collector was sent once a node has sent all of it.
async fn sent(node: &App, collector: &Receiver) -> String {
    let telemetry = Arc::clone(&node.telemetry);
    let closing = tokio::task::spawn_blocking(move || telemetry.traces.close());
    closing.await.expect("closed");
    let received = collector.received();
    assert!(received.iter().all(|one| one.path == "/v1/traces"));
    received.into_iter().map(|one| one.body).collect()
}

#[test]
fn a_request_leaves_spans_that_say_what_took_how_long_and_not_for_whom() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let collector = Receiver::answering(&[]);
        let node = traced(city, &collector).await;
        let server = Server::start(&node).await;
        let (code, somebody) = (citizens[0].code(), person(1));
        let path = format!("/result/{PERIOD}/{code}?{}", somebody.phone);
        let headers = [
            ("user-agent", "canary/1"),
            ("x-forwarded-for", "198.51.100.77"),
            (
                "traceparent",
                "00-ca0a41ca0a41ca0a41ca0a41ca0a41aa-ca0a41ca0a41ca0a-01",
            ),
            ("authorization", "Bearer canarytoken"),
        ];
        assert_eq!(server.send("GET", &path, &headers, "").await.status, 200);
        let ours = trusted::OURS.iter().find(|(name, _)| *name == "Result");
        let (name, text) = ours.expect("a document of the house");
        let id = format!("sha256:{}", verifier::text::Digest::of(text.as_bytes()));
        let variables = json!({ "period": PERIOD, "code": code, "name": somebody.name });
        let asked = json!({ "documentId": id, "variables": variables });
        let headers = [("content-type", "application/json")];
        server
            .send("POST", "/graphql", &headers, asked.to_string())
            .await;
        let theirs = format!("query Canary_{code} {{ city {{ canary: name }} }}");
        let asked = json!({ "query": theirs, "operationName": format!("Canary_{code}") });
        let answered = server
            .send("POST", "/graphql", &headers, asked.to_string())
            .await;
        assert_eq!(answered.status, 200, "{}", answered.json());
        let asked = json!({ "query": format!("mutation {{ requestCode(input: {{ phone: \"{}\", purpose: REGISTER }}) {{ __typename }} }}", somebody.phone) });
        let answered = server
            .send("POST", "/graphql", &headers, asked.to_string())
            .await;
        assert_eq!(answered.status, 200, "{}", answered.json());

        let spans = sent(&node, &collector).await;

        for word in [
            "/result/:period/:code",
            "results.find",
            "/graphql",
            "http.response.status_code",
            "graphql.operation.name",
            *name,
            "database",
            "INSERT",
            "execute",
        ] {
            assert!(spans.contains(word), "no {word} in\n{spans:?}");
        }
        let secret = ["canary", "Canary", "198.51.100.77", "canarytoken", code];
        let personal = [&somebody.phone, &somebody.name, &somebody.id_number];
        for word in secret.into_iter().chain(personal.map(String::as_str)) {
            assert!(!spans.contains(word), "{word} in\n{spans:?}");
        }
    });
}

#[test]
fn a_collector_that_is_away_changes_no_answer() {
    on_both_databases(async |city| {
        let citizens = city.finished(2, places(1, 1)).await;
        let mut node = city.another_node(None).await;
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", nobody.local_addr().expect("an address"));
        drop(nobody);
        let traces = Traces::to(&address, 1.0).expect("an address");
        node.telemetry = Arc::new(Telemetry::tracing_to(traces));
        let server = Server::start(&node).await;
        let path = format!("/result/{PERIOD}/{}", citizens[0].code());

        let found = server.send("GET", &path, &[], "").await;

        let expected = city.server().await.send("GET", &path, &[], "").await;
        assert_eq!((found.status, found.json()), (200, expected.json()));
        let closing = tokio::task::spawn_blocking(move || node.telemetry.traces.close());
        closing.await.expect("closed");
    });
}

#[test]
fn what_is_no_address_is_refused() {
    for wrong in ["", "not a url", "http://[::1"] {
        assert!(Traces::to(wrong, 1.0).is_err(), "{wrong}");
    }
}
