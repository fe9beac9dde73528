//! Reviewing, and who learns of it when.

use fairplate::{service::applications::Submitted, store};
use fairplate_tests::{
    Asks as _, Citizen, on_both_databases,
    people::person,
    stages::{PERIOD, places},
};
use serde_json::json;

const REVIEWED: &str = "__typename ... on ApplicationReviewed { application { status } } \
    ... on ApplicationReviewedBefore { application { status } }";
const SEEN: &str = "status statusText(locale: ZH_CN) notice(locale: EN) review { decision reasons { code remedy(locale: EN) } }";

#[test]
fn an_applicant_learns_of_the_review_when_everybody_does() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let before = citizen.own(SEEN).await;
        let officer = city.officer().await;
        let input =
            json!({ "code": citizen.code(), "decision": "REFUSED", "reasons": ["BAN_ACTIVE"] });
        let decided = officer.call("reviewApplication", input, REVIEWED).await;
        assert_eq!(decided.get("/payload/application/status"), "REFUSED");

        let hidden = citizen.own(SEEN).await;
        city.review_all().await;
        let shown = citizen.own(SEEN).await;

        assert_eq!(hidden, before);
        assert_eq!(
            hidden["notice"],
            "New application; the result of its review comes on 23 June 2026."
        );
        assert_eq!(
            (&shown["status"], &shown["statusText"]),
            (&json!("REFUSED"), &json!("审核未通过"))
        );
        let reasons =
            json!([{ "code": "BAN_ACTIVE", "remedy": "apply again after the ban's last day" }]);
        assert_eq!(
            shown["review"],
            json!({ "decision": "REFUSED", "reasons": reasons })
        );
    });
}

#[test]
fn a_refusal_gives_reasons_that_the_rules_know() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, officer) = (city.apply(&person(1)).await, city.officer().await);
        let before = city.application(&citizen).await;
        let sentences = [
            (
                json!([]),
                "INVALID_INPUT: reasons: a refusal names at least one reason of the policy",
            ),
            (
                json!(["BAN_ACTIVE", "LOOKS_ODD"]),
                "INVALID_INPUT: reasons: hangzhou-2018 knows no reason LOOKS_ODD; it knows OWNS_LOCAL_CAR, LICENCE_NOT_VALID, IDENTITY_NOT_CONFIRMED, DUPLICATE_APPLICATION, BAN_ACTIVE, CERTIFICATE_LIVE, SOCIAL_INSURANCE_GAP, RESIDENCE_PERMIT_EXPIRED, DOCUMENTS_UNREADABLE",
            ),
        ];
        for (reasons, sentence) in sentences {
            let input =
                json!({ "code": citizen.code(), "decision": "REFUSED", "reasons": reasons });
            assert_eq!(
                officer
                    .call("reviewApplication", input, REVIEWED)
                    .await
                    .refusal(),
                sentence
            );
        }
        assert_eq!(city.application(&citizen).await, before);
        let review = store::reviews::find_latest(&city.app.db, city.app.city, citizen.id()).await;
        assert_eq!(review.expect("an answer"), None);
    });
}

#[test]
fn the_first_decision_stands() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, officer) = (city.apply(&person(1)).await, city.officer().await);
        let approve = json!({ "code": citizen.code(), "decision": "APPROVED" });
        officer
            .call("reviewApplication", approve, REVIEWED)
            .await
            .accepted();
        let before = city.application(&citizen).await;

        let refuse =
            json!({ "code": citizen.code(), "decision": "REFUSED", "reasons": ["BAN_ACTIVE"] });
        let second = officer.call("reviewApplication", refuse, REVIEWED).await;

        let expected = json!({ "__typename": "ApplicationReviewedBefore", "application": { "status": "VALID" } });
        assert_eq!(second.get("/payload"), &expected);
        assert_eq!(city.application(&citizen).await, before);
    });
}

#[test]
fn a_cancelled_application_is_not_reviewed_back_to_life() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, officer) = (city.apply(&person(1)).await, city.officer().await);
        citizen.call_own("cancelApplication", "__typename").await;
        let before = city.application(&citizen).await;

        let approve = json!({ "code": citizen.code(), "decision": "APPROVED" });
        officer
            .call("reviewApplication", approve, REVIEWED)
            .await
            .accepted();

        assert_eq!(city.application(&citizen).await, before);
    });
}

