//! Documents that are named instead of sent: automatic persisted queries, and trusted documents.

use std::net::SocketAddr;

use fairplate::{
    graphql::trusted,
    http::{Bound, Options},
};
use fairplate_tests::{
    TestCity, on_both_databases,
    server::{Sent, Server},
    stages::{PERIOD, places},
};
use serde_json::{Value, json};
use verifier::text::Digest;

const CITY: &str = "{ city { key } }";

fn sha256(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

/// Apollo's way of naming a document.
fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn post(server: &Server, body: Value) -> Sent {
    let headers = [("content-type", "application/json")];
    server
        .send("POST", "/graphql", &headers, body.to_string())
        .await
}

/// A GET with these parameters.
async fn get(server: &Server, pairs: &[(&str, String)]) -> Sent {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let bytes = value.bytes().map(|byte| format!("%{byte:02X}"));
            format!("{name}={}", bytes.collect::<String>())
        })
        .collect();
    let path = format!("/graphql?{}", encoded.join("&"));
    server.send("GET", &path, &[], "").await
}

async fn trusting(city: &TestCity, options: Options) -> Server {
    let options = Options {
        limits: None,
        ..options
    };
    Server::start_with(&city.app, options).await
}

#[test]
fn a_document_is_sent_once_and_then_named_by_its_hash() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let hash = sha256(CITY);
        let named = json!({ "extensions": persisted(&hash) });

        let unknown = post(server, named.clone()).await;
        let whole = json!({ "query": CITY, "extensions": persisted(&hash) });
        let sent = post(server, whole).await;
        let again = post(server, named).await;
        let fetched = get(server, &[("extensions", persisted(&hash).to_string())]).await;

        assert_eq!(
            (unknown.status, unknown.code().as_str()),
            (200, "PERSISTED_QUERY_NOT_FOUND")
        );
        assert_eq!(
            unknown.json()["errors"][0]["message"],
            "PersistedQueryNotFound"
        );
        for answer in [sent, again, fetched] {
            assert_eq!(
                answer.json()["data"]["city"]["key"],
                "hangzhou",
                "{answer:?}"
            );
        }
    });
}

#[test]
fn a_hash_of_another_text_is_refused_and_nothing_is_kept_under_it() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let hash = sha256("{ city { origin } }");
        let forged = json!({ "query": CITY, "extensions": persisted(&hash) });

        let refused = post(server, forged).await;
        let named = post(server, json!({ "extensions": persisted(&hash) })).await;

        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "BAD_REQUEST")
        );
        assert_eq!(named.code(), "PERSISTED_QUERY_NOT_FOUND");
    });
}

#[test]
fn a_document_that_the_schema_refuses_is_not_kept() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let text = "{ city { nothing } }";
        let whole = json!({ "query": text, "extensions": persisted(&sha256(text)) });

        let refused = post(server, whole).await;
        let named = post(server, json!({ "extensions": persisted(&sha256(text)) })).await;

        assert_eq!(refused.code(), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(named.code(), "PERSISTED_QUERY_NOT_FOUND");
    });
}

#[test]
fn a_mutation_that_is_named_over_get_is_refused() {
    on_both_databases(async |city| {
        let server = city.server().await;
        let text = "mutation { signOut(input: { sessions: OTHERS }) { count } }";
        let whole = json!({ "query": text, "extensions": persisted(&sha256(text)) });
        post(server, whole).await;

        let fetched = get(
            server,
            &[("extensions", persisted(&sha256(text)).to_string())],
        )
        .await;

        assert_eq!(
            (fetched.status, fetched.code().as_str()),
            (405, "METHOD_NOT_ALLOWED")
        );
    });
}

#[test]
fn every_document_of_the_house_is_known_by_its_hash() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let server = city.server().await;
        for (name, text) in trusted::OURS {
            let id = format!("sha256:{}", sha256(text));
            let posted = post(server, json!({ "documentId": id })).await;
            assert_ne!(posted.code(), "PERSISTED_QUERY_NOT_FOUND", "{name}");
            assert_ne!(posted.code(), "BAD_REQUEST", "{name}");
        }
        let (_, text) = trusted::OURS
            .iter()
            .find(|(name, _)| *name == "Result")
            .expect("the look-up of a result");
        let id = format!("sha256:{}", sha256(text));
        let variables = json!({ "period": PERIOD, "code": citizens[0].code() });
        let posted = post(server, json!({ "documentId": id, "variables": variables })).await;
        let pairs = [("documentId", id), ("variables", variables.to_string())];
        let fetched = get(server, &pairs).await;
        assert_eq!(posted.json()["data"]["result"]["code"], citizens[0].code());
        assert_eq!(fetched.json()["data"], posted.json()["data"]);
    });
}

#[test]
fn a_server_of_trusted_documents_executes_nothing_else() {
    on_both_databases(async |city| {
        let folder = tempfile::tempdir().expect("a folder");
        let own = "query Own { city { origin } }\n";
        std::fs::write(folder.path().join("Own.graphql"), own).expect("written");
        std::fs::write(folder.path().join("README.md"), "no document").expect("written");
        let options = Options {
            documents: Some(folder.path().to_owned()),
            trusted_only: true,
            ..Options::default()
        };
        let server = trusting(city, options).await;

        let hash = sha256(own);
        let by_id = post(&server, json!({ "documentId": format!("sha256:{hash}") })).await;
        let by_hash = post(&server, json!({ "extensions": persisted(&hash) })).await;
        let by_text = post(&server, json!({ "query": own })).await;
        for answer in [by_id, by_hash, by_text] {
            let json = answer.json();
            assert_eq!(
                json["data"]["city"]["origin"],
                city.app.origin.as_ref(),
                "{json}"
            );
        }

        for body in [
            json!({ "query": CITY }),
            json!({ "query": "{ __schema { queryType { name } } }" }),
            json!({ "query": own.trim() }),
            json!({ "extensions": persisted(&sha256(CITY)) }),
            json!({ "query": CITY, "extensions": persisted(&sha256(CITY)) }),
        ] {
            let refused = post(&server, body.clone()).await;
            assert_eq!(refused.code(), "DOCUMENT_NOT_TRUSTED", "{body}");
            assert_eq!(refused.json().get("data"), None);
        }
    });
}

#[test]
fn a_document_that_cannot_be_trusted_keeps_the_server_from_starting() {
    on_both_databases(async |city| {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text, complaint) in [
            (
                "Own.graphql",
                "query Own {\n  nothing\n}\n",
                "Own.graphql:2: ",
            ),
            ("Own.graphql", "query Own {\n  city {\n", "Own.graphql:"),
            (
                "Own.graphql",
                "query Other { city { key } }",
                "called Own like its file",
            ),
            (
                "Own.graphql",
                "{ city { key } }",
                "called Own like its file",
            ),
            (
                "Own.graphql",
                "query Own { city { key } } query B { city { key } }",
                "one operation",
            ),
        ] {
            std::fs::write(folder.path().join(name), text).expect("written");
            let options = Options {
                documents: Some(folder.path().to_owned()),
                ..Options::default()
            };
            let bound = Bound::to(SocketAddr::from(([127, 0, 0, 1], 0))).await;
            let serving =
                bound
                    .expect("a port")
                    .serve(city.app.clone(), options, std::future::pending());
            let sentence = serving.await.expect_err("refused").to_string();
            assert!(sentence.contains(complaint), "{text}: {sentence}");
        }
    });
}
