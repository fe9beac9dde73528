//! What a node counts, where that is told, and that it names nobody.

use std::{net::TcpListener, sync::Arc};

use fairplate::{
    App,
    cache::{Cache, Shared},
    domain::{actor::Worker, code::ApplicationCode},
    jobs,
    service::{health, leases::Timing, publication, results},
    telemetry,
};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity,
    live::Socket,
    on_both_databases,
    people::person,
    server::Server,
    settings,
    stages::{PERIOD, places},
};

/// The page that a node shows to whoever watches it.
async fn page(watched: &Server) -> String {
    let sent = watched.send("GET", "/metrics", &[], "").await;
    assert_eq!(sent.status, 200);
    let media = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(sent.header("content-type"), media);
    String::from_utf8(sent.body).expect("a text")
}

/// The value of a sample, named with its labels.
fn value(page: &str, sample: &str) -> f64 {
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("no {sample} in\n{page}"));
    line.parse().expect("a number")
}

fn assert_values(page: &str, expected: &[(&str, f64)]) {
    for (sample, number) in expected {
        let found = value(page, sample);
        assert!(
            (found - number).abs() < 1e-9,
            "{sample} is {found}, not {number}"
        );
    }
}

/// What three look-ups, a query and three mistakes come to.
const COUNTED: &[(&str, f64)] = &[
    (
        "fairplate_requests_total{route=\"result\",status=\"2xx\"}",
        3.0,
    ),
    (
        "fairplate_requests_total{route=\"result\",status=\"4xx\"}",
        1.0,
    ),
    (
        "fairplate_requests_total{route=\"graphql\",status=\"2xx\"}",
        1.0,
    ),
    (
        "fairplate_requests_total{route=\"other\",status=\"4xx\"}",
        1.0,
    ),
    (
        "fairplate_request_duration_seconds_count{route=\"result\"}",
        4.0,
    ),
    ("fairplate_look_ups_total{tier=\"local\"}", 3.0),
    ("fairplate_look_ups_total{tier=\"database\"}", 0.0),
    ("fairplate_requests_in_flight", 0.0),
    ("fairplate_epoch_loaded", 1.0),
    ("fairplate_epoch_published", 1.0),
    ("fairplate_ready", 1.0),
    ("fairplate_database_up", 1.0),
];

#[test]
fn a_node_counts_what_it_answers_and_tells_it_to_whoever_watches_alone() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let (server, watched) = (
            Server::start(&city.app).await,
            Server::start_telling(&city.app).await,
        );
        for citizen in &citizens {
            let path = format!("/result/{PERIOD}/{}", citizen.code());
            assert_eq!(server.get(&path).await.0, 200);
        }
        assert_eq!(server.get(&format!("/result/{PERIOD}/12")).await.0, 400);
        assert_eq!(
            server
                .post(None, "{ city { name } }", serde_json::json!({}))
                .await
                .status,
            200
        );
        assert_eq!(server.get("/metrics").await.0, 404, "not to the public");
        assert_eq!(
            watched.get("/readyz").await.0,
            404,
            "and nothing else to whoever watches"
        );
        assert_eq!(watched.send("POST", "/metrics", &[], "").await.status, 405);

        let page = page(&watched).await;

        assert_values(&page, COUNTED);
        assert!(value(&page, "fairplate_index_bytes") > 50.0);
        assert!(
            value(
                &page,
                "fairplate_database_statements_total{outcome=\"done\"}"
            ) > 10.0
        );
        assert!(value(&page, "fairplate_database_connections_limit") > 1.0);
        assert!(page.ends_with("# EOF\n"));
        for citizen in &citizens {
            assert!(!page.contains(citizen.code()));
        }
    });
}

#[test]
fn whatever_clients_send_makes_no_new_line() {
    on_both_databases(async |city| {
        city.finished(2, places(1, 1)).await;
        let (server, watched) = (
            Server::start(&city.app).await,
            Server::start_telling(&city.app).await,
        );
        let before = page(&watched).await;
        for path in [
            "/a",
            "/b?c=d",
            "/result/x/y",
            "/result/202606",
            "/public/nobody",
            "/graphql",
        ] {
            for method in ["GET", "PUT", "PATCH"] {
                server
                    .send(method, path, &[("user-agent", "canary")], "")
                    .await;
            }
        }

        let after = page(&watched).await;

        let names = |page: &str| -> Vec<String> {
            let lines = page.lines();
            let name = |line: &str| line.rsplit_once(' ').map(|(name, _)| name.to_owned());
            lines.filter_map(name).collect()
        };
        assert_eq!(names(&after), names(&before));
        assert!(
            value(
                &after,
                "fairplate_requests_total{route=\"other\",status=\"4xx\"}"
            ) > 5.0
        );
    });
}

