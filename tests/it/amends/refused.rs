//! What cannot be amended, said as data, with nothing changed.

use entity::draw;
use fairplate::service::certificates;
use fairplate_tests::{
    TestCity, ceremony, check_publication,
    ids::draw_id,
    on_both_databases,
    representatives::REPRESENTATIVES,
    stages::{PERIOD, officer, places},
    steps::AMEND_AT,
};
use serde_json::{Value, json};

use super::{ASKED, amend, drawn, dropping, state, who};

/// The reasons for which something is refused, with the codes that they are about.
async fn reasons(city: &TestCity, input: Value) -> Vec<String> {
    let officer = city.officer().await;
    let reply = officer.call_alone("amendResult", input, ASKED).await;
    assert_eq!(
        reply.get("/payload/__typename"),
        "ResultNotAmendable",
        "{reply:?}"
    );
    let obstacles = reply
        .get("/payload/obstacles")
        .as_array()
        .expect("obstacles");
    let reason = |it: &Value| it["reason"].as_str().expect("a reason").to_owned();
    obstacles.iter().map(reason).collect()
}

#[test]
fn a_draw_without_a_public_result_is_not_amended() {
    on_both_databases(async |city| {
        city.closed(5, places(2, 1)).await;
        let nobody = || json!({ "draw": draw_id(PERIOD), "drops": [] });
        let before = state(city).await;
        assert_eq!(reasons(city, nobody()).await, ["NOT_FINISHED"]);
        let unseen = ceremony::finish(&city.without_its_witness(), &officer(), PERIOD).await;
        assert!(unseen.is_err(), "no witness has seen the result");
        assert_eq!(reasons(city, nobody()).await, ["NOT_PUBLISHED"]);
        assert_eq!(city.draw(PERIOD).await.phase, draw::Phase::Finished);
        assert_eq!(state(city).await.files, before.files);
        ceremony::recover(&city.app).await.expect("recovered");
        assert_eq!(reasons(city, nobody()).await, ["NOBODY_NAMED"]);
    });
    on_both_databases(async |city| {
        city.announced(4, places(2, 1)).await;
        let voided = ceremony::void(&city.app, &officer(), PERIOD, "flooded").await;
        voided.expect("voided");
        let nobody = json!({ "draw": draw_id(PERIOD), "drops": [] });
        assert_eq!(reasons(city, nobody).await, ["VOIDED"]);
    });
}

#[test]
fn the_representatives_draw_is_not_amended() {
    on_both_databases(async |city| {
        city.represented(7, places(2, 1)).await;
        let nobody = json!({ "draw": draw_id(REPRESENTATIVES), "drops": [] });
        assert_eq!(reasons(city, nobody).await, ["OF_REPRESENTATIVES"]);
    });
}

#[test]
fn codes_that_have_no_place_to_lose_are_all_named_at_once() {
    on_both_databases(async |city| {
        let citizens = city.finished(8, places(3, 2)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        amend(city, &[&result[0]]).await;
        let lost = citizens
            .iter()
            .find(|it| !result.contains(&it.application.code));
        let lost = lost.expect("a loser").application.code.clone();
        let held = state(city).await;
        let used = held
            .certificate(who(&citizens, &result[1]))
            .expect("a certificate");
        let marked = certificates::mark_used(&city.app, &officer(), &used.number).await;
        marked.expect("used");
        let before = state(city).await;

        let mut input = dropping(&[&result[0], &lost, &result[2], &result[2], &result[1]]);
        let elsewhere = json!({ "category": "electric", "code": result[2], "reason": "none" });
        input["drops"]
            .as_array_mut()
            .expect("drops")
            .push(elsewhere);
        let mut told = reasons(city, input).await;
        told.sort();
        // The place that the last one would free goes to the reserve who is left; no obstacle there.
        let expected = [
            "ALREADY_DROPPED",
            "CERTIFICATE_ENDED",
            "NAMED_TWICE",
            "NOT_IN_RESULT",
            "NOT_IN_RESULT",
        ];
        assert_eq!(told, expected);
        assert_eq!(state(city).await, before);
        check_publication(city).await;
    });
}

#[test]
fn a_reserve_in_the_pool_of_a_draw_under_way_cannot_win_twice() {
    on_both_databases(async |city| {
        city.finished(8, places(2, 2)).await;
        let result = drawn(city).await;
        let later = city.second_period().await;
        ceremony::freeze(&city.app, &officer(), &later)
            .await
            .expect("frozen");
        let before = state(city).await;

        let told = reasons(city, dropping(&[&result[0]])).await;

        assert_eq!(told, ["RESERVE_IN_ANOTHER_POOL"; 2]);
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn what_cannot_be_read_is_the_callers_mistake() {
    on_both_databases(async |city| {
        city.finished(5, places(2, 1)).await;
        let result = drawn(city).await;
        city.at(AMEND_AT);
        let before = state(city).await;
        let officer = city.officer().await;
        let with_reason = |reason: &str| {
            let drop = json!({ "category": "individual", "code": result[0], "reason": reason });
            json!({ "draw": draw_id(PERIOD), "drops": [drop] })
        };
        let many = vec![with_reason("no")["drops"][0].clone(); 101];
        for (input, code) in [
            (with_reason(""), "INVALID_INPUT"),
            (with_reason("two\nlines"), "INVALID_INPUT"),
            (with_reason(&"字".repeat(334)), "INVALID_INPUT"),
            (
                json!({ "draw": draw_id(PERIOD), "drops": many }),
                "INVALID_INPUT",
            ),
            (
                json!({ "draw": draw_id("209901"), "drops": [] }),
                "NOT_FOUND",
            ),
        ] {
            let refused = officer
                .call_alone("amendResult", input.clone(), ASKED)
                .await;
            assert_eq!(refused.codes(), [code], "{input}");
        }
        assert_eq!(state(city).await, before);
    });
}
