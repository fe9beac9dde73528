//! What the ceremony refuses, and that a refusal changes nothing.

use entity::{application, draw, period};
use fairplate::store;
use fairplate_tests::{
    Asks as _, TestCity, check_publication,
    city::{moment, own_chain},
    ids::draw_id,
    on_both_databases,
    stages::{CLOSE_AT, FINISH_AT, PERIOD, places},
};
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};
use verifier::text::Time;

use crate::ceremony::{announcement, contributions};

/// Everything about the draw that a refused step could have changed.
#[derive(Debug, PartialEq)]
struct State {
    period: period::Model,
    draws: Vec<draw::Model>,
    records: u64,
}

async fn state(city: &TestCity) -> State {
    let (db, id) = (&city.app.db, city.app.city);
    State {
        period: store::periods::get(db, id, PERIOD).await.expect("a period"),
        draws: store::draws::list(db, id, 10).await.expect("draws"),
        records: store::records::count(db, id).await.expect("a count"),
    }
}

/// A step that an officer is refused with this sentence, and that leaves everything as it was.
async fn refused(city: &TestCity, mutation: &str, input: Value, sentence: &str) {
    let before = state(city).await;
    let reply = city
        .officer()
        .await
        .call(mutation, input, "draw { id }")
        .await;
    assert_eq!(reply.refusal(), sentence);
    assert_eq!(state(city).await, before);
    check_publication(city).await;
}

fn draw_input() -> Value {
    json!({ "draw": draw_id(PERIOD) })
}

#[test]
fn a_period_is_frozen_once() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let sentence = "WRONG_PHASE: the period 202606 is FROZEN; this needs it REVIEW_PUBLISHED";
        refused(city, "freezePeriod", json!({ "period": PERIOD }), sentence).await;
    });
}

#[test]
fn a_period_is_not_frozen_before_its_review_results_are_public() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let sentence = "WRONG_PHASE: the period 202606 is OPEN; this needs it REVIEW_PUBLISHED";
        refused(city, "freezePeriod", json!({ "period": PERIOD }), sentence).await;
    });
}

#[test]
fn a_period_is_not_frozen_while_an_application_waits_for_its_review() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(3, places(2, 1)).await;
        let mut waiting = city.application(&citizens[1]).await.into_active_model();
        waiting.status = Set(application::Status::New);
        waiting.update(&city.app.db).await.expect("set back");
        let sentence = "INVALID_INPUT: period: 1 applications of period 202606 wait for a review; decide them first";
        refused(city, "freezePeriod", json!({ "period": PERIOD }), sentence).await;
    });
}

#[test]
fn a_draw_is_announced_once() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        let sentence = "WRONG_PHASE: the draw 202606 is ANNOUNCED; this needs it FROZEN";
        refused(city, "announceDraw", announcement(PERIOD), sentence).await;
    });
}

#[test]
fn terms_that_leave_no_time_are_refused() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let mut early = announcement(PERIOD);
        early["closesAt"] = "2026-06-29T12:00:00Z".into();
        let sentence = "INVALID_INPUT: closesAt: contributions may close 2026-06-30T01:00:00Z at the earliest, so that the announcement stands for the whole window";
        refused(city, "announceDraw", early, sentence).await;
        let mut near = announcement(PERIOD);
        // One round before the first whose time is past the margin.
        near["round"] = "843620".into();
        let sentence = "INVALID_INPUT: round: round 843620 comes at 2026-06-30T07:00:57Z, before the margin after closing is over; choose a later one";
        refused(city, "announceDraw", near, sentence).await;
    });
}

