//! The city's own calendar: periods are planned, opened, closed and published on their days, once,
//! whatever time no process ran.

use entity::period::Phase;
use fairplate::{
    domain::actor::Worker,
    service::{
        periods::{self, Passed, Plan, Quota},
        reviews::{self, Verdict},
        rules,
    },
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, Citizen, TestCity, on_both_databases,
    people::person,
    stages::{officer, places},
};
use serde_json::{Value, json};

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

fn quota() -> Quota {
    Quota {
        category: "individual".to_owned(),
        quota: 1,
        reserve: 0,
        carried_over: 0,
    }
}

/// The whole year 2026 is planned in May, the first period and a tier period have their quotas.
async fn planned(city: &TestCity) {
    city.at("2026-05-20T01:00:00Z");
    rules::confirm(&city.app, &officer())
        .await
        .expect("confirmed");
    let made = periods::plan_year(&city.app, &officer(), 2026).await;
    assert_eq!(made.expect("planned").len(), 7);
    let plan = Plan {
        number: "2026J1".to_owned(),
        dates: fairplate::domain::PeriodDates {
            apply_from: day("2026-06-15"),
            apply_until: day("2026-06-30"),
            review_publish_on: day("2026-07-10"),
            representatives_on: None,
            draw_on: day("2026-07-20"),
        },
    };
    periods::plan_one(&city.app, &officer(), plan)
        .await
        .expect("planned");
    for number in ["202606", "2026J1"] {
        periods::set_quota(&city.app, &officer(), number, quota())
            .await
            .expect("set");
    }
}

/// What the calendar did in one pass: period, phase and the day on which that was due.
async fn pass(city: &TestCity) -> Vec<(String, Phase, String)> {
    let passed = periods::pass_all(&city.app, &Worker).await;
    passed.expect("a pass").into_iter().map(told).collect()
}

fn told(passed: Passed) -> (String, Phase, String) {
    (passed.number, passed.to, passed.due_on.to_string())
}

fn step(number: &str, to: Phase, due_on: &str) -> (String, Phase, String) {
    (number.to_owned(), to, due_on.to_owned())
}

/// June is open, three people have applied, and all are approved; the server stops on the 8th.
async fn before_the_outage(city: &TestCity) -> Vec<Citizen<'_>> {
    planned(city).await;
    city.at("2026-06-01T01:00:00Z");
    assert_eq!(
        pass(city).await,
        [step("202606", Phase::Open, "2026-06-01")]
    );
    let citizens = city.apply_many(3).await;
    for citizen in &citizens {
        let verdict = Verdict::Approve;
        reviews::decide(
            &city.app,
            &officer().reviewer(),
            citizen.code(),
            &verdict,
            None,
        )
        .await
        .expect("decided");
    }
    city.at("2026-06-08T01:00:00Z");
    citizens
}

/// What fell due between the 8th and the 17th.
fn outage() -> Vec<(String, Phase, String)> {
    vec![
        step("202606", Phase::Closed, "2026-06-09"),
        step("202606", Phase::ReviewPublished, "2026-06-10"),
        step("2026J1", Phase::Open, "2026-06-15"),
    ]
}

