//! A process that stops while a record is left, imported or dropped: the record waits, or its step is
//! taken.

use entity::draw;
use fairplate::{app::Stage, domain::actor::Operator, service::ceremony as steps};
use fairplate_tests::{
    air_gap::{import, sign},
    ceremony, check_publication,
    stages::{CLOSE_AT, PERIOD, officer, places, reveals, terms},
};

use super::{announced, closing, finishing, off_line, state};
use crate::approvals::crashes::crashing;

/// The effects of a transaction, and whether it is done after each.
const TRANSACTION: [(Stage, bool); 3] = [
    (Stage::Decided, false),
    (Stage::Recorded, false),
    (Stage::Committed, true),
];

#[test]
fn a_crash_while_a_record_is_left_leaves_it_whole_or_not_at_all() {
    off_line(async |city| {
        announced(city).await;
        city.at(CLOSE_AT);
        for (stage, is_left) in TRANSACTION {
            let app = crashing(city, "close", stage);
            let closing = async move {
                let closed = steps::close(&app, &officer(), PERIOD, reveals()).await;
                closed.map(drop)
            };
            assert!(tokio::spawn(closing).await.is_err(), "{stage:?}");
            assert_eq!(city.waiting().await.is_some(), is_left, "{stage:?}");
            assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Announced);
        }
        city.carry(PERIOD).await;
        check_publication(city).await;
    });
}

#[test]
fn a_crash_while_importing_leaves_the_record_waiting_or_its_step_taken() {
    off_line(async |city| {
        closing(city).await;
        let file = sign(&city.export(PERIOD).await);
        let waiting = state(city).await;
        for (stage, is_done) in [
            (Stage::Decided, false),
            (Stage::Recorded, false),
            (Stage::Committed, true),
            (Stage::Cosigned, true),
            (Stage::Staged, true),
            (Stage::FilePublished, true),
            (Stage::DrawPublished, true),
            (Stage::LogPublished, true),
        ] {
            let (app, file) = (crashing(city, "import", stage), file.clone());
            let importing = async move { import(&app, &file).await.map(drop) };
            assert!(tokio::spawn(importing).await.is_err(), "{stage:?}");
            if is_done {
                assert_eq!(city.waiting().await, None, "{stage:?}");
                assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Closed);
            } else {
                assert_eq!(state(city).await, waiting, "{stage:?}");
            }
        }
        let again = import(&city.app, &file).await.expect("made good");
        assert_eq!(again.draw.expect("a draw").phase, draw::Phase::Closed);
        assert_eq!(city.trail_of(PERIOD, "ceremony.close").await.len(), 1);
        check_publication(city).await;
    });
}

#[test]
fn a_crash_after_a_result_is_recorded_is_made_good_by_the_same_file() {
    off_line(async |city| {
        finishing(city).await;
        let file = sign(&city.export(PERIOD).await);
        for stage in [Stage::Recorded, Stage::Committed, Stage::ResultOpened] {
            let (app, file) = (crashing(city, "import", stage), file.clone());
            let importing = async move { import(&app, &file).await.map(drop) };
            assert!(tokio::spawn(importing).await.is_err(), "{stage:?}");
        }
        import(&city.app, &file).await.expect("made good");
        assert_eq!(city.trail_of(PERIOD, "ceremony.finish").await.len(), 1);
        check_publication(city).await;
    });
}

#[test]
fn a_crash_while_dropping_leaves_the_record_waiting_or_dropped() {
    off_line(async |city| {
        city.frozen(4, places(1, 1)).await;
        city.announce(PERIOD).await;
        for (stage, is_dropped) in TRANSACTION {
            let app = crashing(city, "drop", stage);
            let dropping = async move {
                let dropped = steps::drop_unsigned(&app, &Operator, PERIOD).await;
                dropped.map(drop)
            };
            assert!(tokio::spawn(dropping).await.is_err(), "{stage:?}");
            assert_eq!(city.waiting().await.is_none(), is_dropped, "{stage:?}");
        }
        let anew = ceremony::announce(&city.app, &officer(), PERIOD, terms(PERIOD)).await;
        anew.expect("approved");
        city.carry(PERIOD).await;
        check_publication(city).await;
    });
}

#[test]
fn of_two_who_drop_and_import_at_once_one_does_it() {
    off_line(async |city| {
        closing(city).await;
        let file = sign(&city.export(PERIOD).await);
        let other = city.another_node(None).await;
        let (imported, dropped) = tokio::join!(
            import(&city.app, &file),
            steps::drop_unsigned(&other, &Operator, PERIOD)
        );
        assert!(
            imported.is_ok() != dropped.is_ok(),
            "{imported:?} {dropped:?}"
        );
        assert_eq!(city.waiting().await, None);
        let expected = if imported.is_ok() {
            draw::Phase::Closed
        } else {
            draw::Phase::Announced
        };
        assert_eq!(city.draw(PERIOD).await.phase, expected);
        check_publication(city).await;
    });
}
