//! After a draw: certificates, what becomes of them, and the quota that comes back.

mod bans;
mod lifting;

use chrono::NaiveDate;
use entity::{certificate, quota_line};
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
};
use fairplate_tests::{
    Anonymous, Asks as _, Citizen, TestCity, check_publication, on_both_databases,
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
    let document = "{ carryOver { category balance movements { nodes { period reason count } } } }";
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
    let app = city.in_later_years();
    let draw_on = app.working_days.first_working_day_from(day(28));
    let opening = Opening {
        number: number.to_owned(),
        applies_from: day(1),
        applies_until: day(28),
        review_publish_on: day(28),
        representatives_on: None,
        draw_on: draw_on.expect("a working day"),
        quotas: vec![Quota {
            category: "individual".to_owned(),
            quota: 5,
            reserve: 0,
            carried_over,
        }],
    };
    periods::open(&app, &officer(), opening).await.map(drop)
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
        let expected = json!([{ "category": "individual", "balance": "1", "movements": { "nodes": movements } }]);
        assert_eq!(carry_over(city).await, expected);
        city.at("2026-07-02T01:00:00Z");
        let again = city.submit(&winner.person).await.0;
        assert!(matches!(again, Submitted::Accepted(_)), "{again:?}");
    });
}

#[test]
fn a_winner_is_told_of_the_certificate_reminded_twice_and_told_of_the_ban_each_once() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let (winner, number, loser) = winner_and_loser(city, &citizens).await;
        let told_before = city.inbox_of(&loser.person.phone);
        let mut told = Vec::new();

        for moment in [
            "2026-06-30T08:00:00Z",
            "2027-04-30T15:00:00Z",
            "2027-05-01T01:00:00Z",
            "2027-06-16T01:00:00Z",
            "2027-06-30T15:00:00Z",
            "2027-07-01T01:00:00Z",
        ] {
            city.at(moment);
            city.deliver().await;
            city.deliver().await;
            let about = city
                .sent("sms")
                .into_iter()
                .filter(|it| it.subject == number);
            told.push(about.map(|letter| letter.purpose).collect::<Vec<_>>());
        }

        let all = [
            "certificate_issued",
            "certificate_expiring",
            "certificate_expiring",
            "certificate_forfeited",
        ];
        let counts = [1, 1, 2, 3, 3, 4];
        assert_eq!(told, counts.map(|count| all[..count].to_vec()));
        let last = city.inbox_of(&winner.person.phone).pop().expect("a text");
        assert!(last.contains("2029年6月30日"), "{last}");
        assert!(told_before.len() <= city.inbox_of(&loser.person.phone).len());
        let of_loser = city
            .sent("sms")
            .into_iter()
            .filter(|it| it.to == loser.person.phone);
        assert!(
            of_loser
                .map(|it| it.purpose)
                .all(|purpose| !purpose.starts_with("certificate"))
        );
    });
}

#[test]
fn after_a_long_silence_only_the_last_reminder_goes_out() {
    on_both_databases(async |city| {
        city.finished(3, places(1, 0)).await;
        city.at("2027-06-29T01:00:00Z");

        city.deliver().await;

        let letters = city.sent("sms").into_iter();
        let purposes: Vec<_> = letters.map(|letter| letter.purpose).collect();
        let reminders = purposes.iter().filter(|it| *it == "certificate_expiring");
        assert_eq!(reminders.count(), 1);
        assert!(purposes.contains(&"certificate_issued".to_owned()));
    });
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
            json!({ "category": "individual", "balance": "1", "movements": { "nodes": movements } })
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
