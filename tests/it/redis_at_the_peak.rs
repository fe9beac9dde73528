//! Everybody looks results up on a node that has nothing but Redis and the database, and Redis breaks in
//! every way that it can: nobody notices, and once it is back it is used.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fairplate::{
    App,
    cache::{Cache, Key, Shared},
    config::Tier,
    http::Options,
    service::publication,
};
use fairplate_tests::{
    TestCity,
    crowd::{Crowd, measured},
    on_both_databases,
    proxy::{Fault, Proxy},
    redis_servers::{RedisServer, cluster},
    server::Server,
    stages::{PERIOD, places},
};
use redis::Commands as _;
use verifier::text::Digest;

const MAC_KEY: [u8; 32] = [8; 32];

/// How often everybody asks while something is broken.
const TIMES: u64 = 20;

/// How long whatever came back may take to be used again. It takes a second; a machine that does other
/// things takes longer.
const PATIENCE: Duration = Duration::from_secs(40);

/// What may become of a Redis.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Killed,
    Stopped,
    Full,
    Flushed,
    OfAWrongType,
    WithAWrongMac,
    OfAnotherDraw,
    Slow,
    Partitioned,
}

const TROUBLES: [Trouble; 9] = [
    Trouble::Killed,
    Trouble::Stopped,
    Trouble::Full,
    Trouble::Flushed,
    Trouble::OfAWrongType,
    Trouble::WithAWrongMac,
    Trouble::OfAnotherDraw,
    Trouble::Slow,
    Trouble::Partitioned,
];

/// A node that keeps no index, people in front of it, and the bucket that answers them.
struct Peak {
    crowd: Crowd,
    _server: Server,
    node: App,
    bucket: Key,
    lease: Key,
}

impl Peak {
    async fn with(city: &TestCity, url: &str) -> Self {
        let citizens = city.finished(4, places(2, 1)).await;
        let mut node = city.another_node(None).await;
        // With the patience that nodes have.
        let shared = Shared::new(url, MAC_KEY).expect("a URL");
        node.cache = Arc::new(Cache::new(Some(shared)));
        node.tier = Tier::Redis;
        publication::follow_once(&node).await;
        let published = node.results.newest().expect("published").published;
        let bucket = Key::bucket(node.city, published.sha256, 0);
        let lease = Key::buckets_lease(node.city, published.sha256);
        let options = Options {
            limits: None,
            ..Options::default()
        };
        let server = Server::start_with(&node, options).await;
        let paths = citizens
            .iter()
            .map(|citizen| format!("/result/{PERIOD}/{}", citizen.code()));
        let paths: Vec<_> = paths.collect();
        let crowd = Crowd::gather(&server, &paths).await;
        let peak = Self {
            crowd,
            _server: server,
            node,
            bucket,
            lease,
        };
        peak.waits_until_used("its start").await;
        peak.crowd.go_on(TIMES).await;
        peak.crowd.forget_slowest();
        peak
    }

