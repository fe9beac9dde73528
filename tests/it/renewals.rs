//! How long applications are valid: reminders, lapse, and renewal.

use entity::{application::Status, message};
use fairplate::{
    domain::actor::Worker,
    service::{circulars, renewals},
};
use fairplate_tests::{
    Asks as _, Citizen, TestCity, ceremony, on_both_databases,
    people::person,
    stages::{ANNOUNCE_AT, CLOSE_AT, FINISH_AT, PERIOD, officer, places, reveals},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

/// Review results of these stories are public on 23 June, so that codes are valid until this day.
const LAST_DAY: &str = "2026-09-23";

async fn lapse(city: &TestCity) -> u64 {
    renewals::lapse(&city.app, &Worker)
        .await
        .expect("a pass")
        .count
}

async fn remind(city: &TestCity) -> u64 {
    renewals::remind(&city.app, &Worker)
        .await
        .expect("a pass")
        .count
}

async fn status(city: &TestCity, citizen: &Citizen<'_>) -> Status {
    city.application(citizen).await.status
}

async fn letters(city: &TestCity, citizen: &Citizen<'_>, purpose: &str) -> usize {
    let found = message::Entity::find()
        .filter(message::Column::Channel.eq(message::Channel::Inbox))
        .filter(message::Column::Purpose.eq(purpose))
        .filter(message::Column::RecipientId.eq(citizen.application.applicant_id.0));
    found.all(&city.app.db).await.expect("messages").len()
}

async fn renew(citizen: &Citizen<'_>) -> Value {
    let fields =
        "__typename ... on ApplicationRenewed { application { status code period { number } } }
        ... on RenewalTooEarly { renewableFrom }";
    let citizen = citizen.signed_in().await;
    citizen.call_own("renewApplication", fields).await
}

#[test]
fn a_code_is_valid_for_three_months_from_the_publication_of_its_review() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(1, places(1, 0)).await;
        let fields = "validity { until renewableFrom canRenew renewedAt }";

        let shown = citizens[0].own(fields).await;

        assert_eq!(
            shown["validity"],
            json!({ "until": LAST_DAY, "renewableFrom": "2026-08-23", "canRenew": false, "renewedAt": null })
        );
        while circulars::send(&city.app, &Worker)
            .await
            .expect("sent")
            .has_more
        {}
        assert_eq!(letters(city, &citizens[0], "review_published").await, 1);
    });
}

#[test]
fn applicants_are_reminded_once_at_either_day_and_late_ones_of_the_last_alone() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(2, places(1, 0)).await;
        let mut reminded = Vec::new();
        for day in ["08", "09", "10", "20", "21", "23"] {
            city.at(&format!("2026-09-{day}T01:00:00Z"));
            reminded.push(remind(city).await);
        }

        // The 9th is fourteen days before the last day, the 20th three.
        assert_eq!(reminded, [0, 2, 0, 2, 0, 0]);
        assert_eq!(letters(city, &citizens[0], "renewal_due").await, 2);
    });
    on_both_databases(async |city| {
        let citizens = city.reviewed(1, places(1, 0)).await;
        city.at("2026-09-22T01:00:00Z");
        assert_eq!((remind(city).await, remind(city).await), (1, 0));
        assert_eq!(letters(city, &citizens[0], "renewal_due").await, 1);
    });
}

#[test]
fn an_application_lapses_after_its_last_day_and_its_participation_stays() {
    on_both_databases(async |city| {
        let citizens = city.finished(3, places(1, 0)).await;
        let mut losers = Vec::new();
        for citizen in &citizens {
            if status(city, citizen).await == Status::Valid {
                losers.push(citizen);
            }
        }
        city.at("2026-09-23T15:59:59Z");
        let early = lapse(city).await;
        city.at("2026-09-23T16:00:00Z");

        let lapsed = (lapse(city).await, lapse(city).await);

        assert_eq!((early, lapsed), (0, (2, 0)));
        let fields = "status statusText participation { count } validity { canRenew }";
        assert_eq!(
            losers[0].signed_in().await.own(fields).await,
            json!({ "status": "LAPSED", "statusText": "已失效", "participation": { "count": 1 },
                "validity": { "canRenew": false } })
        );
        assert_eq!(letters(city, losers[0], "application_lapsed").await, 1);
    });
}