#[test]
fn a_draw_is_announced_for_a_working_day_alone() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let advice = "choose times so that the beacon round comes on a working day";
        let day_off = format!(
            "2026-07-04 is not a working day, and there is no draw on such a day; the next working day is 2026-07-06; {advice}"
        );
        // It closes on Friday in the city, and the round comes on Saturday.
        for closes_at in ["2026-07-03T15:59:00Z", "2026-07-04T07:00:00Z"] {
            let mut terms = announcement(PERIOD);
            terms["closesAt"] = closes_at.into();
            let sentence = format!("INVALID_INPUT: closesAt: {day_off}");
            refused(city, "announceDraw", terms, &sentence).await;
        }
        let mut named = announcement(PERIOD);
        let noon = moment("2026-07-04T04:00:00Z").timestamp();
        let round = own_chain().first_round_at_or_after(Time(noon));
        named["round"] = round.to_string().into();
        let sentence = format!("INVALID_INPUT: round: {day_off}");
        refused(city, "announceDraw", named, &sentence).await;
        let mut unknown = announcement(PERIOD);
        unknown["closesAt"] = "2027-07-05T07:00:00Z".into();
        let sentence = "NOT_SET_UP: no working-day calendar for 2027: add the year from the State Council's notice to the file that `calendar` of the settings names";
        refused(city, "announceDraw", unknown, sentence).await;

        let mut friday = announcement(PERIOD);
        friday["closesAt"] = "2026-07-03T15:57:00Z".into();
        let officer = city.officer().await;
        let announced = officer.call("announceDraw", friday, "draw { phase }").await;
        assert_eq!(announced.get("/payload/draw/phase"), "ANNOUNCED");
    });
}

#[test]
fn a_name_that_no_record_can_hold_is_refused() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let before = state(city).await;
        for open in [json!(["ball machine"]), json!(["a", "a"])] {
            let mut terms = announcement(PERIOD);
            terms["open"] = open;
            let reply = city
                .officer()
                .await
                .call("announceDraw", terms, "draw { id }")
                .await;
            assert_eq!(reply.codes(), ["INVALID_INPUT"]);
        }
        assert_eq!(state(city).await, before);
    });
}

#[test]
fn a_contributor_who_still_has_time_is_waited_for() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        city.at("2026-06-30T06:59:59Z");
        let mut brought = contributions(PERIOD);
        brought["sealed"].as_array_mut().expect("a list").remove(0);
        let sentence =
            "TOO_EARLY: closing with a missing contribution is possible from 2026-06-30T07:00:00Z";
        refused(city, "closeContributions", brought, sentence).await;
    });
}

#[test]
fn a_secret_that_does_not_open_its_seal_is_refused() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        let mut brought = contributions(PERIOD);
        brought["sealed"][0]["secret"] = "28".repeat(32).into();
        let sentence = "INVALID_INPUT: reveals: the secret of notary.example/c1 does not open the announced commitment; ask for the right one";
        refused(city, "closeContributions", brought, sentence).await;
    });
}

#[test]
fn contributions_that_were_not_announced_are_refused() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        let mut stranger = contributions(PERIOD);
        stranger["sealed"][1]["name"] = "stranger.example/c1".into();
        let sentence =
            "INVALID_INPUT: reveals: stranger.example/c1 was not announced as a contributor";
        refused(city, "closeContributions", stranger, sentence).await;
        let mut dice = contributions(PERIOD);
        dice["open"][0]["label"] = "dice".into();
        let sentence = "INVALID_INPUT: open: dice was not announced as an open value";
        refused(city, "closeContributions", dice, sentence).await;
        let mut nothing = contributions(PERIOD);
        nothing["open"] = json!([]);
        let sentence = "INVALID_INPUT: open: ball-machine was announced and has no value";
        refused(city, "closeContributions", nothing, sentence).await;
    });
}

#[test]
fn contributions_are_not_closed_within_the_margin_of_the_round() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        city.at("2026-06-30T07:01:01Z");
        let sentence = "TOO_LATE: closing the contributions was possible until 2026-06-30T07:01:00Z; if the clocks are right, nothing of this draw can be finished or voided any more (rules D73 and R47 of the protocol): say so in public, and ask for advice before anything else is done";
        refused(city, "closeContributions", contributions(PERIOD), sentence).await;
        let reason = json!({ "draw": draw_id(PERIOD), "reason": "it came too late" });
        let sentence = sentence.replace("closing the contributions", "voiding the draw");
        refused(city, "voidDraw", reason, &sentence).await;
    });
}

#[test]
fn a_draw_is_not_finished_before_its_round() {
    on_both_databases(async |city| {
        city.closed(5, places(2, 1)).await;
        city.at("2026-06-30T07:01:59Z");
        let sentence = "TOO_EARLY: finishing the draw is possible from 2026-06-30T07:02:00Z";
        refused(city, "finishDraw", draw_input(), sentence).await;
    });
}

