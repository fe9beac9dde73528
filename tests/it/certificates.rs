//! After a draw: certificates, what becomes of them, bans, and the quota that comes back.

use chrono::NaiveDate;
use entity::{ban, certificate, quota_line};
use fairplate::{
    domain::{
        CertificateNumber,
        actor::{Operator, Worker},
    },
    service::{
        applications::Submitted,
        certificates,
        periods::{self, Opening, Quota},
        sessions,
    },
    store,
};
use fairplate_tests::{
    Anonymous, Asks as _, Citizen, TestCity, check_publication, on_both_databases,
    on_both_databases_in,
    people::person,
    stages::{PERIOD, officer, places},
};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use serde_json::{Value, json};

const FIELDS: &str = "number category period origin status issuedOn expiresOn endedOn";

/// What somebody sees of their own certificates and bans; they sign in anew, since sessions end.
async fn mine(city: &TestCity, citizen: &Citizen<'_>) -> Value {
    let document =
        format!("{{ me {{ certificates {{ {FIELDS} }} bans {{ beginsOn endsOn reason }} }} }}");
    ask(city, citizen, &document).await["me"].clone()
}

async fn ask(city: &TestCity, citizen: &Citizen<'_>, document: &str) -> Value {
    let token = sessions::open_for_code(&city.app, &Operator, citizen.code()).await;
    let token = token.expect("a session");
    let server = city.server().await;
    let reply = server.post(Some(&token), document, json!({})).await;
    reply.answer().clone()
}

async fn all(city: &TestCity) -> Vec<certificate::Model> {
    certificate::Entity::find()
        .order_by_asc(certificate::Column::Number)
        .all(&city.app.db)
        .await
        .expect("certificates")
}

/// One who has won and one who has not.
async fn winner_and_loser<'a>(
    city: &TestCity,
    citizens: &'a [Citizen<'a>],
) -> (&'a Citizen<'a>, String, &'a Citizen<'a>) {
    let held = all(city).await;
    let of = |citizen: &Citizen<'_>| held.iter().find(|row| row.application_id == citizen.id());
    let winner = citizens.iter().find(|it| of(it).is_some());
    let winner = winner.expect("a winner");
    let loser = citizens
        .iter()
        .find(|it| of(it).is_none())
        .expect("another");
    let number = of(winner).expect("a certificate").number.clone();
    (winner, number, loser)
}

async fn standing(city: &TestCity, number: &str) -> Value {
    let document = format!("{{ certificate(number: \"{number}\") }}");
    Anonymous(city)
        .ask(&document)
        .await
        .get("/certificate")
        .clone()
}

async fn carry_over(city: &TestCity) -> Value {
    let document = "{ carryOver { category balance movements { period reason count } } }";
    Anonymous(city)
        .ask(document)
        .await
        .get("/carryOver")
        .clone()
}

/// A period of another year, open for a month.
async fn open(city: &TestCity, number: &str, carried_over: u32) -> fairplate::Result<()> {
    let (year, month) = (number[..4].parse().expect("a year"), number[4..].parse());
    let month = month.expect("a month");
    let day = |day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    let opening = Opening {
        number: number.to_owned(),
        applies_from: day(1),
        applies_until: day(28),
        review_publish_on: day(28),
        representatives_on: None,
        draw_on: day(28),
        quotas: vec![Quota {
            category: "individual".to_owned(),
            quota: 5,
            reserve: 0,
            carried_over,
        }],
    };
    periods::open(&city.app, &officer(), opening)
        .await
        .map(drop)
}

#[test]
fn every_winner_and_nobody_else_holds_a_certificate_for_a_year_once_the_result_is_there() {
    on_both_databases(async |city| {
        let citizens = city.finished(5, places(2, 1)).await;
        let (winner, number, loser) = winner_and_loser(city, &citizens).await;

        let seen = mine(city, winner).await;

        let expected = json!([{
            "number": number, "category": "individual", "period": PERIOD, "origin": "LOTTERY",
            "status": "LIVE", "issuedOn": "2026-06-30", "expiresOn": "2027-06-30", "endedOn": null,
        }]);
        assert_eq!(seen, json!({ "certificates": expected, "bans": [] }));
        let nothing = json!({ "certificates": [], "bans": [] });
        assert_eq!(mine(city, loser).await, nothing);
        assert_eq!(all(city).await.len(), 2);
        check_publication(city).await;
    });
}

#[test]
fn anybody_may_check_a_number_and_learns_of_no_person() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (_, number, _) = winner_and_loser(city, &citizens).await;
        let unknown = CertificateNumber::from_random([7; 16]).to_string();

        assert_eq!(standing(city, &number).await, "VALID");
        assert_eq!(standing(city, &unknown).await, Value::Null);
        let mistyped = format!("{{ certificate(number: \"{}\") }}", &number[1..]);
        let refused = Anonymous(city).ask(&mistyped).await;
        assert!(refused.refusal().contains("16 digits"), "{refused:?}");
        city.at("2027-06-30T15:59:59Z");
        assert_eq!(standing(city, &number).await, "VALID");
        // The first instant after the last day, in the city's time.
        city.at("2027-06-30T16:00:00Z");
        assert_eq!(standing(city, &number).await, "EXPIRED");
    });
}

