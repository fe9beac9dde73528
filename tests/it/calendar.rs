//! The city's own calendar: periods are planned, opened, closed and published on their days, once,
//! whatever time no process ran.

use entity::period::Phase;
use fairplate::{
    domain::actor::Worker,
    service::{
        periods::{self, Passed, Plan, Quota},
        reviews::{self, Verdict},
    },
};
use fairplate_tests::{
    Anonymous, Asks as _, Citizen, TestCity, ceremony, on_both_databases, people::person,
    stages::officer,
};
use serde_json::json;

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
    ceremony::confirm_rules(&city.app, &officer())
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
        ceremony::confirm_rules(&city.app, &officer())
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
fn the_feed_has_the_days_of_periods_in_both_languages() {
    on_both_databases(async |city| {
        planned(city).await;
        let feed = async |query: &str| {
            let path = format!("/calendar.ics{query}");
            let sent = city.server().await.send("GET", &path, &[], "").await;
            assert_eq!(sent.header("content-type"), "text/calendar; charset=utf-8");
            let text = String::from_utf8(sent.body).expect("UTF-8");
            assert!(
                text.split("\r\n")
                    .all(|line| line.len() <= 75 && !line.contains('\n'))
            );
            text.replace("\r\n ", "")
        };
        let event = |feed: &str, uid: &str| {
            let (_, rest) = feed.split_once(&format!("UID:{uid}")).expect("the event");
            rest.split_once("END:VEVENT").expect("its end").0.to_owned()
        };
        let (zh, en) = (feed("").await, feed("?lang=en").await);
        assert!(zh.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
        assert!(zh.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
        let draw = event(&zh, "2026J1-Draw@");
        assert!(draw.contains("DTSTART;VALUE=DATE:20260720\r\nDTEND;VALUE=DATE:20260721\r\n"));
        assert!(draw.contains("SUMMARY:2026J1期摇号\r\n"), "{draw}");
        assert!(event(&en, "2026J1-Draw@").contains("SUMMARY:period 2026J1: the draw is held"));
        assert_eq!(
            zh.matches("BEGIN:VEVENT").count(),
            en.matches("BEGIN:VEVENT").count()
        );
    });
}
