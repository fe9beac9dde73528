//! Joining the tier (阶梯摇号).

use fairplate::{domain::code::ApplicationCode, service::periods, store};
use fairplate_tests::{
    ceremony, check_publication, on_both_databases, on_both_databases_in,
    people::person,
    stages::{later, officer, places},
};
use serde_json::json;

const JOINED: &str =
    "__typename ... on TierJoined { joinedAt application { tierStatus { canJoin joinedAt } } }";

#[test]
fn joining_twice_gives_the_first_answer_again() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, bystander) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        let tier = "tierStatus { canJoin joinedAt threshold count notice(locale: ZH_CN) }";
        let before = citizen.own(tier).await;
        let first = citizen.call_own("joinTier", JOINED).await;
        city.at(&later("2026-06-01T01:00:00Z", 86_400));

        let again = citizen.call_own("joinTier", JOINED).await;

        assert_eq!(before["tierStatus"]["canJoin"], true);
        assert_eq!(before["tierStatus"]["threshold"], 24);
        assert_eq!(first["joinedAt"], "2026-06-01T01:00:00Z");
        assert_eq!(again, first);
        let after = citizen.own(tier).await;
        assert_eq!(after["tierStatus"]["canJoin"], false);
        assert_eq!(after["tierStatus"]["notice"], "报名成功");
        assert_eq!(bystander.own(tier).await, before);
    });
}

#[test]
fn the_form_can_join_the_tier_at_once() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let eager = city.signed_in(&person(1)).await;
        let mut form = eager.person.input();
        form["joinsTier"] = true.into();
        eager.apply(form).await;
        let citizen = city.apply(&person(2)).await;

        let waiting =
            store::applications::list_unreviewed(&city.app.db, city.app.city, "202606", 9).await;

        let joined: Vec<_> = waiting
            .expect("applications")
            .iter()
            .map(|row| {
                (
                    row.applicant_id == citizen.application.applicant_id,
                    row.tier_joined_at,
                )
            })
            .collect();
        assert!(
            joined.contains(&(false, Some(city.app.clock.now()))),
            "{joined:?}"
        );
        assert!(joined.contains(&(true, None)), "{joined:?}");
    });
}

#[test]
fn a_city_without_a_tier_offers_none() {
    on_both_databases_in("beijing-2016", async |city| {
        city.opened(places(2, 1)).await;
        let citizen = city.apply(&person(1)).await;
        let before = city.application(&citizen).await;

        let answer = citizen
            .call_own(
                "joinTier",
                "__typename ... on TierNotOffered { explanation(locale: EN) }",
            )
            .await;
        let shown = citizen
            .own("tierStatus { canJoin joinedAt threshold notice }")
            .await;

        assert_eq!(
            answer,
            json!({ "__typename": "TierNotOffered", "explanation": "This city has no tier to join." })
        );
        assert_eq!(shown["tierStatus"]["canJoin"], false);
        assert_eq!(shown["tierStatus"]["threshold"], json!(null));
        assert_eq!(city.application(&citizen).await, before);
    });
}

#[test]
fn an_application_that_has_ended_joins_no_tier() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(3, 0)).await;
        let before = city.application(&citizens[0]).await;

        let answer = citizens[0].call_own("joinTier", JOINED).await;

        assert_eq!(answer["__typename"], "ApplicationEnded");
        assert_eq!(city.application(&citizens[0]).await, before);
        check_publication(city).await;
    });
}

#[test]
fn the_pool_of_a_tier_period_holds_those_who_joined_and_have_waited_long_enough() {
    on_both_databases(async |city| {
        let code = |number: u64| {
            ApplicationCode::from_number(555_000_000_000 - number * 99_999).to_string()
        };
        // Who joined and took part 24 times; who joined and is one short; who never joined.
        let joined = |line: String| line.replace("2014-04-10,,", "2014-04-10,2026-05-01,");
        let lines = [
            joined(person(1).line(&code(1), "201405-201604")),
            joined(person(2).line(&code(2), "201405-201603")),
            person(3).line(&code(3), "201405-202605"),
        ];
        assert_eq!(city.import(&lines, false).await.refusals, []);
        ceremony::confirm_rules(&city.app, &officer())
            .await
            .expect("confirmed");
        city.open_period("2026J1", 6, places(5, 5)).await;
        city.at("2026-06-09T01:00:00Z");
        periods::close(&city.app, &officer(), "2026J1")
            .await
            .expect("closed");
        city.at("2026-06-23T01:00:00Z");
        periods::publish_review(&city.app, &officer(), "2026J1")
            .await
            .expect("published");

        ceremony::freeze(&city.app, &officer(), "2026J1")
            .await
            .expect("frozen");

        let (db, id) = (&city.app.db, city.app.city);
        let lines = store::pools::list_lines(db, id, "2026J1", "individual", "")
            .await
            .expect("lines");
        assert_eq!(lines, [(code(1), 1)]);
    });
}
