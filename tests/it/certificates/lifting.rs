//! Bans that are lifted before their last day, which takes two officers.

use entity::ban;
use fairplate::{
    app::Stage,
    domain::actor::Worker,
    service::{applications::Submitted, approvals::Action, certificates},
};
use fairplate_tests::{
    Asks as _, Citizen, TestCity,
    actors::PROPOSED,
    ceremony::{self, SECOND},
    on_both_databases,
    stages::{PERIOD, officer, places},
};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use serde_json::{Value, json};

use super::{ask, bans::ban_row, open};
use crate::approvals::crashes::crashing;

async fn bans(city: &TestCity) -> Vec<ban::Model> {
    let rows = ban::Entity::find().order_by_asc(ban::Column::CertificateNumber);
    rows.all(&city.app.db).await.expect("bans")
}

fn lifting(row: &ban::Model, reason: &str) -> Value {
    json!({ "certificate": row.certificate_number, "reason": reason })
}

/// Two winners who let theirs run out, and whose next period is open.
async fn banned<'a>(
    city: &TestCity,
    citizens: &'a [Citizen<'a>],
) -> (&'a Citizen<'a>, &'a Citizen<'a>) {
    city.at("2027-07-01T01:00:00Z");
    let ended = certificates::forfeit_all(&city.app, &Worker).await;
    assert_eq!(ended.expect("two"), 2);
    open(city, "202707", 2).await.expect("open");
    let rows = bans(city).await;
    let holder = |row: &ban::Model| {
        let is_theirs = |it: &&Citizen<'_>| it.application.applicant_id == row.applicant_id;
        citizens.iter().find(is_theirs).expect("a holder")
    };
    (holder(&rows[0]), holder(&rows[1]))
}

async fn may_apply(city: &TestCity, citizen: &Citizen<'_>) -> bool {
    let submitted = city.submit(&citizen.person).await.0;
    matches!(submitted, Submitted::Accepted(_))
}

#[test]
fn a_ban_is_lifted_by_two_officers_and_by_no_one_alone() {
    on_both_databases(async |city| {
        let citizens = city.finished(4, places(2, 0)).await;
        let (lucky, bystander) = banned(city, &citizens).await;
        let before = bans(city).await;
        let officer = city.officer().await;
        let input = lifting(&before[0], "the form was misread at the counter");

        let proposed = officer.call_alone("liftBan", input, PROPOSED).await;
        let approval = proposed.get("/payload/approval").clone();
        let decision = json!({ "id": approval["id"], "digest": approval["digest"] });
        let own = officer
            .call_alone("approve", decision.clone(), "__typename")
            .await;

        assert_eq!(own.get("/payload/__typename"), "ApprovalIsOwn");
        assert_eq!(bans(city).await, before);
        assert!(!may_apply(city, lucky).await);

        let second = city.officer_named(SECOND).await;
        let done = second.call_alone("approve", decision, "__typename").await;

        assert_eq!(done.get("/payload/__typename"), "ApprovalCarriedOut");
        let after = bans(city).await;
        assert_eq!(after[0].lifted_at, Some(city.app.clock.now()));
        assert_eq!(after[1], before[1], "the other one counts on");
        let shown = "{ me { bans { endsOn liftedAt } inbox(first: 50) { nodes { purpose } } } }";
        let seen = ask(city, lucky, shown).await;
        let lifted = json!([{ "endsOn": "2029-06-30", "liftedAt": "2027-07-01T01:00:00Z" }]);
        assert_eq!(seen["me"]["bans"], lifted);
        let told = seen["me"]["inbox"].to_string();
        assert!(told.contains("ban_lifted"), "{seen}");
        assert!(may_apply(city, lucky).await);
        assert!(!may_apply(city, bystander).await);
    });
}

#[test]
fn a_ban_that_counts_no_more_or_was_never_there_is_not_lifted() {
    on_both_databases(async |city| {
        let citizens = city.finished(4, places(2, 0)).await;
        banned(city, &citizens).await;
        let rows = bans(city).await;
        let officer = city.officer().await;
        let once = officer.call(
            "liftBan",
            lifting(&rows[0], "a mistake"),
            "approval { state }",
        );
        assert_eq!(once.await.get("/payload/approval/state"), "CARRIED_OUT");
        let lifted = bans(city).await;

        for (input, code) in [
            (lifting(&rows[0], "once more"), "INVALID_INPUT"),
            (lifting(&rows[1], "two\nlines"), "INVALID_INPUT"),
            (lifting(&rows[1], " "), "INVALID_INPUT"),
            (lifting(&rows[1], &"a".repeat(201)), "INVALID_INPUT"),
            (
                json!({ "certificate": "0000000000000000", "reason": "whose?" }),
                "NOT_FOUND",
            ),
        ] {
            let refused = officer.call_alone("liftBan", input.clone(), PROPOSED).await;
            assert_eq!(refused.codes(), [code], "{input}");
        }
        city.at("2029-07-01T01:00:00Z");
        let late = city.officer().await;
        let late = late.call_alone("liftBan", lifting(&rows[1], "too late"), PROPOSED);
        assert_eq!(
            late.await.codes(),
            ["INVALID_INPUT"],
            "its last day has passed"
        );
        assert_eq!(bans(city).await, lifted);
    });
}

#[test]
fn a_crash_while_lifting_leaves_the_ban_as_it_was_or_lifted() {
    on_both_databases(async |city| {
        let citizens = city.finished(4, places(2, 0)).await;
        banned(city, &citizens).await;
        let row = bans(city).await.remove(0);
        let lifting = Action::LiftBan {
            certificate: row.certificate_number.clone(),
            reason: "a mistake".to_owned(),
        };
        let waiting = ceremony::propose(&city.app, &officer(), lifting).await;
        let waiting = waiting.expect("a proposal");
        for (stage, is_done) in [
            (Stage::Decided, false),
            (Stage::Recorded, false),
            (Stage::Committed, true),
        ] {
            let (app, waiting) = (crashing(city, "lift", stage), waiting.clone());
            let crash = tokio::spawn(async move { ceremony::approve(&app, &waiting).await }).await;
            assert!(crash.is_err(), "{stage:?}");
            let lifted: Vec<bool> = bans(city)
                .await
                .iter()
                .map(|ban| ban.lifted_at.is_some())
                .collect();
            assert_eq!(lifted, [is_done, false], "{stage:?}");
        }
        let again = ceremony::approve(&city.app, &waiting).await;
        assert_eq!(again.expect_err("done").code().as_str(), "CONFLICT");
    });
}

/// Whoever applied before the ban came, and whose ban is lifted, is frozen into the pool.
#[test]
fn whose_ban_was_lifted_is_in_the_next_pool() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(3, places(2, 0)).await;
        for (citizen, number) in citizens.iter().zip([3, 4]) {
            ban_row(city, citizen, number).await;
        }
        let row = bans(city).await.remove(0);
        let officer = city.officer().await;
        let lifted = officer.call("liftBan", lifting(&row, "a mistake"), "approval { state }");
        assert_eq!(lifted.await.get("/payload/approval/state"), "CARRIED_OUT");

        let frozen = officer.call("freezePeriod", json!({ "period": PERIOD }), "excluded");

        assert_eq!(frozen.await.get("/payload/excluded"), "1");
    });
}
