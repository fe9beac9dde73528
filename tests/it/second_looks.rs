//! The second look: once, in time, by somebody else, and before the freeze.

use entity::application::Status;
use fairplate::service::applications::Submitted;
use fairplate_tests::{
    Asks as _, Citizen, TestCity, check_publication, on_both_databases,
    people::person,
    stages::{FREEZE_AT, PERIOD, places},
};
use serde_json::json;

const SEEN: &str = "status statusText(locale: ZH_CN) secondLookUntil secondLook { requestedAt decidedAt } review { kind decision }";

/// Two people, of whom the first is refused; the results are public since 23 June.
async fn refused(city: &TestCity) -> (Citizen<'_>, Citizen<'_>) {
    city.opened(places(2, 1)).await;
    let (refused, bystander) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
    city.refuse(&refused).await;
    city.review_all().await;
    (refused, bystander)
}

async fn status(city: &TestCity, citizen: &Citizen<'_>) -> Status {
    city.application(citizen).await.status
}

#[test]
fn a_refused_applicant_is_looked_at_again_by_somebody_else() {
    on_both_databases(async |city| {
        let (citizen, bystander) = refused(city).await;
        let before = city.application(&bystander).await;
        let shown = citizen.own(SEEN).await;
        assert_eq!(
            shown["secondLookUntil"], "2026-06-28",
            "five days after the 23rd"
        );
        let asked = citizen
            .ask_for_second_look("  The car was sold in May  ")
            .await;
        let text = json!({ "status": "SECOND_LOOK", "statusText": "Under a second look" });
        assert_eq!(asked["application"], text);

        for (mutation, outcome) in [
            ("claimApplication", "SecondLookNotForYou"),
            ("viewForm", "FormNotClaimed"),
        ] {
            let own = city
                .officer()
                .await
                .at_desk(mutation, citizen.code(), "")
                .await;
            assert_eq!(
                own["__typename"], outcome,
                "who refused does not look again"
            );
        }
        let own = city
            .reviewer("zhou")
            .await
            .decide(citizen.code(), true)
            .await;
        assert_eq!(
            own["__typename"], "SecondLookNotForYou",
            "in no other role either"
        );
        assert_eq!(status(city, &citizen).await, Status::SecondLook);
        let other = city
            .reviewer("tao")
            .await
            .decide(citizen.code(), true)
            .await;

        assert_eq!(other["application"]["status"], "VALID");
        let shown = citizen.own(SEEN).await;
        let moment = "2026-06-23T01:00:00Z";
        assert_eq!(
            shown["secondLook"],
            json!({ "requestedAt": moment, "decidedAt": moment })
        );
        assert_eq!(shown["status"], "VALID");
        assert_eq!(city.application(&bystander).await, before);
    });
}

#[test]
fn a_second_refusal_is_final() {
    on_both_databases(async |city| {
        let (citizen, _) = refused(city).await;
        citizen.ask_for_second_look("The car was sold in May").await;
        city.at("2026-06-24T01:00:00Z");
        let tao = city.reviewer("tao").await;
        let decided = tao.decide(citizen.code(), false).await;
        assert_eq!(decided["application"]["status"], "REFUSED_FINAL");

        let shown = citizen.own(SEEN).await;
        assert_eq!(
            (&shown["status"], &shown["statusText"]),
            (&json!("REFUSED_FINAL"), &json!("复核未通过"))
        );
        assert_eq!(
            shown["review"],
            json!({ "kind": "SECOND_LOOK", "decision": "REFUSED" })
        );
        assert_eq!(shown["secondLookUntil"], json!(null));
        let again = citizen.ask_for_second_look("Once more").await;
        assert_eq!(again["__typename"], "SecondLookAskedBefore");
        let again = city
            .reviewer("fang")
            .await
            .decide(citizen.code(), true)
            .await;
        assert_eq!(again["__typename"], "ApplicationReviewedBefore");
        assert_eq!(status(city, &citizen).await, Status::RefusedFinal);
    });
}

#[test]
fn a_second_look_is_asked_for_once_and_in_time() {
    on_both_databases(async |city| {
        let (citizen, bystander) = refused(city).await;
        let not_refused = bystander.ask_for_second_look("Why not").await;
        assert_eq!(
            not_refused,
            json!({ "__typename": "ApplicationNotRefused", "application": { "status": "VALID" } })
        );
        for statement in ["", "  ", &"注".repeat(2_001)] {
            let input = json!({ "applicationId": citizen.node_id(), "statement": statement });
            let reply = citizen.call("requestSecondLook", input, "__typename").await;
            assert_eq!(reply.codes(), ["INVALID_INPUT"]);
        }
        city.at("2026-06-28T16:00:00Z");
        let late = citizen.ask_for_second_look("It is not so").await;
        assert_eq!(
            late,
            json!({ "__typename": "SecondLookTooLate", "until": "2026-06-28" })
        );
        assert_eq!(status(city, &citizen).await, Status::Refused);
        assert_eq!(citizen.own(SEEN).await["secondLookUntil"], json!(null));

        city.at("2026-06-28T15:59:59Z");
        let asked = citizen.ask_for_second_look("It is not so").await;
        assert_eq!(asked["__typename"], "SecondLookRequested");
        let again = citizen.ask_for_second_look("It is not so").await;
        assert_eq!(again["__typename"], "SecondLookAskedBefore");
        assert_eq!(status(city, &citizen).await, Status::SecondLook);
    });
}

