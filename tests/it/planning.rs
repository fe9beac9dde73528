//! Periods made from the rules and the calendar of working days, and the calendar that anybody reads.

use entity::period::Phase;
use fairplate::{
    domain::{actor::Worker, span::Span},
    service::periods,
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, TestCity, on_both_databases,
    stages::{officer, places},
};
use serde_json::{Value, json};

async fn periods_of(city: &TestCity) -> Vec<(String, Phase)> {
    let rows = store::periods::list(&city.app.db, city.app.city, Span::first(99)).await;
    let rows = rows.expect("periods").into_iter();
    rows.map(|row| (row.number, row.phase)).collect()
}

#[test]
fn a_year_of_periods_is_made_from_the_rules_and_the_holidays() {
    on_both_databases(async |city| {
        let input = json!({ "year": 2026 });
        let fields = "periods { number phase appliesFrom drawOn representativesOn }";
        let officer = city.officer().await;

        let first = officer.call("planPeriods", input.clone(), fields).await;
        let again = officer.call("planPeriods", input, fields).await;

        let made = first.get("/payload/periods").as_array().expect("a list");
        let draws: Vec<_> = made.iter().map(|row| row["drawOn"].clone()).collect();
        let days = [
            "06-26", "07-27", "08-26", "09-28", "10-26", "11-26", "12-28",
        ];
        assert_eq!(draws, days.map(|day| json!(format!("2026-{day}"))));
        assert_eq!(
            made[1],
            json!({ "number": "202607", "phase": "PLANNED", "appliesFrom": "2026-07-01",
                "drawOn": "2026-07-27", "representativesOn": "2026-07-25" })
        );
        assert_eq!(again.get("/payload/periods"), &json!([]));
    });
}

#[test]
fn a_year_without_a_calendar_of_working_days_is_refused_and_not_guessed() {
    on_both_databases(async |city| {
        let before = periods_of(city).await;
        let input = json!({ "year": 2027 });

        let officer = city.officer().await;
        let reply = officer
            .call("planPeriods", input, "periods { number }")
            .await;

        let sentence = "NOT_SET_UP: no working-day calendar for 2027: add the year";
        assert!(reply.refusal().starts_with(sentence), "{}", reply.refusal());
        assert_eq!(periods_of(city).await, before);
    });
}

#[test]
fn the_calendar_plans_as_far_as_the_rules_say_and_stops_before_an_unknown_year() {
    on_both_databases(async |city| {
        city.at("2026-06-10T01:00:00Z");
        let plan = async || {
            let made = periods::plan_ahead(&city.app, &Worker)
                .await
                .expect("planned");
            made.into_iter().map(|row| row.number).collect::<Vec<_>>()
        };

        let first = plan().await;
        let again = plan().await;
        city.at("2026-11-21T01:00:00Z");
        let late = plan().await;

        assert_eq!(first, ["202607", "202608"]);
        assert!(again.is_empty());
        assert_eq!(late, ["202612"]);
    });
}

#[test]
fn a_tier_period_has_the_days_that_an_officer_chose() {
    on_both_databases(async |city| {
        let with = |number: &str, draw_on: &str, from: &str| {
            json!({ "number": number, "appliesFrom": from, "appliesUntil": "2026-09-08",
                "reviewPublishOn": "2026-09-10", "drawOn": draw_on })
        };
        let cases = [
            (
                with("202609", "2026-09-28", "2026-09-01"),
                "INVALID_INPUT: number: the policy has the days of regular periods",
            ),
            (
                with("2026J3", "2026-09-28", "2026-09-01"),
                "INVALID_INPUT: number: 2026J3 is not a period of this city: it has 2 a year",
            ),
            (
                with("2026J2", "2026-09-26", "2026-09-01"),
                "INVALID_INPUT: drawOn: 2026-09-26 is not a working day",
            ),
            (
                with("2026J2", "2026-09-09", "2026-09-01"),
                "INVALID_INPUT: days: the draw on 2026-09-09 would come before",
            ),
            (
                with("2026J2", "2026-09-28", "2026-05-31"),
                "INVALID_INPUT: appliesFrom: expected today, 2026-06-01, or a later day",
            ),
        ];
        let officer = city.officer().await;
        for (input, sentence) in cases {
            let reply = officer.call("planPeriod", input, "period { number }").await;
            assert!(reply.refusal().starts_with(sentence), "{}", reply.refusal());
        }
        assert_eq!(periods_of(city).await, []);

        let input = with("2026J2", "2026-09-28", "2026-09-01");
        let reply = officer
            .call("planPeriod", input, "period { phase kind }")
            .await;
        assert_eq!(
            reply.get("/payload/period"),
            &json!({ "phase": "PLANNED", "kind": "TIER" })
        );
    });
}

#[test]
fn anybody_reads_the_calendar_with_working_days_and_sentences() {
    on_both_databases(async |city| {
        city.at("2026-06-01T01:00:00Z");
        periods::plan_year(&city.app, &officer(), 2026)
            .await
            .expect("planned");

        let reply = Anonymous(city)
            .ask("{ calendar(from: \"2026-09-18\", to: \"2026-09-28\") { events { on milestone movedFrom text en: text(locale: EN) period { number } } days { on isWorkingDay } } }")
            .await;

        assert_eq!(
            reply.get("/calendar/events"),
            &json!([
                { "on": "2026-09-25", "milestone": "REPRESENTATIVES", "movedFrom": null, "period": { "number": "202609" },
                  "text": "2026年9月25日，202609期抽取申请人代表。", "en": "25 September 2026, period 202609: applicant representatives are drawn." },
                { "on": "2026-09-28", "milestone": "DRAW", "movedFrom": null, "period": { "number": "202609" },
                  "text": "2026年9月28日，202609期摇号。", "en": "28 September 2026, period 202609: the draw is held." },
            ])
        );
        let days = reply.get("/calendar/days").as_array().expect("days");
        let worked: Vec<&Value> = days.iter().map(|day| &day["isWorkingDay"]).collect();
        let expected = [
            true, false, true, true, true, true, true, false, false, false, true,
        ];
        assert_eq!(worked, expected.map(Value::from).iter().collect::<Vec<_>>());
        let far = Anonymous(city)
            .ask("{ calendar(from: \"2026-09-18\", to: \"2027-09-19\") { days { on } } }")
            .await;
        assert_eq!(far.codes(), ["INVALID_INPUT"]);
    });
}

#[test]
fn a_year_that_the_calendar_lacks_is_unknown_and_no_working_day() {
    on_both_databases(async |city| {
        city.opened(places(1, 0)).await;
        let reply = Anonymous(city)
            .ask("{ calendar(from: \"2026-12-31\", to: \"2027-01-01\") { days { isWorkingDay } } }")
            .await;
        let days = json!([{ "isWorkingDay": true }, { "isWorkingDay": null }]);
        assert_eq!(reply.get("/calendar/days"), &days);
    });
}
