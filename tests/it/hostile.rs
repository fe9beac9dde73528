//! Requests that mean no good: each is refused in bounded time and memory, and changes nothing.

mod bodies;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    time::{Duration, Instant},
};

use fairplate::graphql::{
    self,
    document::{ENTRANCES, LOOK_UPS},
};
use fairplate_tests::{
    Asks as _, TestCity, on_both_databases,
    people::person,
    server::{Sent, Server},
    stages::places,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::json;

use crate::access;

/// How many rows every table has.
async fn row_counts(db: &DatabaseConnection) -> BTreeMap<String, i64> {
    let backend = db.get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables = db
        .query_all_raw(Statement::from_string(backend, sql))
        .await
        .expect("the names of tables");
    let mut counts = BTreeMap::new();
    for row in tables {
        let name: String = row.try_get("", "name").expect("a name");
        let sql = format!("SELECT count(*) AS rows FROM \"{name}\"");
        let counted = db.query_one_raw(Statement::from_string(backend, sql)).await;
        let counted = counted.expect("a count").expect("a row");
        counts.insert(name, counted.try_get("", "rows").expect("a number"));
    }
    assert!(counts.len() > 20, "{counts:?}");
    counts
}

/// What browsers send for other sites without asking first, and what nobody should send.
async fn in_every_wrong_way(server: &Server, token: &str, document: &str) -> Vec<Sent> {
    let bearer = format!("Bearer {token}");
    let json = json!({ "query": document }).to_string();
    let form = document.bytes().fold(String::new(), |mut form, byte| {
        write!(form, "%{byte:02X}").expect("a text takes everything");
        form
    });
    let multipart = format!(
        "--x\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{json}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{{}}\r\n--x--\r\n"
    );
    let query = format!("/graphql?query={form}");
    let mut answers = Vec::new();
    for (method, path, media, body) in [
        ("GET", query.as_str(), "", String::new()),
        ("HEAD", query.as_str(), "", String::new()),
        ("POST", query.as_str(), "", String::new()),
        ("PUT", "/graphql", "application/json", json.clone()),
        ("POST", "/graphql", "text/plain", json.clone()),
        (
            "POST",
            "/graphql",
            "application/x-www-form-urlencoded",
            format!("query={form}"),
        ),
        (
            "POST",
            "/graphql",
            "multipart/form-data; boundary=x",
            multipart,
        ),
        (
            "POST",
            "/graphql",
            "application/graphql",
            document.to_owned(),
        ),
        ("POST", "/graphql", "", json.clone()),
        ("POST", "/graphql", "application/json", format!("[{json}]")),
    ] {
        let mut headers = vec![("authorization", bearer.as_str())];
        if !media.is_empty() {
            headers.push(("content-type", media));
        }
        answers.push(server.send(method, path, &headers, body).await);
    }
    answers
}

#[test]
fn a_mutation_in_any_wrong_way_changes_nothing() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let owner = city.apply(&person(1)).await;
        let officer = city.officer().await;
        let server = city.server().await;
        let before = row_counts(&city.app.db).await;
        let mut tried = 0;
        for (field, template) in access::mutations() {
            let document = template.replace("$own", &owner.node_id());
            for token in [owner.token(), officer.token()] {
                let token = token.expect("a token");
                for answer in in_every_wrong_way(server, token, &document).await {
                    let refused = matches!(answer.status, 400 | 405 | 415);
                    assert!(refused, "{field}: {answer:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 40 * 2 * 10, "{tried}");
        assert_eq!(row_counts(&city.app.db).await, before);

        let right = json!({ "query": "mutation { requestCode(input: { phone: \"13900000099\", purpose: REGISTER }) { __typename } }" });
        let headers = [("content-type", "application/json")];
        server
            .send("POST", "/graphql", &headers, right.to_string())
            .await;
        assert_ne!(
            row_counts(&city.app.db).await,
            before,
            "the counts see a change"
        );
    });
}

async fn post(city: &TestCity, query: &str) -> Sent {
    let headers = [("content-type", "application/json")];
    let body = json!({ "query": query }).to_string();
    let server = city.server().await;
    server.send("POST", "/graphql", &headers, body).await
}

#[test]
fn sign_ins_that_are_bundled_are_none() {
    on_both_databases(async |city| {
        city.register(&person(1)).await;
        let before = row_counts(&city.app.db).await;
        let sign_in = |number: usize| {
            format!(
                "a{number}: signIn(input: {{ phone: \"{}\", password: \"guess {number}\" }}) {{ __typename }}",
                person(1).phone
            )
        };
        for count in [2, 30, 300] {
            let all: Vec<String> = (0..count).map(sign_in).collect();
            let refused = post(city, &format!("mutation {{ {} }}", all.join(" "))).await;
            assert_eq!(refused.code(), "DOCUMENT_TOO_COSTLY", "{count}");
            assert_eq!(refused.json().get("data"), None);
        }
        let hidden = format!(
            "mutation {{ ...A ...B }} fragment A on Mutation {{ {} }} fragment B on Mutation {{ {} }}",
            sign_in(1),
            sign_in(2)
        );
        assert_eq!(post(city, &hidden).await.code(), "DOCUMENT_TOO_COSTLY");
        assert_eq!(row_counts(&city.app.db).await, before);

        let single = post(city, &format!("mutation {{ {} }}", sign_in(1))).await;
        assert_eq!(single.code(), "");
        assert_ne!(
            row_counts(&city.app.db).await,
            before,
            "one guess is counted"
        );
    });
}

/// The words of the schema's root fields that take a code or a password, or have one sent.
#[test]
fn every_field_that_takes_or_sends_a_secret_is_an_entrance() {
    let sdl = graphql::sdl();
    let kind = |name: &str| {
        let (_, body) = sdl.split_once(&format!("input {name} {{")).expect(name);
        body.split_once("\n}").expect("its end").0.to_owned()
    };
    for (field, _) in access::mutations() {
        let input = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
        let body = kind(&input);
        let secrets = [
            "TypedCodeInput",
            "password:",
            "current:",
            "credential:",
            "code: String!",
        ];
        let takes = secrets.iter().any(|word| body.contains(word));
        let asks = field.starts_with("request") && field != "requestSecondLook";
        let sends = asks || field.starts_with("startPasskey");
        assert_eq!(
            ENTRANCES.contains(&field),
            takes || sends,
            "{field}: {body}"
        );
    }
    for field in LOOK_UPS {
        assert!(sdl.contains(&format!("\n  {field}(\n")), "{field}");
    }
}

/// Memory of this process, which is the server's too, KiB; zero where the system does not tell.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.map_or(0, |number| number.parse().expect("a number"))
}

const TIME_MAX: Duration = Duration::from_secs(10);

const MEMORY_MAX_KIB: u64 = 100 * 1024;

/// Sends a request and takes time and memory.
async fn costs_little<T>(name: &str, sending: impl Future<Output = T>) -> T {
    let (started, before) = (Instant::now(), memory_kib());
    let sent = sending.await;
    let (time, more) = (started.elapsed(), memory_kib().saturating_sub(before));
    assert!(time < TIME_MAX, "{name}: {time:?}");
    assert!(more < MEMORY_MAX_KIB, "{name}: {more} KiB");
    sent
}

#[test]
fn documents_that_are_too_large_are_refused_in_bounded_time_and_memory() {
    on_both_databases(async |city| {
        let fragments = |count: usize| {
            let all: Vec<String> = (0..count)
                .map(|number| format!("fragment F{number} on Query {{ ...F{} }}", number + 1))
                .collect();
            format!("{{ ...F0 }} {}", all.join(" "))
        };
        for (name, query, code) in [
            (
                "5,000 tokens",
                "{ ".to_owned() + &"city ".repeat(5_000) + "}",
                "DOCUMENT_TOO_COSTLY",
            ),
            (
                "depth 200",
                "{ city ".repeat(200) + &"}".repeat(200),
                "DOCUMENT_TOO_COSTLY",
            ),
            ("depth 20,000", "{a".repeat(20_000), "DOCUMENT_TOO_COSTLY"),
            ("1,300 fragments", fragments(1_300), "DOCUMENT_TOO_COSTLY"),
        ] {
            let refused = costs_little(name, post(city, &query)).await;
            assert_eq!(refused.code(), code, "{name}");
            assert_eq!(refused.json().get("data"), None, "{name}");
        }
        let name = "100,000 fragments";
        let body = json!({ "query": fragments(100_000) })
            .to_string()
            .into_bytes();
        let length = format!("content-length: {}", body.len());
        let sending = bodies::until_refused(city, &length, [body]);
        let taken = costs_little(name, sending).await;
        assert_eq!(taken.status_and_code(), (413, "BODY_TOO_LONG".to_owned()));
    });
}
