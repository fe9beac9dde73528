//! Results that nodes share through Redis: whatever becomes of it, no answer changes.

use std::{fs, net::TcpListener, path::PathBuf, sync::Arc, time::Instant};

use fairplate::{
    App,
    cache::{Cache, Key, Shared},
    config::Tier,
    domain::code::ApplicationCode,
    service::{
        publication,
        results::{self, Answer},
    },
};
use fairplate_tests::{
    TestCity, on_both_databases, settings,
    stages::{PERIOD, places},
};
use redis::Commands as _;

/// The codes of a period's people, one that is not among them, and what became of each.
async fn drawn(city: &TestCity) -> (Vec<String>, Vec<Answer>) {
    let citizens = city.finished(6, places(2, 1)).await;
    let codes = citizens.iter().map(|citizen| citizen.code().to_owned());
    let absent = ApplicationCode::from_number(7).to_string();
    let codes: Vec<String> = codes.chain([absent]).collect();
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

/// A Redis of this test's own keys.
struct Redis {
    url: String,
    mac_key: [u8; 32],
    client: redis::Client,
}

impl Redis {
    fn find() -> Option<Self> {
        let url = settings::find_redis()?;
        let client = redis::Client::open(url.as_str()).expect("Redis");
        Some(Self {
            url,
            mac_key: fairplate::ids::random(),
            client,
        })
    }

    fn client(&self) -> redis::Client {
        self.client.clone()
    }

    fn shared(&self) -> Shared {
        Shared::with_patience(&self.url, self.mac_key, settings::PATIENT).expect("Redis")
    }

    /// A node that keeps no index.
    async fn small_node(&self, city: &TestCity) -> App {
        let mut node = city.another_node(Some(self.shared())).await;
        node.tier = Tier::Redis;
        node
    }

    /// Forgets what is kept of the city's result.
    fn forget(&self, node: &App) {
        let published = node.results.newest().expect("published").published;
        let keys = [
            bucket(node),
            Key::buckets(node.city, published.sha256),
            Key::buckets_lease(node.city, published.sha256),
        ];
        for key in keys {
            let _: () = self.client().del(key.as_str()).expect("forgotten");
        }
    }

    fn bytes(&self, key: &Key) -> Vec<u8> {
        self.client().get(key.as_str()).expect("a value")
    }
}

/// The only bucket of a small result.
fn bucket(node: &App) -> Key {
    let published = node.results.newest().expect("published").published;
    Key::bucket(node.city, published.sha256, 0)
}

async fn without_database(node: App) -> App {
    publication::catch_up(&node).await.expect("followed");
    node.db.clone().close().await.expect("closed");
    node
}

#[test]
fn a_node_without_the_index_answers_from_redis_without_a_statement() {
    let Some(redis) = Redis::find() else {
        return;
    };
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        publication::follow_once(&city.another_node(Some(redis.shared())).await).await;

        let node = without_database(redis.small_node(city).await).await;

        let period = node.results.find(PERIOD).expect("published");
        assert!(period.index.is_none(), "it keeps no index");
        assert_eq!(answers(&node, &codes).await, truth);
        redis.forget(&node);
    });
}

/// A changed bit, a cut value, nothing, a MAC alone, another result's bucket, a value of another type.
#[test]
fn what_is_wrong_in_redis_is_not_believed() {
    let Some(redis) = Redis::find() else {
        return;
    };
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let large = city.another_node(Some(redis.shared())).await;
        publication::follow_once(&large).await;
        let key = bucket(&large);
        let good = redis.bytes(&key);
        let foreign = Key::bucket(large.city, verifier::text::Digest([1; 32]), 0);
        redis
            .shared()
            .put(&foreign, &good[32..], std::time::Duration::from_mins(1))
            .await;
        let foreign = redis.bytes(&foreign);
        let mut changed = good.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        for value in [
            &changed[..],
            &good[..good.len() / 2],
            b"",
            &good[..32],
            &foreign,
        ] {
            let _: () = redis.client().set(key.as_str(), value).expect("poisoned");
            let node = redis.small_node(city).await;
            publication::catch_up(&node).await.expect("followed");
            assert_eq!(answers(&node, &codes).await, truth);
        }
        let _: () = redis.client().del(key.as_str()).expect("forgotten");
        let _: () = redis
            .client()
            .rpush(key.as_str(), "a list")
            .expect("poisoned");
        let node = redis.small_node(city).await;
        publication::catch_up(&node).await.expect("followed");
        assert_eq!(answers(&node, &codes).await, truth);
        redis.forget(&large);
    });
}

