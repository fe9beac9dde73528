//! Certificates that nobody used, and the bans that follow.

use chrono::NaiveDate;
use entity::{ban, certificate};
use fairplate::{
    domain::{CertificateNumber, actor::Worker},
    service::{applications::Submitted, certificates},
    store,
};
use fairplate_tests::{
    Asks as _, Citizen, TestCity, on_both_databases, on_both_databases_in,
    people::person,
    stages::{PERIOD, places},
};
use sea_orm::EntityTrait as _;
use serde_json::json;

use super::{ask, carry_over, mine, open, winner_and_loser};

#[test]
fn an_unused_certificate_is_given_up_on_the_day_after_and_bars_for_two_years() {
    on_both_databases(async |city| {
        let citizens = city.finished(4, places(2, 0)).await;
        let (winner, _, loser) = winner_and_loser(city, &citizens).await;
        city.at("2027-06-30T15:59:59Z");
        let early = certificates::forfeit_all(&city.app, &Worker).await;
        assert_eq!(early.expect("none"), 0);

        city.at("2027-06-30T16:00:00Z");
        let ended = certificates::forfeit_all(&city.app, &Worker).await;
        let again = certificates::forfeit_all(&city.app, &Worker).await;

        assert_eq!((ended.expect("two"), again.expect("none")), (2, 0));
        let seen = mine(city, winner).await;
        assert_eq!(seen["certificates"][0]["status"], "FORFEITED");
        assert_eq!(seen["certificates"][0]["endedOn"], "2027-07-01");
        let ban =
            json!([{ "beginsOn": "2027-07-01", "endsOn": "2029-06-30", "reason": "FORFEITED" }]);
        assert_eq!(seen["bans"], ban);
        assert_eq!(mine(city, loser).await["bans"], json!([]));
        let movements = json!([{ "period": PERIOD, "reason": "FORFEITED", "count": "2" }]);
        assert_eq!(carry_over(city).await[0]["movements"]["nodes"], movements);
    });
}

#[test]
fn whoever_is_banned_is_told_until_when_and_applies_again_on_the_day_after() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (winner, _, _) = winner_and_loser(city, &citizens).await;
        city.at("2027-07-01T01:00:00Z");
        open(city, "202707", 0).await.expect("open");

        // The worker has not run since, and the ban stands all the same.
        let refused = city.signed_in(&winner.person).await;
        let refused = refused.apply(winner.person.input()).await;

        assert_eq!(refused["draft"]["violations"][0]["code"], "BAN_ACTIVE");
        let Submitted::NotEligible(violations) = city.submit(&winner.person).await.0 else {
            panic!("expected a refusal");
        };
        let until = NaiveDate::from_ymd_opt(2029, 6, 30);
        assert_eq!(violations[0].until, until, "{violations:?}");
        let bystander = city.submit(&person(77)).await.0;
        assert!(matches!(bystander, Submitted::Accepted(_)));
        city.at("2029-06-30T15:00:00Z");
        open(city, "202906", 0).await.expect("open");
        city.at("2029-06-28T15:00:00Z");
        let last_day = city.submit(&winner.person).await.0;
        assert!(
            matches!(last_day, Submitted::NotEligible(_)),
            "{last_day:?}"
        );
        city.at("2029-06-30T16:00:00Z");
        open(city, "202907", 0).await.expect("open");
        let after = city.submit(&winner.person).await.0;
        assert!(matches!(after, Submitted::Accepted(_)), "{after:?}");
    });
}

#[test]
fn a_certificate_that_was_bought_brings_no_ban_and_its_quota_returns() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (_, number, loser) = winner_and_loser(city, &citizens).await;
        let won = store::certificates::find(&city.app.db, city.app.city, &number).await;
        let bought = certificate::Model {
            number: CertificateNumber::from_random([9; 16]).to_string(),
            applicant_id: loser.application.applicant_id,
            application_id: loser.id(),
            origin: certificate::Origin::Auction,
            ..won.expect("read").expect("the winner's")
        };
        let inserted = store::certificates::insert(&city.app.db, vec![bought]).await;
        inserted.expect("written");

        city.at("2027-07-01T01:00:00Z");
        let ended = certificates::forfeit_all(&city.app, &Worker).await;

        assert_eq!(ended.expect("both"), 2);
        assert_eq!(mine(city, loser).await["bans"], json!([]));
        let bans = ban::Entity::find().all(&city.app.db).await.expect("bans");
        assert_eq!(bans.len(), 1);
        assert_eq!(carry_over(city).await[0]["balance"], "2");
    });
}

