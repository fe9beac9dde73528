//! More look-ups than the database is asked at once: they are answered together, each with its own
//! answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use fairplate::{
    config::Tier,
    domain::code::ApplicationCode,
    http::{Options, Width},
    service::publication,
    telemetry::Tier as Source,
};
use fairplate_tests::{
    TestCity, on_both_databases,
    server::Server,
    stages::{PERIOD, places},
};
use futures_util::future::join_all;

/// Look-ups at once.
const CROWD: usize = 120;

/// Statements that one look-up takes by itself: the pools, the entry, and the place.
const ALONE: usize = 3;

/// Codes of winners, reserves, others, and of nobody.
async fn drawn(city: &TestCity) -> Vec<String> {
    let citizens = city.finished(8, places(3, 2)).await;
    let codes = citizens.iter().map(|citizen| citizen.code().to_owned());
    let mut codes: Vec<String> = codes.collect();
    codes.extend([7, 11].map(|number| ApplicationCode::from_number(number).to_string()));
    codes
}

/// What everybody is answered by a node, all of them asking at the same time.
async fn answers(server: &Server, paths: &[String]) -> Vec<(u16, Vec<u8>)> {
    let asking = paths.iter().map(async |path| {
        let sent = server.send("GET", path, &[], "").await;
        (sent.status, sent.body)
    });
    join_all(asking).await
}

fn narrow() -> Options {
    Options {
        limits: None,
        width: Width {
            at_once: 1,
            patience: std::time::Duration::from_mins(1),
            ..Width::default()
        },
        ..Options::default()
    }
}

#[test]
fn a_crowd_is_answered_with_few_statements_and_everybody_with_their_own() {
    on_both_databases(async |city| {
        let codes = drawn(city).await;
        let paths: Vec<String> = (0..CROWD)
            .map(|number| {
                let code = &codes[number % codes.len()];
                if number % 3 == 0 {
                    format!("/draw/{PERIOD}/result/{code}")
                } else {
                    format!("/result/{PERIOD}/{code}")
                }
            })
            .collect();
        let near = Server::start_with(&city.app, narrow()).await;
        let truth = answers(&near, &paths).await;
        assert!(truth.iter().all(|(status, _)| *status == 200));
        let mut node = city.another_node(None).await;
        node.tier = Tier::Database;
        publication::catch_up(&node).await.expect("followed");
        let statements = Arc::new(AtomicUsize::new(0));
        let callback = Arc::clone(&statements);
        node.db.set_metric_callback(move |_| {
            callback.fetch_add(1, Ordering::Relaxed);
        });
        let far = Server::start_with(&node, narrow()).await;
        let before = statements.load(Ordering::Relaxed);

        let told = answers(&far, &paths).await;

        let asked = statements.load(Ordering::Relaxed) - before;
        assert!(told == truth, "everybody is told what is so");
        assert!(asked < ALONE * CROWD / 4, "{asked} statements");
        let counted = node.telemetry.metrics.look_ups.get(Source::Database).get();
        assert!(CROWD as u64 <= counted, "{counted}");
        let one = answers(&far, &paths[1..2]).await;
        assert_eq!(one, truth[1..2], "whoever asks alone is answered as well");
    });
}