/// Somebody who is refused; the results are published three days late.
async fn published_late(city: &TestCity) -> Citizen<'_> {
    city.opened(places(2, 1)).await;
    let citizen = city.apply(&person(1)).await;
    city.refuse(&citizen).await;
    city.at("2026-06-09T01:00:00Z");
    let (officer, period) = (city.officer().await, json!({ "period": PERIOD }));
    officer
        .call("closePeriod", period.clone(), "__typename")
        .await
        .accepted();
    officer.decide(&city.bystander_code().await, true).await;
    city.at("2026-06-26T01:00:00Z");
    let officer = city.officer().await;
    officer
        .call("publishReview", period, "__typename")
        .await
        .accepted();
    citizen
}

#[test]
fn the_days_begin_when_the_results_were_really_published() {
    on_both_databases(async |city| {
        let citizen = published_late(city).await;
        assert_eq!(citizen.own(SEEN).await["secondLookUntil"], "2026-07-01");
    });
}

#[test]
fn whoever_has_applied_again_is_not_looked_at_twice() {
    on_both_databases(async |city| {
        let citizen = published_late(city).await;
        city.at("2026-07-01T00:30:00Z");
        let again = city.apply(&person(1)).await;

        let asked = citizen.ask_for_second_look("It is not so").await;

        assert_eq!(asked["__typename"], "AppliedAgain");
        assert_eq!(status(city, &citizen).await, Status::Refused);
        assert_eq!(city.application(&again).await, again.application);
        again.call_own("cancelApplication", "__typename").await;
        let asked = citizen.ask_for_second_look("It is not so").await;
        assert_eq!(asked["__typename"], "SecondLookRequested");
        let third = city.submit(&citizen.person).await.0;
        assert!(
            matches!(third, Submitted::AlreadyApplied),
            "a second look is live: {third:?}"
        );
    });
}

#[test]
fn a_period_is_not_frozen_while_somebody_waits_for_a_second_look() {
    on_both_databases(async |city| {
        let (citizen, bystander) = refused(city).await;
        citizen.ask_for_second_look("The car was sold in May").await;
        city.at(FREEZE_AT);
        let officer = city.officer().await;
        let period = json!({ "period": PERIOD });
        let refused = officer
            .call("freezePeriod", period.clone(), "draw { id }")
            .await;
        let todo = officer.ask("{ officer { todo { kind count } } }").await;
        let duties = todo.get("/officer/todo").as_array().expect("a list");
        let waiting = json!({ "kind": "DECIDE_SECOND_LOOKS", "count": "1" });
        assert!(duties.contains(&waiting), "{duties:?}");
        assert_eq!(
            refused.refusal(),
            "INVALID_INPUT: period: 1 second looks of period 202606 wait for a decision; decide them first"
        );
        assert_eq!(bystander.own("isLocked").await["isLocked"], false);

        city.reviewer("tao")
            .await
            .decide(citizen.code(), true)
            .await;
        officer
            .call("freezePeriod", period, "draw { id }")
            .await
            .accepted();

        for somebody in [&citizen, &bystander] {
            assert_eq!(somebody.own("isLocked").await["isLocked"], true);
        }
        check_publication(city).await;
    });
}

#[test]
fn whoever_asks_after_the_freeze_enters_the_pools_after_it() {
    on_both_databases(async |city| {
        let (citizen, bystander) = refused(city).await;
        city.at(FREEZE_AT);
        let freeze = json!({ "period": PERIOD });
        city.officer()
            .await
            .call("freezePeriod", freeze, "draw { id }")
            .await
            .accepted();
        citizen.ask_for_second_look("The car was sold in May").await;
        let decided = city
            .reviewer("tao")
            .await
            .decide(citizen.code(), true)
            .await;
        assert_eq!(decided["application"]["status"], "VALID");
        assert_eq!(citizen.own("isLocked").await["isLocked"], false);
        assert_eq!(bystander.own("isLocked").await["isLocked"], true);
    });
}

#[test]
fn somebody_elses_refusal_is_not_ones_own_to_contest() {
    on_both_databases(async |city| {
        let (citizen, bystander) = refused(city).await;
        let input = json!({ "applicationId": citizen.node_id(), "statement": "It is not so" });
        let reply = bystander
            .call("requestSecondLook", input, "__typename")
            .await;
        assert_eq!(reply.codes(), ["NOT_FOUND"]);
        assert_eq!(status(city, &citizen).await, Status::Refused);
    });
}