#[test]
fn only_what_waits_in_the_period_is_listed_for_review() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let reviewer = city.reviewer("fang").await;
        let document = format!(
            "{{ waitingCount(period: \"{PERIOD}\") other: waitingCount(period: \"202607\") \
               reviewQueue(filter: {{ period: \"{PERIOD}\" }}) {{ nodes {{ application {{ code }} }} }} }}"
        );

        let reply = reviewer.ask(&document).await;

        assert_eq!(reply.get("/waitingCount"), "2");
        assert_eq!(reply.get("/other"), "0");
        let waiting = reply.get("/reviewQueue/nodes").as_array().expect("a list");
        let node = json!({ "application": { "code": citizen.code() } });
        assert!(waiting.contains(&node), "{waiting:?}");
        assert_eq!(waiting.len(), 2);
    });
}

/// What an applicant can do, told apart from what the city knows.
const DOABLE: &str = "status tierStatus { canJoin } secondLookUntil review { decision }";

#[test]
fn what_an_applicant_can_do_does_not_betray_a_refusal() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (refused, waiting) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        city.refuse(&refused).await;

        for citizen in [&refused, &waiting] {
            let expected = json!({ "status": "NEW", "tierStatus": { "canJoin": true }, "secondLookUntil": null, "review": null });
            assert_eq!(citizen.own(DOABLE).await, expected);
            let again = city.submit(&citizen.person).await.0;
            assert!(matches!(again, Submitted::AlreadyApplied), "{again:?}");
            let asked = citizen.ask_for_second_look("It is not so").await;
            assert_eq!(asked["__typename"], "ApplicationNotRefused");
            let joined = citizen.call_own("joinTier", "__typename").await;
            assert_eq!(joined["__typename"], "TierJoined");
            let cancelled = citizen.call_own("cancelApplication", "__typename").await;
            assert_eq!(cancelled["__typename"], "ApplicationCancelled");
        }
    });
}

#[test]
fn everybody_is_told_of_their_result_when_the_period_publishes_it_and_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (valid, refused) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let cancelled = city.apply(&person(3)).await;
        city.refuse(&refused).await;
        city.deliver().await;
        let before = city.inbox_of(&refused.person.phone).len();
        city.review_all().await;
        cancelled.call_own("cancelApplication", "__typename").await;
        city.deliver().await;
        city.deliver().await;

        let last = |citizen: &Citizen<'_>| city.inbox_of(&citizen.person.phone).pop();
        let told = last(&valid).expect("a message");
        assert!(told.contains("审核通过"), "{told}");
        let told = last(&refused).expect("a message");
        assert!(
            told.contains("审核未通过") && told.contains("2026年6月28日"),
            "{told}"
        );
        assert_eq!(city.inbox_of(&refused.person.phone).len(), before + 1);
        let letters = city.inbox_of(&cancelled.person.phone);
        assert_eq!(
            letters.len(),
            1,
            "whoever has left is not told: {letters:?}"
        );
    });
}

#[test]
fn the_result_of_a_second_look_is_told_at_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (granted, upheld) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        for citizen in [&granted, &upheld] {
            city.refuse(citizen).await;
        }
        city.review_all().await;
        city.deliver().await;
        city.at("2026-06-23T01:00:01Z");
        let tao = city.reviewer("tao").await;
        for (citizen, approves) in [(&granted, true), (&upheld, false)] {
            citizen.ask_for_second_look("It is not so").await;
            tao.decide(citizen.code(), approves).await;
        }
        city.deliver().await;
        for (citizen, word) in [(&granted, "复核已通过"), (&upheld, "复核")] {
            let letters = city.inbox_of(&citizen.person.phone);
            let told = letters.last().expect("a message");
            assert!(
                told.contains(word) && !told.contains("审核未通过"),
                "{told}"
            );
            assert_eq!(letters.len(), 3, "received, refused, looked at again");
        }
    });
}
