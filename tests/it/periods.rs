//! Opening periods and leading them to the freeze.

use fairplate::{domain::span::Span, store};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, ceremony, on_both_databases,
    people::person,
    stages::{PERIOD, officer, places},
};
use serde_json::{Value, json};

fn opening(number: &str) -> Value {
    json!({
        "number": number,
        "appliesFrom": "2026-06-01",
        "appliesUntil": "2026-06-08",
        "reviewPublishOn": "2026-06-23",
        "drawOn": "2026-06-30",
        "quotas": [{ "category": "individual", "quota": 3, "reserve": 1 }],
    })
}

/// Opening is refused with a sentence that begins like this, and no period is there afterwards.
async fn refused(city: &TestCity, input: Value, sentence: &str) {
    let before = store::periods::list(&city.app.db, city.app.city, Span::first(99))
        .await
        .expect("periods");
    let reply = city
        .officer()
        .await
        .call("openPeriod", input, "period { number }")
        .await;
    assert!(reply.refusal().starts_with(sentence), "{}", reply.refusal());
    let after = store::periods::list(&city.app.db, city.app.city, Span::first(99))
        .await
        .expect("periods");
    assert_eq!(after, before);
}

#[test]
fn no_period_opens_under_weak_rules_that_nobody_has_confirmed() {
    on_both_databases(async |city| {
        let sentence =
            "NOT_SET_UP: hangzhou-2018 has rules that rest on weak sources (participation.reset)";
        refused(city, opening(PERIOD), sentence).await;
        let sentence = "NOT_SET_UP: hangzhou-2018 has rules that rest on weak sources (participation.reset, tier.count, tier.weights)";
        refused(city, opening("2026J1"), sentence).await;
        let digest =
            json!({ "sha256": verifier::text::Digest(city.app.policy.digest()).to_string() });
        city.officer()
            .await
            .call("confirmPolicy", digest, "approval { state }")
            .await
            .accepted();

        let reply = city
            .officer()
            .await
            .call(
                "openPeriod",
                opening(PERIOD),
                "period { number phase kind }",
            )
            .await;

        assert_eq!(
            reply.get("/payload/period"),
            &json!({ "number": PERIOD, "phase": "OPEN", "kind": "NORMAL" })
        );
    });
}

#[test]
fn rules_are_confirmed_by_whoever_has_read_them() {
    on_both_databases(async |city| {
        let other = json!({ "sha256": "0".repeat(64) });

        let reply = city
            .officer()
            .await
            .call("confirmPolicy", other, "approval { state }")
            .await;

        assert_eq!(reply.codes(), ["INVALID_INPUT"]);
        let adopted =
            store::policies::find(&city.app.db, city.app.city, &city.app.policy.digest()).await;
        assert_eq!(
            adopted.expect("an answer").expect("adopted").confirmed_at,
            None
        );
    });
}

#[test]
fn a_period_that_makes_no_sense_is_refused() {
    on_both_databases(async |city| {
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        let with = |key: &str, value: Value| {
            let mut input = opening(PERIOD);
            input[key] = value;
            input
        };
        let cases = [
            (
                with("number", "202613".into()),
                "INVALID_INPUT: Failed to parse \"PeriodNumber\": `202613` is not a period number",
            ),
            (
                with("drawOn", "2026-06-22".into()),
                "INVALID_INPUT: drawOn: applications open",
            ),
            (
                with("quotas", json!([])),
                "INVALID_INPUT: quotas: a period allocates",
            ),
            (
                with("quotas", json!([{ "category": "lorry", "quota": 1 }])),
                "INVALID_INPUT: quotas: hangzhou-2018 knows no category lorry",
            ),
            (
                with(
                    "quotas",
                    json!([{ "category": "individual", "quota": 1 }, { "category": "individual", "quota": 2 }]),
                ),
                "INVALID_INPUT: quotas: category individual is named twice",
            ),
        ];
        for (input, sentence) in cases {
            refused(city, input, sentence).await;
        }
    });
}

#[test]
fn a_number_is_given_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        refused(city, opening(PERIOD), "INVALID_INPUT: number: ").await;
    });
}

#[test]
fn a_period_closes_no_earlier_than_it_said() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        // The last second of the last day, in the city.
        city.at("2026-06-08T15:59:59Z");
        let close = json!({ "period": PERIOD });

        let early = city
            .officer()
            .await
            .call("closePeriod", close.clone(), "period { phase }")
            .await;
        city.at("2026-06-08T16:00:00Z");
        let reply = city
            .officer()
            .await
            .call("closePeriod", close, "period { phase }")
            .await;

        assert_eq!(
            early.refusal(),
            "TOO_EARLY: closing the period is possible from 2026-06-08T16:00:00Z"
        );
        assert_eq!(reply.get("/payload/period/phase"), "CLOSED");
    });
}

#[test]
fn review_results_are_public_on_their_day_and_not_before_all_are_there() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        city.at("2026-06-09T01:00:00Z");
        let input = json!({ "period": PERIOD });
        city.officer()
            .await
            .call("closePeriod", input.clone(), "period { phase }")
            .await
            .accepted();
        let early = city
            .officer()
            .await
            .call("publishReview", input.clone(), "period { phase }")
            .await;
        city.at("2026-06-23T01:00:00Z");

        let waiting = city
            .officer()
            .await
            .call("publishReview", input, "period { phase }")
            .await;

        assert_eq!(
            early.refusal(),
            "TOO_EARLY: publishing the review results is possible from 2026-06-22T16:00:00Z"
        );
        assert_eq!(
            waiting.refusal(),
            "INVALID_INPUT: period: 2 applications of period 202606 wait for a review; decide them first"
        );
        assert_eq!(citizen.own("status").await["status"], "NEW");
        let period = store::periods::get(&city.app.db, city.app.city, PERIOD)
            .await
            .expect("a period");
        assert_eq!(period.phase, entity::period::Phase::Closed);
    });
}

#[test]
fn periods_are_listed_newest_first_page_by_page() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        for (number, month) in [("202609", 9), ("202608", 8), ("202601", 1)] {
            city.open_period(number, month, places(1, 0)).await;
        }
        let page = |after: Value| {
            let document = "query($after: String) { periods(first: 2, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } }";
            async move {
                Anonymous(city)
                    .ask_with(document, json!({ "after": after }))
                    .await
            }
        };
        let (mut numbers, mut after) = (Vec::new(), Value::Null);
        for _ in 0..3 {
            let reply = page(after.clone()).await;
            let nodes = reply
                .get("/periods/nodes")
                .as_array()
                .expect("nodes")
                .clone();
            numbers.extend(
                nodes
                    .iter()
                    .map(|node| node["number"].as_str().expect("a number").to_owned()),
            );
            after = reply.get("/periods/pageInfo/endCursor").clone();
        }

        assert_eq!(numbers, ["202609", "202608", "202607", "202606", "202601"]);
        for first in [0, 101] {
            let refused = Anonymous(city)
                .ask(&format!(
                    "{{ periods(first: {first}) {{ nodes {{ number }} }} }}"
                ))
                .await;
            assert_eq!(refused.codes(), ["INVALID_INPUT"]);
        }
    });
}
