//! What waits for an officer: `officer { todo }`.

use fairplate::service::periods;
use fairplate_tests::{
    Asks as _, TestCity, ceremony, on_both_databases,
    people::person,
    stages::{FREEZE_AT, PERIOD, officer, places},
};
use serde_json::{Value, json};

/// Kind, subject and what is overdue of everything that waits, but for the tier period that nobody
/// has planned.
async fn todo(city: &TestCity) -> Vec<(String, String, bool)> {
    let list = todo_with(city, "kind subject isOverdue").await;
    let duties = list.as_array().expect("a list").iter();
    duties
        .map(|duty| {
            let text = |key: &str| duty[key].as_str().expect("a text").to_owned();
            (text("kind"), text("subject"), duty["isOverdue"] == true)
        })
        .filter(|(kind, _, _)| kind != "PLAN_TIER_PERIOD")
        .collect()
}

async fn todo_with(city: &TestCity, fields: &str) -> Value {
    let reply = city.officer().await;
    let reply = reply
        .ask(&format!("{{ officer {{ todo {{ {fields} }} }} }}"))
        .await;
    reply.get("/officer/todo").clone()
}

fn duty(kind: &str, subject: &str, is_overdue: bool) -> (String, String, bool) {
    (kind.to_owned(), subject.to_owned(), is_overdue)
}

#[test]
fn a_planned_city_waits_for_its_rules_and_quotas() {
    on_both_databases(async |city| {
        city.at("2026-06-30T01:00:00Z");
        periods::plan_year(&city.app, &officer(), 2026)
            .await
            .expect("planned");
        let before = todo(city).await;
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        city.at("2026-07-01T01:00:00Z");
        let after = todo(city).await;

        assert_eq!(before[0], duty("CONFIRM_RULES", "hangzhou-2018", false));
        assert_eq!(before[1], duty("SET_QUOTAS", "202607", false));
        assert_eq!(before.len(), 1 + 6);
        assert_eq!(after[0], duty("SET_QUOTAS", "202607", true));
        assert_eq!(after.len(), 6);
    });
}

#[test]
fn a_duty_says_how_many_until_when_and_with_which_mutation() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        city.apply(&person(1)).await;
        let fields = "kind subject count dueAt dueOn text en: text(locale: EN) mutation";

        let list = todo_with(city, fields).await;

        assert_eq!(
            list[0],
            json!({ "kind": "DECIDE_REVIEWS", "subject": PERIOD, "count": "2",
                "dueAt": "2026-06-22T16:00:00Z", "dueOn": "2026-06-23",
                "text": "202606期有2份申请待审核",
                "en": "2 applications of period 202606 wait for a review",
                "mutation": "reviewApplication" })
        );
        assert_eq!(list[1]["kind"], "PLAN_TIER_PERIOD");
        assert_eq!(list[1]["subject"], "2026J1");
    });
}

#[test]
fn a_draw_is_led_on_step_by_step() {
    on_both_databases(async |city| {
        city.reviewed(2, places(1, 0)).await;
        assert_eq!(
            todo(city).await,
            [
                duty("DRAW_REPRESENTATIVES", PERIOD, true),
                duty("FREEZE", PERIOD, false)
            ]
        );
        ceremony::freeze(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        assert_eq!(todo(city).await, [duty("ANNOUNCE", PERIOD, false)]);
        city.at("2026-06-29T01:00:00Z");
        city.announce(PERIOD).await;
        assert_eq!(
            todo(city).await,
            [duty("CLOSE_CONTRIBUTIONS", PERIOD, false)]
        );
        ceremony::void(&city.app, &officer(), PERIOD, "the hall was flooded")
            .await
            .expect("voided");
        assert_eq!(todo(city).await, [duty("FREEZE", PERIOD, true)]);
    });
}

#[test]
fn a_draw_of_representatives_is_led_on_beside_the_periods_own() {
    on_both_databases(async |city| {
        city.reviewed(2, places(1, 0)).await;
        ceremony::freeze_representatives(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");
        assert_eq!(
            todo(city).await,
            [
                duty("ANNOUNCE", "202606R", true),
                duty("FREEZE", PERIOD, false)
            ]
        );
        city.draw_representatives("202606R").await;
        assert_eq!(todo(city).await, [duty("FREEZE", PERIOD, false)]);
    });
}

#[test]
fn a_missing_year_is_a_duty_before_its_first_period() {
    on_both_databases(async |city| {
        city.at("2026-11-01T01:00:00Z");
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        assert_eq!(todo(city).await, []);
        city.at("2026-11-02T01:00:00Z");

        let list = todo_with(city, "kind subject dueOn mutation text(locale: EN)").await;

        assert_eq!(
            list[1],
            json!({ "kind": "ADD_CALENDAR_YEAR", "subject": "2027", "dueOn": "2027-01-01", "mutation": null,
                "text": "the calendar of working days lacks 2027: add the year from the State Council's notice, or no periods can be planned" })
        );
    });
}

#[test]
fn a_draw_day_that_became_a_holiday_is_to_be_moved() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let mut later = city.another_node(None).await;
        let mut days = later.working_days.as_ref().clone();
        let holiday = "2026-06-30".parse().expect("a day");
        days.add_year(2026, [holiday].into(), [].into());
        later.working_days = std::sync::Arc::new(days);

        let duties = fairplate::service::duties::list(&later, &officer()).await;

        let found = duties.expect("duties").into_iter();
        let moved: Vec<_> = found
            .filter(|duty| duty.kind.mutation() == Some("movePeriodDates"))
            .collect();
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].subject, PERIOD);
    });
}

#[test]
fn the_desk_is_for_officers() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let citizen = city.apply(&person(1)).await;
        city.at(FREEZE_AT);
        let reply = citizen.ask("{ officer { todo { kind } } }").await;
        assert_eq!(reply.codes(), ["FORBIDDEN"]);
    });
}
