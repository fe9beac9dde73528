//! Answers that need neither the executor nor the database: the same bytes, sooner.

use std::time::Duration;

use fairplate::{config::Tier, domain::code::ApplicationCode, http::Options, service::ceremony};
use fairplate_tests::{
    TestCity, on_both_databases,
    server::{Sent, Server},
    stages::{PERIOD, officer, places},
};
use serde_json::{Value, json};
use verifier::text::Digest;

const TRUSTED: &str = include_str!("../../api/documents/Result.graphql");

/// Documents that look one result up, each with the variables it takes.
const DOCUMENTS: [(&str, &[&str]); 7] = [
    (TRUSTED, &["period", "code"]),
    (TRUSTED, &["period", "code", "locale"]),
    (
        "query A($p: PeriodNumber!, $c: ApplicationCode!) { mine: result(code: $c, period: $p) \
         { what: __typename c: code code ...F ... on PeriodResult { period } } } \
         fragment F on ResultWon { rank serial score draw weight category s: sentence(locale: EN) }",
        &["p", "c"],
    ),
    (
        "query ($p: PeriodNumber!, $c: ApplicationCode!, $l: Locale! = EN) \
         { result(period: $p, code: $c) { sentence(locale: $l) zh: sentence code code } }",
        &["p", "c", "l"],
    ),
    // Nothing is asked of most outcomes.
    (
        "query ($p: PeriodNumber!, $c: ApplicationCode!) \
         { result(period: $p, code: $c) { ... on ResultWon { rank } ... on ResultReserve { serial } } }",
        &["p", "c"],
    ),
    // The executor's alone.
    (
        "query ($p: PeriodNumber!, $c: ApplicationCode!) \
         { result(period: $p, code: $c) { code @include(if: true) } __typename }",
        &["p", "c"],
    ),
    (
        "query ($p: PeriodNumber!, $c: ApplicationCode!, $l: Locale) \
         { result(period: $p, code: $c) { sentence(locale: $l) } }",
        &["p", "c"],
    ),
];

fn options() -> Options {
    Options {
        kept_for: Duration::ZERO,
        ..Options::default()
    }
}

fn variables(names: &[&str], period: &str, code: &str) -> Value {
    let mut variables = json!({});
    for (name, value) in names.iter().zip([period, code, "EN"]) {
        variables[*name] = json!(value);
    }
    variables
}

/// Codes of every outcome, of another period, mistyped, and no codes at all.
async fn asked(city: &TestCity) -> Vec<(String, String)> {
    let citizens = city.finished(6, places(2, 1)).await;
    let mut asked: Vec<_> = citizens
        .iter()
        .map(|citizen| (PERIOD.to_owned(), citizen.code().to_owned()))
        .collect();
    let absent = ApplicationCode::from_number(7).to_string();
    for (period, code) in [
        (PERIOD, absent.as_str()),
        ("202612", &absent),
        ("209901", &absent),
        ("June", &absent),
        (PERIOD, "1234567890123"),
        (PERIOD, "A1"),
        (PERIOD, ""),
    ] {
        asked.push((period.to_owned(), code.to_owned()));
    }
    asked
}

async fn by_post(server: &Server, body: &Value) -> Sent {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/graphql-response+json"),
    ];
    server
        .send("POST", "/graphql", &headers, body.to_string())
        .await
}

async fn by_get(server: &Server, pairs: &[(&str, &str)]) -> Sent {
    let query = pairs.iter().map(|(name, value)| {
        let value: String = value
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        format!("{name}={value}")
    });
    let query: Vec<_> = query.collect();
    let path = format!("/graphql?{}", query.join("&"));
    server.send("GET", &path, &[], "").await
}

/// One node answers from memory, the other executes everything over the database: whatever is asked,
/// and however, both say the same, down to what is left of the client's allowance.
#[test]
fn a_known_look_up_is_answered_with_the_executors_bytes() {
    on_both_databases(async |city| {
        let asked = asked(city).await;
        let near = Server::start_with(&city.app, options()).await;
        let mut far = city.another_node(None).await;
        far.tier = Tier::Database;
        let far = Server::start_with(&far, options()).await;
        for (document, names) in DOCUMENTS {
            let id = format!("sha256:{}", Digest::of(document.as_bytes()));
            // The first one is executed by both, and from then on the document is known.
            for (period, code) in asked.iter().chain(&asked) {
                let variables = variables(names, period, code);
                let text = variables.to_string();
                for body in [
                    json!({ "query": document, "variables": variables }),
                    json!({ "documentId": id, "variables": variables }),
                ] {
                    let both = (by_post(&near, &body).await, by_post(&far, &body).await);
                    assert_same(&both, &body);
                    assert!(
                        both.0
                            .json()
                            .pointer("/extensions/cost/remaining")
                            .is_some()
                    );
                }
                for pairs in [
                    [("query", document), ("variables", &text)],
                    [("documentId", &id), ("variables", &text)],
                ] {
                    let both = (by_get(&near, &pairs).await, by_get(&far, &pairs).await);
                    assert_same(&both, &variables);
                }
            }
        }
    });
}

