//! What client developers use: their tools on our schema and our documents, and their clients on a
//! running server.

use fairplate::http::Options;
use fairplate_tests::{
    Asks as _, TestCity, node, on_both_databases,
    people::person,
    server::Server,
    settings,
    stages::{PERIOD, places},
};
use serde_json::json;

#[test]
fn every_audit_of_graphql_over_http_passes() {
    on_both_databases(async |city| {
        let url = url(city).await;
        node::run("http.mjs", &[&url]);
    });
}

#[test]
fn every_document_is_valid_and_every_screen_has_one() {
    node::run("validate.mjs", &[]);
}

#[test]
fn graphql_eslint_finds_nothing_in_the_schema_and_the_documents() {
    node::run("lint.mjs", &[]);
}

#[test]
fn relay_compiles_every_document() {
    node::run("relay.mjs", &[]);
}

#[test]
fn graphql_codegen_makes_types_that_typescript_accepts() {
    node::run("codegen.mjs", &[]);
}

#[test]
fn the_running_server_breaks_nothing_of_the_committed_schema() {
    on_both_databases(async |city| {
        let url = url(city).await;
        node::run("inspector.mjs", &[&url]);
    });
}

#[test]
fn every_query_document_is_answered_without_an_error() {
    on_both_databases(async |city| {
        let letter = lived_in(city, &url(city).await).await;
        node::run("plain.mjs", &[&letter]);
    });
}

#[test]
fn apollo_client_runs_the_documents() {
    on_both_databases(async |city| {
        let letter = lived_in(city, &url(city).await).await;
        node::run("apollo.mjs", &[&letter, "text"]);
    });
}

#[test]
fn apollo_client_names_documents_to_a_server_that_executes_no_others() {
    on_both_databases(async |city| {
        let server = trusting(city).await;
        let letter = lived_in(city, &endpoint(&server)).await;
        node::run("apollo.mjs", &[&letter]);
    });
}

#[test]
fn urql_runs_the_documents() {
    on_both_databases(async |city| {
        let letter = lived_in(city, &url(city).await).await;
        node::run("urql.mjs", &[&letter, "text"]);
    });
}

#[test]
fn urql_names_documents_to_a_server_that_executes_no_others() {
    on_both_databases(async |city| {
        let server = trusting(city).await;
        let letter = lived_in(city, &endpoint(&server)).await;
        node::run("urql.mjs", &[&letter]);
    });
}

#[test]
fn the_clients_of_subscriptions_follow_a_draw_and_an_inbox() {
    on_both_databases(async |city| {
        let url = url(city).await;
        let mut waiting = Vec::new();
        for citizen in city.finished(4, places(1, 1)).await {
            let row = city.application(&citizen).await;
            if row.status == entity::application::Status::Valid {
                waiting.push(citizen.signed_in().await);
            }
        }
        for (script, citizen) in ["live-ws.mjs", "live-sse.mjs"].iter().zip(&waiting) {
            node::run(script, &[&url, citizen.token().expect("a token")]);
        }
        assert!(waiting.len() >= 2, "two who have not won");
    });
}

#[test]
fn no_generated_operation_is_our_fault() {
    on_both_databases(async |city| {
        let letter = lived_in(city, &url(city).await).await;
        node::generate(&letter, settings::cases());
    });
}

async fn url(city: &TestCity) -> String {
    endpoint(city.server().await)
}

fn endpoint(server: &Server) -> String {
    format!("http://{}/graphql", server.address())
}

/// A server that executes the documents of the house and no others.
async fn trusting(city: &TestCity) -> Server {
    let options = Options {
        trusted_only: true,
        limits: None,
        ..Options::default()
    };
    Server::start_with(&city.app, options).await
}

/// A city in which each screen has something to show, as the scripts are told of it: the endpoint,
/// a token for each role, and values for variables.
async fn lived_in(city: &TestCity, url: &str) -> String {
    let citizens = city.finished(3, places(1, 1)).await;
    city.deliver().await;
    let mut winner = None;
    for citizen in &citizens {
        let citizen = citizen.signed_in().await;
        let mine = citizen.ask("{ me { certificates { number } } }").await;
        let number = mine.answer().pointer("/me/certificates/0/number").cloned();
        winner = number.map(|number| (number, citizen)).or(winner);
    }
    let (certificate, winner) = winner.expect("a winner");
    let loser = citizens.iter().find(|citizen| citizen.id() != winner.id());
    let newcomer = city.signed_in(&person(50)).await;
    let facts = json!({
        "url": url,
        "tokens": {
            "winner": winner.token(),
            "loser": loser.expect("a loser").signed_in().await.token(),
            "newcomer": newcomer.token(),
            "leaver": city.signed_in(&person(51)).await.token(),
            "reviewer": city.reviewer("fang").await.token(),
            "officer": city.officer().await.token(),
            "auditor": city.auditor("wu").await.token(),
        },
        "values": {
            "period": PERIOD,
            "draw": PERIOD,
            "code": winner.code(),
            "application": winner.node_id(),
            "certificate": certificate,
            "form": newcomer.person.input(),
        },
    });
    node::letter(city.folder(), &facts)
}
