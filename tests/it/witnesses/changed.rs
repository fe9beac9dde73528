//! Other witnesses, or another log key, take the place of those in force: two officers say so, the log
//! says from where on, and nobody believes the others for that alone.

use std::{fs, path::Path};

use entity::draw;
use fairplate::{
    App, Error,
    service::{
        approvals::{self, Action, Decided},
        wall,
    },
    store,
};
use fairplate_tests::{
    TestCity,
    ceremony::{self, digest_of, sign_in},
    check_publication,
    city::{databases, run},
    keys, on_both_databases,
    publication::{assert_same, files_under, pinned},
    stages::{CLOSE_AT, FINISH_AT, PERIOD, officer, places, reveals},
};
use verifier::{Options, Report, Trust, Verdict, verify_folder};

use crate::record_keys::draw_again;

/// A node whose settings name another witness.
async fn offering(city: &TestCity) -> App {
    keys::with_another_witness(&city.app.layout.keys());
    let node = city.another_node(None).await;
    assert_ne!(node.trust, city.app.trust);
    node
}

fn report(app: &App, draw: &str, trust: &Trust) -> Report {
    let options = Options {
        log: Some(app.layout.log()),
        ..Options::default()
    };
    verify_folder(&app.layout.draw(draw), trust, &options, &mut |_| {})
}

/// What the log and the public folder have.
async fn state(app: &App) -> (usize, usize, usize) {
    let (db, city) = (&app.db, app.city);
    let records = store::records::list(db, city).await.expect("records");
    let span = fairplate::domain::span::Span::first(1_000);
    let trail = store::trail::list(db, city, None, span).await;
    let files = files_under(&app.layout.public());
    (records.len(), trail.expect("a trail").len(), files.len())
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(refused: fairplate::Result<T>) -> String {
    match refused {
        Err(Error::NotSetUp(why)) => why,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

#[test]
fn draws_before_and_after_verify_for_whoever_has_pinned_both_policies() {
    for kind in databases() {
        run(async {
            let mut city = TestCity::create("hangzhou-2018", &kind).await;
            city.finished(4, places(1, 1)).await;
            check_publication(&city).await;
            let public = city.app.layout.public();
            let before = files_under(&public);
            let only_first = pinned(&public);

            city.app = offering(&city).await;
            let changed = ceremony::change_trust(&city.app, &officer()).await;

            changed.expect("changed");
            let policy = fs::read_to_string(public.join("trust-1.policy"));
            assert_eq!(policy.expect("published"), city.app.trust.to_string());
            let after = files_under(&public);
            for (path, bytes) in &before {
                let is_grown = path.starts_with("log");
                assert!(
                    is_grown || after.get(path) == Some(bytes),
                    "{}",
                    path.display()
                );
            }
            assert!(!after.contains_key(Path::new("records-1.vkey")));
            let trail = city.trail_of("keys-1", "keys.change_trust").await;
            assert_eq!(trail, ["officer:qian"]);
            check_publication(&city).await;

            let later = draw_again(&city, &city.app).await;
            check_publication(&city).await;
            let both = pinned(&public);
            for draw in [PERIOD, &later] {
                let report = report(&city.app, draw, &both);
                assert_eq!(report.verdict, Verdict::Verified, "{report}");
            }
            let old = report(&city.app, PERIOD, &only_first);
            assert_eq!(old.verdict, Verdict::Verified, "{old}");
            // What is printed of a draw names the policies that it takes to check that one.
            for (draw, policies) in [
                (PERIOD, &["trust.policy"][..]),
                (&later, &["trust.policy", "trust-1.policy"]),
            ] {
                let wall = wall::read(&city.app, draw).await.expect("a wall");
                let keys = wall.keys.expect("keys");
                assert_eq!(keys.policies, policies, "{draw}");
                let witness = &keys.witnesses[0];
                let is_new = witness == city.app.witnesses[0].key();
                assert_eq!(is_new, draw == later, "{draw}");
            }
            let new = report(&city.app, &later, &only_first);
            assert_eq!(new.verdict, Verdict::VerifiedUnwitnessed, "{new}");
            let told = "to have pinned trust-1.policy, which log entry 3 puts in force";
            assert!(new.to_string().contains(told), "{new}");
        });
    }
}

#[test]
fn the_log_key_changes_within_a_draw_and_again_between_two() {
    for kind in databases() {
        run(async {
            let mut city = TestCity::create("hangzhou-2018", &kind).await;
            city.announced(4, places(1, 1)).await;
            let public = city.app.layout.public();
            let (old, only_first) = (city.app.clone(), pinned(&public));
            let mut keys_so_far = vec![old.trust.log().clone()];
            let mut drawn = vec![PERIOD.to_owned()];
            for epoch in 1..=2 {
                let folder = city.app.layout.keys();
                if epoch == 2 {
                    fs::remove_dir_all(&folder).expect("the key before");
                }
                keys::with_another_log_key(&folder);
                city.app = city.another_node(None).await;
                let log = city.app.trust.log().clone();
                assert!(!keys_so_far.contains(&log));
                keys_so_far.push(log);
                let changed = ceremony::change_trust(&city.app, &officer()).await;
                changed.expect("changed");
                assert!(public.join(format!("trust-{epoch}.policy")).exists());
                if epoch == 1 {
                    let refused = ceremony::close(&old, &officer(), PERIOD, reveals()).await;
                    refusal(refused);
                    let app = &city.app;
                    let closed = ceremony::close(app, &officer(), PERIOD, reveals()).await;
                    closed.expect("closed");
                    city.at(FINISH_AT);
                    let finished = ceremony::finish(app, &officer(), PERIOD).await;
                    finished.expect("finished");
                } else {
                    drawn.push(draw_again(&city, &city.app).await);
                }
                check_publication(&city).await;
            }
            let all = pinned(&public);
            for draw in &drawn {
                let report = report(&city.app, draw, &all);
                assert_eq!(report.verdict, Verdict::Verified, "{report}");
                let report = self::report(&city.app, draw, &only_first);
                assert_eq!(report.verdict, Verdict::Incomplete, "{report}");
            }
        });
    }
}

#[test]
fn the_witnesses_change_within_a_draw() {
    for kind in databases() {
        run(async {
            let mut city = TestCity::create("hangzhou-2018", &kind).await;
            city.announced(4, places(1, 1)).await;
            let old = city.app.clone();
            city.app = offering(&city).await;
            let app = city.app.clone();
            // What is offered and not agreed to records nothing, and what is public stays served.
            let before = state(&app).await;
            let refused = ceremony::close(&app, &officer(), PERIOD, reveals()).await;
            let why = refusal(refused);
            assert!(
                why.starts_with("the log key or the witnesses of this process"),
                "{why}"
            );
            assert_eq!(state(&app).await, before);
            ceremony::recover(&app).await.expect("nothing to make good");

            let changed = ceremony::change_trust(&app, &officer()).await;
            changed.expect("changed");

            // From here on the settings before record nothing.
            let before = state(&app).await;
            let refused = ceremony::close(&old, &officer(), PERIOD, reveals()).await;
            let why = refusal(refused);
            assert!(
                why.starts_with("the log key or the witnesses of this process"),
                "{why}"
            );
            assert_eq!(state(&app).await, before);
            let closed = ceremony::close(&app, &officer(), PERIOD, reveals()).await;
            closed.expect("closed");
            city.at(FINISH_AT);
            let finished = ceremony::finish(&app, &officer(), PERIOD).await;
            assert_eq!(finished.expect("finished").phase, draw::Phase::Finished);
            check_publication(&city).await;
            // A node with an empty folder makes the same files.
            let public = || {
                let mut files = files_under(&app.layout.public());
                // Tiles that a longer log has replaced.
                files.retain(|path, _| !path.to_string_lossy().contains(".p/"));
                files
            };
            let before = public();
            fs::remove_dir_all(app.layout.public()).expect("lost");
            ceremony::recover(&app).await.expect("made again");
            assert_same(&before, &public());
        });
    }
}

#[test]
fn witnesses_that_cannot_take_the_place_are_refused_and_nothing_changes() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let lost = city.without_its_witness();
        let waiting = ceremony::close(&lost, &officer(), PERIOD, reveals()).await;
        waiting.expect_err("a record that waits for its witness");
        let node = offering(city).await;
        let change = || Action::ChangeTrust;
        let before = state(&node).await;

        let refused = ceremony::propose(&city.app, &officer(), change()).await;
        let why = refusal(refused);
        assert!(why.contains("are those in force already"), "{why}");
        let refused = ceremony::propose(&node, &officer(), change()).await;
        let why = refusal(refused);
        assert!(why.starts_with("a record waits for the witnesses"), "{why}");
        let why = refusal(ceremony::recover(&node).await);
        assert!(
            why.starts_with("the log key or the witnesses of this process"),
            "{why}"
        );
        assert_eq!(state(&node).await, before);

        ceremony::recover(&city.app).await.expect("cosigned");
        let row = ceremony::propose(&node, &officer(), change()).await;
        let row = row.expect("proposed");
        let before = state(&node).await;
        let alone = sign_in(&node, &row.proposed_by).await.approver();
        let own = approvals::approve(&node, &alone, row.id, digest_of(&row)).await;
        assert!(matches!(own, Ok(Decided::Own(_))), "{own:?}");
        // At a node with the settings before there is nothing to do.
        let second = sign_in(&city.app, ceremony::SECOND).await.approver();
        let other = approvals::approve(&city.app, &second, row.id, digest_of(&row)).await;
        assert!(refusal(other).contains("are those in force already"));
        assert_eq!(state(&node).await, before);

        ceremony::approve(&node, &row).await.expect("approved");
        let refused = ceremony::propose(&city.app, &officer(), change()).await;
        let why = refusal(refused);
        assert!(why.starts_with("exactly this trust policy"), "{why}");
        city.at(FINISH_AT);
        let finished = ceremony::finish(&node, &officer(), PERIOD).await;
        finished.expect("finished");
    });
}

