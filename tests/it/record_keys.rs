//! The record key changes: draws before and after verify, whatever key a reader has pinned, and
//! whenever the process stops.

mod page;

use std::{fs, os::unix::process::ExitStatusExt as _, path::Path, sync::Arc};

use entity::{draw, record};
use fairplate::{
    App, Error,
    app::Stage,
    service::{
        approvals::{self, Action, Decided},
        record_keys, trail,
    },
    store,
};
use fairplate_tests::{
    TestCity,
    ceremony::{self, SECOND, Terms, digest_of, sign_in},
    check_publication,
    city::{Remains, databases, moment, on_both_databases_with_a_new_key, run},
    faults::{Point, Process, Recorder},
    keys, on_both_databases,
    publication::{self, assert_same, files_under},
    stages::{CLOSE_AT, FINISH_AT, PERIOD, officer, places, reveals, terms},
};
use verifier::{Options, Report, Trust, Verdict, trust::parse_record_key, verify_folder};

/// What the verifier says of a published draw to whoever has pinned a published record key.
fn verdict(public: &Path, draw: &str, pinned: &str, log: bool) -> Report {
    let key = fs::read(public.join(pinned)).expect("a published key");
    let trust = Trust {
        records: parse_record_key(&key).expect("a key"),
        ..publication::pinned(public)
    };
    let options = Options {
        log: log.then(|| public.join("log")),
        ..Options::default()
    };
    let folder = public.join("draws").join(draw);
    verify_folder(&folder, &trust, &options, &mut |_| {})
}

#[track_caller]
fn assert_verified(app: &App, draw: &str, pinned: &str) {
    for log in [true, false] {
        let report = verdict(&app.layout.public(), draw, pinned, log);
        assert_eq!(
            report.verdict,
            Verdict::Verified,
            "{draw} {pinned}: {report}"
        );
    }
}

/// A node that holds one more record key than the city's first process.
async fn with_a_new_key(city: &TestCity) -> App {
    let folder = city.app.layout.keys();
    if folder.exists() {
        keys::add_record_key(&folder);
    } else {
        keys::with_a_second_record_key(&folder);
    }
    city.another_node(None).await
}

async fn changes(app: &App) -> Vec<record::Model> {
    let changes = store::records::list_changes_of_keys(&app.db, app.city, i64::MAX).await;
    changes.expect("changes of keys")
}

/// Draws the later period to its end.
pub(crate) async fn draw_again(city: &TestCity, app: &App) -> String {
    let later = city.second_period().await;
    ceremony::freeze(app, &officer(), &later)
        .await
        .expect("frozen");
    let terms = Terms {
        closes_at: moment("2026-07-30T07:00:00Z"),
        ..terms(&later)
    };
    ceremony::announce(app, &officer(), &later, terms)
        .await
        .expect("announced");
    city.at("2026-07-30T07:00:30Z");
    ceremony::close(app, &officer(), &later, reveals())
        .await
        .expect("closed");
    city.at("2026-07-30T07:05:00Z");
    ceremony::finish(app, &officer(), &later)
        .await
        .expect("finished");
    later
}

