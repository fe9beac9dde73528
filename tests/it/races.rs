//! Two processes that do the same at the same moment.

use entity::{draw, record};
use fairplate::store;
use fairplate_tests::{
    TestCity, check_publication,
    city::{databases, run},
    database::Kind,
    faults::Process,
    stages::{ANNOUNCE_AT, CLOSE_AT, FINISH_AT, FREEZE_AT, PERIOD, places},
};

/// What two processes answer that take one step after they have met.
async fn race(city: TestCity, step: &str, at: &str, point: &str) -> (TestCity, Vec<String>) {
    let remains = city.into_remains().await;
    let place = tempfile::tempdir().expect("a meeting place");
    let start = || {
        Process::of(&remains, step, at)
            .meeting_at(point, place.path())
            .start()
    };
    let (one, two) = (start(), start());
    let mut answers = Vec::new();
    for process in [one, two] {
        let output = process.wait_with_output().expect("an end");
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(
            output
                .status
                .code()
                .is_some_and(|code| code != 1 && code != 99),
            "{output:?}"
        );
        answers.push(answer);
    }
    answers.sort();
    let city = remains.open().await;
    city.at(at);
    (city, answers)
}

async fn create(kind: &Kind) -> TestCity {
    TestCity::create("hangzhou-2018", kind).await
}

#[test]
fn two_processes_that_finish_one_draw_give_one_result() {
    for kind in databases() {
        run(async {
            let city = create(&kind).await;
            city.closed(8, places(3, 2)).await;

            let (city, answers) = race(city, "finish", FINISH_AT, "finish/Decided/1").await;

            assert_eq!(answers, ["done", "done"]);
            let (db, id) = (&city.app.db, city.app.city);
            let records = store::records::list(db, id).await.expect("records");
            let results = records
                .iter()
                .filter(|record| record.kind == record::Kind::Result);
            assert_eq!((results.count(), records.len()), (1, 3));
            let places = store::placements::list(db, id, PERIOD, "individual")
                .await
                .expect("places");
            let ranks: Vec<_> = places.iter().map(|place| place.place_rank).collect();
            assert_eq!(ranks, [1, 2, 3, 4, 5]);
            check_publication(&city).await;
        });
    }
}

#[test]
fn two_processes_that_start_to_finish_one_draw_together_give_one_result() {
    for kind in databases() {
        run(async {
            let city = create(&kind).await;
            city.closed(8, places(3, 2)).await;

            let (city, answers) = race(city, "finish", FINISH_AT, "start").await;

            assert_eq!(answers, ["done", "done"]);
            assert_eq!(
                store::records::count(&city.app.db, city.app.city)
                    .await
                    .expect("a count"),
                3
            );
            check_publication(&city).await;
        });
    }
}

#[test]
fn two_processes_that_take_another_step_at_once_take_it_once() {
    for kind in databases() {
        for (step, at, phase, records) in [
            ("freeze", FREEZE_AT, draw::Phase::Frozen, 0),
            ("announce", ANNOUNCE_AT, draw::Phase::Announced, 1),
            ("close", CLOSE_AT, draw::Phase::Closed, 2),
        ] {
            run(async {
                let city = create(&kind).await;
                match step {
                    "freeze" => drop(city.reviewed(8, places(3, 2)).await),
                    "announce" => drop(city.frozen(8, places(3, 2)).await),
                    _ => drop(city.announced(8, places(3, 2)).await),
                }

                let (city, answers) = race(city, step, at, "start").await;

                assert_eq!(answers[1], "done", "{step}: {answers:?}");
                assert!(
                    ["WRONG_PHASE", "CONFLICT"].contains(&answers[0].as_str()),
                    "{step}: {answers:?}"
                );
                assert_eq!(city.draw(PERIOD).await.phase, phase);
                let there = store::records::count(&city.app.db, city.app.city).await;
                assert_eq!(there.expect("a count"), records);
                check_publication(&city).await;
            });
        }
    }
}

#[test]
fn a_server_that_starts_disturbs_no_step_under_way() {
    for kind in databases() {
        run(async {
            let city = create(&kind).await;
            city.frozen(8, places(3, 2)).await;
            let (remains, place) = (
                city.into_remains().await,
                tempfile::tempdir().expect("a folder"),
            );
            let announcing = Process::of(&remains, "announce", ANNOUNCE_AT)
                .meeting_at("announce/Staged/1", place.path())
                .start();
            while std::fs::read_dir(place.path())
                .expect("a meeting place")
                .count()
                == 0
            {
                std::thread::yield_now();
            }

            let starting = Process::of(&remains, "nothing", ANNOUNCE_AT)
                .recovering()
                .meeting_at("end", place.path())
                .run();
            let announced = announcing.wait_with_output().expect("an end");

            assert_eq!(
                String::from_utf8_lossy(&starting.stdout),
                "done\n",
                "{starting:?}"
            );
            assert_eq!(
                String::from_utf8_lossy(&announced.stdout),
                "done\n",
                "{announced:?}"
            );
            let city = remains.open().await;
            city.at(ANNOUNCE_AT);
            check_publication(&city).await;
        });
    }
}