#[test]
fn a_node_with_an_empty_folder_and_other_witnesses_records_nothing() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let node = offering(city).await;
        fs::remove_dir_all(node.layout.public()).expect("a machine of its own");
        let before = state(&node).await;
        let refused = ceremony::close(&node, &officer(), PERIOD, reveals()).await;
        let why = refusal(refused);
        assert!(
            why.starts_with("the log key or the witnesses of this process"),
            "{why}"
        );
        assert_eq!(state(&node).await, before);
    });
}

#[test]
fn a_change_of_the_witnesses_is_signed_on_a_machine_without_network() {
    for kind in databases() {
        run(async {
            let mut city = TestCity::with_its_key_off_line(&kind).await;
            city.frozen(4, places(1, 1)).await;
            city.announce(PERIOD).await;
            city.carry(PERIOD).await;
            city.app = offering(&city).await;
            let changed = ceremony::change_trust(&city.app, &officer()).await;
            changed.expect("decided");
            let policy = city.app.layout.public().join("trust-1.policy");
            assert!(!policy.exists());
            city.carry("keys-1").await;
            assert!(policy.exists());
            city.at(CLOSE_AT);
            let closed = ceremony::close(&city.app, &officer(), PERIOD, reveals()).await;
            closed.expect("decided");
            city.carry(PERIOD).await;
            assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Closed);
            check_publication(&city).await;
        });
    }
}
