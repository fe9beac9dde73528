//! A PostgreSQL that is killed, stopped, started again or followed by its standby while everybody asks:
//! look-ups go on, and what was acknowledged is there afterwards, once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fairplate::{http::Options, service::publication};
use fairplate_tests::{
    Asks as _, TestCity,
    city::run,
    crowd::{Crowd, measured},
    database::Kind,
    postgres_servers::PostgresServer,
    proxy::Proxy,
    server::Server,
    stages::{PERIOD, places},
    topology::until,
    writing::Writing,
};

/// How often everybody has asked before and after something happens.
const AROUND: u64 = 20;

/// A node of a city with a result, people who look theirs up, and an officer who writes.
struct Peak {
    crowd: Crowd,
    writing: Writing,
    // Stops after those who ask it.
    _server: Arc<Server>,
    city: TestCity,
}

impl Peak {
    async fn on(url: String) -> Self {
        let city = TestCity::create("hangzhou-2018", &Kind::Postgres(url)).await;
        let citizens = city.finished(4, places(2, 1)).await;
        let paths = citizens
            .iter()
            .map(|citizen| format!("/result/{PERIOD}/{}", citizen.code()));
        let paths: Vec<_> = paths.collect();
        let token = city.officer().await.token().expect("a session").to_owned();
        drop(citizens);
        let node = city.another_node(None).await;
        publication::catch_up(&node).await.expect("followed");
        let options = Options {
            limits: None,
            query_time: Duration::from_secs(1),
            mutation_time: Duration::from_secs(1),
            ..Options::default()
        };
        let server = Arc::new(Server::start_with(&node, options).await);
        let crowd = Crowd::gather(&server, &paths).await;
        let writing = Writing::begin(&server, token);
        let peak = Self {
            crowd,
            writing,
            _server: server,
            city,
        };
        peak.goes_on().await;
        peak
    }

    async fn goes_on(&self) {
        self.writing.go_on(AROUND).await;
        self.crowd.go_on(AROUND).await;
    }

    /// Everybody is answered again; says how long that took, and what the fault cost until then.
    async fn recovers(&self, fault: &str) {
        let began = Instant::now();
        self.writing.go_on(1).await;
        let healthy_after = began.elapsed();
        measured(fault, self.crowd.slowest(), healthy_after);
        self.goes_on().await;
    }

    async fn ends(self) {
        let asked = self.crowd.send_home();
        assert!(2 * AROUND < asked);
        let db = self.city.database().connect().await;
        let written = self.writing.end(&db).await;
        assert!(2 * AROUND < written);
        db.close().await.expect("closed");
    }
}

#[test]
fn a_standby_is_promoted_and_no_acknowledged_write_is_lost_and_no_look_up_fails() {
    let Some(primary) = PostgresServer::start(&[]) else {
        return;
    };
    run(async {
        // What an operator's own address does that moves with the database.
        let (proxy, url) = Proxy::before(&primary.url()).await;
        let standby = primary.start_standby();
        let peak = Peak::on(url).await;
        peak.crowd.forget_slowest();

        primary.kill();
        peak.writing.is_refused().await;
        peak.crowd.go_on(AROUND).await;
        // The address has moved, and nobody has promoted the standby yet.
        proxy.turn_to(&standby.address());
        until("an officer writes to the standby", || {
            let is_refused = standby.log().contains("in a read-only transaction");
            is_refused.then_some(())
        });
        peak.crowd.go_on(AROUND).await;
        standby.promote();

        peak.recovers("PostgreSQL's standby promoted").await;
        peak.ends().await;
    });
}

#[test]
fn a_postgres_that_is_killed_or_stopped_and_comes_back_has_all_that_was_acknowledged() {
    let Some(postgres) = PostgresServer::start(&[]) else {
        return;
    };
    run(async {
        let peak = Peak::on(postgres.url()).await;
        peak.crowd.forget_slowest();

        postgres.kill();
        peak.writing.is_refused().await;
        peak.crowd.go_on(AROUND).await;
        postgres.start_again();
        peak.recovers("PostgreSQL killed").await;

        postgres.restart();
        peak.recovers("PostgreSQL started again").await;

        postgres.stand_still();
        peak.writing.is_refused().await;
        peak.crowd.go_on(AROUND).await;
        postgres.go_on();
        peak.recovers("PostgreSQL stopped").await;

        peak.ends().await;
    });
}