#[test]
fn what_redis_has_lost_is_written_again_and_once() {
    let Some(redis) = Redis::find() else {
        return;
    };
    on_both_databases(async |city| {
        drawn(city).await;
        let node = city.another_node(Some(redis.shared())).await;
        publication::follow_once(&node).await;
        let written = redis.bytes(&bucket(&node));
        assert!(32 < written.len());
        redis.forget(&node);

        publication::follow_once(&node).await;

        assert_eq!(redis.bytes(&bucket(&node)), written);
        // Whoever finds them whole leaves them alone.
        let _: () = redis
            .client()
            .set(bucket(&node).as_str(), "changed")
            .expect("changed");
        publication::follow_once(&node).await;
        assert_eq!(redis.bytes(&bucket(&node)), b"changed");
        redis.forget(&node);
    });
}

fn index_file(node: &App) -> PathBuf {
    node.layout.index(PERIOD)
}

/// A node whose files were lost takes the index from Redis, and writes the same file.
#[test]
fn a_cold_node_takes_its_index_from_redis() {
    let Some(redis) = Redis::find() else {
        return;
    };
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        publication::follow_once(&city.another_node(Some(redis.shared())).await).await;
        let file = index_file(&city.app);
        let whole = fs::read(&file).expect("the index");
        let pool = city.app.layout.draw(PERIOD).join("pool-individual.csv");
        fs::remove_file(&file).expect("lost");
        let pool_text = fs::read(&pool).expect("the pool");
        fs::remove_file(&pool).expect("lost");

        let node = without_database(city.another_node(Some(redis.shared())).await).await;

        assert_eq!(answers(&node, &codes).await, truth);
        assert_eq!(fs::read(&file).expect("the index"), whole);
        assert!(!pool.exists(), "the public files were not needed");
        fs::write(&pool, pool_text).expect("back");
        redis.forget(&node);
    });
}

#[test]
fn a_redis_that_is_gone_changes_no_answer_and_costs_little() {
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        // Nobody listens here; and here somebody listens who never answers.
        let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
        let gone = TcpListener::bind("127.0.0.1:0").expect("a port");
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let ports = [&gone, &silent].map(port);
        drop(gone);
        let address = |scheme: &str, port, rest: &str| format!("{scheme}://127.0.0.1:{port}{rest}");
        for port in ports {
            for url in [
                address("redis", port, ""),
                address("redis+sentinel", port, "/plates"),
                address("redis+cluster", port, ""),
            ] {
                let mut node = city.another_node(None).await;
                node.cache = Arc::new(Cache::new(Some(Shared::new(&url, [9; 32]).expect("a URL"))));
                node.tier = Tier::Redis;
                publication::catch_up(&node).await.expect("followed");
                assert_eq!(answers(&node, &codes).await, truth, "{url}");
                let began = Instant::now();
                for _ in 0..1_000 {
                    let key = bucket(&node);
                    assert_eq!(node.cache.shared().expect("shared").get(&key).await, None);
                }
                // Each would wait 20 ms; nobody waits any longer after the third.
                assert!(
                    began.elapsed().as_secs() < 5,
                    "{url}: {:?}",
                    began.elapsed()
                );
            }
        }
    });
}