#[test]
fn an_application_in_a_frozen_pool_lapses_only_after_the_draw() {
    on_both_databases(async |city| {
        let citizens = city.frozen(2, places(1, 0)).await;
        city.at("2026-09-24T01:00:00Z");
        let locked = lapse(city).await;
        let renewed = renew(&citizens[0]).await["__typename"].clone();
        for (at, step) in [(ANNOUNCE_AT, 0), (CLOSE_AT, 1), (FINISH_AT, 2)] {
            city.at(at);
            match step {
                0 => city.announce(PERIOD).await,
                1 => drop(ceremony::close(&city.app, &officer(), PERIOD, reveals()).await),
                _ => drop(ceremony::finish(&city.app, &officer(), PERIOD).await),
            }
        }
        city.at("2026-09-24T01:00:00Z");

        assert_eq!((locked, renewed), (0, json!("ApplicationLocked")));
        assert_eq!(lapse(city).await, 1);
        let mut ended = [
            status(city, &citizens[0]).await,
            status(city, &citizens[1]).await,
        ];
        ended.sort();
        assert_eq!(ended, [Status::Allocated, Status::Lapsed]);
    });
}

#[test]
fn a_pool_holds_no_code_that_is_over_though_no_worker_ran() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(2, places(1, 0)).await;
        city.at("2026-09-28T01:00:00Z");

        ceremony::freeze(&city.app, &officer(), PERIOD)
            .await
            .expect("frozen");

        let pools = fairplate::store::draws::list_pools(&city.app.db, city.app.city, PERIOD).await;
        let rows: Vec<_> = pools
            .expect("pools")
            .iter()
            .map(|pool| pool.pool_rows)
            .collect();
        assert_eq!(rows, [0]);
        assert_eq!(status(city, &citizens[0]).await, Status::Lapsed);
    });
}

#[test]
fn a_renewal_has_its_time_and_its_place() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(1, places(1, 0)).await;
        let citizen = &citizens[0];
        let early = renew(citizen).await;
        city.at("2026-09-05T01:00:00Z");
        let closed = renew(citizen).await;
        let before = city.application(citizen).await;
        city.open_period("202609", 9, places(1, 0)).await;

        let signed_in = citizen.signed_in().await;
        let can_renew =
            signed_in.own("validity { canRenew }").await["validity"]["canRenew"].clone();
        let renewed = renew(citizen).await;
        let again = renew(citizen).await;

        assert_eq!(
            early,
            json!({ "__typename": "RenewalTooEarly", "renewableFrom": "2026-08-23" })
        );
        assert_eq!(closed, json!({ "__typename": "NoOpenPeriod" }));
        assert_eq!(can_renew, true);
        assert_eq!(
            renewed["application"],
            json!({ "status": "NEW", "code": before.code, "period": { "number": "202609" } })
        );
        assert_eq!(again["__typename"], "ApplicationEnded");
        let after = city.application(citizen).await;
        assert_eq!(after.valid_until, None);
        assert_eq!(after.submitted_at, before.submitted_at);
    });
}

#[test]
fn a_lapsed_application_is_renewed_with_its_code_unless_another_one_lives() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(2, places(1, 0)).await;
        city.at("2026-10-05T01:00:00Z");
        lapse(city).await;
        city.open_period("202610", 10, places(1, 0)).await;
        let anew = city.apply(&citizens[1].person).await;

        let renewed = renew(&citizens[0]).await;
        let second = renew(&citizens[1]).await;

        assert_eq!(renewed["application"]["code"], citizens[0].code());
        assert_eq!(second, json!({ "__typename": "AlreadyApplied" }));
        assert_eq!(status(city, &citizens[1]).await, Status::Lapsed);
        assert_ne!(anew.code(), citizens[1].code());
    });
}

#[test]
fn a_lapsed_application_that_is_cancelled_is_over_for_good() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(1, places(1, 0)).await;
        city.at("2026-10-05T01:00:00Z");
        lapse(city).await;
        city.open_period("202610", 10, places(1, 0)).await;

        let cancelled = citizens[0]
            .signed_in()
            .await
            .call_own("cancelApplication", "__typename")
            .await;
        let renewed = renew(&citizens[0]).await;

        assert_eq!(cancelled["__typename"], "ApplicationCancelled");
        assert_eq!(renewed["__typename"], "ApplicationEnded");
        assert_eq!(status(city, &citizens[0]).await, Status::Cancelled);
    });
}

#[test]
fn nobody_renews_for_somebody_else() {
    on_both_databases(async |city| {
        let citizens = city.reviewed(2, places(1, 0)).await;
        city.at("2026-09-05T01:00:00Z");
        city.open_period("202609", 9, places(1, 0)).await;
        let input = json!({ "applicationId": citizens[0].node_id() });
        let stranger = city.apply(&person(77)).await;

        let reply = stranger.call("renewApplication", input, "__typename").await;

        assert_eq!(reply.codes(), ["NOT_FOUND"]);
        assert_eq!(status(city, &citizens[0]).await, Status::Valid);
    });
}