#[test]
fn a_draw_is_not_finished_before_its_contributions_are_closed() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        city.at(FINISH_AT);
        let sentence = "WRONG_PHASE: the draw 202606 is ANNOUNCED; this needs it CLOSED";
        refused(city, "finishDraw", draw_input(), sentence).await;
    });
}

#[test]
fn a_void_is_possible_until_the_margin_before_the_round() {
    on_both_databases(async |city| {
        city.closed(5, places(2, 1)).await;
        let reason = json!({ "draw": draw_id(PERIOD), "reason": "we did not like it" });
        let sentence = "TOO_LATE: voiding the draw was possible until 2026-06-30T07:01:00Z; finish it: its outcome can be computed by anybody";
        refused(city, "voidDraw", reason.clone(), sentence).await;
        city.at(CLOSE_AT);
        let lines = json!({ "draw": draw_id(PERIOD), "reason": "two\nlines" });
        let reply = city
            .officer()
            .await
            .call("voidDraw", lines, "draw { id }")
            .await;
        assert_eq!(reply.codes(), ["INVALID_INPUT"]);
        let reply = city
            .officer()
            .await
            .call("voidDraw", reason, "draw { phase }")
            .await;
        assert_eq!(reply.get("/payload/draw/phase"), "VOIDED");
        check_publication(city).await;
    });
}

#[test]
fn a_draw_that_is_not_under_way_is_not_voided() {
    on_both_databases(async |city| {
        city.frozen(5, places(2, 1)).await;
        let reason = json!({ "draw": draw_id(PERIOD), "reason": "too early" });
        let sentence = "WRONG_PHASE: the draw 202606 is FROZEN; this needs it ANNOUNCED or CLOSED";
        refused(city, "voidDraw", reason, sentence).await;
    });
}

#[test]
fn a_finished_draw_is_neither_voided_nor_drawn_again() {
    on_both_databases(async |city| {
        city.finished(5, places(2, 1)).await;
        let reason = json!({ "draw": draw_id(PERIOD), "reason": "too late" });
        let sentence =
            "WRONG_PHASE: the draw 202606 is FINISHED; this needs it ANNOUNCED or CLOSED";
        refused(city, "voidDraw", reason, sentence).await;
        let sentence =
            "WRONG_PHASE: the period 202606 is PUBLISHED; this needs it REVIEW_PUBLISHED";
        refused(city, "freezePeriod", json!({ "period": PERIOD }), sentence).await;
    });
}

#[test]
fn a_draw_that_does_not_exist_is_not_found() {
    on_both_databases(async |city| {
        city.finished(5, places(2, 1)).await;
        let sentence = "NOT_FOUND: there is no draw 202699";
        refused(
            city,
            "finishDraw",
            json!({ "draw": draw_id("202699") }),
            sentence,
        )
        .await;
        let sentence = "NOT_FOUND: there is no period 202601";
        refused(
            city,
            "freezePeriod",
            json!({ "period": "202601" }),
            sentence,
        )
        .await;
    });
}

#[test]
fn a_digest_with_other_than_64_hex_digits_is_refused() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        for secret in ["27".repeat(31), "zz".repeat(32), "AB".repeat(32)] {
            let mut brought = contributions(PERIOD);
            brought["sealed"][0]["secret"] = secret.into();
            let reply = city
                .officer()
                .await
                .call("closeContributions", brought, "draw { id }")
                .await;
            assert_eq!(reply.codes(), ["INVALID_INPUT"]);
        }
    });
}

#[test]
fn a_contribution_brought_twice_is_refused() {
    on_both_databases(async |city| {
        city.announced(5, places(2, 1)).await;
        let before = state(city).await;
        let mut twice = contributions(PERIOD);
        let first = twice["sealed"][0].clone();
        twice["sealed"].as_array_mut().expect("a list").push(first);
        let reply = city
            .officer()
            .await
            .call("closeContributions", twice, "draw { id }")
            .await;
        assert_eq!(reply.codes(), ["INVALID_INPUT"]);
        assert_eq!(state(city).await, before);
    });
}