#[test]
fn a_used_certificate_is_used_once_and_for_ever() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (winner, number, _) = winner_and_loser(city, &citizens).await;
        let (desk, input) = (city.officer().await, json!({ "number": number }));
        let fields = "__typename ... on CertificateUsed { certificate { status endedOn } }";

        let used = desk
            .call("markCertificateUsed", input.clone(), fields)
            .await;
        city.at("2026-06-30T09:00:00Z");
        let again = desk
            .call("markCertificateUsed", input.clone(), fields)
            .await;

        let expected = json!({ "payload": { "__typename": "CertificateUsed",
            "certificate": { "status": "USED", "endedOn": "2026-06-30" } } });
        assert_eq!((used.answer(), again.answer()), (&expected, &expected));
        let before = all(city).await;
        let given = winner
            .call("surrenderCertificate", input, "__typename")
            .await;
        assert_eq!(given.get("/payload/__typename"), "CertificateEnded");
        assert_eq!(all(city).await, before);
        assert_eq!(standing(city, &number).await, "USED");
        city.at("2027-07-01T01:00:00Z");
        let forfeited = certificates::forfeit_all(&city.app, &Worker).await;
        assert_eq!(forfeited.expect("none"), 0);
    });
}

#[test]
fn a_certificate_is_given_back_by_its_holder_alone_and_its_quota_returns() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (winner, number, other) = winner_and_loser(city, &citizens).await;
        let (before, input) = (all(city).await, json!({ "number": number }));
        let fields = "__typename ... on CertificateSurrendered { certificate { status } }";

        let refused = other
            .call("surrenderCertificate", input.clone(), fields)
            .await;
        assert_eq!(refused.codes(), ["NOT_FOUND"]);
        assert_eq!(
            (all(city).await, carry_over(city).await),
            (before, json!([]))
        );
        for _ in 0..2 {
            let given = winner
                .call("surrenderCertificate", input.clone(), fields)
                .await;
            assert_eq!(given.get("/payload/certificate/status"), "SURRENDERED");
        }

        let movements = json!([{ "period": PERIOD, "reason": "SURRENDERED", "count": "1" }]);
        let expected =
            json!([{ "category": "individual", "balance": "1", "movements": movements }]);
        assert_eq!(carry_over(city).await, expected);
        city.at("2026-07-02T01:00:00Z");
        let again = city.submit(&winner.person).await.0;
        assert!(matches!(again, Submitted::Accepted(_)), "{again:?}");
    });
}

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
        assert_eq!(carry_over(city).await[0]["movements"], movements);
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
        let counted = "{ me { applications { participation { count countForTier } } } }";
        let before = ask(city, winner, counted).await;
        city.at("2027-01-01T01:00:00Z");

        let ended = certificates::forfeit_all(&city.app, &Worker).await;

        assert_eq!(ended.expect("one"), 1);
        let at = "/me/applications/0/participation";
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

async fn ban_row(city: &TestCity, citizen: &Citizen<'_>) {
    let today = city.app.today();
    let row = ban::Model {
        city_id: city.app.city,
        id: uuid::Uuid::from_u128(5),
        applicant_id: citizen.application.applicant_id,
        begins_on: today,
        ends_on: NaiveDate::from_ymd_opt(2028, 6, 30).expect("a day"),
        reason: ban::Reason::Forfeited,
        certificate_number: CertificateNumber::from_random([3; 16]).to_string(),
        imposed_at: city.app.clock.now(),
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
        ban_row(city, &citizen).await;
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
        ban_row(city, &citizens[1]).await;
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

#[test]
fn quota_that_found_nobody_waits_in_the_carry_over_for_a_later_period() {
    on_both_databases(async |city| {
        city.finished(2, places(7, 0)).await;
        let waiting = carry_over(city).await;
        assert_eq!(waiting[0]["balance"], "5");

        let refused = open(city, "202608", 6)
            .await
            .expect_err("more than there is");
        assert_eq!(
            refused.to_string(),
            "quotas.carriedOver: expected at most the quota of individual itself, 5, found 6"
        );
        open(city, "202608", 4).await.expect("open");
        let refused = open(city, "202609", 2)
            .await
            .expect_err("more than is left");
        assert_eq!(
            refused.to_string(),
            "quotas.carriedOver: expected at most the 1 of individual that wait in the carry-over, found 2"
        );

        let movements = json!([
            { "period": PERIOD, "reason": "UNALLOCATED", "count": "5" },
            { "period": "202608", "reason": "CARRIED_OVER", "count": "4" },
        ]);
        let after = carry_over(city).await;
        assert_eq!(
            after[0],
            json!({ "category": "individual", "balance": "1", "movements": movements })
        );
        let document = "{ period(number: \"202608\") { quotas { quota carriedOver } } }";
        let shown = Anonymous(city).ask(document).await;
        assert_eq!(
            shown.get("/period/quotas/0"),
            &json!({ "quota": "5", "carriedOver": "4" })
        );
        let lines = quota_line::Entity::find()
            .all(&city.app.db)
            .await
            .expect("lines");
        assert_eq!(lines.iter().map(|line| line.amount).sum::<i64>(), 1);
    });
}
