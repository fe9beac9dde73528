//! A crash leaves both the change and its key, or neither.

use std::sync::Arc;

use entity::draw;
use fairplate::{
    App,
    app::{Effect, Observer, Stage},
    service::{ceremony, once},
    store,
};
use fairplate_tests::{
    TestCity, check_publication, on_both_databases,
    stages::{ANNOUNCE_AT, FREEZE_AT, PERIOD, officer, places, terms},
};

use super::{KEY, keys};

/// Ends the task at an effect, as a crash ends a process: whatever is not committed is gone.
struct Crash(Stage);

impl Observer for Crash {
    fn reached(&self, effect: Effect) {
        assert!(effect.stage != self.0, "crashed");
    }
}

fn asked(app: &App, mutation: &str) -> once::Asked {
    let asked = once::Asked::new(app, "officer:zhou", KEY, mutation, "{}");
    asked.expect("a good key")
}

async fn freeze(app: App) -> fairplate::Result<draw::Model> {
    let officer = officer();
    let freezing = ceremony::freeze(&app, &officer, PERIOD);
    once::answer(&app, Some(asked(&app, "freezePeriod")), freezing).await
}

async fn announce(app: App) -> fairplate::Result<draw::Model> {
    let officer = officer();
    let announcing = ceremony::announce(&app, &officer, PERIOD, terms(PERIOD));
    once::answer(&app, Some(asked(&app, "announceDraw")), announcing).await
}

fn crashing(city: &TestCity, stage: Stage) -> App {
    App {
        observer: Arc::new(Crash(stage)),
        ..city.app.clone()
    }
}

#[test]
fn a_crash_before_the_commit_leaves_the_key_free_and_one_after_it_gives_the_answer() {
    on_both_databases(async |city| {
        city.reviewed(3, places(2, 1)).await;
        city.at(FREEZE_AT);
        let crash = tokio::spawn(freeze(crashing(city, Stage::Recorded))).await;
        assert!(crash.is_err());
        assert_eq!(keys(city).await.len(), 0);
        let crash = tokio::spawn(freeze(crashing(city, Stage::Committed))).await;
        assert!(crash.is_err());
        assert_eq!(keys(city).await.len(), 1);

        let again = freeze(city.app.clone()).await.expect("the first answer");

        assert_eq!(again, city.draw(PERIOD).await);
        let draws = store::draws::count(&city.app.db, city.app.city).await;
        assert_eq!(draws.expect("a count"), 1);
    });
}

#[test]
fn a_step_that_was_recorded_and_not_published_is_published_when_it_is_asked_for_again() {
    on_both_databases(async |city| {
        city.frozen(3, places(2, 1)).await;
        city.at(ANNOUNCE_AT);
        let crash = tokio::spawn(announce(crashing(city, Stage::Committed))).await;
        assert!(crash.is_err());
        assert!(!city.app.layout.draw(PERIOD).join("announce").exists());

        let again = announce(city.app.clone()).await.expect("the first answer");

        assert_eq!(again.phase, draw::Phase::Announced);
        let records = store::records::count(&city.app.db, city.app.city).await;
        assert_eq!(records.expect("a count"), 1);
        check_publication(city).await;
    });
}