fn assert_same((near, far): &(Sent, Sent), asked: &Value) {
    let text = |sent: &Sent| String::from_utf8_lossy(&sent.body).into_owned();
    assert_eq!(text(near), text(far), "{asked}");
    assert_eq!(near.status, far.status, "{asked}");
    for name in ["content-type", "cache-control", "etag", "vary"] {
        assert_eq!(near.header(name), far.header(name), "{name} of {asked}");
    }
}

#[test]
fn who_has_the_answer_already_is_told_so_without_it() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let server = Server::start(&city.app).await;
        let code = citizens[0].code();
        let query = format!("{{ result(period: \"{PERIOD}\", code: \"{code}\") {{ code }} }}");
        let graphql = format!(
            "/graphql?query={}",
            query.replace(' ', "%20").replace('"', "%22")
        );
        for (path, keeping) in [
            (format!("/result/{PERIOD}/{code}"), "max-age=5"),
            (format!("/draw/{PERIOD}/result/{code}"), "immutable"),
            (graphql, "max-age=5"),
        ] {
            let whole = server.send("GET", &path, &[], "").await;
            assert_eq!(whole.status, 200, "{path}");
            assert!(whole.header("cache-control").contains(keeping), "{path}");
            let tag = whole.header("etag").to_owned();
            assert!(tag.starts_with('"'), "strong: {tag}");

            let known = server
                .send("GET", &path, &[("if-none-match", &tag)], "")
                .await;
            let other = server
                .send("GET", &path, &[("if-none-match", "\"x\"")], "")
                .await;

            assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
            assert_eq!(known.header("etag"), tag);
            assert_eq!(known.header("cache-control"), whole.header("cache-control"));
            assert_eq!((other.status, &other.body), (200, &whole.body), "{path}");
        }
        let posted = by_post(&server, &json!({ "query": query })).await;
        assert_eq!(posted.header("etag"), "", "nobody keeps what was posted");
    });
}

#[test]
fn what_is_not_out_yet_is_kept_by_nobody_for_long() {
    on_both_databases(async |city| {
        let citizens = city.closed(3, places(1, 1)).await;
        let server = Server::start(&city.app).await;
        let code = citizens[0].code();
        for path in [
            format!("/result/{PERIOD}/{code}"),
            format!("/draw/{PERIOD}/result/{code}"),
        ] {
            let early = server.send("GET", &path, &[], "").await;
            assert_eq!(early.json()["outcome"], "NOT_PUBLISHED", "{path}");
            let keeping = early.header("cache-control");
            assert!(keeping.contains("max-age=5") && !keeping.contains("immutable"));
        }
        let (status, _) = server.get(&format!("/draw/209901/result/{code}")).await;
        assert_eq!(status, 404);
    });
}

/// A list that was found a moment ago is told again, until something is published.
#[test]
fn a_public_list_is_found_once_for_all_who_ask() {
    on_both_databases(async |city| {
        city.closed(3, places(1, 1)).await;
        let kept = Options {
            kept_for: Duration::from_hours(1),
            ..options()
        };
        let server = Server::start_with(&city.app, kept).await;
        let fresh = Server::start(&city.app).await;
        let ask = async |server: &Server| {
            let pairs = [(
                "query",
                "{ periods(first: 100) { nodes { number phase } } }",
            )];
            by_get(server, &pairs).await.json()["data"].clone()
        };
        let before = ask(&server).await;
        assert_eq!(before, ask(&fresh).await);

        city.open_period("202608", 8, places(1, 1)).await;

        assert_eq!(ask(&server).await, before, "still told");
        assert_ne!(ask(&fresh).await, before, "while it has changed");
        let finished = ceremony::finish(&city.app, &officer(), PERIOD).await;
        finished.expect("finished");
        assert_eq!(ask(&server).await, ask(&fresh).await, "another epoch");
    });
}
