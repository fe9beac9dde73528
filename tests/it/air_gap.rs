//! Records that are signed on a machine without network: whole draws, what is refused when it comes
//! back, and what waits meanwhile.

mod broken;
mod meanwhile;
mod programs;
mod refused;

use std::fs;

use entity::{draw, record};
use fairplate::{
    Error,
    domain::actor::Operator,
    service::{
        approvals::Action,
        ceremony::{self as steps, Stepped},
        trail,
    },
    store,
};
use fairplate_tests::{
    TestCity, air_gap, ceremony, check_publication,
    city::{databases, run},
    keys, programs as binaries,
    publication::{assert_same, files_under},
    stages::{CLOSE_AT, FINISH_AT, PERIOD, officer, places, reveals, terms},
};
/// Runs a story on each database, in a city whose record key is off line.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a story is a closure, not a reference to one"
)]
fn off_line(story: impl AsyncFn(&TestCity)) {
    for kind in databases() {
        run(async {
            let city = TestCity::with_its_key_off_line(&kind).await;
            story(&city).await;
        });
    }
}

/// What can be seen of a city from outside, and what it has recorded.
#[derive(Debug, PartialEq, Eq)]
struct State {
    draws: Vec<draw::Model>,
    records: Vec<record::Model>,
    waiting: Option<entity::unsigned_record::Model>,
    contributions: Vec<entity::contribution::Model>,
    audit: usize,
}

async fn state(city: &TestCity) -> State {
    let (db, of) = (&city.app.db, city.app.city);
    let audit = store::trail::list(db, of, None, fairplate::domain::span::Span::first(1_000)).await;
    State {
        draws: store::draws::list(db, of, 20).await.expect("draws"),
        records: store::records::list(db, of).await.expect("records"),
        waiting: city.waiting().await,
        contributions: store::contributions::list(db, of, PERIOD)
            .await
            .expect("contributions"),
        audit: audit.expect("a trail").len(),
    }
}

fn strangers_verify(city: &TestCity) {
    let output = binaries::verifier()
        .arg("draw")
        .arg(city.app.layout.draw(PERIOD))
        .arg("--no-state")
        .output()
        .expect("fairplate-verifier runs");
    assert!(output.status.success(), "{output:?}");
}

/// A draw whose announcement was carried to the key and back.
async fn announced(city: &TestCity) {
    city.frozen(4, places(1, 1)).await;
    city.announce(PERIOD).await;
    city.carry(PERIOD).await;
}

/// A draw whose close waits.
async fn closing(city: &TestCity) {
    announced(city).await;
    city.at(CLOSE_AT);
    let closed = steps::close(&city.app, &officer(), PERIOD, reveals()).await;
    assert!(matches!(closed, Ok(Stepped::AwaitsSignature { .. })));
}

/// A draw whose result waits.
async fn finishing(city: &TestCity) {
    closing(city).await;
    city.carry(PERIOD).await;
    city.at(FINISH_AT);
    let finished = steps::finish(&city.app, &officer(), PERIOD).await;
    assert!(matches!(finished, Ok(Stepped::AwaitsSignature { .. })));
}

#[test]
fn a_whole_draw_signed_on_a_machine_without_network_verifies() {
    off_line(async |city| {
        city.frozen(4, places(1, 1)).await;
        let before = files_under(&city.app.layout.public());
        let frozen = ceremony::announce(&city.app, &officer(), PERIOD, terms(PERIOD)).await;
        assert_eq!(frozen.expect("approved").phase, draw::Phase::Frozen);
        let waiting = city.waiting().await.expect("an announcement");
        assert_eq!(waiting.kind, record::Kind::Announce);
        assert!(waiting.approval_id.is_some());
        assert_same(&before, &files_under(&city.app.layout.public()));
        assert_eq!(city.trail_of(PERIOD, "ceremony.announce").await.len(), 0);

        let imported = city.carry(PERIOD).await;
        assert_eq!(imported.draw.expect("a draw").phase, draw::Phase::Announced);
        assert_eq!(city.waiting().await, None);
        city.at(CLOSE_AT);
        let closed = steps::close(&city.app, &officer(), PERIOD, reveals()).await;
        let Ok(Stepped::AwaitsSignature { draw, .. }) = &closed else {
            panic!("expected a record that waits, found {closed:?}");
        };
        assert_eq!(draw.phase, draw::Phase::Announced);
        city.carry(PERIOD).await;
        city.at(FINISH_AT);
        let first = steps::finish(&city.app, &officer(), PERIOD).await;
        let again = steps::finish(&city.app, &officer(), PERIOD).await;
        assert_eq!(first.expect("a result"), again.expect("the same"));
        city.at("2026-06-30T09:00:00Z");
        city.carry(PERIOD).await;

        let row = city.draw(PERIOD).await;
        assert_eq!(row.phase, draw::Phase::Finished);
        strangers_verify(city);
        check_publication(city).await;
        for (step, by) in [
            ("ceremony.announce", "officer:qian"),
            ("ceremony.close", "officer:zhou"),
            ("ceremony.finish", "officer:zhou"),
        ] {
            assert_eq!(city.trail_of(PERIOD, step).await, [by]);
        }
        for step in ["records.leave", "records.import"] {
            assert_eq!(city.trail_of(PERIOD, step).await.len(), 3);
        }
        let pinned = city.app.signers().expect("keys").records.first().clone();
        let anchors = trail::anchors(&city.app.db, city.app.city, &pinned, &[]).await;
        let anchors = anchors.expect("read").expect("signed by the city");
        let verified = trail::verify(&city.app.db, city.app.city, &anchors, &mut |_| {}).await;
        let verified = verified.expect("checked");
        assert_eq!((verified.fault, verified.compared), (None, 3));
    });
}

