//! Requests under a key: done once, however often they come.

/// Processes that die on the way.
mod crashes;

/// Every mutation with a key, asked twice.
mod twice;

use entity::{application, idempotency_key, period_move, second_look};
use fairplate::{domain::actor::Worker, service::retention};
use fairplate_tests::{
    Asks as _, Citizen, TestCity, on_both_databases,
    people::person,
    stages::{PERIOD, later, places},
};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};

const KEY: &str = "6f9b1e0a-8d3c";

/// An input under a key.
fn under(key: &str, mut input: Value) -> Value {
    input["idempotencyKey"] = key.into();
    input
}

fn own(citizen: &Citizen<'_>) -> Value {
    json!({ "applicationId": citizen.node_id() })
}

async fn keys(city: &TestCity) -> Vec<idempotency_key::Model> {
    let rows = idempotency_key::Entity::find().all(&city.app.db).await;
    rows.expect("keys")
}

async fn moves(city: &TestCity) -> u64 {
    let count = period_move::Entity::find().count(&city.app.db).await;
    count.expect("a count")
}

async fn trail(city: &TestCity) -> u64 {
    let count = entity::audit::Entity::find().count(&city.app.db).await;
    count.expect("a count")
}

fn moved_to(day: &str) -> Value {
    json!({ "period": PERIOD, "reviewPublishOn": day, "reason": "审核人员生病" })
}

const MOVED: &str = "__typename period { reviewPublishOn moves { from to } }";

#[test]
fn a_request_that_comes_again_gives_the_first_answer_and_is_done_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let input = under(KEY, moved_to("2026-06-24"));
        let first = officer.call("movePeriodDates", input.clone(), MOVED).await;
        first.accepted();
        let (moved, audited) = (moves(city).await, trail(city).await);

        let again = officer.call("movePeriodDates", input, MOVED).await;
        let keyless = officer
            .call("movePeriodDates", moved_to("2026-06-24"), MOVED)
            .await;

        assert_eq!(again.body(), first.body());
        assert_eq!((moves(city).await, trail(city).await), (moved, audited));
        assert_eq!(
            keyless.codes(),
            ["INVALID_INPUT"],
            "without a key it is another request"
        );
    });
}

const APPLIED: &str = "__typename ... on ApplicationSubmitted { application { id code status } }";

#[test]
fn an_application_that_is_confirmed_again_is_the_same_one() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let bystander = city.apply(&person(2)).await;
        let applying = city.signed_in(&person(1)).await;
        let confirmation = applying
            .prepare(applying.person.input())
            .await
            .expect("a code");
        let input = under(KEY, confirmation);
        let first = applying
            .call("confirmApplication", input.clone(), APPLIED)
            .await;
        let count = application::Entity::find().count(&city.app.db).await;
        let audited = trail(city).await;

        let again = applying.call("confirmApplication", input, APPLIED).await;

        assert_eq!(first.get("/payload/__typename"), "ApplicationSubmitted");
        assert_eq!(again.body(), first.body());
        let after = application::Entity::find().count(&city.app.db).await;
        assert_eq!(after.expect("a count"), count.expect("a count"));
        assert_eq!(trail(city).await, audited);
        assert_eq!(city.application(&bystander).await, bystander.application);
    });
}

#[test]
fn the_same_key_for_something_else_is_refused_and_changes_nothing() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let input = under(KEY, moved_to("2026-06-24"));
        officer
            .call("movePeriodDates", input, MOVED)
            .await
            .accepted();
        let audited = trail(city).await;

        for other in [
            moved_to("2026-06-25"),
            json!({ "period": "202607", "reviewPublishOn": "2026-07-24", "reason": "审核人员生病" }),
        ] {
            let reply = officer
                .call("movePeriodDates", under(KEY, other), MOVED)
                .await;
            assert_eq!(reply.codes(), ["INVALID_INPUT"]);
            assert!(
                reply.refusal().contains("idempotencyKey"),
                "{}",
                reply.refusal()
            );
        }
        let planned = json!({ "year": 2026 });
        let reply = officer
            .call("planPeriods", under(KEY, planned), "periods { number }")
            .await;

        assert_eq!(
            reply.codes(),
            ["INVALID_INPUT"],
            "of another mutation as well"
        );
        assert_eq!((moves(city).await, trail(city).await), (1, audited));
    });
}

#[test]
fn an_input_is_the_same_however_it_is_written() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let mut named = under(KEY, moved_to("2026-06-24"));
        let first = officer.call("movePeriodDates", named.clone(), MOVED).await;
        named["clientMutationId"] = "another".into();
        named["drawOn"] = Value::Null;
        let document = format!(
            "mutation {{ payload: movePeriodDates(input: {{ reason: \"审核人员生病\", period: \"{PERIOD}\", \
             idempotencyKey: \"{KEY}\", reviewPublishOn: \"2026-06-24\" }}) {{ {MOVED} }} }}"
        );

        let named = officer.call("movePeriodDates", named, MOVED).await;
        let written = officer.ask(&document).await;

        first.accepted();
        assert_eq!(named.body(), first.body());
        assert_eq!(written.body(), first.body());
        assert_eq!(moves(city).await, 1);
    });
}

