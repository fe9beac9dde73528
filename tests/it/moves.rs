//! Days of a period that officers move.

use entity::{message, period};
use fairplate::{domain::actor::Worker, service::circulars, store};
use fairplate_tests::{
    Anonymous, Asks as _, Citizen, TestCity, ceremony, on_both_databases,
    people::person,
    stages::{PERIOD, officer, places},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

async fn stored(city: &TestCity) -> period::Model {
    let found = store::periods::get(&city.app.db, city.app.city, PERIOD).await;
    found.expect("a period")
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the days are written where they are used"
)]
fn moving(days: Value) -> Value {
    let mut input = json!({ "period": PERIOD, "reason": "审核人员生病" });
    for (key, value) in days.as_object().expect("days") {
        input[key] = value.clone();
    }
    input
}

/// Messages of a purpose in somebody's inbox.
async fn letters(city: &TestCity, citizen: &Citizen<'_>, purpose: &str) -> usize {
    let found = message::Entity::find()
        .filter(message::Column::Channel.eq(message::Channel::Inbox))
        .filter(message::Column::Purpose.eq(purpose))
        .filter(message::Column::RecipientId.eq(citizen.application.applicant_id.0));
    found.all(&city.app.db).await.expect("messages").len()
}

async fn send_all(city: &TestCity) {
    while circulars::send(&city.app, &Worker)
        .await
        .expect("sent")
        .has_more
    {}
}

#[test]
fn a_moved_day_is_public_with_the_old_one_and_everybody_in_the_period_is_told_once() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let citizens = city.apply_many(2).await;
        let input = moving(json!({ "reviewPublishOn": "2026-06-24", "drawOn": "2026-06-29" }));

        let officer = city.officer().await;
        let fields = "period { reviewPublishOn drawOn moves { milestone from to reason } }";
        let reply = officer.call("movePeriodDates", input, fields).await;
        send_all(city).await;
        send_all(city).await;

        let moves = json!([
            { "milestone": "REVIEW_PUBLISH", "from": "2026-06-23", "to": "2026-06-24", "reason": "审核人员生病" },
            { "milestone": "DRAW", "from": "2026-06-30", "to": "2026-06-29", "reason": "审核人员生病" },
        ]);
        let mut shown = reply
            .get("/payload/period/moves")
            .as_array()
            .expect("moves")
            .clone();
        shown.sort_by_key(|one| std::cmp::Reverse(one["milestone"].to_string()));
        assert_eq!(Value::from(shown), moves);
        assert_eq!(reply.get("/payload/period/drawOn"), "2026-06-29");
        for citizen in &citizens {
            assert_eq!(letters(city, citizen, "period_moved").await, 2);
        }
        let notice = citizens[0].own("notice").await["notice"].clone();
        assert_eq!(notice, "新申请，审核结果将于2026年6月24日公布。");
    });
}

#[test]
fn whoever_has_left_the_period_is_not_told_of_its_days() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let (staying, leaving) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        leaving.call_own("cancelApplication", "__typename").await;
        let input = moving(json!({ "drawOn": "2026-06-29" }));
        let officer = city.officer().await;
        officer
            .call("movePeriodDates", input, "period { number }")
            .await
            .accepted();
        send_all(city).await;

        assert_eq!(letters(city, &staying, "period_moved").await, 1);
        assert_eq!(letters(city, &leaving, "period_moved").await, 0);
    });
}

#[test]
fn a_move_against_the_rules_changes_nothing_and_tells_nobody() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let citizen = city.apply(&person(1)).await;
        let before = stored(city).await;
        let mut silent = moving(json!({ "drawOn": "2026-06-29" }));
        silent["reason"] = " \n".into();
        let cases = [
            (
                json!({ "drawOn": "2026-06-27" }),
                "INVALID_INPUT: drawOn: 2026-06-27 is not a working day",
            ),
            (
                json!({ "drawOn": "2026-06-24" }),
                "INVALID_INPUT: days: the draw on 2026-06-24 would come before the drawing of representatives on 2026-06-25",
            ),
            (
                json!({ "drawOn": "2026-05-29" }),
                "INVALID_INPUT: days: the draw cannot be moved to 2026-05-29, which is before today",
            ),
            (
                json!({ "appliesUntil": "2026-06-07" }),
                "INVALID_INPUT: appliesUntil: applications were promised",
            ),
            (
                json!({ "drawOn": "2027-01-04", }),
                "NOT_SET_UP: no working-day calendar for 2027",
            ),
            (json!({}), "INVALID_INPUT: days: no day is moved"),
        ];
        let officer = city.officer().await;
        let inputs = cases.map(|(days, sentence)| (moving(days), sentence));
        for (input, sentence) in inputs
            .into_iter()
            .chain([(silent, "INVALID_INPUT: reason: expected one line")])
        {
            let reply = officer
                .call("movePeriodDates", input, "period { number }")
                .await;
            assert!(reply.refusal().starts_with(sentence), "{}", reply.refusal());
        }
        send_all(city).await;
        assert_eq!(stored(city).await, before);
        assert_eq!(letters(city, &citizen, "period_moved").await, 0);
    });
}

#[test]
fn an_announced_draw_keeps_its_day() {
    on_both_databases(async |city| {
        city.announced(2, places(1, 0)).await;
        let before = stored(city).await;
        let input = moving(json!({ "drawOn": "2026-07-01" }));

        let officer = city.officer().await;
        let reply = officer
            .call("movePeriodDates", input, "period { number }")
            .await;

        assert_eq!(
            reply.refusal(),
            "INVALID_INPUT: days: the draw is over; it cannot be moved any more"
        );
        assert_eq!(stored(city).await, before);
    });
}

#[test]
fn a_period_opens_for_a_draw_on_a_working_day_alone() {
    on_both_databases(async |city| {
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        let mut input = json!({
            "number": PERIOD, "appliesFrom": "2026-06-01", "appliesUntil": "2026-06-08",
            "reviewPublishOn": "2026-06-10", "drawOn": "2026-06-20",
            "quotas": [{ "category": "individual", "quota": 1 }],
        });
        let officer = city.officer().await;
        let weekend = officer
            .call("openPeriod", input.clone(), "period { number }")
            .await;
        input["drawOn"] = "2026-06-26".into();
        let reply = officer
            .call("openPeriod", input, "period { representativesOn }")
            .await;

        assert_eq!(
            weekend.refusal(),
            "INVALID_INPUT: drawOn: 2026-06-20 is not a working day, and there is no draw on such a day; the next working day is 2026-06-22"
        );
        assert_eq!(reply.get("/payload/period/representativesOn"), "2026-06-25");
    });
}

#[test]
fn the_moves_of_a_period_are_there_for_anybody() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let input = moving(json!({ "drawOn": "2026-06-29" }));
        let officer = city.officer().await;
        officer
            .call("movePeriodDates", input, "period { number }")
            .await
            .accepted();
        let reply = Anonymous(city)
            .ask("{ calendar(from: \"2026-06-29\", to: \"2026-06-29\") { events { milestone movedFrom } } }")
            .await;
        let events = json!([{ "milestone": "DRAW", "movedFrom": "2026-06-30" }]);
        assert_eq!(reply.get("/calendar/events"), &events);
    });
}
