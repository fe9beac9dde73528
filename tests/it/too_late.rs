//! Witnesses who see a record so late that it does not count any more: nothing more is recorded of the
//! draw, everybody is told what is left to do, and the city goes on with everything else.

use std::sync::Arc;

use entity::draw;
use fairplate::{Result, service::publication, store};
use fairplate_tests::{
    TestCity, ceremony, check_publication, on_both_databases,
    stages::{CLOSE_AT, FINISH_AT, PERIOD, later, officer, places, reveals, terms},
    unheard::Unheard,
};
use verifier::Verdict;

/// After the window of the usual announcement can begin, and before its contributions close.
const LATE: &str = "2026-06-29T08:00:00Z";

const ANNOUNCEMENT: &str = "having the announcement witnessed was possible until 2026-06-29T07:00:00Z; the announcement stands in the log and no verifier accepts a result of it: void the draw and freeze a new one";

const DEAD: &str = "if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public, and ask for advice before anything else is done";

fn told<T: std::fmt::Debug>(refused: Result<T>) -> String {
    refused.expect_err("refused").to_string()
}

async fn records(city: &TestCity) -> u64 {
    let counted = store::records::count(&city.app.db, city.app.city).await;
    counted.expect("a count")
}

/// How many entries of the log are public.
fn public_entries(city: &TestCity) -> usize {
    let log = verifier::log::LogFolder::open(&city.app.layout.log(), city.app.trust.log());
    log.expect("a good log").entries.len()
}

#[test]
fn an_announcement_that_was_witnessed_too_late_is_called_off_and_the_period_is_drawn_anew() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let away = city.without_its_witness();
        drop(told(
            ceremony::announce(&away, &officer(), PERIOD, terms(PERIOD)).await,
        ));
        city.at(LATE);

        let app = &city.app;
        for _ in 0..2 {
            assert_eq!(told(ceremony::recover(app).await), ANNOUNCEMENT);
        }
        let closing = ceremony::close(app, &officer(), PERIOD, reveals()).await;
        assert_eq!(told(closing), ANNOUNCEMENT);
        assert_eq!((records(city).await, public_entries(city)), (1, 1));
        assert!(!app.layout.draw(PERIOD).exists());

        ceremony::void(app, &officer(), PERIOD, "the witnesses were away")
            .await
            .expect("voided");

        let report = publication::verdict(app, PERIOD).await.expect("a verdict");
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        let redo = ceremony::freeze(app, &officer(), PERIOD).await;
        assert_eq!(redo.expect("frozen").id, "202606-2");
        check_publication(city).await;
    });
}

#[test]
fn contributions_are_not_closed_behind_an_announcement_that_can_only_be_witnessed_too_late() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let away = city.without_its_witness();
        drop(told(
            ceremony::announce(&away, &officer(), PERIOD, terms(PERIOD)).await,
        ));
        city.at(LATE);

        let closing = ceremony::close(&away, &officer(), PERIOD, reveals()).await;

        let sentence = told(closing);
        let quorum = "the witnesses' quorum is not available now: ";
        assert!(sentence.starts_with(quorum), "{sentence}");
        assert_eq!(records(city).await, 1);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
    });
}

#[test]
fn no_result_is_recorded_behind_a_close_that_was_witnessed_too_late() {
    on_both_databases(async |city| {
        city.announced(4, places(1, 1)).await;
        let away = city.without_its_witness();
        drop(told(
            ceremony::close(&away, &officer(), PERIOD, reveals()).await,
        ));
        city.at(FINISH_AT);
        let unseen = told(ceremony::finish(&away, &officer(), PERIOD).await);
        assert!(unseen.contains("run `fairplate draw resume`"), "{unseen}");

        let finishing = ceremony::finish(&city.app, &officer(), PERIOD).await;

        let sentence =
            format!("having the close witnessed was possible until 2026-06-30T07:01:00Z; {DEAD}");
        assert_eq!(told(finishing), sentence);
        assert_eq!(told(ceremony::recover(&city.app).await), sentence);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Closed);
        assert_eq!((records(city).await, public_entries(city)), (2, 2));
        let (db, id) = (&city.app.db, city.app.city);
        let placed = store::placements::list(db, id, PERIOD, "individual").await;
        assert_eq!(placed.expect("places").len(), 0);
        let folder = city.app.layout.draw(PERIOD);
        assert!(folder.join("announce.note").exists() && !folder.join("close.note").exists());
    });
}

#[test]
fn no_draw_takes_the_place_of_one_whose_void_was_witnessed_too_late() {
    on_both_databases(async |city| {
        city.closed(4, places(1, 1)).await;
        city.at(CLOSE_AT);
        let away = city.without_its_witness();
        drop(told(
            ceremony::void(&away, &officer(), PERIOD, "the hall was flooded").await,
        ));
        let unseen = told(ceremony::freeze(&away, &officer(), PERIOD).await);
        assert!(
            unseen.contains("it has not cosigned the void of draw 202606 yet"),
            "{unseen}"
        );
        city.at(FINISH_AT);

        let sentence =
            format!("having the void witnessed was possible until 2026-06-30T07:01:59Z; {DEAD}");
        assert_eq!(told(ceremony::recover(&city.app).await), sentence);
        let redo = ceremony::freeze(&city.app, &officer(), PERIOD).await;

        assert_eq!(told(redo), sentence);
        let draws = store::draws::count(&city.app.db, city.app.city).await;
        assert_eq!(draws.expect("a count"), 1);
        assert!(!city.app.layout.draw(PERIOD).join("void.note").exists());
    });
}

#[test]
fn a_witness_who_saw_a_record_in_time_says_so_however_late_it_is_heard() {
    on_both_databases(async |city| {
        city.frozen(4, places(1, 1)).await;
        let unheard = Unheard::before(&city.app.witnesses[0]);
        let mut app = city.app.clone();
        app.witnesses = [Arc::clone(&unheard) as _].into();
        drop(told(
            ceremony::announce(&app, &officer(), PERIOD, terms(PERIOD)).await,
        ));
        city.at(LATE);
        unheard.set_broken(false);

        ceremony::close(&app, &officer(), PERIOD, reveals())
            .await
            .expect("closed");

        city.at(&later(FINISH_AT, 86_400));
        ceremony::finish(&app, &officer(), PERIOD)
            .await
            .expect("finished");
        let report = publication::verdict(&app, PERIOD).await.expect("a verdict");
        assert_eq!(report.verdict, Verdict::Verified, "{report}");
        check_publication(city).await;
    });
}

#[test]
fn what_was_cosigned_before_is_made_good_while_the_witnesses_are_away() {
    on_both_databases(async |city| {
        city.closed(4, places(1, 1)).await;
        let away = city.without_its_witness();
        drop(told(ceremony::finish(&away, &officer(), PERIOD).await));
        let lost = city.app.layout.draw(PERIOD).join("close.note");
        std::fs::remove_file(&lost).expect("lost");
        std::fs::remove_file(city.app.layout.log().join("checkpoint")).expect("lost");

        let sentence = told(ceremony::recover(&away).await);

        assert!(sentence.contains("quorum"), "{sentence}");
        assert!(lost.exists());
        assert_eq!(public_entries(city), 2);
        ceremony::recover(&city.app).await.expect("recovered");
        check_publication(city).await;
    });
}