#[test]
fn the_record_key_changes_between_draws_and_both_verify() {
    on_both_databases(async |city| {
        city.finished(4, places(1, 1)).await;
        check_publication(city).await;
        let before = files_under(&city.app.layout.public());
        let node = with_a_new_key(city).await;
        assert!(record_keys::is_one_waiting(&node).await.expect("known"));

        let rotated = ceremony::change_record_key(&node, &officer())
            .await
            .expect("rotated");

        assert_eq!(rotated.epoch, 1);
        assert!(!record_keys::is_one_waiting(&node).await.expect("known"));
        let published = fs::read_to_string(node.layout.public().join("records-1.vkey"));
        assert_eq!(
            published.expect("published"),
            format!("{}\n", rotated.keys[0])
        );
        let after = files_under(&city.app.layout.public());
        for name in ["trust.policy", "records.vkey"] {
            assert_eq!(before[Path::new(name)], after[Path::new(name)]);
        }
        check_publication(city).await;

        let later = draw_again(city, &node).await;
        assert_verified(&node, PERIOD, "records.vkey");
        assert_verified(&node, &later, "records.vkey");
        // Whoever pins the new key, since the old one was stolen, has the draws from then on.
        assert_verified(&node, &later, "records-1.vkey");
        let old = verdict(&node.layout.public(), PERIOD, "records-1.vkey", true);
        assert_eq!(old.verdict, Verdict::False, "{old}");
        check_publication(city).await;
        let trail = city.trail_of("keys-1", "keys.rotate_record").await;
        assert_eq!(trail, ["officer:qian"]);
        let pinned = node.signers().expect("keys").records.first().clone();
        let anchors = trail::anchors(&node.db, node.city, &pinned, &[]).await;
        let anchors = anchors.expect("read").expect("signed by the city");
        let verified = trail::verify(&node.db, node.city, &anchors, &mut |_| {}).await;
        let verified = verified.expect("checked");
        assert_eq!((verified.fault, verified.compared), (None, 7));
    });
}

#[test]
fn the_record_key_changes_twice_and_within_a_draw() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let node = with_a_new_key(city).await;
        ceremony::change_record_key(&node, &officer())
            .await
            .expect("rotated");
        ceremony::close(&node, &officer(), PERIOD, reveals())
            .await
            .expect("closed");
        city.at(FINISH_AT);
        let node = with_a_new_key(city).await;
        let rotated = ceremony::change_record_key(&node, &officer())
            .await
            .expect("rotated");
        assert_eq!(rotated.epoch, 2);

        ceremony::finish(&node, &officer(), PERIOD)
            .await
            .expect("finished");

        assert_verified(&node, PERIOD, "records.vkey");
        check_publication(city).await;
        let later = draw_again(city, &node).await;
        for pinned in ["records.vkey", "records-1.vkey", "records-2.vkey"] {
            assert_verified(&node, &later, pinned);
        }
        check_publication(city).await;
    });
}

#[test]
fn a_process_without_the_key_in_force_signs_nothing() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let node = with_a_new_key(city).await;
        ceremony::change_record_key(&node, &officer())
            .await
            .expect("rotated");
        let before = files_under(&city.app.layout.public());

        let refused = ceremony::close(&city.app, &officer(), PERIOD, reveals()).await;

        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        assert_same(&before, &files_under(&city.app.layout.public()));
        check_publication(city).await;
    });
}

#[test]
fn a_key_takes_the_place_of_another_once() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let refused = ceremony::change_record_key(&city.app, &officer()).await;
        assert!(matches!(refused, Err(Error::NotSetUp(_))), "{refused:?}");
        assert_eq!(changes(&city.app).await.len(), 0);
        let node = with_a_new_key(city).await;
        let other = city.another_node(None).await;

        let row = ceremony::propose(&node, &officer(), Action::ChangeRecordKey).await;
        let row = row.expect("proposed");
        let (two, three) = (sign_in(&node, SECOND).await, sign_in(&node, "sun").await);
        let (two, three) = (two.approver(), three.approver());
        let digest = digest_of(&row);
        let (one, another) = tokio::join!(
            approvals::approve(&node, &two, row.id, digest),
            approvals::approve(&other, &three, row.id, digest),
        );

        let is_done = |it: &&Result<Decided, Error>| matches!(it, Ok(Decided::CarriedOut { .. }));
        let done = [&one, &another].into_iter().filter(is_done);
        assert_eq!(done.count(), 1, "{one:?} {another:?}");
        assert_eq!(changes(&node).await.len(), 1);
        check_publication(city).await;
    });
}

