//! A Redis in trouble, at the worst moment: no look-up fails, none is wrong, and what comes back is used.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use entity::CityId;
use fairplate::{
    App,
    cache::{Cache, Key, Shared},
    config::Tier,
    service::{
        publication,
        results::{self, Answer},
    },
};
use fairplate_tests::{
    TestCity,
    city::run,
    on_both_databases,
    proxy::{Fault, Proxy},
    redis_servers::{RedisServer, cluster},
    settings,
    stages::{PERIOD, places},
};
use redis::Value;
use verifier::text::Digest;

const MAC_KEY: [u8; 32] = [8; 32];

/// As long as a node waits at the peak, where a test is about waiting.
const HURRIED: Duration = Duration::from_millis(20);

/// How long whatever came back may take to be used again. It takes half a second; a machine that does
/// other things takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

async fn drawn(city: &TestCity) -> (Vec<String>, Vec<Answer>) {
    let citizens = city.finished(6, places(2, 1)).await;
    let codes: Vec<_> = citizens
        .iter()
        .map(|citizen| citizen.code().to_owned())
        .collect();
    let truth = answers(&city.another_node(None).await, &codes).await;
    (codes, truth)
}

async fn answers(app: &App, codes: &[String]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for code in codes {
        answers.push(results::find(app, PERIOD, code).await.expect("an answer"));
    }
    answers
}

/// A node of the tier that the peak leaves nothing else to, and a node that writes what it reads.
async fn small_node(city: &TestCity, url: &str, patience: Duration) -> App {
    let mut node = city.another_node(None).await;
    let shared = Shared::with_patience(url, MAC_KEY, patience).expect("a URL");
    node.cache = Arc::new(Cache::new(Some(shared)));
    node.tier = Tier::Redis;
    publication::follow_once(&node).await;
    node
}

/// The only bucket of a small result.
fn bucket(node: &App) -> Key {
    let published = node.results.newest().expect("published").published;
    Key::bucket(node.city, published.sha256, 0)
}

fn shared(node: &App) -> &Shared {
    node.cache.shared().expect("shared")
}

async fn is_used(node: &App) -> bool {
    shared(node).get(&bucket(node)).await.is_some()
}

async fn wait_until_used(node: &App, after: &str) {
    let began = Instant::now();
    while !is_used(node).await {
        assert!(
            began.elapsed() < PATIENCE,
            "it is back after {after}, and not used"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
        publication::follow_once(node).await;
    }
}

#[test]
fn no_fault_of_redis_or_of_the_way_to_it_changes_an_answer() {
    let Some(url) = settings::find_redis() else {
        return;
    };
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let (proxy, url) = Proxy::before(&url).await;
        let node = small_node(city, &url, HURRIED).await;
        wait_until_used(&node, "its start").await;
        for fault in [
            Fault::Lost,
            Fault::Reset,
            Fault::HalfClosed,
            Fault::Flipped,
            Fault::Late(Duration::from_millis(200)),
        ] {
            proxy.set(fault);
            for _ in 0..5 {
                assert_eq!(answers(&node, &codes).await, truth, "{fault:?}");
            }
            assert!(!is_used(&node).await, "{fault:?}");

            proxy.set(Fault::None);

            wait_until_used(&node, &format!("{fault:?}")).await;
            assert_eq!(answers(&node, &codes).await, truth, "after {fault:?}");
        }
    });
}

#[test]
fn a_redis_that_is_full_flushed_or_killed_changes_no_answer() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let node = small_node(
            city,
            &format!("redis://{}", server.address()),
            settings::PATIENT,
        )
        .await;
        wait_until_used(&node, "its start").await;
        let full = [["maxmemory", "1"], ["maxmemory-policy", "noeviction"]];
        for [name, value] in full {
            server.ask(&["CONFIG", "SET", name, value]).expect("set");
        }
        assert_eq!(answers(&node, &codes).await, truth, "full");
        assert!(is_used(&node).await, "what is in it can be read");
        server.ask(&["FLUSHALL"]).expect("flushed");
        publication::follow_once(&node).await;
        assert_eq!(answers(&node, &codes).await, truth, "flushed and full");
        assert!(!is_used(&node).await);
        server
            .ask(&["CONFIG", "SET", "maxmemory", "0"])
            .expect("set");
        wait_until_used(&node, "its start").await;
        server.ask(&["FLUSHALL"]).expect("flushed");
    });
    let url = format!("redis://{}", server.address());
    server.kill();
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let node = small_node(city, &url, HURRIED).await;
        assert_eq!(answers(&node, &codes).await, truth, "killed");
        assert!(!is_used(&node).await);
    });
}

