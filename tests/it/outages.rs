//! Beacons and witnesses that do not answer.

use std::sync::Arc;

use entity::draw;
use fairplate::{Error, beacon::Carried, store};
use fairplate_tests::{
    ceremony, check_publication, on_both_databases,
    stages::{PERIOD, officer, places, terms},
};

#[test]
fn without_the_round_nothing_is_drawn() {
    on_both_databases(async |city| {
        city.closed(4, places(1, 1)).await;
        let mut app = city.app.clone();
        app.beacon = Arc::new(Carried::new(
            city.folder().join("none.json"),
            Arc::clone(&app.clock),
        ));
        let before = city.draw(PERIOD).await;

        let refused = ceremony::finish(&app, &officer(), PERIOD).await;

        assert!(
            matches!(
                refused,
                Err(Error::Unavailable {
                    what: "the beacon",
                    ..
                })
            ),
            "{refused:?}"
        );
        assert_eq!(city.draw(PERIOD).await, before);
        check_publication(city).await;
    });
}

#[test]
fn without_its_witnesses_a_record_stands_and_waits_to_be_published() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let app = city.without_its_witness();

        let refused = ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD)).await;

        assert!(
            matches!(refused, Err(Error::Unavailable { .. })),
            "{refused:?}"
        );
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        assert_eq!(
            store::records::count(&app.db, app.city)
                .await
                .expect("a count"),
            1
        );
        assert!(!app.layout.draw(PERIOD).exists());
        ceremony::recover(&city.app).await.expect("recovered");
        check_publication(city).await;
    });
}

#[test]
fn a_city_without_a_witness_publishes_and_says_that_nobody_vouches() {
    on_both_databases(async |city| {
        city.reviewed(4, places(1, 1)).await;
        let mut app = city.app.clone();
        app.witnesses = [].into();
        let alone = format!("log {}\nquorum none\n", app.trust.log());
        app.trust = Arc::new(alone.parse().expect("a trust policy"));
        for (at, step) in [
            ("2026-06-27T01:00:00Z", 0),
            ("2026-06-29T01:00:00Z", 1),
            ("2026-06-30T07:00:30Z", 2),
            ("2026-06-30T07:05:00Z", 3),
        ] {
            city.at(at);
            match step {
                0 => ceremony::freeze(&app, &officer(), PERIOD).await,
                1 => ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD)).await,
                2 => {
                    ceremony::close(&app, &officer(), PERIOD, fairplate_tests::stages::reveals())
                        .await
                }
                _ => ceremony::finish(&app, &officer(), PERIOD).await,
            }
            .expect("a step");
        }

        let report = fairplate::service::publication::verdict(&app, PERIOD)
            .await
            .expect("a verdict");

        assert_eq!(report.verdict, verifier::Verdict::VerifiedUnwitnessed);
    });
}