#[test]
fn the_worker_its_outbox_and_those_who_follow_are_counted() {
    on_both_databases(async |city| {
        city.opened(places(1, 1)).await;
        let watched = Server::start_telling(&city.app).await;
        let nobody = page(&watched).await;
        assert!(
            !nobody.contains("fairplate_job_last_success"),
            "none has ever run"
        );
        let waiting = value(&nobody, "fairplate_outbox_letters{state=\"waiting\"}");
        assert!(waiting > 0.0, "somebody was told of an application");

        for outcome in jobs::run_all(&city.app, &Worker, Timing::AtOnce).await {
            outcome.result.expect("a job");
        }
        let socket = Socket::let_in(city.server().await, None).await;
        let page = page(&watched).await;

        let now = value(
            &page,
            "fairplate_job_last_success_timestamp_seconds{name=\"deliver\"}",
        );
        assert!(
            (now - 1_780_275_600.0).abs() < 1e-9,
            "{now} is not the city's clock"
        );
        assert_values(
            &page,
            &[
                ("fairplate_outbox_letters{state=\"waiting\"}", 0.0),
                ("fairplate_outbox_letters{state=\"dead\"}", 0.0),
                ("fairplate_followers", 1.0),
            ],
        );
        drop(socket);
    });
}

#[test]
fn without_its_database_a_node_tells_what_it_knows_itself() {
    on_both_databases(async |city| {
        city.finished(2, places(1, 1)).await;
        let node = city.another_node(None).await;
        let server = Server::start(&node).await;
        assert_eq!(server.get("/readyz").await.0, 200);
        let watched = Server::start_telling(&node).await;
        node.db.clone().close().await.expect("closed");

        let page = page(&watched).await;

        assert_values(
            &page,
            &[
                ("fairplate_database_up", 0.0),
                ("fairplate_ready", 1.0),
                ("fairplate_epoch_loaded", 1.0),
            ],
        );
        assert!(!page.contains("fairplate_outbox_letters"), "nobody knows");
    });
}

#[test]
fn whoever_used_up_what_they_may_have_is_counted() {
    on_both_databases(async |city| {
        let look_ups = fairplate::config::Rate {
            burst: 2,
            per_second: 1,
        };
        let options = fairplate::http::Options {
            limits: Some(fairplate::config::Limits {
                look_ups,
                ..fairplate::config::Limits::default()
            }),
            ..fairplate::http::Options::default()
        };
        let server = Server::start_with(&city.app, options).await;
        let path = format!("/result/{PERIOD}/{}", ApplicationCode::from_number(7));
        for _ in 0..5 {
            server.get(&path).await;
        }

        let page = page(&Server::start_telling(&city.app).await).await;

        assert_values(&page, &[("fairplate_requests_rate_limited_total", 3.0)]);
    });
}

/// What a node counts of its reads, without a server.
async fn counted(node: &App) -> String {
    telemetry::write(Arc::clone(&node.telemetry), health::facts(node).await).expect("a page")
}

/// A node that holds no index, over this Redis.
async fn node_over(city: &TestCity, shared: Shared) -> App {
    let node = city.another_node(None).await;
    App {
        cache: Arc::new(Cache::new(Some(shared))),
        ..node
    }
}

#[test]
fn where_an_answer_came_from_is_counted_and_what_redis_said() {
    let Some(url) = settings::find_redis() else {
        return;
    };
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 1)).await;
        let mac_key = fairplate::ids::random();
        let code = citizens[0].code();
        let look_up = async |node: &App| {
            let found = results::find(node, PERIOD, code).await;
            found.expect("an answer");
        };

        let patient =
            |mac_key| Shared::with_patience(&url, mac_key, settings::PATIENT).expect("an address");

        // It keeps what the database has said.
        let first = node_over(city, patient(mac_key)).await;
        for _ in 0..3 {
            look_up(&first).await;
        }
        publication::follow_once(&city.another_node(Some(patient(mac_key))).await).await;
        let second = node_over(city, patient(mac_key)).await;
        look_up(&second).await;
        let stranger = node_over(city, patient(fairplate::ids::random())).await;
        look_up(&stranger).await;
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("redis://{}", silent.local_addr().expect("an address"));
        let hurried = Shared::new(&address, mac_key).expect("an address");
        let alone = node_over(city, hurried).await;
        look_up(&alone).await;

        for (node, samples) in [
            (&first, [2.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0]),
            (&second, [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
            (&stranger, [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
            (&alone, [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]),
        ] {
            let names = [
                "fairplate_look_ups_total{tier=\"local\"}",
                "fairplate_look_ups_total{tier=\"redis\"}",
                "fairplate_look_ups_total{tier=\"database\"}",
                "fairplate_cache_reads_total{outcome=\"hit\"}",
                "fairplate_cache_reads_total{outcome=\"miss\"}",
                "fairplate_cache_reads_total{outcome=\"refused\"}",
                "fairplate_cache_reads_total{outcome=\"timed_out\"}",
            ];
            let expected: Vec<_> = names.into_iter().zip(samples).collect();
            assert_values(&counted(node).await, &expected);
        }
    });
}

#[test]
fn a_statement_that_the_database_refuses_is_counted() {
    on_both_databases(async |city| {
        let before = counted(&city.app).await;
        let anybody = Anonymous(city);
        anybody.ask("{ city { name } }").await;
        let twice = city.signed_in(&person(1)).await;
        drop(twice);

        let after = counted(&city.app).await;

        let done = "fairplate_database_statements_total{outcome=\"done\"}";
        assert!(value(&before, done) < value(&after, done));
        let took = "fairplate_database_statement_duration_seconds_count";
        assert!(value(&before, took) < value(&after, took));
    });
}