async fn periods_of(city: &TestCity) -> Vec<(String, Phase)> {
    let rows = store::periods::list(&city.app.db, city.app.city, None, 99).await;
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
fn a_planned_period_opens_on_its_first_day_once_its_quotas_are_set() {
    on_both_databases(async |city| {
        planned(city).await;
        city.at("2026-05-31T15:59:59Z");
        assert_eq!(pass(city).await, []);
        city.at("2026-06-30T16:00:00Z");
        let officer = city.officer().await;
        let input =
            json!({ "period": "202607", "quota": { "category": "individual", "quota": 2 } });

        assert!(!pass(city).await.iter().any(|step| step.0 == "202607"));
        officer
            .call("setQuota", input.clone(), "period { quotas { quota } }")
            .await
            .accepted();
        let opened = pass(city).await;
        let late = officer.call("setQuota", input, "period { number }").await;

        assert_eq!(opened, [step("202607", Phase::Open, "2026-07-01")]);
        assert_eq!(
            late.refusal(),
            "WRONG_PHASE: the period 202607 is OPEN; this needs it PLANNED"
        );
    });
}

#[test]
fn nothing_opens_under_weak_rules_that_nobody_has_confirmed() {
    on_both_databases(async |city| {
        periods::plan_year(&city.app, &officer(), 2026)
            .await
            .expect("planned");
        periods::set_quota(&city.app, &officer(), "202606", quota())
            .await
            .expect("set");

        assert_eq!(pass(city).await, []);
        rules::confirm(&city.app, &officer())
            .await
            .expect("confirmed");
        assert_eq!(pass(city).await.len(), 1);
    });
}

#[test]
fn nine_days_without_a_process_are_made_up_for_once_and_in_order() {
    on_both_databases(async |city| {
        let citizens = before_the_outage(city).await;
        assert_eq!(pass(city).await, []);
        city.at("2026-06-17T01:00:00Z");

        let passed = pass(city).await;
        let again = pass(city).await;

        assert_eq!(passed, outage());
        assert_eq!(again, []);
        let reply = Anonymous(city)
            .ask("{ period(number: \"202606\") { transitions { phase dueOn at } } }")
            .await;
        let at = "2026-06-17T01:00:00Z";
        assert_eq!(
            reply.get("/period/transitions"),
            &json!([
                { "phase": "PLANNED", "dueOn": "2026-05-20", "at": "2026-05-20T01:00:00Z" },
                { "phase": "OPEN", "dueOn": "2026-06-01", "at": "2026-06-01T01:00:00Z" },
                { "phase": "CLOSED", "dueOn": "2026-06-09", "at": at },
                { "phase": "REVIEW_PUBLISHED", "dueOn": "2026-06-10", "at": at },
            ])
        );
        assert_eq!(citizens[0].own("status").await["status"], "VALID");
    });
}

#[test]
fn two_workers_at_once_take_each_step_once() {
    on_both_databases(async |city| {
        before_the_outage(city).await;
        city.at("2026-06-17T01:00:00Z");
        let (one, other) = (city.another_node(None).await, city.another_node(None).await);

        let (first, second) = tokio::join!(
            periods::pass_all(&one, &Worker),
            periods::pass_all(&other, &Worker)
        );

        let both = first.expect("a pass").into_iter();
        let mut both: Vec<_> = both.chain(second.expect("a pass")).map(told).collect();
        both.sort_by(|one, other| one.2.cmp(&other.2));
        assert_eq!(both, outage());
    });
}

#[test]
fn review_results_wait_for_the_last_review_and_hold_up_nothing_else() {
    on_both_databases(async |city| {
        before_the_outage(city).await;
        let late = city.apply(&person(7)).await;
        city.at("2026-06-17T01:00:00Z");

        let passed = pass(city).await;
        let shown = late.own("status").await["status"].clone();
        let verdict = Verdict::Refuse(vec!["OWNS_LOCAL_CAR".to_owned()]);
        reviews::decide(
            &city.app,
            &officer().reviewer(),
            late.code(),
            &verdict,
            None,
        )
        .await
        .expect("decided");
        let after = pass(city).await;

        let [closed, published, opened] = outage().try_into().expect("three steps");
        assert_eq!(passed, [closed, opened]);
        assert_eq!(shown, "NEW");
        assert_eq!(after, [published]);
        assert_eq!(late.own("status").await["status"], "REFUSED");
    });
}

#[test]
fn a_period_that_missed_all_its_days_waits_for_other_ones() {
    on_both_databases(async |city| {
        planned(city).await;
        city.at("2026-06-09T01:00:00Z");

        let passed = pass(city).await;
        let input = json!({ "period": "202606", "appliesUntil": "2026-06-16",
            "reviewPublishOn": "2026-06-18", "reason": "机房停电" });
        let officer = city.officer().await;
        officer
            .call("movePeriodDates", input, "period { number }")
            .await
            .accepted();

        assert_eq!(passed, []);
        assert_eq!(
            pass(city).await,
            [step("202606", Phase::Open, "2026-06-01")]
        );
        city.apply(&person(1)).await;
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
