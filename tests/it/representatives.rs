//! Applicant representatives (申请人代表): drawn, invited, called.

use entity::representative::State;
use fairplate::store;
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, ceremony, check_publication,
    ids::{Noun, draw_id, id_of},
    on_both_databases, on_both_databases_in,
    representatives::{ANNOUNCE_AT, CLOSE_AT, CLOSES_AT, FINISH_AT, REPRESENTATIVES},
    stages::{FREEZE_AT, PERIOD, officer, places},
};
use serde_json::{Value, json};

/// What everybody may see of a period's representatives.
async fn shown(city: &TestCity) -> Value {
    let document = format!(
        "{{ representatives(period: \"{PERIOD}\") {{ draws {{ publicId purpose phase verdict {{ verdict }} }} places {{ name rank state code answerBy }} }} }}"
    );
    Anonymous(city)
        .ask(&document)
        .await
        .get("/representatives")
        .clone()
}

/// The steps of their draw over the API.
async fn lead(city: &TestCity) {
    let announcement = json!({
        "draw": draw_id(REPRESENTATIVES), "windowSeconds": 3_600, "marginSeconds": 60, "closesAt": CLOSES_AT,
    });
    let steps = [
        (
            FREEZE_AT,
            "freezeRepresentatives",
            json!({ "period": PERIOD }),
        ),
        (ANNOUNCE_AT, "announceDraw", announcement),
        (
            CLOSE_AT,
            "closeContributions",
            json!({ "draw": draw_id(REPRESENTATIVES) }),
        ),
        (
            FINISH_AT,
            "finishDraw",
            json!({ "draw": draw_id(REPRESENTATIVES) }),
        ),
    ];
    for (at, mutation, input) in steps {
        city.at(at);
        let officer = city.officer().await;
        let reply = officer
            .call(mutation, input, "draw { publicId purpose sequence }")
            .await;
        assert_eq!(
            reply.get("/payload/draw"),
            &json!({ "publicId": REPRESENTATIVES, "purpose": "REPRESENTATIVES", "sequence": "1" })
        );
        check_publication(city).await;
    }
}

#[test]
fn representatives_are_drawn_by_a_verified_draw_of_their_own() {
    on_both_databases(async |city| {
        city.reviewed(9, places(2, 1)).await;

        lead(city).await;

        let shown = shown(city).await;
        assert_eq!(
            shown["draws"],
            json!([{ "publicId": REPRESENTATIVES, "purpose": "REPRESENTATIVES", "phase": "FINISHED", "verdict": { "verdict": "VERIFIED" } }])
        );
        let places = shown["places"].as_array().expect("places");
        let states: Vec<_> = places.iter().map(|place| &place["state"]).collect();
        assert_eq!(states[..6], ["INVITED"; 6]);
        assert_eq!(states[6..], ["SELECTED"; 3]);
        assert_eq!(places[2]["name"], "202606R/3");
        assert_eq!(
            (&places[2]["code"], &places[2]["answerBy"]),
            (&Value::Null, &Value::Null)
        );
        check_publication(city).await;
    });
}

#[test]
fn their_draw_locks_nobody_counts_for_nothing_and_moves_no_period() {
    on_both_databases(async |city| {
        let drawn = city.represented(9, places(2, 1)).await;

        let first = &drawn[0].citizen;
        let own = first
            .own("status isLocked participation { count } period { phase draws { id } }")
            .await;

        assert_eq!(
            own,
            json!({ "status": "VALID", "isLocked": false, "participation": { "count": 0 }, "period": { "phase": "REVIEW_PUBLISHED", "draws": [] } })
        );
        let document = format!(
            "{{ result(period: \"{PERIOD}\", code: \"{}\") {{ __typename }} }}",
            first.code()
        );
        let result = Anonymous(city).ask(&document).await;
        assert_eq!(result.get("/result/__typename"), "ResultNotPublished");
        let cancelled = first.call_own("cancelApplication", "__typename").await;
        assert_eq!(cancelled["__typename"], "ApplicationCancelled");
    });
}

/// The refusal of a freeze of representatives.
async fn refused(city: &TestCity) -> String {
    let input = json!({ "period": PERIOD });
    let officer = city.officer().await;
    let before = store::draws::count(&city.app.db, city.app.city).await;
    let reply = officer
        .call("freezeRepresentatives", input, "draw { id }")
        .await;
    let after = store::draws::count(&city.app.db, city.app.city).await;
    assert_eq!(before.ok(), after.ok());
    reply.refusal()
}

