//! Applying and cancelling.

use entity::application::Status;
use fairplate::{
    domain::actor::Operator,
    service::{
        accounts,
        applications::{self, Submitted},
    },
    store,
};
use fairplate_tests::{
    Asks as _, TestCity, check_publication,
    ids::draw_id,
    on_both_databases,
    people::{Person, person},
    stages::{FINISH_AT, PERIOD, places},
};
use serde_json::{Value, json};

/// Somebody applies with a form of their own, as far as they get.
async fn submit(city: &TestCity, person: &Person, form: Value) -> Value {
    city.signed_in(person).await.apply(form).await
}

/// How many persons and applications the city has.
async fn counts(city: &TestCity) -> (u64, u64) {
    let (db, id) = (&city.app.db, city.app.city);
    let people = store::applicants::count(db, id).await.expect("a count");
    let waiting = store::applications::count_unreviewed(db, id, PERIOD)
        .await
        .expect("a count");
    (people, waiting)
}

#[test]
fn a_form_that_the_rules_do_not_admit_is_answered_with_every_violation_and_written_nowhere() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let before = counts(city).await;
        let mut form = person(1).input();
        form["ownsLocalCar"] = true.into();
        form["postcode"] = "31000".into();
        form["licenceClasses"] = json!(["D"]);

        let answer = submit(city, &person(1), form).await;

        let draft = &answer["draft"];
        let codes: Vec<_> = draft["violations"]
            .as_array()
            .expect("violations")
            .iter()
            .map(|one| format!("{} of {}", one["code"], one["field"]).replace('"', ""))
            .collect();
        assert_eq!(
            codes,
            [
                "POSTCODE_INVALID of POSTCODE",
                "LICENCE_CLASS_NOT_ACCEPTED of LICENCE_CLASSES",
                "OWNS_LOCAL_CAR of OWNS_LOCAL_CAR"
            ]
        );
        assert_eq!(draft["missingFields"], json!([]));
        assert_eq!(
            draft["violations"][2]["remedy"],
            "apply when the car is registered elsewhere or scrapped"
        );
        assert_eq!(counts(city).await, before);
    });
}

#[test]
fn a_person_has_one_live_application() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let before = (counts(city).await, city.application(&citizen).await);

        let answer = submit(city, &person(1), person(1).input()).await;

        assert_eq!(answer, json!({ "__typename": "AlreadyApplied" }));
        assert_eq!(
            (counts(city).await, city.application(&citizen).await),
            before
        );
    });
}

#[test]
fn a_person_who_cancelled_applies_again_under_another_code() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        citizen.call_own("cancelApplication", "__typename").await;

        let answer = submit(city, &person(1), person(1).input()).await;

        assert_eq!(answer["__typename"], "ApplicationSubmitted");
        assert_ne!(answer["application"]["code"], citizen.code());
        let (old, people) = (city.application(&citizen).await, counts(city).await.0);
        assert_eq!((old.status, people), (Status::Cancelled, 3));
    });
}

#[test]
fn nobody_applies_outside_of_the_days_of_a_period() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.at("2026-06-08T15:59:59Z");
        let last = submit(city, &person(2), person(2).input()).await;
        assert_eq!(last["application"]["period"]["number"], PERIOD);
        let before = counts(city).await;
        city.at("2026-08-01T01:00:00Z");

        let late = submit(city, &person(1), person(1).input()).await;

        assert_eq!(late, json!({ "__typename": "NoOpenPeriod" }));
        assert_eq!(counts(city).await, before);
    });
}

#[test]
fn an_application_in_a_frozen_pool_is_not_cancelled() {
    on_both_databases(async |city| {
        let citizens = city.frozen(4, places(2, 1)).await;
        let before = city.application(&citizens[2]).await;
        let fields = "__typename ... on ApplicationLocked { draw application { isLocked status } }";

        let answer = citizens[2].call_own("cancelApplication", fields).await;

        let application = json!({ "isLocked": true, "status": "VALID" });
        assert_eq!(
            answer,
            json!({ "__typename": "ApplicationLocked", "draw": draw_id(PERIOD), "application": application })
        );
        assert_eq!(city.application(&citizens[2]).await, before);
    });
}

