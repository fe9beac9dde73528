//! Nodes of two versions beside each other, as they are while a city gets another program: what one does
//! not know of the other is refused as a whole, and never half-read.

use std::{
    fs,
    net::TcpListener,
    process::{Child, Command},
};

use entity::publication;
use fairplate::{
    App,
    cache::{Key, Shared},
    config::Tier,
    domain::code::ApplicationCode,
    service::{
        publication as publishing,
        results::{self, Answer},
    },
    telemetry::Tier as Source,
};
use fairplate_tests::{
    TestCity,
    city::{databases, run},
    database::TestDatabase,
    on_both_databases,
    operator::{Operator, PASSPHRASE},
    server::Server,
    settings,
    stages::{PERIOD, places},
    topology::until,
};
use redis::Commands as _;
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, EntityTrait as _, IntoActiveModel as _, Set,
};
use verifier::text::Digest;

/// The first line of an index, and of a bucket, in this version and in the next.
const OURS: &[u8] = b"fairplate results/1\n";
const NEXT: &[u8] = b"fairplate results/2\n";

/// A step that no program has taken yet.
const STEP: &str = "m20990101_99_of_a_newer_version";

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

/// The same bytes as the next version would begin them.
fn of_the_next_version(bytes: &[u8]) -> Vec<u8> {
    let rest = bytes.strip_prefix(OURS).expect("a head of ours");
    [NEXT, rest].concat()
}

/// Writes down that this index was published.
async fn publish(city: &TestCity, index: &[u8]) {
    let row = publication::Entity::find().one(&city.app.db).await;
    let mut row = row
        .expect("read")
        .expect("a publication")
        .into_active_model();
    row.index_sha256 = Set(Digest::of(index).0.to_vec());
    row.update(&city.app.db).await.expect("changed");
}

#[test]
fn an_index_that_another_version_has_published_is_neither_read_nor_replaced() {
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let running = city.another_node(None).await;
        publishing::catch_up(&running).await.expect("followed");
        let file = city.app.layout.index(PERIOD);
        let ours = fs::read(&file).expect("the index");
        let theirs = of_the_next_version(&ours);
        publish(city, &theirs).await;

        for (there, what) in [
            (Some(&theirs), "as published"),
            (None, "lost"),
            (Some(&ours), "of this version"),
        ] {
            match there {
                Some(bytes) => fs::write(&file, bytes).expect("written"),
                None => fs::remove_file(&file).expect("removed"),
            }
            let node = city.another_node(None).await;
            for _ in 0..2 {
                publishing::catch_up(&node).await.expect_err("not ours");
                assert_eq!(answers(&node, &codes).await, truth, "{what}");
            }
            assert_eq!(fs::read(&file).ok().as_ref(), there, "{what}");
            let server = Server::start(&node).await;
            assert_eq!(server.get("/readyz").await.0, 503, "{what}");
        }

        assert_eq!(answers(&running, &codes).await, truth);
        let server = Server::start(&running).await;
        assert_eq!(server.get("/readyz").await.0, 200, "it has its own");
        publish(city, &ours).await;
        let node = city.another_node(None).await;
        publishing::catch_up(&node).await.expect("followed");
        assert_eq!(answers(&node, &codes).await, truth);
    });
}

