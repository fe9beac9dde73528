//! A crash leaves a proposal as it was or carried out, and nothing is carried out twice.

use std::sync::Arc;

use entity::{approval, draw};
use fairplate::{
    App,
    app::{Effect, Observer, Stage},
    service::approvals::{self, Action, Decided},
    store,
};
use fairplate_tests::{
    TestCity,
    ceremony::{self, SECOND, digest_of, sign_in},
    check_publication, on_both_databases,
    stages::{ANNOUNCE_AT, PERIOD, officer, places},
};

use super::{announcing, proposed, state};

/// Ends the task at an effect, as a crash ends a process: whatever is not committed is gone.
struct Crash(&'static str, Stage);

impl Observer for Crash {
    fn reached(&self, effect: Effect) {
        assert!((effect.step, effect.stage) != (self.0, self.1), "crashed");
    }
}

pub(crate) fn crashing(city: &TestCity, step: &'static str, stage: Stage) -> App {
    App {
        observer: Arc::new(Crash(step, stage)),
        ..city.app.clone()
    }
}

#[test]
fn a_crash_while_proposing_leaves_the_whole_proposal_or_none() {
    on_both_databases(async |city| {
        city.frozen(3, places(2, 1)).await;
        for (stage, count) in [
            (Stage::Decided, 0),
            (Stage::Recorded, 0),
            (Stage::Committed, 1),
        ] {
            let app = crashing(city, "propose", stage);
            let before = state(city).await.approvals.len();
            let crash = tokio::spawn(async move { proposed(&app, announcing()).await }).await;
            assert!(crash.is_err(), "{stage:?}");
            let there = state(city).await.approvals;
            assert_eq!(there.len() - before, count, "{stage:?}");
            let steps = city.trail_of(PERIOD, "approvals.propose").await.len();
            assert_eq!(steps, 1 + count, "{stage:?}: with that of the freeze");
        }
        let row = proposed(&city.app, announcing()).await;
        ceremony::approve(&city.app, &row).await.expect("announced");
        check_publication(city).await;
    });
}

#[test]
fn a_crash_while_approving_leaves_it_waiting_or_done_and_never_done_twice() {
    on_both_databases(async |city| {
        city.frozen(3, places(2, 1)).await;
        let row = proposed(&city.app, announcing()).await;
        for stage in [Stage::Decided, Stage::Recorded] {
            let before = state(city).await;
            let (app, waiting) = (crashing(city, "announce", stage), row.clone());
            let crash = tokio::spawn(async move { ceremony::approve(&app, &waiting).await }).await;
            assert!(crash.is_err(), "{stage:?}");
            assert_eq!(state(city).await, before, "{stage:?}");
        }
        let (app, waiting) = (crashing(city, "announce", Stage::Committed), row.clone());
        let crash = tokio::spawn(async move { ceremony::approve(&app, &waiting).await }).await;
        assert!(crash.is_err());
        assert!(!city.app.layout.draw(PERIOD).join("announce.note").exists());
        let done = state(city).await;
        assert_eq!(done.records, 1);

        let two = sign_in(&city.app, SECOND).await;
        let again = approvals::approve(&city.app, &two.approver(), row.id, digest_of(&row)).await;

        let Ok(Decided::NotWaiting(decided)) = again else {
            panic!("expected it to be decided, found {again:?}")
        };
        assert_eq!(decided.state, approval::State::CarriedOut);
        assert_eq!(state(city).await, done);
        ceremony::recover(&city.app).await.expect("recovered");
        assert_eq!(state(city).await, done);
        check_publication(city).await;
    });
}

#[test]
fn a_crash_while_confirming_leaves_the_rules_as_they_were_or_confirmed() {
    on_both_databases(async |city| {
        let digest = city.app.policy.digest();
        let confirmed = async || {
            let row = store::policies::find(&city.app.db, city.app.city, &digest).await;
            row.expect("read").expect("rules").confirmed_at.is_some()
        };
        let row = proposed(&city.app, Action::ConfirmPolicy).await;
        for (stage, is_done) in [
            (Stage::Decided, false),
            (Stage::Recorded, false),
            (Stage::Committed, true),
        ] {
            let (app, waiting) = (crashing(city, "confirm", stage), row.clone());
            let crash = tokio::spawn(async move { ceremony::approve(&app, &waiting).await }).await;
            assert!(crash.is_err(), "{stage:?}");
            assert_eq!(confirmed().await, is_done, "{stage:?}");
        }
        let again = ceremony::approve(&city.app, &row).await;
        assert_eq!(again.expect_err("done").code().as_str(), "CONFLICT");
    });
}

#[test]
fn of_two_who_approve_at_once_one_does_it() {
    on_both_databases(async |city| {
        city.frozen(3, places(2, 1)).await;
        city.at(ANNOUNCE_AT);
        let row = proposed(&city.app, announcing()).await;
        let (two, three) = (
            sign_in(&city.app, SECOND).await.approver(),
            sign_in(&city.app, "sun").await.approver(),
        );
        let other = city.another_node(None).await;
        let digest = digest_of(&row);

        let (one, another) = tokio::join!(
            approvals::approve(&city.app, &two, row.id, digest),
            approvals::approve(&other, &three, row.id, digest),
        );

        let both = [one.expect("an answer"), another.expect("an answer")];
        let done = |it: &&Decided| matches!(it, Decided::CarriedOut { .. });
        assert_eq!(both.iter().filter(done).count(), 1, "{both:?}");
        let late = |it: &&Decided| matches!(it, Decided::NotWaiting(_));
        assert_eq!(both.iter().filter(late).count(), 1, "{both:?}");
        let records = store::records::count(&city.app.db, city.app.city).await;
        assert_eq!(records.expect("a count"), 1);
        assert_eq!(city.trail_of(PERIOD, "ceremony.announce").await.len(), 1);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        check_publication(city).await;
    });
}

#[test]
fn of_two_who_propose_the_same_at_once_one_waits_for_both() {
    on_both_databases(async |city| {
        city.frozen(3, places(2, 1)).await;
        let before = state(city).await.approvals.len();
        let (one, two) = (officer(), sign_in(&city.app, SECOND).await);
        let (first, second) = tokio::join!(
            ceremony::propose(&city.app, &one, announcing()),
            ceremony::propose(&city.app, &two, announcing()),
        );

        assert_eq!(
            first.expect("a proposal").id,
            second.expect("a proposal").id
        );
        assert_eq!(state(city).await.approvals.len(), before + 1);
    });
}