/// Each master holds a part of what is written together.
#[test]
fn what_is_written_together_is_found_on_all_masters_of_a_cluster() {
    let Some(servers) = cluster() else {
        return;
    };
    let addresses: Vec<_> = servers.iter().map(RedisServer::address).collect();
    let url = format!("redis+cluster://{}", addresses.join(","));
    run(async {
        let shared = Shared::with_patience(&url, MAC_KEY, settings::PATIENT).expect("a URL");
        let key = |number| Key::bucket(CityId(330_100), Digest([7; 32]), number);
        let values: Vec<_> = (0..60u32)
            .map(|number| (key(number), number.to_be_bytes().to_vec()))
            .collect();
        let keys: Vec<_> = values.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(shared.count(&keys).await, Some(0));

        assert!(shared.put_all(&values, Duration::from_mins(1)).await);

        assert_eq!(shared.count(&keys).await, Some(keys.len()));
        let all = shared.get_all(&keys).await.expect("values");
        for ((key, value), found) in values.into_iter().zip(all) {
            assert_eq!(found.as_ref(), Some(&value));
            assert_eq!(shared.get(&key).await, Some(value));
        }
        for server in &servers {
            let count = server.ask(&["DBSIZE"]).expect("a count");
            assert_ne!(count, Value::Int(0), "a part is here");
        }
    });
}

#[test]
fn one_master_of_a_cluster_may_die() {
    let Some(servers) = cluster() else {
        return;
    };
    let addresses: Vec<_> = servers.iter().map(RedisServer::address).collect();
    let url = format!("redis+cluster://{}", addresses.join(","));
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let node = small_node(city, &url, settings::PATIENT).await;
        wait_until_used(&node, "its start").await;
        assert_eq!(answers(&node, &codes).await, truth);
    });
    servers[0].kill();
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let node = small_node(city, &url, HURRIED).await;
        for _ in 0..5 {
            assert_eq!(answers(&node, &codes).await, truth);
        }
    });
}

/// The master dies, its sentinel names the replica, and the node follows.
#[test]
fn a_node_follows_the_master_that_the_sentinel_names() {
    let Some(master) = RedisServer::start(&[]) else {
        return;
    };
    let port = master.port().to_string();
    let replica = RedisServer::start(&["--replicaof", "127.0.0.1", &port]).expect("a replica");
    replica.wait_until(&["INFO", "replication"], |info| {
        format!("{info:?}").contains("master_link_status:up")
    });
    let sentinel = RedisServer::start(&["--sentinel"]).expect("a sentinel");
    for words in [
        ["SENTINEL", "MONITOR", "plates", "127.0.0.1", &port, "1"].as_slice(),
        &[
            "SENTINEL",
            "SET",
            "plates",
            "down-after-milliseconds",
            "500",
        ],
        &["SENTINEL", "SET", "plates", "failover-timeout", "2000"],
    ] {
        sentinel.ask(words).expect("told");
    }
    // It has to know the replica before the master is gone.
    sentinel.wait_until(
        &["SENTINEL", "REPLICAS", "plates"],
        |replicas| matches!(replicas, Value::Array(all) if !all.is_empty()),
    );
    let url = format!("redis+sentinel://{}/plates", sentinel.address());
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let node = small_node(city, &url, settings::PATIENT).await;
        wait_until_used(&node, "its start").await;
        assert_eq!(answers(&node, &codes).await, truth);
    });
    master.kill();
    replica.wait_until(&["ROLE"], |role| format!("{role:?}").contains("master"));
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let node = small_node(city, &url, settings::PATIENT).await;
        assert_eq!(answers(&node, &codes).await, truth);
        wait_until_used(&node, "its start").await;
    });
}