#[test]
fn an_application_is_cancelled_once_its_draw_has_ended() {
    on_both_databases(async |city| {
        let citizens = city.finished(4, places(1, 1)).await;
        check_publication(city).await;
        let mut answers = Vec::new();
        for citizen in &citizens {
            let answer = citizen.call_own("cancelApplication", "__typename").await;
            answers.push((
                answer["__typename"].clone(),
                city.application(citizen).await.status,
            ));
        }

        let ended = (json!("ApplicationEnded"), Status::Allocated);
        let cancelled = (json!("ApplicationCancelled"), Status::Cancelled);
        assert_eq!(answers.iter().filter(|answer| **answer == ended).count(), 1);
        assert_eq!(
            answers
                .iter()
                .filter(|answer| **answer == cancelled)
                .count(),
            3
        );
        for citizen in &citizens {
            let kept = citizen.own("participation { count }").await;
            assert_eq!(
                kept["participation"]["count"], 1,
                "a cancellation takes nothing back"
            );
        }
        check_publication(city).await;
    });
}

#[test]
fn an_application_is_free_again_after_a_void() {
    on_both_databases(async |city| {
        let citizens = city.announced(4, places(1, 1)).await;
        let void = json!({ "draw": draw_id(PERIOD), "reason": "the hall was flooded" });
        city.officer()
            .await
            .call("voidDraw", void, "draw { id }")
            .await
            .accepted();

        let answer = citizens[0]
            .call_own("cancelApplication", "__typename")
            .await;

        assert_eq!(answer["__typename"], "ApplicationCancelled");
        check_publication(city).await;
    });
}

#[test]
fn somebody_elses_application_looks_as_if_it_did_not_exist() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, stranger) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let before = city.application(&citizen).await;
        let input = json!({ "applicationId": citizen.node_id() });

        let seen = stranger
            .ask(&format!(
                "{{ application(id: \"{}\") {{ code }} }}",
                citizen.node_id()
            ))
            .await;
        let joined = stranger.call("joinTier", input.clone(), "__typename").await;
        let cancelled = stranger
            .call("cancelApplication", input, "__typename")
            .await;

        assert_eq!(seen.get("/application"), &json!(null));
        let sentence = format!("NOT_FOUND: there is no application {}", citizen.id());
        assert_eq!(
            (joined.refusal(), cancelled.refusal()),
            (sentence.clone(), sentence)
        );
        assert_eq!(city.application(&citizen).await, before);
    });
}

#[test]
fn one_code_confirmed_four_times_at_once_gives_one_application() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.at("2026-06-02T01:00:00Z");
        let before = counts(city).await;
        let account = city.signed_in(&person(1)).await;
        let confirmation = account.prepare(account.person.input()).await;
        let confirmation = confirmation.expect("a code");
        let send = || account.call("confirmApplication", confirmation.clone(), "__typename");

        let (one, two, three, four) = tokio::join!(send(), send(), send(), send());

        // Whoever comes after the first is given its application again.
        for reply in [one, two, three, four] {
            assert_eq!(reply.get("/payload/__typename"), "ApplicationSubmitted");
        }
        assert_eq!(counts(city).await, (before.0 + 1, before.1 + 1));
        assert!(city.app.clock.now() < fairplate_tests::city::moment(FINISH_AT));
    });
}

#[test]
fn concurrent_submissions_are_all_there() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let before = counts(city).await;
        let mut waiting = tokio::task::JoinSet::new();
        for number in 100..220 {
            let app = city.app.clone();
            waiting.spawn(async move {
                let person = person(number);
                let signed_in = accounts::open_for_phone(&app, &Operator, &person.phone).await?;
                applications::submit(&app, &signed_in.holder, &person.form()).await
            });
        }

        let answers = waiting.join_all().await;

        let accepted = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Submitted::Accepted(_))))
            .count();
        assert_eq!(accepted, 120);
        assert_eq!(counts(city).await, (before.0 + 120, before.1 + 120));
    });
}

#[test]
fn a_winner_does_not_apply_again_while_the_certificate_lives() {
    on_both_databases(async |city| {
        let citizens = city.finished(2, places(2, 0)).await;
        city.at("2026-07-02T01:00:00Z");
        let before = counts(city).await;

        let answer = submit(city, &citizens[0].person, citizens[0].person.input()).await;

        assert_eq!(
            answer["draft"]["violations"][0]["code"], "CERTIFICATE_LIVE",
            "{answer}"
        );
        assert_eq!(counts(city).await, before);
    });
}

#[test]
fn nobody_applies_before_the_first_day_of_a_period() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let before = counts(city).await;
        city.at("2026-05-31T15:59:59Z");

        let early = submit(city, &person(1), person(1).input()).await;

        assert_eq!(early, json!({ "__typename": "NoOpenPeriod" }));
        assert_eq!(counts(city).await, before);
    });
}
