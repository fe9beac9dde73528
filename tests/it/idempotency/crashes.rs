//! A crash leaves both the change and its key, or neither.

use std::sync::Arc;

use entity::{approval, draw};
use fairplate::{
    App,
    app::{Effect, Observer, Stage},
    service::{
        approvals::{self, Action, Decided},
        once,
    },
    store,
};
use fairplate_tests::{
    TestCity,
    ceremony::{self, SECOND, digest_of},
    check_publication, on_both_databases,
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

/// What the officer of most stories proposes.
async fn proposed(city: &TestCity, action: Action) -> approval::Model {
    let row = ceremony::propose(&city.app, &officer(), action).await;
    row.expect("a proposal")
}

/// The second officer approves of it under a key.
async fn approve(app: App, row: approval::Model) -> fairplate::Result<draw::Model> {
    let second = ceremony::sign_in(&app, SECOND).await.approver();
    let asked = once::Asked::new(&app, &second.actor(), KEY, "approve", "{}");
    let approving = approvals::approve(&app, &second, row.id, digest_of(&row));
    match once::answer(&app, Some(asked.expect("a good key")), approving).await? {
        Decided::CarriedOut { draw, .. } => Ok(draw.expect("a draw")),
        other => panic!("expected it to be carried out, found {other:?}"),
    }
}

fn freezing() -> Action {
    let period = PERIOD.to_owned();
    Action::FreezePeriod { period }
}

fn announcing() -> Action {
    let (draw, terms) = (PERIOD.to_owned(), terms(PERIOD));
    Action::AnnounceDraw { draw, terms }
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
        let row = proposed(city, freezing()).await;
        let crash = tokio::spawn(approve(crashing(city, Stage::Recorded), row.clone())).await;
        assert!(crash.is_err());
        assert_eq!(keys(city).await.len(), 0);
        let crash = tokio::spawn(approve(crashing(city, Stage::Committed), row.clone())).await;
        assert!(crash.is_err());
        assert_eq!(keys(city).await.len(), 1);

        let again = approve(city.app.clone(), row).await;
        let again = again.expect("the first answer");

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
        let row = proposed(city, announcing()).await;
        let crash = tokio::spawn(approve(crashing(city, Stage::Committed), row.clone())).await;
        assert!(crash.is_err());
        assert!(!city.app.layout.draw(PERIOD).join("announce.note").exists());

        let again = approve(city.app.clone(), row).await;
        let again = again.expect("the first answer");

        assert_eq!(again.phase, draw::Phase::Announced);
        let records = store::records::count(&city.app.db, city.app.city).await;
        assert_eq!(records.expect("a count"), 1);
        check_publication(city).await;
    });
}