#[test]
fn a_change_of_keys_is_approved_by_its_digest_while_both_keys_are_what_was_read() {
    on_both_databases_with_a_new_key(async |city| {
        city.finished(4, places(1, 1)).await;
        let before = files_under(&city.app.layout.public());
        let row = ceremony::propose(&city.app, &officer(), Action::ChangeRecordKey).await;
        let row = row.expect("proposed");
        let keys = city.app.signers().expect("keys");
        let [old, new] = [
            keys.records.first(),
            keys.records.newest().expect("one").key(),
        ];
        let content = format!(
            "{{\"action\":\"change_record_key\",\"origin\":\"{}\",\"change\":\"keys-1\",\"epoch\":1,\
             \"old\":\"{old}\",\"new\":\"{new}\"}}",
            city.app.origin
        );
        assert_eq!(row.content, content);
        let (two, digest) = (sign_in(&city.app, SECOND).await.approver(), digest_of(&row));
        let refused = approvals::approve(&city.app, &two, row.id, [7; 32]).await;
        assert!(
            matches!(refused, Ok(Decided::OtherDigest(_))),
            "{refused:?}"
        );
        // A node with a still newer key would change to that one.
        let newer = with_a_new_key(city).await;
        let changed = approvals::approve(&newer, &two, row.id, digest).await;
        assert!(matches!(changed, Ok(Decided::Changed(_))), "{changed:?}");
        assert_eq!(changes(&city.app).await.len(), 0);
        assert_same(&before, &files_under(&city.app.layout.public()));
        check_publication(city).await;

        let done = approvals::approve(&city.app, &two, row.id, digest).await;

        assert!(matches!(done, Ok(Decided::CarriedOut { .. })), "{done:?}");
        let rows = changes(&city.app).await;
        assert!(rows[0].note.contains(&format!("vkey {new}\n")));
        check_publication(city).await;
    });
}

/// Where a change of keys can be interrupted, as it passes them.
async fn points(before: &Remains) -> Vec<Point> {
    let mut city = before.copy().await.open().await;
    city.at(CLOSE_AT);
    let recorder = Arc::new(Recorder::default());
    city.app.observer = Arc::clone(&recorder) as _;
    ceremony::change_record_key(&city.app, &officer())
        .await
        .expect("rotated");
    let mut points = recorder.points();
    points.retain(|point| point.step == "rotate");
    points
}

#[test]
fn a_crash_while_the_key_changes_leaves_the_old_or_the_new_one_signing() {
    for kind in databases() {
        run(async {
            let city = TestCity::create("hangzhou-2018", &kind).await;
            city.announced(4, places(1, 1)).await;
            keys::with_a_second_record_key(&city.app.layout.keys());
            let before = city.into_remains().await;
            let points = points(&before).await;
            let stages: Vec<_> = points.iter().map(|point| point.stage.clone()).collect();
            let expected = [
                Stage::Decided,
                Stage::Recorded,
                Stage::Committed,
                Stage::Cosigned,
                Stage::LogPublished,
            ];
            assert_eq!(stages, expected.map(|stage| format!("{stage:?}")));
            for (place, point) in points.iter().enumerate() {
                let remains = before.copy().await;
                let died = Process::of(&remains, "rotate", CLOSE_AT)
                    .dying_at(point)
                    .run();
                assert_eq!(died.status.signal(), Some(9), "{point}: {died:?}");
                let restarted = Process::of(&remains, "nothing", CLOSE_AT)
                    .recovering()
                    .run();
                assert!(restarted.status.success(), "{point}: {restarted:?}");

                let city = remains.open().await;
                city.at(CLOSE_AT);
                let is_changed = changes(&city.app).await.len() == 1;
                assert_eq!(is_changed, 2 <= place, "{point}");
                let public = city.app.layout.public();
                assert_eq!(public.join("records-1.vkey").exists(), is_changed);
                check_publication(&city).await;
                ceremony::close(&city.app, &officer(), PERIOD, reveals())
                    .await
                    .expect("closed");
                city.at(FINISH_AT);
                ceremony::finish(&city.app, &officer(), PERIOD)
                    .await
                    .expect("finished");
                assert_verified(&city.app, PERIOD, "records.vkey");
                check_publication(&city).await;
            }
        });
    }
}