#[test]
fn a_city_that_bars_nobody_begins_the_count_again_when_a_certificate_is_given_up() {
    on_both_databases_in("beijing-2016", async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (winner, _, loser) = winner_and_loser(city, &citizens).await;
        let counted = "{ me { applications { nodes { participation { count countForTier } } } } }";
        let before = ask(city, winner, counted).await;
        city.at("2027-01-01T01:00:00Z");

        let ended = certificates::forfeit_all(&city.app, &Worker).await;

        assert_eq!(ended.expect("one"), 1);
        let at = "/me/applications/nodes/0/participation";
        assert_eq!(
            before.pointer(at),
            Some(&json!({ "count": 1, "countForTier": 1 }))
        );
        let after = ask(city, winner, counted).await;
        assert_eq!(
            after.pointer(at),
            Some(&json!({ "count": 1, "countForTier": 0 }))
        );
        assert_eq!(ask(city, loser, counted).await, before);
        assert_eq!(mine(city, winner).await["bans"], json!([]));
    });
}

pub(super) async fn ban_row(city: &TestCity, citizen: &Citizen<'_>, number: u8) {
    let today = city.app.today();
    let row = ban::Model {
        city_id: city.app.city,
        id: uuid::Uuid::from_u128(number.into()),
        applicant_id: citizen.application.applicant_id,
        begins_on: today,
        ends_on: NaiveDate::from_ymd_opt(2028, 6, 30).expect("a day"),
        reason: ban::Reason::Forfeited,
        certificate_number: CertificateNumber::from_random([number; 16]).to_string(),
        imposed_at: city.app.clock.now(),
        lifted_at: None,
    };
    store::bans::insert(&city.app.db, row)
        .await
        .expect("banned");
}

#[test]
fn a_banned_application_cannot_be_approved_and_the_reviewer_is_told_why() {
    on_both_databases(async |city| {
        city.opened(places(2, 1)).await;
        let (citizen, other) = (city.apply(&person(1)).await, city.apply(&person(2)).await);
        ban_row(city, &citizen, 3).await;
        let desk = city.officer().await;
        let fields = "__typename ... on ApplicationBarred { application { status } violations { code until } }";
        let approve =
            |citizen: &Citizen<'_>| json!({ "code": citizen.code(), "decision": "APPROVED" });

        let barred = desk
            .call("reviewApplication", approve(&citizen), fields)
            .await;

        let violations = json!([{ "code": "BAN_ACTIVE", "until": "2028-06-30" }]);
        assert_eq!(barred.get("/payload/violations"), &violations);
        assert_eq!(city.application(&citizen).await, citizen.application);
        let fine = desk
            .call("reviewApplication", approve(&other), "__typename")
            .await;
        assert_eq!(fine.get("/payload/__typename"), "ApplicationReviewed");
        let mut refuse = approve(&citizen);
        refuse["decision"] = "REFUSED".into();
        refuse["reasons"] = json!(["BAN_ACTIVE"]);
        let refused = desk.call("reviewApplication", refuse, "__typename").await;
        assert_eq!(refused.get("/payload/__typename"), "ApplicationReviewed");
    });
}

#[test]
fn nobody_with_a_bar_is_frozen_into_a_pool_and_the_trail_says_who_and_why() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(4, places(2, 0)).await;
        ban_row(city, &citizens[1], 3).await;
        let held = certificate::Model {
            city_id: city.app.city,
            number: CertificateNumber::from_random([9; 16]).to_string(),
            applicant_id: citizens[2].application.applicant_id,
            application_id: entity::ApplicationId(uuid::Uuid::from_u128(4)),
            category: "individual".to_owned(),
            origin: certificate::Origin::Auction,
            period_number: PERIOD.to_owned(),
            policy_digest: city.app.policy.digest().to_vec(),
            status: certificate::Status::Live,
            issued_on: city.app.today(),
            expires_on: NaiveDate::from_ymd_opt(2027, 6, 1).expect("a day"),
            ended_on: None,
            told_days: None,
        };
        let inserted = store::certificates::insert(&city.app.db, vec![held]).await;
        inserted.expect("written");

        let input = json!({ "period": PERIOD });
        let fields = "excluded draw { phase }";
        let frozen = city
            .officer()
            .await
            .call("freezePeriod", input, fields)
            .await;

        let payload = json!({ "excluded": "2", "draw": { "phase": "FROZEN" } });
        assert_eq!(frozen.get("/payload"), &payload);
        let pools = store::draws::list_pools(&city.app.db, city.app.city, PERIOD).await;
        let pools = pools.expect("pools");
        assert_eq!((pools[0].pool_rows, pools[0].excluded), (2, 2));
        let mut excluded = trail(city, "ceremony.exclude").await;
        excluded.sort();
        let mut expected = [
            (citizens[1].code().to_owned(), "BAN_ACTIVE"),
            (citizens[2].code().to_owned(), "CERTIFICATE_LIVE"),
        ]
        .map(|(code, why)| format!("{code} {{\"draw\":\"{PERIOD}\",\"reason\":\"{why}\"}}"));
        expected.sort();
        assert_eq!(excluded, expected);
    });
}

/// Subject and detail of the trail's lines of an action.
async fn trail(city: &TestCity, action: &str) -> Vec<String> {
    let rows = entity::audit::Entity::find().all(&city.app.db).await;
    let rows = rows.expect("a trail").into_iter();
    rows.filter(|row| row.action == action)
        .map(|row| format!("{} {}", row.subject, row.detail))
        .collect()
}