    /// Returns when Redis answers look-ups; says how long that took, and what the trouble cost.
    async fn waits_until_used(&self, after: &str) {
        let began = Instant::now();
        let shared = self.node.cache.shared().expect("shared");
        while shared.get(&self.bucket).await.is_none() {
            assert!(began.elapsed() < PATIENCE, "not used again after {after}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let healthy_after = began.elapsed();
        measured(after, self.crowd.slowest(), healthy_after);
    }
}

fn ask(redis: &RedisServer, words: &[&str]) {
    redis.ask(words).expect("asked");
}

async fn begin(trouble: Trouble, redis: &RedisServer, proxy: &Proxy, peak: &Peak) {
    let client = redis::Client::open(format!("redis://{}", redis.address())).expect("Redis");
    let mut connection = client.get_connection().expect("Redis");
    let bucket = peak.bucket.as_str();
    match trouble {
        Trouble::Killed => redis.kill(),
        Trouble::Stopped => redis.stand_still(),
        Trouble::Full => {
            ask(redis, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
            ask(redis, &["CONFIG", "SET", "maxmemory", "1"]);
            let refused = redis.ask(&["SET", "more", "1"]).expect_err("it is full");
            assert_eq!(refused.code(), Some("OOM"));
        }
        Trouble::Flushed => {
            ask(redis, &["CONFIG", "SET", "maxmemory", "1"]);
            ask(redis, &["FLUSHALL"]);
        }
        Trouble::OfAWrongType => {
            let _: () = connection.del(bucket).expect("gone");
            let _: () = connection.rpush(bucket, "a list").expect("poisoned");
        }
        Trouble::WithAWrongMac => {
            let mut value: Vec<u8> = connection.get(bucket).expect("a bucket");
            value[0] ^= 1;
            let _: () = connection.set(bucket, value).expect("poisoned");
        }
        Trouble::OfAnotherDraw => {
            let shared = peak.node.cache.shared().expect("shared");
            let own = shared.get(&peak.bucket).await.expect("a bucket");
            let foreign = Key::bucket(peak.node.city, Digest([1; 32]), 0);
            shared.put(&foreign, &own, Duration::from_mins(1)).await;
            let value: Vec<u8> = connection.get(foreign.as_str()).expect("a bucket");
            let _: () = connection.set(bucket, value).expect("poisoned");
        }
        Trouble::Slow => proxy.set(Fault::Late(Duration::from_millis(200))),
        Trouble::Partitioned => proxy.set(Fault::Lost),
    }
}

fn end(trouble: Trouble, redis: &RedisServer, proxy: &Proxy) {
    match trouble {
        Trouble::Killed => redis.start_again(),
        Trouble::Stopped => redis.go_on(),
        Trouble::Full | Trouble::Flushed => ask(redis, &["CONFIG", "SET", "maxmemory", "0"]),
        Trouble::OfAWrongType | Trouble::WithAWrongMac | Trouble::OfAnotherDraw => {
            ask(redis, &["FLUSHALL"]);
        }
        Trouble::Slow | Trouble::Partitioned => proxy.set(Fault::None),
    }
}

#[test]
fn whatever_becomes_of_redis_nobody_who_looks_up_notices() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    on_both_databases(async |city| {
        let (proxy, url) = Proxy::before(&format!("redis://{}", redis.address())).await;
        let peak = Peak::with(city, &url).await;
        for trouble in TROUBLES {
            begin(trouble, &redis, &proxy, &peak).await;
            peak.crowd.go_on(TIMES).await;
            end(trouble, &redis, &proxy);
            peak.waits_until_used(&format!("Redis {trouble:?}")).await;
            peak.crowd.go_on(TIMES).await;
        }
        assert!(TIMES < peak.crowd.send_home());
        ask(&redis, &["FLUSHALL"]);
    });
}

#[test]
fn nobody_who_looks_up_notices_that_a_master_of_the_cluster_died() {
    let Some(servers) = cluster() else {
        return;
    };
    let addresses: Vec<_> = servers.iter().map(RedisServer::address).collect();
    let url = format!("redis+cluster://{}", addresses.join(","));
    on_both_databases(async |city| {
        let peak = Peak::with(city, &url).await;
        for (place, server) in servers.iter().enumerate() {
            // It is long ago that the buckets were written; one of the masters has the key.
            let lease = ["DEL", peak.lease.as_str()];
            let asked = servers.iter().filter(|one| one.ask(&lease).is_ok());
            assert_eq!(asked.count(), 1);

            server.kill();
            peak.crowd.go_on(TIMES).await;
            server.start_again();
            server.wait_until(&["CLUSTER", "INFO"], |info| {
                format!("{info:?}").contains("cluster_state:ok")
            });

            let which = format!("Redis, master {} of 3 dead", place + 1);
            peak.waits_until_used(&which).await;
            peak.crowd.go_on(TIMES).await;
        }
        assert!(TIMES < peak.crowd.send_home());
    });
}