#[test]
fn what_another_version_has_put_into_redis_is_not_read() {
    let Some(url) = settings::find_redis() else {
        return;
    };
    on_both_databases(async |city| {
        let (codes, truth) = drawn(city).await;
        let mac_key = fairplate::ids::random();
        let shared = || Shared::with_patience(&url, mac_key, settings::PATIENT).expect("Redis");
        let mut client = redis::Client::open(url.as_str()).expect("Redis");
        let large = city.another_node(Some(shared())).await;
        publishing::follow_once(&large).await;
        let published = large.results.newest().expect("published").published;
        let (bucket, whole, lease) = (
            Key::bucket(large.city, published.sha256, 0),
            Key::buckets(large.city, published.sha256),
            Key::buckets_lease(large.city, published.sha256),
        );
        let ours = shared().get(&bucket).await.expect("a bucket");
        let small = async || {
            let mut node = city.another_node(Some(shared())).await;
            node.tier = Tier::Redis;
            publishing::catch_up(&node).await.expect("followed");
            node
        };
        let keep = std::time::Duration::from_mins(1);

        // Under its name, and believed: it has the key of the city.
        let theirs = of_the_next_version(&ours);
        shared().put(&bucket, &theirs, keep).await;
        let node = small().await;
        assert_eq!(answers(&node, &codes).await, truth);
        assert_eq!(node.telemetry.metrics.look_ups.get(Source::Redis).get(), 0);
        // A node that has nothing else makes its index of the public files.
        let file = city.app.layout.index(PERIOD);
        let index = fs::read(&file).expect("the index");
        fs::remove_file(&file).expect("lost");
        let cold = city.another_node(Some(shared())).await;
        publishing::catch_up(&cold).await.expect("followed");
        assert_eq!(fs::read(&file).expect("the index"), index);
        assert_eq!(answers(&cold, &codes).await, truth);
        // Under the name that another version gives it.
        let elsewhere = bucket.as_str().replacen(":2:", ":3:", 1);
        assert_ne!(elsewhere, bucket.as_str());
        let _: () = client.rename(bucket.as_str(), &elsewhere).expect("moved");
        let node = small().await;
        assert_eq!(answers(&node, &codes).await, truth);
        let left: bool = client.exists(&elsewhere).expect("asked");
        assert!(left, "what another version keeps is left alone");

        for key in [elsewhere.as_str(), whole.as_str(), lease.as_str()] {
            let _: () = client.del(key).expect("forgotten");
        }
    });
}

/// A running node of the operator's city. It ends with the test.
struct Node(Child, String);

impl Node {
    fn start(operator: &Operator) -> Self {
        let found = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = found.local_addr().expect("an address").to_string();
        drop(found);
        let mut command = operator.command(&format!("serve --listen {address}"));
        let command: &mut Command = command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE);
        let node = Self(command.spawn().expect("fairplate runs"), address);
        until("the node is ready", || node.get("readyz").map(drop));
        node
    }

    fn get(&self, path: &str) -> Option<String> {
        let answer = ureq::get(format!("http://{}/{path}", self.1)).call();
        answer.ok()?.body_mut().read_to_string().ok()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_program_that_is_older_than_its_database_goes_on_and_is_not_started_again() {
    for kind in databases() {
        let mut operator = Operator::in_an_empty_folder();
        let database = run(TestDatabase::create(&kind, operator.path()));
        operator.url = Some(database.url().to_owned());
        let operator = operator.with_a_pool();
        let node = Node::start(&operator);
        let query = "graphql?query=%7Bperiods(first:100)%7Bnodes%7Bnumber%7D%7D%7D";
        run(async {
            let db = database.connect().await;
            let sql = format!("INSERT INTO seaql_migrations VALUES ('{STEP}', 4070908800)");
            db.execute_unprepared(&sql).await.expect("a step");
            db.close().await.expect("closed");
        });

        for words in ["serve --listen 127.0.0.1:1", "migrate", "work --once"] {
            let mut command = operator.command(words);
            let refused = command.env("FAIRPLATE_PASSPHRASE", PASSPHRASE).output();
            let refused = refused.expect("fairplate runs");
            let sentence = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(2), "{words}: {sentence}");
            assert!(sentence.contains(STEP), "{words}: {sentence}");
        }
        let doctor = operator.run("doctor");
        assert!(String::from_utf8_lossy(&doctor.stdout).contains(STEP));
        assert!(node.get("readyz").is_some());
        let answer = node.get(query).expect("an answer");
        assert!(answer.contains("202606"), "{answer}");
    }
}