#[test]
fn a_draw_is_given_up_by_a_void_that_was_signed_elsewhere() {
    off_line(async |city| {
        announced(city).await;
        let row = ceremony::void(&city.app, &officer(), PERIOD, "the hall was flooded").await;
        assert_eq!(row.expect("approved").phase, draw::Phase::Announced);
        check_publication(city).await;

        city.carry(PERIOD).await;

        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Voided);
        assert_eq!(
            city.trail_of(PERIOD, "ceremony.void").await,
            ["officer:qian"]
        );
        check_publication(city).await;
    });
}

#[test]
fn a_record_key_moves_off_line_within_a_draw_and_both_sign_the_change() {
    for kind in databases() {
        run(async {
            let mut city = TestCity::create("hangzhou-2018", &kind).await;
            city.announced(4, places(1, 1)).await;
            let away = tempfile::tempdir().expect("a folder");
            let made = fairplate::signer::RecordKeys::create(
                away.path(),
                "city.example/records-2",
                &keys::passphrase(),
            );
            let made = made.expect("a key");
            let own = city.app.layout.keys();
            fs::create_dir(&own).expect("a folder of keys");
            for name in ["record.key", "record.vkey"] {
                fs::copy(keys::folder().join(name), own.join(name)).expect("copied");
            }
            let mut records = fairplate::signer::RecordKeys::open(&own, &keys::passphrase());
            let records = records.as_mut().expect("keys");
            records
                .add_off_line(&own, made.first())
                .expect("a public half");
            city.app = city.another_node(None).await;
            let node = city.app.clone();

            let row = ceremony::propose(&node, &officer(), Action::ChangeRecordKey).await;
            ceremony::approve(&node, &row.expect("proposed"))
                .await
                .expect("approved");
            let request = city.export("keys-1").await;
            assert_eq!(request.keys(), [made.first().clone()]);
            let refused = ceremony::close(&node, &officer(), PERIOD, reveals()).await;
            assert!(matches!(refused, Err(Error::AwaitsSignature { .. })));
            let signed = request.sign(std::slice::from_ref(&made)).expect("signed");
            let file = signed.to_string();
            let imported = air_gap::import(&node, file.as_bytes()).await;
            assert_eq!(imported.expect("imported").subject, "keys-1");
            let again = air_gap::import(&node, file.as_bytes()).await;
            again.expect("what is so");

            let closed = steps::close(&node, &officer(), PERIOD, reveals()).await;
            assert!(matches!(closed, Ok(Stepped::AwaitsSignature { .. })));
            let signed = city.export(PERIOD).await.sign(&[made]).expect("signed");
            let closed = air_gap::import(&node, signed.to_string().as_bytes()).await;
            closed.expect("closed");
            assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Closed);
            check_publication(&city).await;
        });
    }
}

#[test]
fn a_dropped_record_leaves_the_draw_where_it_stood_and_the_step_is_taken_anew() {
    off_line(async |city| {
        closing(city).await;
        let signed = air_gap::sign(&city.export(PERIOD).await);
        let none = steps::drop_unsigned(&city.app, &Operator, "202607").await;
        assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");

        let dropped = steps::drop_unsigned(&city.app, &Operator, PERIOD).await;

        assert_eq!(dropped.expect("dropped").kind, record::Kind::Close);
        assert_eq!(city.waiting().await, None);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        assert_eq!(city.trail_of(PERIOD, "records.drop").await, ["operator"]);
        let again = steps::drop_unsigned(&city.app, &Operator, PERIOD).await;
        assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
        let gone = air_gap::import(&city.app, &signed).await;
        let sentence = gone.expect_err("it was dropped").to_string();
        assert!(sentence.contains("no record waits"), "{sentence}");
        let anew = steps::close(&city.app, &officer(), PERIOD, reveals()).await;
        anew.expect("decided anew");
        let old = air_gap::import(&city.app, &signed).await;
        let sentence = old.expect_err("another text").to_string();
        assert!(sentence.contains("what waits is the close"), "{sentence}");
        city.carry(PERIOD).await;
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Closed);
        check_publication(city).await;
    });
}