#[test]
fn they_are_drawn_between_the_review_and_the_freeze_once_and_before_the_day_of_the_draw() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        assert!(
            refused(city)
                .await
                .starts_with("WRONG_PHASE: the period 202606 is OPEN")
        );
        city.review_all().await;
        city.at("2026-06-29T16:00:00Z");
        assert!(refused(city).await.starts_with("TOO_LATE"));
        city.at(FREEZE_AT);
        ceremony::freeze_representatives(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        assert!(
            refused(city)
                .await
                .starts_with("WRONG_PHASE: the draw 202606R is FROZEN")
        );
        ceremony::freeze(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        assert!(
            refused(city)
                .await
                .starts_with("WRONG_PHASE: the period 202606 is FROZEN")
        );
        check_publication(city).await;
    });
}

#[test]
fn a_city_without_representatives_draws_none() {
    on_both_databases_in("beijing-2016", async |city| {
        city.reviewed(3, places(2, 1)).await;
        assert_eq!(
            refused(city).await,
            "INVALID_INPUT: period: beijing-2016 knows no applicant representatives; freeze the period itself"
        );
    });
}

#[test]
fn a_voided_draw_of_representatives_is_made_again_and_holds_nothing_up() {
    on_both_databases(async |city| {
        city.reviewed(7, places(2, 1)).await;
        let freeze = async || {
            ceremony::freeze_representatives(&city.app, &officer(), PERIOD)
                .await
                .expect("frozen")
        };
        freeze().await;
        city.at(ANNOUNCE_AT);
        let terms = fairplate_tests::representatives::terms();
        ceremony::announce(&city.app, &officer(), REPRESENTATIVES, terms)
            .await
            .expect("announced");
        ceremony::void(
            &city.app,
            &officer(),
            REPRESENTATIVES,
            "the list was read out wrongly",
        )
        .await
        .expect("voided");
        check_publication(city).await;

        let again = freeze().await;
        city.draw_representatives(&again.id).await;

        assert_eq!(again.id, "202606R-2");
        assert_eq!(city.states().await.len(), 7);
        assert_eq!(shown(city).await["draws"][1]["phase"], "VOIDED");
        check_publication(city).await;
    });
}

#[test]
fn the_periods_own_draw_waits_for_no_draw_of_representatives() {
    on_both_databases(async |city| {
        city.reviewed(7, places(2, 1)).await;
        ceremony::freeze_representatives(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        let frozen = ceremony::freeze(&city.app, &officer(), PERIOD).await;
        assert_eq!(frozen.expect("frozen").id, PERIOD);
        city.draw_representatives(REPRESENTATIVES).await;
        check_publication(city).await;
        city.at(fairplate_tests::stages::ANNOUNCE_AT);
        city.announce(PERIOD).await;
        city.at(fairplate_tests::stages::CLOSE_AT);
        let reveals = fairplate_tests::stages::reveals();
        ceremony::close(&city.app, &officer(), PERIOD, reveals)
            .await
            .expect("closed");
        city.at(fairplate_tests::stages::FINISH_AT);

        ceremony::finish(&city.app, &officer(), PERIOD)
            .await
            .expect("finished");

        assert_eq!(city.states().await[..6], [State::Invited; 6]);
        check_publication(city).await;
    });
}

#[test]
fn officers_see_codes_and_write_down_who_came() {
    on_both_databases(async |city| {
        let drawn = city.represented(7, places(2, 1)).await;
        drawn[0].accept().await;
        let record = async |name: &str, attended: bool| {
            let input = json!({ "representative": id_of(Noun::Representative, name), "attended": attended });
            let fields = "representative { state code }";
            let officer = city.officer().await;
            officer.call("recordAttendance", input, fields).await
        };
        let before = city.representatives().await;
        let early = record(&drawn[0].name, true).await;
        assert!(
            early
                .refusal()
                .starts_with("TOO_EARLY: recording who attended")
        );
        city.at("2026-06-30T08:00:00Z");
        let absent = record(&drawn[1].name, true).await;
        assert!(
            absent
                .refusal()
                .starts_with("WRONG_PHASE: the representative 202606R/2 is INVITED")
        );
        assert_eq!(city.representatives().await, before);

        let slip = record(&drawn[0].name, false).await;
        let came = record(&drawn[0].name, true).await;

        assert_eq!(slip.get("/payload/representative/state"), "ABSENT");
        assert_eq!(
            came.get("/payload/representative"),
            &json!({ "state": "ATTENDED", "code": drawn[0].citizen.code() })
        );
        assert_eq!(city.representatives().await[1..], before[1..]);
    });
}