#[test]
fn requests_that_meet_are_done_once_and_answered_alike() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        city.refuse(&citizen).await;
        city.review_all().await;
        let input = json!({ "applicationId": citizen.node_id(), "statement": "The car was sold" });
        let input = under(KEY, input);
        let ask = || {
            let shown = "__typename ... on SecondLookRequested { application { id status } }";
            citizen.call("requestSecondLook", input.clone(), shown)
        };

        let (one, two, three, four) = tokio::join!(ask(), ask(), ask(), ask());

        let answers = [one, two, three, four];
        for answer in &answers {
            assert_eq!(answer.get("/payload/__typename"), "SecondLookRequested");
            assert_eq!(answer.body(), answers[0].body());
        }
        let looks = second_look::Entity::find().count(&city.app.db).await;
        assert_eq!(looks.expect("a count"), 1);
        assert_eq!(keys(city).await.len(), 1);
    });
}

#[test]
fn requests_that_meet_under_one_key_with_different_content_are_done_for_one() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let officer = city.officer().await;
        let ask = |day| officer.call("movePeriodDates", under(KEY, moved_to(day)), MOVED);

        let (one, two, three) =
            tokio::join!(ask("2026-06-24"), ask("2026-06-25"), ask("2026-06-26"));

        let answers = [one, two, three];
        let done = answers
            .iter()
            .filter(|answer| answer.codes().is_empty())
            .count();
        assert_eq!(done, 1, "{answers:?}");
        let refused = answers
            .iter()
            .filter(|answer| answer.codes() == ["INVALID_INPUT"]);
        assert_eq!(refused.count(), 2, "{answers:?}");
        assert_eq!(moves(city).await, 1);
    });
}

#[test]
fn a_refusal_leaves_its_key_free() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let input = json!({ "applicationId": citizen.node_id(), "statement": "The car was sold" });
        let input = under(KEY, input);
        let early = citizen
            .call("requestSecondLook", input.clone(), "__typename")
            .await;
        assert_eq!(early.get("/payload/__typename"), "ApplicationNotRefused");
        assert_eq!(keys(city).await.len(), 0);
        city.refuse(&citizen).await;
        city.review_all().await;
        let citizen = citizen.signed_in().await;

        let done = citizen.call("requestSecondLook", input, "__typename").await;

        assert_eq!(done.get("/payload/__typename"), "SecondLookRequested");
        assert_eq!(keys(city).await.len(), 1);
    });
}

#[test]
fn a_key_is_its_callers_own() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (one, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let fields = "__typename ... on ApplicationCancelled { application { id } }";

        let first = one
            .call("cancelApplication", under(KEY, own(&one)), fields)
            .await;
        let second = other
            .call("cancelApplication", under(KEY, own(&other)), fields)
            .await;
        let foreign = other
            .call("cancelApplication", under("another-key", own(&one)), fields)
            .await;

        assert_eq!(
            first.get("/payload/application/id"),
            &own(&one)["applicationId"]
        );
        assert_eq!(
            second.get("/payload/application/id"),
            &own(&other)["applicationId"]
        );
        assert_eq!(foreign.codes(), ["NOT_FOUND"]);
        assert_eq!(keys(city).await.len(), 2);
    });
}

#[test]
fn a_key_is_remembered_for_two_days_and_then_forgotten() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let input = under(KEY, moved_to("2026-06-24"));
        let fresh = async || city.officer().await;
        fresh()
            .await
            .call("movePeriodDates", input.clone(), MOVED)
            .await
            .accepted();
        let started = city.app.clock.now().to_rfc3339();
        city.at(&later(&started, 2 * 86_400));
        retention::purge(&city.app, &Worker).await.expect("purged");
        fresh()
            .await
            .call("movePeriodDates", input.clone(), MOVED)
            .await
            .accepted();
        assert_eq!(keys(city).await.len(), 1);
        city.at(&later(&started, 2 * 86_400 + 1));

        retention::purge(&city.app, &Worker).await.expect("purged");

        assert_eq!(keys(city).await.len(), 0);
        let again = fresh().await.call("movePeriodDates", input, MOVED).await;
        assert_eq!(
            again.codes(),
            ["INVALID_INPUT"],
            "it is a request like any other now"
        );
    });
}

#[test]
fn a_key_has_a_form_and_nothing_of_a_request_is_kept_in_plain() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        for wrong in ["short", "with space", "逐一逐一逐一逐一", &"k".repeat(65)] {
            let reply = citizen
                .call(
                    "cancelApplication",
                    under(wrong, own(&citizen)),
                    "__typename",
                )
                .await;
            assert_eq!(reply.codes(), ["INVALID_INPUT"], "{wrong}");
        }
        assert_eq!(city.application(&citizen).await, citizen.application);

        let reply = citizen
            .call("cancelApplication", under(KEY, own(&citizen)), "__typename")
            .await;

        reply.accepted();
        let [row] = &keys(city).await[..] else {
            panic!("one key")
        };
        assert_eq!(row.subject, citizen.id().to_string());
        assert_eq!((row.name.len(), row.content.len()), (32, 32));
        let kept = format!("{row:?}");
        assert!(!kept.contains(KEY), "{kept}");
    });
}
