//! Applying and cancelling.

use entity::application::Status;
use fairplate::store;
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, check_publication, on_both_databases,
    people::person,
    stages::{FINISH_AT, PERIOD, places},
};
use serde_json::{Value, json};

const SUBMITTED: &str = "__typename ... on ApplicationSubmitted { token application { code status period { number } } } \
    ... on ApplicationNotEligible { violations { code rule(locale: EN) remedy(locale: EN) source } }";

async fn submit(city: &TestCity, form: Value) -> Value {
    Anonymous(city)
        .call("submitApplication", form, SUBMITTED)
        .await
        .get("/payload")
        .clone()
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
        form["licence"]["classes"] = json!(["D"]);

        let answer = submit(city, form).await;

        let codes: Vec<_> = answer["violations"]
            .as_array()
            .expect("violations")
            .iter()
            .map(|one| &one["code"])
            .collect();
        assert_eq!(
            codes,
            [
                "POSTCODE_INVALID",
                "LICENCE_CLASS_NOT_ACCEPTED",
                "OWNS_LOCAL_CAR"
            ]
        );
        assert_eq!(
            answer["violations"][2]["remedy"],
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

        let answer = submit(city, person(1).input()).await;

        assert_eq!(answer, json!({ "__typename": "AlreadyApplied" }));
        assert_eq!(
            (counts(city).await, city.application(&citizen).await),
            before
        );
    });
}

#[test]
fn a_known_person_gets_no_session_for_knowing_a_number() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        citizen.call_own("cancelApplication", "__typename").await;

        let answer = submit(city, person(1).input()).await;

        assert_eq!(answer["__typename"], "ApplicationSubmitted");
        assert_eq!(answer["token"], json!(null));
        assert_ne!(answer["application"]["code"], citizen.code());
    });
}

#[test]
fn nobody_applies_outside_of_the_days_of_a_period() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let before = counts(city).await;
        city.at("2026-08-01T01:00:00Z");

        let late = submit(city, person(1).input()).await;

        assert_eq!(late, json!({ "__typename": "NoOpenPeriod" }));
        assert_eq!(counts(city).await, before);
        city.at("2026-06-08T15:59:59Z");
        let last = submit(city, person(1).input()).await;
        assert_eq!(last["application"]["period"]["number"], PERIOD);
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
            json!({ "__typename": "ApplicationLocked", "draw": PERIOD, "application": application })
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
        let void = json!({ "draw": PERIOD, "reason": "the hall was flooded" });
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
        let input = json!({ "applicationId": citizen.id().to_string() });

        let seen = stranger
            .ask(&format!(
                "{{ application(id: \"{}\") {{ code }} }}",
                citizen.id()
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
fn two_submissions_of_one_person_at_once_give_one_application() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        city.at("2026-06-02T01:00:00Z");
        let before = counts(city).await;
        let anybody = Anonymous(city);
        let send = || anybody.call("submitApplication", person(1).input(), "__typename");

        let (one, two, three, four) = tokio::join!(send(), send(), send(), send());

        let mut answers: Vec<String> = Vec::new();
        for reply in [one, two, three, four] {
            answers.push(match reply.codes()[..] {
                [] => reply.get("/payload/__typename").to_string(),
                ref codes => codes.join(" "),
            });
        }
        let accepted = answers
            .iter()
            .filter(|answer| answer.contains("ApplicationSubmitted"))
            .count();
        assert_eq!(accepted, 1, "{answers:?}");
        let known = ["\"ApplicationSubmitted\"", "\"AlreadyApplied\"", "CONFLICT"];
        assert!(
            answers
                .iter()
                .all(|answer| known.contains(&answer.as_str())),
            "{answers:?}"
        );
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
                fairplate::service::applications::submit(&app, &person(number).form()).await
            });
        }

        let answers = waiting.join_all().await;

        let accepted = answers
            .iter()
            .filter(|answer| {
                matches!(
                    answer,
                    Ok(fairplate::service::applications::Submitted::Accepted { .. })
                )
            })
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

        let answer = submit(city, citizens[0].person.input()).await;

        assert_eq!(
            answer["violations"][0]["code"], "CERTIFICATE_LIVE",
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

        let early = submit(city, person(1).input()).await;

        assert_eq!(early, json!({ "__typename": "NoOpenPeriod" }));
        assert_eq!(counts(city).await, before);
    });
}
